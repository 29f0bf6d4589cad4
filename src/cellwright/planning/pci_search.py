"""Search for PCIs: a permutation per site for modulo 3, then an identity for every cell.

Moving one sector alone across its site's permutation passes through a wall of equal residues;
with the whole site as the variable the same tabu search finds far better plans.

References
----------
Glover, "Tabu Search - Part I", ORSA Journal on Computing 1 (1989).
"""

# ruff: noqa: NPY002 - inside compiled code this is Numba's own generator, seeded at the start

from __future__ import annotations

import numpy as np
from numba import njit

#: Steps a move stays forbidden at least; starts from nothing before the best plan is reworked.
_TENURE, _FRESH = 10, 4


@njit(cache=True)
def _pressure(start, other, weight, residue):  # type: ignore[no-untyped-def]
    """Return weight of neighbours per cell and residue [cell, 3]."""
    pressure = np.zeros((len(start) - 1, 3))
    for cell in range(len(start) - 1):
        for p in range(start[cell], start[cell + 1]):
            if residue[other[p]] >= 0:
                pressure[cell, residue[other[p]]] += weight[p]
    return pressure


@njit(cache=True)
def _turn(site, option, first, options, graph, residue, pressure):  # type: ignore[no-untyped-def]
    """Give a site another permutation and bring the pressure up to date."""
    start, other, weight = graph
    for cell in range(first[site], first[site + 1]):
        old, new = residue[cell], options[option, cell]
        residue[cell] = new
        if old == new:
            continue
        for p in range(start[cell], start[cell + 1]):
            pressure[other[p], old] -= weight[p]
            pressure[other[p], new] += weight[p]


@njit(cache=True)
def permute_sites(graph, first, options, usable, rounds, patience, seed):  # type: ignore[no-untyped-def]
    """Choose a permutation of residues per site to make equal residues among neighbours rare.

    ``graph`` = (start, other, weight) lists neighbours on other sites, cells numbered site by
    site; ``first`` [sites + 1] is the first cell of each; ``options`` [6, cells] the residue of
    each cell under each permutation; ``usable`` [sites, 6] which ones are allowed.

    Returns the residues and their cost (each pair once).
    """
    np.random.seed(seed)
    sites = len(first) - 1
    start, other, weight = graph
    best = np.zeros(first[sites], np.int64)
    best_cost = np.inf
    tiny = 1e-9 * weight.sum()  # rounding must not look like progress
    kept = np.zeros(sites, np.int64)
    now = np.zeros(sites, np.int64)
    residue = np.zeros(first[sites], np.int64)
    for turn in range(rounds):
        # a few fresh starts, then parts of the best plan are thrown anew
        share = 1.0 if turn < _FRESH else 0.05 + 0.3 * np.random.random()
        for s in range(sites):
            now[s] = kept[s]
            if np.random.random() < share:
                now[s] = np.random.randint(6)
            while not usable[s, now[s]]:
                now[s] = (now[s] + 1) % 6
            residue[first[s] : first[s + 1]] = options[now[s], first[s] : first[s + 1]]
        pressure = _pressure(start, other, weight, residue)
        cost = 0.0
        for cell in range(first[sites]):
            cost += 0.5 * pressure[cell, residue[cell]]
        tabu = np.zeros((sites, 6), np.int64)
        since, step, found = 0, 0, np.inf
        while since < patience:
            step += 1
            since += 1
            move, way, gain = -1, -1, np.inf
            for s in range(sites):
                here = 0.0
                for cell in range(first[s], first[s + 1]):
                    here += pressure[cell, residue[cell]]
                for option in range(6):
                    if option == now[s] or not usable[s, option]:
                        continue
                    change = -here
                    for cell in range(first[s], first[s + 1]):
                        change += pressure[cell, options[option, cell]]
                    free = tabu[s, option] <= step or cost + change < found - tiny
                    if free and change < gain:
                        move, way, gain = s, option, change
            if move < 0:
                if step > 100:
                    break
                continue
            tabu[move, now[move]] = step + _TENURE + np.random.randint(_TENURE + sites // 3)
            now[move] = way
            _turn(move, way, first, options, graph, residue, pressure)
            cost += gain
            if cost < found - tiny:
                found, since = cost, 0
                if cost < best_cost - tiny:
                    best_cost = cost
                    best[:] = residue
                    kept[:] = now
    return best, best_cost


@njit(cache=True)
def give_identities(  # type: ignore[no-untyped-def]
    adjacent, overlap, residue, kept, allowed, penalties, passes, seed
):
    """Choose a PCI for every cell: none equal within two neighbour steps, then soft rules.

    ``kept`` [cells] is a PCI to keep or -1; ``allowed`` [values] the PCIs to use; ``penalties``
    [k, 2] = (modulus, price per shared demand). Among equal ones the PCI farthest in use stays
    unused longest: fewest uses first, then the smallest. Returns the PCIs, -1 where none is left.
    """
    np.random.seed(seed)
    cells = len(residue)
    pci = kept.copy()
    near = adjacent.copy()
    for a in range(cells):
        for b in range(cells):
            if adjacent[a, b]:
                for c in range(cells):
                    if adjacent[b, c] and c != a:
                        near[a, c] = True
    degree = near.sum(axis=1)
    order = np.argsort(-degree, kind="mergesort")
    top = allowed.max() + 1
    uses = np.zeros(top, np.int64)
    for cell in range(cells):
        if 0 <= pci[cell] < top:
            uses[pci[cell]] += 1
    for _ in range(passes):
        changed = False
        for cell in order:
            if kept[cell] >= 0:
                continue
            price = np.zeros(top)
            for b in range(cells):
                if pci[b] < 0 or b == cell:
                    continue
                if near[cell, b] and pci[b] < top:
                    price[pci[b]] = np.inf
                if overlap[cell, b] > 0.0:
                    for rule in range(penalties.shape[0]):
                        modulus = int(penalties[rule, 0])
                        step = pci[b] % modulus
                        while step < top:
                            price[step] += penalties[rule, 1] * overlap[cell, b]
                            step += modulus
            best, key, used = -1, np.inf, 0
            for value in allowed:
                if value % 3 != residue[cell]:
                    continue
                count = uses[value] - (1 if pci[cell] == value else 0)
                if price[value] < key - 1e-15 or (price[value] < key + 1e-15 and count < used):
                    best, key, used = value, price[value], count
            if pci[cell] >= 0 and best >= 0 and price[pci[cell]] <= key + 1e-15:
                continue
            if best >= 0 and key < np.inf and best != pci[cell]:
                if pci[cell] >= 0:
                    uses[pci[cell]] -= 1
                uses[best] += 1
                pci[cell] = best
                changed = True
        if not changed:
            break
    return pci
