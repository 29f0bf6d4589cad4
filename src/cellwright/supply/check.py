"""All rules on all dates: value, limit, slack, who offends, when it breaks, what would mend it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from cellwright.supply.elements import amounts, in_scope, matches
from cellwright.supply.evaluate import Verdict, counted_in_scope, evaluate_in_scope
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule, sentence

NOTE = "An indication computed from the data given; nothing here is legal advice."


@dataclass(frozen=True, eq=False)
class Check:
    """What the rules say about a plan.

    Attributes
    ----------
    table : DataFrame
        One row per rule and date: ``rule_id, day, value, limit, slack, complies, offending``
        (element ids), ``changes`` (least number of units to change; NaN: cannot be mended),
        ``change`` (which), ``sentence``.
    breaks : DataFrame
        Index ``rule_id``: ``first_break``, the first day up to the last date on which the rule is
        broken; NaT: never.
    note : str
        That this is no legal advice.
    """

    table: pd.DataFrame
    breaks: pd.DataFrame
    note: str = NOTE


def check(
    elements: pd.DataFrame,
    parties: Parties,
    rules: Iterable[Rule],
    dates: Collection[date],
    areas: Mapping[str, Any] | None = None,
) -> Check:
    """Check a plan against rules on dates.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`.
    parties : Parties
        Who owns whom, and lists.
    rules : iterable of Rule
        Rules.
    dates : collection of date
        Days to report; the first break is sought over all days up to the last of them.
    areas : mapping of str to shapely geometry, optional
        Areas by name.

    Notes
    -----
    A value changes only where a limit, an install, a removal, a share, a listing or a year begins,
    so the first break is exact. The least change swaps the units that count most first: with one
    limit on a sum of weights no smaller set can free more.
    """
    rows, first = [], {}
    for rule in rules:
        said = sentence(rule, parties)
        scope = elements[in_scope(rule, elements, areas)]
        for day in sorted(dates):
            found = evaluate_in_scope(rule, scope, day, parties)
            units = _least_change(found, rule, scope, parties)
            rows.append(
                {
                    "rule_id": rule.rule_id,
                    "day": pd.Timestamp(day),
                    "value": found.value,
                    "limit": found.limit,
                    "slack": found.slack,
                    "complies": found.complies,
                    "offending": found.offending,
                    "changes": float("nan") if units is None else float(len(units)),
                    "change": () if units is None else units,
                    "sentence": said,
                }
            )
        first[rule.rule_id] = _first_break(rule, scope, max(dates), parties)
    breaks = pd.DataFrame({"first_break": pd.to_datetime(pd.Series(first, dtype=object))})
    return Check(pd.DataFrame(rows), breaks.rename_axis("rule_id"))


def first_break(
    rule: Rule,
    elements: pd.DataFrame,
    last: date,
    parties: Parties,
    areas: Mapping[str, Any] | None = None,
) -> date | None:
    """Return the first day up to `last` on which a plan breaks a rule, or None."""
    return _first_break(rule, elements[in_scope(rule, elements, areas)], last, parties)


def _first_break(rule: Rule, scope: pd.DataFrame, last: date, parties: Parties) -> date | None:
    days = {step.start for step in rule.steps} | parties.turns() | {last}
    for name in ("installed", "removed"):
        days |= {stamp.date() for stamp in scope[name].dropna().unique()}
    if rule.window == "year" and rule.steps:
        days |= {date(year, 12, 31) for year in range(rule.steps[0].start.year, last.year + 1)}
        days = {day for day in days if (day.month, day.day) == (12, 31)}
    begin = rule.steps[0].start if rule.steps else last
    for day in sorted(day for day in days if begin <= day <= last):
        if not evaluate_in_scope(rule, scope, day, parties).complies:
            return day
    return None


def least_change(
    rule: Rule,
    elements: pd.DataFrame,
    day: date,
    parties: Parties,
    areas: Mapping[str, Any] | None = None,
) -> tuple[str, ...] | None:
    """Return the fewest units whose maker must change for a plan to comply.

    Returns
    -------
    tuple of str or None
        Sites (elements for ``value`` and ``elements``); empty: complies already; None: no change
        of makers can mend it. For flow: units not to install, or from another maker.
    """
    scope = elements[in_scope(rule, elements, areas)]
    return _least_change(evaluate_in_scope(rule, scope, day, parties), rule, scope, parties)


def _least_change(
    verdict: Verdict, rule: Rule, scope: pd.DataFrame, parties: Parties
) -> tuple[str, ...] | None:
    if verdict.complies or verdict.limit is None:
        return ()
    day = verdict.day
    table = counted_in_scope(rule, scope, day)
    if rule.basis == "item":
        return None
    if rule.kind == "min-suppliers":
        return _more_suppliers(table, parties, day, int(verdict.limit - verdict.value + 0.999999))
    if rule.kind in ("permit", "prohibit"):
        ids = table.set_index("element_id")["site_id"]
        by_element = rule.kind == "permit" or rule.metric in ("value", "elements")
        names = verdict.offending if by_element else tuple(ids.loc[list(verdict.offending)])
        return tuple(dict.fromkeys(names))
    units = amounts(table, rule.metric, matches(rule.who, table, parties, day))
    least = rule.kind == "min-share"
    gain = (units["total"] - units["matched"]) if least else units["matched"]
    goal = verdict.limit * units["total"].sum()
    lacking = goal - units["matched"].sum() if least else units["matched"].sum() - goal
    return _largest_first(gain, lacking)


def _largest_first(gain: pd.Series, lacking: float) -> tuple[str, ...] | None:
    """Return the fewest units whose gains add up to what is lacking."""
    ordered = gain[gain > 0.0].sort_values(ascending=False, kind="stable")
    enough = ordered.cumsum() >= lacking - 1e-9
    if not enough.any():
        return None
    return tuple(str(name) for name in ordered.index[: int(enough.to_numpy().argmax()) + 1])


def _more_suppliers(
    table: pd.DataFrame, parties: Parties, day: date, missing: int
) -> tuple[str, ...] | None:
    heads = table["maker"].map(lambda name: parties.supplier_of(name, day))
    spare = table[heads.duplicated()]
    if len(spare) < missing:
        return None
    return tuple(spare["element_id"].iloc[:missing])


def day_before(day: date) -> date:
    """Return the last day on which a limit that binds from `day` does not bind yet."""
    return day - timedelta(days=1)
