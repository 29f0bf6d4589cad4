"""First use of a rule: what a plan comes to on a day, against the limit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from cellwright.supply.elements import (
    amounts,
    cleared,
    in_scope,
    installed_between,
    matches,
    running,
)
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule

_TINY = 1e-9


@dataclass(frozen=True)
class Verdict:
    """What a rule says about a plan on a day; an indication, not legal advice.

    Attributes
    ----------
    rule_id : str
        The rule.
    day : date
        The day.
    value : float
        Share (0 to 1), number of suppliers, or number of elements without a permit.
    limit : float or None
        Limit that binds; None: none binds on that day.
    slack : float
        Distance from the limit, negative where it is broken; infinite where none binds.
    complies : bool
        Whether the plan keeps the limit.
    offending : tuple of str
        Ids of the elements that count against the plan; empty where it complies.
    matched, total : float
        Amounts the share is made of, in the rule's metric.
    """

    rule_id: str
    day: date
    value: float
    limit: float | None
    slack: float
    complies: bool
    offending: tuple[str, ...]
    matched: float
    total: float


def counted(
    rule: Rule, elements: pd.DataFrame, day: date, areas: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Return the elements a rule counts on a day: those in scope that run, or were installed."""
    return counted_in_scope(rule, elements[in_scope(rule, elements, areas)], day)


def counted_in_scope(rule: Rule, elements: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return those of the elements in a rule's scope that run on a day, or were installed."""
    if rule.basis == "flow":
        step = rule.step_on(day)
        start = rule.steps[0].start if rule.steps else date.min
        first = start if step is None else step.start
        if rule.window == "year":
            first = date(day.year, 1, 1)
        return elements[installed_between(elements, first, day)]
    return elements[running(elements, day)]


def evaluate(
    rule: Rule,
    elements: pd.DataFrame,
    day: date,
    parties: Parties | None = None,
    areas: Mapping[str, Any] | None = None,
) -> Verdict:
    """Evaluate a rule on a plan on a day.

    Parameters
    ----------
    rule : Rule
        The rule; one that acts on ``"supply"`` says nothing about a network and complies.
    elements : DataFrame
        From `plan_elements`. For basis "item": parts, with ``item`` the product they are in.
    day : date
        The day; limits bind from their first day on.
    parties : Parties, optional
        Who owns whom, where they sit, and which lists they are on.
    areas : mapping of str to shapely geometry, optional
        Areas by name.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> import pandas as pd
    >>> from cellwright.supply import Rule, Step, Who, plan_elements
    >>> plan = plan_elements(pd.DataFrame({"site_id": list("abcde"), "maker": list("VVVWW")}))
    >>> cap = Rule("cap", "cap", Who(parties=("V",)), (Step(date(2023, 1, 28), 0.35),))
    >>> evaluate(cap, plan, date(2023, 1, 27)).complies
    True
    >>> found = evaluate(cap, plan, date(2023, 1, 28))
    >>> found.value, found.complies, len(found.offending)
    (0.6, False, 3)
    """
    scope = elements[in_scope(rule, elements, areas)]
    return evaluate_in_scope(rule, scope, day, Parties() if parties is None else parties)


def evaluate_in_scope(rule: Rule, elements: pd.DataFrame, day: date, parties: Parties) -> Verdict:
    """Evaluate a rule on the elements in its scope, as `evaluate`; spares looking for them."""
    limit = rule.limit_on(day)
    if rule.acts_on == "supply":
        return Verdict(rule.rule_id, day, 0.0, limit, math.inf, True, (), 0.0, 0.0)
    table = counted_in_scope(rule, elements, day)
    matched = matches(rule.who, table, parties, day)
    if rule.basis == "item":
        return _item(rule, table, matched, day, limit)
    if rule.kind == "min-suppliers":
        return _suppliers(rule, table, matched, parties, day, limit)
    if rule.kind == "permit":
        return _permit(rule, table, matched, day, limit)
    found = amounts(table, rule.metric, matched)
    return _share(rule, table, matched, (found["matched"].sum(), found["total"].sum()), day, limit)


def _share(
    rule: Rule,
    table: pd.DataFrame,
    matched: pd.Series,
    sums: tuple[float, float],
    day: date,
    limit: float | None,
) -> Verdict:
    part, whole = float(sums[0]), float(sums[1])
    least = rule.kind == "min-share"
    value = part / whole if whole > 0.0 else (1.0 if least and limit else 0.0)
    if rule.kind == "prohibit" and whole <= 0.0 and bool(matched.any()):
        value = 1.0
    slack = math.inf if limit is None else (value - limit if least else limit - value)
    complies = slack >= -_TINY
    if rule.kind == "prohibit" and limit == 0.0:
        complies = not bool(matched.any())
    against = ~matched if least else matched
    offending = () if complies else tuple(table.loc[against, "element_id"])
    return Verdict(rule.rule_id, day, value, limit, slack, complies, offending, part, whole)


def _item(
    rule: Rule, table: pd.DataFrame, matched: pd.Series, day: date, limit: float | None
) -> Verdict:
    part = table["value"].where(matched, 0.0).groupby(table["item"]).sum()
    whole = table["value"].groupby(table["item"]).sum()
    shares = (part / whole).fillna(0.0)
    value = float(shares.max()) if len(shares) else 0.0
    least = rule.kind == "min-share"
    if least:
        value = float(shares.min()) if len(shares) else 1.0
    slack = math.inf if limit is None else (value - limit if least else limit - value)
    over = (
        []
        if limit is None
        else [
            name
            for name, share in shares.items()
            if (share < limit - _TINY if least else share > limit + _TINY)
        ]
    )
    ids = tuple(table.loc[table["item"].isin(over), "element_id"])
    return Verdict(
        rule.rule_id, day, value, limit, slack, not over, ids, float(part.sum()), float(whole.sum())
    )


def _suppliers(
    rule: Rule,
    table: pd.DataFrame,
    matched: pd.Series,
    parties: Parties,
    day: date,
    limit: float | None,
) -> Verdict:
    heads = table["maker"].map(lambda name: parties.supplier_of(name, day))
    number = float(heads.nunique())
    applies = limit is not None and len(table) > 0
    if rule.only_if_present:
        applies = applies and bool(matched.any())
    slack = number - limit if applies and limit is not None else math.inf
    complies = slack >= 0.0
    ids = () if complies else tuple(table["element_id"])
    bound = limit if applies else None
    return Verdict(rule.rule_id, day, number, bound, slack, complies, ids, number, number)


def _permit(
    rule: Rule, table: pd.DataFrame, matched: pd.Series, day: date, limit: float | None
) -> Verdict:
    waiting = matched & ~cleared(rule, table)
    number = float(waiting.sum()) if limit is not None else 0.0
    slack = math.inf if limit is None else -number
    ids = tuple(table.loc[waiting, "element_id"]) if number else ()
    return Verdict(
        rule.rule_id, day, number, limit, slack, not number, ids, number, float(len(table))
    )
