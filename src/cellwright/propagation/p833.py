"""Attenuation in vegetation, ITU-R P.833-10 (2021): woodland, slant paths, a tree, a canopy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.estimate import Estimate, check_limits, limit


@dataclass(frozen=True)
class Woodland:
    """What was measured of the most that one wood takes: Am = A1 f^alpha, f in MHz.

    Attributes
    ----------
    place, trees : str
        Where, and what grows there.
    a1_db, alpha : float
        A1 [dB] and exponent.
    frequency_ghz : (float, float)
        Frequencies measured [GHz].
    sigma_db : float
        Standard deviation of the measurements [dB] where given, else NaN.
    """

    place: str
    trees: str
    a1_db: float
    alpha: float
    frequency_ghz: tuple[float, float]
    sigma_db: float = math.nan


#: The fits of P.833, 2.1 (mean tree heights 15, 15 and 16 m), and its one point in the 5G band,
#: 46 dB at 3.605 GHz, held here from 3.4 to 3.8 GHz.
WOODLANDS: Mapping[str, Woodland] = MappingProxyType(
    {
        "tropical": Woodland("Rio de Janeiro", "tropical trees", 0.18, 0.752, (0.9, 1.8)),
        "mixed hillside": Woodland("Mulhouse", "mixed trees", 1.15, 0.43, (0.9, 2.2), 8.7),
        "mixed": Woodland(
            "St. Petersburg", "conifers and broadleaves", 1.37, 0.42, (0.1059, 2.1175)
        ),
        "3.6 GHz": Woodland("England", "as measured at 3.605 GHz", 46.0, 0.0, (3.4, 3.8)),
    }
)
#: P.833, Figure 2, vertical polarisation, as read off: straight over both logarithms.
_CURVE_GHZ, _CURVE_DB_PER_M = (0.03, 1.0, 30.0), (0.02, 0.2, 6.0)


def _array(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def specific_attenuation_db_per_m(frequency_ghz: ArrayLike) -> NDArray[np.float64]:
    """Loss over a very short path in woodland, gamma [dB/m], vertical polarisation.

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 0.03 to 30; continued straight beyond.

    Notes
    -----
    Read off the printed curve, which has no table: 0.02, 0.2 and 6 dB/m at 0.03, 1 and 30 GHz.
    Horizontal polarisation loses less below 1 GHz. In leaf about 20 % more than bare at 1 GHz.

    References
    ----------
    ITU-R P.833-10 (2021), Annex 1, 2.1, Figure 2.

    Examples
    --------
    >>> specific_attenuation_db_per_m([1.0, 3.5]).round(2)
    array([0.2, 0.7])
    """
    octaves, grid = np.log(_array(frequency_ghz)), np.log(_CURVE_GHZ)
    loss = np.log(_CURVE_DB_PER_M)
    slopes = np.diff(loss) / np.diff(grid)
    slope = np.where(octaves < grid[1], slopes[0], slopes[1])
    return np.asarray(np.exp(loss[1] + slope * (octaves - grid[1])))


def woodland_db(
    frequency_ghz: ArrayLike,
    depth_m: ArrayLike,
    woodland: str = "mixed",
    *,
    gamma_db_per_m: ArrayLike | None = None,
    beyond_range: bool = False,
) -> Estimate:
    """Loss of a terminal standing in a wood, in excess of all else on the path [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz]; the range measured in that wood.
    depth_m : array_like of float
        Length of the path within the wood [m].
    woodland : str
        A name of ``WOODLANDS``.
    gamma_db_per_m : array_like of float, optional
        Specific attenuation [dB/m]; by default :func:`specific_attenuation_db_per_m`.
    beyond_range : bool
        Compute outside the limits too and mark it: there A1 f^alpha is an extrapolation.

    Returns
    -------
    Estimate
        Loss [dB], at most Am.

    Raises
    ------
    InputError
        Unknown wood, or inputs outside the limits.

    Notes
    -----
    Am [1 - exp(-d gamma / Am)] with Am = A1 f^alpha. The fit of St. Petersburg was checked against
    the measurements tabled with it, those of Mulhouse and England against public implementations;
    that of Rio de Janeiro was set down from memory.

    References
    ----------
    ITU-R P.833-10 (2021), Annex 1, 2.1, equations (1) and (2).

    Examples
    --------
    >>> woodland_db(0.949, [10.0, 100.0, 2000.0]).loss_db.round(2)
    array([ 1.86, 13.35, 24.39])
    """
    if woodland not in WOODLANDS:
        raise InputError(f'No wood is named "{woodland}". {did_you_mean(woodland, WOODLANDS)}')
    fit = WOODLANDS[woodland]
    given = 1.0 if gamma_db_per_m is None else gamma_db_per_m
    limits = [
        limit("frequency_ghz", frequency_ghz, *fit.frequency_ghz, "GHz"),
        limit("depth_m", depth_m, 0.0, math.inf, "m", above=-1e-9),
        limit("gamma_db_per_m", given, 0.0, math.inf, "dB/m"),
    ]
    inside = check_limits(limits, beyond_range)
    curve = specific_attenuation_db_per_m(frequency_ghz)
    gamma = curve if gamma_db_per_m is None else _array(given)
    most = fit.a1_db * (1000.0 * _array(frequency_ghz)) ** fit.alpha
    return Estimate(most * -np.expm1(-_array(depth_m) * gamma / most), inside, fit.sigma_db)


def slant_foliage_db(
    frequency_ghz: ArrayLike,
    depth_m: ArrayLike,
    elevation_deg: ArrayLike,
    *,
    beyond_range: bool = False,
) -> Estimate:
    """Loss of a slant path that leaves a wood upwards [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 0.03 to 100.
    depth_m : array_like of float
        Length of the path within the foliage [m].
    elevation_deg : array_like of float
        Elevation of the path [deg], above 0 to 90.
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

    Notes
    -----
    A f^B d^C (theta + E)^G with f in MHz and A, B, C, E, G = 0.25, 0.39, 0.25, 0, 0.05, fitted to
    an Austrian pine wood; other woods want other constants. The source names no range of its own:
    that of the Recommendation is taken.

    References
    ----------
    ITU-R P.833-10 (2021), Annex 1, 2.2.

    Examples
    --------
    >>> slant_foliage_db(2.0, [5.0, 20.0], 30.0).loss_db.round(2)
    array([ 8.59, 12.15])
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.03, 100.0, "GHz"),
        limit("depth_m", depth_m, 0.0, math.inf, "m", above=-1e-9),
        limit("elevation_deg", elevation_deg, 0.0, 90.0, "deg", below=90.0 + 1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    loss = 0.25 * (1000.0 * _array(frequency_ghz)) ** 0.39 * _array(depth_m) ** 0.25
    return Estimate(np.asarray(loss * _array(elevation_deg) ** 0.05), inside)


def single_tree_db(
    frequency_ghz: ArrayLike, depth_m: ArrayLike, *, beyond_range: bool = False
) -> Estimate:
    """Loss through one tree or hedge, both terminals outside it [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 0.03 to 1.
    depth_m : array_like of float
        Length of the path within the foliage [m].
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Loss [dB]: gamma times the depth. Where it exceeds that of a path around the tree
        (diffraction, ITU-R P.526), take the latter.

    Raises
    ------
    InputError
        Inputs outside the limits.

    References
    ----------
    ITU-R P.833-10 (2021), Annex 1, 3.1.

    Examples
    --------
    >>> single_tree_db(0.7, 10.0).loss_db.round(2).tolist()
    1.58
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.03, 1.0, "GHz"),
        limit("depth_m", depth_m, 0.0, math.inf, "m", above=-1e-9),
    ]
    inside = check_limits(limits, beyond_range)
    loss = specific_attenuation_db_per_m(frequency_ghz) * _array(depth_m)
    return Estimate(np.asarray(loss), inside)


def canopy_depth_m(
    distance_m: ArrayLike,
    canopy_amsl_m: ArrayLike,
    tx_amsl_m: ArrayLike,
    rx_amsl_m: ArrayLike,
    ground_amsl_m: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Length of the straight ray below the tops of trees [m].

    Parameters
    ----------
    distance_m : array_like of float, shape (n,)
        Points along the path [m], from 0, increasing.
    canopy_amsl_m : array_like of float, shape (..., n)
        Tops of the trees above sea level [m]; the ground where none grow. Several paths of the
        same points may be given at once.
    tx_amsl_m, rx_amsl_m : array_like of float, shape (...)
        Antennas above sea level [m]: at the first and at the last point.
    ground_amsl_m : array_like of float, shape (..., n), optional
        Ground above sea level [m]; where the ray runs below it nothing is counted.

    Returns
    -------
    ndarray, shape (...)
        Length within the canopy [m]; tops are joined by straight lines.

    Raises
    ------
    InputError
        Fewer than two points, or distances that do not increase.

    Examples
    --------
    >>> float(canopy_depth_m([0.0, 50.0, 100.0], [15.0, 15.0, 0.0], 5.0, 5.0).round(2))
    83.33
    """
    distance = _array(distance_m)
    if distance.ndim != 1 or distance.size < 2 or not (np.diff(distance) > 0.0).all():
        raise InputError(
            "distance_m must hold two or more increasing distances. Sort the points from "
            "transmitter to receiver and drop doubles."
        )
    low, high = _array(tx_amsl_m)[..., np.newaxis], _array(rx_amsl_m)[..., np.newaxis]
    ray = low + (high - low) * distance / distance[-1]
    inside = _share_above(_array(canopy_amsl_m) - ray)
    if ground_amsl_m is not None:
        inside = np.maximum(inside - _share_above(_array(ground_amsl_m) - ray), 0.0)
    slant = np.hypot(1.0, (high - low) / distance[-1])
    return np.asarray((inside * np.diff(distance) * slant).sum(axis=-1))


def canopy_loss_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    canopy_amsl_m: ArrayLike,
    tx_amsl_m: ArrayLike,
    rx_amsl_m: ArrayLike,
    *,
    ground_amsl_m: ArrayLike | None = None,
    woodland: str = "3.6 GHz",
    beyond_range: bool = False,
) -> Estimate:
    """Loss of straight rays in the canopy that a height model shows [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz].
    distance_m, canopy_amsl_m, tx_amsl_m, rx_amsl_m, ground_amsl_m
        See :func:`canopy_depth_m`.
    woodland, beyond_range
        See :func:`woodland_db`.

    Returns
    -------
    Estimate
        Loss [dB], one per path.

    Raises
    ------
    InputError
        As the two functions.

    Notes
    -----
    The Recommendation speaks of one terminal in a wood; all wood along the ray is counted here.
    Do not add it to a diffraction loss over the same trees.

    References
    ----------
    ITU-R P.833-10 (2021), Annex 1, 2.1.

    Examples
    --------
    >>> trees = canopy_loss_db(3.5, [0.0, 50.0, 100.0], [15.0, 15.0, 0.0], 5.0, 5.0)
    >>> trees.loss_db.round(1).tolist()
    33.1
    """
    depth = canopy_depth_m(distance_m, canopy_amsl_m, tx_amsl_m, rx_amsl_m, ground_amsl_m)
    return woodland_db(frequency_ghz, depth, woodland, beyond_range=beyond_range)


def _share_above(cover_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each step over which a straight line runs above zero."""
    left, right = cover_m[..., :-1], cover_m[..., 1:]
    rise = np.abs(right - left)
    above = np.maximum(np.maximum(left, right), 0.0) - np.maximum(np.minimum(left, right), 0.0)
    both = (left > 0.0) & (right > 0.0)
    return np.where(both, 1.0, above / np.where(rise > 0.0, rise, 1.0))
