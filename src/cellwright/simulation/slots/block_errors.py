"""Block errors in the kernel: effective SINR on mutual information, finite-length closed form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from cellwright.simulation.slots.tables import FIRST_DB, GRID, STEP_DB

_PER_DB = 1.0 / STEP_DB
_DB = 10.0 / math.log(10.0)


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def to_db(ratio: Any) -> Any:
    """Decibels of a power ratio."""
    return _DB * math.log(ratio)


@njit(cache=True, fastmath=True, error_model="numpy")
def look_up(table: Any, db: Any) -> Any:
    """Interpolate a table of the decibel grid."""
    place = (db - FIRST_DB) * _PER_DB
    place = min(max(place, 0.0), GRID - 1.001)
    i = int(place)
    share = place - i
    return table[i] * (1.0 - share) + table[i + 1] * share


@njit(cache=True, fastmath=True, error_model="numpy")
def invert(table: Any, value: Any) -> Any:
    """Return the decibels at which a rising table takes a value."""
    low, high = 0, GRID - 1
    if value >= table[high]:
        return FIRST_DB + STEP_DB * high
    while high - low > 1:
        middle = (low + high) >> 1
        if table[middle] <= value:
            low = middle
        else:
            high = middle
    step = table[high] - table[low]
    share = (value - table[low]) / step if step > 0.0 else 0.0
    return FIRST_DB + STEP_DB * (low + min(max(share, 0.0), 1.0))


@njit(cache=True, error_model="numpy")
def block_error(db: Any, order: Any, symbols: Any, count: Any, info: Any, gap: Any, t: Any) -> Any:
    """Error rate of a transport block of ``count`` code blocks; ``db`` holds the EVM already."""
    n = symbols / count
    carried = n * look_up(t.clean[order], db - gap)
    spread = math.sqrt(max(n * look_up(t.spread[order], db - gap), 1e-12))
    x = (carried - info + 0.5 * math.log2(n)) / spread
    if x > 7.0:
        return 0.0
    if x < -7.0:
        return 1.0
    each = 0.5 * math.erfc(x / math.sqrt(2.0))
    if count < 1.5:
        return each
    return -math.expm1(count * math.log1p(-min(each, 1.0 - 1e-15)))


@njit(cache=True, error_model="numpy")
def block_error_grid(db: Any, order: int, symbols: Any, count: Any, info: Any, gap: Any, t: Any) -> Any:
    """Run :func:`block_error` over an array of SINR, for tests."""
    out = np.empty(db.size)
    for i in range(db.size):
        out[i] = block_error(db[i], order, symbols, count, info, gap, t)
    return out
