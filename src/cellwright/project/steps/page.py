"""The page and the files people open: ``report/index.html`` and ``results/report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.compute import Progress
from cellwright.project import figures, references, store
from cellwright.project.rasters import place_maps
from cellwright.project.steps import signal, speed
from cellwright.project.work import Work

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SHOWN = ("rsrp_dbm", "sinr_db", "server", "servers_within_5_db", "coverage_probability")


def make(work: Work, folder: Path, progress: Progress) -> None:
    """Write the key figures, the styled GeoPackage, and the page."""
    from cellwright import report

    found = figures.key_figures(work)
    first = figures.headline(found)
    store.write_json(folder / "kpis.json", {"headline": first, **found})
    report.write_csv(folder / "sources.csv", references.sources(work))
    report.write_csv(folder / "assumptions.csv", references.assumptions(work))
    shown = maps(work)
    progress(0.3)
    report.write_geopackage(
        folder / "network.gpkg",
        work.sites,
        work.cells,
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
        sites=work.sites,
        cells=cells(work),
        maps=shown,
        summaries=summaries(work, found),
        tables=tables(work),
        curves=figures.curves(work),
        kpis=cards(found),
        assumptions=references.assumptions(work),
        sources=references.sources(work),
        provenance=provenance(work),
        overrides={"rsrp_dbm": {"target": work.settings.coverage.outdoor_target_dbm}},
        palette=PALETTES[work.settings.report.palette],
    )
    progress(1.0)


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


def tables(work: Work) -> dict[str, pd.DataFrame]:
    """Return the tables of the page by name."""
    percentiles = work.get("simulation", "percentiles")
    factors = work.get("simulation", "factors")
    return {
        "speed_percentiles": percentiles[percentiles["weight"] == "people"],
        "ratio_factors": factors[factors["weight"] == "people"],
        "plan_places": work.get("planning", "places"),
        "cost_totals": work.get("rollout", "cost_totals"),
        "bill_by_item": work.get("rollout", "bill_by_item"),
        "cost_by_site": work.get("rollout", "cost_by_site"),
    }


def summaries(work: Work, found: dict[str, Any]) -> dict[str, Any]:
    """Return the short lists of facts of the page by section."""
    about = work.get("planning", "about")
    plan = {
        "status": card("What was reached", about["status"]),
        "method": card("How", about["method"]),
        "share_gap": card("Coverage below the proven most at this cost, at most",
                          f"{about['share_gap']:.2%}"),
        "gap": card("Cost above the proven least for this goal, at most", f"{about['gap']:.2%}"),
        "candidates": card("Sites looked at", about["sizes"]["candidates"]),
        "columns": card("Settings tried", about["sizes"]["columns"]),
        "points": card("Demand points", about["sizes"]["demand_points"]),
    }  # fmt: skip
    return {"headline": found["comparison"], "plan": plan, "pci": pci_facts(about["pci"])}


def pci_facts(told: dict[str, Any]) -> dict[str, Any]:
    """Return what the PCI plan of each carrier is worth, as the page shows it."""
    facts = {}
    for rat, audit in told.items():
        name = figures.NAMES[rat]
        facts[f"{rat}_conflicts"] = card(
            f"{name}: collisions, confusions",
            f"{audit['collisions']}, {audit['confusions']}",
            "",
            f"{audit['relations']} neighbour pairs, {audit['used']} identities",
        )
        for modulus, share in audit["same_residue"].items():
            by_chance = f"by chance {1 / int(modulus):.1%}"
            facts[f"{rat}_mod_{modulus}"] = card(
                f"{name}: overlap with equal PCI mod {modulus}", f"{share:.1%}", "", by_chance
            )
    return facts


def card(title: str, value: Any, unit: str = "", note: str = "") -> dict[str, Any]:
    """Return one fact as the page shows it."""
    return {"title": title, "value": value, "unit": unit, "note": note}


def cards(found: dict[str, Any]) -> dict[str, Any]:
    """Return the key figures as cards, the eight that matter most first."""
    money = found["currency"]

    def spread(name: str) -> str:
        return (
            f"range {figures.short(found[f'{name}_low'])} to {figures.short(found[f'{name}_high'])}"
        )

    def speed_of(rat: str) -> dict[str, Any]:
        edge = figures.short(found[f"{rat}_dl_cell_edge_mbps"])
        return card(
            f"{figures.NAMES[rat]} download, median",
            figures.short(found[f"{rat}_dl_median_mbps"]),
            "Mbit/s",
            f"cell edge (5 %): {edge} Mbit/s",
        )

    def percent(name: str) -> str:
        return f"{found[name]:.1%}"

    first = {
        "sites": card("Sites", found["sites"], "", f"{found['cells']} cells, from "
                      f"{found['candidates']} candidates"),
        "covered": card("5G people covered indoors", percent("nr_people_covered_indoors"), "",
                        f"open area: {percent('nr_outdoor_area_covered')}"),
        "nr_speed": speed_of("nr"),
        "lte_speed": speed_of("lte"),
        "ratio": card("5G over 4G, median", figures.short(found["ratio_dl_peak_p50"]), "×",
                      "alone in the cell; in the busy hour "
                      f"{figures.short(found['ratio_dl_p50'])} ×"),
        "gap": card("Gap to the proven best", f"≤ {found['plan_share_gap']:.1%}", "",
                    "of coverage at this cost; of cost for this coverage "
                    f"≤ {found['plan_gap']:.1%}"),
        "capex": card("Capex", figures.short(found["capex_typical"]), money, spread("capex")),
        "opex": card("Opex a year", figures.short(found["opex_typical"]), money, spread("opex")),
    }  # fmt: skip
    plain = (int, float)
    return first | {
        name: value for name, value in found.items()
        if isinstance(value, plain) and name not in first
    }  # fmt: skip


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
