from __future__ import annotations

import builtins
import sys
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cellwright.coverage import received, signal
from cellwright.errors import InputError, MissingEngineError
from cellwright.radio import element_gain_dbi
from cellwright.simulation import Demand, throughput
from cellwright.simulation import gradients as g
from cellwright.simulation.gradients import Aims, Knobs
from cellwright.simulation.sharing import Sharing

jax = pytest.importorskip("jax")
FADED = Sharing(fading="average")
BUSY = Demand(gb_per_user_month=400.0)
COLUMN = (8, 0.8, 65.0, 65.0, 15.0)


@pytest.fixture(scope="module")
def district():
    """Four sites with eight cells over 301 receivers; 7 does not divide that."""
    rng = np.random.default_rng(3)
    count, masts = 301, rng.uniform(100.0, 900.0, (4, 2))
    x, y = rng.uniform(0.0, 1000.0, (2, count)) + np.array([[355_000.0], [6_689_000.0]])
    sites = gpd.GeoDataFrame(
        {"site_id": [f"S{i}" for i in range(4)], "antenna_amsl_m": [45.0, 50.0, 40.0, 55.0]},
        geometry=gpd.points_from_xy(masts[:, 0] + 355_000.0, masts[:, 1] + 6_689_000.0),
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"C{i}" for i in range(8)],
            "site_id": np.repeat(sites["site_id"], 2),
            "azimuth_deg": rng.uniform(0.0, 360.0, 8),
            "mechanical_tilt_deg": rng.uniform(1.0, 5.0, 8),
            "electrical_tilt_deg": np.repeat([4.0, 6.0], 4),
            "power_dbm": rng.uniform(44.0, 50.0, 8),
            "antenna": "nr-64t64r",
        }
    )
    far = np.hypot(
        x - sites.geometry.x.to_numpy()[:, None], y - sites.geometry.y.to_numpy()[:, None]
    )
    lost = (40.0 + 36.0 * np.log10(np.maximum(far, 20.0)) + rng.normal(0.0, 5.0, far.shape)).astype(
        "f4"
    )
    lost[3, :20] = np.inf
    loss = xr.Dataset(
        {
            "path_loss_db": (("site", "receiver"), lost),
            "sight": (("site", "receiver"), (far < 200.0).astype(np.uint8)),
            "sigma_db": (("site", "sight_state", "place_state"), np.full((4, 2, 3), 6.0)),
        },
        coords={"site": sites["site_id"].to_numpy()},
    )
    receivers = xr.Dataset(
        {
            "residents": ("receiver", rng.uniform(0.5, 5.0, count).astype("f4")),
            "place": ("receiver", np.ones(count, np.uint8)),
            "inside": ("receiver", np.ones(count, bool)),
            "x_m": ("receiver", x), "y_m": ("receiver", y),
            "ground_amsl_m": ("receiver", rng.uniform(8.0, 14.0, count)),
            "height_m": ("receiver", np.full(count, 1.5)),
        }
    )  # fmt: skip
    return loss, sites, cells, receivers


def scene_of(district, radio, **options):
    loss, sites, cells, receivers = district
    made = g.scene(loss, sites, cells, radio, receivers, BUSY, sharing=FADED, **options)
    return made, g.knobs(cells)


@pytest.mark.parametrize("loads", ["design", "coupled"])
def test_it_is_the_static_level(district, nr, loads):
    """JAX against the Numba and NumPy path: levels, SINR, rates, loads."""
    loss, sites, cells, receivers = district
    scene, knobs = scene_of(district, nr)
    heard = received(loss, sites, cells, nr, receivers)
    best = signal(heard, nr)
    flat = throughput(heard, best, nr, receivers, BUSY, sharing=FADED)
    engine = g.gradient_engine()
    with jax.enable_x64(True):
        mbps, rsrp, load = engine.rates(
            *engine._on_device(scene, knobs), Aims(loads=loads, chunk=64), False
        )
    assert np.nanmax(np.abs(np.asarray(rsrp) - best["rsrp_dbm"].to_numpy())) < 2e-3
    name = "dl_peak_mbps" if loads == "design" else "dl_mbps"
    assert np.asarray(mbps) == pytest.approx(flat[name].to_numpy(), rel=5e-3, abs=0.05)
    if loads == "coupled":
        assert np.asarray(load) == pytest.approx(flat["load"].to_numpy(), abs=5e-4)
        assert float(flat["load"].max()) > 0.1


