"""Street centre lines (or surfaces) in Cellwright's own columns."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..errors import Faults, shown_path
from .columns import STREET_COLUMNS, match_columns, numbers
from .inputs import Source

_LANE_M = 3.0
_DEFAULT_WIDTH_M = 5.0
_FOOT_WIDTH_M = 2.0
_FOOT = (
    "footway",
    "path",
    "steps",
    "cycleway",
    "pedestrian",
    "track",
    "sentier",
    "escalier",
    "chemin",
    "bridleway",
)
_NOT_STREETS = (
    "ferry",
    "bac ou liaison maritime",
    "construction",
    "proposed",
    "abandoned",
    "razed",
    "platform",
    "elevator",
)
_COLUMNS = ["street_id", "name", "kind", "width_m", "level", "geometry"]
_LINE, _POLYGON, _RING = 1, 3, 2


def empty_streets(crs: Any) -> gpd.GeoDataFrame:
    """Return a table of no streets."""
    frame = gpd.GeoDataFrame({name: [] for name in _COLUMNS[:-1]}, geometry=[], crs=crs)
    return frame.astype({"street_id": str, "width_m": float, "level": "int8"})


def make_streets(frame: gpd.GeoDataFrame, source: Source, faults: Faults) -> gpd.GeoDataFrame:
    """Return the streets in Cellwright's columns, one line or polygon per row.

    Parameters
    ----------
    frame : GeoDataFrame
        As read, in the district's CRS.
    source : Source
        Names the file and its column mapping.
    """
    file = shown_path(source.path)
    found = match_columns(frame, STREET_COLUMNS, source.columns, faults, "streets", file)
    kind = _text(frame, found.get("kind"))
    if "highway" in frame.columns and found.get("kind") == "highway":
        frame, kind = frame[kind != ""], kind[kind != ""]
    keep = ~kind.str.lower().isin(_NOT_STREETS)
    frame, kind = frame[keep], kind[keep]
    rows = pd.Series(frame.index.astype(str), index=frame.index)
    ids = _text(frame, found.get("street_id")).str.removesuffix(".0")
    result = gpd.GeoDataFrame(
        {
            "street_id": ids.where(ids != "", rows),
            "name": _text(frame, found.get("name")),
            "kind": kind,
            "width_m": _width(frame, found, kind),
            "level": _level(frame, found),
        },
        geometry=frame.geometry,
        crs=frame.crs,
    )
    return _single_parts(result, file, faults)


def _text(frame: gpd.GeoDataFrame, name: str | None) -> pd.Series[Any]:
    if name is None:
        return pd.Series("", index=frame.index, dtype=object)
    values: pd.Series[Any] = frame[name].astype("string").fillna("").astype(object)
    return values


def _width(frame: gpd.GeoDataFrame, found: dict[str, str], kind: pd.Series[Any]) -> pd.Series[Any]:
    width = pd.Series(np.nan, index=frame.index)
    if "width_m" in found:
        width = numbers(frame[found["width_m"]])
    if "lanes" in found:
        lanes = numbers(frame[found["lanes"]])
        width = width.where(width > 0, lanes * _LANE_M)
    foot = kind.str.lower().isin(_FOOT)
    default = np.where(foot, _FOOT_WIDTH_M, _DEFAULT_WIDTH_M)
    return width.where((width > 0) & (width < 200), default)


def _level(frame: gpd.GeoDataFrame, found: dict[str, str]) -> pd.Series[Any]:
    level = pd.Series(0.0, index=frame.index)
    if "level" in found:
        level = numbers(frame[found["level"]]).fillna(0.0)
    for name, value in (("bridge", 1.0), ("tunnel", -1.0)):
        if name in found:
            said = ~_text(frame, found[name]).str.lower().isin(["", "no", "0", "false"])
            level = level.where(~(said & (level == 0)), value)
    return level.clip(-1, 1).round().astype("int8")


def _single_parts(frame: gpd.GeoDataFrame, file: str, faults: Faults) -> gpd.GeoDataFrame:
    parts = frame.explode(index_parts=False)
    kind = shapely.get_type_id(parts.geometry.to_numpy())
    keep = np.isin(kind, (_LINE, _POLYGON, _RING)) & ~parts.geometry.is_empty.to_numpy()
    if not keep.all():
        faults.warn(
            "streets.not-lines",
            f"{(~keep).sum()} shapes are neither lines nor polygons and are left out.",
            file=file,
            row=int(parts.index[~keep][0]) if (~keep).any() else None,
            count=int((~keep).sum()),
        )
    parts = parts[keep]
    shapes = parts.geometry.to_numpy().copy()
    bad = ~shapely.is_valid(shapes) & (shapely.get_type_id(shapes) == _POLYGON)
    shapes[bad] = shapely.buffer(shapes[bad], 0.0)
    parts = parts.set_geometry(shapes, crs=frame.crs)
    again = parts.groupby("street_id").cumcount()
    parts["street_id"] = parts["street_id"].where(
        again == 0, parts["street_id"] + "/" + (again + 1).astype(str)
    )
    return parts[_COLUMNS].reset_index(drop=True)


def clip_streets(streets: gpd.GeoDataFrame, bounds: Any) -> gpd.GeoDataFrame:
    """Return the streets that touch the box, whole."""
    return streets.cx[bounds[0] : bounds[2], bounds[1] : bounds[3]].reset_index(drop=True)
