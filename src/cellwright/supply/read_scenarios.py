"""Reading scenarios: dated changes from TOML, with all faults at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cellwright.errors import Faults, did_you_mean, shown_path
from cellwright.supply.codes import countries
from cellwright.supply.library import Scenario
from cellwright.supply.read.tables import ROW, read_toml

#: Kind of a change -> what it needs; a figure comes as NAME_low, NAME_typical, NAME_high.
KINDS: dict[str, tuple[str, ...]] = {
    "rule-on": ("target",),
    "rule-off": ("target",),
    "supply-cut": ("months",),
    "support-cut": ("target",),
    "tariff": ("country", "factor"),
    "lead-time": ("factor",),
    "price": ("factor",),
    "stock": ("target", "months"),
}
_FIGURES = ("months", "factor")
_LEVELS = ("low", "typical", "high")
_KEYS = {"day", "kind", "target", "country", "buyer", "supplier", "note"} | {
    f"{name}_{level}" for name in _FIGURES for level in _LEVELS
}


def read_scenarios(path: str | Path, faults: Faults | None = None) -> dict[str, Scenario]:
    """Read scenarios from TOML (``[[scenario]]`` with ``name, title, source, changes``).

    Parameters
    ----------
    path : str or Path
        The file.
    faults : Faults, optional
        Takes the faults; without it they are raised.

    Returns
    -------
    dict of str to Scenario
        By name; those with faults are left out.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given.
    """
    own, file = Faults() if faults is None else faults, shown_path(path)
    found: dict[str, Scenario] = {}
    for table in read_toml(Path(path), "scenario", own):
        row = int(table[ROW])
        problems = list(_problems(table, found))
        for message, cure in problems:
            label = f'scenario "{table.get("name", f"number {row}")}": {message}'
            own.error("scenarios.value", label, cure, file=file, row=row)
        if not problems:
            changes = tuple(sorted(table["changes"], key=lambda one: one["day"]))
            title, source = (str(table.get(key, "")) for key in ("title", "source"))
            found[table["name"]] = Scenario(table["name"], title, source, changes)
    if faults is None:
        own.raise_errors()
    return found


def _problems(table: Mapping[str, Any], known: Iterable[str]) -> Iterable[tuple[str, str]]:
    if not table.get("name") or table["name"] in known:
        yield "name is empty or given twice.", "Names must differ."
    if not table.get("changes"):
        yield "has no changes.", 'Write changes = [{ day = 2020-01-28, kind = "rule-on", ... }].'
    for number, change in enumerate(table.get("changes", []), start=1):
        for message, cure in _of_change(change):
            yield f"change {number}: {message}", cure


def _of_change(change: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key in sorted(set(change) - _KEYS):
        yield f'there is no "{key}".', did_you_mean(key, _KEYS)
    if not isinstance(change.get("day"), date):
        yield "day is missing or no date.", "Write day = 2020-01-28."
    kind = str(change.get("kind", ""))
    if kind not in KINDS:
        yield f'kind is "{kind}".', did_you_mean(kind, KINDS)
    for name in KINDS.get(kind, ()):
        if name in _FIGURES:
            yield from _of_figure(change, name)
        elif not change.get(name):
            yield f"{kind} needs {name}.", ""
    if kind == "supply-cut" and not any(change.get(key) for key in ("country", "supplier")):
        yield "supply-cut needs country or supplier.", ""
    if change.get("country") and change["country"] not in countries():
        yield f'country "{change["country"]}" is unknown.', "Use ISO 3166-1 codes."


def _of_figure(change: Mapping[str, Any], name: str) -> Iterable[tuple[str, str]]:
    values = [change.get(f"{name}_{level}") for level in _LEVELS]
    if not all(isinstance(value, int | float) and value >= 0 for value in values):
        yield f"{name}_low, _typical and _high are needed, each 0 or more.", ""
    elif values != sorted(values):  # type: ignore[type-var]
        yield f"{name}_low, _typical, _high must rise.", "Swap them."
