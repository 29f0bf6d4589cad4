"""MCS, CQI and transport block sizes: every reference vector, and laws they must obey."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright import radio
from cellwright.errors import SpectrumError

ORDERS = {"QPSK": 2, "QAM16": 4, "QAM64": 6, "QAM256": 8}
#: The one value in which the reference file differs from the standard: it follows a simulator that
#: smoothed I_TBS 6 with one block to 88 bits; TS 36.213 has 328 there (a size for voice).
SMOOTHED = {(6, 1): (88, 328)}


def test_nr_sizes_equal_every_reference_vector(reference_data):
    with (reference_data / "system" / "nr_tbs_vectors_38214.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 128
    column = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    sizes = radio.nr_transport_block_size(
        column["n_prb"].astype(int),
        np.array([ORDERS[name] for name in column["modulation"]]),
        column["target_rate_x1024"].astype(float) / 1024,
        column["layers"].astype(int),
        column["n_sh_symb"].astype(int),
        column["n_dmrs_prb"].astype(int),
        column["n_oh"].astype(int),
        column["tb_scaling"].astype(float),
    )
    np.testing.assert_array_equal(sizes, column["tbs_bits"].astype(int))


def test_lte_sizes_equal_every_reference_value(reference_data):
    with (reference_data / "system" / "lte_tbs_36213_7.1.7.2.1-1.csv").open() as file:
        rows = list(csv.DictReader(file))
    differ = {}
    for row in rows:
        blocks = int(row["n_prb"])
        ours = radio.lte_transport_block_size(np.arange(27), blocks)
        theirs = np.array([int(row[f"I_TBS_{index}"]) for index in range(27)])
        for index in np.flatnonzero(ours != theirs):
            differ[int(index), blocks] = (int(theirs[index]), int(ours[index]))
    assert differ == SMOOTHED


def _one_size(blocks, order, rate, layers):
    """TS 38.214 clause 5.1.3.2 step by step in exact integers, an independent check."""
    from fractions import Fraction
    from math import ceil, floor

    sizes = [int(row["tbs_bits"]) for row in radio.tables.read_table("nr_tbs_small.csv")]
    info = Fraction(rate) * min(156, 12 * 14 - 12) * blocks * order * layers

    def log2(value):
        return floor(value).bit_length() - 1

    if info <= 3824:
        n = max(3, log2(info) - 6)
        wanted = max(24, 2**n * floor(info / 2**n))
        return next(size for size in sizes if size >= wanted)
    n = log2(info - 24) - 5
    wanted = max(3840, 2**n * floor((info - 24) / 2**n + Fraction(1, 2)))
    if Fraction(rate) <= Fraction(1, 4):
        parts = ceil(Fraction(wanted + 24, 3816))
    else:
        parts = ceil(Fraction(wanted + 24, 8424)) if wanted > 8424 else 1
    return 8 * parts * ceil(Fraction(wanted + 24, 8 * parts)) - 24


@given(
    st.integers(1, 275),
    st.sampled_from(radio.MCS_TABLES[:5]),
    st.integers(0, 27),
    st.integers(1, 4),
)
def test_nr_sizes_equal_the_steps_in_exact_arithmetic(blocks, name, index, layers):
    table = radio.mcs_table(name)
    order, rate = int(table.modulation_order[index]), float(table.code_rate[index])
    size = int(radio.nr_transport_block_size(blocks, order, rate, layers))
    assert size == _one_size(blocks, order, rate, layers)


def test_nr_sizes_are_whole_bytes_and_grow():
    table = radio.mcs_table("nr-256qam")
    blocks = np.arange(1, 274)[:, None]
    sizes = radio.nr_transport_block_size(blocks, table.modulation_order, table.code_rate, 4)
    assert sizes.shape == (273, 28)
    assert not (sizes % 8).any()
    assert (np.diff(sizes, axis=0) >= 0).all()
    assert (np.diff(sizes, axis=1) >= 0).all()
    # one symbol of PDCCH and one of DM-RS leave 12 of 14, as much as the formula's 0.86
    most = radio.nr_transport_block_size(273, 8, 948 / 1024, 4, symbols=13)
    assert int(most) * 2000 / 1e6 == pytest.approx(radio.peak_rate_mbps(273, 30, 4, 8), rel=0.02)


def test_no_elements_no_bits():
    assert int(radio.nr_transport_block_size(0, 2, 0.1)) == 0
    assert int(radio.nr_transport_block_size(5, 2, 0.1, symbols=1, dmrs_re_per_prb=12)) == 0


def test_lte_anchors():
    assert int(radio.lte_transport_block_size(26, 100)) == 75376
    assert int(radio.lte_subframe_bits(26, 100, 2)) == 150752
    # most bits a subframe of user equipment categories, TS 36.306 Table 4.1A-1
    assert int(radio.lte_subframe_bits(26, 100, 4)) == 299552
    assert int(radio.lte_subframe_bits(33, 100, 2)) == 195816 - 24
    assert int(radio.lte_subframe_bits(33, 100, 4)) == 391632


def test_lte_rows_grow():
    sizes = radio.lte_transport_block_size(np.arange(34)[:, None], np.arange(1, 111))
    assert (np.diff(sizes[:, 1:], axis=1) >= 0).all()
    order = [*range(27)]
    assert (np.diff(sizes[order, 1:], axis=0) >= 0).all()
    assert (np.diff(sizes[27:], axis=0) >= 0).all()
    assert not (sizes % 8).any()


def test_lte_two_layers_carry_about_twice():
    index, blocks = np.arange(34)[:, None], np.arange(1, 111)
    one = radio.lte_transport_block_size(index, blocks)
    two = radio.lte_transport_block_size(index, blocks, 2)
    ratio = two[:, 55:] / one[:, 55:]
    assert 1.9 < ratio.min() < ratio.max() < 2.05
    assert (np.diff(two, axis=1) >= 0).all()
    # up to 55 blocks the standard reads the one-layer table at twice the blocks
    np.testing.assert_array_equal(two[:, :55], one[:, 1::2])


@pytest.mark.parametrize(
    "call",
    [
        lambda: radio.lte_transport_block_size(34, 100),
        lambda: radio.lte_transport_block_size(3, 111),
        lambda: radio.lte_transport_block_size(3, 0),
        lambda: radio.lte_transport_block_size(3, 10, 3),
        lambda: radio.lte_subframe_bits(3, 10, 5),
        lambda: radio.mcs_table("nr-1024qam"),
        lambda: radio.cqi_table("nr-64"),
    ],
)
def test_outside_the_tables_is_refused(call):
    with pytest.raises(SpectrumError, match=r"allowed|Did you mean|Allowed"):
        call()


@pytest.mark.parametrize(
    ("name", "rows", "index", "order", "rate"),
    [  # single rows as printed in TS 38.214
        ("nr-64qam", 29, 17, 6, 438),
        ("nr-64qam", 29, 28, 6, 948),
        ("nr-256qam", 28, 20, 8, 682.5),
        ("nr-256qam", 28, 26, 8, 916.5),
        ("nr-64qam-low-se", 29, 0, 2, 30),
        ("nr-64qam-low-se", 29, 28, 6, 772),
        ("nr-transform-64qam", 28, 27, 6, 948),
        ("nr-transform-64qam-low-se", 28, 23, 4, 772),
    ],
)
def test_mcs_rows(name, rows, index, order, rate):
    table = radio.mcs_table(name)
    assert len(table) == rows
    assert table.modulation_order[index] == order
    assert table.code_rate[index] * 1024 == rate
    assert (np.diff(table.modulation_order) >= 0).all()


@pytest.mark.parametrize("name", radio.MCS_TABLES[:3])
def test_efficiency_grows_with_the_index(name):
    # 64QAM rows 16 and 17 are the standard's own tie (2.5703 and 2.5664)
    assert (np.diff(radio.mcs_table(name).spectral_efficiency) > -0.005).all()


@pytest.mark.parametrize("name", radio.CQI_TABLES)
def test_cqi_efficiency_grows(name):
    table = radio.cqi_table(name)
    assert len(table) == 16
    assert table.spectral_efficiency[0] == 0
    assert (np.diff(table.spectral_efficiency) > 0).all()


def test_cqi_efficiencies_as_printed():
    printed = [0.1523, 0.2344, 0.3770, 0.6016, 0.8770, 1.1758, 1.4766, 1.9141, 2.4063, 2.7305,
               3.3223, 3.9023, 4.5234, 5.1152, 5.5547]  # fmt: skip
    for name in ("nr-64qam", "lte-64qam"):
        np.testing.assert_allclose(
            radio.cqi_table(name).spectral_efficiency[1:], printed, atol=6e-5
        )


def test_lte_mcs_indices():
    table = radio.mcs_table("lte-64qam")
    assert len(table) == 29
    assert table.i_tbs[[9, 10, 16, 17, 28]].tolist() == [9, 9, 15, 15, 26]
    assert radio.mcs_table("lte-256qam").i_tbs[[0, 5, 20, 21, 27]].tolist() == [0, 10, 25, 27, 33]
    assert radio.mcs_table("lte-uplink").i_tbs[[10, 11, 20, 21, 28]].tolist() == [
        10,
        10,
        19,
        19,
        26,
    ]
