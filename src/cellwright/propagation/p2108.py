"""Clutter around a terminal where no buildings are mapped, ITU-R P.2108-1 (2021)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.estimate import Estimate, check_limits, limit
from cellwright.propagation.normal import inverse_tail
from cellwright.propagation.p526 import knife_edge_loss

#: Representative clutter heights R [m], and whether streets run between (Table 3, 3.1).
CLUTTER: Mapping[str, tuple[float, bool]] = MappingProxyType(
    {
        "water": (10.0, False),
        "open": (10.0, False),
        "suburban": (10.0, True),
        "urban": (15.0, True),
        "forest": (15.0, True),
        "dense urban": (20.0, True),
    }
)


@njit(cache=True, error_model="numpy")
def height_gain_kernel(
    frequency_ghz: float, height_m: float, clutter_m: float, streets: bool, street_width_m: float
) -> float:
    """Loss of a terminal below the clutter around it, Ah [dB]; 0 above it.

    References
    ----------
    ITU-R P.2108-1 (2021), Annex 1, 3.1, equations (1) and (2).

    Examples
    --------
    >>> round(height_gain_kernel(1.8, 1.5, 15.0, True, 27.0), 2)
    25.6
    """
    if height_m >= clutter_m:
        return 0.0
    if not streets:
        return -(21.8 + 6.2 * math.log10(frequency_ghz)) * math.log10(height_m / clutter_m)
    below = clutter_m - height_m
    angle_deg = math.degrees(math.atan(below / street_width_m))
    return knife_edge_loss(0.342 * math.sqrt(frequency_ghz * below * angle_deg)) - 6.03


@njit(cache=True, error_model="numpy")
def _at_distance(frequency_ghz: float, distance_km: float, percent: float) -> float:
    """Loss at a distance before it is capped (equations (3) to (5)) [dB]."""
    octaves = math.log10(frequency_ghz)
    long = -2.0 * math.log10(10.0 ** (-5.0 * octaves - 12.5) + 10.0**-16.5)
    short = 32.98 + 23.9 * math.log10(distance_km) + 3.0 * octaves
    a, b = 10.0 ** (-0.2 * long), 10.0 ** (-0.2 * short)
    spread = math.sqrt((16.0 * a + 36.0 * b) / (a + b))
    return -5.0 * math.log10(a + b) - spread * inverse_tail(percent / 100.0)


@njit(cache=True, error_model="numpy")
def terrestrial_kernel(frequency_ghz: float, distance_km: float, percent: float) -> float:
    """Clutter loss of one terminal not exceeded for a share of places, Lctt [dB].

    References
    ----------
    ITU-R P.2108-1 (2021), Annex 1, 3.2: at most what it is at 2 km.

    Examples
    --------
    >>> round(terrestrial_kernel(0.7, 0.25, 50.0), 3)
    17.947
    """
    return min(
        _at_distance(frequency_ghz, distance_km, percent),
        _at_distance(frequency_ghz, 2.0, percent),
    )


@njit(cache=True, error_model="numpy")
def slant_kernel(frequency_ghz: float, elevation_deg: float, percent: float) -> float:
    """Clutter loss towards the sky not exceeded for a share of places, Lces [dB].

    References
    ----------
    ITU-R P.2108-1 (2021), Annex 1, 3.3, equation (6).

    Examples
    --------
    >>> round(slant_kernel(30.0, 20.0, 50.0), 2)
    8.02
    """
    up = elevation_deg / 90.0
    angle = 0.05 * (1.0 - up) + math.pi * elevation_deg / 180.0
    base = -93.0 * frequency_ghz**0.175 * math.log(1.0 - percent / 100.0) / math.tan(angle)
    loss: float = base ** (0.5 * (1.0 - up)) - 1.0
    return loss - 0.6 * inverse_tail(percent / 100.0)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _height_gain(f: float, h: float, clutter: float, streets: bool, width: float) -> float:
    return height_gain_kernel(f, h, clutter, streets, width)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _terrestrial(f: float, d: float, percent: float) -> float:
    return terrestrial_kernel(f, d, percent)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _slant(f: float, elevation: float, percent: float) -> float:
    return slant_kernel(f, elevation, percent)


def _array(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def height_gain_db(
    frequency_ghz: ArrayLike,
    height_m: ArrayLike,
    clutter: str,
    *,
    clutter_height_m: float | None = None,
    street_width_m: float = 27.0,
    beyond_range: bool = False,
) -> Estimate:
    """Loss of a terminal within clutter, for a path computed to the clutter's top [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 0.03 to 3.
    height_m : array_like of float
        Antenna above ground [m].
    clutter : str
        A name of ``CLUTTER``.
    clutter_height_m : float, optional
        Representative height R [m]; by default that of the clutter.
    street_width_m : float
        Width of the street [m].
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Loss [dB]; 0 above the clutter.

    Raises
    ------
    InputError
        Unknown clutter, or inputs outside the limits.

    References
    ----------
    ITU-R P.2108-1 (2021), Annex 1, 3.1.

    Examples
    --------
    >>> height_gain_db([0.7, 1.8], 4.0, "open").loss_db.round(3)
    array([8.293, 9.305])
    """
    if clutter not in CLUTTER:
        raise InputError(f'No clutter is named "{clutter}". {did_you_mean(clutter, CLUTTER)}')
    default_m, streets = CLUTTER[clutter]
    tall_m = default_m if clutter_height_m is None else clutter_height_m
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.03, 3.0, "GHz"),
        limit("height_m", height_m, 0.0, 3000.0, "m"),
        limit("clutter_height_m", tall_m, 0.0, 500.0, "m"),
        limit("street_width_m", street_width_m, 1.0, 500.0, "m"),
    ]
    inside = check_limits(limits, beyond_range)
    loss = _height_gain(_array(frequency_ghz), _array(height_m), tall_m, streets, street_width_m)
    return Estimate(_array(loss), inside)


def terrestrial_clutter_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    location_percent: ArrayLike = 50.0,
    *,
    beyond_range: bool = False,
) -> Estimate:
    """Clutter loss of one terminal well below the roofs of a town or suburb [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 0.5 to 67.
    distance_m : array_like of float
        Path length [m], 250 or more; beyond 2 km the loss stays.
    location_percent : array_like of float
        Share of places with no more loss [%], above 0 and below 100.
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Loss [dB], to be added for each terminal in clutter.

    Raises
    ------
    InputError
        Inputs outside the limits.

    References
    ----------
    ITU-R P.2108-1 (2021), Annex 1, 3.2.

    Examples
    --------
    >>> terrestrial_clutter_db(0.7, 250.0, [1.0, 50.0, 99.0]).loss_db.round(3)
    array([ 4.299, 17.947, 31.594])
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.5, 67.0, "GHz"),
        limit("distance_m", distance_m, 250.0, math.inf, "m"),
        limit("location_percent", location_percent, 0.0, 100.0, "%", below=100.0),
    ]
    inside = check_limits(limits, beyond_range)
    km = _array(distance_m) / 1000.0
    loss = _terrestrial(_array(frequency_ghz), km, _array(location_percent))
    return Estimate(_array(loss), inside)


def slant_clutter_db(
    frequency_ghz: ArrayLike,
    elevation_deg: ArrayLike,
    location_percent: ArrayLike = 50.0,
    *,
    beyond_range: bool = False,
) -> Estimate:
    """Clutter loss between a terminal in a town and an aircraft or satellite [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 10 to 100.
    elevation_deg : array_like of float
        Elevation of the other end [deg], 0 to 90.
    location_percent : array_like of float
        Share of places with no more loss [%], above 0 and below 100.
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
    ITU-R P.2108-1 (2021), Annex 1, 3.3.

    Examples
    --------
    >>> slant_clutter_db(30.0, [0.0, 20.0]).loss_db.round(2)
    array([47.33,  8.02])
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 10.0, 100.0, "GHz"),
        limit("elevation_deg", elevation_deg, 0.0, 90.0, "deg", above=-1e-9, below=90.0 + 1e-9),
        limit("location_percent", location_percent, 0.0, 100.0, "%", below=100.0),
    ]
    inside = check_limits(limits, beyond_range)
    loss = _slant(_array(frequency_ghz), _array(elevation_deg), _array(location_percent))
    return Estimate(_array(loss), inside)
