"""Screening: the labelled pairs, what a telecom buyer types, ownership over time, bad files."""

import csv
import json
import os
import tracemalloc
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InputError
from cellwright.supply import Holding, Parties, Party
from cellwright.supply.screening import (
    CSL_COLUMNS,
    THRESHOLD,
    Listed,
    Weights,
    name_score,
    read_list,
    read_ownership,
    screen,
    screen_parties,
    shares_of,
)
from cellwright.supply.screening.words import plain_name

DATA = Path(os.environ.get("CELLWRIGHT_SUPPLY_DATA", "../shared/data/supply"))
DAY = date(2019, 6, 1)


def csl(path, *rows, columns=CSL_COLUMNS, separator=","):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([row.get(name, "") for name in columns])
    return path


HUAWEI = {
    "source": "Entity List",
    "name": "Huawei Technologies Co., Ltd.",
    "addresses": "Bantian Huawei Base, Shenzhen, CN",
    "start_date": "2019-05-16",
    "alt_names": "Shenzhen Huawei Technologies; and Huawei Technology",
}
ZTE = {"source": "Denied Persons", "name": "ZTE Corporation", "addresses": "Shenzhen, CN"}


STEPS = np.linspace(0.5, 1.0, 101)
GRID = [
    Weights(slips, power, general, lone, form)
    for slips in (0.2, 0.25)
    for power in (0.7, 1.0)
    for general in (0.6, 1.0)
    for lone in (1.0, 1.3, 1.6)
    for form in (0.0, 0.2)
]


def f1_by_threshold(score, match):
    said = score >= STEPS[:, None] - 1e-9
    return 2 * (said & match).sum(1) / (said.sum(1) + match.sum())


def cross_validated(scores, match, group, seed, folds=5):
    """F1 over the pairs left out; weights and threshold are chosen without them."""
    order = np.random.default_rng(seed).permutation(group.max() + 1)
    right = wrong = missed = 0
    for fold in range(folds):
        out = np.isin(group, order[fold::folds])
        f1 = np.array([f1_by_threshold(row[~out], match[~out]) for row in scores])
        weights, step = np.unravel_index(f1.argmax(), f1.shape)
        said = scores[weights][out] >= STEPS[step] - 1e-9
        right += (said & match[out]).sum()
        wrong += (said & ~match[out]).sum()
        missed += (~said & match[out]).sum()
    return 2 * right / (2 * right + wrong + missed)


@pytest.mark.skipif(not (DATA / "screening_cases.csv").is_file(), reason="labelled pairs not here")
def test_labelled_pairs_cross_validated():
    cases = pd.read_csv(DATA / "screening_cases.csv")
    pairs = list(zip(cases["name1"], cases["name2"], strict=True))
    scores = np.array([[name_score(a, b, weights) for a, b in pairs] for weights in GRID])
    match = cases["is_match"].astype(str).str.lower().eq("true").to_numpy()
    assert len(cases) == 266
    assert match.sum() == 171
    # the same pair written otherwise must not lie in two folds
    same, _ = pd.factorize(pd.Series([frozenset(map(plain_name, pair)) for pair in pairs]))
    for seed in range(5):
        assert cross_validated(scores, match, np.arange(len(pairs)), seed) >= 0.90
        assert cross_validated(scores, match, same, seed) >= 0.90
    said = np.array([name_score(*pair) for pair in pairs]) >= THRESHOLD
    assert 2 * (said & match).sum() / (said.sum() + match.sum()) >= 0.92


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aster Radio Systems GmbH", "Aster Radio Systems Gesellschaft mit beschränkter Haftung"),
        ("ООО Борей Связь", "Borei Svyaz LLC"),
        ("A.B.C. Telecom & Sons", "ABC Telecom and Sons Ltd"),
        ("Aster-Borealis Networks", "AsterBorealis Networks"),
        ("Second Wave Telecom", "2nd Wave Telecom"),
        ("Borealis Telekommunikation", "Borealis Telekomunikation AG"),
        ("北极光通信股份有限公司", "北极光通信"),
        ("Brigade Forty-Four", "Brigade 44"),
    ],
)
def test_other_spellings_of_one_name_are_above_the_threshold(one, other):
    assert name_score(one, other) >= THRESHOLD
    assert name_score(other, one) == name_score(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aster Radio GmbH", "Borealis Radio GmbH"),
        ("Bank of Aster", "Bank of Borealis"),
        ("北极光通信", "南极光电子"),
        ("Limited", "Company Limited Aster"),
        ("ABC Telecom", "CBA Telecom"),
        ("Aster Foundation", "Aster Ltd"),
    ],
)
def test_other_names_are_below_the_threshold(one, other):
    assert name_score(one, other) < THRESHOLD


