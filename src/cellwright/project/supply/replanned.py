"""The cheapest or best-covering plan that keeps the rules, checked by the whole radio engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cellwright.errors import InfeasiblePlanError, InputError, did_you_mean
from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.case import SupplyCase
from cellwright.project.supply.hedged import access_makers, plan_makers

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from cellwright.supply import Radio, Rule
    from cellwright.supply.replan import Calendar, Replan, ReplanProblem, Verified
    from cellwright.supply.replan.solve import Wanted

WANTED = ("cost", "people")
#: Sites that hang together and run one vendor, at most (assumed).
CLUSTER_SITES = 6


@dataclass(frozen=True)
class ReplanTerms:
    """How a plan is sought.

    Attributes
    ----------
    wanted : {"cost", "people"}
        Cheapest for as many people as the plan has in each phase, or most people in the budget.
    vendors : tuple of str
        Who may make the access beside the plan's own makers; empty: two that are known to and
        that no rule is about.
    budget_usd : float or None
        For all phases together, spread evenly; None: no limit.
    crews : float or None
        Sites put up in a phase; None: any number.
    seconds : float
        For the search of each choice [s].
    on : date or None
        Day it is planned anew: what runs then runs already; None: from the start.
    each : bool
        Also price every rule alone.
    """

    wanted: str = "cost"
    vendors: tuple[str, ...] = ()
    budget_usd: float | None = None
    crews: float | None = None
    seconds: float = 20.0
    on: date | None = None
    each: bool = False


def replan_answer(
    case: SupplyCase, radio: Radio, names: Sequence[str] = (), terms: ReplanTerms | None = None
) -> SupplyAnswer:
    """Say what the cheapest compliant plan is, and what the rules cost against the free choice.

    Parameters
    ----------
    case : SupplyCase
    radio : Radio
        What every receiver gets, for demand cells and for the check of the answer.
    names : sequence of str
        Rules or groups; default: those that hold.
    terms : ReplanTerms, optional
        How.

    Raises
    ------
    InputError
        For unknown rules, parties, or a way of asking there is not.
    InfeasiblePlanError
        Naming the rules and limits that stand against each other.
    """
    from cellwright.supply import replan as room

    use = terms or ReplanTerms()
    if use.wanted not in WANTED:
        raise InputError(f'--wanted is "{use.wanted}". {did_you_mean(use.wanted, WANTED)}')
    rules = tuple(rule for rule in case.rules_named(tuple(names)) if rule.acts_on == "network")
    when, problem = _problem(case, radio, rules, use)
    planned = room.planned_vendors(problem, when, case.elements)
    cost, _, people = room.worth(problem, planned, _fresh(planned, problem.running))
    wanted: Wanted = "people" if use.wanted == "people" else "cost"
    least = people * (1.0 - _SLACK) if wanted == "cost" else 0.0
    try:
        found = room.replan(problem, wanted, least_people=least, seconds=use.seconds)
    except InfeasiblePlanError as error:
        against = room.least_conflict(problem, least)
        raise InfeasiblePlanError(
            f"No plan keeps them together: {', '.join(against) or 'not found in the time'}. "
            "Drop or loosen one of these, offer another vendor (--vendor), or raise a limit."
        ) from error
    prices = room.rule_prices(
        problem, wanted, least_people=least, seconds=use.seconds, each=use.each, kept=found
    )
    checked = room.verify(
        radio, problem, when, found, case.elements, rules, case.parties, case.areas
    )
    return SupplyAnswer(
        "replan",
        _sentences(found, prices, checked, cost, people, len(problem.sites), radio),
        {"plan": found.table, "people": checked.people, "prices": prices, "rules": checked.rules,
         "changes": checked.changes, "makers": _makers(found.table, when)},
        _assumed(case, use, problem),
        {"makers": ("phase", "first_day", "vendor", "sites", "installed"),
         "people": ("phase", "sites", "chosen_by", "radio", "difference_share"),
         "prices": ("rules", "cost_usd", "extra_usd", "people", "gap")},
    )  # fmt: skip


#: Share of the plan's people that a phase may fall short of: as near as demand cells count.
_SLACK = 0.01
#: Vendors offered beside the plan's own where nobody names any: more only slow the proof.
_OTHERS = 2


def _problem(
    case: SupplyCase, radio: Radio, rules: tuple[Rule, ...], terms: ReplanTerms
) -> tuple[Calendar, ReplanProblem]:
    from cellwright.supply import replan as room
    from cellwright.supply.clusters import clusters
    from cellwright.supply.frontier import HedgeTerms

    demand = room.demand_of(radio)
    phases = _phases_from(case, terms.on)
    when = room.calendar(phases, rules, case.until, case.elements, case.areas)
    place = case.elements.drop_duplicates("site_id").set_index("site_id")
    mine = place.reindex(list(demand.sites))
    groups = clusters(mine["x"], mine["y"], CLUSTER_SITES)
    count = len(phases)
    unlimited = float("inf")
    return when, room.replan_problem(
        case.elements, when, demand, _vendors(case, rules, terms), rules, case.parties, case.areas,
        budget_usd=unlimited if terms.budget_usd is None else terms.budget_usd / count,
        crews=unlimited if terms.crews is None else terms.crews,
        vendor_usd=HedgeTerms().vendor[1],
        cluster=dict(zip(demand.sites, groups.tolist(), strict=True)),
    )  # fmt: skip


def _phases_from(case: SupplyCase, on: date | None) -> pd.DataFrame:
    """Return the phases still to come on a day, with that day before them."""
    import pandas as pd

    if on is None:
        return case.phases[["phase", "due"]]
    if not case.start <= on < case.until:
        raise InputError(f"--on is {on}; the study runs from {case.start} to {case.until}.")
    rest = case.phases.loc[case.phases["due"] > pd.Timestamp(on), ["phase", "due"]]
    now = pd.DataFrame({"phase": ["now"], "due": [pd.Timestamp(on)]})
    return pd.concat([now, rest], ignore_index=True)


def _vendors(case: SupplyCase, rules: tuple[Rule, ...], terms: ReplanTerms) -> tuple[str, ...]:
    if terms.vendors:
        return access_makers(case, terms.vendors)
    own = plan_makers(case)
    named = {
        name for rule in rules if not rule.who.anyone and not rule.who.other_than
        for name in rule.who.members(case.parties, case.until)
    }  # fmt: skip
    others = [name for name in access_makers(case) if name not in {*own, *named}]
    return (*own, *others[:_OTHERS])


def _fresh(vendor: NDArray[np.int64], running: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return where a plan puts up equipment: a vendor runs that did not run before."""
    import numpy as np

    before = np.c_[running, vendor[:, :-1]]
    fresh: NDArray[np.bool_] = (vendor >= 0) & (vendor != before)
    return fresh


