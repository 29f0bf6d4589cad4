"""The plan as rules see it: one row per piece of equipment, who made it, when, whom it serves."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cellwright.supply.codes import functions_of
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule, Who

#: Column -> what it is where a table does not say.
ELEMENT_COLUMNS: dict[str, Any] = {
    "element_id": "",
    "site_id": "",
    "item": "",
    "maker": "",
    "function": "",
    "technologies": "",
    "made_in": "",
    "tags": "",
    "area": "",
    "phase": 0,
    "installed": pd.NaT,
    "removed": pd.NaT,
    "sectors": 0.0,
    "traffic": 0.0,
    "population": 0.0,
    "premises": 0.0,
    "value": 0.0,
    "x": np.nan,
    "y": np.nan,
}
_WORDS = (
    "element_id",
    "site_id",
    "item",
    "maker",
    "function",
    "technologies",
    "made_in",
    "tags",
    "area",
)
_SUMS = ("sectors", "traffic", "population", "premises", "value")


def plan_elements(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of plan elements with all columns, typed.

    Parameters
    ----------
    table : DataFrame
        Any of `ELEMENT_COLUMNS`: ``site_id`` (site, link or node), ``item``, ``maker``,
        ``function``, ``technologies`` and ``tags`` ("5G LTE"), ``installed`` and ``removed``
        (first day it runs, first day it does not), and what it serves: ``sectors``, ``traffic``
        [any one unit], ``population`` [people], ``premises``, ``value`` [any one currency].

    Returns
    -------
    DataFrame
        Index 0..n-1. An empty ``element_id`` becomes the site and the function.
    """
    out = pd.DataFrame(
        {name: table.get(name, default) for name, default in ELEMENT_COLUMNS.items()},
        index=table.index,
    )
    out = out.reset_index(drop=True)
    for name in _WORDS:
        out[name] = out[name].fillna("").astype(str)
    for name in (*_SUMS, "x", "y"):
        out[name] = pd.to_numeric(out[name]).astype(float)
    out[list(_SUMS)] = out[list(_SUMS)].fillna(0.0)
    for name in ("installed", "removed"):
        out[name] = pd.to_datetime(out[name])
    empty = out["element_id"] == ""
    made = out["site_id"] + "/" + out["function"] + "/" + out.index.astype(str)
    out["element_id"] = out["element_id"].where(~empty, made)
    out["site_id"] = out["site_id"].where(out["site_id"] != "", out["element_id"])
    return out


def _any_word(column: pd.Series, words: frozenset[str] | tuple[str, ...]) -> pd.Series:
    wanted = {word.casefold() for word in words}
    found = {
        text: bool(wanted & set(re.sub(r"[;,+|]", " ", text.casefold()).split()))
        for text in column.unique()
    }
    return column.map(found).astype(bool)


def in_scope(
    rule: Rule, elements: pd.DataFrame, areas: Mapping[str, Any] | None = None
) -> pd.Series:
    """Mark the elements a rule is about: function, technology, tags, area; not who made them.

    Parameters
    ----------
    rule : Rule
        The rule.
    elements : DataFrame
        From `plan_elements`.
    areas : mapping of str to shapely geometry, optional
        Areas by name; an element belongs to one by its ``x, y`` or by the word in ``area``.
    """
    scope = pd.Series(True, index=elements.index)
    if rule.functions:
        wanted = {name.casefold() for name in functions_of(rule.functions)}
        scope &= elements["function"].isin(
            [name for name in elements["function"].unique() if name.casefold() in wanted]
        )
    if rule.technologies:
        scope &= _any_word(elements["technologies"], rule.technologies)
    if rule.tags:
        scope &= _any_word(elements["tags"], rule.tags)
    if rule.where:
        scope &= _inside(rule.where, elements, areas or {})
    return scope


