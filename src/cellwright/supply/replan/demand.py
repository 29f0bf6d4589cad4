"""Demand cells: people whom the same sites could cover, few enough to choose by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

if TYPE_CHECKING:
    from cellwright.supply.outage import Radio

Floats = NDArray[np.float64]


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
    sets = [index[a:b].tobytes() for a, b in zip(first[:-1], first[1:], strict=True)]
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
