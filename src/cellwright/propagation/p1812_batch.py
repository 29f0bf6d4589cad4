"""ITU-R P.1812-8 (2025) over arrays in JAX: one differentiable function of path summaries.

The closed formulas of :mod:`cellwright.propagation.p1812_terms` for links, bands and sectors at
once, compiled for the device JAX has. Nothing in range is NaN, neither a loss nor a gradient.
Needs JAX; ask :func:`cellwright.propagation.batch_engine` for it.
"""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from cellwright.propagation.p526_batch import (
    PathFields,
    bullington_loss_db,
    free_space_db,
    free_space_diffraction_db,
    median_radius_km,
    path_fields,
    smooth_parameter,
    spherical_earth_loss_db,
)
from cellwright.propagation.p1812_path import BETA_RADIUS_KM
from cellwright.propagation.tr38901_batch import uma_loss_db, umi_loss_db

__all__ = [
    "PathFields",
    "free_space_diffraction_db",
    "median_location_loss_db",
    "path_fields",
    "uma_loss_db",
    "umi_loss_db",
]


class _Air(NamedTuple):
    """What is not of the profile, in the units of :func:`median_location_loss_db`."""

    vertical: Array
    f: Array
    percent: Array
    delta_n: Array
    n0: Array
    omega: Array
    dct: Array
    dcr: Array
    dlm: Array
    beta0: Array

    @property
    def radius(self) -> Array:
        return median_radius_km(self.delta_n)


def _path_angle(s: PathFields, radius: Array) -> Array:
    """Path angle theta [mrad]; in sight the horizon angles nearly cancel, so they come first."""
    return (s.theta_t + s.theta_r) + 1000.0 * s.distance / radius


def _enhancement(horizons: Array, percent: Array) -> Array:
    """Multipath and focusing (equation (9)) [dB]."""
    return 2.6 * (1.0 - jnp.exp(-0.1 * horizons)) * jnp.log10(percent / 50.0)


def _inverse_tail(probability: Array) -> Array:
    """Return I(x) of Attachment 2: what a normal variable exceeds with probability x."""
    x = jnp.clip(probability, 1e-6, 1.0 - 1e-6)
    upper = x <= 0.5
    t = jnp.sqrt(-2.0 * jnp.log(jnp.where(upper, x, 1.0 - x)))
    above = (0.010328 * t + 0.802853) * t + 2.515516698
    below = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    tail = t - above / below
    return jnp.where(upper, tail, -tail)


def _time_weight(percent: Array, beta0: Array) -> Array:
    """Weight Fi of the loss at beta0 against the median (equation (40))."""
    rare = percent <= beta0
    below = _inverse_tail(jnp.where(rare, 1.0, beta0) / 100.0)
    return jnp.where(rare, 1.0, _inverse_tail(percent / 100.0) / below)


def _troposcatter(distance: Array, theta: Array, air: _Air) -> Array:
    """Troposcatter loss Lbs (equations (44) and (45)) [dB]; flat at exactly 50 % of the time."""
    octave = jnp.log10(air.f / 2.0)
    spectral = 25.0 * jnp.log10(air.f) - 2.5 * octave * octave
    decades = jnp.log10(50.0 / air.percent)
    some = decades > 0.0
    gain = jnp.where(some, 10.125 * jnp.where(some, decades, 1.0) ** 0.7, 0.0)
    path = 20.0 * jnp.log10(distance) + 0.573 * theta
    return path + (190.1 + spectral - 0.15 * air.n0 - gain)


def _site_shielding(excess: Array, horizon: Array, f: Array) -> Array:
    """Loss of a terminal ``excess`` mrad behind its horizon (equation (48)) [dB]."""
    loss = 20.0 * jnp.log10(1.0 + 0.361 * excess * jnp.sqrt(f * horizon))
    return loss + 0.264 * excess * f ** (1.0 / 3.0)


def _coast_coupling(coast: Array, horizon: Array, height: Array, omega: Array) -> Array:
    """Gain of a terminal near the sea (equation (49)), 0 or less [dB]."""
    near = jnp.minimum(coast, 5.0)
    gain = -3.0 * jnp.exp(-0.25 * near * near) * (1.0 + jnp.tanh(0.07 * (50.0 - height)))
    return jnp.where((omega < 0.75) | (coast > horizon) | (coast > 5.0), 0.0, gain)


