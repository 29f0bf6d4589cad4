"""What people read in place of ids: names of parties, items of the equipment list in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cellwright.project.supply.case import SupplyCase

if TYPE_CHECKING:
    import pandas as pd

#: Table of the page -> columns that hold one party, and columns with parties among other words.
_PARTIES: Mapping[str, tuple[str, ...]] = {
    "vendors": ("maker",), "sites": ("maker",), "shares": ("maker",), "bom": ("maker",),
    "landed": ("maker",), "replan": ("vendor",), "exposure": ("party",),
}  # fmt: skip
_WORDS: Mapping[str, tuple[str, ...]] = {
    "survive": ("outage", "nodes"), "frontier": ("words", "option", "vendors"),
}  # fmt: skip
_ITEMS = ("bom", "landed")
#: Assumptions whose value is parties.
_ABOUT_MAKERS = ("maker of ", "vendors to choose from")


def named(case: SupplyCase, party: str) -> str:
    """Return the name of a party, or what was given where nobody has it."""
    return case.parties[party].name if party in case.parties else party


def named_within(case: SupplyCase, text: str) -> str:
    """Return words with every party's id in them replaced by its name.

    Notes
    -----
    Only for words made of ids, such as those of a hedge: in free words an id may mean another
    thing.
    """
    names = {party.party_id: party.name for party in case.parties}
    # the longest first: an id may begin with another
    ids = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    if not ids:
        return text
    return re.sub(rf"(?<![\w-])({ids})(?![\w-])", lambda found: names[found[0]], text)


def item_words(item: str) -> str:
    """Return an item of the equipment list in words; the user's own items as they are.

    Examples
    --------
    >>> item_words("nr_radio_pole"), item_words("our_own_box")
    ('5G radio on a pole', 'our_own_box')
    """
    from cellwright.report import vocabulary

    term = vocabulary().get(item)
    return term.title if term is not None else item


def readable(case: SupplyCase, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables of the page as people read them; files and ``--json`` keep the ids.

    Parameters
    ----------
    case : SupplyCase
    tables : dict of str to DataFrame
        Of `board_tables`.
    """

    def party(value: Any) -> Any:
        return named(case, value) if isinstance(value, str) else value

    def within(value: Any) -> Any:
        return named_within(case, value) if isinstance(value, str) else value

    made = dict(tables)
    for name, table in tables.items():
        made[name] = _mapped(table, _PARTIES.get(name, ()), party)
        made[name] = _mapped(made[name], _WORDS.get(name, ()), within)
    for name in _ITEMS:
        if name in made:
            made[name] = _mapped(made[name], ("item",), item_words)
    if "assumptions" in made:
        rows = made["assumptions"]
        makers = rows["assumption"].astype(str).str.startswith(_ABOUT_MAKERS)
        made["assumptions"] = rows.assign(
            value=rows["value"].where(~makers, rows["value"].map(within))
        )
    return made


def _mapped(
    table: pd.DataFrame, columns: tuple[str, ...], words: Callable[[Any], Any]
) -> pd.DataFrame:
    """Return a table with the values of some of its columns in words."""
    here = [column for column in columns if column in table]
    return table.assign(**{column: table[column].map(words) for column in here}) if here else table
