"""Free-space basic transmission loss, ITU-R P.525-4 (2019)."""

from __future__ import annotations

import math

from numba import njit

from cellwright.units import SPEED_OF_LIGHT_M_S

#: The formula holds in the far field; nearer points get the loss at this distance [m].
NEAREST_M = 1.0
_FOUR_PI_OVER_C = 4.0e9 * math.pi / SPEED_OF_LIGHT_M_S


@njit(cache=True)
def free_space_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Loss [dB] between isotropic antennas in free space; ``sight`` is not asked.

    References
    ----------
    ITU-R P.525-4 (2019), Annex, equation (3).

    Examples
    --------
    >>> round(free_space_loss(1000.0, 1.0, 10.0, 10.0, True), 2)
    92.45
    """
    rise = base_height_m - user_height_m
    distance_m = math.sqrt(distance_2d_m * distance_2d_m + rise * rise)
    return 20.0 * math.log10(_FOUR_PI_OVER_C * frequency_ghz * max(distance_m, NEAREST_M))