def _makers(table: pd.DataFrame, when: Calendar) -> pd.DataFrame:
    """Return sites by vendor and phase, and how many were put up in it."""
    days = dict(zip(when.names, when.first, strict=True))
    grouped = table.groupby(["phase", "vendor"], sort=False)
    out = grouped.agg(sites=("site", "size"), installed=("installed", "sum")).reset_index()
    out = out.assign(first_day=out["phase"].map(days))
    return out.sort_values("first_day", kind="stable", ignore_index=True)


def _sentences(
    found: Replan,
    prices: pd.DataFrame,
    checked: Verified,
    cost: float,
    people: NDArray[np.float64],
    sites: int,
    radio: Radio,
) -> tuple[str, ...]:
    free, every = prices.iloc[0], prices.iloc[-1]
    blur = found.gap * found.cost_usd
    price = (
        f"the rules cost {every['extra_usd']:,.0f} USD more"
        if every["extra_usd"] > blur
        else f"the rules cost no more than the proof can tell ({blur:,.0f} USD)"
    )
    running = int((found.vendor[:, -1] >= 0).sum())
    broken = checked.rules[~checked.rules["complies"].astype(bool)]
    end = checked.people.iloc[-1]
    said = [
        f"The plan as it is: {cost:,.0f} USD for vendors and equipment, {people[-1]:,.0f} people.",
        _counted(people[-1], float(radio.people @ radio.covered)),
        f"The best that keeps the rules: {found.cost_usd:,.0f} USD, {found.people[-1]:,.0f} people "
        f"(within {found.gap:.2%} of the proven best).",
        f"Free choice: {free['cost_usd']:,.0f} USD; {price}.",
        f"{running} of {sites} sites run in the end"
        + ("." if running == sites else "; open ground that the others cover is not counted."),
        f"Checked by the whole radio map: {end['radio']:,.0f} people at the end, "
        f"{abs(end['difference_share']):.2%} from the choice's own count.",
    ]
    if len(checked.changes):
        said.append(
            f"Beside the radio access {len(checked.changes)} pieces change their maker, "
            f"{checked.changes['usd'].sum():,.0f} USD."
        )
    if len(broken):
        names = ", ".join(dict.fromkeys(broken["rule_id"]))
        said.append(f"Still broken, by equipment that is not chosen here: {names}.")
    else:
        said.append("Every rule is kept on the first and last day of every phase.")
    return tuple(said)


def _counted(drawn: float, whole: float) -> str:
    """Say why the people of a choice are not those of the map: a choice counts at points drawn."""
    apart = abs(drawn - whole) / whole if whole else 0.0
    return (
        f"Plans are chosen, and their people counted here, at points drawn from the radio map; for "
        f"the plan as it is the whole map counts {whole:,.0f} people, {apart:.2%} apart."
    )


def _assumed(case: SupplyCase, terms: ReplanTerms, problem: ReplanProblem) -> pd.DataFrame:
    import pandas as pd

    rows = [
        ("equipment costs the same from every vendor", "", "", "no price book given", "assumed"),
        ("sites that run one vendor together", f"up to {CLUSTER_SITES}", "sites", "own", "assumed"),
        ("fixed cost of each vendor", f"{problem.vendor_usd.max():,.0f}", "USD",
         "HedgeTerms.vendor", "assumed"),
        ("vendors to choose from", ", ".join(problem.vendors), "",
         "--vendor" if terms.vendors else "the plan's own, and two that no rule names", "assumed"),
    ]  # fmt: skip
    more = pd.DataFrame(rows, columns=list(case.assumptions.columns))
    return pd.concat([case.assumptions, more], ignore_index=True)
