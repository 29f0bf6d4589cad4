"""What a block hears in the kernel: SINR by group, effective SINR, chance of failure.

The closed form and its tables are the link's own; here are the loops over groups around them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from cellwright.simulation.link.bicm import snr_from_information_kernel, table_kernel
from cellwright.simulation.link.block_error import any_error_kernel, normal_error_kernel

_DB = 10.0 / math.log(10.0)
_NEPER = 1.0 / _DB
#: SINR below which nothing is told apart, a power ratio.
LEAST = np.float32(1e-6)


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def to_db(ratio: Any) -> Any:
    """Decibels of a power ratio."""
    return _DB * math.log(ratio)


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def from_db(db: Any) -> Any:
    """Power ratio of decibels."""
    return math.exp(_NEPER * db)


@njit(cache=True, error_model="numpy", inline="always")
def block_error(
    db: Any, row: Any, symbols: Any, count: Any, info: Any, gap: Any, clean: Any
) -> Any:
    """Error rate of a transport block of ``count`` code blocks at an effective SINR [dB].

    :func:`~cellwright.simulation.link.block_error.transport_error_kernel` with its code blocks and
    gap looked up beforehand; ``db`` holds the transmitter's error already.
    """
    return any_error_kernel(normal_error_kernel(db - gap, row, symbols / count, info, clean), count)


@njit(cache=True, error_model="numpy", inline="always")
def effective_db(
    ratio: Any, weight: Any, n: Any, row: Any, seen: Any, clean: Any, floor: Any
) -> Any:
    """Effective SINR [dB] of ``n`` resources of a block, by mutual information.

    ``weight`` counts resource blocks; ``floor`` [order] is the transmitter's own error.
    """
    if n == 1:
        return to_db(ratio[0] / (1.0 + ratio[0] * floor[row]))
    carried, blocks = 0.0, 0.0
    for i in range(n):
        carried += weight[i] * table_kernel(to_db(ratio[i]), row, 0, seen)
        blocks += weight[i]
    return snr_from_information_kernel(carried / blocks, 2 * row + 2, clean)


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def ratio_row(
    u: Any, level: Any, rest: Any, fade: Any, cell: Any, power: Any, everywhere: Any, out: Any
) -> None:
    """SINR, a power ratio, of a user on every group when cells send ``power`` [cell, group]."""
    groups = out.size
    for r in range(groups):
        out[r] = np.float32(1.0) + rest[u] * everywhere[r]
    for j in range(1, cell.shape[1]):
        gain, sender = level[u, j], cell[u, j]
        for r in range(groups):
            out[r] += gain * fade[u, j, r] * power[sender, r]
    own = level[u, 0]
    for r in range(groups):
        out[r] = max(own * fade[u, 0, r] / out[r], LEAST)


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def ratio_row_uplink(u: Any, c: Any, own: Any, fade: Any, strangers: Any, out: Any) -> None:
    """SINR, a power ratio, at base ``c`` by group under ``strangers`` [cell, group] over noise."""
    for r in range(out.size):
        out[r] = max(own * fade[u, 0, r] / (np.float32(1.0) + strangers[c, r]), LEAST)


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def ratio_at(
    u: Any, r: Any, level: Any, rest: Any, fade: Any, cell: Any, power: Any, everywhere: Any
) -> Any:
    """:func:`ratio_row` on one group."""
    noise = np.float32(1.0) + rest[u] * everywhere[r]
    for j in range(1, cell.shape[1]):
        noise += level[u, j] * fade[u, j, r] * power[cell[u, j], r]
    return max(level[u, 0] * fade[u, 0, r] / noise, LEAST)


@njit(cache=True, error_model="numpy")
def block_error_grid(
    db: Any, row: Any, symbols: Any, count: Any, info: Any, gap: Any, clean: Any
) -> Any:
    """Run :func:`block_error` over an array of SINR."""
    out = np.empty(db.size)
    for i in range(db.size):
        out[i] = block_error(db[i], row, symbols, count, info, gap, clean)
    return out
