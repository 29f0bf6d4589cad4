"""The map of a district: buildings, terrain, streets and people, in one CRS and on two grids."""

from .area import Area, check_area, load_area, read_area
from .built import built_share
from .districts import read_district, shipped_district, shipped_districts
from .inputs import ROLES, AreaInputs, Source
from .meshes import Mesh, building_levels, building_mesh, ground_mesh, solids
from .receivers import PLACES, receivers, to_map

__all__ = [
    "PLACES",
    "ROLES",
    "Area",
    "AreaInputs",
    "Mesh",
    "Source",
    "building_levels",
    "building_mesh",
    "built_share",
    "check_area",
    "ground_mesh",
    "load_area",
    "read_area",
    "read_district",
    "receivers",
    "shipped_district",
    "shipped_districts",
    "solids",
    "to_map",
]
