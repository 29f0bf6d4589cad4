"""The door to the formulas in JAX, which is imported here on first touch and nowhere else."""

from __future__ import annotations

from types import ModuleType

from cellwright.compute import jax_engine


def batch_engine() -> ModuleType:
    """Return the module of the loss formulas over arrays, with gradients, for CPU or GPU.

    Returns
    -------
    module
        :mod:`cellwright.propagation.p1812_batch`: ``median_location_loss_db``,
        ``free_space_diffraction_db``, ``uma_loss_db``, ``umi_loss_db`` and ``path_fields``.

    Raises
    ------
    MissingEngineError
        JAX is not installed.

    Examples
    --------
    >>> round(float(batch_engine().umi_loss_db(100.0, 3.5, 10.0, 1.5, False)), 2)
    104.64
    """
    return jax_engine("cellwright.propagation.p1812_batch", "Losses with gradients need")
