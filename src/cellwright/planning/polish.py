"""HiGHS finishes what the search began, on problems small enough for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellwright.planning.problem import LongArray, Problem


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
    import highspy

    model = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("time_limit", float(seconds)),
        ("random_seed", int(seed)),
        ("threads", 1),
        ("mip_rel_gap", 0.0),
    ):
        model.setOptionValue(option, value)
    model.passModel(_model(problem, limits, highspy))
    _start(model, problem, best, highspy)
    model.run()
    bound = float(model.getInfo().mip_dual_bound)
    solution = np.asarray(model.getSolution().col_value)
    if len(solution) != problem.columns + problem.rows:
        return best, bound
    found = np.full(len(problem.names), -1, np.int64)
    taken = np.flatnonzero(solution[: problem.columns] > 0.5)
    found[problem.site[taken]] = taken
    return found, bound


def _model(problem: Problem, limits: tuple[float, float, float], highspy: Any) -> Any:
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
    infinite = highspy.kHighsInf
    low = np.r_[np.zeros(m), problem.fixed.astype(float), 0.0, 0.0, target if cheap else -infinite]
    high = np.r_[np.full(m, infinite), np.ones(sites), min(budget, infinite),
                 min(slots, infinite), infinite]  # fmt: skip
    return _program(problem, cheap, matrix, low, high, highspy)


def _line(values: Any, place: slice, length: int) -> Any:
    from scipy import sparse

    line = np.zeros(length)
    line[place] = values
    return sparse.csr_matrix(line)


def _program(problem: Problem, cheap: bool, matrix: Any, low: Any, high: Any, highspy: Any) -> Any:
    n, m = problem.columns, problem.rows
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = n + m, matrix.shape[0]
    program.sense_ = highspy.ObjSense.kMinimize if cheap else highspy.ObjSense.kMaximize
    program.col_cost_ = (
        np.r_[problem.cost, np.zeros(m)] if cheap else np.r_[np.zeros(n), problem.weight]
    )
    program.col_lower_, program.col_upper_ = np.zeros(n + m), np.ones(n + m)
    program.row_lower_, program.row_upper_ = low, high
    program.integrality_ = [highspy.HighsVarType.kInteger] * n + [
        highspy.HighsVarType.kContinuous
    ] * m
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = matrix.indptr
    program.a_matrix_.index_ = matrix.indices
    program.a_matrix_.value_ = matrix.data
    return program


def _start(model: Any, problem: Problem, best: LongArray, highspy: Any) -> None:
    chosen = best[best >= 0]
    values = np.zeros(problem.columns + problem.rows)
    values[chosen] = 1.0
    for column in chosen:
        own = slice(problem.column_start[column], problem.column_start[column + 1])
        values[problem.columns + problem.column_rows[own]] = 1.0
    start = highspy.HighsSolution()
    start.col_value = list(values)
    model.setSolution(start)
