"""Single-user MIMO in the slot loop: up to 32 ports, Type I precoders, MMSE-IRC receivers.

The channel stands still within a drop (block fading); terminals report rank and quality under the
interference of the precoders that were on the air, and the neighbours' actual precoders decide
every block. Each user's wideband precoder of every rank is chosen once, in white noise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError
from cellwright.simulation.mimo import PortPanel, type1_codebook
from cellwright.simulation.mimo.search import scratch, search_users_kernel
from cellwright.simulation.slots.engine import new_room
from cellwright.simulation.slots.fading import group_offsets_hz, tap_delays_s
from cellwright.simulation.slots.network import links_of, network, qos_numbers
from cellwright.simulation.slots.plan import SlotPlan
from cellwright.simulation.slots.ports_engine import Ports, new_port_room, run_port_slots
from cellwright.simulation.slots.results import SlotResult
from cellwright.simulation.slots.runs import result_of, start
from cellwright.simulation.slots.state import Net, new_tally, rules
from cellwright.simulation.slots.tables import SlotRadio, slot_radio
from cellwright.simulation.slots.traffic import flows

Complexes = NDArray[np.complex64]
#: Precoders are compared on every so-many-th group, on so many beams of the highest power.
SAMPLED, BEAMS_KEPT = 3, 4
#: Memory for what interferers were heard as [byte]; what finds no place in it is made again.
MOST_KEPT = 400e6


def explicit_cells(plan: SlotPlan) -> NDArray[np.int64]:
    """Return the cells whose channels a run wants [user, link], the serving one first."""
    return links_of(plan, np.arange(plan.serving.size))


def rayleigh_ports(
    plan: SlotPlan, receive: int, ports: int, seed: int, delay_spread_ns: float = 300.0
) -> Complexes:
    """Draw uncorrelated Rayleigh channels: rich scattering, for tests and bounds.

    Parameters
    ----------
    plan : SlotPlan
        Users, links and groups.
    receive, ports : int
        Antennas of the terminal; ports of the cell.
    seed : int
        Seed of the draw.
    delay_spread_ns : float
        Root-mean-square delay spread [ns].

    Returns
    -------
    complex64 [user, link, group, receive, port]
        Mean power 1.
    """
    radio = plan.radio
    delay = tap_delays_s(delay_spread_ns)
    offsets = group_offsets_hz(radio.tables.prbs, radio.block_hz)
    turn = np.exp(-2j * np.pi * delay[:, None] * offsets).astype(np.complex64)
    users, links = explicit_cells(plan).shape
    rng = np.random.default_rng(seed)
    out = np.empty((users, links, radio.groups, receive, ports), np.complex64)
    scale = np.float32(np.sqrt(0.5 / delay.size))
    for u in range(users):
        shape = (2, links, receive, ports, delay.size)
        real, imag = rng.standard_normal(shape, np.float32) * scale
        out[u] = np.moveaxis((real + 1j * imag) @ turn, -1, 1)
    return out


def run_ports(
    plan: SlotPlan,
    h: ArrayLike,
    panel: PortPanel,
    seconds: float = 1.0,
    *,
    warmup_s: float = 0.2,
    seed: int = 0,
    batches: int = 10,
    ranks: int = 4,
) -> SlotResult:
    """Run the slot loop with single-user MIMO in the downlink on one drop.

    Parameters
    ----------
    plan : SlotPlan
        Downlink; its fading is not used, the channel is ``h``.
    h : complex [user, link, group, receive, port]
        Channel without path loss, of the cells :func:`explicit_cells` names, mean power 1.
    panel : PortPanel
        Ports of every cell.
    seconds, warmup_s, seed, batches
        As in :func:`run_drop`.
    ranks : int
        Most layers.

    Returns
    -------
    SlotResult

    Raises
    ------
    InputError
        An uplink or wideband plan, a channel of another shape, more layers than antennas.
    """
    channel = np.asarray(h)
    _check(plan, channel, panel, ranks)
    radio = _radio(plan, ranks)
    warm, count = round(warmup_s / radio.slot_s), round(seconds / radio.slot_s)
    if warm < 0 or count < batches * radio.tables.kind.size or seed < 0 or batches < 1:
        raise InputError(
            f"{seconds:g} s with {batches} batches: each needs a TDD period; no negative numbers."
        )
    net, order = network(plan)
    flow = flows(plan.traffic, plan.traffic_class[order], radio.slot_s)
    state, _ = start(plan, net, order, flow, seed)
    state.flag[:] = 1.0
    made = ports_of(plan, net, channel[order], panel, ranks)
    rounds = plan.settings.transmissions
    tally = new_tally(order.size, net.first.size - 1, len(plan.traffic), batches, rounds)
    numbers = rules(plan.settings, uplink=False, idle=radio.always_on, moves=False)
    room = new_room(order.size, net.first.size - 1, radio.groups)
    own, span = new_port_room(channel.shape[3], ranks, radio.groups), (0, warm + count, warm)
    qos = qos_numbers(plan)
    run_port_slots(state, radio.tables, net, flow, numbers, qos, made, tally, room, own, span)
    return result_of(plan, order, flow, state, tally, count * radio.slot_s, seed)


def _radio(plan: SlotPlan, ranks: int) -> SlotRadio:
    rule = plan.settings
    return slot_radio(
        plan.carrier,
        "downlink",
        plan.link,
        layers=ranks,
        feedback_slots=rule.feedback_slots,
        turnaround_slots=rule.turnaround_slots,
    )


def _check(plan: SlotPlan, h: NDArray[np.generic], panel: PortPanel, ranks: int) -> None:
    if plan.direction == "uplink" or plan.settings.wideband:
        raise InputError("MIMO in the slot loop is downlink, by resource-block group.")
    if plan.carrier.rat == "lte" and ranks > 1:
        raise InputError("Type I precoders are NR's; give an LTE carrier ranks=1.")
    want = (*explicit_cells(plan).shape, plan.radio.groups)
    if h.ndim != 5 or h.shape[:3] != want or h.shape[4] != panel.ports:
        raise InputError(
            f"h has shape {h.shape}; [user, link, group, receive, port] here is {want} and "
            f"(receive, {panel.ports})."
        )
    if not 1 <= ranks <= min(h.shape[3], panel.ports, 4):
        raise InputError(
            f"{ranks} layers with {h.shape[3]} receive antennas and {panel.ports} ports: allowed "
            f"are 1 to {min(h.shape[3], panel.ports, 4)}."
        )
    if not np.all(np.isfinite(h)):
        raise InputError("h holds values that are not finite.")


def ports_of(plan: SlotPlan, net: Net, h: Complexes, panel: PortPanel, ranks: int) -> Ports:
    """Scale the channels and choose every user's precoders; ``h`` in the kernel's order."""
    groups = h.shape[2]
    scale = np.sqrt(net.level).astype(np.float32)[:, :, None, None, None]
    scaled = (h * scale).astype(np.complex64)
    precode = wideband_precoders(scaled[:, 0, ::SAMPLED], panel, ranks)
    own = np.einsum("ugap,uklp->ukgal", scaled[:, 0], precode, optimize=True)
    cells = net.first.size - 1
    links, values = (h.shape[0], h.shape[1] - 1, groups), h.shape[3] * (h.shape[3] + 1) + 1
    room = int(MOST_KEPT // (4 * values * ranks * max(np.prod(links), 1)))
    places = max(min(int(np.diff(net.first).max()), room), 1)
    # the first reports find every cell with users on the air
    whole = np.ascontiguousarray
    return Ports(
        whole(scaled.real),
        whole(scaled.imag),
        whole(precode.real),
        whole(precode.imag),
        whole(own, np.complex64),
        np.zeros((*links, places, ranks, values), np.float32),
        np.repeat(np.where(np.diff(net.first) > 0, net.first[:-1], -1)[:, None], groups, axis=1),
        np.ones((cells, groups), np.int64),
    )


def wideband_precoders(h: Complexes, panel: PortPanel, ranks: int) -> Complexes:
    """Best Type I precoder of every rank in white noise of power 1.

    Parameters
    ----------
    h : complex64 [user, group, receive, port]
        Channel with its amplitude, the groups that are compared.
    panel : PortPanel
        Ports of every cell.
    ranks : int
        Most layers.

    Returns
    -------
    complex64 [user, rank, layer, port]
        Power 1 together; rank n has n layers.

    Notes
    -----
    The same choice as :func:`~cellwright.simulation.mimo.type1_report` with ``keep=4`` and each
    rank alone, for many users in one compiled pass: ranks with the same beams share their response.
    """
    users, groups, receive, _ = h.shape
    out = np.zeros((users, ranks, ranks, panel.ports), np.complex64)
    response: NDArray[np.complex64] | None = None
    basis: NDArray[np.complex128] | None = None
    for rank in range(1, ranks + 1):
        book = type1_codebook(panel, rank)
        segments = book.turn.shape[2]
        if response is None or basis is None or book.basis.shape != basis.shape:
            basis = book.basis
            parts = h.reshape(users, groups, receive, segments, -1)
            response = np.ascontiguousarray(parts @ basis.T.astype(np.complex64))
        scale = 1.0 / np.sqrt(panel.ports * rank)
        best = np.empty(users, np.int64)
        search_users_kernel(
            response, book.beam, book.turn, book.together, BEAMS_KEPT, scale,
            *scratch(receive, rank), best,
        )  # fmt: skip
        out[:, rank - 1, :rank] = book.matrices(best).swapaxes(1, 2)
    return out
