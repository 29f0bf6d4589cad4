"""The choice of an option for every cluster as a small mixed-integer programme."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InfeasiblePlanError
from cellwright.solver import feasible, linear_program, solver
from cellwright.supply.frontier.hedges import Options
from cellwright.supply.stress.phases import LEVELS

if TYPE_CHECKING:
    import scipy.sparse as sp


Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Choice:
    """An option for every cluster.

    Attributes
    ----------
    option : int [cluster]
        Which.
    cost : float
        Cost at the level asked for.
    gap : float
        Distance from the proven bound, as a share.
    """

    option: NDArray[np.int64]
    cost: float
    gap: float


@dataclass(frozen=True, eq=False)
class Stakes:
    """What every option means for every cluster.

    Attributes
    ----------
    sites : float [cluster]
        Sites.
    people : float [cluster, phase]
        People who get service.
    lost : float [level, scenario, cluster, option]
        Person-months lost.
    exposed : float [cluster, option]
        People whose equipment is by the parties in question.
    """

    sites: Floats
    people: Floats
    lost: Floats
    exposed: Floats


def cost_of(options: Options, stakes: Stakes, option: NDArray[np.int64], level: str) -> float:
    """Return what a choice costs: equipment and hedges by site, once per option, by vendor."""
    site = options.table[f"site_{level}"].to_numpy(dtype=float)
    fixed = options.table[f"fixed_{level}"].to_numpy(dtype=float)
    used = np.unique(option)
    vendors = {name for at in used for name in options.table["vendors"].iloc[at]}
    each = options.vendor_cost[LEVELS.index(level)]
    more = max(0, len(vendors) - 1) * each
    return float(stakes.sites @ site[option]) + float(fixed[used].sum()) + more


def cheapest(
    options: Options,
    stakes: Stakes,
    *,
    most_lost: float = math.inf,
    most_exposed: float = math.inf,
    level: str = "typical",
    gap: float = 0.01,
    seconds: float = 20.0,
) -> Choice:
    """Return the cheapest choice that loses and exposes no more than allowed.

    Parameters
    ----------
    options : Options
        From `hedge_options`.
    stakes : Stakes
        What they mean for the clusters.
    most_lost : float
        Person-months lost in the worst scenario, at most.
    most_exposed : float
        People exposed, at most.
    level : {"low", "typical", "high"}
        Level of costs and losses.
    gap : float
        Stop when this near the proven bound, as a share of the cost above the cheapest equipment.
    seconds : float
        Stop after this time with what there is [s].

    Raises
    ------
    InfeasiblePlanError
        No choice does.
    """
    model, size = _solve(options, stakes, most_lost, most_exposed, level, gap, seconds, False)
    clusters, number = size
    picked = np.array(model.getSolution().col_value)[: clusters * number]
    option = picked.reshape(clusters, number).argmax(axis=1).astype(np.int64)
    found = max(0.0, float(model.getInfo().mip_gap))
    return Choice(option, cost_of(options, stakes, option, level), found)


def least_lost(options: Options, stakes: Stakes, level: str = "typical") -> float:
    """Return the least person-months lost in the worst scenario, whatever the cost."""
    model, _ = _solve(options, stakes, math.inf, math.inf, level, 1e-4, 20.0, True)
    return float(model.getInfo().objective_function_value) * _scale(stakes)


def _scale(stakes: Stakes) -> float:
    return max(1.0, float(stakes.lost.max(initial=0.0)))


def _solve(
    options: Options,
    stakes: Stakes,
    most_lost: float,
    most_exposed: float,
    level: str,
    gap: float,
    seconds: float,
    to_lose_least: bool,
) -> tuple[Any, tuple[int, int]]:
    """Columns: option of each cluster, option used, vendor used, worst scenario's loss (scaled)."""
    clusters, number = stakes.exposed.shape
    names = sorted({name for mine in options.table["vendors"] for name in mine})
    cost = _costs(options, stakes, level, names)
    columns = cost.size
    if to_lose_least:
        cost = np.zeros(columns)
        cost[-1] = 1.0
    matrix, low, high = _rows(options, stakes, level, names, most_exposed)
    upper = np.ones(columns)
    upper[: clusters * number] = np.tile(useful(options), clusters)
    upper[-1] = most_lost / _scale(stakes)
    whole = np.arange(columns) < columns - 1
    model = solver(mip_rel_gap=gap, time_limit=seconds, random_seed=1)
    model.passModel(linear_program(cost, (0.0, upper), matrix, (low, high), whole=whole))
    model.run()
    if not feasible(model):
        raise InfeasiblePlanError(
            "No choice of vendors and hedges keeps within the person-months and the exposure "
            "allowed. Allow more, or offer more vendors or longer stock."
        )
    return model, (clusters, number)


