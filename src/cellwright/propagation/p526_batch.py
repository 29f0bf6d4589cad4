"""Diffraction of ITU-R P.526-15 and P.1812-8, 4.3, over arrays in JAX, with gradients.

The formulas of :mod:`cellwright.propagation.p526`, branch for branch. Every branch is computed and
one is picked; those not picked are fed harmless values, so that no NaN enters a gradient. Results
have the precision of the path summary that is given. Needs JAX; ask
:func:`cellwright.propagation.batch_engine` for it.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from cellwright.propagation.p526 import (
    EARTH_RADIUS_KM,
    LAND_GROUND,
    SEA_GROUND,
    WAVELENGTH_GHZ_M,
)


class PathFields(NamedTuple):
    """A path summary as one array per quantity, in the order of ``p1812_path.SUMMARY_SIZE``.

    Distances [km], heights above sea level [m], angles [mrad], edges nu x wavelength^0.5 [m^0.5].
    Shapes broadcast; this is the fast layout on every device.
    """

    distance: Array
    hts: Array
    hrs: Array
    theta_t: Array
    theta_r: Array
    dlt: Array
    dlr: Array
    transhorizon: Array
    hst: Array
    hsr: Array
    hstd: Array
    hsrd: Array
    hte: Array
    hre: Array
    hm: Array
    edge_50: Array
    edge_smooth_50: Array
    edge_beta: Array
    edge_smooth_beta: Array


def path_fields(summary: ArrayLike | PathFields) -> PathFields:
    """Take a summary apart along its last axis; fields pass through.

    Parameters
    ----------
    summary : array, shape (..., SUMMARY_SIZE), or PathFields
        From :func:`cellwright.propagation.p1812_path.path_summary`.

    Examples
    --------
    >>> path_fields(jnp.zeros((5, 19))).hts.shape
    (5,)
    """
    if isinstance(summary, PathFields):
        return summary
    table = jnp.asarray(summary)
    return PathFields(*(table[..., place] for place in range(len(PathFields._fields))))


def median_radius_km(delta_n: Array) -> Array:
    """Median effective Earth radius [km] (P.1812-8, equations (6) and (7a))."""
    return EARTH_RADIUS_KM * 157.0 / (157.0 - delta_n)


def free_space_db(distance_km: Array, hts_m: Array, hrs_m: Array, frequency_ghz: Array) -> Array:
    """Free-space loss over the slant distance [dB] (P.1812-8, equation (8))."""
    rise = (hts_m - hrs_m) / 1000.0
    squared = distance_km * distance_km + rise * rise
    return 92.4 + 20.0 * jnp.log10(frequency_ghz) + 10.0 * jnp.log10(squared)


def knife_edge_loss_db(nu: Array) -> Array:
    """Loss of one knife edge, J(nu) [dB]; 0 at and below nu = -0.78.

    References
    ----------
    ITU-R P.526-15 (2019), 4.1, equation (31); ITU-R P.1812-8 (2025), 4.3.1, equation (12).

    Examples
    --------
    >>> [round(loss, 2) for loss in knife_edge_loss_db(jnp.array([-9.0, 0.0])).tolist()]
    [0.0, 6.03]
    """
    lit = nu > -0.78
    shifted = jnp.where(lit, nu, 0.0) - 0.1
    loss = 6.9 + 20.0 * jnp.log10(jnp.sqrt(shifted * shifted + 1.0) + shifted)
    return jnp.where(lit, loss, 0.0)


def bullington_loss_db(parameter: Array, distance_km: Array, frequency_ghz: Array) -> Array:
    """Bullington loss [dB] of an edge parameter (P.1812-8, equation (21))."""
    knife = knife_edge_loss_db(parameter * jnp.sqrt(frequency_ghz / WAVELENGTH_GHZ_M))
    return knife + (1.0 - jnp.exp(knife / -6.0)) * (10.0 + 0.02 * distance_km)


def marginal_sight_km(hte_m: Array, hre_m: Array, radius_km: Array) -> Array:
    """Length of the path that just touches a smooth Earth [km] (P.1812-8, equation (22))."""
    return jnp.sqrt(0.002 * radius_km) * (jnp.sqrt(hte_m) + jnp.sqrt(hre_m))


def smallest_clearance(
    distance_km: Array, hte_m: Array, hre_m: Array, radius_km: Array
) -> tuple[Array, Array, Array]:
    """Least height of the ray above a smooth Earth [m]; where, from either end [km].

    Notes
    -----
    cos((pi + acos y) / 3) of equation (24) is sin(asin(y) / 3): no cancellation on short paths.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.2, equations (23) and (24).
    """
    total = hte_m + hre_m
    m = 250.0 * distance_km * distance_km / (radius_km * total)
    third = 3.0 * m / (m + 1.0)
    most = 1.0 - 2.0 * float(np.finfo(m.dtype).eps)
    y = 1.5 * (hte_m - hre_m) / total * jnp.sqrt(third) / (m + 1.0)
    b = 2.0 * jnp.sin(jnp.arcsin(jnp.clip(y, -most, most)) / 3.0) / jnp.sqrt(third)
    at, rest = 0.5 * distance_km * (1.0 + b), 0.5 * distance_km * (1.0 - b)
    near = (hte_m - 500.0 * at * at / radius_km) * rest
    far = (hre_m - 500.0 * rest * rest / radius_km) * at
    return (near + far) / distance_km, at, rest


def _span(at_km: Array, rest_km: Array, distance_km: Array) -> Array:
    """Product of the distances to both ends over the path's length [km], never quite 0."""
    return jnp.maximum(at_km * rest_km / distance_km, 1e-6 * distance_km)


