"""Hybrid ARQ: error of a block after each transmission, combined by energy or by redundancy.

Chase combining adds the SINRs of equal copies. Incremental redundancy adds the information of new
coded bits until the circular buffer of TS 38.212 clause 5.4.2 (TS 36.212 clause 5.1.4.1) is used
up, and energy after that.

D. Chase, Code combining, IEEE Trans. Commun. 33(5), 1985; G. Caire, D. Tuninetti, The throughput
of hybrid-ARQ protocols for the Gaussian collision channel, IEEE Trans. Inf. Theory 47(5), 2001.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError
from cellwright.simulation.link.bicm import (
    information_tables,
    mutual_information,
    snr_from_information_kernel,
)
from cellwright.simulation.link.block_error import (
    Code,
    any_error_kernel,
    block_error_kernel,
    code_blocks_kernel,
    transport_error_kernel,
)

Floats = NDArray[np.float64]
Combining = Literal["chase", "redundancy"]


@njit(cache=True, nogil=True, error_model="numpy")
def chase_error_kernel(
    energy: float,
    modulation_order: int,
    symbols: float,
    transport_bits: float,
    turbo: bool,
    tables: Floats,
) -> float:
    """Error of a transport block whose equal copies have this sum of SINRs [power ratio]."""
    snr_db = 10.0 * math.log10(max(energy, 1e-3))
    return transport_error_kernel(snr_db, modulation_order, symbols, transport_bits, turbo, tables)


@njit(cache=True, nogil=True, error_model="numpy")
def redundancy_error_kernel(
    information: float,
    symbols: float,
    first_symbols: float,
    modulation_order: int,
    transport_bits: float,
    turbo: bool,
    tables: Floats,
) -> float:
    """Error of a transport block after transmissions with incremental redundancy.

    Parameters
    ----------
    information : float
        Symbols times mean information of a symbol, summed over transmissions [bit].
    symbols : float
        Symbols sent in all transmissions.
    first_symbols : float
        Symbols of the first transmission: they fix the code rate, and so the base graph.
    modulation_order, transport_bits, turbo, tables
        As in :func:`~cellwright.simulation.link.block_error.transport_error_kernel`.
    """
    rate = transport_bits / max(first_symbols * modulation_order, 1.0)
    count, bits = code_blocks_kernel(transport_bits, rate, turbo)
    mother = 3.0 * bits if turbo or _first_graph(transport_bits, rate) else 5.0 * bits
    distinct = max(min(symbols, count * mother / modulation_order), first_symbols)
    mean = information / max(symbols, 1.0)
    snr_db = snr_from_information_kernel(mean, modulation_order, tables)
    snr_db += 10.0 * math.log10(max(symbols, 1.0) / max(distinct, 1.0))
    each = block_error_kernel(snr_db, modulation_order, distinct / count, bits, turbo, tables)
    return any_error_kernel(each, count)


@njit(cache=True, nogil=True, error_model="numpy")
def _first_graph(transport_bits: float, rate: float) -> bool:
    """Whether LDPC base graph 1 is used, TS 38.212 clause 6.2.2."""
    if transport_bits <= 292.0 or rate <= 0.25:
        return False
    return not (transport_bits <= 3824.0 and rate <= 0.67)


@njit(cache=True, nogil=True, error_model="numpy")
def retransmission_error_kernel(error: float, before: float) -> float:
    """Chance that a block fails again, given that it failed so far.

    ``error`` and ``before`` are the error rates with and without the last transmission. What
    decodes with less decodes with more, so failures are nested and their ratio is the chance.
    """
    return min(error / before, 1.0) if before > 0.0 else 0.0


def harq_error(
    sinr_db: ArrayLike,
    modulation_order: int,
    symbols: ArrayLike,
    transport_bits: float,
    code: Code = "ldpc",
    combining: Combining = "redundancy",
) -> Floats:
    """Error rate of a transport block after each of its transmissions.

    Parameters
    ----------
    sinr_db : array [transmission]
        Effective SINR of each transmission [dB].
    modulation_order : int
        Bits per symbol, the same each time.
    symbols : float or array [transmission]
        Symbols of each transmission.
    transport_bits : float
        Transport block size [bit].
    code : {"ldpc", "turbo"}
        Channel code.
    combining : {"chase", "redundancy"}
        Equal copies, or new coded bits each time.

    Returns
    -------
    float64 [transmission]
        Probability that the block has not been decoded yet; never rises.

    Raises
    ------
    InputError
        Chase combining of unequal copies; an unknown way of combining.

    Examples
    --------
    >>> harq_error([5.0, -1.0], 4, 600.0, 1200.0, combining="chase").round(1).tolist()
    [1.0, 0.9]
    """
    sinr = np.atleast_1d(np.asarray(sinr_db, np.float64))
    count = np.broadcast_to(np.asarray(symbols, np.float64), sinr.shape)
    if combining not in ("chase", "redundancy"):
        raise InputError(f'combining is "{combining}"; allowed: "chase", "redundancy".')
    if combining == "chase" and not np.all(count == count[0]):
        raise InputError(
            "Chase combining adds copies of one size; give one number of symbols, or use "
            'combining="redundancy".'
        )
    turbo, tables = code == "turbo", information_tables()
    energy = np.cumsum(10.0 ** (sinr / 10.0))
    carried = np.cumsum(count * mutual_information(sinr, modulation_order))
    total = np.cumsum(count)
    out = np.empty(sinr.size)
    for i in range(sinr.size):
        if combining == "chase" or i == 0:
            out[i] = chase_error_kernel(
                energy[i], modulation_order, count[0], transport_bits, turbo, tables
            )
        else:
            out[i] = redundancy_error_kernel(
                carried[i], total[i], count[0], modulation_order, transport_bits, turbo, tables
            )
    return np.asarray(np.minimum.accumulate(out))


def conditional_error(error: ArrayLike) -> Floats:
    """Chance that each transmission fails, given that those before it failed.

    Parameters
    ----------
    error : array [transmission]
        What :func:`harq_error` returns.

    Examples
    --------
    >>> conditional_error([0.1, 0.001]).round(4).tolist()
    [0.1, 0.01]
    """
    after = np.asarray(error, np.float64)
    before = np.concatenate([[1.0], after[:-1]])
    return np.asarray(np.divide(after, before, out=np.zeros_like(after), where=before > 0.0))
