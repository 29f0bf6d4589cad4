"""Hardware bills of material: the round trip, the schema, faults with their place."""

import json

import pandas as pd
import pytest

from cellwright.errors import Faults, InputError
from cellwright.supply import read_parts
from cellwright.supply.bom import BOM_COLUMNS, read_bom, write_bom

PARTS = pd.DataFrame(
    [
        ("bbu", "Baseband unit", "", 1.0, "DU", "Aster", "CN", "A-1", "8517.62", "5A991", 1320.0, "USD", "CN", "", "CN"),
        ("fpga", "FPGA", "bbu", 2.0, "chip", "Lattice", "US", "", "8542.31", "3A991", 60.0, "USD", "US", "TW", "MY"),
        ("screw", "Screw", "bbu", float("nan"), "", "", "", "", "", "", float("nan"), "", "", "", ""),
    ],
    columns=list(BOM_COLUMNS),
)  # fmt: skip


def test_round_trip(tmp_path):
    write_bom(PARTS, tmp_path / "bom.json")
    pd.testing.assert_frame_equal(read_bom(tmp_path / "bom.json"), PARTS)
    kept = json.loads((tmp_path / "bom.json").read_text())
    assert kept["components"][1]["manufacturer"]["address"]["country"] == "US"
    assert {c["type"] for c in kept["components"]} == {"device"}
    assert [p.name for p in tmp_path.iterdir()] == ["bom.json"]


def test_faults_of_a_table_at_once_and_nothing_written(tmp_path):
    bad = PARTS.assign(quantity=[-1, 2, 3], ref=["bbu", "bbu", ""], parent=["bbu", "nope", ""])
    with pytest.raises(InputError) as caught:
        write_bom(bad, tmp_path / "bom.json")
    codes = {fault.code for fault in caught.value.faults}
    assert codes == {"bom.number", "bom.two-refs", "bom.no-name", "bom.no-parent"}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{\n  oops", "bom.json"),
        ("[" * 100_000, "bom.json"),
        ("[]", "bom.format"),
        ('{"specVersion": "9.9"}', "bom.version"),
    ],
)
def test_malformed(tmp_path, text, code):
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(InputError) as caught:
        read_bom(tmp_path / "b.json")
    assert [fault.code for fault in caught.value.faults] == [code]


def test_schema_faults_name_their_places(tmp_path):
    write_bom(PARTS, tmp_path / "b.json")
    kept = json.loads((tmp_path / "b.json").read_text())
    kept["components"][0]["type"] = "thing"
    del kept["components"][1]["name"]
    (tmp_path / "b.json").write_text(json.dumps(kept))
    with pytest.raises(InputError) as caught:
        read_bom(tmp_path / "b.json")
    text = str(caught.value)
    assert "components[0]" in text
    assert "components[1]" in text


@pytest.mark.parametrize("place", ["folder", "file/bom.json"])
def test_a_place_where_no_file_can_be(tmp_path, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="folder"):
        write_bom(PARTS, tmp_path / place)
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "folder"]


def test_files_that_are_none(tmp_path):
    (tmp_path / "empty.json").touch()
    (tmp_path / "wide.json").write_bytes('{"specVersion": "1.6"}'.encode("utf-16"))
    (tmp_path / "folder.json").mkdir()
    names = ("none.json", "folder.json", "wide.json", "empty.json")
    codes = []
    for name in names:
        with pytest.raises(InputError) as caught:
            read_bom(tmp_path / name)
        codes += [fault.code for fault in caught.value.faults]
    assert codes == ["bom.unreadable", "bom.unreadable", "bom.unreadable", "bom.json"]


def test_what_lies_inside_a_component_is_its_bill(tmp_path):
    inner = pd.DataFrame(
        [("die", "Die", "fpga", 4.0, "", "", "", "", "", "", 5.0, "USD", "US", "TW", "")],
        columns=list(BOM_COLUMNS),
    )
    write_bom(pd.concat([PARTS, inner]), tmp_path / "b.cdx.json")
    faults = Faults()
    found = read_parts(tmp_path / "b.cdx.json", faults).set_index("part")
    # an assembly counts by what is in it; two FPGAs of four dies each
    assert sorted(found.index) == ["Die", "Screw"]
    assert found.loc["Die", ["product", "buyer", "quantity", "fab"]].tolist() == [
        "A-1",
        "Aster",
        8,
        "TW",
    ]
    assert [fault.code for fault in faults] == ["parts.unpriced"]
    assert found.loc["Screw", "value"] == 0.0


def test_a_bill_without_insides_or_with_faults_is_told(tmp_path):
    write_bom(PARTS[PARTS["parent"] == ""], tmp_path / "flat.json")
    (tmp_path / "bad.json").write_text("{ oops")
    for name, code in (("flat", "parts.flat"), ("bad", "bom.json")):
        with pytest.raises(InputError) as caught:
            read_parts(tmp_path / f"{name}.json")
        assert [fault.code for fault in caught.value.faults] == [code]
