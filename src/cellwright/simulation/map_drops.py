"""Monte Carlo drops on a map: users and shadowing drawn, loads solved, speeds of each user.

Drop k depends on the seed and on k alone, not on threads, on the other drops, or on the plan: two
carriers or two plans with the same seed see the same users under the same shadows (common random
numbers), so that what they differ by is known far better than each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellwright.compute import Progress, on_all_cores
from cellwright.coverage.service import FINDABLE_DB
from cellwright.errors import Faults, InputError
from cellwright.network import Carrier
from cellwright.propagation import correlation_distance_m
from cellwright.simulation.demand import Demand
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.served import serve
from cellwright.simulation.shadow_waves import BETWEEN_SITES, unit_shadow
from cellwright.simulation.shares import share
from cellwright.simulation.sharing import Sharing
from cellwright.simulation.throughput import cell_variables, spread_out

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


@dataclass(frozen=True)
class DropSettings:
    """How drops are drawn.

    Attributes
    ----------
    drops : int
        Number of drops.
    users : int
        Users of a drop; each stands for an equal part of all people.
    seed : int
        Same seed, same users and shadows.
    shadowing : bool
        Draw shadowing; without it levels are the map's medians.
    scenario : str
        Whose correlation distances the shadows have (``propagation.correlation_distance_m``).
    between_sites : float
        Correlation of two sites' shadowing at one place, 0 to 1.

    Raises
    ------
    InputError
        With every value out of range.
    """

    drops: int = 20
    users: int = 1000
    seed: int = 1
    shadowing: bool = True
    scenario: str = "uma"
    between_sites: float = BETWEEN_SITES

    def __post_init__(self) -> None:
        faults = Faults()
        for name, most in (("drops", 100_000), ("users", 1_000_000)):
            value = getattr(self, name)
            if not 1 <= value <= most:
                faults.error(f"drops.{name}", f"{name} is {value}; 1 to {most} are allowed.")
        if self.seed < 0:
            faults.error("drops.seed", f"seed is {self.seed}; it must be 0 or more.")
        if not 0.0 <= self.between_sites <= 1.0:
            faults.error("drops.between_sites", f"between_sites is {self.between_sites:g}; 0 to 1.")
        faults.raise_errors()
        correlation_distance_m(self.scenario)

    def assumptions(self) -> list[tuple[str, str, str]]:
        """Return ``(name, value, reason)`` of every setting, for the report."""
        return [(name, str(getattr(self, name)), reason) for name, reason in _REASONS.items()]


_REASONS = {
    "drops": "independent drops, from which confidence follows",
    "users": "users of a drop, drawn from the demand",
    "seed": "the same users and shadows for every carrier and plan",
    "shadowing": "log-normal with the models' standard deviations",
    "scenario": "correlation distance of shadowing, TR 38.901 Table 7.5-6",
    "between_sites": "correlation between sites, TR 36.814 Table A.2.1.1-2",
}


@dataclass(frozen=True, eq=False)
class _Map:
    """What all drops of one carrier share."""

    received: xr.Dataset
    carrier: Carrier
    receivers: xr.Dataset
    demand: Demand
    settings: LinkSettings
    sharing: Sharing
    how: DropSettings
    upto: Floats = field(repr=False)
    people: float

    def draw(self, drop: int) -> NDArray[np.int64]:
        """Return the receivers of a drop's users."""
        rng = np.random.default_rng((self.how.seed, drop, 2))
        place = np.searchsorted(self.upto, rng.random(self.how.users), side="right")
        return np.minimum(place, self.upto.size - 1).astype(np.int64)

    def shadow_db(self, drop: int, at: NDArray[np.int64], sight: NDArray[Any]) -> Singles:
        """Return shadowing [site, user]; it lowers the level where it is positive."""
        place = self.receivers["place"].to_numpy()[at]
        indoors = np.broadcast_to(place > 0, sight.shape)
        names = [str(name) for name in self.received["site"].to_numpy()]
        far = np.array(
            [
                [
                    correlation_distance_m(self.how.scenario, seen, inside)
                    for inside in (False, True)
                ]
                for seen in (False, True)
            ]
        )
        unit = unit_shadow(
            names, *self._places(at), far[sight.astype(int), indoors.astype(int)],
            self.how.seed, drop, self.how.between_sites,
        )  # fmt: skip
        sigma = self.received["sigma_db"].to_numpy()
        rows = np.arange(len(names))[:, None]
        return np.asarray(unit * sigma[rows, sight.astype(int), place[None, :].astype(int)])

    def _places(self, at: NDArray[np.int64]) -> tuple[Floats, Floats]:
        east, north = (self.receivers[name].to_numpy()[at] for name in ("x_m", "y_m"))
        return east.astype(np.float64), north.astype(np.float64)

    def run(self, drop: int) -> xr.Dataset:
        """Return one drop."""
        at = self.draw(drop)
        rsrp, traffic = (
            np.take(self.received[name].to_numpy(), at, axis=1)
            for name in ("rsrp_dbm", "traffic_dbm")
        )
        sight = np.take(self.received["sight"].to_numpy(), at, axis=1)
        if self.how.shadowing and len(rsrp):
            row = self.received["site_of_cell"].to_numpy()
            shadow = self.shadow_db(drop, at, sight)[row].astype(np.float32)
            rsrp, traffic = rsrp - shadow, traffic - shadow
        served = serve(traffic, _server(rsrp, self.carrier), sight, self.received, self.carrier)
        crowd = np.full(self.how.users, self.people / self.how.users)
        noise_mw = 10.0 ** (self.carrier.noise_dbm_per_re / 10.0)
        design = served.sinr_db(np.full(served.cells, self.carrier.load), noise_mw)
        made = share(
            served, crowd[served.index], design, self.carrier, self.demand, self.settings,
            self.sharing,
        )  # fmt: skip
        variables: dict[str, Any] = {
            name: ("user", spread_out(values, served.index, at.size, name))
            for name, values in made.speeds.items()
        }
        server = np.full(at.size, -1, np.int32)
        server[served.index] = served.server
        variables |= {"receiver": ("user", at), "server": ("user", server)}
        variables["inside"] = ("user", self.receivers["inside"].to_numpy()[at].astype(bool))
        variables |= cell_variables(made, served, crowd)
        variables |= {"rounds": made.loads.rounds, "settled": made.loads.settled}
        coords = {"cell": self.received["cell"].to_numpy(), "drop": drop}
        return xr.Dataset(variables, coords=coords, attrs=_stamp(self.how))