def test_a_name_only_in_its_own_script_is_told():
    table = pd.DataFrame({"party": ["北极光通信", "Борей", "华为"]})
    rows = screen(table, [Listed("Boreas"), Listed("北极光通信有限公司")])
    assert rows["party"].tolist() == ["北极光通信"]
    assert rows.attrs["own_script_only"] == ["北极光通信"]


@pytest.mark.parametrize(
    ("typed", "listed", "via"),
    [
        ("ZTE", "ZTE Corporation", "name"),
        ("华为技术有限公司", "Huawei Technologies Co., Ltd.", "alias"),
        ("HiSilicon", "Huawei Technologies Co., Ltd.", "ownership"),
        ("FutureWei", "Huawei Technologies Co., Ltd.", "ownership"),
    ],
)
def test_what_a_buyer_types(tmp_path, typed, listed, via):
    rows = screen(pd.DataFrame({"party": [typed]}), csl(tmp_path / "l.csv", HUAWEI, ZTE), day=DAY)
    hits = rows[rows["via"] == via]
    assert listed in set(hits["listed_name"])
    assert set(rows["result"]) == {"possible match"}


def test_before_the_listing_it_is_not_in_force(tmp_path):
    path = csl(tmp_path / "l.csv", HUAWEI)
    table = pd.DataFrame({"party": ["Huawei", "HiSilicon"]})
    before = screen(table, path, day=date(2019, 5, 15))
    assert before["party"].tolist() == ["Huawei"]
    assert not before["in_force"].any()
    on_day = screen(table, path, day=date(2019, 5, 16))
    assert set(on_day["party"]) == {"Huawei", "HiSilicon"}
    assert on_day["in_force"].all()


def test_swapping_two_parties_in_the_data_swaps_the_answer():
    table = pd.DataFrame({"party": ["Aster Radio", "Borealis Radio"]})
    for name in ("Aster Radio", "Borealis Radio"):
        rows = screen(table, [Listed(f"{name} Co., Ltd.")], known=False)
        assert rows["party"].tolist() == [name]


def test_all_parties_of_a_study_with_their_own_names_and_owners():
    made = Parties(
        [
            Party("a", "Lemnos Holding", ("Лемнос",), "GR"),
            Party("b", "Quartz Works", owners=(Holding("a", 0.7), Holding("nobody", 0.0))),
            Party("c", "Nordlicht"),
        ]
    )
    rows = screen_parties(made, [Listed("ООО Лемнос", countries=("RU",))])
    assert rows[["party", "via"]].to_numpy().tolist() == [
        ["Lemnos Holding", "alias"], ["Quartz Works", "ownership"],
    ]  # fmt: skip
    assert rows["share_money"].iloc[1] == pytest.approx(0.7)


def test_country_is_evidence_and_hides_nothing():
    table = pd.DataFrame({"party": ["Aster Radio", "Aster Radio"], "country": ["CN", "FR"]})
    rows = screen(table, [Listed("Aster Radio Ltd", countries=("CN",))], known=False)
    assert sorted(rows["country_agrees"]) == [False, True]


