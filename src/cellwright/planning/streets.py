"""Points along kerbs, from centre lines with a width or from street surfaces."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

FloatArray = NDArray[np.float64]

#: A place for a pole is looked for every so many metres of kerb [m].
STEP_M = 20.0
#: Street within this distance counts for a place: crossings have more of it than blocks [m].
AROUND_M = 60.0
_POLYGON, _LINES = 3, (1, 2)


def pole_points(streets: gpd.GeoDataFrame, kerb_m: float) -> pd.DataFrame:
    """Return places for poles beside streets, scored by how much street lies around them.

    Parameters
    ----------
    streets : GeoDataFrame
        ``width_m`` and ``geometry``: centre lines, or surfaces as polygons.
    kerb_m : float
        Pole beyond the edge of the carriageway [m].

    Returns
    -------
    DataFrame
        ``x_m``, ``y_m``, ``score`` [m of kerb within `AROUND_M`]. Centre lines give both sides.
    """
    shapes = streets.geometry.to_numpy()
    kind = shapely.get_type_id(shapes)
    lines = np.isin(kind, _LINES)
    points = [_beside(shapes[lines], streets["width_m"].to_numpy(dtype=float)[lines], kerb_m)]
    surfaces = shapes[kind == _POLYGON]
    if len(surfaces):
        points.append(_around(surfaces, kerb_m))
    places = np.concatenate(points)
    if len(places) == 0:
        return pd.DataFrame(columns=["x_m", "y_m", "score"], dtype=float)
    count = cKDTree(places).query_ball_point(places, AROUND_M, return_length=True)
    return pd.DataFrame({"x_m": places[:, 0], "y_m": places[:, 1], "score": count * STEP_M}).astype(
        float
    )


def _along(lines: Any) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Points at even steps along lines, the unit vector there, and the line of each."""
    lengths = shapely.length(lines)
    steps = np.maximum(1, np.round(lengths / STEP_M)).astype(int)
    line = np.repeat(np.arange(len(lines)), steps)
    number = np.arange(len(line)) - np.repeat(np.cumsum(steps) - steps, steps)
    place = (number + 0.5) / steps[line] * lengths[line]
    here = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], place))
    ahead = np.minimum(place + 0.5, lengths[line])
    behind = np.maximum(place - 0.5, 0.0)
    step = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], ahead))
    step = step - shapely.get_coordinates(shapely.line_interpolate_point(lines[line], behind))
    length = np.hypot(step[:, 0], step[:, 1])
    return here, step / np.where(length > 0, length, 1.0)[:, None], line


def _beside(lines: Any, width_m: FloatArray, kerb_m: float) -> FloatArray:
    """Both kerbs of centre lines."""
    lines = lines.copy()
    if len(lines) == 0:
        return np.empty((0, 2))
    here, along, line = _along(lines)
    across = np.column_stack([along[:, 1], -along[:, 0]])
    offset = (np.nan_to_num(width_m, nan=5.0)[line] / 2 + kerb_m)[:, None]
    return np.concatenate([here + across * offset, here - across * offset])


def _around(surfaces: Any, kerb_m: float) -> FloatArray:
    """The outlines of street surfaces, joined where they touch."""
    whole = shapely.buffer(shapely.union_all(surfaces), kerb_m, join_style="mitre")
    rings = shapely.get_rings(shapely.get_parts(whole))
    return _along(rings)[0] if len(rings) else np.empty((0, 2))
