"""Where measurements were taken: degrees or metres, in the right order, in the district's CRS."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from cellwright.errors import Faults

#: Points this far off a map still count as of the same town [m], when coordinates look swapped.
SURROUNDINGS_M = 20_000.0
Array = NDArray[np.float64]
_DEGREES = pyproj.CRS.from_epsg(4326)


def projected(
    first: Array,
    second: Array,
    source: pyproj.CRS,
    target: pyproj.CRS,
    area: Any,
    file: str,
    faults: Faults,
) -> tuple[Array, Array]:
    """Return x_m, y_m in the district's CRS; what is wrong with all of them is one fault.

    Parameters
    ----------
    first, second : float [point]
        Longitude and latitude [deg], or x and y; NaN where there is no position.
    source, target : pyproj.CRS
        What they are in, and the district's.
    area : Area or None
        The map, or None where only its CRS is known.
    file : str
        File named in the faults.
    faults : Faults
        Takes the faults: degrees as metres, kilometres as metres, the two swapped.
    """
    kind = _meant(first, second, source, target, area)
    if kind == "swapped":
        first, second = second, first
    elif kind == "kilometres":
        first, second = first * 1000.0, second * 1000.0
    elif kind == "degrees":
        source = _DEGREES
    if kind != "right":
        _say(kind, first, second, source, file, faults)
    return _project(first, second, source, target)


def _meant(first: Array, second: Array, source: pyproj.CRS, target: pyproj.CRS, area: Any) -> str:
    """Tell how the coordinates are meant: right, swapped, kilometres, degrees."""
    known = np.isfinite(first) & np.isfinite(second)
    one, two = first[known], second[known]
    if not one.size:
        return "right"
    if source.is_projected and bool(((np.abs(one) <= 180.0) & (np.abs(two) <= 90.0)).all()):
        return "degrees"

    def share(x: Array, y: Array) -> float:
        return _share_there(x, y, source, target, area)

    if share(one, two) >= 0.5:
        return "right"
    if share(two, one) > 0.5:
        return "swapped"
    if source.is_projected and share(one * 1000.0, two * 1000.0) > 0.5:
        return "kilometres"
    return "right"


def _say(
    kind: str, first: Array, second: Array, source: pyproj.CRS, file: str, faults: Faults
) -> None:
    """Name what is wrong with the coordinates as a whole, and the cure."""
    names = ("lon", "lat") if source.is_geographic else ("x_m", "y_m")
    at = int(np.flatnonzero(np.isfinite(first) & np.isfinite(second))[0])
    one, two = float(first[at]), float(second[at])
    if kind == "swapped":
        faults.error(
            "measurements.swapped",
            f"{names[0]} and {names[1]} look swapped: the other way round ({names[0]} {one:.5g}, "
            f"{names[1]} {two:.5g}) the points lie where the map is.",
            "Swap the two column names.", file=file,
        )  # fmt: skip
    elif kind == "kilometres":
        faults.error(
            "measurements.kilometres",
            f"x_m and y_m are {one / 1000.0:g}, {two / 1000.0:g}: kilometres, it seems; a thousand "
            "times as much lies where the map is.",
            "Write metres.", file=file,
        )  # fmt: skip
    else:
        faults.error(
            "measurements.degrees",
            f"x_m and y_m are {one:g}, {two:g}: these look like degrees, not metres.",
            "Name the columns lon and lat.", file=file,
        )  # fmt: skip


def _project(
    first: Array, second: Array, source: pyproj.CRS, target: pyproj.CRS
) -> tuple[Array, Array]:
    if source == target:
        return first, second
    move = pyproj.Transformer.from_crs(source, target, always_xy=True)
    x_m, y_m = (np.asarray(one, dtype=float) for one in move.transform(first, second))
    lost = ~(np.isfinite(x_m) & np.isfinite(y_m))
    return np.where(lost, np.nan, x_m), np.where(lost, np.nan, y_m)


def _share_there(
    first: Array, second: Array, source: pyproj.CRS, target: pyproj.CRS, area: Any
) -> float:
    """Share of the points on the map or near it, or where its CRS is meant to be used."""
    if area is not None:
        x_m, y_m = _project(first, second, source, target)
        west, south, east, north = bounds(area)
        reach = SURROUNDINGS_M
        on = (x_m > west - reach) & (x_m < east + reach)
        return float((on & (y_m > south - reach) & (y_m < north + reach)).mean())
    use = target.area_of_use
    if use is None:
        return 1.0
    lon, lat = _project(first, second, source, _DEGREES)
    on = (lon >= use.west) & (lon <= use.east) & (lat >= use.south) & (lat <= use.north)
    return float(on.mean())


def bounds(area: Any) -> tuple[float, float, float, float]:
    """Return west, south, east, north [m] of the fine grid's outer edge."""
    x_m, y_m = area.surface["x"].to_numpy(), area.surface["y"].to_numpy()
    half = abs(float(x_m[1] - x_m[0])) / 2.0 if x_m.size > 1 else 0.5
    west, east = float(x_m.min()) - half, float(x_m.max()) + half
    return west, float(y_m.min()) - half, east, float(y_m.max()) + half
