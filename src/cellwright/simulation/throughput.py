"""Mbit/s of every user: alone in the cell, and among all the others in the busy hour."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.compute import Progress
from cellwright.errors import InputError
from cellwright.network import Carrier
from cellwright.simulation.demand import Demand
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.served import Served, serve
from cellwright.simulation.shares import Shared, share
from cellwright.simulation.sharing import Sharing

Floats = NDArray[np.float64]


def throughput(
    received: xr.Dataset,
    signal: xr.Dataset,
    carrier: Carrier,
    receivers: xr.Dataset,
    demand: Demand | None = None,
    settings: LinkSettings | None = None,
    sharing: Sharing | None = None,
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
    sharing : Sharing, optional
        Scheduler, fading and uplink interference; default: equal time, a margin, a fixed rise.
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
        ``wanted_load`` and ``wanted_ul_load`` (above 0.95: overloaded), ``users``, ``overloaded``,
        ``turned_away`` (share of the demand), ``ul_noise_rise_db``.
        Attributes: ``rounds, settled`` of the load, ``total_users, unserved_users``.

    Raises
    ------
    InputError
        Data sets that do not belong together; a load outside 0 to 1.

    Notes
    -----
    Interference of a neighbour: its always-on signals plus its load times the rest, at its traffic
    level averaged over its beams. A user whose link carries nothing even in an idle network asks
    for nothing. Loads: see :mod:`cellwright.simulation.load`; sharing:
    :mod:`cellwright.simulation.sharing`.
    """
    if received.sizes["receiver"] != receivers.sizes["receiver"]:
        raise InputError("received and receivers have different lengths.")
    demand, settings = demand or Demand(), settings or LinkSettings()
    users = demand.users(receivers)
    served = serve(
        received["traffic_dbm"].to_numpy(), signal["server"].to_numpy(),
        received["sight"].to_numpy(), received, carrier,
    )  # fmt: skip
    if progress is not None:
        progress(0.3)
    design = signal["traffic_sinr_db"].to_numpy()[served.index]
    made = share(
        served, users[served.index], design, carrier, demand, settings, sharing or Sharing(), load
    )
    if progress is not None:
        progress(1.0)
    return _dataset(made, served, received, users)


def _dataset(made: Shared, served: Served, received: xr.Dataset, users: Floats) -> xr.Dataset:
    variables: dict[str, Any] = {}
    for name, values in made.speeds.items():
        unit = "Mbit/s" if name.endswith("_mbps") else "dB" if name.endswith("_db") else ""
        whole = spread_out(values, served.index, users.size, name)
        variables[name] = ("receiver", whole, {"units": unit} if unit else {})
    variables["users_here"] = ("receiver", users.astype(np.float32), {"units": "people"})
    variables |= cell_variables(made, served, users)
    loads = made.loads
    unserved = users.sum() - users[served.index][made.speeds["dl_peak_mbps"] > 0.0].sum()
    attrs = {
        **received.attrs,
        "rounds": loads.rounds,
        "settled": int(loads.settled),
        "total_users": float(users.sum()),
        "unserved_users": max(float(unserved), 0.0),
    }
    return xr.Dataset(variables, coords={"cell": received["cell"]}, attrs=attrs)


def spread_out(
    values: NDArray[Any], index: NDArray[np.int64], count: int, name: str
) -> NDArray[Any]:
    """Lay values of served users out over all; the others get 0, or NaN in decibels."""
    kind = np.uint8 if values.dtype == np.uint8 else np.float32
    whole = np.full(count, np.nan if name.endswith("_db") else 0, kind)
    whole[index] = values
    return whole


def cell_variables(made: Shared, served: Served, users: Floats) -> dict[str, Any]:
    """Return what is known of the cells, as variables of a data set."""
    loads = made.loads
    crowd = np.bincount(served.server, users[served.index], minlength=served.cells)
    return {
        "load": ("cell", loads.load),
        "wanted_load": ("cell", loads.wanted),
        "ul_load": ("cell", made.ul_load),
        "wanted_ul_load": ("cell", made.busy_up),
        "ul_noise_rise_db": ("cell", made.noise_rise_db, {"units": "dB"}),
        "users": ("cell", crowd.astype(np.float64), {"units": "people"}),
        "overloaded": ("cell", made.overloaded),
        "turned_away": ("cell", loads.turned_away),
    }
