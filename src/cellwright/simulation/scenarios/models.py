"""Propagation of a scenario in numbers: one door for kernels, one table of spreads.

TR 38.901 V19.4.0 through the propagation room; TR 36.873 from beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from numba import njit

from cellwright.propagation import (
    correlation_distance_m,
    indoor_shadowing_sigma_db,
    loss_kernel,
    model,
)
from cellwright.propagation.kernels import RMA, SMA, UMA, UMI, sight_odds_kernel
from cellwright.propagation.los_probability import uma_ground_odds
from cellwright.propagation.tr38901 import rural_break_point_m, uma_loss
from cellwright.simulation.scenarios.tr36873 import (
    SIGMA_DB,
    UMA_36873,
    UMI_36873,
    loss_36873,
)


@dataclass(frozen=True)
class Propagation:
    """Numbers of a model.

    Attributes
    ----------
    number : int
        For :func:`link_loss`.
    sigma_db : (float, float, float, float)
        Shadowing in sight, in sight beyond the break point, out of sight, to users indoors [dB].
    correlation_m : (float, float, float, float)
        Correlation distances of shadowing in sight, out of sight, to users indoors, and of the
        state of sight (Table 7.6.3.1-2) [m].
    """

    number: int
    sigma_db: tuple[float, float, float, float]
    correlation_m: tuple[float, float, float, float]


def _shelf(name: str, sight_m: float, shelf_name: str = "") -> Propagation:
    entry = model(shelf_name or name)
    seen, blocked = entry.sigma_los_db, entry.sigma_nlos_db
    far = entry.sigma_los_far_db or seen
    inside = indoor_shadowing_sigma_db(entry.name, blocked)
    distances = (
        correlation_distance_m(name, True),
        correlation_distance_m(name, False),
        correlation_distance_m(name, False, indoors=True),
        sight_m,
    )
    return Propagation(entry.number, (seen, far, blocked, inside), distances)


def _old(number: int, name: str) -> Propagation:
    seen, blocked, inside = SIGMA_DB[number]
    return Propagation(number, (seen, seen, blocked, inside), _shelf(name, 50.0).correlation_m)


#: Model name of a scenario -> its numbers.
MODELS: Mapping[str, Propagation] = MappingProxyType(
    {
        "uma": _shelf("uma", 50.0),
        "umi": _shelf("umi", 50.0),
        "rma": _shelf("rma", 60.0),
        "sma": _shelf("sma", 50.0),
        "inh-open": _shelf("inh", 10.0, "inh-open"),
        "inh-mixed": _shelf("inh", 10.0, "inh-mixed"),
        "uma-optional": _shelf("uma-optional", 50.0),
        "umi-optional": _shelf("umi-optional", 50.0),
        "uma-36873": _old(UMA_36873, "uma"),
        "umi-36873": _old(UMI_36873, "umi"),
    }
)


@njit(cache=True)
def sight_odds(
    number: int, outdoor_m: float, user_height_m: float, base_height_m: float, vegetation: float
) -> float:
    """Probability of line of sight over the way outdoors."""
    known = number
    if number == UMA_36873:
        known = UMA
    elif number == UMI_36873:
        known = UMI
    return sight_odds_kernel(known, outdoor_m, user_height_m, base_height_m, vegetation)


@njit(cache=True)
def ground_height(distance_m: float, user_height_m: float, chance: float, choice: float) -> float:
    """Height of the ground that UMa's break point is counted from [m] (Table 7.4.1-1, NOTE 1).

    Examples
    --------
    >>> ground_height(200.0, 1.5, 0.99, 0.5), ground_height(200.0, 22.5, 0.99, 0.5)
    (1.0, 18.0)
    """
    if user_height_m <= 13.0 or chance < uma_ground_odds(distance_m, user_height_m):
        return 1.0
    steps = int((user_height_m - 13.5) / 3.0) + 1
    if steps < 1:
        return 1.0
    return 12.0 + 3.0 * min(int(choice * steps), steps - 1)


@njit(cache=True)
def link_loss(
    number: int,
    distance_m: float,
    frequency_ghz: float,
    base_height_m: float,
    user_height_m: float,
    sight: bool,
    ground_m: float,
) -> float:
    """Path loss without shadowing [dB]."""
    if number == UMA:
        return uma_loss(distance_m, frequency_ghz, base_height_m, user_height_m, sight, ground_m)
    if number in (UMA_36873, UMI_36873):
        return loss_36873(
            number, distance_m, frequency_ghz, base_height_m, user_height_m, sight, ground_m
        )
    return loss_kernel(number, distance_m, frequency_ghz, base_height_m, user_height_m, sight)


@njit(cache=True)
def asks_ground(number: int) -> bool:
    """Tell whether the break point is counted from a drawn height."""
    return number in (UMA, UMA_36873)


@njit(cache=True)
def beyond_turn(
    number: int, distance_m: float, frequency_ghz: float, base_m: float, user_m: float
) -> bool:
    """Tell whether a rural or suburban path in sight is longer than its break point."""
    if number in (RMA, SMA):
        return distance_m > rural_break_point_m(frequency_ghz, base_m, user_m)
    return False
