"""The plan: which sites, which sectors, and how far from the best possible it can be."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from cellwright.compute import Progress, portion
from cellwright.coverage import path_loss
from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.geo import Area
from cellwright.network import SITE_COLUMNS, Carrier
from cellwright.planning.count import counted_share
from cellwright.planning.demand import Demand, demand_points
from cellwright.planning.goal import Goal
from cellwright.planning.matrix import CoverageMatrix, Ways, coverage_matrix
from cellwright.planning.plan_tables import (
    chosen_cells,
    judged,
    limiting,
    places,
    status_words,
    with_points,
)
from cellwright.planning.problem import Problem, build_problem
from cellwright.planning.selection import Effort, Selection, choose
from cellwright.planning.tuning import TuneSettings, tuned
from cellwright.propagation import Tuning

#: Site and sector cost [USD] by cost class where the candidates bring none; assumptions.
DEFAULT_COSTS_USD = {
    "rooftop_new": (45_000.0, 20_000.0),
    "tower_new": (80_000.0, 20_000.0),
    "pole_new": (12_000.0, 10_000.0),
    "indoor_new": (8_000.0, 5_000.0),
    "rooftop_existing": (10_000.0, 20_000.0),
    "tower_existing": (10_000.0, 20_000.0),
    "pole_existing": (4_000.0, 10_000.0),
    "indoor_existing": (3_000.0, 5_000.0),
}


@dataclass(frozen=True)
class PlanSettings:
    """How a plan is searched for.

    Attributes
    ----------
    ways : Ways
        Sectors, turns and tilts tried at every site.
    effort : Effort
        How hard to search, and the seed.
    most_points : int
        At most this many demand points.
    reach_m : float
        Farther than this no site is counted on [m].
    entry : str
        Kind of building entry loss (``propagation.ENTRY_KINDS``).
    tuning : TuneSettings or None
        How the sectors of the chosen sites are turned and tilted one by one; None: not at all.
    measured : Tuning or None
        What measurements add to the path loss (``propagation.Tuning``).
    """

    ways: Ways = field(default_factory=Ways)
    effort: Effort = field(default_factory=Effort)
    most_points: int = 18_000
    reach_m: float = 1_000.0
    entry: str = "low"
    tuning: TuneSettings | None = field(default_factory=TuneSettings)
    measured: Tuning | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """Chosen sites and cells, and what is known about them.

    Attributes
    ----------
    sites : GeoDataFrame
        Chosen sites, columns ``network.SITE_COLUMNS`` and costs; chosen candidates are
        "proposed", existing sites stay "existing".
    cells : DataFrame
        Their cells, columns ``network.CELL_COLUMNS``, tuned one by one; PCI not yet given.
    goal : Goal
        What was asked.
    share : float
        Share of the demand covered by the choice, before tuning, 0 to 1: the figure the bounds
        belong to.
    tuned_share : float
        Share covered by ``cells``, at least the goal's (budget goal: at least ``share``).
    counted_share : float
        The same counted at every receiver inside, not only at the points searched on.
    cost_usd : float
        Cost of sites and sectors by the candidates' own figures [USD].
    bound, gap : float
        Proven limit of the goal's own figure and the distance to it, see :class:`Selection`.
    share_bound, share_gap : float
        No plan of this cost or less, in the settings tried (``PlanSettings.ways``), covers more
        than this share; distance to it. Tuning is free of these settings and may go beyond.
    status : str
        What was reached, in words.
    method : str
        How, in words.
    history : DataFrame
        Greedy steps ``sites, cost_usd, share, site``: coverage against number of sites.
    candidates : GeoDataFrame
        All sites looked at, with ``chosen``, ``alone_share`` (covered by its best setting alone)
        and ``outage_share`` (covered by no other chosen site; NaN where not chosen), both before
        tuning.
    places : DataFrame
        Per place ``place, target_dbm, demand_share, covered_share`` (by ``cells``) and
        ``reachable_share`` (by all settings tried of all candidates at once).
    tuning : dict
        ``covered_before, covered, good_before, good`` (share of the demand covered, and covered
        with a SINR of data of ``sinr_db`` at the design load), ``moved`` cells, ``tried`` settings,
        ``passes, seconds``; empty without tuning.
    sizes : dict of str to int
        Columns, rows, entries and demand points of the problem.
    seconds : dict of str to float
        Time by step [s].
    """

    sites: gpd.GeoDataFrame
    cells: pd.DataFrame
    goal: Goal
    share: float
    tuned_share: float
    counted_share: float
    cost_usd: float
    bound: float
    gap: float
    share_bound: float
    share_gap: float
    status: str
    method: str
    history: pd.DataFrame
    candidates: gpd.GeoDataFrame
    places: pd.DataFrame
    tuning: dict[str, float | int]
    sizes: dict[str, int]
    seconds: dict[str, float]


class _Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = time.perf_counter()

    def mark(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step], self.last = round(now - self.last, 3), now


def plan(
    area: Area,
    candidates: gpd.GeoDataFrame,
    carrier: Carrier,
    receivers: xr.Dataset,
    *,
    goal: Goal | None = None,
    settings: PlanSettings | None = None,
    given_cells: pd.DataFrame | None = None,
    every_loss: Callable[[gpd.GeoDataFrame], xr.Dataset] | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Choose sites and their sectors to reach a goal.

    Parameters
    ----------
    area : Area
        The district.
    candidates : GeoDataFrame
        Sites to choose from (``network.SITE_COLUMNS``): existing ones are kept, banned ones never
        used. Columns ``site_cost_usd`` and ``sector_cost_usd`` price them; without these
        `DEFAULT_COSTS_USD` does.
    carrier : Carrier
        The layer whose RSRP counts.
    receivers : Dataset
        ``geo.receivers(area)``.
    goal : Goal, optional
        Default: 95 % of half area, half people at least cost.
    settings : PlanSettings, optional
    given_cells : DataFrame, optional
        Cells of sites whose sectors stay as they are (``network.CELL_COLUMNS``).
    every_loss : callable, optional
        Gives the path loss of sites to all receivers, for the count at the end, to those who need
        it afterwards anyway.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        No usable candidate, or nobody to cover.
    InfeasiblePlanError
        The goal cannot be reached; the message names the best share and the limiting places.
    """
    goal, settings, clock = goal or Goal(), settings or PlanSettings(), _Clock()
    sites = _usable(candidates)
    demand = demand_points(receivers, goal, settings.most_points, settings.effort.seed)
    loss = path_loss(
        area, sites, carrier, demand.receivers, entry=settings.entry,
        reach_m=settings.reach_m, tuning=settings.measured, progress=portion(progress, 0.0, 0.4),
    )  # fmt: skip
    clock.mark("path_loss_s")
    matrix = coverage_matrix(
        sites, loss, carrier, demand, ways=settings.ways, given=given_cells,
        progress=portion(progress, 0.4, 0.6),
    )  # fmt: skip
    existing = sites.loc[sites["status"] == "existing", "site_id"].tolist()
    problem = build_problem(
        matrix.cover, demand.weight, matrix.site_id.tolist(), matrix.cost_usd, fixed=existing
    )
    clock.mark("matrix_s")
    try:
        found = choose(problem, goal, effort=settings.effort, progress=portion(progress, 0.6, 0.8))
    except InfeasiblePlanError as error:
        raise InfeasiblePlanError(f"{error} {limiting(matrix, demand)}") from None
    clock.mark("choice_s")
    made = _assembled(candidates, sites, carrier, goal, demand, matrix, problem, found, clock)
    with ThreadPoolExecutor(1) as beside:
        # sectors are turned on one core; meanwhile the others find the way to every receiver
        known = None if every_loss is None else beside.submit(every_loss, made.sites)
        if settings.tuning is not None:
            keep = set() if given_cells is None else set(given_cells["site_id"])
            own = loss.isel(site=np.flatnonzero(sites["site_id"].isin(made.sites["site_id"])))
            made = _tuned(
                made, carrier, demand, own, settings.tuning, keep, portion(progress, 0.8, 0.9)
            )
        every = None if known is None else known.result()
    return _counted(made, area, carrier, receivers, settings, portion(progress, 0.9, 1.0), every)


