"""Solve a compliant plan with HiGHS, with its proof."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.solver import feasible, linear_program, solver
from cellwright.supply.replan.problem import ReplanProblem
from cellwright.supply.replan.program import Program, program

Floats = NDArray[np.float64]
Wanted = Literal["people", "cost"]
#: As near a whole number as the solver's own tolerance asks.
_WHOLE = 1e-6
_TINY = 1e-9
#: Nodes of each search among kept choices. Nodes, not seconds: a slow machine then finds the same
#: plan as a fast one. Measured: 1 to 30 where it ends by itself.
_NODES = 200
#: The relaxed program, from which all else sets out, may take so many times the search's time.
_RELAXED = 10.0


@dataclass(frozen=True, eq=False)
class Replan:
    """A plan that keeps every restriction.

    Attributes
    ----------
    vendor : int [site, phase]
        Which vendor a site runs, -1 for none.
    cost_usd : float
        Equipment, civil works and vendors [USD].
    person_months : float
        People covered, summed over the months of all phases.
    people : float [phase]
        People covered in each phase, by the demand cells of the problem.
    value, bound, gap : float
        The figure asked for (person-months or USD), its proven limit, distance as a share.
    table : DataFrame
        ``site, phase, vendor, installed``: every site and phase in which something runs.
    seconds : float
        Time taken by all of it [s].
    proven : bool
        Whether the gap asked for was reached within the time.
    """

    vendor: NDArray[np.int64]
    cost_usd: float
    person_months: float
    people: Floats
    value: float
    bound: float
    gap: float
    table: pd.DataFrame
    seconds: float
    proven: bool


def replan(
    problem: ReplanProblem,
    wanted: Wanted = "people",
    *,
    least_people: ArrayLike = 0.0,
    gap: float = 0.01,
    seconds: float = 60.0,
    seed: int = 1,
) -> Replan:
    """Find the best-covering or the cheapest plan under all restrictions.

    Parameters
    ----------
    problem : ReplanProblem
    wanted : {"people", "cost"}
        Most person-months within the budget, or least cost for ``least_people``.
    least_people : float or float [phase]
        People covered, at least: at the end, or in each phase.
    gap : float
        Stop when this near the proven limit, as a share.
    seconds : float
        The search stops after this time with what there is [s]; the relaxed program before it may
        take ten times as long. Where the gap is proven within it, equal problems give equal plans.
    seed : int
        Of the search.

    Returns
    -------
    Replan

    Raises
    ------
    InputError
        More people asked for than all sites together cover.
    InfeasiblePlanError
        No plan keeps all restrictions, or none was found in the time;
        :func:`cellwright.supply.replan.least_conflict` names what stands in the way.

    Notes
    -----
    Forbidding something only takes plans away, so it never makes the optimum cheaper.
    """
    start = time.perf_counter()
    least = floor(problem, least_people)
    reached = problem.people[np.asarray(problem.covers.sum(axis=0)).ravel() > 0].sum()
    if least.max() > reached + 1e-6:
        raise InputError(
            f"least_people is {least.max():g}, but all sites together cover {reached:g}. "
            "Ask for fewer, or offer more sites."
        )
    made = program(problem)
    solved = solve(made, wanted, least, gap, seconds, seed)
    if solved is None:
        raise InfeasiblePlanError(
            "No plan keeps all restrictions within budget, crews and stock"
            + (f" and covers {least.max():g} people" if least.any() else "")
            + ". Ask least_conflict(problem) which of them stand against each other."
        )
    return _result(problem, made, solved, wanted, time.perf_counter() - start)


def floor(problem: ReplanProblem, least_people: ArrayLike) -> Floats:
    """Return the people to be covered in each phase; one number is meant for the last."""
    given = np.asarray(least_people, float)
    phases = len(problem.phases)
    return given if given.ndim else np.r_[np.zeros(phases - 1), given]


@dataclass(frozen=True, eq=False)
class Solved:
    """A plan as values of the variables, its objective, the proven limit, whether near enough."""

    x: Floats
    value: float
    bound: float
    proven: bool


def solve(
    made: Program, wanted: Wanted, least_people: Floats, gap: float, seconds: float, seed: int
) -> Solved | None:
    """Find a plan with HiGHS; None where there is none, or none was found in the time.

    Notes
    -----
    Relaxed, most of the program's choices are whole already (measured: 97 to 99 % of a city's when
    money is given and people are wanted, fewer the other way round). First those are kept and the
    others chosen; then, if that is not near enough, all that the relaxed program uses in part or in
    full may be chosen, nothing else; at last the whole program is searched, from there on. The
    relaxation's own value is the proof until the last.
    """
    lp = _model(made, wanted, least_people)
    kinds, lp.integrality_ = lp.integrality_, []
    relaxed, status = _run(lp, gap, _RELAXED * seconds, seed)
    ends = time.perf_counter() + seconds
    if status == "none":
        return None
    lp.integrality_ = kinds
    best: Solved | None = None
    if status == "optimal":
        x = np.asarray(relaxed.getSolution().col_value)
        bound = relaxed.getInfo().objective_function_value
        unused = made.whole & (x < _WHOLE)
        for kept in (unused | (made.whole & (x > 1.0 - _WHOLE)), unused):
            left = ends - time.perf_counter()
            found = _keeping(lp, made, x, kept, bound, gap, left, seed, best)
            best = found if best is None or (found and found.value < best.value) else best
            if best is not None and best.proven:
                return best
    found, status = _run(lp, gap, max(ends - time.perf_counter(), 1.0), seed, best)
    if status == "none":
        return best
    info = found.getInfo()
    x = np.asarray(found.getSolution().col_value)
    limit = info.mip_dual_bound if best is None else max(info.mip_dual_bound, best.bound)
    return Solved(x, info.objective_function_value, limit, status == "optimal")


def _keeping(
    lp: Any,
    made: Program,
    x: Floats,
    kept: NDArray[np.bool_],
    bound: float,
    gap: float,
    seconds: float,
    seed: int,
    start: Solved | None,
) -> Solved | None:
    """Keep some of the relaxed choices and choose the rest; None where that cannot be."""
    lp.col_lower_ = np.where(kept, np.round(x), made.lower)
    lp.col_upper_ = np.where(kept, np.round(x), made.upper)
    found, status = _run(lp, gap / 2.0, max(seconds, 1.0), seed, start, nodes=_NODES)
    lp.col_lower_, lp.col_upper_ = made.lower, made.upper
    if status == "none":
        return None
    value = found.getInfo().objective_function_value
    proven = value - bound <= gap * abs(value) + _TINY
    return Solved(np.asarray(found.getSolution().col_value), value, bound, proven)


def _run(
    lp: Any,
    gap: float,
    seconds: float,
    seed: int,
    start: Solved | None = None,
    nodes: int | None = None,
) -> tuple[Any, str]:
    """Run HiGHS; return the model and "optimal", "time" (a plan, not proven) or "none"."""
    import highspy

    method = "choose" if lp.integrality_ else "ipm"
    model = solver(mip_rel_gap=gap, time_limit=seconds, random_seed=seed, solver=method)
    if nodes is not None:
        model.setOptionValue("mip_max_nodes", nodes)
    model.passModel(lp)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.x
        model.setSolution(solution)
    model.run()
    status = model.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return model, "optimal"
    proven_none = (
        highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible,
    )  # fmt: skip
    if not lp.integrality_ and status not in proven_none:
        return model, "time"
    return model, "time" if feasible(model) else "none"


def _model(made: Program, wanted: Wanted, least_people: Floats) -> Any:
    """Return the program as HiGHS takes it, rows on people at the end."""
    matrix = sp.vstack([made.matrix, made.people / 1e3], format="csr")
    low = np.r_[made.low, least_people / 1e3]
    high = np.r_[made.high, np.full(made.people.shape[0], np.inf)]
    columns = (made.lower, made.upper)
    return linear_program(_objective(made, wanted), columns, matrix, (low, high), whole=made.whole)


def _objective(made: Program, wanted: Wanted) -> Floats:
    return made.usd / 1e3 if wanted == "cost" else -made.person_months / 1e3 + made.usd * 1e-9


def _result(
    problem: ReplanProblem, made: Program, solved: Solved, wanted: Wanted, seconds: float
) -> Replan:
    running = solved.x[made.variables.run] > 0.5
    vendor = np.where(running.any(axis=1), running.argmax(axis=1), -1)
    before = np.c_[problem.running, vendor[:, :-1]]
    fresh = (vendor >= 0) & (vendor != before)
    cost, months, people = worth(problem, vendor, fresh)
    total = cost if wanted == "cost" else months
    limit = abs(solved.bound) * 1e3
    limit = min(limit, total) if wanted == "cost" else max(limit, total)
    site, phase = np.nonzero(vendor >= 0)
    table = pd.DataFrame(
        {
            "site": np.array(problem.sites, object)[site],
            "phase": np.array(problem.phases, object)[phase],
            "vendor": np.array(problem.vendors, object)[vendor[site, phase]],
            "installed": fresh[site, phase],
        }
    )
    return Replan(
        vendor=vendor, cost_usd=cost, person_months=months, people=people, value=total,
        bound=limit, gap=abs(limit - total) / max(abs(total), 1e-9), table=table, seconds=seconds,
        proven=solved.proven,
    )  # fmt: skip


def worth(
    problem: ReplanProblem, vendor: NDArray[np.int64], fresh: NDArray[np.bool_]
) -> tuple[float, float, Floats]:
    """Cost [USD], person-months and people by phase of a plan, from the problem's own figures."""
    site, phase = np.nonzero(fresh)
    cost = float(problem.install_usd[site, vendor[site, phase], phase].sum())
    opened = (vendor[:, -1] >= 0) & (problem.running < 0)
    cost += float(problem.civil_usd[opened].sum())
    had = set(np.unique(vendor[vendor >= 0]).tolist())
    cost += float(sum(problem.vendor_usd[v] for v in had))
    covered = (problem.covers.astype(float).T @ (vendor >= 0).astype(float)) > 0.0
    people = np.asarray(problem.people @ covered, float)
    return cost, float(people @ problem.months), people
