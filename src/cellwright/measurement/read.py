"""Reading drive and walk tests, with every fault of the file found at once."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyproj

from cellwright.errors import Faults, InputError, shown_path
from cellwright.measurement.checks import (
    ROW,
    check_heights,
    check_levels,
    check_set,
    counted,
    in_time_order,
    known_cells,
    name_rows,
)
from cellwright.measurement.columns import (
    NUMBERS,
    as_flags,
    as_numbers,
    as_times,
    matched,
    wide_columns,
)
from cellwright.measurement.nmea import at_times, read_track
from cellwright.measurement.places import projected
from cellwright.network import decode, separator

POINT_COLUMNS = ("row", "time", "x_m", "y_m", "cell_id", "pci", "rsrp_dbm", "height_m", "indoor")
_TYPES = {
    "row": "int64", "time": "datetime64[ns]", "x_m": "float64", "y_m": "float64",
    "cell_id": "object", "pci": "int64", "rsrp_dbm": "float64", "height_m": "float64",
    "indoor": "bool",
}  # fmt: skip


class MeasurementFile(NamedTuple):
    """What a measurement file holds.

    Attributes
    ----------
    points : DataFrame
        Columns `POINT_COLUMNS` in order of time: row of the file, time (UTC, NaT unknown), x_m and
        y_m in the district's CRS, cell_id ("" unknown), pci (-1 unknown), rsrp_dbm, height_m above
        ground (NaN unknown), indoor. Empty if the file has faults that stop a run.
    faults : Faults
        All faults of the file.
    """

    points: pd.DataFrame
    faults: Faults


def empty_points() -> pd.DataFrame:
    """Return a table of no measurements with the right columns and types."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _TYPES.items()})


def read_measurements(
    path: str | Path,
    crs: Any = None,
    *,
    area: Any = None,
    cells: Iterable[str] | pd.DataFrame | None = None,
    mapping: Mapping[str, str] | None = None,
    preset: str | None = None,
    cell_id: str | None = None,
    track: str | Path | None = None,
    source_crs: Any = None,
    encoding: str | None = None,
) -> MeasurementFile:
    """Read a drive or walk test: levels of cells, and where they were measured.

    Parameters
    ----------
    path : str or Path
        CSV with comma, semicolon, tab or bar, decimal point or comma. One row per time and cell,
        or one column of levels per cell.
    crs : anything pyproj reads, optional
        Projected CRS of the district; default: that of `area`.
    area : Area, optional
        The district: tells coordinates that are swapped or in kilometres.
    cells : DataFrame or iterable of str, optional
        The network's cells (or their names); rows of others are left out with a warning.
    mapping : mapping of str to str, optional
        Our column name to the file's, where preset and aliases do not fit.
    preset : str, optional
        How an instrument names its columns, of `measurement_presets`.
    cell_id : str, optional
        The cell measured, for a file that does not name any.
    track : str or Path, optional
        NMEA log with the positions; joined to the levels by time.
    source_crs : anything pyproj reads, optional
        CRS of the file's x and y; default: the district's.
    encoding : str, optional
        Text encoding; default: found from the bytes.

    Returns
    -------
    MeasurementFile
        Points and faults. Nothing is raised for a fault in the file:
        ``.faults.raise_errors()`` does it.

    Raises
    ------
    InputError
        If neither `crs` nor `area` is given, or for an unknown preset.
    """
    if crs is None and area is None:
        raise InputError("read_measurements needs crs or area: which CRS are the points to be in?")
    target = pyproj.CRS.from_user_input(crs if area is None else area.crs)
    file, faults = shown_path(path), Faults()
    raw = _raw(Path(path), encoding, file, faults)
    names = _cell_names(cells)
    table = _our_columns(raw, preset, mapping or {}, names or (), cell_id, file, faults)
    if faults.errors and table.empty:
        return MeasurementFile(empty_points(), faults)
    table = _values(table, file, faults)
    source = target if source_crs is None else pyproj.CRS.from_user_input(source_crs)
    table = _placed(table, track, source, target, area, file, faults)
    check_levels(table, file, faults)
    check_heights(table, file, faults)
    table = _whole_rows(table, file, faults)
    table = in_time_order(table, file, faults)
    if names is not None:
        table = known_cells(table, names, file, faults)
    check_set(table, file, faults)
    if faults.errors:
        return MeasurementFile(empty_points(), faults)
    return MeasurementFile(table[list(POINT_COLUMNS)].astype(_TYPES).reset_index(drop=True), faults)


