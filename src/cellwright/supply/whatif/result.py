"""The one call: a scenario against a plan, as tables and a sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from cellwright.supply.check import NOTE
from cellwright.supply.elements import people_at
from cellwright.supply.library import Scenario
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule
from cellwright.supply.stress.outages import RECOVER_MONTHS
from cellwright.supply.stress.phases import (
    LEVELS,
    at_level,
    first_missed,
    phase_table,
    phases_ranges,
    phases_sentence,
)
from cellwright.supply.stress.plan import (
    COVER_MONTHS,
    LEAD_MONTHS,
    PlanChain,
    plan_chain,
    survive_plan,
)
from cellwright.supply.stress.timeline import DAYS_PER_MONTH, Cut
from cellwright.supply.swap import SwapTerms
from cellwright.supply.whatif.breaches import breaches
from cellwright.supply.whatif.effects import Triple, cuts_of, scenario_covers, support_ends
from cellwright.supply.whatif.money import forced_change, money, swap_lines

#: Months after the last phase and the last change up to which support and rules are looked at.
STUDY_MONTHS = 36


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What a scenario does to a plan.

    Attributes
    ----------
    scenario : Scenario
        What was applied.
    rules : DataFrame
        From `breaches`: what is broken, since when, for how many people.
    phases : DataFrame
        ``phase, due, people``; ``late_months_base, met_base`` without the scenario; ``done,
        late_months, waiting, person_months, met`` with ``_low, _typical, _high``.
    survive : DataFrame
        From `survive_ranges` by supplier, country and part, told apart by the column ``by``.
    cuts : DataFrame
        ``node, start, end_low, end_typical, end_high`` (dates): what is cut when.
    unpatched : DataFrame
        From `unpatched`, with ``target`` and ``day``.
    money : DataFrame
        ``line, low, typical, high, unit, note``.
    coverage : DataFrame or None
        Person-months lost by the swap of what rules forbid; None: nothing to swap.
    assumptions : DataFrame
        ``assumption, value, unit, source, evidence``.
    until : date
        Last day of the study.
    sentence : str
        What stops, when, for how many people.
    note : str
        That this is no legal advice.
    """

    scenario: Scenario
    rules: pd.DataFrame
    phases: pd.DataFrame
    survive: pd.DataFrame
    cuts: pd.DataFrame
    unpatched: pd.DataFrame
    money: pd.DataFrame
    coverage: pd.DataFrame | None
    assumptions: pd.DataFrame
    until: date
    sentence: str
    note: str = NOTE


