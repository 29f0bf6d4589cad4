"""HiGHS finishes what the search began, on problems small enough for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellwright.planning.problem import LongArray, Problem
from cellwright.solver import linear_program, solver


def polish(
    problem: Problem,
    limits: tuple[float, float, float],
    best: LongArray,
    seconds: float,
    seed: int,
) -> tuple[LongArray, float]:
    """Improve a plan and its bound by branch and cut (HiGHS), starting from the plan.

    Parameters
    ----------
    problem : Problem
    limits : (budget, sites, target)
        Largest cost, largest number of sites, demand to reach (infinite = maximise it).
    best : int64 array [sites]
        Column per site, -1 = not chosen.
    seconds, seed
        Time limit [s] and seed of the solver.

    Returns
    -------
    best, bound
        The plan (columns per site) and the solver's proven bound (demand, or cost in USD).
    """
    model = solver(time_limit=float(seconds), random_seed=int(seed), threads=1, mip_rel_gap=0.0)
    model.passModel(_model(problem, limits))
    _start(model, problem, best)
    model.run()
    bound = float(model.getInfo().mip_dual_bound)
    solution = np.asarray(model.getSolution().col_value)
    if len(solution) != problem.columns + problem.rows:
        return best, bound
    found = np.full(len(problem.names), -1, np.int64)
    taken = np.flatnonzero(solution[: problem.columns] > 0.5)
    found[problem.site[taken]] = taken
    return found, bound


def _model(problem: Problem, limits: tuple[float, float, float]) -> Any:
    """Lay the variables out as columns x, then rows y."""
    from scipy import sparse

    budget, slots, target = limits
    n, m, sites = problem.columns, problem.rows, len(problem.names)
    cheap = np.isfinite(target)
    cover = sparse.csr_matrix(
        (np.ones(problem.entries), problem.row_columns, problem.row_start), shape=(m, n)
    )
    link = sparse.hstack([cover, -sparse.identity(m)])
    pick = sparse.csr_matrix((np.ones(n), (problem.site, np.arange(n))), shape=(sites, n + m))
    whole = [
        _line(problem.cost, slice(0, n), n + m),
        _line(np.ones(n), slice(0, n), n + m),
        _line(problem.weight, slice(n, n + m), n + m),
    ]
    matrix = sparse.vstack([link, pick, *whole]).tocsr()
    low = np.r_[np.zeros(m), problem.fixed.astype(float), 0.0, 0.0, target if cheap else -np.inf]
    high = np.r_[np.full(m, np.inf), np.ones(sites), budget, slots, np.inf]
    worth = np.r_[problem.cost, np.zeros(m)] if cheap else np.r_[np.zeros(n), problem.weight]
    whole_numbers = np.arange(n + m) < n
    return linear_program(
        worth, (0.0, 1.0), matrix, (low, high), whole=whole_numbers, maximise=not cheap
    )


def _line(values: Any, place: slice, length: int) -> Any:
    from scipy import sparse

    line = np.zeros(length)
    line[place] = values
    return sparse.csr_matrix(line)


def _start(model: Any, problem: Problem, best: LongArray) -> None:
    import highspy

    chosen = best[best >= 0]
    values = np.zeros(problem.columns + problem.rows)
    values[chosen] = 1.0
    for column in chosen:
        own = slice(problem.column_start[column], problem.column_start[column + 1])
        values[problem.columns + problem.column_rows[own]] = 1.0
    start = highspy.HighsSolution()
    start.col_value = list(values)
    model.setSolution(start)
