"""Who loses the signal when cells go off the air, the overlap of the others counted.

Coverage is found anew by `cellwright.coverage.signal`, from levels received before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

    from cellwright.network import Carrier

Floats = NDArray[np.float64]
#: What `coverage.signal` reads.
_READ = (
    "rsrp_dbm",
    "traffic_dbm",
    "apart_db",
    "spread_db",
    "site_of_cell",
    "sight",
    "sigma_db",
    "place",
)


@dataclass(frozen=True, eq=False)
class Radio:
    """What every receiver gets from every cell, and who is there.

    Attributes
    ----------
    received : Dataset
        From `cellwright.coverage.received`, both beam sets.
    receivers : Dataset
        From `cellwright.geo.receivers`.
    carrier : Carrier
        Of these cells.
    target_dbm : float or float [receiver]
        Level to reach [dBm].
    probability : float
        A receiver is called covered from this probability of reaching it on; people are counted
        as expected under shadowing, residents x probability.
    signal : Dataset, optional
        From `cellwright.coverage.signal` for all cells, where it is at hand; else it is made.
    """

    received: xr.Dataset
    receivers: xr.Dataset
    carrier: Carrier
    target_dbm: Any
    probability: float = 0.9
    signal: xr.Dataset | None = field(default=None, repr=False)

    @cached_property
    def server(self) -> NDArray[np.int32]:
        """Row of the best server of all cells, -1 for none [receiver]."""
        return self._whole["server"].to_numpy()

    @cached_property
    def covered(self) -> NDArray[np.float32]:
        """Probability of coverage by all cells [receiver]."""
        return self._whole["coverage_probability"].to_numpy()

    @cached_property
    def people(self) -> Floats:
        """Residents inside the boundary that each receiver stands for."""
        inside = self.receivers["inside"].to_numpy()
        indoors = self.receivers["place"].to_numpy() > 0
        return np.where(inside & indoors, self.receivers["residents"].to_numpy(), 0.0).astype(float)

    @cached_property
    def targets_dbm(self) -> Floats:
        """Level to reach at every receiver [dBm]."""
        size = self.receivers.sizes["receiver"]
        return np.broadcast_to(np.asarray(self.target_dbm, float), (size,))

    @property
    def cell_ids(self) -> NDArray[Any]:
        """Names of the cells, in the order of `server`."""
        return self.received["cell"].to_numpy()

    @property
    def site_ids(self) -> NDArray[Any]:
        """Site of each cell."""
        names: NDArray[Any] = self.received["site"].to_numpy()
        sites: NDArray[Any] = names[self.received["site_of_cell"].to_numpy()]
        return sites

    @cached_property
    def _whole(self) -> xr.Dataset:
        from cellwright import coverage

        if self.signal is not None:
            return self.signal
        return coverage.signal(self.received, self.carrier, target_dbm=self.targets_dbm)

    def signal_of(self, cells: NDArray[np.intp], receivers: NDArray[np.intp]) -> xr.Dataset:
        """Return `coverage.signal` of some cells at some receivers (rows of both)."""
        from cellwright import coverage

        part = self.received[list(_READ)].isel(cell=cells, receiver=receivers)
        return coverage.signal(part, self.carrier, target_dbm=self.targets_dbm[receivers])

    def without(self, lost: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return best server and probability of coverage with some cells off the air.

        Parameters
        ----------
        lost : bool [cell]
            Cells off the air.

        Returns
        -------
        server : int32 [receiver]
            Row among all cells, -1 for none.
        covered : float32 [receiver]
            Probability of coverage.

        Notes
        -----
        Who keeps the best server keeps level and probability, so only the others are found anew;
        the same to the last bit as over all receivers. SINR is not, it gets better everywhere.
        """
        server, covered = self.server.copy(), self.covered.copy()
        changed = np.where(server < 0, covered > 0.0, lost[np.maximum(server, 0)])
        rows, kept = np.flatnonzero(changed), np.flatnonzero(~lost)
        server[rows], covered[rows] = -1, 0.0
        if rows.size and kept.size:
            again = self.signal_of(kept, rows)
            best = again["server"].to_numpy()
            server[rows] = np.where(best >= 0, kept[np.maximum(best, 0)], -1)
            covered[rows] = again["coverage_probability"].to_numpy()
        return server, covered


