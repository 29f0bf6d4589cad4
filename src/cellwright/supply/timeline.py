"""Each rule's value against its limit over the years, quarter by quarter, for a chart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from cellwright.supply.elements import in_scope
from cellwright.supply.evaluate import Verdict, evaluate
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule

COLUMNS = ("rule_id", "day", "value", "limit", "basis", "metric", "complies")


def timeline(
    rules: Iterable[Rule],
    elements: pd.DataFrame,
    parties: Parties,
    areas: Mapping[str, Any] | None,
    first: date,
    last: date,
) -> pd.DataFrame:
    """Evaluate rules over time.

    Parameters
    ----------
    rules : iterable of Rule
        Rules; those that act on supply or on one item have no value over time and are left out.
    elements : DataFrame
        From `plan_elements`.
    parties, areas : as in `evaluate`
    first, last : date
        First and last day.

    Returns
    -------
    DataFrame
        ``rule_id, day, value, limit`` (NaN: none binds), ``basis, metric, complies``, in order of
        time: the last day of every quarter, both ends, and each day on which a limit begins with
        the day before it, so that a step is drawn as a step.

    Notes
    -----
    A value is found anew only where something begins or ends, else that of the day before stands.
    """
    rows: list[dict[str, Any]] = []
    for rule in rules:
        if rule.acts_on != "network" or rule.basis == "item":
            continue
        table = elements[in_scope(rule, elements, areas)]
        turns, known = sorted(_turns(rule, table, parties)), dict[tuple[int, int], Verdict]()
        for day in _days(rule, first, last):
            key = bisect_right(turns, day), day.year if rule.window == "year" else 0
            if key not in known:
                known[key] = evaluate(rule, table, day, parties, areas)
            found = known[key]
            rows.append(
                {
                    "rule_id": rule.rule_id, "day": pd.Timestamp(day), "value": found.value,
                    "limit": float("nan") if found.limit is None else found.limit,
                    "basis": rule.basis, "metric": rule.metric, "complies": found.complies,
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _turns(rule: Rule, table: pd.DataFrame, parties: Parties) -> set[date]:
    """Return every day on which the value or the limit of a rule may change."""
    days = {step.start for step in rule.steps} | parties.turns()
    if rule.until is not None and rule.until < date.max:
        days.add((pd.Timestamp(rule.until) + pd.Timedelta(days=1)).date())
    for name in ("installed", "removed"):
        days |= {stamp.date() for stamp in table[name].dropna().unique()}
    return days


def _days(rule: Rule, first: date, last: date) -> list[date]:
    quarters = {stamp.date() for stamp in pd.date_range(first, last, freq="QE")}
    steps = {step.start for step in rule.steps}
    before = {(pd.Timestamp(day) - pd.Timedelta(days=1)).date() for day in steps}
    return sorted(day for day in {first, last} | quarters | steps | before if first <= day <= last)
