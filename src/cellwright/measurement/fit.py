"""Robust, regularised least squares with standard errors that know points are not independent.

Huber weights (P. J. Huber, Ann. Math. Statist. 35, 1964, 73-101); ridge towards the model's own
values; errors from leaving out cells, and squares of the map, in turn (the jackknife form of the
cluster sandwich: Bell and McCaffrey, Survey Methodology 28, 2002, 169-181), squares with their
neighbours (T. G. Conley, J. Econometrics 92, 1999, 1-45): shadowing knows no squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from cellwright.measurement.design import PRIOR

Array = NDArray[np.float64]
#: Residuals beyond so many sigma count less: 95 % efficient on normal errors.
_HUBER = 1.345
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


def solve(columns: pd.DataFrame, wanted: Array) -> tuple[Array, Array, float]:
    """Return the numbers that bring the columns nearest to what is wanted.

    Parameters
    ----------
    columns : DataFrame [point, parameter]
        From :func:`design`.
    wanted : float [point]
        Correction to the loss that would make each point right [dB].

    Returns
    -------
    ndarray [parameter], ndarray [point], float
        Numbers, Huber weights, robust sigma [dB].
    """
    matrix = columns.to_numpy(float)
    ridge = _ridge(columns)
    weights: Array = np.ones(len(wanted))
    found: Array = np.zeros(matrix.shape[1])
    sigma = max(robust_sigma(wanted), 0.1)
    for _ in range(30):
        weighted = matrix * weights[:, None]
        before = found
        found = np.linalg.solve(  # type: ignore[assignment]
            matrix.T @ weighted + sigma**2 * ridge, weighted.T @ wanted
        )
        left = wanted - matrix @ found
        sigma = max(robust_sigma(left), 0.1)
        weights = np.minimum(1.0, _HUBER * sigma / np.maximum(np.abs(left), 1e-12))
        if np.allclose(found, before, atol=1e-6):
            break
    return found, weights, sigma


def _ridge(columns: pd.DataFrame) -> Array:
    """Return the pull of each parameter towards the model's own value."""
    return np.diag(np.array([1.0 / PRIOR[str(name)] ** 2 for name in columns], float))


def fit(
    columns: pd.DataFrame,
    wanted: Array,
    squares: NDArray[np.intp],
    cells: NDArray[np.intp] | None = None,
) -> Fit:
    """Fit the columns to what is wanted.

    Parameters
    ----------
    columns : DataFrame [point, parameter]
        From :func:`design`.
    wanted : float [point]
        Correction to the loss that would make each point right [dB].
    squares : int [point, 2]
        Column and row of the square of the map each point lies in.
    cells : int [point], optional
        Cell, whose power may be wrong. The larger standard error of the two is given.

    Examples
    --------
    >>> made = fit(pd.DataFrame({"offset_db": np.ones(40)}), np.tile([2.0, 4.0], 20),
    ...     np.repeat(np.arange(20), 2)[:, None] * [[5, 0]])
    >>> round(made.numbers["offset_db"], 2)
    3.0
    """
    found, weights, sigma = solve(columns, wanted)
    matrix = columns.to_numpy(float)
    weighted = matrix * weights[:, None]
    normal = matrix.T @ weighted + sigma**2 * _ridge(columns)
    places, number = np.unique(squares, axis=0, return_inverse=True)
    pulls = _pulls(normal, matrix, weighted, wanted, number.ravel())
    errors, groups = _errors(normal, pulls, _with_neighbours(pulls, places)), len(places)
    if cells is not None and np.unique(cells).size >= _LEAST_CELLS:
        pulls = _pulls(normal, matrix, weighted, wanted, cells)
        errors = np.maximum(errors, _errors(normal, pulls, pulls))
        groups = min(groups, len(pulls))
    names = [str(name) for name in columns]
    return Fit(
        dict(zip(names, map(float, found), strict=True)),
        dict(zip(names, map(float, errors), strict=True)),
        sigma,
        groups,
    )


def _pulls(
    normal: Array, matrix: Array, weighted: Array, wanted: Array, group: NDArray[np.intp]
) -> Array:
    """Return how each group pulls the normal equations: what leaving it out would change.

    Summed scores would do with hundreds of groups; with the dozens a drive test has they make
    errors a quarter too small, as each group has drawn the fit towards itself.
    """
    rhs = weighted.T @ wanted
    found = np.linalg.solve(normal, rhs)
    pulls = np.zeros((int(group.max()) + 1, len(rhs)))
    for one in range(len(pulls)):
        mine = group == one
        own = matrix[mine].T @ weighted[mine]
        without = np.linalg.solve(normal - own, rhs - weighted[mine].T @ wanted[mine])
        pulls[one] = normal @ (found - without)
    return pulls


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
