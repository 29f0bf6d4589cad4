"""Path loss of the LTE-era 3D channel, 3GPP TR 36.873 V12.7.0, Table 7.2-1: 3D-UMa and 3D-UMi.

Only for calibration against that report; TR 38.901 replaced it.
"""

from __future__ import annotations

import math

from numba import njit

from cellwright.propagation.tr38901 import NEAREST_M, urban_break_point_m

#: Numbers for :func:`loss_36873`, apart from those of the propagation shelf.
UMA_36873, UMI_36873 = 1001, 1002
#: Shadowing in sight, out of sight and to users indoors [dB], Table 7.3-6.
SIGMA_DB = {UMA_36873: (4.0, 6.0, 7.0), UMI_36873: (3.0, 4.0, 7.0)}
_STREET_M, _ROOFS_M = 20.0, 20.0


@njit(cache=True)
def loss_36873(
    number: int,
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
    environment_height_m: float = 1.0,
) -> float:
    """Path loss of 3D-UMa or 3D-UMi [dB].

    Examples
    --------
    >>> round(loss_36873(UMI_36873, 100.0, 2.0, 10.0, 1.5, False), 2)
    103.98
    """
    near = max(distance_2d_m, NEAREST_M)
    rise = base_height_m - user_height_m
    distance = 0.5 * math.log10(near * near + rise * rise)
    carrier = math.log10(frequency_ghz)
    turn = urban_break_point_m(frequency_ghz, base_height_m, user_height_m, environment_height_m)
    loss = 28.0 + 22.0 * distance + 20.0 * carrier
    if near > turn:
        loss = 28.0 + 40.0 * distance + 20.0 * carrier - 9.0 * math.log10(turn * turn + rise * rise)
    if sight:
        return loss
    if number == UMI_36873:
        blocked = 36.7 * distance + 22.7 + 26.0 * carrier - 0.3 * (user_height_m - 1.5)
        return max(loss, blocked)
    base = math.log10(base_height_m)
    over = _ROOFS_M / base_height_m
    user = math.log10(17.625)
    blocked = 161.04 - 7.1 * math.log10(_STREET_M) + 7.5 * math.log10(_ROOFS_M)
    blocked -= (24.37 - 3.7 * over * over) * base
    blocked += (43.42 - 3.1 * base) * (distance - 3.0) + 20.0 * carrier
    blocked -= 3.2 * user * user - 4.97 + 0.6 * (user_height_m - 1.5)
    return max(loss, blocked)
