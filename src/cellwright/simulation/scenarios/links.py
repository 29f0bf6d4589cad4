"""Large-scale part of every link: sight, path loss, shadowing, entry and antenna gain.

TR 38.901 V19.4.0 clauses 7.3 and 7.4. A pair of site and user has its own counter, so the draws do
not depend on antennas, powers, threads or on the sites that come after.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.scenarios import draws
from cellwright.simulation.scenarios.column import row_kernel
from cellwright.simulation.scenarios.draws import normal, uniform
from cellwright.simulation.scenarios.models import (
    asks_ground,
    beyond_turn,
    ground_height,
    link_loss,
    sight_odds,
)
from cellwright.simulation.scenarios.swift import bearing_deg, decibels

Array = NDArray[Any]
#: Counter of a link: user x this + site.
SITES_MOST = 1 << 24
#: A user may stand under an antenna; nearer on the map than this it has no azimuth [m].
NEAREST_M = 1e-3


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
def _directions(towards: Array, distance: Array, azimuth: Array, zenith: Array) -> None:
    """Fill azimuths from north and zeniths [deg] of vectors, and make these unit vectors."""
    for u in range(distance.shape[0]):
        east, north, up = towards[0, u], towards[1, u], towards[2, u]
        azimuth[u] = bearing_deg(east, north)
        zenith[u] = bearing_deg(distance[u], up)
        length = np.float32(1.0) / np.float32(math.sqrt(east * east + north * north + up * up))
        towards[0, u], towards[1, u], towards[2, u] = east * length, north * length, up * length


@njit(cache=True, nogil=True)
def pair_kernel(
    key: Array,
    number: int,
    sigma_db: Array,
    between_sites: float,
    vegetation: float,
    frequency_ghz: float,
    base_height_m: float,
    site_m: Array,
    image_m: Array,
    place_m: Array,
    indoor: Array,
    indoor_m: Array,
    entry_db: Array,
    field: Array,
    first: int,
    last: int,
    distance_m: Array,
    azimuth_deg: Array,
    zenith_deg: Array,
    towards: Array,
    sight: Array,
    loss_db: Array,
    shadow_db: Array,
) -> None:
    """Fill the rows ``first`` to ``last`` of the arrays [site, user].

    ``field`` [4, site, user]: correlated normal numbers for shadowing in sight, out of sight,
    indoors, and for sight; empty where users are independent. ``towards`` [site, 3, user]: unit
    vectors east, north, up.
    """
    near_users = field.shape[0] > 0
    shared, alone = math.sqrt(between_sites), math.sqrt(1.0 - between_sites)
    for s in range(first, last):
        for u in range(place_m.shape[0]):
            x, y = place_m[u, 0] - site_m[s, 0], place_m[u, 1] - site_m[s, 1]
            dx, dy, best = x, y, x * x + y * y
            for k in range(1, image_m.shape[0]):
                tx, ty = x - image_m[k, 0], y - image_m[k, 1]
                far = tx * tx + ty * ty
                if far < best:
                    dx, dy, best = tx, ty, far
            d2 = max(math.sqrt(best), NEAREST_M)
            height = place_m[u, 2]
            link = u * SITES_MOST + s
            if near_users:
                chance = 0.5 * math.erfc(-field[3, s, u] / math.sqrt(2.0))
            else:
                chance = uniform(key[draws.SIGHT], link)
            outdoor_m = max(d2 - indoor_m[u], 0.0)
            seen = chance < sight_odds(number, outdoor_m, height, base_height_m, vegetation)
            ground = 1.0
            if asks_ground(number) and height > 13.0:
                ground = ground_height(
                    d2,
                    height,
                    uniform(key[draws.GROUND], link),
                    uniform(key[draws.GROUND_HEIGHT], link),
                )
            state = 2 if indoor[u] else (0 if seen else 1)
            if near_users:
                z = field[state, s, u]
            else:
                z = normal(key[draws.SHADOW], link)
                if between_sites > 0.0:
                    z = alone * z + shared * normal(key[draws.SHADOW_COMMON], u)
            if state == 2:
                sigma = sigma_db[3]
            elif state == 1:
                sigma = sigma_db[2]
            else:
                far = beyond_turn(number, d2, frequency_ghz, base_height_m, height)
                sigma = sigma_db[1] if far else sigma_db[0]
            loss = link_loss(number, d2, frequency_ghz, base_height_m, height, seen, ground)
            shadow_db[s, u] = sigma * z
            loss_db[s, u] = loss + sigma * z + entry_db[u]
            sight[s, u] = seen
            distance_m[s, u] = d2
            towards[s, 0, u], towards[s, 1, u] = dx, dy
            towards[s, 2, u] = height - base_height_m
        _directions(towards[s], distance_m[s], azimuth_deg[s], zenith_deg[s])


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
def gain_rows_kernel(
    column: Array,
    cell_site: Array,
    setting: Array,
    user_gain_dbi: float,
    loss_db: Array,
    towards: Array,
    first: int,
    last: int,
    gain_db: Array,
) -> None:
    """Fill rows ``first`` to ``last`` of coupling gains [cell, user] [dB].

    ``setting`` float64 [cell, 3]: boresight, electrical and mechanical tilt [deg]; ``towards``
    float32 [site, 3, user].
    """
    room = np.empty((4, loss_db.shape[1]), np.float32)
    lost, factor, work = room[0], room[1], room[2:]
    fixed = np.float32(column[2] + user_gain_dbi)
    for c in range(first, last):
        s = cell_site[c]
        row_kernel(
            column, towards[s], setting[c, 0], setting[c, 1], setting[c, 2], lost, factor, work
        )
        for u in range(loss_db.shape[1]):
            gain_db[c, u] = fixed + decibels(factor[u]) - lost[u] - loss_db[s, u]


@njit(cache=True, nogil=True)
def field_kernel(key: np.uint64, state: int, values: Array) -> None:
    """Fill independent normal numbers [site, user] of one state of the spatial fields."""
    for s in range(values.shape[0]):
        for u in range(values.shape[1]):
            values[s, u] = normal(key, (u * SITES_MOST + s) * 4 + state)
