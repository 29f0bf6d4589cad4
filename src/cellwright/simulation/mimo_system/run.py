"""Run drops of a multi-user MIMO network and report spectral efficiency as M.2412 defines it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.radio import mcs_table
from cellwright.simulation.confidence import Interval, over_drops
from cellwright.simulation.link import AdaptationTable, adaptation_table, information_tables
from cellwright.simulation.mimo_system.channels import Network, network
from cellwright.simulation.mimo_system.receive import deliver_kernel, sinr_kernel
from cellwright.simulation.mimo_system.reports import reports
from cellwright.simulation.mimo_system.schedule import schedule_kernel
from cellwright.simulation.mimo_system.settings import SystemSettings
from cellwright.simulation.scenarios import Scenario

Array = NDArray[Any]
_MOST_OFFSET_DB = 30.0


@dataclass(frozen=True, eq=False)
class SystemResult:
    """What drops gave.

    Attributes
    ----------
    user_rate : float64 [drop, user]
        Spectral efficiency of each user over the whole bandwidth [bit/s/Hz].
    cells : int
        Transmission points.
    layers : float64 [drop]
        Mean layers on a subband.
    block_error : float64 [drop]
        Mean block error rate of first transmissions.
    """

    user_rate: NDArray[np.float64]
    cells: int
    layers: NDArray[np.float64]
    block_error: NDArray[np.float64]

    @property
    def average(self) -> Interval:
        """Average spectral efficiency of a transmission point [bit/s/Hz], over drops."""
        return over_drops(self.user_rate.sum(axis=1) / self.cells)

    @property
    def edge(self) -> Interval:
        """5th percentile of user spectral efficiency [bit/s/Hz], over drops."""
        return over_drops(np.percentile(self.user_rate, 5.0, axis=1))


def spectral_efficiency(
    scenario: Scenario, settings: SystemSettings | None = None, seeds: Iterable[int] = (1,)
) -> SystemResult:
    """Spectral efficiency of a scenario with full buffers and multi-user MIMO.

    Parameters
    ----------
    scenario : Scenario
        Whose ``column`` should be that of one port; its power is spread over the carrier.
    settings : SystemSettings, optional
        Antennas, reports, scheduling, overhead.
    seeds : iterable of int
        One drop for each.

    Returns
    -------
    SystemResult

    Raises
    ------
    InputError
        No seed.

    References
    ----------
    Report ITU-R M.2412-0, clauses 7.1.1 and 7.1.2; 3GPP TR 37.910.
    """
    chosen = settings or SystemSettings()
    found = [spectral_efficiency_of_drop(scenario, chosen, seed) for seed in seeds]
    if not found:
        raise InputError("spectral_efficiency needs at least one seed.")
    return SystemResult(
        np.concatenate([one.user_rate for one in found]),
        found[0].cells,
        np.concatenate([one.layers for one in found]),
        np.concatenate([one.block_error for one in found]),
    )


def spectral_efficiency_of_drop(
    scenario: Scenario, settings: SystemSettings, seed: int
) -> SystemResult:
    """One drop of :func:`spectral_efficiency`, to keep and to join."""
    net = network(scenario, settings, seed)
    state = _Running(net, settings)
    for instant in range(settings.instants):
        start = instant * settings.instant_s
        state.report(net.channel(settings, start))
        h = net.channel(settings, start + settings.delay_s)
        for _ in range(settings.slots):
            state.slot(h)
    return state.result(scenario.bandwidth_mhz)


class _Running:
    """A drop under way: averages, outer loops and what cells send."""

    def __init__(self, net: Network, settings: SystemSettings) -> None:
        self.net, self.settings = net, settings
        users, cells = net.people.users, net.people.cells
        serving = net.cell[:, 0]
        order = np.argsort(serving, kind="stable")
        self.owner = np.repeat(order, settings.rank).astype(np.int64)
        held = np.bincount(serving, minlength=cells)
        self.first = np.concatenate([[0], np.cumsum(held * settings.rank)]).astype(np.int64)
        self.sharing = held[serving]
        self.average = np.zeros(users)
        self.offset_db = np.zeros(users)
        self.delivered, self.sent, self.lost = np.zeros(users), np.zeros(users), np.zeros(users)
        self.done, self.counted, self.layers = 0, 0, 0.0
        shape = cells, settings.subbands, settings.most_layers
        self.count = np.zeros(shape[:2], np.int64)
        self.user = np.zeros(shape, np.int64)
        self.predicted = np.zeros((*shape, 1))
        self.actual = np.zeros((*shape, settings.samples))
        self.precoder = np.zeros(
            (*shape[:2], settings.base.ports, settings.most_layers), np.complex64
        )
        self.table, self.best_rate = _table(settings)
        most = settings.most_layers
        sent = [max(n, 1) for n in range(most + 1)]
        self.share = np.array([settings.data_share(n) for n in sent])
        heard = settings.estimation == "pilots"
        self.pilots = np.array([heard * settings.pilot_gain(n) for n in sent])
        self.known = np.array([settings.covariance_samples(n) for n in sent])

    def report(self, h: Array) -> None:
        """Take new reports."""
        key = self.net.people.seed, self.done
        known = reports(h, self.net.rest, self.settings, key)
        subbands, ports = self.settings.subbands, h.shape[-1]
        order = self.owner[:: self.settings.rank]
        rows = known[order].swapaxes(1, 2).reshape(-1, subbands, ports)
        self.rows = np.ascontiguousarray(rows)
        widest = int(np.diff(self.first).max())
        self.gram = np.zeros((len(rows), subbands, widest), np.complex128)
        for a, b in zip(self.first[:-1], self.first[1:], strict=True):
            part = self.rows[a:b].swapaxes(0, 1)
            inner = part @ part.conj().swapaxes(1, 2)
            self.gram[a:b, :, : b - a] = inner.swapaxes(0, 1)
        if self.done == 0:
            alone = np.log2(1.0 + (np.abs(known[:, :, 0]) ** 2).sum(axis=2)).mean(axis=1)
            self.average = alone / self.sharing

    def slot(self, h: Array) -> None:
        """Schedule all cells, then see what comes of it."""
        settings, net = self.settings, self.net
        trust = 10.0 ** (self.offset_db / 10.0)
        weight = 1.0 / np.maximum(self.average, 1e-6)
        schedule_kernel(
            self.rows, self.gram, self.first, self.owner, weight, trust, settings.most_layers,
            settings.most_users, self.best_rate, self.count, self.user, self.predicted[..., 0],
            self.precoder,
        )  # fmt: skip
        sinr_kernel(
            h, net.cell, net.rest, settings.samples, self.count, self.user, self.precoder,
            self.pilots, self.known, net.people.seed, self.done, self.actual,
        )  # fmt: skip
        users, table = net.people.users, self.table
        blocks, error, carried = np.zeros(users, np.int64), np.zeros(users), np.zeros(users)
        deliver_kernel(
            self.count, self.user, self.predicted, self.actual, trust,
            table.threshold_information, table.order, table.symbols, table.bits,
            information_tables(), blocks, error, carried,
        )  # fmt: skip
        share = self.share[self.count.max(axis=1)][net.cell[:, 0]]
        self._account(blocks, error, carried * share / settings.subbands)

    def _account(self, blocks: Array, error: Array, carried: Array) -> None:
        settings, sent = self.settings, blocks > 0
        rate = carried * (1.0 - error)
        self.average += (rate - self.average) / settings.average_slots
        step = settings.outer_step_db * (settings.target_error - error)
        moved = np.clip(self.offset_db + step, -_MOST_OFFSET_DB, _MOST_OFFSET_DB)
        self.offset_db = np.where(sent, moved, self.offset_db)
        self.done += 1
        if self.done > settings.warm_up:
            self.counted += 1
            self.delivered += rate
            self.sent += sent
            self.lost += error * sent
            self.layers += float(self.count.mean())

    def result(self, bandwidth_mhz: float) -> SystemResult:
        """Return the drop's figures over the carrier's whole bandwidth."""
        settings = self.settings
        occupied = 12e-3 * settings.resource_blocks * settings.scs_khz / bandwidth_mhz
        # 14 symbols a slot of 1 ms at 15 kHz: 14/15 of the ideal 1 symbol/s/Hz
        rate = self.delivered / self.counted * occupied * 14.0 / 15.0
        lost = self.lost.sum() / max(self.sent.sum(), 1.0)
        return SystemResult(
            rate[None, :],
            self.net.people.cells,
            np.array([self.layers / self.counted]),
            np.array([lost]),
        )


def _table(settings: SystemSettings) -> tuple[AdaptationTable, float]:
    """Thresholds of the 256QAM table for 1, 2, ... layers on a subband, and its best rate."""
    table = mcs_table("nr-256qam")
    each = settings.resource_blocks / settings.subbands * 168.0 * settings.data_share(8)
    symbols = np.arange(1, settings.rank * settings.subbands + 1) * each
    rate = table.spectral_efficiency
    found = adaptation_table(
        "nr-256qam", table.modulation_order, symbols, symbols[:, None] * rate,
        "ldpc", settings.target_error,
    )  # fmt: skip
    return found, float(rate[-1])
