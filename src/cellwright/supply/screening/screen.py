"""Screening: which parties may be on a list, or owned by who is; evidence, never a verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import Faults
from cellwright.supply.codes import countries
from cellwright.supply.holdings import (
    OWNERSHIP_COLUMNS,
    holdings_on,
    read_ownership,
    shares_of,
)
from cellwright.supply.library import example_parties
from cellwright.supply.parties import Parties
from cellwright.supply.screening.lists import Listed, read_list
from cellwright.supply.screening.names import THRESHOLD, name_score
from cellwright.supply.screening.words import has_latin, plain_name
from cellwright.supply.values import members
from cellwright.supply.values import text as words_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

NOTE = (
    "Possible matches only: a person must compare addresses, registers and the list itself. "
    "A party without a row is not cleared. Nothing here is legal advice."
)
SCREEN_COLUMNS = (
    "party", "result", "via", "name_used", "listed", "listed_name", "list", "score",
    "share_money", "share_control", "chain", "country_party", "country_listed", "country_agrees",
    "from", "to", "in_force", "legal", "place", "evidence",
)  # fmt: skip
_CANDIDATES = 25  # listed names looked at closely for each name of a party
_RARE = 60  # a word in no more listed names than this leads to all of them
_BLOCK = 20_000  # listed names compared at once, so that memory stays small


def screen(
    parties: pd.DataFrame,
    listed: Iterable[Listed] | str | Path,
    ownership: pd.DataFrame | None = None,
    *,
    day: date | None = None,
    threshold: float = THRESHOLD,
    limit: float = 0.5,
    known: bool = True,
) -> pd.DataFrame:
    """Lay parties beside a list.

    Parameters
    ----------
    parties : DataFrame
        ``party``; optionally ``aliases`` (a list, or text with ``|`` between) and ``country``
        (ISO 3166-1 alpha-2).
    listed : iterable of Listed, or path
        As :func:`read_list` returns it, or the file.
    ownership : DataFrame, optional
        ``owner, owned, share, from, to``.
    day : date, optional
        Day of the question; today if not given.
    threshold : float
        Names at or above it are shown, 0 to 1.
    limit : float
        Share of listed owners together from which their holding is shown, 0 to 1.
    known : bool
        Add the aliases and holdings of the shipped parties, which name their sources.

    Returns
    -------
    DataFrame
        Columns `SCREEN_COLUMNS`, strongest first; ``attrs["note"]`` is `NOTE`, and
        ``attrs["own_script_only"]`` names the parties that no Latin name is known of: they were
        laid beside names in their own script only.

    Raises
    ------
    InputError
        With every fault of the parties, the list and the holdings.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = screen(pd.DataFrame({"party": ["ZTE"]}), [Listed("ZTE Corporation")])
    >>> rows.loc[0, ["result", "listed_name"]].tolist()
    ['possible match', 'ZTE Corporation']
    """
    import pandas as pd

    faults, day = Faults(), day or date.today()
    entries = read_list(listed, faults) if isinstance(listed, (str, Path)) else list(listed)
    table = _parties(parties, faults)
    held = _holdings(ownership, known, faults)
    if not (0.0 < threshold <= 1.0 and 0.0 < limit <= 1.0):
        message = f"threshold is {threshold} and limit {limit}; both lie above 0 up to 1."
        faults.error("screen.range", message, "Give shares, not per cent.")
    faults.raise_errors()
    names = _names(table, held, known)
    near = _near(names, entries, threshold)
    rows = [*_by_name(table, near, day), *_by_owner(table, held, near, day, limit, names)]
    result = pd.DataFrame(rows, columns=list(SCREEN_COLUMNS))
    result = result.sort_values(["score", "party"], ascending=[False, True], kind="stable")
    result = result.reset_index(drop=True)
    result.attrs["note"] = NOTE
    result.attrs["own_script_only"] = [
        row["party"] for row in table if not any(has_latin(name) for name in names[row["party"]])
    ]
    return result


def screen_parties(
    parties: Parties,
    listed: Iterable[Listed] | str | Path,
    *,
    day: date | None = None,
    threshold: float = THRESHOLD,
    limit: float = 0.5,
) -> pd.DataFrame:
    """Lay all parties of a study beside a list, with their own names and owners.

    Parameters
    ----------
    parties : Parties
        Names, aliases and holdings; the shipped ones count where they are among them.
    listed, day, threshold, limit
        As for :func:`screen`.

    Raises
    ------
    InputError
        With every fault of the list.
    """
    table, held = tables_of(parties)
    return screen(table, listed, held, day=day, threshold=threshold, limit=limit, known=False)


def tables_of(parties: Parties) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return parties as ``party, aliases, country`` and ``owner, owned, share, from, to``."""
    import pandas as pd

    table = [{"party": one.name, "aliases": one.aliases, "country": one.country} for one in parties]
    held = [
        {
            "owner": parties[h.owner].name if h.owner in parties else h.owner,
            "owned": one.name, "share": h.share, "from": h.start, "to": h.end,
        }
        for one in parties for h in one.owners if h.share > 0.0
    ]  # fmt: skip
    return (
        pd.DataFrame(table, columns=["party", "aliases", "country"]),
        pd.DataFrame(held, columns=list(OWNERSHIP_COLUMNS)),
    )


