"""What a tuning may hold, as columns beside the points: one for each parameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.propagation import CLUTTER

Array = NDArray[np.float64]
OFFSET, SLOPE, HIDDEN, ENTRY = (
    "offset_db",
    "slope_db_per_decade",
    "out_of_sight_db",
    "entry_scale",
)
CLUTTER_NAMES = tuple(f"clutter_db.{name}" for name in CLUTTER)
#: How far a parameter may well lie from the model's own value (one standard deviation of the
#: prior): weak enough to let 30 good points speak, strong enough to tame what none speaks of.
PRIOR = {OFFSET: 10.0, SLOPE: 15.0, HIDDEN: 10.0, ENTRY: 0.5, **dict.fromkeys(CLUTTER_NAMES, 6.0)}


@dataclass(frozen=True)
class TuneSettings:
    """How careful a fit is.

    Attributes
    ----------
    least_points : int
        Fewest local means that may carry a parameter, on either side of what it tells apart.
    least_range : float
        Smallest ratio of far to near distances (5th and 95th percentile) that carries a slope.
    most_inflation : float
        Largest variance inflation: above it two parameters say the same.
    level : float
        Significance of the t-test, two-sided.
    least_gain : float
        Share by which the error on held-back points must fall for a parameter to stay.
    block_m : float
        Side of the squares held back together, and of the clusters behind standard errors [m].
    buffer_m : float
        Points this near to held-back ones are not learnt from [m]: the decorrelation distance of
        shadowing out of sight (TR 38.901 Table 7.5-6, UMa: 50 m).
    most_folds : int
        Held-back parts at most.
    reference_m : float or None
        Distance the slope turns about [m]; None: the median of the points.
    """

    least_points: int = 20
    least_range: float = 3.0
    most_inflation: float = 10.0
    level: float = 0.05
    least_gain: float = 0.005
    block_m: float = 150.0
    buffer_m: float = 50.0
    most_folds: int = 10
    reference_m: float | None = None


def reference_distance(points: pd.DataFrame, settings: TuneSettings) -> float:
    """Return the distance the slope turns about [m]: given, or the median to two digits."""
    if settings.reference_m is not None or points.empty:
        return float(settings.reference_m or 100.0)
    return max(float(f"{float(points['distance_m'].median()):.1e}"), 10.0)


def usual_clutter(points: pd.DataFrame) -> int:
    """Return the class most points are of: the offset is that of this class."""
    return int(np.bincount(points["clutter"].to_numpy(int), minlength=len(CLUTTER)).argmax())


def design(points: pd.DataFrame, reference_m: float, usual: int) -> pd.DataFrame:
    """Return one column per parameter: what a unit of it adds to the loss of each point.

    Parameters
    ----------
    points : DataFrame
        ``distance_m, in_sight, entry_db, clutter``.
    reference_m : float
        Distance the slope turns about [m].
    usual : int
        Class of clutter that has no column.

    Examples
    --------
    >>> points = pd.DataFrame({"distance_m": [100.0, 1000.0], "in_sight": [True, False],
    ...     "entry_db": 0.0, "clutter": [0, 2]})
    >>> design(points, 100.0, 2).iloc[1].tolist()
    [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    """
    clutter = points["clutter"].to_numpy(int)
    columns: dict[str, Array] = {
        OFFSET: np.ones(len(points)),
        SLOPE: np.log10(np.maximum(points["distance_m"].to_numpy(float), 1.0) / reference_m),
        HIDDEN: 1.0 - points["in_sight"].to_numpy(float),
    }
    for number, name in enumerate(CLUTTER_NAMES):
        if number != usual:
            columns[name] = (clutter == number).astype(float)
    columns[ENTRY] = points["entry_db"].to_numpy(float)
    return pd.DataFrame(columns)


def square_of(points: pd.DataFrame, block_m: float) -> NDArray[np.intp]:
    """Return column and row [point, 2] of the square each point lies in; the grid is the CRS's.

    Examples
    --------
    >>> square_of(pd.DataFrame({"x_m": [10.0, 160.0], "y_m": -5.0}), 150.0).tolist()
    [[0, -1], [1, -1]]
    """
    return np.floor(points[["x_m", "y_m"]].to_numpy(float) / block_m).astype(np.intp)


def block_of(points: pd.DataFrame, block_m: float) -> NDArray[np.intp]:
    """Return the number of the square each point lies in; the grid is that of the CRS.

    Examples
    --------
    >>> block_of(pd.DataFrame({"x_m": [0.0, 10.0, 160.0], "y_m": 5.0}), 150.0).tolist()
    [0, 0, 1]
    """
    squares = square_of(points, block_m)
    return np.unique(squares, axis=0, return_inverse=True)[1].ravel()
