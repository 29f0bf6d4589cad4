"""Ways of users in time: along streets, or straight across a plain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.simulation.mobility.hexagons import HexagonCluster
from cellwright.simulation.mobility.streets import StreetNetwork

Floats = NDArray[np.float64]
#: Speeds of the classes [km/h]; TR 36.839 studies these four.
SPEEDS_KM_H: Mapping[str, float] = MappingProxyType(
    {"pedestrian": 3.0, "car": 30.0, "fast-car": 60.0, "train": 120.0}
)


@dataclass(frozen=True, eq=False)
class Walk:
    """Where every user is at every step.

    Attributes
    ----------
    x_m, y_m : float64 [user, step]
        Positions [m].
    speed_m_s : float64 [user]
        Speed [m/s].
    speed_class : tuple of str [user]
        Its name.
    step_s : float
        Time between steps [s].
    """

    x_m: Floats
    y_m: Floats
    speed_m_s: Floats
    speed_class: tuple[str, ...]
    step_s: float

    @property
    def users(self) -> int:
        """Number of users."""
        return int(self.x_m.shape[0])

    @property
    def steps(self) -> int:
        """Number of steps."""
        return int(self.x_m.shape[1])

    @property
    def duration_s(self) -> float:
        """Time walked [s]."""
        return self.steps * self.step_s


def _speeds(users: int, shares: Mapping[str, float], seed: int) -> tuple[Floats, tuple[str, ...]]:
    """Speed and class of each user: classes by their shares, the same for the same seed."""
    unknown = sorted(set(shares) - set(SPEEDS_KM_H))
    if unknown or not shares or min(shares.values()) < 0.0 or not sum(shares.values()) > 0.0:
        raise InputError(
            f"Speed classes {dict(shares)}: names are {', '.join(SPEEDS_KM_H)}, shares at least 0."
        )
    names = list(shares)
    upper = np.cumsum([shares[name] for name in names]) / sum(shares.values())
    # evenly spread, so that few users still hold the shares
    place = (np.arange(users) + 0.5) / users
    kind = np.minimum(np.searchsorted(upper, place), len(names) - 1)
    kind = np.random.default_rng([seed, 1]).permutation(kind)
    classes = tuple(names[k] for k in kind)
    return np.array([SPEEDS_KM_H[name] / 3.6 for name in classes]), classes


def _steps(users: int, duration_s: float, step_s: float) -> int:
    if users < 1 or not 0.0 < step_s <= 1.0 or not duration_s >= step_s:
        raise InputError(
            f"{users} users for {duration_s:g} s in steps of {step_s:g} s: at least one user, "
            "steps above 0 and up to 1 s, and at least one step."
        )
    return round(duration_s / step_s)


def street_walks(
    network: StreetNetwork,
    users: int,
    duration_s: float,
    *,
    shares: Mapping[str, float] | None = None,
    step_s: float = 0.01,
    seed: int = 1,
) -> Walk:
    """Let users walk along streets, turning at random at every corner.

    Parameters
    ----------
    network : StreetNetwork
        From :func:`street_network`.
    users : int
        How many.
    duration_s : float
        How long [s].
    shares : mapping of str to float, optional
        Share of each speed class (``SPEEDS_KM_H``); pedestrians and cars half and half if left out.
    step_s : float
        Time between steps [s].
    seed : int
        Same numbers, same walks.

    Returns
    -------
    Walk

    Notes
    -----
    A start lies anywhere along the streets with equal chance. Users turn back only where a street
    ends, so every metre is walked equally often in the long run. Nobody stops.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> ring = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 100).exterior])
    >>> from cellwright.simulation.mobility import street_network
    >>> walk = street_walks(street_network(ring), 2, 10.0, shares={"car": 1.0})
    >>> round(float(np.hypot(np.diff(walk.x_m[0]), np.diff(walk.y_m[0])).max()), 6)
    0.083333
    """
    steps = _steps(users, duration_s, step_s)
    speed, classes = _speeds(users, shares or {"pedestrian": 0.5, "car": 0.5}, seed)
    upper = np.cumsum(network.length_m)
    x, y = np.empty((users, steps)), np.empty((users, steps))
    _walk_streets(
        network.x_m, network.y_m, network.first, network.start, network.end, network.length_m,
        upper, speed * step_s, np.uint64(seed), x, y,
    )  # fmt: skip
    return Walk(x, y, speed, classes, step_s)


@njit(cache=True, nogil=True)
def uniform(seed: np.uint64, user: int, count: int) -> float:
    """Return a number in 0 to 1 that depends on its three arguments only (splitmix64)."""
    z = seed * np.uint64(0x9E3779B97F4A7C15)
    z += np.uint64(user) * np.uint64(0xD1B54A32D192ED03)
    for turn in (np.uint64(count), np.uint64(0x2545F4914F6CDD1D)):
        z += turn + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True)
def _walk_streets(
    node_x: Floats, node_y: Floats, first: NDArray[np.int64], start: NDArray[np.int32],
    end: NDArray[np.int32], length: Floats, upper: Floats, stride: Floats, seed: np.uint64,
    x: Floats, y: Floats,
) -> None:  # fmt: skip
    for user in range(x.shape[0]):
        along = uniform(seed, user, 0) * upper[-1]
        piece = np.searchsorted(upper, along)
        along -= upper[piece] - length[piece]
        turns = 1
        for step in range(x.shape[1]):
            while along >= length[piece]:
                along -= length[piece]
                piece = _turn(first, start, end, piece, uniform(seed, user, turns))
                turns += 1
            share = along / length[piece]
            a, b = start[piece], end[piece]
            x[user, step] = node_x[a] + share * (node_x[b] - node_x[a])
            y[user, step] = node_y[a] + share * (node_y[b] - node_y[a])
            along += stride[user]


@njit(cache=True, nogil=True)
def _turn(
    first: NDArray[np.int64], start: NDArray[np.int32], end: NDArray[np.int32], piece: int,
    chance: float,
) -> int:  # fmt: skip
    """Pick the next piece: any that leaves the corner but the one just walked."""
    here, back = end[piece], start[piece]
    low, high = first[here], first[here + 1]
    if high - low == 1:
        return int(low)
    pick = low + int(chance * (high - low - 1))
    for other in range(low, high):
        if end[other] == back and pick >= other:
            return int(pick + 1)
    return int(pick)


def straight_walks(
    cluster: HexagonCluster,
    users: int,
    duration_s: float,
    *,
    kind: Literal["direction", "waypoint"] = "direction",
    shares: Mapping[str, float] | None = None,
    step_s: float = 0.01,
    seed: int = 1,
) -> Walk:
    """Let users cross a hexagonal cluster in straight lines.

    Parameters
    ----------
    cluster : HexagonCluster
        From :func:`hexagon_cluster`.
    users, duration_s, shares, step_s, seed
        As for :func:`street_walks`.
    kind : {"direction", "waypoint"}
        One direction for ever, coming back on the other side of the cluster (wrap-around); or
        from one random place of the cluster to the next.

    Returns
    -------
    Walk

    References
    ----------
    3GPP TR 36.839 clause 5: constant speed, straight line in a random direction.

    Examples
    --------
    >>> from cellwright.simulation.mobility import hexagon_cluster
    >>> walk = straight_walks(hexagon_cluster(7, 500.0), 3, 1.0, seed=4)
    >>> walk.x_m.shape
    (3, 100)
    """
    if kind not in ("direction", "waypoint"):
        raise InputError(f'kind is "{kind}"; allowed: direction, waypoint.')
    steps = _steps(users, duration_s, step_s)
    speed, classes = _speeds(users, shares or {"pedestrian": 0.5, "car": 0.5}, seed)
    way = _heading if kind == "direction" else _waypoints
    x, y = np.empty((users, steps)), np.empty((users, steps))
    for user in range(users):
        draw = np.random.Generator(np.random.Philox(key=[seed, user]))
        x[user], y[user] = way(cluster, draw, speed[user] * step_s * np.arange(steps))
    return Walk(x, y, speed, classes, step_s)


def _place(cluster: HexagonCluster, draw: np.random.Generator) -> tuple[float, float]:
    """Anywhere in the cluster with equal chance."""
    along = cluster.shift_m[1:3].T @ draw.random(2)
    x, y = cluster.fold(along[0], along[1])
    return float(x), float(y)


def _heading(
    cluster: HexagonCluster, draw: np.random.Generator, way: Floats
) -> tuple[Floats, Floats]:
    x, y = _place(cluster, draw)
    turn = draw.random() * 2.0 * np.pi
    return cluster.fold(x + way * np.sin(turn), y + way * np.cos(turn))


def _waypoints(
    cluster: HexagonCluster, draw: np.random.Generator, way: Floats
) -> tuple[Floats, Floats]:
    corners, passed = [_place(cluster, draw)], [0.0]
    while passed[-1] <= way[-1]:
        corners.append(_place(cluster, draw))
        (a, b), (c, d) = corners[-2:]
        passed.append(passed[-1] + float(np.hypot(c - a, d - b)))
    x, y = np.array(corners).T
    return np.interp(way, passed, x), np.interp(way, passed, y)
