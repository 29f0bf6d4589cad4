"""Who makes what, lists of suppliers and holdings, scenarios from a file."""

from datetime import date

import pytest

from cellwright.errors import Faults, InputError
from cellwright.supply import (
    example_parties,
    read_holdings,
    read_scenarios,
    read_suppliers,
)
from cellwright.supply.codes import FUNCTIONS
from cellwright.supply.vendors import check_vendors, example_vendors, maker_of


def test_a_function_goes_before_its_part_and_both_before_the_example():
    given = {"access": "nokia", "RU": "samsung"}
    assert maker_of("RU", given) == ("samsung", False)
    assert maker_of("gNB", given) == ("nokia", False)
    assert maker_of("AMF", given) == (example_vendors()[0]["core"], True)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_example_knows_a_known_party_or_none_for_every_function(function):
    maker, assumed = maker_of(function, {})
    assert assumed
    assert maker == "" or maker in example_parties()


def test_wrong_functions_and_makers_are_all_noted():
    faults = Faults()
    check_vendors({"acces": "huawei", "core": "ericson"}, example_parties(), faults, "p.toml")
    said = " ".join(str(one) for one in faults)
    assert "acces" in said
    assert "ericson" in said
    assert len(faults) == 2


def test_suppliers_under_any_usual_heading(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(
        "Supplier;aliases;country\nZTE;中兴|Zhongxing;CN\nZTE;;CN\n;x;\n", encoding="utf-8"
    )
    faults = Faults()
    table = read_suppliers(path, faults)
    assert table["party"].tolist() == ["ZTE"]
    assert table["aliases"].tolist() == ["中兴|Zhongxing"]
    assert [one.row for one in faults.errors] == [4]
    with pytest.raises(InputError, match="no name"):
        read_suppliers(path)


def test_holdings_keep_their_columns(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("owner,owned,share\nA,B,0.6\n", encoding="utf-8")
    faults = Faults()
    assert read_holdings(path, faults).iloc[0][["owner", "owned", "share"]].tolist() == [
        "A",
        "B",
        0.6,
    ]
    assert not faults.errors


GOOD = """[[scenario]]
name = "mine"
title = "A cut"
source = "own"
changes = [
  { day = 2020-02-01, kind = "rule-on", target = "uk-2020" },
  { day = 2020-01-01, kind = "supply-cut", country = "US", months_low = 1, months_typical = 2, months_high = 3 },
]
"""


def test_a_scenario_is_read_in_order_of_time(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(GOOD, encoding="utf-8")
    made = read_scenarios(path)["mine"]
    assert [one["day"] for one in made.changes] == [date(2020, 1, 1), date(2020, 2, 1)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("months_low = 1", "months_low = 9", "must rise"),
        ('country = "US"', 'country = "USA"', "unknown"),
        ("2020-02-01", '"soon"', "no date"),
        ("rule-on", "rule-onn", "rule-on"),
        ('name = "mine"', 'name = ""', "empty"),
        ("months_high = 3", "month_high = 3", "months_high"),
        ("months_high = 3", "months_high = inf", "each 0 or more"),
        ("months_low = 1", 'months_low = "1"', "each 0 or more"),
        ('country = "US"', 'country = ["US"]', "one name between quotes"),
        ("2020-02-01", "2020-02-01T10:00:00", "no date"),
        ('name = "mine"', 'name = ["mine"]', "no word"),
        ("changes = [", 'changes = [ "soon",', "change 1: is no table"),
        ("source =", "changes = 5\n[[scenario]]\nname = 'x'\nsource =", "has no changes"),
    ],
)
def test_faults_of_a_scenario(tmp_path, old, new, words):
    path = tmp_path / "s.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_scenarios(path)


def test_a_change_of_a_rule_that_nobody_has_is_a_fault(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert read_scenarios(path, rules={"uk-2020", "mine"})
    with pytest.raises(InputError, match=r'no rule or group "uk-2020"\. Did you mean "uk-2021"'):
        read_scenarios(path, rules={"uk-2021"})


def test_faults_of_holdings_name_file_and_row(tmp_path):
    path, faults = tmp_path / "own.csv", Faults()
    path.write_text("owner;owned;share;from;to\n\nA;B;60 %;;\nC;B;50 %;soon;\n\nB;A;1;;\n")
    read_holdings(path, faults)
    found = [(fault.code, fault.row) for fault in faults.errors]
    assert found == [("ownership.date", 4), ("ownership.loop", 6)]
    assert all(fault.file.endswith("own.csv") for fault in faults.errors)
