"""The slot loop itself, one antenna port: compiled, without allocation inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from cellwright.simulation.slots.block_errors import block_error, invert, look_up, to_db
from cellwright.simulation.slots.draws import uniform
from cellwright.simulation.slots.fading import refresh
from cellwright.simulation.slots.queues import arrive, damage, deliver
from cellwright.simulation.slots.schedule import new_block, report, share_out, use_report

_ONE = np.uint64(1)
_NEVER = np.iinfo(np.int64).max


@njit(cache=True)
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


@njit(cache=True, fastmath=True, error_model="numpy")
def heard(s: Any, net: Any, rules: Any, everywhere: Any, level: Any, u: Any, r: Any) -> Any:
    """Return the SINR of a user on a group when cells send ``level`` [cell, group]."""
    own = net.level[u, 0] * s.fade[u, 0, r]
    if rules.uplink:
        return own * net.density[u] / (1.0 + level[net.serving[u], r])
    noise = 1.0 + net.rest[u] * everywhere[r]
    for j in range(1, net.cell.shape[1]):
        noise += net.level[u, j] * s.fade[u, j, r] * level[net.cell[u, j], r]
    return own / noise


@njit(cache=True, error_model="numpy")
def _measure(s: Any, t: Any, net: Any, rules: Any, everywhere: Any, u: Any) -> None:
    for r in range(t.prbs.size):
        ratio = heard(s, net, rules, everywhere, s.activity, u, r)
        report(s, t, u, to_db(max(ratio, 1e-6)), r, rules.fine)


@njit(cache=True, fastmath=True, error_model="numpy")
def _mean_over_cells(level: Any, out: Any) -> None:
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
    s: Any, t: Any, net: Any, rules: Any, tally: Any, everywhere: Any, u: Any, p: Any, place: Any
) -> None:
    """Send one block, draw its fate, hand up what is complete; ``place``: slot and counters."""
    slot, since, batch = place
    order, kind = t.order[s.scheme[u, p]], s.kind[u, p]
    carried, blocks = 0.0, s.blocks[u, p]
    over = 0
    for r in range(t.prbs.size):
        if (s.mask[u, p] >> np.uint64(r)) & _ONE:
            ratio = heard(s, net, rules, everywhere, s.flag, u, r)
            carried += t.prbs[r] * look_up(t.seen[order], to_db(max(ratio, 1e-6)))
            over += t.prbs[r]
    effective = invert(t.clean[order], carried / over)
    s.heard[u, p] += 10.0 ** (effective / 10.0)
    scheme = s.scheme[u, p]
    wrong = block_error(
        to_db(s.heard[u, p]),
        order,
        blocks * t.elements[kind],
        t.count[kind, scheme, 0, blocks],
        t.info[kind, scheme, 0, blocks],
        t.gap[kind, scheme, 0, blocks],
        t,
    )
    good = s.luck[u, p] > wrong
    s.round[u, p] += 1
    s.good[u, p] = good
    s.mode[u, p] = 1
    s.when[u, p] = slot + t.retry[slot % t.retry.size]
    s.wake[u] = min(s.wake[u], s.when[u, p])
    if good:
        s.got[u] += s.bits[u, p]
        deliver(s, rules, tally, net, u, slot, since)
    if slot >= since:
        tally.used[batch, net.serving[u]] += over
        if s.round[u, p] == 1:
            tally.firsts[u] += 1
            tally.first_errors[u] += not good
        if good:
            tally.rounds[s.round[u, p]] += 1
            tally.bits[batch, u] += s.bits[u, p]


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
    batches = tally.slots.size
    for slot in range(begin, end):
        batch = max(slot - since, 0) * batches // max(end - since, 1)
        if rules.moves:
            refresh(waves, s.fade, slot % rules.fading_step, rules.fading_step)
        _mean_over_cells(s.activity, before)
        for u in range(users):
            if s.wake[u] <= slot:
                feedback(s, rules, tally, net, u, slot, since)
            turn = (slot + u) % rules.period
            if turn == 0:
                _measure(s, t, net, rules, before, u)
            if turn == rules.delay:
                use_report(s, t, u)
        kind = t.kind[slot % t.kind.size] - 1
        if kind >= 0:
            tally.slots[batch] += slot >= since
            owner[:] = -1
            for c in range(cells):
                share_out(
                    s,
                    t,
                    net,
                    rules,
                    qos,
                    c,
                    slot,
                    t.elements[kind],
                    owner,
                    chosen,
                    active,
                    weight,
                    need,
                    left,
                )
            _power_on_air(s, net, rules, owner)
            _mean_over_cells(s.flag, now)
            for c in range(cells):
                _fill_and_send(
                    s, t, net, rules, tally, now, c, kind, owner, chosen, (slot, since, batch)
                )
            for u in range(users):
                s.average[u] += rules.pf * (s.got[u] - s.average[u])
                s.average[u] = max(s.average[u], 1.0)
                s.got[u] = 0.0
        arrive(s, flow, rules, tally, slot, slot >= since)


@njit(cache=True, error_model="numpy")
def _fill_and_send(
    s: Any,
    t: Any,
    net: Any,
    rules: Any,
    tally: Any,
    everywhere: Any,
    c: Any,
    kind: Any,
    owner: Any,
    chosen: Any,
    place: Any,
) -> None:
    """Make the blocks of one cell and send them, in order of their first group."""
    for r in range(t.prbs.size):
        u = owner[c, r]
        if u < 0 or chosen[u] < 0:
            continue
        p = chosen[u]
        chosen[u] = -1
        if s.mode[u, p] == 0:
            mask, blocks = np.uint64(0), 0
            for k in range(r, t.prbs.size):
                if owner[c, k] == u:
                    mask |= _ONE << np.uint64(k)
                    blocks += t.prbs[k]
            new_block(s, t, u, p, mask, blocks, kind, uniform(s.draw, 2 * u + 1))
        _send(s, t, net, rules, tally, everywhere, u, p, place)
