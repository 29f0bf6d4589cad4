"""Arrivals, the packet queue of each user, and delivery in order."""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from cellwright.simulation.slots.draws import exponential, key, uniform
from cellwright.simulation.slots.state import BINS, BINS_PER_OCTAVE, ENDLESS, LOWEST_OCTAVE, RING
from cellwright.simulation.slots.traffic import FRAMES, FULL, POISSON, VOICE


@njit(cache=True)
def start_traffic(s: Any, net: Any, flow: Any, seed: Any) -> None:
    """Seed the streams and draw each user's first arrival."""
    for u in range(net.name.size):
        s.draw[2 * u] = key(seed, net.name[u], 0, 101)
        s.draw[2 * u + 1] = key(seed, net.name[u], 0, 102)
        kind = flow.kind[u]
        if kind == FULL:
            s.arrived[u] = ENDLESS
            s.due[u] = math.inf
        elif kind == POISSON:
            s.due[u] = flow.interval[u] * exponential(s.draw, 2 * u)
        else:
            s.nominal[u] = flow.interval[u] * uniform(s.draw, 2 * u)
            s.due[u] = s.nominal[u]
            if flow.group[u] > 1:
                s.frame[u] = int(uniform(s.draw, 2 * u) * flow.group[u]) % flow.group[u]
            if kind == VOICE:
                talk = flow.on[u] / (flow.on[u] + flow.off[u])
                s.talking[u] = uniform(s.draw, 2 * u) < talk
                mean = flow.on[u] if s.talking[u] else flow.off[u]
                s.until[u] = mean * exponential(s.draw, 2 * u)


@njit(cache=True)
def _next_arrival(s: Any, flow: Any, u: Any) -> Any:
    """Return the size of the packet that is due and draw when the next one is."""
    kind = flow.kind[u]
    size = flow.bits[u]
    if kind == POISSON:
        s.due[u] += flow.interval[u] * exponential(s.draw, 2 * u)
    elif kind == FRAMES:
        if flow.group[u] > 1 and s.frame[u] % flow.group[u] == 0:
            size = flow.first_bits[u]
        s.frame[u] += 1
        s.nominal[u] += flow.interval[u]
        s.due[u] = s.nominal[u]
        if flow.jitter[u] > 0.0:
            s.due[u] += flow.jitter[u] * uniform(s.draw, 2 * u)
    else:
        while s.until[u] <= s.due[u]:
            s.talking[u] = 1 - s.talking[u]
            mean = flow.on[u] if s.talking[u] else flow.off[u]
            s.until[u] += mean * exponential(s.draw, 2 * u)
        if s.talking[u]:
            s.due[u] += flow.interval[u]
        else:
            size = flow.first_bits[u]
            s.due[u] += min(8.0 * flow.interval[u], max(s.until[u] - s.due[u], flow.interval[u]))
    return size


@njit(cache=True)
def arrive(s: Any, flow: Any, rules: Any, tally: Any, slot: Any, counting: Any) -> None:
    """Queue every packet that arrives before the end of this slot; it can leave in the next."""
    due = s.due
    for u in range(due.size):
        while due[u] < slot + 1.0:
            born = s.due[u]
            size = _next_arrival(s, flow, u)
            if counting:
                tally.offered[u] += size
            if s.waiting[u] == RING:
                if counting:
                    tally.refused[u] += size
                continue
            if s.arrived[u] == s.sent[u]:
                s.ready[u] = slot + 1 + rules.grant
            place = (s.head[u] + s.waiting[u]) % RING
            s.arrived[u] += size
            s.born[u, place] = born
            s.ends[u, place] = s.arrived[u]
            s.bad[u, place] = 0
            s.waiting[u] += 1


@njit(cache=True)
def damage(s: Any, u: Any, start: Any, bits: Any) -> None:
    """Mark the packets that a lost piece of the stream belonged to."""
    begin = s.based[u]
    for i in range(s.waiting[u]):
        place = (s.head[u] + i) % RING
        if begin < start + bits and s.ends[u, place] > start:
            s.bad[u, place] = 1
        begin = s.ends[u, place]


@njit(cache=True)
def deliver(s: Any, rules: Any, tally: Any, net: Any, u: Any, slot: Any, since: Any) -> None:
    """Hand up, in order, every packet that is complete; its delay ends with this slot."""
    done = s.sent[u]
    for p in range(s.block.shape[1]):
        if not (s.free[u] >> p) & 1 and not s.block[u, p].good:
            done = min(done, s.block[u, p].start)
    s.based[u] = done
    while s.waiting[u] > 0 and s.ends[u, s.head[u]] <= done:
        place = s.head[u]
        born = s.born[u, place]
        if born >= since:
            if s.bad[u, place]:
                tally.broken[u] += 1
            else:
                delay = slot + 1.0 + rules.decode - born
                octave = math.log2(delay) - LOWEST_OCTAVE
                fine = min(max(int(octave * BINS_PER_OCTAVE), 0), BINS - 1)
                tally.packets[net.group[u], fine] += 1
                tally.delay[u] += delay
                tally.delivered[u] += 1
        s.head[u] = (place + 1) % RING
        s.waiting[u] -= 1
