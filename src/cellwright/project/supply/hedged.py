"""What resilience costs: hedges by cluster of sites, against the worst scenario and exposure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.case import SupplyCase

if TYPE_CHECKING:
    from cellwright.supply.frontier import Frontier

_SHOWN = ("point", "cost_low", "cost_typical", "cost_high", "lost_typical", "worst", "exposed",
          "knee", "dominated")  # fmt: skip


def plan_makers(case: SupplyCase) -> tuple[str, ...]:
    """Return who makes the plan's radio access, most equipment first."""
    from cellwright.supply.codes import DOMAINS

    own = case.elements.loc[case.elements["function"].isin(DOMAINS["access"]), "maker"]
    ids = (case.parties.id_of(name) for name in own.value_counts().index if name)
    return tuple(dict.fromkeys(ids))


def access_makers(case: SupplyCase, others: Sequence[str] = ()) -> tuple[str, ...]:
    """Return who may make the radio access: the plan's own makers first, then others.

    Parameters
    ----------
    case : SupplyCase
    others : sequence of str
        Parties; default: all that are said to make access equipment (``makes_access``).

    Raises
    ------
    InputError
        For a party that nobody knows.
    """
    named = [case.parties[name].party_id for name in others]
    known = [p.party_id for p in case.parties if p.attributes.get("makes_access") is True]
    return tuple(dict.fromkeys([*plan_makers(case), *(named or known)]))


def hedged(
    case: SupplyCase,
    scenarios: Sequence[str] = (),
    vendors: Sequence[str] = (),
    exposed_to: Sequence[str] = (),
    points: int = 10,
) -> Frontier:
    """Trace both frontiers of a case; defaults as in `frontier_answer`."""
    from cellwright import supply
    from cellwright.supply.frontier import frontier, hedge_options

    makers = access_makers(case, vendors)
    made = hedge_options(
        case.elements, case.phases, case.parties,
        [case.scenario(name) for name in scenarios or case.scenarios], makers,
        parts=supply.plan_parts(case.parts), known=case.known,
    )  # fmt: skip
    exposed = [case.parties[name].party_id for name in exposed_to] or makers[:1]
    return frontier(made, case.elements, case.parties, exposed, points=points)


def _hedge(row: Mapping[Any, Any]) -> str:
    cost, saved = (
        " / ".join(f"{row[f'{name}_{level}']:,.0f}" for level in ("low", "typical", "high"))
        for name in ("cost", "saved")
    )
    return (
        f"{row['words']}: {cost} USD more than the plan, {saved} person-months saved "
        "(low / typical / high)."
    )


def frontier_answer(
    case: SupplyCase,
    scenarios: Sequence[str] = (),
    vendors: Sequence[str] = (),
    exposed_to: Sequence[str] = (),
    points: int = 10,
) -> SupplyAnswer:
    """Say what fewer lost person-months, and less exposure, cost.

    Parameters
    ----------
    case : SupplyCase
    scenarios : sequence of str
        What may happen; default: every scenario there is.
    vendors : sequence of str
        Who may make the access beside the plan's own makers; default: all that are known to.
    exposed_to : sequence of str
        Whose equipment counts as exposure; default: the plan's maker of most access equipment.
    points : int
        Points of each frontier.

    Raises
    ------
    InputError
        For unknown scenarios or parties.
    """
    import pandas as pd

    found = hedged(case, scenarios, vendors, exposed_to, points)
    first, last = found.points.iloc[0], found.points.iloc[-1]
    said = [
        f"The worst scenario ({first['worst']}) costs {first['lost_typical']:,.0f} person-months in"
        f" the cheapest plan; {last['lost_typical']:,.0f} with the best hedges, for"
        f" {last['cost_typical']:,.0f} USD more than the plan as it is"
        f" ({last['cost_low']:,.0f} to {last['cost_high']:,.0f}).",
        *(_hedge(row) for row in found.hedges.to_dict("records")),
    ]
    return SupplyAnswer(
        "frontier", tuple(said),
        {"points": found.points, "exposure": found.exposure, "options": found.options,
         "hedges": found.hedges, "choice": found.choice},
        pd.concat([case.assumptions, found.assumptions], ignore_index=True),
        {"points": _SHOWN, "exposure": _SHOWN},
    )  # fmt: skip
