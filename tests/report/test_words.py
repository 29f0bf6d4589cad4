"""What a person reads: every name has words, every card says what kpis.json says."""

from __future__ import annotations

import csv
import json
import re
from types import SimpleNamespace
from typing import Any

import openpyxl
import pandas as pd
import pytest
from tests.report.test_payload import unpack

import cellwright as cw
from cellwright.project import figures, tables
from cellwright.project.kernels import made_up_district
from cellwright.report import vocabulary


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Any:
    files = made_up_district(tmp_path_factory.mktemp("files"))
    project = cw.new(tmp_path_factory.mktemp("words") / "tiny", inputs=files)
    project.run()
    return project


@pytest.fixture(scope="module")
def head(project: Any) -> dict[str, Any]:
    return unpack(project.report_path.read_text("utf-8"))[0]


def test_every_column_and_figure_of_the_page_has_words(head: dict[str, Any]) -> None:
    shown = [*head["tables"], head["assumptions"], head["sources"]]
    names = {column["name"] for table in shown for column in table["columns"]}
    names |= {card["name"] for card in head["kpis"] if not card["name"].startswith("card_")}
    assert sorted(names - set(vocabulary())) == []
    assert all(table["title"] and "_" not in table["title"] for table in shown)


def test_no_cell_of_a_table_shows_a_machine_name(head: dict[str, Any]) -> None:
    machine = re.compile(r"^[a-z0-9]+(_[a-z0-9]+)+$")
    shown = [*head["tables"], head["assumptions"], head["sources"]]
    found = {
        (table["id"], value)
        for table in shown
        for row in table["rows"]
        for value in row
        if isinstance(value, str) and machine.match(value)
    }
    assert found == set()


def test_every_column_of_the_result_files_has_words(project: Any) -> None:
    names: set[str] = set()
    for path in project.results.glob("*/*.csv"):
        with path.open(encoding="utf-8") as lines:
            names |= set(next(csv.reader(lines)))
    assert sorted(names - set(vocabulary()) - {"x"}) == []


def numbers(text: str) -> list[float]:
    """Every number of a text; per cents as shares, millions as units."""
    found = []
    pattern = r"(under )?(\d[\d,]*\.?\d*)( to (\d[\d,]*\.?\d*))?( %| million)?"
    for low, one, _, two, unit in re.findall(pattern, text):
        factor = {" %": 0.01, " million": 1e6}.get(unit, 1.0)
        if not low:
            found += [float(n.replace(",", "")) * factor for n in (one, two) if n]
    return found


def test_every_figure_on_the_cards_is_that_of_the_kpis(project: Any, head: dict[str, Any]) -> None:
    kpis = json.loads((project.results / "report" / "kpis.json").read_text())
    cards = [card for card in head["kpis"] if card["name"].startswith("card_")]
    assert len(cards) == 8
    for card in cards:
        note = re.sub(r"9 in 10 \w+:|; \d+ of \d+ cells overloaded", "", card["note"])
        scale = " million" if "million" in card["unit"] else ""
        told = numbers(f"{card['value']}{scale}; {note}")
        true = [kpis[name] for name in card["shows"] if not 0 < kpis[name] < 0.001]
        assert told == pytest.approx(true, rel=0.06, abs=0.006), card


def test_cards_of_nantes_size_read_well() -> None:
    found = {
        "sites": 32, "cells": 92, "candidates": 217, "residents": 38_455.0, "currency": "USD",
        "plan_share": 0.9, "covered_share": 0.9, "plan_share_gap": 0.0115, "plan_gap": 0.0592, "counted_by": "both",
        "nr_people_covered_indoors": 0.9498, "nr_outdoor_area_covered": 0.9976,
        "ratio_dl_p5": 12.1, "ratio_dl_p50": 26.58, "ratio_dl_p95": 63.3,
        "ratio_dl_peak_p5": 6.43, "ratio_dl_peak_p50": 12.25, "ratio_dl_peak_p95": 27.7,
        "capex_low": 1_281_200.0, "capex_typical": 3_318_000.0, "capex_high": 6_661_000.0,
        "opex_low": 476_800.0, "opex_typical": 755_600.0, "opex_high": 1_116_292.0,
        "nr_overloaded_cells": 0, "lte_overloaded_cells": 3,
        **{f"{rat}_dl_{one}_mbps": value
           for rat, values in (("nr", (670.0, 1006.7, 1718.0)), ("lte", (13.9, 37.7, 111.5)))
           for one, value in zip(("cell_edge", "median", "near"), values, strict=True)},
    }  # fmt: skip
    cards = figures.cards(found)
    said = {name: f"{card['value']} {card['unit']}".strip() for name, card in cards.items()}
    assert said == {
        "card_sites": "32", "card_coverage": "95 %", "card_nr": "1,000 Mbit/s",
        "card_lte": "38 Mbit/s", "card_alone": "12 ×", "card_busy": "27 ×",
        "card_gap": "1.2 %", "card_cost": "3.3 million USD",
    }  # fmt: skip
    assert cards["card_lte"]["note"] == "9 in 10 people: 14 to 110; 3 of 92 cells overloaded"
    assert figures.lede(found) == (
        "32 sites cover 90 % of area and people with 5G for 3.3 million USD (1.3 to 6.7 million). "
        "Beside 4G on the same sites, download is typically 12 times as fast alone in the cell "
        "and 27 times as fast in the busy hour."
    )


def test_factors_end_in_both_ratios() -> None:
    names = [*tables.ALONE, "load"]
    row = {name: 1.0 + 0.1 * number for number, name in enumerate(names)}
    ratio = pd.Series(row).prod()
    given = pd.DataFrame([{"way": "dl", "weight": "people", "at": "all", **row, "ratio": ratio}])
    shown = tables.factors(given, "dl").iloc[0]
    assert shown["busy"] == pytest.approx(ratio)
    assert shown["alone"] == pytest.approx(ratio / row["load"])


def test_sites_not_chosen_are_on_the_page(project: Any, head: dict[str, Any]) -> None:
    sites = head["network"]["sites"]
    built = {cell["site_id"] for cell in head["network"]["cells"]}
    assert {site["site_id"] for site in sites[: len(built)]} == built
    assert (
        len(sites) == json.loads((project.results / "report/kpis.json").read_text())["candidates"]
    )
    assert len({site["site_id"] for site in sites}) == len(sites)


def test_the_workbook_has_the_main_tables(project: Any) -> None:
    book = openpyxl.load_workbook(project.results / "report" / "tables.xlsx")
    assert {
        "download", "factors", "sites", "cells", "bill_of_materials", "cost", "assumptions", "sources",
    } <= set(book.sheetnames)  # fmt: skip
    share = next(cell for cell in book["sites"][1] if cell.value == "Covers by itself").column
    assert book["sites"].cell(3, share).number_format == "0.0%"


def test_a_warning_among_the_assumptions_reads_as_one() -> None:
    from cellwright.project.references import _map_rules

    rules = pd.DataFrame(
        {
            "subject": ["building height", "buildings.not-polygons"],
            "rule": ["given", "9 shapes are no polygons."],
            "share": [0.4, float("nan")],
            "count": [240.0, 9.0],
        }
    )
    work: Any = SimpleNamespace(area=SimpleNamespace(assumptions=rules))
    assert _map_rules(work) == [
        ("geo", "building height", "40 %", "given"),
        ("geo", "warning, buildings: not polygons", "9 times", "9 shapes are no polygons."),
    ]
