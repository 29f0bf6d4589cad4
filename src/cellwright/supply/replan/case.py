"""From a plan's equipment to the problem of choosing its vendors anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cellwright.supply.elements import running
from cellwright.supply.parties import Parties
from cellwright.supply.replan.calendar import Calendar
from cellwright.supply.replan.demand import Demand
from cellwright.supply.replan.problem import ReplanProblem
from cellwright.supply.replan.restrictions import CHOSEN, restrictions
from cellwright.supply.replan.settle import spread_managers
from cellwright.supply.rules import Rule

Floats = NDArray[np.float64]


def replan_problem(
    elements: pd.DataFrame,
    when: Calendar,
    demand: Demand,
    vendors: Sequence[str],
    rules: Iterable[Rule],
    parties: Parties,
    areas: Mapping[str, Any] | None = None,
    *,
    prices: pd.DataFrame | None = None,
    civil_usd: Mapping[str, float] | None = None,
    budget_usd: ArrayLike = np.inf,
    crews: ArrayLike = np.inf,
    stock: Mapping[str, ArrayLike] | None = None,
    vendor_usd: Mapping[str, float] | float = 0.0,
    cluster: Mapping[str, int] | None = None,
) -> ReplanProblem:
    """Set up the choice of a vendor for every site and phase of a real plan.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`. Equipment of the functions in `CHOSEN` (access) is chosen; all else
        stays as planned and counts in the rules as it is.
    when : Calendar
        From `calendar`.
    demand : Demand
        From `demand_cells`; its sites are those chosen from.
    vendors : sequence of str
        Party ids to choose from; whoever runs already is added.
    rules : iterable of Rule
        What must be kept.
    parties, areas : as in `evaluate`
    prices : DataFrame, optional
        ``vendor, function, usd`` of one piece [USD]; infinite: not offered. Where a vendor and
        function are not listed, the piece costs its ``value`` from any vendor (assumed).
    civil_usd : mapping of str to float, optional
        Paid once where a site is opened, by site [USD]; its other equipment comes on top.
    budget_usd, crews : float or float [plan's phase]
        Money that comes in and sites put up in each phase; what is not given has no limit, nor
        have the phases after the plan's.
    stock : mapping of str to float or float [plan's phase], optional
        Sites' worth of equipment delivered by each phase, by vendor.
    vendor_usd : mapping or float
        Fixed cost of having a vendor at all [USD].
    cluster : mapping of str to int, optional
        Sites of one number run one vendor; a site that runs already is free to keep its own.

    Returns
    -------
    ReplanProblem
    """
    sites = demand.sites
    running_now = _running(elements, sites, when.first[0])
    vendors = tuple(dict.fromkeys([*vendors, *(name for name in running_now if name)]))
    index = {name: number for number, name in enumerate(vendors)}
    was = np.array([index.get(name, -1) for name in running_now], np.int64)
    each = _prices(elements, sites, vendors, prices)
    groups = np.array([(cluster or {}).get(name, -1) for name in sites], np.int64)
    costs = vendor_usd if isinstance(vendor_usd, Mapping) else dict.fromkeys(vendors, vendor_usd)
    return ReplanProblem(
        sites=sites,
        vendors=vendors,
        phases=when.names,
        months=when.months,
        covers=demand.covers,
        people=demand.people,
        install_usd=np.repeat(each[:, :, None], len(when.names), axis=2),
        civil_usd=_civil(elements, sites, civil_usd or {}),
        vendor_usd=np.array([float(costs.get(name, 0.0)) for name in vendors]),
        running=was,
        budget_usd=_by_phase(budget_usd, when),
        crews=_by_phase(crews, when),
        stock=np.stack([_by_phase((stock or {}).get(name, np.inf), when) for name in vendors]),
        cluster=np.where(was >= 0, -1, groups),
        restrictions=restrictions(
            rules, elements, sites, vendors, when.first, parties, areas, until=when.last
        ),
        opening=when.opening,
    )


def _by_phase(given: ArrayLike, when: Calendar) -> Floats:
    """Spread a limit over the plan's phases; those after have none."""
    out = np.full(len(when.names), np.inf)
    out[when.opening] = given
    return out


def _running(elements: pd.DataFrame, sites: Sequence[str], start: date) -> list[str]:
    """Return who made what each site runs before the first phase, empty for none."""
    before = running(elements, start - timedelta(days=1))
    table = elements[before & elements["function"].isin(CHOSEN)]
    makers = table.drop_duplicates("site_id").set_index("site_id")["maker"]
    return [str(name) for name in makers.reindex(list(sites), fill_value="")]


def _prices(
    elements: pd.DataFrame,
    sites: Sequence[str],
    vendors: Sequence[str],
    prices: pd.DataFrame | None,
) -> Floats:
    """Return what a site's chosen equipment costs from each vendor [site, vendor] [USD]."""
    table = elements[elements["function"].isin(CHOSEN) & elements["site_id"].isin(sites)]
    book: dict[tuple[str, str], float] = {}
    if prices is not None:
        keys = zip(prices["vendor"], prices["function"], strict=True)
        book = dict(zip(keys, prices["usd"].astype(float), strict=True))
    row = pd.Index(sites).get_indexer(pd.Index(table["site_id"]))
    out = np.zeros((len(sites), len(vendors)))
    for v, vendor in enumerate(vendors):
        usd = [
            book.get((vendor, function), value)
            for function, value in zip(table["function"], table["value"], strict=True)
        ]
        np.add.at(out[:, v], row, usd)
    return out


def _civil(elements: pd.DataFrame, sites: Sequence[str], given: Mapping[str, float]) -> Floats:
    """Return what opening a site costs: civil works and equipment that is not chosen [USD]."""
    rest = elements[~elements["function"].isin(CHOSEN)].groupby("site_id")["value"].sum()
    return np.array([given.get(name, 0.0) + float(rest.get(name, 0.0)) for name in sites])


def planned_vendors(
    problem: ReplanProblem, when: Calendar, elements: pd.DataFrame
) -> NDArray[np.int64]:
    """Return which vendor each site runs in each phase by the plan as it is, -1 for none.

    Makers that are none of the problem's vendors count as the first of them, so that people and
    dates are the plan's even where its makers cannot be had.
    """
    out = np.full((len(problem.sites), len(problem.phases)), -1, np.int64)
    index = {name: number for number, name in enumerate(problem.vendors)}
    for t, day in enumerate(when.first):
        makers = _running(elements, problem.sites, day + timedelta(days=1))
        out[:, t] = [index.get(name, 0) if name else -1 for name in makers]
    return out


def replanned_elements(
    problem: ReplanProblem, when: Calendar, vendor: NDArray[np.int64], elements: pd.DataFrame
) -> pd.DataFrame:
    """Return the equipment of a plan as the answer has it: makers, dates, sites left out.

    Parameters
    ----------
    problem : ReplanProblem
    when : Calendar
    vendor : int [site, phase]
        From `replan`.
    elements : DataFrame
        Of the plan that was given.

    Returns
    -------
    DataFrame
        As from `plan_elements`: a piece that changes its maker is two rows, one removed on the day
        the other is installed; the other equipment of a site comes with the site, a maker's element
        manager with the maker.
    """
    parts = [elements[~elements["site_id"].isin(problem.sites)]]
    by_site = dict(list(elements.groupby("site_id", sort=False)))
    for s, site in enumerate(problem.sites):
        table = by_site.get(site)
        on = np.flatnonzero(vendor[s] >= 0)
        if table is None or not on.size:
            continue
        chosen = table["function"].isin(CHOSEN)
        opened = pd.Timestamp(when.first[on[0]])
        rest = table[~chosen]
        parts.append(rest if problem.running[s] >= 0 else rest.assign(installed=opened))
        parts += _spans(problem, when, vendor[s], table[chosen], int(problem.running[s]))
    rows = [row for part in parts for row in part.to_dict("records")]
    made = pd.DataFrame(rows, columns=elements.columns).astype(elements.dtypes)
    return spread_managers(made, problem.vendors)


def _spans(
    problem: ReplanProblem, when: Calendar, vendor: NDArray[np.int64], table: pd.DataFrame, was: int
) -> list[pd.DataFrame]:
    """Return a site's chosen equipment for each stretch of phases with one vendor."""
    turns = [
        t for t in range(vendor.size) if vendor[t] >= 0 and (t == 0 or vendor[t] != vendor[t - 1])
    ]
    out = []
    if was >= 0 and vendor[0] != was:
        out.append(table.assign(removed=pd.Timestamp(when.first[0])))
    for number, t in enumerate(turns):
        stop = turns[number + 1] if number + 1 < len(turns) else None
        kept = t == 0 and vendor[0] == was
        name = problem.vendors[vendor[t]]
        ends: Any = pd.NaT if stop is None else pd.Timestamp(when.first[stop])
        mark = "" if kept or len(turns) == 1 else f"@{when.names[t]}"
        new = table.assign(
            maker=name,
            element_id=table["element_id"] + mark,
            installed=table["installed"] if kept else pd.Timestamp(when.first[t]),
            removed=ends,
        )
        out.append(new)
    return out
