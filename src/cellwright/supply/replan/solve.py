"""Solve a compliant plan with HiGHS, with its proof."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.supply.replan.problem import ReplanProblem
from cellwright.supply.replan.program import Program, program

Floats = NDArray[np.float64]
Wanted = Literal["people", "cost"]


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
        Time taken [s].
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
    least_people: float = 0.0,
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
    least_people : float
        People covered at the end, at least.
    gap : float
        Stop when this near the proven limit, as a share.
    seconds : float
        Stop after this time with what there is [s].
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
    reached = problem.people[np.asarray(problem.covers.sum(axis=0)).ravel() > 0].sum()
    if least_people > reached + 1e-6:
        raise InputError(
            f"least_people is {least_people:g}, but all sites together cover {reached:g}. "
            "Ask for fewer, or offer more sites."
        )
    made = program(problem)
    model, status = solve(made, wanted, least_people, gap, seconds, seed)
    if status not in ("optimal", "time"):
        raise InfeasiblePlanError(
            "No plan keeps all restrictions within budget, crews and stock"
            + (f" and covers {least_people:g} people" if least_people else "")
            + ". Ask least_conflict(problem) which of them stand against each other."
        )
    return _result(problem, made, model, wanted, status == "optimal", time.perf_counter() - start)


def solve(
    made: Program, wanted: Wanted, least_people: float, gap: float, seconds: float, seed: int
) -> tuple[Any, str]:
    """Run HiGHS; return the model and "optimal", "time" (a plan, not proven) or "none"."""
    import highspy

    lp = highspy.HighsLp()
    cost = made.usd / 1e3 if wanted == "cost" else -made.person_months / 1e3 + made.usd * 1e-9
    lp.num_col_, lp.num_row_ = made.usd.size, made.low.size + 1
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, made.lower, made.upper
    lp.row_lower_ = np.r_[made.low, least_people / 1e3]
    lp.row_upper_ = np.r_[made.high, np.inf]
    people = np.flatnonzero(made.people_at_end)
    first = np.r_[made.matrix.indptr, made.matrix.nnz + people.size]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = first
    lp.a_matrix_.index_ = np.r_[made.matrix.indices, people]
    lp.a_matrix_.value_ = np.r_[made.matrix.data, made.people_at_end[people] / 1e3]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(whole)] for whole in made.whole]
    model = highspy.Highs()
    for name, value in {
        "output_flag": False, "mip_rel_gap": gap, "time_limit": seconds, "random_seed": seed,
    }.items():  # fmt: skip
        model.setOptionValue(name, value)
    model.passModel(lp)
    model.run()
    status = model.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return model, "optimal"
    found = model.getInfo().primal_solution_status == 2
    return model, "time" if found else "none"


def _result(
    problem: ReplanProblem, made: Program, model: Any, wanted: Wanted, proven: bool, seconds: float
) -> Replan:
    x = np.asarray(model.getSolution().col_value)
    running = x[made.run] > 0.5
    vendor = np.where(running.any(axis=1), running.argmax(axis=1), -1)
    before = np.c_[problem.running, vendor[:, :-1]]
    fresh = (vendor >= 0) & (vendor != before)
    cost, months, people = worth(problem, vendor, fresh)
    total = cost if wanted == "cost" else months
    limit = abs(float(model.getInfo().mip_dual_bound)) * 1e3
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
        proven=proven,
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
