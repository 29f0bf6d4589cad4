from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr

from cellwright.coverage import path_loss
from cellwright.errors import InputError
from cellwright.propagation import entry_loss_db, entry_sigma_db, model

WALL = ((60.0, -100.0, 90.0, 100.0, 40.0),)


def test_street_gets_the_models_own_loss_in_and_out_of_sight(make, nr):
    phones = make.receivers([30.0, 200.0], 0.0)
    loss = path_loss(make.area(blocks=WALL), make.sites((0, 0)), nr, phones)
    assert loss["sight"].to_numpy().tolist() == [[1, 0]]
    expected = model("uma").loss_db([30.0, 200.0], nr.frequency_ghz, 25.0, 1.5, [True, False])
    assert np.allclose(loss["path_loss_db"][0], expected, atol=1e-4)


@pytest.mark.parametrize("entry", ["low", "high", "none"])
def test_walls_and_depth_are_added_indoors(make, nr, entry):
    out = make.receivers([75.0], 0.0, place=0, building=1)
    inside = make.receivers([75.0], 0.0, place=1, building=1, indoor_m=12.0)
    area, sites = make.area(blocks=WALL), make.sites((0, 0))
    street = path_loss(area, sites, nr, out, entry=entry)["path_loss_db"]
    room = path_loss(area, sites, nr, inside, entry=entry)["path_loss_db"]
    wall = entry_loss_db(nr.frequency_ghz, entry, 12.0)
    assert float((room - street)[0, 0]) == pytest.approx(float(wall), abs=1e-3)


def test_shadowing_and_entry_add_as_variances(make, nr):
    loss = path_loss(make.area(200.0), make.sites((0, 0)), nr, make.receivers([30.0], 0.0))
    assert loss["sigma_db"].to_numpy()[0, :, 0].tolist() == [6.0, 4.0]
    assert float(loss["sigma_db"][0, 0, 2]) == pytest.approx(
        math.hypot(7.0, entry_sigma_db("low")), abs=1e-5
    )  # TR 38.901 Table 7.5-6: 7 dB for users indoors, in sight of the wall or not


def test_model_goes_by_site_kind(make, nr):
    area, phones = make.area(), make.receivers([150.0], 0.0)
    pole = path_loss(area, make.sites((0, 0), kind="pole", height_m=9.0), nr, phones)
    expected = model("umi").loss_db(150.0, nr.frequency_ghz, 9.0, 1.5, True)
    assert float(pole["path_loss_db"][0, 0]) == pytest.approx(float(expected), abs=1e-4)


def test_indoor_antenna_serves_its_own_building_without_a_wall(make, nr):
    nr = nr.changed(models={**nr.models, "indoor": "inh-mixed"})
    block = ((-40.0, -40.0, 40.0, 40.0, 15.0),)
    sites = make.sites((0, 0), kind="indoor", height_m=3.0, building=1)
    phones = make.receivers([20.0, 100.0], 0.0, place=[1, 0], building=[1, 0], indoor_m=[5.0, 0.0])
    loss = path_loss(make.area(400.0, block), sites, nr, phones)["path_loss_db"].to_numpy()[0]
    seen = path_loss(make.area(400.0, block), sites, nr, phones)["sight"].to_numpy()[0]
    office = model(nr.model_for("indoor")).loss_db(20.0, nr.frequency_ghz, 3.0, 1.5, seen[0] == 1)
    street = model("umi").loss_db(100.0, nr.frequency_ghz, 3.0, 1.5, seen[1] == 1)
    assert loss[0] == pytest.approx(float(office), abs=1e-3)
    wall = float(entry_loss_db(nr.frequency_ghz, "low"))
    assert loss[1] == pytest.approx(float(street) + wall, abs=1e-3)


def test_beyond_reach_is_marked_not_guessed(make, nr):
    phones = make.receivers([50.0, 400.0], 0.0)
    loss = path_loss(make.area(), make.sites((0, 0)), nr, phones, reach_m=100.0)
    assert loss["path_loss_db"].to_numpy()[0, 1] == math.inf
    assert loss["valid"].to_numpy().tolist() == [[True, False]]


def test_too_near_is_finite_but_not_vouched_for(make, nr):
    loss = path_loss(make.area(200.0), make.sites((0, 0)), nr, make.receivers([3.0], 0.0))
    assert np.isfinite(loss["path_loss_db"]).all()
    assert not loss["valid"].any()


def test_a_part_of_the_receivers_gives_that_part_of_the_answer(make, nr):
    rng = np.random.default_rng(3)
    phones = make.receivers(rng.uniform(-300, 300, 60), rng.uniform(-300, 300, 60))
    area, sites = make.area(800.0), make.sites((0, 0), (120, -50), (-90, 200))
    whole = path_loss(area, sites, nr, phones)
    some = path_loss(area, sites, nr, phones.isel(receiver=slice(7, 31, 2)))
    xr.testing.assert_equal(whole.isel(receiver=slice(7, 31, 2)), some)


def test_order_of_sites_changes_nothing(make, nr):
    phones = make.receivers([10.0, 200.0, -150.0], [0.0, 80.0, -30.0])
    area, sites = make.area(800.0), make.sites((0, 0), (120, -50), (-90, 200))
    turned = sites.iloc[::-1].reset_index(drop=True)
    one, two = (path_loss(area, s, nr, phones) for s in (sites, turned))
    xr.testing.assert_equal(one, two.isel(site=slice(None, None, -1)))


def test_mistakes_are_told_with_the_cure(make, nr):
    area, sites, phones = make.area(200.0), make.sites((0, 0)), make.receivers([30.0], 0.0)
    with pytest.raises(InputError, match='Did you mean "high"'):
        path_loss(area, sites, nr, phones, entry="hihg")
    with pytest.raises(InputError, match="reach_m is -5"):
        path_loss(area, sites, nr, phones, reach_m=-5.0)


def test_progress_ends_at_one(make, nr):
    told: list[float] = []
    phones = make.receivers([30.0], 0.0)
    path_loss(make.area(200.0), make.sites((0, 0)), nr, phones, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
