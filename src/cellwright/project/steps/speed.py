"""Speed of 5G and 4G for the same users, and their comparison, kept in ``results/simulation``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.compute import Progress
from cellwright.project import store
from cellwright.project.rasters import place_maps, write_maps
from cellwright.project.steps.signal import RATS, radio
from cellwright.project.work import Work

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from cellwright.simulation import Comparison, Demand

LAYERS = ("dl_mbps", "ul_mbps")
TABLES = ("percentiles", "factors", "shares", "cdf")
#: Tables of the drops: speeds, factors and loads with their Monte Carlo confidence.
DROP_TABLES = ("drop_percentiles", "drop_factors", "drop_cells")


def make(work: Work, folder: Path, progress: Progress) -> None:
    """Compute what every user gets on 5G and on 4G, and compare them."""
    import xarray as xr

    from cellwright import report, simulation

    made, maps, drawn = {}, [], {}
    for number, rat in enumerate(RATS):
        received, signal = radio(work, rat)["received"], work.get("coverage", rat)
        made[rat] = simulation.throughput(
            received, signal, work.carriers[rat], work.receivers, demand(work)
        )
        store.write_dataset(folder / f"{rat}.nc", made[rat])
        maps.append(place_maps(made[rat], work.receivers, rat, LAYERS))
        drawn[rat] = drops(work, rat, received)
        progress(0.4 * (number + 1))
    carriers = work.carriers["nr"], work.carriers["lte"]
    compared = simulation.compare(made["nr"], made["lte"], *carriers, work.receivers)
    maps.append(place_maps(compared.ratio, work.receivers, "ratio", ("dl", "ul")))
    tables = _tables(compared) | drop_tables(work, drawn)
    progress(0.85)
    write_maps(folder, xr.merge(maps), work.area.crs)
    store.write_dataset(folder / "ratio.nc", compared.ratio)
    report.write_tables(folder, tables)
    store.write_json(folder / "comparison.json", shown(tables, compared.sentence))
    work.keep("simulation", **made, **tables, ratio=compared.ratio, sentence=compared.sentence)


def load(work: Work, folder: Path) -> dict[str, Any]:
    """Read the speeds and their comparison."""
    import pandas as pd

    return {
        **{name: store.read_dataset(folder / f"{name}.nc") for name in (*RATS, "ratio")},
        **{name: pd.read_csv(folder / f"{name}.csv") for name in (*TABLES, *DROP_TABLES)},
        "sentence": store.read_json(folder / "comparison.json")["sentence"],
    }


def _tables(compared: Comparison) -> dict[str, pd.DataFrame]:
    return {name: getattr(compared, name) for name in TABLES}


def drops(work: Work, rat: str, received: xr.Dataset) -> xr.Dataset | None:
    """Draw the users of one carrier's drops, the same for both; None where nobody lives."""
    from cellwright.simulation.map_drops import DropSettings, map_drops

    if not work.receivers["residents"].to_numpy().sum() > 0.0:
        return None
    how = DropSettings(seed=work.settings.project.seed)
    return map_drops(received, work.carriers[rat], work.receivers, demand(work), how=how)


def drop_tables(work: Work, drawn: Mapping[str, xr.Dataset | None]) -> dict[str, pd.DataFrame]:
    """Return speeds, factors and loads over the drops, each with its interval."""
    import pandas as pd

    from cellwright.simulation.drop_comparison import DROP_COLUMNS, compare_drops

    nr, lte = (drawn[rat] for rat in ("nr", "lte"))
    if nr is None or lte is None:
        empty = {
            name: pd.DataFrame(columns=list(columns)) for name, columns in DROP_COLUMNS.items()
        }
        return {f"drop_{name}": table for name, table in empty.items()}
    found = compare_drops(nr, lte, work.carriers["nr"], work.carriers["lte"])
    return {f"drop_{name}": getattr(found, name) for name in DROP_COLUMNS}


def demand(work: Work) -> Demand:
    """Return who uses the network and how much."""
    from cellwright.simulation import Demand

    return Demand(**work.settings.demand.model_dump())


def shown(tables: Mapping[str, pd.DataFrame], sentence: str) -> dict[str, Any]:
    """Return a comparison as the terminal and ``--json`` show it: small tables, one sentence."""
    made = {
        "Download, by people [Mbit/s; ratio in times]": _of(tables["percentiles"], "dl"),
        "Upload, by people [Mbit/s; ratio in times]": _of(tables["percentiles"], "ul"),
        "Where the download ratio comes from [times]": _of(tables["factors"], "dl"),
        "Who sees 10 and 100 times [share of people]": _of(tables["shares"], "dl"),
        f"Download over {_drops()}: median, and its 95 % confidence": _drawn(
            tables["drop_percentiles"], "dl"
        ),
        f"Factors of the download ratio over {_drops()}, and their 95 % confidence": _drawn(
            tables["drop_factors"], "dl"
        ),
    }
    return {
        "tables": {name: table.to_dict("records") for name, table in made.items()},
        "sentence": sentence,
    }


def _of(table: pd.DataFrame, way: str) -> pd.DataFrame:
    mine = table[(table["way"] == way) & (table["weight"] == "people")]
    return mine.drop(columns=["way", "weight"])


def _drawn(table: pd.DataFrame, way: str) -> pd.DataFrame:
    mine = table[table["way"] == way]
    if "percentile" in mine:
        mine = mine[mine["percentile"] == 50].drop(columns="percentile")
    return mine.drop(columns="way")


def _drops() -> str:
    from cellwright.simulation.map_drops import DropSettings

    how = DropSettings()
    return f"{how.drops} drops of {how.users:,} users"
