"""Footprints and their facts: cleaned, checked, and in Cellwright's own columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ..errors import Faults, shown_path
from .columns import BUILDING_COLUMNS, match_columns, numbers, unread
from .inputs import Source

#: Lowest shed and tallest building (Burj Khalifa is 828 m) that are believed [m].
HEIGHT_RANGE_M = (0.5, 850.0)
#: Numbers that mean "unknown" in other people's tables.
SENTINELS = (-1.0, -99.0, -999.0, -9999.0, -32768.0, -99999.0, 9999.0, 99999.0)
#: Faults shown row by row; the rest are counted together.
_SHOWN_ROWS = 10
_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7

#: Words for a building's use in OpenStreetMap, BD TOPO and other tables -> Cellwright's word.
_USE_OF = dict(
    pd.read_csv(Path(__file__).with_name("building_uses.csv"), encoding="utf-8").to_numpy().tolist()
)
_NO_USE = ("", "yes", "building", "nan", "none", "indifférencié", "unclassified", "other")


def plain_use(values: pd.Series[Any]) -> pd.Series[Any]:
    """Bring a building's use to one word; what says nothing becomes "unknown".

    Examples
    --------
    >>> plain_use(pd.Series(["apartments", "yes", None, "Commercial et services"])).tolist()
    ['residential', 'unknown', 'unknown', 'commercial']
    """
    text = values.astype("string").str.strip().str.lower().str.replace(r"[\s-]+", "_", regex=True)
    known = text.map(_USE_OF)
    nothing = text.isna() | text.isin(_NO_USE)
    return known.where(known.notna(), text.where(~nothing, "unknown")).astype(object)


def read_columns(
    frame: gpd.GeoDataFrame, source: Source, faults: Faults
) -> gpd.GeoDataFrame | None:
    """Return the buildings in Cellwright's columns; NaN where the file says nothing."""
    file = shown_path(source.path)
    found = match_columns(frame, BUILDING_COLUMNS, source.columns, faults, "buildings", file)
    result = gpd.GeoDataFrame(index=frame.index, geometry=frame.geometry, crs=frame.crs)
    for name in ("height_m", "floors", "dwellings", "residents", "year", "min_height_m"):
        result[name] = _number(frame, found.get(name), name, file, faults)
    result["use"] = _text(frame, found.get("use")).pipe(plain_use)
    result["part"] = _text(frame, found.get("part")).isin(["yes", "roof", "base", "true", "1"])
    result["building_id"] = _ids(frame, found.get("building_id"), file, faults)
    result["height_m"] = _check_heights(result["height_m"], file, faults)
    for name, most in (("floors", 200), ("dwellings", 1e5), ("residents", 1e6)):
        result[name] = _check_counts(result[name], name, most, file, faults)
    return result


def _text(frame: gpd.GeoDataFrame, name: str | None) -> pd.Series[Any]:
    if name is None:
        return pd.Series(pd.NA, index=frame.index, dtype="string")
    values: pd.Series[Any] = frame[name].astype("string")
    return values


def _number(
    frame: gpd.GeoDataFrame, name: str | None, ours: str, file: str, faults: Faults
) -> pd.Series[Any]:
    if name is None:
        return pd.Series(np.nan, index=frame.index)
    if ours == "year":
        return _years(frame[name])
    values = numbers(frame[name])
    lost = unread(frame[name], values)
    if lost.any():
        faults.warn(
            f"buildings.{ours}-text",
            f'{name}: "{frame[name][lost].iloc[0]}" is not a number; taken as unknown.',
            file=file,
            row=int(frame.index[lost][0]),
            count=int(lost.sum()),
        )
    sentinel = values.isin(SENTINELS) | (values.abs() > 1e20)
    if sentinel.any():
        faults.warn(
            f"buildings.{ours}-nodata",
            f"{name}: {values[sentinel].iloc[0]:g} means unknown and is taken as such.",
            file=file,
            row=int(frame.index[sentinel][0]),
            count=int(sentinel.sum()),
        )
    in_feet = name.lower().endswith("_ft")
    return values.where(~sentinel) * (0.3048 if in_feet else 1.0)


