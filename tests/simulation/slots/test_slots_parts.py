"""Tables, fading, traffic and percentiles of the slot loop."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import j0
from scipy.stats import kstest

from cellwright.errors import InputError
from cellwright.network import carrier
from cellwright.simulation.link import transport_block_error
from cellwright.simulation.slots import (
    BasePower,
    Camera,
    Fading,
    FixedAccess,
    Ftp3,
    Periodic,
    Voice,
    delay_edges_s,
    five_qi,
    group_sizes,
    run_drop,
    slot_plan,
    slot_radio,
)
from cellwright.simulation.slots.block_errors import block_error_grid
from cellwright.simulation.slots.fading import TAPS, WAVES, refresh_all, refresh_slots, start_waves
from cellwright.simulation.slots.results import delay_percentile_ms
from cellwright.simulation.slots.state import BINS


@pytest.mark.parametrize(("prb", "size"), [(24, 2), (51, 4), (106, 8), (273, 16)])
def test_group_size_follows_the_bandwidth_part(prb, size):
    groups = group_sizes(prb)
    assert groups[0] == size
    assert groups.sum() == prb


@pytest.mark.parametrize("name", ["n78", "b3"])
def test_kernel_error_rate_is_the_closed_form(name):
    radio = slot_radio(carrier(name))
    table, code = radio.tables, "turbo" if name == "b3" else "ldpc"
    orders = (2, 4, 6, 8, 10)
    db = np.linspace(-10.0, 30.0, 161)
    for scheme in (2, 8, 14, 20, 26):
        row = table.order[scheme]
        for blocks in (4, 30, 100):
            at = (0, scheme, 0, blocks)
            symbols = float(table.elements[0] * blocks)
            mine = block_error_grid(
                db,
                row,
                symbols,
                table.pieces[at],
                table.info[at],
                table.gap[at],
                table.clean,
            )
            theirs = transport_block_error(db, orders[row], symbols, float(table.tbs[at]), code)
            assert np.abs(mine - theirs).max() < 1e-4


def waves_of(fading, users=4000, groups=18):
    cell = np.zeros((users, 1), np.int32)
    sight = np.zeros((users, 1), bool)
    offsets = np.arange(groups) * 5.76e6
    return start_waves(fading, 1, np.arange(users), cell, sight, offsets, 3.5e9, 0.5e-3)


def test_fading_is_rayleigh_of_unit_mean():
    waves = waves_of(Fading())
    fade = np.empty((4000, 1, 18), np.float32)
    refresh_all(waves, fade)
    assert fade.mean() == pytest.approx(1.0, abs=0.02)
    assert kstest(fade[:, 0, 5], "expon").pvalue > 1e-3


def test_fading_forgets_as_bessel_says():
    """Correlation of power of Clarke's model is J0 squared."""
    waves = waves_of(Fading(speed_mps=10.0, refresh_slots=1), groups=2)
    fade = np.empty((4000, 1, 2), np.float32)
    refresh_all(waves, fade)
    start = fade[:, 0, 0].copy()
    doppler = 10.0 * 3.5e9 / 299_792_458.0
    for lag in range(1, 12):
        refresh_all(waves, fade)
        found = np.corrcoef(start, fade[:, 0, 0])[0, 1]
        assert found == pytest.approx(j0(2 * np.pi * doppler * lag * 0.5e-3) ** 2, abs=0.06)


@pytest.mark.parametrize(("speed_mps", "slots"), [(0.83, 16), (3.0, 4), (30.0, 1), (0.0, 32)])
def test_fading_moves_as_often_as_the_doppler_asks(speed_mps, slots):
    assert refresh_slots(Fading(speed_mps=speed_mps), 3.5e9, 0.5e-3) == slots
    assert refresh_slots(Fading(speed_mps=speed_mps, refresh_slots=7), 3.5e9, 0.5e-3) == 7


