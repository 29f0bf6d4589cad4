"""Money and people of a swap: published cases, and laws of the swap of a plan.

References: Strand Consult 2019, GSMA 2019, FCC 2020 to 2022, TPG Telecom 2019 (press), by way of
the case table of this project; unit costs from open techno-economic models, each named beside it.
"""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.supply.pilot import parties, pilot

from cellwright.supply import (
    Rule,
    Step,
    Who,
    continue_swap_stop,
    first_break,
    lot_size_outages,
    newsvendor,
    newsvendor_outages,
    plan_elements,
    prorated,
    swap,
)
from cellwright.supply.swap import SwapTerms, with_terms
from cellwright.supply.swap_plan import swap_plan

LEVELS = ("low", "typical", "high")
ORACLES = Path(__file__).parents[2] / "../shared/data/supply/oracles.csv"


def test_newsvendor_oracles():
    assert newsvendor(0.18, 0.70, 50, 8) == pytest.approx(
        (56.60395592743389, 1.9976051931766445), abs=1e-9
    )
    assert newsvendor_outages(0.25, 3, 2000, 0.04, 0.25) == pytest.approx(
        (8000.0, 2737.0689), abs=1e-4
    )


def test_lot_size_oracle_to_the_digits_given():
    found = lot_size_outages(8, 0.225, 5, 1300, 1.5, 14)
    assert found.quantity == pytest.approx(772.8110739983106, rel=1e-6)
    assert found.cost == pytest.approx(173.95000257319708, abs=1e-9)
    assert (round(found.quantity, 3), round(found.cost, 3)) == (772.811, 173.950)


def test_lot_size_is_where_the_cost_is_least():
    """The cost of any other quantity, written out here, is higher."""
    fixed, holding, shortage, demand, out, back = 100.0, 0.5, 2.0, 400.0, 0.7, 3.0

    def cost(q):
        wait = out / (out + back) * (1.0 - np.exp(-(out + back) * q / demand)) / back
        return (fixed + holding * q * q / (2 * demand) + shortage * demand * wait) / (
            q / demand + wait
        )

    best = lot_size_outages(fixed, holding, shortage, demand, out, back)
    assert cost(best.quantity) == pytest.approx(best.cost)
    assert all(cost(best.quantity * scale) > best.cost for scale in (0.8, 0.99, 1.01, 1.25))


def test_the_oracles_are_those_of_the_table():
    if not ORACLES.is_file():
        pytest.skip("the shared case table is not at hand")
    rows = {row["oracle_id"]: row for row in csv.DictReader(ORACLES.open(encoding="utf-8"))}
    assert "772.811" in rows["O3"]["expected"]
    assert "3.48e9" in rows["O7"]["expected"]
    assert "22 %" in rows["O9"]["expected"]


def fleet():
    """European RAN purchases by the vendors in question: 2.9 billion USD a year x 40 %, ten years."""
    return pd.DataFrame({"price": [2.9e9 * 0.40] * 10, "installed": range(2009, 2019)})


def test_one_fleet_gives_strand_and_a_total_of_the_size_of_gsma():
    strand = swap(fleet(), bought_since=2016).loc["new_kit"]
    assert strand.to_numpy() == pytest.approx(3.48e9)
    assert strand["typical"] / 465e6 == pytest.approx(7.5, abs=0.05)
    # the same vintages with all that a swap costs: no line of the account is left out
    kept = swap(fleet()[lambda kit: kit["installed"] >= 2016])
    pd.testing.assert_frame_equal(swap(fleet(), bought_since=2016), kept)
    assert (kept.loc["gross"] > strand).all()
    # GSMA: all kit replaced and dearer purchases ever after; 55 billion EUR, half of it prices
    whole = swap(fleet(), buys_per_year=2.9e9)
    total = whole.loc["gross"] + whole.loc["uplift"]
    assert total["low"] > 3.0 * strand["typical"]
    assert 1e10 < total["typical"] < total["high"] < 62e9
    assert (whole.loc["net"] < whole.loc["gross"]).all()


