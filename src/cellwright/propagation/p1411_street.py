"""Along and around the corner of a street canyon, ITU-R P.1411-12 (2023): 4.1.2 and 4.1.3."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.estimate import Estimate, check_limits, limit
from cellwright.propagation.p526 import WAVELENGTH_GHZ_M

#: Length of the corner region, dcorner (4.1.3.2) [m].
_CORNER_M = 30.0
#: Which value of the canyon's spread -> number for :func:`canyon_sight_kernel`.
BOUNDS: Mapping[str, int] = MappingProxyType({"lower": 0, "median": 1, "upper": 2})


@njit(cache=True, error_model="numpy")
def _two_slopes(bound: int, base: float, octaves: float, far: float) -> float:
    """Loss around a break point (equations (2) to (4)): 0 lower, 1 median, 2 upper [dB]."""
    slope = 20.0 if octaves <= 0.0 else far
    if bound == 0:
        return base + slope * octaves
    if bound == 1:
        return base + 6.0 + slope * octaves
    return base + 20.0 + (25.0 if octaves <= 0.0 else far) * octaves


@njit(cache=True, error_model="numpy")
def canyon_sight_kernel(
    bound: int,
    frequency_ghz: float,
    distance_m: float,
    height_1_m: float,
    height_2_m: float,
    road_m: float,
) -> float:
    """Loss along a street in sight [dB]: two slopes around a break point.

    Parameters
    ----------
    bound : int
        A number of ``BOUNDS``.
    frequency_ghz, distance_m : float
        Frequency [GHz] and distance [m].
    height_1_m, height_2_m : float
        Antennas above ground [m].
    road_m : float
        Effective height of the road's traffic [m]; 0 below 3 GHz.

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.1.2, equations (2) to (12).

    Examples
    --------
    >>> round(canyon_sight_kernel(1, 2.6, 1796.48, 24.1678, 1.5, 0.0), 3)
    108.913
    """
    wavelength = WAVELENGTH_GHZ_M / frequency_ghz
    if height_1_m > road_m and height_2_m > road_m:
        product = (height_1_m - road_m) * (height_2_m - road_m)
        base = abs(20.0 * math.log10(wavelength * wavelength / (8.0 * math.pi * product)))
        octaves = math.log10(distance_m * wavelength / (4.0 * product))
        return _two_slopes(bound, base, octaves, 40.0)
    if distance_m < 20.0:
        return canyon_sight_kernel(bound, frequency_ghz, distance_m, height_1_m, height_2_m, 0.0)
    base = abs(20.0 * math.log10(wavelength / (2.0 * math.pi * 20.0)))
    offset = 0.0 if bound == 0 else (6.0 if bound == 1 else 20.0)
    return base + offset + 30.0 * math.log10(distance_m / 20.0)


@njit(cache=True, error_model="numpy")
def corner_kernel(
    frequency_ghz: float,
    to_corner_1_m: float,
    to_corner_2_m: float,
    width_1_m: float,
    width_2_m: float,
    corner_rad: float,
) -> float:
    """Loss around one street corner below 3 GHz: reflected and diffracted paths together [dB].

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.1.3.1, equations (14) to (17).

    Examples
    --------
    >>> round(corner_kernel(2.0, 50.0, 60.0, 20.0, 20.0, 1.57), 2)
    85.22
    """
    x1, x2 = to_corner_1_m, to_corner_2_m
    unit = 20.0 * math.log10(4.0 * math.pi * frequency_ghz / WAVELENGTH_GHZ_M)
    turning = 3.86 / corner_rad**3.5
    reflected = 20.0 * math.log10(x1 + x2) + x1 * x2 * turning / (width_1_m * width_2_m) + unit
    open_angle = math.atan(x2 / width_2_m) + math.atan(x1 / width_1_m) - math.pi / 2.0
    diffracted = 10.0 * math.log10(x1 * x2 * (x1 + x2)) + 40.0 / math.pi * open_angle
    diffracted += unit - 0.1 * (90.0 - math.degrees(corner_rad))
    return -10.0 * math.log10(10.0 ** (-0.1 * reflected) + 10.0 ** (-0.1 * diffracted))


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _canyon_sight(bound: int, f: float, d: float, h1: float, h2: float, road: float) -> float:
    return canyon_sight_kernel(bound, f, d, h1, h2, road)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _corner(f: float, x1: float, x2: float, w1: float, w2: float, corner: float) -> float:
    return corner_kernel(f, x1, x2, w1, w2, corner)


def _array(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def canyon_sight_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    height_1_m: ArrayLike,
    height_2_m: ArrayLike,
    *,
    bound: str = "median",
    road_m: float = 0.0,
    beyond_range: bool = False,
) -> Estimate:
    """Loss along a street canyon in line of sight, 0.3 to 15 GHz [dB].

    Parameters
    ----------
    frequency_ghz, distance_m : array_like of float
        Frequency [GHz] and distance [m], up to 1 km.
    height_1_m, height_2_m : array_like of float
        Antennas above ground [m].
    bound : {"median", "lower", "upper"}
        Which value of the spread.
    road_m : float
        Effective road height hs above 3 GHz [m]: 0.2 to 1.6 by traffic (Tables 5 and 6).
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Loss [dB].

    Raises
    ------
    InputError
        Unknown bound, or inputs outside the limits.

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.1.2.

    Examples
    --------
    >>> canyon_sight_db(2.6, [100.0, 1000.0], 10.0, 1.5).loss_db.round(2)
    array([ 80.73, 106.4 ])
    """
    if bound not in BOUNDS:
        raise InputError(f'No bound is named "{bound}". {did_you_mean(bound, BOUNDS)}')
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.3, 15.0, "GHz"),
        limit("distance_m", distance_m, 0.0, 1000.0, "m"),
        limit("height_1_m", height_1_m, 0.0, 1000.0, "m"),
        limit("height_2_m", height_2_m, 0.0, 1000.0, "m"),
        limit("road_m", road_m, 0.0, 1.6, "m", above=-1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    arrays = map(_array, (frequency_ghz, distance_m, height_1_m, height_2_m, road_m))
    return Estimate(_array(_canyon_sight(BOUNDS[bound], *arrays)), inside)


def millimetre_canyon_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    exponent: float = 2.0,
    *,
    gas_db_per_km: ArrayLike = 0.0,
    beyond_range: bool = False,
) -> Estimate:
    """Loss along a street canyon in line of sight, 10 to 100 GHz [dB]; rain comes on top.

    Parameters
    ----------
    frequency_ghz, distance_m : array_like of float
        Frequency [GHz] and distance [m], up to 1 km.
    exponent : float
        Loss exponent n, 1.9 to 2.21 (Table 7).
    gas_db_per_km : array_like of float
        Attenuation by atmospheric gases, ITU-R P.676 [dB/km].
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Loss [dB].

    Raises
    ------
    InputError
        Inputs outside the limits.

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.1.2, equation (13).

    Examples
    --------
    >>> float(millimetre_canyon_db(28.0, 100.0).loss_db.round(2))
    100.94
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 10.0, 100.0, "GHz"),
        limit("distance_m", distance_m, 0.0, 1000.0, "m"),
        limit("exponent", exponent, 1.9, 2.21, ""),
        limit("gas_db_per_km", gas_db_per_km, 0.0, 50.0, "dB/km", above=-1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    d = _array(distance_m)
    spread = 20.0 * np.log10(1000.0 * _array(frequency_ghz)) - 28.0
    loss = spread + 10.0 * exponent * np.log10(d) + _array(gas_db_per_km) * d / 1000.0
    return Estimate(_array(loss), inside)


def corner_db(
    frequency_ghz: ArrayLike,
    to_corner_1_m: ArrayLike,
    to_corner_2_m: ArrayLike,
    width_1_m: ArrayLike,
    width_2_m: ArrayLike,
    corner_deg: ArrayLike = 90.0,
    *,
    beyond_range: bool = False,
) -> Estimate:
    """Loss around one street corner, 0.8 to 2 GHz [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz].
    to_corner_1_m, to_corner_2_m : array_like of float
        Distances from both stations to the crossing, x1 and x2 [m].
    width_1_m, width_2_m : array_like of float
        Street widths at both stations [m].
    corner_deg : array_like of float
        Corner angle [deg], above 34.4 (0.6 rad) and below 180.
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Loss [dB].

    Raises
    ------
    InputError
        Inputs outside the limits.

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.1.3.1.

    Examples
    --------
    >>> corner_db(2.0, 50.0, [30.0, 60.0], 20.0, 20.0).loss_db.round(2)
    array([79.43, 85.21])
    """
    limits = [limit("frequency_ghz", frequency_ghz, 0.8, 2.0, "GHz")]
    for name, values in (
        ("to_corner_1_m", to_corner_1_m),
        ("to_corner_2_m", to_corner_2_m),
        ("width_1_m", width_1_m),
        ("width_2_m", width_2_m),
    ):
        limits.append(limit(name, values, 0.0, 1e4, "m"))
    limits.append(limit("corner_deg", corner_deg, math.degrees(0.6), 180.0, "deg", below=180.0))
    inside = check_limits(limits, beyond_range)
    lengths = (frequency_ghz, to_corner_1_m, to_corner_2_m, width_1_m, width_2_m)
    loss = _corner(*map(_array, lengths), np.radians(_array(corner_deg)))
    return Estimate(_array(loss), inside)


def bent_canyon_db(
    frequency_ghz: ArrayLike,
    to_corner_1_m: ArrayLike,
    to_corner_2_m: ArrayLike,
    width_1_m: ArrayLike,
    straight_db: ArrayLike,
    *,
    residential: bool = False,
    chamfered: bool = False,
    beyond_range: bool = False,
) -> Estimate:
    """Loss around a right-angled street corner, 2 to 38 GHz [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz].
    to_corner_1_m, to_corner_2_m : array_like of float
        Distances from both stations to the crossing, x1, above 20, and x2 [m].
    width_1_m : array_like of float
        Width of the first station's street [m].
    straight_db : array_like of float
        Loss in sight up to the crossing [dB]: :func:`canyon_sight_db` or
        :func:`millimetre_canyon_db` over x1.
    residential : bool
        Houses instead of a town: 30 dB at the corner, not 20.
    chamfered : bool
        Corners of the blocks cut off (Figure 5); towns only.
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Loss [dB].

    Raises
    ------
    InputError
        Inputs outside the limits.

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.1.3.2, equations (19) to (22).

    Examples
    --------
    >>> straight = canyon_sight_db(3.5, 50.0, 10.0, 1.5).loss_db
    >>> bent_canyon_db(3.5, 50.0, [5.0, 30.0, 100.0], 20.0, straight).loss_db.round(1)
    array([ 77.3,  94.7, 110.6])
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 2.0, 38.0, "GHz"),
        limit("to_corner_1_m", to_corner_1_m, 20.0, 1000.0, "m"),
        limit("to_corner_2_m", to_corner_2_m, 0.0, 1000.0, "m", above=-1e-9),
        limit("width_1_m", width_1_m, 0.0, 200.0, "m"),
        limit("straight_db", straight_db, 0.0, 300.0, "dB"),
    ]
    inside = check_limits(limits, beyond_range)
    x1, x2, half = _array(to_corner_1_m), _array(to_corner_2_m), 0.5 * _array(width_1_m)
    slope = np.full_like(x1, 6.0)
    if chamfered and not residential:
        steep = 1.4 * np.log10(1000.0 * _array(frequency_ghz)) - 7.8
        slope = 4.2 + steep * (0.8 * np.log10(x1) - 1.0)
    turned = np.clip(x2 - half, 1.0, 1.0 + _CORNER_M)
    corner = (30.0 if residential else 20.0) * np.log10(turned) / math.log10(1.0 + _CORNER_M)
    beyond = 10.0 * slope * np.log10((x1 + x2) / (x1 + half + _CORNER_M))
    loss = _array(straight_db) + corner + np.where(x2 > half + 1.0 + _CORNER_M, beyond, 0.0)
    return Estimate(_array(loss), inside)