def whatif(
    scenario: Scenario,
    elements: pd.DataFrame,
    phases: pd.DataFrame,
    parties: Parties,
    *,
    parts: pd.DataFrame | None = None,
    stock: pd.DataFrame | None = None,
    cover_months: Triple = COVER_MONTHS,
    recover_months: Triple | Mapping[str, Triple] = RECOVER_MONTHS,
    lead_months: float = LEAD_MONTHS,
    known: tuple[Rule, ...] | None = None,
    standing: Iterable[Rule] = (),
    areas: Mapping[str, Any] | None = None,
    importer: str = "",
    tariff_table: pd.DataFrame | None = None,
    terms: SwapTerms | None = None,
    until: date | None = None,
) -> WhatIf:
    """Apply a scenario to a plan.

    Parameters
    ----------
    scenario : Scenario
        Dated changes.
    elements : DataFrame
        From `plan_elements`.
    phases : DataFrame
        ``phase, due, sites, people``, in order.
    parties : Parties
        Who is seated where and owns whom.
    parts : DataFrame, optional
        From `plan_parts`.
    stock : DataFrame, optional
        The operator's own, as from `read_stock`.
    cover_months : three floats
        Months of parts held low, typical, high, where the scenario does not say.
    recover_months : three floats or mapping
        Time to recover of single outages, for ``survive``.
    lead_months : float
        From order to delivery.
    known : tuple of Rule, optional
        Rules the scenario may switch; default: the library.
    standing : iterable of Rule
        Rules that hold anyway.
    areas : mapping of str to geometry, optional
        Areas of the rules.
    importer : str
        Country code of the operator, for duties.
    tariff_table : DataFrame, optional
        As `tariffs`.
    terms : SwapTerms, optional
        Terms of a swap that a broken rule forces.
    until : date, optional
        Last day; default: 36 months after the last phase, change or step of a rule.

    Returns
    -------
    WhatIf
        Low, typical and high are levels of harm: low pairs the shortest cuts with the most stock.
    """
    days = [change["day"] for change in scenario.changes]
    last = max([*days, pd.to_datetime(phases["due"]).max().date()])
    steps = [step.start for rule, _, _ in scenario.spans(known) for step in rule.steps]
    end = until or (pd.Timestamp(max([last, *steps])) + pd.DateOffset(months=STUDY_MONTHS)).date()
    made = plan_chain(elements, phases, parties, parts, stock=stock, cover_months=cover_months[1],
                      start=min(days), lead_months=lead_months)  # fmt: skip
    cuts = cuts_of(scenario, made, parties)
    covers = scenario_covers(scenario, made, cover_months)
    stressed = _phases(made, cuts, covers)
    rules = breaches(scenario, elements, parties, end, known=known, standing=standing, areas=areas)
    change = forced_change(rules, elements, phases, parties, terms)
    lines = [] if change is None else swap_lines(change)
    coverage = None if change is None else change.coverage
    left = support_ends(scenario, elements, end, parties)
    bill = money(scenario, elements, parties, importer, lines, tariff_table)
    return WhatIf(
        scenario,
        rules,
        stressed,
        _survive(made, covers, recover_months),
        _cut_table(made, cuts),
        left,
        bill,
        coverage,
        _assumed(made, scenario, cover_months),
        end,
        _sentence(scenario, rules, stressed, left, made, cuts, elements, bill, coverage),
    )


def _phases(
    made: PlanChain, cuts: Mapping[str, list[Cut]], covers: Mapping[str, PlanChain]
) -> pd.DataFrame:
    ends = [edge for mine in cuts.values() for cut in mine for edge in (cut.start, cut.end)]
    timeline = made.timeline(tuple(ends))
    stocks = {level: covers[level].chain.nodes["stock"] for level in LEVELS}
    base = phase_table(timeline, [], made.phases, stocks["typical"])
    out = phases_ranges(timeline, cuts, made.phases, stocks)
    out.insert(3, "late_months_base", base["late_months"])
    out.insert(4, "met_base", base["met"])
    return out


def _survive(
    made: PlanChain, covers: Mapping[str, PlanChain], recover: Triple | Mapping[str, Triple]
) -> pd.DataFrame:
    high, typical, low = (covers[level] for level in LEVELS)  # least harm has the most stock
    return survive_plan(made, (low, typical, high), recover)


def _cut_table(made: PlanChain, cuts: Mapping[str, list[Cut]]) -> pd.DataFrame:
    rows = []
    for level in LEVELS:
        for cut in cuts[level]:
            rows += [(node, cut.start, level, cut.end) for node in cut.nodes]
    flat = pd.DataFrame(rows, columns=["node", "start", "level", "end"])
    wide = flat.pivot_table(index=["node", "start"], columns="level", values="end", sort=False)
    wide = wide.reindex(columns=list(LEVELS)).add_prefix("end_").reset_index()
    first = pd.Timestamp(made.start)
    for name in ("start", *(f"end_{level}" for level in LEVELS)):
        days = (wide[name].astype(float) * DAYS_PER_MONTH).round()
        wide[name] = first + pd.to_timedelta(days, unit="D")
    return wide.rename_axis(columns=None)


def _assumed(made: PlanChain, scenario: Scenario, cover: Triple) -> pd.DataFrame:
    rows = []
    for change in scenario.changes:
        for name in ("months", "factor"):
            given = [change.get(f"{name}_{level}", change.get(name)) for level in LEVELS]
            if any(value is not None for value in given):
                text = " / ".join(f"{value:g}" for value in given if value is not None)
                what = f"{change['kind']} of {change['day']}: {name}"
                source = change.get("note") or scenario.source
                rows.append((what, text, "months" if name == "months" else "", source, "assumed"))
    if not any(change["kind"] == "stock" for change in scenario.changes):
        text = " / ".join(f"{value:g}" for value in cover)
        source = "CLSA 2019, Mobile Experts 2019, Nikkei 2020: they contradict each other"
        rows.append(("cover of parts held by vendors", text, "months", source, "seen"))
    own = made.assumptions[~made.assumptions["assumption"].str.startswith("stock of parts")]
    columns = list(made.assumptions.columns)
    return pd.concat([own, pd.DataFrame(rows, columns=columns)], ignore_index=True)


