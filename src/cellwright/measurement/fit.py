"""Robust, regularised least squares with standard errors that know points are not independent.

Huber weights (P. J. Huber, Ann. Math. Statist. 35, 1964, 73-101); ridge towards the model's own
values; errors from leaving out cells, and squares of the map, in turn (the jackknife form of the
cluster sandwich: Bell and McCaffrey, Survey Methodology 28, 2002, 169-181), squares with their
neighbours (T. G. Conley, J. Econometrics 92, 1999, 1-45); and never less than shadowing makes them
that is alike within the decorrelation distance (3GPP TR 38.901 V19.4.0, 7.4.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial import cKDTree

from cellwright.measurement.design import PRIOR, TuneSettings, square_of

Array = NDArray[np.float64]
#: Residuals beyond so many sigma count less: 95 % efficient on normal errors.
_HUBER = 1.345
#: Weights are renewed until no number moves more than this [dB, dB/decade]: far below any error.
_SETTLED = 1e-3
#: Standard errors by cell need at least so many cells to mean anything.
_LEAST_CELLS = 6


@dataclass(frozen=True)
class Fit:
    """Numbers fitted, how sure they are, and what is left.

    Attributes
    ----------
    numbers, errors : dict of str to float
        By parameter: value, standard error.
    sigma_db : float
        Robust spread of what is left [dB].
    clusters : int
        Independent groups of points the errors rest on.
    """

    numbers: dict[str, float]
    errors: dict[str, float]
    sigma_db: float
    clusters: int

    @property
    def t(self) -> dict[str, float]:
        """Value over standard error."""
        return {name: value / max(self.errors[name], 1e-12) for name, value in self.numbers.items()}

    def least_t(self, level: float) -> float:
        """Return the t that chance exceeds with probability ``level``."""
        return float(stats.t.ppf(1.0 - level / 2.0, max(self.clusters - 1, 1)))


def robust_sigma(residual: Array) -> float:
    """Return the standard deviation that the middle half of the residuals speaks for.

    Examples
    --------
    >>> round(robust_sigma(np.array([-1.0, 0.0, 1.0, 90.0])), 3)
    1.483
    """
    return float(1.4826 * np.median(np.abs(residual - np.median(residual))))


def ridge(columns: pd.DataFrame) -> Array:
    """Return the pull of each parameter to the model's own value, to be times sigma squared."""
    return np.diag(np.array([1.0 / PRIOR[str(name)] ** 2 for name in columns], float))


def solve(matrix: Array, pull: Array, wanted: Array) -> tuple[Array, Array, float]:
    """Return the numbers that bring the columns nearest to what is wanted.

    Parameters
    ----------
    matrix : float [point, parameter]
        From :func:`design`.
    pull : float [parameter, parameter]
        From :func:`ridge`.
    wanted : float [point]
        Correction to the loss that would make each point right [dB].

    Returns
    -------
    ndarray [parameter], ndarray [point], float
        Numbers, Huber weights, robust sigma [dB].
    """
    weights: Array = np.ones(len(wanted))
    found: Array = np.zeros(matrix.shape[1])
    sigma = max(robust_sigma(wanted), 0.1)
    for _ in range(20):
        weighted = matrix * weights[:, None]
        before = found
        normal = matrix.T @ weighted + sigma**2 * pull
        found = np.asarray(np.linalg.solve(normal, weighted.T @ wanted), float)
        left = wanted - matrix @ found
        sigma = max(robust_sigma(left), 0.1)
        weights = np.minimum(1.0, _HUBER * sigma / np.maximum(np.abs(left), 1e-12))
        if np.abs(found - before).max() < _SETTLED:
            break
    return found, weights, sigma


class Alike(NamedTuple):
    """What makes points wrong together.

    Attributes
    ----------
    squares : int [point, 2]
        Column and row of the square of the map.
    cells, sites : int [point]
        Cell (its power may be wrong) and site (its shadowing is shared by its cells).
    place_m : float [point, 2]
        East and north [m].
    decorrelation_m : float
        Distance at which shadowing is alike by 1/e [m].
    """

    squares: NDArray[np.intp]
    cells: NDArray[np.intp]
    sites: NDArray[np.intp]
    place_m: Array
    decorrelation_m: float


def alike(points: pd.DataFrame, settings: TuneSettings) -> Alike:
    """Return what makes these points wrong together."""

    def numbers(name: str) -> NDArray[np.intp]:
        return np.unique(points[name].to_numpy(str), return_inverse=True)[1].ravel()

    return Alike(
        square_of(points, settings.block_m),
        numbers("cell_id"),
        numbers("site_id"),
        points[["x_m", "y_m"]].to_numpy(float),
        settings.buffer_m,
    )