def test_fcc_share_and_cost_of_a_location():
    assert prorated(4_640_284_672, 0.395) == pytest.approx(1.833e9, rel=0.01)
    units, locations = 24_000.0, 8_400.0
    # equipment of a base station: tenders of 2021 and 2020, 13,000 and 23,000; pobis 40,000 USD
    ran = {"price_low": 13e3, "price_typical": 23e3, "price_high": 40e3, "quantity": units}
    # pytal 5,000, geotide 15,000; with pobis site building of 30,000
    tower = {"price_low": 5e3, "price_typical": 15e3, "price_high": 45e3, "quantity": locations}
    # pytal and pobis microwave 20,000 to 40,000; geotide fibre of 20,000 a km over 5 km
    link = {"price_low": 20e3, "price_typical": 40e3, "price_high": 100e3, "quantity": locations}
    # geotide 2,000, pytal 5,000 and 15,000
    power = {"price_low": 2e3, "price_typical": 5e3, "price_high": 15e3, "quantity": locations}
    # pytal and pobis: 75,000 to 250,000, with ten regional nodes of 100,000; for each of 52 filers
    core = {"price_low": 75e3, "price_typical": 250e3, "price_high": 1250e3, "quantity": 52.0}
    parts = (ran, tower, link, power, core)
    rows = [{**row, "price": row["price_typical"], "installed": 2015} for row in parts]
    alone = swap(pd.DataFrame(rows[:1]), year=2021).loc["gross"] / locations
    whole = swap(pd.DataFrame(rows), year=2021).loc["gross"] / locations
    approved = 4.98e9 / locations
    assert approved == pytest.approx(0.593e6, rel=0.01)
    assert alone["high"] < 0.5 * approved
    assert whole["low"] < approved < whole["high"]
    assert (alone < whole).all()


def test_tpg_stops_with_22_percent_of_its_budget_stranded():
    ways = continue_swap_stop(
        budget=600e6, spent=100e6, committed=30e6, swap_price=(50e6, 100e6, 165e6),
        worth=(400e6, 520e6, 650e6), may_continue=False,
    )  # fmt: skip
    assert list(ways.index) == ["continue", "swap", "stop"]
    assert ways.loc["stop", "stranded"] == 130e6
    assert ways.loc["stop", "stranded_share"] == pytest.approx(130 / 600)
    assert not ways.loc["continue", "allowed"]
    # a swap at the price that makes it win gains as much as stopping does
    limit = ways.loc["swap", "swap_price_to_win"]
    again = continue_swap_stop(budget=600e6, spent=100e6, committed=30e6,
                               swap_price=(limit, limit, limit), worth=(400e6, 520e6, 650e6))  # fmt: skip
    assert again.loc["swap", "gain_typical"] == pytest.approx(again.loc["stop", "gain_typical"])
    assert pytest.approx(1.1e5, rel=0.02) == 100e6 / 900


def test_tpg_breaks_at_the_upgrade_to_5g_and_not_before():
    rows = [
        {
            "site_id": f"S{k}",
            "maker": "A",
            "function": "gNB",
            "technologies": "LTE",
            "installed": "2018-01-01",
            "removed": "2019-07-01",
        }
        for k in range(9)
    ]
    rows += [
        {**row, "technologies": "5G", "installed": "2019-07-01", "removed": None} for row in rows
    ]
    rule = Rule(
        "no-5g",
        "prohibit",
        Who(parties=("A",)),
        (Step(date(2018, 8, 23), 0.0),),
        metric="elements",
        technologies=("5G",),
    )
    found = first_break(rule, plan_elements(pd.DataFrame(rows)), date(2020, 12, 31), parties())
    assert found == date(2019, 7, 1)


