from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InputError
from cellwright.simulation import Demand, LinkSettings, rate_table, throughput
from cellwright.simulation.load import MOST_LOAD, settle, shared_rate

BUSY = Demand(gb_per_user_month=2000.0, market_share=1.0)


def run(make, radio, traffic, residents, demand=None, load=None, place=1, **kwargs):
    received = make.received(traffic, radio, **kwargs)
    receivers = make.receivers(residents, place)
    heard = make.signal(received, radio, 0.5)
    return throughput(received, heard, radio, receivers, demand, load=load)


def test_demand_follows_its_definition():
    demand = Demand(gb_per_user_month=30.0, busy_hour_share=0.1, uplink_share=0.2)
    assert demand.mbps_per_user == pytest.approx(30 * 8000 / 30 * 0.1 / 3600)
    assert demand.dl_mbps_per_user + demand.ul_mbps_per_user == pytest.approx(demand.mbps_per_user)


def test_users_are_kept_and_split(make):
    crowd = make.receivers([0.0, 0.0, 90.0, 10.0], place=1)
    crowd["place"][:2] = 0
    users = Demand(market_share=0.5, indoor_share=0.6).users(crowd)
    assert users.sum() == pytest.approx(50.0)
    assert users.tolist() == pytest.approx([10.0, 10.0, 27.0, 3.0])
    indoors = Demand(market_share=0.5, indoor_share=0.6).users(make.receivers([10.0]))
    assert indoors.tolist() == [5.0]


def test_bad_demand_is_told_at_once():
    with pytest.raises(InputError) as caught:
        Demand(market_share=3.0, indoor_share=-1.0)
    assert len(caught.value.faults) == 2


def test_one_cell_by_hand(make, nr):
    """No neighbours: the rate is the table's at the SNR, the load its users over the rate."""
    got = run(make, nr, [[-95.0]], [100.0], BUSY, sight=0)
    snr = -95.0 - nr.noise_dbm_per_re
    rate = float(rate_table(nr, "downlink", LinkSettings()).rate(snr, 0))
    assert float(got["dl_peak_mbps"][0]) == pytest.approx(rate, rel=1e-4)
    load = 100.0 * BUSY.dl_mbps_per_user / rate
    assert float(got["wanted_load"][0]) == pytest.approx(load, rel=1e-3)
    expected = rate * max(1.0 - load, 1.0 - MOST_LOAD)
    assert float(got["dl_mbps"][0]) == pytest.approx(expected, rel=1e-3)


def test_uplink_budget_by_hand(make, lte):
    """Far phone: full power over 100 blocks, less path loss, over the base station's noise."""
    got = run(make, lte, [[-120.0]], [0.0])
    coupling = -120.0 - lte.reference_power_dbm
    snr = lte.user_power_dbm - 10 * np.log10(1200) + coupling - lte.base_noise_dbm_per_re - 3.0
    assert float(got["ul_sinr_db"][0]) == pytest.approx(snr, abs=1e-3)


def test_power_control_spares_a_near_phone(make, lte):
    near, nearer = run(make, lte, [[-60.0, -50.0]], [0.0, 0.0])["ul_sinr_db"].to_numpy()
    # ten decibels less path loss leave a fifth of it at the base station when alpha is 0.8
    assert nearer - near == pytest.approx(2.0, abs=1e-3)


def test_loads_are_a_fixed_point(make, nr):
    rng = np.random.default_rng(4)
    traffic = rng.uniform(-110, -75, (4, 60))
    received = make.received(traffic, nr, sight=0, apart_db=-3.0)
    crowd = make.receivers(np.full(60, 8.0))
    heard = make.signal(received, nr)
    free = throughput(received, heard, nr, crowd, BUSY)
    assert free.attrs["settled"]
    fixed = throughput(received, heard, nr, crowd, BUSY, load=free["load"].to_numpy())
    assert np.allclose(free["dl_sinr_db"], fixed["dl_sinr_db"], atol=0.01)
    assert ((free["load"] >= 0.0) & (free["load"] <= 1.0)).all()


