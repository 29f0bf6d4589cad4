"""Loss on the way from antenna to user: models, line of sight, walls, terrain, clutter."""

from cellwright.propagation.estimate import Estimate
from cellwright.propagation.kernels import loss_kernel
from cellwright.propagation.outdoor_to_indoor import (
    ENTRY_KINDS,
    entry_loss_db,
    entry_loss_kernel,
    entry_sigma_db,
    indoor_shadowing_sigma_db,
)
from cellwright.propagation.p526_link import DiffractionResult, p526_loss_db
from cellwright.propagation.p676 import gas_db_per_km
from cellwright.propagation.p1411 import below_roofs_db, over_roofs_db
from cellwright.propagation.p1411_low import low_terminals_db
from cellwright.propagation.p1411_roofs import urban_roofs_db
from cellwright.propagation.p1411_street import (
    bent_canyon_db,
    canyon_sight_db,
    corner_db,
    millimetre_canyon_db,
)
from cellwright.propagation.p1411_suburban import suburban_roofs_db
from cellwright.propagation.p1812 import p1812_kernel, p1812_loss_db, path_centre_deg
from cellwright.propagation.p1812_result import P1812Result
from cellwright.propagation.p2108 import height_gain_db, slant_clutter_db, terrestrial_clutter_db
from cellwright.propagation.p2109 import building_entry_db
from cellwright.propagation.profile import Profile, representative_clutter_m
from cellwright.propagation.rain import rain_coefficients, rain_db_per_km, rain_fade_db
from cellwright.propagation.registry import los_probability, model, models
from cellwright.propagation.shelf import Model
from cellwright.propagation.sight import sight, sight_many
from cellwright.propagation.tuning import (
    CLUTTER,
    CLUTTER_RADIUS_M,
    Tuning,
    clutter_class,
    read_tuning,
    tuning_text,
    write_tuning,
)

__all__ = [
    "CLUTTER",
    "CLUTTER_RADIUS_M",
    "ENTRY_KINDS",
    "DiffractionResult",
    "Estimate",
    "Model",
    "P1812Result",
    "Profile",
    "Tuning",
    "below_roofs_db",
    "bent_canyon_db",
    "building_entry_db",
    "canyon_sight_db",
    "clutter_class",
    "corner_db",
    "entry_loss_db",
    "entry_loss_kernel",
    "entry_sigma_db",
    "gas_db_per_km",
    "height_gain_db",
    "indoor_shadowing_sigma_db",
    "los_probability",
    "loss_kernel",
    "low_terminals_db",
    "millimetre_canyon_db",
    "model",
    "models",
    "over_roofs_db",
    "p526_loss_db",
    "p1812_kernel",
    "p1812_loss_db",
    "path_centre_deg",
    "rain_coefficients",
    "rain_db_per_km",
    "rain_fade_db",
    "read_tuning",
    "representative_clutter_m",
    "sight",
    "sight_many",
    "slant_clutter_db",
    "suburban_roofs_db",
    "terrestrial_clutter_db",
    "tuning_text",
    "urban_roofs_db",
    "write_tuning",
]