def smooth_parameter(distance_km: Array, hte_m: Array, hre_m: Array, radius_km: Array) -> Array:
    """Bullington parameter of the smooth path in closed form, nu x wavelength^0.5 [m^0.5].

    Notes
    -----
    Beyond sight the tangents from both ends cross midway between their touching points, at
    (d + dt - dr) / 2 with horizon distances dt and dr, and 2 c (d - dt - dr) at rest / d above the
    ray, where c is 500 / radius. The same as Attachment 4, without its 0 / 0 at marginal sight.

    References
    ----------
    ITU-R P.1812-8 (2025), Attachment 4 to Annex 1.

    Examples
    --------
    >>> d, high, low, radius = (jnp.array(v) for v in (50.0, 30.0, 10.0, 8500.0))
    >>> round(float(smooth_parameter(d, high, low, radius)), 3)
    0.263
    """
    marginal = marginal_sight_km(hte_m, hre_m, radius_km)
    height, at, rest = smallest_clearance(distance_km, hte_m, hre_m, radius_km)
    seen = -height * jnp.sqrt(0.002 / _span(at, rest, distance_km))
    far = jnp.maximum(distance_km, marginal)
    lead = jnp.sqrt(0.002 * radius_km) * (jnp.sqrt(hte_m) - jnp.sqrt(hre_m))
    span = _span(0.5 * (far + lead), 0.5 * (far - lead), far)
    hidden = 1000.0 / radius_km * (far - marginal) * jnp.sqrt(0.002 * span)
    return jnp.where(distance_km < marginal, seen, hidden)


def _height_gain(height_m: Array, unit: Array, beta: Array, least: Array) -> Array:
    """Height gain G(Y) [dB], not below ``least`` (P.1812-8, equation (35))."""
    b = beta * unit * height_m
    high = b > 2.0
    inside = jnp.where(high, b - 1.1, b + 0.1 * b * b * b)
    root = jnp.sqrt(jnp.where(high, inside, 1.0))
    decades = jnp.log10(inside)
    gain = jnp.where(high, 17.6 * root - 5.0 * decades - 8.0, 20.0 * decades)
    return jnp.maximum(gain, least)


def _admittance(
    cube: Array, frequency_ghz: Array, vertical: Array, ground: tuple[float, float]
) -> Array:
    """Normalised surface admittance K (equation (29)); ``cube`` is radius^(-1/3) [km^(-1/3)]."""
    permittivity, conductivity = ground
    loss = 18.0 * conductivity / frequency_ghz
    k = 0.036 * frequency_ghz ** (-1.0 / 3.0)
    k = k * ((permittivity - 1.0) ** 2 + loss * loss) ** -0.25
    upright = jnp.sqrt(permittivity * permittivity + loss * loss)
    return cube * k * jnp.where(vertical, upright, 1.0)


def _first_term(
    distance_km: Array,
    hte_m: Array,
    hre_m: Array,
    cube: Array,
    frequency_ghz: Array,
    vertical: Array,
    ground: tuple[float, float],
) -> Array:
    """First term of the smooth-Earth residue series [dB] (P.1812-8, equations (29) to (36))."""
    k = _admittance(cube, frequency_ghz, vertical, ground)
    k2 = k * k
    beta = (1.0 + (1.6 + 0.67 * k2) * k2) / (1.0 + (4.5 + 1.53 * k2) * k2)
    x = 21.88 * beta * frequency_ghz ** (1.0 / 3.0) * cube * cube * distance_km
    unit = 0.9575 * beta * frequency_ghz ** (2.0 / 3.0) * cube
    natural = jnp.log(x)
    decades = natural * 0.4342944819032518
    far = 11.0 + 10.0 * decades - 17.6 * x
    near = -20.0 * decades - 5.6488 * jnp.exp(1.425 * natural)
    least = 2.0 + 20.0 * jnp.log10(k)
    gains = _height_gain(hte_m, unit, beta, least) + _height_gain(hre_m, unit, beta, least)
    return -jnp.where(x >= 1.6, far, near) - gains


