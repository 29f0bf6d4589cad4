"""A carrier laid out for the slot loop: groups, slots of a period, block sizes, error tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.network import Carrier
from cellwright.radio import (
    Slot,
    cqi_table,
    lte_subframe_bits,
    mcs_table,
    tbs_from_resource_elements,
)
from cellwright.simulation.link import (
    EVM,
    LinkSettings,
    always_on_share,
    code_blocks,
    downlink_frame,
    mutual_information,
    transport_block_error,
    uplink_frame,
)
from cellwright.simulation.link.bicm import (
    FIRST_DB,
    ORDERS,
    POINTS,
    STEP_DB,
    information_tables,
    with_slopes,
)
from cellwright.simulation.link.block_error import Code, gap_db
from cellwright.simulation.link.rates import Direction

#: Nominal RBG size of configuration 1 by number of resource blocks (TS 38.214 Table 5.1.2.2.1-1).
_NR_RBG = ((36, 2), (72, 4), (144, 8), (275, 16))
#: The same for LTE (TS 36.213 Table 7.1.6.1-1).
_LTE_RBG = ((10, 1), (26, 2), (63, 3), (110, 4))
_HIGHEST = {"16qam": 4, "64qam": 6, "256qam": 8, "1024qam": 10}


class Tables(NamedTuple):
    """What the kernel looks up.

    ``kind`` [period slot]: 0 no data this way, else 1 + row of the tables below.
    ``retry`` [period slot]: slots from a transmission to the earliest retransmission.
    ``tbs``, ``pieces``, ``info``, ``gap`` [kind, scheme, layers, blocks]: transport block size
    [bit], code blocks in it, bits of one with its CRC, distance from the bound [dB].
    ``elements`` [kind]: data resource elements of a block. ``each`` [layers]: layers of a codeword;
    LTE has two codewords from two layers on, alike, so ``pieces``, ``info``, ``gap`` are one's.
    ``order`` [scheme]: row of the information tables; ``need`` [scheme]: bits a symbol must carry
    at the target error.
    ``clean``: information and dispersion of the bare channel, as the link's kernels take them;
    ``seen``: information with the transmitter's own error, in the same layout; ``floor`` [order]:
    that error, a power ratio.
    ``cqi_ratio``, ``cqi_step``, ``cqi_rate`` [cqi]: least SINR as a power ratio and in whole
    quarter decibels, bits of a symbol; row 0 is out of range.
    """

    prbs: NDArray[np.int64]
    kind: NDArray[np.int64]
    retry: NDArray[np.int64]
    tbs: NDArray[np.int64]
    pieces: NDArray[np.float32]
    info: NDArray[np.float32]
    gap: NDArray[np.float32]
    elements: NDArray[np.float64]
    each: NDArray[np.float64]
    order: NDArray[np.int64]
    need: NDArray[np.float64]
    seen: NDArray[np.float64]
    clean: NDArray[np.float64]
    floor: NDArray[np.float64]
    cqi_ratio: NDArray[np.float32]
    cqi_step: NDArray[np.int16]
    cqi_rate: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SlotRadio:
    """A carrier in one direction, laid out for the slot loop.

    Attributes
    ----------
    carrier : Carrier
        What it was made from.
    direction : {"downlink", "uplink"}
        Which way.
    slot_s : float
        Length of a slot or subframe [s].
    block_hz : float
        Width of a resource block [Hz].
    always_on : float
        Share of elements an idle cell fills.
    tables : Tables
        What the kernel looks up.
    """

    carrier: Carrier
    direction: Direction
    slot_s: float
    block_hz: float
    always_on: float
    tables: Tables

    @property
    def groups(self) -> int:
        """Number of resource-block groups."""
        return int(self.tables.prbs.size)


def group_sizes(n_prb: int, rat: str = "nr") -> NDArray[np.int64]:
    """Cut a carrier into resource-block groups.

    Parameters
    ----------
    n_prb : int
        Resource blocks of the bandwidth part.
    rat : {"nr", "lte"}
        Radio access technology.

    Returns
    -------
    int array
        Resource blocks of each group; the last may be smaller.

    References
    ----------
    3GPP TS 38.214 Table 5.1.2.2.1-1, configuration 1 (configuration 2 for 273 blocks is the same);
    TS 36.213 Table 7.1.6.1-1.

    Examples
    --------
    >>> group_sizes(273).size, group_sizes(273).tolist()[-1], group_sizes(100, "lte").size
    (18, 1, 25)
    """
    if not 1 <= n_prb <= 275:
        raise InputError(f"A carrier of {n_prb} resource blocks: 1 to 275 are allowed.")
    table = _NR_RBG if rat == "nr" else _LTE_RBG
    size = next(size for most, size in table if n_prb <= most)
    full, rest = divmod(n_prb, size)
    return np.array([size] * full + ([rest] if rest else []), np.int64)


def _symbol_counts(carrier: Carrier, direction: Direction) -> list[int]:
    """Symbols of this direction in every slot of a period."""
    slots = (Slot(14, 14),) if carrier.tdd is None else carrier.tdd.slots
    down = direction == "downlink"
    counts = [slot.downlink_symbols if down else slot.uplink_symbols for slot in slots]
    if carrier.rat == "lte" or not down:
        counts = [count if count == 14 else 0 for count in counts]
    # a special slot too short for control, DM-RS and data carries none
    return [count if count > 3 else 0 for count in counts]


def _elements(carrier: Carrier, direction: Direction, link: LinkSettings, symbols: int) -> float:
    """Data elements of a block in a slot with so many symbols, its share of broadcast left out."""
    if direction == "uplink":
        return float(uplink_frame(carrier, link).data_per_block)
    frame = downlink_frame(carrier, link)
    broadcast = frame.data_per_block - 168.0 * frame.data_share
    return (frame.data_per_block - 12.0 * (14 - symbols)) - broadcast * symbols / 14.0


def _retry(carrier: Carrier, direction: Direction, feedback: int, turnaround: int) -> list[int]:
    """Slots from a transmission to its earliest retransmission, by slot of the period."""
    if carrier.tdd is None or direction == "uplink":
        return [feedback + turnaround] * (1 if carrier.tdd is None else len(carrier.tdd.slots))
    back = [slot.uplink_symbols > 0 for slot in carrier.tdd.slots]
    if not any(back):
        raise InputError(f'TDD pattern "{carrier.tdd}" has no uplink to acknowledge in.')
    period, wait = len(back), []
    for start in range(period):
        k1 = feedback
        while not back[(start + k1) % period]:
            k1 += 1
        wait.append(k1 + turnaround)
    return wait


def _sizes(
    carrier: Carrier, name: str, rows: NDArray[np.int64], elements: NDArray[np.float64], layers: int
) -> NDArray[np.int64]:
    """Transport block sizes [kind, scheme, layers, blocks]."""
    table, blocks = mcs_table(name), np.arange(carrier.n_prb + 1)
    if carrier.rat == "lte":
        size = np.zeros((1, rows.size, layers, blocks.size), np.int64)
        for n in range(layers):
            index = table.i_tbs[rows][:, None]
            size[0, :, n, 1:] = lte_subframe_bits(index, blocks[1:], n + 1)
        return size
    return tbs_from_resource_elements(
        np.floor(np.minimum(156.0, elements)[:, None, None, None] * blocks),
        table.modulation_order[rows][None, :, None, None],
        table.code_rate[rows][None, :, None, None],
        np.arange(1, layers + 1)[None, None, :, None],
    )


def _with_evm(db: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    return np.asarray(-10.0 * np.log10(10.0 ** (-db / 10.0) + EVM[order] ** 2))


def _threshold(order: int, symbols: float, bits: float, code: Code, target: float) -> float:
    """Least SINR [dB] at which a block stays within the target error."""
    grid = np.arange(-25.0, 45.0, 0.05)
    error = transport_block_error(_with_evm(grid, order), order, symbols, bits, code)
    good = np.flatnonzero(error <= target)
    return float(grid[good[0]]) if good.size else float("inf")


@lru_cache(maxsize=32)
def slot_radio(
    carrier: Carrier,
    direction: Direction = "downlink",
    link: LinkSettings | None = None,
    *,
    wideband: bool = False,
    layers: int = 1,
    feedback_slots: int = 2,
    turnaround_slots: int = 2,
) -> SlotRadio:
    """Lay out a carrier for the slot loop.

    Parameters
    ----------
    carrier : Carrier
        Bandwidth, spacing, duplex, TDD pattern, MCS tables.
    direction : {"downlink", "uplink"}
        Which way data flows.
    link : LinkSettings, optional
        Overheads and target error.
    wideband : bool
        One group of all blocks.
    layers : int
        Most spatial layers of a block.
    feedback_slots, turnaround_slots : int
        See :class:`SlotSettings`.

    Returns
    -------
    SlotRadio

    Raises
    ------
    InputError
        A pattern without a slot in this direction.
    """
    chosen = link or LinkSettings()
    counts = _symbol_counts(carrier, direction)
    kinds = sorted({count for count in counts if count})
    if not kinds:
        raise InputError(f'TDD pattern "{carrier.tdd}" has no {direction} slot.')
    elements = np.array([_elements(carrier, direction, chosen, count) for count in kinds])
    name = carrier.dl_table if direction == "downlink" else carrier.ul_table
    name = "nr-64qam" if name == "nr-16qam" else name
    highest = carrier.dl_mcs_table if direction == "downlink" else carrier.ul_mcs_table
    table = mcs_table(name)
    rows = np.flatnonzero(table.modulation_order <= _HIGHEST[highest])
    tbs = _sizes(carrier, name, rows, elements, layers)
    prbs = group_sizes(carrier.n_prb, carrier.rat)
    if wideband:
        prbs = np.array([carrier.n_prb], np.int64)
    made = _error_tables(carrier, rows, table.modulation_order[rows], tbs, elements, chosen)
    kind = np.array([1 + kinds.index(count) if count else 0 for count in counts], np.int64)
    retry = _retry(carrier, direction, feedback_slots, turnaround_slots)
    whole = Tables(prbs, kind, np.array(retry, np.int64), tbs, *made)
    idle = always_on_share(carrier, chosen) if direction == "downlink" else 0.0
    width = 12e3 * carrier.scs_khz
    return SlotRadio(carrier, direction, 0.015 / carrier.scs_khz, width, idle, whole)


def _error_tables(
    carrier: Carrier,
    rows: NDArray[np.int64],
    orders: NDArray[np.int64],
    tbs: NDArray[np.int64],
    elements: NDArray[np.float64],
    link: LinkSettings,
) -> tuple[Any, ...]:
    code: Code = "turbo" if carrier.rat == "lte" else "ldpc"
    layers, blocks = np.arange(1, tbs.shape[2] + 1), np.arange(tbs.shape[3])
    words = np.where((layers > 1) & (carrier.rat == "lte"), 2, 1)
    each = layers / words
    sent = elements[:, None, None, None] * each[:, None] * np.maximum(blocks, 1)
    word = tbs // words[:, None]
    cut = code_blocks(word, word / (sent * orders[None, :, None, None]), code)
    distance = gap_db(cut.bits, cut.bits * cut.count / (sent * orders[None, :, None, None]), code)
    grid = FIRST_DB + STEP_DB * np.arange(POINTS, dtype=np.float64)
    seen = [with_slopes(mutual_information(_with_evm(grid, order), order)) for order in ORDERS]
    middle = max(carrier.n_prb // 4, 1)
    need = np.full(rows.size, np.inf)
    for i, order in enumerate(orders):
        size = float(tbs[-1, i, 0, middle])
        level = _threshold(int(order), elements[-1] * middle, size, code, link.target_error)
        if np.isfinite(level):
            need[i] = mutual_information(_with_evm(np.array(level), int(order)), int(order))
    cqi_db, cqi_rate = _cqi(carrier, elements[-1] * middle, code, link)
    index = np.array([ORDERS.index(int(order)) for order in orders], np.int64)
    single = np.float32
    return (
        cut.count.astype(single),
        cut.bits.astype(single),
        distance.astype(single),
        elements,
        each,
        index,
        need,
        np.array(seen),
        information_tables(),
        np.array([EVM[order] ** 2 for order in ORDERS]),
        (10.0 ** (0.1 * cqi_db)).astype(single),
        np.floor(4.0 * cqi_db).astype(np.int16),
        cqi_rate.astype(single),
    )


def _cqi(
    carrier: Carrier, symbols: float, code: Code, link: LinkSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least SINR [dB] of each CQI and its bits of a symbol; row 0 is out of range."""
    table = cqi_table(f"{carrier.rat}-{carrier.dl_mcs_table.replace('16qam', '64qam')}")
    level, rate = np.full(len(table), -30.0), np.zeros(len(table))
    for row in range(1, len(table)):
        order, share = int(table.modulation_order[row]), float(table.code_rate[row])
        bits = symbols * order * share
        level[row] = _threshold(order, symbols, bits, code, link.target_error)
        rate[row] = order * share
    return np.maximum.accumulate(level), rate