def _costs(options: Options, stakes: Stakes, level: str, names: list[str]) -> Floats:
    """Return the cost of each column, above a constant."""
    site = options.table[f"site_{level}"].to_numpy(dtype=float)
    fixed = options.table[f"fixed_{level}"].to_numpy(dtype=float)
    each = options.vendor_cost[LEVELS.index(level)]
    # above the cheapest equipment: a gap is a share of what is decided here
    more = np.outer(stakes.sites, site - site.min()).ravel()
    return np.asarray(
        np.r_[more, fixed, np.full(len(names), each), 0.0],
        dtype=float,
    )


def _rows(
    options: Options, stakes: Stakes, level: str, names: list[str], most_exposed: float
) -> tuple[sp.csc_matrix, Floats, Floats]:
    """Rows: one option a cluster; an option used, a vendor used; each scenario; exposure."""
    import scipy.sparse as sp

    clusters, number = stakes.exposed.shape
    width = clusters * number
    pick = sp.kron(sp.eye(clusters), np.ones((1, number)))
    every = sp.eye(width)
    used = -sp.kron(np.ones((clusters, 1)), sp.eye(number))
    has = np.array([[float(name in mine) for name in names] for mine in options.table["vendors"]])
    rows, at = np.nonzero(has)
    # an option may be used only where each of its vendors is
    pair = np.arange(rows.size)
    need = sp.csc_matrix((np.ones(rows.size), (pair, rows)), (rows.size, number))
    given = sp.csc_matrix((-np.ones(rows.size), (pair, at)), (rows.size, len(names)))
    lost = stakes.lost[LEVELS.index(level)].reshape(-1, width) / _scale(stakes)
    blocks = [
        [pick, None, None, None],
        [every, used, None, None],
        [None, need, given, None],
        [sp.csc_matrix(lost), None, None, sp.csc_matrix(-np.ones((lost.shape[0], 1)))],
        [sp.csc_matrix(stakes.exposed.reshape(1, -1)), None, None, sp.csc_matrix((1, 1))],
    ]
    matrix = sp.csc_matrix(sp.bmat(blocks))
    below = width + rows.size + lost.shape[0]
    limit = most_exposed if math.isfinite(most_exposed) else math.inf
    low = np.r_[np.ones(clusters), np.full(below + 1, -math.inf)]
    high = np.r_[np.ones(clusters), np.zeros(below), limit]
    return matrix, low, high


def useful(options: Options) -> Floats:
    """Return 1 for options worth a look, 0 where another of the same vendors is never worse.

    Never worse: no dearer by site or once, no later in any scenario, level or phase. Leaving those
    out takes nothing from the optimum.
    """
    table, late = options.table, options.late.reshape(len(options.table), -1)
    costs = [
        f"{name}_{level}" for name in ("site", "fixed") for level in ("low", "typical", "high")
    ]
    figures = np.hstack([table[costs].to_numpy(dtype=float), late])
    keep = np.ones(len(table))
    for at in range(len(table)):
        for other in np.flatnonzero(keep):
            same = table["vendors"].iloc[at] == table["vendors"].iloc[other]
            if same and other != at and bool((figures[other] <= figures[at]).all()):
                keep[at] = 0.0
                break
    return keep