def spherical_earth_loss_db(
    distance_km: Array,
    hte_m: Array,
    hre_m: Array,
    radius_km: Array,
    frequency_ghz: Array,
    vertical: Array,
    omega: Array,
) -> Array:
    """Diffraction loss over a smooth Earth [dB], in sight of each other or beyond.

    Parameters
    ----------
    distance_km, hte_m, hre_m : Array
        Path length [km]; antennas above the smooth surface [m], above 0.
    radius_km, frequency_ghz : Array
        Effective Earth radius [km]; frequency [GHz].
    vertical, omega : Array
        Vertical polarisation or not; share over sea, 0 to 1.

    References
    ----------
    ITU-R P.1812-8 (2025), 4.3.2, equations (22) to (28); ITU-R P.526-15 (2019), 3.2.

    Examples
    --------
    >>> d, h = jnp.array([5.0, 80.0]), jnp.array([60.0, 30.0])
    >>> losses = spherical_earth_loss_db(d, h, h, 8500.0, jnp.array(1.0), True, 0.0)
    >>> [round(loss, 1) for loss in losses.tolist()]
    [0.0, 47.6]
    """
    d, f = distance_km, frequency_ghz
    beyond = d >= marginal_sight_km(hte_m, hre_m, radius_km)
    clearance, at, rest = smallest_clearance(d, hte_m, hre_m, radius_km)
    needed = 17.456 * jnp.sqrt(_span(at, rest, d) * (WAVELENGTH_GHZ_M / f))
    clear = ~beyond & (clearance > needed)
    touching = 500.0 * (d / (jnp.sqrt(hte_m) + jnp.sqrt(hre_m))) ** 2
    cube = jnp.where(beyond | clear, radius_km, touching) ** (-1.0 / 3.0)
    land = _first_term(d, hte_m, hre_m, cube, f, vertical, LAND_GROUND)
    sea = _first_term(d, hte_m, hre_m, cube, f, vertical, SEA_GROUND)
    first = (1.0 - omega) * land + omega * sea
    part = jnp.where(clear, 0.0, (1.0 - clearance / needed) * jnp.maximum(first, 0.0))
    return jnp.where(beyond, first, part)


@partial(jax.jit, inline=True)
def free_space_diffraction_db(
    summary: ArrayLike | PathFields,
    frequency_ghz: ArrayLike,
    vertical: ArrayLike = True,
    delta_n: ArrayLike = 45.0,
    omega: ArrayLike = 0.0,
) -> Array:
    """Free space and delta-Bullington diffraction [dB]: what holds above the 6 GHz of P.1812.

    Parameters
    ----------
    summary : array, shape (..., SUMMARY_SIZE), or PathFields
        From :func:`cellwright.propagation.p1812_path.path_summary`; its smooth edges are not read.
    frequency_ghz : array
        Frequency [GHz], 0.03 to 100.
    vertical : array of bool
        Vertical polarisation, else horizontal.
    delta_n : array
        Lapse rate of refractivity the summary was made with [N-units/km].
    omega : array
        Share over sea.

    Returns
    -------
    Array
        Loss [dB], of the shape all arguments broadcast to.

    References
    ----------
    ITU-R P.525-4 (2019), Annex; ITU-R P.526-15 (2019), 4.5; smooth path in the closed form of
    ITU-R P.1812-8 (2025), Attachment 4 to Annex 1.

    Examples
    --------
    >>> import numpy as np
    >>> from cellwright.propagation.p1812_path import path_summary
    >>> d, h, s = np.array([0.0, 0.3, 0.6]), np.array([10.0, 40.0, 10.0]), np.empty(19)
    >>> path_summary(d, h, h, 20.0, 1.5, 6371.0 * 157.0 / 112.0, False, False, s)
    >>> round(float(free_space_diffraction_db(s, 26.0)), 1)
    165.5
    """
    s = path_fields(summary)
    d, hte, hre = s.distance, s.hts - s.hstd, s.hrs - s.hsrd
    f, lapse, sea = (jnp.asarray(v, d.dtype) for v in (frequency_ghz, delta_n, omega))
    radius = median_radius_km(lapse)
    smooth = bullington_loss_db(smooth_parameter(d, hte, hre, radius), d, f)
    round_db = spherical_earth_loss_db(d, hte, hre, radius, f, jnp.asarray(vertical), sea)
    actual = bullington_loss_db(s.edge_50, d, f)
    return free_space_db(d, s.hts, s.hrs, f) + actual + jnp.maximum(round_db - smooth, 0.0)
