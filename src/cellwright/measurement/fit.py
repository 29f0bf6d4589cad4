"""Robust, regularised least squares with standard errors that know points are not independent.

Huber weights (P. J. Huber, Ann. Math. Statist. 35, 1964, 73-101); ridge towards the model's own
values; the sandwich of Liang and Zeger (Biometrika 73, 1986, 13-22) over clusters.
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
        found = np.linalg.solve(matrix.T @ weighted + sigma**2 * ridge, weighted.T @ wanted)
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
    blocks: NDArray[np.intp],
    cells: NDArray[np.intp] | None = None,
) -> Fit:
    """Fit the columns to what is wanted.

    Parameters
    ----------
    columns : DataFrame [point, parameter]
        From :func:`design`.
    wanted : float [point]
        Correction to the loss that would make each point right [dB].
    blocks, cells : int [point]
        Groups within which points are wrong together: a square, and a cell (whose power may be
        wrong). The larger standard error of the two is given.

    Examples
    --------
    >>> made = fit(pd.DataFrame({"offset_db": np.ones(40)}), np.tile([2.0, 4.0], 20),
    ...     np.repeat(np.arange(20), 2))
    >>> round(made.numbers["offset_db"], 2)
    3.0
    """
    found, weights, sigma = solve(columns, wanted)
    matrix = columns.to_numpy(float)
    left = wanted - matrix @ found
    errors, groups = _errors(columns, matrix, weights, left, sigma, blocks)
    if cells is not None and np.unique(cells).size >= _LEAST_CELLS:
        by_cell, count = _errors(columns, matrix, weights, left, sigma, cells)
        errors = np.maximum(errors, by_cell)
        groups = min(groups, count)
    names = [str(name) for name in columns]
    return Fit(
        dict(zip(names, map(float, found), strict=True)),
        dict(zip(names, map(float, errors), strict=True)),
        sigma,
        groups,
    )


def _errors(
    columns: pd.DataFrame,
    matrix: Array,
    weights: Array,
    left: Array,
    sigma: float,
    group: NDArray[np.intp],
) -> tuple[Array, int]:
    """Return standard errors from the sums of scores by group, and the number of groups."""
    ridge = _ridge(columns)
    bread = np.linalg.inv(matrix.T @ (matrix * weights[:, None]) + sigma**2 * ridge)
    names, number = np.unique(group, return_inverse=True)
    count = int(names.size)
    if count < 2:
        return np.full(matrix.shape[1], np.inf), count
    scores = np.zeros((count, matrix.shape[1]))
    np.add.at(scores, number.ravel(), matrix * (weights * left)[:, None])
    spread = bread @ (scores.T @ scores) @ bread * count / (count - 1)
    return np.sqrt(np.maximum(np.diag(spread), 0.0)), count


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
