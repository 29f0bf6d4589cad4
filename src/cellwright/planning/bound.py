"""How good any plan could be: a Lagrangian bound that needs no solver and no licence.

The links "a row counts only where a chosen column covers it" are priced with a multiplier per
row; what remains splits into one easy choice per site, with money priced by a second multiplier
that is set exactly by bisection in every step. The bound is valid at every step; it tends to
that of the linear relaxation.

References
----------
Held, Wolfe, Crowder, "Validation of subgradient optimization", Mathematical Programming 6 (1974).
Galvão, ReVelle, "A Lagrangean heuristic for the maximal covering location problem",
European Journal of Operational Research 88 (1996).
Camerini, Fratta, Maffioli, "On improving relaxation methods by modified gradient techniques",
Mathematical Programming Study 3 (1975).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def values(sets: Any, price: Any, value: Any) -> None:
    """Add up, for every column, the prices of the rows it covers."""
    for column in range(len(value)):
        total = 0.0
        for p in range(sets[0][column], sets[0][column + 1]):
            total += price[sets[1][p]]
        value[column] = total


@njit(cache=True, nogil=True)
def pick(value, cost, site, fixed, slots, worth, money, best, key):  # type: ignore[no-untyped-def]
    """Choose per site the column with the largest ``worth * value - money * cost``.

    Sites are taken when that is positive or when they are fixed, at most ``slots`` of them.
    Returns the sum of the keys, of the values and of the costs taken.
    """
    best[:] = -1
    for k in range(len(value)):
        s = site[k]
        now = worth * value[k] - money * cost[k]
        if best[s] < 0 or now > key[s]:
            best[s], key[s] = k, now
    free = slots - fixed.sum()
    floor = 0.0
    if np.isfinite(slots) and free < len(fixed):
        ranked = np.sort(np.where(fixed, -np.inf, key))[::-1]
        floor = max(0.0, ranked[int(free) - 1]) if free >= 1 else np.inf
    total, demand, spent = 0.0, 0.0, 0.0
    taken = 0
    for s in range(len(fixed)):
        take = fixed[s] or (key[s] > 0.0 and key[s] >= floor and taken < free)
        if take and best[s] >= 0:
            total += key[s]
            demand += value[best[s]]
            spent += cost[best[s]]
            taken += 0 if fixed[s] else 1
        else:
            best[s] = -1
    return total, demand, spent


@njit(cache=True, nogil=True)
def cheapest_money(value, cost, site, fixed, slots, budget, low, high, best, key):  # type: ignore[no-untyped-def]
    """Bound on the value within a budget: least over the price of money of a convex function."""
    total, _, spent = pick(value, cost, site, fixed, slots, 1.0, 0.0, best, key)
    if spent <= budget:
        return total, 0.0
    bound = np.inf
    money = high
    for _ in range(40):
        middle = 0.5 * (low + high)
        total, _, spent = pick(value, cost, site, fixed, slots, 1.0, middle, best, key)
        if total + middle * budget < bound:
            bound, money = total + middle * budget, middle
        if spent > budget:
            low = middle
        else:
            high = middle
        if high - low < 1e-6 * high:
            break
    return bound, money


@njit(cache=True, nogil=True)
def dearest_demand(value, cost, site, fixed, slots, need, high, best, key):  # type: ignore[no-untyped-def]
    """Bound on the cost of a demand: greatest over the worth of demand of a concave function."""
    low = 0.0
    bound, worth = -np.inf, 0.0
    for turn in range(60):
        middle = 0.0 if turn == 0 else 0.5 * (low + high)
        total, demand, _ = pick(value, cost, site, fixed, slots, middle, 1.0, best, key)
        if middle * need - total > bound:
            bound, worth = middle * need - total, middle
        if demand < need:
            low = middle
        else:
            high = middle
            if turn == 0:
                break
        if high - low < 1e-6 * high:
            break
    return bound, worth


@njit(cache=True, nogil=True)
def lagrange(sets, weight, cost, site, fixed, limits, best_known, price, steps, record):  # type: ignore[no-untyped-def]
    """Improve the bound by deflected subgradient steps.

    ``limits`` = (budget, slots, target): with a finite target the bound is on the cost from
    below, else on the demand from above. ``best_known`` is the plan's value (for the step
    length), ``price`` [rows] is where to start and, on return, the best prices;
    ``record`` [steps] takes the bound after every step.
    Returns the bound, and the price of money (demand per USD) that goes with it.
    """
    budget, slots, target = limits
    cheap = np.isfinite(target)
    columns, rows, sites = len(cost), len(weight), len(fixed)
    value, key = np.zeros(columns), np.zeros(sites)
    best = np.full(sites, -1, np.int64)
    ways = np.zeros(rows)
    direction = np.zeros(rows)
    kept = price.copy()
    bound = -np.inf if cheap else np.inf
    rate, stale, kept_money = 1.0, 0, 0.0
    top = 0.0
    for step in range(steps):
        values(sets, price, value)
        slack = 0.0
        for row in range(rows):
            slack += weight[row] - price[row]
        for k in range(columns):
            if cost[k] > 0.0:
                top = max(top, value[k] / cost[k])
        if cheap:
            now, worth = dearest_demand(
                value, cost, site, fixed, slots, target - slack, 1e4 / max(top, 1e-30), best, key
            )
            pick(value, cost, site, fixed, slots, worth, 1.0, best, key)
            better = now > bound
        else:
            now, worth = cheapest_money(
                value, cost, site, fixed, slots, budget, 0.0, 1.01 * top + 1e-30, best, key
            )
            now += slack
            pick(value, cost, site, fixed, slots, 1.0, worth, best, key)
            better = now < bound
        if better:
            stale = 0 if abs(now - bound) > 1e-5 * abs(now) else stale + 1
            bound = now
            kept[:] = price
            kept_money = worth
        else:
            stale += 1
        record[step] = bound
        if stale >= 15:
            rate *= 0.7
            stale = 0
            price[:] = kept
            direction[:] = 0.0
        if rate < 1e-4 or abs(bound - best_known) <= 1e-9 * abs(bound):
            record[step:] = bound
            break
        ways[:] = 0.0
        for s in range(sites):
            if best[s] >= 0:
                for p in range(sets[0][best[s]], sets[0][best[s] + 1]):
                    ways[sets[1][p]] += 1.0
        norm = 0.0
        for row in range(rows):
            slope = 1.0 - ways[row]
            at_edge = (price[row] <= 0.0 and slope < 0.0) or (
                price[row] >= weight[row] and slope > 0.0
            )
            direction[row] = (0.0 if at_edge else slope) + 0.6 * direction[row]
            norm += weight[row] * direction[row] * direction[row]
        scale = worth if cheap else 1.0
        if norm <= 0.0 or scale <= 0.0:
            record[step:] = bound
            break
        length = rate * max(abs(now - best_known), 1e-4 * abs(best_known)) / (scale * norm)
        for row in range(rows):
            moved = price[row] + length * weight[row] * direction[row]
            price[row] = min(max(moved, 0.0), weight[row])
    price[:] = kept
    return bound, kept_money
