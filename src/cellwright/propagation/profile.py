"""A path profile: ground, what stands on it, and the radio-climatic zone along a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError, did_you_mean

#: Radio-climatic zones (ITU-R P.1812-8, 3.3): inland, coastal land, sea.
SEA, COAST, LAND = 1, 3, 4
#: Representative clutter heights added to the profile (ITU-R P.1812-8, 3.2.1, Table 2) [m].
REPRESENTATIVE_CLUTTER_M: Mapping[str, float] = MappingProxyType(
    {
        "water": 0.0,
        "open": 0.0,
        "suburban": 10.0,
        "urban": 15.0,
        "forest": 15.0,
        "dense urban": 20.0,
    }
)
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0


@dataclass(frozen=True, eq=False)
class Profile:
    """What lies along a great circle from the transmitter (first point) to the receiver (last).

    Attributes
    ----------
    distance_m : ndarray, shape (n,)
        Distances from the transmitter [m], from 0, increasing; 3 points or more.
    ground_amsl_m : ndarray, shape (n,)
        Bare ground above sea level [m].
    clutter_m : ndarray, shape (n,)
        Buildings and trees above the ground [m], 0 or more; not used at the two terminals,
        whose antennas stand above the ground.
    zone : ndarray of int, shape (n,)
        ``SEA`` (1), ``COAST`` (3) or ``LAND`` (4).

    Raises
    ------
    InputError
        All faults of the profile at once.

    References
    ----------
    ITU-R P.1812-8 (2025), Annex 1, 3.2 and 3.3.

    Examples
    --------
    >>> Profile([0.0, 500.0, 1000.0], [10.0, 14.0, 12.0], [0.0, 15.0, 0.0]).length_m
    1000.0
    """

    distance_m: NDArray[np.float64]
    ground_amsl_m: NDArray[np.float64]
    clutter_m: NDArray[np.float64]
    zone: NDArray[np.int64]

    def __init__(
        self,
        distance_m: ArrayLike,
        ground_amsl_m: ArrayLike,
        clutter_m: ArrayLike = 0.0,
        zone: ArrayLike = LAND,
    ) -> None:
        distance = np.array(distance_m, dtype=np.float64, ndmin=1)
        faults = Faults()
        columns = {
            "ground_amsl_m": _column("ground_amsl_m", ground_amsl_m, distance.shape, faults),
            "clutter_m": _column("clutter_m", clutter_m, distance.shape, faults),
            "zone": _column("zone", zone, distance.shape, faults),
        }
        faults.raise_errors()
        _check_distances(distance, faults)
        _check_heights(columns["ground_amsl_m"], columns["clutter_m"], faults)
        _check_zones(columns["zone"], faults)
        faults.raise_errors()
        object.__setattr__(self, "distance_m", distance)
        object.__setattr__(self, "ground_amsl_m", columns["ground_amsl_m"])
        object.__setattr__(self, "clutter_m", columns["clutter_m"])
        object.__setattr__(self, "zone", columns["zone"].astype(np.int64))

    @classmethod
    def from_surface(
        cls,
        distance_m: ArrayLike,
        ground_amsl_m: ArrayLike,
        surface_amsl_m: ArrayLike,
        zone: ArrayLike = LAND,
    ) -> Profile:
        """Build a profile from a terrain and a surface model (P.1812-8, 3.2.2).

        Examples
        --------
        >>> Profile.from_surface([0.0, 1.0, 2.0], [5.0, 5.0, 5.0], [5.0, 17.0, 5.0]).clutter_m
        array([ 0., 12.,  0.])
        """
        ground = np.asarray(ground_amsl_m, dtype=np.float64)
        surface = np.asarray(surface_amsl_m, dtype=np.float64)
        if ground.shape != surface.shape:
            raise InputError(
                f"surface_amsl_m has shape {surface.shape}, ground_amsl_m {ground.shape}. "
                "Sample both models at the same points."
            )
        return cls(distance_m, ground, surface - ground, zone)

    @classmethod
    def from_cover(
        cls,
        distance_m: ArrayLike,
        ground_amsl_m: ArrayLike,
        cover: ArrayLike,
        zone: ArrayLike = LAND,
    ) -> Profile:
        """Build a profile from ground cover names (P.1812-8, 3.2.1, Table 2).

        Examples
        --------
        >>> Profile.from_cover([0.0, 9.0, 18.0], 0.0, ["open", "urban", "open"]).clutter_m
        array([ 0., 15.,  0.])
        """
        heights = [representative_clutter_m(str(name)) for name in np.atleast_1d(cover)]
        return cls(distance_m, ground_amsl_m, heights, zone)

    @property
    def length_m(self) -> float:
        """Path length [m]."""
        return float(self.distance_m[-1])

    @property
    def surface_amsl_m(self) -> NDArray[np.float64]:
        """Ground with clutter above sea level [m]; bare at both terminals (equation (1))."""
        surface = self.ground_amsl_m + self.clutter_m
        surface[0], surface[-1] = self.ground_amsl_m[0], self.ground_amsl_m[-1]
        return surface

    def reversed(self) -> Profile:
        """Return the same path seen from the other end."""
        distance = self.distance_m[-1] - self.distance_m[::-1]
        distance[0] = 0.0
        return Profile(distance, self.ground_amsl_m[::-1], self.clutter_m[::-1], self.zone[::-1])


def representative_clutter_m(cover: str) -> float:
    """Return the representative clutter height of a ground cover [m].

    Raises
    ------
    InputError
        Unknown ground cover; the message suggests one.

    Examples
    --------
    >>> representative_clutter_m("dense urban")
    20.0
    """
    if cover not in REPRESENTATIVE_CLUTTER_M:
        hint = did_you_mean(cover, REPRESENTATIVE_CLUTTER_M)
        raise InputError(f'No ground cover is named "{cover}". {hint}')
    return REPRESENTATIVE_CLUTTER_M[cover]


def _column(
    name: str, values: ArrayLike, shape: tuple[int, ...], faults: Faults
) -> NDArray[np.float64]:
    column = np.asarray(values, dtype=np.float64)
    if column.ndim == 0:
        return np.full(shape, float(column))
    if column.shape != shape:
        faults.error(
            "profile.shape",
            f"{name} has shape {column.shape}, distance_m {shape}.",
            "Give one value per profile point.",
        )
    return column.copy()


def _check_distances(distance: NDArray[np.float64], faults: Faults) -> None:
    if distance.ndim != 1 or distance.size < 3:
        faults.error(
            "profile.points",
            f"The profile has {distance.size} point(s); 3 or more are needed, the two terminals "
            "and what lies between.",
            "Sample the path more finely.",
        )
        return
    if not np.isfinite(distance).all():
        at = int(np.argmin(np.isfinite(distance)))
        faults.error("profile.nan", f"distance_m[{at}] is {distance[at]}.", "Fill or drop it.")
        return
    steps = np.diff(distance)
    if (steps <= 0.0).any():
        at = int(np.argmax(steps <= 0.0)) + 1
        faults.error(
            "profile.order",
            f"distance_m[{at}] is {distance[at]:g} after {distance[at - 1]:g}; distances must "
            "increase.",
            "Sort the points from transmitter to receiver and drop doubles.",
        )
    if distance[0] != 0.0:
        faults.error(
            "profile.start",
            f"distance_m starts at {distance[0]:g}; the transmitter stands at 0.",
            "Subtract the first distance, or add the transmitter's point.",
        )


def _check_heights(
    ground: NDArray[np.float64], clutter: NDArray[np.float64], faults: Faults
) -> None:
    for name, column, low in (
        ("ground_amsl_m", ground, _LOWEST_M),
        ("clutter_m", clutter, 0.0),
    ):
        if not np.isfinite(column).all():
            bad = ~np.isfinite(column)
            faults.error(
                "profile.nan",
                f"{name}[{int(np.argmax(bad))}] is not a number ({int(bad.sum())} such).",
                "Fill the gaps of the height model first.",
            )
            continue
        bad = (column < low) | (column > _HIGHEST_M)
        if bad.any():
            at = int(np.argmax(bad))
            cure = (
                "A surface below the ground is noise: use numpy.maximum(surface, ground)."
                if name == "clutter_m"
                else "Is a no-data value or another unit left in the height model?"
            )
            faults.error(
                "profile.height",
                f"{name}[{at}] is {column[at]:g}; {low:g} to {_HIGHEST_M:g} m is allowed "
                f"({int(bad.sum())} outside).",
                cure,
            )


def _check_zones(zone: NDArray[np.float64], faults: Faults) -> None:
    bad = ~np.isin(zone, (SEA, COAST, LAND))
    if bad.any():
        at = int(np.argmax(bad))
        faults.error(
            "profile.zone",
            f"zone[{at}] is {zone[at]:g}; allowed are 1 (sea), 3 (coastal land), 4 (inland).",
            "Translate the map's codes to these three.",
        )
