"""A cluster of hexagonal sites that repeats: who leaves it on one side comes back on the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError

Floats = NDArray[np.float64]
#: Shift numbers (i, j) of clusters of i^2 + i j + j^2 sites.
_SHIFTS = {1: (1, 0), 7: (2, 1), 19: (3, 2), 37: (4, 3)}


@dataclass(frozen=True, eq=False)
class HexagonCluster:
    """Sites on a hexagonal lattice and the seven places where the whole cluster is seen.

    Attributes
    ----------
    site_m : float64 [site, 2]
        East and north of the sites, the middle one first [m].
    shift_m : float64 [7, 2]
        From the cluster to itself and its six images [m].
    isd_m : float
        Distance between neighbouring sites [m].
    """

    site_m: Floats
    shift_m: Floats
    isd_m: float

    def fold(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """Bring positions back into the cluster [m].

        Examples
        --------
        >>> cluster = hexagon_cluster(7, 500.0)
        >>> x, y = cluster.fold(*(cluster.shift_m[1] + (3.0, 4.0)))
        >>> round(float(x), 6), round(float(y), 6)
        (3.0, 4.0)
        """
        lattice = self.shift_m[1:3].T
        place = np.stack([np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)])
        whole = np.round(np.tensordot(np.linalg.inv(lattice), place, 1))
        place = place - np.tensordot(lattice, whole, 1)
        shape = (7,) + (1,) * (place.ndim - 1)
        apart = [place[axis] - self.shift_m[:, axis].reshape(shape) for axis in (0, 1)]
        best = np.argmin(np.hypot(*apart), axis=0)[None]
        east, north = (np.take_along_axis(way, best, 0)[0] for way in apart)
        return east, north

    def offset(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Floats, Floats]:
        """East and north from the nearest image of each site to positions [position, site] [m]."""
        x, y = np.ravel(np.asarray(x_m, np.float64)), np.ravel(np.asarray(y_m, np.float64))
        east, north = np.empty((2, x.size, self.site_m.shape[0]))
        _nearest_image(x, y, self.site_m, self.shift_m, east, north)
        return east, north


@njit(cache=True, nogil=True)
def _nearest_image(
    x: Floats, y: Floats, site: Floats, shift: Floats, east: Floats, north: Floats
) -> None:
    for place in range(x.size):
        for number in range(site.shape[0]):
            least = np.inf
            for image in range(shift.shape[0]):
                a = x[place] - site[number, 0] - shift[image, 0]
                b = y[place] - site[number, 1] - shift[image, 1]
                square = a * a + b * b
                if square < least:
                    least = square
                    east[place, number], north[place, number] = a, b


def hexagon_cluster(sites: int = 19, isd_m: float = 500.0) -> HexagonCluster:
    """Lay out a hexagonal cluster with its wrap-around.

    Parameters
    ----------
    sites : int
        1, 7, 19 or 37.
    isd_m : float
        Distance between sites [m].

    Raises
    ------
    InputError
        Another number of sites, or a distance that is not positive.

    References
    ----------
    3GPP TR 36.839 clause 5.1, TR 38.901 Table 7.8-1 (19 sites, wrap-around).

    Examples
    --------
    >>> cluster = hexagon_cluster(19, 500.0)
    >>> round(float(np.hypot(*cluster.shift_m[1]) / 500.0) ** 2)
    19
    """
    if sites not in _SHIFTS or not isd_m > 0.0:
        raise InputError(
            f"A cluster of {sites} sites {isd_m:g} m apart: 1, 7, 19 or 37 sites, more than 0 m."
        )
    a, b = np.array([1.0, 0.0]) * isd_m, np.array([0.5, np.sqrt(0.75)]) * isd_m
    rings = range(-4, 5)
    cells = [(i, j) for i in rings for j in rings]
    cells.sort(key=lambda ij: (ij[0] ** 2 + ij[0] * ij[1] + ij[1] ** 2, ij))
    site = np.array([i * a + j * b for i, j in cells[:sites]])
    i, j = _SHIFTS[sites]
    first = i * a + j * b
    turns = [np.deg2rad(60.0 * k) for k in range(6)]
    around = [_turned(first, turn) for turn in turns]
    return HexagonCluster(site, np.array([np.zeros(2), *around]), float(isd_m))


def _turned(vector: Floats, angle: float) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([cos * vector[0] - sin * vector[1], sin * vector[0] + cos * vector[1]])
