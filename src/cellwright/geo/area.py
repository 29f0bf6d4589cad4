"""A district as every other room knows it: one CRS, two grids, buildings, streets, people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ..compute import Progress
from ..errors import Faults, MapError
from .crs import crs_name
from .grids import burn_buildings, pixels_dataset, surface_dataset
from .heights import Heights, fill_floors, fill_heights
from .inputs import ROLES, AreaInputs
from .layers import Layers, read_layers
from .population import Residents, settle
from .terrain import ground_below, roofs_seen
from .vector import attribution_of

#: Less than this above ground in a surface model is grass, cars and noise [m].
_CANOPY_M = 2.0
_FLOOR_RULES = {
    "given": "given",
    "too many for the height": "given, but too many for the height: from the height",
    "hall": "annex, religious, sport and industrial: 1",
}

_BUILDING_COLUMNS = [
    "building_id",
    "height_m",
    "height_source",
    "floors",
    "use",
    "dwellings",
    "residents",
    "residents_source",
    "year",
    "geometry",
]


@dataclass(frozen=True, eq=False)
class Area:
    """A district, ready for planning.

    Attributes
    ----------
    name : str
        What the user calls it.
    crs : str
        Projected CRS in metres of everything in it ("EPSG:2154").
    boundary : shapely polygon
        What is planned and counted.
    buildings : GeoDataFrame
        ``building_id``, ``height_m``, ``height_source``, ``floors``, ``use``, ``dwellings`` (NaN
        unknown), ``residents``, ``residents_source``, ``year`` (NA unknown), ``geometry``. Row
        order = building number - 1.
    streets : GeoDataFrame
        ``street_id``, ``name``, ``kind``, ``width_m``, ``level`` (-1 tunnel, 0, 1 bridge).
    surface, pixels : xarray.Dataset
        The fine grid for sight and the result grid; same outer bounds, ``y`` falls, ``x`` grows,
        coordinates are pixel centres.
    attributions : tuple of str
        Words to print on every map.
    assumptions : DataFrame
        ``subject``, ``rule``, ``share`` (0 to 1), ``count``: what was given and what was filled in.
    """

    name: str
    crs: str
    boundary: Any
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    surface: xr.Dataset
    pixels: xr.Dataset
    attributions: tuple[str, ...]
    assumptions: pd.DataFrame


def load_area(inputs: AreaInputs, progress: Progress | None = None) -> Area:
    """Read a district from files.

    Parameters
    ----------
    inputs : AreaInputs
        Files and rules.
    progress : callable, optional
        Called with the share done.

    Raises
    ------
    MapError
        With every fault that stops the district from being used.
    """
    faults = Faults()
    area = read_area(inputs, faults, progress)
    faults.raise_errors(MapError)
    if area is None:
        raise MapError("the district cannot be read.", faults)
    return area


def read_area(inputs: AreaInputs, faults: Faults, progress: Progress | None = None) -> Area | None:
    """Read a district; every fault and warning goes to ``faults``, None where errors stop it."""
    tell: Progress = progress or (lambda share: None)
    layers = read_layers(inputs, faults, tell)
    if layers is None or faults.errors:
        return None
    area = _build(layers, inputs, faults, tell)
    tell(1.0)
    return area


def check_area(inputs: AreaInputs) -> Faults:
    """Return every fault and warning of the files, without building the district."""
    faults = Faults()
    read_layers(inputs, faults, lambda share: None)
    return faults


def _build(layers: Layers, inputs: AreaInputs, faults: Faults, tell: Progress) -> Area:
    table = layers.buildings
    ground, seen, canopy = _ground(layers, inputs)
    heights = fill_heights(table, inputs, seen)
    floors, floors_source = fill_floors(
        table["floors"].to_numpy(dtype=float),
        heights.height_m,
        table["use"].to_numpy(),
        inputs.storey_height_m,
    )
    table = table.assign(height_m=heights.height_m, height_source=heights.source, floors=floors)
    people = settle(table, layers.cells, layers.fine, inputs)
    table = table.assign(
        residents=people.residents,
        residents_source=people.source,
        year=table["year"].astype("Int16"),
    )[_BUILDING_COLUMNS].reset_index(drop=True)
    tell(0.8)
    surface = surface_dataset(layers.fine, ground, table, canopy)
    pixels = pixels_dataset(layers.coarse, surface, table, layers.boundary)
    name = crs_name(layers.crs)
    return Area(
        name=inputs.name or layers.buildings_file.stem,
        crs=name,
        boundary=layers.boundary,
        buildings=table,
        streets=layers.streets,
        surface=surface.assign_attrs(crs=name),
        pixels=pixels.assign_attrs(crs=name),
        attributions=_attributions(inputs),
        assumptions=_assumptions(inputs, heights, floors_source, people, faults),
    )


def _ground(
    layers: Layers, inputs: AreaInputs
) -> tuple[NDArray[np.float32], NDArray[np.float64] | None, NDArray[np.float32] | None]:
    """Return the ground, the roofs' height seen in a surface model, and what stands in the open."""
    if layers.surface is None:
        if layers.terrain is not None:
            return layers.terrain, None, None
        return np.full(layers.fine.shape, inputs.ground_amsl_m, np.float32), None, None
    number = burn_buildings(layers.buildings.fillna({"height_m": 0.0}), layers.fine)
    ground = layers.terrain
    if ground is None:
        ground = ground_below(layers.surface, number, layers.fine.pixel_m)
    above = layers.surface - ground
    canopy = np.where(above > _CANOPY_M, above, 0.0).astype(np.float32)
    return ground, roofs_seen(above, number, len(layers.buildings)), canopy


def _attributions(inputs: AreaInputs) -> tuple[str, ...]:
    given = (inputs.source(role) for role in ROLES)
    words = [attribution_of(source) for source in given if source is not None]
    return tuple(dict.fromkeys(word for word in (*inputs.attributions, *words) if word))


def _assumptions(
    inputs: AreaInputs,
    heights: Heights,
    floors_source: NDArray[Any],
    people: Residents,
    faults: Faults,
) -> pd.DataFrame:
    rows = _counted("building height", heights.source, heights.rules)
    rows += _counted(
        "storeys",
        floors_source,
        _FLOOR_RULES
        | {
            "height": f"height over {inputs.storey_height_m:g} m",
        },
    )
    whole = sum(count for rule, count in people.rules if "left out" not in rule)
    rows += [("residents", rule, count / max(whole, 1e-9), count) for rule, count in people.rules]
    if inputs.terrain is None and inputs.surface is None:
        rows.append(("ground", f"constant {inputs.ground_amsl_m:g} m above sea level", 1.0, 1.0))
    elif inputs.terrain is None:
        rows.append(("ground", "lowest heights of the surface model within 25 m", 1.0, 1.0))
    if inputs.boundary is None:
        rows.append(("boundary", "convex hull of the buildings", 1.0, 1.0))
    size = len(heights.source)
    for fault in faults:
        if fault.severity == "warning":
            share = fault.count / size if fault.code.startswith("buildings.") else np.nan
            rows.append((fault.code, fault.message, share, float(fault.count)))
    return pd.DataFrame(rows, columns=["subject", "rule", "share", "count"])


def _counted(
    subject: str, source: NDArray[Any], rules: dict[str, str]
) -> list[tuple[str, str, float, float]]:
    counts = {name: int((source == name).sum()) for name in rules}
    return [
        (subject, rule, counts[name] / max(source.size, 1), float(counts[name]))
        for name, rule in rules.items()
        if counts[name]
    ]
