"""A tuning applied: what measurements add to the loss of every path, and the spread they leave."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellwright.geo import built_share
from cellwright.propagation import CLUTTER_RADIUS_M, Tuning, clutter_class, entry_sigma_db

Array = NDArray[Any]


def clutter_at(surface: xr.Dataset, receivers: xr.Dataset) -> NDArray[np.uint8]:
    """Return the class of clutter of each receiver, number in ``propagation.CLUTTER``."""
    x_m, y_m = receivers["x_m"].to_numpy(), receivers["y_m"].to_numpy()
    return clutter_class(built_share(surface, x_m, y_m, CLUTTER_RADIUS_M))


def tune_loss(
    loss: Array,
    tuning: Tuning,
    surface: xr.Dataset,
    sites: Array,
    receivers: xr.Dataset,
    sight: Array,
    entry_db: Array,
) -> None:
    """Add a tuning to ``loss`` [site, receiver] in place.

    Parameters
    ----------
    loss, sight : float32, uint8 [site, receiver]
        Path loss [dB] and line of sight.
    tuning : Tuning
        What to add.
    surface : Dataset
        Fine grid of the district: tells the clutter.
    sites : float [site, 4]
        East, north, height [m]; the building an indoor antenna is in, or 0.
    receivers : Dataset
        As in ``geo.receivers``.
    entry_db : float [receiver]
        Entry loss counted [dB].

    Notes
    -----
    An indoor antenna's own building is left alone: nothing measured in streets speaks of it.
    """
    x_m, y_m, building = (receivers[name].to_numpy() for name in ("x_m", "y_m", "building"))
    clutter = clutter_at(surface, receivers)
    for row, (east, north, _, own) in enumerate(sites):
        distance = np.hypot(x_m - east, y_m - north)
        added = tuning.correction_db(distance, sight[row], entry_db, clutter)
        if own > 0:
            added = np.where(building == int(own), 0.0, added)
        loss[row] += added.astype(np.float32)


def tuned_sigma(sigma: NDArray[np.float32], tuning: Tuning, entry: str) -> NDArray[np.float32]:
    """Return sigma [site, sight, place] with the measured spread where there is one [dB].

    Indoors the entry's own spread is added as variances are: the measured one is of outdoor
    points.
    """
    out = sigma.copy()
    for state, measured in enumerate(tuning.sigma_db([0, 1])):
        if np.isfinite(measured):
            out[:, state, 0] = measured
            out[:, state, 1:] = np.hypot(measured, entry_sigma_db(entry))
    return out
