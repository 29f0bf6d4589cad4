"""The two grids of a district, sharing their outer bounds: fine for sight, coarse for results."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, lcm
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio.features
import shapely
import xarray as xr
from affine import Affine
from numpy.typing import NDArray

from .crs import Bounds

#: A grid larger than this does not fit a laptop's memory through a whole run.
MOST_CELLS = 60_000_000


@dataclass(frozen=True)
class Grid:
    """A north-up raster: outer bounds and pixel [m]; row 0 is the northernmost."""

    west: float
    south: float
    east: float
    north: float
    pixel_m: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (
            round((self.north - self.south) / self.pixel_m),
            round((self.east - self.west) / self.pixel_m),
        )

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north."""
        return (self.west, self.south, self.east, self.north)

    @property
    def transform(self) -> Affine:
        """From column and row to x and y."""
        return Affine(self.pixel_m, 0.0, self.west, 0.0, -self.pixel_m, self.north)

    @property
    def x(self) -> NDArray[np.float64]:
        """Pixel centres, west to east."""
        return self.west + (np.arange(self.shape[1], dtype=np.float64) + 0.5) * self.pixel_m

    @property
    def y(self) -> NDArray[np.float64]:
        """Pixel centres, north to south."""
        return self.north - (np.arange(self.shape[0], dtype=np.float64) + 0.5) * self.pixel_m


def apply_transform(transform: Affine, column: Any, row: Any) -> tuple[Any, Any]:
    """Return x and y of columns and rows (Affine's own operator differs between its versions)."""
    return (
        transform.a * column + transform.b * row + transform.c,
        transform.d * column + transform.e * row + transform.f,
    )


def grids(bounds: Bounds, surface_pixel_m: float, pixel_m: float) -> tuple[Grid, Grid]:
    """Return the fine and the coarse grid, snapped outwards to bounds both can share.

    Examples
    --------
    >>> fine, coarse = grids((1.0, 2.0, 33.0, 18.0), 2.0, 5.0)
    >>> fine.bounds == coarse.bounds, fine.bounds, fine.shape, coarse.shape
    (True, (0.0, 0.0, 40.0, 20.0), (10, 20), (4, 8))
    """
    step = lcm(round(surface_pixel_m * 1000), round(pixel_m * 1000)) / 1000.0
    west, south = (floor(value / step + 1e-9) * step for value in bounds[:2])
    east, north = (ceil(value / step - 1e-9) * step for value in bounds[2:])
    box = (west, south, max(east, west + step), max(north, south + step))
    return Grid(*box, surface_pixel_m), Grid(*box, pixel_m)


def burn_buildings(buildings: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.int32]:
    """Return the building number (row + 1) at every pixel centre, 0 in the open.

    Where footprints overlap the taller building is seen; courtyards stay open.
    """
    order = np.argsort(buildings["height_m"].to_numpy(), kind="stable")
    shapes = buildings.geometry.to_numpy()[order]
    if not len(shapes):
        return np.zeros(grid.shape, dtype=np.int32)
    return rasterio.features.rasterize(  # type: ignore[no-any-return]
        zip(shapes, (order + 1).tolist(), strict=True),
        out_shape=grid.shape,
        transform=grid.transform,
        fill=0,
        dtype="int32",
    )


def burn_inside(boundary: Any, grid: Grid) -> NDArray[np.bool_]:
    """Mark the pixels whose centre is inside the boundary."""
    return rasterio.features.rasterize(  # type: ignore[no-any-return]
        [(boundary, 1)], out_shape=grid.shape, transform=grid.transform, dtype="uint8"
    ).astype(bool)


def surface_dataset(
    grid: Grid,
    ground: NDArray[np.float32],
    buildings: gpd.GeoDataFrame,
    canopy: NDArray[np.float32] | None,
) -> xr.Dataset:
    """Return the fine grid: ground, ground with what stands on it, building numbers."""
    number = burn_buildings(buildings, grid)
    height = np.r_[0.0, buildings["height_m"].to_numpy()].astype(np.float32)[number]
    if canopy is not None:
        height = np.where(number == 0, canopy, height)
    return _dataset(
        grid,
        {
            "ground_amsl_m": ground.astype(np.float32),
            "surface_amsl_m": (ground + height).astype(np.float32),
            "building": number,
        },
    )


def pixels_dataset(
    grid: Grid, surface: xr.Dataset, buildings: gpd.GeoDataFrame, boundary: Any
) -> xr.Dataset:
    """Return the result grid; a pixel is what the fine grid says at its centre."""
    row, column = nearest_cells(surface, grid)
    number = surface["building"].to_numpy()[row[:, None], column]
    height = np.r_[0.0, buildings["height_m"].to_numpy()].astype(np.float32)
    floors = np.r_[0, buildings["floors"].to_numpy()].astype(np.uint8)
    return _dataset(
        grid,
        {
            "ground_amsl_m": surface["ground_amsl_m"].to_numpy()[row[:, None], column],
            "building": number,
            "building_height_m": height[number],
            "floors": floors[number],
            "residents": _spread_residents(number, buildings, grid),
            "inside": burn_inside(boundary, grid),
        },
    )


def nearest_cells(surface: xr.Dataset, grid: Grid) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the fine row of every coarse row and the fine column of every coarse column."""
    fine = float(surface.attrs["pixel_m"])
    row = np.floor((grid.north - grid.y) / fine).astype(np.intp)
    column = np.floor((grid.x - grid.west) / fine).astype(np.intp)
    return row, column


def _dataset(grid: Grid, layers: dict[str, NDArray[Any]]) -> xr.Dataset:
    return xr.Dataset(
        {name: (("y", "x"), values) for name, values in layers.items()},
        coords={"y": grid.y, "x": grid.x},
        attrs={"pixel_m": grid.pixel_m, "bounds": grid.bounds},
    )


def _spread_residents(
    number: NDArray[np.int32], buildings: gpd.GeoDataFrame, grid: Grid
) -> NDArray[np.float32]:
    """Spread every building's people over its pixels.

    A building cut by the map's edge counts with the share of its footprint on the map; one too
    small for a pixel centre lends its people to the nearest building pixel.
    """
    shapes = buildings.geometry.to_numpy()
    people = buildings["residents"].to_numpy(dtype=float) * _share_inside(shapes, grid.bounds)
    count = np.bincount(number.ravel(), minlength=len(buildings) + 1)
    each = np.divide(people, count[1:], out=np.zeros_like(people), where=count[1:] > 0)
    result: NDArray[Any] = np.r_[0.0, each][number]
    homeless = np.flatnonzero((count[1:] == 0) & (people > 0))
    row, column = np.nonzero(number)
    if homeless.size and row.size:
        from scipy.spatial import cKDTree

        tree = cKDTree(np.column_stack([grid.x[column], grid.y[row]]))
        centre = shapely.get_coordinates(shapely.point_on_surface(shapes[homeless]))
        nearest = tree.query(centre)[1]
        np.add.at(result, (row[nearest], column[nearest]), people[homeless])
    return result.astype(np.float32)


def _share_inside(shapes: NDArray[Any], bounds: Bounds) -> NDArray[np.float64]:
    box = shapely.bounds(shapes)
    west, south, east, north = bounds
    cut = (box[:, 0] < west) | (box[:, 1] < south) | (box[:, 2] > east) | (box[:, 3] > north)
    share = np.ones(len(shapes))
    inner = shapely.clip_by_rect(shapes[cut], west, south, east, north)
    share[cut] = shapely.area(inner) / shapely.area(shapes[cut])
    return share
