"""Where sites stand: hexagons with wrap-around, an office hall, or a table of one's own.

TR 38.901 V19.4.0 clause 7.2 (figures 7.2-1), with the geographical wrap-around of clause 7.8.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InputError

Floats = NDArray[np.float64]
#: The hall of TR 38.901 clause 7.2: length, width, distance of sites [m].
OFFICE_M = (120.0, 50.0, 20.0)


@dataclass(frozen=True, eq=False)
class Layout:
    """Sites, the images that wrap-around gives them, and where users are dropped.

    Attributes
    ----------
    site_m : float64 [site, 2]
        East and north [m].
    image_m : float64 [image, 2]
        What to add to a site for each of its images [m]; the first is (0, 0).
    hexagon_m : float
        Users stand in hexagons of this inner diameter around the sites [m]; 0 for a rectangle.
    turn_deg : float
        Azimuth of a neighbour site, which is normal to a side of the hexagons [deg].
    area_m : float64 [4]
        West, south, east, north of the rectangle in which users stand [m].
    """

    site_m: Floats
    image_m: Floats
    hexagon_m: float
    turn_deg: float
    area_m: Floats

    @property
    def sites(self) -> int:
        """Number of sites."""
        return int(self.site_m.shape[0])

    def nearest_m(self, x_m: Floats, y_m: Floats) -> Floats:
        """Distance on the map from every site's nearest image to places [m], [site, place]."""
        images = self.site_m[:, None, :] + self.image_m[None, :, :]
        apart = np.hypot(
            x_m - images[:, :, 0, None], y_m - images[:, :, 1, None]
        )  # [site, image, place]
        return np.asarray(apart.min(axis=1))


def _turned(points: Floats, turn_deg: float) -> Floats:
    """Turn points, drawn with a neighbour in the east, until it lies at this azimuth."""
    angle = math.radians(90.0 - turn_deg)
    c, s = math.cos(angle), math.sin(angle)
    return np.asarray(points @ np.array([[c, s], [-s, c]]))


def hexagonal(
    distance_m: float, rings: int = 2, *, wrap: bool = True, turn_deg: float = 60.0
) -> Layout:
    """Lay sites on a hexagonal grid around the origin: 1, 7, 19, 37, ... for 0, 1, 2, 3 rings.

    Parameters
    ----------
    distance_m : float
        From site to site [m].
    rings : int
        Rings around the middle site.
    wrap : bool
        Give every site its six images, so that no user stands at an edge.
    turn_deg : float
        Azimuth of one neighbour [deg].

    Raises
    ------
    InputError
        A distance or a number of rings that means nothing.

    Examples
    --------
    >>> hexagonal(500.0).sites, hexagonal(500.0).image_m.shape
    (19, (7, 2))
    """
    if not 1.0 <= distance_m <= 100_000.0 or not 0 <= rings <= 20:
        raise InputError(
            f"a grid of {rings} rings at {distance_m:g} m cannot be laid: 0 to 20 rings and "
            "1 to 100000 m between sites are allowed."
        )
    span = range(-rings, rings + 1)
    grid = [(i + j / 2.0, j * math.sqrt(0.75)) for j in span for i in span if abs(i + j) <= rings]
    sites = _turned(distance_m * np.array(grid), turn_deg)
    # the cluster repeats after (rings + 1) steps one way and rings steps 60 degrees to its left
    step = complex(rings + 1, 0.0) + rings * complex(0.5, math.sqrt(0.75))
    round_ = [step * complex(math.cos(k), math.sin(k)) for k in np.radians(np.arange(0, 360, 60))]
    images = [(0.0, 0.0)] + ([(z.real, z.imag) for z in round_] if wrap else [])
    turned = _turned(distance_m * np.array(images), turn_deg)
    return Layout(sites, turned, distance_m, turn_deg, np.zeros(4))


def office() -> Layout:
    """Lay the 12 sites of the indoor office: two rows of six in a hall of 120 m x 50 m.

    Examples
    --------
    >>> office().sites, office().area_m.tolist()
    (12, [0.0, 0.0, 120.0, 50.0])
    """
    length, width, step = OFFICE_M
    across = (width - step) / 2.0
    grid = [(step / 2.0 + step * i, across + step * j) for j in range(2) for i in range(6)]
    area = np.array([0.0, 0.0, length, width])
    return Layout(np.array(grid), np.zeros((1, 2)), 0.0, 90.0, area)


def own(site_m: Floats, area_m: Floats | None = None) -> Layout:
    """Lay sites where a table says; users stand in a rectangle, by default that of the sites.

    Parameters
    ----------
    site_m : float [site, 2]
        East and north [m].
    area_m : float [4], optional
        West, south, east, north [m]; default: around the sites, 500 m farther on each side.

    Raises
    ------
    InputError
        No sites, positions that are no numbers, or an empty rectangle.
    """
    places = np.atleast_2d(np.asarray(site_m, np.float64))
    if places.size == 0 or places.shape[1] < 2 or not np.isfinite(places).all():
        raise InputError("sites of your own need at least one row of east and north [m].")
    places = np.ascontiguousarray(places[:, :2])
    if area_m is None:
        area = np.concatenate([places.min(axis=0) - 500.0, places.max(axis=0) + 500.0])
    else:
        area = np.asarray(area_m, np.float64)
    if area.shape != (4,) or not (area[2] > area[0] and area[3] > area[1]):
        raise InputError("area_m must be west, south, east, north [m], and not empty.")
    return Layout(places, np.zeros((1, 2)), 0.0, 90.0, area)
