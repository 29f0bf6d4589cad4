"""TDD patterns sum to whole periods; overheads leave what the standard leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright import radio
from cellwright.errors import SpectrumError


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 13), st.integers(0, 13))
def test_shares_sum_to_one(down, up, down_symbols, up_symbols):
    need = (down + up) * 14 + down_symbols + up_symbols
    if need > 5 * 14:
        with pytest.raises(SpectrumError):
            radio.nr_pattern(2.5, down, down_symbols, up, up_symbols)
        return
    pattern = radio.nr_pattern(2.5, down, down_symbols, up, up_symbols)
    assert pattern.downlink_share == pytest.approx((down * 14 + down_symbols) / 70)
    assert pattern.uplink_share == pytest.approx((up * 14 + up_symbols) / 70)
    assert 0.0 <= pattern.gap_share <= 1.0
    assert all(slot.downlink_symbols + slot.uplink_symbols <= 14 for slot in pattern.slots)
    assert pattern.period_ms == 2.5


def test_letters_and_numbers_agree():
    assert radio.tdd_pattern("DDDSU", 30, "10:2:2") == radio.nr_pattern(2.5, 3, 10, 1, 2)
    assert str(radio.nr_pattern(5, 7, 6, 2, 4)) == "DDDDDDDSUU"


def test_two_patterns_follow_each_other():
    second = radio.nr_pattern(2, 3, 0, 1, 0)
    both = radio.nr_pattern(3, 3, 6, 2, 4, then=second)
    assert str(both) == "DDDSUUDDDU"
    assert both.period_ms == 5.0
    with pytest.raises(SpectrumError, match="divides 20 ms"):
        radio.nr_pattern(3, 3, 6, 2, 4, then=radio.nr_pattern(10, 3, 0, 1, 0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: radio.nr_pattern(2.5, 3, 0, 1, 0, scs_khz=15), "does not exist at 15 kHz"),
        (lambda: radio.nr_pattern(7, 3, 0, 1, 0), "Allowed"),
        (lambda: radio.nr_pattern(2.5, 4, 14, 1, 14), "symbols are 14"),
        (lambda: radio.tdd_pattern("DDX"), "D, S, U and F"),
        (lambda: radio.tdd_pattern(""), "D, S, U and F"),
        (lambda: radio.tdd_pattern("DDS", special="10:2:3"), "15 symbols"),
        (lambda: radio.tdd_pattern("DDS", special="ten"), "downlink:gap:uplink"),
        (lambda: radio.lte_pattern(7), "0 to 6"),
    ],
)
def test_patterns_that_cannot_be(call, message):
    with pytest.raises(SpectrumError, match=message):
        call()


def test_lte_frames_of_the_standard():
    # TS 36.211 Table 4.2-2: uplink subframes of a frame by configuration
    uplink = [sum(slot.use == "U" for slot in radio.lte_pattern(n).slots) for n in range(7)]
    assert uplink == [6, 4, 2, 3, 2, 1, 5]
    assert radio.lte_pattern(2, 7).slots[1] == radio.Slot(10, 2)


def test_dmrs_elements_of_the_standard():
    assert radio.dmrs_elements(1, 1, 1) == 6
    assert radio.dmrs_elements(1, 1, 2) == 12
    assert radio.dmrs_elements(2, 2, 3) == 24
    with pytest.raises(SpectrumError, match="CDM"):
        radio.dmrs_elements(1, 1, 3)


def test_more_overhead_leaves_less():
    bare = radio.NrOverhead(0, 1, 1, 1, 0, 20, 0, 0, 0)
    full = radio.NrOverhead()
    assert radio.nr_downlink_use(273, 30, bare).data_share == pytest.approx(1 - 6 / 168)
    assert (
        radio.nr_downlink_use(273, 30, full).data_share
        < radio.nr_downlink_use(273, 30, bare).data_share
    )


def test_tdd_takes_its_share():
    fdd = radio.nr_downlink_use(273, 30)
    tdd = radio.nr_downlink_use(273, 30, tdd=radio.tdd_pattern("DDDSU"))
    assert tdd.total / fdd.total == pytest.approx(52 / 70)
    assert tdd.data < fdd.data * 52 / 70
    parts = tdd.control + tdd.reference + tdd.broadcast + tdd.data
    assert parts == pytest.approx(tdd.total)


def test_lte_reference_signals_of_the_standard():
    # 2 ports, 1 control symbol: 16 CRS elements a block, 4 of them in the first symbol
    use = radio.lte_downlink_use(100, 2, 1)
    assert use.total == 16800
    assert use.reference == 1200
    assert radio.lte_downlink_use(100, 4, 2).reference == 1600
    assert radio.lte_downlink_use(100, 1, 1).reference == 600
    with pytest.raises(SpectrumError):
        radio.lte_downlink_use(100, 3)


def test_peak_rates_of_the_formula():
    assert radio.peak_rate_mbps(273, 30, 4, 8) == pytest.approx(2337.0, abs=1.0)
    # a well-known figure of TS 38.306's formula: 100 MHz uplink
    assert radio.peak_rate_mbps(273, 30, 4, 8, direction="uplink") == pytest.approx(2500, abs=1.0)
    share = radio.tdd_pattern("DDDSU").downlink_share
    assert radio.peak_rate_mbps(273, 30, 4, 8, time_share=share) == pytest.approx(
        2337 * share, abs=1
    )
    with pytest.raises(SpectrumError):
        radio.peak_rate_mbps(273, 30, 4, 8, "FR3")
