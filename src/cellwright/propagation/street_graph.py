"""The open air between buildings as a graph: places and what each of them sees at street level.

Made once for a map; :mod:`cellwright.propagation.lateral` finds the dominant street path of every
antenna in it. Places lie on the middle lines of streets, squares and yards, the widest first, so
that crossings have one; no street map is asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from cellwright.propagation.sight import ground_of

#: How far along a street a place looks [m]; farther ones are reached from place to place.
SEEN_M = 300.0
#: Places no nearer to each other than this, nor than their distance to the walls [m].
_SPACING_M = 16.0
#: Side of a cell of the street map, in surface pixels.
_CELL_PIXELS = 3


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """Places in the open, and the cells of the map that each of them sees.

    Attributes
    ----------
    x_m, y_m, ground_amsl_m : float64 [place]
        Where the places are.
    first, cells : int64 [place + 1], int32 [pair]
        Cells that place p sees: ``cells[first[p]:first[p + 1]]``.
    edge_first, edges : int64 [place + 1], int64 [edge]
        Places that place p sees.
    shape : (int, int)
        Rows and columns of cells.
    grid : (float, float, float)
        West edge, north edge, cell side [m].
    nearest : int32 [cell]
        Of every cell, the nearest one that any place sees: a house is entered from the street.
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    ground_amsl_m: NDArray[np.float64]
    first: NDArray[np.int64]
    cells: NDArray[np.int32]
    edge_first: NDArray[np.int64]
    edges: NDArray[np.int64]
    shape: tuple[int, int]
    grid: tuple[float, float, float]
    nearest: NDArray[np.int32]

    @property
    def count(self) -> int:
        """Number of places."""
        return int(self.x_m.size)

    def cell_of(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return the seen cell nearest to each position; -1 where the map has none."""
        west, north, side = self.grid
        row = np.clip(((north - y_m) / side).astype(np.int64), 0, self.shape[0] - 1)
        column = np.clip(((x_m - west) / side).astype(np.int64), 0, self.shape[1] - 1)
        found: NDArray[np.int32] = self.nearest[row * self.shape[1] + column]
        return found


def street_graph(surface: xr.Dataset) -> StreetGraph:
    """Find the places of a map and what they see.

    Parameters
    ----------
    surface : Dataset [y, x]
        ``surface_amsl_m``, ``ground_amsl_m`` [m] and ``building`` (0 open); y falls, x grows.

    Returns
    -------
    StreetGraph

    Raises
    ------
    MapError
        A layer is missing or pixels are not square.

    Examples
    --------
    >>> x, y = np.arange(1.0, 100.0, 2.0), np.arange(99.0, 0.0, -2.0)
    >>> block = (abs(x - 50.0) < 30.0) & (abs(y[:, None] - 50.0) < 30.0)
    >>> layers = {"surface_amsl_m": block * 9.0, "ground_amsl_m": block * 0.0, "building": block}
    >>> ring = xr.Dataset({n: (("y", "x"), v) for n, v in layers.items()}, {"x": x, "y": y})
    >>> street_graph(ring).count >= 4
    True
    """
    ground = ground_of(surface)
    open_air = ground.labels == 0
    west, north, pixel = ground.grid
    clear = _clearance(open_air) * pixel
    ridge = (clear >= ndimage.maximum_filter(clear, 3)) & open_air
    candidates = np.flatnonzero(ridge)
    candidates = candidates[np.argsort(-clear.ravel()[candidates], kind="stable")]
    rows, columns = (math.ceil(n / _CELL_PIXELS) for n in open_air.shape)
    half = int(SEEN_M / pixel)
    places, first, cells = _look_around(
        open_air, clear, candidates.astype(np.int64), half, pixel, _SPACING_M, _CELL_PIXELS, columns
    )
    i, j = np.divmod(places, open_air.shape[1])
    edge_first, edges = _edges_of(i, j, first, cells, (rows, columns))
    return StreetGraph(
        west + (j + 0.5) * pixel, north - (i + 0.5) * pixel,
        ground.bare[i, j].astype(np.float64), first, cells, edge_first, edges,
        (rows, columns), (west, north, pixel * _CELL_PIXELS), _nearest(cells, (rows, columns)),
    )  # fmt: skip


def _clearance(open_air: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance to the nearest wall in pixels; a map without buildings is open all over."""
    if open_air.all():
        return np.full(open_air.shape, SEEN_M, np.float32)
    return np.asarray(ndimage.distance_transform_edt(open_air), np.float32)


def _nearest(cells: NDArray[np.int32], shape: tuple[int, int]) -> NDArray[np.int32]:
    seen = np.zeros(shape[0] * shape[1], np.bool_)
    seen[cells] = True
    if not seen.any():
        return np.full(seen.size, -1, np.int32)
    index = ndimage.distance_transform_edt(
        ~seen.reshape(shape), return_distances=False, return_indices=True
    )
    nearest: NDArray[np.int32] = (index[0] * shape[1] + index[1]).astype(np.int32).ravel()
    return nearest


def _edges_of(
    i: NDArray[np.int64],
    j: NDArray[np.int64],
    first: NDArray[np.int64],
    cells: NDArray[np.int32],
    shape: tuple[int, int],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each place the places whose cell it sees."""
    at = np.full(shape[0] * shape[1], -1, np.int32)
    at[(i // _CELL_PIXELS) * shape[1] + j // _CELL_PIXELS] = np.arange(i.size, dtype=np.int32)
    seen = at[cells]
    owner = np.repeat(np.arange(i.size), np.diff(first))
    keep = (seen >= 0) & (seen != owner)
    counts = np.bincount(owner[keep], minlength=i.size)
    return np.r_[0, np.cumsum(counts)].astype(np.int64), seen[keep].astype(np.int64)


@njit(cache=True, nogil=True)
def _look_around(
    open_air: NDArray[np.bool_],
    clear: NDArray[np.float32],
    candidates: NDArray[np.int64],
    half: int,
    pixel: float,
    spacing_m: float,
    cell: int,
    columns: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Choose places among candidates, widest first, and list the cells that each of them sees."""
    height, width = open_air.shape
    taken = np.zeros(open_air.size, np.bool_)
    stamp = np.full(((height + cell - 1) // cell) * columns, -1, np.int32)
    places = np.empty(candidates.size, np.int64)
    first = np.zeros(candidates.size + 1, np.int64)
    cells = np.empty(1 << 16, np.int32)
    count, used = 0, 0
    most = 8 * half + 8
    for candidate in candidates:
        if taken[candidate]:
            continue
        i, j = candidate // width, candidate % width
        apart = max(spacing_m, clear[i, j]) / pixel
        if used + most * half // 2 > cells.size:
            larger = np.empty(2 * cells.size + most * half, np.int32)
            larger[:used] = cells[:used]
            cells = larger
        taken[candidate] = True
        mine = (i // cell) * columns + j // cell
        stamp[mine] = count
        cells[used] = mine
        used += 1
        for side in range(4):
            for leg in range(-half, half + 1):
                if side == 0:
                    di, dj = -half, leg
                elif side == 1:
                    di, dj = half, leg
                elif side == 2:
                    di, dj = leg, -half
                else:
                    di, dj = leg, half
                long = math.sqrt(di * di + dj * dj)
                step_i, step_j = di / long, dj / long
                r, c = i + 0.5, j + 0.5
                for k in range(1, half + 1):
                    r += step_i
                    c += step_j
                    if r < 0.0 or c < 0.0 or r >= height or c >= width:
                        break
                    a, b = int(r), int(c)
                    if not open_air[a, b]:
                        break
                    if k <= apart:
                        taken[a * width + b] = True
                    at = (a // cell) * columns + b // cell
                    if stamp[at] != count:
                        stamp[at] = count
                        cells[used] = at
                        used += 1
        places[count] = candidate
        count += 1
        first[count] = used
    return places[:count].copy(), first[: count + 1].copy(), cells[:used].copy()
