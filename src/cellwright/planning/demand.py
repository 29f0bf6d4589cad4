"""Demand points: what a covered place is worth, and the few places that stand for all.

Receivers are gathered in square blocks; one of each kind of place stands in its block for all
of them, with their whole weight, so that totals of area and people stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtri

from cellwright.errors import InputError
from cellwright.geo import PLACES
from cellwright.planning.goal import Goal

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Demand:
    """Points that must be covered.

    Attributes
    ----------
    receivers : xarray.Dataset
        The chosen part of ``geo.receivers``, dim ``receiver``.
    weight : float64 [receiver]
        Share of the whole demand, summing to 1.
    target_dbm : float64 [receiver]
        Level that counts as covered [dBm].
    margin_sigmas : float
        Shadowing margin over the target, in standard deviations of the shadowing.
    block_m : float
        Side of the blocks [m].
    rows : int [receiver]
        Where the points stand among all receivers.
    words : str
        What the weights are.
    """

    receivers: xr.Dataset
    weight: FloatArray
    target_dbm: FloatArray
    margin_sigmas: float
    block_m: float
    rows: NDArray[np.intp]
    words: str

    def part(self, points: slice) -> Demand:
        """Return some of the points; weights stay shares of the whole."""
        return replace(
            self,
            receivers=self.receivers.isel(receiver=points),
            weight=self.weight[points],
            target_dbm=self.target_dbm[points],
            rows=self.rows[points],
        )

    def need_dbm(self, loss: xr.Dataset) -> FloatArray:
        """Return the median level that counts as covered [site, receiver]: dBm.

        The target and the shadowing margin of the path; ``loss`` as from ``coverage.path_loss``
        (``sigma_db`` and ``sight``) for these receivers.
        """
        if self.margin_sigmas == 0.0:
            return np.broadcast_to(self.target_dbm, loss["sight"].shape)
        sigma, place = loss["sigma_db"].to_numpy(), self.receivers["place"].to_numpy()
        rows = np.arange(len(sigma))[:, None]
        margin = self.margin_sigmas * sigma[rows, loss["sight"].to_numpy(), place]
        return np.asarray(self.target_dbm + margin)


def demand_points(receivers: xr.Dataset, goal: Goal, most: int = 20_000, seed: int = 1) -> Demand:
    """Choose the demand points of a goal.

    Parameters
    ----------
    receivers : Dataset
        From ``geo.receivers``; only those inside the boundary count.
    goal : Goal
        Weights and targets.
    most : int
        At most this many points; the blocks are made as large as that needs.
    seed : int
        Which receiver of a block stands for it.

    Returns
    -------
    Demand

    Raises
    ------
    InputError
        When nobody lives in the area and the goal counts people, or nothing is inside.
    """
    inside = np.flatnonzero(receivers["inside"].to_numpy())
    if len(inside) == 0:
        raise InputError("no receiver is inside the boundary: is the boundary on the map?")
    weight, words = _weights(receivers, inside, goal)
    worth = weight > 0
    inside, weight = inside[worth], weight[worth]
    row, column, place = (receivers[name].to_numpy()[inside] for name in ("row", "col", "place"))
    size = 1
    while True:
        block, count = _blocks(row, column, place, size)
        if count <= most:
            break
        size += 1
    chosen = _one_of_each(block, np.random.default_rng(seed))
    points = receivers.isel(receiver=inside[chosen])
    outdoor = points["place"].to_numpy() == PLACES.index("outdoor")
    return Demand(
        receivers=points,
        weight=np.bincount(block, weights=weight)[block[chosen]].astype(np.float64),
        target_dbm=np.where(outdoor, goal.outdoor_dbm, goal.indoor_dbm),
        margin_sigmas=float(ndtri(goal.probability)),
        block_m=size * float(receivers.attrs.get("pixel_m", 1.0)),
        rows=inside[chosen],
        words=words,
    )


def _weights(receivers: xr.Dataset, inside: NDArray[np.intp], goal: Goal) -> tuple[FloatArray, str]:
    """Return each inside receiver's share of the demand: by area, people, or half of each."""
    row, column = (receivers[name].to_numpy()[inside].astype(np.int64) for name in ("row", "col"))
    _, pixel, count = np.unique(
        row * (column.max() + 1) + column, return_inverse=True, return_counts=True
    )
    area = 1.0 / count[pixel]  # the floors of a pixel share its square metres
    area /= area.sum()
    people = receivers["residents"].to_numpy()[inside].astype(np.float64)
    if goal.weights == "area":
        return area, "area"
    if not people.sum() > 0:
        if goal.weights == "people":
            raise InputError(
                'goal.weights is "people", but nobody lives inside the boundary. '
                'Give a population layer or use "area".'
            )
        return area, "area (no residents are known)"
    people /= people.sum()
    if goal.weights == "people":
        return people, "residents"
    return 0.5 * area + 0.5 * people, "half area, half residents"


def _blocks(
    row: NDArray[np.int64], column: NDArray[np.int64], place: NDArray[np.uint8], size: int
) -> tuple[NDArray[np.intp], int]:
    down, right = row.astype(np.int64) // size, column.astype(np.int64) // size
    key = (down * (right.max() + 1) + right) * len(PLACES) + place
    _, block = np.unique(key, return_inverse=True)
    return block, int(block.max()) + 1


def _one_of_each(block: NDArray[np.intp], random: np.random.Generator) -> NDArray[np.intp]:
    """Draw one member of every block; drawn, not the first, so that no kerb is favoured."""
    order = np.lexsort((random.random(len(block)), block))
    first = np.r_[True, np.diff(block[order]) > 0]
    return np.sort(order[first])