@dataclass(frozen=True, eq=False)
class Outage:
    """Who is without a signal once cells are off the air.

    Attributes
    ----------
    people_before, people_naive, people_after : float
        People covered with all cells; less all whom the lost cells served; with coverage found
        anew, so that neighbours take over whom they reach.
    places : DataFrame
        One row per place (outdoor, indoor ground floor, indoor top floor): ``people_before,
        people_naive, people_after``, ``area_before_km2, area_naive_km2, area_after_km2`` (expected
        covered area), ``area_km2``.
    sites : DataFrame
        One row per site that loses a cell: ``site_id, cells`` (lost), ``people`` (it covered
        through them), ``people_lost`` (of those, after overlap), ``taken_over_share``.
    cells : tuple of str
        Cells off the air.
    lost : bool [receiver]
        Covered before and not after (at the probability called covered).
    server, covered : int32, float32 [receiver]
        Best server (row of the cell, -1 for none) and probability of coverage after.
    """

    people_before: float
    people_naive: float
    people_after: float
    places: pd.DataFrame
    sites: pd.DataFrame
    cells: tuple[str, ...]
    lost: NDArray[np.bool_] = field(repr=False)
    server: NDArray[np.int32] = field(repr=False)
    covered: NDArray[np.float32] = field(repr=False)

    @property
    def people_lost(self) -> float:
        """People no longer covered, overlap counted."""
        return self.people_before - self.people_after

    @property
    def people_lost_naive(self) -> float:
        """People the lost cells covered."""
        return self.people_before - self.people_naive


def outage(radio: Radio, cells: Iterable[str] = (), sites: Iterable[str] = ()) -> Outage:
    """Take cells off the air and find coverage anew.

    Parameters
    ----------
    radio : Radio
        What every receiver gets.
    cells, sites : iterable of str
        Ids of cells, and of sites with all their cells; ids of other carriers are left aside.

    Returns
    -------
    Outage
        Coverage only: whether the neighbours can also carry the traffic is not looked at.
    """
    lost = np.isin(radio.cell_ids, list(cells)) | np.isin(radio.site_ids, list(sites))
    before, served = radio.covered, radio.server
    server, after = radio.without(lost)
    theirs = (served >= 0) & lost[np.maximum(served, 0)]
    naive = np.where(theirs, 0.0, before)
    people = radio.people
    return Outage(
        people_before=float(people @ before),
        people_naive=float(people @ naive),
        people_after=float(people @ after),
        places=_places(radio, before, naive, after),
        sites=_sites(radio, lost, theirs, after),
        cells=tuple(str(name) for name in radio.cell_ids[lost]),
        lost=(before >= radio.probability) & (after < radio.probability),
        server=server,
        covered=after,
    )


def _places(radio: Radio, *likely: NDArray[Any]) -> pd.DataFrame:
    """Sum people and area up by place, for coverage before, without overlap, after."""
    from cellwright.geo import PLACES

    place, inside = radio.receivers["place"].to_numpy(), radio.receivers["inside"].to_numpy()
    pixel_km2 = (float(radio.receivers.attrs["pixel_m"]) / 1000.0) ** 2
    count = len(PLACES)
    rows: dict[str, Any] = {"place": list(PLACES)}
    rows["area_km2"] = np.bincount(place[inside], minlength=count) * pixel_km2
    for name, covered in zip(("before", "naive", "after"), likely, strict=True):
        rows[f"people_{name}"] = np.bincount(place, radio.people * covered, count)
        rows[f"area_{name}_km2"] = np.bincount(place, inside * covered, count) * pixel_km2
    return pd.DataFrame(rows)


def _sites(
    radio: Radio, lost: NDArray[np.bool_], theirs: NDArray[np.bool_], after: NDArray[np.float32]
) -> pd.DataFrame:
    """Return what each site with a lost cell covered through it, and what neighbours keep."""
    row_of, site = radio.received["site_of_cell"].to_numpy(), radio.received["site"].to_numpy()
    of = row_of[radio.server[theirs]]
    count = np.bincount(row_of[lost], minlength=site.size)
    people = radio.people[theirs]
    had = np.bincount(of, people * radio.covered[theirs], site.size)
    gone = np.bincount(of, people * (radio.covered[theirs] - after[theirs]), site.size)
    table = pd.DataFrame(
        {
            "site_id": site,
            "cells": count,
            "people": had,
            "people_lost": gone,
            "taken_over_share": np.where(
                had > 0.0, 1.0 - gone / np.where(had > 0.0, had, 1.0), 1.0
            ),
        }
    )
    return table[count > 0].reset_index(drop=True)
