"""The equipment catalogue: what things cost, how long they take, and where each figure is from.

The shipped list is ``catalogue/equipment.csv``; a user's own file overrides and extends it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.errors import Faults, InputError, did_you_mean, shown_path
from cellwright.network.site_columns import number, plain
from cellwright.network.site_files import ROW, read_raw

FUNCTIONS = ("ran", "site", "transport", "core", "labour", "opex")
#: What an item is in the network, where it is equipment of one; 3GPP TS 38.401 and TS 23.501 names.
ROLES = (
    "RU", "antenna", "gNB", "DU", "CU-CP", "CU-UP", "eNB", "router", "microwave", "OLT", "ONU",
    "core", "EMS", "power",
)  # fmt: skip
PRICES = ("price_low", "price_typical", "price_high")
LEAD_TIMES = ("lead_time_weeks_low", "lead_time_weeks_typical", "lead_time_weeks_high")
ORIGINS = ("design_country", "fab_country", "assembly_country")
CATALOGUE_COLUMNS = (
    "item",
    "vendor",
    "function",
    "role",
    "unit",
    *PRICES,
    "currency",
    "price_year",
    *LEAD_TIMES,
    *ORIGINS,
    "source",
    "licence",
    "note",
    "assumed",
)
_NUMBERS = (*PRICES, "price_year", *LEAD_TIMES)
_NEEDED = ("item", "function", "unit")
_SHIPPED = Path(__file__).parent / "catalogue" / "equipment.csv"


def catalogue(*own: str | Path) -> pd.DataFrame:
    """Return the shipped catalogue, overridden and extended by a user's own files.

    Parameters
    ----------
    *own : str or Path
        CSV or XLSX files with columns of `CATALOGUE_COLUMNS`; ``item``, ``function``, ``unit`` and
        a price are needed. A row replaces the item of the same name; later files win.

    Returns
    -------
    DataFrame
        Index ``item``; the other columns of `CATALOGUE_COLUMNS`. Prices in US dollars of
        ``price_year``. ``role`` says what equipment of a network an item is, empty for all else.
        ``assumed`` names which of low, typical, high, lead are assumptions.

    Raises
    ------
    InputError
        With every fault of every file.

    Examples
    --------
    >>> float(catalogue().loc["lte_rru", "price_typical"])
    4000.0
    """
    faults = Faults()
    tables = [_shipped(), *(read_catalogue(path, faults) for path in own)]
    faults.raise_errors()
    together = pd.concat([table for table in tables if len(table)])
    return together[~together.index.duplicated(keep="last")]


@lru_cache(maxsize=1)
def _shipped() -> pd.DataFrame:
    faults = Faults()
    table = read_catalogue(_SHIPPED, faults)
    faults.raise_errors()
    return table


def read_catalogue(path: str | Path, faults: Faults | None = None) -> pd.DataFrame:
    """Read one equipment list and check it.

    Parameters
    ----------
    path : str or Path
        CSV or XLSX.
    faults : Faults, optional
        Collects faults; without it they are raised.

    Returns
    -------
    DataFrame
        Index ``item``; rows with faults are left out.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given.
    """
    own = Faults() if faults is None else faults
    file = shown_path(path)
    found = Faults()
    raw, _ = read_raw(Path(path), None, found)
    own.extend(_as_catalogue_fault(found))
    table = _columns(raw, file, own)
    table = _with_numbers(table, file, own)
    good = _checked(table, file, own)
    if faults is None:
        own.raise_errors()
    return good.set_index("item")[list(CATALOGUE_COLUMNS[1:])]


def _as_catalogue_fault(found: Faults) -> list[Any]:
    from dataclasses import replace

    return [replace(fault, code=fault.code.replace("sites.", "catalogue.")) for fault in found]


def _columns(raw: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Bring the columns into order; unknown ones are faults, absent ones are empty."""
    table = raw.rename(columns={name: plain(name) for name in raw.columns if name != ROW})
    for name in table.columns:
        if name not in (*CATALOGUE_COLUMNS, ROW):
            cure = did_you_mean(name, CATALOGUE_COLUMNS)
            message = f'column "{name}" is not known and is left out.'
            faults.warn("catalogue.unknown-column", message, cure, file=file, row=1)
    if len(table):
        for name in _NEEDED:
            if name not in table:
                message = f'column "{name}" is missing.'
                faults.error("catalogue.missing-column", message, file=file, row=1)
        if not any(name in table for name in PRICES):
            message = f"there is no price; needed: at least one of {', '.join(PRICES)}."
            faults.error("catalogue.missing-column", message, file=file, row=1)
    return table.reindex(columns=[ROW, *CATALOGUE_COLUMNS]).astype(object)


