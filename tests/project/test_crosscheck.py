"""Export and cross-check of a project, as the commands do them."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import cellwright as cw
from cellwright import coverage
from cellwright.errors import InputError, MissingEngineError
from cellwright.project import crosscheck as module
from cellwright.project.crosscheck import crosscheck, export
from cellwright.project.kernels import made_up_district


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    files = made_up_district(tmp_path_factory.mktemp("files"))
    return cw.new(tmp_path_factory.mktemp("made") / "tiny", inputs=files)


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "cellwright", *map(str, words)], capture_output=True, text=True
    )


def test_the_scene_lands_in_exports_or_where_it_is_wanted(project, tmp_path):
    made = export(project, "sionna")
    assert made == project.folder / "exports" / "sionna" / "scene.xml"
    answer = run("export", project.folder, tmp_path / "there", "--to", "sionna", "--json")
    assert answer.returncode == 0, answer.stderr
    there = tmp_path / "there" / "scene.xml"
    assert json.loads(answer.stdout)["scene"] == str(there)
    assert there.read_bytes() == made.read_bytes()


def test_an_unknown_tool_is_named(project):
    with pytest.raises(InputError, match='Did you mean "sionna"'):
        export(project, "sionnna")


def test_without_the_engine_nothing_is_run(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "sionna", None)
    with pytest.raises(MissingEngineError, match="cellwright"):
        crosscheck(project)


def fake_tracer(scene, area, sites, carrier, **how):
    """A tracer that says 100 dB everywhere."""
    grid = area.pixels["ground_amsl_m"]
    gain = xr.full_like(grid, -100.0, dtype=np.float32).expand_dims("site")
    site = {name: ("site", [1.0]) for name in ("seconds", "lifted_m")}
    return xr.Dataset({"path_gain_db": gain, **site})


def test_table_and_maps_are_written(project, monkeypatch, capsys):
    monkeypatch.setattr(coverage, "ray_engine", lambda: None)
    monkeypatch.setattr(coverage, "ray_traced", fake_tracer)
    cell = project.cells["cell_id"].iloc[-1]
    made = crosscheck(project, cell, seconds=1.0)
    assert made.site == project.cells["site_id"].iloc[-1]
    assert made.table.iloc[0]["filled_share"] == 1.0
    assert set(made.files) == {"scene", "ours_db", "traced_db", "difference_db", "table"}
    assert all(path.is_file() for path in made.files.values())
    kept = pd.read_csv(made.files["table"])
    assert list(kept) == list(coverage.CROSSCHECK_COLUMNS)

    from cellwright.cli.show import show_crosscheck

    show_crosscheck(made)
    assert "in sight" in capsys.readouterr().out
    assert module.Crosscheck.as_dict(made)["table"][0]["sight"] == "all"


def test_unknown_cells_and_carriers_are_named(project, monkeypatch):
    monkeypatch.setattr(coverage, "ray_engine", lambda: None)
    with pytest.raises(InputError, match="no planned cell"):
        crosscheck(project, "nowhere-9")
    with pytest.raises(InputError, match='no carrier "wifi"'):
        crosscheck(project, rat="wifi")
