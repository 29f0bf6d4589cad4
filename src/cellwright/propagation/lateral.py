"""The dominant street path: around the buildings instead of over them.

From the places an antenna sees, the search follows streets from place to place; each turn costs,
and after a turn the level falls faster than in free space, as ITU-R P.1411-12, 4.1.3.2 has it for a
right angle. Its result is a loss less the frequency's part, so that one search serves all bands.

The law for one turn by an angle is Cellwright's: that of the Recommendation at 90 degrees, less for
less (the idea of a single dominant path with angle-dependent turning losses is that of G. Woelfle
and F. M. Landstorfer, "Dominant paths for the field strength prediction", VTC 1998).
"""

from __future__ import annotations

import heapq
import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Loss of a turn by 90 degrees in a town [dB] (P.1411-12, 4.1.3.2, Lcorner).
TURN_DB = 20.0
#: Length over which it comes about [m] (dcorner, and the 1 m of equation (21)).
CORNER_M = 31.0
#: Beyond, the loss grows by this much more than in free space [dB a decade]: beta = 6.
DECAY_DB = 40.0
#: Sharper turns cost no more than this many right angles.
_SHARPEST = 1.5
#: A path over the roofs this much worse than free space does not go on by the street [dB].
FAINT_DB = 60.0
#: Nor is a path followed beyond this loss, less that of free space at 1 m [dB]: with the 43 dB of
#: 3.5 GHz a resource element of a 54 dBm cell with 25 dBi ends at -115 dBm.
_MOST_DB = 115.0
_RIGHT_ANGLE = math.pi / 2.0
#: 20 log10(e): decibels of an amplitude's neper.
_DB_A_NEPER = 20.0 / math.log(10.0)


@njit(cache=True, nogil=True, error_model="numpy")
def turn(cosine: float) -> float:
    """Share of a right-angled turn's loss that a turn costs: that of its angle in 90 degrees.

    Examples
    --------
    >>> round(turn(0.0), 3), turn(1.0), round(turn(-1.0), 3)
    (1.0, 0.0, 1.5)
    """
    angle = math.acos(min(max(cosine, -1.0), 1.0)) / _RIGHT_ANGLE
    return min(angle, _SHARPEST)


@njit(cache=True, nogil=True, error_model="numpy")
def leg_db(way_m: float, length_m: float, share: float, turned: float, whole: bool) -> float:
    """Loss added by a straight leg after a turn [dB].

    Parameters
    ----------
    way_m, length_m : float
        Way up to the turn, and the leg [m].
    share : float
        :func:`turn` of the angle.
    turned : float
        Sum of the turns up to and with this one.
    whole : bool
        The whole loss of the turn counts however short the leg is: the path goes on.

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.1.3.2, equations (19) to (22), for a turn by 90 degrees.

    Examples
    --------
    >>> round(leg_db(100.0, 100.0, 1.0, 1.0, True), 2)
    33.37
    """
    loss = 20.0 * math.log10(1.0 + length_m / way_m)
    if share > 0.0:
        came = 1.0
        if not whole and length_m < CORNER_M - 1.0:
            came = math.log10(1.0 + length_m) / math.log10(CORNER_M)
        loss += TURN_DB * share * came
    if turned > 0.0:
        beyond = (way_m + length_m) / (way_m + CORNER_M * min(share, 1.0))
        if beyond > 1.0:
            loss += DECAY_DB * min(turned, 1.0) * math.log10(beyond)
    return loss


@njit(cache=True, nogil=True, error_model="numpy")
def _least_db(way_m: float, length_m: float, cosine: float, turned: float) -> float:
    """Return a little less than :func:`leg_db` gives, without a logarithm.

    The arc is no shorter than its chord, acos(c) >= sqrt(2 - 2c); ln(1 + u) >= 2u / (2 + u); what a
    short leg feels of the corner is at least linear in its length.
    """
    u = length_m / way_m
    least = 2.0 * _DB_A_NEPER * u / (2.0 + u)
    chord = math.sqrt(max(2.0 - 2.0 * cosine, 0.0))
    least += TURN_DB / _RIGHT_ANGLE * chord * min(length_m / CORNER_M, 1.0)
    if turned > 0.0 and length_m > CORNER_M:
        u = (length_m - CORNER_M) / (way_m + CORNER_M)
        least += DECAY_DB / 20.0 * min(turned, 1.0) * 2.0 * _DB_A_NEPER * u / (2.0 + u)
    return least


