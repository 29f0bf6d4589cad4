"""Users near each other see alike: correlated fields over the users of a drop.

TR 38.901 V19.4.0 clauses 7.4.4 (shadowing) and 7.6.3.3 (state of sight): correlation
exp(-distance / d_cor), made exactly by the root of the correlation matrix.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.simulation.scenarios import draws
from cellwright.simulation.scenarios.links import field_kernel

Array = NDArray[Any]
#: The root of a bigger matrix takes minutes.
USERS_MOST = 5_000
#: Added to the diagonal: two users may stand at one place.
_NUGGET = 1e-9


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def correlate_kernel(place_m: Array, reach_m: float, unit: Array, root: Array, out: Array) -> None:
    """Fill ``out`` [row, user]: rows of ``unit`` with correlation exp(-distance / reach).

    Written here and not left to a linear-algebra library, whose sums depend on its threads.
    ``root`` is room for [user, user].
    """
    for i in range(place_m.shape[0]):
        for j in range(i + 1):
            dx, dy = place_m[i, 0] - place_m[j, 0], place_m[i, 1] - place_m[j, 1]
            rest = math.exp(-math.sqrt(dx * dx + dy * dy) / reach_m)
            done = 0.0
            for k in range(j):
                done += root[i, k] * root[j, k]
            if i == j:
                root[i, i] = math.sqrt(max(rest + _NUGGET - done, _NUGGET))
            else:
                root[i, j] = (rest - done) / root[j, j]
        for row in range(unit.shape[0]):
            total = 0.0
            for k in range(i + 1):
                total += root[i, k] * unit[row, k]
            out[row, i] = total


def fields(
    key: Array,
    place_m: Array,
    sites: int,
    correlation_m: tuple[float, ...],
    between_sites: float = 0.0,
) -> NDArray[np.float32]:
    """Return standard normal fields [state, site, user], one state a correlation distance.

    Parameters
    ----------
    key : uint64 [stream]
        Of the drop.
    place_m : float [user, 3]
        Users [m].
    sites : int
        Number of sites.
    correlation_m : floats
        Correlation distances of the states [m]; of a drop: shadowing in sight, out of sight, to
        users indoors, and the state of sight.
    between_sites : float
        Correlation of the fields of two sites, but for the fourth: sight is a site's own.

    Raises
    ------
    InputError
        More users than the exact method bears.

    Notes
    -----
    Distances are those on the map, without wrap-around: two users at opposite ends of the layout
    are taken as far apart. Users on different floors of one place have the same value.
    """
    count = place_m.shape[0]
    if count > USERS_MOST:
        raise InputError(
            f"{count} users cannot be drawn alike near each other: at most {USERS_MOST}. "
            "Make several drops, or leave consistent off."
        )
    place_m = np.ascontiguousarray(place_m, np.float64)
    root = np.empty((count, count))
    out = np.empty((len(correlation_m), sites, count), np.float32)
    shared, alone = math.sqrt(between_sites), math.sqrt(1.0 - between_sites)
    for state, reach in enumerate(correlation_m):
        unit = white(key[draws.FIELD], state, sites, count)
        if state < 3 and between_sites > 0.0:
            unit = alone * unit + shared * white(key[draws.FIELD_COMMON], state, 1, count)
        correlate_kernel(place_m, float(reach), unit, root, out[state])
    return out


def white(key: Any, state: int, sites: int, users: int) -> NDArray[np.float64]:
    """Return independent standard normal numbers [site, user] of a stream."""
    values = np.empty((sites, users))
    field_kernel(key, state, values)
    return values
