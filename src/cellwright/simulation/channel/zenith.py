"""Zenith spread of departure and its offset (TR 38.901 Tables 7.5-7 to 7.5-12)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.simulation.channel.tables import lowest_frequency_ghz
from cellwright.simulation.drop import Drop

Floats = NDArray[np.float64]


def zenith_statistics(
    drop: Drop, scenario: str, condition: NDArray[np.int8]
) -> tuple[Floats, Floats, Floats]:
    """Return mu_lgZSD, sigma_lgZSD and mu_offset,ZOD [deg] of each link, float64 [site, user].

    Indoor users of UMa and UMi take the column of the outdoor part of their path.
    """
    seen = np.where(condition == 2, drop.sight & (scenario in ("uma", "umi")), condition == 0)
    return zenith_table(
        scenario,
        seen,
        drop.distance_m,
        drop.site_m[:, 2][:, None],
        drop.user_m[:, 2][None, :],
        drop.frequency_ghz,
    )


def zenith_table(
    scenario: str,
    seen: ArrayLike,
    distance_m: ArrayLike,
    base_height_m: ArrayLike,
    user_height_m: ArrayLike,
    frequency_ghz: float,
) -> tuple[Floats, Floats, Floats]:
    """Return mean and deviation of lg ZSD, and the offset of ZOD [deg]; all arguments broadcast.

    Parameters
    ----------
    scenario : str
        ``uma``, ``umi``, ``rma``, ``inh`` or ``sma``.
    seen : bool or array
        In line of sight.
    distance_m : float or array
        Two-dimensional distance [m].
    base_height_m, user_height_m : float or array
        Heights [m].
    frequency_ghz : float
        Carrier frequency [GHz].

    References
    ----------
    3GPP TR 38.901 V19.4.0, Tables 7.5-7 to 7.5-12.

    Examples
    --------
    >>> mean, sigma, offset = zenith_table("umi", False, 100.0, 10.0, 1.5, 6.0)
    >>> round(float(mean), 3), float(sigma), round(float(offset), 3)
    (-0.11, 0.35, -1.995)
    """
    distance = np.asarray(distance_m, float)
    base, user = np.asarray(base_height_m, float), np.asarray(user_height_m, float)
    f = lowest_frequency_ghz(scenario, frequency_ghz)
    los, nlos = _COLUMNS[scenario](distance, base, user, f)
    shape = np.broadcast(np.asarray(seen), distance, base, user).shape
    pair = [
        np.broadcast_to(np.where(seen, first, second), shape)
        for first, second in zip(los, nlos, strict=True)
    ]
    return pair[0], pair[1], pair[2]


def _uma(d: Any, _base: Any, user: Any, f: float) -> tuple[Any, Any]:
    lift = user - 1.5
    los = np.maximum(-0.5, -2.1e-3 * d - 0.01 * lift + 0.75)
    nlos = np.maximum(-0.5, -2.1e-3 * d - 0.01 * lift + 0.9)
    g = np.log10(f)
    power = (0.208 * g - 0.782) * np.log10(np.maximum(25.0, d)) - 0.13 * g + 2.03 - 0.07 * lift
    return (los, 0.40, 0.0), (nlos, 0.49, 7.66 * g - 5.96 - 10.0**power)


def _umi(d: Any, base: Any, user: Any, _f: float) -> tuple[Any, Any]:
    los = np.maximum(-0.21, -14.8e-3 * d + 0.01 * np.abs(user - base) + 0.83)
    nlos = np.maximum(-0.5, -3.1e-3 * d + 0.01 * np.maximum(user - base, 0.0) + 0.2)
    return (los, 0.35, 0.0), (nlos, 0.35, -(10.0 ** (-1.5 * np.log10(np.maximum(10.0, d)) + 3.3)))


def _rma(d: Any, _base: Any, user: Any, _f: float) -> tuple[Any, Any]:
    lift = 0.01 * (user - 1.5)
    near = np.maximum(d, 1e-3)
    offset = np.degrees(np.arctan((35.0 - 3.5) / near) - np.arctan((35.0 - 1.5) / near))
    los = np.maximum(-1.0, -0.17e-3 * d - lift + 0.22)
    return (los, 0.34, 0.0), (np.maximum(-1.0, -0.19e-3 * d - lift + 0.28), 0.30, offset)


def _inh(_d: Any, _base: Any, _user: Any, f: float) -> tuple[Any, Any]:
    g = np.log10(1.0 + f)
    return (-1.43 * g + 2.228, 0.13 * g + 0.30, 0.0), (1.08, 0.36, 0.0)


def _sma(_d: Any, _base: Any, _user: Any, _f: float) -> tuple[Any, Any]:
    return (0.14, 0.16, 0.0), (0.14, 0.16, 3.5)


_COLUMNS = {"uma": _uma, "umi": _umi, "rma": _rma, "inh": _inh, "sma": _sma}
