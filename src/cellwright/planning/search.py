"""Greedy choice, one-for-one swaps and a seeded iterated search, on counts kept up to date.

``count[row]`` is how many chosen columns cover a row; ``gain[column]`` is the demand the column
would add now. A column that enters or leaves changes both only where a row becomes covered or
uncovered, so that a swap costs a few thousand operations, not a pass over the whole matrix.

References
----------
Nemhauser, Wolsey, Fisher, "An analysis of approximations for maximizing submodular set
functions", Mathematical Programming 14 (1978): greedy reaches 1 - 1/e without a budget.
Lourenço, Martin, Stützle, "Iterated local search", Handbook of Metaheuristics (2003).
"""

# ruff: noqa: NPY002 - inside compiled code this is Numba's own generator, seeded in `search`

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

#: Sites taken out in a round, at most, as a share of the plan; spread of the noise on gains; how
#: much less demand (share of all) a round may start from, falling to none. Chosen by trial on
#: central Nantes.
_REMOVE_SHARE, _NOISE, _SLACK = 0.25, 0.5, 3e-4


@njit(cache=True, nogil=True)
def add(column: int, sets: Any, weight: Any, count: Any, gain: Any) -> float:
    """Choose a column: returns the demand it newly covers."""
    column_start, column_rows, row_start, row_columns = sets
    covered = 0.0
    for p in range(column_start[column], column_start[column + 1]):
        row = column_rows[p]
        count[row] += 1
        if count[row] == 1:
            covered += weight[row]
            for q in range(row_start[row], row_start[row + 1]):
                gain[row_columns[q]] -= weight[row]
    return covered


@njit(cache=True, nogil=True)
def drop(column: int, sets: Any, weight: Any, count: Any, gain: Any) -> float:
    """Give a column up: returns the demand it alone covered."""
    column_start, column_rows, row_start, row_columns = sets
    lost = 0.0
    for p in range(column_start[column], column_start[column + 1]):
        row = column_rows[p]
        count[row] -= 1
        if count[row] == 0:
            lost += weight[row]
            for q in range(row_start[row], row_start[row + 1]):
                gain[row_columns[q]] += weight[row]
    return lost


@njit(cache=True, nogil=True)
def loss_of(column: int, sets: Any, weight: Any, count: Any) -> float:
    """Return the demand that only this chosen column covers."""
    column_start, column_rows, _, _ = sets
    lost = 0.0
    for p in range(column_start[column], column_start[column + 1]):
        if count[column_rows[p]] == 1:
            lost += weight[column_rows[p]]
    return lost


@njit(cache=True, nogil=True)
def first_gain(sets: Any, weight: Any, columns: int) -> Any:
    """Return the demand each column covers alone."""
    gain = np.zeros(columns)
    for column in range(columns):
        for p in range(sets[0][column], sets[0][column + 1]):
            gain[column] += weight[sets[1][p]]
    return gain


@njit(cache=True, nogil=True)
def _best(gain, cost, site, chosen, only, left, need, power, noise):  # type: ignore[no-untyped-def]
    """Return the affordable column of a free site with the best gain for its cost, or -1."""
    best, best_key, best_cost = -1, 0.0, 0.0
    for k in range(len(gain)):
        s = site[k]
        if cost[k] > left or gain[k] <= 0.0 or (only >= 0 and s != only):
            continue
        if chosen[s] >= 0:
            continue
        key = min(gain[k], need) * noise[k]
        if power > 0.0 and cost[k] > 0.0:
            key /= cost[k] ** power
        if key > best_key * (1 + 1e-12) or (key >= best_key * (1 - 1e-12) and cost[k] < best_cost):
            best, best_key, best_cost = k, key, cost[k]
    return best


@njit(cache=True, nogil=True)
def fill(sets, weight, cost, site, limits, tiny, power, noise, state):  # type: ignore[no-untyped-def]
    """Add the best columns until the money, the site count or the target is reached."""
    count, gain, chosen, total = state
    budget, slots, target = limits
    while total[1] < target and total[2] < slots:
        k = _best(gain, cost, site, chosen, -1, budget - total[0], target - total[1], power, noise)
        if k < 0 or gain[k] <= tiny:
            return
        total[1] += add(k, sets, weight, count, gain)
        total[0] += cost[k]
        total[2] += 1
        chosen[site[k]] = k


@njit(cache=True, nogil=True)
def leave(s, sets, weight, cost, state):  # type: ignore[no-untyped-def]
    """Take a chosen site out of the plan."""
    count, gain, chosen, total = state
    k = chosen[s]
    total[1] -= drop(k, sets, weight, count, gain)
    total[0] -= cost[k]
    total[2] -= 1
    chosen[s] = -1


@njit(cache=True, nogil=True)
def enter(k, sets, weight, cost, site, state):  # type: ignore[no-untyped-def]
    """Put a column's site into the plan."""
    count, gain, chosen, total = state
    total[1] += add(k, sets, weight, count, gain)
    total[0] += cost[k]
    total[2] += 1
    chosen[site[k]] = k


@njit(cache=True, nogil=True)
def swap(sets, weight, cost, site, fixed, limits, tiny, state):  # type: ignore[no-untyped-def]
    """Replace chosen columns by better ones, one at a time, until none is better."""
    _, gain, chosen, total = state
    budget, _, target = limits
    flat = np.ones(len(cost))
    better = True
    while better:
        better = False
        for s in np.random.permutation(len(fixed)):
            if chosen[s] < 0:
                continue
            old, before, before_cost = chosen[s], total[1], total[0]
            leave(s, sets, weight, cost, state)
            only = s if fixed[s] else -1
            k = _best(
                gain, cost, site, chosen, only, budget - total[0], target - total[1], 0.0, flat
            )
            if k < 0:
                k = old
            reached = min(total[1] + gain[k], target)
            same = reached >= min(before, target) - tiny
            if reached <= min(before, target) + tiny and not (
                same and total[0] + cost[k] < before_cost - 1e-9
            ):
                k = old
            else:
                better = True
            enter(k, sets, weight, cost, site, state)


