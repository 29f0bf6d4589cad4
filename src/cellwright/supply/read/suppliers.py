"""A list of suppliers as a buyer has it: names, other names, country."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cellwright.errors import Faults, shown_path
from cellwright.supply.holdings import OWNERSHIP_COLUMNS, read_ownership
from cellwright.supply.read.tables import ROW, read_table

#: What the column of names may be called.
_NAMES = ("party", "name", "supplier", "vendor", "company", "maker")


def read_suppliers(path: str | Path, faults: Faults | None = None) -> pd.DataFrame:
    """Read names to be laid beside a list.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX or TOML (``[[supplier]]``) with ``party`` (or ``name``, ``supplier``, ``vendor``,
        ``company``, ``maker``), optionally ``aliases`` (``|`` between) and ``country``.
    faults : Faults, optional
        Takes the faults; without it they are raised.

    Returns
    -------
    DataFrame
        ``party, aliases, country``, one row a name.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given.
    """
    own, file = Faults() if faults is None else faults, shown_path(path)
    table = read_table(path, [*_NAMES, "aliases", "country"], own, key="supplier")
    name = pd.Series("", index=table.index)
    for column in _NAMES:
        name = name.where(name != "", table[column])
    for row in table.loc[name == "", ROW]:
        cure = f"Name it in one of the columns {', '.join(_NAMES)}."
        own.error("suppliers.name", "has no name.", cure, file=file, row=int(row))
    if faults is None:
        own.raise_errors()
    made = pd.DataFrame({"party": name, "aliases": table["aliases"], "country": table["country"]})
    return made[name != ""].drop_duplicates("party").reset_index(drop=True)


def read_holdings(path: str | Path, faults: Faults) -> pd.DataFrame:
    """Read who holds whom: ``owner, owned, share, from, to, row``, as `screening.screen` takes it.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX or TOML (``[[holding]]``).
    faults : Faults
        Takes the faults: of the file, shares, dates, more than 100 % of a party, loops.
    """
    table = read_table(path, OWNERSHIP_COLUMNS, faults, key="holding", needed=OWNERSHIP_COLUMNS[:3])
    return read_ownership(table.rename(columns={ROW: "row"}), faults, shown_path(path))
