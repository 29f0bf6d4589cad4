"""Tables people open: CSV, one XLSX workbook, and the figures as JSON."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.files import replaced, write_bytes
from cellwright.report.scene import plain
from cellwright.report.vocabulary import is_share, meaning_of, title, unit_of

#: A fixed date inside XLSX, so that equal tables give equal files.
_DATE = datetime(2000, 1, 1)
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
_WIDEST = 48
_FORMATS = {"share": "0.0%", "money": "#,##0", "count": "#,##0", "months": "0.0",
            "day": "yyyy-mm-dd"}  # fmt: skip


def write_tables(
    folder: Path | str, tables: Mapping[str, pd.DataFrame], workbook: str = "tables.xlsx"
) -> list[Path]:
    """Write each table as CSV and all of them as sheets of one workbook.

    CSV headers are the names of the columns (unit in the name); the workbook has a heading, a row
    of units and a comment with the meaning.

    Parameters
    ----------
    folder : Path or str
        Where to write.
    tables : mapping of str to DataFrame
        File (and sheet) name to table; a geometry is left out.
    workbook : str
        Name of the workbook.

    Returns
    -------
    list of Path
        Files written, the workbook last.
    """
    folder = Path(folder)
    flat = {name: without_shapes(table) for name, table in tables.items()}
    paths = [write_csv(folder / f"{name}.csv", table) for name, table in flat.items()]
    return [*paths, write_workbook(folder / workbook, flat)]


def about_column(table: pd.DataFrame, column: str) -> dict[str, str]:
    """Return title, unit, meaning and format of a column.

    Parameters
    ----------
    table : DataFrame
        ``attrs["columns"]`` may say any of the four; the vocabulary says the rest.
    column : str
        Name of the column.

    Returns
    -------
    dict
        ``title, unit, meaning, format``: format is ``share``, ``money``, ``year`` or empty.
    """
    kind = "share" if is_share(column) else "year" if column.endswith("year") else ""
    kind = "money" if unit_of(column) == "USD" else kind
    known = {
        "title": title(column), "unit": unit_of(column), "meaning": meaning_of(column),
        "format": kind,
    }  # fmt: skip
    return known | dict(table.attrs.get("columns", {}).get(column, {}))


def without_shapes(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without its shapes; a column of figures called "geometry" stays."""
    shapes = [name for name in table.columns if str(table[name].dtype) == "geometry"]
    plain_table = pd.DataFrame(table).drop(columns=shapes)
    plain_table.attrs = dict(table.attrs)
    return plain_table


def write_csv(path: Path | str, table: pd.DataFrame) -> Path:
    """Write one table as CSV (UTF-8, comma, unit in the column names)."""
    with replaced(path) as beside:
        table.to_csv(beside, index=False, lineterminator="\n", encoding="utf-8")
    return Path(path)


def write_kpis(path: Path | str, kpis: Mapping[str, Any]) -> Path:
    """Write the figures of a run as JSON, in their order; what is not a number becomes null."""
    text = json.dumps(plain(dict(kpis)), indent=2, ensure_ascii=False, allow_nan=False)
    return write_bytes(path, (text + "\n").encode())


def write_workbook(path: Path | str, tables: Mapping[str, pd.DataFrame]) -> Path:
    """Write tables as the sheets of one workbook; equal tables give equal bytes."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, table in tables.items():
        table = without_shapes(table)
        _fill_sheet(book.create_sheet(_sheet_name(name, book.sheetnames)), table)
    if not tables:
        book.create_sheet("empty")
    book.properties.created = book.properties.modified = _DATE
    book.properties.creator = "Cellwright"
    raw = io.BytesIO()
    book.save(raw)
    return write_bytes(path, _undated(raw.getvalue()))


def _fill_sheet(sheet: Any, table: pd.DataFrame) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(map(str, table.columns), start=1):
        about = about_column(table, column)
        head = sheet.cell(1, number, about["title"])
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor="2B3A4A")
        head.alignment = Alignment(vertical="center", wrap_text=True)
        if about["meaning"]:
            head.comment = Comment(about["meaning"], "Cellwright", width=320, height=60)
        unit = sheet.cell(2, number, about["unit"] or None)
        unit.font = Font(italic=True, color="6B7785")
        texts = [str(value) for value in table[column].head(200)]
        longest = max([len(about["title"]) + 2, *map(len, texts)], default=8)
        sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, _WIDEST)
    looks = [_FORMATS.get(about_column(table, str(column))["format"]) for column in table.columns]
    for line, row in enumerate(table.itertuples(index=False), start=3):
        # asking the sheet for its last row would walk over all its cells, row after row
        for place, (value, look) in enumerate(zip(row, looks, strict=True), start=1):
            cell = sheet.cell(line, place, _cell(value))
            if cell.data_type == "f":  # a text that begins like a formula stays a text
                cell.data_type = "s"
            if look:
                cell.number_format = look
    sheet.freeze_panes = "A3"
    if len(table.columns):
        last = get_column_letter(len(table.columns))
        sheet.auto_filter.ref = f"A2:{last}{len(table) + 2}"


def _cell(value: Any) -> Any:
    if type(value) is date:  # a stamp is one too, and is written as text
        return value
    shown = plain(value)
    return json.dumps(shown, ensure_ascii=False) if isinstance(shown, (list, dict)) else shown


def _sheet_name(name: str, taken: list[str]) -> str:
    clean = "".join("_" if sign in r"[]:*?/\\" else sign for sign in name)[:31] or "table"
    number = 2
    while clean in taken:
        clean = f"{clean[:28]}_{number}"
        number += 1
    return clean


def _undated(content: bytes) -> bytes:
    """Rewrite an archive with a fixed date on every member."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            data = before.read(name)
            if name == "docProps/core.xml":
                data = _fixed_times(data)
            after.writestr(zipfile.ZipInfo(name, _ZIP_DATE), data, zipfile.ZIP_DEFLATED)
    return result.getvalue()


def _fixed_times(xml: bytes) -> bytes:
    stamp = _DATE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, xml)