CASES = [
    (Aims("log", servers=3), None), (Aims("percentile", percentile=20.0), None),
    (Aims("coverage"), COLUMN), (Aims("load", "coupled", servers=2), None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("aims", "columns"), CASES, ids=[f"{a.aim}-{a.loads}-{a.servers}" for a, _ in CASES]
)
def test_gradients_are_finite_differences(district, nr, aims, columns):
    """Central differences in double precision, along random directions of each kind of knob."""
    rng = np.random.default_rng(5)
    with jax.enable_x64(True):
        scene, knobs = scene_of(district, nr, columns=columns)
        knobs = Knobs(*(np.asarray(one, np.float64) for one in knobs))
        aims = replace(aims, chunk=150)
        value, by = g.gradient(scene, knobs, aims)
        assert value == pytest.approx(g.objective(scene, knobs, aims), rel=1e-9)
        for name in Knobs._fields:
            way = rng.normal(size=8)
            step = 1e-6

            def at(sign, name=name, way=way, step=step):
                moved = knobs._replace(**{name: getattr(knobs, name) + sign * step * way})
                return g.objective(scene, moved, aims)

            slope = (at(1.0) - at(-1.0)) / (2.0 * step)
            expected = float(getattr(by, name) @ way)
            assert slope == pytest.approx(expected, rel=2e-4, abs=2e-7), name
        if columns is None:
            assert not by.electrical_tilt_deg.any()
        else:
            assert np.abs(by.electrical_tilt_deg).max() > 0.0


def test_following_the_gradient_makes_the_network_better(district, nr):
    scene, knobs = scene_of(district, nr)
    start, by = g.gradient(scene, knobs, Aims("log", chunk=1000))
    stepped = knobs._replace(
        mechanical_tilt_deg=knobs.mechanical_tilt_deg + 2.0 * by[2] / np.abs(by[2]).max()
    )
    assert g.gradient(scene, stepped, Aims("log", chunk=1000))[0] > start


def test_chunks_change_nothing(district, nr):
    scene, knobs = scene_of(district, nr)
    whole = g.gradient(scene, knobs, Aims("log", chunk=1000))
    parts = g.gradient(scene, knobs, Aims("log", chunk=37))
    assert parts[0] == pytest.approx(whole[0], rel=1e-5)
    for one, two in zip(whole[1], parts[1], strict=True):
        assert one == pytest.approx(two, rel=2e-3, abs=1e-6)


def test_the_parametric_element_is_the_radio_rooms(nr):
    """One row: the element of TR 38.901 Table 7.3-1 alone."""
    zenith, azimuth = np.meshgrid(np.linspace(5.0, 175.0, 35), np.linspace(-179.0, 179.0, 41))
    engine = g.gradient_engine()
    with jax.enable_x64(True):
        one = np.array([1.0, 0.5, 65.0, 65.0, 8.0])
        got = engine.column_gain(one, zenith, azimuth, np.zeros(len(zenith)))
    assert np.asarray(got) == pytest.approx(element_gain_dbi(zenith, azimuth), abs=1e-3)


def test_the_parametric_column_is_the_radio_rooms_sector():
    """Main lobe and side lobes of eight rows against the sector antenna's own table."""
    from cellwright.radio import antenna

    table = antenna("lte-sector").pattern(6.0, "traffic")
    engine = g.gradient_engine()
    zenith = np.arange(70.0, 121.0)
    with jax.enable_x64(True):
        column = np.array([8.0, 0.8, 65.0, 65.0, float(table.max())])
        got = np.asarray(
            engine.column_gain(column, zenith[None], np.zeros((1, 51)), np.array([6.0]))
        )[0]
    # relative to the peak: a lobe's depth is what the table has, to its 1e-4 floor
    lobe = table[70:121, 180] > table.max() - 25.0
    assert got[lobe] - got.max() == pytest.approx(
        (table[70:121, 180] - table.max())[lobe], abs=0.35
    )


def test_the_smooth_percentile_is_the_percentile():
    engine = g.gradient_engine()
    rng = np.random.default_rng(1)
    values = rng.gamma(2.0, 50.0, 4000)
    with jax.enable_x64(True):
        got = engine.percentile(values, np.full(4000, 1.0 / 4000), 10.0, np.float64(0.2))
    assert float(got) == pytest.approx(np.percentile(values, 10), rel=0.01)


def test_without_jax_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.partition(".")[0] == "jax":
            raise ImportError("no jax", name="jax")
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "cellwright.simulation.gradients_engine", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingEngineError, match="cellwright\\[jax\\]"):
        g.gradient_engine()


def test_what_means_nothing_is_refused(district, nr):
    scene, knobs = scene_of(district, nr)
    with pytest.raises(InputError, match="8 finite numbers"):
        g.gradient(scene, knobs._replace(power_dbm=np.zeros(3)))
    with pytest.raises(InputError, match="8 finite numbers"):
        g.gradient(scene, knobs._replace(azimuth_deg=np.full(8, np.nan)))
    with pytest.raises(InputError) as caught:
        Aims("best", "none", percentile=0.0, servers=0)
    assert len(caught.value.faults) == 4
    with pytest.raises(InputError, match="coupled"):
        Aims("load")
    loss, sites, cells, receivers = district
    with pytest.raises(InputError, match="weight"):
        g.scene(loss, sites, cells, nr, receivers, weight=np.zeros(301))
    with pytest.raises(InputError, match="not given"):
        g.scene(loss, sites, cells.assign(site_id="X"), nr, receivers)
