"""The answer held against the radio map and against the rules themselves; what rules cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cellwright.supply.evaluate import evaluate
from cellwright.supply.outage import Radio
from cellwright.supply.parties import Parties
from cellwright.supply.replan.calendar import Calendar
from cellwright.supply.replan.case import replanned_elements
from cellwright.supply.replan.problem import ReplanProblem
from cellwright.supply.replan.settle import settled
from cellwright.supply.replan.solve import Replan, Wanted, replan
from cellwright.supply.rules import Rule


@dataclass(frozen=True, eq=False)
class Verified:
    """A replanned network by two ways of counting.

    Attributes
    ----------
    people : DataFrame
        One row per phase: ``phase, sites`` (running), ``chosen_by`` (people covered by the demand
        cells the choice was made with), ``radio`` (by `coverage.signal` over all receivers),
        ``difference_share`` (of the radio's figure).
    rules : DataFrame
        One row per rule and phase, on its first and last day: ``rule_id, phase, day, value, limit,
        complies``, by `evaluate` on the answer's equipment.
    elements : DataFrame
        The answer's equipment.
    changes : DataFrame
        Equipment beside the choice that a ban makes change its maker, from `settled`.
    covered : float32 [receiver]
        Probability of coverage at the end.
    """

    people: pd.DataFrame
    rules: pd.DataFrame
    elements: pd.DataFrame
    changes: pd.DataFrame
    covered: NDArray[np.float32]

    @property
    def difference_share(self) -> float:
        """Difference of both counts at the end, as a share."""
        return float(self.people["difference_share"].iloc[-1])


def verify(
    radio: Radio,
    problem: ReplanProblem,
    when: Calendar,
    found: Replan,
    elements: pd.DataFrame,
    rules: Iterable[Rule],
    parties: Parties,
    areas: Mapping[str, Any] | None = None,
) -> Verified:
    """Run the answer's network through the radio engine and its equipment through the rules.

    Parameters
    ----------
    radio : Radio
        What every receiver gets from every cell of the plan that was given.
    problem, when, found
        What was asked, and the answer of `replan`.
    elements : DataFrame
        Equipment of the plan that was given.
    rules, parties, areas : as for `replan_problem`
    """
    people, covered = _by_radio(radio, problem, found)
    rules = tuple(rules)
    made = replanned_elements(problem, when, found.vendor, elements)
    made, changes = settled(made, rules, when, problem.vendors, parties, areas)
    rows = []
    for rule in rules:
        for t, name in enumerate(when.names):
            for day in dict.fromkeys((when.first[t], when.last[t])):
                told = evaluate(rule, made, day, parties, areas)
                rows.append(
                    {
                        "rule_id": rule.rule_id, "phase": name, "day": pd.Timestamp(day),
                        "value": told.value, "limit": told.limit, "complies": told.complies,
                    }
                )  # fmt: skip
    names = ["rule_id", "phase", "day", "value", "limit", "complies"]
    return Verified(people, pd.DataFrame(rows, columns=names), made, changes, covered)


def _by_radio(
    radio: Radio, problem: ReplanProblem, found: Replan
) -> tuple[pd.DataFrame, NDArray[np.float32]]:
    rows, covered, last = [], np.zeros(radio.covered.size, np.float32), None
    for t, name in enumerate(problem.phases):
        on = found.vendor[:, t] >= 0
        if last is None or (on != last).any():
            running = np.array(problem.sites, object)[on]
            covered = radio.without(~np.isin(radio.site_ids, running))[1]
            last = on
        counted = float(radio.people @ covered)
        rows.append(
            {
                "phase": name, "sites": int(on.sum()), "chosen_by": float(found.people[t]),
                "radio": counted,
                "difference_share": (found.people[t] - counted) / counted if counted else 0.0,
            }
        )  # fmt: skip
    return pd.DataFrame(rows), covered


def rule_prices(
    problem: ReplanProblem,
    wanted: Wanted = "cost",
    *,
    least_people: ArrayLike = 0.0,
    gap: float = 0.01,
    seconds: float = 20.0,
    each: bool = True,
    kept: Replan | None = None,
) -> pd.DataFrame:
    """Return what rules cost against the free choice: none, each alone, all together.

    Parameters
    ----------
    problem : ReplanProblem
    wanted, least_people, gap, seconds
        As for `replan`; the time is for each choice.
    each : bool
        Also look at every rule alone.
    kept : Replan, optional
        The answer under all rules, where it is known already.

    Returns
    -------
    DataFrame
        ``rules`` ("none", a rule's id, "all"), ``cost_usd``, ``person_months``, ``people`` (at the
        end), ``extra_usd`` and ``person_months_lost`` against none, ``gap``, ``seconds`` (time the
        choice took); NaN where no plan keeps the rule.

    Notes
    -----
    Differences smaller than the gap times the value are not told apart from nothing.
    """
    from cellwright.errors import InfeasiblePlanError

    every = problem.restrictions
    several = [(rule.rule_id, (rule,)) for rule in every] if each and len(every) > 1 else []
    rows: list[dict[str, Any]] = []
    for name, some in [("none", ()), *several, ("all", every)]:
        row: dict[str, Any] = {"rules": name}
        try:
            one = kept if name == "all" and kept is not None else replan(
                problem.only(some), wanted, least_people=least_people, gap=gap, seconds=seconds
            )  # fmt: skip
        except InfeasiblePlanError:
            rows.append(row)
            continue
        rows.append(
            row
            | {
                "cost_usd": one.cost_usd, "person_months": one.person_months,
                "people": float(one.people[-1]), "gap": one.gap, "seconds": one.seconds,
            }
        )  # fmt: skip
    names = ["rules", "cost_usd", "person_months", "people", "gap", "seconds"]
    table = pd.DataFrame(rows).reindex(columns=names)
    table["extra_usd"] = table["cost_usd"] - table["cost_usd"].iloc[0]
    table["person_months_lost"] = table["person_months"].iloc[0] - table["person_months"]
    return table
