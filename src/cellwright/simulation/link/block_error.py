"""Block error rate of NR (LDPC) and LTE (turbo) codes in closed form.

The normal approximation for finite block length on the BICM channel, moved by a fixed gap between
a practical decoder and the bound; no table of simulated curves. Blocks are cut as in TS 38.212
clauses 5.2.2, 6.2.2 and TS 36.212 clause 5.1.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from cellwright.simulation.link.bicm import dispersion, mutual_information, table_kernel

Floats = NDArray[np.float64]
Code = Literal["ldpc", "turbo"]
#: Distance [dB] of a practical decoder from the normal approximation at a low rate. LDPC: fitted to
#: simulated AWGN points of the NR code (20 iterations, 100 to 8000 bits, rates 0.2 to 0.93). Turbo:
#: assumption, LDPC's gap and 0.5 dB more.
GAP_DB = {"ldpc": 0.98, "turbo": 1.48}
TURBO_OFFSET_DB = GAP_DB["turbo"] - GAP_DB["ldpc"]
#: A high rate is decoded closer to the bound: by this times its fourth power [dB].
HIGH_RATE_DB = 0.4
#: A code with few check bits loses more: this over their number, falling with a power of the size.
FEW_CHECKS_DB, _SHORT_POWER = 16.0, 0.4
_LEAST_CHECKS, _LEAST_BITS, _LEAST_RATE, _MOST_RATE = 6.0, 24.0, 0.02, 0.99
_CRC_BITS = 24
_TURBO_BITS = 6144
_LDPC_GAP_DB = GAP_DB["ldpc"]


@dataclass(frozen=True)
class Blocks:
    """How a transport block is cut: code blocks, and information bits in each with its CRC."""

    count: NDArray[np.int64]
    bits: Floats


def code_blocks(transport_bits: ArrayLike, code_rate: ArrayLike, code: Code = "ldpc") -> Blocks:
    """Cut transport blocks into code blocks.

    Parameters
    ----------
    transport_bits : int or array
        Transport block size [bit].
    code_rate : float or array
        Target code rate; chooses the LDPC base graph.
    code : {"ldpc", "turbo"}
        Channel code.

    Examples
    --------
    >>> cut = code_blocks([1000, 1_164_600], [0.5, 0.92])
    >>> cut.count.tolist(), cut.bits.round().tolist()
    ([1, 139], [1016.0, 8403.0])
    """
    size, rate = np.broadcast_arrays(np.asarray(transport_bits, np.float64), np.asarray(code_rate))
    if code == "turbo":
        most = np.full(size.shape, float(_TURBO_BITS))
        total = size + _CRC_BITS
    else:
        small = (size <= 292) | ((size <= 3824) & (rate <= 0.67)) | (rate <= 0.25)
        most = np.where(small, 3840.0, 8448.0)
        total = size + np.where(size > 3824, 24, 16)
    count = np.where(total > most, np.ceil(total / (most - _CRC_BITS)), 1.0)
    bits = total / count + np.where(count > 1, _CRC_BITS, 0)
    return Blocks(count.astype(np.int64), np.asarray(bits))


def gap_db(info_bits: ArrayLike, code_rate: ArrayLike, code: Code = "ldpc") -> Floats:
    """Distance of the decoder from the bound [dB] for blocks of a size and rate.

    Notes
    -----
    0.98 - 0.4 R^4 + 16 / m (100 / k)^0.4 with m = k (1 / R - 1) check bits: three numbers and a
    power, smooth within 6 check bits and a rate of 0.99.

    Examples
    --------
    >>> gap_db([8000, 2000, 104], [0.89, 0.3, 0.754]).round(2).tolist()
    [0.73, 0.98, 1.31]
    """
    bits = np.maximum(np.asarray(info_bits, np.float64), _LEAST_BITS)
    rate = np.clip(np.asarray(code_rate, np.float64), _LEAST_RATE, _MOST_RATE)
    checks = np.maximum(bits * (1.0 / rate - 1.0), _LEAST_CHECKS)
    few = FEW_CHECKS_DB / checks * (100.0 / bits) ** _SHORT_POWER
    return np.asarray(GAP_DB[code] - HIGH_RATE_DB * rate**4 + few)


@njit(cache=True, nogil=True, error_model="numpy")
def gap_kernel(info_bits: float, code_rate: float, turbo: bool) -> float:
    """:func:`gap_db` of one block, inside compiled loops."""
    bits = max(info_bits, _LEAST_BITS)
    rate = min(max(code_rate, _LEAST_RATE), _MOST_RATE)
    checks = max(bits * (1.0 / rate - 1.0), _LEAST_CHECKS)
    few = FEW_CHECKS_DB / checks * (100.0 / bits) ** _SHORT_POWER
    gap = _LDPC_GAP_DB - HIGH_RATE_DB * rate**4 + few
    return float(gap + (TURBO_OFFSET_DB if turbo else 0.0))


@njit(cache=True, nogil=True, error_model="numpy")
def block_error_kernel(
    snr_db: float,
    modulation_order: int,
    symbols: float,
    info_bits: float,
    turbo: bool,
    tables: Floats,
) -> float:
    """Error rate of one code block, inside compiled loops: :func:`code_block_error` of one value.

    ``tables`` is what :func:`~cellwright.simulation.link.bicm.information_tables` returns. Equal
    to the array form within 1e-9.
    """
    n = max(symbols, 1e-9)
    rate = info_bits / max(n * modulation_order, 1.0)
    effective = snr_db - gap_kernel(info_bits, rate, turbo)
    return normal_error_kernel(effective, modulation_order // 2 - 1, n, info_bits, tables)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def normal_error_kernel(
    effective_db: float, row: int, symbols: float, info_bits: float, tables: Floats
) -> float:
    """Normal approximation of :func:`code_block_error`, the decoder's gap taken off already.

    For loops that know the gap of every block size beforehand; ``row`` of the tables.
    """
    mean = symbols * table_kernel(effective_db, row, 0, tables) - info_bits
    variance = max(symbols * table_kernel(effective_db, row, 2, tables), 1e-12)
    x = (mean + 0.5 * math.log2(symbols)) / math.sqrt(2.0 * variance)
    # beyond this erfc is nought or two within 1e-12
    return 0.0 if x > 5.0 else 1.0 if x < -5.0 else 0.5 * math.erfc(x)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def any_error_kernel(each: float, count: float) -> float:
    """Error rate of a transport block of ``count`` code blocks that fail alike."""
    if count < 1.5 or each <= 0.0:
        return each
    return -math.expm1(count * math.log1p(-min(each, 1.0 - 1e-15)))


@njit(cache=True, nogil=True, error_model="numpy")
def code_blocks_kernel(transport_bits: float, code_rate: float, turbo: bool) -> tuple[float, float]:
    """Number of code blocks and bits in each: :func:`code_blocks` of one value."""
    if turbo:
        most, total = float(_TURBO_BITS), transport_bits + _CRC_BITS
    else:
        small = transport_bits <= 292.0 or code_rate <= 0.25
        small = small or (transport_bits <= 3824.0 and code_rate <= 0.67)
        most = 3840.0 if small else 8448.0
        total = transport_bits + (24.0 if transport_bits > 3824.0 else 16.0)
    if total <= most:
        return 1.0, total
    count = math.ceil(total / (most - _CRC_BITS))
    return float(count), total / count + _CRC_BITS


@njit(cache=True, nogil=True, error_model="numpy")
def transport_error_kernel(
    snr_db: float,
    modulation_order: int,
    symbols: float,
    transport_bits: float,
    turbo: bool,
    tables: Floats,
) -> float:
    """Error rate of a transport block: :func:`transport_block_error` of one value."""
    rate = transport_bits / max(symbols * modulation_order, 1.0)
    count, bits = code_blocks_kernel(transport_bits, rate, turbo)
    each = block_error_kernel(snr_db, modulation_order, symbols / count, bits, turbo, tables)
    return any_error_kernel(each, count)


def code_block_error(
    snr_db: ArrayLike,
    modulation_order: int,
    symbols: ArrayLike,
    info_bits: ArrayLike,
    code: Code = "ldpc",
) -> Floats:
    """Error rate of one code block.

    Parameters
    ----------
    snr_db : float or array
        Es/N0 [dB].
    modulation_order : int
        Bits per symbol.
    symbols : float or array
        Modulation symbols the block is sent in.
    info_bits : float or array
        Bits in it, CRC included.
    code : {"ldpc", "turbo"}
        Channel code.

    Returns
    -------
    array
        Probability, 0 to 1; all arguments broadcast.

    Notes
    -----
    P = Q((n C - k + lg(n) / 2) / sqrt(n V)) with information C and dispersion V of a symbol at the
    SNR less the decoder's gap, n symbols, k bits, lg to base 2.
    """
    n = np.maximum(np.asarray(symbols, np.float64), 1e-9)
    k = np.asarray(info_bits, np.float64)
    rate = k / np.maximum(n * modulation_order, 1.0)
    effective = np.asarray(snr_db, np.float64) - gap_db(k, rate, code)
    mean = n * mutual_information(effective, modulation_order) - k + 0.5 * np.log2(n)
    spread = np.sqrt(np.maximum(n * dispersion(effective, modulation_order), 1e-12))
    return np.asarray(ndtr(-mean / spread))


def transport_block_error(
    snr_db: ArrayLike,
    modulation_order: int,
    symbols: float,
    transport_bits: float,
    code: Code = "ldpc",
) -> Floats:
    """Error rate of a transport block: any of its code blocks fails.

    Examples
    --------
    >>> float(transport_block_error(18.5, 6, 600.0, 3824.0 * 0.8).round(3))
    0.0
    """
    rate = transport_bits / max(symbols * modulation_order, 1.0)
    cut = code_blocks(transport_bits, rate, code)
    count = float(cut.count)
    each = code_block_error(snr_db, modulation_order, symbols / count, float(cut.bits), code)
    return np.asarray(-np.expm1(count * np.log1p(-np.minimum(each, 1.0 - 1e-15))))
