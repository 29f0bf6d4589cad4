"""Turning and tilting each sector by itself, after the sites are chosen.

The choice tries whole sets of sectors, evenly spread and tilted alike, because its proof needs few
columns. Here every sector of the chosen sites is moved alone, one after another, wherever that
helps and coverage stays above its floor. What one sector does to all points is found from two
sums over the other cells, so a setting costs one look at each point.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numba import njit
from numpy.typing import NDArray

from cellwright.compute import Progress, portion
from cellwright.coverage import received
from cellwright.errors import InputError
from cellwright.network import Carrier
from cellwright.planning.demand import Demand

Array = NDArray[Any]
#: A gain below this share of the demand is rounding, not a gain.
_LEAST_GAIN = 1e-12
_NEPER_PER_DB = np.float32(np.log(10.0) / 10.0)
_SET = ("azimuth_deg", "electrical_tilt_deg")
#: Demand covered, and demand covered with the SINR asked for, each a share.
Worth = tuple[float, float]


@dataclass(frozen=True)
class TuneSettings:
    """Which settings of a sector are tried, and what they are judged by.

    Attributes
    ----------
    sinr_db : float
        A covered point counts as good from this SINR of data on, with every other cell at the
        carrier's design load [dB]; 5 dB is about 140 Mbit/s on n78.
    turns_deg : tuple of float
        Turns tried from where a sector looks [deg].
    tilts_deg : mapping of site kind to tuple of float
        Electrical tilts tried, those the antenna can take [deg, down positive]; other kinds keep
        theirs.
    spread : float
        Sectors of a site stay apart by at least this share of an even spread, 0 to 1: one half is
        60 deg for three sectors, as their mounts ask.
    passes : int
        At most so many rounds over all sectors; 0 leaves all as it is.

    Raises
    ------
    InputError
        When a value cannot be used.
    """

    sinr_db: float = 5.0
    turns_deg: tuple[float, ...] = (-40.0, -30.0, -20.0, -10.0, 10.0, 20.0, 30.0, 40.0)
    tilts_deg: Mapping[str, tuple[float, ...]] = field(
        default_factory=lambda: {
            "rooftop": (2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0),
            "tower": (2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0),
            "pole": (0.0, 2.0, 4.0, 6.0, 8.0),
        }
    )
    spread: float = 0.5
    passes: int = 3

    def __post_init__(self) -> None:
        if not 0.0 <= self.spread <= 1.0:
            raise InputError(f"tuning.spread is {self.spread:g}; it is a share, 0 to 1.")
        if self.passes < 0:
            raise InputError(f"tuning.passes is {self.passes}; it is 0 or more.")


@dataclass(frozen=True, eq=False)
class Tuning:
    """What tuning changed and what that is worth.

    Attributes
    ----------
    cells : DataFrame
        The cells, ``azimuth_deg`` and ``electrical_tilt_deg`` as tuned.
    covered_before, covered : float
        Share of the demand covered, 0 to 1.
    good_before, good : float
        Share of the demand covered with the SINR asked for, 0 to 1.
    sinr_db : float
        That SINR [dB].
    reached : bool [point]
        Points covered after tuning.
    moved : int
        Cells that were turned or tilted.
    tried : int
        Settings looked at.
    passes : int
        Rounds over all cells, the last without a gain included.
    seconds : float
        Time taken [s].
    """

    cells: pd.DataFrame
    covered_before: float
    covered: float
    good_before: float
    good: float
    sinr_db: float
    reached: NDArray[np.bool_]
    moved: int
    tried: int
    passes: int
    seconds: float

    def figures(self) -> dict[str, float | int]:
        """Return all figures as plain data."""
        return {k: v for k, v in vars(self).items() if k not in ("cells", "reached")}


@njit(cache=True, nogil=True)
def _heard(
    cells: Array,
    points: Array,
    rsrp: Array,
    wanted: Array,
    hit: Array,
    leader: Array,
    own: Array,
    leader_mw: Array,
    other: Array,
) -> None:
    """Add what some points get from some cells to what they get already.

    ``leader`` is the best level [dBm], ``own`` its data and ``leader_mw`` what that cell does to a
    bystander, ``other`` what the rest do [mW per resource element].
    """
    for c in cells:
        for i in range(points.size):
            p = points[i]
            if rsrp[c, p] > leader[i]:
                other[i] += leader_mw[i]
                leader[i], own[i], leader_mw[i] = rsrp[c, p], wanted[c, p], hit[c, p]
            else:
                other[i] += hit[c, p]


@njit(cache=True, nogil=True)
def _worth(  # type: ignore[no-untyped-def]
    rsrp, wanted, hit, need, covered, leader, own, leader_mw, other, weight, noise_mw, least
):
    """Return the demand covered, and that with a SINR of ``least``, with one cell put back."""
    reached, good = 0.0, 0.0
    for p in range(weight.size):
        if not (covered[p] or rsrp[p] >= need[p]):
            continue
        reached += weight[p]
        if rsrp[p] > leader[p]:
            data, noise = wanted[p], other[p] + leader_mw[p] + noise_mw
        else:
            data, noise = own[p], other[p] + hit[p] + noise_mw
        if data >= least * noise:
            good += weight[p]
    return reached, good


Parts = tuple[Array, Array, Array]


class _State:
    """All cells at all points as they stand: level [dBm], data and disturbance [mW].

    A site is looked at from the points within its reach only, ``points``: elsewhere nothing changes
    when it does.
    """

    def __init__(
        self,
        sites: gpd.GeoDataFrame,
        cells: pd.DataFrame,
        carrier: Carrier,
        demand: Demand,
        loss: xr.Dataset,
    ) -> None:
        self.sites, self.carrier, self.demand, self.loss = sites, carrier, demand, loss
        self.need = demand.need_dbm(loss)
        levels = received(loss, sites, cells, carrier, demand.receivers)
        self.site = levels["site_of_cell"].to_numpy()
        self.parts = self._parts(levels, loss["sight"].to_numpy()[self.site])
        self.count = (self.parts[0] >= self.need[self.site]).sum(axis=0)
        self.noise_mw = 10.0 ** (carrier.noise_dbm_per_re / 10.0)
        self.points = np.arange(len(demand.weight))
        self.others = self.rest = self._silence()
        self.covered = np.zeros(len(demand.weight), np.bool_)

    def _silence(self) -> tuple[Array, Array, Array, Array]:
        """Return the sums at ``points`` where no cell is heard."""
        own, leader_mw, other = np.zeros((3, self.points.size))
        return np.full(self.points.size, -np.inf), own, leader_mw, other

    def _parts(self, levels: xr.Dataset, sight: Array) -> Parts:
        """Level, data of the own user, disturbance at the design load; float32 [row, point]."""
        data = _linear(levels["traffic_dbm"].to_numpy())
        apart, spread = (
            _linear(levels[name].to_numpy())[:, None] for name in ("apart_db", "spread_db")
        )
        wanted = np.where(sight == 1, data, data * spread)
        return levels["rsrp_dbm"].to_numpy(), wanted, data * (apart * self.carrier.load)

    def look_from(self, site: int) -> None:
        """Keep to the points within reach of a site, and sum up the cells of all other sites."""
        within = np.isfinite(self.loss["path_loss_db"].to_numpy()[site])
        self.points = np.flatnonzero(within)
        self.others = self._silence()
        _heard(np.flatnonzero(self.site != site), self.points, *self.parts, *self.others)

    def trial(self, site: int, settings: pd.DataFrame) -> Parts:
        """Levels of cells of one site in several settings, at ``points``."""
        loss = self.loss.isel(site=[site], receiver=self.points)
        levels = received(
            loss, self.sites.iloc[[site]], settings, self.carrier,
            self.demand.receivers.isel(receiver=self.points),
        )  # fmt: skip
        return self._parts(levels, loss["sight"].to_numpy())

    def look_past(self, cell: int) -> None:
        """Sum up all cells but one of the site looked from."""
        leader, own, leader_mw, other = self.others
        self.rest = leader.copy(), own.copy(), leader_mw.copy(), other.copy()
        site, points = self.site[cell], self.points
        mine = np.flatnonzero(self.site == site)
        _heard(mine[mine != cell], points, *self.parts, *self.rest)
        alone = self.parts[0][cell, points] >= self.need[site, points]
        self.covered = self.count[points] > alone

    def worth(self, cell: int, parts: Parts, row: int, least: float) -> Worth:
        """Demand at ``points`` covered and good with one cell as in ``parts[.][row]``."""
        level, wanted, hit = parts
        leader, own, leader_mw, other = self.rest
        found = _worth(
            level[row], wanted[row], hit[row], self.need[self.site[cell], self.points],
            self.covered, leader, own, leader_mw, other, self.demand.weight[self.points],
            self.noise_mw, least,
        )  # fmt: skip
        return float(found[0]), float(found[1])

    def here(self, cell: int, least: float) -> Worth:
        """Demand at ``points`` covered and good as the cell stands."""
        level, wanted, hit = (part[cell, self.points][None] for part in self.parts)
        return self.worth(cell, (level, wanted, hit), 0, least)

    def put(self, cell: int, parts: Parts, row: int) -> None:
        """Take over a setting."""
        need = self.need[self.site[cell], self.points]
        self.count[self.points] += (parts[0][row] >= need).astype(int) - (
            self.parts[0][cell, self.points] >= need
        )
        for whole, part in zip(self.parts, parts, strict=True):
            whole[cell, self.points] = part[row]

    def now(self, least: float) -> Worth:
        """Demand covered and demand good at all points as all cells stand."""
        self.points = np.arange(len(self.demand.weight))
        self.others = self._silence()
        _heard(np.flatnonzero(self.site != self.site[0]), self.points, *self.parts, *self.others)
        self.look_past(0)
        return self.here(0, least)


def _linear(level_db: Array) -> Array:
    return np.asarray(np.exp(level_db.astype(np.float32) * _NEPER_PER_DB))


def tuned(
    sites: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    carrier: Carrier,
    demand: Demand,
    loss: xr.Dataset,
    floor_share: float,
    *,
    settings: TuneSettings | None = None,
    keep: Collection[str] = (),
    progress: Progress | None = None,
) -> Tuning:
    """Turn and tilt each cell by itself.

    Parameters
    ----------
    sites, cells : GeoDataFrame, DataFrame
        The network (``network.SITE_COLUMNS``, ``CELL_COLUMNS``), one carrier's cells.
    carrier : Carrier
        Of these cells; its design load is the neighbours'.
    demand : Demand
        Points that count.
    loss : Dataset
        ``coverage.path_loss`` of these sites to ``demand.receivers``.
    floor_share : float
        The share covered is never brought below this; where it starts below, not lower.
    settings : TuneSettings, optional
    keep : collection of str
        Sites whose cells stay as they are.
    progress : callable, optional

    Returns
    -------
    Tuning
        Never worse than before: coverage at least the floor, then the share with the SINR asked
        for, then coverage.

    Notes
    -----
    The best server is the cell of highest RSRP; interference and the loss of beams out of sight
    are those of ``coverage.signal``. A cell takes the best of all turns and tilts, one at a time;
    sites go in the order of the table, so the result is always the same.
    """
    start = time.perf_counter()
    settings = settings or TuneSettings()
    first, sites = cells.reset_index(drop=True), sites.reset_index(drop=True)
    state = _State(sites, first, carrier, demand, loss)
    search = _Search(state, first.copy(), settings, floor_share, set(keep))
    before, done = search.best, 0
    for done in range(1, settings.passes + 1):
        if not search.round(
            portion(progress, (done - 1) / settings.passes, done / settings.passes)
        ):
            break
    moved = int((search.cells[list(_SET)] != first[list(_SET)]).any(axis=1).sum())
    return Tuning(
        cells=search.cells,
        covered_before=before[0],
        covered=search.best[0],
        good_before=before[1],
        good=search.best[1],
        sinr_db=settings.sinr_db,
        reached=state.count > 0,
        moved=moved,
        tried=search.tried,
        passes=done,
        seconds=time.perf_counter() - start,
    )


class _Search:
    """The cells as they are turned and tilted, and what they are worth."""

    def __init__(
        self,
        state: _State,
        cells: pd.DataFrame,
        settings: TuneSettings,
        floor_share: float,
        keep: set[str],
    ) -> None:
        self.state, self.cells, self.settings, self.keep = state, cells, settings, keep
        self.least = 10.0 ** (settings.sinr_db / 10.0)
        self.best = state.now(self.least)
        self.floor = min(floor_share, self.best[0]) - _LEAST_GAIN
        self.tried = 0

    def round(self, progress: Progress | None) -> bool:
        """Go over all sites once; tell whether anything was gained."""
        before, sites = self.best, self.state.sites
        for number, (name, kind) in enumerate(zip(sites["site_id"], sites["kind"], strict=True)):
            if name not in self.keep:
                self._site(number, str(kind))
            if progress is not None:
                progress((number + 1) / len(sites))
        return _beats(self.best, before)

    def _site(self, number: int, kind: str) -> None:
        """Try all settings of all sectors of a site, and give each sector its best."""
        own = np.flatnonzero(self.state.site == number)
        azimuth, tilt = (self.cells[name].to_numpy()[own] for name in _SET)
        turns = (azimuth[:, None] + np.array(self.settings.turns_deg)) % 360.0
        tilts = np.array(self.settings.tilts_deg.get(kind, ()))
        each = turns.shape[1] + tilts.size
        if own.size == 0 or each == 0:
            return
        trial = self.cells.iloc[np.repeat(own, each)].reset_index(drop=True)
        still = np.broadcast_to(azimuth[:, None], (own.size, tilts.size))
        trial["azimuth_deg"] = np.concatenate([turns, still], axis=1).ravel()
        still = np.broadcast_to(tilt[:, None], turns.shape)
        lowered = np.broadcast_to(tilts, (own.size, tilts.size))
        trial["electrical_tilt_deg"] = np.concatenate([still, lowered], axis=1).ravel()
        self.state.look_from(number)
        parts = self.state.trial(number, trial)
        wanted = trial[list(_SET)].to_numpy()
        for k, cell in enumerate(own):
            self._sector(int(cell), own, parts, wanted, range(k * each, (k + 1) * each))

    def _sector(self, cell: int, own: Array, parts: Parts, wanted: Array, rows: range) -> None:
        """Give a sector the best of its settings, if that is better than its present one."""
        others = self.cells["azimuth_deg"].to_numpy()[own[own != cell]]
        apart = self.settings.spread * 360.0 / own.size - 1e-9
        self.state.look_past(cell)
        # what lies beyond the site's reach stays as it is
        here = self.state.here(cell, self.least)
        beyond = self.best[0] - here[0], self.best[1] - here[1]
        chosen = -1
        for row in rows:
            if not (np.abs((wanted[row, 0] - others + 180.0) % 360.0 - 180.0) >= apart).all():
                continue
            self.tried += 1
            near = self.state.worth(cell, parts, row, self.least)
            worth = beyond[0] + near[0], beyond[1] + near[1]
            if worth[0] >= self.floor and _beats(worth, self.best):
                self.best, chosen = worth, row
        if chosen >= 0:
            self.state.put(cell, parts, chosen)
            self.cells.loc[cell, list(_SET)] = wanted[chosen]


def _beats(one: Worth, other: Worth) -> bool:
    """Tell whether one is worth more: first what is good, then what is covered."""
    if abs(one[1] - other[1]) > _LEAST_GAIN:
        return one[1] > other[1]
    return one[0] > other[0] + _LEAST_GAIN
