"""Choosing sites: greedy, swaps and seeded rounds for the plan; a Lagrangian bound for the proof.

``choose`` answers both questions a planner asks, the most demand within a budget and the least
cost for a share of the demand, and says how far from the best possible its answer can be.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cellwright.compute import Progress, threads
from cellwright.errors import InfeasiblePlanError
from cellwright.planning import bound as lagrangian
from cellwright.planning import search as local
from cellwright.planning.goal import Goal
from cellwright.planning.polish import polish
from cellwright.planning.problem import FloatArray, LongArray, Problem


@dataclass(frozen=True)
class Effort:
    """How hard to try: counts, so that the same input gives the same plan on any machine.

    Only HiGHS has a clock (``polish_s``); small problems are solved long before it strikes.

    Attributes
    ----------
    rounds : int
        Rounds of the seeded search.
    steps : int
        Subgradient steps of the bound.
    polish_entries : int
        Problems with at most this many (row, column) pairs also go to HiGHS, 0 = none.
    polish_s : float
        Time limit of HiGHS [s].
    stop_gap : float
        Below this proven gap nothing more is tried.
    seed : int
        Seed of the search.
    """

    rounds: int = 600
    steps: int = 600
    polish_entries: int = 60_000
    polish_s: float = 10.0
    stop_gap: float = 1e-4
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Selection:
    """The chosen columns and what is proven about them.

    Attributes
    ----------
    columns : int64 array
        Chosen columns of the problem, in site order.
    demand, share : float
        Demand covered, and its share of all demand.
    cost : float
        Cost of the chosen columns [USD].
    bound : float
        Proven limit of the goal's own figure: no plan covers a larger share within the budget
        (budget goal), or none reaches the share for less (coverage goal, USD).
    gap : float
        Distance between the plan and ``bound`` as a share of the plan's figure (coverage goal:
        of the cost; budget goal: of the share covered).
    share_bound : float
        No plan that costs as much as this one or less covers a larger share than this.
    share_gap : float
        ``share_bound / share - 1``.
    method : str
        What was done, in words.
    history : DataFrame
        Greedy steps: ``sites, cost_usd, share, site``.
    seconds : float
        Time taken [s].
    """

    columns: LongArray
    demand: float
    share: float
    cost: float
    bound: float
    gap: float
    share_bound: float
    share_gap: float
    method: str
    history: pd.DataFrame
    seconds: float


Limits = tuple[float, float, float]


def choose(
    problem: Problem,
    goal: Goal,
    *,
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> Selection:
    """Choose at most one configuration per site to reach a goal.

    Parameters
    ----------
    problem : Problem
        From :func:`build_problem`.
    goal : Goal
        Only ``kind``, ``share``, ``budget_usd`` and ``max_sites`` are used here.
    effort : Effort, optional
        How hard to try.
    progress : callable, optional
        Called with the share done.

    Returns
    -------
    Selection

    Raises
    ------
    InfeasiblePlanError
        When no plan can reach the goal; the message names the best share that was reached.

    Examples
    --------
    >>> import numpy as np
    >>> from cellwright.planning import build_problem
    >>> cover = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]])
    >>> problem = build_problem(cover, np.ones(4), ["A", "B", "C"], np.array([1.0, 1, 1]))
    >>> plan = choose(problem, Goal("coverage", share=1.0))
    >>> plan.columns.tolist(), plan.cost, plan.gap
    ([0, 2], 2.0, 0.0)
    """
    start = time.perf_counter()
    effort = effort or Effort()
    report = progress or (lambda share: None)
    limits = _limits(problem, goal)
    _check_fixed(problem, limits)
    starts = _greedy(problem, limits)
    report(0.05)
    best = _searched_twice(problem, limits, starts, effort)
    if np.isfinite(limits[2]) and problem.covered(_columns(best)) < limits[2] - _tiny(problem):
        _raise_infeasible(problem, goal, limits, best, effort)
    report(0.45)
    best, bound, share_bound, words = _proved(problem, limits, best, effort)
    report(1.0)
    seconds = time.perf_counter() - start
    return _selection(problem, limits, best, bound, share_bound, words, starts[0][1], seconds)


def _limits(problem: Problem, goal: Goal) -> Limits:
    slots = float(goal.max_sites) if goal.max_sites is not None else np.inf
    if goal.kind == "budget":
        return float(goal.budget_usd or 0.0), slots, np.inf
    return np.inf, slots, goal.share * problem.total


def _tiny(problem: Problem) -> float:
    return 1e-9 * max(problem.total, 1e-300)


def _sets(problem: Problem) -> Any:
    return problem.column_start, problem.column_rows, problem.row_start, problem.row_columns


def _columns(best: LongArray) -> LongArray:
    return best[best >= 0]


def _check_fixed(problem: Problem, limits: Limits) -> None:
    """Existing sites alone may already break the budget or the number of sites."""
    budget, slots, _ = limits
    count = int(problem.fixed.sum())
    if count > slots:
        raise InfeasiblePlanError(
            f"{count} existing sites must stay, but goal.max_sites is {int(slots)}. "
            f"Allow at least {count} sites."
        )
    least = np.full(len(problem.names), np.inf)
    np.minimum.at(least, problem.site, problem.cost)
    spent = float(least[problem.fixed].sum())
    if spent > budget:
        raise InfeasiblePlanError(
            f"the {count} existing sites alone cost {spent:,.0f} USD, but goal.budget_usd is "
            f"{budget:,.0f}. Raise the budget to {spent:,.0f} USD or more."
        )


Start = tuple[LongArray, pd.DataFrame]


def _greedy(problem: Problem, limits: Limits) -> list[Start]:
    """Fill by gain per cost and by gain alone, the better first, each with its steps."""
    plans = [_greedy_steps(problem, limits, power) for power in (1.0, 0.0)]
    target = limits[2]

    def rank(plan: Start) -> tuple[float, float]:
        last = plan[1].iloc[-1] if len(plan[1]) else {"share": 0.0, "cost_usd": 0.0}
        return min(float(last["share"]) * problem.total, target), -float(last["cost_usd"])

    return sorted(plans, key=rank, reverse=True)


def _greedy_steps(problem: Problem, limits: Limits, power: float) -> tuple[LongArray, pd.DataFrame]:
    sets, sites = _sets(problem), len(problem.names)
    gain = local.first_gain(sets, problem.weight, problem.columns)
    state = (
        np.zeros(problem.rows, np.int32),
        gain,
        np.full(sites, -1, np.int64),
        np.zeros(3),
    )
    total, steps = state[3], []

    def note(column: int) -> None:
        steps.append((int(total[2]), total[0], total[1], problem.names[problem.site[column]]))

    _place_fixed(problem, state, limits, note)
    arrays = (sets, problem.weight, problem.cost, problem.site)
    while True:
        before = state[2].copy()
        one = (limits[0], min(limits[1], total[2] + 1), limits[2] - _tiny(problem))
        local.fill(*arrays, one, _tiny(problem), power, np.ones(problem.columns), state)
        new = np.flatnonzero(state[2] != before)
        if len(new) == 0:
            break
        note(int(state[2][new[0]]))
    history = pd.DataFrame(steps, columns=["sites", "cost_usd", "share", "site"])
    history["share"] /= max(problem.total, 1e-300)
    return state[2], history


def _place_fixed(problem: Problem, state: Any, limits: Limits, note: Any) -> None:
    """Give every existing site the best of its configurations that the budget still allows."""
    least = np.full(len(problem.names), np.inf)
    np.minimum.at(least, problem.site, problem.cost)
    still = float(least[problem.fixed].sum())
    for s in np.flatnonzero(problem.fixed):
        still -= float(least[s])
        own = np.flatnonzero(problem.site == s)
        left = limits[0] - state[3][0] - still
        own = own[problem.cost[own] <= max(left, least[s]) + 1e-9]
        column = int(own[np.lexsort((own, problem.cost[own], -state[1][own]))[0]])
        local.enter(column, _sets(problem), problem.weight, problem.cost, problem.site, state)
        note(column)


def _searched_twice(
    problem: Problem, limits: Limits, starts: list[Start], effort: Effort
) -> LongArray:
    """Search from both starts side by side, half of the rounds each; keep the better plan."""
    half = -(-effort.rounds // 2)

    def one(number: int) -> LongArray:
        return _searched(problem, limits, starts[number][0], half, effort.seed + number)

    with ThreadPoolExecutor(min(2, threads())) as pool:
        found = list(pool.map(one, (0, 1)))
    return _better(problem, limits, *found)


def _searched(
    problem: Problem, limits: Limits, first: LongArray, rounds: int, seed: int
) -> LongArray:
    best, _, _ = local.search(
        _sets(problem),
        problem.weight,
        problem.cost,
        problem.site,
        problem.fixed,
        limits,
        first,
        rounds,
        seed,
        cost_step(problem.cost),
    )
    return np.asarray(best)


def cost_step(cost: FloatArray) -> float:
    """Return the largest amount of which all costs are multiples (0.01 USD at least).

    Two plans can only differ in cost by multiples of it, so bounds may be rounded up to one.

    Examples
    --------
    >>> import numpy as np
    >>> cost_step(np.array([60_000.0, 45_000.0]))
    15000.0
    """
    cents = np.unique(np.round(cost * 100).astype(np.int64))
    if not np.allclose(cost * 100, np.round(cost * 100), rtol=0, atol=1e-6):
        return 1e-6
    return float(np.gcd.reduce(cents)) / 100 if len(cents) and cents.any() else 0.01


def _bounded(problem: Problem, limits: Limits, known: float, steps: int, best: LongArray) -> float:
    """Lagrangian bound: demand from above, or cost from below (rounded up to a cost step)."""
    count = np.zeros(problem.rows)
    for column in _columns(best):
        own = slice(problem.column_start[column], problem.column_start[column + 1])
        count[problem.column_rows[own]] += 1.0
    price = problem.weight / (1.0 + count)
    record = np.zeros(steps)
    value, _ = lagrangian.lagrange(
        _sets(problem),
        problem.weight,
        problem.cost,
        problem.site,
        problem.fixed,
        limits,
        known,
        price,
        steps,
        record,
    )
    if np.isfinite(limits[2]):
        step = cost_step(problem.cost)
        return float(max(0.0, np.ceil(value / step * (1 - 1e-9) - 1e-6) * step))
    return float(min(value * (1 + 1e-9), problem.reachable))


def _proved(
    problem: Problem, limits: Limits, best: LongArray, effort: Effort
) -> tuple[LongArray, float, float, str]:
    """Bound the plan; where it is small enough let HiGHS close what is left.

    Returns the plan, the bound of the goal's figure, the most demand its cost can buy, and words.
    """
    words = f"greedy, swaps and {effort.rounds} seeded rounds; Lagrangian bound"
    cheap = bool(np.isfinite(limits[2]))
    with ThreadPoolExecutor(min(2, threads())) as pool:
        other = pool.submit(_share_bound, problem, limits, best, effort) if cheap else None
        known = _figure(problem, limits, best)
        bound = _bounded(problem, limits, known, effort.steps, best)
        most = bound if other is None else other.result()
    small = problem.entries <= effort.polish_entries
    if small and abs(bound - known) > effort.stop_gap * abs(known):
        found, proven = polish(problem, limits, best, effort.polish_s, effort.seed)
        best = _better(problem, limits, best, found)
        known = _figure(problem, limits, best)
        bound = min(max(bound, proven), known) if cheap else max(min(bound, proven), known)
        most = _share_bound(problem, limits, best, effort) if cheap else bound
        words += "; HiGHS"
    return best, bound, most, words


def _share_bound(problem: Problem, limits: Limits, best: LongArray, effort: Effort) -> float:
    """Return the demand that no plan of this cost can exceed."""
    columns = _columns(best)
    within = (float(problem.cost[columns].sum()), limits[1], np.inf)
    return _bounded(problem, within, problem.covered(columns), effort.steps, best)


def _better(problem: Problem, limits: Limits, one: LongArray, other: LongArray) -> LongArray:
    """Return the plan that is nearer the target, then cheaper; or that covers more."""

    def rank(plan: LongArray) -> tuple[float, float]:
        columns = _columns(plan)
        demand = problem.covered(columns)
        return min(demand, limits[2] - _tiny(problem)), -float(problem.cost[columns].sum())

    return other if rank(other) > rank(one) else one


def _figure(problem: Problem, limits: Limits, best: LongArray) -> float:
    """Return what the goal counts: the cost, or the demand covered."""
    columns = _columns(best)
    if np.isfinite(limits[2]):
        return float(problem.cost[columns].sum())
    return problem.covered(columns)


def _raise_infeasible(
    problem: Problem, goal: Goal, limits: Limits, best: LongArray, effort: Effort
) -> None:
    """Say what is the most that can be reached, and whether that is proven."""
    most = (np.inf, limits[1], np.inf)
    reached = _searched(problem, most, best, max(20, effort.rounds // 10), effort.seed)
    share = problem.covered(_columns(reached)) / problem.total
    ceiling = _bounded(problem, most, share * problem.total, effort.steps, reached) / problem.total
    sure = "proven: no plan covers" if ceiling < goal.share else "the best found; none can cover"
    sites = f"{int((reached >= 0).sum())} of {len(problem.names)} sites"
    within = f" with goal.max_sites = {goal.max_sites}" if goal.max_sites is not None else ""
    raise InfeasiblePlanError(
        f"no plan covers {goal.share:.1%} of the demand{within}: {sites} reach {share:.1%} "
        f"({sure} more than {ceiling:.1%}). Lower goal.share to {np.floor(share * 1000) / 1000} "
        "or less, lower the thresholds, or offer more candidate sites."
    )


def _selection(
    problem: Problem,
    limits: Limits,
    best: LongArray,
    bound: float,
    share_bound: float,
    words: str,
    history: pd.DataFrame,
    seconds: float,
) -> Selection:
    columns = _columns(best)
    demand, cost = problem.covered(columns), float(problem.cost[columns].sum())
    total = max(problem.total, 1e-300)
    known = _figure(problem, limits, best)
    cheap = bool(np.isfinite(limits[2]))
    return Selection(
        columns=columns,
        demand=demand,
        share=demand / total,
        cost=cost,
        bound=bound if cheap else bound / total,
        gap=abs(known - bound) / max(abs(known), 1e-300) if known else 0.0,
        share_bound=share_bound / total,
        share_gap=share_bound / demand - 1.0 if demand else 0.0,
        method=words,
        history=history,
        seconds=seconds,
    )
