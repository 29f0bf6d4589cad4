"""One honest sentence about "10 to 100 times faster", made from the figures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import xarray as xr

Row = dict[str, Any]


def _row(table: pd.DataFrame, **where: str) -> Row:
    for record in table.to_dict("records"):
        if all(record[key] == value for key, value in where.items()):
            return {str(key): value for key, value in record.items()}
    raise KeyError(str(where))


def claim(percentiles: pd.DataFrame, shares: pd.DataFrame, nr: xr.Dataset, lte: xr.Dataset) -> str:
    """Say what the figures mean for "10 to 100 times faster", for people's downlink.

    Parameters
    ----------
    percentiles, shares : DataFrame
        As in :class:`Comparison`.
    nr, lte : Dataset
        From :func:`throughput`: loads of the cells.

    Returns
    -------
    str
        Weighted by people, or by area where nobody lives.
    """
    crowd = _row(shares, way="dl", weight="people", when="busy hour")["both_served"]
    weight: str = "area" if pd.isna(crowd) else "people"
    alone, busy = (
        _row(shares, way="dl", weight=weight, when=when)
        for when in ("alone in the cell", "busy hour")
    )
    peak, shared = (
        _row(percentiles, way="dl", weight=weight, quantity=name)
        for name in ("ratio_peak", "ratio")
    )
    if pd.isna(peak["p50"]):
        return "No one is served by both 5G and 4G, so their speeds cannot be compared."
    holds = "holds" if alone["ten_times"] >= 0.5 else "does not hold"
    whom = "people" if weight == "people" else "the area"
    return (
        f"Alone in the cell, with every neighbour at its design load, 5G downloads {_times(peak)}; "
        f"{_percent(alone['ten_times'])} of {whom} see 10 times or more, "
        f'{_percent(alone["hundred_times"])} see 100 times or more: "10 to 100 times" {holds} for '
        f"most. In the busy hour, with the same demand on either network, it is {_times(shared)}; "
        f"{_percent(busy['ten_times'])} see 10 times or more, {_percent(busy['hundred_times'])} "
        f"100 times or more, with 5G cells {_busy(nr)} and 4G cells {_busy(lte)}."
    )


def _times(row: Row) -> str:
    low, median, high = (_figure(row[name]) for name in ("p5", "p50", "p95"))
    return f"{median} times faster at the median ({low} to {high} from 5 to 95 %)"


def _figure(value: float) -> str:
    return f"{value:.3g}" if value < 1000.0 else "over 1,000"


def _percent(share: float) -> str:
    if share <= 0.0:
        return "none"
    if share < 0.001:
        return "under 0.1 %"
    if 0.995 <= share < 1.0:
        return "over 99 %"
    return f"{100.0 * share:.{3 if share >= 1.0 else 2}g} %"


def _busy(data: xr.Dataset) -> str:
    over = int(data["overloaded"].sum())
    text = f"{100.0 * float(data['load'].mean()):.2g} % busy on average"
    return f"{text}, {over} of {data.sizes['cell']} overloaded" if over else text
