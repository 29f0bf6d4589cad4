"""The frontier: cost against the worst scenario, cost against exposure, and the hedges in words."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.supply.clusters import clusters_of
from cellwright.supply.codes import functions_of
from cellwright.supply.elements import people_at
from cellwright.supply.frontier.alike import in_words, least_harm, together
from cellwright.supply.frontier.hedges import Options
from cellwright.supply.frontier.program import Choice, Stakes, cheapest, cost_of, least_lost
from cellwright.supply.parties import Parties
from cellwright.supply.stress.phases import LEVELS

_TINY = 1e-6


@dataclass(frozen=True, eq=False)
class Frontier:
    """What resilience costs.

    Attributes
    ----------
    points : DataFrame
        Against the worst scenario: ``point``; ``cost_`` (above the plan as it is), ``lost_``
        (person-months in the worst scenario) with low, typical, high; ``worst`` (scenario),
        ``exposed`` (share of people), ``vendors``, ``words`` (makers that nothing tells apart are
        named together), ``dominated``, ``knee``, ``gap``.
    exposure : DataFrame
        The same against the share of people exposed to the parties in question.
    options : DataFrame
        All options, put on the whole plan: words, ``cost_``, ``lost_``, ``exposed``, ``dominated``
        (another costs no more and loses no more in any scenario).
    hedges : DataFrame
        The three cheapest that help: ``words, cost_, saved_`` (person-months), ``sentence``.
    choice : DataFrame
        ``frontier`` (lost, exposure), ``point, cluster, sites, option, words``.
    clusters : Series
        Cluster number by ``site_id``.
    assumptions : DataFrame
        ``assumption, value, unit, source, evidence``.
    seconds : float
        Time taken [s].
    """

    points: pd.DataFrame
    exposure: pd.DataFrame
    options: pd.DataFrame
    hedges: pd.DataFrame
    choice: pd.DataFrame
    clusters: pd.Series
    assumptions: pd.DataFrame
    seconds: float


def frontier(
    options: Options,
    elements: pd.DataFrame,
    parties: Parties,
    exposed_to: Collection[str] = (),
    *,
    clusters: pd.Series | None = None,
    points: int = 10,
) -> Frontier:
    """Trace cost against person-months lost in the worst scenario, and against exposure.

    Parameters
    ----------
    options : Options
        From `hedge_options`.
    elements : DataFrame
        The plan, from `plan_elements`.
    parties : Parties
        Who belongs to whom.
    exposed_to : collection of str
        Parties whose equipment counts as exposure.
    clusters : Series, optional
        Cluster by ``site_id``; default `clusters_of`.
    points : int
        Points of each frontier.

    Returns
    -------
    Frontier

    Notes
    -----
    At each point the cheapest choice is found that loses no more than a limit (epsilon-constraint
    method); limits run evenly from the loss of the cheapest choice to the least possible.
    """
    start = time.perf_counter()
    if points < 2:
        raise InputError(f"points is {points}; a frontier takes at least 2.")
    group = clusters_of(elements) if clusters is None else clusters
    stakes = stakes_of(options, elements, group, parties, exposed_to)
    plan = planned(options, elements, group, parties)
    floor = cost_of_plan(options, stakes, plan)
    free = cheapest(options, stakes)
    worst = _lost(stakes, free.option, 1).max(initial=0.0)
    limits = np.linspace(worst, least_lost(options, stakes), points)
    found = [cheapest(options, stakes, most_lost=limit + _slack(limit)) for limit in limits]
    table, picks = _table(options, stakes, found, floor, "lost_typical")
    people = float(stakes.people.sum())
    shares = np.linspace(_exposed(stakes, free.option), _least_exposed(stakes), points)
    other = [cheapest(options, stakes, most_exposed=limit + _slack(limit)) for limit in shares]
    second, more = _table(options, stakes, other, floor, "exposed")
    every = _all_options(options, stakes, floor)
    hedges = _hedges(options, stakes, every, plan, floor)
    choice = pd.concat(
        [_choice(options, stakes, picks, "lost"), _choice(options, stakes, more, "exposure")]
    )
    for one in (table, second, every):
        one["exposed"] = one["exposed"] / people if people > 0.0 else 0.0
    return Frontier(
        table, second, every, hedges, choice.reset_index(drop=True), group, options.assumptions,
        time.perf_counter() - start,
    )  # fmt: skip


def _slack(limit: float) -> float:
    return 1e-7 * max(1.0, abs(float(limit)))


def stakes_of(
    options: Options,
    elements: pd.DataFrame,
    clusters: pd.Series,
    parties: Parties,
    exposed_to: Collection[str],
) -> Stakes:
    """Return what each option means for each cluster."""
    names, served = sorted(clusters.unique()), people_at(elements)
    sites = np.array([float((clusters == name).sum()) for name in names])
    people = np.zeros((len(names), len(options.phases)))
    for at, phase in enumerate(options.phases.to_dict("records")):
        mine = served.reindex([site for site in phase["sites"] if site in served.index])
        # residents of a phase, shared by those its sites serve
        scale = float(phase["people"]) / float(mine.sum()) if mine.sum() > 0.0 else 0.0
        inside = mine[mine.index.isin(clusters.index)]
        sums = (inside * scale).groupby(clusters.reindex(inside.index).to_numpy()).sum()
        people[:, at] = sums.reindex(names).fillna(0.0).to_numpy(dtype=float)
    lost = np.einsum("cp,oslp->lsco", people, options.late)
    day = pd.to_datetime(options.phases["due"]).max().date()
    members = parties.group(exposed_to, day) if exposed_to else frozenset[str]()
    share = [np.mean([name in members for name in mine]) for mine in options.table["vendors"]]
    exposed = np.outer(people.sum(axis=1), np.array(share, dtype=float))
    return Stakes(sites, people, lost, exposed)


def planned(
    options: Options, elements: pd.DataFrame, clusters: pd.Series, parties: Parties
) -> NDArray[np.float64]:
    """Return [cluster, option]: the share of its sites the plan gives each vendor, unhedged."""
    access = {name.casefold() for name in functions_of(("access",))}
    mine = elements[elements["function"].str.casefold().isin(access)]
    maker = mine.groupby("site_id")["maker"].first().map(parties.id_of)
    plain = {
        row["vendors"][0]: at
        for at, row in enumerate(options.table.to_dict("records"))
        if row["hedge"] == "none"
    }
    column = maker.reindex(clusters.index).map(plain)
    counts = pd.crosstab(clusters, column.rename("option"))
    counts = counts.reindex(columns=range(len(options.table)), fill_value=0).sort_index()
    return counts.div(counts.sum(axis=1), axis=0).to_numpy(dtype=float)


def cost_of_plan(options: Options, stakes: Stakes, plan: NDArray[np.float64]) -> dict[str, float]:
    """Return what the plan as it is costs on the same terms, by level."""
    used = np.flatnonzero(plan.sum(axis=0))
    vendors = {name for at in used for name in options.table["vendors"].iloc[at]}
    out = {}
    for at, level in enumerate(LEVELS):
        site = options.table[f"site_{level}"].to_numpy(dtype=float)
        extra = (len(vendors) - 1) * options.vendor_cost[at]
        out[level] = float(stakes.sites @ (plan @ site)) + extra
    return out


def _lost(stakes: Stakes, option: NDArray[np.int64], level: int) -> NDArray[np.float64]:
    """Return person-months lost by scenario."""
    every = np.arange(option.size)
    return np.asarray(stakes.lost[level][:, every, option].sum(axis=1), dtype=float)


def _exposed(stakes: Stakes, option: NDArray[np.int64]) -> float:
    return float(stakes.exposed[np.arange(option.size), option].sum())


def _least_exposed(stakes: Stakes) -> float:
    return float(stakes.exposed.min(axis=1).sum())


def _figures(
    options: Options, stakes: Stakes, option: NDArray[np.int64], floor: dict[str, float]
) -> dict[str, Any]:
    """Return costs above the plan, losses and exposure of a choice."""
    out: dict[str, Any] = {}
    for at, level in enumerate(LEVELS):
        out[f"cost_{level}"] = cost_of(options, stakes, option, level) - floor[level]
        out[f"lost_{level}"] = float(_lost(stakes, option, at).max(initial=0.0))
    by_scenario = _lost(stakes, option, 1)
    harmed = by_scenario.size and by_scenario.max() > 0.0
    out["worst"] = options.scenarios[int(by_scenario.argmax())] if harmed else ""
    out["exposed"] = _exposed(stakes, option)
    return out


def _table(
    options: Options,
    stakes: Stakes,
    found: list[Choice],
    floor: dict[str, float],
    axis: str,
) -> tuple[pd.DataFrame, list[NDArray[np.int64]]]:
    """Return the points without repeats, the dominated marked, and the knee.

    Of makers that are equal at typical inputs a point has those that lose and cost least at high,
    in the worst scenario and then in all of them.
    """

    def harm(option: NDArray[np.int64]) -> tuple[float, ...]:
        told = _figures(options, stakes, option, floor)
        lost = {level: _lost(stakes, option, at).sum() for at, level in enumerate(LEVELS)}
        return tuple(
            round(float(one), 3)
            for level in ("high", "low")
            for one in (told[f"lost_{level}"], lost[level], told[f"cost_{level}"])
        )

    rows, picks = list[dict[str, Any]](), list[NDArray[np.int64]]()
    for choice in found:
        option = least_harm(options, stakes.exposed, choice.option, harm)
        row = _figures(options, stakes, option, floor)
        row |= in_words(options, stakes.exposed, option)
        if any(
            row["cost_typical"] == old["cost_typical"] and row[axis] == old[axis] for old in rows
        ):
            continue  # another vendor of the same price
        picks.append(option)
        rows.append({"point": len(picks), **row, "gap": choice.gap})
    table = pd.DataFrame(rows)
    table["dominated"] = dominated(table[["cost_typical", axis]].to_numpy(dtype=float))
    table["knee"] = False
    at = knee(table.loc[~table["dominated"], ["cost_typical", axis]].to_numpy(dtype=float))
    if at is not None:
        table.loc[table.index[~table["dominated"]][at], "knee"] = True
    return table, picks


def dominated(figures: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark rows than which another is nowhere worse and somewhere better; less is better.

    Examples
    --------
    >>> dominated(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 1.0]])).tolist()
    [False, True, False]
    """
    room = _TINY * np.maximum(1.0, np.abs(figures).max(axis=0))
    no_worse = (figures[None, :, :] <= figures[:, None, :] + room).all(axis=2)
    better = (figures[None, :, :] < figures[:, None, :] - room).any(axis=2)
    return np.asarray((no_worse & better).any(axis=1))


