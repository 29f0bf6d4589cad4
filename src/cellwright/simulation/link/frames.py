"""Where the resource elements of a carrier go, in either direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellwright.network import Carrier
from cellwright.radio import NrOverhead, lte_downlink_use, nr_downlink_use
from cellwright.simulation.link.settings import LinkSettings


@dataclass(frozen=True)
class Frame:
    """Where the resource elements of one direction go.

    Attributes
    ----------
    elements_per_s : float
        All elements of the carrier in a second, as if every symbol were in this direction.
    time_share : float
        Share of symbols in this direction.
    data_share : float
        Share of those elements that carry data.
    data_per_block : int
        Data elements of a resource block in a whole slot or subframe.
    slots_per_s : float
        Slots or subframes of this direction in a second, less what broadcast takes.
    always_on : float
        Share of elements a cell fills even when idle.
    """

    elements_per_s: float
    time_share: float
    data_share: float
    data_per_block: int
    slots_per_s: float
    always_on: float

    @property
    def data_elements_per_s(self) -> float:
        """Elements that carry data of this direction in a second."""
        return self.elements_per_s * self.time_share * self.data_share


def _nr_overhead(settings: LinkSettings, ports: int) -> NrOverhead:
    return NrOverhead(
        pdcch_symbols=settings.pdcch_symbols,
        dmrs_symbols=settings.dmrs_symbols,
        csi_rs_ports=max(ports, 1),
    )


def always_on_share(carrier: Carrier, settings: LinkSettings) -> float:
    """Share of downlink elements a cell sends even when it carries no traffic.

    NR: SSB, CSI-RS and TRS; LTE: cell-specific reference signals and broadcast.
    """
    if carrier.rat == "lte":
        crs = {1: 8, 2: 16, 4: 24}[settings.crs_ports] / 168.0
        return crs + lte_downlink_use(carrier.n_prb).broadcast / (168.0 * carrier.n_prb)
    overhead = _nr_overhead(settings, carrier.dl_layers)
    use = nr_downlink_use(carrier.n_prb, carrier.scs_khz, overhead)
    slots = carrier.scs_khz / 15.0
    dmrs = overhead.dmrs_re_per_prb * carrier.n_prb * slots
    return float((use.reference - dmrs + use.broadcast) / use.total)


def downlink_frame(carrier: Carrier, settings: LinkSettings) -> Frame:
    """Count where the downlink elements of a carrier go."""
    slots = 1000.0 * carrier.scs_khz / 15.0
    total = 168.0 * carrier.n_prb * slots
    if carrier.rat == "lte":
        use = lte_downlink_use(carrier.n_prb, settings.crs_ports, settings.pdcch_symbols)
        each = round((use.total - use.control - use.reference) / carrier.n_prb)
        broadcast = use.broadcast / use.total
    else:
        overhead = _nr_overhead(settings, carrier.dl_layers)
        each = 12 * overhead.data_symbols - overhead.dmrs_re_per_prb
        broadcast = always_on_share(carrier, settings)
    share = each / 168.0 - broadcast
    kept = slots * carrier.dl_share * share * 168.0 / each
    idle = always_on_share(carrier, settings)
    return Frame(total, carrier.dl_share, share, each, kept, idle)


def uplink_frame(carrier: Carrier, settings: LinkSettings) -> Frame:
    """Count where the uplink elements of a carrier go: one DM-RS symbol a slot, two in LTE."""
    slots = 1000.0 * carrier.scs_khz / 15.0
    each = 144 if carrier.rat == "lte" else 168 - 12 * settings.dmrs_symbols
    blocks = int(uplink_blocks(carrier, settings)[-1])
    whole = _whole_uplink(carrier, settings)
    share = whole * each / 168.0 * blocks / carrier.n_prb
    total = 168.0 * carrier.n_prb * slots
    return Frame(total, carrier.ul_share, share, each, slots * whole * carrier.ul_share, 0.0)


def _whole_uplink(carrier: Carrier, settings: LinkSettings) -> float:
    """Share of the uplink symbols that carry data: all of whole slots, some of special ones."""
    if carrier.tdd is None:
        return 1.0
    symbols = [slot.uplink_symbols for slot in carrier.tdd.slots]
    whole = sum(slot.uplink_symbols for slot in carrier.tdd.slots if slot.use == "U")
    return (whole + settings.special_uplink * (sum(symbols) - whole)) / max(sum(symbols), 1)


def uplink_blocks(carrier: Carrier, settings: LinkSettings) -> NDArray[np.int64]:
    """Numbers of resource blocks a phone may be given, about 1 dB apart, the most last.

    LTE's are products of 2, 3 and 5 (TS 36.211 clause 5.3.3); the same are used for NR, whose
    largest allocation is everything that uplink control leaves.
    """
    most = max(carrier.n_prb - settings.pucch_blocks, 1)
    smooth = np.array(
        [n for n in range(1, most + 1) if _smooth(n)] + ([most] if carrier.rat == "nr" else [])
    )
    wanted = smooth[-1] / 10.0 ** (np.arange(0.0, 10.0 * np.log10(smooth[-1]) + 1.0) / 10.0)
    below = np.searchsorted(smooth, wanted, side="right") - 1
    return np.asarray(np.unique(smooth[np.maximum(below, 0)]), dtype=np.int64)


def _smooth(number: int) -> bool:
    for prime in (2, 3, 5):
        while number % prime == 0:
            number //= prime
    return number == 1
