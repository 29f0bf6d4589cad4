"""Cleaning drive and walk tests: what each rule took, so that nothing is lost unsaid.

The local mean is taken as W. C. Y. Lee has it (IEEE Trans. Veh. Technol. 34(1), 1985, 22-27):
over 20 to 40 wavelengths, long enough to average fast fading, short enough to keep shadowing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from cellwright.errors import InputError
from cellwright.measurement.places import bounds
from cellwright.measurement.read import POINT_COLUMNS
from cellwright.units import SPEED_OF_LIGHT_M_S

#: Side of the square one local mean is taken in [wavelengths]: its points lie 20 to 40 apart.
WAVELENGTHS = 28.0
#: Never smaller than this [m]: satellite positions in streets are no better.
LEAST_SIDE_M = 5.0
#: So many equal extremes in a row mean that a receiver is at its end, not that the level is.
RUN = 5
#: A position said to be outdoors this deep in a building is moved out [m]; deeper, it is taken:
#: satellite positions between houses are wrong by about as much.
GNSS_ERROR_M = 10.0
RULE_COLUMNS = ("rule", "points", "share", "meaning")
MEANINGS = {
    "off the map": "the position is beyond the district's map",
    "saturated": f"{RUN} or more equal extremes in a row: the receiver was at its end",
    "inside a building": f"said to be outdoors, more than {GNSS_ERROR_M:g} m within a building",
    "moved to the street": f"kept: moved at most {GNSS_ERROR_M:g} m out of a building",
    "merged": "kept: averaged with others within 20 to 40 wavelengths (in milliwatts)",
    "unknown cell": "no cell is named, or none that the network has",
    "out of reach": "farther from the cell than the prediction goes",
    "another cell": "far stronger than the named cell can be there, and as another site's is",
}


class Cleaned(NamedTuple):
    """Local means, and what the rules took.

    Attributes
    ----------
    points : DataFrame
        Columns ``read.POINT_COLUMNS`` and ``samples``: how many rows one mean stands for.
    rules : DataFrame
        Columns `RULE_COLUMNS`: points taken (or moved, or merged) by each rule, in order.
    """

    points: pd.DataFrame
    rules: pd.DataFrame


def rules_table(counts: dict[str, int], total: int) -> pd.DataFrame:
    """Return how many points each rule took, and their share of all that were read.

    Examples
    --------
    >>> rules_table({"off the map": 5}, 50)[["rule", "points", "share"]].values.tolist()
    [['off the map', 5, 0.1]]
    """
    rows = [(name, n, n / max(total, 1), MEANINGS[name]) for name, n in counts.items()]
    return pd.DataFrame(rows, columns=list(RULE_COLUMNS))


def clean(points: pd.DataFrame, area: Any, frequency_ghz: float) -> Cleaned:
    """Take away what no model can explain, and average fast fading.

    Parameters
    ----------
    points : DataFrame
        From :func:`read_measurements`, in order of time.
    area : Area
        The district.
    frequency_ghz : float
        Of the carrier [GHz]: gives the wavelength.

    Returns
    -------
    Cleaned
        Local means and the table of rules.

    Notes
    -----
    Points of another cell are found later, by :func:`drop_strangers`: that needs the prediction.
    """
    if not frequency_ghz > 0.0:
        raise InputError(f"frequency_ghz is {frequency_ghz:g}; it must be above 0.")
    total, counts = len(points), {}
    on = on_map(points, area)
    counts["off the map"] = int((~on).sum())
    kept = points[on]
    full = saturated(kept)
    counts["saturated"] = int(full.sum())
    kept = kept[~full]
    kept, counts["inside a building"], counts["moved to the street"] = on_street(kept, area)
    means = local_mean(kept, frequency_ghz)
    counts["merged"] = len(kept) - len(means)
    return Cleaned(means, rules_table(counts, total))


def on_map(points: pd.DataFrame, area: Any) -> NDArray[np.bool_]:
    """Tell which points lie on the district's map."""
    west, south, east, north = bounds(area)
    inside = points["x_m"].between(west, east) & points["y_m"].between(south, north)
    return np.asarray(inside, np.bool_)


