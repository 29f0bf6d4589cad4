"""The district as triangles: every building a closed solid with a flat roof, the ground a sheet.

For ray tracers and 3D viewers. A solid's faces turn outwards and share their corners, so edges are
found where walls and roofs meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray

from ..errors import InputError

if TYPE_CHECKING:
    from .area import Area

#: Corners of footprints are snapped to this grid [m]: slivers and double corners vanish.
SNAP_M = 0.01
#: Walls reach this far below the lowest ground around them, so that no gap is left [m].
FOUNDATION_M = 1.0


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in space.

    Attributes
    ----------
    vertices : array of float, (vertex, 3)
        East, north, height [m].
    faces : array of int32, (face, 3)
        Rows of ``vertices``, counter-clockwise as seen from outside.
    owner : array of int32, (face,)
        What each face belongs to: the building's row, or 0.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]
    owner: NDArray[np.int32]

    def moved(self, east_m: float, north_m: float, up_m: float) -> Mesh:
        """Return the mesh shifted by so many metres."""
        return Mesh(self.vertices + np.array([east_m, north_m, up_m]), self.faces, self.owner)

    def volumes(self) -> NDArray[np.float64]:
        """Return the signed volume inside the faces of each owner [m3]; positive if outward.

        Examples
        --------
        >>> cube = solids(np.array([shapely.box(0, 0, 2, 3)]), [10.0], [14.0])
        >>> cube.volumes().round(6).tolist(), cube.faces.shape
        ([24.0], (12, 3))
        """
        local = self.vertices - self.vertices.mean(axis=0)
        a, b, c = (local[self.faces[:, corner]] for corner in range(3))
        sixfold = (a * np.cross(b, c)).sum(axis=1)
        return np.bincount(self.owner, weights=sixfold) / 6.0

    def normals(self) -> NDArray[np.float64]:
        """Return each face's normal, as long as twice its area [m2]."""
        a, b, c = (self.vertices[self.faces[:, corner]] for corner in range(3))
        made: NDArray[np.float64] = np.cross(b - a, c - a)
        return made


def solids(
    footprints: NDArray[Any], base_m: NDArray[Any] | Any, roof_m: NDArray[Any] | Any
) -> Mesh:
    """Return footprints raised to solids with walls, a flat roof and a floor.

    Parameters
    ----------
    footprints : array of shapely polygons or multipolygons
        With holes or without, in a projected CRS [m].
    base_m, roof_m : array of float
        Height of the floor and of the roof of each [m].

    Returns
    -------
    Mesh
        Each part of a footprint is closed by itself, its normals outwards; ``owner`` is the
        footprint's row. Footprints smaller than the grid of 1 cm vanish.
    """
    base, roof = (np.asarray(value, dtype=np.float64) for value in (base_m, roof_m))
    if not (roof > base).all():
        raise InputError("every roof must lie above its floor; some do not.")
    parts, row = _parts(footprints)
    walls, wall_part = _ring_edges(parts)
    flat, flat_part = _triangles(parts)
    points = np.concatenate([walls.reshape(-1, 2), flat.reshape(-1, 2)])
    part = np.concatenate([np.repeat(wall_part, 2), np.repeat(flat_part, 3)])
    unique, corner = np.unique(np.column_stack([part, points]), axis=0, return_inverse=True)
    count, corner = len(unique), corner.reshape(-1)
    edges, tops = corner[: 2 * len(walls)].reshape(-1, 2), corner[2 * len(walls) :].reshape(-1, 3)
    start, end = edges[:, 0], edges[:, 1]
    faces = [
        np.column_stack([start, end, end + count]),
        np.column_stack([start, end + count, start + count]),
        tops + count,
        tops[:, ::-1],
    ]
    owner = row[np.concatenate([wall_part, wall_part, flat_part, flat_part])]
    mine = row[unique[:, 0].astype(np.intp)]
    floor = np.column_stack([unique[:, 1:], base[mine]])
    top = np.column_stack([unique[:, 1:], roof[mine]])
    order = np.argsort(owner, kind="stable")
    return Mesh(
        np.concatenate([floor, top]),
        np.concatenate(faces).astype(np.int32)[order],
        owner[order].astype(np.int32),
    )


