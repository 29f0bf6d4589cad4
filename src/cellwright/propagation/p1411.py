"""Short paths outdoors without a map of the buildings, ITU-R P.1411-12 (2023): 4.1.1, 4.2.1.

Methods that ask for the street or the rows of buildings: ``p1411_street`` and ``p1411_roofs``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.estimate import Estimate, check_limits, limit


class SiteGeneral(NamedTuple):
    """One row of Table 4: loss = 10 alpha log d + beta + 10 gamma log f, and where it holds."""

    alpha: float
    beta: float
    gamma: float
    sigma_db: float
    frequency_ghz: tuple[float, float]
    distance_m: tuple[float, float]


_STREET_SIGHT = SiteGeneral(2.12, 29.2, 2.11, 5.06, (0.8, 82.0), (5.0, 660.0))
_ROOF_SIGHT = SiteGeneral(2.29, 28.6, 1.96, 3.48, (2.2, 73.0), (55.0, 1200.0))
#: (environment, in sight) -> coefficients with both ends below the roofs (4.1.1, Table 4).
BELOW_ROOFS: Mapping[tuple[str, bool], SiteGeneral] = MappingProxyType(
    {
        ("high-rise", True): _STREET_SIGHT,
        ("low-rise", True): _STREET_SIGHT,
        ("high-rise", False): SiteGeneral(4.0, 10.2, 2.36, 7.6, (0.8, 82.0), (30.0, 715.0)),
        ("low-rise", False): SiteGeneral(5.06, -4.68, 2.02, 9.33, (10.0, 73.0), (30.0, 250.0)),
        ("residential", False): SiteGeneral(3.01, 18.8, 2.07, 3.07, (0.8, 73.0), (30.0, 170.0)),
    }
)
#: (environment, in sight) -> coefficients with one end above the roofs (4.2.1, Table 8).
OVER_ROOFS: Mapping[tuple[str, bool], SiteGeneral] = MappingProxyType(
    {
        ("high-rise", True): _ROOF_SIGHT,
        ("low-rise", True): _ROOF_SIGHT,
        ("high-rise", False): SiteGeneral(4.39, -6.27, 2.3, 6.89, (2.2, 66.5), (260.0, 1200.0)),
    }
)


@njit(cache=True, error_model="numpy")
def site_general_kernel(
    frequency_ghz: float, distance_m: float, alpha: float, beta: float, gamma: float
) -> float:
    """Median loss with the coefficients of a row [dB]; distance is direct, in space.

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.1.1, equation (1).

    Examples
    --------
    >>> round(site_general_kernel(0.8, 35.0, 2.12, 29.2, 2.11), 3)
    59.889
    """
    spread = 10.0 * alpha * math.log10(distance_m)
    return spread + beta + 10.0 * gamma * math.log10(frequency_ghz)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _site_general(f: float, d: float, alpha: float, beta: float, gamma: float) -> float:
    return site_general_kernel(f, d, alpha, beta, gamma)


def _estimate(
    rows: Mapping[tuple[str, bool], SiteGeneral],
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    environment: str,
    sight: bool,
    beyond_range: bool,
) -> Estimate:
    row = rows.get((environment, bool(sight)))
    if row is None:
        names = [name for name, seen in rows if seen == bool(sight)]
        where = "in sight" if sight else "out of sight"
        hint = did_you_mean(environment, names)
        raise InputError(f'No coefficients for "{environment}" {where}. {hint}')
    limits = [
        limit("frequency_ghz", frequency_ghz, *row.frequency_ghz, "GHz"),
        limit("distance_m", distance_m, *row.distance_m, "m"),
    ]
    inside = check_limits(limits, beyond_range)
    f, d = np.asarray(frequency_ghz, np.float64), np.asarray(distance_m, np.float64)
    loss = _site_general(f, d, row.alpha, row.beta, row.gamma)
    return Estimate(np.asarray(loss, np.float64), inside, row.sigma_db)


def below_roofs_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    environment: str,
    sight: bool,
    *,
    beyond_range: bool = False,
) -> Estimate:
    """Median loss with both ends below the roofs, wherever they stand [dB].

    Parameters
    ----------
    frequency_ghz, distance_m : array_like of float
        Frequency [GHz] and direct distance in space [m].
    environment : {"high-rise", "low-rise", "residential"}
        Surroundings; low-rise stands for suburbs too. Residential only out of sight.
    sight : bool
        In line of sight.
    beyond_range : bool
        Compute outside the limits of Table 4 too and mark it.

    Returns
    -------
    Estimate
        Loss [dB] with its standard deviation.

    Raises
    ------
    InputError
        No such row, or inputs outside its limits.

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.1.1, Table 4.

    Examples
    --------
    >>> below_roofs_db(3.5, [50.0, 100.0], "high-rise", False).loss_db.round(2)
    array([ 91.  , 103.04])
    """
    return _estimate(BELOW_ROOFS, frequency_ghz, distance_m, environment, sight, beyond_range)


def over_roofs_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    environment: str,
    sight: bool,
    *,
    beyond_range: bool = False,
) -> Estimate:
    """Median loss with one end above the roofs and one below them [dB].

    Parameters
    ----------
    frequency_ghz, distance_m : array_like of float
        Frequency [GHz] and direct distance in space [m].
    environment : {"high-rise", "low-rise"}
        Surroundings; low-rise only in sight.
    sight : bool
        In line of sight.
    beyond_range : bool
        Compute outside the limits of the table too and mark it.

    Returns
    -------
    Estimate
        Loss [dB] with its standard deviation.

    Raises
    ------
    InputError
        No such row, or inputs outside its limits.

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.2.1, Table 8.

    Examples
    --------
    >>> over_roofs_db(3.5, [300.0, 600.0], "high-rise", False).loss_db.round(2)
    array([114.99, 128.2 ])
    """
    return _estimate(OVER_ROOFS, frequency_ghz, distance_m, environment, sight, beyond_range)
