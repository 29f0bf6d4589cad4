"""Mutual information and dispersion of bit-interleaved coded modulation over Gaussian noise.

Gray-mapped square QAM of TS 38.211 clause 5.1 splits into two equal pulse-amplitude channels, so
one real integral per modulation, done by Gauss-Hermite quadrature, gives both.

G. Caire, G. Taricco, E. Biglieri, Bit-interleaved coded modulation, IEEE Trans. Inf. Theory 44(3),
1998; Y. Polyanskiy, H. V. Poor, S. Verdu, Channel coding rate in the finite blocklength regime,
IEEE Trans. Inf. Theory 56(5), 2010.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import SpectrumError

Floats = NDArray[np.float64]
ORDERS = (2, 4, 6, 8, 10)
_GRID_DB = np.arange(-30.0, 55.01, 0.25)
_NODES = 48


def _levels(bits: int) -> tuple[Floats, NDArray[np.int64]]:
    """Amplitudes of one real dimension (power 1/2) and the Gray label of each."""
    count = 2**bits
    amplitude = np.arange(1 - count, count, 2, dtype=np.float64)
    amplitude /= np.sqrt(2.0 * np.mean(amplitude**2))
    index = np.arange(count)
    return amplitude, index ^ (index >> 1)


def _density(snr: float, amplitude: Floats, same: Floats, nodes: Floats) -> Floats:
    """Bits learnt about one amplitude [amplitude, node], summed over its label's bits."""
    variance = 1.0 / (2.0 * snr)
    seen = amplitude[:, None] + np.sqrt(2.0 * variance) * nodes
    exponent = -((seen[:, :, None] - amplitude) ** 2) / (2.0 * variance)
    likely = np.exp(exponent - exponent.max(axis=2, keepdims=True))
    share = np.einsum("anb,kab->kan", likely, same) / likely.sum(axis=2)
    return np.asarray(np.log2(np.maximum(2.0 * share, 1e-300)).sum(axis=0))


@cache
def _table(order: int) -> tuple[Floats, Floats]:
    """Return information [bit] and dispersion [bit^2] of a symbol on the grid."""
    if order not in ORDERS:
        raise SpectrumError(f"No modulation carries {order} bits; allowed: {ORDERS}.")
    amplitude, label = _levels(order // 2)
    bits = (label[:, None] >> np.arange(order // 2)) & 1
    same = (bits[:, None, :] == bits[None, :, :]).transpose(2, 0, 1).astype(np.float64)
    nodes, weight = np.polynomial.hermite.hermgauss(_NODES)
    weight = weight / np.sqrt(np.pi) / amplitude.size
    information, dispersion = np.empty(_GRID_DB.size), np.empty(_GRID_DB.size)
    for i, snr in enumerate(10.0 ** (_GRID_DB / 10.0)):
        density = _density(float(snr), amplitude, same, nodes)
        mean = float((density * weight).sum())
        information[i] = 2.0 * mean
        dispersion[i] = 2.0 * max(float((density**2 * weight).sum()) - mean**2, 0.0)
    return information, dispersion


def mutual_information(snr_db: ArrayLike, modulation_order: int) -> Floats:
    """Bits a symbol can carry through bit-interleaved coding, 0 to the modulation order.

    Parameters
    ----------
    snr_db : float or array
        Signal to noise ratio of a symbol, Es/N0 [dB].
    modulation_order : int
        Bits per symbol: 2, 4, 6, 8, 10.

    Raises
    ------
    SpectrumError
        Another modulation order.

    Examples
    --------
    >>> round(float(mutual_information(0.0, 2)), 3), round(float(mutual_information(50.0, 8)), 3)
    (0.972, 8.0)
    """
    return np.interp(np.asarray(snr_db, np.float64), _GRID_DB, _table(modulation_order)[0])


def dispersion(snr_db: ArrayLike, modulation_order: int) -> Floats:
    """Variance of the information a symbol carries [bit^2]; arguments as above."""
    return np.interp(np.asarray(snr_db, np.float64), _GRID_DB, _table(modulation_order)[1])
