"""The workbook for procurement: sheets, units, the risks that are open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from cellwright.errors import InputError
from cellwright.report.supply import open_risks, write_procurement
from cellwright.report.supply.tables import checked


def test_sheets_stand_in_the_order_procurement_asks(
    tmp_path: Path, tables: dict[str, pd.DataFrame]
) -> None:
    book = openpyxl.load_workbook(write_procurement(tmp_path / "p.xlsx", tables, "EUR"))
    assert book.sheetnames[:4] == ["bill of materials", "open risks", "swap", "hedges"]
    sheet = book["bill of materials"]
    heads = {cell.value: sheet.cell(2, cell.column).value for cell in sheet[1]}
    assert heads["Price, typical"] == "EUR"
    assert heads["Lead time"] == "months"
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert rows[0][:7] == ["nr_radio_pole", "RU", "Huawei", 264, 3500, 5000, 8000]
    survival = {row[0].value: row[2].value for row in book["survival"].iter_rows(min_row=3)}
    assert survival["Lumentum"] == "for good"
    due = book["phases"]["B3"]
    assert (due.value, due.number_format) == (datetime(2019, 12, 31), "yyyy-mm-dd")


def test_no_sheet_calls_months_money(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    late = pd.DataFrame({"line": ["delay_months"], "low": [7], "typical": [16], "high": [33]})
    swap = pd.concat([tables["swap"], late.set_index("line")])
    given = {**tables, "swap": swap}
    book = openpyxl.load_workbook(write_procurement(tmp_path / "p.xlsx", given, "EUR"))
    rows = {row[0].value: [cell.value for cell in row[1:]] for row in book["swap"].iter_rows()}
    assert rows["Time the swap takes"] == ["months", 7, 16, 33]
    assert rows["Net"][0] == "EUR"
    assert not any(book["swap"]["C2:E2"][0][n].value for n in range(3))


def test_no_figure_has_more_digits_than_it_deserves(
    tmp_path: Path, tables: dict[str, pd.DataFrame]
) -> None:
    book = openpyxl.load_workbook(write_procurement(tmp_path / "p.xlsx", tables))
    looks = {"persons": "#,##0", "person-months": "#,##0", "months": "0.0", "USD": "#,##0"}
    seen = set()
    for sheet in book:
        for unit in sheet[2]:
            if unit.value in looks:
                seen.add(unit.value)
                assert sheet.cell(3, unit.column).number_format == looks[unit.value], sheet.title
    assert seen == set(looks)


def test_open_risks_are_what_is_open(tables: dict[str, pd.DataFrame]) -> None:
    risks = open_risks(checked(tables))
    counts = risks["kind"].value_counts()
    assert counts["rule"] == 3
    assert counts["supply"] == int((~tables["survive"]["harmless"]).sum()) == 5
    assert counts["security"] == 5
    supply = risks[risks["kind"] == "supply"]
    assert supply["months_short"].iloc[0] == pytest.approx(24 - 5)
    assert risks[risks["kind"] == "security"]["people"].is_monotonic_decreasing
    assert open_risks({}).empty


def test_equal_tables_give_equal_bytes_and_faults_are_told(
    tmp_path: Path, tables: dict[str, pd.DataFrame]
) -> None:
    one = write_procurement(tmp_path / "a.xlsx", tables).read_bytes()
    assert one == write_procurement(tmp_path / "b.xlsx", tables).read_bytes()
    with pytest.raises(InputError, match="columns"):
        write_procurement(tmp_path / "c.xlsx", {"bom": tables["bom"][["item"]]})
    assert not (tmp_path / "c.xlsx").exists()


def test_no_cell_becomes_a_formula(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    bom = tables["bom"].assign(item="=1+1\x07")
    book = openpyxl.load_workbook(write_procurement(tmp_path / "p.xlsx", {"bom": bom}))
    cell = book["bill of materials"]["A3"]
    assert cell.value == "=1+1"
    assert cell.data_type == "s"
