"""A tuning laid on the map: loss and spread change as it says, and nothing else does."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.coverage import path_loss, received, signal
from cellwright.propagation import Tuning, entry_sigma_db


@pytest.fixture
def case(make):
    area = make.area(1000.0, [(100, -200, 160, 200, 25.0)])
    phones = make.receivers([50.0, 300.0, 130.0], [0.0, 0.0, 0.0], place=[0, 0, 1],
                            building=[0, 0, 1], indoor_m=[0, 0, 10.0])  # fmt: skip
    return area, make.sites((0, 0)), phones


def test_the_correction_is_added_and_sigma_replaced(case, nr):
    area, sites, phones = case
    tuning = Tuning(
        offset_db=2.0, slope_db_per_decade=10.0, reference_m=50.0, out_of_sight_db=3.0,
        entry_scale=2.0, sigma_in_sight_db=5.0,
    )  # fmt: skip
    plain = path_loss(area, sites, nr, phones)
    tuned = path_loss(area, sites, nr, phones, tuning=tuning)
    assert plain["sight"].to_numpy().tolist() == tuned["sight"].to_numpy().tolist() == [[1, 0, 1]]
    added = (tuned["path_loss_db"] - plain["path_loss_db"]).to_numpy()[0]
    outer = path_loss(area, sites, nr, phones.assign(place=phones["place"] * 0))
    entry = float((plain["path_loss_db"] - outer["path_loss_db"])[0, 2])
    slope = 10.0 * np.log10([1.0, 6.0, 2.6])
    np.testing.assert_allclose(added, [2.0, 5.0 + slope[1], 2.0 + slope[2] + entry], atol=1e-4)
    was, now = plain["sigma_db"].to_numpy()[0], tuned["sigma_db"].to_numpy()[0]
    np.testing.assert_array_equal(now[0], was[0])
    assert now[1, 0] == 5.0
    assert now[1, 1] == pytest.approx(np.hypot(5.0, entry_sigma_db("low")))


def test_the_spread_reaches_the_probability_of_coverage(case, nr, make):
    area, sites, phones = case
    cells = make.cells(sites, nr)

    def odds(sigma):
        loss = path_loss(area, sites, nr, phones, tuning=Tuning(sigma_in_sight_db=sigma))
        got = received(loss, sites, cells, nr, phones)
        level = float(got["rsrp_dbm"].to_numpy()[:, 0].max())
        return float(signal(got, nr, target_dbm=level - 6.0)["coverage_probability"][0])

    assert odds(6.0) == pytest.approx(0.8413, abs=1e-3)
    assert odds(12.0) == pytest.approx(0.6915, abs=1e-3)


def test_an_empty_tuning_changes_nothing_and_out_of_reach_stays_so(case, nr):
    area, sites, phones = case
    plain = path_loss(area, sites, nr, phones, reach_m=200.0)
    tuned = path_loss(area, sites, nr, phones, reach_m=200.0, tuning=Tuning(offset_db=0.0))
    assert tuned.identical(plain)
    worse = path_loss(area, sites, nr, phones, reach_m=200.0, tuning=Tuning(offset_db=9.0))
    assert np.isinf(worse["path_loss_db"].to_numpy()[0, 1])


def test_an_indoor_antennas_own_building_is_left_alone(make, nr):
    area = make.area(1000.0, [(-30, -30, 30, 30, 12.0)])
    sites = make.sites((0, 0), kind="indoor", height_m=3.0, building=1)
    phones = make.receivers([10.0, 60.0], [0.0, 0.0], place=[1, 0], building=[1, 0])
    carrier = nr
    plain = path_loss(area, sites, carrier, phones)
    tuned = path_loss(area, sites, carrier, phones, tuning=Tuning(offset_db=7.0))
    added = (tuned["path_loss_db"] - plain["path_loss_db"]).to_numpy()[0]
    np.testing.assert_allclose(added, [0.0, 7.0], atol=1e-4)
