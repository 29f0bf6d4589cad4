"""Column names of drive and walk tests as instruments and people write them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.errors import Faults, InputError, did_you_mean
from cellwright.network import plain

_PRESETS = Path(__file__).with_name("presets.toml")
#: Columns a measurement file may give; the order is that of the result.
COLUMNS = (
    "time", "x_m", "y_m", "lon", "lat", "cell_id", "pci", "rsrp_dbm", "height_m", "indoor",
)  # fmt: skip
NUMBERS = ("x_m", "y_m", "lon", "lat", "pci", "rsrp_dbm", "height_m")
_NOTHING = frozenset(("", "nan", "none", "null", "na", "n/a", "-", "--", "inf", "-inf"))
_YES = frozenset(("1", "true", "yes", "y", "indoor", "indoors", "inside", "in", "да"))
_NO = frozenset(("0", "false", "no", "n", "outdoor", "outdoors", "outside", "out", "нет"))


@lru_cache(maxsize=1)
def _preset_values() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_PRESETS.read_text(encoding="utf-8"))


def measurement_presets() -> tuple[str, ...]:
    """Return the names of the shipped column presets.

    Examples
    --------
    >>> "generic" in measurement_presets()
    True
    """
    return tuple(_preset_values())


def aliases(preset: str | None) -> dict[str, tuple[str, ...]]:
    """Return what each of our columns may be called: the preset's names before the usual ones.

    Raises
    ------
    InputError
        Unknown preset.
    """
    values = _preset_values()
    if preset is not None and preset not in values:
        raise InputError(f'preset is "{preset}". {did_you_mean(preset, values)}')
    usual = values["generic"]["columns"]
    first = values[preset or "generic"]["columns"]
    return {ours: (*first.get(ours, ()), ours, *usual.get(ours, ())) for ours in COLUMNS}


def matched(
    names: Iterable[str],
    preset: str | None,
    mapping: Mapping[str, str],
    file: str,
    faults: Faults,
) -> dict[str, str]:
    """Return our column name to the file's, for those found; a mapping wins.

    Parameters
    ----------
    names : iterable of str
        Columns of the file.
    preset : str or None
        A name of `measurement_presets`.
    mapping : mapping of our name to the file's
        What the user says.
    file : str
        File named in the faults.
    faults : Faults
        Takes the faults of the mapping.
    """
    given = [str(name) for name in names]
    by_plain = {plain(name): name for name in reversed(given)}
    found: dict[str, str] = {}
    for ours, known in aliases(preset).items():
        hit = next((by_plain[plain(one)] for one in known if plain(one) in by_plain), None)
        if hit is not None and hit not in found.values():
            found[ours] = hit
    for ours, theirs in mapping.items():
        if ours not in COLUMNS:
            message = f'columns: "{ours}" is not a column of measurements.'
            faults.error("measurements.mapping", message, did_you_mean(ours, COLUMNS), file=file)
        elif theirs not in given:
            message = f'columns: {ours} = "{theirs}", but the file has no such column.'
            faults.error("measurements.mapping", message, did_you_mean(theirs, given), file=file)
        else:
            found = {key: name for key, name in found.items() if name != theirs}
            found[ours] = theirs
    return found


def wide_columns(
    names: Iterable[str], taken: Iterable[str], cells: Iterable[str]
) -> dict[str, str]:
    """Return the file's column to the cell whose levels it holds, for files with one per cell.

    A column counts if it is named as a known cell, or as "rsrp" and a name ("RSRP A-1 [dBm]").

    Examples
    --------
    >>> wide_columns(["lat", "RSRP_A-1", "A-2", "speed"], ["lat"], ["A-1", "A-2"])
    {'RSRP_A-1': 'A-1', 'A-2': 'A-2'}
    """
    used, known = set(taken), {plain(cell): str(cell) for cell in cells}
    found: dict[str, str] = {}
    for name in map(str, names):
        if name in used:
            continue
        bare = re.sub(r"[\s_(\[]*dbm[)\]]*$", "", name, flags=re.IGNORECASE)
        headed = re.sub(r"^(ss[-_ ]?)?rsrp[-_ :.]*", "", bare, flags=re.IGNORECASE)
        if plain(headed) in known:
            found[name] = known[plain(headed)]
        elif headed != bare and headed:
            found[name] = headed
    return found


def as_numbers(text: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Read numbers as people write them; tell which say something that is no number.

    Examples
    --------
    >>> values, wrong = as_numbers(pd.Series(["-98,5", "1 234.5", "NaN", "weak"]))
    >>> values.tolist(), wrong.tolist()
    ([-98.5, 1234.5, nan, nan], [False, False, False, True])
    """
    bare = text.fillna("").astype(str).str.strip()
    said = ~bare.str.lower().isin(_NOTHING).to_numpy()
    tidy = bare.str.replace(r"[\s\u00a0\u202f]", "", regex=True)
    tidy = tidy.str.replace("\u2212", "-", regex=False)  # the typographer's minus
    tidy = tidy.str.replace(r"^([^.,]*),([^.,]*)$", r"\1.\2", regex=True)
    values = pd.to_numeric(tidy, errors="coerce").to_numpy(dtype=float)
    values = np.where(np.isfinite(values), values, np.nan)
    return values, said & np.isnan(values)


