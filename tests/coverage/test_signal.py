from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from cellwright.coverage import signal
from cellwright.coverage.service import COLLISION, REFERENCE_SHARE
from cellwright.errors import InputError
from cellwright.network import carrier

NR, LTE = carrier("n78"), carrier("b3")


def heard(rsrp, traffic=None, *, apart_db=0.0, sites=None, sigma_db=6.0, place=0):
    """A received data set made by hand, one site a cell unless told otherwise."""
    rsrp = np.asarray(rsrp, np.float32)
    traffic = rsrp if traffic is None else np.asarray(traffic, np.float32)
    cells, count = rsrp.shape
    site = np.arange(cells) if sites is None else np.asarray(sites)
    number = int(site.max()) + 1
    return xr.Dataset(
        {
            "rsrp_dbm": (("cell", "receiver"), rsrp),
            "traffic_dbm": (("cell", "receiver"), traffic),
            "apart_db": ("cell", np.full(cells, apart_db, np.float32)),
            "spread_db": ("cell", np.full(cells, -3.0, np.float32)),
            "site_of_cell": ("cell", site.astype(np.int64)),
            "place": ("receiver", np.full(count, place, np.uint8)),
            "sight": (("site", "receiver"), np.ones((number, count), np.uint8)),
            "sigma_db": (
                ("site", "sight_state", "place_state"),
                np.full((number, 2, 3), sigma_db, np.float32),
            ),
        },
        coords={"cell": [f"C{i}" for i in range(cells)]},
    )


def mw(level):
    return 10.0 ** (np.asarray(level, float) / 10.0)


def db(ratio):
    return 10.0 * np.log10(ratio)


levels = arrays(
    np.float32,
    st.tuples(st.integers(2, 7), st.integers(1, 9)),
    elements=st.floats(-140, -45, width=32),
)
any_carrier = st.sampled_from([NR, LTE])


