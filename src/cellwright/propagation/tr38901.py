"""Path loss and line-of-sight probability of 3GPP TR 38.901 V19.4.0, clauses 7.4.1 and 7.4.2.

Every formula is one scalar function which Numba compiles and other kernels may call. None raises:
values outside a table's range are brought to its edge where a logarithm would break (distances
below 10 m, effective antenna heights below 0.5 m) and are marked by ``Model.valid``.
"""

from __future__ import annotations

import math

from numba import njit

#: Table 7.4.1-1 is valid from here on; nearer points get the loss at this distance [m].
NEAREST_M = 10.0
#: Indoor office: its own lower limit, of the 3D distance [m].
NEAREST_INDOOR_M = 1.0
#: Half of the lowest user height of the table less the environment height of 1 m [m].
LOWEST_EFFECTIVE_HEIGHT_M = 0.5
#: NOTE 1 and NOTE 5 of the table fix the speed of light at 3.0e8 m/s: metres per GHz of wavelength.
_GHZ_OVER_C = 10.0 / 3.0


@njit(cache=True)
def _distance_3d(distance_2d_m: float, base_height_m: float, user_height_m: float) -> float:
    rise = base_height_m - user_height_m
    return math.sqrt(distance_2d_m * distance_2d_m + rise * rise)


@njit(cache=True)
def urban_break_point_m(
    frequency_ghz: float, base_height_m: float, user_height_m: float, environment_height_m: float
) -> float:
    """Break point distance d'BP [m] of UMa and UMi (Table 7.4.1-1, NOTE 1).

    Examples
    --------
    >>> round(urban_break_point_m(3.5, 25.0, 1.5, 1.0), 6)
    560.0
    """
    base = max(base_height_m - environment_height_m, LOWEST_EFFECTIVE_HEIGHT_M)
    user = max(user_height_m - environment_height_m, LOWEST_EFFECTIVE_HEIGHT_M)
    return 4.0 * base * user * frequency_ghz * _GHZ_OVER_C


@njit(cache=True)
def rural_break_point_m(frequency_ghz: float, base_height_m: float, user_height_m: float) -> float:
    """Break point distance dBP [m] of RMa and SMa (Table 7.4.1-1, NOTE 5)."""
    base = max(base_height_m, LOWEST_EFFECTIVE_HEIGHT_M)
    user = max(user_height_m, LOWEST_EFFECTIVE_HEIGHT_M)
    return 2.0 * math.pi * base * user * frequency_ghz * _GHZ_OVER_C


@njit(cache=True)
def uma_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
    environment_height_m: float = 1.0,
) -> float:
    """Path loss [dB] of urban macro, UMa.

    Parameters
    ----------
    distance_2d_m, frequency_ghz, base_height_m, user_height_m : float
        Distance on the map [m], carrier [GHz], antenna heights above ground [m].
    sight : bool
        Line of sight or not.
    environment_height_m : float
        h_E of NOTE 1: 1 m, always so below users of 13 m. Above, the note draws it per link;
        :func:`uma_ground_odds` tells how likely 1 m is. A map needs one value: 1 m.

    References
    ----------
    3GPP TR 38.901 V19.4.0, Table 7.4.1-1.

    Examples
    --------
    >>> round(uma_loss(100.0, 3.5, 25.0, 1.5, True), 3)
    83.138
    """
    near = max(distance_2d_m, NEAREST_M)
    distance = math.log10(_distance_3d(near, base_height_m, user_height_m))
    carrier = 20.0 * math.log10(frequency_ghz)
    turn = urban_break_point_m(frequency_ghz, base_height_m, user_height_m, environment_height_m)
    if near <= turn:
        loss = 28.0 + 22.0 * distance + carrier
    else:
        rise = base_height_m - user_height_m
        loss = 28.0 + 40.0 * distance + carrier - 9.0 * math.log10(turn * turn + rise * rise)
    if sight:
        return loss
    return max(loss, 13.54 + 39.08 * distance + carrier - 0.6 * (user_height_m - 1.5))


@njit(cache=True)
def uma_optional_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Path loss [dB] of UMa with the table's optional formula out of sight."""
    if sight:
        return uma_loss(distance_2d_m, frequency_ghz, base_height_m, user_height_m, True)
    near = max(distance_2d_m, NEAREST_M)
    distance = math.log10(_distance_3d(near, base_height_m, user_height_m))
    return 32.4 + 20.0 * math.log10(frequency_ghz) + 30.0 * distance


