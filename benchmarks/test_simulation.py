"""Rate tables and the load of a district's cells.

Run: PYTHONPATH=src pytest benchmarks/test_simulation.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cellwright.coverage import signal
from cellwright.network import carrier
from cellwright.simulation import Demand, LinkSettings, rate_table, throughput

CELLS, RECEIVERS = 90, 60_000


@pytest.mark.parametrize("name", ["n78", "b3"])
@pytest.mark.parametrize("way", ["downlink", "uplink"])
def test_rate_table(benchmark, name, way):
    radio, settings = carrier(name), LinkSettings()
    benchmark(rate_table.__wrapped__, radio, way, settings)


@pytest.mark.parametrize("name", ["n78", "b3"])
def test_throughput(benchmark, name):
    radio, rng = carrier(name), np.random.default_rng(1)
    level = rng.uniform(-140, -70, (CELLS, RECEIVERS)).astype(np.float32)
    received = xr.Dataset(
        {
            "rsrp_dbm": (("cell", "receiver"), level),
            "traffic_dbm": (("cell", "receiver"), level + np.float32(6.0)),
            "apart_db": ("cell", np.full(CELLS, -9.0, np.float32)),
            "spread_db": ("cell", np.zeros(CELLS, np.float32)),
            "element_dbm": ("cell", np.full(CELLS, 14.0)),
            "site_of_cell": ("cell", np.arange(CELLS)),
            "place": ("receiver", np.zeros(RECEIVERS, np.uint8)),
            "sight": (("site", "receiver"), np.zeros((CELLS, RECEIVERS), np.uint8)),
            "sigma_db": (("site", "sight_state", "place_state"), np.full((CELLS, 2, 3), 6.0)),
        },
        coords={"cell": [f"C{i}" for i in range(CELLS)]},
    )
    people = xr.Dataset(
        {
            "residents": ("receiver", np.full(RECEIVERS, 0.7, np.float32)),
            "place": ("receiver", np.ones(RECEIVERS, np.uint8)),
        }
    )
    heard = signal(received, radio)
    benchmark(throughput, received, heard, radio, people, Demand())