def saturated(points: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which points show a receiver at its ceiling or floor.

    The highest (lowest) level of the file counts as an end where it comes in runs of `RUN` or more
    and oftener than any level near it: an honest maximum is rare.

    Examples
    --------
    >>> level = [-60.0, -40.0, -40.0, -40.0, -40.0, -40.0, -40.0, -41.0, -55.0]
    >>> saturated(pd.DataFrame({"rsrp_dbm": level})).sum()
    np.int64(6)
    """
    level = points["rsrp_dbm"].to_numpy(float)
    full = np.zeros(level.size, np.bool_)
    if level.size < RUN or level.min() == level.max():
        return full
    for end in (level.max(), level.min()):
        at_end = level == end
        near = ~at_end & (np.abs(level - end) <= 5.0)
        _, counts = np.unique(level[near], return_counts=True)
        if at_end.sum() > 2 * counts.max(initial=0):
            full |= at_end & (_run_lengths(at_end) >= RUN)
    return full


def _run_lengths(flags: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return, for each position, the length of the run of equal flags it is in."""
    change = np.flatnonzero(np.diff(flags)) + 1
    edges = np.r_[0, change, flags.size]
    return np.repeat(np.diff(edges), np.diff(edges))


def on_street(points: pd.DataFrame, area: Any) -> tuple[pd.DataFrame, int, int]:
    """Move outdoor points a little out of buildings; take those deep within.

    Returns
    -------
    DataFrame
        The points kept.
    int, int
        How many were taken, and how many moved.
    """
    x, y = (area.surface[name].to_numpy() for name in ("x", "y"))
    pixel = abs(float(x[1] - x[0]))
    built = area.surface["building"].to_numpy() > 0
    column, row = pixel_of(points, x, y, pixel)
    within = built[row, column] & ~points["indoor"].to_numpy(bool)
    if not within.any():
        return points, 0, 0
    if built.all():
        return points[~within], int(within.sum()), 0
    depth, nearest = ndimage.distance_transform_edt(built, sampling=pixel, return_indices=True)
    deep = within & (depth[row, column] > GNSS_ERROR_M)
    moved = within & ~deep
    out = points.copy()
    to_row, to_column = (index[row[moved], column[moved]] for index in nearest)
    out.loc[moved, "x_m"], out.loc[moved, "y_m"] = x[to_column], y[to_row]
    return out[~deep], int(deep.sum()), int(moved.sum())


def pixel_of(
    points: pd.DataFrame, x: NDArray[Any], y: NDArray[Any], pixel: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return column and row of the fine grid's pixel each point lies in."""
    column = np.rint((points["x_m"].to_numpy(float) - x[0]) / pixel).astype(np.intp)
    row = np.rint((y[0] - points["y_m"].to_numpy(float)) / pixel).astype(np.intp)
    return np.clip(column, 0, x.size - 1), np.clip(row, 0, y.size - 1)


def local_mean(points: pd.DataFrame, frequency_ghz: float) -> pd.DataFrame:
    """Average levels of one cell within 20 to 40 wavelengths of each other.

    Parameters
    ----------
    points : DataFrame
        Columns ``read.POINT_COLUMNS``.
    frequency_ghz : float
        Of the carrier [GHz].

    Returns
    -------
    DataFrame
        One row per cell and square, with ``samples``; positions, heights and times averaged.

    Notes
    -----
    In milliwatts, not in dB: RSRP is itself a linear mean of powers (TS 38.215 5.1.1), and the
    models give the local mean power. The mean of Rayleigh fading in dB lies 2.5 dB below it, and
    how far below depends on how much a wideband carrier has averaged already.

    Stretches are found by place, not by odometer: a waiting car counts once, a second pass joins
    the first, and the order of the rows changes nothing.
    """
    if points.empty:
        return points.assign(samples=pd.Series(dtype="int64"))
    wavelength = SPEED_OF_LIGHT_M_S / (frequency_ghz * 1e9)
    side = max(WAVELENGTHS * wavelength, LEAST_SIDE_M)
    storey = (points["height_m"].fillna(-1.0) / 3.0).round()
    keys = [
        points["cell_id"], points["pci"], points["indoor"], storey,
        np.floor(points["x_m"] / side), np.floor(points["y_m"] / side),
    ]  # fmt: skip
    milliwatts = 10.0 ** (points["rsrp_dbm"] / 10.0)
    frame = points.assign(_mw=milliwatts, _time=points["time"].astype("int64"))
    groups = frame.groupby([np.asarray(key) for key in keys], sort=True, dropna=False)
    first = ["row", "cell_id", "pci", "indoor"]
    out = groups[first].agg({name: "min" if name == "row" else "first" for name in first})
    for name in ("x_m", "y_m", "height_m", "_mw"):
        out[name] = groups[name].mean()
    out["rsrp_dbm"] = 10.0 * np.log10(out["_mw"])
    out["time"] = groups["time"].min()
    out["samples"] = groups.size()
    return out[[*POINT_COLUMNS, "samples"]].reset_index(drop=True)
