"""Loss on entering a building, as a distribution over all buildings, ITU-R P.2109-2 (2023)."""

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

#: Kinds of building -> number for :func:`building_entry_kernel`.
BUILDINGS: Mapping[str, int] = MappingProxyType({"traditional": 0, "thermally efficient": 1})
#: Coefficients r, s, t, u, v, w, x, y, z (Table 1).
_TRADITIONAL = (12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0)
_EFFICIENT = (28.19, -3.0, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1)


@njit(cache=True, error_model="numpy")
def building_entry_kernel(
    kind: int, frequency_ghz: float, percent: float, elevation_deg: float
) -> float:
    """Building entry loss not exceeded with a probability [dB].

    Parameters
    ----------
    kind : int
        A number of ``BUILDINGS``.
    frequency_ghz, percent, elevation_deg : float
        Frequency [GHz], probability [%], angle of arrival above the horizontal [deg].

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    ITU-R P.2109-2 (2023), Annex 1, clause 3, equations (1) to (9), Table 1.

    Examples
    --------
    >>> round(building_entry_kernel(0, 0.7, 1.0, 10.0), 3)
    1.37
    """
    r, s, t, u, v, w, x, y, z = _EFFICIENT if kind == 1 else _TRADITIONAL
    octaves = math.log10(frequency_ghz)
    order = -inverse_tail(percent / 100.0)
    mean = r + s * octaves + t * octaves * octaves + 0.212 * abs(elevation_deg)
    a = order * (u + v * octaves) + mean
    b = order * (y + z * octaves) + w + x * octaves
    return 10.0 * math.log10(10.0 ** (0.1 * a) + 10.0 ** (0.1 * b) + 10.0**-0.3)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def _building_entry(kind: int, f: float, percent: float, elevation: float) -> float:
    return building_entry_kernel(kind, f, percent, elevation)


def building_entry_db(
    frequency_ghz: ArrayLike,
    building: str,
    percent: ArrayLike = 50.0,
    elevation_deg: ArrayLike = 0.0,
    *,
    beyond_range: bool = False,
) -> Estimate:
    """Building entry loss not exceeded with a probability [dB].

    Parameters
    ----------
    frequency_ghz : array_like of float
        Frequency [GHz], 0.08 to 100.
    building : {"traditional", "thermally efficient"}
        Kind of building.
    percent : array_like of float
        Probability that the loss is no greater [%], above 0 and below 100.
    elevation_deg : array_like of float
        Angle of arrival at the facade above the horizontal [deg], -90 to 90.
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    Estimate
        Loss [dB] between isotropic antennas.

    Raises
    ------
    InputError
        Unknown building, or inputs outside the limits.

    References
    ----------
    ITU-R P.2109-2 (2023), Annex 1, clause 3.

    Examples
    --------
    >>> building_entry_db(3.5, "traditional", [10.0, 50.0, 90.0]).loss_db.round(2)
    array([ 5.88, 15.72, 28.74])
    """
    if building not in BUILDINGS:
        hint = did_you_mean(building, BUILDINGS)
        raise InputError(f'No kind of building is named "{building}". {hint}')
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.08, 100.0, "GHz"),
        limit("percent", percent, 0.0, 100.0, "%", below=100.0),
        limit("elevation_deg", elevation_deg, -90.0, 90.0, "deg", above=-90.001, below=90.001),
    ]
    inside = check_limits(limits, beyond_range)
    loss = _building_entry(
        BUILDINGS[building],
        np.asarray(frequency_ghz, dtype=np.float64),
        np.asarray(percent, dtype=np.float64),
        np.asarray(elevation_deg, dtype=np.float64),
    )
    return Estimate(np.asarray(loss, dtype=np.float64), inside)
