"""A project tuned to its drive test: from the files to the tuning, and back into the maps."""

from __future__ import annotations

import json
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from tests.measurement.conftest import points_at

import cellwright as cw
from cellwright.errors import InputError
from cellwright.measurement import Setup, predict
from cellwright.project.kernels import made_up_district
from cellwright.project.measured import standing
from cellwright.propagation import Tuning, read_tuning
from cellwright.report import vocabulary

SITES = """site_id,x_m,y_m,kind,height_m,status,azimuth_deg
West,600060,6700030,tower,40,existing,0/120/240
East,600350,6700300,tower,35,existing,0/120/240
South,600300,6700060,tower,30,existing,60/180/300
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    files = made_up_district(tmp_path_factory.mktemp("files"))
    files["sites"] = files["buildings"].with_name("sites.csv")
    files["sites"].write_text(SITES)
    made = cw.new(tmp_path_factory.mktemp("tuned") / "tiny", inputs=files)
    area = made.area
    sites, cells = standing(made.work, area)
    setup = Setup(area, sites, cells, made.carriers["nr"], reach_m=3000.0)
    measured = drive_on(setup)
    measured.to_csv(made.folder / "inputs" / "drive.csv", index=False)
    path = made.folder / "project.toml"
    text = path.read_text()
    text += '\n[inputs.measurements]\nfile = "inputs/drive.csv"\n'
    path.write_text(text)
    return cw.open(made.folder)


def drive_on(setup):
    rng = np.random.default_rng(8)
    surface = setup.area.surface
    x, y = (rng.choice(surface[name].to_numpy(), 9000) for name in ("x", "y"))
    column = np.rint((x - float(surface.x[0])) / 2.0).astype(int)
    row = np.rint((float(surface.y[0]) - y) / 2.0).astype(int)
    open_air = surface["building"].to_numpy()[row, column] == 0
    x, y = x[open_air][:700], y[open_air][:700]
    levels = predict(setup, points_at(x, y, "West-1"), Tuning(offset_db=6.0)).levels_dbm
    best = levels.argmax(axis=0)
    level = levels[best, np.arange(x.size)] + rng.normal(0.0, 4.0, x.size)
    return pd.DataFrame(
        {"x_m": x, "y_m": y, "cell_id": setup.cells["cell_id"].to_numpy()[best], "rsrp_dbm": level}
    )


def cellwright(*words):
    return subprocess.run(
        [sys.executable, "-m", "cellwright", *map(str, words)], capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def report(project):
    return project.tune()


def test_the_offset_of_the_drive_test_is_found(report):
    found = report.tuned.tuning
    assert found.offset_db == pytest.approx(6.0, abs=1.5)
    assert found.carrier == "nr"
    assert found.source == "inputs/drive.csv"
    assert (report.rules["points"] >= 0).all()


def test_results_are_written_and_every_column_has_words(project, report):
    folder = project.results / "measurement"
    assert read_tuning(folder / "tuning.toml").offset_db == report.tuned.tuning.offset_db
    shapes = gpd.read_file(folder / "residuals.gpkg")
    assert shapes.crs.to_epsg() == 2154
    assert len(shapes) == len(report.tuned.points)
    names = set(shapes.columns) - {"geometry"}
    for path in folder.glob("*.csv"):
        names |= set(pd.read_csv(path).columns)
    assert sorted(names - set(vocabulary())) == []
    made = json.loads((folder / "made-from.json").read_text())
    assert "inputs/drive.csv" in made["inputs"]


def test_the_command_prints_the_report_and_answers_in_json(project, report):
    answer = cellwright("tune", project.folder)
    assert answer.returncode == 0, answer.stderr
    for words in ("offset_db", "refused", "held back by place", "tuning.toml", "off the map"):
        assert words in answer.stdout
    told = json.loads(cellwright("tune", project.folder, "--carrier", "nr", "--json").stdout)
    assert told["parameters"][0]["parameter"] == "offset_db"
    wrong = cellwright("tune", project.folder, "--carrier", "nrr")
    assert wrong.returncode == 2
    assert 'Did you mean "nr"?' in wrong.stderr


def test_the_check_covers_measurements_and_tunings(project):
    assert project.check().errors == []
    path, toml = project.folder / "inputs" / "drive.csv", project.folder / "project.toml"
    good, said = path.read_text(), toml.read_text()
    try:
        path.write_text(good.replace(",-", ","))
        toml.write_text(said.replace("[coverage]\n", '[coverage]\ntuning = { nr = "none.toml" }\n'))
        told = {fault.code: fault for fault in cw.open(project.folder).check().errors}
        assert told["measurements.loss-not-level"].file == "inputs/drive.csv"
        assert "tuning.no-file" in told
        toml.write_text(said.replace('"inputs/drive.csv"', '"inputs/drove.csv"'))
        told = {fault.code: fault for fault in cw.open(project.folder).check().errors}
        assert 'Did you mean "drive.csv"?' in told["inputs.missing"].cure
    finally:
        path.write_text(good)
        toml.write_text(said)


def test_without_measurements_or_sites_the_cure_is_told(tmp_path):
    files = made_up_district(tmp_path / "files")
    made = cw.new(tmp_path / "tiny", inputs=files)
    answer = cellwright("tune", made.folder)
    assert answer.returncode == 2
    assert "measurements = {" in answer.stderr


def test_points_all_off_the_map_are_told_with_what_took_them(project):
    path = project.folder / "inputs" / "drive.csv"
    good = path.read_text()
    try:
        table = pd.read_csv(path)
        table.assign(x_m=table["x_m"] + 9000.0).to_csv(path, index=False)
        with pytest.raises(InputError, match="off the map: 700"):
            cw.open(project.folder).tune()
    finally:
        path.write_text(good)


def test_a_named_tuning_makes_coverage_stale_and_moves_the_map(project, report):
    before = project.keys()
    toml = project.folder / "project.toml"
    said = toml.read_text()
    try:
        (project.folder / "tuned.toml").write_bytes(
            (project.results / "measurement" / "tuning.toml").read_bytes()
        )
        toml.write_text(
            said.replace("[coverage]\n", '[coverage]\ntuning = { nr = "tuned.toml" }\n')
        )
        tuned = cw.open(project.folder)
        after = tuned.keys()
        assert after["coverage"] != before["coverage"]
        assert after["geo"] == before["geo"]
        (project.folder / "tuned.toml").write_text("offset_db = 1.0\n")
        assert cw.open(project.folder).keys()["coverage"] != after["coverage"]
    finally:
        toml.write_text(said)
