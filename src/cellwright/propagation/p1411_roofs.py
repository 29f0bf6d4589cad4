"""Over rows of town buildings down into a street, ITU-R P.1411-12 (2023): 4.2.2.1."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

from cellwright.propagation.estimate import Estimate, Limit, check_limits, limit
from cellwright.propagation.p526 import WAVELENGTH_GHZ_M


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
