"""How much of the ground around a place is built over: the map's own measure of clutter."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray


def built_share(
    surface: xr.Dataset, x_m: ArrayLike, y_m: ArrayLike, radius_m: float = 75.0
) -> NDArray[np.float64]:
    """Return the share of the ground built over within a square around each place, 0 to 1.

    Parameters
    ----------
    surface : Dataset [y, x]
        Fine grid with ``building`` (0 open); y falls, x grows.
    x_m, y_m : array_like
        Places [m]; one beyond the map is given the nearest place on it.
    radius_m : float
        Half the side of the square [m].

    Notes
    -----
    Sums over a square are four look-ups in a summed-area table, whatever its size. What lies
    beyond the map is not counted, neither as open nor as built.

    Examples
    --------
    >>> built = np.zeros((40, 40), int); built[:, :20] = 1
    >>> surface = xr.Dataset({"building": (("y", "x"), built)},
    ...     coords={"x": np.arange(40.0), "y": np.arange(39.0, -1.0, -1.0)})
    >>> built_share(surface, [5.0, 19.5, 35.0], 20.0, radius_m=4.0).round(2).tolist()
    [1.0, 0.44, 0.0]
    """
    built = surface["building"].to_numpy() > 0
    sums = np.zeros((built.shape[0] + 1, built.shape[1] + 1))
    sums[1:, 1:] = built.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    x, y = surface["x"].to_numpy(), surface["y"].to_numpy()
    pixel = abs(float(x[-1] - x[0])) / max(x.size - 1, 1) or 1.0
    column = np.rint((np.asarray(x_m, float) - x[0]) / pixel).astype(np.intp)
    row = np.rint((y[0] - np.asarray(y_m, float)) / pixel).astype(np.intp)
    half = max(round(radius_m / pixel), 0)
    left, right = _span(column, half, built.shape[1])
    top, bottom = _span(row, half, built.shape[0])
    total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    share: NDArray[np.float64] = total / ((right - left) * (bottom - top))
    return share


def _span(
    middle: NDArray[np.intp], half: int, size: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return first and one past last index of each window, cut at the map's edges."""
    middle = np.clip(middle, 0, size - 1)
    return np.maximum(middle - half, 0), np.minimum(middle + half + 1, size)