def _ducting_order(s: PathFields, air: _Air) -> Array:
    """Decimal logarithm of the incidence of ducting, beta [%] (equations (54) to (56)).

    As a logarithm because beta itself would vanish in single precision on rough long paths.
    """
    d, tau = s.distance, 1.0 - jnp.exp(-4.12e-4 * air.dlm**2.41)
    alpha = jnp.maximum(-0.6 - 3.5e-9 * d**3.1 * tau, -3.4)
    heights = (jnp.sqrt(s.hte) + jnp.sqrt(s.hre)) ** 2
    mu2 = jnp.minimum(alpha * jnp.log10(500.0 * d * d / (air.radius * heights)), 0.0)
    between = jnp.minimum(d - s.dlt - s.dlr, 40.0)
    rough = jnp.maximum(s.hm - 10.0, 0.0)
    mu3 = -4.6e-5 * 0.4342944819032518 * rough * (43.0 + 6.0 * between)
    return jnp.log10(air.beta0) + mu2 + mu3


def _time_term(distance: Array, percent: Array, order: Array) -> Array:
    """Variation with time of the ducting loss, Ap (equation (53)) [dB]."""
    bend = (9.51 - 4.8 * order + 0.198 * order * order) * 1e-6 * distance**1.13
    gamma = 1.076 / (2.0058 - order) ** 1.012 * jnp.exp(-bend)
    decades = jnp.log10(percent) - order
    powered = jnp.exp(math.log(10.0) * gamma * decades)
    return -12.0 + (1.2 + 3.7e-3 * distance) * decades + 12.0 * powered


def _ducting(s: PathFields, theta: Array, air: _Air) -> Array:
    """Loss by ducting and layer reflection, Lba (equations (46) to (56)) [dB]."""
    f = air.f
    over_t = jnp.maximum(s.theta_t - 0.1 * s.dlt, 0.0)
    over_r = jnp.maximum(s.theta_r - 0.1 * s.dlr, 0.0)
    low = jnp.where(f < 0.5, 45.375 - 137.0 * f + 92.5 * f * f, 0.0)
    fixed = 102.45 + 20.0 * jnp.log10(f) + low + 20.0 * jnp.log10(s.dlt + s.dlr)
    fixed += _site_shielding(over_t, s.dlt, f) + _site_shielding(over_r, s.dlr, f)
    fixed += _coast_coupling(air.dct, s.dlt, s.hts, air.omega)
    fixed += _coast_coupling(air.dcr, s.dlr, s.hrs, air.omega)
    attenuation = 5e-5 * air.radius * f ** (1.0 / 3.0) * (theta - over_t - over_r)
    return fixed + attenuation + _time_term(s.distance, air.percent, _ducting_order(s, air))


def _smooth_maximum(a: Array, b: Array, scale: float) -> Array:
    """Soft maximum: scale x log(exp(a / scale) + exp(b / scale)), without overflow."""
    return jnp.maximum(a, b) + scale * jnp.log1p(jnp.exp(-jnp.abs(a - b) / scale))


def _diffraction(s: PathFields, air: _Air, beta_edges: bool, closed_smooth: bool) -> Array:
    """Delta-Bullington loss Ld at the median radius, or at that of beta0 [dB] (4.3.4)."""
    d, hte, hre = s.distance, s.hts - s.hstd, s.hrs - s.hsrd
    radius = jnp.asarray(BETA_RADIUS_KM, d.dtype) if beta_edges else air.radius
    edge, smooth = s.edge_50, s.edge_smooth_50
    if beta_edges:
        edge, smooth = s.edge_beta, s.edge_smooth_beta
    if closed_smooth:
        smooth = smooth_parameter(d, hte, hre, radius)
    round_db = spherical_earth_loss_db(d, hte, hre, radius, air.f, air.vertical, air.omega)
    added = jnp.maximum(round_db - bullington_loss_db(smooth, d, air.f), 0.0)
    return bullington_loss_db(edge, d, air.f) + added


