"""The chain of a plan: which nodes it has, who supplies them, what a cut hits, what cover pays."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.supply.pilot import START, bills, parties, pilot

from cellwright.errors import InputError
from cellwright.supply import Cut, example_parties, plan_chain, survive, with_cover
from cellwright.supply.inventory import break_even
from cellwright.supply.parts import bill_of, plan_parts
from cellwright.supply.plan_stock import plan_stock, stock_sentence
from cellwright.supply.stress import needs_of, phase_table
from cellwright.supply.whatif import nodes_hit


@pytest.fixture(scope="module")
def made():
    elements, phases = pilot(vendors=("A", "B"))
    return plan_chain(elements, phases, parties(), plan_parts(bills()), start=START)


def test_a_site_takes_what_the_plan_puts_there(made):
    needs = needs_of(made.chain, "site of A")
    assert needs["A gNB"] == 1.0
    assert needs["A RU"] == 3.0
    assert needs["A RU: PA"] == 6.0
    assert needs["R router"] == 1.0
    assert needs["A gNB: FPGA"] == 1.0


def test_phases_ask_for_the_sites_of_each_vendor_and_share_the_people(made):
    wanted = made.wanted[made.wanted["root"] != "site core"]
    assert wanted.groupby("phase")["quantity"].sum().tolist() == [5.0] * 4
    assert wanted.groupby("phase")["people"].sum().tolist() == pytest.approx(
        made.phases["people"].tolist()
    )
    assert made.wanted.set_index("root").loc["site core", "people"] == 0.0


def test_a_cut_of_one_buyer_leaves_the_others(made):
    nodes, day = made.chain.nodes, date(2019, 5, 16)
    us = nodes_hit(nodes, {"day": day, "country": "US", "buyer": "A"}, parties())
    assert us == ("A gNB: FPGA",)
    assert nodes_hit(nodes, {"day": day, "country": "TW", "buyer": "A"}, parties()) == (
        "A gNB: SoC",
    )
    assert nodes_hit(nodes, {"day": day, "country": "US", "buyer": "B"}, parties()) == (
        "B AMF: server processors",
        "B UPF: server processors",
    )
    assert nodes_hit(nodes, {"day": day, "supplier": "A"}, parties()) == ("A gNB", "A RU")
    assert nodes_hit(nodes, {"day": day}, parties()) == ()


def test_cover_lasts_the_months_it_is_given_for(made):
    for months in (3.0, 12.0):
        found = survive(with_cover(made, months).chain, "node").set_index("outage")["tts_months"]
        assert found["A gNB: FPGA"] == pytest.approx(months)
        assert found["A RU: PA"] == pytest.approx(months)


def test_the_chain_of_one_vendor_stands_alone(made):
    alone = made.of_vendor("A")
    assert set(alone.wanted["root"]) == {"site of A"}
    assert not any(name.startswith("B") for name in alone.chain.nodes.index)
    assert phase_table(alone.timeline(), [], alone.phases)["met"].all()


def test_everyone_waits_for_the_core(made):
    line = made.timeline((36.0,))
    names = tuple(name for name in made.chain.nodes.index if name.startswith("B AMF"))
    found = phase_table(line, [Cut(names, 0.0, 36.0)], made.phases, made.chain.nodes["held"])
    assert found["waiting"].tolist() == pytest.approx(made.phases["people"].tolist())


def test_own_stock_is_put_on_parts_functions_and_items():
    elements, phases = pilot()
    stock = pd.DataFrame(
        [("FPGA", 7.0, 0.5, pd.NaT, 0.0), ("RU", 9.0, 0.0, pd.Timestamp("2019-09-16"), 3.0)],
        columns=["item", "quantity", "other_use_per_month", "arrives", "arriving"],
    )
    found = plan_chain(
        elements, phases, parties(), plan_parts(bills()), stock=stock, start=START, cover_months=0.0
    )
    nodes = found.chain.nodes
    fpga = nodes[nodes["part"] == "FPGA"]
    assert fpga["stock"].sum() == pytest.approx(7.0)
    assert fpga["other_use"].sum() == pytest.approx(0.5)
    assert nodes.loc["A RU", "stock"] == 9.0
    assert found.arrivals[["node", "quantity"]].to_numpy().tolist() == [["A RU", 3.0]]
    with pytest.raises(InputError, match="no part, function or item"):
        plan_chain(elements, phases, parties(), stock=stock.assign(item="gearbox"), start=START)


def test_phases_must_name_sites_of_the_plan():
    elements, phases = pilot()
    phases["sites"] = [("S000", "elsewhere"), *phases["sites"][1:]]
    with pytest.raises(InputError, match="elsewhere"):
        plan_chain(elements, phases, parties())


def test_shipped_bills_say_where_they_are_from():
    table = plan_parts()
    assert set(table["evidence"]) <= {"seen", "recalled", "assumed", "own"}
    assert (table["source"] != "").all()
    shares = table.groupby(["product", "buyer"])["share"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)
    priced = table[table["value"].notna()]
    assert float((priced["value"] * priced["quantity"]).sum()) == pytest.approx(1320.0)


def test_a_makers_own_bill_goes_before_the_general_one():
    group = example_parties()
    table = plan_parts()
    mine = bill_of(table, "gNB", "Huawei", group)
    assert set(mine["buyer"]) == {"huawei"}
    assert set(bill_of(table, "gNB", "nokia", group)["buyer"]) == {""}
    assert set(bill_of(table, "AMF", "nokia", group)["product"]) == {"core"}
    assert bill_of(table, "power", "", group).empty


def test_a_part_with_a_second_supplier_is_not_cut_with_the_first():
    elements, phases = pilot()
    table = bills().assign(substitutes=["memory", "", "", ""])
    found = plan_chain(
        elements, phases, parties(), plan_parts(table), start=START, cover_months=1.0
    )
    cut = [Cut(("A gNB: FPGA",), 0.0, 60.0)]
    assert phase_table(found.timeline((60.0,)), cut, found.phases)["met"].all()


def test_cover_of_a_cheap_part_pays_at_a_lower_belief(made):
    found = plan_stock(made, (12.0,), (24.0,)).set_index("node")["belief"]
    assert found["A gNB: FPGA"] < found["A gNB: rest"]
    whole = break_even(12.0, 24.0, 0.015, 0.06)
    assert found["A gNB: rest"] < whole
    longer = plan_stock(made, (12.0,), (24.0,), lead_factor=1.5).set_index("node")["belief"]
    assert longer["A gNB: FPGA"] != found["A gNB: FPGA"]


def test_stock_rows_are_said_in_words(made):
    rows = plan_stock(made, (12.0,), (2.0, 24.0)).set_index("node").loc["A gNB: rest"]
    never, pays = (stock_sentence(row) for _, row in rows.iterrows())
    assert "does not pay" in never
    assert pays.startswith(
        "12 months of rest cover pays if you think a ban of 24 months is likelier"
    )


def test_a_core_that_stands_already_keeps_nobody_waiting():
    elements, phases = pilot()
    elements.loc[elements["site_id"] == "core", "installed"] = pd.Timestamp("2018-01-01")
    found = plan_chain(elements, phases, parties(), plan_parts(bills()), start=START)
    assert set(found.wanted["root"]) == {"site of A"}


def test_a_plan_that_is_complete_before_the_first_day_is_met():
    elements, phases = pilot()
    found = plan_chain(elements, phases, parties(), plan_parts(bills()), start=date(2030, 1, 1))
    names = tuple(found.chain.nodes.index[found.chain.nodes["level"] == "part"])
    table = phase_table(found.timeline((12.0,)), [Cut(names, 0.0, 12.0)], found.phases)
    assert table["met"].all()
    assert table["person_months"].sum() == 0.0


@settings(max_examples=8, deadline=None)
@given(
    first=st.floats(0.0, 8.0), months=st.floats(1.0, 40.0), longer=st.floats(0.1, 12.0),
    second=st.floats(5.0, 20.0), cover=st.floats(0.0, 18.0),
)  # fmt: skip
def test_two_cuts_of_a_plan_with_stock_on_the_way_keep_the_laws(
    first, months, longer, second, cover
):
    elements, phases = pilot(vendors=("A", "B"))
    stock = pd.DataFrame(
        [("FPGA", 7.0, 0.5, pd.Timestamp("2020-02-16"), 5.0)],
        columns=["item", "quantity", "other_use_per_month", "arrives", "arriving"],
    )
    found = plan_chain(elements, phases, parties(), plan_parts(bills()), start=START, stock=stock)
    us = nodes_hit(found.chain.nodes, {"day": START, "country": "US"}, parties())

    def lost(length, held):
        cuts = [Cut(us, first, first + length), Cut(("A gNB: SoC",), second, second + 6.0)]
        line = found.timeline(tuple(edge for cut in cuts for edge in (cut.start, cut.end)))
        units = with_cover(found, held).chain.nodes["stock"]
        return float(phase_table(line, cuts, found.phases, units)["person_months"].sum())

    base = lost(months, cover)
    assert lost(months + longer, cover) >= base - 1e-3
    assert lost(months, cover + 1.0) <= base + 1e-3
