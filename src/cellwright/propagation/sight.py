"""Line of sight decided by the real buildings and terrain: which receivers each antenna sees.

One march a direction answers every receiver near it (:mod:`cellwright.propagation.rays`). Rules:

- Outdoors, a receiver is in sight when no roof or ground before it rises above the straight path.
- Indoors, sight is to the outer wall of the receiver's own building, at the receiver's height:
  what the building itself hides is counted by the loss on entering. A wing of the same building
  across a courtyard hides as any other.
- The building an antenna stands on hides nothing, as on a mast at the roof's edge; receivers
  inside that building are not in sight (the path goes down through its floors).
- Bare ground beyond the map is taken as open; samples without a height hide nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.compute import Progress, on_all_cores
from cellwright.errors import InputError, MapError
from cellwright.propagation import rays

#: Radius of the Earth times 4/3, the customary allowance for refraction [m] (ITU-R P.310-10).
EFFECTIVE_EARTH_RADIUS_M = 8.5e6
#: Sites handed to a thread at once: enough to share its scratch arrays, few enough for progress.
_SITES_AT_ONCE = 4


@dataclass(frozen=True)
class Ground:
    """The surface as the rays want it: first row northmost, edges and pixel in metres.

    Attributes
    ----------
    heights, bare : float32 [y, x]
        Roofs and ground, and bare ground above sea level [m]; the same where the map has no ground.
    labels : int32 [y, x]
        Building numbers, 0 in the open.
    grid : (float, float, float)
        West edge, north edge, pixel [m].
    """

    heights: NDArray[np.float32]
    bare: NDArray[np.float32]
    labels: NDArray[np.int32]
    grid: tuple[float, float, float]

    @cached_property
    def built(self) -> bool:
        """Whether anything stands on the ground."""
        return bool(self.labels.any()) or not np.array_equal(self.heights, self.bare)

    def ground_at(self, x_m: float, y_m: float) -> float:
        """Bare ground at a place, or at the nearest pixel of the map [m]."""
        west, north, pixel = self.grid
        rows, columns = self.bare.shape
        i = min(max(int((north - y_m) / pixel), 0), rows - 1)
        j = min(max(int((x_m - west) / pixel), 0), columns - 1)
        return float(self.bare[i, j])


def ground_of(surface: xr.Dataset) -> Ground:
    """Return the surface's layers as compiled rays read them.

    Raises
    ------
    MapError
        A layer is missing, or the pixels are not square or not north-up.
    """
    for name in ("surface_amsl_m", "building"):
        if name not in surface:
            raise MapError(f'The surface has no layer "{name}"; line of sight needs it.')
    x, y = surface["x"].to_numpy(), surface["y"].to_numpy()
    if x.size < 2 or y.size < 2:
        raise MapError(f"The surface has {y.size} x {x.size} pixels; at least 2 x 2 are needed.")
    pixel = float(x[-1] - x[0]) / (x.size - 1)
    height = float(y[0] - y[-1]) / (y.size - 1)
    if pixel <= 0.0 or not math.isclose(pixel, height, rel_tol=1e-6):
        raise MapError(
            f"The surface's pixels are {pixel:g} m east by {height:g} m south; "
            "square pixels with x growing and y falling are needed."
        )
    bare = surface["ground_amsl_m" if "ground_amsl_m" in surface else "surface_amsl_m"]
    return Ground(
        np.ascontiguousarray(surface["surface_amsl_m"].to_numpy(), dtype=np.float32),
        np.ascontiguousarray(bare.to_numpy(), dtype=np.float32),
        np.ascontiguousarray(surface["building"].to_numpy(), dtype=np.int32),
        (float(x[0]) - pixel / 2.0, float(y[0]) + pixel / 2.0, pixel),
    )


def _receivers(receivers: xr.Dataset) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    top = receivers["ground_amsl_m"].to_numpy() + receivers["height_m"].to_numpy()
    place = np.array([receivers["x_m"].to_numpy(), receivers["y_m"].to_numpy(), top], np.float64)
    return place, np.ascontiguousarray(receivers["building"].to_numpy(), dtype=np.int32)


def _sites(
    x_m: ArrayLike, y_m: ArrayLike, antenna_amsl_m: ArrayLike, reach_m: ArrayLike
) -> NDArray[np.float64]:
    columns = [np.asarray(value, dtype=np.float64) for value in (x_m, y_m, antenna_amsl_m, reach_m)]
    sites = np.stack(np.broadcast_arrays(*np.atleast_1d(*columns)), axis=1)
    if not np.isfinite(sites[:, :3]).all():
        raise InputError("Every site needs x, y and antenna height as numbers; some are missing.")
    if not (sites[:, 3] > 0.0).all():
        raise InputError("reach_m must be above 0 m.")
    return sites


def _shorten(sites: NDArray[np.float64], place: NDArray[np.float64]) -> None:
    """Cut each reach to the farthest corner of the receivers' box: no ray is needed beyond."""
    if place.shape[1] == 0:
        return
    low, high = place[:2].min(axis=1), place[:2].max(axis=1)
    corner = np.maximum(np.abs(sites[:, :2] - low), np.abs(sites[:, :2] - high))
    sites[:, 3] = np.minimum(sites[:, 3], np.hypot(corner[:, 0], corner[:, 1]) + 1.0)


