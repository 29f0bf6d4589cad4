"""Who gets which group: retransmissions first, then the scheduler's rule group by group.

A user whose report says CQI 0 is out of range (TS 38.214 clause 5.2.2.1): it gets no new data on
the groups concerned, and what is in flight is sent again as often as HARQ allows.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from cellwright.simulation.link.bicm import table_kernel
from cellwright.simulation.slots.block_errors import to_db

_ROUND_ROBIN, _MAX_CI, _QOS = 0, 2, 3


@njit(cache=True, inline="always")
def retransmit(
    u: Any, c: Any, slot: Any, again: Any, block: Any, anew: Any, prbs: Any, owner: Any, chosen: Any
) -> None:
    """Give a user's oldest waiting block its groups, the same if free, if there are enough.

    What HARQ gave up comes back as a new block, if ``anew`` says that the user can have one.
    """
    best = -1
    for p in range(block.shape[1]):
        if (
            (again[u] >> p) & 1
            and block[u, p].when <= slot
            and (block[u, p].round > 0 or anew)
            and (best < 0 or block[u, p].start < block[u, best].start)
        ):
            best = p
    if best < 0:
        return
    mask = block[u, best].mask
    clear = True
    for r in range(prbs.size):
        if (mask >> r) & 1 and owner[c, r] >= 0:
            clear = False
            break
    if not clear:
        mask, blocks = 0, 0
        for r in range(prbs.size):
            if owner[c, r] < 0 and blocks < block[u, best].blocks:
                mask |= 1 << r
                blocks += prbs[r]
        if blocks < block[u, best].blocks:
            return
        block[u, best].mask = mask
    for r in range(prbs.size):
        if (mask >> r) & 1:
            owner[c, r] = u
    chosen[u] = best
    again[u] ^= 1 << best


@njit(cache=True, fastmath=True, error_model="numpy")
def weigh(
    slot: Any,
    scheduler: Any,
    arrived: Any,
    sent: Any,
    ready: Any,
    free: Any,
    reached: Any,
    average: Any,
    weight: Any,
    need: Any,
) -> None:
    """Write what a user's rate is multiplied by in the metric, 0 for nothing new; bits to send."""
    for u in range(weight.size):
        open_ = (arrived[u] > sent[u]) & (ready[u] <= slot) & (free[u] != 0) & (reached[u] != 0)
        value = 1.0 if scheduler in (_ROUND_ROBIN, _MAX_CI) else 1.0 / average[u]
        weight[u] = value if open_ else 0.0
        need[u] = arrived[u] - sent[u]


@njit(cache=True, error_model="numpy")
def hurry(slot: Any, qos: Any, group: Any, waiting: Any, born: Any, head: Any, weight: Any) -> None:
    """Multiply the weights by priority and by how much of the delay budget is gone."""
    for u in range(weight.size):
        if weight[u] > 0.0:
            g = group[u]
            waited = slot - born[u, head[u]] if waiting[u] > 0 else 0.0
            weight[u] *= qos[g, 0] * qos[g, 2] * max(waited / qos[g, 1], 0.01)


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def fill(
    c: Any,
    first: Any,
    n: Any,
    start: Any,
    by_turn: Any,
    elements: Any,
    prbs: Any,
    rate: Any,
    turn: Any,
    owner: Any,
    weight: Any,
    need: Any,
    left: Any,
) -> None:
    """Give the free groups of a cell away one by one, each to a user that reaches it.

    ``n`` of its users have a ``weight``; who has all it needs or can feed loses it.
    """
    for step in range(prbs.size):
        if n == 0:
            break
        # the first group served moves on, so that small buffers do not crowd on the same one
        r = start + step
        r = r - prbs.size if r >= prbs.size else r
        if owner[c, r] >= 0:
            continue
        u, best = -1, 0.0
        if by_turn:
            for v in range(first[c], first[c + 1]):
                if weight[v] > 0.0 and rate[v, r] > 0.0:
                    if v > turn[c]:
                        u = v
                        break
                    if u < 0:
                        u = v
        else:
            for v in range(first[c], first[c + 1]):
                metric = weight[v] * rate[v, r]
                if metric > best:
                    best, u = metric, v
        if u < 0:
            continue
        turn[c] = u
        owner[c, r] = u
        need[u] -= rate[u, r] * elements * prbs[r]
        left[u] -= 1
        if need[u] <= 0.0 or left[u] == 0:
            weight[u] = 0.0
            n -= 1


