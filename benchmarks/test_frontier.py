"""Options and frontier of a pilot of 100 sites, 3 vendors and all shipped scenarios.

Run: pytest benchmarks/test_frontier.py --benchmark-enable --benchmark-only -s
Asked: about 60 s. What it must cost: some 45 roll-outs over time and 21 small integer programmes.
"""

from __future__ import annotations

import time

from tests.supply.pilot import pilot

from cellwright.supply import Parties, Party, example_parties, scenarios
from cellwright.supply.frontier import frontier, hedge_options


def test_a_pilot(benchmark):
    # a quick round without timing takes a smaller pilot
    sites, vendors = (100, ["nokia", "ericsson"]) if benchmark.enabled else (20, ["nokia"])
    elements, phases = pilot(sites, 5, vendors=("huawei",), core="nokia")
    group = Parties([*example_parties(), Party("R", "R", country="FR")])
    every = list(scenarios().values())

    def trace():
        options = hedge_options(elements, phases, group, every, vendors)
        return options, frontier(options, elements, group, ["huawei"])

    start = time.process_time()
    options, found = benchmark.pedantic(trace, rounds=1)
    spent = time.process_time() - start
    points = found.points
    print(f"{len(options.table)} options, {len(points)} points: {spent:.0f} CPU s")
    assert (8 if benchmark.enabled else 2) <= len(points) <= 12
    assert spent < 60.0
