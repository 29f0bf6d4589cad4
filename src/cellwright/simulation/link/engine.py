"""The link formulas with gradients, loaded only when asked for."""

from __future__ import annotations

import importlib
from types import ModuleType

from cellwright.errors import MissingEngineError


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
    try:
        return importlib.import_module("cellwright.simulation.link.batch")
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("jax", "jaxlib"):
            raise
        raise MissingEngineError(
            "Block errors with gradients need JAX, which is not installed: "
            'pip install "cellwright[jax]".'
        ) from error
