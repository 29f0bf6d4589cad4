"""Path loss by models that are worked out over the map, site by site on all cores."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellwright.compute import Progress, threads
from cellwright.geo import Area
from cellwright.propagation import (
    Model,
    StreetGraph,
    UrbanMap,
    p1812_over,
    street_graph,
    urban_loss,
    urban_map,
    urban_paths,
)

_STREETS: WeakKeyDictionary[Area, StreetGraph] = WeakKeyDictionary()


def streets_of(area: Area) -> StreetGraph:
    """Return the street graph of a district, made once."""
    if area not in _STREETS:
        _STREETS[area] = street_graph(area.surface)
    return _STREETS[area]


def map_losses(
    area: Area,
    rows: Sequence[int],
    models: Sequence[Model],
    masts: NDArray[np.float64],
    own: NDArray[np.int32],
    receivers: xr.Dataset,
    frequency_ghz: float,
    reach_m: float,
    loss: NDArray[Any],
    sight: NDArray[np.uint8],
    progress: Progress | None = None,
) -> None:
    """Fill the given rows of ``loss`` [dB] and ``sight`` [site, receiver].

    Parameters
    ----------
    area : Area
        The district.
    rows : sequence of int
        Sites whose model is worked out over the map.
    models : sequence of Model [site]
        Model of each site.
    masts : float64 [site, 3]
        x, y, antenna above sea level [m].
    own : int32 [site]
        Building each site stands on, 0 for none.
    receivers : Dataset
        As in ``geo.receivers``.
    frequency_ghz, reach_m : float
        Frequency [GHz]; farther receivers get an infinite loss [m].
    loss, sight : ndarray [site, receiver]
        Written to.
    progress : callable, optional
        Told the share done.
    """
    if not len(rows):
        return
    ready = urban_map(area.surface, receivers, streets_of(area))

    def work(row: int) -> None:
        loss[row], sight[row] = _one(
            ready, models[row].name, masts[row], int(own[row]), frequency_ghz, reach_m
        )

    done, pool = 0, ThreadPoolExecutor(threads())
    try:
        for job in as_completed([pool.submit(work, row) for row in rows]):
            job.result()
            done += 1
            if progress is not None:
                progress(done / len(rows))
    finally:
        # an interrupted run must not wait for every site still in the queue
        pool.shutdown(cancel_futures=True)


def _one(
    ready: UrbanMap,
    name: str,
    mast: NDArray[np.float64],
    own: int,
    frequency_ghz: float,
    reach_m: float,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    x, y, top = (float(value) for value in mast)
    paths = urban_paths(ready, x, y, top, own_building=own, reach_m=reach_m)
    if name == "p1812":
        return p1812_over(ready, paths, x, y, top, frequency_ghz, own_building=own, reach_m=reach_m)
    return urban_loss(ready, paths, x, y, top, frequency_ghz, reach_m=reach_m)
