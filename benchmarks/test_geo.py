"""How fast a district is read and burnt, beside the plain form: every pixel asks who stands there.

Run: PYTHONPATH=src pytest benchmarks/test_geo.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from cellwright import geo
from cellwright.geo.grids import Grid, burn_buildings


@pytest.fixture(scope="module")
def area():
    return geo.load_area(geo.read_district(geo.shipped_district("nantes")))


@pytest.fixture(scope="module")
def grid(area):
    return Grid(*area.pixels.attrs["bounds"], area.pixels.attrs["pixel_m"])


def ask_every_pixel(buildings, grid):
    """The tallest footprint over every pixel centre, by an index of shapes."""
    x, y = np.meshgrid(grid.x, grid.y)
    points = shapely.points(x.ravel(), y.ravel())
    pixel, building = shapely.STRtree(buildings.geometry).query(points, predicate="within")
    order = np.argsort(buildings.height_m.to_numpy()[building], kind="stable")
    result = np.zeros(points.size, dtype=np.int32)
    result[pixel[order]] = building[order] + 1
    return result.reshape(grid.shape)


def test_load_nantes(benchmark):
    inputs = geo.read_district(geo.shipped_district("nantes"))
    benchmark.pedantic(geo.load_area, args=(inputs,), rounds=3, iterations=1)


def test_receivers(benchmark, area):
    benchmark.pedantic(geo.receivers, args=(area,), rounds=3, iterations=1)


def test_burn(benchmark, area, grid):
    burnt = benchmark.pedantic(burn_buildings, args=(area.buildings, grid), rounds=3, iterations=1)
    assert (burnt == ask_every_pixel(area.buildings, grid)).mean() > 0.9995


def test_burn_plain_form(benchmark, area, grid):
    benchmark.pedantic(ask_every_pixel, args=(area.buildings, grid), rounds=1, iterations=1)
