from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError, SpectrumError
from cellwright.radio import cqi_table, lte_transport_block_size, mcs_table, nr_transport_block_size
from cellwright.simulation.link import (
    OuterLoop,
    adaptation_table,
    cqi_adaptation,
    effective_sinr_db,
    information_tables,
    mcs_adaptation,
    mutual_information,
    snr_from_information,
    transport_block_error,
)
from cellwright.simulation.link.adaptation import choose_kernel
from cellwright.simulation.link.bicm import ORDERS, information_kernel
from cellwright.simulation.link.block_error import (
    block_error_kernel,
    code_block_error,
    code_blocks,
    code_blocks_kernel,
    gap_db,
    transport_error_kernel,
)
from cellwright.simulation.link.effective import add_information_kernel, effective_sinr_kernel

TABLES = information_tables()
CQI_NAMES = ("nr-64qam", "nr-256qam", "nr-64qam-low-se", "lte-64qam", "lte-256qam")


@pytest.mark.parametrize("order", ORDERS)
def test_information_is_undone_by_its_inverse_and_kernels_agree(order):
    rng = np.random.default_rng(order)
    snr = rng.uniform(-25.0, 3.0 * order, 200)
    carried = mutual_information(snr, order)
    assert snr_from_information(carried, order) == pytest.approx(snr, abs=2e-5)
    kernel = [information_kernel(s, order, TABLES) for s in snr]
    assert np.array_equal(kernel, carried)
    every = np.zeros((snr.size, len(ORDERS)))
    for value, row in zip(snr, every, strict=True):
        add_information_kernel(value, TABLES, row)
    assert every[:, order // 2 - 1] == pytest.approx(carried, abs=1e-12)


def test_information_of_no_signal_and_of_nothing_at_all_is_the_table_s_start():
    low = mutual_information([-np.inf, np.nan, -30.0, -80.0], 4)
    assert np.array_equal(low, np.full(4, low[2]))
    assert mutual_information(np.inf, 4) == pytest.approx(4.0)


def test_slope_of_the_information_is_continuous():
    snr = np.arange(-10.0, 25.0, 0.01)
    slope = np.diff(mutual_information(snr, 6)) / 0.01
    # a line between points of 0.25 dB would jump by about a hundredth
    assert np.abs(np.diff(slope)).max() < 1e-3


@pytest.mark.parametrize("code", ["ldpc", "turbo"])
def test_block_error_kernel_is_the_array_form(code):
    rng = np.random.default_rng(3)
    for order in ORDERS:
        snr = rng.uniform(-10.0, 35.0, 40)
        bits = np.round(rng.uniform(40.0, 8448.0, 40))
        symbols = bits / rng.uniform(0.1, 0.95, 40) / order
        array = code_block_error(snr, order, symbols, bits, code)
        kernel = [
            block_error_kernel(s, order, n, k, code == "turbo", TABLES)
            for s, n, k in zip(snr, symbols, bits, strict=True)
        ]
        assert kernel == pytest.approx(array, abs=1e-9)


@pytest.mark.parametrize("code", ["ldpc", "turbo"])
def test_transport_blocks_are_cut_and_lost_alike_in_kernels(code):
    rng = np.random.default_rng(4)
    for _ in range(60):
        size = float(np.round(10.0 ** rng.uniform(1.5, 6.0)))
        rate, order = float(rng.uniform(0.1, 0.95)), int(rng.choice(ORDERS))
        cut = code_blocks(size, rate, code)
        count, bits = code_blocks_kernel(size, rate, code == "turbo")
        assert (count, bits) == (float(cut.count), pytest.approx(float(cut.bits)))
        symbols, snr = size / rate / order, 3.0 * order * rate + rng.uniform(-3, 3)
        array = float(transport_block_error(snr, order, symbols, size, code))
        kernel = transport_error_kernel(snr, order, symbols, size, code == "turbo", TABLES)
        assert kernel == pytest.approx(array, abs=1e-9)


def test_decoder_gap_is_smooth_and_grows_where_check_bits_are_few():
    rate = np.linspace(0.05, 0.98, 2000)
    for bits in (40.0, 104.0, 2000.0, 8448.0):
        gap = gap_db(bits, rate)
        assert (gap > 0.5).all()
        assert np.abs(np.diff(gap, 2)).max() < 0.02
    assert gap_db(104, 0.754) - gap_db(2000, 0.754) > 0.3
    assert gap_db(2000, 0.889) < gap_db(2000, 0.3)
    assert gap_db(500, 0.5, "turbo") - gap_db(500, 0.5) == pytest.approx(0.5)


def test_gap_rule_beats_a_constant_on_the_simulated_points(reference_data):
    import csv

    with open(reference_data / "system" / "nr_ldpc_awgn_bler_points.csv") as file:
        points = list(csv.DictReader(file))
    from scipy.special import ndtri

    snr, off = np.arange(-10.0, 30.0, 0.01), []
    for p in points:
        order, bits = int(p["qm"]), int(p["info_bits_per_cb"])
        curve = code_block_error(snr, order, bits / float(p["rate"]) / order, bits)
        curve = np.clip(curve, 1e-12, 1 - 1e-12)
        off.append(np.interp(-ndtri(float(p["bler"])), -ndtri(curve), snr) - float(p["snr_db"]))
    # 0.9 dB everywhere: largest 0.5, root mean square 0.18
    assert np.abs(off).max() <= 0.15
    assert np.sqrt(np.mean(np.square(off))) <= 0.08


@pytest.mark.parametrize("order", ORDERS)
def test_effective_sinr_lies_between_worst_and_linear_mean(order):
    rng = np.random.default_rng(order)
    sinr = rng.uniform(-5.0, 25.0, (50, 12))
    found = effective_sinr_db(sinr, order)
    assert (found >= sinr.min(axis=1) - 1e-6).all()
    assert (found <= 10.0 * np.log10((10.0 ** (sinr / 10.0)).mean(axis=1)) + 1e-6).all()
    kernel = [effective_sinr_kernel(row, order, TABLES) for row in sinr]
    assert kernel == pytest.approx(found, abs=1e-9)
    assert effective_sinr_db(np.full(7, 3.3), order) == pytest.approx(3.3, abs=1e-6)
    assert effective_sinr_db(sinr.reshape(50, 3, 4), order, (1, 2)) == pytest.approx(found)


@pytest.mark.parametrize("name", CQI_NAMES)
def test_cqi_thresholds_meet_the_target_and_rise(name):
    table = cqi_adaptation(name, 4000.0)
    target = 1e-5 if "low-se" in name else 0.1
    source = cqi_table(name)
    limit = table.threshold_db[0]
    assert np.isneginf(limit[0])
    assert (np.diff(limit[1:]) > 0.0).all()
    for row in range(1, len(table)):
        order, bits = int(source.modulation_order[row]), 4000.0 * source.spectral_efficiency[row]
        error = transport_block_error(limit[row], order, 4000.0, bits, table.code)
        assert float(error) == pytest.approx(target, rel=1e-3)


def test_choice_is_the_best_row_that_keeps_the_target():
    table, rng = cqi_adaptation("nr-256qam", 3000.0), np.random.default_rng(5)
    sinr = rng.normal(rng.uniform(-8.0, 28.0, (80, 1)), 4.0, (80, 16))
    found = table.choose(sinr)
    for values, row in zip(sinr, found, strict=True):
        fits = [
            float(
                transport_block_error(
                    effective_sinr_db(values, int(order)), int(order), 3000.0, bits
                )
            )
            <= 0.1 + 1e-5
            for order, bits in zip(table.order[1:], table.bits[0, 1:], strict=True)
        ]
        assert row == max([0, *(i + 1 for i, fit in enumerate(fits) if fit)])
    assert (table.choose(sinr, offset_db=3.0) >= found).all()
    assert (table.choose(sinr, offset_db=np.full(80, -3.0)) <= found).all()
    assert table.choose([-40.0]) == 0


def test_mcs_thresholds_use_the_standard_s_blocks():
    table = mcs_adaptation("nr-256qam", [4, 50], layers=2, data_per_block=132)
    source = mcs_table("nr-256qam")
    exact = nr_transport_block_size(50, source.modulation_order, source.code_rate, 2, 14, 36)
    assert np.array_equal(table.bits[1], exact)
    assert table.symbols.tolist() == [4 * 132 * 2, 50 * 132 * 2]
    lte = mcs_adaptation("lte-64qam", 50, layers=1)
    known = mcs_table("lte-64qam").i_tbs
    assert np.array_equal(lte.bits[0], lte_transport_block_size(known[known >= 0], 50))
    assert lte.code == "turbo"
    assert (np.diff(lte.threshold_db[0]) > -0.3).all()
    assert table.choose([-25.0]) == -1
    assert table.choose([45.0], size=1) == 27


def test_lte_blocks_need_more_than_nr_s_by_turbo_s_offset():
    nr = cqi_adaptation("nr-64qam").threshold_db[0, 1:]
    lte = cqi_adaptation("lte-64qam").threshold_db[0, 1:]
    assert (lte - nr).min() > 0.3
    assert (lte - nr).max() < 0.8


def test_a_block_too_big_for_its_symbols_never_fits():
    table = adaptation_table("mine", [2, 4], [100.0], [[250.0, 300.0]])
    assert np.isinf(table.threshold_db[0, 0])
    assert table.choose([50.0]) == 1
    assert choose_kernel(np.full(5, 2.0), np.array([np.inf, np.inf]), np.array([2, 4])) == -1


def test_outer_loop_rests_at_its_target():
    loop, rng = OuterLoop(target_error=0.1, step_db=0.5), np.random.default_rng(6)
    offset, lost, steps = 5.0, 0, 60_000
    for _ in range(steps):
        failed = rng.random() < 1.0 / (1.0 + np.exp(-(offset + 2.0) / 0.7))
        offset, lost = loop.after(offset, not failed), lost + failed
    assert lost / steps == pytest.approx(0.1, abs=0.003)


def test_outer_loop_stays_within_its_limits():
    loop, offset = OuterLoop(least_db=-2.0, most_db=1.0), 0.0
    for _ in range(100):
        offset = loop.after(offset, False)
    assert offset == -2.0
    for _ in range(200):
        offset = loop.after(offset, True)
    assert offset == 1.0


def test_bad_input_says_what_is_allowed():
    with pytest.raises(InputError, match="between 0 and 1"):
        cqi_adaptation(target_error=1.5)
    with pytest.raises(InputError, match="at least one"):
        cqi_adaptation(elements=0.0)
    with pytest.raises(SpectrumError, match="no CQI table"):
        cqi_adaptation("nr-65qam")
    with pytest.raises(SpectrumError, match="1 to 4"):
        mcs_adaptation("nr-64qam", 10, layers=5)
    with pytest.raises(SpectrumError, match="1 to 2"):
        mcs_adaptation("lte-64qam", 10, layers=3)
    with pytest.raises(InputError, match="sizes 0 to 0"):
        cqi_adaptation().choose([3.0], size=1)
    with pytest.raises(InputError, match="3 faults"):
        OuterLoop(target_error=0.0, step_db=0.0, least_db=3.0)
    with pytest.raises(SpectrumError, match="3 bits"):
        snr_from_information(1.0, 3)
