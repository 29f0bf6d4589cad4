"""The slot loop with many ports: precoders of the neighbours really on the air, MMSE-IRC."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.mimo.kernels import mmse_irc_sinr_kernel
from cellwright.simulation.slots.block_errors import block_error, invert, look_up, to_db
from cellwright.simulation.slots.draws import uniform
from cellwright.simulation.slots.engine import average_rates, give_feedback, mean_over_cells
from cellwright.simulation.slots.queues import arrive, deliver
from cellwright.simulation.slots.schedule import best_scheme, report_row, share_out, use_row

_ONE = np.uint64(1)
Singles = NDArray[np.float32]


class Ports(NamedTuple):
    """Channels and precoders; amplitudes are over the noise.

    ``real``, ``imag`` [user, link, group, receive, port]: channel of each explicit link.
    ``precode_real``, ``precode_imag`` [user, rank, layer, port]: best precoder of each rank.
    ``own`` complex64 [user, rank, group, receive, layer]: own channel behind it.
    ``rank``, ``coming`` [user]: layers in use, and in the report to come.
    ``carried`` [user, process]: layers of a block.
    ``on`` [cell, group]: user served, -1 idle; ``layers`` [cell, group].
    """

    real: Singles
    imag: Singles
    precode_real: Singles
    precode_imag: Singles
    own: NDArray[np.complex64]
    rank: NDArray[np.int64]
    coming: NDArray[np.int64]
    carried: NDArray[np.int64]
    on: NDArray[np.int64]
    layers: NDArray[np.int64]


@njit(cache=True, fastmath=True, error_model="numpy")
def dot(hr: Any, hi: Any, wr: Any, wi: Any) -> Any:
    """Sum of products of two complex rows kept as real and imaginary parts."""
    re, im = np.float32(0.0), np.float32(0.0)
    for t in range(hr.size):
        re += hr[t] * wr[t] - hi[t] * wi[t]
        im += hr[t] * wi[t] + hi[t] * wr[t]
    return re, im


@njit(cache=True, fastmath=True, error_model="numpy")
def covariance(
    u: Any,
    r: Any,
    white: Any,
    idle: Any,
    level: Any,
    cell: Any,
    on: Any,
    layers: Any,
    hr: Any,
    hi: Any,
    wr: Any,
    wi: Any,
    column: Any,
    out: Any,
) -> None:
    """Noise and interference of a user on a group [receive, receive], noise of power 1."""
    size = out.shape[0]
    for j in range(1, cell.shape[1]):
        if on[cell[u, j], r] < 0:
            white += idle * level[u, j]
    for a in range(size):
        for b in range(size):
            out[a, b] = 0.0
        out[a, a] = 1.0 + white
    for j in range(1, cell.shape[1]):
        c = cell[u, j]
        v = on[c, r]
        if v < 0:
            continue
        k = layers[c, r] - 1
        for x in range(k + 1):
            for a in range(size):
                re, im = dot(hr[u, j, r, a], hi[u, j, r, a], wr[v, k, x], wi[v, k, x])
                column[a] = complex(re, im)
            for a in range(size):
                for b in range(a + 1):
                    out[a, b] += column[a] * column[b].conjugate()
    for a in range(size):
        for b in range(a):
            out[b, a] = out[a, b].conjugate()


@njit(cache=True, error_model="numpy")
def ports_report(s: Any, t: Any, net: Any, rules: Any, q: Any, everywhere: Any, slot: Any) -> None:
    """Choose rank and quality of the users whose turn it is, under the last slot's precoders."""
    level, cell, rest = net.level, net.cell, net.rest
    hr, hi, wr, wi, own = q.real, q.imag, q.precode_real, q.precode_imag, q.own
    on, layers, coming, rank = q.on, q.layers, q.coming, q.rank
    cqi_db, cqi_rate, coming_rows, report, rate = t.cqi_db, t.cqi_rate, s.coming, s.report, s.rate
    size, ranks, groups = own.shape[3], own.shape[1], own.shape[2]
    colour = np.zeros((groups, size, size), np.complex128)
    work = np.zeros((2 * size, max(size, ranks)), np.complex128)
    column, sinr = np.zeros(size, np.complex64), np.zeros(ranks)
    db = np.zeros(groups, np.float32)
    first = (rules.period - slot % rules.period) % rules.period
    for u in range(first, net.name.size, rules.period):
        for r in range(groups):
            covariance(
                u,
                r,
                rest[u] * everywhere[r],
                rules.idle,
                level,
                cell,
                on,
                layers,
                hr,
                hi,
                wr,
                wi,
                column,
                colour[r],
            )
        best, most = 0, -1.0
        for k in range(ranks):
            bits = 0.0
            for r in range(0, groups, 3):
                mmse_irc_sinr_kernel(own[u, k, r], k + 1, colour[r], work, sinr)
                for x in range(k + 1):
                    bits += min(math.log2(1.0 + sinr[x]), 7.4)
            if bits > most:
                best, most = k, bits
        for r in range(groups):
            mmse_irc_sinr_kernel(own[u, best, r], best + 1, colour[r], work, sinr)
            bits = 0.0
            for x in range(best + 1):
                bits += math.log2(1.0 + sinr[x])
            db[r] = to_db(max(2.0 ** (bits / (best + 1)) - 1.0, 1e-6))
        coming[u] = best + 1
        report_row(db, rules.fine, cqi_db, coming_rows[u])
    first = (rules.delay + rules.period - slot % rules.period) % rules.period
    for u in range(first, net.name.size, rules.period):
        rank[u] = coming[u]
        use_row(coming_rows[u], cqi_db, cqi_rate, report[u], rate[u])
        for r in range(groups):
            rate[u, r] *= rank[u]


