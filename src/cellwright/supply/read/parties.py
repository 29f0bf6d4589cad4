"""Parties from CSV, XLSX (one row for each holding or listing) and TOML; and back to a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.errors import Faults, did_you_mean, shown_path
from cellwright.supply import holdings
from cellwright.supply.codes import countries
from cellwright.supply.parties import Holding, Listing, Parties, Party
from cellwright.supply.read.tables import ROW, read_table, read_toml
from cellwright.supply.values import BAR, attributes, day, members, share, text, written

PARTY_COLUMNS = (
    "party_id", "name", "aliases", "country", "attributes", "owner", "share", "from", "to",
    "list", "listed_from", "listed_to", "source",
)  # fmt: skip
_ONCE = ("name", "aliases", "country", "attributes", "source")
_KEYS = ("party_id", *_ONCE, "owners", "lists", ROW)


def read_parties(path: str | Path, faults: Faults | None = None) -> Parties:
    """Read parties.

    Parameters
    ----------
    path : str or Path
        TOML (``[[party]]`` as shipped), or CSV or XLSX with `PARTY_COLUMNS`: further rows of a
        ``party_id`` add holdings and listings; ``aliases`` and ``attributes`` ("tier=2") with ``|``
        between.
    faults : Faults, optional
        Takes the faults; without it they are raised.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given: ownership loops, shares over 100 %, unknown
        countries, dates out of order.
    """
    own = Faults() if faults is None else faults
    if Path(path).suffix.lower() == ".toml":
        records = read_toml(Path(path), "party", own)
    else:
        table = read_table(path, PARTY_COLUMNS, own, key="party", needed=("party_id",))
        records = list(_gathered(table, shown_path(path), own))
    parties = as_parties(records, shown_path(path), own)
    if faults is None:
        own.raise_errors()
    return Parties(parties)


def _gathered(table: pd.DataFrame, file: str, faults: Faults) -> Iterable[dict[str, Any]]:
    """Return one record for each party of a flat table, with its holdings and listings."""
    found: dict[str, dict[str, Any]] = {}
    for row in table.to_dict("records"):
        name, place = row["party_id"], {"file": file, "row": int(row[ROW])}
        if not name:
            faults.error("parties.id", "party_id is empty.", "Name the party.", **place)
            continue
        party = found.setdefault(name, {"party_id": name, ROW: row[ROW], "owners": [], "lists": []})
        for key in _ONCE:
            if row[key] and party.setdefault(key, row[key]) != row[key]:
                message = f'party "{name}": {key} is "{row[key]}" here and "{party[key]}" above.'
                faults.error("parties.twice", message, "Keep one.", **place)
        if row["owner"] or row["share"]:
            held = {"owner": row["owner"], "share": row["share"]}
            party["owners"].append({**held, "start": row["from"], "end": row["to"], **place})
        if row["list"]:
            span = {"start": row["listed_from"], "end": row["listed_to"]}
            party["lists"].append({"name": row["list"], **span, **place})
    return found.values()


def as_parties(tables: Iterable[Mapping[str, Any]], file: str, faults: Faults) -> list[Party]:
    """Turn records into parties; ids given twice are left out with a fault."""
    found: dict[str, Party] = {}
    rows: dict[str, int] = {}
    for at, table in enumerate(tables, start=1):
        name, row = text(table.get("party_id")), int(table.get(ROW, at))
        label, place = f'party "{name}"', {"file": file, "row": row}
        if not name or name in found:
            what = "has no party_id" if not name else "is given twice"
            faults.error("parties.id", f"{label} {what}.", "Ids must differ.", **place)
            continue
        for key in sorted(set(table) - set(_KEYS)):
            cure = did_you_mean(key, _KEYS[:-1])
            faults.error("parties.key", f'{label}: there is no "{key}".', cure, **place)
        country = text(table.get("country"))
        _check_country(country, label, faults, place)
        found[name] = Party(
            name,
            text(table.get("name")) or name,
            members(table.get("aliases")),
            country,
            tuple(_holdings(table.get("owners", ()), label, faults, place)),
            attributes(table.get("attributes")),
            tuple(_listings(table.get("lists", ()), label, faults, place)),
            text(table.get("source")),
        )
        rows[name] = row
    _check_names(found, rows, file, faults)
    _check_owners(found, rows, file, faults)
    return list(found.values())


def _check_names(
    found: Mapping[str, Party], rows: Mapping[str, int], file: str, faults: Faults
) -> None:
    """Note names that stand for two parties: which one is meant could not be told."""
    first: dict[str, str] = {}
    for key, party in found.items():
        for name in (key, party.name, *party.aliases):
            other = first.setdefault(name.casefold(), key)
            if other != key:
                message = f'party "{key}": "{name}" also stands for "{other}".'
                cure = "Give the name to one of them."
                faults.error("parties.alias", message, cure, file=file, row=rows[key])


def _check_owners(
    found: Mapping[str, Party], rows: Mapping[str, int], file: str, faults: Faults
) -> None:
    """Note loops, and more than 100 % of a party at a time; owners may go by any name."""
    known = Parties(found.values())
    held = [
        {"owner": known.id_of(h.owner), "owned": key, "share": h.share, "from": h.start,
         "to": h.end, "row": rows[key]}
        for key, party in found.items() for h in party.owners
    ]  # fmt: skip
    holdings.check_holdings(held, faults, file)


def _check_country(country: str, label: str, faults: Faults, place: Mapping[str, Any]) -> None:
    if country and country not in countries():
        cure = 'Write the United Kingdom as "GB".' if country == "UK" else "Use ISO 3166-1 codes."
        message = f'{label}: country "{country}" is unknown.'
        faults.error("parties.country", message, cure, **place)


def _holdings(tables: Any, label: str, faults: Faults, place: dict[str, Any]) -> Iterable[Holding]:
    for one in _dicts(tables, "owners", label, faults, place):
        where = {"file": place["file"], "row": one.get("row", place["row"])}
        owner, part = text(one.get("owner")), share(one.get("share"))
        if not owner:
            message = f"{label}: a holding without an owner."
            faults.error("parties.owner", message, "Name the owner.", **where)
        if part is None or not 0.0 <= part <= 1.0:
            message = f'{label}: {owner or "someone"} holds "{text(one.get("share"))}".'
            cure = 'A share lies from 0 to 1; per cent need their sign: "51 %".'
            faults.error("parties.share", message, cure, **where)
            part = 0.0
        yield Holding(owner, part, *_span(one, label, faults, where))


def _listings(tables: Any, label: str, faults: Faults, place: dict[str, Any]) -> Iterable[Listing]:
    for one in _dicts(tables, "lists", label, faults, place):
        where = {"file": place["file"], "row": one.get("row", place["row"])}
        if not text(one.get("name")):
            message = f"{label}: a listing without the list's name."
            faults.error("parties.list", message, "Name the list.", **where)
        yield Listing(text(one.get("name")), *_span(one, label, faults, where))


def _dicts(
    tables: Any, key: str, label: str, faults: Faults, place: dict[str, Any]
) -> Iterable[Mapping[str, Any]]:
    if isinstance(tables, (list, tuple)) and all(isinstance(one, Mapping) for one in tables):
        return tables
    cure = "Write owners = [{ owner = ..., share = 0.5 }], lists = [{ name = ... }]."
    faults.error("parties.shape", f"{label}: {key} is no list of tables.", cure, **place)
    return ()


def _span(one: Mapping[str, Any], label: str, faults: Faults, where: dict[str, Any]) -> list[Any]:
    days: list[Any] = []
    for key in ("start", "end"):
        try:
            days.append(day(one.get(key)))
        except ValueError:
            message = f'{label}: {key} is "{one.get(key)}", which is no date.'
            faults.error("parties.date", message, "Write it as 2019-05-16.", **where)
            days.append(None)
    if days[0] and days[1] and days[1] < days[0]:
        message = f"{label}: {days[1]} lies before {days[0]}."
        faults.error("parties.dates", message, "Swap the dates.", **where)
    return days


def party_table(parties: Iterable[Party]) -> pd.DataFrame:
    """Return parties as the flat table that `read_parties` reads back: `PARTY_COLUMNS`."""
    rows: list[dict[str, Any]] = []
    for party in parties:
        first = {
            "party_id": party.party_id, "name": party.name, "aliases": BAR.join(party.aliases),
            "country": party.country, "attributes": written(party.attributes),
            "source": party.source,
        }  # fmt: skip
        held = [
            {"owner": h.owner, "share": repr(h.share), "from": h.start, "to": h.end}
            for h in party.owners
        ]
        lists = [
            {"list": one.name, "listed_from": one.start, "listed_to": one.end}
            for one in party.lists
        ]
        for at in range(max(1, len(held), len(lists))):
            head = first if at == 0 else {"party_id": party.party_id}
            more = (part[at] if at < len(part) else {} for part in (held, lists))
            rows.append({**head, **next(more), **next(more)})
    return pd.DataFrame(rows, columns=list(PARTY_COLUMNS), dtype=object)
