"""Demand cells: people whom the same sites could cover, few enough to choose by."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import xarray as xr

    from cellwright.supply.outage import Radio

Floats = NDArray[np.float64]
#: Golden ratio less 1: its multiples fill 0 to 1 more evenly than those of any other number.
_GOLDEN = 0.5 * (5.0**0.5 - 1.0)
#: Least chance that counts as any.
_LEAST = 1e-6


def merged(covers: sp.csr_matrix, people: Floats) -> tuple[sp.csr_matrix, Floats, Floats]:
    """Join cells that the same sites cover, and give the cells of one site to that site.

    Parameters
    ----------
    covers : sparse bool [site, cell]
        Which sites cover a cell.
    people : float [cell]
        People of each cell.

    Returns
    -------
    covers : sparse [site, cell]
        Cells left, each covered by two sites or more.
    people : float [cell]
        People of those.
    alone : float [site]
        People whom only that site covers.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> covers = sp.csr_matrix([[1, 1, 1, 0], [0, 1, 1, 0]])
    >>> left, people, alone = merged(covers, np.array([5.0, 2.0, 3.0, 9.0]))
    >>> left.toarray().tolist(), people.tolist(), alone.tolist()
    ([[1], [1]], [5.0], [5.0, 0.0])
    """
    by_cell = (covers != 0).astype(np.int8).tocsc()
    by_cell.sort_indices()
    first, index = by_cell.indptr, by_cell.indices
    sets = [index[a:b].tobytes() for a, b in pairwise(first)]
    names: dict[bytes, int] = {}
    group = np.array([names.setdefault(one, len(names)) for one in sets], np.int64)
    _, kept = np.unique(group, return_index=True)
    crowd = np.bincount(group, people, len(names))
    several, size = by_cell[:, kept], np.diff(first)[kept]
    alone = np.zeros(covers.shape[0])
    single = np.flatnonzero(size == 1)
    np.add.at(alone, several[:, single].indices, crowd[single])
    many = size > 1
    return several[:, many].tocsr(), crowd[many], alone


@dataclass(frozen=True, eq=False)
class Demand:
    """People to be covered, as cells that a site covers or not.

    Attributes
    ----------
    sites : tuple of str
        Sites, the rows of ``covers``.
    covers : sparse bool [site, cell]
        Which sites cover a cell.
    people : float [cell]
        People of each cell.
    """

    sites: tuple[str, ...]
    covers: sp.csr_matrix
    people: Floats


def demand_cells(
    receivers: xr.Dataset,
    reached: xr.DataArray,
    people: ArrayLike,
    *,
    points: int = 6000,
    block_m: float = 100.0,
) -> Demand:
    """Draw demand cells that any choice of sites covers like the radio map does, on average.

    Parameters
    ----------
    receivers : Dataset
        ``x_m, y_m`` of the receivers of ``reached``.
    reached : DataArray [site, receiver]
        Probability that a site alone covers a receiver, from `coverage.site_probability`.
    people : float [receiver]
        Residents each receiver stands for.
    points : int
        Points drawn, each for as many people; those of one set of sites become one cell.
    block_m : float
        Receivers are gone through block by block of this size [m].

    Returns
    -------
    Demand

    Notes
    -----
    Whoever is covered with probability p by the best of the running sites counts p people, so a
    cell that is covered or not would be biased. A point is a receiver and a level u spread evenly
    over 0 to 1; a site covers it where its probability is u or more. Then a choice of sites covers
    the share max(p) of a receiver's points, which is what best-server coverage gives. Points lie at
    equal steps of people along a way through the blocks, u in the order of the golden ratio: no
    chance is in it, and the error falls faster than 1 / sqrt(points).

    References
    ----------
    W. G. Cochran, Sampling Techniques, 3rd ed. 1977, chapter 8 (systematic sampling).
    """
    chance = reached.to_numpy()
    crowd = np.asarray(people, float)
    order = _way(receivers, chance.max(axis=0), block_m)
    total = np.cumsum(crowd[order])
    steps = (np.arange(points) + 0.5) / points * total[-1]
    at = order[np.searchsorted(total, steps)]
    level = np.maximum((np.arange(points) * _GOLDEN + 0.5) % 1.0, _LEAST)
    covered = chance[:, at] >= level
    sets, group = np.unique(np.packbits(covered, axis=0), axis=1, return_inverse=True)
    _, first = np.unique(group.ravel(), return_index=True)
    number = np.bincount(group.ravel(), minlength=sets.shape[1])
    names = tuple(str(name) for name in reached["site"].to_numpy())
    return Demand(names, sp.csr_matrix(covered[:, first]), number * total[-1] / points)


def _way(receivers: xr.Dataset, chance: NDArray[Any], block_m: float) -> NDArray[np.intp]:
    """Return receivers block by block, row after row to and fro, and by chance within a block."""
    x, y = receivers["x_m"].to_numpy(), receivers["y_m"].to_numpy()
    column = ((x - x.min()) // block_m).astype(int)
    row = ((y - y.min()) // block_m).astype(int)
    column = np.where(row % 2 == 1, column.max() - column, column)
    return np.lexsort((y, x, chance, column, row))


def demand_of(radio: Radio, *, points: int = 6000) -> Demand:
    """Draw demand cells from what every receiver gets: residents within the boundary."""
    from cellwright import coverage

    home = np.flatnonzero(radio.people > 0.0)
    reached = coverage.site_probability(radio.received.isel(receiver=home), radio.targets_dbm[home])
    return demand_cells(
        radio.receivers.isel(receiver=home), reached, radio.people[home], points=points
    )