def holdings(*rows):
    return pd.DataFrame(rows, columns=["owner", "owned", "share", "from", "to"])


def test_shares_are_summed_over_chains_and_listed_owners():
    held = {"B": {"L1": 0.6}, "C": {"B": 0.3, "L2": 0.25, "X": 0.45}}
    money, control, _ = shares_of(held, {"L1", "L2"})["C"]
    assert money == pytest.approx(0.6 * 0.3 + 0.25)
    assert control == pytest.approx(0.55)


def test_half_counts_and_less_than_half_does_not():
    listed = [Listed("Lemnos Holding")]
    table = pd.DataFrame({"party": ["Quartz Works"]})
    for share, count in (("50 %", 1), (0.4999, 0)):
        rows = screen(
            table, listed, holdings(("Lemnos Holding", "Quartz Works", share, None, None))
        )
        assert len(rows) == count


def test_ownership_ends():
    own = holdings(("Lemnos Holding", "Quartz Works", 0.8, "2018-01-01", "2020-06-30"))
    table, listed = pd.DataFrame({"party": ["Quartz Works"]}), [Listed("Lemnos Holding")]
    counts = [
        len(screen(table, listed, own, day=date.fromisoformat(day)))
        for day in ("2017-12-31", "2018-01-01", "2020-06-30", "2020-07-01")
    ]
    assert counts == [0, 1, 1, 0]


def test_every_fault_of_a_table_of_holdings_at_once():
    bad = holdings(
        ("A", "B", 0.6, None, None),
        ("C", "B", "60 %", None, None),
        ("X", "Y", 1, None, None),
        ("Y", "X", 1, None, None),
        ("D", "E", 51, None, None),
        ("D", "", 0.5, "soon", None),
        ("D", "F", 0.5, "2020-01-02", "2020-01-01"),
    )
    with pytest.raises(InputError) as caught:
        read_ownership(bad)
    codes = sorted(fault.code for fault in caught.value.faults)
    assert codes == sorted(
        "ownership." + code
        for code in ("over-100", "loop", "share", "no-name", "date", "date-order")
    )


def test_a_loop_that_never_exists_on_one_day_is_none():
    fine = holdings(("X", "Y", 1, None, "2019-12-31"), ("Y", "X", 1, "2020-01-01", None))
    assert len(read_ownership(fine)) == 2


def test_faults_of_parties_list_and_holdings_come_together(tmp_path):
    path = csl(tmp_path / "l.csv", {**HUAWEI, "start_date": "May"}, {**ZTE, "name": ""})
    with path.open("a") as file:
        file.write("a,b\n")
    table = pd.DataFrame({"party": ["Aster", None, "..."], "country": ["UK", "FR", "China"]})
    with pytest.raises(InputError) as caught:
        screen(table, path, holdings(("A", "A", 1, None, None)))
    found = [(fault.code, fault.row) for fault in caught.value.faults]
    for one in [
        ("list.date", 2), ("list.no-name", 3), ("list.row-length", 4), ("screen.country", 2),
        ("screen.no-name", 3), ("screen.no-name", 4), ("screen.country", 4), ("ownership.loop", 2),
    ]:  # fmt: skip
        assert one in found
    assert all(fault.cure for fault in caught.value.faults)


