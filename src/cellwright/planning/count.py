"""The share covered, counted at every receiver and not at the points a plan was searched on.

A search finds settings that suit its own points a little better than the places around them; only a
count elsewhere tells what is left of the share.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from cellwright.compute import Progress
from cellwright.coverage import path_loss, received
from cellwright.geo import Area
from cellwright.network import Carrier
from cellwright.planning.demand import demand_points
from cellwright.planning.goal import Goal
from cellwright.propagation import Tuning

#: Receivers whose levels are looked at together, to bound memory.
_BLOCK = 16_384


def counted_share(
    area: Area,
    sites: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    carrier: Carrier,
    receivers: xr.Dataset,
    goal: Goal,
    *,
    entry: str = "low",
    reach_m: float = 1_000.0,
    measured: Tuning | None = None,
    loss: xr.Dataset | None = None,
    progress: Progress | None = None,
) -> float:
    """Count what share of a goal's demand the cells cover, at every receiver inside the boundary.

    Parameters
    ----------
    area, sites, cells, carrier, receivers
        The district, the network and ``geo.receivers(area)``.
    goal : Goal
        Targets, probability and weights.
    entry, reach_m, measured
        As for ``coverage.path_loss`` (there ``tuning``).
    loss : Dataset, optional
        Path loss of these sites to all ``receivers``, where it is known; else it is found here.
    progress : callable, optional

    Returns
    -------
    float
        Share of the demand, 0 to 1.
    """
    demand = demand_points(receivers, goal, most=receivers.sizes["receiver"])
    rows = demand.rows
    if loss is None:
        loss, rows = (
            path_loss(
                area, sites, carrier, demand.receivers, entry=entry, reach_m=reach_m,
                tuning=measured, progress=progress,
            ),
            np.arange(demand.rows.size),
        )  # fmt: skip
    share = 0.0
    for start in range(0, len(demand.weight), _BLOCK):
        part = slice(start, start + _BLOCK)
        few, lost = demand.part(part), loss.isel(receiver=rows[part])
        levels = received(lost, sites, cells, carrier, few.receivers, beams=("ssb",))
        need, site = few.need_dbm(lost), levels["site_of_cell"].to_numpy()
        hit = np.zeros(len(few.weight), np.bool_)
        for level, row in zip(levels["rsrp_dbm"].to_numpy(), site, strict=True):
            hit |= level >= need[row]
        share += float(few.weight[hit].sum())
    return share
