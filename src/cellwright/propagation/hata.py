"""Okumura-Hata (Hata 1980) and its extension COST231-Hata (final report 1999): legacy macro cells.

Both are fits over 1 to 20 km. Nearer than 1 km, where they were never measured and would fall
below free space, the formula is continued and held at free space (lowered, where needed, to meet
the formula at 1 km), so that a map stays finite and grows with distance; ``Model.valid`` tells.
"""

from __future__ import annotations

import math

from numba import njit

from cellwright.propagation.free_space import free_space_loss

_LOWEST_HEIGHT_M = 0.5


@njit(cache=True)
def _medium_city_user_gain(frequency_mhz: float, user_height_m: float) -> float:
    """a(hm) [dB] of a small or medium-sized city."""
    carrier = math.log10(frequency_mhz)
    return (1.1 * carrier - 0.7) * user_height_m - (1.56 * carrier - 0.8)


@njit(cache=True)
def _large_city_user_gain(frequency_mhz: float, user_height_m: float) -> float:
    """a(hm) [dB] of a large city: one fit up to 200 MHz, one from 400 MHz, the latter between."""
    user = max(user_height_m, _LOWEST_HEIGHT_M)
    if frequency_mhz <= 200.0:
        return 8.29 * math.log10(1.54 * user) ** 2 - 1.1
    return 3.2 * math.log10(11.75 * user) ** 2 - 4.97


@njit(cache=True)
def _height_and_distance(distance_2d_m: float, base_height_m: float) -> float:
    base = math.log10(max(base_height_m, _LOWEST_HEIGHT_M))
    return -13.82 * base + (44.9 - 6.55 * base) * math.log10(distance_2d_m / 1000.0)


@njit(cache=True)
def _hata_urban(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    large: bool,
) -> float:
    frequency_mhz = 1000.0 * frequency_ghz
    if large:
        gain = _large_city_user_gain(frequency_mhz, user_height_m)
    else:
        gain = _medium_city_user_gain(frequency_mhz, user_height_m)
    fixed = 69.55 + 26.16 * math.log10(frequency_mhz) - gain
    return fixed + _height_and_distance(distance_2d_m, base_height_m)


@njit(cache=True)
def _cost231(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    metropolitan_db: float,
) -> float:
    frequency_mhz = 1000.0 * frequency_ghz
    gain = _medium_city_user_gain(frequency_mhz, user_height_m)
    fixed = 46.3 + 33.9 * math.log10(frequency_mhz) - gain + metropolitan_db
    return fixed + _height_and_distance(distance_2d_m, base_height_m)


@njit(cache=True)
def _floor(
    loss_db: float,
    loss_1_km_db: float,
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
) -> float:
    """Hold a loss within 1 km at free space, which is shifted to meet the formula at 1 km."""
    if distance_2d_m >= 1000.0:
        return loss_db
    free = free_space_loss(distance_2d_m, frequency_ghz, base_height_m, user_height_m, True)
    free_1_km = free_space_loss(1000.0, frequency_ghz, base_height_m, user_height_m, True)
    return max(loss_db, free + min(loss_1_km_db - free_1_km, 0.0))


@njit(cache=True)
def hata_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of Okumura-Hata, small or medium-sized city; ``sight`` is not asked.

    References
    ----------
    M. Hata, Empirical formula for propagation loss in land mobile radio services,
    IEEE Trans. Veh. Technol. 29(3), 1980; also ITU-R P.529-3 (1999), Annex 1.

    Examples
    --------
    >>> round(hata_loss(1000.0, 0.9, 30.0, 1.5, False), 2)
    126.4
    """
    near = max(distance_2d_m, 1.0)
    loss = _hata_urban(near, frequency_ghz, base_height_m, user_height_m, False)
    at_1_km = _hata_urban(1000.0, frequency_ghz, base_height_m, user_height_m, False)
    return _floor(loss, at_1_km, near, frequency_ghz, base_height_m, user_height_m)


@njit(cache=True)
def hata_large_city_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of Okumura-Hata in a large city; ``sight`` is not asked."""
    near = max(distance_2d_m, 1.0)
    loss = _hata_urban(near, frequency_ghz, base_height_m, user_height_m, True)
    at_1_km = _hata_urban(1000.0, frequency_ghz, base_height_m, user_height_m, True)
    return _floor(loss, at_1_km, near, frequency_ghz, base_height_m, user_height_m)


@njit(cache=True)
def hata_suburban_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of Okumura-Hata in a suburban area; ``sight`` is not asked."""
    near = max(distance_2d_m, 1.0)
    relief = 2.0 * math.log10(1000.0 * frequency_ghz / 28.0) ** 2 + 5.4
    loss = _hata_urban(near, frequency_ghz, base_height_m, user_height_m, False) - relief
    at_1_km = _hata_urban(1000.0, frequency_ghz, base_height_m, user_height_m, False) - relief
    return _floor(loss, at_1_km, near, frequency_ghz, base_height_m, user_height_m)


@njit(cache=True)
def cost231_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of COST231-Hata, medium city and suburban; ``sight`` is not asked.

    References
    ----------
    COST Action 231, Digital mobile radio towards future generation systems, final report,
    EUR 18957 (1999), section 4.4.1.

    Examples
    --------
    >>> round(cost231_loss(1000.0, 1.8, 30.0, 1.5, False), 2)
    136.2
    """
    near = max(distance_2d_m, 1.0)
    loss = _cost231(near, frequency_ghz, base_height_m, user_height_m, 0.0)
    at_1_km = _cost231(1000.0, frequency_ghz, base_height_m, user_height_m, 0.0)
    return _floor(loss, at_1_km, near, frequency_ghz, base_height_m, user_height_m)


@njit(cache=True)
def cost231_metropolitan_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of COST231-Hata in a metropolitan centre: 3 dB more."""
    near = max(distance_2d_m, 1.0)
    loss = _cost231(near, frequency_ghz, base_height_m, user_height_m, 3.0)
    at_1_km = _cost231(1000.0, frequency_ghz, base_height_m, user_height_m, 3.0)
    return _floor(loss, at_1_km, near, frequency_ghz, base_height_m, user_height_m)
