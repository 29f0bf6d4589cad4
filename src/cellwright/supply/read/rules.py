"""Rules from CSV, XLSX (one row for each step) and TOML; and back to a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.errors import Faults, did_you_mean, shown_path
from cellwright.supply.codes import DOMAINS, FUNCTIONS, countries
from cellwright.supply.parties import Parties
from cellwright.supply.read.contradictions import contradictions
from cellwright.supply.read.tables import ROW, read_table, read_toml
from cellwright.supply.rules import (
    ACTS_ON,
    BASES,
    EVIDENCE,
    KINDS,
    METRICS,
    SEVERITIES,
    Rule,
    Step,
    Who,
)
from cellwright.supply.values import BAR, attributes, day, flag, members, share, text, written

_WHO = ("parties", "countries", "attributes", "lists", "made_in", "ownership", "other_than", "text")
_LISTS = ("functions", "technologies", "tags", "where")
_PLAIN = (
    "group", "jurisdiction", "instrument", "basis", "metric", "window", "acts_on", "source",
    "evidence", "severity", "note",
)  # fmt: skip
_ONCE = (
    "kind", *(f"who_{name}" for name in _WHO), *_LISTS, *_PLAIN, "until", "announced",
    "only_if_present", "permit_months",
)  # fmt: skip
RULE_COLUMNS = ("rule_id", "start", "limit", *_ONCE)
#: Word in ``limit`` of a table that ends the step before.
LIFTED = "lifted"
_CHOICES = {
    "kind": KINDS, "basis": BASES, "metric": METRICS, "acts_on": ACTS_ON, "evidence": EVIDENCE,
    "severity": SEVERITIES, "window": ("year", "since"),
}  # fmt: skip
#: Kind -> greatest limit, and what is allowed in words; a ban that allows a share is a cap.
_TOPS = {
    "prohibit": (0.0, "0 (for a share write cap)"), "permit": (0.0, "0"),
    "cap": (1.0, "0 to 1"), "min-share": (1.0, "0 to 1"),
}  # fmt: skip
_KEYS = (*Rule.__dataclass_fields__, ROW)


def read_rules(
    path: str | Path, faults: Faults | None = None, parties: Parties | None = None
) -> tuple[Rule, ...]:
    """Read rules.

    Parameters
    ----------
    path : str or Path
        TOML (``[[rule]]`` as shipped), or CSV or XLSX with `RULE_COLUMNS`: further rows of a
        ``rule_id`` add steps (``start, limit``; limit "35 %" or 0.35, "lifted" ends it).
    faults : Faults, optional
        Takes the faults; without it they are raised.
    parties : Parties, optional
        Tell who belongs to whom where rules contradict each other; a rule that names none of them
        is warned of.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given: also rules that contradict each other.
    """
    own, file = Faults() if faults is None else faults, shown_path(path)
    if Path(path).suffix.lower() == ".toml":
        records = read_toml(Path(path), "rule", own)
    else:
        table = read_table(path, RULE_COLUMNS, own, key="rule", needed=("rule_id", "kind", "start"))
        records = list(_gathered(table, file, own))
    rules = as_rules(records, file, own)
    rows = {text(one.get("rule_id")): int(one[ROW]) for one in records}
    if parties is not None:
        _warn_of_strangers(rules, parties, own, file, rows)
    contradictions(rules, own, file, parties, rows)
    if faults is None:
        own.raise_errors()
    return rules


def _gathered(table: pd.DataFrame, file: str, faults: Faults) -> Iterable[dict[str, Any]]:
    """Return one record for each rule of a flat table, with its steps, as TOML has them."""
    found: dict[str, dict[str, Any]] = {}
    for at, row in enumerate(table.to_dict("records")):
        name = row["rule_id"] or f"__{at}"
        rule = found.setdefault(name, {"rule_id": row["rule_id"], ROW: row[ROW], "steps": []})
        for key in _ONCE:
            if row[key] and rule.setdefault(key, row[key]) != row[key]:
                message = f'rule "{name}": {key} is "{row[key]}" here and "{rule[key]}" above.'
                where = {"file": file, "row": int(row[ROW])}
                faults.error("rules.twice", message, "Keep one.", **where)
        limit = row["limit"] or ("0" if rule.get("kind") in ("prohibit", "permit") else "")
        rule["steps"].append({"start": row["start"], "limit": limit})
    for rule in found.values():
        who = {name: rule.pop(f"who_{name}") for name in _WHO if f"who_{name}" in rule}
        yield {**rule, "who": who}


def as_rules(tables: Iterable[Mapping[str, Any]], file: str, faults: Faults) -> tuple[Rule, ...]:
    """Turn records into rules; those with faults are left out."""
    rules: list[Rule] = []
    for at, table in enumerate(tables, start=1):
        read, problems = _read(table)
        place = {"file": file, "row": int(table.get(ROW, at))}
        _warn_of_words(read, place, faults)
        if read["rule_id"] in {rule.rule_id for rule in rules}:
            problems.append((f'"{read["rule_id"]}" is given twice.', "Ids must differ."))
        for message, cure in problems:
            label = f'rule "{read["rule_id"] or f"number {at}"}": {message}'
            faults.error("rules.value", label, cure, **place)
        if not problems:
            rules.append(Rule(**read))
    return tuple(rules)


_Problems = list[tuple[str, str]]


def _read(table: Mapping[str, Any]) -> tuple[dict[str, Any], _Problems]:
    """Return the fields of a rule, and what is wrong with them."""
    problems: _Problems = []
    for key in sorted(set(table) - set(_KEYS)):
        problems.append((f'there is no "{key}".', did_you_mean(key, _KEYS[:-1])))
    read: dict[str, Any] = {"rule_id": text(table.get("rule_id"))}
    if not read["rule_id"]:
        problems.append(("rule_id is empty.", "Name the rule."))
    for key in ("kind", *_PLAIN):
        if text(table.get(key)) or key == "kind":
            read[key] = text(table.get(key))
    for key, allowed in _CHOICES.items():
        if key in read and read[key] not in allowed:
            problems.append((f'{key} is "{read[key]}".', did_you_mean(read[key], allowed)))
    read |= {key: members(table[key]) for key in _LISTS if key in table}
    read |= _days_and_figures(table, problems)
    read["who"] = _who(table.get("who", {}), problems)
    read["steps"] = _steps(table.get("steps"), read["kind"], read.get("until"), problems)
    return read, problems


def _warn_of_words(read: Mapping[str, Any], place: dict[str, Any], faults: Faults) -> None:
    """Warn of functions that no part of a network has; an operator may have own words."""
    for name in read.get("functions", ()) if read.get("acts_on") in (None, "network") else ():
        if name not in (*DOMAINS, *FUNCTIONS):
            message = f'rule "{read["rule_id"]}": function "{name}" is not known.'
            hint = did_you_mean(name, (*DOMAINS, *FUNCTIONS))
            faults.warn("rules.function", message, hint, **place)


def _warn_of_strangers(
    rules: Iterable[Rule], parties: Parties, faults: Faults, file: str, rows: Mapping[str, int]
) -> None:
    """Warn of parties that nobody describes: a misspelt name would match no equipment."""
    for rule in rules:
        for name in (one for one in rule.who.parties if one not in parties):
            message = f'rule "{rule.rule_id}": there is no party "{name}".'
            cure = did_you_mean(name, [party.party_id for party in parties])
            where = {"file": file, "row": rows[rule.rule_id]}
            faults.warn("rules.party", message, cure, **where)


def _days_and_figures(table: Mapping[str, Any], problems: _Problems) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key in ("until", "announced"):
        read[key] = _day(table.get(key), key, problems)
    if text(table.get("permit_months")):
        months = share(table["permit_months"])
        if months is None or months < 0.0:
            problems.append((f'permit_months is "{table["permit_months"]}".', "Give months."))
        read["permit_months"] = months or 0.0
    if text(table.get("only_if_present")):
        said = flag(table["only_if_present"])
        if said is None:
            problems.append((f'only_if_present is "{table["only_if_present"]}".', "Write yes."))
        read["only_if_present"] = bool(said)
    return read


def _day(value: Any, key: str, problems: _Problems) -> date | None:
    try:
        return day(value)
    except ValueError:
        problems.append((f'{key} is "{value}", which is no date.', "Write it as 2023-01-28."))
        return None


def _who(given: Any, problems: _Problems) -> Who:
    if not isinstance(given, Mapping):
        problems.append(("who is no table.", 'Write who = { parties = ["Acme"] }.'))
        return Who()
    for key in sorted(set(given) - set(_WHO)):
        problems.append((f'who has no "{key}".', did_you_mean(key, _WHO)))
    lists = {key: members(given.get(key)) for key in ("parties", "countries", "lists", "made_in")}
    for code in (*lists["countries"], *lists["made_in"]):
        if code not in countries():
            problems.append((f'country "{code}" is unknown.', "Use ISO 3166-1 codes."))
    held, other = share(given.get("ownership", 0.5)), flag(given.get("other_than", False))
    if held is None or held <= 0.0:
        problems.append((f'who.ownership is "{given["ownership"]}".', "Give a share above 0."))
    if other is None:
        problems.append((f'who.other_than is "{given["other_than"]}".', "Write yes or no."))
    facts = attributes(given.get("attributes"))
    words = text(given.get("text"))
    return Who(**lists, attributes=facts, ownership=held or 0.5, other_than=bool(other), text=words)


def _steps(given: Any, kind: str, until: date | None, problems: _Problems) -> tuple[Step, ...]:
    shaped = isinstance(given, (list, tuple)) and all(isinstance(one, Mapping) for one in given)
    cure = "Write steps = [{ start = 2023-01-28, limit = 0.35 }]."
    if not shaped or not given:
        problems.append(("steps need a start date each.", cure))
        return ()
    steps = []
    for one in given:
        start = _day(one.get("start"), "start", problems)
        if start is None and not text(one.get("start")):
            problems.append(("steps need a start date each.", cure))
        steps.append(Step(start or date.min, _limit(one.get("limit"), kind, problems)))
    days = [step.start for step in steps]
    if days != sorted(set(days)):
        problems.append(("dates of the steps are out of order.", "They must rise."))
    if until is not None and until < days[0]:
        problems.append((f"until {until} lies before the first step.", "Swap the dates."))
    return tuple(steps)


def _limit(given: Any, kind: str, problems: _Problems) -> float | None:
    """Return a limit; None where the step lifts the rule: absent in TOML, "lifted" in a table."""
    if given is None or text(given).lower() == LIFTED:
        return None
    limit, (top, allowed) = share(given), _TOPS.get(kind, (float("inf"), "0 or more"))
    if limit is None or not 0.0 <= limit <= top:
        said = f'limit is "{given}"' if text(given) else "a step has no limit"
        cure = 'Write 35 % as 0.35 or "35 %"; "lifted" ends it.'
        problems.append((f"{said}; allowed: {allowed}.", cure))
    return limit


def rule_table(rules: Iterable[Rule]) -> pd.DataFrame:
    """Return rules as the flat table that `read_rules` reads back: `RULE_COLUMNS`."""
    rows: list[dict[str, Any]] = []
    for rule in rules:
        first: dict[str, Any] = {key: getattr(rule, key) for key in ("kind", *_PLAIN)}
        first |= {key: BAR.join(getattr(rule, key)) for key in _LISTS}
        first |= {key: getattr(rule, key) for key in ("until", "announced")}
        first["only_if_present"] = "yes" if rule.only_if_present else "no"
        first["permit_months"] = repr(float(rule.permit_months))
        first |= {f"who_{key}": _who_cell(getattr(rule.who, key)) for key in _WHO}
        for at, step in enumerate(rule.steps):
            limit = LIFTED if step.limit is None else repr(float(step.limit))
            dated = {"rule_id": rule.rule_id, "start": step.start, "limit": limit}
            rows.append({**dated, **(first if at == 0 else {})})
    return pd.DataFrame(rows, columns=list(RULE_COLUMNS), dtype=object)


def _who_cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return written(value)
    if isinstance(value, tuple):
        return BAR.join(value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
