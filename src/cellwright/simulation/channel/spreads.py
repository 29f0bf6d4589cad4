"""Delay and angular spreads of rays, as 3GPP measures them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.simulation.channel.clusters import Rays
from cellwright.simulation.channel.fading import ChannelOptions, scene
from cellwright.simulation.channel.large_scale import large_scale
from cellwright.simulation.drop import Drop

Floats = NDArray[np.float64]
_USERS_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class Spreads:
    """Spreads of each user's channel to its serving site, computed from its rays.

    Attributes
    ----------
    delay_s : float64 [user]
        RMS delay spread [s].
    asd_deg, zsd_deg, asa_deg, zsa_deg : float64 [user]
        Circular angular spreads [deg].
    """

    delay_s: Floats
    asd_deg: Floats
    zsd_deg: Floats
    asa_deg: Floats
    zsa_deg: Floats


def circular_spread_deg(angle_deg: ArrayLike, power: ArrayLike) -> float:
    """Return the circular angular spread of rays [deg].

    The least RMS deviation from the mean over all places where the circle may be cut.

    Parameters
    ----------
    angle_deg, power : array of float [ray]
        Direction [deg] and power of each ray.

    References
    ----------
    3GPP TR 25.996 V17.0.0, Annex A.

    Examples
    --------
    >>> round(circular_spread_deg([350.0, 10.0], [1.0, 1.0]), 6)
    10.0
    """
    angle = np.ascontiguousarray(angle_deg, dtype=float)
    return float(_circular(np.radians(angle), np.ascontiguousarray(power, dtype=float)))


@njit(cache=True)
def _circular(angle: Floats, power: Floats) -> float:
    """Circular spread [deg]; the cut is tried between every two neighbours on the circle."""
    turn = 2.0 * math.pi
    order = np.argsort(angle % turn)
    sorted_angle = (angle % turn)[order]
    weight = power[order] / power.sum()
    first = np.sum(weight * sorted_angle)
    second = np.sum(weight * sorted_angle * sorted_angle)
    best = second - first * first
    for i in range(angle.size):
        # what lay lowest goes once round
        first += turn * weight[i]
        second += weight[i] * ((sorted_angle[i] + turn) ** 2 - sorted_angle[i] ** 2)
        best = min(best, second - first * first)
    return math.degrees(math.sqrt(max(best, 0.0)))


def spreads(
    drop: Drop,
    scenario: str,
    seed: int,
    options: ChannelOptions | None = None,
    serving: ArrayLike | None = None,
) -> Spreads:
    """Return the spreads of every user's channel to its serving site.

    Parameters
    ----------
    drop : Drop
        Users and cells.
    scenario : str
        As in :func:`~cellwright.simulation.channel.fast_fading`, whose rays these are.
    seed : int
        Seed of the channel.
    options : ChannelOptions or None
        As in ``fast_fading``.
    serving : array of int [user] or None
        Serving cell of each user; None takes the strongest without fast fading.

    References
    ----------
    3GPP TR 38.901 V19.4.0, clause 7.8.2; TR 25.996, Annex A.
    """
    chosen = options or ChannelOptions()
    scale = large_scale(
        drop, scenario, seed, edition=chosen.edition, correlated_users=chosen.correlated_users
    )
    stage = scene(drop, scale, seed, 0.0, chosen)
    cell = drop.serving() if serving is None else np.asarray(serving, int)
    site = np.asarray(drop.cell_site)[cell]
    out = np.empty((drop.users, 5))
    for first in range(0, drop.users, _USERS_AT_ONCE):
        rows = np.arange(first, min(first + _USERS_AT_ONCE, drop.users))
        _measure(stage.rays(site[rows], rows), out[rows[0] : rows[-1] + 1])
    return Spreads(*(np.ascontiguousarray(row) for row in out.T))


@njit(cache=True)
def _measure(rays: Rays, out: Floats) -> None:
    """Fill delay spread and the four angular spreads, float64 [link, 5]."""
    for k in range(out.shape[0]):
        made = rays.used[k, 0]
        power, delay = np.empty(made), np.empty(made)
        for i in range(made):
            # vertical to vertical, as a single ray's power is defined
            power[i] = abs(rays.polar[k, i, 0]) ** 2
            delay[i] = rays.delay[k, rays.bin[k, i]]
        total = power.sum()
        mean = np.sum(power * delay) / total
        out[k, 0] = math.sqrt(np.sum(power * (delay - mean) ** 2) / total)
        for i in range(4):
            out[k, 1 + i] = _circular(rays.angle[k, :made, i].copy(), power)
