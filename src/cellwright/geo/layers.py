"""The user's layers read, checked and brought to one CRS; every fault is collected on the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ..compute import Progress
from ..errors import Faults, InputError, shown_path
from . import buildings as footprints
from .boundary import boundary_shape, check_far_away, check_overlap, hull_of, map_bounds
from .crs import Bounds, check_right_angles, overlap_cure, work_crs
from .grids import MOST_CELLS, Grid, grids
from .heights import warn_heights_unknown
from .inputs import ROLES, AreaInputs, Role, Source
from .osm import only_buildings, split_parts
from .population import is_raster, read_population
from .streets import clip_streets, empty_streets, make_streets
from .terrain import check_raster, check_surface_above, read_heights
from .vector import is_osm, read_vector


@dataclass(frozen=True)
class Layers:
    """What was read, cleaned and brought to one CRS; the grids are not filled yet.

    Attributes
    ----------
    crs : CRS
        Projected CRS of everything.
    fine, coarse : Grid
        The grid for sight and the result grid.
    boundary : shapely polygon
        What is planned and counted.
    buildings, streets : GeoDataFrame
        Buildings with NaN for what the file leaves out; streets complete.
    terrain, surface : array of float32 or None
        Heights above sea level on the fine grid [m].
    cells : GeoDataFrame or None
        Population cells or points.
    buildings_file : Path
        Names the district where the user does not.
    """

    crs: Any
    fine: Grid
    coarse: Grid
    boundary: Any
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    terrain: NDArray[np.float32] | None
    surface: NDArray[np.float32] | None
    cells: gpd.GeoDataFrame | None
    buildings_file: Path


def read_layers(inputs: AreaInputs, faults: Faults, tell: Progress) -> Layers | None:
    """Return the layers, or None where they cannot be laid over each other; faults say why.

    Parameters
    ----------
    inputs : AreaInputs
        Files and rules.
    faults : Faults
        Takes everything wrong with any of the files.
    tell : callable
        Called with the share done, up to 0.6.
    """
    boundary = _read(inputs, "boundary", faults)
    near = None
    if boundary is not None:
        west, south, east, north = boundary.total_bounds
        pad = 0.02 * max(east - west, north - south) + _pad(boundary.crs, inputs.margin_m)
        near = (boundary.crs, (west - pad, south - pad, east + pad, north + pad))
    raw = _read(inputs, "buildings", faults, near)
    tell(0.2)
    crs = None if raw is None else _work_crs(inputs, raw, faults)
    if raw is not None:
        check_right_angles(raw, shown_path(_source(inputs, "buildings").path), faults)
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
    if not given:
        shape = hull_of(buildings)
        check_far_away(buildings, shown_path(_source(inputs, "buildings").path), faults)
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
    table = split_parts(table)
    if inputs.surface is None and inputs.default_height_m is None:
        warn_heights_unknown(table, shown_path(source.path), faults)
    return table


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
) -> Layers:
    heights: dict[str, NDArray[np.float32] | None] = {"terrain": None, "surface": None}
    for role in ("terrain", "surface"):
        source = inputs.source(role)
        if source is not None:
            heights[role] = read_heights(source, role, fine, crs, faults)
    if heights["terrain"] is not None and heights["surface"] is not None:
        check_surface_above(heights["surface"], heights["terrain"], _shown(inputs), faults)
    tell(0.6)
    people = inputs.source("population")
    return Layers(
        crs=crs,
        fine=fine,
        coarse=coarse,
        boundary=boundary,
        buildings=buildings,
        streets=_streets(inputs, crs, fine, faults),
        terrain=heights["terrain"],
        surface=heights["surface"],
        cells=None if people is None else read_population(people, fine, crs, faults),
        buildings_file=_source(inputs, "buildings").path,
    )


def _shown(inputs: AreaInputs) -> str:
    return shown_path(_source(inputs, "surface").path)


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
            overlap_cure(frame.crs, tuple(frame.total_bounds), crs, grid.bounds),
            file=shown_path(source.path),
        )
    return streets
