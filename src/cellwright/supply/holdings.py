"""Who owns whom, when, and how much in sum over all chains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from cellwright.errors import Faults
from cellwright.supply import values

if TYPE_CHECKING:
    import pandas as pd

OWNERSHIP_COLUMNS = ("owner", "owned", "share", "from", "to")
_TOLERANCE = 1e-6
#: owned -> owner -> share, of one day.
Holdings = Mapping[str, Mapping[str, float]]


def read_ownership(
    table: pd.DataFrame, faults: Faults | None = None, file: str = "ownership"
) -> pd.DataFrame:
    """Check a table of holdings and bring it into types.

    Parameters
    ----------
    table : DataFrame
        Columns `OWNERSHIP_COLUMNS`; ``share`` from 0 to 1 or with a per cent sign, decimal comma
        allowed; ``from`` and ``to`` are the first and last day, empty where not known; ``row`` is
        the place in the file, counted from 2 where absent.
    faults : Faults, optional
        Takes the faults; without it they are raised.
    file : str
        Named in the faults.

    Returns
    -------
    DataFrame
        The sound rows, with ``row``; dates as ``date`` or None.

    Raises
    ------
    InputError
        With every fault: columns, shares, dates, more than 100 % of a party at a time, loops.
    """
    import pandas as pd

    own = Faults() if faults is None else faults
    absent = [name for name in OWNERSHIP_COLUMNS[:3] if name not in table]
    for name in absent:
        cure = f"Columns: {', '.join(OWNERSHIP_COLUMNS)}."
        own.error("ownership.missing-column", f'column "{name}" is missing.', cure, file=file)
    rows = []
    if not absent:
        records = table.reindex(columns=[*OWNERSHIP_COLUMNS, "row"]).to_dict("records")
        for number, record in enumerate(records, start=2):
            place = {"file": file, "row": int(record["row"]) if "row" in table else number}
            row = _row({str(k): v for k, v in record.items()}, own, place)
            rows += [row] if row else []
    check_holdings(rows, own, file)
    if faults is None:
        own.raise_errors()
    return pd.DataFrame(rows, columns=[*OWNERSHIP_COLUMNS, "row"], dtype=object)


def _row(record: dict[str, Any], faults: Faults, where: dict[str, Any]) -> dict[str, Any] | None:
    before = len(faults)
    names = {key: values.text(record[key]) for key in ("owner", "owned")}
    for key, name in names.items():
        if not name:
            faults.error("ownership.no-name", f"{key} is empty.", "Name the party.", **where)
    share = values.share(record["share"])
    if share is None or not 0.0 < share <= 1.0:
        message = f'share is "{record["share"]}"; allowed: above 0 up to 1 (or "51 %").'
        cure = "Is it in per cent? Add the sign."
        faults.error("ownership.share", message, cure, **where)
    days = {}
    for key in ("from", "to"):
        try:
            days[key] = values.day(record[key])
        except ValueError:
            message = f'{key} is "{record[key]}", which is no date.'
            faults.error("ownership.date", message, "Write it as 2019-05-16.", **where)
    first, last = days.get("from"), days.get("to")
    if first and last and last < first:
        message = f"to {last} lies before from {first}."
        faults.error("ownership.date-order", message, "Swap or correct them.", **where)
    if len(faults) > before:
        return None
    return {**names, "share": share, **days, "row": where["row"]}


def holdings_on(table: pd.DataFrame, day: date | None) -> dict[str, dict[str, float]]:
    """Return the holdings of one day: owned -> owner -> share; None: those with no first day."""
    return _on([{str(k): v for k, v in one.items()} for one in table.to_dict("records")], day)


def _on(rows: Iterable[Mapping[str, Any]], day: date | None) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        first, last = row["from"], row["to"]
        if day is None:
            held = first is None
        else:
            held = (first is None or first <= day) and (last is None or day <= last)
        if held:
            of = found[row["owned"]]
            of[row["owner"]] = of.get(row["owner"], 0.0) + float(row["share"])
    return dict(found)


def check_holdings(rows: Iterable[Mapping[str, Any]], faults: Faults, file: str) -> None:
    """Note loops and sums above 100 %, on each day on which something begins.

    Parameters
    ----------
    rows : iterable of mapping
        Keys `OWNERSHIP_COLUMNS` and ``row``, the place in the file.
    faults : Faults
        Takes the faults.
    file : str
        Named in the faults.
    """
    held = list(rows)
    last = {row["owned"]: row["row"] for row in held}
    seen: set[Any] = set()
    for day in [None, *sorted({row["from"] for row in held if row["from"] is not None})]:
        holdings = _on(held, day)
        when = f"on {day}" if day else "from the start"
        for owned, owners in holdings.items():
            if sum(owners.values()) > 1.0 + _TOLERANCE and owned not in seen:
                seen.add(owned)
                message = f'{100 * sum(owners.values()):.4g} % of "{owned}" is held {when}.'
                cure = "Correct the shares, or give the earlier holding a last day."
                faults.error("ownership.over-100", message, cure, file=file, row=last[owned])
        loop = _loop(holdings)
        if loop and frozenset(loop) not in seen:
            seen.add(frozenset(loop))
            message = f"a loop {when}: {' owns '.join([*loop, loop[0]])}."
            cure = "Remove one of these holdings, or end it before the other begins."
            faults.error("ownership.loop", message, cure, file=file, row=last[loop[0]])


def _loop(holdings: Holdings) -> list[str]:
    """Return one loop, owner before owned, or nothing."""
    done: set[str] = set()
    for start in holdings:
        path: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                path.pop()
                done.add(node)
            elif node in path:
                return path[path.index(node) :][::-1]
            elif node not in done:
                path.append(node)
                stack.append((node, True))
                stack += [(owner, False) for owner in holdings.get(node, {})]
    return []


def shares_of(
    holdings: Holdings, owners: Collection[str], limit: float = 0.5
) -> dict[str, tuple[float, float, list[str]]]:
    """Return what a set of owners holds of each party, in sum over all chains.

    Parameters
    ----------
    holdings : mapping
        Owned -> owner -> share, without loops, as of one day.
    owners : collection of str
        The parties whose shares are summed.
    limit : float
        From this sum on a party counts as the owners' own [share].

    Returns
    -------
    dict
        Party -> product of shares summed over chains; sum of direct shares held by the owners or
        by parties they hold `limit` of; one chain, owner first. Parties with nothing are absent.

    Notes
    -----
    Two ways of counting: money (chains multiply: 60 % of 60 % is 36 %) and control (60 % of 60 %
    is 60 %, as who holds `limit` decides). Rules of 50 % count control; both are shown.

    Examples
    --------
    >>> held = {"B": {"A": 0.6}, "C": {"B": 0.6, "X": 0.4}}
    >>> money, control, chain = shares_of(held, {"A"})["C"]
    >>> round(money, 2), control, chain
    (0.36, 0.6, ['A', 'B', 'C'])
    """
    known: dict[str, tuple[float, float, list[str]]] = {}

    def of(party: str) -> tuple[float, float, list[str]]:
        if party in owners:
            return 1.0, 1.0, [party]
        if party not in known:
            known[party] = _sum(party, holdings.get(party, {}), of, limit)
        return known[party]

    for party in holdings:
        of(party)
    return {party: value for party, value in known.items() if value[0] > 0.0}


def _sum(
    party: str, held: Mapping[str, float], of: Any, limit: float
) -> tuple[float, float, list[str]]:
    money = control = best = 0.0
    chain: list[str] = []
    for owner, share in held.items():
        part, rule, path = of(owner)
        money += share * part
        control += share if rule >= limit - _TOLERANCE else 0.0
        if share * part > best:
            best, chain = share * part, [*path, party]
    return money, control, chain
