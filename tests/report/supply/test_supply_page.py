"""The page as a file: well formed, alone, complete, safe, and honest about what is not computed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from cellwright.errors import InputError
from cellwright.report.supply import SUPPLY_TABLES, KeyFigure, Verdict, write_supply_page
from cellwright.report.supply.looks import MAKER_COLOURS, MAKER_COLOURS_DARK
from cellwright.report.supply.sections import SECTIONS
from cellwright.report.supply.tables import checked

LONG = "A maker with a name of quite unreasonable length, Incorporated & Sons <Worldwide> " * 3
NAMES = {"Huawei": "华为技术有限公司", "Ericsson": "Ростелеком и партнёры", "Nokia": LONG,
         "Samsung": "<script>alert(1)</script>"}  # fmt: skip


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]) -> str:
    path = write_supply_page(tmp_path_factory.mktemp("supply") / "supply.html", **content)
    return path.read_text(encoding="utf-8")


def parsed(text: str) -> Any:
    return ElementTree.fromstring(text)


def test_one_file_that_asks_for_nothing(text: str) -> None:
    tree = parsed(text)
    names = {node.tag.split("}")[-1] for node in tree.iter()}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "image", "use"}
    for node in tree.iter():
        for key, value in node.attrib.items():
            if key in ("href", "src") or "url(" in value:
                assert value.startswith(("#", "url(#")), value
    assert "@import" not in text
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert "default-src 'none'" in text
    assert len(text) < 1_000_000


def test_ids_are_unique_and_all_references_lead_somewhere(text: str) -> None:
    tree = parsed(text)
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    for node in tree.iter():
        for key, value in node.attrib.items():
            found = re.findall(r"url\(#([\w-]+)\)", value)
            found += [value[1:]] if key == "href" else []
            found += value.split() if key == "aria-labelledby" else []
            assert set(found) <= set(ids), value
    style = text[text.index("<style>") : text.index("</style>")]
    assert set(re.findall(r"url\(#([\w-]+)\)", style)) <= set(ids)


def test_each_section_has_source_command_and_assumptions(text: str) -> None:
    tree = parsed(text)
    found = {node.get("id"): node for node in tree.iter("section")}
    for section in SECTIONS:
        said = " ".join(found[section.key].itertext())
        assert "Source:" in said, section.key
        assert section.command in said
    beside = "".join(found["survive"].find(".//aside").itertext())
    assert "months of FPGA in stock: 6, 12, 24 months (seen)" in beside
    assert "discount rate" not in beside


def test_the_first_page_says_the_verdicts_and_figures_with_ranges(text: str) -> None:
    board = next(n for n in parsed(text).iter("section") if n.get("id") == "board")
    said = re.sub(r"\s+", " ", " ".join(board.itertext()))
    for words in ("breaks: From 2023-07-31", "holds: Tariffs do not bite", "26,300 people",
                  "0 to 40,400", "2.5 million USD", "1.3 to 5.8", "legal advice"):  # fmt: skip
        assert words in said.replace("  ", " "), words
    assert len(list(board.iter("{http://www.w3.org/2000/svg}svg"))) == 3


def test_tables_have_heads_with_units_that_say_what_they_mean(text: str) -> None:
    heads = {
        "".join(node.itertext()): node.get("title") for node in parsed(text).iter("th")
    }  # fmt: skip
    assert heads["Time to survive months"] == "how long stock lasts; inf: for good"
    assert heads["Value USD"]
    for node in parsed(text).iter("th"):
        assert node.get("scope") == "col"


def test_texts_of_users_stay_texts(text: str) -> None:
    assert "<pilot>" not in text
    assert "Nantes &lt;pilot&gt; &amp; 5G" in text


def test_what_is_not_computed_is_named_with_its_command(tmp_path: Path) -> None:
    path = write_supply_page(tmp_path / "supply.html", title="Empty", tables={})
    tree = parsed(path.read_text(encoding="utf-8"))
    absent = [
        "".join(n.itertext()) for n in tree.iter("p") if n.get("class") == "absent"
    ]  # fmt: skip
    assert "not computed: run cellwright supply frontier" in absent
    assert len([one for one in absent if one.startswith("not computed")]) == len(SECTIONS) + 3


def test_empty_tables_are_no_fault(tmp_path: Path) -> None:
    tables = {
        name: pd.DataFrame(columns=[column.name for column in columns])
        for name, columns in SUPPLY_TABLES.items()
    }
    path = write_supply_page(tmp_path / "a.html", title="None found", tables=tables)
    assert "found no rows" in path.read_text(encoding="utf-8")
    bare = write_supply_page(
        tmp_path / "b.html", title="x", tables={name: pd.DataFrame() for name in SUPPLY_TABLES}
    )
    parsed(bare.read_text(encoding="utf-8"))


def twisted(tables: dict[str, pd.DataFrame], how: str) -> dict[str, pd.DataFrame]:
    """The tables bent out of shape in one way."""
    bent = {name: table.copy() for name, table in tables.items()}
    if how == "one row":
        return {name: table.head(1) for name, table in bent.items()}
    for table in bent.values():
        figures = table.select_dtypes("number").columns.drop(
            [c for c in ("x", "y", "phase", "pixel_m") if c in table], errors="ignore"
        )
        if how == "all zero":
            table[figures] = 0.0
        elif how == "all missing":
            table[figures] = np.nan
        elif how == "all infinite":
            table[figures] = np.inf
        elif how == "no days":
            for column in table.select_dtypes("datetime").columns:
                table[column] = pd.NaT
        elif how == "names":
            for column in ("maker", "party", "outage", "option", "item", "input", "rule_id"):
                if column in table:
                    table[column] = table[column].replace(NAMES).astype(str) + " \x07\x00"
        elif how == "all long":
            for column in table.columns.intersection(
                ["maker", "function", "party", "outage", "option", "hedges", "input", "value_low",
                 "rule_id", "sentence", "finding", "country", "line"]):  # fmt: skip
                table[column] = LONG + table[column].astype(str)
    return bent


@pytest.mark.parametrize(
    "how",
    ["one row", "all zero", "all missing", "all infinite", "no days", "names", "all long"],
)
def test_degenerate_inputs_still_give_a_page(
    tmp_path: Path, content: dict[str, Any], how: str
) -> None:
    bent = {**content, "tables": twisted(content["tables"], how)}
    if how == "no days":
        bent["tables"].pop("breaks")
    text = write_supply_page(tmp_path / "supply.html", **bent).read_text(encoding="utf-8")
    tree = parsed(text)
    assert "<script" not in text
    for node in tree.iter():
        for key, value in node.attrib.items():
            if key in ("x", "y", "width", "height", "x1", "x2", "y1", "y2", "d", "points",
                       "viewBox", "transform"):  # fmt: skip
                assert not re.search("nan|inf", value), (node.tag, key, value[:80])
    if how == "names":
        assert "华为技术有限公司" in text
        assert "&lt;script&gt;" in text


def test_all_faults_of_all_tables_are_told_at_once(tables: dict[str, pd.DataFrame]) -> None:
    bad = {
        "vendors": tables["vendors"].drop(columns=["value", "elements"]),
        "survive": tables["survive"].astype({"tts_months": object}).assign(tts_months="long"),
        "sites": tables["sites"].assign(status="offendin"),
        "frontir": tables["frontier"],
    }
    with pytest.raises(InputError) as caught:
        checked(bad)
    said = str(caught.value)
    for words in ("vendors: the columns elements, value are missing", 'tts_months is "long"',
                  'Did you mean "offending"', 'Did you mean "frontier"'):  # fmt: skip
        assert words in said, words


def test_the_supply_rooms_own_names_are_understood(tables: dict[str, pd.DataFrame]) -> None:
    survive = tables["survive"].rename(columns={
        "tts_months": "tts_months_typical", "tts_low": "tts_months_low", "tts_high": "tts_months_high",
        **{f"ttr_{at}": f"ttr_months_{at}" for at in ("low", "typical", "high")},
        "impact": "impact_typical"})  # fmt: skip
    rows = [
        {"party": "V", "ability": "content", "protected": credit, "people": people,
         "people_share": 0.5, "traffic_share": 0.5, "sites": 3}
        for credit, people in ((False, 900.0), (True, 250.0))
    ]  # fmt: skip
    exposure = pd.DataFrame(rows).assign(people_lost_naive=np.nan, people_lost=np.nan)
    typed = checked({"survive": survive, "exposure": exposure})
    pd.testing.assert_series_equal(typed["survive"]["tts_months"], tables["survive"]["tts_months"])
    (row,) = typed["exposure"].to_dict("records")
    assert (row["power"], row["people"], row["people_protected"]) == ("content", 900.0, 250.0)


def test_a_rule_without_a_first_break_is_not_called_kept(
    tmp_path: Path, content: dict[str, Any]
) -> None:
    """Where ``breaks`` is silent, the sampled days speak."""
    silent = content["tables"]["breaks"].drop(index="no-2019-half")
    bent = {**content, "tables": {**content["tables"], "breaks": silent}}
    text = write_supply_page(tmp_path / "a.html", **bent).read_text(encoding="utf-8")
    assert "no-2019-half: broken from 2020-10-01." in text


def test_a_failed_write_leaves_the_page_as_it_was(tmp_path: Path, content: dict[str, Any]) -> None:
    path = tmp_path / "supply.html"
    path.write_text("before")
    with pytest.raises(InputError):
        write_supply_page(path, **{**content, "tables": {"swap": pd.DataFrame({"a": [1]})}})
    assert path.read_text() == "before"


def test_equal_content_gives_equal_bytes(tmp_path: Path, content: dict[str, Any]) -> None:
    one = write_supply_page(tmp_path / "a.html", **content).read_bytes()
    assert one == write_supply_page(tmp_path / "b.html", **content).read_bytes()


def test_figures_of_the_first_page_read_well(tmp_path: Path) -> None:
    figures = [
        KeyFigure("small", 0.0417), KeyFigure("words", "<none>"),
        KeyFigure("large", 950_000.0, "EUR", 400_000.0, 2_100_000.0),
    ]  # fmt: skip
    text = write_supply_page(
        tmp_path / "a.html", title="t", tables={}, key_figures=figures,
        sentences=["plain", Verdict("watch this", "watch")], note="Not legal advice.",
    ).read_text(encoding="utf-8")  # fmt: skip
    said = " ".join("".join(parsed(text).itertext()).split())
    assert "0.0417" in said
    assert "&lt;none&gt;" in text
    assert "0.95 million EUR" in said
    assert "0.40 to 2.1" in said
    assert "watch: watch this" in said


def test_the_style_sheet_has_the_colours_of_makers(text: str) -> None:
    for place, (light, dark) in enumerate(zip(MAKER_COLOURS, MAKER_COLOURS_DARK, strict=True)):
        found = re.findall(rf"--m{place}: (#\w+);", text)
        assert found == [light, dark]
