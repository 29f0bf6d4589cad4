"""A standard test link for every method that asks for more than a distance and two heights.

Each function takes frequencies [GHz], an extent (metres, degrees or per cent, see
:mod:`cellwright.propagation.methods`) of the same shape and whether to go beyond the source's
limits. The rest of the link is fixed here: a mast of 30 m, a user at 1.5 m, flat open ground.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cellwright.propagation import (
    p1411,
    p1411_low,
    p1411_roofs,
    p1411_street,
    p1411_suburban,
    p2040,
    p2108,
    p2109,
    rain,
)
from cellwright.propagation.estimate import Estimate, check_limits, limit
from cellwright.propagation.itm import itm_loss_db
from cellwright.propagation.outdoor_to_indoor import entry_loss_db, entry_sigma_db
from cellwright.propagation.p526_link import p526_loss_db
from cellwright.propagation.p676 import gas_db_per_km
from cellwright.propagation.p833 import single_tree_db, slant_foliage_db, woodland_db
from cellwright.propagation.p1812 import p1812_loss_db
from cellwright.propagation.profile import Profile
from cellwright.propagation.spm import spm_from_hata, spm_loss_db

Floats = NDArray[np.float64]
Link = Callable[[Floats, Floats, bool], Estimate]

MAST_M, USER_M = 30.0, 1.5
_POINTS = 101
_WALL = p2040.Layer("concrete", 0.2)


def flat_profile(length_m: float) -> Profile:
    """Return flat open ground of a length, 101 points.

    Examples
    --------
    >>> flat_profile(500.0).length_m
    500.0
    """
    return Profile(np.linspace(0.0, length_m, _POINTS), 0.0)


def _each(one: Callable[[float, float, bool], tuple[float, bool]]) -> Link:
    """Make a link of arrays of a method that computes one path at a time."""

    def link(frequency_ghz: Floats, extent: Floats, beyond_range: bool) -> Estimate:
        check_limits([limit("distance_m", extent, 0.0, 1e9, "m")], True)
        loss, inside = np.empty(extent.shape), np.empty(extent.shape, dtype=np.bool_)
        for at in np.ndindex(extent.shape):
            one_frequency, one_extent = float(frequency_ghz[at]), float(extent[at])
            loss[at], inside[at] = one(one_frequency, one_extent, beyond_range)
        return Estimate(loss, inside)

    return link


def _p1812(frequency_ghz: float, distance_m: float, beyond_range: bool) -> tuple[float, bool]:
    path = flat_profile(distance_m)
    result = p1812_loss_db(
        path,
        frequency_ghz,
        tx_height_m=MAST_M,
        rx_height_m=USER_M,
        latitude_deg=47.0,
        beyond_range=beyond_range,
    )
    return result.loss_db, not result.out_of_range


def _p526(frequency_ghz: float, distance_m: float, beyond_range: bool) -> tuple[float, bool]:
    path = flat_profile(distance_m)
    result = p526_loss_db(
        path, frequency_ghz, tx_height_m=MAST_M, rx_height_m=USER_M, beyond_range=beyond_range
    )
    return result.loss_db, result.in_range


def _itm(frequency_ghz: float, distance_m: float, beyond_range: bool) -> tuple[float, bool]:
    path = flat_profile(distance_m)
    result = itm_loss_db(
        path, frequency_ghz, tx_height_m=MAST_M, rx_height_m=USER_M, beyond_range=beyond_range
    )
    return result.loss_db, result.in_range


def _spm(frequency_ghz: float, distance_m: float, beyond_range: bool) -> tuple[float, bool]:
    tuned = spm_from_hata(frequency_ghz, beyond_range=beyond_range)
    estimate = spm_loss_db(tuned, distance_m, MAST_M, USER_M, beyond_range=beyond_range)
    return float(estimate.loss_db), bool(estimate.in_range) and 0.15 <= frequency_ghz <= 2.0


p1812_link, p526_link, itm_link, spm_link = map(_each, (_p1812, _p526, _itm, _spm))


def below_roofs_link(sight: bool) -> Link:
    """Street canyon of a high-rise town, P.1411 4.1.1."""
    return lambda f, d, beyond: p1411.below_roofs_db(f, d, "high-rise", sight, beyond_range=beyond)


def over_roofs_link(sight: bool) -> Link:
    """Over the roofs of a high-rise town, P.1411 4.2.1."""
    return lambda f, d, beyond: p1411.over_roofs_db(f, d, "high-rise", sight, beyond_range=beyond)


def canyon_link(f: Floats, d: Floats, beyond_range: bool) -> Estimate:
    """Street canyon in sight, a lamp post of 4 m, P.1411 4.1.2."""
    return p1411_street.canyon_sight_db(f, d, 4.0, USER_M, beyond_range=beyond_range)


def corner_link(f: Floats, d: Floats, beyond_range: bool) -> Estimate:
    """Around a corner 100 m away, streets of 15 m, P.1411 4.1.3; the extent is beyond it."""
    return p1411_street.corner_db(f, 100.0, d, 15.0, 15.0, beyond_range=beyond_range)


def urban_roofs_link(f: Floats, d: Floats, beyond_range: bool) -> Estimate:
    """Over roofs of 20 m, 50 m apart, P.1411 4.2.2.1."""
    return p1411_roofs.urban_roofs_db(
        f, d, MAST_M, USER_M, 20.0, d, 50.0, 20.0, beyond_range=beyond_range
    )


def suburban_roofs_link(f: Floats, d: Floats, beyond_range: bool) -> Estimate:
    """Over roofs of 8 m, P.1411 4.2.2.2."""
    return p1411_suburban.suburban_roofs_db(
        f, d, MAST_M, USER_M, 8.0, 20.0, beyond_range=beyond_range
    )


def low_terminals_link(f: Floats, d: Floats, beyond_range: bool) -> Estimate:
    """Between low terminals in a suburb, P.1411 4.3."""
    return p1411_low.low_terminals_db(f, d, "suburban", beyond_range=beyond_range)


def height_gain_link(f: Floats, height: Floats, beyond_range: bool) -> Estimate:
    """In an urban street, P.2108 3.1; the extent is the antenna's height."""
    return p2108.height_gain_db(f, height, "urban", beyond_range=beyond_range)


