"""A network through the day: who asks where and when, and what it costs the cells."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr

from cellwright.errors import InputError
from cellwright.simulation import DaySettings, Demand, MapNetwork, through_the_day, throughput
from cellwright.simulation.day import day_profile, energy_kwh, floor_per_worker, workers

HOME = Demand(market_share=1.0, gb_per_user_month=300.0, indoor_share=1.0)


def houses(*uses, side=20.0, floors=5):
    shapes = [shapely.box(30.0 * i, 0.0, 30.0 * i + side, side) for i in range(len(uses))]
    return gpd.GeoDataFrame({"use": list(uses), "floors": floors}, geometry=shapes)


@pytest.fixture
def network(make, nr):
    """Sixty receivers: thirty at home in building 1, thirty in the offices of building 2."""
    received = make.received(np.random.default_rng(4).uniform(-110, -75, (4, 60)), nr, sight=0)
    people = make.receivers(np.r_[np.full(30, 10.0), np.zeros(30)]).assign(
        building=("receiver", np.repeat([1, 2], 30)), inside=("receiver", np.ones(60, bool))
    )
    cells = pd.DataFrame({"cell_id": list("abcd"), "power_dbm": 46.0})
    return MapNetwork(
        nr, None, cells, people, None, received, make.signal(received, nr), HOME,
        buildings=houses("residential", "commercial"),
    )  # fmt: skip


def test_a_house_has_people_at_work_by_its_floor_and_use():
    table = houses("residential", "commercial", "industrial", "unknown")
    at = xr.Dataset({"building": ("receiver", [0, 1, 2, 2, 3, 4])})
    found = workers(at, table, {"commercial": 20.0, "industrial": 40.0})
    assert found.tolist() == [0.0, 0.0, 50.0, 50.0, 50.0, 0.0]


def test_all_that_is_asked_for_in_a_day_is_the_day_of_all_users(network):
    given = DaySettings(work_share=0.4)
    found = through_the_day(network, given)
    at_work = workers(network.receivers, network.buildings, floor_per_worker()).sum()
    day_mbit = HOME.dl_mbps_per_user * 3600.0 / HOME.busy_hour_share
    expected = day_mbit * (300.0 * 0.6 + at_work * 0.4)
    assert found.hours["asked_mbps"].sum() * 3600.0 == pytest.approx(expected)


def test_without_work_the_busiest_hour_is_the_busy_hour(network, nr):
    demand = Demand(
        market_share=1.0, gb_per_user_month=300.0, indoor_share=1.0,
        busy_hour_share=float(day_profile().max()),
    )  # fmt: skip
    alone = MapNetwork(
        nr, None, network.cells, network.receivers, None, network.received, network.signal, demand
    )
    found = through_the_day(alone, DaySettings(work_share=0.0))
    whole = throughput(network.received, network.signal, nr, network.receivers, demand)
    busiest = int(found.hours["asked_mbps"].idxmax())
    assert busiest == int(day_profile().argmax())
    assert found.cells["load"][busiest].to_numpy() == pytest.approx(whole["load"].to_numpy())
    order = np.argsort(found.hours["asked_mbps"].to_numpy())
    assert (np.diff(found.cells["load"].to_numpy()[order], axis=0) >= -1e-3).all()


def test_a_map_without_places_of_work_loses_no_traffic(network):
    plain = dataclasses.replace(network, buildings=houses("residential", "unknown"))
    asked = [
        through_the_day(plain, DaySettings(work_share=share)).hours["asked_mbps"].sum()
        for share in (0.0, 0.3)
    ]
    assert asked[1] == pytest.approx(asked[0])


def test_work_moves_the_busiest_hour_into_the_day(network):
    hours = [
        int(through_the_day(network, DaySettings(work_share=s)).hours["asked_mbps"].idxmax())
        for s in (0.0, 1.0)
    ]
    assert hours == [int(day_profile().argmax()), int(day_profile("business").argmax())]


def test_energy_lies_between_idle_and_full(network):
    found = through_the_day(network)
    low, high = 24 * 0.26, 24 * (0.26 + 4.7 * 10**1.6 / 1e3)
    assert ((found.energy_kwh >= low - 1e-9) & (found.energy_kwh <= high)).all()


def test_own_hours_are_taken(network):
    flat = DaySettings(work_share=0.0, home=[1.0] * 24)
    asked = through_the_day(network, flat).hours["asked_mbps"]
    assert asked.to_numpy() == pytest.approx(float(asked.iloc[0]))


@pytest.mark.parametrize("name", ["residential", "business"])
def test_profiles_sum_to_one(name):
    assert day_profile(name).sum() == pytest.approx(1.0)
    assert (day_profile(name) > 0.0).all()
    mixed = day_profile({"residential": 1.0, "business": 3.0})
    assert mixed == pytest.approx(0.25 * day_profile() + 0.75 * day_profile("business"), rel=1e-2)


def test_sleep_saves_only_where_nothing_is_sent():
    load = np.zeros((24, 2))
    load[8:20, 0] = 0.5
    awake, asleep = energy_kwh(load, 100.0, 200.0), energy_kwh(load, 100.0, 200.0, 10.0)
    assert awake.tolist() == pytest.approx([3.0, 2.4])
    assert asleep.tolist() == pytest.approx([12 * 0.15 + 12 * 0.01, 0.24])


def test_bad_days_are_told(network):
    with pytest.raises(InputError) as caught:
        DaySettings(work_share=1.5, floor_m2_per_worker={"commercial": 0.0})
    assert [fault.code for fault in caught.value.faults] == ["day.work_share", "day.floor"]
    with pytest.raises(InputError, match="24"):
        through_the_day(network, DaySettings(home=[1.0] * 23))
    with pytest.raises(InputError, match="24"):
        through_the_day(network, DaySettings(work=[0.0] * 24))
    with pytest.raises(InputError, match="residential"):
        day_profile("residentail")
    with pytest.raises(InputError):
        energy_kwh(np.full((24, 1), 1.5), 1.0, 2.0)
    with pytest.raises(InputError, match="full_w"):
        energy_kwh(np.zeros((24, 1)), 3.0, 2.0)


def test_a_map_without_anybody_is_told(network, nr):
    empty = network.receivers.assign(residents=("receiver", np.zeros(60)))
    alone = MapNetwork(nr, None, network.cells, empty, None, network.received, network.signal, HOME)
    with pytest.raises(InputError, match="Nobody lives or works"):
        through_the_day(alone)
