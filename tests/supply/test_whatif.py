"""Scenarios on a pilot: what is cut, late, broken, unpatched, dearer; no party is in the code."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from tests.supply.pilot import START, bills, parties, pilot

from cellwright.errors import InputError
from cellwright.supply import Parties, Party, Rule, Scenario, Step, Who, scenarios
from cellwright.supply.parts import plan_parts
from cellwright.supply.stress import plan_chain
from cellwright.supply.whatif import cuts_of, whatif

LEVELS = ("low", "typical", "high")


def story(*changes):
    return Scenario("story", "A story", "own", changes)


def cut(country="US", buyer="A", months=(12, 36, 120), day=START):
    low, typical, high = months
    return {"day": day, "kind": "supply-cut", "country": country, "buyer": buyer,
            "months_low": low, "months_typical": typical, "months_high": high}  # fmt: skip


def run(scenario, vendors=("A", "B"), **more):
    elements, phases = pilot(vendors=vendors, core="R")
    return whatif(scenario, elements, phases, parties(), parts=plan_parts(bills()), **more)


def test_more_harm_is_never_less_late():
    found = run(story(cut()))
    lost = [found.phases[f"person_months_{level}"].sum() for level in LEVELS]
    assert lost == sorted(lost)
    assert lost[0] == 0.0
    assert lost[1] > 0.0
    assert found.phases["met_base"].all()


def test_the_sentence_says_what_stops_when_and_for_how_many():
    found = run(story(cut()))
    first = found.phases[~found.phases["met_typical"]].iloc[0]
    assert "supply of A gNB: FPGA stops from 2019-05-16" in found.sentence
    assert f"first missed: phase {first['phase']}, {first['due']:%Y-%m}" in found.sentence
    waiting = found.phases["waiting_typical"].sum()
    assert f"{waiting:,.0f} people wait" in found.sentence


def test_swapping_two_vendors_in_the_data_swaps_the_answer():
    one = run(story(cut(buyer="A")))
    elements, phases = pilot(vendors=("B", "A"), core="R")
    mirrored = story(cut(buyer="A")).about({"A": "B"})
    seats = [
        replace(p, country={"A": "SE", "B": "CN"}.get(p.party_id, p.country)) for p in parties()
    ]
    other = whatif(mirrored, elements, phases, Parties(seats), parts=plan_parts(bills("B")))
    pd.testing.assert_frame_equal(one.phases, other.phases)
    assert other.sentence == one.sentence.replace("A gNB", "B gNB")
    untouched = run(story(cut(buyer="B", country="TW")))
    assert "nothing in this scenario touches this plan" in untouched.sentence


def test_stock_of_the_scenario_overrides_what_is_given():
    full = {"day": START, "kind": "stock", "target": "parts", "months": 240}
    assert run(story(cut(), full)).phases["met_high"].all()
    only = {**full, "target": "SoC"}
    assert not run(story(cut(), only)).phases["met_high"].all()


def test_a_longer_lead_time_is_a_gap_in_deliveries():
    change = {"day": START, "kind": "lead-time", "country": "US", "buyer": "A", "factor": 3.0}
    elements, phases = pilot(core="R")
    made = plan_chain(
        elements, phases, parties(), plan_parts(bills()), start=START, lead_months=4.0
    )
    (gap,) = cuts_of(story(change), made, parties())["typical"]
    assert (gap.nodes, gap.start, gap.end) == (("A gNB: FPGA",), 4.0, 12.0)


def ban(limit=0.0, kind="prohibit", start=date(2020, 1, 1), metric="elements"):
    return Rule(
        "ban", kind, Who(parties=("A",)), (Step(start, limit),), metric=metric, technologies=("5G",)
    )


def test_a_rule_counts_only_while_the_scenario_has_it_on():
    on = {"day": date(2019, 6, 1), "kind": "rule-on", "target": "ban"}
    off = {"day": date(2019, 12, 1), "kind": "rule-off", "target": "ban"}
    found = run(story(on), known=(ban(),))
    row = found.rules.iloc[0]
    assert row["first_break"] == pd.Timestamp("2020-01-01")
    assert set(row["sites"]) == {f"S{k:03d}" for k in range(0, 20, 2)}
    assert not run(story(on, off), known=(ban(),)).rules["broken"].any()


def test_a_rule_switched_on_late_binds_from_then():
    late = {"day": date(2020, 7, 1), "kind": "rule-on", "target": "ban"}
    assert run(story(late), known=(ban(),)).rules["first_break"].iloc[0] == pd.Timestamp(
        "2020-07-01"
    )


def test_people_hit_by_a_rule_are_those_of_the_sites_that_offend():
    on = {"day": date(2019, 6, 1), "kind": "rule-on", "target": "ban"}
    elements, phases = pilot(vendors=("A", "B"), core="R")
    found = whatif(story(on), elements, phases, parties(), known=(ban(),))
    radio = elements[(elements["maker"] == "A") & (elements["function"] == "gNB")]
    assert found.rules["people"].iloc[0] == pytest.approx(radio["population"].sum())


def test_a_cap_changes_fewer_sites_than_a_ban_and_costs_less():
    on = {"day": date(2019, 6, 1), "kind": "rule-on", "target": "ban"}
    full = run(story(on), known=(ban(),))
    half = run(story(on), known=(ban(0.35, "cap", metric="sites"),))
    assert 0 < len(half.rules["to_change"].iloc[0]) < len(full.rules["to_change"].iloc[0])
    totals = [w.money.set_index("line").loc["swap, total", "typical"] for w in (half, full)]
    assert totals[0] < totals[1]
    assert half.coverage["total"].is_monotonic_increasing


def test_a_permit_is_asked_for_and_nothing_is_swapped():
    on = {"day": date(2019, 6, 1), "kind": "rule-on", "target": "ban"}
    found = run(story(on), known=(ban(kind="permit"),))
    assert found.rules["broken"].iloc[0]
    assert found.rules["to_change"].iloc[0] == ()
    assert found.coverage is None


def test_support_that_ends_leaves_people_unpatched():
    change = {"day": date(2020, 8, 13), "kind": "support-cut", "target": "A"}
    found = run(story(change), until=date(2022, 8, 13))
    assert set(found.unpatched["site_id"]) == {f"S{k:03d}" for k in range(0, 20, 2)}
    assert found.unpatched["months"].max() == pytest.approx(24.0, abs=0.05)
    assert "stays unpatched for up to 24 months" in found.sentence


def test_duties_fall_on_later_goods_of_the_origin_and_not_at_home():
    change = {"day": date(2020, 1, 1), "kind": "tariff", "country": "CN", "factor_low": 0.1,
              "factor_typical": 0.25, "factor_high": 0.25}  # fmt: skip
    elements, phases = pilot(core="R")
    abroad = whatif(story(change), elements, phases, parties(), importer="FR").money.set_index(
        "line"
    )
    later = elements[(elements["maker"] == "A") & (elements["installed"] >= "2020-01-01")]
    assert abroad.loc["duty the scenario adds", "typical"] == pytest.approx(
        0.25 * later["value"].sum()
    )
    assert abroad.loc["duty the scenario adds", "low"] == pytest.approx(0.10 * later["value"].sum())
    home = whatif(story(change), elements, phases, parties(), importer="CN").money.set_index("line")
    assert home.loc["duty the scenario adds", "high"] == 0.0


def test_dearer_equipment_of_a_maker():
    change = {"day": START, "kind": "price", "target": "A", "factor": 1.2}
    elements, phases = pilot(core="R")
    found = whatif(story(change), elements, phases, parties()).money.set_index("line")
    value = elements.loc[elements["maker"] == "A", "value"].sum()
    assert found.loc["dearer equipment of A", "typical"] == pytest.approx(0.2 * value)


def test_a_change_without_its_figures_is_told():
    with pytest.raises(InputError, match="needs months"):
        run(story({"day": START, "kind": "supply-cut", "country": "US"}))


@pytest.mark.parametrize("name", sorted(scenarios()))
def test_every_shipped_scenario_can_be_applied(name):
    elements, phases = pilot(vendors=("huawei", "nokia"), core="nokia", sites=8, phases=2)
    from cellwright.supply import example_parties

    group = Parties([*example_parties(), Party("R", "R", country="FR")])
    found = whatif(scenarios()[name], elements, phases, group, importer="RU")
    assert found.sentence.startswith(scenarios()[name].title)
    assert "legal advice" in found.note
    assert not found.assumptions.empty


def test_a_scenario_can_be_moved_to_the_day_of_a_plan():
    moved = scenarios()["entity-list-2019"].moved(date(2026, 1, 1))
    days = [change["day"] for change in moved.changes]
    assert min(days) == date(2026, 1, 1)
    assert max(days) - min(days) == date(2020, 8, 17) - date(2019, 5, 16)
