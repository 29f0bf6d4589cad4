"""The planned network through a day: who asks where, what the cells carry, the energy it takes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.compute import Progress
from cellwright.errors import Faults, InputError, did_you_mean
from cellwright.simulation.comparison import weighted_percentiles
from cellwright.simulation.demand import Demand
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.served import serve
from cellwright.simulation.shares import Shared, share
from cellwright.simulation.sharing import Sharing
from cellwright.simulation.slots.energy import BasePower
from cellwright.simulation.task import MapNetwork

Floats = NDArray[np.float64]
Profile = str | Mapping[str, float] | Sequence[float]
HOURS = 24


@cache
def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("cellwright.simulation").joinpath("data", f"{name}.csv")
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return list(csv.DictReader(lines))


def _profiles() -> dict[str, tuple[float, ...]]:
    rows = _rows("day_profiles")
    return {name: tuple(float(row[name]) for row in rows) for name in rows[0] if name != "hour"}


def floor_per_worker() -> dict[str, float]:
    """Return the gross floor area for each person at work [m2] by use of the building.

    References
    ----------
    Homes and Communities Agency, Employment Density Guide, third edition, 2015, rounded
    (assumption).
    """
    return {row["use"]: float(row["m2_per_worker"]) for row in _rows("floor_per_worker")}


def _profile(given: Profile) -> Floats:
    """Return 24 shares of a day that sum to 1."""
    if isinstance(given, str | Mapping):
        return day_profile(given)
    shares = np.asarray(given, np.float64)
    if shares.shape != (HOURS,) or not (shares >= 0.0).all() or not 0.0 < shares.sum() < np.inf:
        raise InputError(
            f"A profile of shape {shares.shape}: 24 values of at least 0 are needed, not all 0."
        )
    return np.asarray(shares / shares.sum())


def day_profile(mix: str | Mapping[str, float] = "residential") -> Floats:
    """Return the share of a day's traffic in each hour, 24 values that sum to 1 (assumption).

    Parameters
    ----------
    mix : str or mapping of str to float
        ``"residential"``, ``"business"``, or how much of each.

    Raises
    ------
    InputError
        A name that the file does not have, or shares that are no shares.

    Examples
    --------
    >>> home = day_profile()
    >>> round(float(home.sum()), 12), int(home.argmax())
    (1.0, 21)
    >>> int(day_profile({"residential": 0.2, "business": 0.8}).argmax())
    16
    """
    wanted = {mix: 1.0} if isinstance(mix, str) else dict(mix)
    known = _profiles()
    for name in wanted:
        if name not in known:
            raise InputError(f'There is no profile "{name}". {did_you_mean(name, known)}')
    total = sum(wanted.values())
    if not total > 0.0 or min(wanted.values()) < 0.0:
        raise InputError(f"The mix {wanted} must hold shares of at least 0, not all 0.")
    each = [share / total * np.array(known[name]) for name, share in wanted.items()]
    mixed = np.sum(each, axis=0)
    return np.asarray(mixed / mixed.sum())


@dataclass(frozen=True)
class DaySettings:
    """Where a day's traffic arises, and when; every default is an assumption.

    Attributes
    ----------
    work_share : float
        Share of a user's traffic of the day that arises at work, for those who work.
    home, work : str, mapping of str to float, or 24 values
        Share of a day's traffic in each hour at home and at work: of :func:`day_profile`, or own.
    floor_m2_per_worker : mapping of str to float
        Gross floor area for each person at work [m2] by use of the building.

    Raises
    ------
    InputError
        With every value that means nothing.
    """

    work_share: float = 0.3
    home: Profile = "residential"
    work: Profile = "business"
    floor_m2_per_worker: Mapping[str, float] = field(default_factory=floor_per_worker)

    def __post_init__(self) -> None:
        faults = Faults()
        if not 0.0 <= self.work_share <= 1.0:
            faults.error(
                "day.work_share", f"work_share is {self.work_share:g}; it is a share, 0 to 1."
            )
        for use, floor in self.floor_m2_per_worker.items():
            if not floor > 0.0:
                faults.error("day.floor", f"floor_m2_per_worker of {use} is {floor:g}; above 0.")
        faults.raise_errors()

    def shares(self) -> tuple[Floats, Floats]:
        """Return the share of a user's traffic of the day in each hour, at home and at work."""
        home, work = _profile(self.home), _profile(self.work)
        return (1.0 - self.work_share) * home, self.work_share * work

    def assumptions(self) -> list[tuple[str, str, str]]:
        """Return ``(name, value, reason)`` of every assumption."""
        floors = ", ".join(f"{use} {m2:g}" for use, m2 in self.floor_m2_per_worker.items())
        shape = "assumption: as operators describe the day; not measured"
        return [
            ("work_share", f"{self.work_share:g}", "assumption: a third of the waking day"),
            ("home", str(self.home), shape),
            ("work", str(self.work), shape),
            ("floor_m2_per_worker", floors,
             "Employment Density Guide, 3rd edition, 2015, rounded; recalled"),
        ]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Day:
    """A network hour by hour.

    Attributes
    ----------
    hours : DataFrame
        One row an hour: ``hour`` (0 to 23, local time), ``users_asking`` (as many as if each asked
        for what one asks for in the busy hour), ``asked_mbps`` (downlink), ``load_mean``,
        ``load_highest``, ``overloaded`` (cells), ``dl_mbps_p5, dl_mbps_p50, dl_mbps_p95`` (of the
        people inside the boundary; NaN where nobody is).
    cells : Dataset
        ``load``, ``ul_load`` [hour, cell].
    energy_kwh : array [cell]
        Energy of each cell in the day [kWh].
    """

    hours: pd.DataFrame
    cells: xr.Dataset
    energy_kwh: Floats


