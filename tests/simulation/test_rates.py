from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.radio import lte_transport_block_size, nr_transport_block_size, peak_rate_mbps
from cellwright.simulation import LinkSettings, rate_table
from cellwright.simulation.link import layer_gain, uplink_blocks
from cellwright.simulation.link.rates import SNR_DB


def test_nr_peak_is_the_standards_block_every_slot(nr):
    table = rate_table(nr)
    block = int(nr_transport_block_size(273, 8, 948 / 1024, 4, symbols=13, dmrs_re_per_prb=12))
    peak = float(table.rate(55.0, 0))
    assert peak == pytest.approx(block * table.frame.slots_per_s / 1e6, rel=1e-3)
    # TS 38.306 4.1.2, an approximation of its own: 2,337 Mbit/s, times the downlink's share
    assert peak == pytest.approx(peak_rate_mbps(273, 30, 4, 8, time_share=nr.dl_share), rel=0.02)


def test_lte_peak_is_two_blocks_a_subframe(lte):
    peak = float(rate_table(lte).rate(55.0, 0))
    whole = 2 * int(lte_transport_block_size(26, 100)) / 1000.0
    assert whole == pytest.approx(150.752)
    assert 0.99 * whole < peak < whole  # broadcast takes the rest


def test_a_16qam_phone_reaches_the_blocks_of_its_category(lte):
    """TS 36.213 8.6.1: such a phone sends the rows of 64QAM with 16QAM, at a higher code rate.

    The largest block of category 4 is 51,024 bits (TS 36.306 Table 4.1-2).
    """
    assert float(rate_table(lte, "uplink").rate(55.0, 0)) == pytest.approx(51.024)


def test_special_slots_carry_no_uplink_data(nr):
    """DDDSU: one slot in five; the two uplink symbols of slot S are for sounding and access."""
    table = rate_table(nr, "uplink")
    assert table.frame.slots_per_s == pytest.approx(2000 / 5)
    block = int(nr_transport_block_size(269, 6, 948 / 1024, 1, symbols=14, dmrs_re_per_prb=12))
    assert float(table.rate(55.0, 0)) == pytest.approx(block * 400 / 1e6, rel=1e-3)
    all_of_it = rate_table(nr, "uplink", LinkSettings(special_uplink=1.0))
    assert all_of_it.frame.slots_per_s == pytest.approx(2000 * 16 / 70)


@pytest.mark.parametrize("way", ["downlink", "uplink"])
def test_rate_never_falls_with_sinr_nor_beats_shannon(nr, lte, way):
    for radio in (nr, lte):
        table = rate_table(radio, way)
        layers = radio.dl_layers if way == "downlink" else radio.ul_layers
        branches = radio.user_antennas if way == "downlink" else 2
        for sight in (0, 1):
            rate = table.mbps[sight]
            assert (np.diff(rate) >= -1e-9).all()
            # a bound however the layers share power: every branch, every layer, all of the band
            snr = 10.0 ** (SNR_DB / 10.0)
            top = max(branches, layers)
            bound = layers * np.log2(1.0 + top * snr / layers)
            assert (table.efficiency(SNR_DB, sight) <= bound * 1.03).all()


def test_more_sinr_brings_more_layers_and_sight_fewer(nr):
    table = rate_table(nr)
    assert table.layers_at([-20.0, 0.0, 50.0], 0).tolist() == [0, 1, 4]
    assert int(table.layers_at(25.0, 1)) <= int(table.layers_at(25.0, 0))
    assert float(table.rate(25.0, 1)) < float(table.rate(25.0, 0))


def test_weak_phone_keeps_its_power_on_few_blocks(nr):
    table = rate_table(nr, "uplink")
    share = table.share(np.array([-18.0, -12.0, -8.0, 10.0]), 0)
    assert (np.diff(share) >= 0.0).all()
    assert share[0] < 0.1
    assert share[-1] > 0.95
    assert float(table.rate(-18.0, 0)) > 0.0  # spread over the band nothing would get through


def test_uplink_allocations_suit_the_dft(lte):
    for blocks in uplink_blocks(lte, LinkSettings()):
        rest = int(blocks)
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        assert rest == 1
    assert uplink_blocks(lte, LinkSettings())[-1] == 96


def test_error_target_is_kept_between_schemes(lte):
    # one scheme up is worth at least its block less a tenth: the curve has no holes
    rate = rate_table(lte).mbps[0]
    steps = np.flatnonzero(np.diff(rate) > 0.02 * rate[:-1].clip(1e-9))
    assert steps.size > 10


def test_layers_share_power():
    settings = LinkSettings()
    for antennas in (2, 4):
        for sight in (False, True):
            gains = [layer_gain(n, antennas, sight, settings) for n in range(1, antennas + 1)]
            assert gains[0] == antennas
            assert all(a > b for a, b in pairwise(gains))
            assert all(n * g <= antennas + 1e-9 for n, g in enumerate(gains, 1))


def test_every_assumption_has_a_reason():
    listed = LinkSettings().assumptions()
    assert {name for name, _, _ in listed} == set(LinkSettings.__dataclass_fields__)
    assert all(reason for _, _, reason in listed)


def test_unknown_targets_are_refused():
    with pytest.raises(InputError, match="target_error"):
        LinkSettings(target_error=0.0)
    with pytest.raises(InputError, match="alpha"):
        LinkSettings(alpha=1.5)
