"""Users of a drop: where they stand, indoors or in a car, on which floor, behind which wall.

TR 38.901 V19.4.0 clauses 7.2 (placement), 7.4.3 (entry); each number has a counter of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.propagation import ENTRY_KINDS, entry_loss_kernel, entry_sigma_db
from cellwright.simulation.scenarios import draws
from cellwright.simulation.scenarios.draws import normal, uniform
from cellwright.simulation.scenarios.layout import Layout
from cellwright.simulation.scenarios.scenario import Scenario

Array = NDArray[Any]
#: Places tried for a user before the drop is called impossible.
_TRIES = 10_000
_FLOOR_M = 3.0


@dataclass(frozen=True, eq=False)
class Users:
    """Users before any site is looked at.

    Attributes
    ----------
    place_m : float64 [user, 3]
        East, north, height above ground [m].
    indoor, in_car : bool [user]
    indoor_m : float64 [user]
        Way inside [m].
    entry_db : float64 [user]
        Loss on entering the building or the car, its random part included [dB].
    """

    place_m: Array
    indoor: Array
    in_car: Array
    indoor_m: Array
    entry_db: Array


@njit(cache=True)
def _in_hexagon(key: np.uint64, counter: int, inner_m: float, cos_t: float, sin_t: float) -> Any:
    """Draw a point of a hexagon whose sides' normals lie at 0, 60, ... deg before turning.

    One of three rhombi that meet in the middle, then a point of it.
    """
    side = inner_m / math.sqrt(3.0)
    part = 3.0 * uniform(key, counter)
    which = int(part)
    a, b = side * (part - which), side * uniform(key, counter + 1)
    first = math.pi / 6.0 + which * 2.0 * math.pi / 3.0
    second = first + 2.0 * math.pi / 3.0
    x = a * math.cos(first) + b * math.cos(second)
    y = a * math.sin(first) + b * math.sin(second)
    return cos_t * x - sin_t * y, sin_t * x + cos_t * y


@njit(cache=True)
def _nearest_m(x: float, y: float, site_m: Array) -> float:
    best = math.inf
    for s in range(site_m.shape[0]):
        best = min(best, math.hypot(x - site_m[s, 0], y - site_m[s, 1]))
    return best


@njit(cache=True)
def place_kernel(
    key: Array,
    site_m: Array,
    hexagon_m: float,
    turn_deg: float,
    area_m: Array,
    least_m: float,
    least_outdoor: bool,
    place_m: Array,
    indoor_m: Array,
) -> int:
    """Draw ``place_m[:, :2]``; return the first user for whom no place was found, or -1."""
    angle = math.radians(90.0 - turn_deg)
    cos_t, sin_t = math.cos(angle), math.sin(angle)
    sites = site_m.shape[0]
    home = 0
    for user in range(place_m.shape[0]):
        least = least_m + (indoor_m[user] if least_outdoor else 0.0)
        found = False
        for attempt in range(_TRIES):
            counter = (user * _TRIES + attempt) * 2
            if hexagon_m > 0.0:
                home = user % sites
                x, y = _in_hexagon(key[draws.PLACE], counter, hexagon_m, cos_t, sin_t)
                x, y = x + site_m[home, 0], y + site_m[home, 1]
            else:
                x = area_m[0] + (area_m[2] - area_m[0]) * uniform(key[draws.PLACE], counter)
                y = area_m[1] + (area_m[3] - area_m[1]) * uniform(key[draws.PLACE], counter + 1)
            if hexagon_m > 0.0:  # no site is nearer than the one in the middle
                apart = math.hypot(x - site_m[home, 0], y - site_m[home, 1])
            else:
                apart = _nearest_m(x, y, site_m)
            if apart >= least:
                found = True
                break
        if not found:
            return user
        place_m[user, 0], place_m[user, 1] = x, y
    return -1


@njit(cache=True)
def person_kernel(
    key: Array,
    shares: Array,
    buildings: Array,
    car: int,
    car_sigma_db: float,
    frequency_ghz: float,
    low_m: float,
    place_m: Array,
    indoor: Array,
    in_car: Array,
    indoor_m: Array,
    entry_db: Array,
) -> None:
    """Draw what each user is in.

    ``shares``: indoors, in cars among the others. ``buildings`` [kind, 7]: share up to here, wall,
    its sigma, least and most floors, depth, draws of the depth.
    """
    for user in range(place_m.shape[0]):
        place_m[user, 2], indoor_m[user], entry_db[user] = low_m, 0.0, 0.0
        indoor[user] = uniform(key[draws.INDOORS], user) < shares[0]
        in_car[user] = not indoor[user] and uniform(key[draws.CAR], 2 * user) < shares[1]
        if in_car[user]:
            mean = entry_loss_kernel(car, frequency_ghz, 0.0)
            entry_db[user] = mean + car_sigma_db * normal(key[draws.CAR], 2 * user + 1)
        if not indoor[user]:
            continue
        kind = 0
        chance = uniform(key[draws.BUILDING], user)
        while kind < buildings.shape[0] - 1 and chance >= buildings[kind, 0]:
            kind += 1
        row = buildings[kind]
        floors = row[3] + int((row[4] - row[3] + 1.0) * uniform(key[draws.FLOORS], user))
        floor = int(floors * uniform(key[draws.FLOOR], user))
        deep = uniform(key[draws.DEPTH], user)
        if row[6] == 2.0:
            deep = min(deep, uniform(key[draws.DEPTH_AGAIN], user))
        indoor_m[user] = row[5] * deep
        place_m[user, 2] = low_m + _FLOOR_M * floor
        mean = entry_loss_kernel(int(row[1]), frequency_ghz, indoor_m[user])
        entry_db[user] = mean + row[2] * normal(key[draws.WALL], user)


def _building_rows(scenario: Scenario) -> NDArray[np.float64]:
    rows, upto = [], 0.0
    for kind in scenario.buildings:
        upto += kind.share
        wall = float(ENTRY_KINDS[kind.wall])
        sigma = entry_sigma_db(kind.wall)
        rows.append([upto, wall, sigma, *kind.floors, kind.depth_m, kind.depth_draws])
    return np.array(rows, np.float64).reshape(-1, 7)


def drop_users(scenario: Scenario, layout: Layout, count: int, key: Array) -> Users:
    """Draw the users of a scenario.

    Parameters
    ----------
    scenario, layout
        What and where.
    count : int
        Number of users; in hexagons they are dealt to the sites in turn.
    key : uint64 [stream]
        From :func:`~cellwright.simulation.scenarios.draws.keys`.

    Raises
    ------
    InputError
        The least distance leaves no room.
    """
    place, indoor_m, entry = np.empty((count, 3)), np.empty(count), np.empty(count)
    indoor, in_car = np.empty(count, np.bool_), np.empty(count, np.bool_)
    shares = np.array([scenario.indoor_share, scenario.car_share])
    person_kernel(
        key, shares, _building_rows(scenario), ENTRY_KINDS[scenario.car],
        entry_sigma_db(scenario.car), scenario.frequency_ghz, scenario.user_height_m,
        place, indoor, in_car, indoor_m, entry,
    )  # fmt: skip
    lost = place_kernel(
        key, layout.site_m, layout.hexagon_m, layout.turn_deg, layout.area_m,
        scenario.least_distance_m, scenario.least_outdoor, place, indoor_m,
    )  # fmt: skip
    if lost >= 0:
        raise InputError(
            f"no place was found for user {lost}: least_distance_m of "
            f"{scenario.least_distance_m:g} covers the area. Lower it or widen the area."
        )
    return Users(place, indoor, in_car, indoor_m, entry)
