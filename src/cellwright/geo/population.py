"""People put into the buildings they live in: from cells, points or a raster, else modelled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.windows import from_bounds
from scipy.spatial import cKDTree

from ..errors import Faults, InputError, shown_path
from .columns import POPULATION_COLUMNS, match_columns, numbers
from .crs import crs_of, overlap_cure, transform_bounds
from .grids import Grid, apply_transform
from .heights import SMALL_M2
from .inputs import AreaInputs, Source
from .vector import file_there, read_vector

_RASTERS = (".tif", ".tiff", ".vrt", ".asc", ".img")
#: Buildings farther than this from every population point are not spoken for [m].
_POINT_REACH_M = 60.0
#: Share of the floor area people may live in, by use; other uses: none.
_LIVING = {"residential": 1.0, "unknown": 0.5}


@dataclass(frozen=True)
class Residents:
    """People per building and where the figures come from.

    Attributes
    ----------
    residents : array of float
        People per building.
    source : array of str
        ``given``, ``cells``, ``dwellings``, ``floor area`` or ``none`` per building.
    rules : tuple of (str, float)
        Rule in words and people it put on the map.
    """

    residents: NDArray[np.float64]
    source: NDArray[np.object_]
    rules: tuple[tuple[str, float], ...]


def is_raster(path: Path) -> bool:
    """Tell whether a population file is a raster by its name."""
    return path.suffix.lower() in _RASTERS


def read_population(
    source: Source, grid: Grid, crs: Any, faults: Faults
) -> gpd.GeoDataFrame | None:
    """Return cells or points with ``residents`` in the district's CRS, or None with faults."""
    if is_raster(source.path):
        return _read_raster(source, grid, crs, faults)
    frame = read_vector(source, "population", faults)
    if frame is None:
        return None
    file = shown_path(source.path)
    found = match_columns(frame, POPULATION_COLUMNS, source.columns, faults, "population", file)
    if "residents" not in found:
        others = ", ".join(map(str, frame.columns.drop("geometry"))) or "none"
        faults.error(
            "population.no-residents",
            f"no column of people among: {others}.",
            'Name it: columns = { residents = "..." }.',
            file=file,
        )
        return None
    people = _people(numbers(frame[found["residents"]]), file, faults)
    cells = gpd.GeoDataFrame({"residents": people}, geometry=frame.geometry, crs=frame.crs)
    cure = overlap_cure(frame.crs, tuple(frame.total_bounds), crs, grid.bounds)
    cells = cells[cells["residents"].notna()].to_crs(crs)
    return _on_map(cells, grid, file, faults, cure)


def _people(values: pd.Series[Any], file: str, faults: Faults) -> pd.Series[Any]:
    wrong = values.notna() & ((values < 0) | (values > 1e7))
    if wrong.any():
        faults.warn(
            "population.range",
            f"{values[wrong].iloc[0]:g} people is no count; taken as unknown.",
            file=file,
            row=int(values.index[wrong][0]),
            count=int(wrong.sum()),
        )
    return values.where(~wrong)


def _on_map(
    cells: gpd.GeoDataFrame,
    grid: Grid,
    file: str,
    faults: Faults,
    cure: str = "Is it of another place, or is its CRS wrong?",
) -> gpd.GeoDataFrame | None:
    shapes = cells.geometry.to_numpy().copy()
    bad = ~shapely.is_valid(shapes)
    shapes[bad] = shapely.make_valid(shapes[bad])
    touching = shapely.intersects(shapes, shapely.box(*grid.bounds))
    if not touching.any():
        faults.error(
            "population.no-overlap",
            "no population cell or point lies on the map.",
            cure,
            file=file,
        )
        return None
    return cells[touching].reset_index(drop=True)


def _read_raster(source: Source, grid: Grid, crs: Any, faults: Faults) -> gpd.GeoDataFrame | None:
    file = shown_path(source.path)
    if not file_there(source, "population", faults):
        return None
    try:
        with rasterio.open(source.path) as raster:
            stated = source.crs or (raster.crs.to_wkt() if raster.crs else None)
            if stated is None:
                cure = 'State the one it was made in: crs = "EPSG:...".'
                faults.error("population.no-crs", "the raster states no CRS.", cure, file=file)
                return None
            cells = _raster_cells(raster, crs_of(stated), crs, grid)
    except InputError as error:
        faults.error("population.unknown-crs", str(error), file=file)
        return None
    except RasterioError as error:
        message = f"GDAL cannot read it ({str(error)[:200].rstrip('.')})."
        faults.error("population.unreadable", message, "Give a GeoTIFF.", file=file)
        return None
    cells["residents"] = _people(cells["residents"], file, faults)
    return _on_map(cells[cells["residents"].notna()], grid, file, faults)