def _sentence(
    scenario: Scenario,
    rules: pd.DataFrame,
    phases: pd.DataFrame,
    left: pd.DataFrame,
    made: PlanChain,
    cuts: Mapping[str, list[Cut]],
    elements: pd.DataFrame,
    bill: pd.DataFrame,
    coverage: pd.DataFrame | None,
) -> str:
    """Say what stops, when, for how many people."""
    said = [
        *_said_cuts(made, cuts, phases),
        *_said_rules(rules, bill, coverage),
        *_said_support(left, elements),
    ]
    said += _said_money(bill)
    if not said:
        return f"{scenario.title}: nothing in this scenario touches this plan."
    return f"{scenario.title}: " + " ".join(said)


def _said_cuts(made: PlanChain, cuts: Mapping[str, list[Cut]], phases: pd.DataFrame) -> list[str]:
    if not cuts["typical"]:
        return []
    said = []
    for cut in cuts["typical"]:
        names = list(cut.nodes)
        first, last = (
            (pd.Timestamp(made.start) + pd.Timedelta(days=round(edge * DAYS_PER_MONTH))).date()
            for edge in (cut.start, cut.end)
        )
        few = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        said.append(f"supply of {few} stops from {first} to {last}")
    low, typical, high = (at_level(phases, level) for level in LEVELS)
    text = f"{'; '.join(said)}. Typically {phases_sentence(typical)}"
    missed = first_missed(typical)
    lost = [float(table["person_months"].sum()) for table in (low, typical, high)]
    if missed is None and first_missed(high) is not None:
        text += f"; at worst {phases_sentence(high)}"
    if any(lost):
        shown = " / ".join(f"{v:,.0f}" if math.isfinite(v) else "without end" for v in lost)
        text += f" ({shown} person-months low / typical / high)"
    return [f"{text}."]


def _said_rules(
    rules: pd.DataFrame, bill: pd.DataFrame, coverage: pd.DataFrame | None
) -> list[str]:
    said = []
    for row in rules[rules["broken"] & rules["by_scenario"]].to_dict("records"):
        said.append(
            f"Rule {row['rule_id']} is indicated as broken from {row['first_break']:%Y-%m-%d} by "
            f"{len(row['sites'])} sites that serve {row['people']:,.0f} people."
        )
    if coverage is not None:
        cost = bill.set_index("line").loc["swap, total", list(LEVELS)]
        shown = " / ".join(f"{v:,.0f}" for v in cost)
        lost = " / ".join(f"{v:,.0f}" for v in coverage["total"])
        said.append(
            f"To change makers costs {shown} and {lost} person-months of coverage, "
            "low / typical / high."
        )
    return said


def _said_support(left: pd.DataFrame, elements: pd.DataFrame) -> list[str]:
    said, served = [], people_at(elements)
    for (target, day), mine in left[left["months"] > 0.0].groupby(["target", "day"], sort=False):
        people = float(served.reindex(mine["site_id"].unique()).sum())
        said.append(
            f"Software support of {target} ends on {day:%Y-%m-%d}: equipment serving "
            f"{people:,.0f} people stays unpatched for up to {mine['months'].max():.0f} months."
        )
    return said


def _said_money(bill: pd.DataFrame) -> list[str]:
    said = []
    for row in bill[bill["high"] > 0.0].to_dict("records"):
        if not str(row["line"]).startswith(("swap", "duty by the rates")):
            shown = " / ".join(f"{row[level]:,.0f}" for level in LEVELS)
            said.append(f"{str(row['line']).capitalize()}: {shown} low / typical / high.")
    return said