@njit(cache=True, nogil=True)
def prune(sets, weight, cost, fixed, target, state):  # type: ignore[no-untyped-def]
    """Give up sites the target does not need, the dearest first."""
    count, _, chosen, total = state
    while True:
        worst, worst_cost = -1, 0.0
        for s in range(len(fixed)):
            k = chosen[s]
            if k < 0 or fixed[s] or cost[k] <= worst_cost:
                continue
            if total[1] - loss_of(k, sets, weight, count) >= target:
                worst, worst_cost = s, cost[k]
        if worst < 0:
            return
        leave(worst, sets, weight, cost, state)


@njit(cache=True, nogil=True)
def shake(sets, weight, cost, site, fixed, limits, state):  # type: ignore[no-untyped-def]
    """Force a random new site in, take random ones out, then return under the budget."""
    count, gain, chosen, total = state
    budget, slots, _ = limits
    sites = len(fixed)
    newest = -1
    if np.random.random() < 0.5:
        only = np.random.randint(sites)
        k = _best(gain, cost, site, chosen, only, budget, np.inf, 0.0, np.ones(len(cost)))
        if chosen[only] < 0 and k >= 0:
            enter(k, sets, weight, cost, site, state)
            newest = only
    out = 1 + np.random.randint(3 + int(_REMOVE_SHARE * total[2]))
    for s in np.random.permutation(sites):
        if out == 0:
            break
        if chosen[s] < 0 or s == newest:
            continue
        leave(s, sets, weight, cost, state)
        out -= 1
        if fixed[s]:  # an existing site stays, in any of its configurations
            first, last = np.searchsorted(site, s), np.searchsorted(site, s + 1)
            enter(first + np.random.randint(last - first), sets, weight, cost, site, state)
    while total[0] > budget or total[2] > slots:
        least, key = -1, np.inf
        for s in range(sites):
            k = chosen[s]
            if k < 0 or fixed[s]:
                continue
            value = loss_of(k, sets, weight, count) / max(cost[k], 1e-9)
            if value < key and s != newest:
                least, key = s, value
        if least < 0 and newest >= 0:
            least, newest = newest, -1
        if least < 0:
            return
        leave(least, sets, weight, cost, state)


@njit(cache=True, nogil=True)
def restore(best, sets, weight, cost, site, state):  # type: ignore[no-untyped-def]
    """Return to a remembered plan, touching only the sites that differ."""
    chosen = state[2]
    for s in range(len(best)):
        if chosen[s] >= 0 and chosen[s] != best[s]:
            leave(s, sets, weight, cost, state)
    for s in range(len(best)):
        if best[s] >= 0 and chosen[s] < 0:
            enter(best[s], sets, weight, cost, site, state)


@njit(cache=True, nogil=True)
def search(  # type: ignore[no-untyped-def]
    sets, weight, cost, site, fixed, limits, first, rounds, seed, least_step
):
    """Improve a plan for a number of rounds: shake, fill, swap, keep what is better.

    With a finite target the money is tightened below every plan that reaches it, so that the
    rounds look for a cheaper one; without, they look for more coverage with the same money.

    Returns the best columns per site (-1 = not chosen), its demand and its cost.
    """
    np.random.seed(seed)
    budget, slots, target = limits
    tiny = 1e-9 * weight.sum()
    cheap = np.isfinite(target)
    target -= tiny
    count = np.zeros(len(weight), np.int32)
    gain = first_gain(sets, weight, len(cost))
    chosen = np.full(len(fixed), -1, np.int64)
    state = (count, gain, chosen, np.zeros(3))
    total = state[3]
    restore(first, sets, weight, cost, site, state)
    best, best_demand, best_cost = first.copy(), total[1], total[0]
    base = best.copy()
    base_demand = best_demand
    for turn in range(rounds):
        if turn > 0:
            shake(sets, weight, cost, site, fixed, (budget, slots, target), state)
        noise = np.ones(len(cost))
        if turn > 0:
            noise += _NOISE * np.random.random() * np.random.random(len(cost))
        now = (budget, slots, target)
        fill(sets, weight, cost, site, now, tiny, float(turn % 2), noise, state)
        swap(sets, weight, cost, site, fixed, now, tiny, state)
        fill(sets, weight, cost, site, now, tiny, 1.0, np.ones(len(cost)), state)
        if total[0] > budget or total[2] > slots:
            restore(base, sets, weight, cost, site, state)
            continue
        if cheap and total[1] >= target:
            prune(sets, weight, cost, fixed, target, state)
            if total[0] < best_cost - 1e-9 or best_demand < target:
                best, best_demand, best_cost = chosen.copy(), total[1], total[0]
                budget = min(budget, best_cost - least_step)
            base, base_demand = best.copy(), -1.0
        elif total[1] > best_demand + tiny and best_demand < target:
            best, best_demand, best_cost = chosen.copy(), total[1], total[0]
        slack = _SLACK * (1.0 - turn / rounds) * weight.sum()
        if total[1] >= base_demand - tiny - slack:
            base, base_demand = chosen.copy(), total[1]
        else:
            restore(base, sets, weight, cost, site, state)
    return best, best_demand, best_cost