@njit(cache=True)
def umi_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Path loss [dB] of urban micro, UMi - street canyon (Table 7.4.1-1; h_E is 1 m).

    Examples
    --------
    >>> round(umi_loss(100.0, 3.5, 10.0, 1.5, False), 3)
    104.644
    """
    near = max(distance_2d_m, NEAREST_M)
    distance = math.log10(_distance_3d(near, base_height_m, user_height_m))
    carrier = math.log10(frequency_ghz)
    turn = urban_break_point_m(frequency_ghz, base_height_m, user_height_m, 1.0)
    if near <= turn:
        loss = 32.4 + 21.0 * distance + 20.0 * carrier
    else:
        rise = base_height_m - user_height_m
        loss = 32.4 + 40.0 * distance + 20.0 * carrier - 9.5 * math.log10(turn * turn + rise * rise)
    if sight:
        return loss
    return max(loss, 35.3 * distance + 22.4 + 21.3 * carrier - 0.3 * (user_height_m - 1.5))


@njit(cache=True)
def umi_optional_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Path loss [dB] of UMi - street canyon with the table's optional formula out of sight."""
    if sight:
        return umi_loss(distance_2d_m, frequency_ghz, base_height_m, user_height_m, True)
    near = max(distance_2d_m, NEAREST_M)
    distance = math.log10(_distance_3d(near, base_height_m, user_height_m))
    return 32.4 + 20.0 * math.log10(frequency_ghz) + 31.9 * distance


@njit(cache=True)
def _rural_los_near(distance_3d_m: float, frequency_ghz: float, building_m: float) -> float:
    """PL1 of RMa and SMa; ``building_m`` is the mean building height h [m]."""
    distance = math.log10(distance_3d_m)
    spread = 20.0 * math.log10(40.0 * math.pi * distance_3d_m * frequency_ghz / 3.0)
    power = math.pow(building_m, 1.72)
    clutter = min(0.03 * power, 10.0) * distance - min(0.044 * power, 14.77)
    return spread + clutter + 0.002 * math.log10(building_m) * distance_3d_m


@njit(cache=True)
def _rural_los(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    building_m: float,
) -> float:
    distance_3d_m = _distance_3d(distance_2d_m, base_height_m, user_height_m)
    turn = rural_break_point_m(frequency_ghz, base_height_m, user_height_m)
    if distance_2d_m <= turn:
        return _rural_los_near(distance_3d_m, frequency_ghz, building_m)
    # The table writes PL1(dBP) + 40 lg(d3D/dBP): at the break point dBP stands for both distances.
    at_turn = _rural_los_near(turn, frequency_ghz, building_m)
    return at_turn + 40.0 * math.log10(distance_3d_m / turn)


@njit(cache=True)
def _rural_nlos(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    building_m: float,
    street_m: float,
) -> float:
    base = max(base_height_m, LOWEST_EFFECTIVE_HEIGHT_M)
    user = math.log10(11.75 * max(user_height_m, LOWEST_EFFECTIVE_HEIGHT_M))
    distance = math.log10(_distance_3d(distance_2d_m, base_height_m, user_height_m))
    over = building_m / base
    place = 161.04 - 7.1 * math.log10(street_m) + 7.5 * math.log10(building_m)
    height = (24.37 - 3.7 * over * over) * math.log10(base)
    slope = (43.42 - 3.1 * math.log10(base)) * (distance - 3.0)
    return place - height + slope + 20.0 * math.log10(frequency_ghz) - (3.2 * user * user - 4.97)


@njit(cache=True)
def rma_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
    building_m: float = 5.0,
    street_m: float = 20.0,
) -> float:
    """Path loss [dB] of rural macro, RMa; mean building height and street width [m] as the table's.

    Examples
    --------
    >>> round(rma_loss(1000.0, 0.7, 35.0, 1.5, False), 3)
    116.445
    """
    near = max(distance_2d_m, NEAREST_M)
    loss = _rural_los(near, frequency_ghz, base_height_m, user_height_m, building_m)
    if sight:
        return loss
    blocked = _rural_nlos(near, frequency_ghz, base_height_m, user_height_m, building_m, street_m)
    return max(loss, blocked)


@njit(cache=True)
def sma_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
    building_m: float = 10.0,
    street_m: float = 10.0,
) -> float:
    """Path loss [dB] of suburban macro, SMa (new in Release 19; no maximum with sight's loss)."""
    near = max(distance_2d_m, NEAREST_M)
    if sight:
        return _rural_los(near, frequency_ghz, base_height_m, user_height_m, building_m)
    return _rural_nlos(near, frequency_ghz, base_height_m, user_height_m, building_m, street_m)


@njit(cache=True)
def inh_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Path loss [dB] of indoor office, InH (mixed and open offices differ in sight only)."""
    far = max(_distance_3d(distance_2d_m, base_height_m, user_height_m), NEAREST_INDOOR_M)
    distance = math.log10(far)
    carrier = math.log10(frequency_ghz)
    loss = 32.4 + 17.3 * distance + 20.0 * carrier
    if sight:
        return loss
    return max(loss, 38.3 * distance + 17.30 + 24.9 * carrier)


@njit(cache=True)
def inh_optional_loss(
    distance_2d_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
) -> float:
    """Path loss [dB] of InH with the table's optional formula out of sight, under its maximum."""
    far = max(_distance_3d(distance_2d_m, base_height_m, user_height_m), NEAREST_INDOOR_M)
    loss = inh_loss(distance_2d_m, frequency_ghz, base_height_m, user_height_m, True)
    if sight:
        return loss
    return max(loss, 32.4 + 20.0 * math.log10(frequency_ghz) + 31.9 * math.log10(far))
