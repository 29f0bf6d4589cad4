"""User-steps per second along walks, beside a peer on the same trace.

Run: PYTHONPATH=src pytest benchmarks/test_mobility.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

import time

import numpy as np
import pytest

from cellwright.simulation.mobility import (
    HandoverSettings,
    Residual,
    Shadowing,
    Walk,
    hexagon_cluster,
    hexagon_source,
    map_source,
    mobility,
    straight_walks,
)

USERS, SECONDS = 40, 60.0


def plain_loss(distance_m):
    return 128.1 + 37.6 * np.log10(np.maximum(distance_m, 35.0) / 1000.0)


@pytest.fixture(scope="module")
def cluster():
    return hexagon_cluster(19, 500.0)


@pytest.fixture(scope="module")
def walk(cluster):
    return straight_walks(cluster, USERS, SECONDS, shares={"car": 1.0})


@pytest.fixture(scope="module")
def table(cluster):
    """A map of the cluster, a place every 10 m, 57 cells with shadows of their own."""
    x, y = np.meshgrid(np.arange(-1300.0, 1300.0, 10.0), np.arange(-1300.0, 1300.0, 10.0))
    level = hexagon_source(cluster, plain_loss, 15.0)(x.ravel(), y.ravel())
    level = np.repeat(level, 3, axis=1)
    level += np.random.default_rng(1).normal(0.0, 6.0, level.shape)
    return map_source(x.ravel(), y.ravel(), level.T, 10.0)


def test_walk_over_a_map(benchmark, walk, table):
    benchmark(mobility, walk, table, noise_dbm=-125.0)


def test_walk_over_a_map_with_fading(benchmark, walk, table):
    benchmark(mobility, walk, table, noise_dbm=-125.0, residual=Residual(3.5))


def test_walk_over_a_formula(benchmark, walk, cluster):
    source = hexagon_source(cluster, plain_loss, 15.0)
    benchmark(mobility, walk, source, noise_dbm=-125.0, shadowing=Shadowing(6.0, 50.0))


def _best_of(job, repeats=3):
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        job()
        spent.append(time.process_time() - start)
    return min(spent)


def test_against_a_peer(benchmark, monkeypatch):
    """The same trace (40 users, 122 cells, 10 ms steps) through both, in processor seconds.

    ``same_trace``: levels in, events out. ``map``: the same users over a map of such cells, as a
    planner runs it; the peer's radio and protocol of its whole run stand beside it.
    """
    handoverlab = pytest.importorskip("handoverlab")
    from handoverlab.channel.source import Chunk, RadioSource
    from handoverlab.engine.core import Engine
    from handoverlab.world import build_world

    monkeypatch.setenv("CELLWRIGHT_THREADS", "1")
    scenario = handoverlab.Scenario.from_dict(
        {
            "layout": {"kind": "open_area"},
            "mobility": {"users": USERS},
            "run": {"duration_s": 20.0, "warmup_s": 0.0, "backend": "numba"},
        }
    )
    world = build_world(scenario, 3)
    parts: list = []
    radio_s = _best_of(lambda: parts.append(list(RadioSource(world).chunks())), 2)
    level = np.concatenate([part.rsrp for part in parts[-1]])
    heard = np.concatenate([part.l1 for part in parts[-1]])

    def peer():
        engine = Engine(world, handoverlab.A3(off_db=3.0, ttt_s=0.16))
        engine.advance(chunk)
        engine.finish()

    chunk = Chunk.from_rsrp(0, level, 4, heard)
    own_level = level.astype(np.float32)
    steps = np.broadcast_to(np.arange(level.shape[0], dtype=float), level.shape[1::-1]).copy()
    who = np.repeat(np.arange(USERS, dtype=float)[:, None], level.shape[0], axis=1)
    trace = Walk(steps, who, np.ones(USERS), ("car",) * USERS, 0.01)
    settings = HandoverSettings(t304_s=1.0, holdoff_s=0.2, command="waits")
    radio = {"noise_dbm": scenario.radio.noise_dbm, "load": 0.15}

    def ours():
        return mobility(
            trace, lambda x, y: own_level[x.astype(int), y.astype(int)], settings, **radio
        )

    place = np.random.default_rng(2).integers(0, level.shape[0], 20_000)
    x, y = np.meshgrid(np.arange(200.0) * 5.0, np.arange(100.0) * 5.0)
    rows = own_level[place, place % USERS]
    source = map_source(x.ravel(), y.ravel(), rows.T)
    way = Walk(world.x.T % 1000.0, world.y.T % 500.0, world.speed, ("car",) * USERS, 0.01)

    def over_map():
        return mobility(way, source, settings, **radio)

    for job in (peer, ours, over_map):
        job()
    count = level.shape[0] * USERS
    rates = {
        name: count / _best_of(job) / 1e6
        for name, job in (("peer_engine", peer), ("same_trace", ours), ("map", over_map))
    }
    rates["peer_whole"] = 1.0 / (1.0 / rates["peer_engine"] + radio_s * 1e6 / count)
    benchmark.extra_info.update({f"{name}_m_steps_s": round(v, 3) for name, v in rates.items()})
    print({name: round(value, 3) for name, value in rates.items()})
    benchmark(over_map)
