"""5G beside 4G at the same spots for the same users: how many times faster, and why.

The ratio of two speeds is split into factors that multiply to it exactly, by changing one thing at
a time from LTE to NR in the order of :data:`FACTORS`. Another order would share the same product
out a little differently; this one is fixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.network import Carrier
from cellwright.simulation.claim import claim
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.link.rates import Direction, RateTable
from cellwright.simulation.shares import link_tables
from cellwright.simulation.sharing import Sharing

Floats = NDArray[np.float64]
Way = Literal["dl", "ul"]
WAYS: dict[Way, Direction] = {"dl": "downlink", "ul": "uplink"}
#: Factors of the ratio, in the order in which LTE becomes NR.
FACTORS = (
    "bandwidth",
    "duplex",
    "overhead",
    "geometry",
    "layers",
    "modulation_coding",
    "load",
)
PERCENTILES = (5, 25, 50, 75, 95)
WEIGHTS = ("people", "area")
#: Half width of the band of ranks around a percentile over which its factors are averaged.
BAND = 0.05


@dataclass(frozen=True, eq=False)
class Comparison:
    """5G over 4G.

    Attributes
    ----------
    ratio : Dataset
        Dim ``receiver``, float32: ``dl`` and ``ul``, NR over LTE speed under load; NaN where
        either is without service.
    percentiles : DataFrame
        ``way, weight, quantity, p5 .. p95``: quantity ``nr_mbps``, ``lte_mbps`` (0 where there is
        no service), ``ratio`` (at the same spot) and ``ratio_of_percentiles`` (NR's percentile
        over LTE's); and the same alone in the cell, ``nr_peak_mbps``, ..., ``ratio_peak``.
    factors : DataFrame
        ``way, weight, at`` ("all", "p5" .. "p95" of the ratio), one column per factor, ``ratio``:
        geometric means, so that the factors multiply to the ratio exactly.
    shares : DataFrame
        ``way, weight, when`` ("busy hour", "alone in the cell"), ``ten_times, hundred_times,
        nr_served, lte_served, both_served``: shares 0 to 1; the first two of those served by both.
    cdf : DataFrame
        ``way, weight, series`` ("nr", "lte" [Mbit/s], "ratio"), ``x, share``: share at or below x.
    sentence : str
        What the figures say about "10 to 100 times".
    """

    ratio: xr.Dataset
    percentiles: pd.DataFrame
    factors: pd.DataFrame
    shares: pd.DataFrame
    cdf: pd.DataFrame
    sentence: str


def weighted_percentiles(
    values: Floats, weights: Floats, percents: Sequence[float] = PERCENTILES
) -> list[float]:
    """Values below which these shares [%] of the weight lie; NaN if there is no weight.

    Examples
    --------
    >>> weighted_percentiles(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 8.0]), [10, 50])
    [1.0, 3.0]
    """
    if not weights.sum() > 0.0:
        return [float("nan")] * len(percents)
    order = np.argsort(values, kind="stable")
    rank = np.cumsum(weights[order]) / weights.sum()
    index = np.searchsorted(rank, np.asarray(percents) / 100.0 - 1e-12)
    return [float(value) for value in values[order][np.minimum(index, order.size - 1)]]


def split(
    way: Way,
    nr: xr.Dataset,
    lte: xr.Dataset,
    tables: dict[str, RateTable],
) -> dict[str, Floats]:
    """Split NR over LTE at each receiver into :data:`FACTORS`; NaN where that cannot be done.

    ``tables`` has the rate tables of ``nr``, of ``lte``, and of ``lte_more``: LTE with NR's layers
    and receive antennas.
    """
    s_nr, s_lte = (data[f"{way}_design_sinr_db"].to_numpy() for data in (nr, lte))
    v_nr, v_lte = nr["sight"].to_numpy(), lte["sight"].to_numpy()
    old, moved = tables["lte"].efficiency(s_lte, v_lte), tables["lte"].efficiency(s_nr, v_nr)
    layered, new = tables["lte_more"].efficiency(s_nr, v_nr), tables["nr"].efficiency(s_nr, v_nr)
    frame, base = tables["nr"].frame, tables["lte"].frame
    load = {
        name: _over(data[f"{way}_mbps"].to_numpy(), data[f"{way}_peak_mbps"].to_numpy())
        for name, data in (("nr", nr), ("lte", lte))
    }
    ones = np.ones(s_nr.size)
    return {
        "bandwidth": ones * frame.elements_per_s / base.elements_per_s,
        "duplex": ones * frame.time_share / base.time_share,
        "overhead": ones * frame.data_share / base.data_share,
        "geometry": _over(moved, old),
        "layers": _over(layered, moved),
        "modulation_coding": _over(new, layered),
        "load": _over(load["nr"], load["lte"]),
    }


def _over(top: NDArray[Any], bottom: NDArray[Any]) -> Floats:
    top, bottom = top.astype(np.float64), bottom.astype(np.float64)
    good = (top > 0.0) & (bottom > 0.0)
    return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=good))


def factor_tables(
    nr_carrier: Carrier,
    lte_carrier: Carrier,
    way: Direction,
    settings: LinkSettings,
    sharing: Sharing | None = None,
) -> dict[str, RateTable]:
    """Return the rate tables of :func:`split`; LTE has at most four layers down."""
    if way == "downlink":
        antennas = max(nr_carrier.user_antennas, lte_carrier.user_antennas)
        layers = min(nr_carrier.dl_layers, 4)
        more = lte_carrier.changed(dl_layers=layers, user_antennas=antennas)
    else:
        more = lte_carrier.changed(ul_layers=nr_carrier.ul_layers)
    carriers = {"nr": nr_carrier, "lte": lte_carrier, "lte_more": more}
    number = 0 if way == "downlink" else 1
    options = sharing or Sharing()
    return {
        name: link_tables(carrier, settings, options)[number] for name, carrier in carriers.items()
    }


def _percentile_rows(
    way: Way, nr: xr.Dataset, lte: xr.Dataset, weights: dict[str, Floats]
) -> Iterator[tuple[Any, ...]]:
    for kind in ("", "_peak"):
        fast, slow = (_speed(data, f"{way}{kind}_mbps") for data in (nr, lte))
        ratio = _over(fast, slow)
        both = np.isfinite(ratio)
        for name, weight in weights.items():
            new, old = weighted_percentiles(fast, weight), weighted_percentiles(slow, weight)
            yield (way, name, f"nr{kind}_mbps", *new)
            yield (way, name, f"lte{kind}_mbps", *old)
            yield (way, name, f"ratio{kind}", *weighted_percentiles(ratio[both], weight[both]))
            unpaired = _over(np.array(new), np.array(old))
            yield (way, name, f"ratio{kind}_of_percentiles", *unpaired.tolist())


def _speed(data: xr.Dataset, name: str) -> Floats:
    return data[name].to_numpy().astype(np.float64)


def _factor_rows(
    way: Way, parts: dict[str, Floats], weights: dict[str, Floats]
) -> Iterator[tuple[Any, ...]]:
    logs = np.log(np.array([parts[name] for name in FACTORS]))
    total = logs.sum(axis=0)
    whole = np.isfinite(total)
    for name, weight in weights.items():
        weight = np.where(whole, weight, 0.0)
        yield (way, name, "all", *_means(logs, total, weight))
        rank = np.full(total.size, np.nan)
        if weight.sum() > 0.0:
            order = np.argsort(np.where(whole, total, np.inf), kind="stable")
            rank[order] = np.cumsum(weight[order]) / weight.sum()
        for percent in PERCENTILES:
            near = np.abs(rank - percent / 100.0) <= BAND
            yield (way, name, f"p{percent}", *_means(logs, total, np.where(near, weight, 0.0)))


def _means(logs: Floats, total: Floats, weight: Floats) -> list[float]:
    """Geometric mean of each factor and of their product over the receivers with weight."""
    here = weight > 0.0
    if not here.any():
        return [float("nan")] * (len(FACTORS) + 1)
    means = np.average(logs[:, here], axis=1, weights=weight[here])
    return [float(np.exp(value)) for value in (*means, means.sum())]


def _share_rows(
    way: Way, nr: xr.Dataset, lte: xr.Dataset, weights: dict[str, Floats]
) -> Iterator[tuple[Any, ...]]:
    for kind, what in (("", "busy hour"), ("_peak", "alone in the cell")):
        fast, slow = (_speed(data, f"{way}{kind}_mbps") for data in (nr, lte))
        ratio = np.nan_to_num(_over(fast, slow), nan=0.0)
        here = (ratio >= 10.0, ratio >= 100.0, fast > 0.0, slow > 0.0, ratio > 0.0)
        for name, weight in weights.items():
            total, both = weight.sum(), weight[ratio > 0.0].sum()
            parts = [weight[mask].sum() for mask in here]
            of = [both, both, total, total, total]
            yield (
                way,
                name,
                what,
                *(p / t if t > 0.0 else np.nan for p, t in zip(parts, of, strict=True)),
            )


def _cdf_rows(
    way: Way, nr: Floats, lte: Floats, weights: dict[str, Floats]
) -> Iterator[tuple[Any, ...]]:
    """Share at or below each of 81 values, evenly spaced on a logarithmic axis."""
    axes = {"nr": np.logspace(-2, 3.5, 81), "ratio": np.logspace(-1, 3, 81)}
    axes["lte"] = axes["nr"]
    for series, values in (("nr", nr), ("lte", lte), ("ratio", _over(nr, lte))):
        here = np.isfinite(values)
        for name, weight in weights.items():
            total = weight[here].sum()
            bins = np.searchsorted(axes[series], values[here], side="left")
            below = np.bincount(bins, weight[here], minlength=82)[:81].cumsum()
            for x, part in zip(axes[series], below, strict=True):
                yield (way, name, series, float(x), float(part / total) if total else np.nan)


def compare(
    nr: xr.Dataset,
    lte: xr.Dataset,
    nr_carrier: Carrier,
    lte_carrier: Carrier,
    receivers: xr.Dataset,
    settings: LinkSettings | None = None,
    sharing: Sharing | None = None,
) -> Comparison:
    """Compare 5G with 4G on the same receivers, inside the boundary.

    Parameters
    ----------
    nr, lte : Dataset
        From :func:`throughput` for the same receivers and the same demand.
    nr_carrier, lte_carrier : Carrier
        Their carriers.
    receivers : Dataset
        As from ``geo.receivers``; ``inside`` and ``users_here`` of ``nr`` give the weights.
    settings : LinkSettings, optional
        As given to :func:`throughput`.
    sharing : Sharing, optional
        As given to :func:`throughput`.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Results of different receivers.
    """
    if not nr.sizes["receiver"] == lte.sizes["receiver"] == receivers.sizes["receiver"]:
        raise InputError("nr, lte and receivers have different lengths; compare the same spots.")
    inside = receivers["inside"].to_numpy().astype(np.float64)
    # a map pixel counts once: in the open or on the ground floor
    area = inside * (receivers["place"].to_numpy() < 2)
    weights = {"people": nr["users_here"].to_numpy() * inside, "area": area}
    rows: dict[str, list[Any]] = {"percentiles": [], "factors": [], "shares": [], "cdf": []}
    ratio: dict[str, Any] = {}
    for way, direction in WAYS.items():
        fast, slow = (_speed(data, f"{way}_mbps") for data in (nr, lte))
        tables = factor_tables(
            nr_carrier, lte_carrier, direction, settings or LinkSettings(), sharing
        )
        parts = split(way, nr, lte, tables)
        ratio[way] = ("receiver", _over(fast, slow).astype(np.float32), {"units": "1"})
        rows["percentiles"] += _percentile_rows(way, nr, lte, weights)
        rows["factors"] += _factor_rows(way, parts, weights)
        rows["shares"] += _share_rows(way, nr, lte, weights)
        rows["cdf"] += _cdf_rows(way, fast, slow, weights)
    columns = {
        "percentiles": ["way", "weight", "quantity", *(f"p{p}" for p in PERCENTILES)],
        "factors": ["way", "weight", "at", *FACTORS, "ratio"],
        "shares": [
            "way", "weight", "when", "ten_times", "hundred_times",
            "nr_served", "lte_served", "both_served",
        ],
        "cdf": ["way", "weight", "series", "x", "share"],
    }  # fmt: skip
    frames = {name: pd.DataFrame(rows[name], columns=columns[name]) for name in columns}
    said = claim(frames["percentiles"], frames["shares"], nr, lte)
    return Comparison(xr.Dataset(ratio), **frames, sentence=said)
