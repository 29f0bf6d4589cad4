from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation.link import (
    conditional_error,
    harq_error,
    information_tables,
    mutual_information,
    transport_block_error,
)
from cellwright.simulation.link.harq import redundancy_error_kernel, retransmission_error_kernel

TABLES = information_tables()


def crossing(error_of, low, high, target=0.1):
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if error_of(middle) > target else (low, middle)
    return high


def test_two_equal_copies_gain_three_decibels():
    alone = crossing(lambda s: harq_error([s], 4, 600.0, 1500.0)[0], -10.0, 30.0)
    twice = crossing(
        lambda s: harq_error([s, s], 4, 600.0, 1500.0, combining="chase")[1], -10.0, 30.0
    )
    assert alone - twice == pytest.approx(10.0 * np.log10(2.0), abs=1e-6)


@pytest.mark.parametrize(("order", "rate"), [(2, 0.4), (4, 0.6), (6, 0.8), (8, 0.9)])
@pytest.mark.parametrize("code", ["ldpc", "turbo"])
def test_new_redundancy_gains_more_than_copies_the_more_so_at_a_high_rate(order, rate, code):
    bits = 900.0 * order * rate

    def need(combining):
        return crossing(
            lambda s: harq_error([s, s], order, 900.0, bits, code, combining)[1], -15.0, 40.0
        )

    gain = need("chase") - need("redundancy")
    assert gain > (2.0 if rate >= 0.8 else 0.2)


def test_first_transmission_is_the_block_error_itself():
    error = harq_error([6.2], 4, 600.0, 1200.0)
    assert error[0] == pytest.approx(float(transport_block_error(6.2, 4, 600.0, 1200.0)), abs=1e-9)


def test_redundancy_is_the_block_error_of_the_longer_code_until_the_buffer_ends():
    # rate 0.8 twice is rate 0.4: still above the mother rate 1/3
    error = harq_error([5.0, 5.0], 4, 5000.0, 16_000.0)[1]
    information = 2 * 5000.0 * float(mutual_information(5.0, 4))
    longer = redundancy_error_kernel(information, 10_000.0, 5000.0, 4, 16_000.0, False, TABLES)
    assert error == pytest.approx(longer)
    count = 2
    from cellwright.simulation.link import code_block_error, code_blocks

    cut = code_blocks(16_000.0, 0.8)
    assert int(cut.count) == count
    each = code_block_error(5.0, 4, 10_000.0 / count, float(cut.bits))
    assert error == pytest.approx(float(1.0 - (1.0 - each) ** count), abs=1e-6)


def test_past_the_buffer_only_energy_is_added():
    # rate 1/3 already: a second transmission repeats the bits of the turbo buffer
    size, symbols = 1176.0, 1800.0
    redundancy = crossing(lambda s: harq_error([s, s], 2, symbols, size, "turbo")[1], -15.0, 10.0)
    copies = crossing(
        lambda s: harq_error([s, s], 2, symbols, size, "turbo", "chase")[1], -15.0, 10.0
    )
    assert redundancy == pytest.approx(copies, abs=0.05)


def test_errors_never_rise_and_their_chain_is_the_conditional_error():
    error = harq_error([4.0, 0.0, -5.0, 3.0], 4, 600.0, 1500.0)
    assert (np.diff(error) <= 0.0).all()
    chain = conditional_error(error)
    assert np.cumprod(chain) == pytest.approx(error)
    assert ((chain >= 0.0) & (chain <= 1.0)).all()
    assert retransmission_error_kernel(0.02, 0.1) == pytest.approx(0.2)
    assert retransmission_error_kernel(0.0, 0.0) == 0.0


def test_unequal_copies_and_unknown_combining_are_refused():
    with pytest.raises(InputError, match="one size"):
        harq_error([1.0, 1.0], 2, [100.0, 200.0], 80.0, combining="chase")
    with pytest.raises(InputError, match="allowed"):
        harq_error([1.0], 2, 100.0, 80.0, combining="best")
