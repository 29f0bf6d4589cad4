"""The bill of material of a whole plan, and where its value is from, stage by stage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from cellwright.supply.bom import BOM_COLUMNS
from cellwright.supply.library import hs_codes, published_bills
from cellwright.supply.origin import OTHER, STAGES, UNKNOWN, de_minimis, origin
from cellwright.supply.parties import Parties
from cellwright.supply.parts import bill_of, plan_parts

ORIGIN_COLUMNS = (
    "stage", "function", "item", "maker", "country", "value", "share", "evidence",
)  # fmt: skip
MINIMIS_COLUMNS = (
    "item", "function", "maker", "quantity", "country", "share", "most", "limit", "indicates",
    "evidence",
)  # fmt: skip
_KIND = ["function", "item", "maker", "made_in"]


def kinds(elements: pd.DataFrame) -> pd.DataFrame:
    """Return what a plan buys: one row for each function, item, maker and country of assembly.

    Returns
    -------
    DataFrame
        ``function, item, maker, made_in, quantity`` (pieces), ``value`` (of one [currency of the
        elements]), ``total``.
    """
    grouped = elements.groupby(_KIND, sort=False, dropna=False)["value"]
    table = grouped.agg(["size", "mean", "sum"]).reset_index()
    return table.rename(columns={"size": "quantity", "mean": "value", "sum": "total"})


def origin_parts(own: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the bills that tell most of origin: the user's, published shares by country, others.

    Parameters
    ----------
    own : DataFrame, optional
        As from :func:`cellwright.supply.read_parts`.

    Returns
    -------
    DataFrame
        As from :func:`cellwright.supply.parts.plan_parts`. A published total by country stands in
        for a bill of a few parts and a large rest of unknown origin.

    Examples
    --------
    >>> table = origin_parts()
    >>> unit = table[(table["product"] == "gNB") & (table["assembly"] == "US")]
    >>> unit["share"].round(3).tolist()
    [0.272]
    """
    published = published_bills()
    if own is None or not len(own):
        return plan_parts(published)
    buyers = own.get("buyer", pd.Series("", index=own.index)).fillna("")
    given = set(zip(own["product"], buyers, strict=True))
    keys = zip(published["product"], published["buyer"], strict=True)
    rest = published[[key not in given for key in keys]]
    return plan_parts(pd.concat([own, rest], ignore_index=True))


def parts_of(kind: Any, parts: pd.DataFrame, parties: Parties) -> pd.DataFrame:
    """Return the bill of one unit of a kind: of its item, else of its function and maker.

    Returns
    -------
    DataFrame
        Rows of `parts`, ``share`` adding up to 1; empty where no bill is known.
    """
    own = bill_of(parts, kind["item"], kind["maker"], parties) if kind["item"] else parts.iloc[:0]
    found = own if len(own) else bill_of(parts, kind["function"], kind["maker"], parties)
    whole = float(found["share"].sum())
    return found.assign(share=found["share"] / whole) if whole > 0.0 else found.iloc[:0]


def hs_of(function: str, codes: pd.DataFrame | None = None) -> str:
    """Return the HS code of a function, or nothing where none is on record.

    Examples
    --------
    >>> hs_of("router"), hs_of("AMF")
    ('851762', '')
    """
    table = hs_codes() if codes is None else codes
    fits = table["functions"].map(lambda words: function in words.split(";"))
    return str(table.loc[fits, "hs"].iloc[0]) if fits.any() else ""


def plan_bom(
    elements: pd.DataFrame,
    parts: pd.DataFrame,
    parties: Parties,
    codes: pd.DataFrame | None = None,
    currency: str = "USD",
) -> pd.DataFrame:
    """Return a plan as a bill of material: each kind of equipment, and inside it its parts.

    Parameters
    ----------
    elements : DataFrame
        From :func:`cellwright.supply.plan_elements`.
    parts : DataFrame
        From :func:`cellwright.supply.parts.plan_parts`.
    parties : Parties
        Names and seats of makers.
    codes : DataFrame, optional
        ``hs, functions``, as `hs_codes`.
    currency : str
        Of the elements' values.

    Returns
    -------
    DataFrame
        Columns of :data:`cellwright.supply.bom.BOM_COLUMNS`, for `write_bom`; ``quantity`` of a
        kind is its pieces in the plan, of a part its pieces in one unit.
    """
    rows = [
        row
        for kind in kinds(elements).to_dict("records")
        for row in _with_parts(kind, parts_of(kind, parts, parties), parties, codes, currency)
    ]
    return pd.DataFrame(rows, columns=list(BOM_COLUMNS))