@pytest.mark.parametrize("more", [Demand(gb_per_user_month=60.0), BUSY])
def test_more_demand_never_makes_anyone_faster(make, nr, more):
    rng = np.random.default_rng(5)
    traffic = rng.uniform(-115, -75, (5, 80))
    calm = run(make, nr, traffic, np.full(80, 10.0), Demand(), sight=0)
    busy = run(make, nr, traffic, np.full(80, 10.0), more, sight=0)
    assert (busy["load"] >= calm["load"] - 1e-6).all()
    assert (busy["dl_sinr_db"] <= calm["dl_sinr_db"] + 1e-5).all()
    # in a full cell the floor is the served demand, which may be more than a small demand
    spare = busy["wanted_load"].to_numpy()[traffic.argmax(axis=0)] < 0.9
    assert (busy["dl_mbps"].to_numpy()[spare] <= calm["dl_mbps"].to_numpy()[spare] + 1e-3).all()


def test_overloaded_cells_are_marked_and_turn_the_rest_away(make, nr):
    got = run(make, nr, [[-112.0]], [5000.0], BUSY, sight=0)
    wanted = float(got["wanted_load"][0])
    assert wanted > MOST_LOAD
    assert bool(got["overloaded"][0])
    assert float(got["load"][0]) == MOST_LOAD
    alone = float(got["dl_peak_mbps"][0])
    assert float(got["dl_mbps"][0]) == pytest.approx((1.0 - MOST_LOAD) * alone, rel=1e-5)
    # what is admitted keeps the cell exactly as busy as it may be
    admitted = 5000.0 * BUSY.dl_mbps_per_user * (1.0 - float(got["turned_away"][0]))
    assert admitted == pytest.approx(MOST_LOAD * alone, rel=1e-3)


def test_nobody_is_served_where_nothing_is_heard(make, nr):
    got = run(make, nr, [[-200.0, -90.0]], [10.0, 10.0])
    assert got["dl_mbps"].to_numpy()[0] == 0.0
    assert got["ul_peak_mbps"].to_numpy()[0] == 0.0
    assert np.isnan(got["dl_sinr_db"].to_numpy()[0])
    assert got.attrs["unserved_users"] == pytest.approx(0.5 * got.attrs["total_users"])


def test_order_of_cells_changes_nothing(make, lte):
    rng = np.random.default_rng(6)
    traffic = rng.uniform(-115, -75, (6, 50))
    order = rng.permutation(6)
    one = run(make, lte, traffic, np.full(50, 5.0))
    two = run(make, lte, traffic[order], np.full(50, 5.0))
    assert np.allclose(one["load"].to_numpy()[order], two["load"], atol=2e-4)
    assert np.allclose(one["dl_mbps"], two["dl_mbps"], rtol=2e-3)


def test_given_load_is_used(make, lte):
    traffic = [[-80.0], [-85.0]]
    idle = run(make, lte, traffic, [1.0], load=0.0)
    full = run(make, lte, traffic, [1.0], load=1.0)
    assert float(idle["dl_sinr_db"][0]) > float(full["dl_sinr_db"][0]) + 5.0
    # full neighbour at the same element power: 5 dB
    assert float(full["dl_sinr_db"][0]) == pytest.approx(5.0, abs=0.01)
    with pytest.raises(InputError, match="between 0"):
        run(make, lte, traffic, [1.0], load=2.0)


@given(st.floats(0.1, 2000.0), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
@settings(max_examples=60, deadline=None)
def test_a_shared_rate_falls_with_demand_to_a_floor(alone, some, more):
    low, high = sorted((some, more))
    quiet, busy = shared_rate(np.array([alone, alone]), np.array([low, high]))
    assert (1.0 - MOST_LOAD) * alone - 1e-9 <= busy <= quiet <= alone


def test_settling_reports_when_it_does_not():
    swing = settle(lambda load: np.array([1.0 - load[0]]), 1)
    assert not swing.settled


def test_a_network_without_cells_serves_nobody(make, nr):
    empty = make.received(np.empty((0, 3)), nr)
    crowd = make.receivers([1.0, 1.0, 1.0])
    got = throughput(empty, make.signal(empty, nr), nr, crowd)
    assert got["dl_mbps"].to_numpy().tolist() == [0.0, 0.0, 0.0]
    assert got.attrs["unserved_users"] == pytest.approx(got.attrs["total_users"])
