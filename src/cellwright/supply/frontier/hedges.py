"""Options of a cluster of sites: a vendor and a hedge, what each costs and how late it makes us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Annotated, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.supply.codes import functions_of
from cellwright.supply.elements import people_at
from cellwright.supply.library import Scenario
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule
from cellwright.supply.stress.phases import LEVELS, phase_table
from cellwright.supply.stress.plan import COVER_MONTHS, PlanChain, plan_chain
from cellwright.supply.stress.timeline import Cut
from cellwright.supply.terms import terms_table
from cellwright.supply.whatif.breaches import breaches
from cellwright.supply.whatif.effects import Triple, cuts_of, scenario_covers
from cellwright.supply.whatif.money import forced_change

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HedgeTerms:
    """What hedges cost; three values are low, typical, high. Defaults are assumptions.

    Attributes
    ----------
    holding : tuple of float
        Cost of stock a month over its value.
    write_off : tuple of float
        Share of stock that is worth nothing in the end.
    qualify : tuple of float
        Cost of qualifying a second source of one part [USD].
    premium : tuple of float
        Price of the second source over the first, as a share.
    vendor : tuple of float
        Cost of each vendor beyond the first: management system, spares, integration, training.
    boundary : tuple of float
        Cost a site where two vendors share a cluster: Xn, features, handover.
    uplift : tuple of float
        Price of equipment of a vendor the plan does not have, over the plan's own (Oxford
        Economics for Huawei 2019: 8 to 29 %).
    """

    holding: Annotated[Triple, "% of the stock's value a month"] = (0.010, 0.015, 0.020)
    write_off: Annotated[Triple, "% of the stock's value"] = (0.0, 0.10, 0.30)
    qualify: Annotated[Triple, "USD a part"] = (50e3, 200e3, 1e6)
    premium: Annotated[Triple, "% of the first source's price"] = (0.0, 0.10, 0.30)
    vendor: Annotated[Triple, "USD a vendor beyond the first"] = (100e3, 250e3, 600e3)
    boundary: Annotated[Triple, "USD a site of a shared cluster"] = (500.0, 1500.0, 4000.0)
    uplift: Annotated[Triple, "% of the price of the plan's own vendors"] = (0.08, 0.175, 0.29)

    def assumptions(self) -> pd.DataFrame:
        """Return the terms as a table of assumptions."""
        return terms_table(self, "hedges: ", "own; uplift: Oxford Economics 2019", "assumed")


@dataclass(frozen=True, eq=False)
class Options:
    """What may be chosen for a cluster.

    Attributes
    ----------
    table : DataFrame
        ``option, vendors`` (tuple), ``hedge`` (none, stock, second-source, split), ``detail``,
        ``words``, and with ``_low, _typical, _high``: ``site`` (cost of a site's access
        equipment with its hedge), ``fixed`` (once, if used at all).
    late : float [option, scenario, level, phase]
        Months the people of a phase wait.
    scenarios : tuple of str
        Names.
    phases : DataFrame
        ``phase, due, people, sites``.
    vendor_cost : tuple of float
        Cost of each vendor beyond the first.
    assumptions : DataFrame
        ``assumption, value, unit, source, evidence``.
    """

    table: pd.DataFrame
    late: Floats
    scenarios: tuple[str, ...]
    phases: pd.DataFrame
    vendor_cost: Triple
    assumptions: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Case:
    """One vendor under one scenario: its chain by level, its cuts, and lateness from rules."""

    made: dict[str, PlanChain]
    cuts: dict[str, list[Cut]]
    ruled: Floats


def hedge_options(
    elements: pd.DataFrame,
    phases: pd.DataFrame,
    parties: Parties,
    scenarios: Sequence[Scenario],
    vendors: Collection[str] = (),
    *,
    parts: pd.DataFrame | None = None,
    months: tuple[float, ...] = (6.0, 12.0, 24.0),
    cover_months: Triple = COVER_MONTHS,
    known: tuple[Rule, ...] | None = None,
    terms: HedgeTerms | None = None,
) -> Options:
    """Work out every option of a plan: vendors alone, with stock, with a second source, in pairs.

    Parameters
    ----------
    elements, phases : DataFrame
        The plan; access equipment is given to each vendor in turn, the rest stays.
    parties : Parties
        Who is seated where and owns whom.
    scenarios : sequence of Scenario
        What may happen.
    vendors : collection of str
        Vendors beside those of the plan.
    parts : DataFrame, optional
        From `plan_parts`.
    months : tuple of float
        Months of stock offered, of the parts that some scenario cuts, on top of the vendor's own.
    cover_months : three floats
        The vendor's own, where a scenario does not say.
    known : tuple of Rule, optional
        Rules scenarios may switch; default: the library.
    terms : HedgeTerms, optional
        Costs.

    Notes
    -----
    A second source is one no scenario cuts. A cluster split between two vendors waits half and
    half; where a scenario has a rule, each vendor is judged as if all access were its own.
    """
    use = HedgeTerms() if terms is None else terms
    own = _access_makers(elements, parties)
    names = list(dict.fromkeys([*own, *map(parties.id_of, vendors)]))
    cases = {
        (vendor, at): _case(vendor, scenario, elements, phases, parties, parts, cover_months, known)
        for vendor in names
        for at, scenario in enumerate(scenarios)
    }
    rows, late = list[dict[str, Any]](), []
    for vendor in names:
        mine = [cases[vendor, at] for at in range(len(scenarios))]
        for hedge in _hedges(vendor, mine, months):
            rows.append(_priced(vendor, hedge, mine[0].made["typical"], elements, own, use))
            late.append([_lateness(case, hedge, len(phases)) for case in mine])
    plain = {row["vendors"][0]: at for at, row in enumerate(rows) if row["hedge"] == "none"}
    for a, b in combinations(names, 2):
        rows.append(_split(rows[plain[a]], rows[plain[b]], use))
        late.append(list(np.mean([late[plain[a]], late[plain[b]]], axis=0)))
    table = pd.DataFrame(rows)
    table.insert(0, "option", range(len(table)))
    labels = tuple(scenario.name for scenario in scenarios)
    return Options(table, np.array(late), labels, phases, use.vendor, use.assumptions())


def _access_makers(elements: pd.DataFrame, parties: Parties) -> list[str]:
    """Return the makers of access equipment, those with most sites first."""
    access = {name.casefold() for name in functions_of(("access",))}
    mine = elements[elements["function"].str.casefold().isin(access)]
    sites = mine.groupby(mine["maker"].map(parties.id_of))["site_id"].nunique()
    return [str(name) for name in sites.sort_values(ascending=False, kind="stable").index]


def by_vendor(elements: pd.DataFrame, vendor: str) -> pd.DataFrame:
    """Return the plan with all access equipment, and its management, by one vendor."""
    access = {name.casefold() for name in functions_of(("access",))}
    mine = elements["function"].str.casefold().isin(access)
    managed = elements["function"].isin(functions_of(("management",)))
    mine |= managed & elements["maker"].isin(elements.loc[mine, "maker"])
    out = elements.assign(maker=elements["maker"].where(~mine, vendor))
    return out.assign(made_in=out["made_in"].where(~mine, ""))


def _case(
    vendor: str,
    scenario: Scenario,
    elements: pd.DataFrame,
    phases: pd.DataFrame,
    parties: Parties,
    parts: pd.DataFrame | None,
    cover_months: Triple,
    known: tuple[Rule, ...] | None,
) -> _Case:
    """Put one vendor everywhere and a scenario on it."""
    plan = by_vendor(elements, vendor)
    days = [change["day"] for change in scenario.changes]
    made = plan_chain(plan, phases, parties, parts, start=min(days))
    ruled = np.zeros((len(LEVELS), len(phases)))
    spans = scenario.spans(known)
    if spans:
        steps = [step.start for rule, _, _ in spans for step in rule.steps]
        until = max([*days, *steps, pd.to_datetime(phases["due"]).max().date()])
        rules = breaches(scenario, plan, parties, until, known=known)
        change = forced_change(rules, plan, phases, parties)
        if change is not None:
            people = max(1.0, float(people_at(plan).sum()))
            off = change.coverage.loc[list(LEVELS), "switched_off"].to_numpy(dtype=float)
            for at, level in enumerate(LEVELS):
                dark = float(off[at]) / people
                ruled[at] = change.phases[f"late_months_{level}"].to_numpy(dtype=float) + dark
    cuts = cuts_of(scenario, made, parties)
    return _Case(scenario_covers(scenario, made, cover_months), cuts, ruled)


@dataclass(frozen=True)
class _Hedge:
    kind: str
    detail: str
    nodes: tuple[str, ...] = ()
    months: float = 0.0


def _hedges(vendor: str, cases: list[_Case], months: tuple[float, ...]) -> list[_Hedge]:
    """Return no hedge, stock of the parts that some scenario cuts, second sources of them."""
    nodes = cases[0].made["typical"].chain.nodes
    cut = {name for case in cases for mine in case.cuts["high"] for name in mine.nodes}
    bound = nodes[nodes.index.isin(cut) & (nodes["level"] == "part") & (nodes["buyer"] == vendor)]
    found = [_Hedge("none", "")]
    if len(bound):
        every = tuple(map(str, bound.index))
        parts = ", ".join(dict.fromkeys(bound["part"]))
        found += [_Hedge("stock", parts, every, n) for n in months]
        groups = {
            part: tuple(map(str, bound.index[bound["part"] == part]))
            for part in dict.fromkeys(bound["part"].astype(str))
        }
        found += [_Hedge("second-source", part, named) for part, named in groups.items()]
        if len(groups) > 1:
            found.append(_Hedge("second-source", parts, every))
    return found


def _lateness(case: _Case, hedge: _Hedge, phases: int) -> Floats:
    """Return [level, phase]: months late with a hedge."""
    out = case.ruled.copy()
    spared = set(hedge.nodes) if hedge.kind == "second-source" else set()
    cuts = {
        level: [
            replace(cut, nodes=tuple(name for name in cut.nodes if name not in spared))
            for cut in mine
        ]
        for level, mine in case.cuts.items()
    }
    if not any(cut.nodes for mine in cuts.values() for cut in mine):
        return out
    ends = tuple(edge for mine in cuts.values() for cut in mine for edge in (cut.start, cut.end))
    timeline = case.made["typical"].timeline(ends)
    for at, level in enumerate(LEVELS):
        nodes = case.made[level].chain.nodes
        more = nodes["use"].where(nodes.index.isin(hedge.nodes), 0.0) * hedge.months
        table = phase_table(timeline, cuts[level], case.made[level].phases, nodes["stock"] + more)
        out[at] = np.maximum(out[at], table["late_months"].to_numpy(dtype=float))
    return out


def maker_words(vendor: str) -> str:
    """Return how a maker is called in the words of an option."""
    return vendor or "an unnamed maker"


def _priced(
    vendor: str,
    hedge: _Hedge,
    made: PlanChain,
    elements: pd.DataFrame,
    own: list[str],
    terms: HedgeTerms,
) -> dict[str, Any]:
    """Return an option's words and costs."""
    access = {name.casefold() for name in functions_of(("access",))}
    mine = elements[elements["function"].str.casefold().isin(access)]
    sites = max(1, mine["site_id"].nunique())
    each = float(mine["value"].sum()) / sites
    nodes = made.chain.nodes.loc[list(hedge.nodes)]
    value = float((nodes["use"] * nodes["value"]).sum()) * hedge.months
    length = float(made.wanted["due"].max() - made.wanted["begin"].min())
    bought = float((nodes["use"] * nodes["value"]).sum()) * length
    out: dict[str, Any] = {"vendors": (vendor,), "hedge": hedge.kind, "detail": hedge.detail}
    name = maker_words(vendor)
    out["words"] = {
        "none": f"{name} as planned" if vendor in own else f"{name} instead",
        "stock": f"{name} with {hedge.months:g} months of {hedge.detail} in stock",
        "second-source": f"{name} with a second source for {hedge.detail}",
    }[hedge.kind]
    for at, level in enumerate(LEVELS):
        price = each * (1.0 if vendor in own else 1.0 + terms.uplift[at])
        kept = value * (terms.holding[at] * length + terms.write_off[at])
        dearer = bought * terms.premium[at] if hedge.kind == "second-source" else 0.0
        fixed = terms.qualify[at] * nodes["part"].nunique()
        out[f"site_{level}"] = price + (kept + dearer) / sites
        out[f"fixed_{level}"] = fixed if hedge.kind == "second-source" else 0.0
    return out


def _split(first: dict[str, Any], other: dict[str, Any], terms: HedgeTerms) -> dict[str, Any]:
    """Return the option of a cluster shared by two vendors, half of the sites each."""
    a, b = first["vendors"][0], other["vendors"][0]
    out: dict[str, Any] = {"vendors": (a, b), "hedge": "split", "detail": f"{a}, {b}"}
    out["words"] = f"clusters split between {maker_words(a)} and {maker_words(b)}"
    for at, level in enumerate(LEVELS):
        mean = (first[f"site_{level}"] + other[f"site_{level}"]) / 2.0
        out[f"site_{level}"] = mean + terms.boundary[at]
        out[f"fixed_{level}"] = 0.0
    return out
