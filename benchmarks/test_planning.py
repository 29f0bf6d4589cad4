"""Choosing sites in central Nantes: seconds, and how far from the proven best.

Run with ``pytest benchmarks/test_planning.py --benchmark-only -s``.
"""

from __future__ import annotations

import pytest

from cellwright.geo import load_area, read_district, receivers, shipped_district
from cellwright.network import carrier
from cellwright.planning import Goal, candidates, plan


@pytest.fixture(scope="module")
def nantes():
    area = load_area(read_district(shipped_district("nantes")))
    return area, candidates(area), receivers(area)


@pytest.mark.parametrize(
    ("outdoor_dbm", "indoor_dbm", "share"), [(-85.0, -95.0, 0.85), (-95.0, -105.0, 0.95)]
)
def test_plan_of_nantes(benchmark, nantes, outdoor_dbm, indoor_dbm, share):
    area, places, phones = nantes
    goal = Goal(outdoor_dbm=outdoor_dbm, indoor_dbm=indoor_dbm, share=share)
    found = benchmark.pedantic(
        plan, (area, places, carrier("n78"), phones), {"goal": goal}, rounds=1, warmup_rounds=1
    )
    benchmark.extra_info.update(
        sites=len(found.sites), gap=found.gap, share_gap=found.share_gap, **found.seconds
    )
    print(f"\n{found.status}\n{found.seconds}")
    assert len(places) >= 150
    assert found.share_gap <= 0.03
