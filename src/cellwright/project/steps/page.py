"""The page and the files people open: ``report/index.html`` and ``results/report``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.compute import Progress
from cellwright.project import figures, references, store, tables
from cellwright.project.rasters import place_maps
from cellwright.project.steps import signal, speed
from cellwright.project.work import Work

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import xarray as xr

SHOWN = ("rsrp_dbm", "sinr_db", "server", "servers_within_5_db", "coverage_probability")
#: What the page and the workbook say of a site.
SITE_COLUMNS = (
    "site_id", "name", "status", "kind", "height_m", "cost_class", "alone_share", "outage_share",
    "geometry",
)  # fmt: skip


def make(work: Work, folder: Path, progress: Progress) -> None:
    """Write the key figures, the tables, the styled GeoPackage, and the page."""
    from cellwright import report

    found = figures.key_figures(work)
    first = figures.headline(found)
    store.write_json(folder / "kpis.json", {"headline": first, **found})
    sheets = workbook(work)
    for name in ("sources", "assumptions"):
        report.write_csv(folder / f"{name}.csv", sheets[name])
    report.write_workbook(folder / "tables.xlsx", sheets)
    shown, sites = maps(work), all_sites(work)
    progress(0.3)
    report.write_geopackage(
        folder / "network.gpkg",
        work.sites,
        work.cells,
        candidates=work.get("planning", "candidates"),
        boundary=work.area.boundary,
        maps=shown,
        legends=report.legends(),
    )
    progress(0.5)
    work.report_path.parent.mkdir(exist_ok=True)
    report.write_page(
        work.report_path,
        title=work.settings.project.name,
        area=work.area,
        sites=sites,
        cells=cells(work),
        maps=shown,
        summaries=summaries(work, found),
        tables=tables.of_page(work) | {"source_prices": tables.price_sources(work)},
        curves=figures.curves(work),
        kpis=kpis(found),
        assumptions=tables.readable(sheets["assumptions"], "Assumptions"),
        sources=tables.readable(sheets["sources"], "Standards, papers and data"),
        provenance=provenance(work),
        overrides={"rsrp_dbm": {"target": work.settings.coverage.outdoor_target_dbm}},
        palette=PALETTES[work.settings.report.palette],
        pages={"Vendors, rules and supply": "supply.html"},
    )
    progress(0.8)
    write_supply(work)
    progress(1.0)


def write_supply(work: Work) -> None:
    """Write the supply page and the workbook for procurement, beside the page."""
    from cellwright.project.steps import supply
    from cellwright.project.supply.board import write_pages
    from cellwright.project.supply.case import read_case

    case = read_case(work, work.get("supply", "elements"), work.get("supply", "phases"))
    write_pages(work, case, supply.board(work))


def load(work: Work, folder: Path) -> dict[str, Any]:
    """Read the key figures."""
    return {"kpis": store.read_json(folder / "kpis.json")}


PALETTES = {"rdylbu": "RdYlBu", "batlow": "batlow"}


def maps(work: Work) -> xr.Dataset:
    """Return every map of the page."""
    import xarray as xr

    made = []
    for rat in signal.RATS:
        made.append(place_maps(work.get("coverage", rat), work.receivers, rat, SHOWN))
        made.append(place_maps(work.get("simulation", rat), work.receivers, rat, speed.LAYERS))
    made.append(place_maps(work.get("simulation", "ratio"), work.receivers, "ratio", ("dl", "ul")))
    return xr.merge(made)


def cells(work: Work) -> pd.DataFrame:
    """Return the cells of both carriers, each with its radio access technology."""
    rats = {carrier.name: carrier.rat for carrier in work.carriers.values()}
    return work.cells.assign(rat=work.cells["carrier"].map(rats))


def all_sites(work: Work) -> gpd.GeoDataFrame:
    """Return the chosen sites, then the candidates that were not, with what each is worth."""
    import pandas as pd

    looked_at = work.get("planning", "candidates")
    worth = looked_at.set_index("site_id")[["alone_share", "outage_share"]]
    chosen = work.sites.join(worth, on="site_id")
    left = looked_at[~looked_at["chosen"].astype(bool)]
    columns = [name for name in SITE_COLUMNS if name in looked_at]
    # a frame of missing values only would change the types of the columns it is joined to
    parts = [part[columns] for part in (chosen, left) if len(part)]
    return pd.concat(parts, ignore_index=True)


def workbook(work: Work) -> dict[str, pd.DataFrame]:
    """Return the sheets of ``tables.xlsx``: what a planner copies into a report of their own."""
    percentiles = work.get("simulation", "percentiles")
    weight = tables.counted_by(percentiles)
    split = work.get("simulation", "factors")
    return {
        "download": tables.speeds(percentiles, "dl", weight),
        "upload": tables.speeds(percentiles, "ul", weight),
        "factors": tables.factors(split, "dl", weight),
        "sites": all_sites(work).drop(columns="geometry"),
        "cells": cells(work),
        "bill_of_materials": work.get("rollout", "bill_of_materials"),
        "cost": tables.totals(work),
        "cost_by_site": tables.cost_by_site(work),
        "assumptions": references.assumptions(work),
        "sources": references.sources(work),
        "prices": tables.price_sources(work),
    }


def summaries(work: Work, found: dict[str, Any]) -> dict[str, Any]:
    """Return the short lists of facts of the page by section."""
    from cellwright.report import percent

    about, sizes = work.get("planning", "about"), work.get("planning", "about")["sizes"]
    status = re.sub(r"(?<=\d)%", " %", str(about["status"]))
    plan = {
        "status": card("What was reached", status[:1].upper() + status[1:]),
        "method": card("How", about["method"]),
        "share_gap": card("Coverage below the proven most at this cost",
                          f"at most {percent(about['share_gap'], at_most=True)}"),
        "gap": card("Cost above the proven least for this goal",
                    f"at most {percent(about['gap'], at_most=True)}"),
        "sizes": card("Looked at", f"{sizes['candidates']:,} candidates, {sizes['columns']:,} "
                      f"settings, {sizes['demand_points']:,} demand points"),
    }  # fmt: skip
    said = {"headline": figures.lede(found), "claim": found["comparison"], "when": WHEN}
    return {**said, "plan": plan, "pci": pci_facts(about["pci"])}


WHEN = (
    "Two ratios. Alone in the cell: one user has the cell to itself and every neighbouring cell "
    "sends at its design load; this compares the two radios. In the busy hour: the same people "
    "ask the same of either network, share its cells, and hear neighbours only as busy as that "
    "makes them; this compares what people get."
)


def pci_facts(told: dict[str, Any]) -> dict[str, Any]:
    """Return what the PCI plan of each carrier is worth, as the page shows it."""
    from cellwright.report import percent

    facts = {}
    for rat, audit in told.items():
        name = figures.NAMES[rat]
        none = not audit["collisions"] and not audit["confusions"]
        facts[f"{rat}_conflicts"] = card(
            f"{name}: collisions and confusions",
            "none" if none else f"{audit['collisions']} and {audit['confusions']}",
            "",
            f"{audit['relations']:,} neighbour pairs, {audit['used']:,} identities",
        )
        for modulus, share in audit["same_residue"].items():
            by_chance = f"by chance {percent(1 / int(modulus))}"
            facts[f"{rat}_mod_{modulus}"] = card(
                f"{name}: overlap between cells alike modulo {modulus}", percent(share), "",
                by_chance,
            )  # fmt: skip
    return facts


def card(title: str, value: Any, unit: str = "", note: str = "") -> dict[str, Any]:
    """Return one fact as the page shows it."""
    return {"title": title, "value": value, "unit": unit, "note": note}


def kpis(found: dict[str, Any]) -> dict[str, Any]:
    """Return the cards, then every key figure that is a number."""
    rest = {
        name: value
        for name, value in found.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    return {**figures.cards(found), **rest}


def provenance(work: Work) -> dict[str, Any]:
    """Return versions, input hashes and seconds of every step so far."""
    from cellwright.project.provenance import versions

    made = {
        path.parent.name: store.read_json(path)
        for path in sorted(work.results.glob(f"*/{store.MADE_FROM}"))
    }
    inputs = {name: value for one in made.values() for name, value in one["inputs"].items()}
    return {
        "versions": versions(),
        "inputs (SHA-256)": inputs,
        "seconds": {room: one["seconds"] for room, one in made.items() if room != "report"},
        "seed": work.settings.project.seed,
    }
