"""What a scenario adds to the bill: duties, prices, and the swap of what a rule forbids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from cellwright.supply.library import Scenario, hs_codes
from cellwright.supply.origin import landed_cost
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Who
from cellwright.supply.stress.phases import LEVELS
from cellwright.supply.swap import SwapTerms
from cellwright.supply.swap_plan import SwapPlan, swap_plan
from cellwright.supply.whatif.effects import figures

MONEY_COLUMNS = ("line", *LEVELS, "unit", "note")


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return function -> HS heading of the shipped table."""
    table = hs_codes()
    named = zip(table["hs"], table["functions"].str.split(";"), strict=True)
    return {function: hs for hs, functions in named for function in functions if function}


def origin_of(elements: pd.DataFrame, parties: Parties) -> pd.Series:
    """Return where each element is made; where it does not say, the seat of its maker."""
    seats = elements["maker"].map(lambda name: parties[name].country if name in parties else "")
    return elements["made_in"].where(elements["made_in"] != "", seats)


def duties(
    scenario: Scenario,
    elements: pd.DataFrame,
    parties: Parties,
    importer: str,
    table: pd.DataFrame | None = None,
) -> list[dict[str, Any]]:
    """Return lines of duty: with the rates on record, and with those of the scenario on top.

    Goods bear the rates of the day they are installed; what is installed before a change does not
    bear it.
    """
    origins = origin_of(elements, parties)
    record, added, notes = 0.0, dict.fromkeys(LEVELS, 0.0), set[str]()
    changes = [change for change in scenario.changes if change["kind"] == "tariff"]
    keys = [elements["function"], origins, elements["installed"]]
    sums = elements["value"].groupby(keys).sum()
    for (function, origin, day), value in zip(sums.index.to_list(), sums, strict=True):
        when, hs = pd.Timestamp(day).date(), _codes().get(str(function), "")
        known = landed_cost(float(value), hs, str(origin), importer, when, table)
        record += known.duty
        if known.bites:
            notes.add(known.note)
        for change in changes:
            if change["day"] <= when and change["country"] == origin and origin != importer:
                for level, rate in zip(LEVELS, figures(change, "factor"), strict=True):
                    more = landed_cost(float(value), hs, str(origin), importer, when, table,
                                       [(str(origin), rate)])  # fmt: skip
                    added[level] += more.duty - known.duty
    note = "; ".join(sorted(notes)) or f"tariffs on record do not bite for importer {importer!r}"
    lines = [_line("duty by the rates on record", (record,) * 3, note)]
    if changes:
        lines.append(_line("duty the scenario adds", tuple(added.values()), "on later installs"))
    return lines


def prices(scenario: Scenario, elements: pd.DataFrame, parties: Parties) -> list[dict[str, Any]]:
    """Return lines of dearer purchases: by maker (target) or country, installs from the day on."""
    origins, lines = origin_of(elements, parties), []
    for change in scenario.changes:
        if change["kind"] != "price":
            continue
        hit = elements["installed"] >= pd.Timestamp(change["day"])
        if change.get("country"):
            hit &= origins == change["country"]
        if change.get("target"):
            members = parties.group([str(change["target"])], change["day"])
            hit &= elements["maker"].map(parties.id_of).isin(members)
        value = float(elements.loc[hit, "value"].sum())
        low, typical, high = (value * (factor - 1.0) for factor in figures(change, "factor"))
        about = change.get("target") or change.get("country") or "everyone"
        lines.append(_line(f"dearer equipment of {about}", (low, typical, high), "later installs"))
    return lines


def forced_change(
    rules: pd.DataFrame,
    elements: pd.DataFrame,
    phases: pd.DataFrame,
    parties: Parties,
    terms: SwapTerms | None = None,
) -> SwapPlan | None:
    """Return the change of makers that broken rules of a scenario force; None: none is broken.

    The fewest sites that make each rule hold change, from the day the scenario switches the rules
    on; what runs and is not changed when its rule is broken is switched off until it is.
    """
    broken = rules[rules["broken"] & rules["by_scenario"]]
    ids = sorted({name for names in broken["to_change"] for name in names})
    if not ids:
        return None
    day, sites = broken["on"].min().date(), elements.set_index("element_id")["site_id"]
    deadline: dict[str, date] = {}
    for names, first in zip(broken["to_change"], broken["first_break"], strict=True):
        for site in sites.loc[list(names)].unique():
            deadline[site] = min(deadline.get(site, date.max), first.date())
    return swap_plan(elements, Who(), day, phases, parties, ids=ids, deadline=deadline, terms=terms)


def swap_lines(found: SwapPlan) -> list[dict[str, Any]]:
    """Return the lines of money of a change of makers."""
    lines = []
    for name in ("gross", "natural_replacement", "net", "uplift", "total"):
        low, typical, high = map(float, found.table.loc[name, list(LEVELS)].to_numpy())
        words = name.replace("_", " ")
        note = "the fewest sites that make the rules hold; a compliant plan may be cheaper"
        lines.append(_line(f"swap, {words}", (low, typical, high), note))
    return lines


def money(
    scenario: Scenario,
    elements: pd.DataFrame,
    parties: Parties,
    importer: str,
    more: list[dict[str, Any]],
    table: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return all lines of money: ``line, low, typical, high, unit, note``."""
    lines = duties(scenario, elements, parties, importer, table)
    lines += prices(scenario, elements, parties) + more
    return pd.DataFrame(lines, columns=list(MONEY_COLUMNS))


def _line(name: str, values: tuple[float, ...], note: str) -> dict[str, Any]:
    amounts: Mapping[str, float] = dict(zip(LEVELS, values, strict=True))
    return {"line": name, **amounts, "unit": "as the values given", "note": note}
