"""A district as every other room knows it: one CRS, two grids, buildings, streets, people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from ..compute import Progress
from ..errors import Faults, InputError, MapError, shown_path
from . import buildings as footprints
from .boundary import boundary_shape, check_overlap, hull_of, map_bounds
from .crs import Bounds, crs_name, work_crs
from .grids import MOST_CELLS, Grid, burn_buildings, grids, pixels_dataset, surface_dataset
from .heights import Heights, fill_floors, fill_heights
from .inputs import ROLES, AreaInputs, Role, Source
from .osm import only_buildings, split_parts
from .population import Residents, is_raster, read_population, settle
from .streets import clip_streets, empty_streets, make_streets
from .terrain import check_raster, ground_below, read_heights, roofs_seen
from .vector import attribution_of, is_osm, read_vector

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


@dataclass(frozen=True)
class _Layers:
    """What was read, cleaned and brought to one CRS; the grids are not made yet."""

    crs: Any
    fine: Grid
    coarse: Grid
    boundary: Any
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    terrain: NDArray[np.float32] | None
    surface: NDArray[np.float32] | None
    cells: gpd.GeoDataFrame | None


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
    tell: Progress = progress or (lambda share: None)
    faults = Faults()
    layers = _read_layers(inputs, faults, tell)
    faults.raise_errors(MapError)
    if layers is None:
        raise MapError("the district cannot be read.", faults)
    area = _build(layers, inputs, faults, tell)
    tell(1.0)
    return area


def check_area(inputs: AreaInputs) -> Faults:
    """Return every fault and warning of the files, without building the district."""
    faults = Faults()
    _read_layers(inputs, faults, lambda share: None)
    return faults


def _read_layers(inputs: AreaInputs, faults: Faults, tell: Progress) -> _Layers | None:
    boundary = _read(inputs, "boundary", faults)
    near = None
    if boundary is not None:
        west, south, east, north = boundary.total_bounds
        pad = 0.02 * max(east - west, north - south) + _pad(boundary.crs, inputs.margin_m)
        near = (boundary.crs, (west - pad, south - pad, east + pad, north + pad))
    raw = _read(inputs, "buildings", faults, near)
    tell(0.2)
    crs = None if raw is None else _work_crs(inputs, raw, faults)
    if raw is None or crs is None:
        _check_alone(inputs, faults)
        return None
    buildings = _read_buildings(raw.to_crs(crs), inputs, faults)
    shape = None if boundary is None else _boundary(boundary.to_crs(crs), inputs, faults)
    if not len(buildings):
        _check_alone(inputs, faults)
        return None
    given = shape is not None and check_overlap(
        shape, buildings, shown_path(_source(inputs, "boundary").path), faults
    )
    shape = shape if given else hull_of(buildings)
    fine, coarse = grids(
        map_bounds(shape, buildings, inputs.margin_m, given),
        inputs.surface_pixel_m,
        inputs.pixel_m,
    )
    if not _fits(fine, inputs, faults):
        _check_alone(inputs, faults)
        return None
    tell(0.4)
    return _read_rest(inputs, crs, fine, coarse, shape, _on_map(buildings, fine), faults, tell)


def _pad(crs: Any, margin_m: float) -> float:
    return margin_m / 50_000.0 if crs.is_geographic else 2.0 * margin_m


def _source(inputs: AreaInputs, role: Role) -> Source:
    source = inputs.source(role)
    if source is None:
        raise InputError(f"no {role} given.")
    return source


def _read(
    inputs: AreaInputs, role: Role, faults: Faults, near: tuple[Any, Bounds] | None = None
) -> gpd.GeoDataFrame | None:
    source = inputs.source(role)
    return None if source is None else read_vector(source, role, faults, near)


def _work_crs(inputs: AreaInputs, raw: gpd.GeoDataFrame, faults: Faults) -> Any:
    bounds: Bounds = tuple(float(value) for value in raw.total_bounds)  # type: ignore[assignment]
    try:
        return work_crs(inputs.crs, raw.crs, bounds)
    except InputError as error:
        faults.error("area.crs", str(error))
        return None


def _read_buildings(
    frame: gpd.GeoDataFrame, inputs: AreaInputs, faults: Faults
) -> gpd.GeoDataFrame:
    source = _source(inputs, "buildings")
    if is_osm(source.path):
        frame = only_buildings(frame)
    table = footprints.read_columns(frame, source, faults)
    table = footprints.clean_footprints(table, shown_path(source.path), faults)
    return split_parts(table)


def _boundary(frame: gpd.GeoDataFrame, inputs: AreaInputs, faults: Faults) -> Any | None:
    return boundary_shape(frame, _source(inputs, "boundary"), faults)


def _on_map(buildings: gpd.GeoDataFrame, grid: Grid) -> gpd.GeoDataFrame:
    touching = shapely.intersects(buildings.geometry.to_numpy(), shapely.box(*grid.bounds))
    return buildings[touching]


def _fits(grid: Grid, inputs: AreaInputs, faults: Faults) -> bool:
    rows, columns = grid.shape
    if rows * columns <= MOST_CELLS:
        return True
    width, height = columns * grid.pixel_m / 1000, rows * grid.pixel_m / 1000
    faults.error(
        "area.too-large",
        f"the map is {width:.0f} x {height:.0f} km: {rows * columns / 1e6:.0f} million pixels "
        f"of {grid.pixel_m:g} m, and at most {MOST_CELLS / 1e6:.0f} million are possible.",
        "Give a boundary, or a larger surface_pixel_m. Does one building lie far away?",
        file=shown_path(_source(inputs, "buildings").path),
    )
    return False


def _check_alone(inputs: AreaInputs, faults: Faults) -> None:
    """Check the layers that cannot be laid over the buildings, so that all faults come at once."""
    for role in ROLES[2:]:
        source = inputs.source(role)
        if source is None:
            continue
        if role in ("terrain", "surface") or is_raster(source.path):
            check_raster(source, role, faults)
        else:
            read_vector(source, role, faults)


def _read_rest(
    inputs: AreaInputs,
    crs: Any,
    fine: Grid,
    coarse: Grid,
    boundary: Any,
    buildings: gpd.GeoDataFrame,
    faults: Faults,
    tell: Progress,
) -> _Layers:
    heights: dict[str, NDArray[np.float32] | None] = {"terrain": None, "surface": None}
    for role in ("terrain", "surface"):
        source = inputs.source(role)
        if source is not None:
            heights[role] = read_heights(source, role, fine, crs, faults)
    tell(0.6)
    people = inputs.source("population")
    return _Layers(
        crs=crs,
        fine=fine,
        coarse=coarse,
        boundary=boundary,
        buildings=buildings,
        streets=_streets(inputs, crs, fine, faults),
        terrain=heights["terrain"],
        surface=heights["surface"],
        cells=None if people is None else read_population(people, fine, crs, faults),
    )


def _streets(inputs: AreaInputs, crs: Any, grid: Grid, faults: Faults) -> gpd.GeoDataFrame:
    source = inputs.source("streets")
    frame = None if source is None else read_vector(source, "streets", faults)
    if frame is None or source is None:
        return empty_streets(crs)
    streets = clip_streets(make_streets(frame.to_crs(crs), source, faults), grid.bounds)
    if streets.empty:
        faults.error(
            "streets.no-overlap",
            "not one street lies on the map.",
            "Are they of the same place and in the CRS they state?",
            file=shown_path(source.path),
        )
    return streets


def _build(layers: _Layers, inputs: AreaInputs, faults: Faults, tell: Progress) -> Area:
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
        name=inputs.name or _source(inputs, "buildings").path.stem,
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
    layers: _Layers, inputs: AreaInputs
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
