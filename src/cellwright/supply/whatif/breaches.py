"""Rules that a scenario switches on and off, against a plan: which breaks first, for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from cellwright.supply.check import first_break, least_change
from cellwright.supply.elements import people_of
from cellwright.supply.evaluate import evaluate
from cellwright.supply.library import Scenario
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule, Step, sentence


def within(rule: Rule, on: date, off: date | None) -> Rule:
    """Return a rule that binds from one day and no longer on another."""
    limit = rule.limit_on(on)
    steps = [Step(on, limit)] if limit is not None and rule.steps[0].start < on else []
    steps += [step for step in rule.steps if step.start >= on]
    until = rule.until if off is None else off - timedelta(days=1)
    if rule.until is not None and until is not None:
        until = min(until, rule.until)
    return replace(rule, steps=tuple(steps or [Step(on, None)]), until=until)


def breaches(
    scenario: Scenario,
    elements: pd.DataFrame,
    parties: Parties,
    until: date,
    *,
    known: tuple[Rule, ...] | None = None,
    standing: Iterable[Rule] = (),
    areas: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Check a plan against the rules of a scenario, each while it is in force.

    Parameters
    ----------
    scenario : Scenario
        Switches rules of `known` (default: the library) on and off.
    elements : DataFrame
        From `plan_elements`.
    until : date
        Last day looked at.
    standing : iterable of Rule
        Rules that hold without the scenario.

    Returns
    -------
    DataFrame
        ``rule_id, sentence, acts_on, on, off, first_break`` (NaT: never), ``broken, value, limit``
        (on the first day it is broken), ``people`` (served by the sites that offend then or at the
        end), ``sites, elements`` (ids), ``to_change`` (elements of the fewest sites whose maker
        must change), ``by_scenario``.
    """
    spans = [(rule, on, off, True) for rule, on, off in scenario.spans(known)]
    spans += [(rule, rule.steps[0].start, None, False) for rule in standing if rule.steps]
    rows = []
    for rule, on, off, mine in spans:
        bound = within(rule, on, off)
        last = until if bound.until is None else min(until, bound.until)
        day = first_break(bound, elements, last, parties, areas) if last >= on else None
        found = None if day is None else evaluate(bound, elements, day, parties, areas)
        ids = () if day is None else _offending(bound, elements, (day, last), parties, areas)
        sites = tuple(elements.loc[elements["element_id"].isin(ids), "site_id"].unique())
        change = () if day is None else _to_change(bound, elements, (day, last), parties, areas)
        rows.append(
            {
                "rule_id": rule.rule_id,
                "sentence": sentence(rule, parties),
                "acts_on": rule.acts_on,
                "on": pd.Timestamp(on),
                "off": pd.NaT if off is None else pd.Timestamp(off),
                "first_break": pd.NaT if day is None else pd.Timestamp(day),
                "broken": day is not None,
                "value": float("nan") if found is None else found.value,
                "limit": float("nan") if found is None else found.limit,
                "people": people_of(elements, ids) if ids else 0.0,
                "sites": sites,
                "elements": ids,
                "to_change": change,
                "by_scenario": mine,
            }
        )
    columns = ["rule_id", "sentence", "acts_on", "on", "off", "first_break", "broken", "value"]
    columns += ["limit", "people", "sites", "elements", "to_change"]
    return pd.DataFrame(rows, columns=[*columns, "by_scenario"])


def _offending(
    rule: Rule,
    elements: pd.DataFrame,
    days: Iterable[date],
    parties: Parties,
    areas: Mapping[str, Any] | None,
) -> tuple[str, ...]:
    """Return the elements that offend on any of some days."""
    found = [evaluate(rule, elements, day, parties, areas).offending for day in days]
    return tuple(dict.fromkeys(name for ids in found for name in ids))


def _to_change(
    rule: Rule,
    elements: pd.DataFrame,
    days: tuple[date, ...],
    parties: Parties,
    areas: Mapping[str, Any] | None,
) -> tuple[str, ...]:
    """Return the offending elements of the fewest units whose maker must change on some days.

    A permit that is lacking is asked for; nobody changes for it.
    """
    if rule.kind == "permit":
        return ()
    units: set[str] = set()
    for day in days:
        units |= set(least_change(rule, elements, day, parties, areas) or ())
    ids = set(_offending(rule, elements, days, parties, areas))
    chosen = elements["element_id"].isin(units) | elements["site_id"].isin(units)
    return tuple(elements.loc[chosen & elements["element_id"].isin(ids), "element_id"])