def test_missing_file_and_missing_columns(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_list(tmp_path / "none.csv")
    with pytest.raises(InputError, match='"alt_names" is missing'):
        read_list(csl(tmp_path / "l.csv", HUAWEI, columns=("source", "name")))
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InputError, match="empty"):
        read_list(tmp_path / "empty.csv")
    (tmp_path / "b.csv").write_bytes(",".join(CSL_COLUMNS).encode() + b"\n\xff\xfe\x80\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_list(tmp_path / "b.csv")


def test_semicolons_and_aliases(tmp_path):
    found = read_list(csl(tmp_path / "l.csv", HUAWEI, separator=";"))
    assert found[0].aliases == ("Shenzhen Huawei Technologies", "Huawei Technology")
    assert found[0].countries == ("CN",)
    assert found[0].start == date(2019, 5, 16)


def test_follow_the_money(tmp_path):
    path = tmp_path / "list.ftm.json"
    record = {
        "id": "Q1", "schema": "Company", "datasets": ["us_bis"],
        "properties": {"name": ["Aster Radio"], "alias": ["АСТЕР РАДИО"], "country": ["ru"], "startDate": ["2022"]},
    }  # fmt: skip
    vessel = {"id": "V", "schema": "Vessel", "properties": {"name": ["Aster"]}}
    path.write_text(f"{json.dumps(record)}\n\n{json.dumps(vessel)}\n", encoding="utf-8")
    rows = screen(pd.DataFrame({"party": ["Астер Радио ООО"]}), path)
    assert rows[["listed", "list", "country_listed"]].to_numpy().tolist() == [
        ["Q1", "us_bis", "RU"]
    ]
    path.write_text('{"id": 1\n[]\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_list(path)
    assert [(f.code, f.row) for f in caught.value.faults] == [("list.json", 1), ("list.ftm", 2)]


@pytest.mark.skipif(not (DATA / "csl_sample.csv").is_file(), reason="list sample not here")
def test_official_sample():
    found = read_list(DATA / "csl_sample.csv")
    assert len(found) == 22
    rows = screen(pd.DataFrame({"party": ["Hebei Semiconductor Institute", "Nordlicht"]}), found)
    assert set(rows["party"]) == {"Hebei Semiconductor Institute"}


def test_a_list_in_utf_16_and_one_cut_short(tmp_path):
    text = csl(tmp_path / "l.csv", HUAWEI, ZTE).read_text(encoding="utf-8")
    (tmp_path / "wide.csv").write_bytes(text.encode("utf-16"))
    assert [one.name for one in read_list(tmp_path / "wide.csv")] == [HUAWEI["name"], ZTE["name"]]
    (tmp_path / "cut.csv").write_bytes(text.encode("utf-16")[:-1])
    with pytest.raises(InputError, match="UTF-16"):
        read_list(tmp_path / "cut.csv")
    with pytest.raises(InputError, match="folder"):
        read_list(tmp_path)


def test_a_large_list_is_read_row_by_row(tmp_path):
    # 3 MB here; 50 MB were measured by hand
    long = {**HUAWEI, "remarks": "x" * 2000, "addresses": "Shenzhen, CN; Hong Kong, HK"}
    path = csl(tmp_path / "l.csv", *[{**long, "name": f"Aster {n}"} for n in range(1500)])
    tracemalloc.start()
    found = read_list(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 1500
    assert path.stat().st_size > 3e6
    assert peak < path.stat().st_size  # remarks are not kept


def test_many_faults_of_one_kind_are_counted(tmp_path):
    path = csl(tmp_path / "l.csv", *[{**ZTE, "start_date": "x"}] * 80)
    with pytest.raises(InputError) as caught:
        read_list(path)
    assert len(caught.value.faults) == 51
    assert caught.value.faults[-1].count == 30


NAMES = st.text("abcdefghij .,&-'чшя华為", min_size=0, max_size=25)


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES)
def test_scores_stay_between_0_and_1_and_do_not_depend_on_the_order(one, other):
    score = name_score(one, other)
    assert 0.0 <= score <= 1.0
    assert name_score(other, one) == pytest.approx(score, abs=0.1)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_money_multiplies_along_a_chain(first, second):
    money, control, chain = shares_of({"B": {"A": first}, "C": {"B": second}}, {"A"})["C"]
    assert money == pytest.approx(first * second)
    assert control == pytest.approx(second if first >= 0.5 - 1e-6 else 0.0)
    assert chain == ["A", "B", "C"]
