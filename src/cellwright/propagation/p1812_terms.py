"""The closed formulas of ITU-R P.1812-8: line of sight, diffraction, troposcatter, ducting.

They read a path summary (:mod:`cellwright.propagation.p1812_path`), never a profile, so that
further bands, percentages and polarisations cost no second pass over the ground.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.propagation import p1812_path as path
from cellwright.propagation.normal import inverse_tail_p1812
from cellwright.propagation.p526 import (
    bullington_loss,
    delta_bullington,
    smooth_parameter,
    spherical_earth_loss,
)

#: Places of the intermediate results [dB], named as in the Recommendation.
(
    FI,
    FJ,
    FK,
    LBFS,
    LB0P,
    LB0B,
    LBULLA50,
    LBULLS50,
    LDSPH50,
    LD50,
    LBULLAB,
    LBULLSB,
    LDSPHB,
    LDB,
    LDP,
    LBD50,
    LBD,
    LMINB0P,
    LBA,
    LMINBAP,
    LBDA,
    LBAM,
    LBS,
    LBC,
) = range(24)
TERMS_SIZE = 24


@njit(cache=True, error_model="numpy")
def free_space(distance_km: float, hts_m: float, hrs_m: float, frequency_ghz: float) -> float:
    """Free-space loss over the slant distance [dB].

    References
    ----------
    ITU-R P.1812-8 (2025), 4.2, equation (8).

    Examples
    --------
    >>> round(free_space(10.0, 30.0, 30.0, 1.0), 1)
    112.4
    """
    rise = (hts_m - hrs_m) / 1000.0
    squared = distance_km * distance_km + rise * rise
    return 92.4 + 20.0 * math.log10(frequency_ghz) + 10.0 * math.log10(squared)


@njit(cache=True, error_model="numpy")
def enhancement(horizons_km: float, percent: float) -> float:
    """Multipath and focusing exceeded for a share of time [dB], 0 or less below 50 %.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.2, equation (9).

    Examples
    --------
    >>> round(enhancement(100.0, 5.0), 2)
    -2.6
    """
    return 2.6 * (1.0 - math.exp(-0.1 * horizons_km)) * math.log10(percent / 50.0)


@njit(cache=True, error_model="numpy")
def troposcatter(
    distance_km: float, theta_mrad: float, frequency_ghz: float, percent: float, n0: float
) -> float:
    """Troposcatter loss not exceeded for a share of time of 50 % or less, Lbs [dB].

    References
    ----------
    ITU-R P.1812-8 (2025), 4.4, equations (44) and (45).

    Examples
    --------
    >>> round(troposcatter(200.0, 10.0, 1.0, 50.0, 320.0), 1)
    193.6
    """
    octave = math.log10(frequency_ghz / 2.0)
    spectral = 25.0 * math.log10(frequency_ghz) - 2.5 * octave * octave
    loss = 190.1 + spectral + 20.0 * math.log10(distance_km) + 0.573 * theta_mrad - 0.15 * n0
    gain: float = 10.125 * math.log10(50.0 / percent) ** 0.7
    return loss - gain


@njit(cache=True, error_model="numpy")
def site_shielding(theta: float, horizon_km: float, f: float) -> float:
    """Loss of a terminal behind its horizon (equation (48)) [dB]."""
    excess = theta - 0.1 * horizon_km
    if excess <= 0.0:
        return 0.0
    loss = 20.0 * math.log10(1.0 + 0.361 * excess * math.sqrt(f * horizon_km))
    more: float = 0.264 * excess * f ** (1.0 / 3.0)
    return loss + more


@njit(cache=True, error_model="numpy")
def _coast_coupling(coast_km: float, horizon_km: float, height_m: float, omega: float) -> float:
    """Gain of a terminal near the sea (equation (49)), 0 or less [dB]."""
    if omega < 0.75 or coast_km > horizon_km or coast_km > 5.0:
        return 0.0
    return (
        -3.0 * math.exp(-0.25 * coast_km * coast_km) * (1.0 + math.tanh(0.07 * (50.0 - height_m)))
    )


@njit(cache=True, error_model="numpy")
def _coupling(s: NDArray[np.float64], f: float, omega: float, dct: float, dcr: float) -> float:
    """Fixed coupling losses between antennas and duct, Af (equation (47)) [dB]."""
    loss = 102.45 + 20.0 * math.log10(f) + 20.0 * math.log10(s[path.DLT] + s[path.DLR])
    if f < 0.5:
        loss += 45.375 - 137.0 * f + 92.5 * f * f
    loss += site_shielding(s[path.THETA_T], s[path.DLT], f)
    loss += site_shielding(s[path.THETA_R], s[path.DLR], f)
    loss += _coast_coupling(dct, s[path.DLT], s[path.HTS], omega)
    return loss + _coast_coupling(dcr, s[path.DLR], s[path.HRS], omega)


@njit(cache=True, error_model="numpy")
def _ducting_beta(s: NDArray[np.float64], radius_km: float, dlm: float, beta0: float) -> float:
    """Incidence of ducting corrected for geometry and roughness, beta [%] (equation (54))."""
    d: float = s[path.DISTANCE]
    alpha = max(-0.6 - 3.5e-9 * d**3.1 * path.inland_factor(dlm), -3.4)
    heights = (math.sqrt(s[path.HTE]) + math.sqrt(s[path.HRE])) ** 2
    mu2: float = min((500.0 * d * d / (radius_km * heights)) ** alpha, 1.0)
    mu3 = 1.0
    if s[path.HM] > 10.0:
        between = min(d - s[path.DLT] - s[path.DLR], 40.0)
        mu3 = math.exp(-4.6e-5 * (s[path.HM] - 10.0) * (43.0 + 6.0 * between))
    return beta0 * mu2 * mu3


@njit(cache=True, error_model="numpy")
def _time_term(d: float, percent: float, beta: float) -> float:
    """Variation with time of the ducting loss, Ap (equation (53)) [dB]."""
    order = math.log10(beta)
    gamma = 1.076 / (2.0058 - order) ** 1.012
    gamma *= math.exp(-(9.51 - 4.8 * order + 0.198 * order * order) * 1e-6 * d**1.13)
    ratio = percent / beta
    powered: float = ratio**gamma
    return -12.0 + (1.2 + 3.7e-3 * d) * math.log10(ratio) + 12.0 * powered


@njit(cache=True, error_model="numpy")
def ducting(
    summary: NDArray[np.float64],
    frequency_ghz: float,
    percent: float,
    radius_km: float,
    omega: float,
    dct_km: float,
    dcr_km: float,
    dlm_km: float,
    beta0: float,
) -> float:
    """Loss by ducting and layer reflection not exceeded for a share of time, Lba [dB].

    References
    ----------
    ITU-R P.1812-8 (2025), 4.5, equations (46) to (56).
    """
    s, f = summary, frequency_ghz
    d = s[path.DISTANCE]
    angle = 1000.0 * d / radius_km
    angle += min(s[path.THETA_T], 0.1 * s[path.DLT]) + min(s[path.THETA_R], 0.1 * s[path.DLR])
    attenuation: float = 5e-5 * radius_km * f ** (1.0 / 3.0) * angle
    beta = _ducting_beta(s, radius_km, dlm_km, beta0)
    return _coupling(s, f, omega, dct_km, dcr_km) + attenuation + _time_term(d, percent, beta)


@njit(cache=True, error_model="numpy")
def blend(distance_km: float, theta_mrad: float) -> tuple[float, float]:
    """Weights Fj (by path angle) and Fk (by distance) between the mechanisms, 0 to 1.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.6, equations (57) and (58).

    Examples
    --------
    >>> blend(20.0, 0.3)
    (0.5, 0.5)
    """
    fj = 1.0 - 0.5 * (1.0 + math.tanh(3.0 * 0.8 * (theta_mrad - 0.3) / 0.3))
    fk = 1.0 - 0.5 * (1.0 + math.tanh(3.0 * 0.5 * (distance_km - 20.0) / 20.0))
    return fj, fk


@njit(cache=True, error_model="numpy")
def time_weight(percent: float, beta0: float) -> float:
    """Weight Fi of the loss at beta0 against the median, 0 to 1 (equation (40))."""
    if percent <= beta0:
        return 1.0
    return inverse_tail_p1812(percent / 100.0) / inverse_tail_p1812(beta0 / 100.0)


@njit(cache=True, error_model="numpy")
def _smooth_maximum(a: float, b: float, scale: float) -> float:
    """Soft maximum: scale x log(exp(a / scale) + exp(b / scale)), without overflow."""
    return max(a, b) + scale * math.log1p(math.exp(-abs(a - b) / scale))


@njit(cache=True, error_model="numpy")
def _diffraction(
    s: NDArray[np.float64],
    f: float,
    vertical: bool,
    omega: float,
    radius_km: float,
    beta_edges: bool,
    closed_smooth: bool,
    out: NDArray[np.float64],
    first: int,
) -> None:
    """Lbulla, Lbulls, Ldsph and Ld of one Earth radius, into ``out[first:first + 4]``."""
    d = s[path.DISTANCE]
    hte, hre = s[path.HTS] - s[path.HSTD], s[path.HRS] - s[path.HSRD]
    edge = s[path.EDGE_BETA] if beta_edges else s[path.EDGE_50]
    smooth = s[path.EDGE_SMOOTH_BETA] if beta_edges else s[path.EDGE_SMOOTH_50]
    if closed_smooth:
        smooth = smooth_parameter(d, hte, hre, radius_km)
    out[first] = bullington_loss(edge, d, f)
    out[first + 1] = bullington_loss(smooth, d, f)
    out[first + 2] = spherical_earth_loss(d, hte, hre, radius_km, f, vertical, omega)
    out[first + 3] = delta_bullington(out[first], out[first + 1], out[first + 2])


@njit(cache=True, error_model="numpy")
def _combine(
    s: NDArray[np.float64],
    percent: float,
    omega: float,
    beta0: float,
    t: NDArray[np.float64],
) -> None:
    """Join the mechanisms (4.6, equations (57) to (63)); reads and writes the terms."""
    weight = t[FI]
    if percent < beta0:
        t[LMINB0P] = t[LB0P] + (1.0 - omega) * t[LDP]
    else:
        t[LMINB0P] = t[LBD50] + (t[LB0B] + (1.0 - omega) * t[LDP] - t[LBD50]) * weight
    t[LMINBAP] = _smooth_maximum(t[LBA], t[LB0P], 2.5)
    t[LBDA] = t[LBD]
    if t[LMINBAP] <= t[LBD]:
        t[LBDA] = t[LMINBAP] + (t[LBD] - t[LMINBAP]) * t[FK]
    t[LBAM] = t[LBDA] + (t[LMINB0P] - t[LBDA]) * t[FJ]
    t[LBC] = -_smooth_maximum(-t[LBS], -t[LBAM], 5.0 / math.log(10.0))


@njit(cache=True, error_model="numpy")
def median_location_loss(
    summary: NDArray[np.float64],
    frequency_ghz: float,
    percent: float,
    vertical: bool,
    delta_n: float,
    n0: float,
    omega: float,
    dct_km: float,
    dcr_km: float,
    dlm_km: float,
    beta0: float,
    beta_too: bool,
    closed_smooth: bool,
    terms: NDArray[np.float64],
) -> float:
    """Loss not exceeded for a share of time at half of the places, Lbc [dB]; fills ``terms``.

    Parameters
    ----------
    summary : ndarray, shape (SUMMARY_SIZE,)
        From :func:`cellwright.propagation.p1812_path.path_summary`.
    frequency_ghz, percent : float
        Frequency [GHz]; share of time [%], 1 to 50.
    vertical : bool
        Vertical polarisation, else horizontal.
    delta_n, n0 : float
        Lapse rate [N-units/km] and sea-level refractivity [N-units].
    omega, dct_km, dcr_km, dlm_km, beta0 : float
        Share over sea, land up to the coast at both ends [km], longest inland section [km],
        incidence of ducting [%].
    beta_too : bool
        Also the diffraction at beta0 of the time; needed below 50 %.
    closed_smooth : bool
        Smooth path by Attachment 4 instead of the profile with zero heights.
    terms : ndarray, shape (TERMS_SIZE,)
        Intermediate results, by the places named in this module.

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    ITU-R P.1812-8 (2025), 4.2 to 4.6.
    """
    s, t, f = summary, terms, frequency_ghz
    d, radius = s[path.DISTANCE], path.median_radius_km(delta_n)
    theta = 1000.0 * d / radius + s[path.THETA_T] + s[path.THETA_R]
    horizons = s[path.DLT] + s[path.DLR]
    t[FI] = time_weight(percent, beta0)
    t[FJ], t[FK] = blend(d, theta)
    t[LBFS] = free_space(d, s[path.HTS], s[path.HRS], f)
    t[LB0P] = t[LBFS] + enhancement(horizons, percent)
    t[LB0B] = t[LBFS] + enhancement(horizons, beta0)
    _diffraction(s, f, vertical, omega, radius, False, closed_smooth, t, LBULLA50)
    t[LDP] = t[LD50]
    if beta_too:
        wide = path.BETA_RADIUS_KM
        _diffraction(s, f, vertical, omega, wide, True, closed_smooth, t, LBULLAB)
    if percent < 50.0:
        t[LDP] += t[FI] * (t[LDB] - t[LD50])
    t[LBD50], t[LBD] = t[LBFS] + t[LD50], t[LB0P] + t[LDP]
    t[LBA] = ducting(s, f, percent, radius, omega, dct_km, dcr_km, dlm_km, beta0)
    t[LBS] = troposcatter(d, theta, f, percent, n0)
    _combine(s, percent, omega, beta0, t)
    lbc: float = t[LBC]
    return lbc


@njit(cache=True, error_model="numpy")
def location_sigma(
    frequency_ghz: float, rx_height_m: float, clutter_m: float, square_m: float
) -> float:
    """Spread of the loss from place to place within a square, sigma_loc [dB].

    It vanishes for a receiver 10 m or more above the clutter around it.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.7.

    Examples
    --------
    >>> round(location_sigma(3.5, 1.5, 15.0, 50.0), 2)
    1.81
    """
    above = min(max((rx_height_m - clutter_m) / 10.0, 0.0), 1.0)
    sigma: float = (1.0 - above) * (0.024 * frequency_ghz + 0.52) * square_m**0.28
    return sigma
