"""Which restrictions and limits stand against each other, when no plan keeps them all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from cellwright.supply.replan.problem import ReplanProblem
from cellwright.supply.replan.program import program
from cellwright.supply.replan.solve import floor, solve

#: Time for each question whether something can be kept [s].
_SECONDS = 20.0


def least_conflict(problem: ReplanProblem, least_people: ArrayLike = 0.0) -> tuple[str, ...]:
    """Name a set that cannot be kept together while every smaller part of it can.

    Parameters
    ----------
    problem : ReplanProblem
    least_people : float or float [phase]
        People to be covered at the end, or in each phase.

    Returns
    -------
    tuple of str
        Ids of rules, and "budget", "crews", "stock", "clusters"; empty where there is
        a plan.

    Notes
    -----
    Deletion filter: each is left out in turn and stays out where the rest still cannot be kept
    (J. W. Chinneck, Feasibility and Infeasibility in Optimization, Springer 2008, 6.2). The set is
    least in the sense that nothing can be left out of it; a smaller set may exist elsewhere.
    """
    if _possible(problem, least_people):
        return ()
    kept = list(problem.restrictions)
    conflict: list[str] = []
    for rule in problem.restrictions:
        rest = [one for one in kept if one is not rule]
        if _possible(problem.only(tuple(rest)), least_people):
            conflict.append(rule.rule_id)
        else:
            kept = rest
    problem = problem.only(tuple(kept))
    for name, freed in _FREED.items():
        without = freed(problem)
        if _possible(without, least_people):
            conflict.append(name)
        else:
            problem = without
    return tuple(conflict)


def _possible(problem: ReplanProblem, least_people: ArrayLike) -> bool:
    """Whether any plan at all keeps everything."""
    made = program(problem)
    made.usd[:] = 0.0
    return solve(made, "cost", floor(problem, least_people), 1.0, _SECONDS, 1) is not None


def _endless(name: str) -> Callable[[ReplanProblem], ReplanProblem]:
    def freed(problem: ReplanProblem) -> ReplanProblem:
        limits = {name: np.full_like(getattr(problem, name), np.inf)}
        return problem.only(problem.restrictions, **limits)

    return freed


_FREED: dict[str, Callable[[ReplanProblem], ReplanProblem]] = {
    "budget": _endless("budget_usd"),
    "crews": _endless("crews"),
    "stock": _endless("stock"),
    "clusters": lambda problem: problem.only(
        problem.restrictions, cluster=np.full_like(problem.cluster, -1)
    ),
}
