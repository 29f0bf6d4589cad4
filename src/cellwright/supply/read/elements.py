"""The user's own equipment of a plan, and the links between its places."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cellwright.errors import Faults, did_you_mean, shown_path
from cellwright.supply.codes import FUNCTIONS, countries
from cellwright.supply.elements import ELEMENT_COLUMNS, plan_elements
from cellwright.supply.parties import Parties
from cellwright.supply.read.tables import ROW, read_table
from cellwright.supply.values import BAR, day, members

_FIGURES = ("sectors", "traffic", "population", "premises", "value")
_PLACES = ("x", "y")
#: Site id of what belongs to no site.
CORE = "core"


def read_elements(
    path: str | Path,
    faults: Faults | None = None,
    *,
    sites: Collection[str] | None = None,
    parties: Parties | None = None,
) -> pd.DataFrame:
    """Read equipment: who made what, where, when, whom it serves.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX or TOML (``[[element]]``) with any of `ELEMENT_COLUMNS`; ``function`` and
        ``site_id`` or ``element_id`` are needed.
    faults : Faults, optional
        Takes the faults; without it they are raised.
    sites : collection of str, optional
        Ids that ``site_id`` may have, beside "core".
    parties : Parties, optional
        A maker that is none of them is warned of: no rule on seats, owners or lists meets it.

    Returns
    -------
    DataFrame
        As :func:`cellwright.supply.plan_elements` types it.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given.
    """
    own, file = Faults() if faults is None else faults, shown_path(path)
    figures = (*_FIGURES, *_PLACES, "phase")
    table = read_table(
        path, list(ELEMENT_COLUMNS), own, key="element", figures=figures, needed=("function",)
    )
    known = None if sites is None else {*map(str, sites), CORE}
    seen: dict[str, int] = {}
    good = []
    for record in table.to_dict("records"):
        row = int(record[ROW])
        problems = _problems(record, known)
        name = record["element_id"]
        if name and seen.setdefault(name, row) != row:
            problems.append(
                (f"element_id is there twice, first in row {seen[name]}.", "Rename it.")
            )
        function = record["function"]
        if function and function not in FUNCTIONS:
            message = f'function "{function}" is not known; it counts in no part of the network.'
            hint = did_you_mean(function, FUNCTIONS)
            own.warn("elements.function", message, hint, file=file, row=row)
        maker = record["maker"]
        if maker and parties is not None and maker not in parties:
            hint = did_you_mean(maker, [party.party_id for party in parties])
            message = f'there is no party "{maker}"; only rules that name it meet it.'
            own.warn("elements.maker", message, hint, file=file, row=row)
        for message, cure in problems:
            label = f'element "{name or record["site_id"] or record["function"]}": {message}'
            own.error("elements.value", label, cure, file=file, row=row)
        good.append(not problems)
    if faults is None:
        own.raise_errors()
    sound = table[pd.Series(good, index=table.index, dtype=bool)]
    dates = {name: [_date(value) for value in sound[name]] for name in ("installed", "removed")}
    words = {
        name: sound[name].str.replace(BAR, " ", regex=False) for name in ("technologies", "tags")
    }
    return plan_elements(sound.assign(**dates, **words, phase=sound["phase"].fillna(0).astype(int)))


def _date(value: str) -> Any:
    found = day(value)
    return pd.NaT if found is None else pd.Timestamp(found)


def _problems(record: Mapping[Any, Any], known: set[str] | None) -> list[tuple[str, str]]:
    problems = []
    function, site = str(record["function"]), str(record["site_id"])
    if not function:
        problems.append(("has no function.", f"One of {', '.join(FUNCTIONS)}."))
    if not site and not record["element_id"]:
        problems.append(("has neither site_id nor element_id.", "Fill one in."))
    if site and known is not None and site not in known:
        problems.append((f'there is no site "{site}" in the plan.', did_you_mean(site, known)))
    if record["made_in"] and record["made_in"] not in countries():
        problems.append((f'made_in is "{record["made_in"]}".', "Use ISO 3166-1 codes."))
    for name in _FIGURES:
        value = record[name]
        if isinstance(value, float) and value < 0.0:
            problems.append((f"{name} is {value:g}.", "Give a number from 0 on."))
    days = []
    for name in ("installed", "removed"):
        try:
            days.append(day(record[name]))
        except ValueError:
            problems.append((f'{name} is "{record[name]}", which is no date.', "Write 2019-06-05."))
            days.append(None)
    if days[0] and days[1] and days[1] <= days[0]:
        problems.append((f"removed {days[1]}, not after installed {days[0]}.", "Swap the dates."))
    return problems


LINK_COLUMNS = ("link_id", "interface", "from", "to", "protection", "media", "leased", "secured")


def read_links(
    path: str | Path, faults: Faults | None = None, *, known: Collection[str] | None = None
) -> pd.DataFrame:
    """Read what is known of links: protection, medium, whose line, secured or not.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX or TOML (``[[link]]``) with `LINK_COLUMNS`. A row names one link (``link_id``), or
        all of an interface and, where given, of an end: ``interface`` "N3", ``from`` "P002".
        Several interfaces may stand in one cell with ``|`` between.
    faults : Faults, optional
        Takes the faults; without it they are raised.
    known : collection of str, optional
        Ids that ``from`` and ``to`` may have.

    Returns
    -------
    DataFrame
        Columns `LINK_COLUMNS` as words, one interface a row, and ``row``.

    Raises
    ------
    InputError
        With every fault, if `faults` is not given.
    """
    from cellwright.supply.security.links import link_problems

    own, file = Faults() if faults is None else faults, shown_path(path)
    table = read_table(path, LINK_COLUMNS, own, key="link", needed=())
    rows = []
    for record in table.to_dict("records"):
        row = int(record[ROW])
        for message, cure in link_problems(record, known):
            own.error("links.value", message, cure, file=file, row=row)
        for interface in members(record["interface"]) or ("",):
            words = {name: str(record[name]) for name in LINK_COLUMNS}
            rows.append({**words, "interface": interface, "row": row})
    if faults is None:
        own.raise_errors()
    return pd.DataFrame(rows, columns=[*LINK_COLUMNS, "row"])
