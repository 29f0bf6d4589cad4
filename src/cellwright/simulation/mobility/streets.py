"""Street centre lines as a graph to walk on."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cellwright.errors import InputError

Floats = NDArray[np.float64]
_LINES = (1, 2, 5)


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """Corners of the streets and the straight pieces between them, each in both directions.

    Attributes
    ----------
    x_m, y_m : float64 [node]
        Corners and crossings [m].
    first : int64 [node + 1]
        Pieces that leave node n: ``first[n]`` to ``first[n + 1]``.
    start, end : int32 [piece]
        Nodes of each piece; pieces are sorted by ``start``.
    length_m : float64 [piece]
        Length [m].
    """

    x_m: Floats
    y_m: Floats
    first: NDArray[np.int64]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    length_m: Floats

    @property
    def total_m(self) -> float:
        """Length of all streets [m]."""
        return float(self.length_m.sum() / 2.0)


def street_network(streets: gpd.GeoDataFrame, snap_m: float = 0.5) -> StreetNetwork:
    """Make a graph of street lines; the largest connected part is kept.

    Parameters
    ----------
    streets : GeoDataFrame
        Lines in metres; other shapes are left out. A column ``level`` keeps bridges and tunnels
        apart from what they cross.
    snap_m : float
        Ends no farther apart than about this are one corner [m].

    Returns
    -------
    StreetNetwork

    Raises
    ------
    InputError
        No lines, a coordinate system in degrees, or a width of snapping that means nothing.

    Examples
    --------
    >>> cross = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 50), (100, 50)]),
    ...                                    shapely.LineString([(50, 0), (50, 100)])])
    >>> net = street_network(cross)
    >>> net.x_m.size, net.total_m
    (5, 200.0)
    """
    if streets.crs is not None and streets.crs.is_geographic:
        raise InputError(f"streets are in degrees ({streets.crs.name}); project them to metres.")
    if not 0.0 < snap_m <= 20.0:
        raise InputError(f"snap_m is {snap_m:g}; 0 to 20 m are allowed.")
    points, pieces = _noded(streets, snap_m)
    if len(pieces) == 0:
        raise InputError(f"None of the {len(streets)} street shapes is a line longer than a snap.")
    keep = _largest(points.shape[0], pieces)
    return _network(points, pieces[keep])


def _noded(streets: gpd.GeoDataFrame, snap_m: float) -> tuple[Floats, NDArray[np.int64]]:
    """Corners [node, 2] and undirected pieces [piece, 2] between them, crossings included."""
    shapes = streets.geometry.to_numpy()
    lines = np.isin(shapely.get_type_id(shapes), _LINES)
    level = streets["level"].to_numpy() if "level" in streets else np.zeros(len(streets))
    coordinates, owner, parts = [], [], 0
    for floor in np.unique(level[lines]):
        merged = shapely.get_parts(shapely.union_all(shapes[lines & (level == floor)]))
        where, part = shapely.get_coordinates(merged, return_index=True)
        coordinates.append(where)
        owner.append(part + parts)
        parts += len(merged)
    if not coordinates:
        return np.empty((0, 2)), np.empty((0, 2), np.int64)
    grid = np.round(np.concatenate(coordinates) / snap_m).astype(np.int64)
    corners, node = np.unique(grid, axis=0, return_inverse=True)
    node, of = node.reshape(-1), np.concatenate(owner)
    joined = (of[1:] == of[:-1]) & (node[1:] != node[:-1])
    pairs = np.sort(np.column_stack([node[:-1], node[1:]])[joined], axis=1)
    return np.asarray(corners * snap_m, np.float64), np.unique(pairs, axis=0)


def _largest(nodes: int, pieces: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pieces belong to the connected part with the most pieces."""
    graph = coo_array((np.ones(len(pieces)), (pieces[:, 0], pieces[:, 1])), shape=(nodes, nodes))
    part = connected_components(graph, directed=False)[1][pieces[:, 0]]
    return np.asarray(part == np.bincount(part).argmax())


def _network(points: Floats, pieces: NDArray[np.int64]) -> StreetNetwork:
    used, node = np.unique(pieces, return_inverse=True)
    node = node.reshape(pieces.shape)
    both = np.concatenate([node, node[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    x, y = points[used].T
    length = np.hypot(x[both[:, 1]] - x[both[:, 0]], y[both[:, 1]] - y[both[:, 0]])
    first = np.r_[0, np.cumsum(np.bincount(both[:, 0], minlength=used.size))].astype(np.int64)
    start, end = both.astype(np.int32).T
    return StreetNetwork(x.copy(), y.copy(), first, start.copy(), end.copy(), length)
