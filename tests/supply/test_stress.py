"""Stress over time: oracles, the closed form where it holds, and laws.

References: Simchi-Levi et al., Interfaces 45(5), 2015; oracle O8 (hand computation).
"""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InputError
from cellwright.supply import Cut, Stress, Timeline, chain, phases_met, phases_sentence, survive
from cellwright.supply.stress import Chain, first_missed, needs_of, phase_table, survive_ranges

START = date(2019, 6, 1)
EDGES = pd.DataFrame(
    [
        ("site", "bbu", 1.0),
        ("site", "rru", 3.0),
        ("bbu", "fpga", 1.0),
        ("bbu", "soc", 1.0),
        ("rru", "pa", 2.0),
    ],
    columns=["parent", "child", "quantity"],
)
STOCK = {"site": 0.0, "bbu": 20.0, "rru": 60.0, "fpga": 180.0, "soc": 400.0, "pa": 900.0}


def radio(scale=1.0, **columns):
    nodes = pd.DataFrame({"node": list(STOCK), "stock": np.array(list(STOCK.values())) * scale})
    nodes["demand"] = [10.0, 0, 0, 0, 0, 0]
    return chain(nodes.assign(**columns), EDGES)


def rollout(first="2019-09-01", quantity=(50, 60, 70, 80, 90), people=None):
    due = pd.date_range(first, periods=len(quantity), freq="6MS")
    people = people or [1e4 * (k + 1) for k in range(len(quantity))]
    return pd.DataFrame(
        {"phase": range(1, len(quantity) + 1), "due": due, "quantity": quantity, "people": people}
    )


def closed_form(made, phases, cut, recover, top="site"):
    """During the cut the most that stock allows, earliest first; then at the least pace on the way."""
    alone = made.nodes.assign(demand=0.0, capacity=math.inf)
    alone.loc[top, "demand"] = 1.0
    most = Stress(Chain(alone, made.edges, made.substitutes)).time_to_survive(cut)
    speed = min(float(made.nodes["capacity"][n]) / q for n, q in needs_of(made, top).items())
    built, late = 0.0, []
    for phase in phases.to_dict("records"):
        due = (phase["due"] - pd.Timestamp(START)).days / 30.4375
        built += phase["quantity"]
        late.append(
            max(0.0, recover + (built - most) / speed - due) if built > most + 1e-6 else 0.0
        )
    return late


def test_oracle_o8_of_a_pair_of_parts():
    stress = Stress(radio())
    cuts = (["fpga"], ["soc"], ["pa"], ["fpga", "soc"], ["bbu"])
    assert [stress.time_to_survive(cut) for cut in cuts] == pytest.approx(
        [20, 42, 17, 20, 2], abs=1e-6
    )


@pytest.mark.parametrize("cut", ["fpga", "bbu", "pa"])
@pytest.mark.parametrize("recover", [6.0, 24.0, 31.5, 50.0])
def test_the_closed_form_where_supply_comes_back_at_any_pace(cut, recover):
    made, phases = radio(), rollout()
    found = phases_met(made, phases, [cut], START, recover)
    assert found["late_months"].tolist() == pytest.approx(
        closed_form(made, phases, [cut], recover), abs=1e-5
    )


@pytest.mark.parametrize("pace", [10.0, 17.3, 25.0])
def test_the_closed_form_where_a_part_comes_back_slowly(pace):
    made, phases = (
        radio(capacity=[math.inf, math.inf, math.inf, pace, math.inf, math.inf]),
        rollout(),
    )
    found = phases_met(made, phases, ["fpga"], START, 31.5)
    assert found["late_months"].tolist() == pytest.approx(
        closed_form(made, phases, ["fpga"], 31.5), abs=1e-5
    )


def test_without_a_cut_nothing_is_late():
    found = phases_met(radio(), rollout(), [], START, 12.0)
    assert found["met"].all()
    assert first_missed(found) is None
    assert phases_sentence(found) == "the pilot completes all 5 phases on time"


def test_the_sentence_names_phase_month_people_and_wait():
    phases = rollout(quantity=(10, 10), people=[5e3, 38e3])
    made = radio(stock=[0.0, 0, 60, 10, 400, 900])
    found = phases_met(made, phases, ["fpga"], START, 18.0)
    assert phases_sentence(found) == (
        "the pilot completes phase 1 of 2; first missed: phase 2, 2020-03; 38,000 people wait 9.0 months"
    )


@settings(max_examples=15, deadline=None)
@given(
    months=st.floats(1.0, 60.0), longer=st.floats(0.1, 24.0), scale=st.floats(0.0, 1.5),
    more=st.floats(0.05, 1.0), part=st.sampled_from(["fpga", "soc", "pa", "rru"]),
)  # fmt: skip
def test_longer_cuts_and_less_stock_never_help(months, longer, scale, more, part):
    def lost(length, stock):
        return float(
            phases_met(radio(stock), rollout(), [part], START, length)["person_months"].sum()
        )

    base = lost(months, scale)
    assert lost(months + longer, scale) >= base - 1e-3
    assert lost(months, scale + more) <= base + 1e-3


def wanted(phases):
    due = [(day - pd.Timestamp(START)).days / 30.4375 for day in phases["due"]]
    return phases.assign(root="site", due=due)


