"""The slot loop with many ports: precoders of the neighbours really on the air, MMSE-IRC."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.mimo.kernels import cholesky_kernel, white_sinr_kernel
from cellwright.simulation.slots.block_errors import (
    LEAST,
    block_error,
    effective_db,
    from_db,
    to_db,
)
from cellwright.simulation.slots.engine import (
    allocation_free,
    average_rates,
    mean_over_cells,
)
from cellwright.simulation.slots.harq import give_feedback, make_blocks, settle
from cellwright.simulation.slots.queues import arrive
from cellwright.simulation.slots.schedule import report_row, share_out, use_reports

Singles = NDArray[np.float32]


class Ports(NamedTuple):
    """Channels and precoders; amplitudes are over the noise.

    ``real``, ``imag`` [user, link, group, receive, port]: channel of each explicit link.
    ``precode_real``, ``precode_imag`` [user, rank, layer, port]: best precoder of each rank.
    ``own`` complex64 [user, rank, group, receive, layer]: own channel behind it.
    ``kept`` [user, interferer, group, place, rank, value]: what the interfering cell's user of that
    place does to this one, written when it first happens: whose precoder it is, its covariance.
    ``on`` [cell, group]: user served, -1 idle; ``layers`` [cell, group].
    """

    real: Singles
    imag: Singles
    precode_real: Singles
    precode_imag: Singles
    own: NDArray[np.complex64]
    kept: Singles
    on: NDArray[np.int64]
    layers: NDArray[np.int64]


class PortRoom(NamedTuple):
    """Scratch of the loop with many ports.

    ``colour`` complex128 [group, receive, receive]: factors of noise and interference; ``work``
    [receive + rank, rank]; ``total`` [receive * (receive + 1)]; ``real``, ``imag`` [receive];
    ``sinr`` [rank]; ``ratio``, ``share`` [group and rank]: SINR and size of a block's parts.
    """

    colour: NDArray[np.complex128]
    work: NDArray[np.complex128]
    total: NDArray[np.float64]
    real: Singles
    imag: Singles
    sinr: NDArray[np.float64]
    ratio: Singles
    share: NDArray[np.float64]


def new_port_room(receive: int, ranks: int, groups: int) -> PortRoom:
    """Make the scratch of :func:`run_port_slots`."""
    return PortRoom(
        np.zeros((groups, receive, receive), np.complex128),
        np.zeros((receive + ranks, ranks), np.complex128),
        np.zeros(receive * (receive + 1)),
        np.zeros(receive, np.float32),
        np.zeros(receive, np.float32),
        np.zeros(ranks),
        np.zeros(groups * ranks, np.float32),
        np.zeros(groups * ranks),
    )


@njit(cache=True, fastmath=True, error_model="numpy")
def dot(hr: Any, hi: Any, wr: Any, wi: Any) -> Any:
    """Sum of products of two complex rows kept as real and imaginary parts."""
    re, im = np.float32(0.0), np.float32(0.0)
    for t in range(hr.size):
        re += hr[t] * wr[t] - hi[t] * wi[t]
        im += hr[t] * wi[t] + hi[t] * wr[t]
    return re, im


@njit(cache=True, fastmath=True, error_model="numpy")
def remember(
    v: Any, k: Any, hr: Any, hi: Any, wr: Any, wi: Any, real: Any, imag: Any, entry: Any
) -> None:
    """Write whose precoder of ``k + 1`` layers this is, and its covariance behind a channel.

    The covariance as :func:`factor` adds it up: row by row to the diagonal, real parts, then
    imaginary ones. ``real``, ``imag`` [receive]: scratch.
    """
    size = hr.shape[0]
    half = size * (size + 1) // 2
    entry[:] = np.float32(0.0)
    entry[0] = v + 1
    for x in range(k + 1):
        at = 1
        for a in range(size):
            real[a], imag[a] = dot(hr[a], hi[a], wr[v, k, x], wi[v, k, x])
            for b in range(a + 1):
                entry[at] += real[a] * real[b] + imag[a] * imag[b]
                entry[at + half] += imag[a] * real[b] - real[a] * imag[b]
                at += 1


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def factor(
    u: Any,
    r: Any,
    white: Any,
    idle: Any,
    level: Any,
    cell: Any,
    first: Any,
    on: Any,
    layers: Any,
    hr: Any,
    hi: Any,
    wr: Any,
    wi: Any,
    kept: Any,
    room: Any,
    out: Any,
) -> None:
    """Write the Cholesky factor of a user's noise and interference on a group [receive, receive].

    Noise has power 1, ``white`` comes on top. ``room``: scratch.
    """
    total, real, imag = room.total, room.real, room.imag
    size, places = real.size, kept.shape[3]
    half = size * (size + 1) // 2
    total[:] = 0.0
    for j in range(1, cell.shape[1]):
        c = cell[u, j]
        v = on[c, r]
        if v < 0:
            white += idle * level[u, j]
            continue
        k = layers[c, r] - 1
        entry = kept[u, j - 1, r, (v - first[c]) % places, k]
        if entry[0] != v + 1:
            remember(v, k, hr[u, j, r], hi[u, j, r], wr, wi, real, imag, entry)
        for i in range(total.size):
            total[i] += entry[1 + i]
    at = 0
    for a in range(size):
        for b in range(a + 1):
            out[a, b] = complex(total[at], total[at + half])
            at += 1
        out[a, a] += 1.0 + white
    cholesky_kernel(out, size)


@njit(cache=True, error_model="numpy")
def ports_report(
    s: Any, t: Any, net: Any, rules: Any, q: Any, everywhere: Any, slot: Any, room: Any
) -> None:
    """Choose rank and quality of the users whose turn it is, under the last slot's precoders."""
    level, cell, rest, head = net.level, net.cell, net.rest, net.first
    hr, hi, wr, wi, own, kept = q.real, q.imag, q.precode_real, q.precode_imag, q.own, q.kept
    on, layers, coming, coming_rank, rate = q.on, q.layers, s.coming, s.coming_rank, s.coming_rate
    steps = t.cqi_ratio, t.cqi_step, t.cqi_rate
    ranks, groups = own.shape[1], own.shape[2]
    colour, work, sinr, ratio = room.colour, room.work, room.sinr, room.ratio[: own.shape[2]]
    first = (rules.period - slot % rules.period) % rules.period
    for u in range(first, net.name.size, rules.period):
        for r in range(groups):
            white = rest[u] * everywhere[r]
            factor(
                u, r, white, rules.idle, level, cell, head, on, layers, hr, hi, wr, wi, kept,
                room, colour[r],
            )  # fmt: skip
        best, most = 0, -1.0
        for k in range(ranks):
            bits = 0.0
            for r in range(0, groups, 3):
                white_sinr_kernel(colour[r], own[u, k, r], k + 1, work, sinr)
                for x in range(k + 1):
                    bits += min(math.log2(1.0 + sinr[x]), 7.4)
            if bits > most:
                best, most = k, bits
        for r in range(groups):
            white_sinr_kernel(colour[r], own[u, best, r], best + 1, work, sinr)
            bits = 0.0
            for x in range(best + 1):
                bits += math.log2(1.0 + sinr[x])
            ratio[r] = max(2.0 ** (bits / (best + 1)) - 1.0, LEAST)
        coming_rank[u] = best + 1
        report_row(u, ratio, np.float32(1.0), best + 1, rules.fine, steps, coming, rate)


