"""Read the codebook tables kept as data files beside this code (CSV with a source header)."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def read_codebook_table(name: str) -> tuple[dict[str, int], ...]:
    """Return the rows of a table in ``cellwright/simulation/mimo/data``; every cell is a number."""
    folder = resources.files("cellwright.simulation.mimo").joinpath("data")
    lines = folder.joinpath(name).read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple({key: int(cell) for key, cell in row.items()} for row in rows)