def workers(
    receivers: xr.Dataset, buildings: pd.DataFrame, floor_m2_per_worker: Mapping[str, float]
) -> Floats:
    """Return the people at work that each receiver stands for.

    Parameters
    ----------
    receivers : Dataset
        From ``geo.receivers``; ``building`` is a row of ``buildings`` from 1 on.
    buildings : GeoDataFrame
        ``use``, ``floors``, ``geometry`` in metres.
    floor_m2_per_worker : mapping of str to float
        Gross floor area for each [m2] by use; other uses have no work.

    Returns
    -------
    float64 [receiver]
        A building's people are spread evenly over its receivers; one without any is left out.
    """
    floor = buildings.geometry.area.to_numpy() * buildings["floors"].to_numpy(float)
    each = buildings["use"].map(dict(floor_m2_per_worker)).to_numpy(float)
    people = np.r_[0.0, np.nan_to_num(floor / each)]
    number = receivers["building"].to_numpy().astype(np.int64)
    return np.asarray((people / np.maximum(np.bincount(number, minlength=people.size), 1))[number])


def through_the_day(
    network: MapNetwork,
    settings: DaySettings | None = None,
    link: LinkSettings | None = None,
    sharing: Sharing | None = None,
    power: BasePower | None = None,
    *,
    progress: Progress | None = None,
) -> Day:
    """Solve a planned network's loads and speeds for every hour of a day.

    Parameters
    ----------
    network : MapNetwork
        With ``buildings``; where they show no place of work, all traffic arises at home.
    settings : DaySettings, optional
        Who is where, when.
    link, sharing : optional
        Assumptions of link adaptation and of the share.
    power : BasePower, optional
        What a cell draws from the mains.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Day

    Raises
    ------
    InputError
        Nobody lives or works on the map; a profile without 24 shares; ``busy_hour_share`` of 0.

    Notes
    -----
    A user's traffic of the day is its busy hour's over ``demand.busy_hour_share``; hour by hour the
    homes ask for their part of it and the places of work for theirs. So the busy hour is where the
    map has it, and may be busier than the one of ``demand``, which knows homes only.
    """
    settings, demand = settings or DaySettings(), network.demand
    crowds = _crowds(network, settings)
    served = serve(
        network.received["traffic_dbm"].to_numpy(), network.signal["server"].to_numpy(),
        network.received["sight"].to_numpy(), network.received, network.carrier,
    )  # fmt: skip
    design = network.signal["traffic_sinr_db"].to_numpy()[served.index]
    inside = network.receivers["inside"].to_numpy()[served.index]
    link, sharing = link or LinkSettings(), sharing or Sharing()
    rows, loads, up_loads = [], [], []
    for hour, crowd in enumerate(crowds):
        users = demand.users(network.receivers.assign(residents=("receiver", crowd)))
        mine = users[served.index]
        made = share(served, mine, design, network.carrier, demand, link, sharing)
        rows.append(_row(hour, users.sum(), demand, made, mine * inside))
        loads.append(made.loads.load)
        up_loads.append(made.ul_load)
        if progress is not None:
            progress((hour + 1) / HOURS)
    cells = xr.Dataset(
        {"load": (("hour", "cell"), np.stack(loads)), "ul_load": (("hour", "cell"), up_loads)},
        coords={"hour": np.arange(HOURS), "cell": network.received["cell"]},
    )
    radiated = 10.0 ** (network.cells["power_dbm"].to_numpy(float) / 10.0 - 3.0)
    draw = power or BasePower()
    energy = energy_kwh(cells["load"], draw.mains_w(0.0, radiated), draw.mains_w(1.0, radiated))
    return Day(pd.DataFrame(rows), cells, energy)