def _cell_names(cells: Iterable[str] | pd.DataFrame | None) -> list[str] | None:
    if cells is None:
        return None
    return [str(name) for name in (cells["cell_id"] if isinstance(cells, pd.DataFrame) else cells)]


def _raw(path: Path, encoding: str | None, file: str, faults: Faults) -> pd.DataFrame:
    """Read the file as text, one column each; rows are numbered as a person counts them."""
    empty = pd.DataFrame({ROW: pd.Series(dtype="int64")})
    if not path.is_file():
        faults.error("measurements.no-file", "there is no such file.", "Check the path.", file=file)
        return empty
    data = path.read_bytes()
    if not data.strip():
        faults.error(
            "measurements.empty", "the file is empty.", "Write a header and rows.", file=file
        )
        return empty
    try:
        text = decode(data)[0] if encoding is None else data.decode(encoding)
        table = pd.read_csv(
            io.StringIO(text), sep=separator(text), dtype=str, keep_default_na=False,
            skip_blank_lines=False, index_col=False,
        )  # fmt: skip
    except (ValueError, LookupError, pd.errors.ParserError) as error:
        faults.error("measurements.unreadable", f"the file cannot be read: {error}.", file=file)
        return empty
    table.columns = table.columns.str.strip()
    table.insert(0, ROW, np.arange(2, len(table) + 2))
    table = table[(table.drop(columns=ROW).fillna("") != "").any(axis=1)]
    if table.empty:
        faults.error(
            "measurements.empty", "the file has a header and no rows.", "Add the levels.", file=file
        )
    return table


def _our_columns(
    raw: pd.DataFrame,
    preset: str | None,
    mapping: Mapping[str, str],
    cells: Iterable[str],
    cell_id: str | None,
    file: str,
    faults: Faults,
) -> pd.DataFrame:
    """Bring the columns to ours, text still; files with one column per cell are made long."""
    names = [name for name in raw.columns if name != ROW]
    found = matched(names, preset, mapping, file, faults)
    if raw.empty:
        return raw
    table = raw[[ROW, *found.values()]].set_axis([ROW, *found], axis=1)
    wide = wide_columns(names, found.values(), cells)
    if "rsrp_dbm" not in found and wide:
        table = _made_long(table, raw, wide)
    elif "rsrp_dbm" not in found:
        faults.error(
            "measurements.no-level", f"there is no column of levels; the file has: "
            f"{', '.join(names)}.", "Name it rsrp_dbm, give columns, or one column per cell.",
            file=file, row=1,
        )  # fmt: skip
        return table.iloc[:0]
    if "cell_id" not in table:
        _say_no_cell(table, cell_id, file, faults)
        table = table.assign(cell_id=cell_id or "")
    return table


def _say_no_cell(table: pd.DataFrame, cell_id: str | None, file: str, faults: Faults) -> None:
    if cell_id is None and "pci" not in table:
        faults.warn(
            "measurements.no-cell", "no column says which cell was measured.",
            "Add cell_id (or pci), or say cell_id once for the whole file.", file=file, row=1,
        )  # fmt: skip


def _made_long(table: pd.DataFrame, raw: pd.DataFrame, wide: Mapping[str, str]) -> pd.DataFrame:
    """Make one row per time and cell of a file with one column per cell."""
    parts = [table.assign(cell_id=cell, rsrp_dbm=raw[column]) for column, cell in wide.items()]
    whole = pd.concat(parts, ignore_index=True)
    heard = whole["rsrp_dbm"].fillna("").str.strip() != ""  # cells not heard there are no gap
    return whole[heard].sort_values(ROW, kind="stable").reset_index(drop=True)