@given(levels, any_carrier, st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_sums_are_in_watts(rsrp, radio, load):
    traffic = rsrp + np.float32(7.0)
    got = signal(heard(rsrp, traffic, apart_db=-9.0), radio, load)
    noise = mw(radio.noise_dbm_per_re)
    best = rsrp.argmax(axis=0)
    others = np.arange(rsrp.shape[0])[:, None] != best
    take = np.arange(rsrp.shape[1])
    data = load * mw(traffic - 9.0)
    hit = COLLISION[radio.rat] * mw(rsrp) + (1 - COLLISION[radio.rat]) * data
    sinr = mw(rsrp)[best, take] / ((hit * others).sum(0) + noise)
    beam = mw(traffic)[best, take] / ((data * others).sum(0) + noise)
    share = REFERENCE_SHARE[radio.rat]
    heard_all = share * mw(rsrp).sum(0) + (1 - share) * data.sum(0) + noise
    assert np.allclose(got["sinr_db"], db(sinr), atol=2e-4)
    assert np.allclose(got["traffic_sinr_db"], db(beam), atol=2e-4)
    assert np.allclose(got["rsrq_db"], db(mw(rsrp)[best, take] / 12 / heard_all), atol=2e-4)
    assert np.allclose(got["rsrp_dbm"], rsrp.max(axis=0))


@given(levels, any_carrier)
@settings(max_examples=40, deadline=None)
def test_another_interferer_never_raises_quality_nor_beats_snr(rsrp, radio):
    more = signal(heard(rsrp), radio, 0.7)
    # the cell left out never leads, so the server stays the same
    worst = rsrp.min(axis=0, keepdims=True) - np.float32(0.5)
    with_one = signal(heard(np.vstack([rsrp, worst])), radio, 0.7)
    snr = more["rsrp_dbm"] - radio.noise_dbm_per_re
    for name in ("sinr_db", "traffic_sinr_db", "rsrq_db"):
        assert (with_one[name] <= more[name] + 1e-5).all()
    assert (more["sinr_db"] <= snr + 1e-4).all()


@given(levels, any_carrier, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_of_cells_changes_nothing(rsrp, radio, random):
    order = list(range(rsrp.shape[0]))
    random.shuffle(order)
    one, two = signal(heard(rsrp), radio), signal(heard(rsrp[order]), radio)
    for name in set(one.data_vars) - {"server"}:
        assert np.allclose(one[name], two[name], atol=1e-4), name


def test_one_idle_cell_has_the_textbook_rsrq():
    alone = [[-60.0]]
    assert float(signal(heard(alone), LTE, 0.0)["rsrq_db"][0]) == pytest.approx(db(1 / 4), abs=1e-3)
    for radio in (LTE, NR):
        full = float(signal(heard(alone), radio, 1.0)["rsrq_db"][0])
        assert full == pytest.approx(db(1 / 12), abs=1e-3)


def test_servers_near_the_best_are_counted():
    got = signal(heard([[-80.0, -80.0], [-84.9, -80.0], [-85.1, -200.0]]), NR)
    assert got["servers_within_5_db"].to_numpy().tolist() == [2, 2]


def test_no_server_below_what_a_phone_finds():
    floor = NR.noise_dbm_per_re - 6.0
    got = signal(heard([[floor + 0.1, floor - 0.1, -np.inf]]), NR)
    assert got["server"].to_numpy().tolist() == [0, -1, -1]
    assert np.isnan(got["sinr_db"].to_numpy()).tolist() == [False, False, True]
    assert got["servers_within_5_db"].to_numpy().tolist() == [1, 0, 0]
    assert float(got["coverage_probability"][2]) == 0.0


def test_probability_of_coverage_is_the_normal_law():
    got = signal(heard([[-100.0, -105.0, -113.0]], sigma_db=8.0), NR, target_dbm=-105.0)
    expected = norm.cdf([5.0 / 8.0, 0.0, -1.0])
    assert np.allclose(got["coverage_probability"], expected, atol=1e-6)


def test_any_server_counts_each_site_once():
    rsrp = [[-104.0], [-107.0], [-106.0]]
    got = signal(heard(rsrp, sites=[0, 0, 1], sigma_db=6.0), NR, target_dbm=-105.0, servers="any")
    p = norm.cdf([1.0 / 6.0, -1.0 / 6.0])
    assert float(got["coverage_probability"][0]) == pytest.approx(
        1 - (1 - p[0]) * (1 - p[1]), abs=1e-6
    )


def test_a_beam_loses_to_scattering_out_of_sight_only():
    data = heard([[-80.0, -80.0], [-200.0, -200.0]])
    data["sight"][:, 1] = 0
    got = signal(data, NR)["traffic_sinr_db"].to_numpy()
    assert got[0] - got[1] == pytest.approx(3.0, abs=1e-3)


def test_load_can_differ_by_cell():
    rsrp = [[-80.0], [-90.0], [-90.0]]
    quiet = signal(heard(rsrp), NR, [1.0, 0.0, 0.5])
    assert float(quiet["traffic_sinr_db"][0]) == pytest.approx(
        db(mw(-80) / (0.5 * mw(-90) + mw(NR.noise_dbm_per_re))), abs=1e-3
    )


def test_mistakes_are_told():
    with pytest.raises(InputError, match="between 0"):
        signal(heard([[-80.0]]), NR, 1.5)
    with pytest.raises(InputError, match="one number or 1"):
        signal(heard([[-80.0]]), NR, [0.5, 0.5])
    with pytest.raises(InputError, match="traffic_dbm"):
        signal(heard([[-80.0]]).drop_vars("traffic_dbm"), NR)


def test_blocks_and_threads_do_not_show():
    rng = np.random.default_rng(0)
    rsrp = rng.uniform(-130, -60, (5, 20_001)).astype(np.float32)
    whole = signal(heard(rsrp), NR)
    part = signal(heard(rsrp[:, 8190:8200]), NR)
    assert np.array_equal(whole["sinr_db"][8190:8200], part["sinr_db"])
    assert math.isclose(float(whole["rsrp_dbm"].max()), float(rsrp.max()), abs_tol=1e-4)


def test_no_cells_and_no_receivers_are_answers_too():
    nobody = signal(heard(np.empty((1, 0))), NR)
    assert nobody.sizes["receiver"] == 0
    silent = heard([[-80.0, -70.0]]).isel(cell=slice(0, 0), site=slice(0, 0))
    got = signal(silent, NR)
    assert got["server"].to_numpy().tolist() == [-1, -1]
    assert got["coverage_probability"].to_numpy().tolist() == [0.0, 0.0]


def test_every_receiver_may_have_its_own_target():
    received = heard([[-100.0, -100.0]])
    one = [
        float(signal(received, NR, target_dbm=level)["coverage_probability"][0])
        for level in (-105.0, -95.0)
    ]
    both = signal(received, NR, target_dbm=[-105.0, -95.0])["coverage_probability"].to_numpy()
    assert both.tolist() == pytest.approx(one)
    with pytest.raises(InputError, match="target_dbm"):
        signal(received, NR, target_dbm=[-105.0, -95.0, -90.0])


@settings(max_examples=40, deadline=None)
@given(levels, st.floats(-130, -60, width=32), st.sampled_from([0.0, 4.0, 7.8, 12.0]))
def test_the_best_site_alone_covers_as_the_best_server_does(rsrp, target, sigma_db):
    """`site_probability` of the serving site is `signal`'s probability; -inf never covers."""
    from cellwright.coverage import site_probability

    received = heard(rsrp, sigma_db=sigma_db)
    alone = site_probability(received, target).to_numpy()
    found = signal(received, NR, target_dbm=target)
    server = found["server"].to_numpy()
    served = np.flatnonzero(server >= 0)
    expected = found["coverage_probability"].to_numpy()[served]
    assert alone[server[served], served] == pytest.approx(expected, abs=1e-5)
    assert ((alone >= 0.0) & (alone <= 1.0)).all()


def test_cells_of_a_site_cover_through_the_best_of_them():
    from cellwright.coverage import site_probability

    received = heard([[-90.0, -np.inf], [-80.0, -np.inf]], sites=[0, 0], sigma_db=8.0)
    alone = site_probability(received, -90.0).to_numpy()
    assert alone.shape == (1, 2)
    assert alone[0] == pytest.approx([norm.cdf(10.0 / 8.0), 0.0], abs=1e-6)
