"""A plan's choice of vendors set up, answered, and held against the radio map and the rules."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright import coverage
from cellwright.errors import InputError
from cellwright.supply import Parties, Party, Rule, Step, Who, evaluate, plan_elements
from cellwright.supply.clusters import clusters
from cellwright.supply.replan import (
    calendar,
    demand_cells,
    demand_of,
    least_conflict,
    planned_vendors,
    replan,
    replan_problem,
    replanned_elements,
    rule_prices,
    settled,
    verify,
    worth,
)
from cellwright.supply.replan.demand import merged

PARTIES = Parties([Party(name, name) for name in "VWX"])
PHASES = pd.DataFrame({"phase": [1, 2], "due": pd.to_datetime(["2022-01-01", "2023-01-01"])})
UNTIL = date(2026, 12, 31)
SITES = "ABCDEF"
PRICES = pd.DataFrame(
    [("V", "gNB", 10e3), ("W", "gNB", 14e3), ("X", "gNB", 18e3)],
    columns=["vendor", "function", "usd"],
)


def rule(name, kind, limit, start, who=("V",), **more):
    return Rule(name, kind, Who(parties=who), (Step(start, limit),), **more)


BAN = rule("ban", "prohibit", 0.0, date(2024, 7, 1), metric="elements")
CAP = rule("cap", "cap", 0.5, date(2022, 6, 1), functions=("access",))
CORE = rule("core", "prohibit", 0.0, date(2023, 3, 1), functions=("core",), metric="elements")


def network():
    """Half of the sites in each phase, all V's; a core of V's with V's manager."""
    rows = [
        (f"{s}/{f}", s, f, "V", 1 + i % 2, PHASES["due"][i % 2])
        for i, s in enumerate(SITES)
        for f in ("gNB", "router")
    ]
    start = pd.Timestamp("2021-06-01")
    rows += [(f"core/{f}", "core", f, "V", 0, start) for f in ("AMF", "UPF", "EMS")]
    names = ["element_id", "site_id", "function", "maker", "phase", "installed"]
    table = pd.DataFrame(rows, columns=names)
    table.loc[table["function"] == "router", "maker"] = "X"
    return plan_elements(table.assign(value=2e3, population=10.0, technologies="5G"))


def asked(radio, rules, **more):
    """The radio map, the calendar and the problem of one choice."""
    r, elements = radio(7, sites=6), network()
    when = calendar(PHASES, rules, UNTIL, elements)
    problem = replan_problem(
        elements, when, demand_of(r, points=3000), ["V", "W", "X"], rules, PARTIES,
        **{"prices": PRICES, **more},
    )  # fmt: skip
    return r, elements, when, problem


def test_later_limits_make_phases_in_which_vendors_change_and_no_site_is_opened(radio):
    _, elements, when, problem = asked(radio, [BAN, CAP, CORE])
    assert when.names == ("1", "2", "by 2024-07-01")
    assert when.last == (date(2022, 12, 31), date(2024, 6, 30), UNTIL)
    assert when.months.sum() == pytest.approx(60.0, abs=0.1)
    assert when.opening.tolist() == [True, True, False]
    assert [one.rule_id for one in problem.restrictions] == ["ban", "cap"]
    found = replan(problem, gap=0.0)
    assert ((found.vendor[:, 1] >= 0) == (found.vendor[:, 2] >= 0)).all()
    assert (found.vendor[:, 1] == 0).sum() <= 3
    assert not (found.vendor[:, 2] == 0).any()
    with pytest.raises(InputError, match="study ends"):
        calendar(PHASES, [], date(2022, 6, 1), elements)