@njit(cache=True, error_model="numpy")
def _make(s: Any, t: Any, q: Any, kind: Any, owner: Any, chosen: Any, queue: Any) -> Any:
    """Fill processes with new data, note who is on the air, list what is sent; how many."""
    prbs, seen, order, need, tbs = t.prbs, t.seen, t.order, t.need, t.tbs
    mode, report, offset, draw = s.mode, s.report, s.offset, s.draw
    arrived, sent, bits, start, size = s.arrived, s.sent, s.bits, s.start, s.size
    masks, blocks_of, scheme, kinds = s.mask, s.blocks, s.scheme, s.kind
    heard, luck, rounds = s.heard, s.luck, s.round
    rank, carried, on, layers = q.rank, q.carried, q.on, q.layers
    n = 0
    for c in range(owner.shape[0]):
        for r in range(prbs.size):
            u = owner[c, r]
            on[c, r] = u
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
            carried[u, p] = rank[u]
            size[u, p] = tbs[kind, m, rank[u] - 1, blocks]
            start[u, p] = sent[u]
            bits[u, p] = min(size[u, p], arrived[u] - sent[u])
            sent[u] += bits[u, p]
            heard[u, p], rounds[u, p] = 0.0, 0
            luck[u, p] = uniform(draw, 2 * u + 1)
    serving = 0
    for i in range(n):
        u, p = queue[i, 0], queue[i, 1]
        while owner.shape[0] > serving and not _serves(owner, serving, u):
            serving += 1
        for r in range(prbs.size):
            if owner[serving, r] == u:
                layers[serving, r] = carried[u, p]
    return n


@njit(cache=True)
def _serves(owner: Any, c: Any, u: Any) -> Any:
    return (owner[c] == u).any()


