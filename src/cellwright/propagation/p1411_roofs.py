"""Over rows of buildings down into a street, ITU-R P.1411-12 (2023): 4.2.2.1 and 4.2.2.2."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

from cellwright.propagation.estimate import Estimate, Limit, check_limits, limit
from cellwright.propagation.p526 import WAVELENGTH_GHZ_M

#: Reflections looked at between the first street and the diffracted region (4.2.2.2).
_MOST_REFLECTIONS = 10


@njit(cache=True, error_model="numpy")
def _orientation(street_deg: float) -> float:
    """Correction for the street's direction, Lori (equation (27)) [dB]."""
    if street_deg < 35.0:
        return -10.0 + 0.354 * street_deg
    if street_deg < 55.0:
        return 2.5 + 0.075 * (street_deg - 35.0)
    return 4.0 - 0.114 * (street_deg - 55.0)


@njit(cache=True, error_model="numpy")
def _settled_field(
    f: float, d: float, over_roof: float, roof: float, gap: float, metropolis: bool
) -> float:
    """Loss past many rows once the field has settled, L1msd (equations (33) to (38)) [dB]."""
    high_band = f > 2.0
    ka = 71.4 if high_band else 54.0
    kd, shadow = 18.0, 0.0
    if over_roof > 0.0:
        shadow = -18.0 * math.log10(1.0 + over_roof)
    else:
        kd -= 15.0 * over_roof / roof
        ka = 73.0 if high_band else 54.0
        ka -= 1.6 * over_roof * d / 1000.0 if d < 500.0 else 0.8 * over_roof
    kf = -8.0
    if not high_band:
        kf = -4.0 + (1.5 if metropolis else 0.7) * (1000.0 * f / 925.0 - 1.0)
    reach = kd * math.log10(d / 1000.0) + kf * math.log10(1000.0 * f)
    return shadow + ka + reach - 9.0 * math.log10(gap)


@njit(cache=True, error_model="numpy")
def _grazing_field(f: float, d: float, over_roof: float, gap: float) -> float:
    """Loss past rows at near-grazing incidence, L2msd (equations (39) to (44)) [dB]."""
    wavelength = WAVELENGTH_GHZ_M / f
    rows = math.sqrt(gap / wavelength)
    order = -math.log10(rows) - math.log10(d) / 9.0 + 10.0 / 9.0 * math.log10(gap / 2.35)
    upper = 10.0**order
    lower = (0.00023 * gap * gap - 0.1827 * gap - 9.4978) / math.log10(1000.0 * f) ** 2.938
    lower += 0.000781 * gap + 0.06923
    if over_roof > upper:
        amplitude = 2.35 * (over_roof / d * rows) ** 0.9
    elif over_roof >= lower:
        amplitude = gap / d
    else:
        angle = math.atan(over_roof / gap)
        slant = math.sqrt(over_roof * over_roof + gap * gap)
        turn = 1.0 / angle - 1.0 / (2.0 * math.pi + angle)
        amplitude = gap / (2.0 * math.pi * d) * math.sqrt(wavelength / slant) * turn
    return -10.0 * math.log10(amplitude * amplitude)


@njit(cache=True, error_model="numpy")
def _rows_loss(
    f: float, d: float, over_roof: float, roof: float, covered: float, gap: float, metropolis: bool
) -> float:
    """Loss past the rows of buildings, Lmsd (equations (29) to (32)) [dB]."""
    wavelength = WAVELENGTH_GHZ_M / f
    settled = covered * over_roof * over_roof > wavelength * d * d
    turn = abs(over_roof) * math.sqrt(covered / wavelength)
    if turn == 0.0:  # antenna level with the roofs: the limit of what follows
        return _grazing_field(f, d, over_roof, gap)
    upper = _settled_field(f, turn, over_roof, roof, gap, metropolis)
    lower = _grazing_field(f, turn, over_roof, gap)
    middle, step = 0.5 * (upper + lower), upper - lower
    here = (
        _settled_field(f, d, over_roof, roof, gap, metropolis)
        if settled
        else _grazing_field(f, d, over_roof, gap)
    )
    beyond = math.log10(d / turn)
    if step > 0.0:
        weight = math.tanh(beyond / 0.1)
        return middle + (-weight if settled else weight) * (here - middle)
    if step == 0.0:
        return _grazing_field(f, d, over_roof, gap)
    weight = math.tanh(beyond / (0.0417 * step))
    if settled:
        return here - weight * (upper - middle) - upper + middle
    return here + weight * (middle - lower) + middle - lower


