"""Loss on the way from antenna to user: models, line of sight, walls."""

from cellwright.propagation.kernels import loss_kernel
from cellwright.propagation.outdoor_to_indoor import (
    ENTRY_KINDS,
    entry_loss_db,
    entry_loss_kernel,
    entry_sigma_db,
)
from cellwright.propagation.registry import los_probability, model, models
from cellwright.propagation.shelf import Model
from cellwright.propagation.sight import sight, sight_many

__all__ = [
    "ENTRY_KINDS",
    "Model",
    "entry_loss_db",
    "entry_loss_kernel",
    "entry_sigma_db",
    "los_probability",
    "loss_kernel",
    "model",
    "models",
    "sight",
    "sight_many",
]
