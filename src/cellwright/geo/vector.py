"""Open a vector file of the user, whatever its format, and say what is wrong with it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from ..errors import Faults, InputError, did_you_mean, shown_path
from .columns import numbers
from .crs import Bounds, check_coordinates, crs_of, transform_bounds
from .inputs import Role, Source

#: Words that tell which layer of a file is meant.
_LAYER_WORDS: dict[str, tuple[str, ...]] = {
    "buildings": ("building", "batiment", "bati", "gebaeude", "footprint", "здан"),
    "streets": ("street", "road", "highway", "troncon", "strasse", "улиц", "дорог"),
    "population": ("population", "people", "residents", "grid"),
    "boundary": ("boundary", "border", "limit", "district", "area"),
}
_OSM_LAYERS = {
    "buildings": "multipolygons",
    "streets": "lines",
    "population": "points",
    "boundary": "multipolygons",
}
_OSM_CONF = Path(__file__).with_name("osmconf.ini")
_OSM_ATTRIBUTION = "(C) OpenStreetMap contributors, ODbL 1.0"
#: Above this many features a given boundary is used to read only what lies near it.
_MANY = 50_000


def is_osm(path: Path) -> bool:
    """Tell whether a file is raw OpenStreetMap data.

    Examples
    --------
    >>> is_osm(Path("Helsinki.osm.pbf")), is_osm(Path("roads.gpkg"))
    (True, False)
    """
    return path.suffix.lower() in (".pbf", ".osm") or path.name.lower().endswith(".osm.bz2")


def attribution_of(source: Source) -> str:
    """Return the words to print for a source: what the user stated, or OpenStreetMap's."""
    return source.attribution or (_OSM_ATTRIBUTION if is_osm(source.path) else "")


def file_there(source: Source, role: Role, faults: Faults) -> bool:
    """Note a missing or empty file; True if it can be opened."""
    path, shown = source.path, shown_path(source.path)
    if not path.exists():
        near = path.parent.iterdir() if path.parent.is_dir() else ()
        hint = did_you_mean(path.name, [item.name for item in near if item.is_file()])
        cure = hint if hint.startswith("Did") else "Correct the path."
        faults.error(f"{role}.missing-file", "there is no such file.", cure, file=shown)
        return False
    if path.is_file() and path.stat().st_size == 0:
        cure = "Export it again."
        faults.error(f"{role}.empty-file", "the file is empty (0 bytes).", cure, file=shown)
        return False
    return True


def read_vector(
    source: Source, role: Role, faults: Faults, near: tuple[Any, Bounds] | None = None
) -> gpd.GeoDataFrame | None:
    """Read a vector layer with its CRS; the index is the row as a user counts it, from 1.

    Parameters
    ----------
    source : Source
        File, layer, CRS and encoding.
    role : str
        What the layer is for; names the faults.
    faults : Faults
        Takes what is wrong.
    near : (CRS, bounds), optional
        Only what touches this box is needed.

    Returns
    -------
    GeoDataFrame or None
        None if the layer cannot be used; the faults say why.
    """
    if not file_there(source, role, faults):
        return None
    file = shown_path(source.path)
    if source.path.suffix.lower() in (".csv", ".txt", ".tsv"):
        frame = _read_csv(source, role, faults)
    else:
        layer = _choose_layer(source, role, faults)
        frame = _read(source, layer, role, faults, near) if layer else None
    if frame is None:
        return None
    if frame.empty:
        cure = "Is it the right file and layer?"
        faults.error(f"{role}.empty", "the layer holds no features.", cure, file=file)
        return None
    _check_text(frame, source, role, faults)
    frame = _drop_empty(frame, role, file, faults)
    return _with_crs(frame, source, role, faults) if len(frame) else None


