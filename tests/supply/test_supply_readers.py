"""Readers: three formats, dialects and encodings, every fault at once with row and cure, round trips."""

import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import Faults, InputError
from cellwright.supply import (
    Holding,
    Listing,
    Parties,
    Party,
    Rule,
    Step,
    Who,
    contradictions,
    example_parties,
    library,
    party_table,
    read_elements,
    read_links,
    read_parties,
    read_parts,
    read_rules,
    read_scenarios,
    read_stock,
    rule_table,
)
from cellwright.supply.codes import countries

READERS = (read_parties, read_rules, read_parts, read_stock, read_elements, read_links)


def faults_of(reader, path, **more):
    with pytest.raises(InputError) as caught:
        reader(path, **more)
    assert all(fault.file and fault.message for fault in caught.value.faults)
    return [(fault.code, fault.row) for fault in caught.value.faults if fault.severity == "error"]


def sheet(path, rows, merged=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    book.save(path)
    return path


# --- every reader, files that are none ---------------------------------------------------------


@pytest.mark.parametrize("reader", READERS)
def test_files_that_cannot_be_read(reader, tmp_path):
    (tmp_path / "empty.csv").touch()
    (tmp_path / "empty.toml").touch()
    (tmp_path / "head.csv").write_text("a,b\n")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (tmp_path / "broken.toml").write_text('[[party]]\nname = "x\n')
    (tmp_path / "some.pdf").write_text("%PDF")
    expected = {
        "none.csv": "supply.no-file", "none.toml": "supply.unreadable",
        "empty.csv": "supply.empty", "empty.toml": "supply.empty", "head.csv": "supply.empty",
        "folder.csv": "supply.no-file", "folder.toml": "supply.unreadable",
        "broken.xlsx": "supply.unreadable", "broken.toml": "supply.unreadable",
        "some.pdf": "supply.format",
    }  # fmt: skip
    for name, code in expected.items():
        assert [found for found, _ in faults_of(reader, tmp_path / name)] == [code], name
    both = Faults()
    for name in expected:
        reader(tmp_path / name, both)
    assert len(both.errors) == len(expected)


def test_a_broken_toml_names_its_line(tmp_path):
    (tmp_path / "p.toml").write_text('[[party]]\nparty_id = "a"\ncountry = FR\n')
    assert faults_of(read_parties, tmp_path / "p.toml") == [("supply.unreadable", 3)]


# --- parties -------------------------------------------------------------------------------------


BAD_PARTIES = """
[[party]]
party_id = "a"
country = "UK"
owners = [{ owner = "b", share = 0.7 }, { owner = "c", share = "40 %" }]
[[party]]
party_id = "b"
owners = [{ owner = "a", share = 1.2 }, { owner = "", share = "much" }]
lists = [{ name = "l", start = 2020-01-02, end = "2020-01-01" }, { name = "m", start = "soon" }]
[[party]]
party_id = "a"
[[party]]
name = "nobody"
[[party]]
party_id = "d"
owner = "c"
owners = "c"
"""


def test_every_fault_of_parties_at_once(tmp_path):
    (tmp_path / "p.toml").write_text(BAD_PARTIES)
    found = faults_of(read_parties, tmp_path / "p.toml")
    assert sorted(found, key=str) == sorted(
        [
            ("parties.country", 2), ("ownership.over-100", 2), ("ownership.loop", 6), ("parties.share", 6),
            ("parties.owner", 6), ("parties.share", 6), ("parties.dates", 6), ("parties.date", 6),
            ("parties.id", 10), ("parties.id", 12), ("parties.key", 14), ("parties.shape", 14),
        ],
        key=str,
    )  # fmt: skip


def test_a_loop_and_more_than_all_of_a_party_are_found_on_their_days(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(
        "party_id;name;owner;share;from;to\n"
        "x;X;Y Corp;60 %;;31.12.2019\n"
        "x;X;Y Corp;60 %;2020-01-01;\n"
        "x;;z;0,5;2021-01-01;\n"
        "y;Y Corp;x;1;;\n"
    )
    # "Y Corp" is y by name: y owns x owns y; and in 2021 110 % of x is held
    assert faults_of(read_parties, path) == [("ownership.loop", 5), ("ownership.over-100", 2)]


def test_shares_that_follow_each_other_are_no_fault(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(
        "party_id,owner,share,from,to\nx,y,1,,2019-12-31\ny,x,1,2020-01-01,\nz,w,1,,2019-12-31\nz,y,1,2020-01-01,\n"
    )
    parties = read_parties(path)
    assert parties.held("z", {"y"}, date(2019, 6, 1)) == 0.0
    assert parties.held("z", {"y"}, date(2020, 6, 1)) == 1.0


def test_one_name_for_two_parties_is_a_fault(tmp_path):
    (tmp_path / "p.csv").write_text("party_id,name,aliases\na,Aster,Astra|Ast\nb,Borealis,astra\n")
    assert faults_of(read_parties, tmp_path / "p.csv") == [("parties.alias", 3)]


ROWS = [
    ["party_id", "name", "aliases", "country", "attributes", "owner", "share"],
    ["boreas", "Борей", "Borei|Бор", "RU", "tier=2|trusted=no", "aster", "51,5 %"],
    ["boreas", "", "", "", "", "Zeta", "0,25"],
    ["aster", "Астра", "", "SE", "", "", ""],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_dialects_and_encodings_of_a_csv(tmp_path, encoding, mark):
    text = "\r\n".join(mark.join(row) for row in ROWS)
    (tmp_path / "p.csv").write_bytes(text.encode(encoding))
    parties = read_parties(tmp_path / "p.csv")
    boreas = parties["Борей"]
    assert boreas.party_id == "boreas"
    assert boreas.aliases == ("Borei", "Бор")
    assert boreas.attributes == {"tier": 2, "trusted": False}
    assert boreas.owners == (Holding("aster", 0.515), Holding("Zeta", 0.25))


def test_the_same_parties_from_xlsx_under_a_title(tmp_path):
    path = sheet(tmp_path / "p.xlsx", [["Our makers"], *ROWS], ["A1:G1"])
    csv = tmp_path / "p.csv"
    csv.write_text("\n".join(";".join(row) for row in ROWS), encoding="utf-8")
    assert list(read_parties(path)) == list(read_parties(csv))


def test_a_party_said_two_ways_is_a_fault(tmp_path):
    (tmp_path / "p.csv").write_text("party_id,country,owner,share\na,SE,b,1\na,FI,c,0\n")
    assert faults_of(read_parties, tmp_path / "p.csv") == [("parties.twice", 3)]


WORDS = st.text("abcdeéжщ中 .&-", min_size=1, max_size=12).map(str.strip).filter(bool)
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2040, 1, 1))
SPANS = st.tuples(DAYS, DAYS).map(lambda d: d if None in d else tuple(sorted(d)))
FACTS = st.dictionaries(
    st.sampled_from(["tier", "trusted", "seat"]),
    st.booleans() | st.integers(0, 99) | st.sampled_from(["Lund", "Espoo"]),
    max_size=3,
)


@st.composite
def some_parties(draw):
    found = []
    for at in range(draw(st.integers(1, 4))):
        spans = draw(st.lists(SPANS, max_size=2))
        owners = [Holding(f"o{at}{n}", draw(st.floats(0.0, 0.5)), *s) for n, s in enumerate(spans)]
        lists = [Listing(draw(WORDS), *draw(SPANS)) for _ in range(draw(st.integers(0, 2)))]
        aliases = tuple(f"{draw(WORDS)} {at}{n}" for n in range(draw(st.integers(0, 2))))
        found.append(
            Party(
                f"p{at}", f"{draw(WORDS)} no {at}", aliases,
                draw(st.sampled_from(["", *sorted(countries())])), tuple(owners), draw(FACTS),
                tuple(lists), draw(st.just("") | WORDS),
            )
        )  # fmt: skip
    return found


@settings(max_examples=40, deadline=None)
@given(some_parties(), st.sampled_from([",", ";"]))
def test_parties_written_are_the_parties_read(parties, mark):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.csv"
        party_table(parties).to_csv(path, index=False, sep=mark)
        assert list(read_parties(path)) == parties
        party_table(parties).to_excel(path.with_suffix(".xlsx"), index=False)
        assert list(read_parties(path.with_suffix(".xlsx"))) == parties


def test_the_shipped_parties_survive_a_round_trip(tmp_path):
    party_table(example_parties()).to_csv(tmp_path / "p.csv", index=False)
    assert list(read_parties(tmp_path / "p.csv")) == list(example_parties())


# --- rules -----------------------------------------------------------------------------------------


def test_the_shipped_rules_survive_a_round_trip(tmp_path):
    rule_table(library()).to_csv(tmp_path / "r.csv", index=False, sep=";")
    own = Faults()
    assert read_rules(tmp_path / "r.csv", own) == library()
    assert {fault.code for fault in own.errors} <= {"rules.contradict"}
    rule_table(library()).to_excel(tmp_path / "r.xlsx", index=False)
    assert read_rules(tmp_path / "r.xlsx", Faults()) == library()


def test_a_flat_rule_with_steps(tmp_path):
    (tmp_path / "r.csv").write_text(
        "rule_id;kind;who_parties;functions;metric;start;limit\n"
        "cap;cap;Acme|Beta;access;traffic;2023-01-28;35 %\n"
        "cap;;;;;2025-01-01;0,2\n"
        "cap;;;;;2028-01-01;lifted\n"
        "ban;prohibit;Acme;core;;2024-01-01;\n"
    )
    cap, ban = read_rules(tmp_path / "r.csv")
    assert [cap.limit_on(date(year, 6, 1)) for year in (2022, 2023, 2025, 2028)] == [
        None, 0.35, 0.2, None,
    ]  # fmt: skip
    assert cap.who.parties == ("Acme", "Beta")
    assert ban.limit_on(date(2024, 1, 1)) == 0.0
    assert ban.functions == ("core",)


BAD_RULES = """
[[rule]]
rule_id = "a"
kind = "limit"
metric = "site"
colour = "red"
who = { partys = ["x"], countries = ["UK"], ownership = "half" }
steps = [{ start = 2023-01-01, limit = 35 }, { start = 2022-01-01, limit = "x" }]
[[rule]]
rule_id = "a"
kind = "cap"
steps = [{ limit = 0.3 }]
[[rule]]
kind = "cap"
until = 2020-01-01
steps = [{ start = 2023-01-01, limit = 1.5 }]
permit_months = -1
only_if_present = "perhaps"
[[rule]]
rule_id = "b"
kind = "cap"
who = "everyone"
steps = []
"""


def test_every_fault_of_rules_at_once(tmp_path):
    (tmp_path / "r.toml").write_text(BAD_RULES)
    with pytest.raises(InputError) as caught:
        read_rules(tmp_path / "r.toml")
    by_row = pd.Series([fault.row for fault in caught.value.faults]).value_counts().to_dict()
    # 1 kind, metric, colour, partys, UK, ownership, order of days, limit x; 35 in a kind that is
    # none has no top. 2 no start. 3 id, until, limit, months, yes. 4 who, steps
    assert by_row == {2: 8, 9: 1, 13: 5, 19: 2}
    text = str(caught.value)
    for words in ('Did you mean "parties"?', "out of order", "They must rise", "Use ISO 3166-1"):
        assert words in text


def rule(rule_id, kind, limit, who, start=date(2020, 1, 1), **more):
    return Rule(rule_id, kind, who, (Step(start, limit),), **more)


def clash(*rules, parties=None):
    found = Faults()
    contradictions(rules, found, parties=parties)
    return len(found.errors)


A, B, ALL = Who(parties=("a",)), Who(parties=("b",)), Who()
GROUP = Parties([Party("a", "A"), Party("b", "B", owners=(Holding("a", 0.6),)), Party("c", "C")])
NOT_A = Who(parties=("a",), other_than=True)
TRAFFIC = {"metric": "traffic"}


@pytest.mark.parametrize(
    ("rules", "count"),
    [
        ([rule("l", "min-share", 0.5, A), rule("m", "cap", 0.4, A)], 1),
        ([rule("l", "min-share", 0.5, A), rule("m", "cap", 0.5, A)], 0),
        # all are prohibited, and the whole is asked of a group
        ([rule("l", "min-share", 1.0, A), rule("m", "prohibit", 0.0, ALL)], 1),
        # b belongs to a
        ([rule("l", "min-share", 0.2, B), rule("m", "prohibit", 0.0, A)], 1),
        ([rule("l", "min-share", 0.2, A), rule("m", "prohibit", 0.0, B)], 0),
        ([rule("l", "min-share", 0.2, Who(parties=("c",))), rule("m", "prohibit", 0.0, NOT_A)], 1),
        ([rule("l", "min-share", 0.2, B), rule("m", "prohibit", 0.0, NOT_A)], 0),
        # a ban of the whole network takes its core in; a ban in the core leaves the rest
        ([rule("l", "min-share", 0.2, A, functions=("core",)), rule("m", "prohibit", 0.0, A)], 1),
        ([rule("l", "min-share", 0.2, A), rule("m", "prohibit", 0.0, A, functions=("core",))], 0),
        ([rule("l", "min-share", 0.2, A, functions=("AMF",)),
          rule("m", "prohibit", 0.0, A, functions=("core",))], 1),
        ([rule("l", "min-share", 0.2, A, where=("x",)), rule("m", "prohibit", 0.0, A, where=("y",))], 0),
        # other metrics: a cap on traffic says nothing of sites
        ([rule("l", "min-share", 0.5, A), rule("m", "cap", 0.4, A, **TRAFFIC)], 0),
        # 60 % of a and 60 % of strangers; a site may count for both
        ([rule("l", "min-share", 0.6, A, **TRAFFIC), rule("m", "min-share", 0.6, NOT_A, **TRAFFIC)], 1),
        ([rule("l", "min-share", 0.6, A), rule("m", "min-share", 0.6, NOT_A)], 0),
        ([rule("l", "min-share", 0.6, A, **TRAFFIC), rule("m", "min-share", 0.6, B, **TRAFFIC)], 0),
        # two suppliers where one group is left
        ([rule("l", "min-suppliers", 2, ALL), rule("m", "prohibit", 0.0, NOT_A)], 1),
        ([rule("l", "min-suppliers", 1, ALL), rule("m", "prohibit", 0.0, NOT_A)], 0),
    ],
)  # fmt: skip
def test_rules_that_contradict_each_other(rules, count):
    assert clash(*rules, parties=GROUP) == count
    assert clash(*reversed(rules), parties=GROUP) == count


def test_rules_contradict_only_while_both_bind():
    late = rule("m", "prohibit", 0.0, A, start=date(2025, 1, 1))
    assert clash(rule("l", "min-share", 0.5, A), late) == 1
    assert clash(rule("l", "min-share", 0.5, A, until=date(2024, 12, 31)), late) == 0


def test_a_contradiction_names_rule_row_and_day(tmp_path):
    (tmp_path / "r.csv").write_text(
        "rule_id,kind,who_parties,start,limit\nl,min-share,a,2020-01-01,0.5\nm,prohibit,,2021-01-01,\n"
    )
    with pytest.raises(InputError, match="prohibits them on 2021-01-01") as caught:
        read_rules(tmp_path / "r.csv")
    assert [fault.row for fault in caught.value.faults] == [2]


@pytest.mark.parametrize(
    ("kind", "limit", "allowed"),
    [("prohibit", 0.5, "0 .for a share write cap"), ("cap", 1.1, "0 to 1"), ("min-suppliers", "inf", "0 or more")],
)  # fmt: skip
def test_limits_that_a_kind_cannot_have(tmp_path, kind, limit, allowed):
    path = tmp_path / "r.csv"
    path.write_text(f"rule_id,kind,start,limit\nx,{kind},2020-01-01,{limit}\n")
    if limit == "inf":
        allowed = 'limit is "inf"'
    with pytest.raises(InputError, match=allowed):
        read_rules(path)


def test_a_misspelt_party_is_warned_of(tmp_path):
    (tmp_path / "r.csv").write_text(
        "rule_id,kind,who_parties,start\nx,prohibit,华为|huawey,2020-01-01\n"
    )
    (tmp_path / "e.csv").write_text("site_id,function,maker\ncore,UPF,nokai\ncore,AMF,华为\n")
    faults, known = Faults(), example_parties()
    read_rules(tmp_path / "r.csv", faults, known)
    read_elements(tmp_path / "e.csv", faults, parties=known)
    assert [(fault.code, fault.row, fault.cure) for fault in faults] == [
        ("rules.party", 2, 'Did you mean "huawei"?'),
        ("elements.maker", 2, 'Did you mean "nokia"?'),
    ]
    assert not faults.errors


def test_pairs_seen_before_are_not_told_again():
    rules = [
        rule("l", "min-share", 0.5, Who(("a",))), rule("m", "prohibit", 0.0, Who()),
        rule("n", "cap", 0.2, Who(("a",))),
    ]  # fmt: skip
    faults = Faults()
    contradictions(rules, faults, seen=rules[:2])
    assert [fault.message for fault in faults] == [
        '"l" asks for 50 % where "n" allows 20 % on 2020-01-01.'
    ]


# --- parts and stock ---------------------------------------------------------------------------------


def test_parts_with_merged_heads(tmp_path):
    path = sheet(
        tmp_path / "b.xlsx",
        [
            ["Part", None, None, None, "Origin", None, None, "Maker"],
            ["part", "quantity", "value", "currency", "design", "fab", "assembly", None],
            ["FPGA", 2, 60.5, "USD", "US", "TW", "MY", "Lattice"],
            ["SoC", "", "42,5", "EUR", "CN", "TW", None, "Hi"],
        ],
        ["A1:D1", "E1:G1"],
    )
    table = read_parts(path)
    assert table[["part", "quantity", "value", "fab", "maker"]].to_numpy().tolist() == [
        ["FPGA", 2.0, 60.5, "TW", "Lattice"], ["SoC", 1.0, 42.5, "TW", "Hi"],
    ]  # fmt: skip


def test_every_fault_of_parts_at_once(tmp_path):
    path = tmp_path / "b.csv"
    path.write_text(
        "part;product;quantity;value;currency;design;maker\n"
        "FPGA;BBU;1;12,50;;US;Lattice\n"
        "SoC;BBU;-1;x;USDD;UK;\n"
        "SoC;BBU;1;1;USD;CN;Hi\n"
        ";BBU;1;;USD;;Hi\n"
    )
    assert sorted(faults_of(read_parts, path)) == sorted(
        [
            ("parts.currency", 2), ("supply.number", 3), ("parts.supplier", 3),
            ("parts.currency", 3), ("parts.country", 3), ("parts.number", 3), ("parts.number", 3),
            ("parts.twice", 4), ("parts.no-name", 5), ("parts.number", 5),
        ]
    )  # fmt: skip
    (tmp_path / "c.csv").write_text("name,price\nFPGA,1\n")
    assert ("supply.missing-column", 1) in faults_of(read_parts, tmp_path / "c.csv")
    (tmp_path / "d.csv").write_text("part,share,maker,evidence\na,0.5,x,\nb,50,x,\nc,0.5,x,heard\n")
    assert faults_of(read_parts, tmp_path / "d.csv") == [("parts.number", 3), ("parts.evidence", 4)]


def test_parts_and_stock_from_toml(tmp_path):
    (tmp_path / "b.toml").write_text(
        '[[part]]\npart = "FPGA"\nvalue = 60\ncurrency = "USD"\nmaker = "Lattice"\n'
    )
    (tmp_path / "s.toml").write_text(
        '[[stock]]\nitem = "FPGA"\nquantity = 12\narrives = 2019-06-05\narriving = 3\n'
    )
    assert read_parts(tmp_path / "b.toml")["value"].tolist() == [60.0]
    stock = read_stock(tmp_path / "s.toml")
    assert stock["arrives"].tolist() == [pd.Timestamp("2019-06-05")]
    assert stock[["quantity", "other_use_per_month", "arriving"]].iloc[0].tolist() == [12.0, 0, 3]


def test_every_fault_of_stock_at_once(tmp_path):
    (tmp_path / "s.csv").write_text(
        "item,quantity,arrives,arriving\na,-5,,\nb,1,soon,2\nc,1,,2\na,7,,\n,1,,\n"
    )
    assert faults_of(read_stock, tmp_path / "s.csv") == [
        ("stock.negative", 2), ("stock.date", 3), ("stock.date", 4), ("stock.twice", 5),
        ("stock.no-name", 6),
    ]  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1e6), st.floats(0, 1e4), st.sampled_from(["", "FR", "??"])),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([(",", "."), (";", ",")]),
)
def test_parts_written_are_the_parts_read(rows, dialect):
    table = pd.DataFrame(
        [
            (f"part {n}", "BBU", quantity, value, "USD", "", "", where, "Lattice", "", "8542.31")
            for n, (quantity, value, where) in enumerate(rows)
        ],
        columns=["part", "product", "quantity", "value", "currency", "design", "fab", "assembly",
                 "maker", "substitutes", "hs"],
    )  # fmt: skip
    table = table.assign(buyer="", share=float("nan"), evidence="own", source="")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "b.csv"
        table.to_csv(path, index=False, sep=dialect[0], decimal=dialect[1])
        pd.testing.assert_frame_equal(read_parts(path), table, check_dtype=False)


