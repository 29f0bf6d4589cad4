"""What the lost person-months of a scenario hang on: one input at its ends, all others typical."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cellwright.project.supply.case import SupplyCase

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.supply import Scenario

#: Months from order to delivery: low, typical, high. Assumed, as ``SwapTerms.lead_months``.
LEAD_MONTHS = (3.0, 6.0, 12.0)
#: Months of parts held by vendors where a scenario does not say: published figures.
_KINDS = {"supply-cut": "length of the cuts", "stock": "parts held"}


def varied(case: SupplyCase, scenario: Scenario) -> pd.DataFrame:
    """Run a scenario with each of its inputs at both ends.

    Returns
    -------
    DataFrame
        ``input, value_low, value_high, outcome, unit, outcome_low, outcome_typical,
        outcome_high``; inputs that change nothing are left out.
    """
    import pandas as pd

    typical = _lost(case, scenario)
    rows = []
    for kind, name in _KINDS.items():
        changes = [one for one in scenario.changes if one["kind"] == kind]
        if not changes:
            continue
        low, high = (_lost(case, _at(scenario, kind, level)) for level in ("low", "high"))
        ends = [
            " / ".join(dict.fromkeys(f"{one[f'months_{level}']:g}" for one in changes)) + " months"
            for level in ("low", "high")
        ]
        rows.append((name, *ends, low, typical, high))
    short, _, long = LEAD_MONTHS
    low, high = (_lost(case, scenario, lead_months=months) for months in (short, long))
    words = f"{short:g} months", f"{long:g} months"
    rows.append(("lead time of parts and equipment", *words, low, typical, high))
    columns = ["input", "value_low", "value_high", "outcome_low", "outcome_typical", "outcome_high"]
    table = pd.DataFrame(rows, columns=columns)
    moved = (table["outcome_low"] != typical) | (table["outcome_high"] != typical)
    about = f"person-months lost, {scenario.title}"
    return table[moved].assign(outcome=about, unit="person-months").reset_index(drop=True)


def _at(scenario: Scenario, kind: str, level: str) -> Scenario:
    """Return a scenario in which one kind of change has the figure of one end as its typical."""

    def moved(change: Mapping[str, Any]) -> dict[str, Any]:
        mine = change["kind"] == kind
        return {**change, "months_typical": change[f"months_{level}"]} if mine else dict(change)

    return replace(scenario, changes=tuple(moved(one) for one in scenario.changes))


def _lost(case: SupplyCase, scenario: Scenario, **terms: Any) -> float:
    from cellwright.project.supply.stressed import applied_to

    found = applied_to(case, scenario, **terms)
    return float(found.phases["person_months_typical"].sum())
