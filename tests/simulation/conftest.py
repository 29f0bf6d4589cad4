"""A handful of cells and users made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from cellwright.coverage import signal
from cellwright.network import carrier

NR, LTE = carrier("n78"), carrier("b3")


def make_received(traffic, radio, *, sight=1, apart_db=0.0, rsrp_below_db=6.0):
    traffic = np.asarray(traffic, np.float32)
    cells, count = traffic.shape
    fixed = radio.user_gain_dbi - radio.user_loss_db - radio.base_loss_db
    return xr.Dataset(
        {
            "rsrp_dbm": (("cell", "receiver"), traffic - np.float32(rsrp_below_db)),
            "traffic_dbm": (("cell", "receiver"), traffic),
            "apart_db": ("cell", np.full(cells, apart_db, np.float32)),
            "spread_db": ("cell", np.zeros(cells, np.float32)),
            "element_dbm": ("cell", np.full(cells, radio.reference_power_dbm + fixed)),
            "site_of_cell": ("cell", np.arange(cells)),
            "place": ("receiver", np.zeros(count, np.uint8)),
            "sight": (("site", "receiver"), np.full((cells, count), sight, np.uint8)),
            "sigma_db": (("site", "sight_state", "place_state"), np.full((cells, 2, 3), 6.0)),
        },
        coords={"cell": [f"C{i}" for i in range(cells)]},
    )


def make_receivers(residents, place=1, inside=True):
    residents = np.asarray(residents, np.float32)
    n = residents.size
    return xr.Dataset(
        {
            "residents": ("receiver", residents),
            "place": ("receiver", np.broadcast_to(np.uint8(place), n).copy()),
            "inside": ("receiver", np.broadcast_to(inside, n).copy()),
        },
        attrs={"pixel_m": 5.0},
    )


@pytest.fixture
def make():
    return SimpleNamespace(received=make_received, receivers=make_receivers, signal=signal)


@pytest.fixture(scope="session")
def nr():
    return NR


@pytest.fixture(scope="session")
def lte():
    return LTE
