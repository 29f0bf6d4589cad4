"""Channels of one drop in units of the noise: serving cell, strongest interferers, the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.simulation.channel import ChannelOptions, PanelArray, fast_fading, multipath_power
from cellwright.simulation.channel.draws import uniform_table
from cellwright.simulation.drop import Drop
from cellwright.simulation.mimo_system.settings import SystemSettings
from cellwright.simulation.scenarios import Scenario, drop
from cellwright.units import thermal_noise_dbm

Array = NDArray[Any]
_SERVING_STREAM = 31


@dataclass(frozen=True, eq=False)
class Network:
    """A drop whose gains hold all rays.

    Attributes
    ----------
    people : Drop
        ``gain_db`` is the multipath coupling gain of one port [cell, user].
    cell : int32 [user, link]
        Serving cell, then interferers, strongest first.
    place : int64 [user]
        Which strongest cell serves; the strongest stands in its place among the interferers.
    amplitude : float32 [user, link]
        Of the whole transmit power over the noise of a receive port, without fast fading.
    rest : float64 [user]
        Power of all other cells over the noise.
    offsets_hz : float64 [subband x sample]
    """

    people: Drop
    cell: NDArray[np.int32]
    place: NDArray[np.int64]
    amplitude: Array
    rest: Array
    offsets_hz: Array

    def channel(self, settings: SystemSettings, time_s: float) -> NDArray[np.complex64]:
        """Channel at a time, complex64 [user, link, frequency, receive, port]."""
        kmh = np.where(self.people.in_car, settings.car_kmh, settings.pedestrian_kmh)
        options = ChannelOptions(edition=settings.edition, speed_m_s=kmh / 3.6)
        h = fast_fading(
            self.people, settings.model, settings.base, settings.user, self.cell.shape[1],
            self.offsets_hz, self.people.seed, time_s, options,
        ).h  # fmt: skip
        moved = np.flatnonzero(self.place)
        h[moved, 0], h[moved, self.place[moved]] = (
            h[moved, self.place[moved]],
            h[moved, 0].copy(),
        )
        h *= self.amplitude[:, :, None, None, None]
        return h


def _one_port(base: PanelArray) -> PanelArray:
    """One port of an array: every port of it radiates the same power."""
    return replace(
        base,
        rows=base.rows // (base.port_rows or base.rows),
        columns=base.columns // (base.port_columns or base.columns),
        port_rows=1,
        port_columns=1,
    )


def frequencies(settings: SystemSettings) -> Array:
    """Frequencies looked at against the carrier [Hz], subband by subband."""
    block_hz = 12e3 * settings.scs_khz
    whole, width = settings.resource_blocks * block_hz, settings.subband_blocks * block_hz
    middle = (np.arange(settings.subbands) + 0.5) / settings.subbands - 0.5
    within = (np.arange(settings.samples) + 0.5) / settings.samples - 0.5
    return np.asarray((whole * middle[:, None] + width * within[None, :]).ravel())


def network(scenario: Scenario, settings: SystemSettings, seed: int) -> Network:
    """Drop users and find who serves them, by the power of all rays through one port."""
    people = drop(scenario, seed)
    cell, power = multipath_power(
        people, settings.model, _one_port(settings.base), replace(settings.user, columns=1),
        people.cells, seed, ChannelOptions(edition=settings.edition),
    )  # fmt: skip
    mean = np.empty((people.users, people.cells))
    np.put_along_axis(mean, cell.astype(np.int64), power.mean(axis=(2, 3)), axis=1)
    gain = 10.0 * np.log10(np.maximum(mean.T, 1e-12)) - people.loss_db[people.cell_site]
    people = replace(people, gain_db=gain.astype(np.float32))
    noise = thermal_noise_dbm(
        12e3 * settings.resource_blocks * settings.scs_khz, scenario.noise_figure_db
    )
    order = np.argsort(-people.gain_db, axis=0, kind="stable").T.astype(np.int32)
    links = min(settings.interferers + 1, people.cells)
    near, far = np.ascontiguousarray(order[:, :links]), order[:, links:]
    place = _served_by(people, near, settings.margin_db)
    user = np.arange(people.users)[:, None]
    near[user[:, 0], place], near[:, 0] = near[:, 0].copy(), near[user[:, 0], place]
    loss = people.loss_db[people.cell_site].T
    level = 10.0 ** ((scenario.power_dbm - noise - loss[user, near]) / 20.0)
    heard = 10.0 ** ((scenario.power_dbm - noise + gain.T[user, far]) / 10.0)
    return Network(
        people, near, place, level.astype(np.float32), heard.sum(axis=1),
        frequencies(settings),
    )  # fmt: skip


def _served_by(people: Drop, near: NDArray[np.int32], margin_db: float) -> NDArray[np.int64]:
    """Draw one of the cells within the margin of each user's strongest: its place in ``near``."""
    gain = np.take_along_axis(people.gain_db.T, near.astype(np.int64), axis=1)
    close = (gain >= gain[:, :1] - margin_db).sum(axis=1)
    draw = uniform_table(people.seed, _SERVING_STREAM, people.users, 1)[:, 0]
    return np.asarray(np.minimum((draw * close).astype(np.int64), close - 1))
