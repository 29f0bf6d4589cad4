"""What duties add to a plan: by HS code, origin, importer and day; and where none bites, why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import pandas as pd

from cellwright.errors import InputError, did_you_mean
from cellwright.supply.bills import hs_of, kinds
from cellwright.supply.codes import countries
from cellwright.supply.origin import Landed, landed_cost, tariffs
from cellwright.supply.parties import Parties

LEVELS = ("low", "typical", "high")
LANDED_COLUMNS = (
    "item", "function", "maker", "quantity", "hs", "origin", "origin_assumed", "value",
    *(f"{name}_{level}" for name in ("rate", "duty", "cost") for level in LEVELS),
    "measures", "known", "bites", "note",
)  # fmt: skip
#: Origin -> rates low, typical, high that a scenario adds.
Extra = Collection[tuple[str, float, float, float]]


def plan_landed(
    elements: pd.DataFrame,
    importer: str,
    day: date,
    *,
    parties: Parties | None = None,
    table: pd.DataFrame | None = None,
    codes: pd.DataFrame | None = None,
    extra: Extra = (),
) -> pd.DataFrame:
    """Add duties to everything a plan buys.

    Parameters
    ----------
    elements : DataFrame
        From :func:`cellwright.supply.plan_elements`; ``made_in`` is the origin.
    importer : str
        Country that the equipment is brought into.
    day : date
        Day of shipment.
    parties : Parties, optional
        Seats of makers: taken as origin where the element does not say [assumed]; low and high then
        span all origins that duties are on record for.
    table : DataFrame, optional
        Duties, as `tariffs`.
    codes : DataFrame, optional
        ``hs, functions``, as `hs_codes`.
    extra : collection of (origin, low, typical, high)
        Duties of a scenario that the importer puts on goods of an origin.

    Returns
    -------
    DataFrame
        Columns `LANDED_COLUMNS`, one row for each kind; ``value`` is of all pieces. ``attrs``:
        ``sentence`` (whether a duty bites, and if not, why), ``not_applied`` (measures on record
        for this importer whose headings are not).

    Raises
    ------
    InputError
        For an unknown importer.

    Examples
    --------
    >>> from cellwright.supply import plan_elements
    >>> plan = plan_elements(pd.DataFrame({"function": ["RU"], "made_in": ["CN"], "value": [10.0]}))
    >>> plan_landed(plan, "US", date(2019, 6, 5))["duty_typical"].tolist()
    [2.5]
    >>> plan_landed(plan, "FR", date(2019, 6, 5)).attrs["sentence"][:57]
    'No duty bites on equipment brought into FR on 2019-06-05:'
    """
    if importer not in countries():
        raise InputError(f'importer is "{importer}". {did_you_mean(importer, countries())}')
    duties, known = tariffs() if table is None else table, parties or Parties()
    rows = [
        _row(kind, importer, day, known, duties, codes, extra)
        for kind in kinds(elements).to_dict("records")
    ]
    result = pd.DataFrame(rows, columns=list(LANDED_COLUMNS))
    result.attrs["not_applied"] = _without_headings(duties, importer, day)
    result.attrs["sentence"] = _sentence(result, importer, day, duties)
    return result


def _row(
    kind: Mapping[Any, Any],
    importer: str,
    day: date,
    parties: Parties,
    duties: pd.DataFrame,
    codes: pd.DataFrame | None,
    extra: Extra,
) -> dict[str, Any]:
    maker, made_in = str(kind["maker"]), str(kind["made_in"])
    seat = parties[maker].country if maker in parties else ""
    hs, value = hs_of(str(kind["function"]), codes), float(kind["total"])

    def at(origin: str, level: int) -> Landed:
        more = [(country, rates[level]) for country, *rates in extra]
        if not hs:  # a code no row begins with, so that only what a scenario adds applies
            return landed_cost(value, "?", origin, importer, day, duties, more)
        return landed_cost(value, hs, origin, importer, day, duties, more)

    usual = at(made_in or seat, 1)
    origins = [made_in] if made_in else _origins(duties, extra, seat)
    costs = {
        "low": min((at(one, 0) for one in origins), key=lambda found: found.rate),
        "typical": usual,
        "high": max((at(one, 2) for one in origins), key=lambda found: found.rate),
    }
    note = usual.note if hs else f"no HS code of {kind['function']} is on record; counted as 0."
    row = {
        "item": kind["item"], "function": kind["function"], "maker": maker,
        "quantity": int(kind["quantity"]), "hs": hs, "origin": made_in or seat,
        "origin_assumed": not made_in, "value": value, "measures": "; ".join(usual.measures),
        "known": usual.known, "bites": usual.bites, "note": note,
    }  # fmt: skip
    for level, found in costs.items():
        row |= {f"{name}_{level}": getattr(found, name) for name in ("rate", "duty", "cost")}
    return row


def _origins(duties: pd.DataFrame, extra: Extra, seat: str) -> list[str]:
    """Return the origins that duties differ by, and one that no row names."""
    return list(dict.fromkeys([seat, "", *duties["origin"], *(one[0] for one in extra)]))


def _without_headings(duties: pd.DataFrame, importer: str, day: date) -> list[str]:
    now = pd.Timestamp(day)
    rows = duties[(duties["hs"] == "") & duties["importer"].isin(["", importer])]
    rows = rows[(rows["start"].isna() | (rows["start"] <= now))]
    rows = rows[rows["end"].isna() | (rows["end"] >= now)]
    return [
        f"{row['measure']}: {100 * row['rate']:g} % on goods of {row['origin'] or 'any origin'}"
        for row in rows.to_dict("records")
    ]


def _sentence(table: pd.DataFrame, importer: str, day: date, duties: pd.DataFrame) -> str:
    whole, when = float(table["value"].sum()), f"brought into {importer} on {day.isoformat()}"
    if table["bites"].any():
        duty = float(table["duty_typical"].sum())
        kinds_ = ", ".join(sorted(set(table.loc[table["bites"], "function"])))
        share = f" ({100 * duty / whole:.3g} % of the value)" if whole else ""
        found = f"Duty of {duty:,.0f}{share} bites on {kinds_} {when}."
    else:
        found = f"No duty bites on equipment {when}: {_why(table, whole, importer, duties)}."
    if table.attrs["not_applied"]:
        measures = "; ".join(table.attrs["not_applied"])
        found += f" Not applied, as their headings are not recorded: {measures}."
    if float(table["duty_high"].sum()) > float(table["duty_typical"].sum()):
        found += f" From other origins it could be up to {table['duty_high'].sum():,.0f}."
    return found


def _why(table: pd.DataFrame, whole: float, importer: str, duties: pd.DataFrame) -> str:
    def part(rows: pd.Series) -> str:
        share = float(table.loc[rows, "value"].sum()) / whole if whole else 0.0
        return "all of the value" if share > 1.0 - 1e-9 else f"{100 * share:.3g} % of the value"

    home = table["origin"].eq(importer)
    free, silent, reasons = table["known"] & ~home, ~table["known"] & ~home, list[str]()
    if home.any():
        reasons.append(f"{part(home)} is made there")
    if free.any():
        words = "; ".join(table.loc[free, "measures"])
        names = sorted({measure.split(":")[0] for measure in words.split("; ")})
        seen = ", ".join(word for word in ("seen", "recalled") if f"({word})" in words)
        reasons.append(
            f"for {part(free)} the general rate on record is 0 % ({', '.join(names)}; {seen})"
        )
    abroad = sorted(set(duties.loc[duties["kind"] == "extra", "importer"]) - {"", importer})
    if abroad:
        reasons.append(f"the extra duties on record are those of {', '.join(abroad)}")
    if silent.any():
        reasons.append(f"for {part(silent)} no rate is on record, counted as 0, to be checked")
    return "; ".join(reasons)