def _years(values: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(values):
        year = values.astype("float64")
    elif pd.api.types.is_datetime64_any_dtype(values):
        year = values.dt.year.astype("float64")
    else:
        year = values.astype("string").str.extract(r"(\d{4})")[0].astype("float64")
    return year.where((year >= 1000) & (year <= 2100))


def _ids(frame: gpd.GeoDataFrame, name: str | None, file: str, faults: Faults) -> pd.Series[Any]:
    rows = pd.Series(frame.index.astype(str), index=frame.index)
    if {"osm_id", "osm_way_id"} <= set(frame.columns):
        relation, way = frame["osm_id"], frame["osm_way_id"]
        ids: pd.Series[Any] = "way/" + way.astype("string")
        return ids.fillna("relation/" + relation.astype("string"))
    if name is None:
        return rows
    text: pd.Series[Any] = frame[name].astype("string").str.removesuffix(".0").fillna("")
    text = text.where(text != "", "row-" + rows)
    twice = text.duplicated()
    if twice.any():
        faults.warn(
            "buildings.duplicate-id",
            f'{name} "{text[twice].iloc[0]}" is not the only one; its row number is added.',
            file=file,
            row=int(frame.index[twice][0]),
            count=int(twice.sum()),
        )
    return text.where(~twice, text + "-" + rows).astype(object)


def _check_heights(height: pd.Series[Any], file: str, faults: Faults) -> pd.Series[Any]:
    zero = height == 0
    if zero.any():
        faults.warn(
            "buildings.height-zero",
            "height 0 m is taken as unknown.",
            file=file,
            row=int(height.index[zero][0]),
            count=int(zero.sum()),
        )
    low, high = HEIGHT_RANGE_M
    height = height.where(~zero)
    wrong = height.notna() & ~height.between(low, high)
    shown = height[wrong].head(_SHOWN_ROWS)
    for row, value in zip(shown.index.to_list(), shown.to_list(), strict=True):
        cure = "Is it in centimetres?" if value > high else "Leave it empty where unknown."
        faults.error(
            "buildings.height-range",
            f"height is {value:g} m; buildings stand {low:g} to {high:g} m above ground.",
            cure,
            file=file,
            row=int(row),
        )
    more = int(wrong.sum()) - _SHOWN_ROWS
    if more > 0:
        message = f"{more} more heights are outside {low:g} to {high:g} m."
        faults.error("buildings.height-range", message, file=file, count=more)
    return height.where(~wrong)


def _check_counts(
    values: pd.Series[Any], name: str, most: float, file: str, faults: Faults
) -> pd.Series[Any]:
    wrong = values.notna() & ~values.between(0, most)
    if wrong.any():
        faults.warn(
            f"buildings.{name}-range",
            f"{name} is {values[wrong].iloc[0]:g}, not 0 to {most:g}; taken as unknown.",
            file=file,
            row=int(values.index[wrong][0]),
            count=int(wrong.sum()),
        )
    return values.where(~wrong)


def clean_footprints(frame: gpd.GeoDataFrame, file: str, faults: Faults) -> gpd.GeoDataFrame:
    """Return valid, open-courtyard, unique polygons; what was mended is a warning.

    Parameters
    ----------
    frame : GeoDataFrame
        Buildings in a projected CRS; index = row.
    """
    frame = _mend(frame, file, faults)
    frame = _only_polygons(frame, file, faults)
    return _drop_duplicates(frame, file, faults) if len(frame) else frame


def _mend(frame: gpd.GeoDataFrame, file: str, faults: Faults) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy().copy()
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return frame
    reason = shapely.is_valid_reason(shapes[bad][:1])[0].split("[")[0].strip()
    faults.warn(
        "buildings.invalid-footprint",
        f"{bad.sum()} footprints are not simple polygons ({reason}); repaired.",
        file=file,
        row=int(frame.index[bad][0]),
        count=int(bad.sum()),
    )
    shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    return frame.set_geometry(shapes, crs=frame.crs)


def _only_polygons(frame: gpd.GeoDataFrame, file: str, faults: Faults) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy().copy()
    kind = shapely.get_type_id(shapes)
    mixed = np.flatnonzero(kind == _COLLECTION)
    for item in mixed:
        shapes[item] = polygons_of(shapes[item])
    area = shapely.area(shapes)
    keep = np.isin(shapely.get_type_id(shapes), (_POLYGON, _MULTIPOLYGON)) & (area > 0.001)
    if not keep.any():
        faults.error(
            "buildings.not-polygons",
            "not one shape is a polygon with an area.",
            "Buildings are needed as footprints; points and lines do not stand in the way.",
            file=file,
        )
    elif not keep.all():
        faults.warn(
            "buildings.not-polygons",
            f"{(~keep).sum()} shapes are no polygons or have no area and are left out.",
            file=file,
            row=int(frame.index[~keep][0]),
            count=int((~keep).sum()),
        )
    return frame.set_geometry(shapes, crs=frame.crs).loc[keep]


def polygons_of(shape: Any) -> Any:
    """Return the polygons of a mixed collection as one shape (empty where there are none)."""
    parts = shapely.get_parts(shapely.get_parts(np.atleast_1d(shape)))
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (_POLYGON, _MULTIPOLYGON))])


def _drop_duplicates(frame: gpd.GeoDataFrame, file: str, faults: Faults) -> gpd.GeoDataFrame:
    keys = pd.Series(_shape_keys(frame.geometry.to_numpy()), index=frame.index)
    best = frame["height_m"].fillna(-1.0).sort_values(ascending=False, kind="stable").index
    twice = keys.loc[best].duplicated().reindex(frame.index)
    if twice.any():
        faults.warn(
            "buildings.duplicate-footprint",
            f"{twice.sum()} footprints are there twice; the taller one is kept.",
            file=file,
            row=int(frame.index[twice][0]),
            count=int(twice.sum()),
        )
    return frame.loc[~twice]


def _shape_keys(shapes: NDArray[Any]) -> NDArray[Any]:
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, 1))
    return np.asarray(shapely.to_wkb(shapely.normalize(rounded)), dtype=object)
