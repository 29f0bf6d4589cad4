"""The plan's equipment and dated phases, kept in ``results/supply``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellwright.compute import Progress
from cellwright.project.work import Work

TABLES = ("elements", "phases")
_DATES = {"elements": ["installed", "removed"], "phases": ["due"]}
_WORDS = ("element_id", "site_id", "item", "maker", "function", "technologies", "made_in", "tags",
          "area", "sites")  # fmt: skip


def make(work: Work, folder: Path, progress: Progress) -> None:
    """List the equipment, whom it serves and when it is due."""
    from cellwright.project.supply.elements import dated_phases, elements_of_plan

    phases = dated_phases(work)
    progress(0.6)
    made = {"elements": elements_of_plan(work, phases), "phases": phases}
    for name, table in made.items():
        plain = table.assign(sites=table["sites"].map(" ".join)) if "sites" in table else table
        plain.to_csv(folder / f"{name}.csv", index=False)
    work.keep("supply", **made)
    progress(1.0)


def load(work: Work, folder: Path) -> dict[str, Any]:
    """Read the tables back."""
    import pandas as pd

    read = {
        name: pd.read_csv(
            folder / f"{name}.csv",
            parse_dates=_DATES[name],
            dtype=dict.fromkeys(_WORDS, str),
            keep_default_na=False,
            na_values={column: [""] for column in ("x", "y", "installed", "removed")},
        )
        for name in TABLES
    }
    read["phases"]["sites"] = read["phases"]["sites"].str.split().map(tuple)
    return read