# --- elements and links ----------------------------------------------------------------------------------


def test_elements_of_the_user(tmp_path):
    (tmp_path / "e.csv").write_text(
        "site_id;function;maker;technologies;installed;population\n"
        "K1;gNB;acme;5G|LTE;05.06.2019;1 204,5\ncore;AMF;beta;5G;;\n"
    )
    table = read_elements(tmp_path / "e.csv", sites=["K1"])
    assert table["element_id"].tolist() == ["K1/gNB/0", "core/AMF/1"]
    assert table["technologies"].tolist() == ["5G LTE", "5G"]
    assert table["installed"].iloc[0] == pd.Timestamp("2019-06-05")
    assert table["population"].tolist() == [1204.5, 0.0]


def test_every_fault_of_elements_at_once(tmp_path):
    (tmp_path / "e.csv").write_text(
        "element_id,site_id,function,made_in,installed,removed,value\n"
        "a,K9,gNB,UK,2020-01-01,2019-01-01,-1\n"
        "a,K1,,,x,,\n"
        ",,gNB,,,,z\n"
        ",K1,gMB,,,,\n"
    )
    found = Faults()
    read_elements(tmp_path / "e.csv", found, sites=["K1"])
    by_row = pd.Series([fault.row for fault in found.errors]).value_counts().to_dict()
    assert by_row == {2: 4, 3: 3, 4: 2}
    assert [(f.code, f.row, f.cure) for f in found if f.severity == "warning"] == [
        ("elements.function", 5, 'Did you mean "gNB"?')
    ]


