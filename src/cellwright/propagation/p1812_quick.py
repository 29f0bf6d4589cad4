"""The median loss of ITU-R P.1812-8 from a path summary, leaving out terms that cannot matter.

At half of the time and within some tens of kilometres ducting and troposcatter hardly ever count.
Bounds that cost a few operations tell when; otherwise :mod:`cellwright.propagation.p1812_terms`
has the word. The result is that of the whole formula to well below 1e-6 dB.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.propagation import p1812_path as path
from cellwright.propagation import p1812_terms as terms
from cellwright.propagation.p526 import (
    LAND_GROUND,
    WAVELENGTH_GHZ_M,
    bullington_loss,
    knife_edge_loss,
    marginal_sight_km,
    smallest_clearance,
    smooth_parameter,
    spherical_earth_loss,
    surface_admittance,
)

#: Loss by troposcatter this far above the rest adds less than 1e-8 dB (equation (63)).
_FAR_ABOVE_DB = 42.0
#: Kept between a bound and what it stands for [dB].
_MARGIN_DB = 1.0


class Band(NamedTuple):
    """What the formulas ask of a frequency at half of the time over land, worked out once.

    ``frequency_ghz``, ``vertical``, ``delta_n`` [N-units/km], ``n0`` [N-units] are as in
    :func:`cellwright.propagation.p1812.p1812_loss_db`; ``radius_km`` is the median effective Earth
    radius, ``root_wavelength`` [m^0.5], ``free_db`` free space at 1 km [dB], ``scatter_db``
    troposcatter at 1 km and no angle [dB], ``duct_db`` the least a duct can cost over 1 km of
    horizons [dB], ``duct_slope`` what each mrad of raised horizon can take off it [dB],
    ``admittance`` that of land at a radius of 1 km, ``cube_root`` of the frequency.
    """

    frequency_ghz: float
    vertical: bool
    delta_n: float
    n0: float
    latitude_deg: float
    radius_km: float
    root_wavelength: float
    free_db: float
    scatter_db: float
    duct_db: float
    duct_slope: float
    admittance: float
    cube_root: float


def band(
    frequency_ghz: float,
    *,
    vertical: bool = True,
    delta_n: float = 45.0,
    n0: float = 325.0,
    latitude_deg: float = 45.0,
    reach_km: float = 100.0,
) -> Band:
    """Work out what does not depend on the path, for paths over land up to ``reach_km``.

    Examples
    --------
    >>> round(band(3.5).free_db, 2)
    103.28
    """
    f, radius = float(frequency_ghz), float(path.median_radius_km(delta_n))
    octave = math.log10(f / 2.0)
    scatter = 190.1 + 25.0 * math.log10(f) - 2.5 * octave * octave - 0.15 * n0
    duct = 102.45 + 20.0 * math.log10(f)
    if f < 0.5:
        duct += 45.375 - 137.0 * f + 92.5 * f * f
    return Band(
        f, vertical, float(delta_n), float(n0), float(latitude_deg), radius,
        math.sqrt(WAVELENGTH_GHZ_M / f), 92.4 + 20.0 * math.log10(f), scatter,
        duct + _least_time_term(latitude_deg, reach_km) - _MARGIN_DB,
        max(5e-5 * radius - 0.264, 0.0) * f ** (1.0 / 3.0),
        float(surface_admittance(1.0, f, vertical, *LAND_GROUND)), f ** (1.0 / 3.0),
    )  # fmt: skip


def _least_time_term(latitude_deg: float, reach_km: float) -> float:
    """Return the least of Ap (equation (53)) at half of the time over land [dB].

    Ap falls as ducting is likelier, and beta is at most beta0.
    """
    least = math.inf
    for d in np.geomspace(0.01, max(reach_km, 0.02), 200):
        beta = path.ducting_percent(latitude_deg, d, d)
        least = min(least, terms._time_term(d, 50.0, beta))
    return least


@njit(cache=True, nogil=True, error_model="numpy")
def _smooth_extra(hte: float, hre: float, d: float, band: Band) -> float:
    """What a round Earth adds to the path's own edges, max(Ldsph - Lbulls, 0) [dB]."""
    radius, f = band.radius_km, band.frequency_ghz
    if d >= marginal_sight_km(hte, hre, radius):
        round_earth = spherical_earth_loss(d, hte, hre, radius, f, band.vertical, 0.0)
        smooth = bullington_loss(smooth_parameter(d, hte, hre, radius), d, f)
        return max(round_earth - smooth, 0.0)
    clearance, at = smallest_clearance(d, hte, hre, radius)
    needed = 17.456 * band.root_wavelength * math.sqrt(at * (d - at) / d)
    if clearance > needed:
        return 0.0
    touching = 500.0 * (d / (math.sqrt(hte) + math.sqrt(hre))) ** 2
    first = _first_term(d, hte, hre, touching, band)
    if first <= 0.0:
        return 0.0
    nu = -clearance * math.sqrt(0.002 * d / (at * (d - at))) / band.root_wavelength
    knife = knife_edge_loss(nu)
    smooth = knife + (1.0 - math.exp(-knife / 6.0)) * (10.0 + 0.02 * d)
    return max((1.0 - clearance / needed) * first - smooth, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _first_term(d: float, hte: float, hre: float, radius: float, band: Band) -> float:
    """First term over land (equations (29) to (36)), with few powers and logarithms [dB]."""
    root = radius ** (-1.0 / 3.0)
    k = band.admittance * root
    k2 = k * k
    beta = (1.0 + 1.6 * k2 + 0.67 * k2 * k2) / (1.0 + 4.5 * k2 + 1.53 * k2 * k2)
    x = 21.88 * beta * band.cube_root * root * root * d
    unit = 0.9575 * beta * band.cube_root * band.cube_root * root
    floor = 1.2589254117941673 * k
    if x >= 1.6:
        loss = 17.6 * x - 11.0 - 10.0 * math.log10(x)
        factor = 1.0
    else:
        loss = 5.6488 * x**1.425
        factor = x
    for h in (hte, hre):
        b = beta * unit * h
        if b > 2.0:
            gain = 17.6 * math.sqrt(b - 1.1) - 5.0 * math.log10(b - 1.1) - 8.0
            loss -= max(gain, 20.0 * math.log10(floor))
        else:
            factor /= max(b + 0.1 * b * b * b, floor)
    total: float = loss + 20.0 * math.log10(factor)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def diffraction(edge: float, d: float, hte: float, hre: float, band: Band) -> float:
    """Delta-Bullington diffraction loss, smooth path in closed form [dB].

    Parameters
    ----------
    edge : float
        nu x wavelength^0.5 of the path [m^0.5].
    d : float
        Path length [km].
    hte, hre : float
        Antennas above the smooth surface [m].
    band : Band
        The frequency.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.1 to 4.3.4 and Attachment 4 to Annex 1; ITU-R P.526-15 (2019), 4.5.3.

    Examples
    --------
    >>> round(diffraction(0.5, 2.0, 30.0, 1.5, band(3.5)), 2)
    27.31
    """
    nu = edge / band.root_wavelength
    loss = 0.0
    if nu > -0.78:
        knife = knife_edge_loss(nu)
        loss = knife + (1.0 - math.exp(-knife / 6.0)) * (10.0 + 0.02 * d)
    return loss + _smooth_extra(hte, hre, d, band)


@njit(cache=True, nogil=True, error_model="numpy")
def scattered(loss: float, d: float, theta: float, band: Band) -> float:
    """Join troposcatter at half of the time to the other mechanisms (equation (63)) [dB]."""
    scatter = band.scatter_db + 20.0 * math.log10(d) + 0.573 * theta
    apart = scatter - loss
    if apart > _FAR_ABOVE_DB:
        return loss
    scale = 5.0 / math.log(10.0)
    return min(loss, scatter) - scale * math.log1p(math.exp(-abs(apart) / scale))


@njit(cache=True, nogil=True, error_model="numpy")
def duct_bound(horizons_db: float, theta_t: float, theta_r: float, band: Band) -> float:
    """Return a loss that ducting cannot fall below [dB].

    ``horizons_db`` is at most 20 log10(dlt + dlr), the angles are at least the horizons' [mrad].
    """
    raised = max(theta_t, 0.0) + max(theta_r, 0.0)
    return band.duct_db + horizons_db - band.duct_slope * raised


@njit(cache=True, nogil=True, error_model="numpy")
def shielded_duct_bound(
    horizon_t: float, horizon_r: float, theta_t: float, theta_r: float, d: float, band: Band
) -> float:
    """Return a closer bound below ducting [dB]: all of it but the time term, which is at its least.

    ``horizon_t``, ``horizon_r``, ``d`` are in km, the angles in mrad.
    """
    f = band.frequency_ghz
    angle = 1000.0 * d / band.radius_km
    angle += min(theta_t, 0.1 * horizon_t) + min(theta_r, 0.1 * horizon_r)
    loss = band.duct_db + 20.0 * math.log10(horizon_t + horizon_r)
    loss += 5e-5 * band.radius_km * band.cube_root * angle
    loss += terms.site_shielding(theta_t, horizon_t, f)
    return loss + terms.site_shielding(theta_r, horizon_r, f)


@njit(cache=True, nogil=True, error_model="numpy")
def alone(loss: float, bent: float, d: float, rise_km: float, spread_db: float, band: Band) -> bool:
    """Tell, where the ground hides nothing, whether ducts and scatter are too weak to matter.

    Parameters
    ----------
    loss, bent : float
        Free space with diffraction, and diffraction alone [dB].
    d, rise_km : float
        Distance on the map and height of the antenna over the receiver [km].
    spread_db : float
        10 log10(d^2 + rise^2).
    band : Band
        The frequency.
    """
    tilt = rise_km / d
    # at most 20 log10(d), without a logarithm: ln(1 + x) <= x
    low = spread_db - 4.3429448 * tilt * tilt
    if band.scatter_db + low - loss <= _FAR_ABOVE_DB:
        return False
    # atan(x) <= x: the slopes, in m/km, are at least the angles in mrad
    fall = 500.0 * d / band.radius_km
    return bent == 0.0 or (
        duct_bound(low, -1000.0 * tilt - fall, 1000.0 * tilt - fall, band) > loss
    )


@njit(cache=True, nogil=True, error_model="numpy")
def median_without_ducts(s: NDArray[np.float64], band: Band) -> tuple[float, bool]:
    """Loss at half of the time and places without ducting [dB], and whether it makes no difference.

    Parameters
    ----------
    s : ndarray, shape (SUMMARY_SIZE,)
        Path summary.
    band : Band
        Frequency and air; its reach no shorter than the path.

    Returns
    -------
    float, bool
        Loss [dB]; False where ducting may count and the whole formula must be asked.
    """
    d, hts, hrs = s[path.DISTANCE], s[path.HTS], s[path.HRS]
    rise = (hts - hrs) / 1000.0
    spread = 10.0 * math.log10(d * d + rise * rise)
    bent = diffraction(s[path.EDGE_50], d, hts - s[path.HSTD], hrs - s[path.HSRD], band)
    loss, hidden = band.free_db + spread + bent, s[path.TRANSHORIZON] > 0.0
    if not hidden and alone(loss, bent, d, rise, spread, band):
        return loss, True
    theta_t, theta_r = s[path.THETA_T], s[path.THETA_R]
    if hidden:
        bound = shielded_duct_bound(s[path.DLT], s[path.DLR], theta_t, theta_r, d, band)
    else:
        bound = duct_bound(20.0 * math.log10(d), theta_t, theta_r, band)
    if bent == 0.0 or bound > loss:
        theta = 1000.0 * d / band.radius_km + theta_t + theta_r
        return scattered(loss, d, theta, band), True
    return loss, False
