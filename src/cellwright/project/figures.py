"""The key figures of a run, and the curves of its page, taken from what the rooms computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cellwright.project.work import Work

NAMES = {"nr": "5G", "lte": "4G", "ratio": "5G over 4G"}
FACTOR_NAMES = {
    "bandwidth": "bandwidth",
    "duplex": "duplex (TDD share)",
    "overhead": "overhead",
    "geometry": "geometry (SINR)",
    "layers": "layers",
    "modulation_coding": "modulation and coding",
    "load": "load",
}


def key_figures(work: Work) -> dict[str, Any]:
    """Return every key figure of a run by name; the unit is in the name.

    Parameters
    ----------
    work : Work
        Its rooms' results.

    Returns
    -------
    dict
        Numbers, and ``comparison`` (a sentence).
    """
    about, inside = work.get("planning", "about"), work.receivers["inside"].to_numpy()
    money = work.get("rollout", "cost_totals").set_index("figure")
    people = float(work.receivers["residents"].to_numpy()[inside].sum())
    figures: dict[str, Any] = {
        "area_km2": work.area.boundary.area / 1e6,
        "residents": people,
        "buildings": len(work.area.buildings),
        "candidates": about["sizes"]["candidates"],
        "sites": len(work.sites),
        "cells": len(work.cells_on("nr")),
        "plan_share": about["share"],
        "plan_share_bound": about["share_bound"],
        "plan_share_gap": about["share_gap"],
        "plan_gap": about["gap"],
    }
    for rat in ("nr", "lte"):
        figures |= _covered(work, rat) | _speeds(work, rat)
    for percent in ("p5", "p50", "p95"):
        figures[f"ratio_dl_{percent}"] = _percentile(work, "dl", "ratio", percent)
        figures[f"ratio_dl_peak_{percent}"] = _percentile(work, "dl", "ratio_peak", percent)
    for figure in ("capex", "opex", "npv"):
        for level in ("low", "typical", "high"):
            figures[f"{figure}_{level}"] = float(money.loc[figure, level])
    figures["capex_per_resident_typical"] = figures["capex_typical"] / people if people else None
    figures["currency"] = work.settings.cost.currency
    figures["comparison"] = work.get("simulation", "sentence")
    return figures


def _covered(work: Work, rat: str) -> dict[str, float]:
    """Share of the open area and of the people indoors that reach the targets, as expected
    under shadowing: the mean probability of coverage.
    """
    likely = work.get("coverage", rat)["coverage_probability"].to_numpy().astype(float)
    inside, place = work.receivers["inside"].to_numpy(), work.receivers["place"].to_numpy()
    people = np.where(inside & (place > 0), work.receivers["residents"].to_numpy(), 0.0)
    street = (inside & (place == 0)).astype(float)

    def mean(weight: Any) -> float:
        return float(np.average(likely, weights=weight)) if weight.sum() > 0 else float("nan")

    return {
        f"{rat}_outdoor_area_covered": mean(street),
        f"{rat}_people_covered_indoors": mean(people),
    }


def _speeds(work: Work, rat: str) -> dict[str, float]:
    """Speeds under load by percentile of users, and how busy the cells are."""
    names = {"p5": "cell_edge", "p50": "median", "p95": "near"}
    found = {}
    for way in ("dl", "ul"):
        for percent, name in names.items():
            value = _percentile(work, way, f"{rat}_mbps", percent)
            found[f"{rat}_{way}_{name}_mbps"] = value
    cells = work.get("simulation", rat)
    found[f"{rat}_mean_load"] = float(cells["load"].mean())
    found[f"{rat}_overloaded_cells"] = int(cells["overloaded"].sum())
    return found


def _percentile(work: Work, way: str, quantity: str, percent: str) -> float:
    table = work.get("simulation", "percentiles")
    weight = "people" if (table.query("weight == 'people'")["p50"].notna()).any() else "area"
    mine = (table["way"] == way) & (table["quantity"] == quantity) & (table["weight"] == weight)
    return float(table.loc[mine, percent].iloc[0])


def headline(figures: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the figures a planner asks for first, as words."""
    money = figures["currency"]

    def spread(name: str) -> str:
        low, typical, high = (short(figures[f"{name}_{one}"]) for one in ("low", "typical", "high"))
        return f"{typical} {money} (range {low} to {high})"

    def speed(rat: str) -> str:
        edge, middle, near = (
            short(figures[f"{rat}_dl_{one}_mbps"]) for one in ("cell_edge", "median", "near")
        )
        return f"{middle} Mbit/s at the median, {edge} at the cell edge (5 %), {near} near (95 %)"

    def times(name: str) -> str:
        low, middle, high = (short(figures[f"{name}_{p}"]) for p in ("p5", "p50", "p95"))
        return f"{middle} times at the median ({low} to {high})"

    covered = "{:.1%} of open area, {:.1%} of people indoors"
    return [
        ("District", f"{figures['area_km2']:.1f} km², {figures['residents']:,.0f} residents"),
        ("Plan", f"{figures['sites']} sites, {figures['cells']} cells, "
                 f"chosen from {figures['candidates']} candidates"),
        ("Reached", f"{figures['plan_share']:.1%} of area and people at the asked probability; "
                    f"no plan of this cost can exceed {figures['plan_share_bound']:.1%}"),
        *(
            (f"{NAMES[rat]} coverage",
             covered.format(figures[f"{rat}_outdoor_area_covered"],
                            figures[f"{rat}_people_covered_indoors"]))
            for rat in ("nr", "lte")
        ),
        ("5G download", speed("nr")),
        ("4G download", speed("lte")),
        ("5G over 4G", times("ratio_dl_peak") + " alone in the cell"),
        ("", times("ratio_dl") + " in the busy hour"),
        ("Capex", spread("capex")),
        ("Opex a year", spread("opex")),
    ]  # fmt: skip


