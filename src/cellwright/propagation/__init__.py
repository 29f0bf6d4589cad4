"""Loss on the way from antenna to user: models, line of sight, walls, terrain, clutter."""

from cellwright.propagation.batch import batch_engine
from cellwright.propagation.estimate import Estimate
from cellwright.propagation.extended_hata import extended_hata_sigma_db
from cellwright.propagation.itm import ItmResult, itm_loss_db
from cellwright.propagation.kernels import loss_kernel
from cellwright.propagation.methods import METHODS, Method, method
from cellwright.propagation.outdoor_to_indoor import (
    ENTRY_KINDS,
    entry_loss_db,
    entry_loss_kernel,
    entry_sigma_db,
    indoor_shadowing_sigma_db,
)
from cellwright.propagation.p526_link import DiffractionResult, p526_loss_db
from cellwright.propagation.p676 import gas_db_per_km
from cellwright.propagation.p833 import (
    canopy_depth_m,
    canopy_loss_db,
    single_tree_db,
    slant_foliage_db,
    specific_attenuation_db_per_m,
    woodland_db,
)
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
from cellwright.propagation.p2040 import (
    Layer,
    conductivity_s_per_m,
    materials,
    permittivity,
    slab,
    wall_loss_db,
)
from cellwright.propagation.p2108 import height_gain_db, slant_clutter_db, terrestrial_clutter_db
from cellwright.propagation.p2109 import building_entry_db
from cellwright.propagation.profile import Profile, representative_clutter_m
from cellwright.propagation.radial import losses_of, p1812_map, path_summaries
from cellwright.propagation.rain import rain_coefficients, rain_db_per_km, rain_fade_db
from cellwright.propagation.registry import los_probability, model, models
from cellwright.propagation.shadow_fading import (
    correlation_distance_m,
    shadow_fading_db,
    unit_shadow_map,
)
from cellwright.propagation.shelf import Model
from cellwright.propagation.sight import sight, sight_many
from cellwright.propagation.spm import StandardModel, spm_from_hata, spm_loss_db, spm_terms
from cellwright.propagation.street_graph import StreetGraph, street_graph
from cellwright.propagation.tuning import (
    CLUTTER,
    CLUTTER_RADIUS_M,
    Tuning,
    clutter_class,
    read_tuning,
    tuning_text,
    write_tuning,
)
from cellwright.propagation.urban import (
    UrbanMap,
    p1812_over,
    urban_loss,
    urban_map,
    urban_paths,
)

__all__ = [
    "CLUTTER",
    "CLUTTER_RADIUS_M",
    "ENTRY_KINDS",
    "METHODS",
    "DiffractionResult",
    "Estimate",
    "ItmResult",
    "Layer",
    "Method",
    "Model",
    "P1812Result",
    "Profile",
    "StandardModel",
    "StreetGraph",
    "Tuning",
    "UrbanMap",
    "batch_engine",
    "below_roofs_db",
    "bent_canyon_db",
    "building_entry_db",
    "canopy_depth_m",
    "canopy_loss_db",
    "canyon_sight_db",
    "clutter_class",
    "conductivity_s_per_m",
    "corner_db",
    "correlation_distance_m",
    "entry_loss_db",
    "entry_loss_kernel",
    "entry_sigma_db",
    "extended_hata_sigma_db",
    "gas_db_per_km",
    "height_gain_db",
    "indoor_shadowing_sigma_db",
    "itm_loss_db",
    "los_probability",
    "loss_kernel",
    "losses_of",
    "low_terminals_db",
    "materials",
    "method",
    "millimetre_canyon_db",
    "model",
    "models",
    "over_roofs_db",
    "p526_loss_db",
    "p1812_kernel",
    "p1812_loss_db",
    "p1812_map",
    "p1812_over",
    "path_centre_deg",
    "path_summaries",
    "permittivity",
    "rain_coefficients",
    "rain_db_per_km",
    "rain_fade_db",
    "read_tuning",
    "representative_clutter_m",
    "shadow_fading_db",
    "sight",
    "sight_many",
    "single_tree_db",
    "slab",
    "slant_clutter_db",
    "slant_foliage_db",
    "specific_attenuation_db_per_m",
    "spm_from_hata",
    "spm_loss_db",
    "spm_terms",
    "street_graph",
    "suburban_roofs_db",
    "terrestrial_clutter_db",
    "tuning_text",
    "unit_shadow_map",
    "urban_loss",
    "urban_map",
    "urban_paths",
    "urban_roofs_db",
    "wall_loss_db",
    "woodland_db",
    "write_tuning",
]
