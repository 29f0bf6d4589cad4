"""What a slot simulation tells: rates, load, latency and its tail, errors, fairness, energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.simulation.confidence import Interval, over_drops
from cellwright.simulation.slots.energy import BasePower
from cellwright.simulation.slots.state import BINS, BINS_PER_OCTAVE, LOWEST_OCTAVE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SlotResult:
    """What one drop gave; users and cells in the order of the plan.

    Attributes
    ----------
    seconds : float
        Counted time [s].
    slot_s : float
        Length of a slot [s].
    bandwidth_hz : float
        Channel bandwidth [Hz].
    batch_bits : int [batch, user]
        Bits decoded.
    load : float [batch, cell]
        Share of the resource blocks used in the slots of this direction.
    serving, traffic_class : int [user]
        Serving cell; class of traffic.
    offered_bits, refused_bits, lost_bits : int [user]
        Arrived; turned away at a full queue; given up.
    queued_bits : int [user]
        In the queue and in flight at the end; 0 for a full buffer.
    balance_bits : int [user]
        Bits in less bits out, waiting and lost since the very start: 0.
    firsts, first_errors : int [user]
        First transmissions, and those not decoded.
    rounds : int [round]
        Blocks decoded with the first, second, ... transmission.
    given_up : int [user]
        Blocks HARQ gave up.
    out_of_range : float [user]
        Share of a user's reports with CQI 0 on every group (TS 38.214 clause 5.2.2.1), 0 to 1: in
        that share of the time it is not served. 1 marks a user the network does not reach.
    delay_counts : int [class, bin]
        Packet delays on a grid of 1/64 octave.
    delay_sum_s : float [user]
        Sum of packet delays [s].
    delivered, broken : int [user]
        Packets handed up; packets with a lost part.
    power_w : float [cell]
        Radiated power of a full cell [W].
    seed : int
        Seed of the drop.
    """

    seconds: float
    slot_s: float
    bandwidth_hz: float
    batch_bits: Ints
    load: Floats
    serving: Ints
    traffic_class: Ints
    offered_bits: Ints
    refused_bits: Ints
    lost_bits: Ints
    queued_bits: Ints
    balance_bits: Ints
    firsts: Ints
    first_errors: Ints
    rounds: Ints
    given_up: Ints
    out_of_range: Floats
    delay_counts: Ints
    delay_sum_s: Floats
    delivered: Ints
    broken: Ints
    power_w: Floats
    seed: int

    @property
    def user_mbps(self) -> Floats:
        """Throughput of every user [Mbit/s]."""
        return np.asarray(self.batch_bits.sum(axis=0) / self.seconds / 1e6)

    @property
    def cell_mbps(self) -> Floats:
        """Throughput of every cell [Mbit/s]."""
        return np.asarray(np.bincount(self.serving, self.user_mbps, self.load.shape[1]), np.float64)

    @property
    def cell_load(self) -> Floats:
        """Share of the blocks used, by cell, 0 to 1."""
        return np.asarray(self.load.mean(axis=0))

    @property
    def spectral_efficiency(self) -> Floats:
        """Bits per second and hertz of every cell, over the whole time and bandwidth."""
        return np.asarray(self.cell_mbps * 1e6 / self.bandwidth_hz)

    @property
    def total_mbps(self) -> Interval:
        """Throughput of all users [Mbit/s] with the interval of batch means."""
        batches = self.batch_bits.shape[0]
        return over_drops(self.batch_bits.sum(axis=1) / (self.seconds / batches) / 1e6)

    @property
    def block_error(self) -> float:
        """Error rate of first transmissions; 0 if there were none."""
        return float(self.first_errors.sum() / max(int(self.firsts.sum()), 1))

    @property
    def jain(self) -> float:
        """Jain's index of the users' throughputs: 1 if all are equal."""
        rate = self.user_mbps
        top = float((rate**2).sum()) * rate.size
        return float(rate.sum()) ** 2 / top if top > 0.0 else 1.0

    @property
    def mean_delay_ms(self) -> float:
        """Mean packet delay [ms]; 0 if no packet was handed up."""
        return float(self.delay_sum_s.sum() * 1e3 / max(int(self.delivered.sum()), 1))

    def delay_ms(self, percent: float, traffic_class: int | None = None) -> float:
        """Percentile of packet delay [ms], within half a percent; 0 without packets.

        Parameters
        ----------
        percent : float
            Such as 50, 95, 99, 99.9.
        traffic_class : int, optional
            One class; all if left out.
        """
        return delay_percentile_ms(self.delay_counts, self.slot_s, percent, traffic_class)

    def energy_j_per_bit(self, model: BasePower | None = None) -> float:
        """Mains energy of all cells for each bit of the users [J/bit]; infinite without bits."""
        chosen = model or BasePower()
        drawn = float(chosen.mains_w(self.cell_load, self.power_w).sum()) * self.seconds
        bits = int(self.batch_bits.sum())
        return drawn / bits if bits else float("inf")


def delay_edges_s(slot_s: float) -> Floats:
    """Edges of the delay bins [s]."""
    return np.asarray(slot_s * 2.0 ** (LOWEST_OCTAVE + np.arange(BINS + 1) / BINS_PER_OCTAVE))


def delay_percentile_ms(
    counts: Ints, slot_s: float, percent: float, traffic_class: int | None = None
) -> float:
    """Percentile of the packet delays in a histogram [class, bin], in milliseconds."""
    if not 0.0 <= percent <= 100.0:
        raise InputError(f"percent is {percent:g}; 0 to 100 are allowed.")
    bins = counts.sum(axis=0) if traffic_class is None else counts[traffic_class]
    total = int(bins.sum())
    if not total:
        return 0.0
    edge = delay_edges_s(slot_s) * 1e3
    below = np.concatenate([[0], np.cumsum(bins)]) / total
    at = int(np.clip(np.searchsorted(below, percent / 100.0), 1, BINS))
    share = (percent / 100.0 - below[at - 1]) / max(below[at] - below[at - 1], 1e-12)
    return float(edge[at - 1] + share * (edge[at] - edge[at - 1]))