@njit(cache=True, nogil=True, error_model="numpy")
def _relax(
    place: int,
    other: int,
    xy: NDArray[np.float64],
    state: NDArray[np.float64],
    queue: list[tuple[float, int]],
) -> None:
    """Offer another place the path by way of this one."""
    east, north = xy[0, other] - xy[0, place], xy[1, other] - xy[1, place]
    length = math.sqrt(east * east + north * north)
    loss, way, turned = state[0, place], state[1, place], state[2, place]
    if loss + 20.0 * math.log10(1.0 + length / way) >= state[0, other]:
        return
    share = turn((state[3, place] * east + state[4, place] * north) / length)
    total = loss + leg_db(way, length, share, turned + share, True)
    if total < state[0, other]:
        state[0, other], state[1, other], state[2, other] = total, way + length, turned + share
        state[3, other], state[4, other] = east / length, north / length
        heapq.heappush(queue, (total, other))


@njit(cache=True, nogil=True, error_model="numpy")
def street_paths(
    antenna: tuple[float, float, float],
    xy: NDArray[np.float64],
    amsl_m: NDArray[np.float64],
    over_db: NDArray[np.float64],
    descent: NDArray[np.float64],
    edge_first: NDArray[np.int64],
    edges: NDArray[np.int64],
    reach_m: float,
    state: NDArray[np.float64],
    done: NDArray[np.int64],
) -> int:
    """Find the least loss from an antenna to every place, along the streets.

    Parameters
    ----------
    antenna : (float, float, float)
        x, y, height above sea level [m].
    xy, amsl_m : float64 [2, place], float64 [place]
        Places, at the height of a phone in the street.
    over_db, descent : float64 [place]
        Loss over the roofs above free space [dB], 0 in sight, and the slope at which that path
        comes down to the place.
    edge_first, edges
        As in :class:`cellwright.propagation.street_graph.StreetGraph`.
    reach_m : float
        Longest way followed [m].
    state : float64 [5, place]
        Filled: loss less that of free space at 1 m [dB], way [m], turns taken, direction of travel
        (east and north parts; shorter than 1 where the way comes down from a roof).
    done : int64 [place]
        Filled: places in the order of their loss.

    Returns
    -------
    int
        How many places were reached.
    """
    state[0, :] = np.inf
    queue = [(0.0, 0) for _ in range(0)]
    for p in range(over_db.size):
        east, north, up = xy[0, p] - antenna[0], xy[1, p] - antenna[1], amsl_m[p] - antenna[2]
        way = max(math.sqrt(east * east + north * north + up * up), 1.0)
        if way > reach_m or not over_db[p] < FAINT_DB:
            continue
        flat = max(math.sqrt(east * east + north * north), 1e-3)
        flat *= math.sqrt(1.0 + descent[p] * descent[p])
        state[0, p], state[1, p], state[2, p] = 20.0 * math.log10(way) + over_db[p], way, 0.0
        state[3, p], state[4, p] = east / flat, north / flat
        heapq.heappush(queue, (state[0, p], p))
    count = 0
    while len(queue) > 0:
        loss, p = heapq.heappop(queue)
        if loss > state[0, p] or loss > _MOST_DB:
            continue
        done[count] = p
        count += 1
        if state[1, p] > reach_m:
            continue
        for e in range(edge_first[p], edge_first[p + 1]):
            _relax(p, edges[e], xy, state, queue)
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def street_losses(
    xy: NDArray[np.float64],
    first: NDArray[np.int64],
    cells: NDArray[np.int32],
    grid: tuple[float, float, float],
    columns: int,
    state: NDArray[np.float64],
    done: NDArray[np.int64],
    count: int,
    out: NDArray[np.float32],
) -> None:
    """Fill ``out`` [cell] with the least loss, less that of free space at 1 m [dB]; inf if none.

    Places come in the order of their loss, so a cell reached early seldom changes.
    """
    west, north, side = grid
    # a product by the inverse is a division of whole numbers below 2**50, several times as fast
    rows = 1.0 / columns
    out[:] = np.inf
    for n in range(count):
        p = done[n]
        loss, way, turned = state[0, p], state[1, p], state[2, p]
        for q in range(first[p], first[p + 1]):
            cell = cells[q]
            if loss >= out[cell]:
                continue
            row = np.int64((cell + 0.5) * rows)
            east = west + (cell - row * columns + 0.5) * side - xy[0, p]
            up = north - (row + 0.5) * side - xy[1, p]
            length = max(math.sqrt(east * east + up * up), 0.5 * side)
            cosine = (state[3, p] * east + state[4, p] * up) / length
            if loss + _least_db(way, length, cosine, turned) >= out[cell]:
                continue
            share = turn(cosine)
            total = loss + leg_db(way, length, share, turned + share, False)
            if total < out[cell]:
                out[cell] = total
