"""Between two terminals near street level, ITU-R P.1411-12 (2023): 4.3.1."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation.estimate import Estimate, check_limits, limit
from cellwright.propagation.normal import inverse_tail

#: Extra median loss of low terminals out of sight [dB] (4.3.1, step 4).
LOW_TERMINALS_DB: Mapping[str, float] = MappingProxyType(
    {"suburban": 0.0, "urban": 6.8, "dense urban": 2.3}
)


@njit(cache=True, error_model="numpy")
def _low_terminals_sight(frequency_ghz: float, distance_m: float, percent: float) -> float:
    median = 32.45 + 20.0 * math.log10(frequency_ghz * distance_m)
    rayleigh = math.sqrt(-2.0 * math.log(1.0 - percent / 100.0)) - 1.1774
    return median + 1.5624 * 7.0 * rayleigh


@njit(cache=True, error_model="numpy")
def _low_terminals_hidden(
    frequency_ghz: float, distance_m: float, percent: float, urban_db: float
) -> float:
    median = 9.5 + 45.0 * math.log10(1000.0 * frequency_ghz) + 40.0 * math.log10(distance_m / 1e3)
    return median + urban_db - 7.0 * inverse_tail(percent / 100.0)


@njit(cache=True, error_model="numpy")
def low_terminals_kernel(
    frequency_ghz: float, distance_m: float, percent: float, urban_db: float, width_m: float
) -> float:
    """Loss between two low terminals not exceeded for a share of places [dB].

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.3.1, steps 1 to 8.

    Examples
    --------
    >>> round(low_terminals_kernel(0.3, 1000.0, 50.0, 0.0, 20.0), 2)
    120.97
    """
    f, d, share = frequency_ghz, distance_m, percent / 100.0
    if percent < 45.0:
        seen = 212.0 * math.log10(share) ** 2 - 64.0 * math.log10(share)
    else:
        seen = 79.2 - 70.0 * share
    if d < seen:
        return _low_terminals_sight(f, d, percent)
    if d > seen + width_m:
        return _low_terminals_hidden(f, d, percent, urban_db)
    near = _low_terminals_sight(f, seen, percent)
    far = _low_terminals_hidden(f, seen + width_m, percent, urban_db)
    return near + (far - near) * (d - seen) / width_m


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _low_terminals(f: float, d: float, percent: float, urban: float, width: float) -> float:
    return low_terminals_kernel(f, d, percent, urban, width)


def low_terminals_db(
    frequency_ghz: ArrayLike,
    distance_m: ArrayLike,
    environment: str,
    location_percent: ArrayLike = 50.0,
    *,
    transition_m: float = 20.0,
    beyond_range: bool = False,
) -> Estimate:
    """Loss between two terminals near street level not exceeded for a share of places [dB].

    Parameters
    ----------
    frequency_ghz, distance_m : array_like of float
        Frequency [GHz], 0.3 to 3, and distance [m], up to 3 km.
    environment : {"suburban", "urban", "dense urban"}
        Surroundings.
    location_percent : array_like of float
        Share of places [%], above 0 and below 100.
    transition_m : float
        Width of the transition out of sight [m].
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Loss [dB].

    Raises
    ------
    InputError
        Unknown surroundings, or inputs outside the limits.

    References
    ----------
    ITU-R P.1411-12 (2023), Annex 1, 4.3.1.

    Examples
    --------
    >>> low_terminals_db(2.0, [20.0, 500.0], "urban").loss_db.round(2)
    array([ 64.49, 152.81])
    """
    if environment not in LOW_TERMINALS_DB:
        hint = did_you_mean(environment, LOW_TERMINALS_DB)
        raise InputError(f'No surroundings are named "{environment}". {hint}')
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.3, 3.0, "GHz"),
        limit("distance_m", distance_m, 0.0, 3000.0, "m"),
        limit("location_percent", location_percent, 0.0, 100.0, "%", below=100.0),
        limit("transition_m", transition_m, 1.0, 1000.0, "m"),
    ]
    inside = check_limits(limits, beyond_range)
    arrays = (
        np.asarray(v, dtype=np.float64) for v in (frequency_ghz, distance_m, location_percent)
    )
    loss = _low_terminals(*arrays, LOW_TERMINALS_DB[environment], float(transition_m))
    return Estimate(np.asarray(loss, dtype=np.float64), inside)
