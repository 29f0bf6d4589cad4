"""Our path loss beside a ray tracer's: how much it fills, and how far apart they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.geo import to_map

#: Edges of the classes of distance [m].
DISTANCES_M = (0.0, 100.0, 200.0, 400.0, 800.0, 1600.0)
SIGHTS = {"all": (0, 1), "in sight": (1,), "out of sight": (0,)}
CROSSCHECK_COLUMNS = (
    "sight", "from_m", "to_m", "pixels", "filled_share", "median_db", "mean_db", "rms_db",
)  # fmt: skip


def crosscheck(
    loss: xr.Dataset,
    traced: xr.Dataset,
    receivers: xr.Dataset,
    sites: pd.DataFrame,
    *,
    distances_m: Sequence[float] = DISTANCES_M,
) -> tuple[pd.DataFrame, xr.Dataset]:
    """Lay a ray tracer's path loss beside ours, outdoors, by sight and distance.

    Parameters
    ----------
    loss : Dataset
        From :func:`path_loss`.
    traced : Dataset
        From :func:`ray_traced` for the same sites.
    receivers : Dataset
        Those of ``loss``.
    sites : GeoDataFrame
        Table of the same sites.
    distances_m : sequence of float
        Edges of the classes of ground distance [m].

    Returns
    -------
    table : DataFrame
        `CROSSCHECK_COLUMNS`: outdoor pixels where our model holds, the share of them that the
        tracer fills (0 to 1), and median, mean and rms of tracer less ours [dB] where it does.
    maps : Dataset
        Dims ``site, y, x`` [dB]: ``ours_db``, ``traced_db``, ``difference_db``; NaN indoors.

    Raises
    ------
    InputError
        No sites.
    """
    if not len(sites):
        raise InputError("a cross-check needs at least one site.")
    rows, maps = [], []
    for number in range(len(sites)):
        x_m, y_m = sites.geometry.x.iloc[number], sites.geometry.y.iloc[number]
        far = np.hypot(receivers["x_m"].to_numpy() - x_m, receivers["y_m"].to_numpy() - y_m)
        gain = traced["path_gain_db"].isel(site=number, drop=True)
        made, row = _one_site(loss.isel(site=number), gain, receivers, far)
        maps.append(made)
        rows.append(row)
    apart, seen, far = np.concatenate(rows, axis=1)
    names = xr.DataArray(sites["site_id"].to_numpy(dtype=object), dims="site", name="site")
    return _table(apart, seen, far, distances_m), xr.concat(maps, dim=names)


def _one_site(
    loss: xr.Dataset, gain_db: xr.DataArray, receivers: xr.Dataset, distance_m: NDArray[np.float64]
) -> tuple[xr.Dataset, NDArray[np.float64]]:
    """Return one site's maps, and difference, sight and distance of its outdoor pixels."""
    ours = np.where(loss["valid"], loss["path_loss_db"], np.nan)
    flat = (ours, loss["sight"].to_numpy().astype(float), distance_m)
    ours_db, sight, distance = (to_map(values, receivers, "outdoor") for values in flat)
    known = ours_db.notnull()  # noqa: PD004 - xarray has no notna
    traced_db = -gain_db.where(known)
    apart = traced_db - ours_db
    made = {"ours_db": ours_db, "traced_db": traced_db, "difference_db": apart}
    columns = [values.to_numpy()[known.to_numpy()] for values in (apart, sight, distance)]
    return xr.Dataset(made).astype(np.float32), np.stack(columns)


def _table(
    apart: NDArray[np.float64],
    seen: NDArray[np.float64],
    far: NDArray[np.float64],
    edges: Sequence[float],
) -> pd.DataFrame:
    rows = []
    for name, states in SIGHTS.items():
        for low, high in [(edges[0], np.inf), *zip(edges, [*edges[1:], np.inf], strict=True)]:
            here = np.isin(seen, states) & (far >= low) & (far < high)
            if here.any():
                rows.append((name, low, high, int(here.sum()), *_spread(apart[here])))
    return pd.DataFrame(rows, columns=list(CROSSCHECK_COLUMNS))


def _spread(apart: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return share known, median, mean and rms.

    Examples
    --------
    >>> _spread(np.array([3.0, -3.0, 3.0, np.nan]))
    (0.75, 3.0, 1.0, 3.0)
    """
    known = apart[~np.isnan(apart)]
    if not known.size:
        return 0.0, np.nan, np.nan, np.nan
    return (
        known.size / apart.size,
        float(np.median(known)),
        float(known.mean()),
        float(np.sqrt(np.mean(known**2))),
    )
