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
def _hata_at_1_km(frequency_ghz: float, user_gain_db: float) -> float:
    return 69.55 + 26.16 * math.log10(1000.0 * frequency_ghz) - user_gain_db


@njit(cache=True)
def _cost231_at_1_km(frequency_ghz: float, user_height_m: float) -> float:
    frequency_mhz = 1000.0 * frequency_ghz
    gain = _medium_city_user_gain(frequency_mhz, user_height_m)
    return 46.3 + 33.9 * math.log10(frequency_mhz) - gain


@njit(cache=True)
def _over_distance(
    ground_db: float,
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
) -> float:
    """Loss [dB] from that of a base 1 m high at 1 km; within 1 km held at free space."""
    base = math.log10(max(base_height_m, _LOWEST_HEIGHT_M))
    at_1_km = ground_db - 13.82 * base
    near = max(distance_2d_m, 1.0)
    loss = at_1_km + (44.9 - 6.55 * base) * math.log10(near / 1000.0)
    if near >= 1000.0:
        return loss
    free = free_space_loss(near, frequency_ghz, base_height_m, user_height_m, True)
    free_1_km = free_space_loss(1000.0, frequency_ghz, base_height_m, user_height_m, True)
    return max(loss, free + min(at_1_km - free_1_km, 0.0))


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
    gain = _medium_city_user_gain(1000.0 * frequency_ghz, user_height_m)
    ground = _hata_at_1_km(frequency_ghz, gain)
    return _over_distance(ground, distance_2d_m, frequency_ghz, base_height_m, user_height_m)


@njit(cache=True)
def hata_large_city_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of Okumura-Hata in a large city; ``sight`` is not asked."""
    gain = _large_city_user_gain(1000.0 * frequency_ghz, user_height_m)
    ground = _hata_at_1_km(frequency_ghz, gain)
    return _over_distance(ground, distance_2d_m, frequency_ghz, base_height_m, user_height_m)


@njit(cache=True)
def hata_suburban_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of Okumura-Hata in a suburban area; ``sight`` is not asked."""
    gain = _medium_city_user_gain(1000.0 * frequency_ghz, user_height_m)
    relief = 2.0 * math.log10(1000.0 * frequency_ghz / 28.0) ** 2 + 5.4
    ground = _hata_at_1_km(frequency_ghz, gain) - relief
    return _over_distance(ground, distance_2d_m, frequency_ghz, base_height_m, user_height_m)


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
    ground = _cost231_at_1_km(frequency_ghz, user_height_m)
    return _over_distance(ground, distance_2d_m, frequency_ghz, base_height_m, user_height_m)


@njit(cache=True)
def cost231_metropolitan_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of COST231-Hata in a metropolitan centre: 3 dB more."""
    ground = _cost231_at_1_km(frequency_ghz, user_height_m) + 3.0
    return _over_distance(ground, distance_2d_m, frequency_ghz, base_height_m, user_height_m)