def test_what_is_on_the_way_arrives_and_a_cut_holds_it_back():
    phases = rollout(quantity=(10,), first="2019-09-01")
    made = radio(stock=[0.0, 0, 30, 0, 20, 60])
    coming = pd.DataFrame({"node": ["fpga"], "month": [5.0], "quantity": [10.0]})
    line = Timeline(made, wanted(phases), [1.0, 12.0, 24.0], coming)
    due = wanted(phases)["due"].iloc[0]
    free = phase_table(line, [Cut(("bbu",), 12.0, 24.0), Cut(("soc",), 0.0, 12.0)], phases)
    assert free["met"].all()
    late = phase_table(line, [Cut(("fpga",), 0.0, 24.0)], phases)["late_months"].iloc[0]
    assert late == pytest.approx(24.0 - due, abs=1e-5)
    short = phase_table(line, [Cut(("fpga",), 12.0, 24.0)], phases)
    assert short["met"].all()


def test_pipeline_bridges_a_cut_that_begins_after_it():
    phases = rollout(quantity=(10, 10), first="2020-03-01")
    made = radio(stock=[0.0, 0, 60, 0, 20, 120])
    coming = pd.DataFrame({"node": ["fpga"], "month": [6.0], "quantity": [20.0]})
    line = Timeline(made, wanted(phases), [6.5, 40.0], coming)
    assert phase_table(line, [Cut(("fpga",), 6.5, 40.0)], phases)["met"].all()
    bare = Timeline(made, wanted(phases), [6.5, 40.0])
    assert not phase_table(bare, [Cut(("fpga",), 6.5, 40.0)], phases)["met"].any()


def test_what_others_draw_comes_first():
    phases = rollout(quantity=(60,), first="2020-06-01")
    other = [0.0, 0, 0, 15.0, 0, 0]
    assert phases_met(radio(), phases, ["fpga"], START, 24.0)["met"].all()
    drawn = phases_met(radio(other_use=other), phases, ["fpga"], START, 24.0)
    assert drawn["late_months"].iloc[0] == pytest.approx(
        24.0 - wanted(phases)["due"].iloc[0], abs=1e-5
    )
    found = survive(radio(other_use=other), "node").set_index("outage")["tts_months"]
    assert found["fpga"] == pytest.approx(200.0 / 25.0)


def test_a_later_cut_is_not_seen_before_it_comes():
    """Cover is kept, not raised; half of phase 5 is up when the cut comes, and 20 of 25 follow."""
    phases = rollout(quantity=(50, 50, 50, 50, 50, 50))
    line = Timeline(radio(stock=[0.0, 0, 0, 20, 1e3, 1e3]), wanted(phases), [24.0, 60.0])
    found = phase_table(line, [Cut(("fpga",), 24.0, 60.0)], phases)
    assert found["met"].tolist() == [True, True, True, True, False, False]
    assert found["late_months"].iloc[4] == pytest.approx(
        60.0 - wanted(phases)["due"].iloc[4], abs=1e-5
    )


def test_a_substitute_carries_a_part():
    nodes = pd.DataFrame(
        {"node": ["site", "chip", "other"], "stock": 0.0, "supplier": ["", "X", "Y"]}
    )
    edges = pd.DataFrame({"parent": ["site"], "child": ["chip"], "quantity": [1.0]})
    phases = rollout(quantity=(10, 10))
    alone = chain(nodes, edges)
    both = chain(nodes, edges, [("chip", "other")])
    assert not phases_met(alone, phases, ["chip"], START, 12.0, "site")["met"].any()
    assert phases_met(both, phases, ["chip"], START, 12.0, "site")["met"].all()


def test_ranges_pair_most_stock_with_the_shortest_recovery():
    chains = (radio(0.2), radio(1.0), radio(2.0))
    found = survive_ranges(chains, "node", (6.0, 12.0, 36.0)).set_index("outage")
    row = found.loc["fpga"]
    assert [row[f"tts_months_{level}"] for level in ("low", "typical", "high")] == pytest.approx(
        [4, 20, 40]
    )
    assert row["harmless"]
    assert not row["harmless_always"]
    assert row["impact_low"] <= row["impact_typical"] <= row["impact_high"]
    assert found["risk_exposure"].max() == pytest.approx(1.0)


def test_suppliers_named_together_are_each_needed():
    made = chain(pd.DataFrame({"node": list(STOCK), "stock": 1.0, "demand": [1.0, 0, 0, 0, 0, 0],
                               "supplier": ["", "V", "V", "X; Y", "Z", ""]}), EDGES)  # fmt: skip
    assert set(survive(made)["outage"]) == {"V", "X", "Y", "Z"}


def test_a_bill_with_faults_is_told():
    nodes = pd.DataFrame({"node": ["a", "b"], "stock": [1.0, -1.0]})
    edges = pd.DataFrame({"parent": ["a", "b"], "child": ["b", "a"], "quantity": [1.0, 1.0]})
    with pytest.raises(InputError, match=r"negative.*contains itself"):
        chain(nodes, edges)
    with pytest.raises(InputError, match="no node has"):
        Timeline(radio(), wanted(rollout()).assign(root="mast"))


def test_what_never_comes_back_is_said_so():
    made = radio(
        stock=[0.0, 0, 0, 5, 1e3, 1e3],
        capacity=[math.inf, math.inf, math.inf, 0.0, math.inf, math.inf],
    )
    found = phases_met(made, rollout(quantity=(10,), people=[700.0]), ["fpga"], START, 6.0)
    assert found["late_months"].iloc[0] == math.inf
    assert pd.isna(found["done"].iloc[0])
    assert phases_sentence(found).endswith("700 people wait beyond the end of the study")