def fit(columns: pd.DataFrame, wanted: Array, groups: Alike) -> Fit:
    """Fit the columns to what is wanted.

    Parameters
    ----------
    columns : DataFrame [point, parameter]
        From :func:`design`.
    wanted : float [point]
        Correction to the loss that would make each point right [dB].
    groups : Alike
        What makes points wrong together; the largest standard error of the three ways is given.

    Examples
    --------
    >>> each, place = np.arange(20), 500.0 * np.arange(40).reshape(20, 2)
    >>> groups = Alike(place.astype(int), each, each, place, 50.0)
    >>> made = fit(pd.DataFrame({"offset_db": np.ones(20)}), np.tile([2.0, 4.0], 10), groups)
    >>> round(made.numbers["offset_db"], 2), round(made.errors["offset_db"], 1)
    (3.0, 0.3)
    """
    matrix, pull = columns.to_numpy(float), ridge(columns)
    found, weights, sigma = solve(matrix, pull, wanted)
    weighted = matrix * weights[:, None]
    normal = matrix.T @ weighted + sigma**2 * pull
    places, number = np.unique(groups.squares, axis=0, return_inverse=True)
    pulls = _pulls(normal, matrix, weighted, wanted, number.ravel())
    errors, count = _errors(normal, pulls, _with_neighbours(pulls, places)), len(places)
    if count >= 2:
        errors = np.maximum(errors, _shadowed(normal, weighted, sigma, groups))
    if np.unique(groups.cells).size >= _LEAST_CELLS:
        pulls = _pulls(normal, matrix, weighted, wanted, groups.cells)
        errors = np.maximum(errors, _errors(normal, pulls, pulls))
        count = min(count, len(pulls))
    names = [str(name) for name in columns]
    return Fit(
        dict(zip(names, map(float, found), strict=True)),
        dict(zip(names, map(float, errors), strict=True)),
        sigma,
        count,
    )


def _shadowed(normal: Array, weighted: Array, sigma: float, groups: Alike) -> Array:
    """Return the errors that shadowing of this spread and reach alone makes.

    Points of one site within half the decorrelation distance are taken as one.
    """
    side, meat = groups.decorrelation_m / 2.0, np.zeros_like(normal)
    for site in np.unique(groups.sites):
        mine = groups.sites == site
        squares, number = np.unique(
            np.floor(groups.place_m[mine] / side), axis=0, return_inverse=True
        )
        sums = np.zeros((len(squares), weighted.shape[1]))
        np.add.at(sums, number.ravel(), weighted[mine])
        tree = cKDTree(squares * side)
        near = tree.sparse_distance_matrix(
            tree, 5.0 * groups.decorrelation_m, output_type="ndarray"
        )
        share = np.exp(-near["v"] / groups.decorrelation_m)
        meat += (sums[near["i"]] * share[:, None]).T @ sums[near["j"]]
    spread = sigma**2 * np.linalg.solve(normal, np.linalg.solve(normal, (meat + meat.T) / 2.0).T)
    return np.asarray(np.sqrt(np.maximum(np.diag(spread), 0.0)), float)


def _pulls(
    normal: Array, matrix: Array, weighted: Array, wanted: Array, group: NDArray[np.intp]
) -> Array:
    """Return how each group pulls the normal equations: what leaving it out would change.

    Summed scores would do with hundreds of groups; with the dozens a drive test has they make
    errors a quarter too small, as each group has drawn the fit towards itself.
    """
    rhs = weighted.T @ wanted
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(int(group.max()) + 1))
    squares = (matrix[order, :, None] * weighted[order, None, :]).reshape(len(order), -1)
    own = np.add.reduceat(squares, starts).reshape(-1, *normal.shape)
    own_rhs = np.add.reduceat(weighted[order] * wanted[order, None], starts)
    without = np.linalg.solve(normal - own, (rhs - own_rhs)[:, :, None])[:, :, 0]
    found = np.linalg.solve(normal, rhs)
    return np.asarray((found - without) @ normal, float)


def _errors(normal: Array, pulls: Array, around: Array) -> Array:
    """Return standard errors; infinite where there is but one group."""
    if len(pulls) < 2:
        return np.full(len(normal), np.inf)
    meat = pulls.T @ around * (len(pulls) - 1) / len(pulls)
    spread = np.linalg.solve(normal, np.linalg.solve(normal, (meat + meat.T) / 2.0).T)
    return np.asarray(np.sqrt(np.maximum(np.diag(spread), 0.0)), float)


def _with_neighbours(sums: Array, places: NDArray[np.intp]) -> Array:
    """Add to each square's sums half of its four neighbours' and a quarter of the corners'."""
    row_of = {(int(x), int(y)): row for row, (x, y) in enumerate(places)}
    around = np.zeros_like(sums)
    for (x, y), row in row_of.items():
        for east in (-1, 0, 1):
            for north in (-1, 0, 1):
                other = row_of.get((x + east, y + north))
                if other is not None:
                    around[row] += sums[other] * 0.5 ** (abs(east) + abs(north))
    return around


def inflation(columns: pd.DataFrame) -> dict[str, float]:
    """Return how far each column is said by the others: 1 not at all, above 10 as good as wholly.

    Examples
    --------
    >>> made = inflation(pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [0.0, 1.0, 2.0, 3.1]}))
    >>> made["a"] > 10.0
    True
    """
    names = [str(name) for name in columns if columns[name].std() > 0.0]
    if len(names) < 2:
        return dict.fromkeys(names, 1.0)
    related = np.corrcoef(columns[names].to_numpy(float), rowvar=False)
    if np.linalg.matrix_rank(related) < len(names):
        related = related + 1e-9 * np.eye(len(names))
    return dict(zip(names, map(float, np.diag(np.linalg.inv(related))), strict=True))