def terrestrial_clutter_link(f: Floats, d: Floats, beyond_range: bool) -> Estimate:
    """Below the roofs of a town, P.2108 3.2."""
    return p2108.terrestrial_clutter_db(f, d, beyond_range=beyond_range)


def slant_clutter_link(f: Floats, elevation: Floats, beyond_range: bool) -> Estimate:
    """Towards the sky, P.2108 3.3; the extent is the elevation."""
    return p2108.slant_clutter_db(f, elevation, beyond_range=beyond_range)


def building_entry_link(building: str) -> Link:
    """Into a building, P.2109; the extent is the share of cases."""
    return partial(_building_entry, building)


def _building_entry(building: str, f: Floats, percent: Floats, beyond_range: bool) -> Estimate:
    return p2109.building_entry_db(f, building, percent, beyond_range=beyond_range)


def indoor_link(kind: str) -> Link:
    """Into a building, TR 38.901 7.4.3; the extent is the depth inside."""
    return partial(_indoor, kind)


def _indoor(kind: str, f: Floats, depth: Floats, beyond_range: bool) -> Estimate:
    limits = [
        limit("frequency_ghz", f, 0.5, 100.0, "GHz"),
        limit("indoor_distance_m", depth, 0.0, 25.0, "m", above=-1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    return Estimate(entry_loss_db(f, kind, depth), inside, entry_sigma_db(kind))


def gas_link(f: Floats, d: Floats, beyond_range: bool) -> Estimate:
    """Through moist air, P.676."""
    check_limits([limit("distance_m", d, 0.0, 100_000.0, "m")], True)
    each = gas_db_per_km(f, beyond_range=beyond_range)
    return Estimate(each.loss_db * d / 1000.0, each.in_range & (d > 0.0))


def rain_link(f: Floats, d: Floats, beyond_range: bool) -> Estimate:
    """Through rain of 30 mm/h for 0.01 % of the year, P.838 and P.530."""
    return rain.rain_fade_db(f, d, 30.0, beyond_range=beyond_range)


def woodland_link(f: Floats, depth: Floats, beyond_range: bool) -> Estimate:
    """Out of a mixed wood, P.833 2.1; the extent is the depth in it."""
    return woodland_db(f, depth, beyond_range=beyond_range)


def slant_foliage_link(f: Floats, depth: Floats, beyond_range: bool) -> Estimate:
    """Out of a wood at 30 degrees, P.833 2.2; the extent is the depth in it."""
    return slant_foliage_db(f, depth, 30.0, beyond_range=beyond_range)


def single_tree_link(f: Floats, depth: Floats, beyond_range: bool) -> Estimate:
    """Through one tree, P.833 3.1; the extent is the depth in it."""
    return single_tree_db(f, depth, beyond_range=beyond_range)


def wall_link(f: Floats, angle: Floats, beyond_range: bool) -> Estimate:
    """Through 20 cm of concrete, TE, P.2040; the extent is the angle of incidence."""
    return p2040.wall_loss_db(_WALL, f, angle, polarisation="TE", beyond_range=beyond_range)
