"""Files of this room as tables: CSV in its dialects, XLSX with merged heads, TOML; one reader.

CSV and XLSX are read by the house's own reader of site lists.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.errors import Faults, did_you_mean, shown_path
from cellwright.supply.values import BAR, text

#: Row of a record in its file, as a person counts.
ROW = "__row__"


def read_table(
    path: str | Path,
    columns: Sequence[str],
    faults: Faults,
    *,
    key: str,
    figures: Collection[str] = (),
    needed: Collection[str] = (),
) -> pd.DataFrame:
    """Read a table of known columns.

    Parameters
    ----------
    path : str or Path
        CSV (any separator, decimal commas, UTF-8, UTF-16, cp1251, cp1252), XLSX or TOML.
    columns : sequence of str
        Columns that are known; others are noted and left out.
    faults : Faults
        Takes the faults.
    key : str
        Name of the tables in TOML: ``[[key]]``.
    figures : collection of str
        Columns of numbers.
    needed : collection of str
        Columns that must be there.

    Returns
    -------
    DataFrame
        `ROW` and `columns`: words, empty where nothing is given, or numbers, then NaN.
    """
    file = shown_path(path)
    raw = raw_table(path, faults, key)
    raw = raw.rename(columns={name: _column(name, columns) for name in raw.columns if name != ROW})
    raw = raw.loc[:, ~raw.columns.duplicated()]
    _note_columns(raw, columns, needed, file, faults)
    table = raw.reindex(columns=[ROW, *columns]).astype(object)
    for name in columns:
        if name in figures:
            table[name] = _figures(table, name, file, faults)
        else:
            words = [_cell(value) for value in table[name]]
            table[name] = pd.Series(words, index=table.index, dtype=object)
    return table


def raw_table(path: str | Path, faults: Faults, key: str) -> pd.DataFrame:
    """Read records as they stand, with `ROW`; what cannot be read is noted."""
    path, found = Path(path), Faults()
    if path.suffix.lower() == ".toml":
        records = read_toml(path, key, faults)
        return pd.DataFrame(records, dtype=object) if records else pd.DataFrame({ROW: []})
    from cellwright.network import site_files

    table, _ = site_files.read_raw(path, None, found)
    for fault in found:
        code = fault.code.replace("sites.", "supply.")
        words = fault.message.replace("no sites", "no rows")
        if code == "supply.format":
            words = f'files ending in "{path.suffix}" cannot be read; allowed: .csv, .xlsx, .toml.'
        faults.extend([replace(fault, code=code, message=words)])
    return table.rename(columns={site_files.ROW: ROW})


def read_toml(path: Path, key: str, faults: Faults) -> list[dict[str, Any]]:
    """Read the tables ``[[key]]`` of a TOML file, each with its line."""
    file = shown_path(path)
    try:
        words = _decoded(path, faults, file)
        document = tomllib.loads(words)
    except (OSError, tomllib.TOMLDecodeError) as error:
        row = _line_of(error)
        cure = "Check the path." if isinstance(error, OSError) else "Correct this line."
        message = f"cannot be read as TOML: {error}."
        faults.error("supply.unreadable", message, cure, file=file, row=row)
        return []
    found = document.get(key, [])
    for name in sorted(set(document) - {key}):
        cure = did_you_mean(name, [key])
        faults.warn("supply.unknown-table", f"[{name}] is left out.", cure, file=file)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found) or not found:
        cure = f"Write [[{key}]] before each."
        faults.error("supply.empty", f"the file holds no [[{key}]].", cure, file=file)
        return []
    lines = [
        number
        for number, line in enumerate(words.splitlines(), start=1)
        if re.match(rf"\s*\[\[\s*{re.escape(key)}\s*\]\]", line)
    ]
    places = lines if len(lines) == len(found) else range(1, len(found) + 1)
    return [{ROW: place, **one} for place, one in zip(places, found, strict=True)]


def _decoded(path: Path, faults: Faults, file: str) -> str:
    from cellwright.network.site_files import decode

    words, encoding = decode(path.read_bytes())
    if encoding != "utf-8":
        message = f"the file is not UTF-8; read as {encoding}."
        faults.warn("supply.encoding", message, "Save it as UTF-8.", file=file)
    return words


def _line_of(error: Exception) -> int | None:
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else None


def _column(name: Any, columns: Sequence[str]) -> str:
    """Return our column for a heading; "Origin design" of a merged head is ``design``."""
    from cellwright.network.site_columns import plain

    word = plain(str(name))
    if word in columns:
        return word
    tails = [one for one in columns if word.endswith(f"_{one}")]
    return max(tails, key=len) if tails else word


def _note_columns(
    raw: pd.DataFrame,
    columns: Sequence[str],
    needed: Collection[str],
    file: str,
    faults: Faults,
) -> None:
    for name in raw.columns:
        if name not in (*columns, ROW):
            cure, message = did_you_mean(name, columns), f'column "{name}" is left out.'
            faults.warn("supply.unknown-column", message, cure, file=file, row=1)
    for name in needed:
        if len(raw) and name not in raw.columns:
            cure = f"Columns: {', '.join(columns)}."
            message = f'column "{name}" is missing.'
            faults.error("supply.missing-column", message, cure, file=file, row=1)


def _cell(value: Any) -> str:
    """Return a cell as words; an array of TOML as one cell writes it, with bars between."""
    if isinstance(value, list):
        return BAR.join(map(_cell, value))
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else text(value)


def _figures(table: pd.DataFrame, name: str, file: str, faults: Faults) -> pd.Series:
    from cellwright.network.site_columns import number

    found: list[float | None] = []
    for row, given in zip(table[ROW], table[name], strict=True):
        value = number(given) if text(given) else None
        if value is None and text(given):
            message = f'{name} is "{given}", which is no number.'
            cure = "Write 1234.5 or 1234,5."
            faults.error("supply.number", message, cure, file=file, row=int(row))
        found.append(value)
    return pd.Series(found, index=table.index, dtype=float)


def rows_of(records: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the rows of records, or 1, 2, ... where they have none."""
    return [int(one.get(ROW, at)) for at, one in enumerate(records, start=1)]
