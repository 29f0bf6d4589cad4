"""What ITU-R P.1812-8 reads off a path profile (3.4 to 3.8 and Attachment 1 to Annex 1).

:func:`path_summary` turns a profile into a few numbers that hardly know the frequency; the
formulas of :mod:`cellwright.propagation.p1812_terms` need nothing else.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.propagation.p526 import EARTH_RADIUS_KM, bullington_parameter
from cellwright.propagation.profile import LAND, SEA

#: Places in a summary. Distances [km], heights [m], angles [mrad], edges: nu x wavelength^0.5.
(
    DISTANCE,
    HTS,
    HRS,
    THETA_T,
    THETA_R,
    DLT,
    DLR,
    TRANSHORIZON,
    HST,
    HSR,
    HSTD,
    HSRD,
    HTE,
    HRE,
    HM,
    EDGE_50,
    EDGE_SMOOTH_50,
    EDGE_BETA,
    EDGE_SMOOTH_BETA,
) = range(19)
SUMMARY_SIZE = 19
#: Effective Earth radius exceeded for beta0 of the time [km] (equation (7b)).
BETA_RADIUS_KM = 3.0 * EARTH_RADIUS_KM
#: A coast farther away than this plays no part (equation (49)).
NO_COAST_KM = 500.0


@njit(cache=True, error_model="numpy")
def median_radius_km(delta_n: float) -> float:
    """Median effective Earth radius [km] from the lapse rate of refractivity [N-units/km].

    References
    ----------
    ITU-R P.1812-8 (2025), 3.7, equations (6) and (7a).

    Examples
    --------
    >>> round(median_radius_km(45.0), 1)
    8930.8
    """
    return EARTH_RADIUS_KM * 157.0 / (157.0 - delta_n)


@njit(cache=True, error_model="numpy")
def zone_lengths(
    distance_km: NDArray[np.float64], zone: NDArray[np.int64]
) -> tuple[float, float, float]:
    """Share over sea, longest land (inland and coastal) and longest inland section [km].

    Half of the step between two points belongs to each of them.

    References
    ----------
    ITU-R P.1812-8 (2025), 3.3 and 3.6.

    Examples
    --------
    >>> d = np.array([0.0, 1.0, 2.0, 3.0])
    >>> zone_lengths(d, np.array([4, 3, 1, 1]))
    (0.5, 1.5, 0.5)
    """
    wet, land, inland, longest_land, longest_inland = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(1, distance_km.size):
        half = 0.5 * (distance_km[i] - distance_km[i - 1])
        for at in (i - 1, i):
            sea, coast = zone[at] == SEA, zone[at] != LAND
            wet = wet + half if sea else wet
            land = 0.0 if sea else land + half
            inland = 0.0 if coast else inland + half
            longest_land = max(longest_land, land)
            longest_inland = max(longest_inland, inland)
    return wet / distance_km[-1], longest_land, longest_inland


@njit(cache=True, error_model="numpy")
def coast_distances_km(
    distance_km: NDArray[np.float64], zone: NDArray[np.int64]
) -> tuple[float, float]:
    """Land between each terminal and the sea along the path [km]; 500 where there is no sea.

    References
    ----------
    ITU-R P.1812-8 (2025), 3.4.

    Examples
    --------
    >>> coast_distances_km(np.array([0.0, 1.0, 2.0, 3.0]), np.array([4, 1, 1, 1]))
    (0.5, 0.0)
    """
    first, last = -1, -1
    for i in range(zone.size):
        if zone[i] == SEA:
            last = i
            if first < 0:
                first = i
    if first < 0:
        return NO_COAST_KM, NO_COAST_KM
    end = zone.size - 1
    from_start = 0.5 * (distance_km[first] + distance_km[first - 1]) if first > 0 else 0.0
    shore = 0.5 * (distance_km[last] + distance_km[last + 1]) if last < end else distance_km[-1]
    return from_start, distance_km[-1] - shore


@njit(cache=True, error_model="numpy")
def inland_factor(dlm_km: float) -> float:
    """How much of an inland path it is, tau, 0 to 1 (P.1812-8, equation (3))."""
    return 1.0 - math.exp(-4.12e-4 * dlm_km**2.41)


@njit(cache=True, error_model="numpy")
def ducting_percent(latitude_deg: float, dtm_km: float, dlm_km: float) -> float:
    """Point incidence of ducting, beta0 [% of time].

    Parameters
    ----------
    latitude_deg : float
        Latitude of the path centre [deg].
    dtm_km, dlm_km : float
        Longest land and longest inland section [km].

    References
    ----------
    ITU-R P.1812-8 (2025), 3.6, equations (2) to (5).

    Examples
    --------
    >>> round(ducting_percent(53.68658428, 17.5, 12.5), 4)
    4.2633
    """
    tau = inland_factor(dlm_km)
    mixed = 10.0 ** (-dtm_km / (16.0 - 6.6 * tau)) + 10.0 ** (-(2.48 + 1.77 * tau))
    mu1: float = min(mixed**0.2, 1.0)
    north = abs(latitude_deg)
    if north <= 70.0:
        mu4: float = mu1 ** (-0.935 + 0.0176 * north)
        most: float = 10.0 ** (-0.015 * north + 1.67)
        return most * mu1 * mu4
    polar: float = 4.17 * mu1 * mu1**0.3
    return polar


@njit(cache=True, error_model="numpy")
def smooth_earth_fit(
    distance_km: NDArray[np.float64], ground_m: NDArray[np.float64]
) -> tuple[float, float]:
    """Straight line of least squares through the ground: its heights at both ends [m].

    References
    ----------
    ITU-R P.1812-8 (2025), Attachment 1, 5.6.1.

    Examples
    --------
    >>> hst, hsr = smooth_earth_fit(np.array([0.0, 3.0, 4.0]), np.array([5.0, 11.0, 13.0]))
    >>> round(hst, 9), round(hsr, 9)
    (5.0, 13.0)
    """
    v1, v2 = 0.0, 0.0
    for i in range(1, distance_km.size):
        far, near = distance_km[i], distance_km[i - 1]
        high, low = ground_m[i], ground_m[i - 1]
        v1 += (far - near) * (high + low)
        v2 += (far - near) * (high * (2.0 * far + near) + low * (far + 2.0 * near))
    total = distance_km[-1]
    return (2.0 * v1 * total - v2) / total**2, (v2 - v1 * total) / total**2


@njit(cache=True, error_model="numpy")
def _obstruction(
    d: NDArray[np.float64], h: NDArray[np.float64], hts: float, hrs: float
) -> tuple[float, float, float]:
    """Greatest height above the straight ray [m], and greatest angles of it from both ends."""
    total = d[-1]
    hobs, alpha_t, alpha_r = -math.inf, -math.inf, -math.inf
    for i in range(1, d.size - 1):
        rest = total - d[i]
        above = h[i] - (hts * rest + hrs * d[i]) / total
        hobs = max(hobs, above)
        alpha_t = max(alpha_t, above / d[i])
        alpha_r = max(alpha_r, above / rest)
    return hobs, alpha_t, alpha_r


@njit(cache=True, error_model="numpy")
def _diffraction_heights(
    d: NDArray[np.float64], h: NDArray[np.float64], summary: NDArray[np.float64]
) -> None:
    """Lower the smooth surface under an obstruction (Attachment 1, 5.6.2)."""
    hobs, alpha_t, alpha_r = _obstruction(d, h, summary[HTS], summary[HRS])
    hstp, hsrp = summary[HST], summary[HSR]
    if hobs > 0.0:
        hstp -= hobs * alpha_t / (alpha_t + alpha_r)
        hsrp -= hobs * alpha_r / (alpha_t + alpha_r)
    summary[HSTD] = min(hstp, h[0])
    summary[HSRD] = min(hsrp, h[-1])


@njit(cache=True, error_model="numpy")
def _mrad(slope: float) -> float:
    return 1000.0 * math.atan(slope)


@njit(cache=True, error_model="numpy")
def _horizon(
    d: NDArray[np.float64], h: NDArray[np.float64], hts: float, radius_km: float
) -> tuple[float, int]:
    """Steepest slope from the transmitter to the bare ground, and where (equation (77))."""
    best, where = -math.inf, 1
    for i in range(1, d.size - 1):
        slope = (h[i] - hts) / (1000.0 * d[i]) - d[i] / (2.0 * radius_km)
        if slope > best:
            best, where = slope, i
    return best, where


@njit(cache=True, error_model="numpy")
def _horizon_of_receiver(
    d: NDArray[np.float64], h: NDArray[np.float64], hrs: float, radius_km: float
) -> tuple[float, int]:
    """Steepest slope from the receiver to the bare ground, and where (equation (82a))."""
    best, where = -math.inf, d.size - 2
    for i in range(d.size - 2, 0, -1):
        rest = d[-1] - d[i]
        slope = (h[i] - hrs) / (1000.0 * rest) - rest / (2.0 * radius_km)
        if slope > best:
            best, where = slope, i
    return best, where


@njit(cache=True, error_model="numpy")
def _bullington_point(
    d: NDArray[np.float64], h: NDArray[np.float64], hts: float, hrs: float, radius_km: float
) -> int:
    """Profile point of a path in sight with the greatest diffraction parameter (5.3)."""
    best, where, total = -math.inf, 1, d[-1]
    for i in range(1, d.size - 1):
        rest = total - d[i]
        above = h[i] + 500.0 * d[i] * rest / radius_km - (hts * rest + hrs * d[i]) / total
        edge = above * math.sqrt(0.002 * total / (d[i] * rest))
        if edge >= best:
            best, where = edge, i
    return where


@njit(cache=True, error_model="numpy")
def _horizons(
    d: NDArray[np.float64], h: NDArray[np.float64], radius_km: float, summary: NDArray[np.float64]
) -> tuple[int, int]:
    """Horizon angles and distances (Attachment 1, 5.1 to 5.4); points of the two horizons."""
    hts, hrs, total = summary[HTS], summary[HRS], d[-1]
    steepest, lt = _horizon(d, h, hts, radius_km)
    level = (hrs - hts) / (1000.0 * total) - total / (2.0 * radius_km)
    hidden = steepest > level
    if hidden:
        back, lr = _horizon_of_receiver(d, h, hrs, radius_km)
    else:
        back = (hts - hrs) / (1000.0 * total) - total / (2.0 * radius_km)
        lt = lr = _bullington_point(d, h, hts, hrs, radius_km)
    summary[TRANSHORIZON] = 1.0 if hidden else 0.0
    summary[THETA_T], summary[THETA_R] = _mrad(max(steepest, level)), _mrad(back)
    summary[DLT], summary[DLR] = d[lt], total - d[lr]
    return lt, lr


@njit(cache=True, error_model="numpy")
def _ducting_heights(
    d: NDArray[np.float64],
    h: NDArray[np.float64],
    lt: int,
    lr: int,
    summary: NDArray[np.float64],
) -> None:
    """Effective heights and roughness for ducting (Attachment 1, 5.6.3)."""
    hst, hsr = min(summary[HST], h[0]), min(summary[HSR], h[-1])
    summary[HTE], summary[HRE] = summary[HTS] - hst, summary[HRS] - hsr
    slope = (hsr - hst) / d[-1]
    rough = -math.inf
    for i in range(lt, lr + 1):
        rough = max(rough, h[i] - hst - slope * d[i])
    summary[HM] = rough


@njit(cache=True, error_model="numpy")
def path_summary(
    distance_km: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    tx_height_m: float,
    rx_height_m: float,
    radius_km: float,
    beta_too: bool,
    smooth_too: bool,
    summary: NDArray[np.float64],
) -> None:
    """Fill ``summary`` with what the formulas of P.1812-8 ask of a profile; O(n), no allocation.

    Parameters
    ----------
    distance_km, ground_m, surface_m : ndarray, shape (n,)
        Profile: distance [km], bare ground and ground with clutter above sea level [m].
    tx_height_m, rx_height_m : float
        Antennas above ground [m].
    radius_km : float
        Median effective Earth radius [km].
    beta_too : bool
        Also the edges at the radius exceeded for beta0 of the time; needed below 50 % of time.
    smooth_too : bool
        Also the edges of the profile with zero heights; else the closed form is meant.
    summary : ndarray, shape (SUMMARY_SIZE,)
        Result, by the places named in this module.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.1, 4.3.4 and Attachment 1 to Annex 1.

    Examples
    --------
    >>> d, h = np.linspace(0.0, 10.0, 11), np.zeros(11)
    >>> summary = np.empty(SUMMARY_SIZE)
    >>> path_summary(d, h, h, 30.0, 1.5, 8500.0, False, True, summary)
    >>> float(summary[THETA_T].round(3)), float(summary[DLT] + summary[DLR])
    (-3.438, 10.0)
    """
    d = distance_km
    hts, hrs = ground_m[0] + tx_height_m, ground_m[-1] + rx_height_m
    summary[DISTANCE], summary[HTS], summary[HRS] = d[-1], hts, hrs
    summary[HST], summary[HSR] = smooth_earth_fit(d, ground_m)
    _diffraction_heights(d, ground_m, summary)
    lt, lr = _horizons(d, ground_m, radius_km, summary)
    _ducting_heights(d, ground_m, lt, lr, summary)
    hte, hre = hts - summary[HSTD], hrs - summary[HSRD]
    summary[EDGE_50] = bullington_parameter(d, surface_m, 1.0, hts, hrs, radius_km)
    if smooth_too:
        summary[EDGE_SMOOTH_50] = bullington_parameter(d, surface_m, 0.0, hte, hre, radius_km)
    if beta_too:
        wide = BETA_RADIUS_KM
        summary[EDGE_BETA] = bullington_parameter(d, surface_m, 1.0, hts, hrs, wide)
        if smooth_too:
            summary[EDGE_SMOOTH_BETA] = bullington_parameter(d, surface_m, 0.0, hte, hre, wide)
