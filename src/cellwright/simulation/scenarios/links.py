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
from cellwright.simulation.scenarios.column import series_kernel, tilted_kernel
from cellwright.simulation.scenarios.draws import normal, uniform
from cellwright.simulation.scenarios.models import (
    asks_ground,
    beyond_turn,
    ground_height,
    link_loss,
    sight_odds,
)
from cellwright.simulation.scenarios.swift import bearing_deg, cosine_of_turns, decibels

Array = NDArray[Any]
_DEGREE = math.pi / 180.0
#: Counter of a link: user x this + site.
SITES_MOST = 1 << 24
#: A user may stand under an antenna; nearer on the map than this it has no azimuth [m].
NEAREST_M = 1e-3


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def _directions(
    east: Array, north: Array, rise: Array, distance: Array, azimuth: Array, zenith: Array
) -> None:
    """Fill azimuths from north and zeniths of users [deg]."""
    for u in range(east.shape[0]):
        azimuth[u] = bearing_deg(east[u], north[u])
        zenith[u] = bearing_deg(distance[u], rise[u])


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
    sight: Array,
    loss_db: Array,
    shadow_db: Array,
) -> None:
    """Fill the rows ``first`` to ``last`` of the arrays [site, user].

    ``field`` [4, site, user]: correlated normal numbers for shadowing in sight, out of sight,
    indoors, and for sight; empty where users are independent.
    """
    near_users = field.shape[0] > 0
    shared, alone = math.sqrt(between_sites), math.sqrt(1.0 - between_sites)
    beside = np.empty((3, place_m.shape[0]), np.float32)
    east, north, rise = beside[0], beside[1], beside[2]
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
            east[u], north[u], rise[u] = dx, dy, height - base_height_m
        _directions(east, north, rise, distance_m[s], azimuth_deg[s], zenith_deg[s])


@njit(cache=True, nogil=True)
def gain_rows_kernel(
    column: Array,
    cell_site: Array,
    boresight_deg: Array,
    downtilt_deg: Array,
    mechanical_deg: Array,
    user_gain_dbi: float,
    loss_db: Array,
    distance_m: Array,
    rise_m: Array,
    azimuth_deg: Array,
    zenith_deg: Array,
    first: int,
    last: int,
    gain_db: Array,
) -> None:
    """Fill rows ``first`` to ``last`` of coupling gains [cell, user] [dB].

    ``rise_m`` float32 [user]: height of the user over the antennas.
    """
    users = loss_db.shape[1]
    factor_db = np.empty(users, np.float32)
    done_site, done_tilt, looked = -1, math.nan, -1
    towards = np.empty((3, users))
    for c in range(first, last):
        s, tilt = cell_site[c], downtilt_deg[c]
        steered = math.cos((90.0 + tilt) * _DEGREE)
        if mechanical_deg[c] != 0.0:
            if s != looked:
                _look(azimuth_deg[s], zenith_deg[s], towards)
                looked = s
            pointing = (boresight_deg[c] * _DEGREE, mechanical_deg[c] * _DEGREE, steered)
            _leaning(column, pointing, towards, user_gain_dbi, loss_db[s], gain_db[c])
            continue
        if s != done_site or tilt != done_tilt:
            _factor_row(column, steered, distance_m[s], rise_m, factor_db)
            done_site, done_tilt = s, tilt
        fixed = np.float32(column[2] + user_gain_dbi)
        boresight = np.float32(boresight_deg[c])
        _upright(
            column, boresight, fixed, azimuth_deg[s], zenith_deg[s], factor_db, loss_db[s],
            gain_db[c],
        )  # fmt: skip


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def _factor_row(column: Array, steered: float, distance: Array, rise: Array, out: Array) -> None:
    """Fill the column's gain over one element [dB] towards every user."""
    spacing, to = np.float32(column[1]), np.float32(steered)
    work = np.zeros((3, out.shape[0]), np.float32)
    double, ahead, after = work[0], work[1], work[2]
    for u in range(out.shape[0]):
        cosine = rise[u] / math.sqrt(distance[u] * distance[u] + rise[u] * rise[u])
        double[u] = np.float32(2.0) * cosine_of_turns(spacing * (np.float32(cosine) - to))
    series_kernel(int(column[0]), double, ahead, after)
    for u in range(out.shape[0]):
        out[u] = decibels(ahead[u])


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def _upright(
    column: Array,
    boresight: np.float32,
    fixed: np.float32,
    azimuth: Array,
    zenith: Array,
    factor_db: Array,
    loss: Array,
    gain: Array,
) -> None:
    """Fill one row of coupling gains of an upright antenna."""
    side_rate, up_rate = np.float32(12.0 / column[3] ** 2), np.float32(12.0 / column[4] ** 2)
    most, lobe = np.float32(column[5]), np.float32(column[6])
    for u in range(gain.shape[0]):
        side = abs(azimuth[u] - boresight)
        side = min(side, np.float32(360.0) - side)
        up = zenith[u] - np.float32(90.0)
        lost = min(min(side_rate * side * side, most) + min(up_rate * up * up, lobe), most)
        gain[u] = fixed + factor_db[u] - lost - loss[u]


@njit(cache=True, nogil=True)
def _leaning(
    column: Array,
    pointing: tuple[float, float, float],
    towards: Array,
    user_gain_dbi: float,
    loss: Array,
    gain: Array,
) -> None:
    """Fill one row of coupling gains of an antenna with a mechanical tilt."""
    turn, lean, steered = pointing
    phase = 2.0 * math.pi * column[1] * steered
    cos_b, sin_b, cos_l, sin_l = math.cos(turn), math.sin(turn), math.cos(lean), math.sin(lean)
    for u in range(gain.shape[0]):
        east, north, up = towards[0, u], towards[1, u], towards[2, u]
        ahead, right = east * sin_b + north * cos_b, east * cos_b - north * sin_b
        lost, ratio = tilted_kernel(column, ahead, right, up, cos_l, sin_l, phase)
        gain[u] = column[2] - lost + 10.0 * math.log10(ratio) + user_gain_dbi - loss[u]


@njit(cache=True)
def _look(azimuth_deg: Array, zenith_deg: Array, towards: Array) -> None:
    """Fill unit vectors east, north, up [3, user] of directions."""
    for u in range(azimuth_deg.shape[0]):
        z, a = float(zenith_deg[u]) * _DEGREE, float(azimuth_deg[u]) * _DEGREE
        flat = math.sin(z)
        towards[0, u], towards[1, u] = flat * math.sin(a), flat * math.cos(a)
        towards[2, u] = math.cos(z)


@njit(cache=True, nogil=True)
def field_kernel(key: np.uint64, state: int, values: Array) -> None:
    """Fill independent normal numbers [site, user] of one state of the spatial fields."""
    for s in range(values.shape[0]):
        for u in range(values.shape[1]):
            values[s, u] = normal(key, (u * SITES_MOST + s) * 4 + state)