def knee(figures: NDArray[np.float64]) -> int | None:
    """Return the row farthest below the line from first to last, both axes scaled to 0..1; or None.

    Examples
    --------
    >>> knee(np.array([[0.0, 10.0], [1.0, 2.0], [5.0, 1.0], [10.0, 0.0]]))
    1
    """
    if len(figures) < 3:
        return None
    low, high = figures.min(axis=0), figures.max(axis=0)
    unit = (figures - low) / np.where(high > low, high - low, 1.0)
    below = 1.0 - unit.sum(axis=1)
    return int(below.argmax()) if below.max() > _TINY else None


def _all_options(options: Options, stakes: Stakes, floor: dict[str, float]) -> pd.DataFrame:
    """Return every option put on the whole plan."""
    clusters = stakes.sites.size
    rows, losses = [], []
    for at, (vendors, words) in enumerate(options.table[["vendors", "words"]].to_numpy()):
        option = np.full(clusters, at, dtype=np.int64)
        row = _figures(options, stakes, option, floor)
        named = {"vendors": ", ".join(sorted(vendors)), "words": words}
        rows.append({"option": at, **row, **named})
        losses.append([float(row["cost_typical"]), *_lost(stakes, option, 1)])
    return pd.DataFrame(rows).assign(dominated=dominated(np.array(losses)))


