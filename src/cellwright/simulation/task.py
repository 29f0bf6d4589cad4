"""What is simulated, how much of it, and what comes out: the records of all levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from cellwright.errors import Faults, did_you_mean
from cellwright.network import Carrier
from cellwright.simulation.demand import Demand
from cellwright.simulation.drop import Drop
from cellwright.simulation.link import Direction, LinkSettings
from cellwright.simulation.mobility import HandoverSettings
from cellwright.simulation.scenarios import Scenario, district_drop, drop
from cellwright.simulation.sharing import Sharing
from cellwright.simulation.slots import FullBuffer, SlotSettings, Traffic

Fidelity = Literal["static", "drops", "slots", "mobility"]
FIDELITIES: tuple[Fidelity, ...] = get_args(Fidelity)
_FULL = FullBuffer()


@dataclass(frozen=True, eq=False)
class MapNetwork:
    """One carrier's network on its own map.

    Attributes
    ----------
    carrier : Carrier
        The radio layer.
    sites, cells : GeoDataFrame, DataFrame
        Tables of the network (``network.SITE_COLUMNS``, ``CELL_COLUMNS``), this carrier's cells.
    receivers : Dataset
        As from ``geo.receivers``.
    loss, received, signal : Dataset
        From ``coverage.path_loss``, ``received`` and ``signal`` for all of them.
    demand : Demand
        Who uses it.
    streets : GeoDataFrame, optional
        Lines that users walk and drive along; ``mobility`` needs them.
    buildings : GeoDataFrame, optional
        ``use``, ``floors``, ``geometry``: where people work, for the hours of a day.
    """

    carrier: Carrier
    sites: gpd.GeoDataFrame
    cells: pd.DataFrame
    receivers: xr.Dataset
    loss: xr.Dataset
    received: xr.Dataset
    signal: xr.Dataset
    demand: Demand = field(default_factory=Demand)
    streets: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None


@dataclass(frozen=True)
class SimulateSettings:
    """How much is simulated, and of what.

    Attributes
    ----------
    drops, users, seed : int
        Drops; users of a drop on a map (a scenario has its own); seed of everything drawn.
    seconds, warmup_s : float
        Slots: counted time of a drop, and time before it [s]. Mobility: length of the walks [s].
    traffic : Traffic or sequence of Traffic
        Classes of traffic of the slot loop.
    direction : {"downlink", "uplink"}
        Of the slot loop.

    Raises
    ------
    InputError
        With every value that means nothing.
    """

    drops: int = 5
    users: int = 500
    seed: int = 1
    seconds: float = 1.0
    warmup_s: float = 0.2
    traffic: Traffic | Sequence[Traffic] = _FULL
    direction: Direction = "downlink"

    def __post_init__(self) -> None:
        faults = Faults()
        for name, value, least in (
            ("drops", self.drops, 1),
            ("users", self.users, 1),
            ("seed", self.seed, 0),
            ("warmup_s", self.warmup_s, 0.0),
        ):
            if not value >= least:
                faults.error("simulate.number", f"{name} is {value:g}; at least {least:g}.")
        if not 0.0 < self.seconds < float("inf"):
            faults.error("simulate.number", f"seconds is {self.seconds:g}; more than 0.")
        if self.direction not in get_args(Direction):
            hint = did_you_mean(self.direction, get_args(Direction))
            faults.error("simulate.direction", f'direction is "{self.direction}". {hint}')
        faults.raise_errors()


@dataclass(frozen=True, eq=False)
class Simulation:
    """What a simulation gave.

    Attributes
    ----------
    fidelity : str
        One of :data:`FIDELITIES`.
    carrier : str
        Name of the carrier.
    drops, seed : int
        Drops, and their seed.
    figures : DataFrame
        ``quantity, unit, estimate, low, high``: the interval covers the true value with 95 %;
        infinite ends where one drop cannot tell.
    users : DataFrame
        One row a user and drop: ``drop, user, cell, dl_mbps`` (``mbps`` in the slot loop) and more
        by level.
    details : object
        What the level itself gives: Dataset, list of ``SlotResult``, or ``Mobility``.
    """

    fidelity: Fidelity
    carrier: str
    drops: int
    seed: int
    figures: pd.DataFrame
    users: pd.DataFrame
    details: Any


@dataclass(frozen=True, eq=False)
class Task:
    """One simulation as its level sees it."""

    what: Any
    carrier: Carrier
    settings: SimulateSettings
    link: LinkSettings | None
    sharing: Sharing | None
    slots: SlotSettings | None
    handover: HandoverSettings | None
    known: dict[int, Any]
    finished: Callable[[int, Any], None] | None

    def drop(self, number: int) -> Drop:
        """Draw one drop, which depends on the seed and its number alone."""
        seed = int(np.random.SeedSequence([self.settings.seed, number]).generate_state(1)[0] >> 1)
        what = self.what
        if isinstance(what, Scenario):
            return drop(what, seed)
        return district_drop(
            what.loss, what.received, what.sites, what.cells, what.receivers,
            what.demand.users(what.receivers), users=self.settings.users, seed=seed,
            frequency_ghz=self.carrier.frequency_ghz,
        )  # fmt: skip

    def made(
        self, fidelity: Fidelity, figures: list[tuple[Any, ...]], users: pd.DataFrame, details: Any
    ) -> Simulation:
        """Lay out what a level gave."""
        columns = ["quantity", "unit", "estimate", "low", "high"]
        drops = 1 if fidelity in ("static", "mobility") else self.settings.drops
        return Simulation(
            fidelity, self.carrier.name, drops, self.settings.seed,
            pd.DataFrame(figures, columns=columns), users, details,
        )  # fmt: skip
