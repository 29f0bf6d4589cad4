"""Diffraction over terrain and over a smooth Earth: the kernels of ITU-R P.526 and P.1812-8, 4.3.

Distances are in kilometres, heights in metres, frequencies in GHz, as in the Recommendations.
Geometry is kept apart from frequency: an edge is handed on as nu times the root of the
wavelength [m^0.5], so that further bands cost no second look at the profile.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Speed of light over 1e9 as the Recommendations round it (P.2001-5, Table 2.1).
WAVELENGTH_GHZ_M = 0.2998
EARTH_RADIUS_KM = 6371.0
#: Relative permittivity and conductivity [S/m] of the ground (P.1812-8, 4.3.3).
LAND_GROUND = (22.0, 0.003)
SEA_GROUND = (80.0, 5.0)


@njit(cache=True, error_model="numpy")
def knife_edge_loss(nu: float) -> float:
    """Loss of one knife edge, J(nu) [dB]; 0 at and below nu = -0.78.

    References
    ----------
    ITU-R P.526-15 (2019), 4.1, equation (31); ITU-R P.1812-8 (2025), 4.3.1, equation (12).

    Examples
    --------
    >>> round(knife_edge_loss(0.0), 2), knife_edge_loss(-0.78)
    (6.03, 0.0)
    """
    if not nu > -0.78:
        return 0.0
    shifted = nu - 0.1
    return 6.9 + 20.0 * math.log10(math.sqrt(shifted * shifted + 1.0) + shifted)


@njit(cache=True, error_model="numpy")
def _edge(clearance_m: float, at_km: float, distance_km: float) -> float:
    """Diffraction parameter times the root of the wavelength [m^0.5] of one edge."""
    rest = distance_km - at_km
    return clearance_m * math.sqrt(0.002 * distance_km / (at_km * rest))


@njit(cache=True, error_model="numpy")
def _sight_edge(
    d: NDArray[np.float64],
    g: NDArray[np.float64],
    weight: float,
    hts: float,
    hrs: float,
    curvature: float,
) -> float:
    """Greatest edge parameter of a path in line of sight (P.1812-8, equation (15))."""
    total = d[-1]
    best = -math.inf
    for i in range(1, d.size - 1):
        rest = total - d[i]
        ray = (hts * rest + hrs * d[i]) / total
        best = max(best, _edge(weight * g[i] + curvature * d[i] * rest - ray, d[i], total))
    return best


@njit(cache=True, error_model="numpy")
def _steepest_from_receiver(
    d: NDArray[np.float64], g: NDArray[np.float64], weight: float, hrs: float, curvature: float
) -> float:
    """Greatest slope from the receiver to a profile point [m/km] (P.1812-8, equation (17))."""
    best = -math.inf
    for i in range(1, d.size - 1):
        best = max(best, (weight * g[i] - hrs) / (d[-1] - d[i]) + curvature * d[i])
    return best


@njit(cache=True, error_model="numpy")
def bullington_parameter(
    distance_km: NDArray[np.float64],
    height_m: NDArray[np.float64],
    weight: float,
    hts_m: float,
    hrs_m: float,
    radius_km: float,
) -> float:
    """Diffraction parameter of the Bullington point, nu x wavelength^0.5 [m^0.5].

    Parameters
    ----------
    distance_km : ndarray, shape (n,)
        Distances from the transmitter [km]; the first and last points are the terminals.
    height_m : ndarray, shape (n,)
        Ground or surface above sea level [m].
    weight : float
        1 for the profile itself, 0 for the smooth path of equation (37): all heights zero.
    hts_m, hrs_m : float
        Antennas above sea level [m].
    radius_km : float
        Effective Earth radius [km].

    Returns
    -------
    float
        nu times the root of the wavelength [m^0.5].

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.1, equations (13) to (20); ITU-R P.526-15 (2019), 4.5.1.

    Examples
    --------
    >>> d, h = np.array([0.0, 1.0, 2.0]), np.array([0.0, 50.0, 0.0])
    >>> round(bullington_parameter(d, h, 1.0, 10.0, 10.0, 8500.0), 3)
    2.534
    """
    total = distance_km[-1]
    curvature = 500.0 / radius_km
    steepest = -math.inf
    for i in range(1, distance_km.size - 1):
        slope = (weight * height_m[i] - hts_m) / distance_km[i]
        steepest = max(steepest, slope + curvature * (total - distance_km[i]))
    if steepest < (hrs_m - hts_m) / total:
        return _sight_edge(distance_km, height_m, weight, hts_m, hrs_m, curvature)
    back = _steepest_from_receiver(distance_km, height_m, weight, hrs_m, curvature)
    return crossing_edge(steepest, back, hts_m, hrs_m, total)


@njit(cache=True, error_model="numpy")
def crossing_edge(forth: float, back: float, hts: float, hrs: float, distance_km: float) -> float:
    """Edge where the two horizon lines cross (P.1812-8, equations (18) to (20))."""
    at = (hrs - hts + back * distance_km) / (forth + back)
    ray = (hts * (distance_km - at) + hrs * at) / distance_km
    return _edge(hts + forth * at - ray, at, distance_km)


@njit(cache=True, error_model="numpy")
def bullington_loss(parameter: float, distance_km: float, frequency_ghz: float) -> float:
    """Bullington loss [dB] of an edge parameter (nu x wavelength^0.5).

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.1, equation (21).

    Examples
    --------
    >>> round(bullington_loss(2.533, 2.0, 1.0), 2)
    36.05
    """
    knife = knife_edge_loss(parameter / math.sqrt(WAVELENGTH_GHZ_M / frequency_ghz))
    return knife + (1.0 - math.exp(-knife / 6.0)) * (10.0 + 0.02 * distance_km)


@njit(cache=True, error_model="numpy")
def marginal_sight_km(hte_m: float, hre_m: float, radius_km: float) -> float:
    """Length of the path that just touches a smooth Earth [km] (P.1812-8, equation (22)).

    Examples
    --------
    >>> round(marginal_sight_km(30.0, 1.5, 8500.0), 1)
    27.6
    """
    return math.sqrt(2.0 * radius_km) * (math.sqrt(0.001 * hte_m) + math.sqrt(0.001 * hre_m))


@njit(cache=True, error_model="numpy")
def smallest_clearance(
    distance_km: float, hte_m: float, hre_m: float, radius_km: float
) -> tuple[float, float]:
    """Height of the ray above a smooth Earth where it would be reflected [m], and where [km].

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.2, equations (23) and (24).

    Examples
    --------
    >>> height, at = smallest_clearance(10.0, 30.0, 30.0, 8500.0)
    >>> round(height, 3), round(at, 3)
    (28.529, 5.0)
    """
    c = (hte_m - hre_m) / (hte_m + hre_m)
    m = 250.0 * distance_km * distance_km / (radius_km * (hte_m + hre_m))
    cosine = 1.5 * c * math.sqrt(3.0 * m / (m + 1.0) ** 3)
    angle = math.acos(min(max(cosine, -1.0), 1.0))
    b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos((math.pi + angle) / 3.0)
    at = 0.5 * distance_km * (1.0 + b)
    rest = distance_km - at
    near = (hte_m - 500.0 * at * at / radius_km) * rest
    far = (hre_m - 500.0 * rest * rest / radius_km) * at
    return (near + far) / distance_km, at


@njit(cache=True, error_model="numpy")
def smooth_parameter(distance_km: float, hte_m: float, hre_m: float, radius_km: float) -> float:
    """Bullington parameter of the smooth path in closed form, nu x wavelength^0.5 [m^0.5].

    References
    ----------
    ITU-R P.1812-8 (2025), Attachment 4 to Annex 1: instead of the profile with zero heights.

    Examples
    --------
    >>> round(smooth_parameter(50.0, 30.0, 10.0, 8500.0), 3)
    0.263
    """
    if distance_km < marginal_sight_km(hte_m, hre_m, radius_km):
        height, at = smallest_clearance(distance_km, hte_m, hre_m, radius_km)
        return _edge(-height, at, distance_km)
    curvature = 500.0 / radius_km
    forth = curvature * distance_km - 2.0 * math.sqrt(curvature * hte_m)
    back = curvature * distance_km - 2.0 * math.sqrt(curvature * hre_m)
    return crossing_edge(forth, back, hte_m, hre_m, distance_km)


@njit(cache=True, error_model="numpy")
def _height_gain(height: float, beta: float, admittance: float) -> float:
    """Height gain G(Y) [dB] (P.1812-8, equation (35))."""
    b = beta * height
    if b > 2.0:
        gain = 17.6 * math.sqrt(b - 1.1) - 5.0 * math.log10(b - 1.1) - 8.0
    else:
        gain = 20.0 * math.log10(b + 0.1 * b * b * b)
    return max(gain, 2.0 + 20.0 * math.log10(admittance))


@njit(cache=True, error_model="numpy")
def surface_admittance(
    radius_km: float, frequency_ghz: float, vertical: bool, permittivity: float, conductivity: float
) -> float:
    """Normalised surface admittance K (P.1812-8, equation (29)).

    Examples
    --------
    >>> round(surface_admittance(8500.0, 1.0, False, 22.0, 0.003), 5)
    0.00038
    """
    loss = 18.0 * conductivity / frequency_ghz
    k: float = 0.036 * (radius_km * frequency_ghz) ** (-1.0 / 3.0)
    k *= ((permittivity - 1.0) ** 2 + loss * loss) ** -0.25
    return k * math.sqrt(permittivity * permittivity + loss * loss) if vertical else k


@njit(cache=True, error_model="numpy")
def first_term_loss(
    distance_km: float,
    hte_m: float,
    hre_m: float,
    radius_km: float,
    frequency_ghz: float,
    vertical: bool,
    ground: tuple[float, float],
) -> float:
    """First term of the smooth-Earth residue series [dB] over one kind of ground.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.3, equations (29) to (36); ITU-R P.526-15 (2019), 3.1.1.2.

    Examples
    --------
    >>> round(first_term_loss(80.0, 30.0, 10.0, 8500.0, 1.0, True, (22.0, 0.003)), 1)
    58.6
    """
    k = surface_admittance(radius_km, frequency_ghz, vertical, ground[0], ground[1])
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x: float = 21.88 * beta * (frequency_ghz / radius_km**2) ** (1.0 / 3.0) * distance_km
    unit: float = 0.9575 * beta * (frequency_ghz**2 / radius_km) ** (1.0 / 3.0)
    if x >= 1.6:
        range_gain: float = 11.0 + 10.0 * math.log10(x) - 17.6 * x
    else:
        range_gain = -20.0 * math.log10(x) - 5.6488 * x**1.425
    return -range_gain - _height_gain(unit * hte_m, beta, k) - _height_gain(unit * hre_m, beta, k)


@njit(cache=True, error_model="numpy")
def _first_term_mixed(
    d: float, hte: float, hre: float, radius: float, f: float, vertical: bool, omega: float
) -> float:
    """First term weighted by the share over sea (P.1812-8, equation (28)) [dB]."""
    loss = 0.0
    if omega < 1.0:
        loss += (1.0 - omega) * first_term_loss(d, hte, hre, radius, f, vertical, LAND_GROUND)
    if omega > 0.0:
        loss += omega * first_term_loss(d, hte, hre, radius, f, vertical, SEA_GROUND)
    return loss


@njit(cache=True, error_model="numpy")
def spherical_earth_loss(
    distance_km: float,
    hte_m: float,
    hre_m: float,
    radius_km: float,
    frequency_ghz: float,
    vertical: bool,
    omega: float,
) -> float:
    """Diffraction loss over a smooth Earth [dB], in sight of each other or beyond.

    Parameters
    ----------
    distance_km : float
        Path length [km].
    hte_m, hre_m : float
        Antennas above the smooth surface [m], above 0.
    radius_km : float
        Effective Earth radius [km].
    frequency_ghz : float
        Frequency [GHz].
    vertical : bool
        Vertical polarisation, else horizontal.
    omega : float
        Share of the path over sea, 0 to 1.

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.2, equations (22) to (28); ITU-R P.526-15 (2019), 3.2.

    Examples
    --------
    >>> spherical_earth_loss(5.0, 60.0, 60.0, 8500.0, 1.0, True, 0.0)
    0.0
    >>> round(spherical_earth_loss(80.0, 30.0, 10.0, 8500.0, 1.0, True, 0.0), 1)
    58.6
    """
    d, f = distance_km, frequency_ghz
    if d >= marginal_sight_km(hte_m, hre_m, radius_km):
        return _first_term_mixed(d, hte_m, hre_m, radius_km, f, vertical, omega)
    clearance, at = smallest_clearance(d, hte_m, hre_m, radius_km)
    needed = 17.456 * math.sqrt(at * (d - at) * WAVELENGTH_GHZ_M / (f * d))
    if clearance > needed:
        return 0.0
    touching = 500.0 * (d / (math.sqrt(hte_m) + math.sqrt(hre_m))) ** 2
    first = _first_term_mixed(d, hte_m, hre_m, touching, f, vertical, omega)
    return (1.0 - clearance / needed) * max(first, 0.0)


@njit(cache=True, error_model="numpy")
def delta_bullington(actual_db: float, smooth_db: float, spherical_db: float) -> float:
    """Diffraction loss of the general path [dB]: the terrain's, and what a round Earth adds.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.4, equation (39); ITU-R P.526-15 (2019), 4.5.3.

    Examples
    --------
    >>> delta_bullington(20.0, 5.0, 12.0)
    27.0
    """
    return actual_db + max(spherical_db - smooth_db, 0.0)