def tune(
    made: Plan,
    area: Area,
    carrier: Carrier,
    receivers: xr.Dataset,
    *,
    settings: PlanSettings | None = None,
    keep: Collection[str] = (),
    progress: Progress | None = None,
) -> Plan:
    """Turn and tilt every sector of a plan's sites by itself; :func:`plan` does it on its own.

    Parameters
    ----------
    made : Plan
        From :func:`plan`, tuned or not.
    area, carrier, receivers, settings
        As given to :func:`plan`.
    keep : collection of str
        Sites whose cells stay as they are.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Plan
        With other ``cells``, ``tuned_share``, ``counted_share``, ``places`` and ``tuning``; the
        choice and its bounds are the same. Coverage stays at the goal's share (budget goal: does
        not fall); the share of the demand with the SINR asked for is never lower than before.
    """
    settings = settings or PlanSettings()
    demand = demand_points(receivers, made.goal, settings.most_points, settings.effort.seed)
    loss = path_loss(
        area, made.sites, carrier, demand.receivers, entry=settings.entry,
        reach_m=settings.reach_m, tuning=settings.measured, progress=portion(progress, 0.0, 0.2),
    )  # fmt: skip
    wanted = settings.tuning or TuneSettings()
    made = _tuned(made, carrier, demand, loss, wanted, keep, portion(progress, 0.2, 0.8))
    return _counted(made, area, carrier, receivers, settings, portion(progress, 0.8, 1.0))