def test_the_answer_keeps_every_rule_and_the_radio_map_agrees(radio):
    rules = [BAN, CAP, CORE]
    r, elements, when, problem = asked(radio, rules, budget_usd=40e3)
    found = replan(problem)
    told = verify(r, problem, when, found, elements, rules, PARTIES)
    assert told.rules["complies"].all()
    assert abs(told.difference_share) < 0.01
    off = [s for s, on in zip(SITES, found.vendor[:, -1] >= 0, strict=True) if not on]
    assert off
    lost = np.isin(r.site_ids, off)
    assert told.people["radio"].iloc[-1] == pytest.approx(r.people @ r.without(lost)[1])
    np.testing.assert_array_equal(told.covered, r.without(lost)[1])
    # the core is another's before its ban begins, the manager leaves with the vendor
    assert set(told.changes["element_id"]) >= {"core/AMF", "core/UPF"}
    assert (told.changes["day"] <= pd.Timestamp("2023-03-01")).all()
    manager = told.elements[(told.elements["function"] == "EMS") & (told.elements["maker"] == "V")]
    assert (manager["removed"] <= pd.Timestamp("2024-07-01")).all()


def test_the_plan_as_it_is_is_one_of_the_choices(radio):
    _, elements, when, problem = asked(radio, [], budget_usd=70e3)
    vendor = planned_vendors(problem, when, elements)
    assert vendor.tolist() == [[0, 0], [-1, 0]] * 3
    fresh = (vendor >= 0) & (vendor != np.c_[problem.running, vendor[:, :-1]])
    cost, months, people = worth(problem, vendor, fresh)
    assert cost == pytest.approx(6 * (10e3 + 2e3))
    best = replan(problem, gap=0.0)
    assert best.person_months >= months - 1e-6
    cheapest = replan(problem, "cost", least_people=people, gap=0.0)
    assert cheapest.cost_usd <= cost + 1e-6
    assert (cheapest.people >= people - 1e-6).all()
    same = replanned_elements(problem, when, vendor, elements).set_index("element_id")
    given = elements.set_index("element_id")
    pd.testing.assert_frame_equal(same.loc[given.index].drop("core/EMS"), given.drop("core/EMS"))


def test_sites_that_run_already_change_their_vendor_or_keep_it(radio):
    elements = network().assign(installed=pd.Timestamp("2020-01-01"))
    when = calendar(PHASES, [BAN], UNTIL, elements)
    problem = replan_problem(
        elements, when, demand_of(radio(7, sites=6), points=500), ["W"], [BAN], PARTIES,
        prices=PRICES,
    )  # fmt: skip
    assert problem.vendors == ("W", "V")
    assert (problem.running == 1).all()
    found = replan(problem, "cost", gap=0.0)
    assert (found.vendor[:, 0] == 1).all()
    assert (found.vendor[:, 2] == 0).all()
    made = replanned_elements(problem, when, found.vendor, elements)
    assert found.cost_usd == pytest.approx(6 * 14e3)
    assert evaluate(BAN, made[made["function"] == "gNB"], UNTIL, PARTIES).complies
    old = made[(made["function"] == "gNB") & (made["maker"] == "V")]
    # changed once, at the ban or before: today's price is the same
    assert (old["removed"] <= pd.Timestamp("2024-07-01")).all()
    assert (old["installed"] == pd.Timestamp("2020-01-01")).all()


def test_what_a_rule_costs_is_the_difference_to_the_free_choice(radio):
    _, _, _, problem = asked(radio, [BAN, CAP], vendor_usd=5e3)
    most = problem.people[np.asarray(problem.covers.sum(axis=0)).ravel() > 0].sum()
    table = rule_prices(problem, least_people=0.95 * most, gap=0.0).set_index("rules")
    assert table.index.tolist() == ["none", "ban", "cap", "all"]
    assert table.loc["none", "extra_usd"] == 0.0
    assert (table["extra_usd"] >= -1e-6).all()
    assert table.loc["all", "extra_usd"] >= table["extra_usd"].drop("all").max() - 1e-6
    assert table.loc["ban", "extra_usd"] > 0.0


def test_too_little_money_for_all_people_is_named(radio):
    _, _, _, problem = asked(radio, [BAN], budget_usd=5e3)
    assert least_conflict(problem, least_people=200.0) == ("budget",)