def _blocks(count: int) -> Iterator[slice]:
    for start in range(0, count, _SITES_AT_ONCE):
        yield slice(start, min(start + _SITES_AT_ONCE, count))


def sight_many(
    surface: xr.Dataset,
    x_m: ArrayLike,
    y_m: ArrayLike,
    antenna_amsl_m: ArrayLike,
    receivers: xr.Dataset,
    reach_m: ArrayLike = 1000.0,
    own_building: ArrayLike = 0,
    *,
    progress: Progress | None = None,
    step_m: float = 2.0,
    rays_per_pixel: float = 1.0,
    exact: bool = False,
    earth_radius_m: float = EFFECTIVE_EARTH_RADIUS_M,
) -> NDArray[np.uint8]:
    """Line of sight from many antennas to many receivers; sites share the cores.

    Parameters
    ----------
    surface : Dataset [y, x]
        ``surface_amsl_m`` [m], ``building`` (0 open); y falls, x grows, pixel centres.
    x_m, y_m, antenna_amsl_m : array_like [site]
        Antennas: map coordinates and height above sea level [m].
    receivers : Dataset [receiver]
        ``x_m, y_m, ground_amsl_m, height_m`` [m] and ``building`` (0 outdoors).
    reach_m : array_like [site]
        Farther receivers are not looked at: 0 [m].
    own_building : array_like of int [site]
        Building an antenna stands on, 0 for none.
    progress : callable, optional
        Called with the share done.
    step_m : float
        Distance between samples of a ray [m].
    rays_per_pixel : float
        Rays per surface pixel at the reach; more rays pass nearer to each receiver.
    exact : bool
        One ray for each receiver, through its very position: slower, the engine's own oracle.
    earth_radius_m : float
        Effective Earth radius [m]; ``math.inf`` for a flat Earth.

    Returns
    -------
    ndarray of uint8 [site, receiver]
        1 in line of sight, 0 not or out of reach.

    Raises
    ------
    MapError, InputError
        Surface without the layers or square pixels; sites without numbers.
    """
    ground = ground_of(surface)
    place, building = _receivers(receivers)
    sites = _sites(x_m, y_m, antenna_amsl_m, reach_m)
    _shorten(sites, place)
    own = np.broadcast_to(np.asarray(own_building, dtype=np.int32), sites.shape[:1]).copy()
    out = np.zeros((sites.shape[0], building.size), np.uint8)
    engine = rays.exact if exact else rays.sweep
    bend = step_m / (2.0 * earth_radius_m)

    def work(part: slice) -> None:
        engine(
            ground.heights, ground.labels, ground.grid, sites[part], own[part], place, building,
            float(step_m), bend, float(rays_per_pixel), out[part],
        )  # fmt: skip

    on_all_cores(list(_blocks(len(sites))), work, progress)
    return out


def sight(
    surface: xr.Dataset,
    x_m: float,
    y_m: float,
    antenna_amsl_m: float,
    receivers: xr.Dataset,
    reach_m: float = 1000.0,
    own_building: int = 0,
    *,
    exact: bool = False,
) -> NDArray[np.uint8]:
    """Line of sight from one antenna; see :func:`sight_many`.

    Returns
    -------
    ndarray of uint8 [receiver]
        1 in line of sight, 0 not or out of reach.

    Examples
    --------
    A wall 20 m high, 20 m east of a 10 m antenna, hides what is behind it.

    >>> import numpy as np, xarray as xr
    >>> x, y = np.arange(1.0, 100.0, 2.0), np.arange(99.0, 0.0, -2.0)
    >>> roof = np.where((x > 40) & (x < 50), 20.0, 0.0) * np.ones((y.size, 1))
    >>> surface = xr.Dataset({"surface_amsl_m": (("y", "x"), roof),
    ...     "building": (("y", "x"), (roof > 0).astype(int))}, coords={"x": x, "y": y})
    >>> names = ("x_m", "y_m", "ground_amsl_m", "height_m", "building")
    >>> rows = [(35.0, 51.0, 0.0, 1.5, 0), (45.0, 51.0, 0.0, 1.5, 1), (75.0, 51.0, 0.0, 1.5, 0)]
    >>> phones = xr.Dataset({n: ("receiver", list(c)) for n, c in zip(names, zip(*rows))})
    >>> sight(surface, 21.0, 51.0, 10.0, phones).tolist()
    [1, 1, 0]
    """
    seen: NDArray[np.uint8] = sight_many(
        surface, x_m, y_m, antenna_amsl_m, receivers, reach_m, own_building, exact=exact
    )[0]
    return seen
