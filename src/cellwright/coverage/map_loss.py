"""Path loss by models that are worked out over the map, site by site on all cores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import ReferenceType, ref

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellwright.compute import Progress, on_all_cores
from cellwright.geo import Area
from cellwright.propagation import (
    Model,
    StreetGraph,
    p1812_over,
    street_graph,
    urban_loss,
    urban_map,
    urban_paths,
)

#: Street graphs of surfaces that are still in use, by their id: a Dataset cannot be a key itself.
_STREETS: dict[int, tuple[ReferenceType[xr.Dataset], StreetGraph]] = {}


def streets_of(surface: xr.Dataset) -> StreetGraph:
    """Return the street graph of a surface, made once while the surface lives."""
    known = _STREETS.get(id(surface))
    if known is not None and known[0]() is surface:
        return known[1]
    for name in [name for name, (alive, _) in _STREETS.items() if alive() is None]:
        del _STREETS[name]
    graph = street_graph(surface)
    _STREETS[id(surface)] = (ref(surface), graph)
    return graph


@dataclass(frozen=True, eq=False)
class MapTask:
    """Losses wanted of one carrier.

    Attributes
    ----------
    models : sequence of Model [site]
        Model of each site.
    wanted : bool [site]
        Sites whose model is worked out over the map.
    frequency_ghz, reach_m : float
        Frequency [GHz]; farther receivers get an infinite loss [m].
    loss, sight : float32, uint8 [site, receiver]
        Written to: loss without entry [dB], and line of sight.
    """

    models: Sequence[Model]
    wanted: NDArray[np.bool_]
    frequency_ghz: float
    reach_m: float
    loss: NDArray[np.float32]
    sight: NDArray[np.uint8]


def map_losses(
    area: Area,
    masts: NDArray[np.float64],
    own: NDArray[np.int32],
    receivers: xr.Dataset,
    tasks: Sequence[MapTask],
    progress: Progress | None = None,
) -> None:
    """Fill the losses of all tasks; the geometry of a site serves every carrier.

    Parameters
    ----------
    area : Area
        The district.
    masts : float64 [site, 3]
        x, y, antenna above sea level [m].
    own : int32 [site]
        Building each site stands on, 0 for none.
    receivers : Dataset
        As in ``geo.receivers``.
    tasks : sequence of MapTask
        What is wanted.
    progress : callable, optional
        Told the share done.
    """
    rows = [row for row in range(len(masts)) if any(task.wanted[row] for task in tasks)]
    if not rows:
        return
    ready = urban_map(area.surface, receivers, streets_of(area.surface))

    def work(row: int) -> None:
        mine = [task for task in tasks if task.wanted[row]]
        x, y, top = (float(value) for value in masts[row])
        reach = max(task.reach_m for task in mine)
        paths = urban_paths(ready, x, y, top, own_building=int(own[row]), reach_m=reach)
        for task in mine:
            over = p1812_over if task.models[row].name == "p1812" else urban_loss
            task.loss[row], task.sight[row] = over(
                ready, paths, x, y, top, task.frequency_ghz, own_building=int(own[row]),
                reach_m=task.reach_m,
            )  # fmt: skip

    on_all_cores(rows, work, progress)