def _raster_cells(raster: Any, raster_crs: Any, crs: Any, grid: Grid) -> gpd.GeoDataFrame:
    """Return the raster's pixels on the map as square cells; nodata gives none."""
    box = transform_bounds(crs, raster_crs, grid.bounds)
    window = from_bounds(*box, transform=raster.transform).round_offsets().round_lengths()
    top, left = max(0, int(window.row_off) - 1), max(0, int(window.col_off) - 1)
    bottom = min(raster.height, int(window.row_off + window.height) + 2)
    right = min(raster.width, int(window.col_off + window.width) + 2)
    if top >= bottom or left >= right:
        return gpd.GeoDataFrame({"residents": []}, geometry=[], crs=crs)
    band = raster.read(1, window=((top, bottom), (left, right)), masked=True)
    people = np.ma.filled(band.astype(float), np.nan) * raster.scales[0] + raster.offsets[0]
    people[people < 0] = np.nan  # nodata values that the file does not declare are negative
    row, column = np.nonzero(np.isfinite(people) & (people < 1e20))
    x0, y0 = apply_transform(raster.transform, column + left, row + top)
    x1, y1 = apply_transform(raster.transform, column + left + 1, row + top + 1)
    shapes = shapely.box(x0, y1, x1, y0)
    frame = gpd.GeoDataFrame({"residents": people[row, column]}, geometry=shapes, crs=raster_crs)
    return frame.to_crs(crs)


def settle(
    buildings: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame | None,
    grid: Grid,
    inputs: AreaInputs,
) -> Residents:
    """Put people into buildings; what no cell tells is completed from dwellings or floor area.

    Within a cell people are spread over its dwellings, or where it has none over living floor
    area. A cell cut by the map's edge counts with the share of its area on the map. Buildings in
    no cell get dwellings times the residents per dwelling seen where both are known, or living
    floor area times the residents per square metre seen there.

    Parameters
    ----------
    buildings : GeoDataFrame
        ``use``, ``floors``, ``dwellings`` and ``residents`` (NaN where unknown), ``geometry``.
    cells : GeoDataFrame or None
        Polygons or points with ``residents``.
    grid : Grid
        The map.
    inputs : AreaInputs
        Whether and how to complete.
    """
    dwellings = buildings["dwellings"].to_numpy(dtype=float)
    living = living_area_m2(buildings)
    rules: list[tuple[str, float]] = []
    if cells is None:
        people = buildings["residents"].to_numpy(dtype=float).copy()
        source = np.where(np.isnan(people), "none", "given").astype(object)
        if not np.isnan(people).all():
            rules.append(("given with the buildings", float(np.nansum(people))))
    else:
        cell, in_cell, total = _members(buildings, cells, grid)
        people = _spread(cell, in_cell, total, dwellings, living)
        source = np.where(np.isnan(people), "none", "cells").astype(object)
        rules.append(
            ("population cells, over dwellings, else living floor area", float(np.nansum(people)))
        )
        lost = float(total.sum() - np.nansum(people))
        if lost > 0.5:
            rules.append(("population cells without a building to live in, left out", lost))
    if _to_complete(people, dwellings, living, inputs):
        _complete(people, source, dwellings, living, inputs.floor_area_per_resident_m2, rules)
    elif np.isnan(people).any():
        share = living[~np.isnan(people)].sum() / max(living.sum(), 1e-9)
        rules.append((f"nobody outside the cells, which hold {share:.0%} of living floor area", 0))
    return Residents(np.nan_to_num(people), source, tuple(rules))


def _to_complete(
    people: NDArray[np.float64],
    dwellings: NDArray[np.float64],
    living: NDArray[np.float64],
    inputs: AreaInputs,
) -> bool:
    if inputs.complete_population is not None:
        return inputs.complete_population
    missing = np.isnan(people)
    uncovered = living[missing].sum() > 0.5 * living.sum()
    return bool(missing.all() or np.nansum(dwellings[missing]) > 0 or uncovered)


