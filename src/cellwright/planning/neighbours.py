"""Which cells are neighbours, and how much demand lies where both are heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numba import njit
from numpy.typing import NDArray

from cellwright.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Neighbour relations of cells.

    Attributes
    ----------
    cell_id : tuple of str
        Names, in the order of the rows.
    overlap : float64 [cell, cell]
        Share of all demand served by one of the two while the other is within reach; symmetric,
        zero on the diagonal.
    adjacent : bool [cell, cell]
        Neighbour relation; symmetric. Cells of one site are always neighbours.
    """

    cell_id: tuple[str, ...]
    overlap: FloatArray
    adjacent: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def overlap_kernel(level: Any, weight: Any, within_db: float, overlap: Any) -> None:
    """Add to ``overlap`` [server, other] the weight of receivers that hear ``other`` too."""
    cells, count = level.shape
    for r in range(count):
        best = -1
        top = -np.inf
        for c in range(cells):
            if level[c, r] > top:
                best, top = c, level[c, r]
        if best < 0:
            continue
        for c in range(cells):
            if c != best and level[c, r] >= top - within_db:
                overlap[best, c] += weight[r]


def neighbours(
    received: xr.Dataset,
    cells: pd.DataFrame,
    sites: gpd.GeoDataFrame,
    weight: Any = None,
    *,
    within_db: float = 6.0,
    least_share: float = 0.01,
    reach_m: float = 3_000.0,
    block: int = 1,
) -> Neighbours:
    """Find neighbours from what phones hear.

    Parameters
    ----------
    received : Dataset
        ``coverage.received`` with ``rsrp_dbm`` [cell, receiver].
    cells : DataFrame
        ``cell_id, site_id`` of the rows of ``received``.
    sites : GeoDataFrame
        ``site_id`` and the points, for the distance.
    weight : array [receiver], optional
        Demand of each receiver; default 1 each.
    within_db : float
        A cell counts where it is at most this much weaker than the server [dB].
    least_share : float
        Neighbours share at least this part of the demand of the smaller of the two.
    reach_m : float
        Sites farther apart are never neighbours [m].
    block : int
        Look at every so many receivers only.

    Returns
    -------
    Neighbours

    Raises
    ------
    InputError
        When cells and received power do not belong together.

    References
    ----------
    3GPP TS 36.300 clause 22.3.2a, automatic neighbour relations: a neighbour is a cell phones
    report; here they report what they would hear.
    """
    level = received["rsrp_dbm"].to_numpy()[:, ::block]
    if level.shape[0] != len(cells):
        raise InputError(f"{len(cells)} cells, but received power of {level.shape[0]}.")
    demand = np.ones(level.shape[1]) if weight is None else np.asarray(weight, float)[::block]
    shared = np.zeros((len(cells), len(cells)))
    overlap_kernel(np.ascontiguousarray(level), demand, float(within_db), shared)
    total = max(float(demand.sum()), 1e-300)
    served = _served(level, demand)
    both = shared + shared.T
    smaller = np.minimum(served[:, None], served[None, :])
    adjacent = both >= np.maximum(least_share * smaller, 1e-12 * total)
    distance = _distances(cells, sites)
    adjacent &= distance <= reach_m
    return _relations(cells, both / total, adjacent)


def neighbours_from(
    cells: pd.DataFrame, pairs: Sequence[tuple[str, str, float]] | pd.DataFrame
) -> Neighbours:
    """Take neighbours from a list of pairs, such as an operator's own relations.

    Parameters
    ----------
    cells : DataFrame
        ``cell_id, site_id``.
    pairs : sequence of (cell_id, cell_id, weight)
        Each relation once or in both directions (weights add up).
    """
    number = {name: k for k, name in enumerate(cells["cell_id"])}
    overlap = np.zeros((len(cells), len(cells)))
    adjacent = np.zeros((len(cells), len(cells)), dtype=bool)
    rows = pairs.itertuples(index=False) if isinstance(pairs, pd.DataFrame) else pairs
    for one, other, weight in rows:
        if one not in number or other not in number:
            lost = one if one not in number else other
            raise InputError(f'neighbour relation names cell "{lost}", which is not in the list.')
        a, b = number[one], number[other]
        if a != b:
            overlap[a, b] += float(weight)
            overlap[b, a] += float(weight)
            adjacent[a, b] = adjacent[b, a] = True
    return _relations(cells, overlap, adjacent)


def _relations(cells: pd.DataFrame, overlap: FloatArray, adjacent: NDArray[np.bool_]) -> Neighbours:
    site = pd.factorize(cells["site_id"])[0]
    adjacent = adjacent | (site[:, None] == site[None, :])
    np.fill_diagonal(adjacent, False)
    np.fill_diagonal(overlap, 0.0)
    return Neighbours(tuple(cells["cell_id"].astype(str)), overlap, adjacent)


def _served(level: Any, demand: FloatArray) -> FloatArray:
    heard = np.isfinite(level).any(axis=0)
    server = np.where(heard, np.argmax(level, axis=0), 0)
    served = np.bincount(server, weights=demand * heard, minlength=level.shape[0])
    return served.astype(np.float64)


def _distances(cells: pd.DataFrame, sites: gpd.GeoDataFrame) -> FloatArray:
    place = sites.set_index("site_id").geometry
    here = place.loc[cells["site_id"]]
    x_m, y_m = np.asarray(here.x, float), np.asarray(here.y, float)
    distance: FloatArray = np.hypot(x_m[:, None] - x_m[None, :], y_m[:, None] - y_m[None, :])
    return distance
