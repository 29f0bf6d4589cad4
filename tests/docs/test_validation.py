"""The validation page: complete, its files present, and what `make figures` would write."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from scripts.figures import _page, _reference, drawings
from scripts.figures.__main__ import FIGURES, PAGE, draw
from scripts.figures.base import COLOURS
from scripts.figures.methods import methods
from scripts.figures.shelf import source

from cellwright.propagation import models

TEXT = PAGE.read_text(encoding="utf-8")
CURE = "run `make figures` and commit docs/validation"


def test_lists_every_registered_model_with_its_source() -> None:
    for entry in models():
        assert f"`{entry.name}`" in TEXT, CURE
        assert entry.edition in TEXT, CURE
        assert f"validation/model-{entry.name}.svg" in TEXT, CURE


def test_every_file_it_names_is_there_and_no_other() -> None:
    named = set(re.findall(r"validation/([\w.\-]+\.svg)", TEXT))
    assert named == {file.name for file in FIGURES.glob("*.svg")}, CURE
    assert sum(file.stat().st_size for file in FIGURES.iterdir()) < 1_500_000


def test_is_what_the_command_writes(tmp_path: Path) -> None:
    _page.write(tmp_path / "page.md", FIGURES, drawings())
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == TEXT, CURE


def test_sections_without_benchmarks_say_so(tmp_path: Path) -> None:
    (tmp_path / "speed.json").write_text(
        '{"title": "One core", "columns": ["step", "ratio"], "rows": [["50 m", 8.25]]}'
    )
    _page.write(tmp_path / "page.md", tmp_path, [])
    text = (tmp_path / "page.md").read_text()
    assert text.count("Not measured.") == 1 + len(_page.FED) - 1
    assert "### One core\n\n| step | ratio |\n| --- | --- |\n| 50 m | 8.25 |" in text


def test_absent_reference_leaves_what_was_measured(monkeypatch, tmp_path: Path, capsys) -> None:
    from scripts.figures.__main__ import compare

    monkeypatch.setenv("CELLWRIGHT_REFERENCE_DATA", str(tmp_path / "nowhere"))
    compare(tmp_path)
    assert "absent" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["model-uma", "p676-gases"])
def test_one_figure_is_quick_and_the_same_twice(tmp_path: Path, name: str) -> None:
    assert draw([name], tmp_path / "one") == draw([name], tmp_path / "two") == 1
    one, two = ((tmp_path / way / f"{name}.svg").read_bytes() for way in ("one", "two"))
    assert one == two
    assert b"[GHz]" in one or b"[m]" in one
    assert b"<dc:date>" not in one


def test_shorter_files_keep_their_words(tmp_path: Path) -> None:
    draw(["tr38901-sight", "p530-fade-time"], tmp_path)
    assert "3GPP TR 38.901 V19.4.0" in (tmp_path / "tr38901-sight.svg").read_text()
    assert ">0.001<" in (tmp_path / "p530-fade-time.svg").read_text()


def test_unknown_figure_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="No figure is named model-umaa"):
        draw(["model-umaa"], tmp_path)


def test_every_model_and_document_has_a_figure_with_a_source() -> None:
    every = drawings()
    assert {each.model for each in every if each.model} == {entry.name for entry in models()}
    assert len({each.name for each in every}) == len(every)
    for each in every:
        assert re.search(r"\d", each.clause) or each.model, each.name
        assert re.search(r"\d", each.document), each.name
    assert len(set(COLOURS)) == len(COLOURS)


def test_every_listed_method_has_a_figure_of_its_document() -> None:
    documents = {each.document for each in drawings()}
    assert {source(entry) for entry in methods()} <= documents


def test_losses_that_were_measured_agree_within_a_hundredth_of_a_decibel() -> None:
    overview = _page.read(FIGURES / "reference.json")[0]
    losses = [row for row in overview["rows"] if row[-1] == "dB"]
    assert len(losses) >= 20
    assert max(float(row[-2].removeprefix("<")) for row in losses) < 0.01


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "< 1e-9"), (4.2e-8, "4e-8"), (0.01, "1e-2"), (3.0, "3e0")]
)
def test_differences_read_short(value: float, text: str) -> None:
    assert _reference.tiny(value) == text


def test_the_command_line_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.figures", "model-free-space", "--to", str(tmp_path)]
    done = subprocess.run(command, cwd=PAGE.parents[1], capture_output=True, text=True, check=True)
    assert ": 1" in done.stdout
    assert (tmp_path / "model-free-space.svg").is_file()
