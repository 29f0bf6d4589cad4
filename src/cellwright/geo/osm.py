"""OpenStreetMap's way of drawing buildings: an outline, and parts of other heights within it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

#: An outline rest smaller than this share is drawing noise.
_REST = 0.02


def only_buildings(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep areas tagged as a building or a part of one, above ground."""
    building = frame["building"].fillna("no").str.lower()
    part = frame["building_part"].fillna("no").str.lower()
    below = frame["location"].fillna("").str.lower().eq("underground")
    nothing = ("no", "construction", "proposed", "demolished", "ruins", "collapsed")
    keep = (~building.isin(nothing) | ~part.isin(nothing)) & ~below
    frame = frame[keep].copy()
    only_part = frame["building"].isna() & frame["building_part"].notna()
    frame["building_part"] = only_part.map({True: "yes", False: None})
    return frame


def split_parts(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut the parts out of their outlines, so that a tower's podium is not as high as the tower.

    A part without height, use or storeys takes its outline's. Parts in no outline stay as they
    are. Dwellings and residents stay with the largest piece.

    References
    ----------
    OpenStreetMap wiki, "Simple 3D Buildings": the outline is not drawn where it has parts.
    """
    part = table["part"].to_numpy(dtype=bool)
    if not part.any():
        return table.drop(columns=["part", "min_height_m"])
    parts, outlines = table[part].copy(), table[~part].copy()
    owner = _owners(parts, outlines)
    for name in ("height_m", "floors", "use", "year"):
        own, lent = parts[name].to_numpy(), _lent(outlines[name].to_numpy(), owner)
        says = pd.notna(own) & (own != "unknown")
        parts[name] = np.where(says, own, np.where(pd.notna(lent), lent, own))
    outlines["geometry"] = _rests(outlines, parts, owner)
    whole = outlines[~shapely.is_empty(outlines.geometry.to_numpy())]
    gone = outlines[shapely.is_empty(outlines.geometry.to_numpy())]
    _hand_over(parts, gone, outlines, owner)
    result = pd.concat([whole, parts]).sort_index(kind="stable")
    result["floors"] = result["floors"].astype(float)
    result["height_m"] = result["height_m"].astype(float)
    result["year"] = result["year"].astype(float)
    return gpd.GeoDataFrame(result, crs=table.crs).drop(columns=["part", "min_height_m"])


def _owners(parts: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """Return the position of the outline every part lies in; -1 for none."""
    owner = np.full(len(parts), -1, dtype=np.intp)
    if not len(outlines):
        return owner
    inner = shapely.point_on_surface(parts.geometry.to_numpy())
    item, outline = shapely.STRtree(outlines.geometry.to_numpy()).query(inner, "intersects")
    owner[item] = outline
    return owner


def _lent(values: NDArray[Any], owner: NDArray[np.intp]) -> NDArray[Any]:
    if not len(values):
        return np.full(owner.shape, np.nan, dtype=object)
    lent = values[owner].astype(object)
    lent[owner < 0] = None
    return lent


def _rests(
    outlines: gpd.GeoDataFrame, parts: gpd.GeoDataFrame, owner: NDArray[np.intp]
) -> NDArray[Any]:
    """Return the outlines without their parts; empty where hardly anything is left."""
    shapes: NDArray[Any] = outlines.geometry.to_numpy().copy()
    pieces = parts.geometry.to_numpy()
    for outline in np.unique(owner[owner >= 0]):
        cover = shapely.union_all(pieces[owner == outline])
        rest = shapely.difference(shapes[outline], cover)
        kept = [p for p in shapely.get_parts(rest) if shapely.get_dimensions(p) == 2]
        rest = shapely.union_all(kept) if kept else shapely.Polygon()
        small = shapely.area(rest) < _REST * shapely.area(shapes[outline])
        shapes[outline] = shapely.Polygon() if small else rest
    return shapes


def _hand_over(
    parts: gpd.GeoDataFrame,
    gone: gpd.GeoDataFrame,
    outlines: gpd.GeoDataFrame,
    owner: NDArray[np.intp],
) -> None:
    """Give an outline's dwellings and residents to its largest part when nothing of it is left."""
    area = shapely.area(parts.geometry.to_numpy())
    place = {row: position for position, row in enumerate(outlines.index)}
    for row, outline in gone.iterrows():
        mine = np.flatnonzero(owner == place[row])
        largest = parts.index[mine[np.argmax(area[mine])]]
        for name in ("dwellings", "residents"):
            if pd.notna(outline[name]):
                parts.loc[largest, name] = outline[name]
