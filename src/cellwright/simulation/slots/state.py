"""What the slot loop remembers from slot to slot, and what it counts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellwright.simulation.slots.settings import SCHEDULERS, SlotSettings

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
#: Packets a user can have waiting; more are refused and counted.
RING = 1024
#: Delay histogram: bins of 1/64 octave from 2^-4 to 2^18 slots.
BINS_PER_OCTAVE, LOWEST_OCTAVE, BINS = 64, -4, 64 * 22
#: Bits a full buffer holds; never used up.
ENDLESS = 1 << 60
#: A HARQ process of a user, side by side in memory: a block touches one cache line. ``start``: its
#: first bit in the stream; ``mask``: groups, a bit each; ``heard``: effective SINR added up;
#: ``luck``: below it the block fails; ``when``: first slot it may be sent again; ``bits`` it
#: holds; ``blocks``: resource blocks; ``kind``: kind of slot its size was made for; ``round``:
#: transmissions so far; ``good``: decoded.
BLOCK = np.dtype(
    [
        ("start", np.int64),
        ("mask", np.int64),
        ("heard", np.float64),
        ("luck", np.float64),
        ("when", np.int64),
        ("bits", np.int32),
        ("blocks", np.int16),
        ("scheme", np.int8),
        ("kind", np.int8),
        ("layers", np.int8),
        ("round", np.int8),
        ("good", np.uint8),
    ],
    align=True,
)


class Net(NamedTuple):
    """Who hears whom; users are sorted by serving cell.

    ``first`` [cell + 1]: first user of each cell. ``name`` [user]: name of the user in draws.
    ``group`` [user]: traffic class. ``cell`` [user, link]: cells of the explicit links, 0 = own.
    ``level`` [user, link], ``rest`` [user]: downlink power of a link and of all further cells over
    the noise. ``up`` [user, cell]: uplink gain over the base's noise in a block [1/mW]; ``density``
    [user]: power in a block [mW]; ``most`` [user]: groups the power reaches for.
    ``serving`` [user]. ``gain`` [user, layers]: SINR of a layer over that of one antenna.
    """

    first: Ints
    name: Ints
    group: Ints
    serving: Ints
    cell: Ints
    level: Singles
    rest: Singles
    up: Singles
    density: Singles
    most: Ints
    power: Singles
    gain: Singles


class Rules(NamedTuple):
    """Settings of the kernel as plain numbers; see :class:`SlotSettings`."""

    scheduler: int
    uplink: int
    pf: float
    period: int
    delay: int
    fine: int
    activity: float
    up_db: float
    down_db: float
    transmissions: int
    acknowledged: int
    rlc: int
    decode: float
    grant: int
    idle: float
    moves: int


class State(NamedTuple):
    """What is remembered from slot to slot."""

    arrived: Ints  # [user] bits offered so far
    sent: Ints  # [user] bits given to blocks
    based: Ints  # [user] bits done with, in order
    ready: Ints  # [user] first slot new data may go in
    born: Floats  # [user, ring] arrival of a packet [slot]
    ends: Ints  # [user, ring] where it ends in the stream
    bad: NDArray[np.uint8]  # [user, ring] part of it was lost
    head: Ints  # [user]
    waiting: Ints  # [user]
    due: Floats  # [user] next arrival [slot]
    nominal: Floats  # [user] the same without jitter
    frame: Ints  # [user] frame number
    until: Floats  # [user] end of the talk spurt or pause [slot]
    talking: NDArray[np.uint8]  # [user]
    draw: NDArray[np.uint64]  # [2 user] streams: traffic, block errors
    block: NDArray[Any]  # BLOCK [user, process]
    free: Ints  # [user] processes that hold nothing, a bit each
    again: Ints  # [user] processes to be sent again, a bit each
    due_acks: NDArray[np.int32]  # [slot of the ring, place, 2] user and process heard from then
    acks: Ints  # [slot of the ring] how many
    report: NDArray[np.int16]  # [user, group] quarter-decibel step in use
    rate: Singles  # [user, group] bits of a symbol on all layers; 0 = out of range
    coming: NDArray[np.int16]  # [user, group] measured, not yet in use
    coming_rate: Singles  # [user, group]
    rank: Ints  # [user] layers in use
    coming_rank: Ints  # [user]
    reached: NDArray[np.uint8]  # [user] a group at least is in range
    offset: Floats  # [user] outer loop [dB]
    average: Floats  # [user] proportional fair average [bit/slot]
    got: Floats  # [user] bits in this slot
    turn: Ints  # [cell] last user of round robin
    flag: Singles  # [cell, group] power now over full power
    activity: Singles  # [cell, group] the same, averaged; uplink: interference over noise
    fade: Singles  # [user, link, group]


class Tally(NamedTuple):
    """What is counted after the warm-up."""

    bits: Ints  # [batch, user] decoded
    offered: Ints  # [user]
    refused: Ints  # [user]
    lost: Ints  # [user]
    firsts: Ints  # [user]
    first_errors: Ints  # [user]
    rounds: Ints  # [round] blocks decoded in this transmission
    given_up: Ints  # [user]
    reports: Ints  # [user] put to use
    outside: Ints  # [user] of those, CQI 0 on every group
    used: Floats  # [batch, cell] blocks used
    slots: Ints  # [batch] data slots
    packets: Ints  # [class, bin]
    delay: Floats  # [user] sum [slot]
    delivered: Ints  # [user] packets
    broken: Ints  # [user] packets lost


def rules(settings: SlotSettings, *, uplink: bool, idle: float, moves: bool) -> Rules:
    """Turn the settings into the kernel's numbers."""
    down = settings.olla_step_db
    up = down * settings.target_error / (1.0 - settings.target_error)
    return Rules(
        SCHEDULERS[settings.scheduler],
        int(uplink),
        1.0 / settings.pf_slots,
        settings.cqi_period_slots,
        settings.cqi_delay_slots,
        int(settings.csi == "fine"),
        1.0 / settings.activity_slots,
        up,
        down,
        settings.transmissions,
        int(settings.acknowledged),
        settings.rlc_slots,
        settings.decode_slots,
        settings.grant_slots if uplink else 0,
        idle,
        int(moves),
    )


