"""The supply page and the workbook for procurement: what the supply room found, drawn."""

from cellwright.report.supply.page import NOTE, KeyFigure, Verdict, write_supply_page
from cellwright.report.supply.tables import SUPPLY_TABLES, Column, described
from cellwright.report.supply.workbook import open_risks, write_procurement

__all__ = [
    "NOTE",
    "SUPPLY_TABLES",
    "Column",
    "KeyFigure",
    "Verdict",
    "described",
    "open_risks",
    "write_procurement",
    "write_supply_page",
]