def short(value: float) -> str:
    """Write a number with three significant digits, large ones with k or M.

    Examples
    --------
    >>> short(1234567.0), short(0.04567), short(963.7)
    ('1.23 M', '0.0457', '964')
    """
    if not np.isfinite(value):
        return "none"
    for limit, unit in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= limit * 0.9995:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.3g}"


def curves(work: Work) -> pd.DataFrame:
    """Return the curves of the page: ``chart, series, x, y``."""
    cdf, factors = work.get("simulation", "cdf"), work.get("simulation", "factors")
    mine = cdf[cdf["weight"] == "people"]
    parts = [
        _curve(mine[(mine["way"] == way) & (mine["series"] == series)], chart, NAMES[series])
        for way, series, chart in (
            ("dl", "lte", "dl_cdf"),
            ("dl", "nr", "dl_cdf"),
            ("ul", "lte", "ul_cdf"),
            ("ul", "nr", "ul_cdf"),
            ("dl", "ratio", "ratio_cdf"),
        )
    ]
    median = factors.query("way == 'dl' and weight == 'people' and at == 'all'").iloc[0]
    shares = [
        {"chart": "ratio_factors", "series": title, "x": number, "y": float(median[name])}
        for number, (name, title) in enumerate(FACTOR_NAMES.items())
    ]
    return pd.concat([*parts, pd.DataFrame(shares), *_plan_curves(work)], ignore_index=True)


def _curve(rows: pd.DataFrame, chart: str, series: str) -> pd.DataFrame:
    table = rows[["x", "share"]].rename(columns={"share": "y"}).dropna()
    return table.assign(chart=chart, series=series)


def _plan_curves(work: Work) -> list[pd.DataFrame]:
    """Coverage against number of sites, and the share no plan of this cost can exceed."""
    history, about = work.get("planning", "history"), work.get("planning", "about")
    if history.empty:
        return []
    chosen = history[["sites", "share"]].rename(columns={"sites": "x", "share": "y"})
    most = pd.DataFrame({"x": [chosen["x"].min(), chosen["x"].max()], "y": about["share_bound"]})
    return [
        table.assign(chart="coverage_by_sites", series=series)
        for table, series in ((chosen, "greedy, site by site"), (most, "no plan of this cost"))
    ]
