"""Run one drop, or many that can be cut short and taken up again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.simulation.slots.engine import new_room, run_slots
from cellwright.simulation.slots.fading import (
    Waves,
    group_offsets_hz,
    refresh_all,
    start_waves,
)
from cellwright.simulation.slots.network import network, qos_numbers
from cellwright.simulation.slots.plan import SlotPlan
from cellwright.simulation.slots.queues import start_traffic
from cellwright.simulation.slots.results import SlotResult
from cellwright.simulation.slots.state import (
    Net,
    State,
    Tally,
    new_state,
    new_tally,
    rules,
)
from cellwright.simulation.slots.traffic import FULL, Flows, flows


def _waves(plan: SlotPlan, net: Net, order: NDArray[np.int64], seed: int) -> Waves:
    radio = plan.radio
    offsets = group_offsets_hz(radio.tables.prbs, radio.block_hz)
    if plan.settings.wideband:
        offsets = np.zeros(1)
    sight = plan.sight[net.cell, order[:, None]]
    frequency = plan.carrier.frequency_mhz * 1e6
    return start_waves(
        plan.fading, seed, net.name, net.cell, sight, offsets, frequency, radio.slot_s
    )


def start(
    plan: SlotPlan, net: Net, order: NDArray[np.int64], flow: Flows, seed: int
) -> tuple[State, Waves]:
    """Make the state and the fading of the first slot."""
    radio = plan.radio
    users, links = net.cell.shape
    cells = plan.gain_db.shape[0]
    delay = radio.tables.retry
    state = new_state(users, cells, radio.groups, links, plan.settings.processes, delay)
    start_traffic(state, net, flow, np.uint64(seed))
    waves = _waves(plan, net, order, seed)
    if plan.fade is not None:
        state.fade[:] = plan.fade[order]
    elif plan.fading.kind == "rayleigh":
        refresh_all(waves, state.fade)
    # before its first report a user is out of range
    state.report[:] = state.coming[:] = radio.tables.cqi_step[0]
    if plan.direction == "downlink":
        state.activity[:] = 1.0
    return state, waves


def run_drop(
    plan: SlotPlan,
    seconds: float = 1.0,
    *,
    warmup_s: float = 0.2,
    seed: int = 0,
    batches: int = 10,
) -> SlotResult:
    """Run the slot loop on one drop.

    Parameters
    ----------
    plan : SlotPlan
        What to run.
    seconds, warmup_s : float
        Counted time, and time before it [s].
    seed : int
        Fading, arrivals and block errors follow it and the users' names only.
    batches : int
        Parts the counted time is cut in, for confidence intervals.

    Returns
    -------
    SlotResult

    Raises
    ------
    InputError
        A time too short for its batches, a negative seed.
    """
    radio = plan.radio
    warm, count = round(warmup_s / radio.slot_s), round(seconds / radio.slot_s)
    if warm < 0 or batches < 1 or count < batches * radio.tables.kind.size or seed < 0:
        raise InputError(
            f"{seconds:g} s after {warmup_s:g} s with {batches} batches and seed {seed}: every "
            f"batch needs a TDD period ({radio.tables.kind.size} slots); nothing may be negative."
        )
    net, order = network(plan)
    flow = flows(plan.traffic, plan.traffic_class[order], radio.slot_s)
    state, waves = start(plan, net, order, flow, seed)
    users, cells = order.size, plan.gain_db.shape[0]
    tally = new_tally(users, cells, len(plan.traffic), batches, plan.settings.transmissions)
    moves = plan.fade is None and plan.fading.kind == "rayleigh"
    numbers = rules(
        plan.settings,
        uplink=plan.direction == "uplink",
        idle=radio.always_on,
        moves=moves,
    )
    room, span = new_room(users, cells, radio.groups), (0, warm + count, warm)
    run_slots(state, radio.tables, net, flow, numbers, qos_numbers(plan), waves, tally, room, span)
    return result_of(plan, order, flow, state, tally, count * radio.slot_s, seed)


def result_of(
    plan: SlotPlan,
    order: NDArray[np.int64],
    flow: Flows,
    state: State,
    tally: Tally,
    seconds: float,
    seed: int,
) -> SlotResult:
    """Lay out the counts in the order of the plan."""
    radio = plan.radio
    back = np.argsort(order)
    taken = (state.free[:, None] >> np.arange(state.block.shape[1])) & 1 == 0
    flying = np.where(taken & (state.block["good"] == 0), state.block["bits"], 0).sum(axis=1)
    endless = flow.kind == FULL
    queued = np.where(endless, 0, state.arrived - state.sent) + flying
    blocks = int(radio.tables.prbs.sum())
    load = tally.used / np.maximum(tally.slots[:, None] * blocks, 1)

    def plain(values: NDArray[Any]) -> NDArray[Any]:
        return values[..., back]

    return SlotResult(
        seconds,
        radio.slot_s,
        plan.carrier.bandwidth_mhz * 1e6,
        plain(tally.bits),
        load,
        plan.serving,
        plan.traffic_class,
        plain(tally.offered),
        plain(tally.refused),
        plain(tally.lost),
        plain(queued),
        plain(_balance(state, tally, flying)),
        plain(tally.firsts),
        plain(tally.first_errors),
        tally.rounds[1:],
        plain(tally.given_up),
        plain(tally.outside / np.maximum(tally.reports, 1)),
        tally.packets,
        plain(tally.delay) * radio.slot_s,
        plain(tally.delivered),
        plain(tally.broken),
        10.0 ** (plan.power_dbm / 10.0 - 3.0),
        seed,
    )


def _balance(state: State, tally: Tally, flying: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return bits given to blocks less bits decoded, in flight and lost; right without warm-up."""
    return np.asarray(state.sent - tally.bits.sum(axis=0) - flying - tally.lost)


def run(
    plan: Callable[[int], SlotPlan],
    drops: int,
    seed: int = 0,
    *,
    seconds: float = 1.0,
    warmup_s: float = 0.2,
    done: Mapping[int, SlotResult] | None = None,
) -> Iterator[tuple[int, SlotResult]]:
    """Run many drops one after another; drops that are done are handed back, not run again.

    Parameters
    ----------
    plan : callable
        From the number of a drop to its plan.
    drops : int
        How many.
    seed : int
        Drop ``i`` runs with a seed made from this and ``i``.
    seconds, warmup_s : float
        As in :func:`run_drop`.
    done : mapping, optional
        Results of an earlier, unfinished run with the same seed, by number of drop.

    Yields
    ------
    number, result
        As soon as each drop is finished: keep them, and pass them as ``done`` to go on.
    """
    kept = done or {}
    if drops < 1:
        raise InputError(f"drops is {drops}; run one at least.")
    for number in range(drops):
        if number in kept:
            yield number, kept[number]
            continue
        own = int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint32)[0])
        yield number, run_drop(plan(number), seconds, warmup_s=warmup_s, seed=own)
