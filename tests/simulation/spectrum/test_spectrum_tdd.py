"""TDD neighbours: who speaks when, what that costs, how far apart they must be."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError, SpectrumError
from cellwright.radio import lte_pattern, nr_pattern, tdd_pattern
from cellwright.simulation.spectrum import (
    adjacent_channel_ratio_db,
    cross_link_share,
    guard_reach_m,
    isolation_needed_db,
    separation_m,
    symbol_directions,
    tdd_rates,
    tdd_sinr,
)
from cellwright.units import thermal_noise_dbm

NOISE = {"noise_dbm": -87.0, "base_noise_dbm": -89.0}


def rate(sinr):
    return 100.0 * np.log2(1.0 + 10.0 ** (np.asarray(sinr) / 10.0))


def district(seed=1, cells=4, users=24):
    rng = np.random.default_rng(seed)
    gain = rng.uniform(-130.0, -80.0, (cells, users))
    serving = gain.argmax(axis=0)
    masts = rng.uniform(-110.0, -90.0, (cells, cells))
    phones = rng.uniform(-120.0, -70.0, (users, users))
    return gain, serving, (masts + masts.T) / 2.0, (phones + phones.T) / 2.0


def run(patterns, parts=None, **other):
    gain, serving, masts, phones = parts or district()
    return tdd_sinr(gain, serving, patterns, 46.0, 23.0, masts, phones, **NOISE, **other)


def test_synchronised_cells_have_no_cross_link():
    got = run(["DDDSU"] * 4)
    assert cross_link_share(["DDDSU"] * 4).max() == 0.0
    assert np.array_equal(got["dl_sinr_db"], got["dl_alone_db"])
    assert np.array_equal(got["ul_sinr_db"], got["ul_alone_db"])
    rates = tdd_rates(got, rate, rate)
    assert float(rates["dl_loss"].max()) == float(rates["ul_loss"].max()) == 0.0


def test_other_letters_of_the_same_slots_are_synchronised():
    """LTE configuration 2 and an NR pattern made to match it, 3 ms later (TS 36.211, TS 38.213)."""
    lte = lte_pattern(2, 7)
    nr = tdd_pattern("DDDDDDDSUU", 30, "6:4:4")
    assert cross_link_share([lte, nr]).max() > 0.0
    # the NR frame's uplink (slots 8, 9 of 10) falls on LTE's uplink (subframe 2) two ms earlier
    assert cross_link_share([lte, nr], [0.0, -2.0]).max() == 0.0


def test_shares_of_moments_are_those_of_the_patterns():
    patterns = [tdd_pattern("DDDSU"), tdd_pattern("DDSUU"), tdd_pattern("DSUUU", 30, "4:6:4")]
    gain, serving, masts, phones = district(cells=3)
    got = run(patterns, (gain, serving, masts, phones))
    assert float(got["share"].sum()) == pytest.approx(1.0)
    for cell, pattern in enumerate(patterns):
        way = got["direction"].to_numpy()[:, cell]
        share = got["share"].to_numpy()
        assert share[way == 1].sum() == pytest.approx(pattern.downlink_share)
        assert share[way == -1].sum() == pytest.approx(pattern.uplink_share)
    # gap symbols carry nothing
    sends = np.isfinite(got["dl_sinr_db"]) | np.isfinite(got["ul_sinr_db"])
    mine = got["direction"].to_numpy()[:, serving]
    assert np.array_equal(sends, mine != 0)


def test_two_cells_by_hand():
    """One user each; cell 0 sends down while cell 1 listens, and the other way round."""
    gain = np.array([[-90.0, -110.0], [-115.0, -95.0]])
    masts = np.full((2, 2), -100.0)
    phones = np.full((2, 2), -80.0)
    got = tdd_sinr(gain, [0, 1], ["D" * 4 + "U", "U" * 4 + "D"], 46.0, 23.0, masts, phones, **NOISE)
    first = int(np.flatnonzero(got["direction"].to_numpy()[:, 0] == 1)[0])
    down = 46.0 - 90.0 - 10 * np.log10(10**-8.7 + 10 ** ((23.0 - 80.0) / 10))
    up = 23.0 - 95.0 - 10 * np.log10(10**-8.9 + 10 ** ((46.0 - 100.0) / 10))
    assert float(got["dl_sinr_db"][first, 0]) == pytest.approx(down)
    assert float(got["ul_sinr_db"][first, 1]) == pytest.approx(up)
    assert float(got["ul_alone_db"][first, 1]) == pytest.approx(23.0 - 95.0 + 89.0)
    rates = tdd_rates(got, rate, rate)
    assert float(rates["ul_loss"][1]) > 0.9
    assert float(rates["dl_mbps"][0]) == pytest.approx(0.8 * float(rate(down)))


def test_ordinary_interference_by_hand():
    gain = np.array([[-90.0, -110.0], [-115.0, -95.0]])
    quiet = np.full((2, 2), -300.0)
    got = tdd_sinr(
        gain, [0, 1], ["DDDSU"] * 2, 46.0, 23.0, quiet, quiet, load=[0.5, 0.25], uplink_load=0.5, **NOISE
    )  # fmt: skip
    down = int(np.flatnonzero(got["direction"].to_numpy()[:, 0] == 1)[0])
    wanted = 46.0 - 90.0 - 10 * np.log10(10**-8.7 + 0.25 * 10 ** ((46.0 - 115.0) / 10))
    assert float(got["dl_sinr_db"][down, 0]) == pytest.approx(wanted)
    up = int(np.flatnonzero(got["direction"].to_numpy()[:, 0] == -1)[0])
    wanted = 23.0 - 90.0 - 10 * np.log10(10**-8.9 + 0.5 * 10 ** ((23.0 - 110.0) / 10))
    assert float(got["ul_sinr_db"][up, 0]) == pytest.approx(wanted)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_cross_link_never_helps_and_filters_do(seed):
    parts = district(seed)
    patterns = ["DDDSU", "DSUUU", "DDDSU", "DDSUU"]
    loss = {}
    for ratio in (0.0, 30.0, 60.0, 200.0):
        acir = np.where(np.eye(4) > 0, 0.0, ratio)
        got = run(patterns, parts, acir_db=acir)
        assert (got["dl_sinr_db"] <= got["dl_alone_db"]).all()
        assert (got["ul_sinr_db"] <= got["ul_alone_db"]).all()
        loss[ratio] = float(tdd_rates(got, rate, rate)["ul_loss"].mean())
    assert loss[0.0] > loss[30.0] > loss[60.0] > loss[200.0]
    assert loss[200.0] == pytest.approx(0.0, abs=1e-9)


def test_order_of_cells_and_users_changes_nothing():
    gain, serving, masts, phones = district()
    patterns = np.array(["DDDSU", "DSUUU", "DDDSU", "DDSUU"])
    plain = tdd_rates(run(list(patterns)), rate, rate)
    cell, user = np.array([2, 0, 3, 1]), np.random.default_rng(0).permutation(24)
    parts = (
        gain[cell][:, user], np.argsort(cell)[serving[user]], masts[np.ix_(cell, cell)],
        phones[np.ix_(user, user)],
    )  # fmt: skip
    mixed = tdd_rates(run(list(patterns[cell]), parts), rate, rate)
    assert np.allclose(plain["ul_mbps"].to_numpy()[user], mixed["ul_mbps"])
    assert np.allclose(plain["dl_mbps"].to_numpy()[user], mixed["dl_mbps"])


def test_special_slots_are_counted_symbol_by_symbol():
    """Longer downlink in the special slot of one cell meets the gap of the other, not its uplink."""
    long, short = tdd_pattern("DDDSU", 30, "12:0:2"), tdd_pattern("DDDSU", 30, "6:4:4")
    share = cross_link_share([long, short])
    assert share[0, 1] == pytest.approx(2 / 70)
    assert share[1, 0] == 0.0


def test_isolation_and_distance():
    noise = thermal_noise_dbm(100e6, 5.0)
    need = isolation_needed_db(53.0, noise, 1.0)
    rise = 10 * np.log10(1.0 + 10 ** ((53.0 - need - noise) / 10))
    assert rise == pytest.approx(1.0)
    apart = separation_m(need - 42.0, lambda d: 43.3 + 20.0 * np.log10(d))
    assert 43.3 + 20 * np.log10(apart) == pytest.approx(need - 42.0, abs=1e-4)
    assert separation_m(20.0, lambda d: 43.3 + 20.0 * np.log10(d)) == 1.0
    assert adjacent_channel_ratio_db(45.0, 300.0) == pytest.approx(45.0)
    with pytest.raises(InputError, match="synchronise"):
        separation_m(400.0, lambda d: 43.3 + 20.0 * np.log10(d))
    with pytest.raises(InputError, match="desense"):
        isolation_needed_db(53.0, -90.0, 0.0)


def test_guard_symbols_reach_as_far_as_light_in_them():
    symbol = 0.5e-3 / 14
    assert guard_reach_m(nr_pattern(2.5, 3, 10, 1, 2)) == pytest.approx(2 * symbol * 299_792_458.0)
    assert guard_reach_m(tdd_pattern("DDDSU", 30, "6:4:4")) == pytest.approx(
        4 * symbol * 299_792_458.0
    )
    assert np.isinf(guard_reach_m("DDDD"))
    assert guard_reach_m("DDDU") == 0.0


def test_bad_patterns_are_told():
    with pytest.raises(SpectrumError, match="not 14"):
        symbol_directions([tdd_pattern("DDDSU", 30, "10:2:1")])
    with pytest.raises(SpectrumError, match="letters"):
        symbol_directions(["DDXSU"])
    with pytest.raises(SpectrumError, match="symbols"):
        symbol_directions([nr_pattern(2.5, 4, 0, 2, 0)])
    with pytest.raises(SpectrumError, match="160 ms"):
        symbol_directions(["D" * 29 + "U", "D" * 30 + "U"])
    with pytest.raises(SpectrumError, match="shift_ms"):
        symbol_directions(["DDDSU"], 0.01)
    with pytest.raises(InputError, match="no TDD patterns"):
        symbol_directions([])


def test_bad_links_are_told_together():
    gain, serving, masts, phones = district()
    with pytest.raises(InputError) as caught:
        tdd_sinr(
            gain, serving + 9, ["DDDSU"] * 3, 46.0, np.nan, masts, phones[:3], load=2.0, **NOISE
        )
    assert {fault.code for fault in caught.value.faults} == {
        "tdd.patterns", "tdd.serving", "tdd.user_power_dbm", "tdd.user_user_gain_db", "tdd.load",
    }  # fmt: skip