def _choose_layer(source: Source, role: Role, faults: Faults) -> str | None:
    file = shown_path(source.path)
    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(source.path)]
    except Exception as error:
        faults.error(
            f"{role}.unreadable",
            f"GDAL cannot read it ({_short(error)}).",
            "Give a GeoPackage, Shapefile, GeoJSON, FlatGeobuf or OSM file"
            + ("; a Shapefile needs its .shx and .dbf beside it." if _is_shp(source) else "."),
            file=file,
        )
        return None
    if source.layer is not None:
        if source.layer in layers:
            return source.layer
        cure = did_you_mean(source.layer, layers)
        faults.error(f"{role}.missing-layer", f'no layer "{source.layer}".', cure, file=file)
        return None
    if is_osm(source.path):
        return _OSM_LAYERS[role]
    if len(layers) == 1:
        return layers[0]
    meant = [name for name in layers if any(w in name.lower() for w in _LAYER_WORDS[role])]
    if len(meant) == 1:
        return meant[0]
    faults.error(
        f"{role}.which-layer",
        f"the file holds {len(layers)} layers: {', '.join(layers) or 'none'}.",
        f'Name the one with the {role}: layer = "...".',
        file=file,
    )
    return None


def _is_shp(source: Source) -> bool:
    return source.path.suffix.lower() == ".shp"


def _short(error: Exception) -> str:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    first = first.partition("; It might help")[0]
    return first.replace(str(Path.cwd()) + "/", "")[:200].rstrip(". ;")


def _read(
    source: Source, layer: str, role: Role, faults: Faults, near: tuple[Any, Bounds] | None
) -> gpd.GeoDataFrame | None:
    # rings too broken to be a shape come back empty and are counted as such
    options: dict[str, Any] = {"layer": layer, "on_invalid": "ignore"}
    if is_osm(source.path):
        options |= {"CONFIG_FILE": str(_OSM_CONF), "use_arrow": False}
    elif source.encoding:
        options["encoding"] = source.encoding
    try:
        box = _box_filter(source, layer, near)
        if box is not None:
            options |= {"bbox": box, "fid_as_index": True}
        with warnings.catch_warnings():  # what GDAL grumbles about is checked below, with rows
            warnings.simplefilter("ignore", RuntimeWarning)
            frame = pyogrio.read_dataframe(source.path, **options)
    except UnicodeDecodeError:
        faults.error(
            f"{role}.encoding",
            f"its text is not {source.encoding or 'in the encoding it states'}.",
            'Name the encoding of the file, such as encoding = "cp1252" or "cp1251".',
            file=shown_path(source.path),
        )
        return None
    except LookupError as error:
        message = f"{_short(error)}."
        shown = shown_path(source.path)
        faults.error(f"{role}.encoding", message, "Use utf-8, cp1252, cp1251, ...", file=shown)
        return None
    except Exception as error:
        message = f"GDAL cannot read it ({_short(error)})."
        cure = "It looks damaged or cut short; fetch or export it again."
        faults.error(f"{role}.unreadable", message, cure, file=shown_path(source.path))
        return None
    return _count_rows(frame, source, box is not None)


def _box_filter(source: Source, layer: str, near: tuple[Any, Bounds] | None) -> Bounds | None:
    if near is None or is_osm(source.path):
        return None
    info = pyogrio.read_info(source.path, layer=layer)
    stated = source.crs or info["crs"]
    if info["features"] < _MANY or not stated:
        return None
    return transform_bounds(near[0], crs_of(stated), near[1])


