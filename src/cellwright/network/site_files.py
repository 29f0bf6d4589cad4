"""Reading site lists from disk: CSV in its dialects, XLSX and vector formats, as raw records."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from cellwright.errors import Faults, shown_path

#: Key of each raw record: its row in the file as a person counts it (the header is row 1).
ROW = "__row__"
TABLE_SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm")
_KML_FIELDS = ["tessellate", "extrude", "visibility", "drawOrder", "altitudeMode"]
_POINT = 0  # shapely's number of the type
MAP_SUFFIXES = (".gpkg", ".geojson", ".json", ".kml", ".shp", ".fgb")


def read_raw(
    path: Path,
    layer: str | None,
    faults: Faults,
    stated_crs: Any = None,
    encoding: str | None = None,
) -> tuple[pd.DataFrame, Any]:
    """Read a file as text and numbers, without judging them.

    A CRS or an encoding that the user states overrules what the file says.

    Returns
    -------
    DataFrame
        One row per record with column `ROW`; vector formats have ``x_geometry, y_geometry``.
    CRS or None
        CRS of these two.
    """
    shown = shown_path(path)
    suffix = path.suffix.lower()
    empty = pd.DataFrame({ROW: pd.Series(dtype="int64")})
    if not path.is_file():
        what = "this is a folder." if path.is_dir() else "there is no such file."
        faults.error("sites.no-file", what, "Check the path.", file=shown)
        return empty, None
    if suffix not in TABLE_SUFFIXES + MAP_SUFFIXES:
        allowed = ", ".join(TABLE_SUFFIXES + MAP_SUFFIXES)
        faults.error(
            "sites.format",
            f'files ending in "{suffix}" cannot be read; allowed: {allowed}.',
            file=shown,
        )
        return empty, None
    if path.stat().st_size == 0:
        faults.error("sites.empty", "the file is empty.", "Write a header and rows.", file=shown)
        return empty, None
    try:
        if suffix in MAP_SUFFIXES:
            return _read_map(path, layer, faults, stated_crs)
        records = (
            _read_sheet(path, layer)
            if suffix.startswith(".xls")
            else _read_csv(path, faults, encoding)
        )
    except Exception as error:  # whatever a damaged file makes a reader raise
        faults.error("sites.unreadable", f"the file cannot be read: {error}.", file=shown)
        return empty, None
    return _as_table(records, shown, faults), None


def _as_table(records: list[tuple[int, list[Any]]], shown: str, faults: Faults) -> pd.DataFrame:
    """Turn rows with line numbers into a table; the first row that is not empty is the header."""
    filled = [(line, row) for line, row in records if any(_given(value) for value in row)]
    if len(filled) < 2:
        faults.error("sites.empty", "the file holds no sites.", "Add rows.", file=shown)
        return pd.DataFrame({ROW: pd.Series(dtype="int64")})
    header = [str(value).strip() if _given(value) else "" for value in filled[0][1]]
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        faults.error(
            "sites.two-columns",
            f'column "{name}" is there twice.',
            "Rename or remove one.",
            file=shown,
            row=filled[0][0],
        )
    rows = []
    for line, row in filled[1:]:
        if any(_given(value) for value in row[len(header) :]):
            faults.error(
                "sites.row-length",
                f"the row has {len(row)} fields, the header {len(header)}.",
                "Quote text that holds the separator.",
                file=shown,
                row=line,
            )
        padded = row[: len(header)] + [None] * (len(header) - len(row))
        rows.append([line, *(value if _given(value) else None for value in padded)])
    table = pd.DataFrame(rows, columns=[ROW, *header], dtype=object)
    return table.loc[:, (table.columns != "") & ~table.columns.duplicated()]


def _given(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def _read_csv(path: Path, faults: Faults, stated: str | None = None) -> list[tuple[int, list[Any]]]:
    data = path.read_bytes()
    text, encoding = decode(data) if stated is None else (data.decode(stated), "utf-8")
    if encoding not in ("utf-8", "utf-16"):
        faults.warn(
            "sites.encoding",
            f"the file is not UTF-8; read as {encoding}.",
            "Save it as UTF-8 if names look wrong.",
            file=shown_path(path),
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text))
    return [(reader.line_num, [value.strip() for value in row]) for row in reader]


def decode(data: bytes) -> tuple[str, str]:
    """Decode a text file whose encoding nobody stated.

    Returns
    -------
    str
        The text.
    str
        "utf-8", "utf-16", "cp1251" or "cp1252".

    Notes
    -----
    Where the bytes are not UTF-8, runs of letters above 127 mean Cyrillic words (cp1251); single
    ones amid Latin letters mean accents (cp1252).

    Examples
    --------
    >>> decode("Крыша".encode("cp1251"))
    ('Крыша', 'cp1251')
    >>> decode("Orléans".encode("latin-1"))
    ('Orléans', 'cp1252')
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16"), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    runs = [len(run) for run in re.findall(rb"[\xa8\xb8\xc0-\xff]+", data)]
    long = sum(length for length in runs if length > 1)
    encoding = "cp1251" if long > sum(runs) / 2 else "cp1252"
    return data.decode(encoding, errors="replace"), encoding