def _tuned(
    made: Plan,
    carrier: Carrier,
    demand: Demand,
    loss: xr.Dataset,
    wanted: TuneSettings,
    keep: Collection[str],
    progress: Progress | None,
) -> Plan:
    floor = made.goal.share if made.goal.kind == "coverage" else made.tuned_share
    found = tuned(
        made.sites, made.cells, carrier, demand, loss, floor, settings=wanted, keep=keep,
        progress=progress,
    )  # fmt: skip
    return replace(
        made,
        cells=found.cells,
        tuned_share=found.covered,
        places=with_points(made.places, demand, found.reached),
        tuning=found.figures(),
        status=f"{_chosen_status(made)}; sectors turned and tilted one by one cover "
        f"{found.covered:.1%}",
        seconds=made.seconds | {"tuning_s": round(found.seconds, 3)},
    )


def _chosen_status(made: Plan) -> str:
    """What the choice reached, without what was said after it."""
    return made.status.partition("; sectors")[0].partition("; counted")[0]


def _counted(
    made: Plan,
    area: Area,
    carrier: Carrier,
    receivers: xr.Dataset,
    settings: PlanSettings,
    progress: Progress | None,
    loss: xr.Dataset | None = None,
) -> Plan:
    """Count the plan's coverage again at every receiver."""
    start = time.perf_counter()
    share = counted_share(
        area, made.sites, made.cells, carrier, receivers, made.goal, entry=settings.entry,
        reach_m=settings.reach_m, measured=settings.measured, loss=loss, progress=progress,
    )  # fmt: skip
    return replace(
        made,
        counted_share=share,
        status=f"{made.status.partition('; counted')[0]}; counted at every receiver: {share:.1%}",
        seconds=made.seconds | {"count_s": round(time.perf_counter() - start, 3)},
    )


def _usable(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Priced sites that may be used, by name: the order of the input changes nothing."""
    sites = candidates[candidates["status"] != "banned"].sort_values("site_id", kind="stable")
    if sites.empty:
        raise InputError(
            "there is no site to choose from: the list of candidates is empty or all are banned. "
            "Give sites, or loosen the rules for candidates."
        )
    twice = sites.loc[sites["site_id"].duplicated(), "site_id"]
    if len(twice):
        raise InputError(f'site_id "{twice.iloc[0]}" is given twice among the candidates.')
    sites = sites.reset_index(drop=True).copy()
    for column, part in (("site_cost_usd", 0), ("sector_cost_usd", 1)):
        default = sites["cost_class"].map(
            lambda name, part=part: DEFAULT_COSTS_USD.get(name, (45_000.0, 20_000.0))[part]
        )
        sites[column] = sites[column].fillna(default) if column in sites else default
    return sites


def _assembled(
    candidates: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    carrier: Carrier,
    goal: Goal,
    demand: Demand,
    matrix: CoverageMatrix,
    problem: Problem,
    found: Selection,
    clock: _Clock,
) -> Plan:
    columns = problem.source[found.columns]
    table = judged(candidates, sites, matrix, demand, columns)
    chosen = table[table["chosen"]].sort_values("site_id", kind="stable").reset_index(drop=True)
    chosen["status"] = chosen["status"].where(chosen["status"] == "existing", "proposed")
    cells = chosen_cells(chosen, carrier, matrix, columns)
    clock.mark("tables_s")
    return Plan(
        sites=chosen[[*SITE_COLUMNS, "site_cost_usd", "sector_cost_usd"]],
        cells=cells,
        goal=goal,
        share=found.share,
        tuned_share=found.share,
        counted_share=np.nan,
        cost_usd=found.cost,
        bound=found.bound,
        gap=found.gap,
        share_bound=found.share_bound,
        share_gap=found.share_gap,
        status=status_words(goal, found, len(chosen)),
        method=f"{found.method}; demand: {demand.words}, one point per {demand.block_m:g} m "
        "block and place",
        history=found.history,
        candidates=table,
        places=places(matrix, demand, columns),
        tuning={},
        sizes={
            "candidates": len(candidates),
            "columns": problem.columns,
            "rows": problem.rows,
            "entries": problem.entries,
            "demand_points": problem.demand_points,
        },
        seconds=clock.seconds,
    )