def _count_rows(frame: Any, source: Source, by_fid: bool) -> gpd.GeoDataFrame:
    if "geometry" not in frame or not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame))
    if by_fid:  # GeoPackage and databases count from 1, the others from 0
        counted = source.path.suffix.lower() in (".gpkg", ".sqlite", ".gdb")
        frame.index = frame.index + (0 if counted else 1)
    else:
        frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def _read_csv(source: Source, role: Role, faults: Faults) -> gpd.GeoDataFrame | None:
    file = shown_path(source.path)
    try:
        table = pd.read_csv(
            source.path, sep=None, engine="python", encoding=source.encoding or "utf-8-sig"
        )
    except UnicodeDecodeError:
        cure = 'Name the encoding of the file, such as encoding = "cp1252" or "cp1251".'
        faults.error(f"{role}.encoding", "its text is not UTF-8.", cure, file=file)
        return None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, LookupError) as error:
        faults.error(f"{role}.unreadable", f"not a table ({_short(error)}).", file=file)
        return None
    plain = {str(name).strip().lower(): name for name in reversed(table.columns)}
    for x, y in (
        ("lon", "lat"),
        ("longitude", "latitude"),
        ("lng", "lat"),
        ("x", "y"),
        ("x_m", "y_m"),
        ("easting", "northing"),
        ("east", "north"),
    ):
        if x in plain and y in plain:
            points = shapely.points(
                *(numbers(table[plain[c]]) for c in (x, y))  # decimal commas too
            )
            crs = "EPSG:4326" if x.startswith("l") else None
            table.index = pd.RangeIndex(2, len(table) + 2)  # line 1 is the header
            points[~np.isfinite(shapely.get_coordinates(points)).all(axis=1)] = None
            return gpd.GeoDataFrame(table, geometry=points, crs=crs)
    faults.error(
        f"{role}.no-coordinates",
        f"no coordinates among its columns ({', '.join(map(str, table.columns))}).",
        "Name two columns lon and lat, or x and y with a crs.",
        file=file,
    )
    return None


def _check_text(frame: gpd.GeoDataFrame, source: Source, role: Role, faults: Faults) -> None:
    """Warn where UTF-8 text was read as Latin-1, which shows as pairs like "Ã©" and "Ð°"."""
    texts = frame.select_dtypes(include=["object", "string"])
    for name in texts.columns:
        values = frame[name].dropna().astype(str)
        broken = values.str.contains("\ufffd|[ÃÂÐÑ][\u0080-\u00bf]", regex=True)
        if broken.any():
            faults.warn(
                f"{role}.encoding",
                f'column {name}: text looks decoded wrongly ("{values[broken].iloc[0][:40]}").',
                'Name the encoding of the file, such as encoding = "utf-8".',
                file=shown_path(source.path),
                row=int(values.index[broken][0]),
                count=int(broken.sum()),
            )


def _drop_empty(frame: gpd.GeoDataFrame, role: Role, file: str, faults: Faults) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy()
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if bad.all():
        cure = "Are the coordinates filled and plain numbers?"
        faults.error(f"{role}.no-shapes", "not one feature has a shape.", cure, file=file)
    elif bad.any():
        faults.warn(
            f"{role}.empty-shapes",
            f"{bad.sum()} features have no shape and are left out.",
            file=file,
            row=int(frame.index[bad][0]),
            count=int(bad.sum()),
        )
    frame = frame.loc[~bad].copy()
    frame = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs)
    return frame


def _with_crs(
    frame: gpd.GeoDataFrame, source: Source, role: Role, faults: Faults
) -> gpd.GeoDataFrame | None:
    file = shown_path(source.path)
    bounds: Bounds = tuple(float(value) for value in frame.total_bounds)  # type: ignore[assignment]
    try:
        crs = crs_of(source.crs) if source.crs else (frame.crs and crs_of(frame.crs))
    except InputError as error:
        faults.error(f"{role}.unknown-crs", str(error), file=file)
        return None
    if not crs:
        looks = max(map(abs, bounds)) <= 180.0
        guess = (
            'They look like degrees: crs = "EPSG:4326".'
            if looks
            else ('State the one the file was made in: crs = "EPSG:...".')
        )
        where = f"x {bounds[0]:.6g} to {bounds[2]:.6g}, y {bounds[1]:.6g} to {bounds[3]:.6g}"
        faults.error(
            f"{role}.no-crs", f"the file states no CRS; coordinates {where}.", guess, file=file
        )
        return None
    frame = frame.set_crs(crs, allow_override=True)
    return frame if check_coordinates(crs, bounds, role, file, faults) else None
