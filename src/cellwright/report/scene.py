"""The map under the layers: buildings, streets, ground, boundary, sites and sectors, in degrees."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from cellwright.report.packing import Container, deltas, varints, zigzag

if TYPE_CHECKING:
    import geopandas as gpd
    import xarray as xr
    from pyproj import Transformer

    from cellwright.geo import Area

#: Coordinates on the page are whole numbers of this many degrees (0.11 m of latitude).
DEGREE_STEP = 1e-6
#: A raster is placed by its four corners; beyond this the page cuts it, so that the bend of the
#: projection against Web Mercator stays under a metre.
TILE_M = 3000.0
SECTOR_LENGTH_M = 70.0
SECTOR_WIDTH_DEG = 65.0


def add_scene(container: Container, area: Area, pixels: xr.Dataset) -> None:
    """Put everything that does not depend on radio into the container.

    ``pixels`` are those of the area, or every so many of them where the page would grow too large.
    """
    from pyproj import Transformer

    to_degrees = Transformer.from_crs(area.crs, "EPSG:4326", always_xy=True)
    grid = raster_frame(pixels, to_degrees)
    container.head["area"] = {
        "name": area.name,
        "crs": str(area.crs),
        "attributions": list(area.attributions),
        "boundary": _rings(area.boundary, to_degrees),
        **grid,
    }
    container.head["buildings"] = _add_buildings(container, area, to_degrees)
    container.head["streets"] = _add_streets(container, area, to_degrees)
    _add_ground(container, pixels)
    _add_footprints(container, pixels)


def raster_frame(pixels: xr.Dataset, to_degrees: Transformer) -> dict[str, Any]:
    """Say where the pixel grid lies: its shape, and the corners of each tile in degrees.

    Parameters
    ----------
    pixels : Dataset
        Coordinates ``x`` (growing) and ``y`` (falling) at pixel centres [m].
    to_degrees : Transformer
        From the area's CRS to longitude and latitude.

    Returns
    -------
    dict
        ``shape`` (rows, columns), ``pixel_m``, ``tiles``: ``rows`` and ``columns`` (half-open)
        and ``corners`` (north-west, north-east, south-east, south-west).
    """
    x, y = pixels["x"].to_numpy(), pixels["y"].to_numpy()
    step = pixel_size_m(pixels)
    rows, columns = _cuts(len(y), step), _cuts(len(x), step)
    tiles = []
    for top, bottom in itertools.pairwise(rows):
        for left, right in itertools.pairwise(columns):
            west, east = x[left] - step / 2, x[right - 1] + step / 2
            north, south = y[top] + step / 2, y[bottom - 1] - step / 2
            corners = to_degrees.transform([west, east, east, west], [north, north, south, south])
            tiles.append(
                {
                    "rows": [top, bottom],
                    "columns": [left, right],
                    "corners": np.round(np.stack(corners, axis=1), 7).tolist(),
                }
            )
    return {"shape": [len(y), len(x)], "pixel_m": step, "tiles": tiles}


def pixel_size_m(pixels: xr.Dataset) -> float:
    """Side of a pixel [m]."""
    x = pixels["x"].to_numpy()
    return float(abs(x[-1] - x[0]) / (len(x) - 1)) if len(x) > 1 else 5.0


def sector_shapes(sites: gpd.GeoDataFrame, cells: pd.DataFrame) -> gpd.GeoSeries:
    """Draw each cell as a wedge that points along its azimuth.

    Parameters
    ----------
    sites : GeoDataFrame
        Points in a projected CRS with ``site_id``.
    cells : DataFrame
        With ``site_id`` and ``azimuth_deg`` (clockwise from grid north).

    Returns
    -------
    GeoSeries
        Polygons in the order of ``cells``, in the CRS of ``sites``.
    """
    place = sites.set_index("site_id").geometry
    shapes = [
        _wedge(place[site].x, place[site].y, azimuth)
        for site, azimuth in zip(cells["site_id"], cells["azimuth_deg"], strict=True)
    ]
    import geopandas as gpd

    return gpd.GeoSeries(shapes, index=cells.index, crs=sites.crs)


def sites_and_cells(sites: gpd.GeoDataFrame, cells: pd.DataFrame, crs: str) -> dict[str, Any]:
    """Return sites and cells as plain records with places in degrees."""
    from pyproj import Transformer

    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(sites.geometry.x.to_numpy(), sites.geometry.y.to_numpy())
    rows = plain_records(pd.DataFrame(sites.drop(columns="geometry")))
    for row, east, north in zip(rows, lon, lat, strict=True):
        row["lon"], row["lat"] = round(float(east), 7), round(float(north), 7)
    wedges = [_rings(shape, to_degrees)[0] for shape in sector_shapes(sites, cells)]
    sectors = plain_records(cells)
    for row, wedge in zip(sectors, wedges, strict=True):
        row["wedge"] = wedge
    return {"sites": rows, "cells": sectors}


def plain_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON-ready values: NaN and NA become None, NumPy numbers plain ones."""
    columns = {str(name): [plain(value) for value in table[name]] for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain(value: Any) -> Any:
    """Return one value as JSON knows it; what is not a number is written as text.

    Examples
    --------
    >>> plain(np.float32(0.5)), plain(float("nan")), plain(pd.NA)
    (0.5, None, None)
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        # seven figures are more than any input has, and keep the page small
        return float(f"{number:.7g}") if np.isfinite(number) else None
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, np.ndarray)):
        return [plain(item) for item in value]
    return str(value)


def _wedge(x: float, y: float, azimuth_deg: float) -> shapely.Polygon:
    half = SECTOR_WIDTH_DEG / 2
    angles = np.radians(np.linspace(azimuth_deg - half, azimuth_deg + half, 9))
    arc = np.stack([x + SECTOR_LENGTH_M * np.sin(angles), y + SECTOR_LENGTH_M * np.cos(angles)], 1)
    return shapely.Polygon([(x, y), *arc.tolist()])


def _cuts(count: int, step: float) -> list[int]:
    tiles = max(1, int(np.ceil(count * step / TILE_M)))
    return [round(count * tile / tiles) for tile in range(tiles + 1)]


def _rings(shape: Any, to_degrees: Transformer) -> list[list[list[float]]]:
    rings = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            lon, lat = to_degrees.transform(*np.asarray(ring.coords)[:, :2].T)
            rings.append(np.round(np.stack([lon, lat], axis=1), 6).tolist())
    return rings


def _steps(xy: NDArray[Any], to_degrees: Transformer, origin: NDArray[Any]) -> NDArray[np.int64]:
    lon, lat = to_degrees.transform(xy[:, 0], xy[:, 1])
    degrees = np.stack([lon, lat], axis=1)
    whole = np.rint((degrees - origin) / DEGREE_STEP).astype(np.int64)
    return np.asarray(whole)


def _origin(area: Area, to_degrees: Transformer) -> NDArray[np.float64]:
    west, south, _, _ = area.boundary.bounds
    return np.round(np.array(to_degrees.transform(west, south)), 4)


def _add_buildings(container: Container, area: Area, to_degrees: Transformer) -> dict[str, Any]:
    """Rings without their closing point; for each building its parts, for each part its rings."""
    table = area.buildings
    parts, owner = shapely.get_parts(table.geometry.to_numpy(), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.r_[ring[1:] != ring[:-1], True] if len(ring) else np.zeros(0, bool)
    origin = _origin(area, to_degrees)
    steps = _steps(points[~last], to_degrees, origin)
    container.add("building_x", deltas(steps[:, 0]))
    container.add("building_y", deltas(steps[:, 1]))
    container.add("building_points", deltas(np.bincount(ring[~last], minlength=len(rings))))
    container.add("building_rings", deltas(np.bincount(part, minlength=len(parts))))
    container.add("building_parts", deltas(np.bincount(owner, minlength=len(table))))
    heights = np.rint(table["height_m"].to_numpy(dtype=float) * 10).astype(np.int64)
    container.add("building_height_dm", deltas(heights))
    container.add("building_floors", deltas(table["floors"].to_numpy(dtype=np.int64)))
    return {"count": len(table), "origin": origin.tolist(), "step": DEGREE_STEP}


def _add_streets(container: Container, area: Area, to_degrees: Transformer) -> dict[str, Any]:
    """Centre lines (or outlines of street areas); tunnels are left out."""
    table = area.streets
    if len(table) and "level" in table:
        table = table[table["level"].fillna(0).astype(int) >= 0]
    shapes = shapely.simplify(table.geometry.to_numpy(), 0.3) if len(table) else np.zeros(0, object)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    filled = shapely.get_type_id(parts) == 3
    lines = np.where(filled, shapely.get_exterior_ring(parts), parts)
    points, line = shapely.get_coordinates(lines, return_index=True)
    steps = _steps(points, to_degrees, _origin(area, to_degrees))
    container.add("street_x", deltas(steps[:, 0]))
    container.add("street_y", deltas(steps[:, 1]))
    container.add("street_points", deltas(np.bincount(line, minlength=len(lines))))
    container.add("street_filled", deltas(filled.astype(int)))
    width = np.nan_to_num(table["width_m"].to_numpy(dtype=float)) if "width_m" in table else 0
    widths = np.broadcast_to(np.clip(np.rint(width), 0, 60), len(table)).astype(int)
    container.add("street_width_m", deltas(widths[owner]))
    names, number = _named(table, owner)
    container.add("street_name", deltas(number))
    return {"count": len(lines), "names": names}


def _named(table: gpd.GeoDataFrame, owner: NDArray[Any]) -> tuple[list[str], NDArray[np.int64]]:
    """Distinct names, and for each line the place of its name plus one; 0 = none."""
    if "name" not in table or not len(table):
        return [], np.zeros(len(owner), dtype=np.int64)
    names = table["name"].fillna("").astype(str)
    codes, distinct = pd.factorize(names.where(names != "", None), sort=True)
    return [str(name) for name in distinct], np.asarray(codes[owner] + 1, dtype=np.int64)


def _add_ground(container: Container, pixels: xr.Dataset) -> None:
    """Ground every other pixel in 0.2 m steps, for the shaded relief and the read-out."""
    ground = pixels["ground_amsl_m"].to_numpy().astype(float)[::2, ::2]
    known = ground[np.isfinite(ground)]
    level = float(np.median(known)) if known.size else 0.0
    steps = np.rint((np.where(np.isfinite(ground), ground, level)) / 0.2).astype(np.int64)
    along = np.diff(steps, axis=1, prepend=0)
    along[1:, 0] = np.diff(steps[:, 0])
    along[0, 0] = steps[0, 0]
    container.add("ground", varints(zigzag(along.ravel())))
    container.head["ground"] = {"shape": list(ground.shape), "every": 2, "step_m": 0.2}


def _add_footprints(container: Container, pixels: xr.Dataset) -> None:
    """Building number of each pixel, 0 = open: where a grid is indoors, and whose it is."""
    container.add("footprint", deltas(pixels["building"].to_numpy().ravel()))