@njit(cache=True, error_model="numpy")
def share_out(
    s: Any, t: Any, net: Any, rules: Any, qos: Any, slot: Any, elements: Any, room: Any
) -> None:
    """Fill ``owner`` [cell, group] and ``chosen`` [user] of all cells for one slot."""
    owner, chosen, weight, need, left = room
    again, block, rate, turn, reached, free = s.again, s.block, s.rate, s.turn, s.reached, s.free
    first, most, prbs, scheduler, average = net.first, net.most, t.prbs, rules.scheduler, s.average
    owner[:] = -1
    chosen[:] = -1
    weigh(slot, scheduler, s.arrived, s.sent, s.ready, free, reached, average, weight, need)
    if scheduler == _QOS:
        hurry(slot, qos, net.group, s.waiting, s.born, s.head, weight)
    start, by_turn = slot % prbs.size, scheduler == _ROUND_ROBIN
    for c in range(owner.shape[0]):
        n = 0
        for u in range(first[c], first[c + 1]):
            left[u] = most[u]
            if again[u]:
                anew = reached[u] != 0 and free[u] != 0
                retransmit(u, c, slot, again, block, anew, prbs, owner, chosen)
                if chosen[u] >= 0:
                    weight[u] = 0.0
            n += weight[u] > 0.0
        fill(c, first, n, start, by_turn, elements, prbs, rate, turn, owner, weight, need, left)


@njit(cache=True, error_model="numpy", inline="always")
def best_scheme(
    u: Any,
    seen: Any,
    order: Any,
    need: Any,
    prbs: Any,
    report: Any,
    offset: Any,
    mask: Any,
    blocks: Any,
) -> Any:
    """Return the highest scheme whose information the groups of a mask carry to a user."""
    reached = -1
    carried = 0.0
    for m in range(order.size - 1, 0, -1):
        if order[m] != reached:
            reached = order[m]
            carried = 0.0
            for r in range(prbs.size):
                if (mask >> r) & 1:
                    level = 0.25 * report[u, r] + offset[u]
                    carried += prbs[r] * table_kernel(level, reached, 0, seen)
            carried /= blocks
        if carried >= need[m]:
            return m
    return 0


@njit(cache=True, error_model="numpy", inline="always")
def report_row(
    u: Any, ratio: Any, gain: Any, layers: Any, fine: Any, steps: Any, level: Any, rate: Any
) -> None:
    """Note what user ``u`` measured by group: the CQI's level or quarter decibels; symbol bits.

    ``ratio`` [group] times ``gain`` is the SINR of each of ``layers``. ``steps``: the CQI's least
    SINR, level and rate. Written: ``level``, ``rate`` [user, group], the rate of all layers.
    """
    cqi_ratio, cqi_step, cqi_rate = steps
    top = cqi_ratio.size
    for r in range(ratio.size):
        heard = ratio[r] * gain
        low, step = 0, 16
        while step > 0:
            if low + step < top and cqi_ratio[low + step] <= heard:
                low += step
            step >>= 1
        rate[u, r] = cqi_rate[low] * layers
        level[u, r] = cqi_step[low]
        if fine:
            level[u, r] = math.floor(min(max(to_db(heard), -30.0), 50.0) * 4.0)


@njit(cache=True, error_model="numpy", inline="always")
def report_rank(
    u: Any,
    ratio: Any,
    gain: Any,
    prbs: Any,
    fine: Any,
    steps: Any,
    tried: Any,
    level: Any,
    rate: Any,
) -> Any:
    """Report the number of layers that carries most, with :func:`report_row` for it.

    ``ratio`` [group] is one antenna's; ``gain`` [user, layers] makes it each layer's. ``tried``:
    scratch for levels and rates [1, group].
    """
    ranks, best, most = gain.shape[1], 1, -1.0
    if ranks > 1:
        levels, rates = tried
        for k in range(ranks):
            report_row(0, ratio, gain[u, k], k + 1, fine, steps, levels, rates)
            bits = 0.0
            for r in range(ratio.size):
                bits += prbs[r] * rates[0, r]
            if bits > most:
                best, most = k + 1, bits
    report_row(u, ratio, gain[u, best - 1], best, fine, steps, level, rate)
    return best


@njit(cache=True, error_model="numpy")
def use_reports(s: Any, rules: Any, tally: Any, slot: Any, since: Any) -> None:
    """Put the reports to use that have come of age."""
    report, rate, coming, coming_rate = s.report, s.rate, s.coming, s.coming_rate
    rank, coming_rank, in_range = s.rank, s.coming_rank, s.reached
    reports, outside = tally.reports, tally.outside
    first = (rules.delay + rules.period - slot % rules.period) % rules.period
    for u in range(first, report.shape[0], rules.period):
        reached = False
        for r in range(report.shape[1]):
            report[u, r] = coming[u, r]
            rate[u, r] = coming_rate[u, r]
            reached |= rate[u, r] > 0.0
        rank[u], in_range[u] = coming_rank[u], reached
        if slot >= since:
            reports[u] += 1
            outside[u] += not reached
