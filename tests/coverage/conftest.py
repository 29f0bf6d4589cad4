"""A district of two blocks and a few phones, small enough to reason about."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from cellwright.network import carrier, cells_for, sites_from_records


def make_receivers(x_m, y_m, *, place=0, building=0, indoor_m=0.0, height_m=1.5):
    x_m = np.atleast_1d(np.asarray(x_m, float))
    n = x_m.size

    def column(value, kind):
        return ("receiver", np.broadcast_to(np.asarray(value, kind), (n,)).copy())

    return xr.Dataset(
        {
            "x_m": column(x_m, float),
            "y_m": column(y_m, float),
            "ground_amsl_m": column(0.0, np.float32),
            "height_m": column(height_m, np.float32),
            "place": column(place, np.uint8),
            "building": column(building, np.int32),
            "indoor_distance_m": column(indoor_m, np.float32),
            "residents": column(1.0, np.float32),
            "inside": column(True, bool),
        },
        attrs={"pixel_m": 5.0},
    )


def make_area(size_m: float = 2000.0, blocks=()):
    """Flat ground, the origin in its middle; ``blocks`` are (west, south, east, north, height)."""
    edge = np.arange(-size_m / 2 + 1.0, size_m / 2, 2.0)
    x, y = edge, edge[::-1]
    height = np.zeros((y.size, x.size), np.float32)
    label = np.zeros((y.size, x.size), np.int32)
    for number, (west, south, east, north, top) in enumerate(blocks, start=1):
        here = ((y[:, None] > south) & (y[:, None] < north)) & ((x > west) & (x < east))
        height[here], label[here] = top, number
    surface = xr.Dataset(
        {
            "ground_amsl_m": (("y", "x"), np.zeros_like(height)),
            "surface_amsl_m": (("y", "x"), height),
            "building": (("y", "x"), label),
        },
        coords={"x": x, "y": y},
        attrs={"pixel_m": 2.0},
    )
    return SimpleNamespace(surface=surface, crs="EPSG:2154")


def make_sites(*places, kind="rooftop", height_m=25.0, building=0):
    return sites_from_records(
        [
            {
                "site_id": f"S{i}",
                "x_m": float(x),
                "y_m": float(y),
                "kind": kind,
                "height_m": height_m,
                "building": building,
            }
            for i, (x, y) in enumerate(places)
        ],
        "EPSG:2154",
        0.0,
    )


#: Models without a map: what they give is known beforehand.
STATISTICAL = {"rooftop": "uma", "tower": "uma", "pole": "umi"}


@pytest.fixture(scope="session")
def nr():
    return carrier("n78", models=STATISTICAL)


@pytest.fixture(scope="session")
def lte():
    return carrier("b3", models=STATISTICAL)


@pytest.fixture
def make():
    return SimpleNamespace(
        receivers=make_receivers, area=make_area, sites=make_sites, cells=cells_for
    )