def _without_scatter(s: PathFields, theta: Array, ld50: Array, ldb: Array, air: _Air) -> Array:
    """Join diffraction, line of sight and ducting: Lbam (4.6, equations (57) to (62)) [dB]."""
    fi = _time_weight(air.percent, air.beta0)
    fj = 0.5 - 0.5 * jnp.tanh(8.0 * (theta - 0.3))
    fk = 0.5 - 0.5 * jnp.tanh(0.075 * (s.distance - 20.0))
    lbfs = free_space_db(s.distance, s.hts, s.hrs, air.f)
    lb0p = lbfs + _enhancement(s.dlt + s.dlr, air.percent)
    lb0b = lbfs + _enhancement(s.dlt + s.dlr, air.beta0)
    ldp = ld50 + jnp.where(air.percent < 50.0, fi, 0.0) * (ldb - ld50)
    lbd, lbd50, over_land = lb0p + ldp, lbfs + ld50, (1.0 - air.omega) * ldp
    frequent = lbd50 + (lb0b + over_land - lbd50) * fi
    lminb0p = jnp.where(air.percent < air.beta0, lb0p + over_land, frequent)
    lminbap = _smooth_maximum(_ducting(s, theta, air), lb0p, 2.5)
    lbda = lbd + jnp.minimum(lminbap - lbd, 0.0) * (1.0 - fk)
    return lbda + (lminb0p - lbda) * fj


@partial(jax.jit, inline=True, static_argnames=("beta_too", "closed_smooth"))
def median_location_loss_db(
    summary: ArrayLike | PathFields,
    frequency_ghz: ArrayLike,
    percent: ArrayLike,
    vertical: ArrayLike,
    delta_n: ArrayLike,
    n0: ArrayLike,
    omega: ArrayLike,
    dct_km: ArrayLike,
    dcr_km: ArrayLike,
    dlm_km: ArrayLike,
    beta0: ArrayLike,
    beta_too: bool = True,
    closed_smooth: bool = False,
) -> Array:
    """Loss not exceeded for a share of time at half of the places, Lbc [dB].

    Parameters
    ----------
    summary : array, shape (..., SUMMARY_SIZE), or PathFields
        From :func:`cellwright.propagation.p1812_path.path_summary`. Its precision, single or
        double, is the result's.
    frequency_ghz, percent : array
        Frequency [GHz], 0.03 to 6; share of time [%], 1 to 50.
    vertical : array of bool
        Vertical polarisation, else horizontal.
    delta_n, n0 : array
        Lapse rate the summary was made with [N-units/km]; sea-level refractivity [N-units].
    omega, dct_km, dcr_km, dlm_km, beta0 : array
        Share over sea, land up to the coast at both ends [km], longest inland section [km],
        incidence of ducting [%], above 0.
    beta_too : bool
        Also the diffraction at beta0 of the time. Needed below 50 %; at 50 % it costs and
        changes nothing.
    closed_smooth : bool
        Smooth path by Attachment 4; the summary's smooth edges are not read.

    Returns
    -------
    Array
        Loss [dB], of the shape all arguments broadcast to: summaries of (sector, receiver) and
        frequencies of (band, 1, 1) give (band, sector, receiver).

    Notes
    -----
    Equal to :func:`cellwright.propagation.p1812_terms.median_location_loss`; in single precision
    within 0.01 dB. At a kink, a gradient is that of one side or between both. Gradients on a CPU
    are three times faster over blocks of some 8,000 links (``jax.lax.map``), which stay in cache.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.2 to 4.6.

    Examples
    --------
    >>> import numpy as np
    >>> from cellwright.propagation.p1812_path import path_summary
    >>> d, s = np.linspace(0.0, 10.0, 11), np.empty(19)
    >>> path_summary(d, np.zeros(11), np.zeros(11), 30.0, 1.5, 8930.8, True, True, s)
    >>> bands = np.array([0.7, 3.5])
    >>> losses = median_location_loss_db(
    ...     s, bands, 50.0, True, 45.0, 325.0, 0.0, 500.0, 500.0, 10.0, 3.0
    ... )
    >>> [round(loss, 1) for loss in losses.tolist()]
    [127.4, 128.1]
    """
    s = path_fields(summary)
    numbers = (frequency_ghz, percent, delta_n, n0, omega, dct_km, dcr_km, dlm_km, beta0)
    air = _Air(jnp.asarray(vertical), *(jnp.asarray(v, s.distance.dtype) for v in numbers))
    theta = _path_angle(s, air.radius)
    ld50 = _diffraction(s, air, False, closed_smooth)
    ldb = _diffraction(s, air, True, closed_smooth) if beta_too else ld50
    lbam = _without_scatter(s, theta, ld50, ldb, air)
    lbs = _troposcatter(s.distance, theta, air)
    return -_smooth_maximum(-lbs, -lbam, 5.0 / math.log(10.0))
