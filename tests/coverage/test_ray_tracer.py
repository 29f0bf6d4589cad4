"""The cross-check: what it says without the engine, its table, and the engine itself if installed."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from shapely.geometry import box

from cellwright.coverage import crosscheck, path_loss, ray_engine, ray_traced
from cellwright.coverage.ray_tracer import _check_compiler
from cellwright.errors import InputError, MissingEngineError
from cellwright.geo import AreaInputs, Source, load_area, receivers
from cellwright.network import carrier, sites_from_records
from cellwright.report import write_scene

#: South-west corner of a flat square of 200 m in France (EPSG:2154).
X, Y, SIDE = 355_000.0, 6_689_000.0, 200.0


@pytest.fixture(scope="module")
def square(tmp_path_factory):
    """Flat ground, one wall of a building across it, a mast of 15 m in its middle."""
    path = tmp_path_factory.mktemp("square") / "buildings.gpkg"
    shapes = [box(X + 140, Y + 20, X + 150, Y + 180), box(X, Y, X + 4, Y + 4)]
    frame = gpd.GeoDataFrame({"height_m": [20.0, 3.0]}, geometry=shapes, crs=2154)
    frame.to_file(path)
    boundary = path.with_name("boundary.gpkg")
    edge = gpd.GeoDataFrame(geometry=[box(X, Y, X + SIDE, Y + SIDE)], crs=2154)
    edge.to_file(boundary)
    inputs = AreaInputs(
        buildings=Source(path), boundary=Source(boundary), crs="EPSG:2154", pixel_m=10.0
    )
    return load_area(inputs)


@pytest.fixture(scope="module")
def mast(square):
    record = {"site_id": "A", "x_m": X + 100, "y_m": Y + 100, "kind": "tower", "height_m": 15.0}
    return sites_from_records([record], square.crs, 0.0)


@pytest.fixture(scope="module")
def engine():
    try:
        return ray_engine()
    except MissingEngineError as error:
        pytest.skip(str(error))


def test_without_the_engine_the_cure_is_told(square, mast, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sionna", None)
    scene = write_scene(square, tmp_path)
    with pytest.raises(MissingEngineError, match=r'pip install "cellwright\[sionna\]"'):
        ray_traced(scene, square, mast, carrier("n78"))


@pytest.mark.parametrize(
    ("variant", "version", "refused"),
    [("llvm_ad", (15, 0, 6), True), ("llvm_ad", (16, 0, 0), False), ("cuda_ad", (9, 0, 0), False)],
)
def test_a_compiler_that_would_abort_the_process_is_refused(monkeypatch, variant, version, refused):
    detail = SimpleNamespace(llvm_version=lambda: version)
    monkeypatch.setitem(sys.modules, "drjit", SimpleNamespace(detail=detail))
    monkeypatch.setitem(sys.modules, "mitsuba", SimpleNamespace(variant=lambda: variant))
    if not refused:
        return _check_compiler()
    with pytest.raises(MissingEngineError, match="DRJIT_LIBLLVM_PATH"):
        _check_compiler()


def test_a_scene_of_another_place_is_refused(square, mast, tmp_path):
    with pytest.raises(InputError, match=r"scene\.json"):
        ray_traced(tmp_path / "scene.xml", square, mast, carrier("n78"))
    scene = write_scene(square, tmp_path, step_m=20.0)
    with pytest.raises(InputError, match="another district"):
        ray_traced(scene, square, mast, carrier("n78"))


def ours_of(square, mast):
    phones = receivers(square)
    return phones, path_loss(square, mast, carrier("n78"), phones)


def test_the_table_counts_what_is_filled_and_how_far_apart(square, mast):
    phones, loss = ours_of(square, mast)
    ours = xr.full_like(square.pixels["ground_amsl_m"], np.nan, dtype=np.float32)
    outdoor = phones["place"].to_numpy() == 0
    row, column = phones["row"].to_numpy()[outdoor], phones["col"].to_numpy()[outdoor]
    ours.to_numpy()[row, column] = loss["path_loss_db"].to_numpy()[0, outdoor]
    gain = (-ours - 3.0).where(ours["x"] < X + 100)  # 3 dB more loss, and the west only
    traced = xr.Dataset({"path_gain_db": gain.expand_dims("site")})
    table, maps = crosscheck(loss, traced, phones, mast, distances_m=(0.0, 50.0))
    whole = table.iloc[0]
    valid = loss["valid"].to_numpy()[0, outdoor]
    assert whole["pixels"] == valid.sum()
    west = square.pixels["x"].to_numpy()[column] < X + 100
    assert whole["filled_share"] == pytest.approx((valid & west).sum() / valid.sum())
    assert [whole[name] for name in ("median_db", "mean_db", "rms_db")] == pytest.approx([3.0] * 3)
    rows = table[table["sight"] != "all"]
    assert rows[np.isinf(rows["to_m"]) & (rows["from_m"] == 0)]["pixels"].sum() == whole["pixels"]
    assert maps["difference_db"].sizes == {"site": 1, "y": 20, "x": 20}
    assert set(table["sight"]) == {"all", "in sight", "out of sight"}


def test_a_crosscheck_of_no_site_is_refused(square, mast):
    phones, loss = ours_of(square, mast)
    with pytest.raises(InputError, match="at least one site"):
        crosscheck(loss.isel(site=[]), xr.Dataset(), phones, mast.iloc[:0])


def test_in_the_open_the_engine_finds_free_space_and_a_ground_ray(engine, square, mast, tmp_path):
    traced = ray_traced(
        write_scene(square, tmp_path), square, mast, carrier("n78"), rounds=2, samples=500_000
    )
    gain = traced["path_gain_db"].isel(site=0)
    east, north = gain["x"] - (X + 100), gain["y"] - (Y + 100)
    distance = np.sqrt(east**2 + north**2 + 13.5**2)
    free = -(20 * np.log10(distance) + 20 * np.log10(carrier("n78").frequency_ghz) + 32.44)
    seen = (east < 0) & (np.hypot(east, north) < 80)
    apart = (gain - free).where(seen)
    assert int(gain.where(seen).count()) == int(seen.sum())
    assert 0.0 < float(apart.median()) < 3.0  # the ground's mirror adds at most as much again
    assert traced["rounds"].to_numpy().tolist() == [[2, 2]]


def test_bent_rays_reach_behind_a_wall_whose_far_edge_is_seen(engine, square, mast, tmp_path):
    scene, tall = write_scene(square, tmp_path), mast.assign(height_m=30.0, antenna_amsl_m=30.0)
    traced = ray_traced(scene, square, tall, carrier("n78"), rounds=2, samples=2_000_000)
    gain = traced["path_gain_db"].isel(site=0)
    behind = gain.where((gain["x"] > X + 155) & (abs(gain["y"] - Y - 100) < 60), drop=True)
    assert float(np.isfinite(behind).mean()) > 0.5
    before = gain.where((gain["x"] > X + 120) & (gain["x"] < X + 135), drop=True)
    assert float(behind.median()) < float(before.median()) - 15.0


def test_frequencies_without_material_data_are_named(engine, square, mast, tmp_path):
    with pytest.raises(InputError, match="GHz"):
        ray_traced(write_scene(square, tmp_path), square, mast, carrier("n258"), rounds=1)
