"""Mbit/s of every user: alone in the cell, and among all the others in the busy hour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.compute import Progress
from cellwright.coverage import cell_loads
from cellwright.errors import InputError
from cellwright.network import Carrier
from cellwright.simulation.demand import Demand
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.link.rates import rate_table
from cellwright.simulation.load import MOST_LOAD, Loads, settle, shared_rate

Floats = NDArray[np.float64]
_NEPER_PER_DB = np.float32(np.log(10.0) / 10.0)


@dataclass(frozen=True, eq=False)
class _Served:
    """Served receivers as flat arrays, and what each hears of every cell."""

    index: NDArray[np.int64]
    server: NDArray[np.int64]
    sight: NDArray[np.uint8]
    own_dbm: NDArray[np.float32]
    bystander_mw: NDArray[np.float32]

    def sinr_db(self, activity: Floats, noise_mw: float) -> Floats:
        """SINR of data [dB] when the cells fill these shares of their elements."""
        other = activity.astype(np.float32) @ self.bystander_mw
        return np.asarray(self.own_dbm - 10.0 * np.log10(other.astype(np.float64) + noise_mw))


def _served(received: xr.Dataset, server: NDArray[Any]) -> _Served:
    index = np.flatnonzero(server >= 0)
    best = server[index].astype(np.int64)
    traffic = received["traffic_dbm"].to_numpy()
    levels: NDArray[np.float32] = traffic[:, index]
    own = levels[best, np.arange(index.size)].copy()
    levels += received["apart_db"].to_numpy().astype(np.float32)[:, None]
    levels *= _NEPER_PER_DB
    np.exp(levels, out=levels)
    # a user's own cell does not disturb it
    levels[best, np.arange(index.size)] = 0.0
    sight = received["sight"].to_numpy()[received["site_of_cell"].to_numpy()[best], index]
    own += np.where(sight == 1, 0.0, received["spread_db"].to_numpy()[best]).astype(np.float32)
    return _Served(index, best, sight, own, levels)


def _uplink_snr_db(
    served: _Served, received: xr.Dataset, carrier: Carrier, settings: LinkSettings
) -> Floats:
    """SNR at the base station with the phone's power over all blocks [dB].

    Gains and path loss are the downlink's own (TDD: the same channel; FDD: the uplink lies lower
    in frequency and is a little better than this).
    """
    fixed = carrier.user_gain_dbi - carrier.user_loss_db - carrier.base_loss_db
    element = received["element_dbm"].to_numpy()[served.server]
    coupling = served.own_dbm.astype(np.float64) - (element - fixed)
    noise = carrier.base_noise_dbm_per_re + settings.noise_rise_db
    most = carrier.element_power_dbm(carrier.user_power_dbm)
    # TS 38.213 7.1.1, TS 36.213 5.1.1: a block's power, then that of one of its 12 elements
    block = settings.p0_dbm + 10.0 * np.log10(carrier.scs_khz / 15.0) - settings.alpha * coupling
    wanted = block - 10.0 * np.log10(12.0)
    return np.asarray(np.minimum(wanted, most) + coupling - noise)


def _loads_of(
    server: NDArray[np.int64], users: Floats, mbps: float, rate: Floats, share: Floats, n: int
) -> Floats:
    """Load of each cell: time its users' demand takes at their rates; served users only."""
    busy = np.divide(users * mbps * share, rate, out=np.zeros_like(rate), where=rate > 0.0)
    return np.bincount(server, busy, minlength=n).astype(np.float64)


