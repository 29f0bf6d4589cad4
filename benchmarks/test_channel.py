"""Fast fading of TR 38.901: how many links a second, and its parts.

Run: PYTHONPATH=src pytest benchmarks/test_channel.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.simulation.channel.drops import toy_drop

from cellwright.radio import Element
from cellwright.simulation.channel import PanelArray, cdl, fast_fading, large_scale, spreads

BASE = PanelArray(8, 8, 2, port_rows=2, element=Element())
USER = PanelArray(1, 2, 2, slants_deg=(0.0, 90.0))
BLOCKS = (np.arange(17) - 8) * 720e3


@pytest.mark.parametrize("ports", [1, 32])
def test_fast_fading(benchmark, ports):
    """60 users x 9 links x 17 blocks x 4 x 32, and from one port."""
    drop = toy_drop(users=60, sites=19)
    base = BASE if ports == 32 else PanelArray(8, 1, 1, port_rows=1, element=Element())
    result = benchmark(fast_fading, drop, "umi", base, USER, 9, BLOCKS, 1)
    benchmark.extra_info["links"] = result.cell.size


def test_large_scale(benchmark):
    drop = toy_drop(users=570, sites=19)
    benchmark(large_scale, drop, "uma", 1)


def test_spreads(benchmark):
    drop = toy_drop(users=200, sites=19)
    benchmark(spreads, drop, "uma", 1)


def test_clustered_delay_line(benchmark):
    benchmark(cdl, "C", 100e-9, BASE, USER, 3.5, BLOCKS, 50, 1)
