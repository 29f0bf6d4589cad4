"""The plan's equipment, dated phases, and what rules and cuts do to them, kept in
``results/supply``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.compute import Progress, portion
from cellwright.project.steps.signal import radio
from cellwright.project.work import Work

if TYPE_CHECKING:
    from cellwright.project.supply.board import Content

TABLES = ("elements", "phases")
#: Folder of the tables that the supply page is drawn from.
BOARD = "board"
_DATES = {"elements": ["installed", "removed"], "phases": ["due"]}
_WORDS = ("element_id", "site_id", "item", "maker", "function", "technologies", "made_in", "tags",
          "area", "sites")  # fmt: skip


def make(work: Work, folder: Path, progress: Progress) -> None:
    """List the equipment, whom it serves and when it is due; ask what the page shows."""
    from cellwright.project.supply.board import board_content
    from cellwright.project.supply.case import read_case
    from cellwright.project.supply.elements import dated_phases, elements_of_plan
    from cellwright.project.supply.exposed import radio_of

    # found again where it was too large to keep: once for all that follows
    received = radio(work, "nr", portion(progress, 0.0, 0.4))["received"]
    phases = dated_phases(work, received)
    made = {"elements": elements_of_plan(work, phases), "phases": phases}
    case = read_case(work, made["elements"], phases)
    content = board_content(work, case, radio_of(work, received))
    content.save(folder / BOARD)
    for name, table in made.items():
        plain = table.assign(sites=table["sites"].map(" ".join)) if "sites" in table else table
        plain.to_csv(folder / f"{name}.csv", index=False)
    work.keep("supply", **made, board=content)
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


def board(work: Work) -> Content:
    """Return what the supply page shows; read only where it is asked for."""
    from cellwright.project.supply.board import Content

    if work.has("supply", "board"):
        made: Content = work.get("supply", "board")
        return made
    return Content.load(work.results / "supply" / BOARD)