def as_flags(text: pd.Series) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Read yes and no; tell which say neither. What is empty is no."""
    bare = text.fillna("").astype(str).str.strip().str.lower()
    yes = bare.isin(_YES).to_numpy()
    return yes, ~(yes | bare.isin(_NO | _NOTHING).to_numpy())


def as_times(text: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Read times as UTC without a zone; tell which say something that is no time.

    ISO 8601, "2024.05.01_13.42.57", seconds or milliseconds since 1970, or a time of day (taken
    as of 1970-01-01).

    Examples
    --------
    >>> times, wrong = as_times(pd.Series(["2024.05.01_13.42.57", "1714570977", "13:42:57", "x"]))
    >>> [str(time) for time in times]
    ['2024-05-01 13:42:57', '2024-05-01 13:42:57', '1970-01-01 13:42:57', 'NaT']
    >>> wrong.tolist()
    [False, False, False, True]
    """
    bare = text.fillna("").astype(str).str.strip()
    said = ~bare.str.lower().isin(_NOTHING | {"nat"}).to_numpy()
    tidy = bare.str.replace(
        r"^(\d{4})\.(\d\d)\.(\d\d)[_ T](\d\d)[.:](\d\d)[.:](\d\d)", r"\1-\2-\3T\4:\5:\6", regex=True
    )
    tidy = tidy.str.replace(r"^(\d{1,2}:\d\d(:\d\d(\.\d+)?)?)$", r"1970-01-01T\1", regex=True)
    times = pd.to_datetime(tidy, errors="coerce", format="mixed", utc=True)
    numbers = pd.to_numeric(tidy, errors="coerce")
    seconds = numbers.where(numbers < 1e11, numbers / 1000.0)
    times = times.dt.tz_localize(None).astype("datetime64[ns]")
    times = times.where(numbers.isna(), _since_1970(seconds))
    return times, said & times.isna().to_numpy()


def _since_1970(seconds: pd.Series) -> pd.Series:
    """Return times of seconds since 1970, to the millisecond; NaT for what is no time.

    By whole milliseconds: pandas reads memory that nobody wrote where a float has gaps.
    """
    value = seconds.to_numpy(float)
    known = np.isfinite(value) & (np.abs(value) < 9e9)
    out = np.full(value.size, np.datetime64("NaT"), "datetime64[ms]")
    out[known] = np.rint(value[known] * 1000.0).astype(np.int64).astype("datetime64[ms]")
    return pd.Series(out.astype("datetime64[ns]"), index=seconds.index)
