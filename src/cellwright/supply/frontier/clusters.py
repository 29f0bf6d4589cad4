"""Clusters of neighbouring sites, so that vendors do not mix from site to site."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cellwright.supply.elements import people_at


def clusters_of(elements: pd.DataFrame, size: int = 10) -> pd.Series:
    """Cut the sites with people into compact clusters of at most so many sites.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`, with ``x, y``.
    size : int
        Most sites of a cluster.

    Returns
    -------
    Series
        Cluster number by ``site_id``.

    Notes
    -----
    Cut at the median across the longer side, again and again (a k-d tree): the same sites in any
    order give the same clusters.
    """
    sites = people_at(elements).index
    mine = elements[elements["site_id"].isin(sites)]
    place = mine.groupby("site_id")[["x", "y"]].mean().fillna(0.0).sort_index()
    whole, done = [np.arange(len(place))], []
    points = place.to_numpy(dtype=float)
    while whole:
        part = whole.pop()
        if part.size <= max(1, size):
            done.append(part)
            continue
        spread = np.ptp(points[part], axis=0)
        order = part[np.argsort(points[part, int(spread[1] > spread[0])], kind="stable")]
        whole += [order[: order.size // 2], order[order.size // 2 :]]
    out = pd.Series(0, index=place.index, name="cluster")
    for number, part in enumerate(sorted(done, key=lambda part: int(part.min()))):
        out.iloc[part] = number
    return out
