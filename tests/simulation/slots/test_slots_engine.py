"""The slot loop against closed forms and laws."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.integrate import quad

from cellwright.errors import InputError
from cellwright.network import carrier
from cellwright.simulation import LinkSettings, rate_table
from cellwright.simulation.link import EVM, transport_block_error
from cellwright.simulation.slots import (
    Fading,
    Ftp3,
    FullBuffer,
    Periodic,
    SlotSettings,
    run,
    run_drop,
    slot_plan,
    slot_radio,
)

STILL = Fading("none")
LINK = LinkSettings(margin_db=0.0)
#: The channel is known, so that nothing is lost to trial and error.
KNOWN = SlotSettings(scheduler="rr", csi="fine", olla_step_db=0.0)
ONE = carrier("n78").changed(dl_layers=1, user_antennas=1)


def gain_for(snr_db, radio=ONE):
    """Coupling gain that gives this SNR without interference."""
    element = radio.power_dbm - 10 * np.log10(radio.n_subcarriers)
    fixed = radio.user_gain_dbi - radio.user_loss_db - radio.base_loss_db
    return np.asarray(snr_db) + radio.noise_dbm_per_re - element - fixed


def single(snr_db, **more):
    settings = more.pop("settings", KNOWN)
    more.setdefault("fading", STILL)
    return slot_plan(ONE, np.atleast_2d(gain_for(snr_db)), settings=settings, link=LINK, **more)


@pytest.mark.parametrize("snr_db", [2.0, 12.0, 22.0])
def test_full_buffer_round_robin_is_the_static_expectation(snr_db):
    found = run_drop(single(np.full(6, snr_db)), 1.0, warmup_s=0.5)
    expected = float(rate_table(ONE, "downlink", LINK).rate(snr_db, 0))
    assert found.user_mbps.sum() == pytest.approx(expected, rel=0.03)
    assert found.user_mbps == pytest.approx(found.user_mbps.mean(), rel=0.08)
    assert found.jain > 0.99
    assert found.cell_load == pytest.approx(1.0)


@pytest.mark.parametrize("sight", [False, True])
@pytest.mark.parametrize("snr_db", [0.0, 10.0, 20.0, 30.0])
@pytest.mark.parametrize("name", ["n78", "b3"])
def test_layers_of_a_still_channel_are_the_static_expectation(name, snr_db, sight):
    """Whole steps of MCS cost a few percent; ranks chosen by whole steps of CQI up to a tenth."""
    layer = carrier(name)
    gain = gain_for(np.full(4, snr_db), layer)[None, :]
    plan = slot_plan(
        layer, gain, settings=KNOWN, link=LINK, fading=STILL, sight=np.full((1, 4), sight)
    )
    found = run_drop(plan, 1.0, warmup_s=0.5)
    expected = float(rate_table(layer, "downlink", LINK).rate(snr_db, int(sight)))
    assert found.user_mbps.sum() == pytest.approx(expected, rel=0.1)


def still_law_mbps(snr_db, target):
    """Rate when a share of the blocks is sent with the next scheme up and fails (SlotSettings)."""
    radio = slot_radio(ONE, "downlink", LINK)
    t, blocks = radio.tables, int(radio.tables.prbs.sum())
    slots = t.kind[t.kind > 0] - 1
    size, error = np.zeros(t.order.size), np.zeros(t.order.size)
    for m in range(t.order.size):
        order = 2 * (int(t.order[m]) + 1)
        db = -10 * np.log10(10 ** (-snr_db / 10) + EVM[order] ** 2)
        for kind in slots:
            bits, symbols = float(t.tbs[kind, m, 0, blocks]), t.elements[kind] * blocks
            size[m] += bits / slots.size
            error[m] += float(transport_block_error(db, order, symbols, bits)) / slots.size
    low = int(np.flatnonzero(error <= target)[-1])
    share = (target - error[low]) / (error[low + 1] - error[low])
    mean = (1 - share) * size[low] + share * size[low + 1]
    return mean / (1 + target) * slots.size / t.kind.size / radio.slot_s / 1e6


@pytest.mark.parametrize("snr_db", [2.0, 7.0, 12.0, 17.0, 22.0])
@pytest.mark.parametrize("target", [0.1, 0.2])
def test_outer_loop_on_a_still_channel_costs_what_its_errors_cost(snr_db, target):
    """The target is held where nothing need fail: the law stands in SlotSettings."""
    settings = SlotSettings(scheduler="rr", csi="fine", target_error=target)
    found = run_drop(single([snr_db], settings=settings), 2.0, warmup_s=1.5)
    assert found.block_error == pytest.approx(target, rel=0.03)
    # the law takes full and special slots together, the loop's offset crosses them one by one
    assert found.user_mbps[0] == pytest.approx(still_law_mbps(snr_db, target), rel=0.03)


def test_coarse_steps_of_the_outer_loop_lose_rate():
    """Blocks in flight fail together: 0.5 dB each falls through more than one scheme."""
    rates = [
        run_drop(
            single([7.0], settings=SlotSettings(scheduler="rr", csi="fine", olla_step_db=step)),
            1.0, warmup_s=1.0,
        ).user_mbps[0]
        for step in (0.5, 0.2, 0.1)
    ]  # fmt: skip
    assert rates[0] < 0.97 * rates[1]
    assert rates[1] == pytest.approx(rates[2], rel=0.01)


@pytest.mark.parametrize("scheduler", ["rr", "pf", "max_ci", "qos"])
def test_who_is_out_of_range_waits_and_is_marked(scheduler):
    """CQI 0 is out of range (TS 38.214 5.2.2.1): no new data, whoever else is there."""
    settings = SlotSettings(scheduler=scheduler)
    gain = gain_for([10.0, -9.0, 12.0])
    plan = slot_plan(ONE, np.atleast_2d(gain), settings=settings, link=LINK, fading=STILL)
    found = run_drop(plan, 0.3)
    alone = slot_plan(ONE, np.atleast_2d(gain[1:2]), settings=settings, link=LINK, fading=STILL)
    silent = run_drop(alone, 0.3)
    assert found.out_of_range.tolist() == [0.0, 1.0, 0.0]
    assert found.user_mbps[1] == found.firsts[1] == found.given_up.sum() == 0
    assert silent.cell_load[0] == 0.0
    for result in (found, silent):
        for item in dataclasses.fields(result):
            assert np.all(np.isfinite(getattr(result, item.name))), item.name


def test_who_comes_back_into_range_is_served_again():
    """Rayleigh fading around the lowest CQI: marked as often as it lies below, served else."""
    fading = Fading(speed_mps=6.0, delay_spread_ns=0.05)
    plan = slot_plan(ONE, np.atleast_2d(gain_for(np.full(12, -5.0))), link=LINK, fading=fading)
    found = run_drop(plan, 3.0)
    lowest = slot_radio(ONE, "downlink", LINK).tables.cqi_ratio[1] / 10**-0.5
    assert found.out_of_range.mean() == pytest.approx(1 - np.exp(-lowest), abs=0.04)
    assert np.all(found.user_mbps > 0.0)


def test_what_harq_gave_up_is_cut_to_the_channel_as_it_is():
    """Every bit arrives in the end, though the first blocks were far too large for one retry."""
    settings = SlotSettings(transmissions=1, csi="fine", olla_step_db=2.0, rlc_slots=5)
    plan = single(np.full(3, 3.0), settings=settings, traffic=Ftp3(20_000, 4.0))
    found = run_drop(plan, 3.0, warmup_s=0.0)
    assert found.given_up.sum() > 10
    assert np.all(found.balance_bits == 0)
    assert found.lost_bits.sum() == 0
    assert found.queued_bits.sum() < 0.1 * found.offered_bits.sum()


def test_nobody_beats_the_peak_rate():
    found = run_drop(single(np.full(3, 60.0)), 0.5)
    peak = float(rate_table(ONE, "downlink", LINK).rate(60.0, 0))
    assert 0.97 * peak < found.user_mbps.sum() < 1.01 * peak


def rayleigh(users, scheduler, snr_db, seconds=3.0):
    # fast and flat: many independent channels in a short time, known perfectly
    fading = Fading("rayleigh", delay_spread_ns=1.0, speed_mps=20.0, refresh_slots=1)
    settings = SlotSettings(
        scheduler=scheduler,
        csi="fine",
        olla_step_db=0.0,
        cqi_period_slots=1,
        cqi_delay_slots=0,
        pf_slots=500,
    )
    plan = single(np.full(users, snr_db), settings=settings, fading=fading)
    return run_drop(plan, seconds, warmup_s=0.3, seed=5)


@pytest.mark.parametrize("users", [2, 6])
def test_proportional_fair_gain_is_that_of_the_best_of_rayleigh_users(users):
    """Symmetric users: the best of n exponentials on every resource."""
    table = rate_table(ONE, "downlink", LINK)

    def mean(count):
        def rate(x):
            density = count * np.exp(-x) * (1 - np.exp(-x)) ** (count - 1)
            return float(table.rate(5.0 + 10 * np.log10(x), 0)) * density

        return quad(rate, 1e-9, 40.0, limit=400, epsrel=1e-4)[0]

    fair, turn = rayleigh(users, "pf", 5.0), rayleigh(users, "rr", 5.0)
    # small blocks fail a little earlier than the whole carrier's, which the table is for
    assert turn.user_mbps.sum() == pytest.approx(0.95 * mean(1), rel=0.06)
    measured = fair.user_mbps.sum() / turn.user_mbps.sum()
    assert measured == pytest.approx(mean(users) / mean(1), rel=0.06)


def small_network(seed=0, cells=7, per=6):
    rng = np.random.default_rng(seed)
    users = cells * per
    gain = -125.0 - rng.exponential(10.0, (cells, users))
    gain[np.repeat(np.arange(cells), per), np.arange(users)] = -95.0 - rng.exponential(10.0, users)
    return gain


def test_max_ci_beats_proportional_fair_beats_round_robin():
    total, fair = {}, {}
    for scheduler in ("max_ci", "pf", "rr"):
        settings = SlotSettings(scheduler=scheduler)
        found = run_drop(slot_plan(ONE, small_network(), settings=settings), 0.6, seed=1)
        total[scheduler], fair[scheduler] = found.cell_mbps.sum(), found.jain
    assert total["max_ci"] > 1.1 * total["pf"] > 1.1 * 1.05 * total["rr"]
    assert fair["max_ci"] < fair["pf"]


@pytest.mark.parametrize("target", [0.02, 0.1, 0.3])
def test_outer_loop_holds_the_block_error_rate(target):
    settings = SlotSettings(target_error=target, scheduler="rr")
    # wrong on purpose: the CQI of TS 38.214 aims at 10 %
    found = run_drop(slot_plan(ONE, small_network(), settings=settings), 1.0, warmup_s=1.0)
    assert found.block_error == pytest.approx(target, rel=0.2)
    assert found.rounds[0] > 20 * found.rounds[2]


def test_processor_sharing_delay_at_low_and_middling_load():
    """M/G/1-PS: mean time in system is S / (1 - load), whatever the sizes."""
    users, size = 60, 500_000
    rate = run_drop(single(np.full(users, 12.0)), 1.0, warmup_s=0.5).user_mbps.sum() * 1e6
    for load in (0.1, 0.5):
        files = load * rate / (8.0 * size) / users
        plan = single(np.full(users, 12.0), traffic=Ftp3(size, files))
        found = run_drop(plan, 30.0, warmup_s=1.0, seed=2)
        expected_ms = 1e3 * 8 * size / rate / (1 - load)
        # waiting for a slot and decoding add one to two milliseconds
        assert found.mean_delay_ms == pytest.approx(expected_ms + 1.5, rel=0.08)
        assert found.cell_load[0] == pytest.approx(load, rel=0.12)


@pytest.mark.parametrize("acknowledged", [True, False])
@pytest.mark.parametrize("direction", ["downlink", "uplink"])
def test_no_bit_appears_or_vanishes(acknowledged, direction):
    settings = SlotSettings(acknowledged=acknowledged, transmissions=2, target_error=0.5)
    plan = slot_plan(
        ONE, small_network(), traffic=Ftp3(30_000, 20.0), direction=direction, settings=settings
    )
    found = run_drop(plan, 0.5, warmup_s=0.0, seed=3)
    bits = found.batch_bits.sum(axis=0)
    assert np.all(found.balance_bits == 0)
    kept = found.offered_bits - found.refused_bits
    assert np.array_equal(kept, bits + found.queued_bits + found.lost_bits)
    assert bits.sum() > 0
    assert (found.lost_bits.sum() > 0) == (not acknowledged)
    assert (found.broken.sum() > 0) == (not acknowledged)


def test_same_seed_same_result_and_another_seed_another():
    plan = slot_plan(ONE, small_network(), traffic=Ftp3(50_000, 5.0))
    first, again, other = (run_drop(plan, 0.3, seed=seed) for seed in (7, 7, 8))
    for item in dataclasses.fields(first):
        assert np.array_equal(getattr(first, item.name), getattr(again, item.name))
    assert not np.array_equal(first.batch_bits, other.batch_bits)


def test_order_of_users_changes_nothing():
    gain = small_network()
    shuffled = np.random.default_rng(1).permutation(gain.shape[1])
    traffic = Ftp3(50_000, 5.0)
    straight = run_drop(slot_plan(ONE, gain, traffic=traffic), 0.3, seed=4)
    mixed = run_drop(slot_plan(ONE, gain[:, shuffled], traffic=traffic, name=shuffled), 0.3, seed=4)
    assert np.array_equal(mixed.batch_bits, straight.batch_bits[:, shuffled])
    assert np.array_equal(mixed.delivered, straight.delivered[shuffled])


def test_arrivals_are_common_random_numbers_between_plans():
    gain = small_network()
    traffic = Ftp3(50_000, 5.0)
    loud = run_drop(slot_plan(ONE, gain, traffic=traffic, power_dbm=53.0), 0.3, seed=4)
    quiet = run_drop(slot_plan(ONE, gain, traffic=traffic, power_dbm=43.0), 0.3, seed=4)
    assert np.array_equal(loud.offered_bits, quiet.offered_bits)


def test_cut_short_and_taken_up_again():
    def plan(number):
        return slot_plan(ONE, small_network(number), traffic=Ftp3(50_000, 5.0))

    whole = dict(run(plan, 3, seed=9, seconds=0.1))
    part = {}
    for number, found in run(plan, 3, seed=9, seconds=0.1):
        part[number] = found
        if number == 1:
            break
    resumed = dict(run(plan, 3, seed=9, seconds=0.1, done=part))
    assert resumed[0] is part[0]
    for number in range(3):
        assert np.array_equal(whole[number].batch_bits, resumed[number].batch_bits)


def test_unloaded_latency_is_slots_and_processing():
    """One small packet at a time: wait for a downlink slot, send, decode."""
    fdd = carrier("b3")
    gain = np.atleast_2d(gain_for(np.full(4, 30.0), fdd))
    plan = slot_plan(fdd, gain, traffic=Periodic(100, 40.0), fading=STILL)
    found = run_drop(plan, 4.0, seed=1)
    # 1 ms subframes: 0 to 1 until the next, 1 to send, 0.5 to decode
    assert found.delay_ms(0.1) >= 1.4
    assert 1.5 <= found.mean_delay_ms <= 2.6
    assert found.delivered.sum() == pytest.approx(400, abs=8)


def test_priority_keeps_voice_short_under_load():
    gain = np.atleast_2d(gain_for(np.full(20, 15.0)))
    kinds = (Periodic(100, 20.0, five_qi=82), FullBuffer(five_qi=9))
    tail = {}
    for scheduler in ("rr", "qos"):
        settings = SlotSettings(scheduler=scheduler)
        plan = slot_plan(ONE, gain, traffic=kinds, settings=settings, fading=STILL)
        tail[scheduler] = run_drop(plan, 1.0, seed=1).delay_ms(95, 0)
    assert tail["qos"] <= 1.1 * tail["rr"]
    assert tail["qos"] < 10.0


def test_idle_neighbours_leave_more_rate():
    gain = small_network()
    which = np.zeros(gain.shape[1], int)
    which[np.argmax(gain, axis=0) == 0] = 1
    quiet = slot_plan(ONE, gain, traffic=(Ftp3(1000, 0.1), FullBuffer()), traffic_class=which)
    busy = slot_plan(ONE, gain)
    assert run_drop(quiet, 0.3).cell_mbps[0] > 1.2 * run_drop(busy, 0.3).cell_mbps[0]


def test_weak_uplink_users_get_fewer_groups():
    radio = ONE
    gain = np.atleast_2d([-80.0, -125.0])
    plan = slot_plan(radio, gain, direction="uplink", fading=STILL)
    found = run_drop(plan, 0.5)
    assert found.user_mbps[0] > 5 * found.user_mbps[1] > 0


def test_bad_input_says_what_is_wrong():
    with pytest.raises(InputError, match=r"\[cell, user\]"):
        slot_plan(ONE, np.zeros((3, 0)))
    with pytest.raises(InputError, match="not finite"):
        slot_plan(ONE, [[np.nan, -90.0]])
    with pytest.raises(InputError, match="serving has shape"):
        slot_plan(ONE, [[-90.0, -91.0]], serving=[0, 5])
    with pytest.raises(InputError, match="Did you mean"):
        SlotSettings(scheduler="pff")
    with pytest.raises(InputError, match="target_error"):
        SlotSettings(target_error=1.5)
    with pytest.raises(InputError, match="no uplink"):
        run_drop(slot_plan(ONE.changed(tdd_pattern="DDDD"), [[-90.0]]), 0.1)
    with pytest.raises(InputError, match="batch"):
        run_drop(single([10.0]), 0.001)


def test_cells_without_users_and_users_without_signal_give_numbers():
    gain = np.full((4, 3), -120.0)
    gain[0, :2] = -80.0
    gain[:, 2] = -220.0
    found = run_drop(slot_plan(ONE, gain, traffic=Ftp3(10_000, 5.0)), 0.3)
    assert np.all(np.isfinite(found.user_mbps))
    assert found.user_mbps[2] == 0.0
    assert np.all(found.cell_load[1:] == 0.0)
    assert np.isfinite(found.energy_j_per_bit())
