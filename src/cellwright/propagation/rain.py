"""Attenuation by rain: ITU-R P.838-3 (2005) per kilometre, ITU-R P.530-18 (2021) along a link."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.propagation.estimate import Estimate, check_limits, limit

# P.838-3, Tables 1 to 4: rows a, b, c of the Gaussian terms; slope m and offset c.
_K_HORIZONTAL = (
    np.array([-5.3398, -0.35351, -0.23789, -0.94158]),
    np.array([-0.10008, 1.2697, 0.86036, 0.64552]),
    np.array([1.13098, 0.454, 0.15354, 0.16817]),
    -0.18961,
    0.71147,
)
_K_VERTICAL = (
    np.array([-3.80595, -3.44965, -0.39902, 0.50167]),
    np.array([0.56934, -0.22911, 0.73042, 1.07319]),
    np.array([0.81061, 0.51059, 0.11899, 0.27195]),
    -0.16398,
    0.63297,
)
_ALPHA_HORIZONTAL = (
    np.array([-0.14318, 0.29591, 0.32177, -5.3761, 16.1721]),
    np.array([1.82442, 0.77564, 0.63773, -0.9623, -3.2998]),
    np.array([-0.55187, 0.19822, 0.13164, 1.47828, 3.4399]),
    0.67849,
    -1.95537,
)
_ALPHA_VERTICAL = (
    np.array([-0.07771, 0.56727, -0.20238, -48.2991, 48.5833]),
    np.array([2.3384, 0.95545, 1.1452, 0.791669, 0.791459]),
    np.array([-0.76284, 0.54039, 0.26809, 0.116226, 0.116479]),
    -0.053739,
    0.83433,
)
_Fit = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float, float]


def _fit(octaves: NDArray[np.float64], fit: _Fit) -> NDArray[np.float64]:
    """Sum of Gaussians and a straight line over log10 of the frequency (equations (2), (3))."""
    a, b, c, slope, offset = fit
    bells = (a * np.exp(-(((octaves[..., np.newaxis] - b) / c) ** 2))).sum(axis=-1)
    return np.asarray(bells + slope * octaves + offset)


def rain_coefficients(
    frequency_ghz: ArrayLike, elevation_deg: ArrayLike = 0.0, tilt_deg: ArrayLike = 90.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return k and alpha of the power law between rain rate and attenuation.

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 1 to 1000.
    elevation_deg : array_like of float
        Elevation of the path [deg].
    tilt_deg : array_like of float
        Tilt of the polarisation [deg]: 0 horizontal, 90 vertical, 45 circular.

    Returns
    -------
    k, alpha : ndarray
        Attenuation [dB/km] = k R^alpha with R [mm/h].

    References
    ----------
    ITU-R P.838-3 (2005), equations (2) to (5); Table 5 has the values of the example.

    Examples
    --------
    >>> k, alpha = rain_coefficients([10.0, 30.0], tilt_deg=0.0)
    >>> k.round(5), alpha.round(4)
    (array([0.01217, 0.24031]), array([1.2571, 0.9485]))
    """
    octaves = np.log10(np.asarray(frequency_ghz, dtype=np.float64))
    across, upright = 10.0 ** _fit(octaves, _K_HORIZONTAL), 10.0 ** _fit(octaves, _K_VERTICAL)
    bend_across = across * _fit(octaves, _ALPHA_HORIZONTAL)
    bend_upright = upright * _fit(octaves, _ALPHA_VERTICAL)
    turn = np.cos(np.radians(elevation_deg)) ** 2 * np.cos(2.0 * np.radians(tilt_deg))
    k = 0.5 * (across + upright + (across - upright) * turn)
    alpha = (bend_across + bend_upright + (bend_across - bend_upright) * turn) / (2.0 * k)
    return np.asarray(k), np.asarray(alpha)