def test_the_swap_of_a_plan_adds_up():
    elements, phases = pilot(vendors=("A", "B"))
    day = date(2020, 9, 1)
    found = swap_plan(elements, Who(parties=("A",)), day, phases, parties())
    mine = elements[elements["maker"] == "A"]
    runs = mine[mine["installed"] <= pd.Timestamp(day)]
    assert found.kit["price"].sum() == pytest.approx(runs["value"].sum())
    assert found.kit["elements"].sum() == len(runs)
    assert found.table.loc["new_kit", "typical"] == pytest.approx(runs["value"].sum())
    lines = ["new_kit", "removal", "labour", "site_works", "dual_running"]
    assert found.table.loc[lines].sum().to_numpy() == pytest.approx(
        found.table.loc["gross"].to_numpy()
    )
    assert (found.table.loc["uplift"] > 0.0).all()
    assert found.table.loc["delay_months"].is_monotonic_increasing


def test_two_makers_swapped_in_the_data_swap_the_answer():
    one, phases = pilot(vendors=("A", "B"))
    other, _ = pilot(vendors=("B", "A"), core="A")
    day = date(2020, 9, 1)
    a = swap_plan(one, Who(parties=("A",)), day, phases, parties())
    b = swap_plan(other, Who(parties=("B",)), day, phases, parties())
    pd.testing.assert_frame_equal(a.table, b.table)
    pd.testing.assert_frame_equal(a.coverage, b.coverage)


def test_lost_coverage_is_the_integral_of_people_without_service():
    elements, phases = pilot(sites=4, phases=1, first="2019-08-01")
    terms = with_terms(lead_months=(2.0,) * 3, permit_months=(0.0,) * 3, swaps_per_month=(1.0,) * 3)
    day = date(2019, 8, 1)
    found = swap_plan(
        elements, Who(parties=("A",)), day, phases, parties(), deadline=day, terms=terms
    )
    people = np.sort(elements[elements["function"] == "gNB"]["population"].to_numpy())[::-1]
    expected = float((people * np.array([3.0, 4.0, 5.0, 6.0])).sum())
    assert found.coverage["switched_off"].tolist() == pytest.approx([expected] * 3)
    # the same as the area between people served with and without the swap, day by day
    days = np.arange(0.0, 7.0, 0.001)
    served = sum(p * (days >= t) for p, t in zip(people, (3.0, 4.0, 5.0, 6.0), strict=True))
    area = float(((people.sum() - served) * 0.001).sum())
    assert area == pytest.approx(expected, rel=1e-3)
    assert (
        swap_plan(elements, Who(parties=("A",)), day, phases, parties(), terms=terms)
        .coverage["total"]
        .sum()
        == 0.0
    )


def test_later_deadlines_and_more_crews_never_lose_more():
    elements, phases = pilot()

    def lost(deadline, crews):
        terms = with_terms(swaps_per_month=crews)
        who = Who(parties=("A",))
        return swap_plan(
            elements, who, date(2020, 3, 1), phases, parties(), deadline=deadline, terms=terms
        ).coverage["total"]

    early = lost(date(2020, 6, 1), (4.0, 2.0, 1.0))
    assert (lost(date(2021, 6, 1), (4.0, 2.0, 1.0)) <= early).all()
    assert (lost(date(2020, 6, 1), (8.0, 4.0, 2.0)) <= early).all()
    assert early.is_monotonic_increasing


def test_phases_still_to_come_wait_for_the_new_maker():
    elements, phases = pilot(sites=8, phases=2, first="2020-02-01", months=12)
    found = swap_plan(elements, Who(parties=("A",)), date(2020, 1, 1), phases, parties())
    months = SwapTerms().lead_months[1] + SwapTerms().permit_months[1]
    due = (pd.Timestamp("2020-02-01") - pd.Timestamp("2020-01-01")).days / 30.4375
    assert found.kit.empty
    assert found.phases["late_months_typical"].tolist() == pytest.approx([months - due, 0.0])
    assert found.coverage.loc["typical", "phases_late"] == pytest.approx(
        (months - due) * phases["people"].iloc[0]
    )
