"""Who gets which group: retransmissions first, then the scheduler's rule group by group."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from cellwright.simulation.slots.block_errors import look_up

_ONE = np.uint64(1)


@njit(cache=True)
def retransmit(s: Any, t: Any, c: Any, u: Any, slot: Any, owner: Any, chosen: Any) -> Any:
    """Give a user's oldest waiting block its groups, the same if free; False if they lack."""
    best = -1
    for p in range(s.mode.shape[1]):
        if (
            s.mode[u, p] == 2
            and s.when[u, p] <= slot
            and (best < 0 or s.start[u, p] < s.start[u, best])
        ):
            best = p
    if best < 0:
        return False
    mask = s.mask[u, best]
    clear = True
    for r in range(t.prbs.size):
        if (mask >> np.uint64(r)) & _ONE and owner[c, r] >= 0:
            clear = False
            break
    if not clear:
        mask = np.uint64(0)
        blocks = 0
        for r in range(t.prbs.size):
            if owner[c, r] < 0 and blocks < s.blocks[u, best]:
                mask |= _ONE << np.uint64(r)
                blocks += t.prbs[r]
        if blocks < s.blocks[u, best]:
            return False
        s.mask[u, best] = mask
    for r in range(t.prbs.size):
        if (mask >> np.uint64(r)) & _ONE:
            owner[c, r] = u
    chosen[u] = best
    return True


@njit(cache=True)
def free_process(s: Any, u: Any) -> Any:
    """Return a free process of a user, or -1."""
    for p in range(s.mode.shape[1]):
        if s.mode[u, p] == 0:
            return p
    return -1


@njit(cache=True, error_model="numpy")
def _weight(s: Any, net: Any, rules: Any, qos: Any, u: Any, slot: Any) -> Any:
    """Return what a user's rate is multiplied by in the metric."""
    if rules.scheduler == 2:
        return 1.0
    fair = 1.0 / s.average[u]
    if rules.scheduler == 3:
        g = net.group[u]
        waited = slot - s.born[u, s.head[u]] if s.waiting[u] > 0 else 0.0
        fair *= qos[g, 0] * qos[g, 2] * max(waited / qos[g, 1], 0.01)
    return fair


@njit(cache=True, fastmath=True, error_model="numpy")
def _pick(s: Any, active: Any, weight: Any, n: Any, r: Any) -> Any:
    """Return the place of the best metric on a group; the first of equals."""
    best, place = -1.0, 0
    for i in range(n):
        metric = weight[i] * s.rate[active[i], r]
        if metric > best:
            best, place = metric, i
    return place


@njit(cache=True)
def _after(active: Any, n: Any, last: Any) -> Any:
    """Return the place of the next user in turn."""
    for i in range(n):
        if active[i] > last:
            return i
    return 0


@njit(cache=True, error_model="numpy")
def share_out(
    s: Any,
    t: Any,
    net: Any,
    rules: Any,
    qos: Any,
    c: Any,
    slot: Any,
    elements: Any,
    owner: Any,
    chosen: Any,
    active: Any,
    weight: Any,
    need: Any,
    left: Any,
) -> None:
    """Fill ``owner`` [cell, group] and ``chosen`` [user] of one cell for one slot."""
    n = 0
    for u in range(net.first[c], net.first[c + 1]):
        chosen[u] = -1
        if s.wake[u] <= slot and retransmit(s, t, c, u, slot, owner, chosen):
            continue
        backlog = s.arrived[u] - s.sent[u]
        if backlog > 0 and s.ready[u] <= slot:
            p = free_process(s, u)
            if p >= 0:
                chosen[u] = p
                active[n], need[n], left[n] = u, float(backlog), net.most[u]
                weight[n] = _weight(s, net, rules, qos, u, slot)
                n += 1
    start = slot % t.prbs.size
    for step in range(t.prbs.size):
        if n == 0:
            break
        # the first group served moves on, so that small buffers do not crowd on the same one
        r = start + step
        r = r - t.prbs.size if r >= t.prbs.size else r
        if owner[c, r] >= 0:
            continue
        if rules.scheduler == 0:
            i = _after(active, n, s.turn[c])
            s.turn[c] = active[i]
        else:
            i = _pick(s, active, weight, n, r)
        u = active[i]
        owner[c, r] = u
        need[i] -= s.rate[u, r] * elements * t.prbs[r]
        left[i] -= 1
        if need[i] <= 0.0 or left[i] == 0:
            n -= 1
            for k in range(i, n):
                active[k], weight[k], need[k] = active[k + 1], weight[k + 1], need[k + 1]
                left[k] = left[k + 1]


@njit(cache=True, error_model="numpy")
def pick_scheme(s: Any, t: Any, u: Any, mask: Any, blocks: Any) -> Any:
    """Return the highest scheme whose information the reported groups carry."""
    carried = np.zeros(t.seen.shape[0])
    for r in range(t.prbs.size):
        if (mask >> np.uint64(r)) & _ONE:
            db = 0.25 * s.report[u, r] + s.offset[u]
            for m in range(t.seen.shape[0]):
                carried[m] += t.prbs[r] * look_up(t.seen[m], db)
    for m in range(t.order.size - 1, 0, -1):
        if carried[t.order[m]] >= t.need[m] * blocks:
            return m
    return 0


@njit(cache=True)
def new_block(s: Any, t: Any, u: Any, p: Any, mask: Any, blocks: Any, kind: Any, luck: Any) -> None:
    """Fill a process with the head of the user's queue."""
    scheme = pick_scheme(s, t, u, mask, blocks)
    size = t.tbs[kind, scheme, 0, blocks]
    s.mask[u, p], s.blocks[u, p], s.scheme[u, p], s.kind[u, p] = mask, blocks, scheme, kind
    s.size[u, p] = size
    s.start[u, p] = s.sent[u]
    s.bits[u, p] = min(size, s.arrived[u] - s.sent[u])
    s.sent[u] += s.bits[u, p]
    s.heard[u, p], s.round[u, p], s.luck[u, p] = 0.0, 0, luck


@njit(cache=True, error_model="numpy")
def report(s: Any, t: Any, u: Any, db: Any, r: Any, fine: Any) -> None:
    """Note what a user measured on a group, in quarter decibels."""
    if fine:
        s.coming[u, r] = int(math.floor(min(max(db, -30.0), 50.0) * 4.0))
        return
    low = t.cqi_db.size - 1
    while low > 0 and t.cqi_db[low] > db:
        low -= 1
    s.coming[u, r] = int(math.floor(t.cqi_db[low] * 4.0))


@njit(cache=True, error_model="numpy")
def use_report(s: Any, t: Any, u: Any) -> None:
    """Put a report to use: levels and bits of a symbol, by group."""
    for r in range(t.prbs.size):
        s.report[u, r] = s.coming[u, r]
        db = 0.25 * s.coming[u, r] + 0.3
        low = t.cqi_db.size - 1
        while low > 0 and t.cqi_db[low] > db:
            low -= 1
        s.rate[u, r] = t.cqi_rate[low]
