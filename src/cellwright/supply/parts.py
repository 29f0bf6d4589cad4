"""What a piece of equipment of a maker is made of: the shipped bills, or the user's own."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from cellwright.supply.codes import DATA, DOMAINS
from cellwright.supply.parties import Parties

#: Columns of a bill of one unit, beside those of `read_parts`.
BILL_COLUMNS = (
    "part",
    "product",
    "buyer",
    "quantity",
    "share",
    "value",
    "currency",
    "design",
    "fab",
    "assembly",
    "maker",
    "substitutes",
    "hs",
    "evidence",
    "source",
)
_FIGURES = ("quantity", "share", "value")


@lru_cache(maxsize=1)
def _shipped() -> pd.DataFrame:
    words = {name: str for name in BILL_COLUMNS if name not in _FIGURES}
    table = pd.read_csv(DATA / "parts.csv", dtype=words)
    table[list(words)] = table[list(words)].fillna("")
    return table


def plan_parts(own: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return bills of one unit by function and maker: the shipped ones, or a user's own first.

    Parameters
    ----------
    own : DataFrame, optional
        As from `read_parts`; optionally ``buyer``, the maker of the equipment whose bill it is
        (empty: any maker). A bill of the user replaces the shipped one of the same function and
        buyer.

    Returns
    -------
    DataFrame
        `BILL_COLUMNS`; ``product`` is the function, ``share`` the part of the unit's value
        (0 to 1), ``evidence`` is "seen", "recalled", "assumed" or "own".

    Examples
    --------
    >>> table = plan_parts()
    >>> bbu = table[(table["product"] == "gNB") & (table["buyer"] == "huawei")]
    >>> bbu.set_index("part")["share"].round(3).to_dict()
    {'main processor': 0.032, 'FPGA': 0.045, 'memory': 0.002, 'all other parts': 0.92}
    """
    table = _shipped()
    if own is not None and len(own):
        given = own.assign(buyer=own.get("buyer", ""), evidence=own.get("evidence", "own"))
        given["source"] = own.get("source", "")
        given = given.reindex(columns=list(BILL_COLUMNS))
        replaced = set(zip(given["product"], given["buyer"], strict=True))
        kept = [key not in replaced for key in zip(table["product"], table["buyer"], strict=True)]
        table = pd.concat([given, table[kept]], ignore_index=True)
    table = table.reset_index(drop=True)
    for name in _FIGURES:
        table[name] = pd.to_numeric(table[name])
    table["quantity"] = table["quantity"].fillna(1.0)
    text = [name for name in BILL_COLUMNS if name not in _FIGURES]
    table[text] = table[text].fillna("").astype(str)
    return table.assign(share=_shares(table))


def _shares(table: pd.DataFrame) -> pd.Series:
    """Return each row's share of its unit: from values where all have one, else as given."""
    keys = [table["product"], table["buyer"]]
    worth = table["value"] * table["quantity"]
    valued = table["value"].notna().groupby(keys).transform("all")
    by_value = worth / worth.groupby(keys).transform("sum")
    given = table["share"] * table["quantity"]
    return by_value.where(valued & (by_value >= 0.0), given)


def bill_of(parts: pd.DataFrame, function: str, maker: str, parties: Parties) -> pd.DataFrame:
    """Return the bill of one unit of a function by a maker; empty if there is none.

    A bill of the maker goes before one of any maker; a function without either takes that of its
    part of the network ("core" for an AMF).
    """
    seats = [function, *(name for name, inner in DOMAINS.items() if function in inner)]
    buyers = parts["buyer"].map(parties.id_of)
    for product in seats:
        for buyer in (parties.id_of(maker), ""):
            found = parts[(parts["product"] == product) & (buyers == buyer)]
            if len(found):
                return found
    return parts.iloc[:0]
