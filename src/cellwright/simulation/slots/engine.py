"""The slot loop itself, one antenna port: compiled, without allocation inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from cellwright.simulation.slots.block_errors import (
    block_error,
    effective_db,
    effective_db_uplink,
    sinr_row,
    sinr_row_uplink,
    to_db,
)
from cellwright.simulation.slots.draws import uniform
from cellwright.simulation.slots.fading import refresh
from cellwright.simulation.slots.queues import arrive, damage, deliver
from cellwright.simulation.slots.schedule import best_scheme, report_row, share_out, use_row

_ONE = np.uint64(1)
_NEVER = np.iinfo(np.int64).max


@njit(cache=True, inline="always")
def feedback(s: Any, rules: Any, tally: Any, net: Any, u: Any, slot: Any, since: Any) -> None:
    """Act on every acknowledgement that is due, and on blocks HARQ gives up."""
    wake = _NEVER
    for p in range(s.mode.shape[1]):
        if s.mode[u, p] == 1 and s.when[u, p] <= slot:
            if s.round[u, p] == 1:
                change = rules.up_db if s.good[u, p] else -rules.down_db
                s.offset[u] = min(max(s.offset[u] + change, -15.0), 15.0)
            if s.good[u, p]:
                s.mode[u, p] = 0
            elif s.round[u, p] < rules.transmissions:
                s.mode[u, p] = 2
            else:
                _give_up(s, rules, tally, net, u, p, slot, since)
        if s.mode[u, p] != 0:
            wake = min(wake, s.when[u, p])
    s.wake[u] = wake


@njit(cache=True)
def _give_up(
    s: Any, rules: Any, tally: Any, net: Any, u: Any, p: Any, slot: Any, since: Any
) -> None:
    counting = slot >= since
    if counting:
        tally.given_up[u] += 1
    if rules.acknowledged:
        s.mode[u, p], s.when[u, p] = 2, slot + rules.rlc
        s.round[u, p], s.heard[u, p] = 0, 0.0
        s.luck[u, p] = uniform(s.draw, 2 * u + 1)
        return
    if counting:
        tally.lost[u] += s.bits[u, p]
    damage(s, u, s.start[u, p], s.bits[u, p])
    s.mode[u, p] = 0
    deliver(s, rules, tally, net, u, slot - 1, since)


@njit(cache=True, error_model="numpy", inline="always")
def heard(s: Any, net: Any, rules: Any, everywhere: Any, level: Any, u: Any, out: Any) -> None:
    """Write the SINR [dB] of a user by group when cells send, or bases hear, ``level``."""
    if rules.uplink:
        own = net.level[u, 0] * net.density[u]
        sinr_row_uplink(own, s.fade[u], level[net.serving[u]], out)
    else:
        sinr_row(net.level[u], net.rest[u], s.fade[u], net.cell[u], level, everywhere, out)


@njit(cache=True, error_model="numpy")
def _reports(s: Any, t: Any, net: Any, rules: Any, everywhere: Any, slot: Any, db: Any) -> None:
    """Measure the users whose turn it is, and put reports to use that have come of age."""
    first = (rules.period - slot % rules.period) % rules.period
    for u in range(first, net.name.size, rules.period):
        heard(s, net, rules, everywhere, s.activity, u, db)
        report_row(db, rules.fine, t.cqi_db, s.coming[u])
    first = (rules.delay + rules.period - slot % rules.period) % rules.period
    for u in range(first, net.name.size, rules.period):
        use_row(s.coming[u], t.cqi_db, t.cqi_rate, s.report[u], s.rate[u])


@njit(cache=True)
def give_feedback(s: Any, rules: Any, tally: Any, net: Any, slot: Any, since: Any) -> None:
    """Act on the acknowledgements of every user that is due."""
    for u in range(net.name.size):
        if s.wake[u] <= slot:
            feedback(s, rules, tally, net, u, slot, since)


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
def _make(
    s: Any, t: Any, rules: Any, net: Any, kind: Any, owner: Any, chosen: Any, queue: Any
) -> Any:
    """Fill processes with new data and list ``queue`` [block] of users to send; how many."""
    prbs, seen, order, need, tbs = t.prbs, t.seen, t.order, t.need, t.tbs
    mode, report, offset, draw = s.mode, s.report, s.offset, s.draw
    arrived, sent, bits, start, size = s.arrived, s.sent, s.bits, s.start, s.size
    masks, blocks_of, scheme, kinds = s.mask, s.blocks, s.scheme, s.kind
    heard, luck, rounds = s.heard, s.luck, s.round
    n = 0
    for c in range(owner.shape[0]):
        for r in range(prbs.size):
            u = owner[c, r]
            if u < 0 or chosen[u] < 0:
                continue
            p = chosen[u]
            chosen[u] = -1
            queue[n, 0], queue[n, 1] = u, p
            n += 1
            if mode[u, p] != 0:
                continue
            mask, blocks = np.uint64(0), 0
            for k in range(r, prbs.size):
                if owner[c, k] == u:
                    mask |= _ONE << np.uint64(k)
                    blocks += prbs[k]
            m = best_scheme(seen, order, need, prbs, report, u, offset[u], mask, blocks)
            masks[u, p], blocks_of[u, p], scheme[u, p], kinds[u, p] = mask, blocks, m, kind
            size[u, p] = tbs[kind, m, 0, blocks]
            start[u, p] = sent[u]
            bits[u, p] = min(size[u, p], arrived[u] - sent[u])
            sent[u] += bits[u, p]
            heard[u, p], rounds[u, p] = 0.0, 0
            luck[u, p] = uniform(draw, 2 * u + 1)
    return n


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
) -> None:
    """Send ``n`` blocks and draw their fate; ``place``: slot, first counted slot, batch."""
    slot, since, batch = place
    prbs, seen, clean, spread = t.prbs, t.seen, t.clean, t.spread
    orders, elements, count, info, gap = t.order, t.elements, t.pieces, t.info, t.gap
    level, rest, cell, serving, density = net.level, net.rest, net.cell, net.serving, net.density
    mode, good, masks, blocks_of, scheme = s.mode, s.good, s.mask, s.blocks, s.scheme
    kinds, heard, luck, rounds, when = s.kind, s.heard, s.luck, s.round, s.when
    wake, bits, got, waiting, fade, flag = s.wake, s.bits, s.got, s.waiting, s.fade, s.flag
    used, firsts, first_errors = tally.used, tally.firsts, tally.first_errors
    decoded, counted = tally.rounds, tally.bits
    uplink = rules.uplink
    again = slot + t.retry[slot % t.retry.size]
    for i in range(n):
        u, p = queue[i, 0], queue[i, 1]
        m, kind, blocks, mask = scheme[u, p], kinds[u, p], blocks_of[u, p], masks[u, p]
        row = orders[m]
        if uplink:
            own = level[u, 0] * density[u]
            db = effective_db_uplink(
                u, own, fade, serving[u], flag, mask, prbs, seen[row], clean[row]
            )
        else:
            db = effective_db(
                u, level, rest, fade, cell, flag, everywhere, mask, prbs, seen[row], clean[row]
            )
        heard[u, p] += 10.0 ** (0.1 * db)
        wrong = block_error(
            to_db(heard[u, p]),
            clean[row],
            spread[row],
            blocks * elements[kind],
            count[kind, m, 0, blocks],
            info[kind, m, 0, blocks],
            gap[kind, m, 0, blocks],
        )
        fine = luck[u, p] > wrong
        rounds[u, p] += 1
        good[u, p], mode[u, p], when[u, p] = fine, 1, again
        wake[u] = min(wake[u], again)
        if fine:
            got[u] += bits[u, p]
            if waiting[u] > 0:
                deliver(s, rules, tally, net, u, slot, since)
        if slot >= since:
            used[batch, serving[u]] += blocks
            if rounds[u, p] == 1:
                firsts[u] += 1
                first_errors[u] += not fine
            if fine:
                decoded[rounds[u, p]] += 1
                counted[batch, u] += bits[u, p]


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
    owner = np.full((cells, groups), -1)
    chosen = np.full(users, -1)
    active, left = np.zeros(users, np.int64), np.zeros(users, np.int64)
    weight, need = np.zeros(users), np.zeros(users)
    now, before = np.zeros(groups, np.float32), np.zeros(groups, np.float32)
    room = (owner, chosen, active, weight, need, left)
    queue = np.zeros((users, 2), np.int64)
    db = np.zeros(groups, np.float32)
    batches = tally.slots.size
    for slot in range(begin, end):
        batch = max(slot - since, 0) * batches // max(end - since, 1)
        if rules.moves:
            refresh(waves, s.fade, slot % rules.fading_step, rules.fading_step)
        mean_over_cells(s.activity, before)
        give_feedback(s, rules, tally, net, slot, since)
        _reports(s, t, net, rules, before, slot, db)
        kind = t.kind[slot % t.kind.size] - 1
        if kind >= 0:
            tally.slots[batch] += slot >= since
            share_out(s, t, net, rules, qos, slot, t.elements[kind], room)
            _power_on_air(s, net, rules, owner)
            mean_over_cells(s.flag, now)
            place = (slot, since, batch)
            n = _make(s, t, rules, net, kind, owner, chosen, queue)
            _send(s, t, net, rules, tally, now, queue, n, place)
            average_rates(s.average, s.got, rules.pf)
        arrive(s, flow, rules, tally, slot, slot >= since)
