import json
import os
import shutil
import signal
import subprocess
import sys
import time

import geopandas as gpd
import numpy as np
import pytest
import rasterio

import cellwright as cw
from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.project.kernels import made_up_district
from cellwright.project.steps import STEPS

ROOMS = [step.room for step in STEPS]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return made_up_district(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def finished(files, tmp_path_factory):
    """A project run once to its report."""
    project = cw.new(tmp_path_factory.mktemp("pilot") / "tiny", inputs=files, name="Tiny")
    return project, project.run()


def settings(project, **sections):
    """Change settings of a project the way a person does: in its file."""
    path = project.folder / "project.toml"
    text = path.read_text(encoding="utf-8")
    for section, values in sections.items():
        added = "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items())
        text = text.replace(f"[{section}]\n", f"[{section}]\n{added}\n")
    path.write_text(text, encoding="utf-8")
    return cw.open(project.folder)


def test_one_run_gives_everything_it_promises(finished):
    project, result = finished
    assert list(result.seconds) == ROOMS
    results = project.results
    for room in ROOMS:
        made = json.loads((results / room / "made-from.json").read_text())
        assert made["versions"]["cellwright"] == cw.__version__
        assert made["seconds"] >= 0
    assert result.report.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")
    for name in ("coverage/nr_rsrp_dbm_outdoor.tif", "simulation/ratio_dl_outdoor.tif"):
        with rasterio.open(results / name) as raster:
            assert raster.crs.to_epsg() == 2154
            assert raster.units[0]
    assert {"sites", "cells"} <= set(gpd.list_layers(results / "report/network.gpkg")["name"])
    for name in ("rollout/bill_of_materials.csv", "rollout/tables.xlsx", "report/kpis.json"):
        assert (results / name).stat().st_size > 0


def test_the_figures_hang_together(finished):
    project, result = finished
    kpis = result.kpis
    assert kpis["sites"] == len(project.sites) >= 1
    assert kpis["plan_share"] <= kpis["plan_share_bound"] + 1e-9
    assert kpis["capex_low"] <= kpis["capex_typical"] <= kpis["capex_high"]
    for rat in ("nr", "lte"):
        edge, middle, near = (
            kpis[f"{rat}_dl_{name}_mbps"] for name in ("cell_edge", "median", "near")
        )
        assert 0 <= edge <= middle <= near
    cells = project.cells
    assert set(cells["carrier"]) == {"nr", "lte"}
    nr, lte = (cells[cells["carrier"] == name].reset_index() for name in ("nr", "lte"))
    # 4G and 5G stand on the same sites with the same sectors
    same = ["site_id", "azimuth_deg", "electrical_tilt_deg"]
    assert nr[same].equals(lte[same])
    assert (cells["pci"] >= 0).all()


def test_a_second_run_runs_nothing_and_answers_alike(finished):
    project, result = finished
    start = time.perf_counter()
    again = cw.open(project.folder).run()
    assert again.seconds == {}
    assert again.kpis == result.kpis
    assert time.perf_counter() - start < 3


def test_only_what_a_change_touches_is_run_again(finished):
    project, _ = finished
    changed = settings(project, demand={"gb_per_user_month": 30})
    assert [step["state"] for step in changed.todo()] == [
        "fresh" if room in ("geo", "planning", "coverage", "rollout") else "stale" for room in ROOMS
    ]
    changed.run()
    assert all(step["state"] == "fresh" for step in changed.todo())


def test_results_read_back_equal_those_in_memory(finished):
    project, _ = finished
    project = cw.open(project.folder)
    signal_now = project.work.get("coverage", "nr")
    assert np.isfinite(signal_now["rsrp_dbm"].to_numpy()).any()
    assert project.area.crs == "EPSG:2154"
    assert len(project.area.buildings) == 30
    table = project.sources()
    assert list(table.columns) == ["room", "subject", "document", "edition", "clause"]
    assert table["document"].str.contains("TR 38.901").any()
    compared = project.compare()
    assert "10 to 100 times" in compared["sentence"]


def test_equal_projects_give_equal_plans_and_figures(files, finished, tmp_path):
    _, result = finished
    other = cw.new(tmp_path / "other", inputs=files, name="Tiny").run()
    assert other.kpis == result.kpis


def test_deleted_or_damaged_results_are_made_again(finished):
    project = cw.open(finished[0].folder)
    project.run()
    (project.results / "coverage" / "nr.nc").unlink()
    (project.results / "rollout" / "made-from.json").write_bytes(b"\xff[")
    project.report_path.unlink()
    states = {step["room"]: step["state"] for step in project.todo()}
    assert {room for room, state in states.items() if state != "fresh"} == {
        "coverage", "rollout", "report",
    }  # fmt: skip
    cw.open(project.folder).run()
    assert project.report_path.is_file()
    assert all(step["state"] == "fresh" for step in project.todo())


def test_a_moved_project_is_still_fresh(finished, monkeypatch, tmp_path):
    project = cw.open(finished[0].folder)
    project.run()
    moved = tmp_path / "другое место"
    shutil.copytree(project.folder, moved)
    monkeypatch.chdir("/")
    assert all(step["state"] == "fresh" for step in cw.open(moved).todo())


@pytest.mark.skipif(os.name != "posix", reason="kills a process the POSIX way")
def test_a_killed_run_leaves_whole_results_and_goes_on(files, tmp_path):
    project = cw.new(tmp_path / "killed", inputs=files, name="Tiny")
    runner = subprocess.Popen(
        [sys.executable, "-m", "cellwright", "run", str(project.folder)],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    made = project.results / "planning" / "made-from.json"
    while not made.exists() and runner.poll() is None:
        time.sleep(0.02)
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    for folder in project.results.iterdir():
        if folder.is_dir() and not folder.name.startswith("."):
            assert (folder / "made-from.json").is_file(), f"{folder.name} is not whole"
    result = cw.open(project.folder).run()
    assert not {"geo", "planning"} & set(result.seconds)
    assert result.report.is_file()
    assert not list(project.results.glob(".*.part"))


def test_a_failing_step_keeps_the_results_before_it(files, tmp_path, monkeypatch):
    from cellwright.project.steps import signal as coverage_step

    project = cw.new(tmp_path / "failing", inputs=files)
    monkeypatch.setattr(coverage_step, "signal_of", lambda work, rat: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        project.run()
    states = {step["room"]: step["state"] for step in cw.open(project.folder).todo()}
    assert states["planning"] == "fresh"
    assert states["coverage"] == "missing"


def test_existing_sites_stay_and_banned_ones_are_not_used(files, tmp_path):
    table = tmp_path / "sites.csv"
    table.write_text(
        "site_id,x,y,height_m,status,kind,azimuth\n"
        "OLD,600195,6700190,38,existing,rooftop,10/130/250\n"
        "NO,600100,6700100,25,banned,rooftop,\n"
    )
    project = cw.new(tmp_path / "own", inputs={**files, "sites": table})
    sites = project.sites.set_index("site_id")
    assert sites.loc["OLD", "status"] == "existing"
    assert "NO" not in sites.index
    mine = project.cells.query("site_id == 'OLD' and carrier == 'nr'")
    assert sorted(mine["azimuth_deg"]) == [10, 130, 250]


def test_all_faults_of_all_inputs_come_at_once(files, tmp_path):
    table = tmp_path / "sites.csv"
    table.write_text(
        "site_id,x,y,height_m,status\nA,600195,6700190,3000,existing\nA,600090,6700190,20,xisting\n"
    )
    project = cw.new(tmp_path / "bad", inputs={**files, "sites": table})
    with pytest.raises(InputError) as raised:
        project.run()
    text = str(raised.value)
    assert "3000" in text
    assert "Did you mean" in text
    assert all(fault.file for fault in raised.value.faults)
    assert not (project.results / "planning").exists()


def test_a_goal_out_of_reach_says_what_can_be_reached(files, tmp_path):
    project = cw.new(tmp_path / "far", inputs=files)
    project = settings(project, coverage={"outdoor_target_dbm": -31.0, "indoor_target_dbm": -31.0})
    with pytest.raises(InfeasiblePlanError, match="%"):
        project.run()


def test_new_refuses_what_it_cannot_use(files, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thing").touch()
    with pytest.raises(InputError) as raised:
        cw.new(tmp_path / "full", inputs={"terrain": tmp_path / "none.tif"})
    codes = {fault.code for fault in raised.value.faults}
    assert codes == {"new.folder", "new.file", "new.nothing"}
    with pytest.raises(InputError, match="nantes"):
        cw.new(tmp_path / "a", district="nante")
    with pytest.raises(InputError, match="cellwright new"):
        cw.open(tmp_path)
