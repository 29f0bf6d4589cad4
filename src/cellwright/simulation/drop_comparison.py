"""5G beside 4G over drops of the same users: every figure with its confidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.network import Carrier
from cellwright.simulation.comparison import FACTORS, WAYS, Way, factor_tables, split
from cellwright.simulation.confidence import over_drops
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.sharing import Sharing

Floats = NDArray[np.float64]
#: Percentiles of the users of a drop.
RANKS = (5, 25, 50, 75, 95)


@dataclass(frozen=True, eq=False)
class DropComparison:
    """5G over 4G, drop by drop; the interval covers the true value with 95 %.

    Attributes
    ----------
    percentiles : DataFrame
        ``way, quantity, percentile, estimate, low, high``: quantities as in
        :class:`~cellwright.simulation.Comparison`, of users inside the boundary.
    factors : DataFrame
        ``way, factor, estimate, low, high``: geometric mean of each of
        :data:`~cellwright.simulation.FACTORS`, and ``ratio``, their product.
    cells : DataFrame
        ``rat, quantity, estimate, low, high``: ``mean_load``, ``overloaded_cells``,
        ``unserved_share``.
    drops, users : int
        Drops, and users in each.
    """

    percentiles: pd.DataFrame
    factors: pd.DataFrame
    cells: pd.DataFrame
    drops: int
    users: int


def compare_drops(
    nr: xr.Dataset,
    lte: xr.Dataset,
    nr_carrier: Carrier,
    lte_carrier: Carrier,
    settings: LinkSettings | None = None,
    sharing: Sharing | None = None,
) -> DropComparison:
    """Compare 5G with 4G for the same users of the same drops.

    Parameters
    ----------
    nr, lte : Dataset
        From :func:`map_drops` with the same seed, users and receivers.
    nr_carrier, lte_carrier : Carrier
        Their carriers.
    settings, sharing
        As given to :func:`map_drops`.

    Returns
    -------
    DropComparison

    Raises
    ------
    InputError
        Drops of different users.

    Notes
    -----
    Each figure is worked out for every drop; its estimate is the mean over drops (of logarithms
    for ratios) and its interval Student's. Ratios are taken user by user, so what both networks
    share, the users and their shadows, does not widen them.
    """
    same = nr["receiver"].shape == lte["receiver"].shape
    if not same or not np.array_equal(nr["receiver"], lte["receiver"]):
        raise InputError("nr and lte have different users; draw both with one seed.")
    settings = settings or LinkSettings()
    percentiles, factors = [], []
    for way, direction in WAYS.items():
        tables = factor_tables(nr_carrier, lte_carrier, direction, settings, sharing)
        percentiles += list(_percentile_rows(way, nr, lte))
        factors += list(_factor_rows(way, nr, lte, tables))
    interval = ["estimate", "low", "high"]
    return DropComparison(
        pd.DataFrame(percentiles, columns=["way", "quantity", "percentile", *interval]),
        pd.DataFrame(factors, columns=["way", "factor", *interval]),
        pd.DataFrame(_cell_rows(nr, lte), columns=["rat", "quantity", *interval]),
        nr.sizes["drop"],
        nr.sizes["user"],
    )


def _ratio(fast: Floats, slow: Floats) -> Floats:
    good = (fast > 0.0) & (slow > 0.0)
    return np.asarray(np.divide(fast, slow, out=np.full(fast.shape, np.nan), where=good))


def _percentile_rows(way: Way, nr: xr.Dataset, lte: xr.Dataset) -> Iterator[tuple[Any, ...]]:
    inside = nr["inside"].to_numpy()
    for kind in ("", "_peak"):
        fast, slow = (
            np.where(inside, data[f"{way}{kind}_mbps"].to_numpy().astype(np.float64), np.nan)
            for data in (nr, lte)
        )
        for name, values in (
            (f"nr{kind}_mbps", fast),
            (f"lte{kind}_mbps", slow),
            (f"ratio{kind}", _ratio(fast, slow)),
        ):
            ranked = _ranked(values)
            for rank, row in zip(RANKS, ranked, strict=True):
                yield way, name, rank, *over_drops(row, geometric=name.startswith("ratio"))


def _ranked(values: Floats) -> Floats:
    """Return the percentiles of every drop [rank, drop]; NaN where a drop has no value."""
    found = np.full((len(RANKS), len(values)), np.nan)
    for drop, row in enumerate(values):
        here = row[np.isfinite(row)]
        if here.size:
            found[:, drop] = np.percentile(here, RANKS)
    return found


def _factor_rows(
    way: Way, nr: xr.Dataset, lte: xr.Dataset, tables: dict[str, Any]
) -> Iterator[tuple[Any, ...]]:
    means = np.full((len(FACTORS), nr.sizes["drop"]), np.nan)
    for drop in range(nr.sizes["drop"]):
        parts = split(way, nr.isel({"drop": drop}), lte.isel({"drop": drop}), tables)
        logs = np.log(np.array([parts[name] for name in FACTORS]))
        here = np.isfinite(logs).all(axis=0) & nr["inside"].to_numpy()[drop]
        if here.any():
            means[:, drop] = np.exp(logs[:, here].mean(axis=1))
    for name, row in zip(FACTORS, means, strict=True):
        yield way, name, *over_drops(row, geometric=True)
    yield way, "ratio", *over_drops(means.prod(axis=0), geometric=True)


def _cell_rows(nr: xr.Dataset, lte: xr.Dataset) -> Iterator[tuple[Any, ...]]:
    for rat, data in (("nr", nr), ("lte", lte)):
        yield rat, "mean_load", *over_drops(data["load"].mean("cell"))
        yield rat, "overloaded_cells", *over_drops(data["overloaded"].sum("cell"))
        lost = (data["dl_peak_mbps"] <= 0.0).mean("user")
        yield rat, "unserved_share", *over_drops(lost)
