"""How far predictions lie from measurements: mean, absolute mean, deviation, RMSE, by group."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.propagation import CLUTTER

Array = NDArray[np.float64]
#: Edges of the classes of distance [m].
DISTANCES_M = (0, 100, 200, 400, 800, 1600, 3200, 6400)
ERROR_COLUMNS = (
    "validation", "group", "value", "points",
    "mean_before_db", "mean_after_db", "mean_abs_before_db", "mean_abs_after_db",
    "sd_before_db", "sd_after_db", "rmse_before_db", "rmse_after_db",
)  # fmt: skip


def error_row(before: Array, after: Array) -> dict[str, float]:
    """Return the four figures of residuals before and after, measured less predicted [dB].

    Examples
    --------
    >>> error_row(np.array([3.0, 5.0]), np.array([-1.0, 1.0]))["rmse_after_db"]
    1.0
    """
    row: dict[str, float] = {}
    for name, make in (
        ("mean", np.mean),
        ("mean_abs", lambda x: np.mean(np.abs(x))),
        ("sd", np.std),
        ("rmse", lambda x: np.sqrt(np.mean(np.square(x)))),
    ):
        row[f"{name}_before_db"] = float(make(before))
        row[f"{name}_after_db"] = float(make(after))
    return row


def errors_by_group(
    points: pd.DataFrame, before: Array, after: Array, validation: str
) -> pd.DataFrame:
    """Return the errors of all points and by cell, clutter, distance, sight and place.

    Parameters
    ----------
    points : DataFrame
        ``cell_id, clutter, distance_m, in_sight, indoor``.
    before, after : float [point]
        Residuals without and with the tuning [dB]; NaN where a point was never held back.
    validation : str
        How the points were held back: "by place", "by cell", "none".

    Returns
    -------
    DataFrame
        Columns `ERROR_COLUMNS`.
    """
    told = np.isfinite(after) & np.isfinite(before)
    rows = []
    for group, values in _groups(points):
        for value in sorted(set(values[told]), key=_as_read):
            here = told & (values == value)
            figures = error_row(before[here], after[here])
            rows.append((group, value, int(here.sum()), figures))
    made = [
        {"validation": validation, "group": group, "value": value, "points": count, **figures}
        for group, value, count, figures in rows
    ]
    return pd.DataFrame(made, columns=list(ERROR_COLUMNS))


def _as_read(value: str) -> tuple[float, str]:
    """Sort classes of distance by number, names by letter.

    Examples
    --------
    >>> sorted(["above 6400 m", "800 to 1600 m", "0 to 100 m"], key=_as_read)
    ['0 to 100 m', '800 to 1600 m', 'above 6400 m']
    """
    number = re.search(r"^\d+(?= to )|(?<=^above )\d+", value)
    return (float(number.group()) if number else 0.0, value)


def _groups(points: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.object_]]]:
    """Yield the name of each grouping and every point's value in it; values sort as they read."""
    yield "all", np.full(len(points), "all", dtype=object)
    yield "sight", np.where(points["in_sight"], "in sight", "out of sight").astype(object)
    names = np.array(CLUTTER, dtype=object)
    yield "clutter", names[points["clutter"].to_numpy(int)]
    yield "distance", distance_names(points["distance_m"].to_numpy(float))
    yield "place", np.where(points["indoor"], "indoors", "outdoors").astype(object)
    yield "cell", points["cell_id"].astype(str).to_numpy(object)


def distance_names(distance_m: Array) -> NDArray[np.object_]:
    """Name the class of distance of each point.

    Examples
    --------
    >>> distance_names(np.array([50.0, 9000.0])).tolist()
    ['0 to 100 m', 'above 6400 m']
    """
    names = [f"{a} to {b} m" for a, b in itertools.pairwise(DISTANCES_M)]
    names.append(f"above {DISTANCES_M[-1]} m")
    return np.array(names, dtype=object)[np.digitize(distance_m, DISTANCES_M[1:])]