def _values(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Turn text into numbers, times and flags; what cannot be read is a fault."""
    out = table.copy()
    for name in NUMBERS:
        text = table[name] if name in table else pd.Series("", index=table.index)
        out[name], wrong = as_numbers(text)
        shown = f'{name} is "{text[wrong].iloc[0]}", which is no number.' if wrong.any() else ""
        name_rows("measurements.number", table.loc[wrong, ROW], shown,
                  "Write a plain number.", file, faults)  # fmt: skip
    out["pci"] = out["pci"].fillna(-1).round()
    text = table["time"] if "time" in table else pd.Series("", index=table.index)
    out["time"], wrong = as_times(text)
    shown = f'time is "{text[wrong].iloc[0]}", which is no time.' if wrong.any() else ""
    name_rows("measurements.time", table.loc[wrong, ROW], shown,
              "Write 2024-05-01T13:42:57.", file, faults)  # fmt: skip
    text = table["indoor"] if "indoor" in table else pd.Series("", index=table.index)
    out["indoor"], wrong = as_flags(text)
    shown = f'indoor is "{text[wrong].iloc[0]}"; allowed: yes, no.' if wrong.any() else ""
    name_rows("measurements.indoor", table.loc[wrong, ROW], shown, "", file, faults)
    out["cell_id"] = table["cell_id"].fillna("").astype(str).str.strip()
    return out


def _placed(
    table: pd.DataFrame,
    track: str | Path | None,
    source: pyproj.CRS,
    target: pyproj.CRS,
    area: Any,
    file: str,
    faults: Faults,
) -> pd.DataFrame:
    """Find the positions: those of the track where there is one, else the file's own."""
    degrees = pyproj.CRS.from_epsg(4326)
    if track is not None:
        fixes, found = read_track(track)
        faults.extend(found)
        lat, lon = at_times(fixes, _on_the_day(table["time"], fixes))
        pair, given = (lon, lat), degrees
    elif table["x_m"].notna().any() and table["y_m"].notna().any():
        pair, given = (table["x_m"].to_numpy(float), table["y_m"].to_numpy(float)), source
    else:
        pair, given = (table["lon"].to_numpy(float), table["lat"].to_numpy(float)), degrees
    if not len(table):
        return table
    if not (np.isfinite(pair[0]) & np.isfinite(pair[1])).any():
        message = "there are no coordinates; needed: lon and lat, or x_m and y_m."
        cure = "Name the columns so, give columns, or a track (NMEA log)."
        if track is not None:
            message = "no level was measured while the track was recorded."
            cure = "Check the clocks: the track's is UTC."
        faults.error("measurements.no-place", message, cure, file=file, row=1)
        return table
    x_m, y_m = projected(pair[0], pair[1], given, target, area, file, faults)
    return table.assign(x_m=x_m, y_m=y_m)


def _on_the_day(times: pd.Series, fixes: pd.DataFrame) -> pd.Series:
    """Return times of day alone as of the day the track began; others as they are."""
    first_day = pd.Timestamp("1970-01-01")
    if fixes.empty or not (times.dropna() < first_day + pd.Timedelta(days=1)).all():
        return times
    moved: pd.Series = times + (fixes["time"].iloc[0].normalize() - first_day)
    return moved


def _whole_rows(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Leave out rows without a level or a position, counted."""
    placeless = ~(np.isfinite(table["x_m"]) & np.isfinite(table["y_m"])).to_numpy()
    silent = table["rsrp_dbm"].isna().to_numpy()
    counted("measurements.no-position", table, placeless & ~silent,
            "there is no position (empty or NaN); left out.", "Fill lat and lon.",
            file, faults)  # fmt: skip
    counted("measurements.no-value", table, silent,
            "there is no level (empty or NaN); left out.",
            "A phone that heard nothing: leave such rows out.", file, faults)  # fmt: skip
    kept: pd.DataFrame = table[~(placeless | silent)]
    return kept
