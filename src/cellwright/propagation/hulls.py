"""Upper convex hulls of a growing profile, and the three questions a path asks of them.

A ray leaves the antenna and meets one sample after the other; what lies below the hull of those
met so far can never be a horizon, an obstruction or a sharpest edge seen from a receiver further
out, but for one case that :func:`sharpest_edge` treats exactly. Every question costs O(log n),
every sample O(1) on average.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: x and y [2, hull, point]: views of one hull would be counted by Numba at every call.
Hulls = NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def push(hulls: Hulls, h: int, size: int, x: float, y: float) -> int:
    """Add a point to the right of an upper hull; return its new number of points.

    Examples
    --------
    >>> hulls, size = np.zeros((2, 1, 3)), 0
    >>> for x, y in ((1.0, 5.0), (2.0, 3.0), (3.0, 4.0)):
    ...     size = push(hulls, 0, size, x, y)
    >>> hulls[0, 0, :size].tolist()
    [1.0, 3.0]
    """
    while size >= 2:
        a, b = size - 2, size - 1
        if (hulls[1, h, b] - hulls[1, h, a]) * (x - hulls[0, h, b]) > (y - hulls[1, h, b]) * (
            hulls[0, h, b] - hulls[0, h, a]
        ):
            break
        size -= 1
    hulls[0, h, size], hulls[1, h, size] = x, y
    return size + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _before(hulls: Hulls, h: int, i: int, x: float, y: float) -> bool:
    """Tell whether point i - 1 stands steeper before a receiver at (x, y) than point i."""
    rise, run = hulls[1, h, i] - hulls[1, h, i - 1], hulls[0, h, i] - hulls[0, h, i - 1]
    return bool(rise * (x - hulls[0, h, i - 1]) < (y - hulls[1, h, i - 1]) * run)


@njit(cache=True, nogil=True, error_model="numpy")
def horizon(hulls: Hulls, h: int, size: int, x: float, y: float) -> int:
    """Return the point a receiver to the right of the hull sees steepest.

    It is mostly among the last ones, so the search widens from there.

    Examples
    --------
    >>> horizon(np.array([[[1.0, 2.0, 3.0]], [[0.0, 9.0, 2.0]]]), 0, 3, 4.0, 0.0)
    1
    """
    high = size - 1
    if high < 1 or not _before(hulls, h, high, x, y):
        return high
    stride, low = 1, high - 1
    while low > 0 and _before(hulls, h, low, x, y):
        high = low
        stride *= 2
        low = max(low - stride, 0)
    while high - low > 1:
        middle = (low + high) // 2
        if _before(hulls, h, middle, x, y):
            high = middle
        else:
            low = middle
    return low


@njit(cache=True, nogil=True, error_model="numpy")
def support(hulls: Hulls, h: int, size: int, slope: float) -> int:
    """Return the point highest above a line of this slope.

    Examples
    --------
    >>> support(np.array([[[1.0, 2.0, 3.0]], [[0.0, 9.0, 2.0]]]), 0, 3, 0.0)
    1
    """
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        if hulls[1, h, middle + 1] - hulls[1, h, middle] > slope * (
            hulls[0, h, middle + 1] - hulls[0, h, middle]
        ):
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True, error_model="numpy")
def _bluntness(clearance: float, x: float, total: float) -> float:
    """Square of the clearance over x (total - x): the less, the sharper the edge."""
    return clearance * clearance / (x * (total - x))


@njit(cache=True, nogil=True, error_model="numpy")
def _sharpens(hulls: Hulls, h: int, i: int, offset: float, slope: float, total: float) -> bool:
    """Tell whether the edge at point i + 1 of a hull is no blunter than at point i."""
    x, z = hulls[0, h, i], hulls[0, h, i + 1]
    here = offset + slope * x - hulls[1, h, i]
    there = offset + slope * z - hulls[1, h, i + 1]
    return bool(there * there * (x * (total - x)) <= here * here * (z * (total - z)))


@njit(cache=True, nogil=True, error_model="numpy")
def _between(
    rows: NDArray[np.float64],
    row: int,
    step: float,
    a: int,
    b: int,
    offset: float,
    slope: float,
    line: float,
    rise: float,
    total: float,
    best: float,
    where: int,
) -> tuple[float, int]:
    """Look for a sharper edge among samples strictly between two points of the hull.

    The hull is there ``line + rise x``, the ray ``offset + slope x``: clearance under the hull is
    linear, so its bluntness has one minimum, and samples, lying below, can only be sharper where
    the hull is sharper than the best so far.
    """
    alpha, beta = offset - line, slope - rise
    if alpha <= 0.0:
        middle = a
    elif alpha + beta * total <= 0.0:
        middle = b
    else:
        middle = int(alpha * total / (beta * total + 2.0 * alpha) / step)
    for k in range(min(middle, b - 1), a, -1):
        x = k * step
        if _bluntness(alpha + beta * x, x, total) > best:
            break
        value = _bluntness(offset + slope * x - rows[row, k], x, total)
        if value < best:
            best, where = value, k
    for k in range(max(middle, a) + 1, b):
        x = k * step
        if _bluntness(alpha + beta * x, x, total) > best:
            break
        value = _bluntness(offset + slope * x - rows[row, k], x, total)
        if value < best:
            best, where = value, k
    return best, where


@njit(cache=True, nogil=True, error_model="numpy")
def sharpest_edge(
    hulls: Hulls,
    h: int,
    size: int,
    rows: NDArray[np.float64],
    row: int,
    step: float,
    offset: float,
    slope: float,
    total: float,
) -> tuple[float, int]:
    """Sharpest edge below a ray that clears every sample: its parameter and its sample.

    Parameters
    ----------
    hulls, h, size : ndarray [2, hull, point], int, int
        Hull of the samples, whose x are multiples of ``step``.
    rows, row : ndarray [row, sample], int
        All samples, by x / step.
    step : float
        Distance between samples.
    offset, slope : float
        The ray: ``offset + slope x``, above every sample.
    total : float
        Distance of the receiver.

    Returns
    -------
    float, int
        clearance / sqrt(x (total - x)), negative; the sample.

    Notes
    -----
    The clearance is convex and positive along the hull, sqrt(x (total - x)) concave: the edge
    sharpens up to one place and blunts after it. Samples below the hull can win only beside it.

    Examples
    --------
    >>> hulls = np.array([[[1.0, 2.0, 3.0]], [[0.0, 0.0, 0.0]]])
    >>> parameter, where = sharpest_edge(hulls, 0, 3, np.zeros((1, 5)), 0, 1.0, 10.0, -2.0, 4.0)
    >>> round(parameter, 3), where
    (-2.309, 3)
    """
    high = size - 1
    stride, low = 1, max(high - 1, 0)
    while low > 0 and not _sharpens(hulls, h, low, offset, slope, total):
        high = low
        stride *= 2
        low = max(low - stride, 0)
    while low < high:
        middle = (low + high) // 2
        if _sharpens(hulls, h, middle, offset, slope, total):
            low = middle + 1
        else:
            high = middle
    best = _bluntness(offset + slope * hulls[0, h, low] - hulls[1, h, low], hulls[0, h, low], total)
    where = int(hulls[0, h, low] / step + 0.5)
    for left in (low - 1, low):
        if left < 0 or left + 1 >= size:
            continue
        a, b = int(hulls[0, h, left] / step + 0.5), int(hulls[0, h, left + 1] / step + 0.5)
        if b - a < 2:
            continue
        rise = (hulls[1, h, left + 1] - hulls[1, h, left]) / (
            hulls[0, h, left + 1] - hulls[0, h, left]
        )
        line = hulls[1, h, left] - rise * hulls[0, h, left]
        best, where = _between(
            rows, row, step, a, b, offset, slope, line, rise, total, best, where
        )  # fmt: skip
    return -math.sqrt(best), where
