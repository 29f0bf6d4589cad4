"""A made-up radio map that needs no district: random levels of a few sites."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cellwright.network import carrier
from cellwright.supply.outage import Radio

NAMES = "ABCDEFGH"


def made_radio(seed=1, sites=4, count=400):
    """Random levels: 2 cells a site, every place and both sights."""
    rng = np.random.default_rng(seed)
    cells, shape = 2 * sites, (2 * sites, count)
    level = rng.normal(-112.0, 15.0, shape).astype(np.float32)
    received = xr.Dataset(
        {
            "rsrp_dbm": (("cell", "receiver"), level),
            "traffic_dbm": (("cell", "receiver"), level + np.float32(3.0)),
            "apart_db": ("cell", np.full(cells, -3.0, np.float32)),
            "spread_db": ("cell", np.full(cells, -3.0, np.float32)),
            "site_of_cell": ("cell", np.repeat(np.arange(sites), 2)),
            "sight": (("site", "receiver"), rng.integers(0, 2, (sites, count)).astype(np.uint8)),
            "sigma_db": (("site", "s", "p"), rng.uniform(4, 9, (sites, 2, 3)).astype(np.float32)),
            "place": ("receiver", rng.integers(0, 3, count).astype(np.uint8)),
        },
        coords={
            "cell": np.array([f"{NAMES[c // 2]}-{c % 2}" for c in range(cells)], object),
            "site": np.array(list(NAMES[:sites]), object),
        },
    )
    receivers = xr.Dataset(
        {
            "place": received["place"],
            "inside": ("receiver", rng.random(count) < 0.9),
            "residents": ("receiver", rng.gamma(1.0, 3.0, count)),
            "x_m": ("receiver", rng.uniform(0.0, 1000.0, count)),
            "y_m": ("receiver", rng.uniform(0.0, 1000.0, count)),
        },
        attrs={"pixel_m": 5.0},
    )
    return Radio(received, receivers, carrier("n78"), -105.0)


@pytest.fixture(scope="session")
def radio():
    """Give the maker of such a map."""
    return made_radio
