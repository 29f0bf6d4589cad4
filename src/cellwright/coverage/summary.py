"""How much of the area, and how many people, fall in each class of a map's legend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError
from cellwright.geo import PLACES

COLUMNS = (
    "layer",
    "place",
    "class_from",
    "class_to",
    "area_km2",
    "area_share",
    "people",
    "people_share",
)


def coverage_summary(
    layers: Mapping[str, ArrayLike],
    receivers: xr.Dataset,
    edges: Mapping[str, Sequence[float]],
) -> pd.DataFrame:
    """Share of area and of people in each class of each layer, by place, inside the boundary.

    Parameters
    ----------
    layers : mapping of str to array [receiver]
        Values by name, such as a Dataset from :func:`signal`; NaN where there is no signal.
    receivers : Dataset
        As from ``geo.receivers``; attribute ``pixel_m`` gives the area of a receiver.
    edges : mapping of str to sequence of float
        Rising class edges of each layer to count; a value on an edge belongs to the class above.

    Returns
    -------
    DataFrame
        One row per layer, place and class: ``layer, place, class_from, class_to`` (minus and plus
        infinity at the ends; NaN twice is the class without signal), ``area_km2, area_share``
        (0 to 1 of the place's area), ``people, people_share`` (residents stood for; NaN where
        nobody lives, as outdoors).

    Raises
    ------
    InputError
        A layer that is not there, has another length, or edges that do not rise.
    """
    size = receivers.sizes["receiver"]
    rows: list[tuple[Any, ...]] = []
    for name, limits in edges.items():
        if name not in layers:
            raise InputError(f'there is no layer "{name}" to sum up.')
        values = np.asarray(layers[name], dtype=np.float64)
        if values.shape != (size,):
            raise InputError(f'layer "{name}" has shape {values.shape}, receivers are {size}.')
        if not len(limits) or np.any(np.diff(limits) <= 0.0):
            raise InputError(f'edges of "{name}" are {list(limits)}; they must rise.')
        rows.extend((name, *row) for row in _layer_rows(values, receivers, limits))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _layer_rows(
    values: NDArray[np.float64], receivers: xr.Dataset, limits: Sequence[float]
) -> Iterator[tuple[Any, ...]]:
    classes = np.where(np.isnan(values), len(limits) + 1, np.digitize(values, limits))
    inside, place = receivers["inside"].to_numpy(), receivers["place"].to_numpy()
    people = receivers["residents"].to_numpy().astype(np.float64)
    bounds = [-np.inf, *limits, np.inf]
    ends = [*pairwise(bounds), (np.nan, np.nan)]
    pixel_km2 = (float(receivers.attrs["pixel_m"]) / 1000.0) ** 2
    for number, title in enumerate(PLACES):
        here = inside & (place == number)
        area = np.bincount(classes[here], minlength=len(ends)) * pixel_km2
        crowd = np.bincount(classes[here], people[here], minlength=len(ends))
        for row, (low, high) in enumerate(ends):
            yield (
                title, low, high, area[row], _share(area, row), crowd[row], _share(crowd, row),
            )  # fmt: skip


def _share(parts: NDArray[Any], row: int) -> float:
    total = float(parts.sum())
    return float(parts[row]) / total if total > 0.0 else float("nan")