def _hedges(
    options: Options,
    stakes: Stakes,
    every: pd.DataFrame,
    plan: NDArray[np.float64],
    floor: dict[str, float],
) -> pd.DataFrame:
    """Return the three cheapest options, put on the whole plan, that lose less than it does.

    Options that cost and save the same are one, or one maker would seem preferred to another.
    """
    by_scenario = np.einsum("lsco,co->ls", stakes.lost, plan)
    base = [float(mine.max(initial=0.0)) for mine in by_scenario]
    rows = []
    levels = [f"{name}_{level}" for name in ("cost", "lost") for level in LEVELS]
    best = every[~every["dominated"]].sort_values(["cost_typical", "lost_typical", "lost_high"])
    for _, tied in best.groupby(levels, sort=False):
        row = {**tied.iloc[0], "words": together(options.table.iloc[tied["option"].tolist()])}
        saved = [base[at] - float(row[f"lost_{level}"]) for at, level in enumerate(LEVELS)]
        if saved[1] <= _TINY * max(1.0, base[1]):
            continue
        cost = [float(row[f"cost_{level}"]) for level in LEVELS]
        shown = f"{cost[0]:,.0f} / {cost[1]:,.0f} / {cost[2]:,.0f}"
        kept = f"{saved[0]:,.0f} / {saved[1]:,.0f} / {saved[2]:,.0f}"
        text = f"{row['words']}: {shown} more than the plan, {kept} person-months saved "
        one = {"option": row["option"], "words": row["words"]}
        one |= {f"cost_{level}": cost[at] for at, level in enumerate(LEVELS)}
        one |= {f"saved_{level}": saved[at] for at, level in enumerate(LEVELS)}
        rows.append({**one, "sentence": text + "(low / typical / high)"})
    columns = ["option", "words", *(f"{n}_{level}" for n in ("cost", "saved") for level in LEVELS)]
    return pd.DataFrame(rows[:3], columns=[*columns, "sentence"])


def _choice(
    options: Options, stakes: Stakes, picks: list[NDArray[np.int64]], name: str
) -> pd.DataFrame:
    rows = [
        (name, point, cluster, stakes.sites[cluster], int(at), options.table["words"].iloc[at])
        for point, option in enumerate(picks, start=1)
        for cluster, at in enumerate(option)
    ]
    columns = ["frontier", "point", "cluster", "sites", "option", "words"]
    return pd.DataFrame(rows, columns=columns)
