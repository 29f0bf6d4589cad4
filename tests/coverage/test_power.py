from __future__ import annotations

import math

import numpy as np
import pytest

from cellwright.coverage import mean_gain_db, path_loss, received
from cellwright.errors import InputError
from cellwright.radio import antenna, local_angles, pattern_gain


def _around(make, count=40, seed=5):
    rng = np.random.default_rng(seed)
    return make.receivers(
        rng.uniform(-400, 400, count),
        rng.uniform(-400, 400, count),
        height_m=rng.uniform(1, 40, count),
    )


@pytest.mark.parametrize("tilt", [0.0, 4.0, -7.0])
def test_budget_closes_for_any_azimuth_and_tilt(make, nr, tilt):
    area, sites, phones = make.area(1000.0), make.sites((13.0, -21.0)), _around(make)
    cells = make.cells(
        sites, nr, (0.0, 77.0, 200.0, 355.0), mechanical_tilt_deg=tilt, electrical_tilt_deg=3.0
    )
    loss = path_loss(area, sites, nr, phones)
    got = received(loss, sites, cells, nr, phones)
    east, north = phones["x_m"].to_numpy() - 13.0, phones["y_m"].to_numpy() + 21.0
    azimuth = np.degrees(np.arctan2(east, north))
    zenith = np.degrees(np.arctan2(np.hypot(east, north), phones["height_m"].to_numpy() - 25.0))
    fixed = nr.power_dbm - 10.0 * math.log10(12 * 273) - nr.base_loss_db
    fixed += nr.user_gain_dbi - nr.user_loss_db
    for row, turn in enumerate(cells["azimuth_deg"]):
        angles = local_angles(azimuth, zenith, turn, tilt)
        for beams, name in (("ssb", "rsrp_dbm"), ("traffic", "traffic_dbm")):
            table = antenna(nr.antenna).pattern(3.0, beams)
            expected = fixed + pattern_gain(table, *angles) - loss["path_loss_db"].to_numpy()[0]
            assert np.allclose(got[name][row], expected, atol=2e-3)


def test_many_settings_of_a_site_equal_each_alone(make, nr):
    area, sites, phones = make.area(1000.0), make.sites((0, 0), (150, 40)), _around(make)
    loss = path_loss(area, sites, nr, phones)
    cells = make.cells(sites, nr, tuple(range(0, 360, 45)))
    whole = received(loss, sites, cells, nr, phones, beams=("ssb",))
    assert "traffic_dbm" not in whole
    shuffled = cells.sample(frac=1.0, random_state=1).reset_index(drop=True)
    again = received(loss, sites, shuffled, nr, phones, beams=("ssb",)).sel(cell=whole["cell"])
    assert np.array_equal(whole["rsrp_dbm"], again["rsrp_dbm"])


def test_moving_and_turning_the_district_changes_nothing(make, nr):
    phones, turn = _around(make), math.radians(37.0)
    places = np.array([[0.0, 0.0], [160.0, -70.0]])

    def turned(x, y):
        east = x * math.cos(turn) + y * math.sin(turn) + 20.0
        north = -x * math.sin(turn) + y * math.cos(turn) - 30.0
        return east, north

    moved = phones.copy(deep=True)
    x, y = turned(phones["x_m"].to_numpy(), phones["y_m"].to_numpy())
    moved["x_m"], moved["y_m"] = ("receiver", x), ("receiver", y)
    area, levels = make.area(2000.0), []
    for crowd, spots, shift in (
        (phones, places, 0.0),
        (moved, np.array([turned(*p) for p in places]), 37.0),
    ):
        sites = make.sites(*spots)
        cells = make.cells(sites, nr, tuple((a + shift) % 360 for a in (10.0, 130.0, 250.0)))
        levels.append(received(path_loss(area, sites, nr, crowd), sites, cells, nr, crowd))
    assert np.allclose(levels[0]["rsrp_dbm"], levels[1]["rsrp_dbm"], atol=1e-3)
    assert np.allclose(levels[0]["traffic_dbm"], levels[1]["traffic_dbm"], atol=1e-3)


def test_a_bystander_gets_less_than_the_envelope_only_where_beams_follow_users(make, nr, lte):
    area, sites, phones = make.area(400.0), make.sites((0, 0)), make.receivers([50.0], 0.0)
    for carrier, low, high in ((nr, -14.0, -6.0), (lte, -0.01, 0.0)):
        cells = make.cells(sites, carrier)
        got = received(path_loss(area, sites, carrier, phones), sites, cells, carrier, phones)
        assert (got["apart_db"] >= low).all()
        assert (got["apart_db"] <= high).all()


def test_mean_gain_of_a_cone_is_its_solid_angle():
    table = np.full((181, 360), -200.0, np.float32)
    table[:, :90] = 6.0206  # four times the power in a quarter of the sphere
    assert mean_gain_db(table) == pytest.approx(0.0, abs=1e-3)


def test_out_of_reach_is_silence(make, nr):
    area, sites = make.area(1000.0), make.sites((0, 0))
    phones = make.receivers([50.0, 300.0], 0.0)
    loss = path_loss(area, sites, nr, phones, reach_m=100.0)
    got = received(loss, sites, make.cells(sites, nr), nr, phones)
    assert np.isneginf(got["rsrp_dbm"][:, 1]).all()
    assert np.isfinite(got["rsrp_dbm"][:, 0]).all()


def test_mistakes_are_told(make, nr):
    area, sites, phones = make.area(200.0), make.sites((0, 0)), make.receivers([30.0], 0.0)
    loss, cells = path_loss(area, sites, nr, phones), make.cells(sites, nr)
    with pytest.raises(InputError, match='Did you mean "ssb"'):
        received(loss, sites, cells, nr, phones, beams=("sbb",))
    with pytest.raises(InputError, match='site "S9"'):
        received(loss, sites, cells.assign(site_id="S9"), nr, phones)
    with pytest.raises(InputError, match="exactly these sites"):
        received(loss, make.sites((0, 0), (5, 5)), cells, nr, phones)


def test_no_sites_yet(make, nr):
    area, phones = make.area(200.0), make.receivers([30.0, 60.0], 0.0)
    none = make.sites((0, 0)).iloc[:0]
    loss = path_loss(area, none, nr, phones)
    assert dict(loss["path_loss_db"].sizes) == {"site": 0, "receiver": 2}
    got = received(loss, none, make.cells(none, nr), nr, phones)
    assert got["rsrp_dbm"].shape == (0, 2)
