"""Heights and storeys that the data leave out, filled by a stated rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..errors import Faults
from .inputs import AreaInputs

#: Sheds and garages: they lend their height only to each other.
SMALL_M2 = 30.0
#: A neighbours' median needs at least this many neighbours.
_NEIGHBOURS = 3
#: The district's median needs at least this many known heights; below it the default holds [m].
_MEDIAN_OF, _DEFAULT_M = 20, 6.0
#: Uses that are one hall whatever their height.
_HALLS = ("annex", "religious", "sport", "industrial")
#: A phone on storey n is held at 3 (n - 1) + 1.5 m (TR 38.901 table 7.2-1); storeys are 3 m.
_STOREY_M = 3.0


@dataclass(frozen=True)
class Heights:
    """Every building's height and how it came about.

    Attributes
    ----------
    height_m : array of float
        Height above ground [m], no NaN.
    source : array of str
        ``given``, ``surface``, ``levels``, ``neighbours`` or ``default`` per building.
    rules : dict of str to str
        The rule in words behind each source.
    """

    height_m: NDArray[np.float64]
    source: NDArray[np.object_]
    rules: dict[str, str]


def fill_heights(
    buildings: gpd.GeoDataFrame, inputs: AreaInputs, from_surface: NDArray[Any] | None = None
) -> Heights:
    """Return every building's height and how it came about.

    Given, else from a surface model, else levels times a storey, else the median of neighbours
    of the same size class (same use first), else a default.

    Parameters
    ----------
    buildings : GeoDataFrame
        ``height_m`` and ``floors`` (NaN where unknown), ``use``, projected ``geometry``.
    inputs : AreaInputs
        Storey height, radius and defaults.
    from_surface : array of float, optional
        Height above ground seen in a surface model [m], NaN where none.
    """
    height = buildings["height_m"].to_numpy(dtype=float).copy()
    source = np.where(np.isnan(height), "", "given").astype(object)
    if from_surface is not None:
        _fill(height, source, from_surface, "surface")
    levels = buildings["floors"].to_numpy(dtype=float)
    _fill(height, source, np.where(levels > 0, levels * inputs.storey_height_m, np.nan), "levels")
    small = shapely.area(buildings.geometry.to_numpy()) < SMALL_M2
    default, words = _defaults(height, small, inputs)
    _fill(height, source, _neighbours(buildings, height, small, inputs), "neighbours")
    _fill(height, source, default, "default")
    rules = {
        "given": "given",
        "surface": "surface model over ground, median of the footprint",
        "levels": f"storeys x {inputs.storey_height_m:g} m",
        "neighbours": f"median of neighbours within {inputs.neighbour_radius_m:g} m",
        "default": words,
    }
    return Heights(height, source, rules)


def warn_heights_unknown(buildings: gpd.GeoDataFrame, file: str, faults: Faults) -> None:
    """Warn where so few heights are known that the rest are taken as a low constant."""
    unknown = (buildings["height_m"].isna() & ~(buildings["floors"] > 0)).to_numpy()
    known = len(unknown) - int(unknown.sum())
    if not unknown.any() or known >= _MEDIAN_OF:
        return
    faults.warn(
        "buildings.no-heights",
        f"{known} of {len(unknown)} buildings have a height or levels; those without, and without "
        f"neighbours that have one, are taken as {_DEFAULT_M:g} m, too low for rooftop antennas.",
        "Set area.default_height_m, give a surface model, or name the column: "
        'columns = { height_m = "..." }.',
        file=file,
        count=int(unknown.sum()),
    )


def _defaults(
    height: NDArray[Any], small: NDArray[Any], inputs: AreaInputs
) -> tuple[NDArray[np.float64], str]:
    """Return the height of a building nothing is known about, and that rule in words."""
    large, known = inputs.default_height_m, height[~np.isnan(height) & ~small]
    why = "default"
    if large is None and known.size >= _MEDIAN_OF:
        large, why = round(float(np.median(known)), 1), "median of the district"
    large = _DEFAULT_M if large is None else large
    little = inputs.default_small_height_m
    words = f"{why} {large:g} m ({little:g} m under {SMALL_M2:g} m2)"
    return np.where(small, little, large), words


def _fill(height: NDArray[Any], source: NDArray[Any], values: NDArray[Any], name: str) -> None:
    take = np.isnan(height) & ~np.isnan(values)
    height[take] = values[take]
    source[take] = name


def _neighbours(
    buildings: gpd.GeoDataFrame, height: NDArray[Any], small: NDArray[Any], inputs: AreaInputs
) -> NDArray[np.float64]:
    result = np.full(height.shape, np.nan)
    centre = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy()))
    use = pd.factorize(buildings["use"])[0]
    for size in (False, True):
        known = np.flatnonzero(~np.isnan(height) & (small == size))
        wanted = np.flatnonzero(np.isnan(height) & (small == size))
        if not known.size or not wanted.size:
            continue
        tree = cKDTree(centre[known])
        near = tree.query_ball_point(centre[wanted], inputs.neighbour_radius_m)
        for item, found in zip(wanted, near, strict=True):
            lenders = known[found]
            same = lenders[use[lenders] == use[item]]
            chosen = same if same.size >= _NEIGHBOURS else lenders
            if chosen.size >= _NEIGHBOURS:
                result[item] = np.median(height[chosen])
    return result


def fill_floors(
    given: NDArray[Any], height_m: NDArray[Any], use: NDArray[Any], storey_height_m: float
) -> tuple[NDArray[np.int32], NDArray[np.object_]]:
    """Return the storeys of every building (at least 1) and how they came about.

    Given storeys are kept where the top one fits under the roof; halls (annex, religious, sport,
    industrial) have one; the rest is height over storey height.

    Returns
    -------
    floors : array of int
        Storeys above ground, 1 to 255.
    source : array of str
        ``given``, ``too many for the height``, ``hall`` or ``height``.

    Examples
    --------
    >>> n, why = fill_floors(np.array([6, 9, np.nan, np.nan]), np.array([20.2, 6, 9.2, 25]),
    ...                      np.array(["residential", "unknown", "unknown", "religious"]), 3.0)
    >>> n.tolist(), why.tolist()
    ([6, 2, 3, 1], ['given', 'too many for the height', 'height', 'hall'])
    """
    from_height = np.maximum(np.round(height_m / storey_height_m), 1.0)
    stated = np.nan_to_num(given, nan=0.0) >= 1.0
    fits = (np.nan_to_num(given, nan=0.0) - 1.0) * _STOREY_M * 0.75 + 1.5 <= height_m
    hall = np.isin(use, _HALLS) & ~stated
    floors = np.where(stated & fits, given, np.where(hall, 1.0, from_height))
    why = np.where(stated & fits, "given", np.where(hall, "hall", "height")).astype(object)
    why[stated & ~fits] = "too many for the height"
    return np.clip(floors, 1, 255).astype(np.int32), why
