"""Tables of a plan: what each candidate is worth, what each place gets, the chosen cells."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.geo import PLACES
from cellwright.network import Carrier, cells_for
from cellwright.planning.demand import Demand
from cellwright.planning.goal import Goal
from cellwright.planning.matrix import CoverageMatrix
from cellwright.planning.selection import Selection


def limiting(matrix: CoverageMatrix, demand: Demand) -> str:
    """Say which places the candidates cannot reach."""
    table = places(matrix, demand, np.arange(0))
    worst = table.sort_values("reachable_share", kind="stable")
    parts = [
        f"{row.place} {row.reachable_share:.1%} at {row.target_dbm:g} dBm"
        for row in worst.itertuples()
    ]
    return f"Reachable with all candidates at once, by place: {', '.join(parts)}."


def places(matrix: CoverageMatrix, demand: Demand, columns: Any) -> pd.DataFrame:
    """Share of each place that the columns, and all of them at once, cover."""
    place = demand.receivers["place"].to_numpy()
    covered = _union(matrix, columns)
    reachable = _union(matrix, np.arange(matrix.cover.shape[0]))
    rows = []
    for number, name in enumerate(PLACES):
        here = place == number
        if not here.any():
            continue
        whole = demand.weight[here].sum()
        rows.append(
            {
                "place": name,
                "target_dbm": float(demand.target_dbm[here][0]),
                "demand_share": whole,
                "covered_share": demand.weight[here & covered].sum() / whole,
                "reachable_share": demand.weight[here & reachable].sum() / whole,
            }
        )
    return pd.DataFrame(rows)


def _union(matrix: CoverageMatrix, columns: Any) -> Any:
    hit = np.zeros(matrix.cover.shape[1], dtype=bool)
    hit[matrix.cover[columns].indices] = True
    return hit


def judged(
    candidates: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    matrix: CoverageMatrix,
    demand: Demand,
    columns: Any,
) -> gpd.GeoDataFrame:
    """All candidates with what they are worth alone and what is lost without them."""
    alone = pd.Series(matrix.cover @ demand.weight).groupby(matrix.site_id).max()
    used = matrix.cover[columns]
    ways = np.asarray(used.sum(axis=0)).ravel()
    outage = pd.Series(
        used @ np.where(ways == 1, demand.weight, 0.0), index=matrix.site_id[columns]
    )
    table = candidates.merge(
        sites[["site_id", "site_cost_usd", "sector_cost_usd"]],
        on="site_id", how="left", suffixes=("_given", ""),
    )  # fmt: skip
    table = table[[name for name in table.columns if not str(name).endswith("_given")]]
    table["chosen"] = table["site_id"].isin(outage.index)
    table["alone_share"] = table["site_id"].map(alone).fillna(0.0)
    table["outage_share"] = table["site_id"].map(outage)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=candidates.crs)


def chosen_cells(
    chosen: gpd.GeoDataFrame, carrier: Carrier, matrix: CoverageMatrix, columns: Any
) -> pd.DataFrame:
    """Cells of the chosen settings."""
    column = {matrix.site_id[k]: k for k in columns}
    azimuths = {name: matrix.azimuths[k] for name, k in column.items()}
    cells = cells_for(chosen, carrier, azimuths)
    tilts = [tilt for name in chosen["site_id"] for tilt in matrix.tilt_deg[column[name]]]
    cells["electrical_tilt_deg"] = tilts
    return cells


def with_points(table: pd.DataFrame, demand: Demand, reached: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the table of places with the share that these points cover."""
    place, table = demand.receivers["place"].to_numpy(), table.copy()
    for row, name in enumerate(table["place"]):
        here = place == PLACES.index(name)
        share = demand.weight[here & reached].sum() / demand.weight[here].sum()
        table.loc[row, "covered_share"] = share
    return table


def status_words(goal: Goal, found: Selection, count: int) -> str:
    """Say what the choice reached, and what no other could."""
    if goal.kind == "budget":
        return (
            f"{found.share:.1%} of the demand with {count} sites for {found.cost:,.0f} of "
            f"{goal.budget_usd:,.0f} USD; no plan of the settings tried covers more than "
            f"{found.bound:.1%}"
        )
    return (
        f"goal of {goal.share:.1%} reached: {found.share:.1%} with {count} sites for "
        f"{found.cost:,.0f} USD; no plan of the settings tried reaches it below "
        f"{found.bound:,.0f} USD, and none of this cost covers more than {found.share_bound:.1%}"
    )
