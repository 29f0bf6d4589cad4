"""Heights from other grids, CRSs and number types land where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from rasterio.warp import calculate_default_transform, reproject

from cellwright import geo

from .conftest import X, Y, ground, plane


def ground_of(town, save, path):
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg"), terrain=path))
    s = area.surface
    return s.ground_amsl_m.values, ground(s.x.values[None, :], s.y.values[:, None])


@pytest.mark.parametrize("pixel", [0.5, 1.0, 5.0, 30.0])
def test_any_resolution(town, save, save_raster, pixel):
    size = int(700 / pixel)
    values = plane((size, size), pixel, X - 100, Y + 400)
    got, wanted = ground_of(town, save, save_raster(values, pixel=pixel))
    np.testing.assert_allclose(got, wanted, atol=0.05)


def test_scaled_integers(town, save, save_raster):
    decimetres = np.round(plane() * 10).astype("int16")
    path = save_raster(decimetres, scale=0.1, nodata=-32768)
    got, wanted = ground_of(town, save, path)
    np.testing.assert_allclose(got, wanted, atol=0.06)


@pytest.mark.parametrize("crs", [4326, 3035, 32630])
def test_any_crs(town, save, tmp_path, crs):
    import rasterio

    source = rasterio.transform.from_origin(X - 300, Y + 600, 5, 5)
    values = plane((200, 200), 5.0, X - 300, Y + 600)
    bounds = (X - 300, Y - 400, X + 700, Y + 600)
    transform, width, height = calculate_default_transform(
        "EPSG:2154", f"EPSG:{crs}", 200, 200, *bounds
    )
    there = np.full((height, width), -9999.0, dtype="float32")
    reproject(
        values,
        there,
        src_transform=source,
        src_crs="EPSG:2154",
        dst_transform=transform,
        dst_crs=f"EPSG:{crs}",
        dst_nodata=-9999.0,
        resampling=1,
    )
    path = tmp_path / "t.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=width,
        height=height,
        count=1,
        dtype="float32",
        crs=f"EPSG:{crs}",
        transform=transform,
    ) as raster:
        raster.write(there, 1)  # -9999 is not declared as nodata
    got, wanted = ground_of(town, save, path)
    np.testing.assert_allclose(got, wanted, atol=0.1)