def throughput(
    received: xr.Dataset,
    signal: xr.Dataset,
    carrier: Carrier,
    receivers: xr.Dataset,
    demand: Demand | None = None,
    settings: LinkSettings | None = None,
    *,
    load: ArrayLike | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Speed of a user at every receiver, alone in its cell and under the load of all.

    Parameters
    ----------
    received : Dataset
        From ``coverage.received``, both beam sets.
    signal : Dataset
        From ``coverage.signal``; its ``server`` and ``traffic_sinr_db`` are used.
    carrier : Carrier
        The carrier of these cells.
    receivers : Dataset
        As from ``geo.receivers``; ``residents`` and ``place`` tell where users are.
    demand : Demand, optional
        Traffic of the busy hour.
    settings : LinkSettings, optional
        Assumptions of link adaptation.
    load : float or array [cell], optional
        Downlink load of the cells, 0 to 1, in place of the one that follows from the demand.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Dataset
        Dim ``receiver`` (0 where no cell serves; float32): ``dl_peak_mbps, ul_peak_mbps`` (alone
        in the cell, the neighbours at the load ``signal`` was made for), ``dl_mbps, ul_mbps``
        (mean rate in the busy hour among the cell's other users, the neighbours as busy as the
        demand makes them), ``dl_sinr_db, ul_sinr_db`` of the busy hour and ``dl_design_sinr_db,
        ul_design_sinr_db`` of the peak (NaN where no cell serves), ``dl_layers`` (of the peak),
        ``sight``, ``users_here``. Dim ``cell``: ``load`` and ``ul_load`` (0 to 1),
        ``wanted_load`` and ``wanted_ul_load`` (above 1: overloaded), ``users``, ``overloaded``.
        Attributes: ``rounds, settled`` of the load, ``total_users, unserved_users``.

    Raises
    ------
    InputError
        Data sets that do not belong together; a load outside 0 to 1.

    Notes
    -----
    Interference of a neighbour: its always-on signals plus its load times the rest, at its traffic
    level averaged over its beams. A user whose link carries nothing asks for nothing.
    """
    if received.sizes["receiver"] != receivers.sizes["receiver"]:
        raise InputError("received and receivers have different lengths.")
    demand, settings = demand or Demand(), settings or LinkSettings()
    down, up = (rate_table(carrier, way, settings) for way in ("downlink", "uplink"))
    users = demand.users(receivers)
    served = _served(received, signal["server"].to_numpy())
    cells, crowd = received.sizes["cell"], users[served.index]
    noise_mw = 10.0 ** (carrier.noise_dbm_per_re / 10.0)
    idle = down.frame.always_on

    whole = np.ones(served.index.size)

    def sinr_at(loads: Floats) -> Floats:
        return served.sinr_db(idle + (1.0 - idle) * loads, noise_mw)

    def wanted_at(loads: Floats) -> Floats:
        rate = down.rate(sinr_at(loads), served.sight)
        return _loads_of(served.server, crowd, demand.dl_mbps_per_user, rate, whole, cells)

    loads = settle(wanted_at, cells) if load is None else _given(load, carrier, wanted_at, cells)
    if progress is not None:
        progress(0.7)
    sinr = sinr_at(loads.load)
    snr = _uplink_snr_db(served, received, carrier, settings)
    rate_up = up.rate(snr, served.sight)
    blocks = up.share(snr, served.sight)
    busy_up = _loads_of(served.server, crowd, demand.ul_mbps_per_user, rate_up, blocks, cells)
    design = signal["traffic_sinr_db"].to_numpy()[served.index]
    alone = down.rate(sinr, served.sight)
    speeds: dict[str, NDArray[Any]] = {
        "dl_peak_mbps": down.rate(design, served.sight),
        "dl_mbps": shared_rate(alone, loads.wanted[served.server]),
        "dl_sinr_db": sinr,
        "dl_design_sinr_db": design,
        "dl_layers": down.layers_at(design, served.sight),
        "ul_peak_mbps": rate_up,
        "ul_mbps": shared_rate(rate_up, busy_up[served.server]),
        "ul_sinr_db": snr,
        "ul_design_sinr_db": snr,
        "sight": served.sight,
    }
    if progress is not None:
        progress(1.0)
    return _dataset(speeds, served, received, users, loads, busy_up)


def _given(
    load: ArrayLike, carrier: Carrier, wanted_at: Callable[[Floats], Floats], cells: int
) -> Loads:
    """Return loads that are given, not solved for; an overloaded cell still shows its demand."""
    given = cell_loads(load, carrier, cells)
    over = wanted_at(given)
    return Loads(np.where(over > MOST_LOAD, np.maximum(over, given), given), given, 0, True)


def _dataset(
    speeds: dict[str, NDArray[Any]],
    served: _Served,
    received: xr.Dataset,
    users: Floats,
    loads: Loads,
    busy_up: Floats,
) -> xr.Dataset:
    variables: dict[str, Any] = {}
    for name, values in speeds.items():
        kind = np.uint8 if values.dtype == np.uint8 else np.float32
        unit = "Mbit/s" if name.endswith("_mbps") else "dB" if name.endswith("_db") else ""
        whole = np.full(users.size, np.nan if name.endswith("_db") else 0, kind)
        whole[served.index] = values
        variables[name] = ("receiver", whole, {"units": unit} if unit else {})
    variables["users_here"] = ("receiver", users.astype(np.float32), {"units": "people"})
    cell_users = np.bincount(served.server, users[served.index], minlength=loads.wanted.size)
    variables |= {
        "load": ("cell", loads.load),
        "wanted_load": ("cell", loads.wanted),
        "ul_load": ("cell", np.minimum(busy_up, MOST_LOAD)),
        "wanted_ul_load": ("cell", busy_up),
        "users": ("cell", cell_users.astype(np.float64), {"units": "people"}),
        "overloaded": ("cell", (loads.wanted > MOST_LOAD) | (busy_up > MOST_LOAD)),
        "turned_away": ("cell", loads.turned_away),
    }
    unserved = users.sum() - users[served.index][speeds["dl_peak_mbps"] > 0.0].sum()
    attrs = {
        **received.attrs,
        "rounds": loads.rounds,
        "settled": int(loads.settled),
        "total_users": float(users.sum()),
        "unserved_users": max(float(unserved), 0.0),
    }
    return xr.Dataset(variables, coords={"cell": received["cell"]}, attrs=attrs)