@njit(cache=True, error_model="numpy")
def _on_air(s: Any, q: Any, net: Any, idle: Any, owner: Any, queue: Any, n: Any) -> None:
    """Note who is on the air on every group, with how many layers, and the cells' power."""
    on, layers, block, serving, flag = q.on, q.layers, s.block, net.serving, s.flag
    for i in range(n):
        u, p = queue[i, 0], queue[i, 1]
        for r in range(owner.shape[1]):
            if (block[u, p].mask >> r) & 1:
                layers[serving[u], r] = block[u, p].layers
    for c in range(owner.shape[0]):
        for r in range(owner.shape[1]):
            on[c, r] = owner[c, r]
            flag[c, r] = 1.0 if owner[c, r] >= 0 else idle


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
    wrong: Any,
    place: Any,
    room: Any,
) -> None:
    """Send ``n`` blocks and draw their fate; ``place``: slot, first counted slot, batch."""
    prbs, seen, clean, floor, orders = t.prbs, t.seen, t.clean, t.floor, t.order
    elements, count, info, gap, each = t.elements, t.pieces, t.info, t.gap, t.each
    level, rest, cell, block, idle = net.level, net.rest, net.cell, s.block, rules.idle
    hr, hi, wr, wi, own = q.real, q.imag, q.precode_real, q.precode_imag, q.own
    on, layers, kept, first = q.on, q.layers, q.kept, net.first
    ratio, weight, work, sinr, colour = room.ratio, room.share, room.work, room.sinr, room.colour[0]
    due = place[0] + t.retry[place[0] % t.retry.size]
    for i in range(n):
        u, p = queue[i, 0], queue[i, 1]
        b = block[u, p]
        m, kind, blocks, mask, k = b.scheme, b.kind, b.blocks, b.mask, b.layers - 1
        row, parts = orders[m], 0
        for r in range(prbs.size):
            if (mask >> r) & 1:
                white = rest[u] * everywhere[r]
                factor(
                    u, r, white, idle, level, cell, first, on, layers, hr, hi, wr, wi, kept,
                    room, colour,
                )  # fmt: skip
                white_sinr_kernel(colour, own[u, k, r], k + 1, work, sinr)
                for x in range(k + 1):
                    ratio[parts], weight[parts] = max(sinr[x], LEAST), prbs[r]
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


@allocation_free
def run_port_slots(
    s: Any,
    t: Any,
    net: Any,
    flow: Any,
    rules: Any,
    qos: Any,
    q: Any,
    tally: Any,
    room: Any,
    ports_room: Any,
    span: Any,
) -> None:
    """Run slots as :func:`~cellwright.simulation.slots.engine.run_slots` does."""
    begin, end, since = span
    shared = (room.owner, room.chosen, room.weight, room.need, room.left)
    owner, chosen, queue, wrong, now = room.owner, room.chosen, room.queue, room.wrong, room.now
    for slot in range(begin, end):
        batch = max(slot - since, 0) * tally.slots.size // max(end - since, 1)
        give_feedback(s, rules, tally, net, slot, since)
        mean_over_cells(s.flag, now)
        ports_report(s, t, net, rules, q, now, slot, ports_room)
        use_reports(s, rules, tally, slot, since)
        kind = t.kind[slot % t.kind.size] - 1
        if kind >= 0:
            tally.slots[batch] += slot >= since
            share_out(s, t, net, rules, qos, slot, t.elements[kind], shared)
            n = make_blocks(s, t, kind, owner, chosen, queue)
            _on_air(s, q, net, rules.idle, owner, queue, n)
            mean_over_cells(s.flag, now)
            place = (slot, since, batch)
            _send(s, t, net, rules, tally, q, now, queue, n, wrong, place, ports_room)
            average_rates(s.average, s.got, rules.pf)
        arrive(s, flow, rules, tally, slot, slot >= since)
