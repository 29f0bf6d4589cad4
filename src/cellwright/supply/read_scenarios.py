"""Reading scenarios: dated changes from TOML, with all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from math import isfinite
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


def read_scenarios(
    path: str | Path, faults: Faults | None = None, *, rules: Collection[str] | None = None
) -> dict[str, Scenario]:
    """Read scenarios from TOML (``[[scenario]]`` with ``name, title, source, changes``).

    Parameters
    ----------
    path : str or Path
        The file.
    faults : Faults, optional
        Takes the faults; without it they are raised.
    rules : collection of str, optional
        Rules and groups that a change may switch on or off.

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
        problems = list(_problems(table, found, rules))
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


def _problems(
    table: Mapping[str, Any], known: Iterable[str], rules: Collection[str] | None
) -> Iterable[tuple[str, str]]:
    name, changes = table.get("name"), table.get("changes")
    if not isinstance(name, str) or not name or name in known:
        yield "name is no word, empty or given twice.", "Names must differ."
    cure = 'Write changes = [{ day = 2020-01-28, kind = "rule-on", target = "uk-2020" }].'
    if not isinstance(changes, list) or not changes:
        yield "has no changes.", cure
        return
    for number, change in enumerate(changes, start=1):
        shaped = isinstance(change, dict)
        problems = list(_of_change(change)) if shaped else [("is no table.", cure)]
        if rules is not None and not problems:
            problems += _of_rule(change, rules)
        for message, mend in problems:
            yield f"change {number}: {message}", mend


def _of_rule(change: Mapping[str, Any], rules: Collection[str]) -> Iterable[tuple[str, str]]:
    if change["kind"] in ("rule-on", "rule-off") and change["target"] not in rules:
        yield (
            f'there is no rule or group "{change["target"]}".',
            did_you_mean(change["target"], rules),
        )


def _of_change(change: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key in sorted(set(change) - _KEYS):
        yield f'there is no "{key}".', did_you_mean(key, _KEYS)
    day, kind = change.get("day"), str(change.get("kind", ""))
    if not isinstance(day, date) or isinstance(day, datetime):
        yield "day is missing or no date.", "Write day = 2020-01-28."
    if kind not in KINDS:
        yield f'kind is "{kind}".', did_you_mean(kind, KINDS)
    for name in KINDS.get(kind, ()):
        if name in _FIGURES:
            yield from _of_figure(change, name)
        elif not change.get(name):
            yield f"{kind} needs {name}.", f"Add {name} = ..."
    for key in ("target", "country", "buyer", "supplier"):
        if not isinstance(change.get(key, ""), str):
            yield f'{key} is "{change[key]}".', "Write one name between quotes."
    if kind == "supply-cut" and not any(change.get(key) for key in ("country", "supplier")):
        yield "supply-cut needs country or supplier.", 'Add supplier = "..." or country = "US".'
    if change.get("country") and str(change["country"]) not in countries():
        yield f'country "{change["country"]}" is unknown.', "Use ISO 3166-1 codes."


def _of_figure(change: Mapping[str, Any], name: str) -> Iterable[tuple[str, str]]:
    values = [change.get(f"{name}_{level}") for level in _LEVELS]
    figures = [value for value in values if isinstance(value, int | float) and isfinite(value)]
    if len(figures) < len(values) or min(figures) < 0:
        cure = f"Write {name}_low = 1, {name}_typical = 2, {name}_high = 3."
        yield f"{name}_low, _typical and _high are needed, each 0 or more.", cure
    elif figures != sorted(figures):
        yield f"{name}_low, _typical, _high must rise.", "Swap them."
