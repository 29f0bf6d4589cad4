"""Suppliers against a list: possible matches with their evidence, never a verdict."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cellwright.project.supply.answers import SupplyAnswer

_SHOWN = ("party", "result", "via", "listed_name", "list", "score", "share_control", "in_force")
#: Matches named in sentences; the table holds all.
_NAMED = 10


def screen_answer(
    parties: Path,
    listed: Path,
    ownership: Path | None = None,
    day: date | None = None,
    threshold: float | None = None,
) -> SupplyAnswer:
    """Lay the parties of a file beside a list.

    Parameters
    ----------
    parties : Path
        CSV, XLSX or TOML with ``party`` (or ``name``, ``supplier``), optionally ``aliases`` and
        ``country``.
    listed : Path
        Consolidated Screening List as CSV of 28 columns, or FollowTheMoney JSON lines.
    ownership : Path, optional
        CSV ``owner, owned, share, from, to``.
    day : date, optional
        Default: today.
    threshold : float, optional
        Names alike to this degree are shown, 0 to 1.

    Raises
    ------
    InputError
        With every fault of every file.
    MissingEngineError
        Without the extra ``screening``.
    """
    import pandas as pd

    from cellwright.errors import Faults
    from cellwright.supply import read_holdings, read_suppliers, screening

    faults = Faults()
    table = read_suppliers(parties, faults)
    held = None if ownership is None else read_holdings(ownership, faults)
    entries = screening.read_list(listed, faults)
    faults.raise_errors()
    least = screening.THRESHOLD if threshold is None else threshold
    found = screening.screen(table, entries, held, day=day, threshold=least)
    hits = found["party"].nunique()
    said = [
        f"{hits} of {len(table)} parties have a possible match among {len(entries):,} entries.",
        *(
            f"{row['party']}: {row['result']} with {row['listed_name']} ({row['list']}), by "
            f"{row['via']}, likeness {row['score']:.2f}: {row['evidence']}"
            for row in found.head(_NAMED).to_dict("records")
        ),
    ]
    nothing = pd.DataFrame(columns=["assumption", "value", "unit", "source", "evidence"])
    return SupplyAnswer(
        "screen", tuple(said), {"matches": found}, nothing, {"matches": _SHOWN}, screening.NOTE
    )