def _with_parts(
    kind: dict[Any, Any],
    parts: pd.DataFrame,
    parties: Parties,
    codes: pd.DataFrame | None,
    currency: str,
) -> Iterator[dict[str, Any]]:
    ref = "/".join(str(kind[name]) for name in _KIND if kind[name])
    yield {
        "ref": ref, "name": kind["item"] or kind["function"], "parent": "",
        "quantity": float(kind["quantity"]), "function": kind["function"], "sku": kind["item"],
        "hs": hs_of(str(kind["function"]), codes), "eccn": "", "value": float(kind["value"]),
        "currency": currency, "design": "", "fab": "", "assembly": kind["made_in"],
        **_maker(str(kind["maker"]), parties),
    }  # fmt: skip
    for number, part in enumerate(parts.to_dict("records"), start=1):
        priced = part["value"] == part["value"]
        each = part["value"] if priced else kind["value"] * part["share"] / part["quantity"]
        yield {
            "ref": f"{ref}/{number}", "name": part["part"], "parent": ref,
            "quantity": float(part["quantity"]), "function": "part", "sku": "",
            "hs": part["hs"], "eccn": "", "value": float(each),
            "currency": part["currency"] if priced else currency,
            **{stage: "" if part[stage] == OTHER else part[stage] for stage in STAGES},
            **_maker(str(part["maker"]), parties),
        }  # fmt: skip


def _maker(name: str, parties: Parties) -> dict[str, str]:
    if name not in parties:
        return {"maker": name, "maker_country": ""}
    return {"maker": parties[name].name, "maker_country": parties[name].country}


def plan_origin(elements: pd.DataFrame, parts: pd.DataFrame, parties: Parties) -> pd.DataFrame:
    """Return where a plan's value is from, at each stage; a maker's seat is no origin.

    Parameters
    ----------
    elements : DataFrame
        From :func:`cellwright.supply.plan_elements`.
    parts : DataFrame
        From `origin_parts`. The value of a kind is shared out as its
        parts are. Where none is known, and for parts of unknown assembly, the country of assembly
        is what the element says, if it does.
    parties : Parties
        Whose bill is whose.

    Returns
    -------
    DataFrame
        Columns `ORIGIN_COLUMNS`; ``country`` may be "unknown" or "other"; ``share`` is of all value
        at that stage; ``evidence`` is that of the bill. ``attrs["known"]`` is the share of known
        origin by stage.
    """
    rows, whole = list[dict[str, Any]](), float(elements["value"].sum())
    for kind in kinds(elements).to_dict("records"):
        mine = parts_of(kind, parts, parties)
        for stage in STAGES:
            for country, share in _shares(mine, stage, str(kind["made_in"])).items():
                value = float(kind["total"]) * share
                if value:
                    rows.append({
                        "stage": stage, **{name: kind[name] for name in _KIND[:3]},
                        "country": country, "value": value, "share": value / whole,
                        "evidence": _evidence(mine),
                    })  # fmt: skip
    result = pd.DataFrame(rows, columns=list(ORIGIN_COLUMNS))
    named = result[result["country"] != UNKNOWN].groupby("stage")["share"].sum()
    result.attrs["known"] = {stage: float(named.get(stage, 0.0)) for stage in STAGES}
    return result


def _evidence(bill: pd.DataFrame) -> str:
    return ", ".join(sorted(set(bill["evidence"]))) if len(bill) else "no bill"


def _shares(bill: pd.DataFrame, stage: str, made_in: str) -> dict[str, float]:
    where = made_in if stage == "assembly" and made_in else UNKNOWN
    if not len(bill):
        return {where: 1.0}
    found = origin(_weighed(bill), stage)["share"]
    shares = {str(country): float(share) for country, share in found.items()}
    rest = shares.pop(UNKNOWN, 0.0)
    return shares | ({where: shares.get(where, 0.0) + rest} if rest else {})


def _weighed(bill: pd.DataFrame) -> pd.DataFrame:
    """Return a bill by shares of its unit, whatever it is priced in."""
    return bill.assign(value=bill["share"], quantity=1.0)


def origin_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Return shares by stage and country, largest first, from `plan_origin`."""
    summed = table.groupby(["stage", "country"], sort=False)[["value", "share"]].sum().reset_index()
    stage = summed["stage"].map({name: at for at, name in enumerate(STAGES)})
    return summed.iloc[np.lexsort((-summed["value"], stage))].reset_index(drop=True)


def plan_minimis(
    elements: pd.DataFrame,
    parts: pd.DataFrame,
    parties: Parties,
    country: str = "US",
    limit: float = 0.25,
    stage: str = "assembly",
) -> pd.DataFrame:
    """Indicate for each kind of equipment whether one country's content passes a line.

    Parameters
    ----------
    elements, parts, parties
        As for `plan_origin`; kinds without parts are "unknown".
    country, limit, stage
        As for :func:`cellwright.supply.de_minimis`.

    Returns
    -------
    DataFrame
        Columns `MINIMIS_COLUMNS`: ``share`` known, ``most`` if all unknown value were of the
        country; ``indicates``: "above", "below" or "unknown". Not legal advice: which content
        counts is a question of law.
    """
    rows = []
    for kind in kinds(elements).to_dict("records"):
        mine = parts_of(kind, parts, parties)
        row = {
            "item": kind["item"], "function": kind["function"], "maker": kind["maker"],
            "quantity": int(kind["quantity"]), "country": country, "share": 0.0, "most": 1.0,
            "limit": limit, "indicates": "unknown", "evidence": _evidence(mine),
        }  # fmt: skip
        if len(mine):
            found = de_minimis(_weighed(mine), country, limit, stage=stage, strict=True)
            words = {True: "above", False: "below", None: "unknown"}[found.above]
            row |= {"share": found.share, "most": found.most, "indicates": words}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(MINIMIS_COLUMNS))
