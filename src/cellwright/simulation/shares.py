"""Speeds of served users and the loads of their cells at one another's fixed point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.coverage import cell_loads
from cellwright.network import Carrier
from cellwright.simulation.demand import Demand
from cellwright.simulation.fading import faded
from cellwright.simulation.link import LinkSettings, RateTable, rate_table
from cellwright.simulation.link.rates import SNR_DB, STEP_DB
from cellwright.simulation.load import (
    MOST_LOAD,
    MOST_ROUNDS,
    Loads,
    settle,
    shared_rate,
    turned_away,
)
from cellwright.simulation.served import Served
from cellwright.simulation.sharing import Queue, Scheduling, Sharing, interpolated, mean_shares

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shared:
    """What served users get, and how busy that makes the cells; arrays by served user or cell.

    ``speeds`` has the names of :func:`throughput`'s variables along ``receiver``.
    """

    speeds: dict[str, NDArray[Any]]
    loads: Loads
    busy_up: Floats
    noise_rise_db: Floats

    @property
    def ul_load(self) -> Floats:
        """Uplink load of each cell, 0 to the most a cell carries."""
        return np.minimum(self.busy_up, MOST_LOAD)

    @property
    def overloaded(self) -> NDArray[np.bool_]:
        """Cells whose demand in either direction is more than they carry."""
        return np.asarray((self.loads.wanted > MOST_LOAD) | (self.busy_up > MOST_LOAD))


@dataclass(frozen=True, eq=False)
class _Down:
    """The downlink: rates, who asks, and the scheduler that follows fading, if any."""

    table: RateTable
    sight: NDArray[np.uint8]
    server: NDArray[np.int64]
    asked_mbps: Floats
    asks: NDArray[np.bool_]
    scheduling: Scheduling | None
    cells: int

    def rate(self, sinr_db: Floats) -> Floats:
        """Rate of a user alone in its cell [Mbit/s]."""
        return self.table.rate(sinr_db, self.sight)

    def busy(self, rate: Floats) -> Floats:
        """Return the time each user's demand takes at its rate; it never asks for less."""
        rate = np.maximum(rate, lowest_rate(self.table, self.sight))
        return np.where(self.asks, self.asked_mbps / rate, 0.0)

    def rho(self, sinr_db: Floats) -> Floats:
        """Return the demand of each cell over the rate of one user at a time."""
        asked = np.bincount(self.server, self.busy(self.rate(sinr_db)), minlength=self.cells)
        return asked.astype(np.float64)

    def queue(self, sinr_db: Floats) -> tuple[Queue, Floats]:
        """Return how many users each cell has, and of what SINR they are."""
        assert self.scheduling is not None
        size = SNR_DB.size
        place = np.clip(np.rint((sinr_db - SNR_DB[0]) / STEP_DB), 0, size - 1).astype(np.int64)
        flat = (self.server * 2 + self.sight) * size + place
        crowd = np.bincount(flat, self.busy(self.rate(sinr_db)), minlength=self.cells * 2 * size)
        users = crowd.astype(np.float64).reshape(self.cells, 2, size)
        return Queue(interpolated(self.scheduling.gain(users))), users

    def wanted(self, sinr_db: Floats) -> Floats:
        """Return the load asked of each cell."""
        rho = self.rho(sinr_db)
        return rho if self.scheduling is None else self.queue(sinr_db)[0].wanted(rho)

    def shared(self, sinr_db: Floats, wanted: Floats) -> Floats:
        """Mean rate of each user among the others of its cell [Mbit/s]."""
        alone = self.rate(sinr_db)
        if self.scheduling is None:
            return shared_rate(alone, wanted[self.server])
        queue, users = self.queue(sinr_db)
        rho = queue.rho(np.minimum(wanted, MOST_LOAD))
        mean = mean_shares(queue, rho, self.scheduling.among(users))
        return between(mean, self.server, self.sight, sinr_db)


def between(tables: Floats, cell: NDArray[Any], sight: NDArray[Any], sinr_db: Floats) -> Floats:
    """Look up rates [cell, sight, SINR] of users, linear in SINR."""
    place = np.clip((sinr_db - SNR_DB[0]) / STEP_DB, 0.0, SNR_DB.size - 1.0)
    low = np.minimum(place.astype(np.intp), SNR_DB.size - 2)
    left, right = tables[cell, sight, low], tables[cell, sight, low + 1]
    return np.asarray(left + (place - low) * (right - left))


def lowest_rate(table: RateTable, sight: NDArray[Any]) -> Floats:
    """Return the lowest rate above zero that a table has [Mbit/s], by sight."""
    lowest = [row[row > 0.0].min(initial=np.inf) for row in table.mbps]
    return np.array(lowest)[np.asarray(sight, np.intp)]


def link_tables(
    carrier: Carrier, settings: LinkSettings, sharing: Sharing
) -> tuple[RateTable, RateTable, RateTable]:
    """Return rates of a user alone, down and up, and down at one moment of its fading."""
    if sharing.fading == "margin":
        down, up = (rate_table(carrier, way, settings) for way in ("downlink", "uplink"))
        return down, up, down
    still = replace(settings, margin_db=sharing.margin_db)
    moment, sent = (rate_table(carrier, way, still) for way in ("downlink", "uplink"))
    branches = max(settings.base_branches, carrier.ul_layers)
    down = faded(moment, carrier.user_antennas, settings)
    return down, faded(sent, branches, settings), moment


