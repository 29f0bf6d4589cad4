"""Extended Hata (CEPT ECC Report 252, 2016): 30 MHz to 3 GHz, from next to the mast to 100 km.

Hata's and COST 231's formulas from 100 m on, stretched to lower and higher carriers and to lower
masts; free space within 40 m; a straight line over log distance between. Never below free space.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, vectorize
from numpy.typing import ArrayLike, NDArray

from cellwright.propagation.estimate import check_limits, limit
from cellwright.propagation.free_space import free_space_loss

URBAN, SUBURBAN, OPEN = range(3)
_NEAR_KM, _FAR_KM, _CURVED_KM = 0.04, 0.1, 20.0
#: Sigma [dB] at these distances [m], straight lines between: antennas above, and below the roofs.
_SIGMA_AT_M = (40.0, 100.0, 200.0, 600.0)
_SIGMA_DB = {False: (3.5, 12.0, 12.0, 9.0), True: (3.5, 17.0, 17.0, 9.0)}


@njit(cache=True)
def _low_antenna_gain(frequency_mhz: float, low_m: float) -> float:
    """Return a(Hm) [dB]: Hata's up to 10 m, then 20 dB per decade of height."""
    carrier = math.log10(frequency_mhz)
    gain = (1.1 * carrier - 0.7) * min(10.0, low_m) - (1.56 * carrier - 0.8)
    return gain + max(0.0, 20.0 * math.log10(low_m / 10.0))


@njit(cache=True)
def _carrier_term(frequency_mhz: float) -> float:
    """Return what the carrier adds [dB], in four pieces over 30 to 3000 MHz."""
    if frequency_mhz <= 150.0:
        return 69.6 + 26.2 * math.log10(150.0) - 20.0 * math.log10(150.0 / frequency_mhz)
    if frequency_mhz <= 1500.0:
        return 69.6 + 26.2 * math.log10(frequency_mhz)
    if frequency_mhz <= 2000.0:
        return 46.3 + 33.9 * math.log10(frequency_mhz)
    return 46.3 + 33.9 * math.log10(2000.0) + 10.0 * math.log10(frequency_mhz / 2000.0)


@njit(cache=True)
def _distance_term(distance_km: float, frequency_mhz: float, high_m: float) -> float:
    """Return log10 of the distance, bent upwards beyond 20 km where the Earth curves away."""
    decades = math.log10(distance_km)
    if distance_km <= _CURVED_KM:
        return decades
    bend = 0.14 + 1.87e-4 * frequency_mhz + 1.07e-3 * high_m
    power: float = decades ** (1.0 + bend * math.log10(distance_km / _CURVED_KM) ** 0.8)
    return power


@njit(cache=True)
def _relief(environment: int, frequency_mhz: float) -> float:
    """Return how much less is lost than in town [dB]."""
    carrier = min(max(150.0, frequency_mhz), 2000.0)
    if environment == SUBURBAN:
        return 2.0 * math.log10(carrier / 28.0) ** 2 + 5.4
    if environment == OPEN:
        return 4.78 * math.log10(carrier) ** 2 - 18.33 * math.log10(carrier) + 40.94
    return 0.0


@njit(cache=True)
def _cluttered(
    environment: int, distance_km: float, frequency_mhz: float, high_m: float, low_m: float
) -> float:
    """Loss [dB] of the formula for 100 m and more, not yet held at free space."""
    mast = math.log10(max(30.0, high_m))
    loss = _carrier_term(frequency_mhz) - 13.82 * mast
    loss += (44.9 - 6.55 * mast) * _distance_term(distance_km, frequency_mhz, high_m)
    loss -= _low_antenna_gain(frequency_mhz, low_m)
    loss -= min(0.0, 20.0 * math.log10(high_m / 30.0))
    return loss - _relief(environment, frequency_mhz)


@njit(cache=True)
def extended_hata_kernel(
    environment: int, distance_2d_m: float, frequency_ghz: float, one_m: float, other_m: float
) -> float:
    """Median path loss [dB]; the heights may come in either order.

    References
    ----------
    ECC Report 252 (2016), SEAMCAT Handbook, annex of propagation models, Extended Hata.

    Examples
    --------
    >>> round(extended_hata_kernel(URBAN, 1000.0, 0.9, 30.0, 1.5), 2)
    126.57
    """
    free = free_space_loss(distance_2d_m, frequency_ghz, one_m, other_m, True)
    km, mhz = distance_2d_m / 1000.0, 1000.0 * frequency_ghz
    high, low = max(one_m, other_m, 1.0), max(min(one_m, other_m), 1.0)
    if km <= _NEAR_KM:
        return free
    if km >= _FAR_KM:
        return max(free, _cluttered(environment, km, mhz, high, low))
    near = free_space_loss(1000.0 * _NEAR_KM, frequency_ghz, one_m, other_m, True)
    far = _cluttered(environment, _FAR_KM, mhz, high, low)
    share = math.log(km / _NEAR_KM) / math.log(_FAR_KM / _NEAR_KM)
    return max(free, near + share * (far - near))


@njit(cache=True)
def extended_hata_urban_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of extended Hata in town; ``sight`` is not asked."""
    return extended_hata_kernel(URBAN, distance_2d_m, frequency_ghz, base_height_m, user_height_m)


@njit(cache=True)
def extended_hata_suburban_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of extended Hata in a suburb; ``sight`` is not asked."""
    return extended_hata_kernel(
        SUBURBAN, distance_2d_m, frequency_ghz, base_height_m, user_height_m
    )


@njit(cache=True)
def extended_hata_open_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Median path loss [dB] of extended Hata in open country; ``sight`` is not asked."""
    return extended_hata_kernel(OPEN, distance_2d_m, frequency_ghz, base_height_m, user_height_m)


@vectorize(cache=True)  # type: ignore[no-untyped-call, untyped-decorator]
def extended_hata_array(
    environment: int, distance_m: float, frequency_ghz: float, one_m: float, other_m: float
) -> float:
    """Array form of :func:`extended_hata_kernel`."""
    return extended_hata_kernel(environment, distance_m, frequency_ghz, one_m, other_m)


def extended_hata_sigma_db(
    distance_m: ArrayLike, *, below_roofs: bool = False
) -> NDArray[np.float64]:
    """Return the standard deviation of shadowing at a distance [dB].

    Parameters
    ----------
    distance_m : array_like of float
        Distance on the map [m].
    below_roofs : bool
        Both antennas below the roofs, else one above.

    Returns
    -------
    ndarray
        Sigma [dB]: 3.5 next to the mast, 12 (17 below the roofs) at 100 to 200 m, 9 from 600 m.

    Raises
    ------
    InputError
        A distance of 0 or less.

    References
    ----------
    ECC Report 252 (2016), SEAMCAT Handbook, annex of propagation models, Extended Hata.

    Examples
    --------
    >>> extended_hata_sigma_db([10.0, 70.0, 150.0, 400.0, 5000.0])
    array([ 3.5 ,  7.75, 12.  , 10.5 ,  9.  ])
    """
    check_limits([limit("distance_m", distance_m, 0.0, math.inf, "m")], True)
    distance = np.asarray(distance_m, dtype=np.float64)
    return np.asarray(np.interp(distance, _SIGMA_AT_M, _SIGMA_DB[below_roofs]))
