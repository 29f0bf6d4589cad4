"""The static level, drops on a map and gradients of a district's size.

Run: PYTHONPATH=src pytest benchmarks/test_static.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

import time

import numpy as np
import pytest
import xarray as xr

from cellwright.coverage import signal
from cellwright.network import carrier
from cellwright.simulation import Demand, throughput
from cellwright.simulation.map_drops import DropSettings, map_drops
from cellwright.simulation.shadow_waves import unit_shadow
from cellwright.simulation.sharing import Sharing

CELLS, SITES, RECEIVERS = 240, 80, 60_000


@pytest.fixture(scope="module")
def district():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0.0, 2400.0, (2, RECEIVERS))
    masts = rng.uniform(0.0, 2400.0, (SITES, 2))
    far = np.hypot(x - masts[:, :1], y - masts[:, 1:])
    turn = np.degrees(np.arctan2(x - masts[:, :1], y - masts[:, 1:]))
    level = np.empty((CELLS, RECEIVERS), np.float32)
    for cell in range(CELLS):
        site, off = cell // 3, (turn[cell // 3] - 120.0 * (cell % 3) + 180.0) % 360.0 - 180.0
        lost = 36.0 * np.log10(np.maximum(far[site], 20.0))
        level[cell] = 8.0 - lost - np.minimum(12.0 * (off / 65.0) ** 2, 30.0)
    received = xr.Dataset(
        {
            "rsrp_dbm": (("cell", "receiver"), level),
            "traffic_dbm": (("cell", "receiver"), level + np.float32(6.0)),
            "apart_db": ("cell", np.full(CELLS, -9.0, np.float32)),
            "spread_db": ("cell", np.zeros(CELLS, np.float32)),
            "element_dbm": ("cell", np.full(CELLS, 14.0)),
            "site_of_cell": ("cell", np.arange(CELLS) // 3),
            "place": ("receiver", np.zeros(RECEIVERS, np.uint8)),
            "sight": (("site", "receiver"), (far < 200.0).astype(np.uint8)),
            "sigma_db": (("site", "sight_state", "place_state"), np.full((SITES, 2, 3), 6.0)),
        },
        coords={
            "cell": [f"C{i}" for i in range(CELLS)], "site": [f"S{i}" for i in range(SITES)],
        },
    )  # fmt: skip
    people = xr.Dataset(
        {
            "residents": ("receiver", np.full(RECEIVERS, 0.7, np.float32)),
            "place": ("receiver", np.ones(RECEIVERS, np.uint8)),
            "inside": ("receiver", np.ones(RECEIVERS, bool)),
            "x_m": ("receiver", x),
            "y_m": ("receiver", y),
        }
    )
    return received, people


SHARINGS = {
    "margin": Sharing(),
    "fading": Sharing(fading="average"),
    "proportional-fair": Sharing(fading="average", scheduler="proportional-fair"),
    "max-ci": Sharing(fading="average", scheduler="max-ci"),
    "coupled-uplink": Sharing(uplink="coupled"),
}


@pytest.mark.parametrize("name", list(SHARINGS))
def test_static_level(benchmark, district, name):
    radio = carrier("b3")
    received, people = district
    heard = signal(received, radio)
    sharing, demand = SHARINGS[name], Demand(gb_per_user_month=60.0)
    throughput(received, heard, radio, people, demand, sharing=sharing)
    benchmark(throughput, received, heard, radio, people, demand, sharing=sharing)


def test_drops_of_lte_and_nr_are_far_within_thirty_seconds(benchmark, district):
    """1,000 users, 20 drops, both carriers: at most 30 s."""
    received, people = district
    how = DropSettings()

    def both():
        return [map_drops(received, carrier(name), people, how=how) for name in ("n78", "b3")]

    both()
    start = time.perf_counter()
    benchmark.pedantic(both, rounds=1)
    assert time.perf_counter() - start < 30.0


def test_shadows_by_waves_against_maps(benchmark):
    """Correlated shadows of 80 sites at 1,000 users: waves against a filtered map per site."""
    from cellwright.propagation.shadow_fading import unit_shadow_map

    rng = np.random.default_rng(2)
    x, y = rng.uniform(0.0, 2400.0, (2, 1000))
    wide = np.full((SITES, 1000), 37.0)
    names = [f"S{i}" for i in range(SITES)]
    unit_shadow(names, x, y, wide, 1)
    start = time.process_time()
    unit_shadow_map((480, 480), 5.0, 37.0, 1)
    one_map = time.process_time() - start
    start = time.process_time()
    unit_shadow(names, x, y, wide, 1, 1)
    waves = time.process_time() - start
    print(f"\nshadows: waves {waves * 1e3:.1f} ms, maps {SITES * one_map * 1e3:.0f} ms")
    benchmark(unit_shadow, names, x, y, wide, 1, 2)
    assert waves < SITES * one_map
