"""HARQ processes of all users: what is sent, heard from, sent again and given up."""

from __future__ import annotations

from typing import Any

from numba import njit

from cellwright.simulation.link.outer_loop import outer_loop_kernel
from cellwright.simulation.slots.draws import uniform
from cellwright.simulation.slots.queues import damage, deliver
from cellwright.simulation.slots.schedule import best_scheme

#: The outer loop's offset stays within this [dB].
MOST_OFFSET_DB = 15.0


@njit(cache=True)
def give_feedback(s: Any, rules: Any, tally: Any, net: Any, slot: Any, since: Any) -> None:
    """Act on every acknowledgement that arrives in this slot, and on blocks HARQ gives up."""
    row = slot % s.acks.size
    due, block, offset, free, again = s.due_acks[row], s.block, s.offset, s.free, s.again
    for i in range(s.acks[row]):
        u, p = due[i, 0], due[i, 1]
        b = block[u, p]
        if b.round == 1:
            offset[u] = outer_loop_kernel(
                offset[u], b.good != 0, rules.up_db, rules.down_db, -MOST_OFFSET_DB, MOST_OFFSET_DB
            )
        if b.good:
            free[u] |= 1 << p
        elif b.round < rules.transmissions:
            again[u] |= 1 << p
        else:
            _give_up(s, rules, tally, net, u, p, slot, since)
    s.acks[row] = 0


@njit(cache=True)
def _give_up(
    s: Any, rules: Any, tally: Any, net: Any, u: Any, p: Any, slot: Any, since: Any
) -> None:
    b = s.block[u, p]
    if slot >= since:
        tally.given_up[u] += 1
    if rules.acknowledged:
        s.again[u] |= 1 << p
        b.when, b.round = slot + rules.rlc, 0
        return
    if slot >= since:
        tally.lost[u] += b.bits
    damage(s, u, b.start, b.bits)
    s.free[u] |= 1 << p
    deliver(s, rules, tally, net, u, slot - 1, since)


@njit(cache=True, inline="always")
def _first_free(free: Any) -> Any:
    """Lowest process that holds nothing; there is one."""
    p = 0
    while not (free >> p) & 1:
        p += 1
    return p


@njit(cache=True, error_model="numpy")
def make_blocks(s: Any, t: Any, kind: Any, owner: Any, chosen: Any, queue: Any) -> Any:
    """Fill processes with new data and list ``queue`` [block] of users to send; how many.

    ``chosen`` [user]: process to be sent again, -1 for new data. What HARQ gave up gets a new
    scheme; what does not fit any more waits in another process (RLC segmentation, TS 38.322
    clause 5.3.2).
    """
    prbs, seen, order, need, tbs = t.prbs, t.seen, t.order, t.need, t.tbs
    report, offset, draw, rank = s.report, s.offset, s.draw, s.rank
    arrived, sent, block, free, again = s.arrived, s.sent, s.block, s.free, s.again
    n = 0
    for c in range(owner.shape[0]):
        for r in range(prbs.size):
            u = owner[c, r]
            if u < 0 or chosen[u] < -1:
                continue
            p = chosen[u]
            new = p < 0
            if new:
                p = _first_free(free[u])
            chosen[u] = -2
            queue[n, 0], queue[n, 1] = u, p
            n += 1
            b = block[u, p]
            if not new and b.round > 0:
                continue
            mask, blocks = 0, 0
            for k in range(r, prbs.size):
                if owner[c, k] == u:
                    mask |= 1 << k
                    blocks += prbs[k]
            m = best_scheme(u, seen, order, need, prbs, report, offset, mask, blocks)
            size = tbs[kind, m, rank[u] - 1, blocks]
            if new:
                b.start, b.bits = sent[u], min(size, arrived[u] - sent[u])
                sent[u] += b.bits
                free[u] ^= 1 << p
            elif b.bits > size:
                q = _first_free(free[u])
                rest = block[u, q]
                rest.start, rest.bits, rest.mask = b.start + size, b.bits - size, mask
                rest.blocks, rest.round, rest.good, rest.when = blocks, 0, 0, b.when
                b.bits = size
                free[u] ^= 1 << q
                again[u] |= 1 << q
            b.mask, b.blocks, b.scheme, b.kind = mask, blocks, m, kind
            b.layers, b.round, b.good, b.heard = rank[u], 0, 0, 0.0
            b.luck = uniform(draw, 2 * u + 1)
    return n


@njit(cache=True, error_model="numpy")
def settle(
    s: Any, rules: Any, tally: Any, net: Any, queue: Any, wrong: Any, n: Any, due: Any, place: Any
) -> None:
    """Draw the fate of ``n`` blocks just sent and count them.

    ``wrong`` [block]: chance to fail; ``due``: slot they are heard from and may be sent again;
    ``place``: slot, first counted slot, batch.
    """
    slot, since, batch = place
    block, due_acks, acks, got, waiting = s.block, s.due_acks, s.acks, s.got, s.waiting
    used, firsts, first_errors = tally.used, tally.firsts, tally.first_errors
    decoded, counted, serving, counting = tally.rounds, tally.bits, net.serving, slot >= since
    row = due % acks.size
    for i in range(n):
        u, p = queue[i, 0], queue[i, 1]
        b = block[u, p]
        fine = b.luck > wrong[i]
        b.round += 1
        b.good, b.when = fine, due
        due_acks[row, acks[row], 0], due_acks[row, acks[row], 1] = u, p
        acks[row] += 1
        if counting:
            used[batch, serving[u]] += b.blocks
            if b.round == 1:
                firsts[u] += 1
                first_errors[u] += not fine
        if fine:
            got[u] += b.bits
            if counting:
                decoded[b.round] += 1
                counted[batch, u] += b.bits
            if waiting[u] > 0:
                deliver(s, rules, tally, net, u, slot, since)
