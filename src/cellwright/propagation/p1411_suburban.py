"""Over suburban roofs down into a street, ITU-R P.1411-12 (2023): 4.2.2.2."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

from cellwright.propagation.estimate import Estimate, check_limits, limit
from cellwright.propagation.p526 import WAVELENGTH_GHZ_M

#: Reflections looked at between the first street and the diffracted region.
_MOST_REFLECTIONS = 10


@njit(cache=True, error_model="numpy")
def _reflection(
    order: int, h1: float, h2: float, roof: float, street: float, phi: float, wavelength: float
) -> tuple[float, float]:
    """Distance [m] and loss [dB] of a path with so many reflections (equations (50) to (57))."""
    drop = h1 - h2
    a = street * drop * (2.0 * order + 1.0) / (2.0 * (roof - h2))
    b = a - order * street
    distance = math.hypot(b / math.sin(phi), drop)
    turned = math.atan(a / b * math.tan(phi))
    length = math.hypot(a / math.sin(turned), drop)
    return distance, 20.0 * math.log10(4.0 * math.pi * length / (0.4**order * wavelength))


@njit(cache=True, error_model="numpy")
def _diffracted_from(
    f: float, h1: float, h2: float, roof: float, street: float, phi: float
) -> float:
    """Distance where diffraction takes over, dRD (equation (52)) [m]."""
    d1, _ = _reflection(1, h1, h2, roof, street, phi, 1.0)
    d2, _ = _reflection(2, h1, h2, roof, street, phi, 1.0)
    d3, _ = _reflection(3, h1, h2, roof, street, phi, 1.0)
    d4, _ = _reflection(4, h1, h2, roof, street, phi, 1.0)
    rising = 0.25 * d3 + 0.25 * d4 - 0.16 * d1 - 0.35 * d2
    return rising * math.log10(f) + 0.25 * d1 + 0.56 * d2 + 0.1 * d3 + 0.1 * d4


@njit(cache=True, error_model="numpy")
def _between_reflections(
    d: float, h1: float, h2: float, roof: float, street: float, phi: float, wavelength: float
) -> float:
    """Loss between two reflections, by distance (equations (49) and (53)) [dB]."""
    near, near_loss = _reflection(0, h1, h2, roof, street, phi, wavelength)
    for order in range(1, _MOST_REFLECTIONS + 1):
        far, far_loss = _reflection(order, h1, h2, roof, street, phi, wavelength)
        if d <= far:
            return near_loss + (far_loss - near_loss) * (d - near) / (far - near)
        near, near_loss = far, far_loss
    return math.nan


@njit(cache=True, error_model="numpy")
def suburban_roofs_kernel(
    frequency_ghz: float,
    distance_m: float,
    height_1_m: float,
    height_2_m: float,
    roof_m: float,
    street_m: float,
    street_deg: float,
) -> float:
    """Loss over suburban roofs: direct, reflected, then diffracted waves [dB].

    Parameters
    ----------
    frequency_ghz, distance_m : float
        Frequency [GHz] and path length [m].
    height_1_m, height_2_m, roof_m : float
        Base antenna, street antenna and roofs above ground [m].
    street_m, street_deg : float
        Width of the street [m] and its angle to the path [deg], above 0 up to 90.

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.2.2.2, equations (48) to (57).

    Examples
    --------
    >>> round(suburban_roofs_kernel(2.2, 1000.0, 20.0, 1.5, 8.0, 15.0, 60.0), 2)
    132.47
    """
    h1, h2, phi = height_1_m, height_2_m, math.radians(street_deg)
    wavelength = WAVELENGTH_GHZ_M / frequency_ghz
    first, _ = _reflection(0, h1, h2, roof_m, street_m, phi, wavelength)
    if distance_m < first:
        return 20.0 * math.log10(4.0 * math.pi * distance_m / wavelength)
    turn = _diffracted_from(frequency_ghz, h1, h2, roof_m, street_m, phi)
    at_turn = _between_reflections(turn, h1, h2, roof_m, street_m, phi, wavelength)
    if distance_m >= turn:
        return 32.1 * math.log10(distance_m / turn) + at_turn
    return _reflected_region(distance_m, turn, at_turn, h1, h2, roof_m, street_m, phi, wavelength)


@njit(cache=True, error_model="numpy")
def _reflected_region(
    d: float,
    turn: float,
    at_turn: float,
    h1: float,
    h2: float,
    roof: float,
    street: float,
    phi: float,
    wavelength: float,
) -> float:
    """Loss before the turn: to the next reflection, or to the turn if that is nearer [dB]."""
    near, near_loss = _reflection(0, h1, h2, roof, street, phi, wavelength)
    for order in range(1, _MOST_REFLECTIONS + 1):
        far, far_loss = _reflection(order, h1, h2, roof, street, phi, wavelength)
        if far >= turn:
            far, far_loss = turn, at_turn
        if d < far:
            return near_loss + (far_loss - near_loss) * (d - near) / (far - near)
        near, near_loss = far, far_loss
    return math.nan


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _suburban_roofs(
    f: float, d: float, h1: float, h2: float, roof: float, street: float, angle: float
) -> float:
    return suburban_roofs_kernel(f, d, h1, h2, roof, street, angle)


def _array(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def suburban_roofs_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    height_1_m: ArrayLike,
    height_2_m: ArrayLike,
    roof_m: ArrayLike,
    street_m: ArrayLike,
    street_deg: ArrayLike = 90.0,
    *,
    beyond_range: bool = False,
) -> Estimate:
    """Loss over suburban roofs down into a street [dB].

    Parameters
    ----------
    frequency_ghz, distance_m : array_like of float
        Frequency [GHz], 0.8 to 38, and path length [m], 10 to 5000.
    height_1_m, height_2_m : array_like of float
        Base antenna, 1 to 100 m above the roofs, and street antenna, 4 to 10 m below them [m].
    roof_m : array_like of float
        Average building height [m].
    street_m, street_deg : array_like of float
        Width of the street [m], 10 to 25, and its angle to the path [deg], above 0 up to 90.
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
    ITU-R P.1411-12 (2023), Annex 1, 4.2.2.2.

    Examples
    --------
    >>> suburban_roofs_db(2.2, [100.0, 1000.0], 20.0, 1.5, 8.0, 15.0, 60.0).loss_db.round(1)
    array([ 99.8, 132.5])
    """
    roof = _array(roof_m)
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.8, 38.0, "GHz"),
        limit("distance_m", distance_m, 10.0, 5000.0, "m"),
        limit("height_1_m above the roof", _array(height_1_m) - roof, 1.0, 100.0, "m"),
        limit("height_2_m below the roof", roof - _array(height_2_m), 4.0, 10.0, "m"),
        limit("street_m", street_m, 10.0, 25.0, "m"),
        limit("street_deg", street_deg, 0.0, 90.0, "deg", below=90.0 + 1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    lengths = (distance_m, height_1_m, height_2_m, roof_m, street_m, street_deg)
    loss = _suburban_roofs(_array(frequency_ghz), *map(_array, lengths))
    return Estimate(_array(loss), inside)