def _parties(parties: pd.DataFrame, faults: Faults) -> list[dict[str, Any]]:
    """Return name, aliases and country of each party; what is wrong is noted."""
    if "party" not in parties:
        cure = "Columns: party, aliases, country."
        faults.error("screen.missing-column", 'column "party" is missing.', cure, file="parties")
        return []
    if not len(parties):
        faults.error("screen.empty", "there is no party.", "Add rows.", file="parties")
    rows, records = [], parties.to_dict("records")
    for number, record in enumerate(records, start=2):
        where = {"file": "parties", "row": number}
        name, country = words_of(record["party"]), words_of(record.get("country")).upper()
        if not name:
            faults.error("screen.no-name", "party is empty.", "Name the party.", **where)
        elif not plain_name(name):
            message = f'party "{name}" has no letter.'
            faults.error("screen.no-name", message, "Name the party.", **where)
        if country and country not in countries():
            message = f'country is "{country}"; allowed: two letters of ISO 3166-1.'
            cure = "Write GB for the United Kingdom." if country == "UK" else "Write CN, not China."
            faults.error("screen.country", message, cure, **where)
        rows.append({
            "party": name, "aliases": members(record.get("aliases")), "country": country,
        })  # fmt: skip
    return rows


def _holdings(ownership: pd.DataFrame | None, known: bool, faults: Faults) -> pd.DataFrame:
    """Return own and shipped holdings; a user's own row wins over a shipped one of the pair."""
    import pandas as pd

    own = pd.DataFrame(columns=list(OWNERSHIP_COLUMNS)) if ownership is None else ownership
    read = read_ownership(own, faults)
    if not known:
        return read
    shipped = read_ownership(tables_of(example_parties())[1])
    keys = {plain_name(owned) for owned in read["owned"]}
    shipped = shipped[[plain_name(owned) not in keys for owned in shipped["owned"]]]
    parts = [table for table in (read, shipped) if len(table)]
    return pd.concat(parts, ignore_index=True) if parts else read


#: Party -> its names, the first as written.
Names = dict[str, list[str]]


def _names(table: Sequence[dict[str, Any]], held: pd.DataFrame, known: bool) -> Names:
    """Return all names of each party and of each owner and owned."""
    names: Names = {row["party"]: [row["party"], *row["aliases"]] for row in table}
    for name in [*held["owner"], *held["owned"]]:
        names.setdefault(name, [name])
    if not known:
        return names
    by_key = {
        plain_name(one): [party.name, *party.aliases]
        for party in example_parties() for one in (party.name, *party.aliases)
    }  # fmt: skip
    for have in names.values():
        more = [one for own in list(have) for one in by_key.get(plain_name(own), [])]
        have += [one for one in dict.fromkeys(more) if one not in have]
    return names


#: Party -> (score, name used, entry, listed name), strongest first, one for each entry.
Near = dict[str, list[tuple[float, str, Listed, str]]]


def _near(names: Names, entries: Sequence[Listed], threshold: float) -> Near:
    texts = [(entry, name) for entry in entries for name in (entry.name, *entry.aliases)]
    plain = [plain_name(name) for _, name in texts]
    asked = list(dict.fromkeys(name for own in names.values() for name in own))
    pairs = dict(zip(asked, _candidates([plain_name(n) for n in asked], plain), strict=True))
    found: Near = {}
    for party, own in names.items():
        best: dict[int, tuple[float, str, Listed, str]] = {}
        for name in own:
            for place in pairs[name]:
                entry, listed = texts[place]
                score = name_score(name, listed)
                held = best.get(id(entry), (0.0, "", entry, ""))
                if score >= threshold and _order(score, listed, entry) > _order(*held[::3], entry):
                    best[id(entry)] = (score, name, entry, listed)
        found[party] = sorted(best.values(), key=lambda one: -one[0])
    return found


def _order(score: float, text: str, entry: Listed) -> tuple[float, bool]:
    """Put the better resemblance first, and of equal ones the list's main name."""
    return score, text == entry.name


