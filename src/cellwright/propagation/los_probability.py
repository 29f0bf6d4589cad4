"""Probability of line of sight by distance, 3GPP TR 38.901 V19.4.0, clause 7.4.2 (Table 7.4.2-1).

For studies without a map; where buildings are known, :mod:`cellwright.propagation.sight` decides.
"""

from __future__ import annotations

import math

from numba import njit

#: Clutter of the suburban scenario, Table 7.4.2-1: height [m] and share of the ground.
_SMA_COMMERCIAL = (20.0, 0.02)
_SMA_RESIDENTIAL = (8.0, 0.18)
_SMA_VEGETATION_M = 15.0
_SMA_CLUTTER_M = 30.0


@njit(cache=True)
def _uma_high_user(distance_m: float) -> float:
    """g(d2D) of NOTE 1 to Table 7.4.1-1 without its 18 m limit: how fast high users gain sight."""
    return 1.25 * math.pow(distance_m / 100.0, 3.0) * math.exp(-distance_m / 150.0)


@njit(cache=True)
def _uma_height_share(user_height_m: float) -> float:
    """C'(hUT) of Table 7.4.2-1; users above 23 m are taken as at 23 m."""
    if user_height_m <= 13.0:
        return 0.0
    return math.pow((min(user_height_m, 23.0) - 13.0) / 10.0, 1.5)


@njit(cache=True)
def uma_ground_odds(distance_2d_m: float, user_height_m: float) -> float:
    """Probability that the environment height h_E of UMa is 1 m (Table 7.4.1-1, NOTE 1).

    Otherwise h_E is one of 12, 15, ... (user height - 1.5) m, all alike likely.

    Examples
    --------
    >>> uma_ground_odds(200.0, 1.5)
    1.0
    """
    if distance_2d_m <= 18.0:
        return 1.0
    return 1.0 / (1.0 + _uma_height_share(user_height_m) * _uma_high_user(distance_2d_m))


@njit(cache=True)
def _street(distance_m: float, fade_m: float) -> float:
    """Decay shared by UMa and UMi: certain within 18 m."""
    if distance_m <= 18.0:
        return 1.0
    near = 18.0 / distance_m
    return near + math.exp(-distance_m / fade_m) * (1.0 - near)


@njit(cache=True)
def uma_sight(distance_2d_m: float, user_height_m: float) -> float:
    """Probability of sight in UMa; users above 13 m gain.

    Examples
    --------
    >>> round(uma_sight(100.0, 1.5), 4)
    0.3477
    """
    if distance_2d_m <= 18.0:
        return 1.0
    gain = 1.0 + _uma_height_share(user_height_m) * _uma_high_user(distance_2d_m)
    return min(_street(distance_2d_m, 63.0) * gain, 1.0)


@njit(cache=True)
def umi_sight(distance_2d_m: float) -> float:
    """Probability of sight in UMi - street canyon.

    Examples
    --------
    >>> round(umi_sight(100.0), 4)
    0.231
    """
    return _street(distance_2d_m, 36.0)


@njit(cache=True)
def rma_sight(distance_2d_m: float) -> float:
    """Probability of sight in RMa."""
    return math.exp(-max(distance_2d_m - 10.0, 0.0) / 1000.0)


@njit(cache=True)
def mixed_office_sight(distance_2d_m: float) -> float:
    """Probability of sight in an indoor mixed office."""
    if distance_2d_m < 6.5:
        return math.exp(-max(distance_2d_m - 1.2, 0.0) / 4.7)
    return 0.32 * math.exp(-(distance_2d_m - 6.5) / 32.6)


@njit(cache=True)
def open_office_sight(distance_2d_m: float) -> float:
    """Probability of sight in an indoor open office."""
    if distance_2d_m <= 49.0:
        return math.exp(-max(distance_2d_m - 5.0, 0.0) / 70.8)
    return 0.54 * math.exp(-(distance_2d_m - 49.0) / 211.7)


@njit(cache=True)
def _sma_rate(height_m: float, share: float, user_height_m: float, base_height_m: float) -> float:
    """1/k of one kind of clutter [1/m]: how often a path meets something higher than itself."""
    rise = max(height_m - user_height_m, 0.0) / max(base_height_m - user_height_m, 1.0)
    return -math.log(1.0 - share) / _SMA_CLUTTER_M * rise


@njit(cache=True)
def sma_sight(
    distance_2d_m: float, user_height_m: float, base_height_m: float, vegetation: float
) -> float:
    """Probability of sight in SMa; ``vegetation`` 0 none, 0.1 sparse, 0.2 dense."""
    if distance_2d_m <= 10.0:
        return 1.0
    rate = (
        _sma_rate(_SMA_COMMERCIAL[0], _SMA_COMMERCIAL[1], user_height_m, base_height_m)
        + _sma_rate(_SMA_RESIDENTIAL[0], _SMA_RESIDENTIAL[1], user_height_m, base_height_m)
        + _sma_rate(_SMA_VEGETATION_M, vegetation, user_height_m, base_height_m)
    )
    return math.exp(-distance_2d_m * rate)