@lru_cache(maxsize=8)
def _scheduling(carrier: Carrier, settings: LinkSettings, sharing: Sharing) -> Scheduling | None:
    if sharing.scheduler == "round-robin":
        return None
    moment = link_tables(carrier, settings, sharing)[2]
    return Scheduling(sharing.scheduler, moment, carrier.user_antennas, settings)


def share(
    served: Served,
    crowd: Floats,
    design_sinr_db: Floats,
    carrier: Carrier,
    demand: Demand,
    settings: LinkSettings,
    sharing: Sharing,
    load: ArrayLike | None = None,
) -> Shared:
    """Give every served user its speed, alone and among the others, at the loads of all cells.

    Parameters
    ----------
    served : Served
        Users and what they hear.
    crowd : array [user]
        People each stands for.
    design_sinr_db : array [user]
        SINR at the design load of the neighbours.
    carrier, demand, settings, sharing
        As for :func:`throughput`.
    load : float or array [cell], optional
        Loads that are given, not solved for.
    """
    down_table, up_table, _ = link_tables(carrier, settings, sharing)
    noise_mw = 10.0 ** (carrier.noise_dbm_per_re / 10.0)
    idle = down_table.frame.always_on

    def sinr_at(loads: Floats) -> Floats:
        return served.sinr_db(idle + (1.0 - idle) * loads, noise_mw)

    quiet = down_table.rate(sinr_at(np.zeros(served.cells)), served.sight)
    down = _Down(
        down_table, served.sight, served.server, crowd * demand.dl_mbps_per_user, quiet > 0.0,
        _scheduling(carrier, settings, sharing), served.cells,
    )  # fmt: skip

    def wanted_at(loads: Floats) -> Floats:
        return down.wanted(sinr_at(loads))

    loads = (
        settle(wanted_at, served.cells)
        if load is None
        else _given(load, carrier, wanted_at, served.cells)
    )
    sinr = sinr_at(loads.load)
    snr, busy_up, rise_db = _uplink(served, crowd, up_table, carrier, demand, settings, sharing)
    rate_up = up_table.rate(snr, served.sight)
    speeds: dict[str, NDArray[Any]] = {
        "dl_peak_mbps": down.rate(design_sinr_db),
        "dl_mbps": down.shared(sinr, loads.wanted),
        "dl_sinr_db": sinr,
        "dl_design_sinr_db": design_sinr_db,
        "dl_layers": down_table.layers_at(design_sinr_db, served.sight),
        "ul_peak_mbps": rate_up,
        "ul_mbps": shared_rate(rate_up, busy_up[served.server]),
        "ul_sinr_db": snr,
        "ul_design_sinr_db": snr,
        "sight": served.sight,
    }
    return Shared(speeds, loads, busy_up, rise_db)


def _uplink(
    served: Served,
    crowd: Floats,
    table: RateTable,
    carrier: Carrier,
    demand: Demand,
    settings: LinkSettings,
    sharing: Sharing,
) -> tuple[Floats, Floats, Floats]:
    """Return SNR of each user, load asked of each cell and its noise rise [dB].

    Gains and path loss are the downlink's own (TDD: the same channel; FDD: the uplink lies lower
    in frequency and is a little better than this).
    """
    phone = served.phone_dbm(carrier, settings)
    quiet = phone + served.coupling_db - carrier.base_noise_dbm_per_re
    asked, asks = crowd * demand.ul_mbps_per_user, table.rate(quiet, served.sight) > 0.0
    lowest = lowest_rate(table, served.sight)

    def at(rise_db: Floats) -> tuple[Floats, Floats, Floats]:
        snr = quiet - rise_db[served.server]
        time = np.where(asks, asked / np.maximum(table.rate(snr, served.sight), lowest), 0.0)
        time = time * table.share(snr, served.sight)
        busy = np.bincount(served.server, time, minlength=served.cells)
        return snr, time, busy.astype(np.float64)

    rise_db = np.full(served.cells, settings.noise_rise_db)
    if sharing.uplink == "coupled":
        rise_db = _noise_rise_db(served, phone, at, table, carrier)
    snr, _, busy = at(rise_db)
    return snr, busy, rise_db


def _noise_rise_db(
    served: Served,
    phone_dbm: Floats,
    at: Callable[[Floats], tuple[Floats, Floats, Floats]],
    table: RateTable,
    carrier: Carrier,
) -> Floats:
    """Uplink interference over noise that the phones' own demand makes [dB], by cell.

    More interference means lower rates, longer sending and so more interference: the same kind
    of map as that of the loads, climbed from silence. A phone on few blocks sends all its power
    there, so the mean over the carrier counts its time without its share of the blocks.
    """
    sent = 10.0 ** (phone_dbm / 10.0)
    noise_mw = 10.0 ** (carrier.base_noise_dbm_per_re / 10.0)
    rise = np.zeros(served.cells)
    for _ in range(MOST_ROUNDS):
        snr, time, busy = at(rise)
        admitted = 1.0 - turned_away(busy)
        whole = time / np.maximum(table.share(snr, served.sight), 1e-9)
        heard = served.uplink_mw(sent * whole * admitted[served.server])
        new = 10.0 * np.log10(1.0 + heard / noise_mw)
        moved = float(np.abs(new - rise).max(initial=0.0))
        rise = new
        if moved <= 1e-3:
            break
    return rise


def _given(
    load: ArrayLike, carrier: Carrier, wanted_at: Callable[[Floats], Floats], cells: int
) -> Loads:
    """Return loads that are given, not solved for; an overloaded cell still shows its demand."""
    given = cell_loads(load, carrier, cells)
    over = wanted_at(given)
    return Loads(np.where(over > MOST_LOAD, np.maximum(over, given), given), given, 0, True)
