"""The compliant plan: against every plan there is on small cases, and by laws."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.supply.replan import ReplanProblem, Restriction, least_conflict, replan
from cellwright.supply.replan.solve import worth

INF = np.inf


def problem(seed=1, sites=4, vendors=2, phases=2, cells=6, restrictions=(), **changes):
    rng = np.random.default_rng(seed)
    made = ReplanProblem(
        sites=tuple(f"S{s}" for s in range(sites)),
        vendors=("Alpha", "Beta", "Gamma")[:vendors],
        phases=tuple(f"{2020 + t}" for t in range(phases)),
        months=np.full(phases, 6.0),
        covers=sp.csr_matrix(rng.random((sites, cells)) < 0.5),
        people=rng.integers(10, 100, cells).astype(float),
        install_usd=rng.integers(20, 60, (sites, vendors, 1)).repeat(phases, 2) * 1e3,
        civil_usd=rng.integers(10, 30, sites) * 1e3,
        vendor_usd=np.full(vendors, 5e3),
        running=np.full(sites, -1),
        budget_usd=np.full(phases, 120e3),
        crews=np.full(phases, INF),
        stock=np.full((vendors, phases), INF),
        cluster=np.full(sites, -1),
        restrictions=tuple(restrictions),
    )
    return replace(made, **changes)


def allowed(p, vendor):
    """Whether a plan keeps everything, by its own words."""
    before = np.c_[p.running, vendor[:, :-1]]
    fresh = (vendor >= 0) & (vendor != before)
    if ((before >= 0) & (vendor < 0)).any():
        return None
    spent = np.zeros(vendor.shape[1])
    for s, t in zip(*np.nonzero(fresh), strict=True):
        spent[t] += p.install_usd[s, vendor[s, t], t] + p.civil_usd[s] * (before[s, t] < 0)
    if (np.cumsum(spent) > np.cumsum(p.budget_usd) + 1e-6).any():
        return None
    if (fresh.sum(axis=0) > p.crews).any():
        return None
    for v in range(len(p.vendors)):
        if (np.cumsum((fresh & (vendor == v)).sum(axis=0)) > p.stock[v]).any():
            return None
    for cluster in np.unique(p.cluster[p.cluster >= 0]):
        for t in range(vendor.shape[1]):
            had = vendor[p.cluster == cluster, t]
            if len(set(had[had >= 0].tolist())) > 1:
                return None
    return fresh if all(keeps(p, rule, vendor, fresh) for rule in p.restrictions) else None


def keeps(p, rule, vendor, fresh):
    who = [p.vendors.index(name) for name in rule.vendors]
    where = np.ones(len(p.sites), bool) if rule.sites is None else rule.sites
    weight = np.ones(len(p.sites)) if rule.weight is None else rule.weight
    counted = (vendor >= 0) if rule.basis == "stock" else fresh
    if rule.kind == "min-suppliers":
        return sum((vendor[:, -1] == v).any() for v in who) >= rule.limit
    for t in range(*(rule.phases or (0, vendor.shape[1]))):
        mine = weight[where & counted[:, t] & np.isin(vendor[:, t], who)].sum()
        whole = weight[where & counted[:, t]].sum()
        if rule.kind == "prohibit" and mine > 0:
            return False
        if rule.kind == "cap" and mine > rule.limit * whole + 1e-9:
            return False
        if rule.kind == "min-share" and mine < rule.limit * whole - 1e-9:
            return False
    return True


def best_of_all(p, wanted, least_people=0.0):
    """Try every plan there is."""
    states = list(product(range(-1, len(p.vendors)), repeat=len(p.phases)))
    best = None
    for choice in product(states, repeat=len(p.sites)):
        vendor = np.array(choice)
        fresh = allowed(p, vendor)
        if fresh is None:
            continue
        cost, months, people = worth(p, vendor, fresh)
        if people[-1] < least_people - 1e-9:
            continue
        figure = cost if wanted == "cost" else -months
        best = figure if best is None else min(best, figure)
    return best if best is None or wanted == "cost" else -best


RULES = {
    "none": (),
    "ban": (Restriction("ban", "prohibit", ("Alpha",), phases=(1, 2)),),
    "cap": (Restriction("cap", "cap", ("Alpha",), limit=0.5),),
    "share of installs": (Restriction("local", "min-share", ("Beta",), "flow", 0.5),),
    "two suppliers": (Restriction("two", "min-suppliers", ("Alpha", "Beta"), limit=2),),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("wanted", ["people", "cost"])
def test_as_good_as_the_best_of_all_plans(rule, wanted):
    p = problem(seed=3, sites=3, restrictions=RULES[rule])
    least = 0.0 if wanted == "people" else 0.6 * replan(p, gap=0.0).people[-1]
    found = replan(p, wanted, least_people=least, gap=0.0)
    assert found.value == pytest.approx(best_of_all(p, wanted, least))
    fresh = allowed(p, found.vendor)
    assert fresh is not None
    assert found.gap < 1e-6


def test_running_sites_crews_stock_and_clusters_against_all_plans():
    p = problem(
        seed=5, sites=3, running=np.array([0, -1, -1]), crews=np.array([1.0, 1.0]),
        stock=np.array([[1.0, 1.0], [INF, INF]]), cluster=np.array([7, 7, -1]),
        restrictions=RULES["ban"],
    )  # fmt: skip
    found = replan(p, gap=0.0)
    assert found.value == pytest.approx(best_of_all(p, "people"))
    assert allowed(p, found.vendor) is not None
    # the running site had to change its vendor before the ban
    assert found.vendor[0, 1] != 0


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1000))
def test_forbidding_never_makes_the_optimum_cheaper(seed):
    p = problem(seed=seed, sites=5, budget_usd=np.full(2, 1e9))
    least = 0.7 * p.people[np.asarray(p.covers.sum(axis=0)).ravel() > 0].sum()
    free = replan(p, "cost", least_people=least, gap=0.0)
    for rule in ("ban", "cap", "share of installs", "two suppliers"):
        bound = replan(p.only(RULES[rule]), "cost", least_people=least, gap=0.0)
        assert bound.cost_usd >= free.cost_usd - 1e-6


def test_swapping_two_vendors_in_the_data_swaps_the_answer():
    p = problem(seed=11, restrictions=RULES["ban"])
    swapped = replace(
        p, install_usd=p.install_usd[:, ::-1].copy(),
        restrictions=(replace(RULES["ban"][0], vendors=("Beta",)),),
    )  # fmt: skip
    one, two = replan(p, gap=0.0), replan(swapped, gap=0.0)
    assert one.value == pytest.approx(two.value)
    assert not (one.vendor[:, 1] == 0).any()
    assert not (two.vendor[:, 1] == 1).any()


def test_the_least_conflict_is_named_and_nothing_more():
    p = problem(
        seed=2,
        restrictions=(
            Restriction("no Alpha", "prohibit", ("Alpha",)),
            Restriction("harmless cap", "cap", ("Alpha",), limit=0.9),
            Restriction("two suppliers", "min-suppliers", ("Alpha", "Beta"), limit=2),
        ),
    )
    with pytest.raises(InfeasiblePlanError, match="least_conflict"):
        replan(p)
    assert least_conflict(p) == ("no Alpha", "two suppliers")
    assert least_conflict(p.only(())) == ()


def test_a_budget_too_small_is_named():
    p = problem(seed=2, budget_usd=np.array([1e3, 0.0]))
    assert least_conflict(p, least_people=50.0) == ("budget",)


def test_all_faults_at_once():
    with pytest.raises(InputError) as told:
        replace(
            problem(),
            months=np.array([-1.0, 2.0]),
            crews=np.ones(3),
            restrictions=(Restriction("typo", "cap", ("Alpa",), limit=1.5),),
        )
    text = str(told.value)
    for part in ("months", "crews", 'no vendor is named "Alpa"', "Alpha", "limit is 1.5"):
        assert part in text
    with pytest.raises(InputError, match="all sites together cover"):
        replan(problem(), "cost", least_people=1e9)