def living_area_m2(buildings: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the floor area people may live in: footprint x storeys x share by use; sheds none.

    Buildings of unknown use count half, and not at all where homes are known by their dwellings:
    there a building without a count is no home.
    """
    footprint = shapely.area(buildings.geometry.to_numpy())
    share = buildings["use"].map(_LIVING).fillna(0.0).to_numpy()
    homes = (buildings["use"] == "residential").to_numpy()
    uncounted = buildings["dwellings"].isna().to_numpy()
    if homes.any() and uncounted[homes].mean() < 0.5:
        share = np.where(uncounted & ~homes, 0.0, share)
    area = footprint * buildings["floors"].to_numpy() * share
    return np.where(footprint < SMALL_M2, 0.0, area)


def _members(
    buildings: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, grid: Grid
) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.float64]]:
    """Return every building's cell, whether it has one, and the people of every cell on the map."""
    shapes = cells.geometry.to_numpy()
    homes = shapely.point_on_surface(buildings.geometry.to_numpy())
    total = cells["residents"].to_numpy(dtype=float)
    if (shapely.get_dimensions(shapes) == 0).all():
        return _members_of_points(homes, shapely.centroid(shapes), total, grid)
    inside = shapely.area(shapely.intersection(shapes, shapely.box(*grid.bounds)))
    total = total * inside / np.maximum(shapely.area(shapes), 1e-9)
    tree = shapely.STRtree(shapes)
    home, cell = tree.query(homes, predicate="intersects")
    first = np.unique(home, return_index=True)[1]
    result = np.zeros(len(homes), dtype=np.intp)
    known = np.zeros(len(homes), dtype=bool)
    result[home[first]], known[home[first]] = cell[first], True
    return result, known, total


def _members_of_points(
    homes: NDArray[Any], points: NDArray[Any], total: NDArray[np.float64], grid: Grid
) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.float64]]:
    """A building belongs to its nearest point, if that speaks for it.

    Points of a lattice (cell centres) reach as far as their cell's corner; addresses reach 60 m.
    """
    xy = shapely.get_coordinates(points)
    west, south, east, north = grid.bounds
    on_map = (xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north)
    tree = cKDTree(xy)
    spacing = tree.query(xy, k=2)[0][:, 1] if len(xy) > 1 else np.array([0.0])
    spacing = spacing[np.isfinite(spacing)]
    lattice = spacing.size > 3 and np.std(spacing) < 0.05 * np.mean(spacing)
    reach = float(np.mean(spacing)) * 0.75 if lattice else _POINT_REACH_M
    distance, nearest = tree.query(shapely.get_coordinates(homes))
    return nearest.astype(np.intp), distance <= reach, np.where(on_map, total, 0.0)


def _spread(
    cell: NDArray[np.intp],
    in_cell: NDArray[np.bool_],
    total: NDArray[np.float64],
    dwellings: NDArray[np.float64],
    living: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Share every cell's people by dwellings, or by living area where it has no dwellings."""
    flats = np.where(in_cell, np.nan_to_num(dwellings), 0.0)
    area = np.where(in_cell, living, 0.0)
    flats_in, area_in = (np.bincount(cell, w, minlength=len(total)) for w in (flats, area))
    by_flats = flats_in[cell] > 0
    weight = np.where(by_flats, flats, area)
    whole = np.where(by_flats, flats_in[cell], area_in[cell])
    share = np.divide(weight, whole, out=np.zeros_like(weight), where=whole > 0)
    return np.where(in_cell, total[cell] * share, np.nan)


def _complete(
    people: NDArray[np.float64],
    source: NDArray[np.object_],
    dwellings: NDArray[np.float64],
    living: NDArray[np.float64],
    floor_area_per_resident_m2: float,
    rules: list[tuple[str, float]],
) -> None:
    known = ~np.isnan(people)
    counted = known & (np.nan_to_num(dwellings) > 0)
    per_dwelling, how = 2.0, "assumed"
    if dwellings[counted].sum() >= 50 and people[counted].sum() > 0:
        per_dwelling, how = float(people[counted].sum() / dwellings[counted].sum()), "fitted"
    take = ~known & ~np.isnan(dwellings)
    people[take] = dwellings[take] * per_dwelling
    source[take & (people > 0)] = "dwellings"
    if people[take].sum() > 0:
        rule = f"modelled: dwellings x {per_dwelling:.2f} ({how})"
        rules.append((rule, float(people[take].sum())))
    area_known = known & (living > 0)
    per_m2, how = 1.0 / floor_area_per_resident_m2, "assumed"
    if living[area_known].sum() >= 10_000 and people[area_known].sum() > 0:
        per_m2, how = float(people[area_known].sum() / living[area_known].sum()), "fitted"
    take = np.isnan(people)
    people[take] = living[take] * per_m2
    source[take & (people > 0)] = "floor area"
    if people[take].sum() > 0:
        rule = f"modelled: one per {1 / per_m2:.0f} m2 of living floor area ({how})"
        rules.append((rule, float(people[take].sum())))
