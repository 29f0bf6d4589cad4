"""Which setting of which site covers which demand point, from the coverage room's own levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import sparse

from cellwright.compute import Progress
from cellwright.coverage import received
from cellwright.network import Carrier, cells_for
from cellwright.planning.demand import Demand

#: Sites looked at in one go, to bound memory.
_BATCH = 16
#: No antenna of the shelf has more gain than this [dBi]; weaker paths need no pattern.
_MOST_GAIN_DBI = 36.0
_TURNED = ("azimuth_deg", "electrical_tilt_deg")


@dataclass(frozen=True)
class Ways:
    """Settings tried at every site.

    Attributes
    ----------
    sectors : mapping of kind to int
        Sectors, evenly spread.
    turns : int
        How many turns of the whole set of sectors are tried.
    tilts_deg : mapping of kind to sequence of float
        Electrical tilts tried, the same for all sectors [deg, down positive].
    """

    sectors: Mapping[str, int] = field(
        default_factory=lambda: {"rooftop": 3, "tower": 3, "pole": 2, "indoor": 1}
    )
    turns: int = 4
    tilts_deg: Mapping[str, tuple[float, ...]] = field(
        default_factory=lambda: {
            "rooftop": (4.0, 8.0, 12.0),
            "tower": (4.0, 8.0, 12.0),
            "pole": (0.0, 4.0),
            "indoor": (0.0,),
        }
    )


@dataclass(frozen=True, eq=False)
class CoverageMatrix:
    """Columns are settings of sites, rows demand points.

    Attributes
    ----------
    cover : csr matrix of bool [column, point]
        True where the column's best sector reaches the point's target.
    site_id : object array [column]
    azimuths : tuple of tuples of float, per column [deg]
    tilt_deg : tuple of tuples of float, per column and sector [deg]
    cost_usd : float64 [column]
    """

    cover: Any
    site_id: NDArray[Any]
    azimuths: tuple[tuple[float, ...], ...]
    tilt_deg: tuple[tuple[float, ...], ...]
    cost_usd: NDArray[np.float64]


def coverage_matrix(
    sites: gpd.GeoDataFrame,
    loss: xr.Dataset,
    carrier: Carrier,
    demand: Demand,
    *,
    ways: Ways | None = None,
    given: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> CoverageMatrix:
    """Find the demand points every setting of every site covers.

    Parameters
    ----------
    sites : GeoDataFrame
        ``network.SITE_COLUMNS`` with ``site_cost_usd`` and ``sector_cost_usd``.
    loss : Dataset
        ``coverage.path_loss`` of these sites to ``demand.receivers``.
    carrier : Carrier
    demand : Demand
    ways : Ways, optional
        Settings to try.
    given : DataFrame, optional
        Cells (``network.CELL_COLUMNS``) of sites whose sectors are not to be changed.
    progress : callable, optional

    Returns
    -------
    CoverageMatrix
    """
    ways = ways or Ways()
    builder = _Builder(carrier, demand, ways, _given_by_site(given))
    for start in range(0, len(sites), _BATCH):
        part = slice(start, start + _BATCH)
        builder.add(sites.iloc[part].reset_index(drop=True), loss.isel(site=part))
        if progress is not None:
            progress(min(1.0, (start + _BATCH) / len(sites)))
    return builder.matrix()


def _given_by_site(given: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    if given is None or given.empty:
        return {}
    return {str(name): part for name, part in given.groupby("site_id", sort=False)}


class _Builder:
    """Takes sites in batches, keeps only the sets of points covered."""

    def __init__(
        self, carrier: Carrier, demand: Demand, ways: Ways, given: dict[str, pd.DataFrame]
    ) -> None:
        self.carrier, self.demand, self.ways, self.given = carrier, demand, ways, given
        self.points: list[NDArray[np.int32]] = []
        self.site_id: list[str] = []
        self.azimuths: list[tuple[float, ...]] = []
        self.tilts: list[tuple[float, ...]] = []
        self.cost: list[float] = []

    def add(self, sites: gpd.GeoDataFrame, loss: xr.Dataset) -> None:
        cells = self._cells(sites)
        levels = received(
            self._near(loss, cells),
            sites,
            cells,
            self.carrier,
            self.demand.receivers,
            beams=("ssb",),
        )
        need = self.demand.need_dbm(loss)[levels["site_of_cell"].to_numpy()]
        hit = levels["rsrp_dbm"].to_numpy() >= need
        rows = cells.groupby("site_id", sort=False).indices
        azimuth, tilt = (cells[name].to_numpy(float) for name in _TURNED)
        for site in sites.itertuples(index=False):
            own = np.asarray(rows[site.site_id])
            for sectors in self._columns(str(site.site_id), str(site.kind)):
                cell = own[sectors]
                self.points.append(np.flatnonzero(hit[cell].any(axis=0)).astype(np.int32))
                self.site_id.append(str(site.site_id))
                self.azimuths.append(tuple(azimuth[cell].tolist()))
                self.tilts.append(tuple(tilt[cell].tolist()))
                self.cost.append(site.site_cost_usd + len(cell) * site.sector_cost_usd)

    def _cells(self, sites: gpd.GeoDataFrame) -> pd.DataFrame:
        """Every sector to try, the cells of a site side by side, tilt by tilt."""
        free = sites[~sites["site_id"].isin(list(self.given))]
        azimuths: dict[str, list[float]] = {}
        tilts: list[float] = []
        for site_id, kind in zip(free["site_id"], free["kind"], strict=True):
            directions, own = self._directions(str(kind)), self.ways.tilts_deg[str(kind)]
            azimuths[site_id] = directions * len(own)
            tilts.extend(tilt for tilt in own for _ in directions)
        cells = cells_for(free, self.carrier, azimuths)
        cells["electrical_tilt_deg"] = tilts
        fixed = [self.given[name] for name in sites["site_id"] if name in self.given]
        return pd.concat([cells, *fixed], ignore_index=True)

    def _directions(self, kind: str) -> list[float]:
        sectors, turns = self.ways.sectors[kind], self.ways.turns
        return [360.0 * k / (sectors * turns) for k in range(sectors * turns)]

    def _columns(self, site_id: str, kind: str) -> Iterator[list[int]]:
        """Cells of each setting of a site, counted from the site's first cell."""
        if site_id in self.given:
            yield list(range(len(self.given[site_id])))
            return
        sectors, turns = self.ways.sectors[kind], self.ways.turns
        for tilt in range(len(self.ways.tilts_deg[kind])):
            for turn in range(turns):
                yield [tilt * sectors * turns + turn + k * turns for k in range(sectors)]

    def _near(self, loss: xr.Dataset, cells: pd.DataFrame) -> xr.Dataset:
        """Put points no antenna could reach out of reach, so that no pattern is looked up."""
        carrier = self.carrier
        power = carrier.element_power_dbm(float(cells["power_dbm"].max())) + carrier.user_gain_dbi
        most = power - carrier.user_loss_db - carrier.base_loss_db + _MOST_GAIN_DBI
        path = loss["path_loss_db"]
        far = path.to_numpy() > most - self.demand.target_dbm
        return loss.assign(path_loss_db=path.copy(data=np.where(far, np.inf, path.to_numpy())))

    def matrix(self) -> CoverageMatrix:
        start = np.concatenate([[0], np.cumsum([len(part) for part in self.points])])
        rows = np.concatenate(self.points) if self.points else np.empty(0, np.int32)
        shape = (len(self.points), len(self.demand.weight))
        return CoverageMatrix(
            cover=sparse.csr_matrix((np.ones(len(rows), bool), rows, start), shape=shape),
            site_id=np.array(self.site_id, dtype=object),
            azimuths=tuple(self.azimuths),
            tilt_deg=tuple(self.tilts),
            cost_usd=np.array(self.cost, dtype=np.float64),
        )