def test_a_cluster_runs_one_vendor(radio):
    groups = dict(zip(SITES, [0, 0, 0, 1, 1, 1], strict=True))
    _, _, _, problem = asked(radio, [CAP], cluster=groups)
    found = replan(problem, gap=0.0)
    for group in (slice(0, 3), slice(3, 6)):
        for t in range(2):
            had = found.vendor[group, t]
            assert len(set(had[had >= 0].tolist())) <= 1


def test_banned_core_is_replaced_by_someone_allowed_or_by_nobody_named():
    elements = network()
    when = calendar(PHASES, [CORE], UNTIL, elements)
    made, changes = settled(elements, [CORE], when, ["W"], PARTIES)
    assert changes["new_maker"].tolist() == ["W", "W"]
    assert (changes["day"] == pd.Timestamp("2023-01-01")).all()
    assert evaluate(CORE, made, date(2023, 3, 1), PARTIES).complies
    assert not evaluate(CORE, elements, date(2023, 3, 1), PARTIES).complies
    everyone = rule("all", "prohibit", 0.0, date(2022, 1, 1), ("V", "W", "X"), functions=("core",))
    _, changes = settled(elements, [everyone], when, ["W"], PARTIES)
    assert changes["new_maker"].tolist() == ["", ""]
    untouched, none = settled(elements, [BAN], when, ["W"], PARTIES)
    assert not set(none["function"]) & {"gNB"}
    assert (untouched.loc[untouched["function"] == "gNB", "maker"] == "V").all()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 50), chosen=st.sets(st.integers(0, 5), min_size=1))
def test_demand_cells_cover_like_the_radio_map(radio, seed, chosen):
    r = radio(seed, sites=6)
    demand = demand_of(r, points=20000)
    on = np.isin(np.arange(6), list(chosen))
    cells = np.asarray(demand.covers[on].sum(axis=0)).ravel() > 0
    names = np.array(demand.sites, object)[on]
    counted = r.people @ r.without(~np.isin(r.site_ids, names))[1]
    assert demand.people[cells].sum() == pytest.approx(counted, rel=0.01)
    assert demand.people.sum() == pytest.approx(r.people.sum())


def test_demand_cells_do_not_depend_on_the_order_of_receivers(radio):
    r = radio(3, sites=6)
    reached = coverage.site_probability(r.received, r.targets_dbm)
    turned = np.random.default_rng(1).permutation(r.people.size)
    one = demand_cells(r.receivers, reached, r.people, points=700)
    two = demand_cells(
        r.receivers.isel(receiver=turned), reached.isel(receiver=turned), r.people[turned],
        points=700,
    )  # fmt: skip
    np.testing.assert_array_equal(one.covers.toarray(), two.covers.toarray())
    np.testing.assert_allclose(one.people, two.people)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_merging_cells_changes_nobodys_cover(seed):
    rng = np.random.default_rng(seed)
    covers, people = rng.random((4, 30)) < 0.4, rng.random(30)
    left, crowd, alone = merged(sp.csr_matrix(covers), people)
    for on in (rng.random(4) < 0.5, np.ones(4, bool)):
        expected = people[covers[on].any(axis=0)].sum()
        told = crowd[np.asarray(left[on].sum(axis=0)).ravel() > 0].sum() + alone[on].sum()
        assert told == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 60), most=st.integers(1, 12), seed=st.integers(0, 99))
def test_clusters_hang_together_and_are_small_enough(count, most, seed):
    x, y = np.random.default_rng(seed).uniform(0, 1000, (2, count))
    number = clusters(x, y, most)
    assert np.bincount(number).max() <= most
    assert set(number.tolist()) == set(range(number.max() + 1))
    boxes = [
        (x[number == k].min(), x[number == k].max(), y[number == k].min(), y[number == k].max())
        for k in range(number.max() + 1)
    ]
    for i, (left, right, low, high) in enumerate(boxes):
        for a, b, c, d in boxes[i + 1 :]:
            assert right < a or b < left or high < c or d < low