def separator(text: str) -> str:
    """Find the field separator of a CSV text by its header line.

    Examples
    --------
    >>> separator("site;x;y")
    ';'
    """
    header = next((line for line in text.splitlines() if line.strip()), "")
    header = re.sub(r'"[^"]*"', "", header)
    counts = {mark: header.count(mark) for mark in (";", "\t", "|", ",")}
    return max(counts, key=counts.__getitem__) if max(counts.values()) else ","


def _read_sheet(path: Path, sheet: str | None) -> list[tuple[int, list[Any]]]:
    import openpyxl

    # merged cells are not known of a book that is read only
    book = openpyxl.load_workbook(path, data_only=True)
    try:
        page = book[sheet] if sheet else book.worksheets[0]
        rows = [(line, list(row)) for line, row in enumerate(page.iter_rows(values_only=True), 1)]
        spans = [
            (area.min_col - 1, area.max_col)
            for area in page.merged_cells.ranges
            if area.min_row == area.max_row == 1 and area.max_col > area.min_col
        ]
        return _joined_head(rows, spans)
    finally:
        book.close()


def _joined_head(
    rows: list[tuple[int, list[Any]]], spans: list[tuple[int, int]]
) -> list[tuple[int, list[Any]]]:
    """Join the words of merged cells in the first row to those below: "Origin" "fab".

    One cell across the whole table is a title and is left out.
    """
    if not spans or len(rows) < 2:
        return rows
    above, below = rows[0][1], rows[1][1]
    if any(end - begin >= sum(map(_given, below)) for begin, end in spans):
        return rows[1:]
    for begin, end in spans:
        above[begin:end] = [above[begin]] * (end - begin)
    pairs = zip(above, below, strict=True)
    head = [" ".join(str(word) for word in pair if _given(word)) for pair in pairs]
    return [(rows[1][0], head), *rows[2:]]


def _read_map(
    path: Path, layer: str | None, faults: Faults, stated_crs: Any
) -> tuple[pd.DataFrame, Any]:
    import geopandas as gpd

    shown = shown_path(path)
    shapes = gpd.read_file(path, **({"layer": layer} if layer else {}))
    table = pd.DataFrame(shapes.drop(columns=shapes.geometry.name)).astype(object)
    table = table.where(table.map(_given), None)  # an empty word is no value, as in a table
    # drivers add fields of their own to every layer, most of them empty
    table = table.dropna(axis=1, how="all").drop(columns=_KML_FIELDS, errors="ignore")
    table.insert(0, ROW, range(1, len(shapes) + 1))
    if shapes.empty:
        faults.error("sites.empty", "the layer holds no sites.", "Add points.", file=shown)
    if shapes.crs is None and stated_crs is None:
        faults.error(
            "sites.no-crs",
            "the layer has no CRS.",
            "Save it with one, or give a CSV with lon and lat.",
            file=shown,
        )
    points = shapes.geometry.to_numpy()
    usable = ~(shapely.is_missing(points) | shapely.is_empty(points))
    for row in table.loc[usable & (shapely.get_type_id(points) != _POINT), ROW]:
        kind = points[row - 1].geom_type
        faults.error(
            "sites.shape", f"the shape is a {kind}; a site is a Point.", file=shown, row=row
        )
    place = np.where(usable, shapely.centroid(points), None)
    table["x_geometry"], table["y_geometry"] = shapely.get_x(place), shapely.get_y(place)
    return table.reset_index(drop=True), stated_crs or shapes.crs
