"""The same trace through an independent second implementation: every event at the same time."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.simulation.mobility import HandoverSettings, Residual, Walk, mobility

handoverlab = pytest.importorskip("handoverlab")

NAMES = {
    "report": "report",
    "execute": "exec",
    "complete": "attach",
    "failure": "failure",
    "return": "reestablish",
}


@pytest.fixture(scope="module")
def trace():
    """A noisy trace of 12 users among 122 cells, 30 s: levels and measurements."""
    from handoverlab.channel.source import RadioSource
    from handoverlab.world import build_world

    scenario = handoverlab.Scenario.from_dict(
        {
            "layout": {"kind": "open_area"},
            "mobility": {"users": 12},
            "run": {"duration_s": 30.0, "warmup_s": 0.0},
        }
    )
    world = build_world(scenario, 3)
    # a fixed load everywhere: users add none of their own
    world.bg_load[:] = 0.5
    world.services.rate[:] = 0.0
    parts = list(RadioSource(world).chunks())
    level = np.concatenate([part.rsrp for part in parts]).astype(np.float32)
    heard = np.concatenate([part.l1 for part in parts]).astype(np.float32)
    return scenario, world, level, heard


class Given(Residual):
    """Measurements less levels, as the trace has them."""

    table = None

    def draw(self, walk, user, cells, period_s, seed):
        return self.table[user][:, cells]


def theirs(trace, offset_db, ttt_s, command, n310):
    from handoverlab.channel.source import Chunk
    from handoverlab.engine.core import Engine

    scenario, world, level, heard = trace
    scenario.protocol.cmd_during_t310 = command
    scenario.protocol.n310 = n310
    engine = Engine(world, handoverlab.A3(off_db=offset_db, ttt_s=ttt_s), log_events="full")
    engine.advance(Chunk.from_rsrp(0, level.astype(float), engine.mp, heard.astype(float)))
    engine.finish()
    rows = [row for row in engine.trace_log if row[2] != "serve"]
    # a failure names the next cell there, and the cell aimed at here
    return {(r[0], r[1], r[2], r[3], -1 if r[2] == "failure" else r[4]) for r in rows}


def ours(trace, offset_db, ttt_s, command, n310):
    scenario, world, level, heard = trace
    given = scenario.protocol
    settings = HandoverSettings(
        offset_db=offset_db - 1.0, hysteresis_db=1.0, ttt_s=ttt_s, l3_k=given.l3_k, n310=n310,
        holdoff_s=given.rlm_holdoff_s, t304_s=given.t304_s, qout_db=given.qout_db,
        qin_db=given.qin_db, t310_s=given.t310_s, reestablish_s=given.reest_s,
        command="waits" if command == "receive" else "lost",
    )  # fmt: skip
    users = np.arange(world.n_users, dtype=np.float64)
    steps = np.arange(level.shape[0], dtype=np.float64)
    x, y = (
        np.broadcast_to(steps, (users.size, steps.size)),
        np.repeat(users[:, None], steps.size, 1),
    )
    walk = Walk(x.copy(), y, np.ones(users.size), ("car",) * users.size, 0.01)
    residual = Given(1.0)
    Given.table = (heard - level[::4]).transpose(1, 0, 2).astype(np.float32)
    events = mobility(
        walk, lambda a, b: level[a.astype(int), b.astype(int)], settings,
        load=0.5 * scenario.radio.isolation, noise_dbm=scenario.radio.noise_dbm, residual=residual,
    ).events  # fmt: skip
    return {
        (round(t, 4), user, NAMES[event], source, -1 if event == "failure" else target)
        for t, user, event, source, target in zip(
            *(events[name] for name in ("t_s", "user", "event", "source", "target")), strict=True
        )
    }


@pytest.mark.parametrize("command", ["lost", "receive"])
@pytest.mark.parametrize(
    ("offset_db", "ttt_s", "n310"), [(3.0, 0.0, 1), (3.0, 0.16, 1), (2.0, 0.64, 4)]
)
def test_all_events_at_the_same_time(trace, offset_db, ttt_s, command, n310):
    one, other = (f(trace, offset_db, ttt_s, command, n310) for f in (ours, theirs))
    assert len(one) > 150
    assert one == other
