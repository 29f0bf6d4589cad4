"""The site-selection problem as sparse sets: which configuration covers which demand.

A *column* is one configuration of one site (azimuths and tilt); a *row* is demand that is
covered by the same set of columns. At most one column per site may be chosen (a generalised
upper bound), so this is the maximal covering location problem with GUB rows, or, with the
demand given and the cost asked, its partial-cover twin.

References
----------
Church, ReVelle, "The maximal covering location problem", Papers of the Regional Science
Association 32 (1974).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cellwright.errors import InputError

IntArray = NDArray[np.int32]
LongArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Problem:
    """A selection problem with equal rows merged.

    Attributes
    ----------
    column_start, column_rows : int64 [columns + 1], int32 [entries]
        Rows each column covers (compressed by column).
    row_start, row_columns : int64 [rows + 1], int32 [entries]
        Columns covering each row (compressed by row).
    weight : float64 [rows]
        Demand of each merged row.
    site : int32 [columns]
        Number of the column's site, rising.
    cost : float64 [columns]
        Cost of the column [USD].
    fixed : bool [sites]
        Sites that must be in the plan (in any of their configurations).
    names : tuple of str
        Site names, sorted, so that the order of the input changes nothing.
    source : int64 [columns]
        Number of the column in the matrix the problem was built from.
    total : float
        All demand, also that which no column covers.
    demand_points : int
        Rows before merging.
    """

    column_start: LongArray
    column_rows: IntArray
    row_start: LongArray
    row_columns: IntArray
    weight: FloatArray
    site: IntArray
    cost: FloatArray
    fixed: BoolArray
    names: tuple[str, ...]
    source: LongArray
    total: float
    demand_points: int

    @property
    def rows(self) -> int:
        """How many merged rows there are."""
        return len(self.weight)

    @property
    def columns(self) -> int:
        """How many configurations there are."""
        return len(self.cost)

    @property
    def entries(self) -> int:
        """How many (row, column) pairs are covered."""
        return len(self.column_rows)

    @property
    def reachable(self) -> float:
        """Demand covered by at least one column: no plan covers more."""
        return float(self.weight.sum())

    def covered(self, columns: Sequence[int] | NDArray[Any]) -> float:
        """Return the demand covered by a set of columns, counted from the sets alone."""
        hit = np.zeros(self.rows, dtype=bool)
        for column in columns:
            hit[self.column_rows[self.column_start[column] : self.column_start[column + 1]]] = True
        return float(self.weight[hit].sum())


def build_problem(
    cover: Any,
    weight: NDArray[Any],
    site: Sequence[str],
    cost: NDArray[Any],
    *,
    fixed: Sequence[str] = (),
    banned: Sequence[str] = (),
) -> Problem:
    """Merge equal rows of a coverage matrix and lay it out for the solvers.

    Parameters
    ----------
    cover : array or scipy sparse matrix [columns, demand points]
        Non-zero where the column covers the point.
    weight : array [demand points]
        Demand of each point, 0 or more.
    site : sequence of str [columns]
        Site of each column; a site's columns exclude each other.
    cost : array [columns]
        Cost of each column [USD], above 0 (0 is allowed for fixed sites).
    fixed, banned : sequence of str
        Sites that must be chosen, and sites that must not.

    Returns
    -------
    Problem

    Raises
    ------
    InputError
        When shapes disagree, a weight or cost is negative or not finite, or a fixed site
        is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> cover = np.array([[1, 1, 0, 0], [0, 1, 1, 1]])
    >>> problem = build_problem(cover, np.ones(4), ["B", "A"], np.ones(2))
    >>> problem.rows, problem.names, problem.reachable
    (3, ('A', 'B'), 4.0)
    """
    matrix = sparse.csr_matrix(cover)
    weight = np.asarray(weight, dtype=np.float64)
    cost = np.asarray(cost, dtype=np.float64)
    _check(matrix, weight, site, cost, fixed, banned)
    keep = ~np.isin(np.asarray(site, dtype=object), list(banned))
    names = tuple(sorted({str(s) for s, kept in zip(site, keep, strict=True) if kept}))
    number = {name: i for i, name in enumerate(names)}
    sites = np.array([number.get(str(s), -1) for s in site], dtype=np.int64)
    order = np.flatnonzero(keep)[np.argsort(sites[keep], kind="stable")]
    rows, merged_weight = _merge(matrix[order], weight)
    return Problem(
        column_start=rows.indptr.astype(np.int64),
        column_rows=rows.indices.astype(np.int32),
        **_by_row(rows),
        weight=merged_weight,
        site=sites[order].astype(np.int32),
        cost=cost[order],
        fixed=np.isin(np.asarray(names, dtype=object), list(fixed)),
        names=names,
        source=order.astype(np.int64),
        total=float(weight.sum()),
        demand_points=len(weight),
    )


def _check(
    matrix: Any,
    weight: FloatArray,
    site: Sequence[str],
    cost: FloatArray,
    fixed: Sequence[str],
    banned: Sequence[str],
) -> None:
    columns, points = matrix.shape
    if len(weight) != points or len(site) != columns or len(cost) != columns:
        raise InputError(
            f"the coverage matrix has {columns} columns and {points} points, but there are "
            f"{len(site)} sites, {len(cost)} costs and {len(weight)} weights."
        )
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise InputError("weights of demand points must be finite and 0 or more.")
    free = ~np.isin(np.asarray(site, dtype=object), list(fixed))
    if not (np.isfinite(cost).all() and (cost >= 0).all() and (cost[free] > 0).all()):
        raise InputError("costs of configurations must be finite and above 0 USD.")
    unknown = sorted(set(fixed) - set(site))
    if unknown:
        raise InputError(f"fixed sites have no configuration: {', '.join(unknown[:5])}.")
    both = sorted(set(fixed) & set(banned))
    if both:
        raise InputError(f"sites are both existing and banned: {', '.join(both[:5])}.")


def _merge(matrix: Any, weight: FloatArray) -> tuple[Any, FloatArray]:
    """Add up points covered by the same columns; points without cover or weight fall away.

    Two points are the same when two 64-bit sums of random column keys agree: the odds of a
    false match among a million points are below 1e-26.
    """
    by_point = matrix.T.tocsr()
    keys = np.random.default_rng(20).integers(1, 2**63, size=(2, matrix.shape[0]), dtype=np.uint64)
    lengths = np.diff(by_point.indptr)
    used = np.flatnonzero((lengths > 0) & (weight > 0))
    sums = np.zeros((len(lengths), 2), dtype=np.uint64)
    starts = by_point.indptr[:-1][lengths > 0]
    for k in (0, 1):
        if len(starts):
            sums[lengths > 0, k] = np.add.reduceat(keys[k][by_point.indices], starts)
    _, first, group = np.unique(sums[used], axis=0, return_index=True, return_inverse=True)
    merged = by_point[used[first]].T.tocsr()
    merged.sort_indices()
    totals = np.bincount(group.ravel(), weights=weight[used], minlength=len(first))
    return merged, totals.astype(np.float64)


def _by_row(columns: Any) -> dict[str, Any]:
    rows = columns.T.tocsr()
    rows.sort_indices()
    return {
        "row_start": rows.indptr.astype(np.int64),
        "row_columns": rows.indices.astype(np.int32),
    }
