"""The slot loop itself, many antennas by the link's law: compiled, without allocation inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.slots.block_errors import (
    LEAST,
    block_error,
    effective_db,
    from_db,
    ratio_at,
    ratio_row,
    ratio_row_uplink,
    to_db,
)
from cellwright.simulation.slots.fading import refresh
from cellwright.simulation.slots.harq import give_feedback, make_blocks, settle
from cellwright.simulation.slots.queues import arrive
from cellwright.simulation.slots.schedule import report_rank, share_out, use_reports

Loop = Callable[..., None]
#: Compiles a loop in which no array is made: whoever calls it holds them all, so references need no
#: counting, which took a third of the time of a wideband slot.
allocation_free: Callable[[Loop], Loop] = njit(  # type: ignore[call-overload]
    cache=True, error_model="numpy", _nrt=False
)


@njit(cache=True, error_model="numpy")
def _reports(
    s: Any, t: Any, net: Any, rules: Any, everywhere: Any, slot: Any, ratio: Any, tried: Any
) -> None:
    """Measure the users whose turn it is."""
    level, rest, cell, serving, density = net.level, net.rest, net.cell, net.serving, net.density
    steps, fade, power = (t.cqi_ratio, t.cqi_step, t.cqi_rate), s.fade, s.activity
    coming, rate, rank, gain, prbs = s.coming, s.coming_rate, s.coming_rank, net.gain, t.prbs
    first = (rules.period - slot % rules.period) % rules.period
    for u in range(first, coming.shape[0], rules.period):
        if rules.uplink:
            ratio_row_uplink(u, serving[u], level[u, 0] * density[u], fade, power, ratio)
        else:
            ratio_row(u, level, rest, fade, cell, power, everywhere, ratio)
        rank[u] = report_rank(u, ratio, gain, prbs, rules.fine, steps, tried, coming, rate)


@njit(cache=True, fastmath=True, error_model="numpy")
def mean_over_cells(level: Any, out: Any) -> None:
    """Write the mean over cells of ``level`` [cell, group]."""
    out[:] = np.float32(0.0)
    for c in range(level.shape[0]):
        for r in range(level.shape[1]):
            out[r] += level[c, r]
    for r in range(out.size):
        out[r] /= level.shape[0]


@njit(cache=True, fastmath=True, error_model="numpy")
def _power_on_air(s: Any, net: Any, rules: Any, owner: Any) -> None:
    """Write what every cell sends (downlink) or hears from strangers (uplink), by group."""
    cells, groups = owner.shape
    if not rules.uplink:
        for c in range(cells):
            for r in range(groups):
                s.flag[c, r] = 1.0 if owner[c, r] >= 0 else rules.idle
    else:
        s.flag[:] = np.float32(0.0)
        for c in range(cells):
            for r in range(groups):
                u = owner[c, r]
                if u >= 0:
                    for b in range(cells):
                        s.flag[b, r] += net.density[u] * net.up[u, b]
                    s.flag[c, r] -= net.density[u] * net.up[u, c]
        for c in range(cells):
            for r in range(groups):
                s.flag[c, r] = max(s.flag[c, r], np.float32(0.0))
    for c in range(cells):
        for r in range(groups):
            s.activity[c, r] += rules.activity * (s.flag[c, r] - s.activity[c, r])


@njit(cache=True, error_model="numpy")
def _send(
    s: Any,
    t: Any,
    net: Any,
    rules: Any,
    tally: Any,
    everywhere: Any,
    queue: Any,
    n: Any,
    place: Any,
    room: Any,
) -> None:
    """Send ``n`` blocks and draw their fate; ``place``: slot, first counted slot, batch."""
    prbs, seen, clean, floor, orders = t.prbs, t.seen, t.clean, t.floor, t.order
    elements, count, info, gap, each = t.elements, t.pieces, t.info, t.gap, t.each
    level, rest, cell, serving, density = net.level, net.rest, net.cell, net.serving, net.density
    gain, block, fade, flag, uplink = net.gain, s.block, s.fade, s.flag, rules.uplink
    ratio, weight, wrong = room
    due = place[0] + t.retry[place[0] % t.retry.size]
    for i in range(n):
        u, p = queue[i, 0], queue[i, 1]
        b = block[u, p]
        m, kind, blocks, mask, k = b.scheme, b.kind, b.blocks, b.mask, b.layers - 1
        row, parts, lift = orders[m], 0, gain[u, k]
        for r in range(prbs.size):
            if (mask >> r) & 1:
                if uplink:
                    noise = np.float32(1.0) + flag[serving[u], r]
                    heard = max(level[u, 0] * density[u] * fade[u, 0, r] / noise, LEAST)
                else:
                    heard = ratio_at(u, r, level, rest, fade, cell, flag, everywhere)
                ratio[parts], weight[parts] = heard * lift, prbs[r]
                parts += 1
        db = effective_db(ratio, weight, parts, row, seen, clean, floor)
        wrong[i] = block_error(
            db if b.heard == 0.0 else to_db(b.heard + from_db(db)), row,
            blocks * each[k] * elements[kind], count[kind, m, k, blocks], info[kind, m, k, blocks],
            gap[kind, m, k, blocks], clean,
        )  # fmt: skip
        if b.luck <= wrong[i]:
            b.heard += from_db(db)
    settle(s, rules, tally, net, queue, wrong, n, due, place)


@njit(cache=True, fastmath=True)
def average_rates(average: Any, got: Any, share: Any) -> None:
    """Move the proportional fair averages on by one slot."""
    for u in range(average.size):
        average[u] = max(average[u] + share * (got[u] - average[u]), 1.0)
        got[u] = 0.0


class Room(NamedTuple):
    """Scratch of the loop.

    ``owner`` [cell, group]: user served now; ``chosen`` [user]: process to be sent again;
    ``weight``, ``need``, ``left`` [user]: its metric's factor, bits to send, groups it can feed;
    ``queue`` [block, 2]: user and process to send; ``before``, ``now`` [group]: mean power of
    cells; ``ratio``, ``share`` [group]: SINR and size of a block's groups; ``levels``, ``rates``
    [1, group]: a report on trial; ``wrong`` [block]: chance to fail.
    """

    owner: NDArray[np.int64]
    chosen: NDArray[np.int64]
    weight: NDArray[np.float64]
    need: NDArray[np.float64]
    left: NDArray[np.int64]
    queue: NDArray[np.int64]
    before: NDArray[np.float32]
    now: NDArray[np.float32]
    ratio: NDArray[np.float32]
    share: NDArray[np.float64]
    levels: NDArray[np.int16]
    rates: NDArray[np.float32]
    wrong: NDArray[np.float64]


def new_room(users: int, cells: int, groups: int) -> Room:
    """Make the scratch of :func:`run_slots`."""
    whole, single = np.int64, np.float32
    return Room(
        np.full((cells, groups), -1),
        np.full(users, -1),
        np.zeros(users),
        np.zeros(users),
        np.zeros(users, whole),
        np.zeros((users, 2), whole),
        np.zeros(groups, single),
        np.zeros(groups, single),
        np.zeros(groups, single),
        np.zeros(groups),
        np.zeros((1, groups), np.int16),
        np.zeros((1, groups), single),
        np.zeros(users),
    )


@allocation_free
def run_slots(
    s: Any,
    t: Any,
    net: Any,
    flow: Any,
    rules: Any,
    qos: Any,
    waves: Any,
    tally: Any,
    room: Any,
    span: Any,
) -> None:
    """Run slots ``span[0]`` to ``span[1]``; counting starts at ``span[2]``."""
    begin, end, since = span
    tried = (room.levels, room.rates)
    shared = (room.owner, room.chosen, room.weight, room.need, room.left)
    heard = (room.ratio, room.share, room.wrong)
    owner, chosen, queue, now, before = room.owner, room.chosen, room.queue, room.now, room.before
    batches = tally.slots.size
    for slot in range(begin, end):
        batch = max(slot - since, 0) * batches // max(end - since, 1)
        if rules.moves:
            refresh(waves, s.fade, slot % waves.phase.shape[0])
        mean_over_cells(s.activity, before)
        give_feedback(s, rules, tally, net, slot, since)
        _reports(s, t, net, rules, before, slot, room.ratio, tried)
        use_reports(s, rules, tally, slot, since)
        kind = t.kind[slot % t.kind.size] - 1
        if kind >= 0:
            tally.slots[batch] += slot >= since
            share_out(s, t, net, rules, qos, slot, t.elements[kind], shared)
            _power_on_air(s, net, rules, owner)
            mean_over_cells(s.flag, now)
            n = make_blocks(s, t, kind, owner, chosen, queue)
            _send(s, t, net, rules, tally, now, queue, n, (slot, since, batch), heard)
            average_rates(s.average, s.got, rules.pf)
        arrive(s, flow, rules, tally, slot, slot >= since)
