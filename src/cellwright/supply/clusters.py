"""Clusters of neighbouring sites, so that vendors do not mix from site to site."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cellwright.supply.elements import people_at


def clusters(x_m: ArrayLike, y_m: ArrayLike, most: int) -> NDArray[np.int64]:
    """Put sites into groups that hang together, each of at most so many sites.

    Parameters
    ----------
    x_m, y_m : float [site]
        Positions [m].
    most : int
        Sites of a group, at most.

    Returns
    -------
    int [site]
        Number of each site's group: the map is halved across its longer side, again and again.

    Examples
    --------
    >>> clusters([0.0, 1.0, 10.0, 11.0], [0.0, 0.0, 0.0, 0.0], 2).tolist()
    [0, 0, 1, 1]
    """
    where = np.column_stack([np.asarray(x_m, float), np.asarray(y_m, float)])
    number = np.zeros(len(where), np.int64)
    waiting, count = [np.arange(len(where))], 0
    while waiting:
        part = waiting.pop()
        if part.size <= most:
            number[part], count = count, count + 1
            continue
        longer = int(np.argmax(np.ptp(where[part], axis=0)))
        ordered = part[np.argsort(where[part, longer], kind="stable")]
        waiting += [ordered[part.size // 2 :], ordered[: part.size // 2]]
    return number


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
        Cluster number by ``site_id``; the same sites in any order give the same clusters.
    """
    sites = people_at(elements).index
    mine = elements[elements["site_id"].isin(sites)]
    place = mine.groupby("site_id")[["x", "y"]].mean().fillna(0.0).sort_index()
    number = clusters(place["x"], place["y"], max(1, size))
    return pd.Series(number, index=place.index, name="cluster")
