"""Speed of 5G and 4G for the same users, and their comparison, kept in ``results/simulation``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.compute import Progress
from cellwright.project import store
from cellwright.project.rasters import place_maps, write_maps
from cellwright.project.steps.signal import RATS, radio
from cellwright.project.work import Work

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.simulation import Comparison, Demand

LAYERS = ("dl_mbps", "ul_mbps")
TABLES = ("percentiles", "factors", "shares", "cdf")


def make(work: Work, folder: Path, progress: Progress) -> None:
    """Compute what every user gets on 5G and on 4G, and compare them."""
    import xarray as xr

    from cellwright import report, simulation

    made, maps = {}, []
    for number, rat in enumerate(RATS):
        received, signal = radio(work, rat)["received"], work.get("coverage", rat)
        made[rat] = simulation.throughput(
            received, signal, work.carriers[rat], work.receivers, demand(work)
        )
        store.write_dataset(folder / f"{rat}.nc", made[rat])
        maps.append(place_maps(made[rat], work.receivers, rat, LAYERS))
        progress(0.35 * (number + 1))
    carriers = work.carriers["nr"], work.carriers["lte"]
    compared = simulation.compare(made["nr"], made["lte"], *carriers, work.receivers)
    maps.append(place_maps(compared.ratio, work.receivers, "ratio", ("dl", "ul")))
    progress(0.8)
    write_maps(folder, xr.merge(maps), work.area.crs)
    store.write_dataset(folder / "ratio.nc", compared.ratio)
    report.write_tables(folder, {name: getattr(compared, name) for name in TABLES})
    store.write_json(folder / "comparison.json", shown(compared))
    work.keep("simulation", **made, **_results(compared))


def load(work: Work, folder: Path) -> dict[str, Any]:
    """Read the speeds and their comparison."""
    import pandas as pd

    return {
        **{name: store.read_dataset(folder / f"{name}.nc") for name in (*RATS, "ratio")},
        **{name: pd.read_csv(folder / f"{name}.csv") for name in TABLES},
        "sentence": store.read_json(folder / "comparison.json")["sentence"],
    }


def _results(compared: Comparison) -> dict[str, Any]:
    tables = {name: getattr(compared, name) for name in TABLES}
    return tables | {"ratio": compared.ratio, "sentence": compared.sentence}


def demand(work: Work) -> Demand:
    """Return who uses the network and how much."""
    from cellwright.simulation import Demand

    return Demand(**work.settings.demand.model_dump())


def shown(compared: Comparison) -> dict[str, Any]:
    """Return a comparison as the terminal and ``--json`` show it: small tables, one sentence."""
    tables = {
        "Download, by people [Mbit/s; ratio in times]": _of(compared.percentiles, "dl"),
        "Upload, by people [Mbit/s; ratio in times]": _of(compared.percentiles, "ul"),
        "Where the download ratio comes from [times]": _of(compared.factors, "dl"),
        "Who sees 10 and 100 times [share of people]": _of(compared.shares, "dl"),
    }
    return {
        "tables": {name: table.to_dict("records") for name, table in tables.items()},
        "sentence": compared.sentence,
    }


def _of(table: pd.DataFrame, way: str) -> pd.DataFrame:
    mine = table[(table["way"] == way) & (table["weight"] == "people")]
    return mine.drop(columns=["way", "weight"])