def _with_numbers(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Read the numbers; where one price is given it stands for all three."""
    out = table.copy()
    for column in _NUMBERS:
        values = []
        for row, value in zip(table[ROW], table[column], strict=True):
            found = None if pd.isna(value) else number(value)
            if found is None and not pd.isna(value):
                message = f'{column} is "{value}", which is no number.'
                faults.error("catalogue.number", message, file=file, row=int(row))
            values.append(found)
        out[column] = pd.Series(values, index=table.index, dtype=float)
    typical = out["price_typical"].fillna(out[["price_low", "price_high"]].mean(axis=1))
    out["price_typical"] = typical
    out["price_low"] = out["price_low"].fillna(typical)
    out["price_high"] = out["price_high"].fillna(typical)
    for column in ("vendor", "role", *ORIGINS, "source", "licence", "note", "assumed"):
        out[column] = out[column].fillna("").astype(str)
    out["vendor"] = out["vendor"].replace("", "generic")
    out["currency"] = out["currency"].fillna("USD").astype(str).str.strip().str.upper()
    return out


def _checked(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Check each row; return the sound ones."""
    sound: list[bool] = []
    first: dict[Any, int] = {}
    for record in table.to_dict("records"):
        problems = list(_row_problems(record))
        item = record["item"]
        if not pd.isna(item) and item in first:
            problems.append((f'item "{item}" is given twice, first in row {first[item]}.', ""))
        elif not pd.isna(item):
            first[item] = int(record[ROW])
        for message, cure in problems:
            label = f'(item "{item}"): {message}' if not pd.isna(item) else message
            faults.error("catalogue.row", label, cure, file=file, row=int(record[ROW]))
        sound.append(not problems)
    return table[pd.Series(sound, index=table.index, dtype=bool)]


def _row_problems(record: dict[Any, Any]) -> list[tuple[str, str]]:
    problems = [(f"{name} is empty.", "") for name in _NEEDED if pd.isna(record[name])]
    low, typical, high = (record[name] for name in PRICES)
    if pd.isna(typical):
        problems.append(("there is no price.", "Give price_typical at least."))
    elif not 0.0 <= low <= typical <= high:
        prices = f"{low:g}, {typical:g}, {high:g}"
        problems.append((f"prices low, typical, high are {prices}; they must rise from 0.", ""))
    if not pd.isna(record["function"]) and record["function"] not in FUNCTIONS:
        cure = did_you_mean(record["function"], FUNCTIONS)
        problems.append((f'function is "{record["function"]}".', cure))
    if record["role"] and record["role"] not in ROLES:
        problems.append((f'role is "{record["role"]}".', did_you_mean(record["role"], ROLES)))
    if record["currency"] != "USD":
        text = f'currency is "{record["currency"]}"; the catalogue is kept in USD.'
        problems.append((text, "Convert the prices; the report's currency is a setting."))
    lead = [record[name] for name in LEAD_TIMES if not pd.isna(record[name])]
    if any(weeks < 0 for weeks in lead) or lead != sorted(lead):
        problems.append(("lead times low, typical, high must rise from 0 weeks.", ""))
    return problems


def prices_of(table: pd.DataFrame, item: str) -> pd.Series:
    """Return the catalogue row of one item.

    Raises
    ------
    InputError
        If there is no such item; the message suggests the nearest name.
    """
    if item not in table.index:
        raise InputError(f'the catalogue has no item "{item}". {did_you_mean(item, table.index)}')
    return pd.Series(table.loc[item])
