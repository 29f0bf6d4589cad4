"""Where value is from, and what duty adds: by stage, by HS code, origin, importer and date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pandas as pd

from cellwright.errors import InputError, did_you_mean
from cellwright.supply.codes import DATA

STAGES = ("design", "fab", "assembly")
UNKNOWN = "unknown"
#: In a bill: known to be of none of the countries named.
OTHER = "??"


def origin(parts: pd.DataFrame, stage: str = "assembly") -> pd.DataFrame:
    """Return the share of value by country at one stage; unknown is a row of its own.

    Parameters
    ----------
    parts : DataFrame
        ``value`` of one [any one currency], ``design``, ``fab``, ``assembly`` (country codes;
        empty: unknown; "??": known to be none of those named), optionally ``quantity``.
    stage : {"design", "fab", "assembly"}
        Which origin.

    Returns
    -------
    DataFrame
        Index ``country`` (with ``unknown`` and ``other``), columns ``value, share``; largest first.

    Examples
    --------
    >>> from cellwright.supply import bill
    >>> origin(bill("p30-pro"))["share"].round(3).to_dict()
    {'CN': 0.381, 'JP': 0.23, 'US': 0.163, 'TW': 0.079, 'KR': 0.077, 'other': 0.07}
    """
    if stage not in STAGES:
        raise InputError(f'there is no stage "{stage}". {did_you_mean(stage, STAGES)}')
    quantity = parts.get("quantity", 1.0)
    value = (parts["value"] * quantity).astype(float)
    named = parts[stage].fillna("").astype(str).replace({"": UNKNOWN, OTHER: "other"})
    table = value.groupby(named.to_numpy()).sum().rename_axis("country").to_frame("value")
    table["share"] = table["value"] / table["value"].sum()
    return table.sort_values("value", ascending=False, kind="stable")


@dataclass(frozen=True)
class Minimis:
    """Whether an item's controlled share passes a line; an indication, not legal advice.

    Attributes
    ----------
    share, most : float
        Share known to be of the country, and the share if all unknown value were too.
    limit : float
        The line.
    above : bool or None
        None: the unknown share decides.
    """

    share: float
    most: float
    limit: float
    above: bool | None


def de_minimis(
    parts: pd.DataFrame,
    country: str = "US",
    limit: float = 0.25,
    *,
    stage: str = "assembly",
    content: str = "all",
    strict: bool = False,
) -> Minimis:
    """Indicate whether the share of one country's content passes a line.

    Parameters
    ----------
    parts : DataFrame
        As for `origin`; for ``content="controlled"`` with a column ``controlled`` (bool).
    country : str
        Country code.
    limit : float
        0.25 for most destinations, 0.10 for some (15 CFR 734.4, recalled).
    content : {"all", "controlled"}
        Which content counts is a legal question: a switch.
    strict : bool
        Count value of unknown origin against the item; then `above` may be None.

    Examples
    --------
    >>> from cellwright.supply import bill
    >>> [de_minimis(bill(name)).above for name in ("bbu-5g", "small-cell-5g", "p30-pro")]
    [True, False, False]
    """
    counted = parts
    if content == "controlled":
        counted = parts.assign(value=parts["value"].where(parts["controlled"].astype(bool), 0.0))
    whole = float((parts["value"] * parts.get("quantity", 1.0)).sum())
    table = origin(counted, stage)["value"]
    share = float(table.get(country, 0.0)) / whole
    most = share + float(table.get(UNKNOWN, 0.0)) / whole
    above: bool | None = share > limit
    if strict and not above and most > limit:
        above = None
    return Minimis(share, most, limit, above)


@lru_cache(maxsize=1)
def tariffs() -> pd.DataFrame:
    """Return the shipped duties: ``measure, hs, origin, importer, kind, rate, start, end, ...``.

    A row without ``hs`` is a list whose headings are not recorded: shown, never applied.
    """
    table = pd.read_csv(DATA / "tariffs.csv", dtype={"hs": str}, keep_default_na=False)
    for name in ("start", "end"):
        table[name] = pd.to_datetime(table[name].replace("", None))
    return table.assign(rate=table["rate"].astype(float))


@dataclass(frozen=True)
class Landed:
    """What a thing costs with duty.

    Attributes
    ----------
    value, duty, cost : float
        In the currency of the value.
    rate : float
        Sum of the rates that apply.
    measures : tuple of str
        What applies, with evidence.
    known : bool
        Whether any rate for this code and importer is on record; if not, the duty is a guess of 0.
    bites : bool
        Whether a duty above 0 applies.
    note : str
        In words.
    """

    value: float
    duty: float
    cost: float
    rate: float
    measures: tuple[str, ...]
    known: bool
    bites: bool
    note: str


def landed_cost(
    value: float,
    hs: str,
    origin: str,
    importer: str,
    day: date,
    table: pd.DataFrame | None = None,
    extra: Collection[tuple[str, float]] = (),
) -> Landed:
    """Add the duty on a day: value x (general rate + extra rates by origin).

    Parameters
    ----------
    value : float
        Customs value.
    hs : str
        Six digits or more.
    origin, importer : str
        Country codes.
    day : date
        Day of shipment.
    table : DataFrame, optional
        As `tariffs`.
    extra : collection of (origin, rate)
        Duties of a scenario.

    Examples
    --------
    >>> landed_cost(100.0, "851762", "CN", "US", date(2019, 5, 9)).duty
    10.0
    >>> landed_cost(100.0, "851762", "CN", "RU", date(2019, 6, 5)).bites
    False
    """
    if value < 0.0:
        raise InputError(f"value is {value:g}; it must not be negative.")
    if origin and origin == importer:
        note = f"made in {importer}: it is not imported."
        return Landed(value, 0.0, value, 0.0, (), True, False, note)
    rows = _applying(tariffs() if table is None else table, hs, origin, importer, day)
    rates = list(rows["rate"]) + [rate for country, rate in extra if country == origin]
    names = [
        f"{measure}: {100.0 * rate:g} % ({evidence})"
        for measure, rate, evidence in zip(
            map(str, rows["measure"]), map(float, rows["rate"]), map(str, rows["evidence"]),
            strict=True,
        )
    ]  # fmt: skip
    names += [f"scenario: {100 * rate:g} %" for country, rate in extra if country == origin]
    rate, known = float(sum(rates)), bool(rates)
    note = f"duty {100 * rate:g} % on goods of {origin} into {importer} on {day.isoformat()}."
    if not known:
        note = f"no duty on HS {hs} into {importer} is on record; counted as 0, to be checked."
    elif rate == 0.0:
        note = f"tariffs do not bite: HS {hs} from {origin} enters {importer} free of duty."
    return Landed(
        value, value * rate, value * (1.0 + rate), rate, tuple(names), known, rate > 0.0, note
    )


def _applying(table: pd.DataFrame, hs: str, origin: str, importer: str, day: date) -> pd.DataFrame:
    now = pd.Timestamp(day)
    code = "".join(mark for mark in hs if mark.isdigit())
    fits = table["hs"].map(lambda head: bool(head) and code.startswith(head))
    fits &= table["origin"].isin(["", origin]) & table["importer"].isin(["", importer])
    fits &= table["start"].isna() | (table["start"] <= now)
    fits &= table["end"].isna() | (table["end"] >= now)
    return table[fits]