def rain_db_per_km(
    frequency_ghz: ArrayLike,
    rain_mm_h: ArrayLike,
    *,
    elevation_deg: ArrayLike = 0.0,
    tilt_deg: ArrayLike = 90.0,
    beyond_range: bool = False,
) -> Estimate:
    """Specific attenuation in rain [dB/km].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 1 to 1000.
    rain_mm_h : array_like of float
        Rain rate [mm/h].
    elevation_deg, tilt_deg : array_like of float
        See :func:`rain_coefficients`.
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Attenuation [dB/km].

    Raises
    ------
    InputError
        Inputs outside the limits.

    References
    ----------
    ITU-R P.838-3 (2005), equation (1).

    Examples
    --------
    >>> float(rain_db_per_km(26.0, 30.0).loss_db.round(2))
    4.11
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 1.0, 1000.0, "GHz"),
        limit("rain_mm_h", rain_mm_h, 0.0, 300.0, "mm/h", above=-1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    k, alpha = rain_coefficients(frequency_ghz, elevation_deg, tilt_deg)
    rate = np.asarray(rain_mm_h, dtype=np.float64)
    return Estimate(np.asarray(k * rate**alpha), inside)


def rain_fade_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    rain_mm_h: ArrayLike,
    time_percent: ArrayLike = 0.01,
    *,
    tilt_deg: ArrayLike = 90.0,
    beyond_range: bool = False,
) -> Estimate:
    """Rain attenuation of a link exceeded for a share of an average year [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 1 to 100.
    distance_m : array_like of float
        Length of the link [m], up to 60 km.
    rain_mm_h : array_like of float
        Rain rate exceeded for 0.01 % of the year [mm/h].
    time_percent : array_like of float
        Share of the year [%], 0.001 to 1.
    tilt_deg : array_like of float
        Tilt of the polarisation [deg]: 0 horizontal, 90 vertical.
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Attenuation [dB].

    Raises
    ------
    InputError
        Inputs outside the limits.

    References
    ----------
    ITU-R P.530-18 (2021), 2.4.1, equations (31) to (34).

    Examples
    --------
    >>> rain_fade_db(26.0, 1000.0, 30.0, [0.01, 0.1]).loss_db.round(2)
    array([6.32, 2.39])
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 1.0, 100.0, "GHz"),
        limit("distance_m", distance_m, 0.0, 60_000.0, "m"),
        limit("rain_mm_h", rain_mm_h, 0.0, 300.0, "mm/h"),
        limit("time_percent", time_percent, 0.001, 1.0, "%", below=100.0),
    ]
    inside = check_limits(limits, beyond_range)
    f, km = (np.asarray(v, dtype=np.float64) for v in (frequency_ghz, np.divide(distance_m, 1e3)))
    rate = np.asarray(rain_mm_h, dtype=np.float64)
    k, alpha = rain_coefficients(f, 0.0, tilt_deg)
    spread = 0.477 * km**0.633 * rate ** (0.073 * alpha) * f**0.123
    spread = spread - 10.579 * (1.0 - np.exp(-0.024 * km))
    worst = k * rate**alpha * km * np.minimum(1.0 / np.maximum(spread, 0.4), 2.5)
    return Estimate(np.asarray(worst * _share_of_year(f, np.asarray(time_percent))), inside)


def _share_of_year(
    frequency_ghz: NDArray[np.float64], time_percent: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Attenuation over that of 0.01 % of the year (P.530-18, equation (33))."""
    c0 = 0.12 + 0.4 * np.log10(np.maximum(frequency_ghz / 10.0, 1.0) ** 0.8)
    c1 = 0.07**c0 * 0.12 ** (1.0 - c0)
    c2 = 0.855 * c0 + 0.546 * (1.0 - c0)
    c3 = 0.139 * c0 + 0.043 * (1.0 - c0)
    return np.asarray(c1 * time_percent ** -(c2 + c3 * np.log10(time_percent)))
