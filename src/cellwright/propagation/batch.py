"""The door to the formulas in JAX, which is imported here on first touch and nowhere else."""

from __future__ import annotations

import importlib
from types import ModuleType

from cellwright.errors import MissingEngineError


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
    try:
        return importlib.import_module("cellwright.propagation.p1812_batch")
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("jax", "jaxlib"):
            raise
        raise MissingEngineError(
            "Losses with gradients or on a GPU need JAX, which is not installed: "
            'pip install "cellwright[jax]"'
        ) from error
