"""The link formulas with gradients, loaded only when asked for."""

from __future__ import annotations

from types import ModuleType

from cellwright.compute import jax_engine


def link_engine() -> ModuleType:
    """Return the module of the link formulas over arrays, with gradients, for CPU or GPU.

    Returns
    -------
    module
        :mod:`cellwright.simulation.link.batch`: ``mutual_information``, ``dispersion``,
        ``gap_db``, ``code_block_error``, ``transport_block_error``.

    Raises
    ------
    MissingEngineError
        JAX is not installed.

    Examples
    --------
    >>> round(float(link_engine().mutual_information(0.0, 2)), 3)
    0.972
    """
    return jax_engine("cellwright.simulation.link.batch", "Block errors with gradients need")
