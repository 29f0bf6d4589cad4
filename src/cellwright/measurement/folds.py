"""Points held back: by place and by cell, so that nothing learnt is told again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from cellwright.measurement.design import TuneSettings, block_of

Mask = NDArray[np.bool_]


class Fold(NamedTuple):
    """One part held back.

    Attributes
    ----------
    train, test : bool [point]
        Learnt from, and held back. A point near a held-back one is in neither.
    """

    train: Mask
    test: Mask


def by_place(points: pd.DataFrame, settings: TuneSettings) -> list[Fold]:
    """Hold back squares of the map in turn, whatever cell their points are of.

    Returns
    -------
    list of Fold
        Empty where there are fewer than three squares.
    """
    blocks = block_of(points, settings.block_m)
    part = _parts(blocks, settings.most_folds)
    if part is None:
        return []
    place = points[["x_m", "y_m"]].to_numpy(float)
    folds = []
    for number in range(int(part.max()) + 1):
        test = part == number
        folds.append(Fold(~test & ~_near(place, test, settings.buffer_m), test))
    return [fold for fold in folds if fold.train.any()]


def by_cell(points: pd.DataFrame, settings: TuneSettings) -> list[Fold]:
    """Hold back cells in turn; points of the same site near theirs are not learnt from.

    Sectors of one site share the way to a street, and with it its shadowing.

    Returns
    -------
    list of Fold
        Empty where there are fewer than two cells.
    """
    names, number = np.unique(points["cell_id"].to_numpy(str), return_inverse=True)
    if names.size < 2:
        return []
    part = _parts(number.ravel(), settings.most_folds, least=2)
    assert part is not None
    place, site = points[["x_m", "y_m"]].to_numpy(float), points["site_id"].to_numpy(str)
    folds = []
    for one in range(int(part.max()) + 1):
        test = part == one
        near = _near(place, test, settings.buffer_m) & np.isin(site, np.unique(site[test]))
        folds.append(Fold(~test & ~near, test))
    return [fold for fold in folds if fold.train.any()]


def _parts(group: NDArray[np.intp], most: int, least: int = 3) -> NDArray[np.intp] | None:
    """Share groups out into parts of like size; the order of the points plays no role."""
    sizes = np.bincount(group)
    if sizes.size < least:
        return None
    count = min(most, sizes.size)
    part, filled = np.zeros(sizes.size, np.intp), np.zeros(count)
    # a fixed shuffle: blocks side by side shall not all fall into one part
    shuffled = np.random.default_rng(0).permutation(sizes.size)
    for one in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        part[one] = int(filled.argmin())
        filled[part[one]] += sizes[one]
    return part[group]


def _near(place: NDArray[np.float64], test: Mask, within_m: float) -> Mask:
    """Tell which points lie nearer than ``within_m`` to a held-back one."""
    near = np.zeros(test.size, np.bool_)
    away, _ = cKDTree(place[test]).query(place[~test], distance_upper_bound=within_m)
    near[~test] = np.isfinite(away)
    return near
