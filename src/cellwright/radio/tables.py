"""Read the standards' tables kept as data files beside this code (CSV with a source header)."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def _lines(name: str) -> tuple[str, ...]:
    text = resources.files("cellwright.radio").joinpath("data", name).read_text(encoding="utf-8")
    return tuple(text.splitlines())


@cache
def read_table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table of the standards; cells are text, empty where there is none.

    Parameters
    ----------
    name : str
        File name in ``cellwright/radio/data``.

    Returns
    -------
    tuple of dict
        One mapping column -> text for each row.
    """
    return tuple(csv.DictReader(line for line in _lines(name) if not line.startswith("#")))


def table_source(name: str) -> dict[str, str]:
    """Return what the header of a table says of its origin: document, edition, clause, table.

    Examples
    --------
    >>> table_source("nr_mcs_256qam.csv")["table"]
    '5.1.3.1-2'
    """
    head = [line[1:].strip() for line in _lines(name) if line.startswith("#")]
    pairs = [line.partition(":") for line in head]
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip() != "note"}


def table_names() -> list[str]:
    """Return the names of all tables of this room, for a list of sources."""
    folder = resources.files("cellwright.radio").joinpath("data")
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".csv"))