def _parts(footprints: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return simple polygons, shells counter-clockwise and holes clockwise, and their rows."""
    snapped = shapely.set_precision(np.asarray(footprints, dtype=object), SNAP_M)
    parts, row = shapely.get_parts(snapped, return_index=True)
    solid = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    return shapely.orient_polygons(parts[solid]), row[solid]


def _ring_edges(parts: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return every ring's edges [edge, 2, 2], the inside on their left, and their part."""
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    edges = np.stack([points[:-1], points[1:]], axis=1)[same]
    return edges, part[ring[:-1][same]]


def _triangles(parts: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return counter-clockwise triangles [triangle, 3, 2] that fill the parts, and their part."""
    pieces, part = shapely.get_parts(
        shapely.constrained_delaunay_triangles(parts), return_index=True
    )
    corners = shapely.get_coordinates(shapely.orient_polygons(pieces)).reshape(-1, 4, 2)[:, :3]
    return corners, part


def building_levels(area: Area) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the height of every building's floor and flat roof above sea level [m].

    The roof lies the building's height above the mean ground under it; the walls go down to
    `FOUNDATION_M` below the lowest ground within a pixel around it.

    Returns
    -------
    base, roof : array of float
        By row of ``area.buildings``.
    """
    from scipy import ndimage

    ground = area.surface["ground_amsl_m"].to_numpy().astype(np.float64)
    number = area.surface["building"].to_numpy()
    rows = np.arange(1, len(area.buildings) + 1)
    low = np.asarray(ndimage.minimum(ndimage.minimum_filter(ground, 5), number, rows))
    with np.errstate(invalid="ignore"):
        mean = np.asarray(ndimage.mean(ground, number, rows))
    unseen = ~np.isin(rows, number)  # smaller than a pixel, or under a taller one
    centre = shapely.get_coordinates(shapely.centroid(area.buildings.geometry.to_numpy()))
    beside = heights_at(area.surface["ground_amsl_m"], centre[:, 0], centre[:, 1])
    low, mean = np.where(unseen, beside, low), np.where(unseen, beside, mean)
    height = area.buildings["height_m"].to_numpy(dtype=float)
    return low - FOUNDATION_M, mean + height


def building_mesh(area: Area) -> Mesh:
    """Return every building of a district as a closed solid; ``owner`` is its row."""
    return solids(area.buildings.geometry.to_numpy(), *building_levels(area))


def ground_mesh(area: Area, step_m: float | None = None) -> Mesh:
    """Return the ground of a district as two triangles for each square, normals upwards.

    Parameters
    ----------
    area : Area
        The district.
    step_m : float, optional
        Side of the squares [m]; default the pixel of the result grid, so that each pixel is one
        square. The last column and row are narrower where the map is no multiple of it.

    Returns
    -------
    Mesh
        Squares in reading order (row 0 northmost), each as its north-western triangle and then its
        south-eastern one; it covers the map's bounds exactly.
    """
    step = float(area.pixels.attrs["pixel_m"] if step_m is None else step_m)
    if not step > 0.0:
        raise InputError(f"step_m is {step:g}; the ground's triangles need a step above 0 m.")
    west, south, east, north = area.pixels.attrs["bounds"]
    x = np.append(np.arange(west, east - 1e-6 * step, step), east)
    y = np.append(np.arange(north, south + 1e-6 * step, -step), south)
    heights = heights_at(area.surface["ground_amsl_m"], *np.meshgrid(x, y))
    vertices = np.column_stack([np.tile(x, y.size), np.repeat(y, x.size), heights.ravel()])
    node = np.arange(vertices.shape[0], dtype=np.int32).reshape(y.size, x.size)
    nw, ne, sw, se = node[:-1, :-1], node[:-1, 1:], node[1:, :-1], node[1:, 1:]
    faces = np.stack([nw, sw, ne, ne, sw, se], axis=-1).reshape(-1, 3)
    return Mesh(vertices, faces, np.zeros(len(faces), np.int32))


def heights_at(
    heights: xr.DataArray, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a raster's heights between its pixel centres [m]; beyond them the nearest holds.

    Examples
    --------
    >>> slope = xr.DataArray([[0.0, 2.0], [0.0, 2.0]], coords={"y": [3, 1], "x": [1, 3]},
    ...                      dims=("y", "x"))
    >>> heights_at(slope, np.array([1.5, 9.0]), np.array([2.0, 2.0])).tolist()
    [0.5, 2.0]
    """
    from scipy import ndimage

    x, y = heights["x"].to_numpy(), heights["y"].to_numpy()
    column = (x_m - x[0]) / (x[1] - x[0])
    row = (y_m - y[0]) / (y[1] - y[0])
    values = heights.to_numpy().astype(np.float64)
    made: NDArray[np.float64] = ndimage.map_coordinates(
        values, [row, column], order=1, mode="nearest"
    )
    return made
