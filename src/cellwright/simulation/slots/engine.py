"""The slot loop itself, many antennas by the link's law: compiled, without allocation inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

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
            ratio_row_uplink(level[u, 0] * density[u], fade[u], power[serving[u]], ratio)
        else:
            ratio_row(level[u], rest[u], fade[u], cell[u], power, everywhere, ratio)
        rank[u] = report_rank(ratio, gain[u], prbs, rules.fine, steps, tried, coming[u], rate[u])


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


@njit(cache=True, error_model="numpy")
def run_slots(
    s: Any, t: Any, net: Any, flow: Any, rules: Any, qos: Any, waves: Any, tally: Any, span: Any
) -> None:
    """Run slots ``span[0]`` to ``span[1]``; counting starts at ``span[2]``."""
    begin, end, since = span
    users, cells, groups = net.name.size, net.first.size - 1, t.prbs.size
    owner, chosen = np.full((cells, groups), -1), np.full(users, -1)
    active, left = np.zeros(users, np.int64), np.zeros(users, np.int64)
    room = (owner, chosen, active, np.zeros(users), np.zeros(users), left)
    queue = np.zeros((users, 2), np.int64)
    now, before = np.zeros(groups, np.float32), np.zeros(groups, np.float32)
    ratio = np.zeros(groups, np.float32)
    tried = np.zeros(groups, np.float32), np.zeros(groups, np.int16), np.zeros(groups, np.float32)
    heard = (ratio, np.zeros(groups), np.zeros(users))
    batches = tally.slots.size
    for slot in range(begin, end):
        batch = max(slot - since, 0) * batches // max(end - since, 1)
        if rules.moves:
            refresh(waves, s.fade, slot % rules.fading_step, rules.fading_step)
        mean_over_cells(s.activity, before)
        give_feedback(s, rules, tally, net, slot, since)
        _reports(s, t, net, rules, before, slot, ratio, tried)
        use_reports(s, rules, tally, slot, since)
        kind = t.kind[slot % t.kind.size] - 1
        if kind >= 0:
            tally.slots[batch] += slot >= since
            share_out(s, t, net, rules, qos, slot, t.elements[kind], room)
            _power_on_air(s, net, rules, owner)
            mean_over_cells(s.flag, now)
            n = make_blocks(s, t, kind, owner, chosen, queue)
            _send(s, t, net, rules, tally, now, queue, n, (slot, since, batch), heard)
            average_rates(s.average, s.got, rules.pf)
        arrive(s, flow, rules, tally, slot, slot >= since)
