"""Stress of a bill of 400 parts by 60 suppliers: assembled once, against assembled anew each time.

Run: pytest benchmarks/test_survive.py --benchmark-enable --benchmark-only -s
Asked: all 60 single-supplier outages, time to survive and impact, within 2 s.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from cellwright.supply import Stress, chain, survive

PARTS, SUPPLIERS, EQUIPMENT = 400, 60, 6


def bill(seed=1):
    """Return a site of six kinds of equipment with 400 parts of 60 suppliers."""
    rng = np.random.default_rng(seed)
    units = [f"unit {k}" for k in range(EQUIPMENT)]
    parts = [f"part {k}" for k in range(PARTS)]
    makers = [f"S{k}" for k in rng.permutation(np.arange(PARTS) % SUPPLIERS)]
    nodes = pd.DataFrame({"node": ["site", *units, *parts]})
    nodes["demand"] = [10.0] + [0.0] * (EQUIPMENT + PARTS)
    nodes["stock"] = [0.0, *[20.0] * EQUIPMENT, *rng.uniform(50.0, 900.0, PARTS)]
    nodes["supplier"] = ["", *[""] * EQUIPMENT, *makers]
    rows = [("site", unit, float(rng.integers(1, 4))) for unit in units]
    each = rng.integers(1, 5, PARTS)
    rows += [(units[k % EQUIPMENT], part, float(each[k])) for k, part in enumerate(parts)]
    return chain(nodes, pd.DataFrame(rows, columns=["parent", "child", "quantity"]))


def by_hand(made):
    """Time to survive of each supplier: the first part of theirs to run out."""
    inner = {row.child: (row.parent, row.quantity) for row in made.edges.itertuples()}
    stock, lasts = made.nodes["stock"], {}
    for part, supplier in made.nodes["supplier"].items():
        if supplier:
            unit, each = inner[part]
            months = (stock[part] + each * stock[unit]) / (10.0 * each * inner[unit][1])
            lasts[supplier] = min(months, lasts.get(supplier, np.inf))
    return lasts


def anew(made):
    """Assemble the programme for every outage."""
    named = made.nodes[made.nodes["supplier"] != ""].groupby("supplier")
    return [Stress(made).table({name: list(mine.index)}, 12.0) for name, mine in named]


def test_sixty_outages(benchmark):
    made = bill()
    found = benchmark.pedantic(survive, args=(made,), rounds=3)
    ours, naive = [], []
    for _ in range(2):
        start = time.process_time()
        survive(made)
        ours.append(time.process_time() - start)
        start = time.process_time()
        anew(made)
        naive.append(time.process_time() - start)
    ratio = min(naive) / min(ours)
    print(f"60 outages: {min(ours):.2f} CPU s; assembled anew {ratio:.1f} times that")
    lasts = by_hand(made)
    assert len(found) == SUPPLIERS
    expected = [lasts[name] for name in found["outage"]]
    np.testing.assert_allclose(found["tts_months"], expected, rtol=1e-6)
    assert min(ours) < 2.0
