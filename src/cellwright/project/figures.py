"""The key figures of a run, and the curves of its page, taken from what the rooms computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cellwright.project.tables import counted_by
from cellwright.project.work import Work
from cellwright.report import money, percent, rounded, span, title

NAMES = {"nr": "5G", "lte": "4G", "ratio": "5G over 4G"}
FACTORS = (
    "bandwidth", "duplex", "overhead", "geometry", "layers", "modulation_coding", "load",
)  # fmt: skip
#: Figures of the drops: quantity, percentile of the users, name.
DRAWN = (
    ("nr_mbps", 5, "drops_nr_dl_cell_edge_mbps"), ("nr_mbps", 50, "drops_nr_dl_median_mbps"),
    ("lte_mbps", 5, "drops_lte_dl_cell_edge_mbps"), ("lte_mbps", 50, "drops_lte_dl_median_mbps"),
    ("ratio", 50, "drops_ratio_dl_p50"), ("ratio_peak", 50, "drops_ratio_dl_peak_p50"),
)  # fmt: skip


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
        "covered_share": about["counted_share"],
        "plan_share": about["share"],
        "plan_share_bound": about["share_bound"],
        "plan_share_gap": about["share_gap"],
        "plan_gap": about["gap"],
        "counted_by": about["goal"]["weights"],
    }
    for rat in ("nr", "lte"):
        figures |= _covered(work, rat) | _speeds(work, rat)
    for rank in ("p5", "p50", "p95"):
        figures[f"ratio_dl_{rank}"] = _percentile(work, "dl", "ratio", rank)
        figures[f"ratio_dl_peak_{rank}"] = _percentile(work, "dl", "ratio_peak", rank)
    figures |= _factors(work) | _drawn(work)
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
        for rank, name in names.items():
            value = _percentile(work, way, f"{rat}_mbps", rank)
            found[f"{rat}_{way}_{name}_mbps"] = value
    cells = work.get("simulation", rat)
    found[f"{rat}_mean_load"] = float(cells["load"].mean())
    found[f"{rat}_overloaded_cells"] = int(cells["overloaded"].sum())
    return found


def _percentile(work: Work, way: str, quantity: str, rank: str) -> float:
    table = work.get("simulation", "percentiles")
    mine = (table["way"] == way) & (table["quantity"] == quantity)
    mine &= table["weight"] == counted_by(table)
    return float(table.loc[mine, rank].iloc[0])


def _factors(work: Work) -> dict[str, float]:
    """Return the factors of the download ratio, geometric means over people."""
    table = work.get("simulation", "factors")
    mine = (table["way"] == "dl") & (table["at"] == "all")
    mine &= table["weight"] == counted_by(work.get("simulation", "percentiles"))
    row = table.loc[mine].iloc[0]
    return {f"factor_dl_{name}": float(row[name]) for name in FACTORS}


def _drawn(work: Work) -> dict[str, float]:
    """Return what the drops found, with the ends of its 95 % interval; nothing without drops."""
    table = work.get("simulation", "drop_percentiles")
    if table.empty:
        return {}
    found: dict[str, float] = {}
    for quantity, rank, name in DRAWN:
        mine = (table["way"] == "dl") & (table["quantity"] == quantity)
        row = table.loc[mine & (table["percentile"] == rank)].iloc[0]
        found |= {name: float(row["estimate"])}
        found |= {f"{name}_{end}": float(row[end]) for end in ("low", "high")}
    return found


def lede(figures: dict[str, Any]) -> str:
    """Return in two sentences what is planned, at what cost, and what 5G gives beside 4G."""
    counted = {"area": "the area", "people": "the people", "both": "area and people"}
    whom = counted.get(str(figures["counted_by"]), "the demand")
    cost = span(figures["capex_low"], figures["capex_high"])
    first = (
        f"{_many(figures['sites'], 'site')} cover {percent(figures['covered_share'])} of {whom} "
        f"with 5G for {money(figures['capex_typical'])} {figures['currency']} ({cost})."
    )
    alone, busy = figures["ratio_dl_peak_p50"], figures["ratio_dl_p50"]
    if not (np.isfinite(alone) and np.isfinite(busy)):
        return first
    over, cells = figures["lte_overloaded_cells"], figures["cells"]
    full = f", when {over} of {cells} 4G cells are overloaded" if over >= 0.05 * cells else ""
    return (
        f"{first} Beside 4G on the same sites, download is typically {rounded(alone, 2)} times as "
        f"fast alone in the cell and {rounded(busy, 2)} times as fast in the busy hour{full}."
    )


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def headline(figures: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the figures a planner asks for first, as words."""
    currency = figures["currency"]

    def amount(name: str) -> str:
        low, typical, high = (figures[f"{name}_{one}"] for one in ("low", "typical", "high"))
        return f"{money(typical)} {currency} ({span(low, high)})"

    def speed(rat: str) -> str:
        edge, middle, near = (
            figures[f"{rat}_dl_{one}_mbps"] for one in ("cell_edge", "median", "near")
        )
        return f"{rounded(middle, 2)} Mbit/s ({span(edge, near)})"

    def times(name: str) -> str:
        low, middle, high = (figures[f"{name}_{p}"] for p in ("p5", "p50", "p95"))
        return f"{rounded(middle, 2)} times ({span(low, high)})"

    return [
        ("District", f"{rounded(figures['area_km2'], 2)} km², "
                     f"{figures['residents']:,.0f} residents"),
        ("Plan", f"{_many(figures['sites'], 'site')} with {_many(figures['cells'], 'cell')}, "
                 f"from {figures['candidates']:,} candidates"),
        ("Covered", f"{percent(figures['covered_share'])}, counted at every receiver"),
        ("Proven", f"the choice covers {percent(figures['plan_share'])} of its demand points; "
                   f"none of this cost, more than {percent(figures['plan_share_bound'])}"),
        *(
            (f"{NAMES[rat]} reaches",
             f"{percent(figures[f'{rat}_outdoor_area_covered'])} of open ground, "
             f"{percent(figures[f'{rat}_people_covered_indoors'])} of people indoors")
            for rat in ("nr", "lte")
        ),
        ("5G download", speed("nr") + " in the busy hour"),
        ("4G download", speed("lte") + " in the busy hour"),
        ("5G over 4G", times("ratio_dl_peak") + " alone in the cell"),
        ("", times("ratio_dl") + " in the busy hour"),
        ("Capex", amount("capex")),
        ("Opex a year", amount("opex")),
    ]  # fmt: skip


