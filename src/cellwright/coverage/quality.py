"""Best server, SINR and RSRQ in one pass over the receivers (TS 38.215 and TS 36.214, 5.1).

Powers are summed in milliwatts per resource element; nothing of cell x receiver size is made.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]
DB_TO_NEPER = math.log(10.0) / 10.0
#: Below this level [dBm] a resource element adds nothing that counts.
FAINTEST_DBM = -250.0
#: Receivers worked on together: their sums stay in the first-level cache.
BLOCK = 256


@njit(cache=True, nogil=True)
def mw(level_dbm: float) -> float:
    """Turn a level [dBm] into milliwatts."""
    return math.exp(level_dbm * DB_TO_NEPER)


@njit(cache=True, nogil=True)
def db(ratio: float) -> float:
    """Turn a power ratio into decibels; zero gives minus infinity."""
    return 10.0 * math.log10(ratio) if ratio > 0.0 else -math.inf


@njit(cache=True, nogil=True)
def _sum_block(
    rsrp: Array,
    traffic: Array,
    load: Array,
    apart: Array,
    start: int,
    stop: int,
    server: Array,
    own: Array,
    own_traffic: Array,
    other: Array,
    other_traffic: Array,
) -> None:
    """Fill the block's best server and its sums [mW per resource element] over the other cells.

    A cell that loses the lead moves into the sum of the others, so that nothing is ever
    subtracted and a strong server cannot drown the noise by rounding.
    """
    for i in range(stop - start):
        server[i] = -1
        own[i] = own_traffic[i] = other[i] = other_traffic[i] = 0.0
    for cell in range(rsrp.shape[0]):
        for i in range(stop - start):
            level = rsrp[cell, start + i]
            beam = traffic[cell, start + i]
            power = mw(level) if level > FAINTEST_DBM else 0.0
            data = mw(beam) if beam > FAINTEST_DBM else 0.0
            if power > 0.0 and (server[i] < 0 or level > rsrp[server[i], start + i]):
                if server[i] >= 0:
                    leader = server[i]
                    other[i] += own[i]
                    other_traffic[i] += own_traffic[i] * load[leader] * apart[leader]
                server[i] = cell
                own[i] = power
                own_traffic[i] = data
            else:
                other[i] += power
                other_traffic[i] += data * load[cell] * apart[cell]


@njit(cache=True, nogil=True)
def _near_servers(
    rsrp: Array, start: int, best: Array, floor_dbm: float, span_db: float, count: Array
) -> None:
    """Count the cells within ``span_db`` of the best one that a phone could also hear."""
    for i in range(count.size):
        count[i] = 0
    for cell in range(rsrp.shape[0]):
        for i in range(count.size):
            level = rsrp[cell, start + i]
            if level >= best[i] - span_db and level >= floor_dbm:
                count[i] += 1


@njit(cache=True, nogil=True)
def signal_kernel(
    rsrp: Array,
    traffic: Array,
    load: Array,
    apart: Array,
    spread: Array,
    site: Array,
    sight: Array,
    noise_mw: float,
    collision: float,
    reference_share: float,
    floor_dbm: float,
    start: int,
    stop: int,
    server: Array,
    best_dbm: Array,
    sinr_db: Array,
    traffic_sinr_db: Array,
    rsrq_db: Array,
    near: Array,
) -> None:
    """Fill the signal of receivers ``start`` to ``stop``.

    Parameters
    ----------
    rsrp, traffic : float32 [cell, receiver]
        Power per resource element [dBm] of the reference signal and through the traffic beams.
    load, apart : float [cell]
        Share of resource elements in use; share of a traffic beam's power that reaches a
        bystander on average (1 where the cell has one beam).
    spread : float [cell]
        Share of a traffic beam's gain that its own user keeps out of sight.
    site, sight : int [cell], uint8 [site, receiver]
        Site of each cell; line of sight.
    noise_mw : float
        Thermal noise per resource element [mW].
    collision : float
        Share of reference elements hit by the other cells' reference signal; the rest meet data.
    reference_share : float
        Share of resource elements that carry reference signals in the symbols RSSI is taken from.
    floor_dbm : float
        Weakest RSRP a phone can find [dBm].
    server, best_dbm, sinr_db, traffic_sinr_db, rsrq_db, near : [receiver]
        Results.
    """
    chosen = np.empty(BLOCK, np.int32)
    own, own_traffic = np.empty(BLOCK), np.empty(BLOCK)
    other, other_traffic = np.empty(BLOCK), np.empty(BLOCK)
    for first in range(start, stop, BLOCK):
        last = min(first + BLOCK, stop)
        _sum_block(
            rsrp, traffic, load, apart, first, last, chosen, own, own_traffic, other, other_traffic
        )
        for i in range(last - first):
            r, cell = first + i, chosen[i]
            if cell < 0:
                server[r] = -1
                best_dbm[r] = sinr_db[r] = traffic_sinr_db[r] = rsrq_db[r] = np.nan
                continue
            best_dbm[r] = rsrp[cell, r]
            server[r] = cell
            hit = collision * other[i] + (1.0 - collision) * other_traffic[i]
            sinr_db[r] = db(own[i] / (hit + noise_mw))
            kept = own_traffic[i] if sight[site[cell], r] == 1 else own_traffic[i] * spread[cell]
            traffic_sinr_db[r] = db(kept / (other_traffic[i] + noise_mw))
            data = other_traffic[i] + own_traffic[i] * load[cell] * apart[cell]
            sent = reference_share * (own[i] + other[i]) + (1.0 - reference_share) * data
            # RSSI over N blocks of 12 elements each: N x RSRP / RSSI = RSRP / (12 x mean power)
            rsrq_db[r] = db(own[i] / (12.0 * (sent + noise_mw)))
        _near_servers(rsrp, first, best_dbm[first:last], floor_dbm, 5.0, near[first:last])


@njit(cache=True, nogil=True)
def probability(margin_db: float, sigma_db: float) -> float:
    """Return the probability that a normal error of ``sigma_db`` leaves the margin positive."""
    if sigma_db <= 0.0:
        return 1.0 if margin_db >= 0.0 else 0.0
    return 0.5 * math.erfc(-margin_db / (sigma_db * math.sqrt(2.0)))


@njit(cache=True, nogil=True)
def probability_kernel(
    rsrp: Array,
    server: Array,
    site: Array,
    sight: Array,
    sigma: Array,
    place: Array,
    target_dbm: Array,
    any_server: bool,
    start: int,
    stop: int,
    out: Array,
) -> None:
    """Fill the probability that RSRP reaches ``target_dbm`` [receiver], shadowing log-normal.

    ``sigma`` [site, sight, place] is looked up by each receiver's ``sight`` [site, receiver] and
    ``place``. With ``any_server`` it is 1 - prod(1 - p) over the sites, each through its best
    cell: cells of one site share their shadowing, cells of different sites do not. ``site``
    [cell] must be grouped (all cells of a site side by side).
    """
    for r in range(start, stop):
        if not any_server:
            cell = server[r]
            out[r] = 0.0
            if cell >= 0:
                spread = sigma[site[cell], sight[site[cell], r], place[r]]
                out[r] = probability(rsrp[cell, r] - target_dbm[r], spread)
            continue
        missed, best = 1.0, -math.inf
        for cell in range(rsrp.shape[0]):
            best = max(best, rsrp[cell, r])
            if cell + 1 == rsrp.shape[0] or site[cell + 1] != site[cell]:
                spread = sigma[site[cell], sight[site[cell], r], place[r]]
                if best > FAINTEST_DBM:
                    missed *= 1.0 - probability(best - target_dbm[r], spread)
                best = -math.inf
        out[r] = 1.0 - missed