def test_waves_of_whole_numbers_are_the_sums_of_sines_they_stand_for():
    """One link by NumPy from the same phases, after many refreshes."""
    waves = waves_of(Fading(speed_mps=3.0), users=3)
    # parts of one user each, the rest of them empty
    assert waves.phase.shape[0] >= 3
    begin = waves.phase[:3].astype(np.int64)
    fade = np.empty((3, 1, 18), np.float32)
    for _ in range(1000):
        refresh_all(waves, fade)
    turns = (begin + 1000 * waves.turn[:3].astype(np.int64)) / 65536.0
    taps = np.exp(2j * np.pi * turns).sum(axis=1) * waves.scattered[:3]
    spin = waves.dft[:, :18] + 1j * waves.dft[:, 18:]
    assert fade[:, 0] == pytest.approx(np.abs(taps @ spin) ** 2, abs=2e-4)


def test_a_whole_carrier_s_gain_is_the_mean_over_its_taps():
    """Eight taps of six waves: mean 1, variance (1 - 1 / 6) / 8."""
    waves = waves_of(Fading(), groups=1)
    fade = np.empty((4000, 1, 1), np.float32)
    refresh_all(waves, fade)
    assert fade.mean() == pytest.approx(1.0, abs=0.02)
    assert fade.var() == pytest.approx((1.0 - 1.0 / WAVES) / TAPS, rel=0.1)


def test_frequency_correlation_follows_the_delay_spread():
    def at(spread):
        waves = waves_of(Fading(delay_spread_ns=spread))
        fade = np.empty((4000, 1, 18), np.float32)
        refresh_all(waves, fade)
        return np.corrcoef(fade[:, 0, 0], fade[:, 0, 1])[0, 1]

    assert at(3.0) > 0.95
    assert at(300.0) < 0.2


def test_sight_makes_fading_shallow():
    fading = Fading(k_factor_db=9.0)
    cell = np.zeros((3000, 1), np.int32)
    waves = start_waves(
        fading, 1, np.arange(3000), cell, np.ones((3000, 1), bool), np.zeros(2), 3.5e9, 5e-4
    )
    fade = np.empty((3000, 1, 2), np.float32)
    refresh_all(waves, fade)
    k = 10**0.9
    assert fade.mean() == pytest.approx(1.0, abs=0.02)
    assert fade[:, 0, 0].var() == pytest.approx((2 * k + 1) / (k + 1) ** 2, rel=0.12)


@pytest.mark.parametrize(
    "traffic",
    [
        Ftp3(20_000, 10.0),
        Periodic(500, 20.0),
        Camera(2.0),
        Voice(talk_s=0.3, pause_s=0.3),
        FixedAccess(8.0, 100_000),
    ],
)
def test_offered_rate_is_the_mean_rate(traffic):
    plan = slot_plan(
        carrier("n78"), np.full((1, 150), -80.0), traffic=traffic, fading=Fading("none")
    )
    found = run_drop(plan, 6.0, warmup_s=0.1, seed=3)
    rate = found.offered_bits.mean() / found.seconds / 1e6
    assert rate == pytest.approx(traffic.mean_mbps, rel=0.05)


def test_percentiles_of_known_delays():
    rng = np.random.default_rng(0)
    delays = rng.lognormal(2.0, 1.0, 200_000) * 1e-3
    counts = np.histogram(delays, delay_edges_s(0.5e-3))[0][None].astype(np.int64)
    assert counts.shape == (1, BINS)
    for percent in (50, 95, 99, 99.9):
        found = delay_percentile_ms(counts, 0.5e-3, percent)
        assert found == pytest.approx(np.percentile(delays, percent) * 1e3, rel=0.006)


def test_quality_classes_and_power():
    assert (five_qi(82).priority, five_qi(82).packet_error_rate) == (19, 1e-4)
    with pytest.raises(InputError, match="no 5QI 3000"):
        five_qi(3000)
    assert BasePower(chains=2).mains_w(0.0, 20.0) == 260.0


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Fading("ricean"),
        lambda: Fading(refresh_slots=0),
        lambda: Fading(speed_mps=-1.0),
        lambda: Ftp3(0, 1.0),
        lambda: Camera(jitter_ms=90.0),
        lambda: Voice(kbps=-1.0),
    ],
)
def test_traffic_refuses_nonsense(bad):
    with pytest.raises(InputError):
        bad()