def test_links_of_the_user(tmp_path):
    (tmp_path / "l.csv").write_text("interface;from;protection;leased\nN2|N3;K1;IPsec;yes\n")
    table = read_links(tmp_path / "l.csv", known=["K1"])
    assert table["interface"].tolist() == ["N2", "N3"]
    (tmp_path / "l.csv").write_text(
        "interface,from,protection,media,leased\nN33,K2,ipsek,fiber,perhaps\n,,none,,\n"
    )
    found = Faults()
    read_links(tmp_path / "l.csv", found, known=["K1"])
    by_row = pd.Series([fault.row for fault in found.errors]).value_counts().to_dict()
    assert by_row == {2: 5, 3: 1}


def test_arrays_of_toml_are_lists_and_days_need_no_zeros(tmp_path):
    (tmp_path / "e.toml").write_text(
        '[[element]]\nsite_id = "core"\nfunction = "gNB"\ntechnologies = ["5G", "LTE"]\n'
        'tags = ["new-type", "cleared:x"]\ninstalled = "1.5.2019"\n'
    )
    found = read_elements(tmp_path / "e.toml").iloc[0]
    assert (found["technologies"], found["tags"]) == ("5G LTE", "new-type cleared:x")
    assert found["installed"] == pd.Timestamp(2019, 5, 1)


# --- scenarios -----------------------------------------------------------------------------------------------


def test_every_fault_of_scenarios_at_once(tmp_path):
    (tmp_path / "s.toml").write_text(
        '[[scenario]]\nname = "a"\nchanges = [\n'
        '  { day = "soon", kind = "rule-of" },\n'
        '  { day = 2020-01-01, kind = "supply-cut", country = "UK", months_low = 9, months_typical = 3, months_high = 12 },\n'
        ']\n[[scenario]]\nname = "a"\nchanges = []\n'
    )
    with pytest.raises(InputError) as caught:
        read_scenarios(tmp_path / "s.toml")
    rows = pd.Series([fault.row for fault in caught.value.faults]).value_counts().to_dict()
    # the first is left out with its faults, so that its name is free
    assert rows == {1: 4, 7: 1}
    assert 'Did you mean "rule-off"?' in str(caught.value)