@njit(cache=True, error_model="numpy")
def _send(
    s: Any,
    t: Any,
    net: Any,
    rules: Any,
    tally: Any,
    q: Any,
    everywhere: Any,
    queue: Any,
    n: Any,
    place: Any,
) -> None:
    """Send ``n`` blocks and draw their fate; ``place``: slot, first counted slot, batch."""
    slot, since, batch = place
    prbs, seen, clean, spread = t.prbs, t.seen, t.clean, t.spread
    orders, elements, count, info, gap = t.order, t.elements, t.pieces, t.info, t.gap
    level, rest, cell, serving = net.level, net.rest, net.cell, net.serving
    mode, good, masks, blocks_of, scheme = s.mode, s.good, s.mask, s.blocks, s.scheme
    kinds, heard, luck, rounds, when = s.kind, s.heard, s.luck, s.round, s.when
    wake, bits, got, waiting = s.wake, s.bits, s.got, s.waiting
    used, firsts, first_errors = tally.used, tally.firsts, tally.first_errors
    decoded, counted = tally.rounds, tally.bits
    hr, hi, wr, wi, own = q.real, q.imag, q.precode_real, q.precode_imag, q.own
    on, layers, layers_of = q.on, q.layers, q.carried
    idle = rules.idle
    size, ranks = own.shape[3], own.shape[1]
    colour = np.zeros((size, size), np.complex128)
    work = np.zeros((2 * size, max(size, ranks)), np.complex128)
    column, sinr = np.zeros(size, np.complex64), np.zeros(ranks)
    again = slot + t.retry[slot % t.retry.size]
    for i in range(n):
        u, p = queue[i, 0], queue[i, 1]
        m, kind, blocks, mask = scheme[u, p], kinds[u, p], blocks_of[u, p], masks[u, p]
        row, k = orders[m], layers_of[u, p] - 1
        total = 0.0
        for r in range(prbs.size):
            if (mask >> np.uint64(r)) & _ONE:
                white = rest[u] * everywhere[r]
                covariance(
                    u, r, white, idle, level, cell, on, layers, hr, hi, wr, wi, column, colour
                )
                mmse_irc_sinr_kernel(own[u, k, r], k + 1, colour, work, sinr)
                for x in range(k + 1):
                    total += prbs[r] * look_up(seen[row], to_db(max(sinr[x], 1e-6)))
        db = invert(clean[row], total / (blocks * (k + 1)))
        heard[u, p] += 10.0 ** (0.1 * db)
        wrong = block_error(
            to_db(heard[u, p]),
            clean[row],
            spread[row],
            blocks * (k + 1) * elements[kind],
            count[kind, m, k, blocks],
            info[kind, m, k, blocks],
            gap[kind, m, k, blocks],
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


@njit(cache=True, error_model="numpy")
def run_port_slots(
    s: Any, t: Any, net: Any, flow: Any, rules: Any, qos: Any, q: Any, tally: Any, span: Any
) -> None:
    """Run slots ``span[0]`` to ``span[1]``; counting starts at ``span[2]``."""
    begin, end, since = span
    users, cells, groups = net.name.size, net.first.size - 1, t.prbs.size
    owner, chosen = np.full((cells, groups), -1), np.full(users, -1)
    active, left = np.zeros(users, np.int64), np.zeros(users, np.int64)
    room = (owner, chosen, active, np.zeros(users), np.zeros(users), left)
    queue = np.zeros((users, 2), np.int64)
    now = np.zeros(groups, np.float32)
    for slot in range(begin, end):
        batch = max(slot - since, 0) * tally.slots.size // max(end - since, 1)
        give_feedback(s, rules, tally, net, slot, since)
        mean_over_cells(s.flag, now)
        ports_report(s, t, net, rules, q, now, slot)
        kind = t.kind[slot % t.kind.size] - 1
        if kind >= 0:
            tally.slots[batch] += slot >= since
            share_out(s, t, net, rules, qos, slot, t.elements[kind], room)
            n = _make(s, t, q, kind, owner, chosen, queue)
            for c in range(cells):
                for r in range(groups):
                    s.flag[c, r] = 1.0 if owner[c, r] >= 0 else rules.idle
            mean_over_cells(s.flag, now)
            _send(s, t, net, rules, tally, q, now, queue, n, (slot, since, batch))
            average_rates(s.average, s.got, rules.pf)
        arrive(s, flow, rules, tally, slot, slot >= since)
