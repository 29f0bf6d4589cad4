"""Dated rules at every boundary; first break; least change alone and together, against all ways."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.supply import (
    Holding,
    Parties,
    Party,
    Rule,
    Step,
    Who,
    evaluate,
    example_parties,
    first_break,
    least_change,
    linear,
    plan_elements,
    rules_of,
)
from cellwright.supply.joint import least_changes
from cellwright.supply.timeline import timeline

DAY = date(2025, 6, 1)
LAST = date(2030, 12, 31)
PARTIES = Parties(
    [
        Party("V", "V", country="AA"),
        Party("W", "W", country="BB"),
        Party("X", "X", country="BB"),
        Party("v", "child of V", country="BB", owners=(Holding("V", 1.0),)),
    ]
)


def network(share=0.6, sites=10, **more):
    """The network of the design's case: 60 % of a high-risk vendor, access and core."""
    many = round(share * sites)
    access = [(f"s{i}", "huawei" if i < many else "nokia", "gNB") for i in range(sites)]
    rows = [*access, ("core", "huawei", "UPF")]
    table = pd.DataFrame(rows, columns=["site_id", "maker", "function"]).assign(technologies="5G")
    table = table.assign(installed=pd.Timestamp("2021-01-01"), traffic=1.0, value=1.0)
    return plan_elements(table.assign(**more))


@pytest.mark.parametrize(
    ("name", "day", "changes"),
    [
        # design section 8.4: 60 % is compliant until the day before
        ("uk-2020-35-sites", date(2023, 1, 28), 3),
        ("uk-2020-35-traffic", date(2023, 1, 28), 3),
        ("uk-2020-core", date(2023, 1, 28), 1),
        ("uk-dvd-5gaccess35", date(2023, 7, 31), 3),
        ("uk-dvd-core", date(2024, 1, 1), 1),
        ("uk-dvd-5g-all", date(2028, 1, 1), 7),
    ],
)
def test_uk_steps_break_on_their_day_and_say_the_least_change(name, day, changes):
    (rule,), parties, plan = rules_of(name), example_parties(), network()
    assert first_break(rule, plan, LAST, parties) == day
    assert first_break(rule, plan, day - timedelta(days=1), parties) is None
    assert least_change(rule, plan, day - timedelta(days=1), parties) == ()
    sites = least_change(rule, plan, day, parties)
    assert sites is not None
    assert len(sites) == changes
    joint = least_changes([rule], plan, day, parties, vendors=["ericsson"])
    assert joint is not None
    assert len(joint.sites) == changes


def test_uk_at_35_percent_keeps_the_cap_and_breaks_the_ban_only():
    parties, plan = example_parties(), network(share=0.3)
    plan = plan[plan["site_id"] != "core"].reset_index(drop=True)
    (cap,), (ban,) = rules_of("uk-dvd-5gaccess35"), rules_of("uk-dvd-5g-all")
    assert first_break(cap, plan, LAST, parties) is None
    assert first_break(ban, plan, LAST, parties) == date(2028, 1, 1)
    removed = plan.assign(
        removed=pd.Series(pd.Timestamp("2028-01-01"), plan.index).where(plan["maker"] == "huawei")
    )
    assert first_break(ban, removed, LAST, parties) is None


def test_no_new_installs_is_flow_what_runs_may_stay():
    (rule,), parties = rules_of("uk-dvd-5g-noinstall"), example_parties()
    assert first_break(rule, network(), LAST, parties) is None
    for day, broken in (("2022-10-12", False), ("2022-10-13", True)):
        late = network(installed=pd.Timestamp(day))
        found = first_break(rule, late, LAST, parties)
        assert found == (date(2022, 10, 13) if broken else None)


@pytest.mark.parametrize(("year", "least"), [(2025, 0.06), (2027, 0.33), (2029, 1.0)])
def test_russian_share_is_counted_in_the_installs_of_the_year(year, least):
    (rule,) = rules_of(f"ru-{year}-local-{100 * least:.0f}")
    parties, need = example_parties(), int(np.ceil(least * 50))
    old = network(installed=pd.Timestamp("2020-06-01"), sites=200)

    def with_new(local):
        makers = ["irteya"] * local + ["nokia"] * (50 - local)
        new = pd.DataFrame({"site_id": [f"n{i}" for i in range(50)], "maker": makers})
        new = new.assign(function="gNB", technologies="5G LTE", installed=f"{year}-03-01")
        return plan_elements(pd.concat([old, new], ignore_index=True))

    day = date(year, 12, 31)
    enough, short = with_new(need), with_new(need - 1)
    assert evaluate(rule, enough, day, parties).complies
    assert not evaluate(rule, short, day, parties).complies
    assert first_break(rule, short, LAST, parties) == day
    # of what runs it is a small part: a rule on stock would be broken
    runs = (enough["maker"] == "irteya").mean()
    assert runs < least
    assert len(least_change(rule, short, day, parties) or ()) == 1


def rule(kind, who, limit, **more):
    return Rule("r", kind, Who(parties=who), (Step(date(2020, 1, 1), limit),), **more)


KINDS = {
    "ban": rule("prohibit", ("V",), 0.0),
    "cap": rule("cap", ("V",), 0.4),
    "cap on traffic": rule("cap", ("W",), 0.5, metric="traffic"),
    "share": rule("min-share", ("X",), 0.3),
    "suppliers": rule("min-suppliers", (), 2.0),
    "suppliers if V": rule("min-suppliers", ("V",), 3.0, only_if_present=True),
    "permit": rule("permit", ("W",), 0.0),
    "in an area": rule("prohibit", ("W",), 0.0, where=("zone",)),
}