def _candidates(asked: Sequence[str], listed: Sequence[str]) -> Iterator[list[int]]:
    """Yield for each name the listed ones worth a closer look: like in letters, or a rare word."""
    import numpy as np

    holders: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(listed):
        for word in set(name.split()):
            holders[word].append(place)
    like: list[list[tuple[int, int]]] = [[] for _ in asked]
    for begin in range(0, len(listed), _BLOCK):
        scores = _cdist(asked, listed[begin : begin + _BLOCK])
        for row, values in zip(like, scores, strict=True):
            count = min(_CANDIDATES, len(values))
            top = np.argpartition(values, len(values) - count)[len(values) - count :]
            row += [(int(values[one]), begin + int(one)) for one in top if values[one]]
    for name, row in zip(asked, like, strict=True):
        places = [place for _, place in sorted(row, reverse=True)[:_CANDIDATES]]
        rare = [h for w in set(name.split()) if len(h := holders.get(w, [])) <= _RARE]
        yield list(dict.fromkeys([*places, *(place for h in rare for place in h)]))


def _cdist(asked: Sequence[str], listed: Sequence[str]) -> np.ndarray[Any, Any]:
    import numpy as np
    from rapidfuzz import fuzz, process

    return process.cdist(
        asked, listed, scorer=fuzz.ratio, score_cutoff=50, dtype=np.uint8, workers=1
    )


def _by_name(table: Sequence[dict[str, Any]], near: Near, day: date) -> Iterator[dict[str, Any]]:
    for party in table:
        for score, used, entry, text in near[party["party"]]:
            via = "name" if used == party["party"] and text == entry.name else "alias"
            words = f'"{used}" resembles "{text}" ({score:.2f})'
            yield _row(party, via, used, entry, text, score, day, words)


def _by_owner(
    table: Sequence[dict[str, Any]],
    held: pd.DataFrame,
    near: Near,
    day: date,
    limit: float,
    names: Names,
) -> Iterator[dict[str, Any]]:
    """Yield parties of which listed parties hold enough together."""
    if not len(held):
        return
    same = _same(names)
    holdings: dict[str, dict[str, float]] = defaultdict(dict)
    for owned, owners in holdings_on(held, day).items():
        for owner, share in owners.items():
            into = holdings[same[owned]]
            into[same[owner]] = into.get(same[owner], 0.0) + share
    on_list = {same[party]: hits for party, hits in near.items() if any(h[2].on(day) for h in hits)}
    shares = shares_of(holdings, set(on_list), limit)
    for party in table:
        node = same[party["party"]]
        money, control, chain = _held(node, holdings, on_list, shares, limit)
        if max(money, control) < limit - 1e-6 or not chain:
            continue
        score, _, entry, text = on_list[chain[0]][0]
        words = (
            f"listed parties hold {100 * control:.4g} % counted by control, {100 * money:.4g} % "
            f'by money, on {day}: {" > ".join(chain)}; "{chain[0]}" resembles "{text}"'
        )
        row = _row(party, "ownership", chain[0], entry, text, score, day, words)
        yield row | {
            "share_money": money, "share_control": control, "chain": " > ".join(chain),
        }  # fmt: skip


def _held(
    node: str,
    holdings: dict[str, dict[str, float]],
    on_list: Near,
    shares: dict[str, tuple[float, float, list[str]]],
    limit: float,
) -> tuple[float, float, list[str]]:
    """Return what others on the list hold of a party, also where it is listed itself."""
    if node not in on_list:
        return shares.get(node, (0.0, 0.0, []))
    others = set(on_list) - {node}
    return shares_of(holdings, others, limit).get(node, (0.0, 0.0, []))


def _same(names: Names) -> dict[str, str]:
    """Return one name for all that share a plain form with each other."""
    first: dict[str, str] = {}
    result = {}
    for party, own in names.items():
        keys = [plain_name(name) for name in own]
        head = next((first[key] for key in keys if key in first), party)
        for key in keys:
            first.setdefault(key, head)
        result[party] = head
    return result


def _row(
    party: dict[str, Any],
    via: str,
    used: str,
    entry: Listed,
    text: str,
    score: float,
    day: date,
    words: str,
) -> dict[str, Any]:
    own, theirs = party["country"], entry.countries
    agrees = None if not own or not theirs else own in theirs
    country = {True: "country agrees", False: "country differs", None: "country not compared"}
    force = entry.on(day)
    parts = [words, country[agrees], "" if force else f"not on the list on {day}"]
    return {
        "party": party["party"],
        "result": "possible match",
        "via": via,
        "name_used": used,
        "listed": entry.key,
        "listed_name": text,
        "list": entry.list_name,
        "score": score,
        "share_money": None,
        "share_control": None,
        "chain": "",
        "country_party": own,
        "country_listed": " ".join(theirs),
        "country_agrees": agrees,
        "from": entry.start,
        "to": entry.end,
        "in_force": force,
        "legal": entry.legal,
        "place": f"{entry.file} row {entry.row}" if entry.file else "",
        "evidence": "; ".join(part for part in parts if part) + ".",
    }