def _inside(names: tuple[str, ...], elements: pd.DataFrame, areas: Mapping[str, Any]) -> pd.Series:
    import shapely

    inside = pd.Series(False, index=elements.index)
    for name in names:
        inside |= (
            elements["area"]
            .str.split(";")
            .map(lambda found, name=name: name in [word.strip() for word in found])
        )
        if name in areas:
            inside |= shapely.contains_xy(areas[name], elements["x"], elements["y"])
    return inside


def matches(who: Who, elements: pd.DataFrame, parties: Parties, day: date) -> pd.Series:
    """Mark the elements whose maker a predicate matches on a day."""
    if who.anyone:
        return pd.Series(True, index=elements.index)
    members = who.members(parties, day)
    makers = elements["maker"]
    ids = makers.map({name: parties.id_of(name) for name in makers.unique()})
    found = ids.isin(members)
    if who.made_in:
        seats = ids.map(lambda name: parties[name].country if name in parties else "")
        made = elements["made_in"].where(elements["made_in"] != "", seats)
        found |= made.isin(who.made_in)
    return ~found if who.other_than else found


def cleared(rule: Rule, elements: pd.DataFrame) -> pd.Series:
    """Mark the elements that have the permit a rule asks for (tag ``cleared:<rule_id>``)."""
    words = elements["tags"].str.split()
    return words.map(lambda found: f"cleared:{rule.rule_id}" in found).astype(bool)


def running(elements: pd.DataFrame, day: date) -> pd.Series:
    """Mark the elements that run on a day; one without dates always runs."""
    now = pd.Timestamp(day)
    begun = elements["installed"].isna() | (elements["installed"] <= now)
    return begun & (elements["removed"].isna() | (elements["removed"] > now))


def installed_between(elements: pd.DataFrame, first: date, last: date) -> pd.Series:
    """Mark the elements installed from one day to another, both included."""
    when = elements["installed"]
    return (when >= pd.Timestamp(first)) & (when <= pd.Timestamp(last))


def amounts(elements: pd.DataFrame, metric: str, matched: pd.Series) -> pd.DataFrame:
    """Return what each unit counts for, and how much of it is matched.

    Returns
    -------
    DataFrame
        Index: the unit (site, or element for ``value`` and ``elements``); columns ``total`` and
        ``matched``.

    Notes
    -----
    Equipment in a row serves the same people: within a site the elements of one function add up,
    and the function with most of it counts. Sites count 1, and as matched if any element is.
    """
    if metric in ("value", "elements"):
        weight = elements["value"] if metric == "value" else pd.Series(1.0, index=elements.index)
        frame = pd.DataFrame({"total": weight, "matched": weight.where(matched, 0.0)})
        return frame.groupby(elements["element_id"].to_numpy(), sort=False).sum()
    if metric == "sites":
        frame = pd.DataFrame({"total": 1.0, "matched": matched.astype(float)}, elements.index)
        return frame.groupby(elements["site_id"].to_numpy(), sort=False).max()
    weight = elements[metric]
    frame = pd.DataFrame({"total": weight, "matched": weight.where(matched, 0.0)})
    keys = [elements["site_id"].to_numpy(), elements["function"].to_numpy()]
    return frame.groupby(keys, sort=False).sum().groupby(level=0, sort=False).max()


def people_at(elements: pd.DataFrame) -> pd.Series:
    """Return the people each site's access equipment serves, by ``site_id``.

    Elements of one function add up (three radios of a third each); of the functions in a row the
    one with most people counts.
    """
    access = {name.casefold() for name in functions_of(("access",))}
    mine = elements[elements["function"].str.casefold().isin(access)]
    by = mine.groupby(["site_id", "function"], sort=False)["population"].sum()
    return by.groupby(level=0, sort=False).max()


def people_of(elements: pd.DataFrame, ids: Collection[str]) -> float:
    """Return the people served by sites of some elements; by a core or its management: everyone."""
    mine = elements[elements["element_id"].isin(ids)]
    served = people_at(elements)
    alone = ~mine["site_id"].isin(served.index)
    if bool(alone.any()):
        return float(served.sum())
    return float(served.reindex(mine["site_id"].unique()).sum())
