"""Block errors in the kernel: effective SINR on mutual information, finite-length closed form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from cellwright.simulation.slots.tables import FIRST_DB, GRID, STEP_DB

PER_DB = 1.0 / STEP_DB
_DB = 10.0 / math.log(10.0)


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def to_db(ratio: Any) -> Any:
    """Decibels of a power ratio."""
    return _DB * math.log(ratio)


@njit(cache=True, fastmath=True, error_model="numpy")
def look_up(table: Any, db: Any) -> Any:
    """Interpolate a table of the decibel grid."""
    place = (db - FIRST_DB) * PER_DB
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
def block_error(
    db: Any, clean: Any, spread: Any, symbols: Any, count: Any, info: Any, gap: Any
) -> Any:
    """Error rate of a transport block of ``count`` code blocks; ``db`` holds the EVM already."""
    n = symbols / count
    carried = n * look_up(clean, db - gap)
    deviation = math.sqrt(max(n * look_up(spread, db - gap), 1e-12))
    x = (carried - info + 0.5 * math.log2(n)) / deviation
    if x > 7.0:
        return 0.0
    if x < -7.0:
        return 1.0
    each = 0.5 * math.erfc(x * 0.7071067811865476)
    if count < 1.5:
        return each
    return -math.expm1(count * math.log1p(-min(each, 1.0 - 1e-15)))


@njit(cache=True, fastmath=True, error_model="numpy")
def sinr_row(
    level: Any, rest: Any, fade: Any, cell: Any, power: Any, everywhere: Any, out: Any
) -> None:
    """SINR [dB] of a user on every group when cells send ``power`` [cell, group]."""
    groups = out.size
    for r in range(groups):
        out[r] = np.float32(1.0) + rest * everywhere[r]
    for j in range(1, cell.size):
        gain, sender = level[j], cell[j]
        for r in range(groups):
            out[r] += gain * fade[j, r] * power[sender, r]
    own = level[0]
    for r in range(groups):
        out[r] = np.float32(_DB) * np.log(max(own * fade[0, r] / out[r], np.float32(1e-6)))


@njit(cache=True, fastmath=True, error_model="numpy")
def sinr_row_uplink(own: Any, fade: Any, strangers: Any, out: Any) -> None:
    """SINR [dB] at the base on every group under ``strangers`` [group] over noise."""
    for r in range(out.size):
        ratio = own * fade[0, r] / (np.float32(1.0) + strangers[r])
        out[r] = np.float32(_DB) * np.log(max(ratio, np.float32(1e-6)))


@njit(cache=True, fastmath=True, error_model="numpy")
def effective_db(
    u: Any,
    level: Any,
    rest: Any,
    fade: Any,
    cell: Any,
    power: Any,
    everywhere: Any,
    mask: Any,
    prbs: Any,
    seen: Any,
    clean: Any,
) -> Any:
    """Effective SINR [dB] of a user over the groups of a mask, by mutual information.

    ``seen`` and ``clean`` are the rows of one modulation.
    """
    carried, blocks = 0.0, 0
    for r in range(prbs.size):
        if (mask >> np.uint64(r)) & np.uint64(1):
            noise = np.float32(1.0) + rest[u] * everywhere[r]
            for j in range(1, cell.shape[1]):
                noise += level[u, j] * fade[u, j, r] * power[cell[u, j], r]
            ratio = max(level[u, 0] * fade[u, 0, r] / noise, np.float32(1e-6))
            carried += prbs[r] * look_up(seen, _DB * math.log(ratio))
            blocks += prbs[r]
    return invert(clean, carried / blocks)


@njit(cache=True, fastmath=True, error_model="numpy")
def effective_db_uplink(
    u: Any,
    own: Any,
    fade: Any,
    c: Any,
    strangers: Any,
    mask: Any,
    prbs: Any,
    seen: Any,
    clean: Any,
) -> Any:
    """Give the same at base ``c`` under ``strangers`` [cell, group] over noise."""
    carried, blocks = 0.0, 0
    for r in range(prbs.size):
        if (mask >> np.uint64(r)) & np.uint64(1):
            ratio = own * fade[u, 0, r] / (np.float32(1.0) + strangers[c, r])
            carried += prbs[r] * look_up(seen, _DB * math.log(max(ratio, np.float32(1e-6))))
            blocks += prbs[r]
    return invert(clean, carried / blocks)


@njit(cache=True, error_model="numpy")
def block_error_grid(
    db: Any, clean: Any, spread: Any, symbols: Any, count: Any, info: Any, gap: Any
) -> Any:
    """Run :func:`block_error` over an array of SINR."""
    out = np.empty(db.size)
    for i in range(db.size):
        out[i] = block_error(db[i], clean, spread, symbols, count, info, gap)
    return out
