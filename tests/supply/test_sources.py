"""Every table this room ships names where its facts are from."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

import cellwright.supply

ROOM = Path(cellwright.supply.__file__).parent
NOTICE = ROOM.parents[2] / "NOTICE"
CSV = sorted(ROOM.rglob("data/*.csv"))
TOML = sorted(ROOM.rglob("data/*.toml"))


@pytest.mark.parametrize("path", CSV, ids=lambda path: path.name)
def test_every_row_names_its_source(path):
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    named = table["source" if "source" in table else "clause"]
    assert (named.str.strip() != "").all()
    if "evidence" in table:
        words = table["evidence"].str.split(",").explode().str.strip()
        assert words.str.contains("seen|recalled|own|assumed").all()


@pytest.mark.parametrize("path", TOML, ids=lambda path: path.name)
def test_every_record_names_its_source(path):
    text = path.read_text(encoding="utf-8")
    tables = [
        one for part in tomllib.loads(text).values() if isinstance(part, list) for one in part
    ]
    assert all(one.get("source") for one in tables)
    assert text.startswith("# ")  # what the file is, and where it is from


@pytest.mark.skipif(not NOTICE.is_file(), reason="installed without its repository")
def test_the_notice_names_every_file():
    said = NOTICE.read_text(encoding="utf-8")
    for path in (*CSV, *TOML):
        assert f"data/{path.name}" in said, path.name