#: What the figures in brackets are.
RANGES = "Speeds and times: median (from 5 to 95 % of people). Money: typical (low to high)."


def cards(figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the eight figures at the top of the page, few digits, each with its range.

    ``shows`` names the key figures a card is made from, in the order of their appearance.
    """
    found, currency = figures, figures["currency"]
    whom = "people" if found["residents"] else "places"

    def speed(rat: str) -> dict[str, Any]:
        names = [f"{rat}_dl_{one}_mbps" for one in ("median", "cell_edge", "near")]
        middle, edge, near = (found[name] for name in names)
        over = found[f"{rat}_overloaded_cells"]
        full = f"; {over} of {found['cells']} cells overloaded" if over else ""
        return _card(f"{NAMES[rat]} download, busy hour", rounded(middle, 2), "Mbit/s",
                     f"9 in 10 {whom}: {span(edge, near)}{full}", names)  # fmt: skip

    def times(title: str, name: str) -> dict[str, Any]:
        names = [f"{name}_{one}" for one in ("p50", "p5", "p95")]
        middle, low, high = (found[name] for name in names)
        return _card(title, rounded(middle, 2), "×", f"9 in 10 {whom}: {span(low, high)}", names)

    def cost(name: str, title: str) -> dict[str, Any]:
        names = [f"{name}_{one}" for one in ("typical", "low", "high")]
        typical, low, high = (found[name] for name in names)
        value, _, scale = money(typical).partition(" ")
        return _card(title, value, f"{scale} {currency}".strip(), f"range {span(low, high)}", names)

    indoors, outdoors = (f"nr_{one}" for one in ("people_covered_indoors", "outdoor_area_covered"))
    capex = cost("capex", "Capex")
    capex["note"] += f"; opex {money(found['opex_typical'])} a year"
    return {
        "card_sites": _card(
            "5G sites", f"{found['sites']:,}", "",
            f"{found['cells']:,} cells, from {found['candidates']:,} candidates",
            ["sites", "cells", "candidates"],
        ),
        "card_coverage": _card(
            "People with 5G indoors", percent(found[indoors]), "",
            f"{percent(found[outdoors])} of open ground", [indoors, outdoors],
        ),
        "card_nr": speed("nr"),
        "card_lte": speed("lte"),
        "card_alone": times("5G over 4G, alone in the cell", "ratio_dl_peak"),
        "card_busy": times("5G over 4G, in the busy hour", "ratio_dl"),
        "card_gap": _card(
            "Short of the best plan, at most", percent(found["plan_share_gap"], at_most=True), "",
            "of coverage at this cost; "
            f"{percent(found['plan_gap'], at_most=True)} of cost for this goal",
            ["plan_share_gap", "plan_gap"],
        ),
        "card_cost": {**capex, "shows": [*capex["shows"], "opex_typical"]},
    }  # fmt: skip


def _card(title: str, value: str, unit: str, note: str, shows: list[str]) -> dict[str, Any]:
    return {"title": title, "value": value, "unit": unit, "note": note, "shows": shows}


def curves(work: Work) -> pd.DataFrame:
    """Return the curves of the page: ``chart, series, x, y``."""
    cdf, factors = work.get("simulation", "cdf"), work.get("simulation", "factors")
    weight = counted_by(work.get("simulation", "percentiles"))
    mine = cdf[cdf["weight"] == weight]
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
    whole = factors[(factors["weight"] == weight) & (factors["at"] == "all")].set_index("way")
    shares = [
        {"chart": f"ratio_factors_{way}", "series": title(name), "x": number,
         "y": float(whole.loc[way, name])}
        for way in ("dl", "ul")
        for number, name in enumerate(FACTORS)
    ]  # fmt: skip
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
        for table, series in (
            (chosen, "chosen, site by site"),
            (most, "no plan of this cost covers more"),
        )
    ]
