"""The workbook for procurement: what is bought, what is open, what a swap and a hedge cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.report.supply.markup import columns_of
from cellwright.report.supply.money_charts import SWAP_WORDS
from cellwright.report.supply.tables import Column, as_text, checked
from cellwright.report.tables import write_workbook

_FORMATS = {"share": "share", "money": "money", "day": "day"}
#: Unit of a plain number -> its format; others keep the digits they have.
_BY_UNIT = {"persons": "count", "person-months": "count", "months": "months", "m": "count"}
#: Sheet -> table, in the order of the workbook; "risks" and "hedges" are chosen from others.
_SHEETS = (
    ("bill of materials", "bom"), ("open risks", "risks"), ("swap", "swap"), ("hedges", "hedges"),
    ("landed cost", "landed"), ("origin", "origin"), ("survival", "survive"),
    ("phases", "phases"), ("exposure", "exposure"), ("makers", "vendors"),
    ("makers by phase", "shares"), ("plan under rules", "replan"), ("sites", "sites"),
    ("rules", "rules"), ("compliance", "timeline"), ("first breaks", "breaks"),
    ("security", "security"), ("inputs varied", "tornado"), ("assumptions", "assumptions"),
    ("sources", "sources"),
)  # fmt: skip
_RISK_COLUMNS = ("kind", "risk", "what", "from", "months_short", "people", "cure")


def write_procurement(
    path: Path | str, tables: Mapping[str, pd.DataFrame], currency: str = "USD"
) -> Path:
    """Write the workbook: a sheet a table, in the order in which procurement asks.

    Parameters
    ----------
    path : Path or str
        File to write (XLSX).
    tables : mapping of str to DataFrame
        As for :func:`cellwright.report.supply.write_supply_page`; ``bom`` leads.
    currency : str
        Unit of money.

    Returns
    -------
    Path
        The file written; equal tables give equal bytes.

    Raises
    ------
    InputError
        With every missing column and unreadable value of all tables.
    """
    typed = checked(tables)
    known: dict[str, pd.DataFrame] = dict(typed)
    known["risks"] = open_risks(typed)
    if "swap" in typed:
        known["swap"] = swap_account(typed["swap"], currency)
    if "frontier" in typed:
        known["hedges"] = typed["frontier"].sort_values(
            ["kind", "cost_typical"], kind="stable", ignore_index=True
        )
    sheets = {
        sheet: _written(name, known[name], currency) for sheet, name in _SHEETS if name in known
    }
    return write_workbook(path, sheets)


def open_risks(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what is open: rules that break, outages not survived, security findings.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Checked tables; those absent add nothing.

    Returns
    -------
    DataFrame
        ``kind, risk, what, from`` (day), ``months_short`` (typical time to recover less time to
        survive), ``people, cure``; most people first within each kind.
    """
    rows = [*_broken(tables), *_outages(tables), *_findings(tables)]
    table = pd.DataFrame(rows, columns=list(_RISK_COLUMNS))
    order = table["kind"].map({"rule": 0, "supply": 1, "security": 2})
    by = pd.DataFrame({"kind": order, "months": -table["months_short"].astype(float),
                       "people": -table["people"].astype(float)})  # fmt: skip
    return table.loc[by.sort_values(["kind", "months", "people"], kind="stable").index]


def swap_account(table: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return the account of a swap, each line in words and with its own unit."""
    late = table["line"] == "delay_months"
    return table.assign(
        line=table["line"].replace(SWAP_WORDS),
        unit=late.map({True: "months", False: currency}),
    )[["line", "unit", "low", "typical", "high"]]


def _broken(tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    breaks = tables.get("breaks")
    if breaks is None:
        return []
    said: dict[str, str] = {}
    for name in ("timeline", "rules"):
        if name in tables:
            said |= dict(zip(tables[name]["rule_id"], tables[name]["sentence"], strict=True))
    return [
        {"kind": "rule", "risk": rule, "what": said.get(rule, ""), "from": day}
        for rule, day in zip(breaks["rule_id"], breaks["first_break"], strict=True)
        if not pd.isna(day)
    ]


def _outages(tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    table = tables.get("survive")
    if table is None:
        return []
    return [
        {
            "kind": "supply",
            "risk": f"outage of {row['outage']} ({row['by']})",
            "what": "stock runs out before supply is back",
            "months_short": row["ttr_typical"] - row["tts_months"],
        }
        for row in table[~table["harmless"]].to_dict("records")
    ]


def _findings(tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    table = tables.get("security")
    if table is None:
        return []
    return [
        {
            "kind": "security",
            "risk": f"{row['check_id']} {row['element']} ({row['severity']})",
            "what": f"{row['finding']} [{row['status']}; {row['clause']}]",
            "people": row["people"],
            "cure": row["cure"],
        }
        for row in table.to_dict("records")
    ]


_RISKS = (
    Column("kind", "Kind", "rule, supply or security"),
    Column("risk", "Risk", "rule, outage or element"),
    Column("what", "What", "in words"),
    Column("from", "From", "first day", "", "day"),
    Column("months_short", "Months short", "recovery less survival", "months", "number"),
    Column("people", "People", "residents behind it", "persons", "number"),
    Column("cure", "Cure", "what mends it"),
)


_SWAP = (
    Column("line", "Line", "line of the account of a swap"),
    Column("unit", "Unit", "unit of the line"),
    Column("low", "Low", "low values of the inputs", "", "money"),
    Column("typical", "Typical", "typical values of the inputs", "", "money"),
    Column("high", "High", "high values of the inputs", "", "money"),
)
_OWN = {"risks": _RISKS, "swap": _SWAP}


def _written(name: str, table: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return a table as a sheet keeps it: lists as words, titles and units attached."""
    kept = "frontier" if name == "hedges" else name
    columns = list(_OWN.get(name) or columns_of(kept, table, currency))
    # days stay days: a column of dates alone would be turned into stamps with a time
    out = pd.DataFrame({c.name: pd.Series([_plain(c)(v) for v in table[c.name]], dtype=object)
                        for c in columns})  # fmt: skip
    out.attrs["columns"] = {
        c.name: {
            "title": c.title, "unit": c.unit, "meaning": c.meaning,
            "format": _FORMATS.get(c.kind) or _BY_UNIT.get(c.unit, ""),
        }
        for c in columns
    }  # fmt: skip
    return out


def _plain(column: Column) -> Any:
    def plain(value: Any) -> Any:
        if column.kind == "day":
            return None if pd.isna(value) else pd.Timestamp(value).date()
        if column.kind == "flag":
            return "yes" if value else "no"
        if column.kind == "text":
            return as_text(value)
        return "for good" if isinstance(value, float) and math.isinf(value) else value

    return plain