@njit(cache=True, error_model="numpy")
def urban_roofs_kernel(
    frequency_ghz: float,
    distance_m: float,
    height_1_m: float,
    height_2_m: float,
    roof_m: float,
    covered_m: float,
    gap_m: float,
    street_m: float,
    street_deg: float,
    metropolis: bool,
) -> float:
    """Loss over roofs of about one height down into a street [dB]; at least free space.

    Parameters
    ----------
    frequency_ghz, distance_m : float
        Frequency [GHz] and path length [m].
    height_1_m, height_2_m, roof_m : float
        Base antenna, street antenna and roofs above ground [m].
    covered_m, gap_m : float
        Path length over buildings l, spacing of the rows b [m].
    street_m, street_deg : float
        Width of the street w2 [m] and its angle to the path [deg], 0 to 90.
    metropolis : bool
        Centre of a metropolis; matters up to 2 GHz.

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.2.2.1, equations (23) to (44).

    Examples
    --------
    >>> args = (34.038, 1.5, 12.7273, 600.146, 35.2922, 23.3523, 45.4093, True)
    >>> round(urban_roofs_kernel(3.5, 2411.5, *args), 3)
    154.85
    """
    free = 32.4 + 20.0 * math.log10(distance_m * frequency_ghz)
    down = -8.2 - 10.0 * math.log10(street_m) + 10.0 * math.log10(1000.0 * frequency_ghz)
    down += 20.0 * math.log10(roof_m - height_2_m) + _orientation(street_deg)
    over = height_1_m - roof_m
    rows = _rows_loss(frequency_ghz, distance_m, over, roof_m, covered_m, gap_m, metropolis)
    return free + max(down + rows, 0.0)


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
def _urban_roofs(
    f: float,
    d: float,
    h1: float,
    h2: float,
    roof: float,
    covered: float,
    gap: float,
    street: float,
    angle: float,
    metropolis: bool,
) -> float:
    return urban_roofs_kernel(f, d, h1, h2, roof, covered, gap, street, angle, metropolis)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _suburban_roofs(
    f: float, d: float, h1: float, h2: float, roof: float, street: float, angle: float
) -> float:
    return suburban_roofs_kernel(f, d, h1, h2, roof, street, angle)


def _array(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _below_roof(height_2_m: ArrayLike, roof_m: ArrayLike) -> Limit:
    return limit("height_2_m below the roof", _array(roof_m) - _array(height_2_m), 0.0, 300.0, "m")


def urban_roofs_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    height_1_m: ArrayLike,
    height_2_m: ArrayLike,
    roof_m: ArrayLike,
    covered_m: ArrayLike,
    gap_m: ArrayLike,
    street_m: ArrayLike,
    street_deg: ArrayLike = 90.0,
    *,
    metropolis: bool = False,
    beyond_range: bool = False,
) -> Estimate:
    """Loss over urban roofs of about one height down into a street [dB].

    Parameters
    ----------
    frequency_ghz, distance_m : array_like of float
        Frequency [GHz], 0.8 to 26, and path length [m], 20 to 5000.
    height_1_m, height_2_m : array_like of float
        Base antenna, 4 to 55, and street antenna, 1 to 3, above ground [m].
    roof_m : array_like of float
        Average building height [m], above the street antenna.
    covered_m, gap_m : array_like of float
        Path length over buildings l, spacing of the rows b [m].
    street_m, street_deg : array_like of float
        Width of the street w2 [m] and its angle to the path [deg], 0 to 90.
    metropolis : bool
        Centre of a metropolis instead of a medium town; matters up to 2 GHz.
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
    ITU-R P.1411-12 (2023), Annex 1, 4.2.2.1.

    Examples
    --------
    >>> urban_roofs_db(3.5, [500.0, 1000.0], 30.0, 1.5, 20.0, 400.0, 50.0, 20.0).loss_db.round(1)
    array([140.4, 146.5])
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.8, 26.0, "GHz"),
        limit("distance_m", distance_m, 20.0, 5000.0, "m"),
        limit("height_1_m", height_1_m, 4.0, 55.0, "m"),
        limit("height_2_m", height_2_m, 1.0, 3.0, "m"),
        _below_roof(height_2_m, roof_m),
        limit("covered_m", covered_m, 0.0, 5000.0, "m"),
        limit("gap_m", gap_m, 0.0, 1000.0, "m"),
        limit("street_m", street_m, 0.0, 1000.0, "m"),
        limit("street_deg", street_deg, 0.0, 90.0, "deg", above=-1e-9, below=90.0 + 1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    lengths = (height_1_m, height_2_m, roof_m, covered_m, gap_m, street_m, street_deg)
    link = (_array(frequency_ghz), _array(distance_m))
    loss = _urban_roofs(*link, *map(_array, lengths), metropolis)
    return Estimate(_array(loss), inside)


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