def plans(draw, sites):
    makers = draw(st.lists(st.sampled_from(["V", "W", "X", "v"]), min_size=sites, max_size=sites))
    traffic = draw(st.lists(st.integers(1, 9), min_size=sites, max_size=sites))
    table = pd.DataFrame({"site_id": [f"s{i}" for i in range(sites)], "maker": makers})
    tags = ["cleared:r"] + [""] * (sites - 1)
    zone = ["zone"] + [""] * (sites - 1)
    return plan_elements(table.assign(traffic=traffic, function="gNB", tags=tags, area=zone))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(KINDS)))
def test_rows_and_evaluation_are_one_rule(data, name):
    plan, vendors = plans(data.draw, 5), ["V", "W", "X", "v"]
    one = KINDS[name]
    z = (plan["maker"].to_numpy()[:, None] == np.array(vendors)).astype(float)[:, :, None]
    rows = linear(one, plan, vendors, [DAY], PARTIES)
    assert rows.kept(z) == evaluate(one, plan, DAY, PARTIES).complies
    nothing = np.zeros_like(z)
    assert rows.kept(nothing)


def test_every_limit_within_a_phase_is_kept_not_only_the_first_days():
    cap = Rule("c", "cap", Who(parties=("V",)), (Step(date(2025, 9, 1), 0.4),))
    plan = plan_elements(pd.DataFrame({"site_id": list("ab"), "function": "gNB"}))
    days, until = [date(2025, 1, 1), date(2026, 1, 1)], [date(2025, 12, 31), date(2026, 12, 31)]
    assert linear(cap, plan, ["V"], days, PARTIES).labels == ("c on 2026-01-01",)
    both = linear(cap, plan, ["V"], days, PARTIES, until=until)
    assert both.labels == ("c on 2025-09-01", "c on 2026-01-01")


def fewest(rules, plan, makers):
    """Try all makers at all sites."""
    best = None
    for chosen in product(sorted(makers), repeat=len(plan)):
        made = plan.assign(maker=list(chosen))
        if all(evaluate(one, made, DAY, PARTIES).complies for one in rules):
            changed = int((made["maker"] != plan["maker"]).sum())
            best = changed if best is None else min(best, changed)
    return best


@settings(max_examples=12, deadline=None)
@given(data=st.data(), names=st.sets(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3))
def test_joint_least_change_is_the_least_of_all(data, names):
    plan = plans(data.draw, 3)
    rules = [KINDS[name] for name in sorted(names)]
    found = least_changes(rules, plan, DAY, PARTIES, vendors=["V", "W", "X"])
    best = fewest(rules, plan, {*plan["maker"], "V", "W", "X", "another maker"})
    assert (found is None) == (best is None)
    if found is None:
        return
    assert len(found.sites) == best
    made = plan.set_index("site_id")
    for row in found.changes.itertuples():
        assert made.loc[row.site_id, "maker"] == row.maker
        made.loc[row.site_id, "maker"] = row.new_maker
    made = made.reset_index()
    assert all(evaluate(one, made, DAY, PARTIES).complies for one in rules)
    alone = [least_change(one, plan, DAY, PARTIES) for one in rules]
    assert len(found.sites) >= max(len(one) for one in alone if one is not None)


def test_a_maker_with_a_name_comes_before_anybody_else():
    plan = plan_elements(pd.DataFrame({"site_id": list("ab"), "maker": "V", "function": "gNB"}))
    ban = rule("prohibit", ("V",), 0.0)
    named = least_changes([ban], plan, DAY, PARTIES, vendors=["W"])
    assert named.changes["new_maker"].tolist() == ["W", "W"]
    assert named.changes["elements"].tolist() == [("a/gNB/0",), ("b/gNB/1",)]
    nobody = least_changes([ban], plan, DAY, PARTIES)
    assert nobody.changes["new_maker"].tolist() == ["another maker"] * 2


def test_rules_that_contradict_each_other_have_no_joint_change():
    plan = plan_elements(pd.DataFrame({"site_id": list("ab"), "maker": "V", "function": "gNB"}))
    share, ban = rule("min-share", ("V",), 0.5), rule("prohibit", ("V",), 0.0)
    assert least_changes([share, ban], plan, DAY, PARTIES) is None
    assert least_changes([share], plan, DAY, PARTIES).sites == ()


def test_timeline_is_what_evaluate_says_on_each_day():
    parties, plan = example_parties(), network()
    rules = [*rules_of("uk-2020"), *rules_of("uk-2022"), *rules_of("ru-local")]
    first, last = date(2020, 1, 1), date(2029, 12, 31)
    found = timeline(rules, plan, parties, None, first, last)
    assert set(found["rule_id"]) == {one.rule_id for one in rules if one.acts_on == "network"}
    by_id = {one.rule_id: one for one in rules}
    for row in found.sample(60, random_state=1).itertuples():
        told = evaluate(by_id[row.rule_id], plan, row.day.date(), parties)
        assert row.value == pytest.approx(told.value)
        assert row.complies == told.complies
        assert (told.limit is None and np.isnan(row.limit)) or row.limit == told.limit
    cap = found[found["rule_id"] == "uk-2020-35-sites"].set_index("day")
    assert cap.loc["2023-01-27", "complies"]
    assert not cap.loc["2023-01-28", "complies"]
    assert cap.index.is_monotonic_increasing
    assert len(cap) >= 40
