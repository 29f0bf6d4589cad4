"""Parties against lists: names, aliases in any script, ownership over time; possible matches only.

Nothing here is legal advice: a row says what resembles what, and a person decides.
"""

from cellwright.supply.holdings import read_ownership, shares_of
from cellwright.supply.screening.lists import CSL_COLUMNS, Listed, read_list
from cellwright.supply.screening.names import THRESHOLD, Weights, name_score
from cellwright.supply.screening.screen import (
    NOTE,
    SCREEN_COLUMNS,
    screen,
    screen_parties,
    tables_of,
)

__all__ = [
    "CSL_COLUMNS",
    "NOTE",
    "SCREEN_COLUMNS",
    "THRESHOLD",
    "Listed",
    "Weights",
    "name_score",
    "read_list",
    "read_ownership",
    "screen",
    "screen_parties",
    "shares_of",
    "tables_of",
]
