"""The compliant plan: against every plan there is on small cases, and by laws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.supply import Rule, Step, Who, plan_elements
from cellwright.supply.replan import ReplanProblem, least_conflict, replan, restrictions
from cellwright.supply.replan.solve import worth

INF = np.inf
VENDORS = ("Alpha", "Beta", "Gamma")


@dataclass(frozen=True)
class Words:
    """A rule in the words of this test, judged by `keeps` and told to the program as a Rule."""

    name: str
    kind: str
    vendors: tuple[str, ...]
    basis: str = "stock"
    limit: float = 0.0
    first: int = 0

    def rule(self) -> Rule:
        """The rule as data: it binds from a phase on, installs are counted year by year."""
        window = "year" if self.basis == "flow" else "since"
        step = Step(date(2020 + self.first, 1, 1), self.limit)
        who = Who(parties=self.vendors)
        return Rule(
            self.name, self.kind, who, (step,), self.basis, functions=("gNB",), window=window
        )


def compiled(words, sites=4, vendors=2, phases=2):
    """Rows of rules on plain sites, a phase each year."""
    names = [f"S{s}" for s in range(sites)]
    elements = plan_elements(pd.DataFrame({"site_id": names, "function": "gNB"}))
    days = [date(2020 + t, 6, 1) for t in range(phases)]
    rules = [one.rule() for one in words]
    return restrictions(rules, elements, names, VENDORS[:vendors], days)


def problem(seed=1, sites=4, vendors=2, phases=2, cells=6, words=(), **changes):
    rng = np.random.default_rng(seed)
    made = ReplanProblem(
        sites=tuple(f"S{s}" for s in range(sites)),
        vendors=VENDORS[:vendors],
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
        restrictions=compiled(words, sites, vendors, phases),
    )
    return replace(made, **changes)


def allowed(p, vendor, words=()):
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
    return fresh if all(keeps(p, rule, vendor, fresh) for rule in words) else None


def keeps(p, rule, vendor, fresh):
    who = [p.vendors.index(name) for name in rule.vendors]
    counted = (vendor >= 0) if rule.basis == "stock" else fresh
    for t in range(rule.first, vendor.shape[1]):
        mine = (counted[:, t] & np.isin(vendor[:, t], who)).sum()
        whole = counted[:, t].sum()
        had = set(vendor[counted[:, t], t].tolist())
        if rule.kind == "min-suppliers" and whole and len(had) < rule.limit:
            return False
        if rule.kind == "prohibit" and mine > 0:
            return False
        if rule.kind == "cap" and mine > rule.limit * whole + 1e-9:
            return False
        if rule.kind == "min-share" and mine < rule.limit * whole - 1e-9:
            return False
    return True


def best_of_all(p, wanted, least_people=0.0, words=()):
    """Try every plan there is."""
    states = list(product(range(-1, len(p.vendors)), repeat=len(p.phases)))
    best = None
    for choice in product(states, repeat=len(p.sites)):
        vendor = np.array(choice)
        fresh = allowed(p, vendor, words)
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
    "ban": (Words("ban", "prohibit", ("Alpha",), first=1),),
    "cap": (Words("cap", "cap", ("Alpha",), limit=0.5),),
    "share of installs": (Words("local", "min-share", ("Beta",), "flow", 0.5),),
    "two suppliers": (Words("two", "min-suppliers", ("Alpha", "Beta"), limit=2, first=1),),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("wanted", ["people", "cost"])
def test_as_good_as_the_best_of_all_plans(rule, wanted):
    p = problem(seed=3, sites=3, words=RULES[rule])
    least = 0.0 if wanted == "people" else 0.6 * replan(p, gap=0.0).people[-1]
    found = replan(p, wanted, least_people=least, gap=0.0)
    assert found.value == pytest.approx(best_of_all(p, wanted, least, RULES[rule]))
    fresh = allowed(p, found.vendor, RULES[rule])
    assert fresh is not None
    assert found.gap < 1e-6


def test_running_sites_crews_stock_and_clusters_against_all_plans():
    p = problem(
        seed=5, sites=3, running=np.array([0, -1, -1]), crews=np.array([1.0, 1.0]),
        stock=np.array([[1.0, 1.0], [INF, INF]]), cluster=np.array([7, 7, -1]),
        words=RULES["ban"],
    )  # fmt: skip
    found = replan(p, gap=0.0)
    assert found.value == pytest.approx(best_of_all(p, "people", words=RULES["ban"]))
    assert allowed(p, found.vendor, RULES["ban"]) is not None
    # the running site had to change its vendor before the ban
    assert found.vendor[0, 1] != 0


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1000))
def test_forbidding_never_makes_the_optimum_cheaper(seed):
    p = problem(seed=seed, sites=5, budget_usd=np.full(2, 1e9))
    least = 0.7 * p.people[np.asarray(p.covers.sum(axis=0)).ravel() > 0].sum()
    free = replan(p, "cost", least_people=least, gap=0.0)
    for rule in ("ban", "cap", "share of installs", "two suppliers"):
        bound = replan(p.only(compiled(RULES[rule], 5)), "cost", least_people=least, gap=0.0)
        assert bound.cost_usd >= free.cost_usd - 1e-6


def test_swapping_two_vendors_in_the_data_swaps_the_answer():
    p = problem(seed=11, words=RULES["ban"])
    swapped = replace(
        p, install_usd=p.install_usd[:, ::-1].copy(),
        restrictions=compiled([replace(RULES["ban"][0], vendors=("Beta",))]),
    )  # fmt: skip
    one, two = replan(p, gap=0.0), replan(swapped, gap=0.0)
    assert one.value == pytest.approx(two.value)
    assert not (one.vendor[:, 1] == 0).any()
    assert not (two.vendor[:, 1] == 1).any()


def test_the_least_conflict_is_named_and_nothing_more():
    p = problem(
        seed=2,
        words=(
            Words("no Alpha", "prohibit", ("Alpha",)),
            Words("harmless cap", "cap", ("Alpha",), limit=0.9),
            Words("two suppliers", "min-suppliers", ("Alpha", "Beta"), limit=2),
        ),
    )
    # without Alpha there is one supplier at most, so nothing may run at all
    assert (replan(p).vendor == -1).all()
    with pytest.raises(InfeasiblePlanError, match="least_conflict"):
        replan(p, "cost", least_people=50.0)
    assert least_conflict(p, least_people=50.0) == ("no Alpha", "two suppliers")
    assert least_conflict(p.only(()), least_people=50.0) == ()


def test_a_budget_too_small_is_named():
    p = problem(seed=2, budget_usd=np.array([1e3, 0.0]))
    assert least_conflict(p, least_people=50.0) == ("budget",)


def test_all_faults_at_once():
    with pytest.raises(InputError) as told:
        replace(
            problem(),
            months=np.array([-1.0, 2.0]),
            crews=np.ones(3),
            restrictions=compiled(RULES["cap"], sites=3),
        )
    text = str(told.value)
    for part in ("months", "crews", 'rule "cap" is for (3, 2, 2); (4, 2, 2) is needed'):
        assert part in text
    with pytest.raises(InputError, match="all sites together cover"):
        replan(problem(), "cost", least_people=1e9)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1000), more=st.floats(1.0, 3.0))
def test_a_larger_budget_never_covers_fewer(seed, more):
    p = problem(seed=seed, sites=5, words=RULES["cap"])
    rich = replace(p, budget_usd=p.budget_usd * more)
    assert replan(rich, gap=0.0).value >= replan(p, gap=0.0).value - 1e-6


def test_people_may_be_asked_for_phase_by_phase():
    p = problem(seed=4, sites=5, budget_usd=np.full(2, 1e9))
    late = replan(p, "cost", least_people=60.0, gap=0.0)
    both = replan(p, "cost", least_people=np.array([60.0, 60.0]), gap=0.0)
    assert (both.people >= 60.0).all()
    assert both.cost_usd >= late.cost_usd - 1e-6


def test_what_a_vendor_does_not_offer_is_not_chosen():
    p = problem(seed=6, budget_usd=np.full(2, 1e9))
    dear = p.install_usd.copy()
    dear[:2, 0] = INF
    found = replan(replace(p, install_usd=dear), gap=0.0)
    assert not (found.vendor[:2] == 0).any()
    assert np.isfinite(found.cost_usd)


def test_equipment_that_is_not_chosen_counts_as_planned():
    """Two sites to choose, and a third, with a maker and a date, that the rule counts too."""
    table = pd.DataFrame(
        {"site_id": ["A", "B", "C"], "function": ["gNB", "gNB", "gNB"], "maker": "Alpha"}
    )
    elements = plan_elements(table.assign(installed=pd.Timestamp("2020-07-01")))
    rule = Words("cap", "cap", ("Alpha",), limit=0.5).rule()
    days = [date(2020, 6, 1), date(2021, 6, 1)]
    (rows,) = restrictions([rule], elements, ["A", "B"], VENDORS[:2], days)
    first, second = rows.coefficients
    np.testing.assert_allclose(first[:, :, 0], [[0.5, -0.5], [0.5, -0.5]])
    np.testing.assert_allclose(second[:, :, 1], first[:, :, 0])
    # C runs Alpha from the second phase on: half of it is over the limit already
    np.testing.assert_allclose(rows.upper, [0.0, -0.5])
