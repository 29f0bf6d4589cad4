"""What is planned and counted: the user's boundary, else the hull of the buildings."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ..errors import Faults, shown_path
from .crs import Bounds, crs_name, distance_m
from .inputs import Source


def boundary_shape(frame: gpd.GeoDataFrame, source: Source, faults: Faults) -> Any | None:
    """Return the user's boundary as one valid (multi)polygon; closed lines are filled."""
    file = shown_path(source.path)
    if "boundary" in frame.columns and "place" in frame.columns:  # OSM: not every area is one
        frame = frame[frame["boundary"].notna() | frame["place"].notna()]
    shapes = frame.geometry.to_numpy()
    kind = shapely.get_dimensions(shapes)
    polygons = shapely.make_valid(shapes[kind == 2])
    if not len(polygons):
        rings = shapely.polygonize(list(shapely.get_parts(shapes[kind == 1])))
        polygons = shapely.get_parts(rings)
    shape = shapely.union_all(
        [p for p in shapely.get_parts(polygons) if shapely.get_dimensions(p) == 2]
    )
    if shape.is_empty:
        faults.error(
            "boundary.not-a-polygon",
            "the boundary has no area.",
            "Give a polygon, or a closed line.",
            file=file,
        )
        return None
    return shape


def check_overlap(boundary: Any, buildings: gpd.GeoDataFrame, file: str, faults: Faults) -> bool:
    """Note a boundary with not one building in it; True if there are some."""
    if shapely.intersects(buildings.geometry.to_numpy(), boundary).any():
        return True
    box: Bounds = tuple(buildings.total_bounds)
    away = distance_m(buildings.crs, box, boundary.bounds) / 1000.0
    faults.error(
        "boundary.no-overlap",
        f"not one building stands inside the boundary; its middle is {away:.1f} km from theirs "
        f"({crs_name(buildings.crs)}).",
        "Are both of the same place and in the CRS they state?",
        file=file,
    )
    return False


def check_far_away(buildings: gpd.GeoDataFrame, file: str, faults: Faults) -> None:
    """Note single buildings far from all others: one wrong coordinate makes the map huge."""
    centre = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy()))
    away = np.hypot(*(centre - np.median(centre, axis=0)).T)
    far = (away > 5_000.0) & (away > 10.0 * np.percentile(away, 95))
    for row, distance in zip(buildings.index[far], away[far], strict=True):
        faults.error(
            "buildings.far-away",
            f"this building stands {distance / 1000:.0f} km from the others.",
            "Correct or remove it, or give a boundary.",
            file=file,
            row=int(row),
        )


def hull_of(buildings: gpd.GeoDataFrame) -> Any:
    """Return the convex hull of the buildings."""
    return shapely.convex_hull(
        shapely.multipoints(
            shapely.get_coordinates(shapely.convex_hull(buildings.geometry.to_numpy()))
        )
    )


def map_bounds(boundary: Any, buildings: gpd.GeoDataFrame, margin_m: float, given: bool) -> Bounds:
    """Return the box of the map: the boundary and a margin of what stands around it, if known."""
    inner = np.array(boundary.bounds)
    if not given:
        return tuple(inner.tolist())
    wide = np.array(shapely.buffer(boundary, margin_m).bounds)
    known = np.array(buildings.total_bounds)
    west, south = np.minimum(inner[:2], np.maximum(wide[:2], known[:2]))
    east, north = np.maximum(inner[2:], np.minimum(wide[2:], known[2:]))
    return (float(west), float(south), float(east), float(north))