def new_state(
    users: int, cells: int, groups: int, links: int, processes: int, delay: Ints
) -> State:
    """Make an empty state; ``delay`` [period slot]: slots until a block is heard from."""

    def many(*shape: int, kind: type = np.int64) -> NDArray[Any]:
        return np.zeros(shape, kind)

    heard_from = np.arange(3 * delay.size) + np.tile(delay, 3)
    together = int(np.bincount(heard_from).max())
    ring = int(delay.max()) + 1
    return State(
        many(users),
        many(users),
        many(users),
        many(users),
        many(users, RING, kind=np.float64),
        many(users, RING),
        many(users, RING, kind=np.uint8),
        many(users),
        many(users),
        many(users, kind=np.float64),
        many(users, kind=np.float64),
        many(users),
        many(users, kind=np.float64),
        many(users, kind=np.uint8),
        many(2 * users, kind=np.uint64),
        np.zeros((users, processes), BLOCK),
        np.full(users, (1 << processes) - 1),
        many(users),
        many(ring, together * users, 2, kind=np.int32),
        many(ring),
        many(users, groups, kind=np.int16),
        many(users, groups, kind=np.float32),
        many(users, groups, kind=np.int16),
        many(users, groups, kind=np.float32),
        np.ones(users, np.int64),
        np.ones(users, np.int64),
        many(users, kind=np.uint8),
        many(users, kind=np.float64),
        np.ones(users),
        many(users, kind=np.float64),
        np.full(cells, -1),
        many(cells, groups, kind=np.float32),
        many(cells, groups, kind=np.float32),
        np.ones((users, links, groups), np.float32),
    )


def new_tally(users: int, cells: int, classes: int, batches: int, rounds: int) -> Tally:
    """Make an empty count."""

    def many(*shape: int) -> Ints:
        return np.zeros(shape, np.int64)

    return Tally(
        many(batches, users),
        many(users),
        many(users),
        many(users),
        many(users),
        many(users),
        many(rounds + 1),
        many(users),
        many(users),
        many(users),
        np.zeros((batches, cells)),
        many(batches),
        many(classes, BINS),
        np.zeros(users),
        many(users),
        many(users),
    )
