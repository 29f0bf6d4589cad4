"""The page's rows and drawings come out, with the reference data and without."""

from __future__ import annotations

import json

import pytest
from scripts.conformance import scenarios as page

pytest.importorskip("matplotlib")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(page, "DROPS", 2)
    page._heard.cache_clear()
    yield
    page._heard.cache_clear()


@pytest.mark.parametrize("case", page.CASES)
def test_rows_of_a_case(quick, monkeypatch, tmp_path, case):
    given = page.CASES[case]()
    monkeypatch.setenv("CELLWRIGHT_REFERENCE_DATA", str(tmp_path / "nowhere"))
    without = page.CASES[case]()
    for made in (given, without):
        assert set(made) == {"title", "source", "rows", "note"}
        assert json.loads(json.dumps(made))["rows"]
        for row in made["rows"]:
            assert set(row) == {"what", "ours", "reference", "range", "inside"}
    assert all(row["inside"] is None for row in without["rows"])


def test_drawings(quick, tmp_path):
    files = page.draw(tmp_path)
    assert {"v1-umi.svg", "v1-uma.svg", "v1-indoor.svg", "v3-tr36873.svg"} <= {
        f.name for f in files
    }
    assert all("<svg" in f.read_text(encoding="utf-8") for f in files)
