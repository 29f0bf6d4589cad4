from __future__ import annotations

import csv

import numpy as np
import pytest

from cellwright.errors import SpectrumError
from cellwright.simulation.link.bicm import ORDERS, dispersion, mutual_information
from cellwright.simulation.link.block_error import (
    code_block_error,
    code_blocks,
    transport_block_error,
)

SNR_DB = np.arange(-10.0, 30.0, 0.01)


def crossing(order, rate, bits, error):
    curve = code_block_error(SNR_DB, order, bits / rate / order, bits)
    return float(np.interp(-np.log10(error), -np.log10(np.maximum(curve, 1e-30)), SNR_DB))


def test_closed_form_meets_simulated_ldpc_points(reference_data):
    with open(reference_data / "system" / "nr_ldpc_awgn_bler_points.csv") as file:
        points = list(csv.DictReader(file))
    off = [
        crossing(int(p["qm"]), float(p["rate"]), int(p["info_bits_per_cb"]), float(p["bler"]))
        - float(p["snr_db"])
        for p in points
    ]
    assert len(points) >= 20
    assert np.abs(off).max() <= 0.25
    assert abs(np.mean(off)) <= 0.1


@pytest.mark.parametrize("order", ORDERS)
def test_information_grows_to_the_modulation_and_never_beats_shannon(order):
    snr = np.arange(-20.0, 45.0, 0.5)
    carried = mutual_information(snr, order)
    assert (np.diff(carried) >= -1e-9).all()
    assert (carried <= np.log2(1.0 + 10.0 ** (snr / 10.0)) + 1e-3).all()
    assert carried[-1] == pytest.approx(order, abs=1e-3)
    assert (dispersion(snr, order) >= 0.0).all()


def test_qpsk_information_against_direct_integration():
    from scipy.integrate import quad

    for snr_db in (-5.0, 0.0, 6.0):
        amplitude = np.sqrt(10.0 ** (snr_db / 10.0))  # half the energy, half the noise a dimension

        def lost(y, a=amplitude):
            return np.exp(-((y - a) ** 2) / 2.0) / np.sqrt(2 * np.pi) * np.logaddexp(0, -2 * a * y)

        expected = 2.0 * (1.0 - quad(lost, -12, 25)[0] / np.log(2.0))
        assert float(mutual_information(snr_db, 2)) == pytest.approx(expected, abs=2e-3)


def test_errors_fall_with_snr_and_rise_with_rate():
    curve = code_block_error(SNR_DB, 4, 1000.0, 2000.0)
    assert (np.diff(curve) <= 1e-12).all()
    assert (code_block_error(SNR_DB, 4, 1000.0, 2400.0) >= curve - 1e-12).all()
    assert (code_block_error(SNR_DB, 4, 1000.0, 2000.0, "turbo") >= curve - 1e-12).all()


def test_blocks_are_cut_as_the_standards_say():
    cut = code_blocks([8424, 8425, 3824, 3825], [0.9, 0.9, 0.5, 0.2])
    assert cut.count.tolist() == [1, 2, 1, 2]
    assert code_blocks([6120, 6121, 75376], 0.8, "turbo").count.tolist() == [1, 2, 13]
    assert code_blocks(8425, 0.9).bits == pytest.approx((8425 + 24) / 2 + 24)


def test_a_transport_block_fails_more_often_than_its_parts():
    size, symbols = 80_000.0, 20_000.0
    cut = code_blocks(size, size / symbols / 6)
    each = code_block_error(15.0, 6, symbols / cut.count, cut.bits)
    whole = transport_block_error(15.0, 6, symbols, size)
    assert whole == pytest.approx(1.0 - (1.0 - each) ** cut.count, rel=1e-9)


def test_unknown_modulation_is_refused():
    with pytest.raises(SpectrumError, match="3 bits"):
        mutual_information(0.0, 3)