def _stamp(how: DropSettings) -> dict[str, Any]:
    return {"seed": how.seed, "users": how.users, "shadowing": int(how.shadowing)}


def _server(rsrp: Singles, carrier: Carrier) -> NDArray[np.int64]:
    """Return the strongest cell of each user, -1 where even that is too weak to be found."""
    if not len(rsrp):
        return np.full(rsrp.shape[1], -1, np.int64)
    best = np.argmax(rsrp, axis=0)
    found = rsrp[best, np.arange(best.size)] >= carrier.noise_dbm_per_re + FINDABLE_DB
    return np.asarray(np.where(found, best, -1), np.int64)


def map_drops(
    received: xr.Dataset,
    carrier: Carrier,
    receivers: xr.Dataset,
    demand: Demand | None = None,
    settings: LinkSettings | None = None,
    sharing: Sharing | None = None,
    how: DropSettings | None = None,
    *,
    done: Mapping[int, xr.Dataset] | None = None,
    finished: Callable[[int, xr.Dataset], None] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Draw users on the map, drop after drop, and give each its speed.

    Parameters
    ----------
    received : Dataset
        From ``coverage.received``, both beam sets.
    carrier : Carrier
        The carrier of these cells.
    receivers : Dataset
        As from ``geo.receivers``.
    demand : Demand, optional
        Who uses the network in the busy hour: users are drawn in proportion.
    settings : LinkSettings, optional
        Assumptions of link adaptation.
    sharing : Sharing, optional
        Scheduler, fading, uplink.
    how : DropSettings, optional
        Drops, users, seed, shadowing.
    done : mapping of int to Dataset, optional
        Drops finished earlier with the same settings; they are not made again.
    finished : callable, optional
        Told every new drop as soon as it is whole, from any thread: keep it, and a run that is
        cut short can go on from there.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Dataset
        Dims ``drop, user``: speeds and SINR named as by :func:`throughput`, ``receiver``,
        ``server`` (-1: none), ``inside``; ``drop, cell``: loads as by :func:`throughput`; ``drop``:
        ``rounds, settled``.

    Raises
    ------
    InputError
        Data sets that do not belong together; nobody to draw; a finished drop of other settings.

    Notes
    -----
    A user stands for ``people / users`` people, and so for their demand. Loads are solved for in
    every drop at its own users and shadows.
    """
    if received.sizes["receiver"] != receivers.sizes["receiver"]:
        raise InputError("received and receivers have different lengths.")
    how, demand = how or DropSettings(), demand or Demand()
    crowd = demand.users(receivers)
    if not crowd.sum() > 0.0:
        raise InputError(
            "Nobody to draw: the receivers have no residents. Give a population, or residents of "
            "your own."
        )
    known = dict(done or {})
    for number, one in known.items():
        if {name: one.attrs.get(name) for name in _stamp(how)} != _stamp(how):
            raise InputError(f"Finished drop {number} was drawn otherwise: {one.attrs}.")
    task = _Map(
        received, carrier, receivers, demand, settings or LinkSettings(), sharing or Sharing(),
        how, np.cumsum(crowd) / crowd.sum(), float(crowd.sum()),
    )  # fmt: skip

    def work(drop: int) -> None:
        made = task.run(drop)
        known[drop] = made
        if finished is not None:
            finished(drop, made)

    on_all_cores([k for k in range(how.drops) if k not in known], work, progress)
    whole = xr.concat([known[k] for k in range(how.drops)], dim="drop")
    return whole.assign_attrs({**_stamp(how), "total_users": task.people, "carrier": carrier.name})
