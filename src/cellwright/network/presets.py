"""Carriers by name and from files; presets in ``presets.toml`` name the source of each value."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.errors import Faults, InputError, SpectrumError, did_you_mean, shown_path
from cellwright.network.carriers import Carrier

_PRESETS = Path(__file__).with_name("presets.toml")


def carrier(preset: str, /, **changes: Any) -> Carrier:
    """Return a preset carrier, with some of its values changed.

    Parameters
    ----------
    preset : str
        One of `presets()`: "n78", "n79", "n258", "b3" (case does not matter).
    **changes
        Fields of `Carrier` to set otherwise.

    Raises
    ------
    InputError
        For an unknown preset, an unknown field or a value out of range (all faults at once).
    SpectrumError
        If 3GPP defines no such channel.

    Examples
    --------
    >>> carrier("b3").n_prb
    100
    >>> carrier("n78", name="pilot", bandwidth_mhz=40).n_prb
    106
    """
    return carriers_from(
        {changes.pop("name", preset.lower()): {"preset": preset, **changes}}
    ).popitem()[1]


def presets() -> tuple[str, ...]:
    """Names of the shipped presets."""
    return tuple(_preset_values())


@lru_cache(maxsize=1)
def _preset_values() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_PRESETS.read_text(encoding="utf-8"))


def preset_sources(preset: str) -> pd.DataFrame:
    """Say where each value of a preset comes from, for the page's list of assumptions.

    Returns
    -------
    DataFrame
        Columns ``field, value, source, assumed``; a value without a remark of its own has that of
        the first preset if it is the same there.

    Examples
    --------
    >>> table = preset_sources("b3").set_index("field")
    >>> bool(table.loc["frequency_mhz", "assumed"]), bool(table.loc["noise_figure_db", "assumed"])
    (True, False)
    """
    values = _preset_values()
    if preset.lower() not in values:
        raise InputError(f'there is no preset "{preset}". {did_you_mean(preset, values)}')
    remarks, name = {}, ""
    for line in _PRESETS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line[1 : line.index("]")]
        elif name and "=" in line and " # " in line:
            remarks[name, line.split("=")[0].strip()] = line.split(" # ", 1)[1].strip()
    first = next(iter(values))
    rows = []
    for field, value in values[preset.lower()].items():
        same = values[first].get(field) == value
        source = remarks.get((preset.lower(), field), remarks.get((first, field), "") * same)
        rows.append((field, value, source, "assumption" in source))
    return pd.DataFrame(rows, columns=["field", "value", "source", "assumed"])


def read_carriers(path: str | Path) -> dict[str, Carrier]:
    """Read carriers from a TOML file: one table per carrier, or tables under ``[carriers]``.

    Raises
    ------
    InputError
        If the file cannot be read or any carrier has a fault; all faults at once.
    """
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{shown_path(path)} cannot be read as TOML: {error}") from error
    return carriers_from(values.get("carriers", values), file=shown_path(path))


def carriers_from(
    tables: Mapping[str, Mapping[str, Any]], faults: Faults | None = None, file: str = ""
) -> dict[str, Carrier]:
    """Make carriers from plain tables, e.g. the ``[carriers.*]`` part of a project file.

    Parameters
    ----------
    tables : mapping of str to mapping
        Carrier name to its fields. ``preset = "n78"`` fills what is not given; without it, a
        carrier named like a preset starts from that preset.
    faults : Faults, optional
        Collects the faults instead of raising; carriers with faults are left out.
    file : str
        File named in the faults.

    Returns
    -------
    dict of str to Carrier
        In the order given.

    Raises
    ------
    InputError
        With every fault of every carrier, if `faults` is not given.

    Examples
    --------
    >>> carriers_from({"pilot": {"preset": "n78", "power_dbm": 49}})["pilot"].band
    'n78'
    >>> carriers_from({"n78": {"powr_dbm": 49}})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    cellwright.errors.InputError: carrier "n78" has no field "powr_dbm". Did you mean "power_dbm"?
    """
    own = Faults() if faults is None else faults
    made: dict[str, Carrier] = {}
    spectrum_only = True
    for name, table in tables.items():
        try:
            made[name] = Carrier(**_filled(name, table))
        except InputError as error:
            spectrum_only &= isinstance(error, SpectrumError)
            _adopt(error, file, own)
    if faults is None:
        own.raise_errors(SpectrumError if spectrum_only else InputError)
    return made


def _filled(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(table, Mapping):
        raise InputError(f'carrier "{name}" is {table!r}; it must be a table of fields.')
    given = dict(table)
    wanted = str(given.pop("preset", name if name.lower() in presets() else "")).lower()
    if not wanted:
        return {"name": name, **given}
    if wanted not in presets():
        raise InputError(
            f'carrier "{name}": there is no preset "{wanted}". {did_you_mean(wanted, presets())}'
        )
    values = dict(_preset_values()[wanted])
    for field in ("models", "powers_dbm", "antennas"):
        if isinstance(given.get(field), Mapping):
            given[field] = {**values.get(field, {}), **given[field]}
    return {"name": name, **values, **given}


def _adopt(error: InputError, file: str, faults: Faults) -> None:
    """Take over the faults of one carrier, naming the file they stand in."""
    if not error.faults:
        faults.error("carriers.value", str(error), file=file)
    for fault in error.faults:
        faults.error(fault.code, fault.message, fault.cure, file=file)
