"""Correlated shadow fading on a map, 3GPP TR 38.901 V19.4.0, 7.4.4: exp(-distance / d_cor).

One white noise per site, coloured by a filter: the map of a site depends on its number and the
seed alone, so adding a site leaves the others as they were.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.estimate import check_limits, limit

#: Table 7.5-6, row "correlation distance in the horizontal plane, SF": in sight, out of sight, to
#: users indoors [m]; the last is empty where the table has no such column.
CORRELATION_M: Mapping[str, tuple[float, float, float | None]] = MappingProxyType(
    {
        "umi": (10.0, 13.0, 7.0),
        "uma": (37.0, 50.0, 7.0),
        "rma": (37.0, 120.0, 120.0),
        "sma": (40.0, 50.0, 50.0),
        "inh": (10.0, 6.0, None),
        "inf": (10.0, 10.0, None),
    }
)
#: The map is made on a torus this many correlation distances wider, so that its ends do not meet.
_MARGIN = 8.0
#: The number of the noise that all sites share; sites count from 0.
_COMMON = 2**32 - 1


def correlation_distance_m(scenario: str, sight: bool = True, indoors: bool = False) -> float:
    """Return the distance over which shadow fading decorrelates to 1/e [m].

    Parameters
    ----------
    scenario : str
        ``"umi"``, ``"uma"``, ``"rma"``, ``"sma"``, ``"inh"`` or ``"inf"``, or a name of the shelf
        that begins so.
    sight, indoors : bool
        In line of sight; user in a building that the signal enters from outside.

    Raises
    ------
    InputError
        A scenario the table does not have.

    References
    ----------
    3GPP TR 38.901 V19.4.0, Table 7.5-6.

    Examples
    --------
    >>> correlation_distance_m("uma"), correlation_distance_m("uma-optional", sight=False)
    (37.0, 50.0)
    """
    row = CORRELATION_M.get(scenario.partition("-")[0])
    if row is None:
        hint = did_you_mean(scenario, CORRELATION_M)
        raise InputError(f'"{scenario}" has no correlation distance in the table. {hint}')
    if indoors and row[2] is not None:
        return row[2]
    return row[0] if sight else row[1]


def unit_shadow_map(
    shape: tuple[int, int],
    pixel_m: float,
    correlation_m: float,
    seed: int,
    site: int = 0,
    between_sites: float = 0.0,
) -> NDArray[np.float64]:
    """Return a map of standard normal values whose correlation falls as exp(-distance / d_cor).

    Parameters
    ----------
    shape : (int, int)
        Rows and columns.
    pixel_m : float
        Width of a pixel [m].
    correlation_m : float
        Correlation distance d_cor [m], the same in all directions.
    seed, site : int
        Same numbers, same map.
    between_sites : float
        Correlation of two sites' fading at the same place, 0 to 1.

    Returns
    -------
    ndarray, shape ``shape``
        Mean 0, variance 1.

    Raises
    ------
    InputError
        A shape, width, distance or correlation that means nothing.

    Notes
    -----
    White noise on a torus eight correlation distances wider than the map, filtered by the root of
    the spectrum of the wanted correlation (circulant embedding); what wraps around is below
    exp(-8), three in ten thousand. The clause leaves sites independent. ``between_sites`` is an
    assumption: 0.5 is customary in simulations of LTE (3GPP TR 36.814).

    References
    ----------
    3GPP TR 38.901 V19.4.0, 7.4.4, equation (7.4-5).

    Examples
    --------
    >>> unit_shadow_map((400, 400), 5.0, 37.0, seed=1).shape
    (400, 400)
    """
    _check(shape, pixel_m, correlation_m, between_sites)
    torus = _torus(shape, correlation_m / pixel_m)
    gain = _filter(torus, correlation_m / pixel_m)
    own = _coloured(gain, torus, shape, seed, site)
    if between_sites == 0.0:
        return own
    common = _coloured(gain, torus, shape, seed, _COMMON)
    return math.sqrt(between_sites) * common + math.sqrt(1.0 - between_sites) * own


def shadow_fading_db(
    scenario: str,
    sight: ArrayLike,
    pixel_m: float,
    sigma_los_db: ArrayLike,
    sigma_nlos_db: ArrayLike,
    seed: int,
    *,
    site: int = 0,
    between_sites: float = 0.0,
    indoors: ArrayLike | None = None,
    sigma_indoors_db: ArrayLike = 7.0,
) -> NDArray[np.float64]:
    """Shadow fading of one site on a map [dB]; add it to the path loss.

    Parameters
    ----------
    scenario : str
        See :func:`correlation_distance_m`.
    sight : array_like of bool, shape (y, x)
        Where the site is in line of sight.
    pixel_m : float
        Width of a pixel [m].
    sigma_los_db, sigma_nlos_db, sigma_indoors_db : array_like of float
        Standard deviations [dB]; numbers or maps.
    seed, site, between_sites
        See :func:`unit_shadow_map`. Sectors of one mast share its site number, and its fading.
    indoors : array_like of bool, shape (y, x), optional
        Where the user is in a building.

    Returns
    -------
    ndarray, shape (y, x)
        Fading [dB], mean 0.

    Raises
    ------
    InputError
        As :func:`unit_shadow_map`; a map that is not one of rows and columns.

    Notes
    -----
    Pixels in sight, out of sight and indoors take their values from maps of their own correlation
    distance. The three maps are coloured from one noise (an assumption; the clause is silent), so
    that a hill's shadow does not change its sign where sight is lost.

    References
    ----------
    3GPP TR 38.901 V19.4.0, 7.4.4 and Table 7.5-6.

    Examples
    --------
    >>> seen = np.zeros((300, 300), dtype=bool)
    >>> round(float(shadow_fading_db("uma", seen, 10.0, 4.0, 6.0, seed=7).std()), 1)
    6.1
    """
    seen = np.asarray(sight, dtype=np.bool_)
    if seen.ndim != 2:
        raise InputError(f"sight has {seen.ndim} dimension(s); give a map of rows and columns.")
    inside = np.zeros_like(seen) if indoors is None else np.asarray(indoors, dtype=np.bool_)

    def unit(in_sight: bool, within: bool) -> NDArray[np.float64]:
        distance = correlation_distance_m(scenario, in_sight, within)
        shape = (seen.shape[0], seen.shape[1])
        return unit_shadow_map(shape, pixel_m, distance, seed, site, between_sites)

    fading = np.zeros(seen.shape)
    for where, sigma, in_sight, within in (
        (seen & ~inside, sigma_los_db, True, False),
        (~seen & ~inside, sigma_nlos_db, False, False),
        (inside, sigma_indoors_db, False, True),
    ):
        if where.any():
            fading = np.where(where, np.asarray(sigma) * unit(in_sight, within), fading)
    return fading


def _check(
    shape: tuple[int, int], pixel_m: float, correlation_m: float, between_sites: float
) -> None:
    check_limits(
        [
            limit("shape", shape, 1, 100_000, "pixels", 0.5, 1e6),
            limit("pixel_m", pixel_m, 0.1, 1000.0, "m"),
            limit("correlation_m", correlation_m, 1.0, 1000.0, "m", 0.0, 1e5),
            limit("between_sites", between_sites, 0.0, 1.0, "", -1e-12, 1.0 + 1e-12),
        ],
        beyond_range=True,
    )


def _torus(shape: tuple[int, int], correlation_pixels: float) -> tuple[int, int]:
    """Return the size of the torus: the map and a margin, at lengths the transform likes."""
    from scipy.fft import next_fast_len

    margin = math.ceil(_MARGIN * correlation_pixels)
    rows, columns = (int(next_fast_len(count + margin, real=True)) for count in shape)
    return rows, columns


def _filter(torus: tuple[int, int], correlation_pixels: float) -> NDArray[np.float64]:
    """Return the root of the spectrum of exp(-distance / d_cor) on a torus, variance one."""
    from scipy.fft import rfft2

    rows, columns = (np.minimum(np.arange(count), count - np.arange(count)) for count in torus)
    wanted = np.exp(-np.hypot(rows[:, np.newaxis], columns) / correlation_pixels)
    spectrum = np.maximum(rfft2(wanted).real, 0.0)
    return np.asarray(np.sqrt(spectrum), dtype=np.float64)


def _coloured(
    gain: NDArray[np.float64], torus: tuple[int, int], shape: tuple[int, int], seed: int, site: int
) -> NDArray[np.float64]:
    """Return this site's noise, coloured by the filter and cut to the map.

    The noise of the map is drawn first and that of the margin after it, so that filters of all
    widths colour the same noise.
    """
    from scipy.fft import irfft2, rfft2

    draw = np.random.Generator(np.random.Philox(key=np.array([seed, site], dtype=np.uint64)))
    noise = np.empty(torus)
    noise[: shape[0], : shape[1]] = draw.standard_normal(shape)
    noise[: shape[0], shape[1] :] = draw.standard_normal((shape[0], torus[1] - shape[1]))
    noise[shape[0] :] = draw.standard_normal((torus[0] - shape[0], torus[1]))
    field = irfft2(rfft2(noise) * gain, s=torus)
    return np.asarray(field[: shape[0], : shape[1]], dtype=np.float64)
