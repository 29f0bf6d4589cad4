"""Block error rate of NR (LDPC) and LTE (turbo) codes in closed form.

The normal approximation for finite block length on the BICM channel, moved by a fixed gap between
a practical decoder and the bound; no table of simulated curves. Blocks are cut as in TS 38.212
clauses 5.2.2, 6.2.2 and TS 36.212 clause 5.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from cellwright.simulation.link.bicm import dispersion, mutual_information

Floats = NDArray[np.float64]
Code = Literal["ldpc", "turbo"]
#: Distance [dB] of a practical decoder from the normal approximation. LDPC: fitted to simulated
#: AWGN points of the NR code (20 iterations), which it meets within 0.25 dB. Turbo: assumption,
#: LDPC's gap and 0.5 dB more.
GAP_DB = {"ldpc": 0.9, "turbo": 1.4}
#: Short blocks at a high rate lose more [dB]: this much at 100 bits and rate 3/4.
SHORT_BLOCK_DB = 0.6
_CRC_BITS = 24
_TURBO_BITS = 6144


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
    """Distance of the decoder from the bound [dB] for blocks of a size and rate."""
    short = np.clip((500.0 - np.asarray(info_bits, np.float64)) / 400.0, 0.0, 1.0)
    high = np.clip((np.asarray(code_rate, np.float64) - 0.33) / 0.42, 0.0, 1.0)
    return np.asarray(GAP_DB[code] + SHORT_BLOCK_DB * short * high)


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
    n, k = np.asarray(symbols, np.float64), np.asarray(info_bits, np.float64)
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
