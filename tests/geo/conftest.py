"""A made-up town whose every height, storey and inhabitant is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely.geometry import LineString, Polygon, box

#: South-west corner of the town, in France (EPSG:2154).
X, Y = 355_000.0, 6_689_000.0
SIDE, STEP, HOUSE = 6, 40.0, 20.0


def make_town() -> gpd.GeoDataFrame:
    """36 houses of 20 x 20 m every 40 m; the first has a courtyard, one is turned."""
    shapes = []
    for i in range(SIDE):
        for j in range(SIDE):
            x, y = X + i * STEP, Y + j * STEP
            shapes.append(box(x, y, x + HOUSE, y + HOUSE))
    shapes[0] = Polygon(
        shapes[0].exterior.coords, [box(X + 6, Y + 6, X + 14, Y + 14).exterior.coords]
    )
    count = len(shapes)
    return gpd.GeoDataFrame(
        {
            "id": [f"house-{n}" for n in range(count)],
            "height_m": 9.0 + np.arange(count) % 5,
            "floors": 3,
            "use": "residential",
            "dwellings": 1 + np.arange(count) % 4,
        },
        geometry=shapes,
        crs=2154,
    )


def make_streets() -> gpd.GeoDataFrame:
    """Five streets between the houses."""
    lines = [
        LineString([(X, Y + j * STEP - 10), (X + SIDE * STEP, Y + j * STEP - 10)])
        for j in range(1, SIDE)
    ]
    return gpd.GeoDataFrame(
        {"name": [f"Rue {n}é" for n in range(len(lines))], "highway": "residential"},
        geometry=lines,
        crs=2154,
    )


@pytest.fixture
def town() -> gpd.GeoDataFrame:
    return make_town()


@pytest.fixture
def streets() -> gpd.GeoDataFrame:
    return make_streets()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Write a layer, return its path."""

    def write(frame: gpd.GeoDataFrame, name: str, **options: object) -> Path:
        path = tmp_path / name
        frame.to_file(path, **options)
        return path

    return write


@pytest.fixture
def save_raster(tmp_path: Path) -> Callable[..., Path]:
    """Write a raster whose north-west corner lies 100 m north-west of the town's box."""

    def write(
        values,
        name="ground.tif",
        *,
        pixel=5.0,
        west=X - 100,
        north=Y + 400,
        crs=2154,
        nodata=None,
        scale=1.0,
    ) -> Path:
        values = np.asarray(values)
        path = tmp_path / name
        profile = {
            "driver": "GTiff",
            "height": values.shape[0],
            "width": values.shape[1],
            "count": 1,
            "dtype": values.dtype,
            "nodata": nodata,
            "crs": None if crs is None else f"EPSG:{crs}",
            "transform": rasterio.transform.from_origin(west, north, pixel, pixel),
        }
        with rasterio.open(path, "w", **profile) as raster:
            raster.write(values, 1)
            raster.scales = (scale,)
        return path

    return write


def plane(shape=(120, 120), pixel=5.0, west=X - 100, north=Y + 400) -> np.ndarray:
    """Ground 20 m high at the town's corner, rising 3 m east and 2 m north per 100 m."""
    x = west + (np.arange(shape[1]) + 0.5) * pixel
    y = north - (np.arange(shape[0]) + 0.5) * pixel
    return ground(x[None, :], y[:, None]).astype("float32")


def ground(x, y):
    return 20.0 + 0.03 * (x - X) + 0.02 * (y - Y)
