"""Who gets which group: retransmissions first, then the scheduler's rule group by group."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from cellwright.simulation.slots.block_errors import PER_DB
from cellwright.simulation.slots.tables import FIRST_DB, GRID

_ONE = np.uint64(1)


@njit(cache=True, inline="always")
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


@njit(cache=True, error_model="numpy")
def candidates(
    first: Any,
    last: Any,
    slot: Any,
    chosen: Any,
    arrived: Any,
    sent: Any,
    ready: Any,
    mode: Any,
    most: Any,
    active: Any,
    need: Any,
    left: Any,
) -> Any:
    """List the users of a cell with something new to send and a free process."""
    n = 0
    for u in range(first, last):
        backlog = arrived[u] - sent[u]
        if chosen[u] >= 0 or backlog <= 0 or ready[u] > slot:
            continue
        for p in range(mode.shape[1]):
            if mode[u, p] == 0:
                chosen[u] = p
                active[n], need[n], left[n] = u, float(backlog), most[u]
                n += 1
                break
    return n


@njit(cache=True, error_model="numpy")
def weigh(active: Any, n: Any, scheduler: Any, average: Any, weight: Any) -> None:
    """Write what each user's rate is multiplied by in the metric."""
    for i in range(n):
        weight[i] = 1.0 if scheduler == 2 else 1.0 / average[active[i]]


@njit(cache=True, error_model="numpy")
def hurry(
    active: Any,
    n: Any,
    slot: Any,
    qos: Any,
    group: Any,
    waiting: Any,
    born: Any,
    head: Any,
    weight: Any,
) -> None:
    """Multiply the weights by priority and by how much of the delay budget is gone."""
    for i in range(n):
        u = active[i]
        g = group[u]
        waited = slot - born[u, head[u]] if waiting[u] > 0 else 0.0
        weight[i] *= qos[g, 0] * qos[g, 2] * max(waited / qos[g, 1], 0.01)


@njit(cache=True, fastmath=True, error_model="numpy")
def fill(
    c: Any,
    n: Any,
    start: Any,
    by_turn: Any,
    elements: Any,
    prbs: Any,
    rate: Any,
    turn: Any,
    owner: Any,
    active: Any,
    weight: Any,
    need: Any,
    left: Any,
) -> None:
    """Give the free groups of a cell away one by one."""
    for step in range(prbs.size):
        if n == 0:
            break
        # the first group served moves on, so that small buffers do not crowd on the same one
        r = start + step
        r = r - prbs.size if r >= prbs.size else r
        if owner[c, r] >= 0:
            continue
        place, best = 0, -1.0
        if by_turn:
            for i in range(n):
                if active[i] > turn[c]:
                    place = i
                    break
            turn[c] = active[place]
        else:
            for i in range(n):
                metric = weight[i] * rate[active[i], r]
                if metric > best:
                    best, place = metric, i
        u = active[place]
        owner[c, r] = u
        need[place] -= rate[u, r] * elements * prbs[r]
        left[place] -= 1
        if need[place] <= 0.0 or left[place] == 0:
            n -= 1
            for k in range(place, n):
                active[k], weight[k], need[k] = active[k + 1], weight[k + 1], need[k + 1]
                left[k] = left[k + 1]


@njit(cache=True, error_model="numpy")
def share_out(
    s: Any, t: Any, net: Any, rules: Any, qos: Any, slot: Any, elements: Any, room: Any
) -> None:
    """Fill ``owner`` [cell, group] and ``chosen`` [user] of all cells for one slot."""
    owner, chosen, active, weight, need, left = room
    arrived, sent, ready, mode, average = s.arrived, s.sent, s.ready, s.mode, s.average
    wake, waiting, born, head, rate, turn = s.wake, s.waiting, s.born, s.head, s.rate, s.turn
    first, most, group, prbs = net.first, net.most, net.group, t.prbs
    scheduler = rules.scheduler
    owner[:] = -1
    chosen[:] = -1
    for c in range(owner.shape[0]):
        for u in range(first[c], first[c + 1]):
            if wake[u] <= slot:
                retransmit(s, t, c, u, slot, owner, chosen)
        n = candidates(
            first[c],
            first[c + 1],
            slot,
            chosen,
            arrived,
            sent,
            ready,
            mode,
            most,
            active,
            need,
            left,
        )
        weigh(active, n, scheduler, average, weight)
        if scheduler == 3:
            hurry(active, n, slot, qos, group, waiting, born, head, weight)
        start = slot % prbs.size
        by_turn = scheduler == 0
        fill(c, n, start, by_turn, elements, prbs, rate, turn, owner, active, weight, need, left)


@njit(cache=True, fastmath=True, error_model="numpy")
def best_scheme(
    seen: Any,
    order: Any,
    need: Any,
    prbs: Any,
    level: Any,
    u: Any,
    offset: Any,
    mask: Any,
    blocks: Any,
) -> Any:
    """Return the highest scheme whose information the groups of a mask carry."""
    reached = -1
    carried = 0.0
    m = order.size - 1
    while m > 0:
        if order[m] != reached:
            reached = order[m]
            carried = 0.0
            for r in range(prbs.size):
                if (mask >> np.uint64(r)) & _ONE:
                    place = (0.25 * level[u, r] + offset - FIRST_DB) * PER_DB
                    place = min(max(place, 0.0), GRID - 1.001)
                    i = int(place)
                    share = place - i
                    value = seen[reached, i] * (1.0 - share) + seen[reached, i + 1] * share
                    carried += prbs[r] * value
        if carried >= need[m] * blocks:
            return m
        m -= 1
    return 0


@njit(cache=True, error_model="numpy")
def report_row(db: Any, fine: Any, cqi_db: Any, coming: Any) -> None:
    """Note what a user measured, in quarter-decibel steps or as the CQI below."""
    top = cqi_db.size - 1
    for r in range(db.size):
        if fine:
            coming[r] = math.floor(min(max(db[r], -30.0), 50.0) * 4.0)
            continue
        low = top
        while low > 0 and cqi_db[low] > db[r]:
            low -= 1
        coming[r] = math.floor(cqi_db[low] * 4.0)


@njit(cache=True, error_model="numpy")
def use_row(coming: Any, cqi_db: Any, cqi_rate: Any, report: Any, rate: Any) -> None:
    """Put a report to use: levels and bits of a symbol, by group."""
    top = cqi_db.size - 1
    for r in range(coming.size):
        report[r] = coming[r]
        db = 0.25 * coming[r] + 0.3
        low = top
        while low > 0 and cqi_db[low] > db:
            low -= 1
        rate[r] = cqi_rate[low]