def _crowds(network: MapNetwork, settings: DaySettings) -> Floats:
    """Return the people at each receiver in each hour, as many as ask for a busy hour's traffic."""
    homes = network.receivers["residents"].to_numpy().astype(float)
    work = np.zeros_like(homes)
    if network.buildings is not None:
        work = workers(network.receivers, network.buildings, settings.floor_m2_per_worker)
    if not homes.sum() + work.sum() > 0.0:
        raise InputError(
            "Nobody lives or works on this map. Give residents, or buildings with use and floors."
        )
    at_home, at_work = settings.shares()
    if not work.any():  # the map does not say where people work: none of their traffic is lost
        at_home = _profile(settings.home)
    busy = network.demand.busy_hour_share
    if not busy > 0.0:
        raise InputError("busy_hour_share is 0, so the traffic of the day is not known. Above 0.")
    return np.asarray((np.outer(at_home, homes) + np.outer(at_work, work)) / busy)


def _row(hour: int, users: float, demand: Demand, made: Shared, weight: Floats) -> dict[str, Any]:
    """Return an hour in figures."""
    speed = made.speeds["dl_mbps"].astype(float)
    told = (5, 50, 95)
    ranks = weighted_percentiles(speed, weight, told)
    return {
        "hour": hour,
        "users_asking": users,
        "asked_mbps": users * demand.dl_mbps_per_user,
        "load_mean": float(made.loads.load.mean()),
        "load_highest": float(made.loads.load.max()),
        "overloaded": int(made.overloaded.sum()),
        **{f"dl_mbps_p{p}": value for p, value in zip(told, ranks, strict=True)},
    }


def energy_kwh(
    load: ArrayLike, idle_w: ArrayLike, full_w: ArrayLike, sleep_w: ArrayLike | None = None
) -> Floats:
    """Energy each cell takes in a day.

    Parameters
    ----------
    load : array [24, cell]
        Load of the cells by hour, 0 to 1.
    idle_w, full_w : float or array [cell]
        Power taken without load and at full load [W]; between them it grows in a straight line.
    sleep_w : float or array [cell], optional
        Power taken in an hour without any load, if a cell can sleep [W].

    Returns
    -------
    float64 [cell]
        Energy [kWh].

    Raises
    ------
    InputError
        Loads outside 0 to 1, another shape, or powers that do not grow.

    References
    ----------
    G. Auer et al., "How much energy is needed to run a wireless network?", IEEE Wireless
    Communications 18(5), 2011: power grows linearly with load.

    Examples
    --------
    >>> energy_kwh(np.full((24, 1), 0.5), 500.0, 1000.0).tolist()
    [18.0]
    """
    busy = np.asarray(load, np.float64)
    if busy.ndim != 2 or busy.shape[0] != HOURS or not ((busy >= 0.0) & (busy <= 1.0)).all():
        raise InputError(f"load of shape {busy.shape}: [24, cell] with values of 0 to 1.")
    idle, full = np.asarray(idle_w, np.float64), np.asarray(full_w, np.float64)
    if not ((idle >= 0.0) & (full >= idle)).all():
        raise InputError("idle_w must be at least 0 W and full_w at least idle_w.")
    power = idle + (full - idle) * busy
    if sleep_w is not None:
        power = np.where(busy > 0.0, power, np.minimum(np.asarray(sleep_w, np.float64), power))
    return np.asarray(power.sum(axis=0) / 1000.0)
