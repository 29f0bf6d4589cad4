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
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from cellwright.errors import SpectrumError

Floats = NDArray[np.float64]
ORDERS = (2, 4, 6, 8, 10)
#: Grid of the tables [dB]: first point, step, number of points.
FIRST_DB, STEP_DB, POINTS = -30.0, 0.25, 341
_GRID_DB = FIRST_DB + STEP_DB * np.arange(POINTS)
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


@cache
def information_tables() -> Floats:
    """Information and dispersion of every modulation, as the kernels take them.

    Returns
    -------
    float64 [order, point, 4]
        Row ``order // 2 - 1`` belongs to a modulation of ``order`` bits; columns: information
        [bit], its slope [bit per grid step], dispersion [bit^2], its slope. Between points both
        are cubics that keep the rise of the information (Fritsch and Carlson), so that gradients
        are continuous.
    """
    tables = np.empty((len(ORDERS), POINTS, 4))
    for row, order in enumerate(ORDERS):
        information, dispersion = _table(order)
        tables[row, :, :2] = with_slopes(np.maximum.accumulate(information))
        tables[row, :, 2:] = with_slopes(dispersion)
    tables.setflags(write=False)
    return tables


def with_slopes(values: Floats) -> Floats:
    """Values on the grid beside their slopes [point, 2], as :func:`table_kernel` takes them."""
    place = np.arange(POINTS)
    return np.column_stack([values, PchipInterpolator(place, values).derivative()(place)])


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def table_kernel(snr_db: float, row: int, column: int, tables: Floats) -> float:
    """Information (column 0) or dispersion (column 2) of a modulation at a SNR [dB]."""
    place = (snr_db - FIRST_DB) * (1.0 / STEP_DB)
    if not place > 0.0:
        return float(tables[row, 0, column])
    if place >= POINTS - 1.0:
        return float(tables[row, POINTS - 1, column])
    low = int(place)
    t = place - low
    left, right = tables[row, low, column], tables[row, low + 1, column]
    bend, rise = tables[row, low, column + 1], tables[row, low + 1, column + 1]
    gap = right - left
    return float(
        left + t * (bend + t * ((3.0 * gap - 2.0 * bend - rise) + t * (bend + rise - 2.0 * gap)))
    )


@njit(cache=True, nogil=True, error_model="numpy")
def information_kernel(snr_db: float, modulation_order: int, tables: Floats) -> float:
    """Bits a symbol carries: :func:`mutual_information` of one value, inside compiled loops."""
    return table_kernel(snr_db, modulation_order // 2 - 1, 0, tables)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def snr_from_information_kernel(information: float, modulation_order: int, tables: Floats) -> float:
    """SNR [dB] at which a symbol carries so many bits, within the grid; the lowest such SNR."""
    row = modulation_order // 2 - 1
    low, high = 0, POINTS - 1
    if not information > tables[row, 0, 0]:
        return FIRST_DB
    while high - low > 1:
        middle = (low + high) // 2
        if tables[row, middle, 0] < information:
            low = middle
        else:
            high = middle
    at, bend, rise = tables[row, low, 0], tables[row, low, 1], tables[row, high, 1]
    gap = tables[row, high, 0] - at
    square, cube = 3.0 * gap - 2.0 * bend - rise, bend + rise - 2.0 * gap
    left, right = 0.0, 1.0
    t = (information - at) / gap if gap > 0.0 else 0.5
    for _ in range(40):
        miss = at + t * (bend + t * (square + t * cube)) - information
        if miss > 0.0:
            right = t
        else:
            left = t
        slope = bend + t * (2.0 * square + 3.0 * cube * t)
        step = t - miss / slope if slope > 0.0 else -1.0
        new = step if left < step < right else 0.5 * (left + right)
        moved, t = abs(new - t), new
        # Newton's error is squared by each step: what is left is far below rounding of the table
        if moved < 1e-6:
            break
    return FIRST_DB + STEP_DB * (low + t)


@njit(cache=True, nogil=True, error_model="numpy")
def _many(snr_db: Floats, row: int, column: int, tables: Floats, out: Floats) -> None:
    for i in range(snr_db.size):
        out[i] = table_kernel(snr_db[i], row, column, tables)


@njit(cache=True, nogil=True, error_model="numpy")
def _many_back(information: Floats, order: int, tables: Floats, out: Floats) -> None:
    for i in range(information.size):
        out[i] = snr_from_information_kernel(information[i], order, tables)


def _row(modulation_order: int) -> int:
    if modulation_order not in ORDERS:
        raise SpectrumError(f"No modulation carries {modulation_order} bits; allowed: {ORDERS}.")
    return int(modulation_order) // 2 - 1


def _look_up(snr_db: ArrayLike, modulation_order: int, column: int) -> Floats:
    row = _row(modulation_order)
    given = np.asarray(snr_db, np.float64)
    out = np.empty(given.size)
    _many(np.ascontiguousarray(given).reshape(-1), row, column, information_tables(), out)
    return out.reshape(given.shape)


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
    return _look_up(snr_db, modulation_order, 0)


def dispersion(snr_db: ArrayLike, modulation_order: int) -> Floats:
    """Variance of the information a symbol carries [bit^2]; arguments as above."""
    return _look_up(snr_db, modulation_order, 2)


def snr_from_information(information: ArrayLike, modulation_order: int) -> Floats:
    """SNR [dB] at which a symbol carries so many bits: the inverse of the information.

    Parameters
    ----------
    information : float or array
        Bits a symbol carries; what lies outside the table gives its ends, -30 and 55 dB at most.
    modulation_order : int
        Bits per symbol.

    Examples
    --------
    >>> float(snr_from_information(mutual_information(7.3, 4), 4).round(6))
    7.3
    """
    _row(modulation_order)
    given = np.asarray(information, np.float64)
    out = np.empty(given.size)
    flat = np.ascontiguousarray(given).reshape(-1)
    _many_back(flat, int(modulation_order), information_tables(), out)
    return out.reshape(given.shape)
