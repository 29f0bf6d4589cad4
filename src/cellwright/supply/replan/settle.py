"""Equipment that is not chosen site by site: another maker's wherever a rule bans its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from cellwright.supply.elements import cleared, in_scope, matches
from cellwright.supply.parties import Parties
from cellwright.supply.replan.calendar import Calendar
from cellwright.supply.replan.restrictions import BANS, CHOSEN
from cellwright.supply.rules import Rule

_COLUMNS = ("element_id", "site_id", "function", "maker", "new_maker", "day", "usd", "rule_id")


def settled(
    elements: pd.DataFrame,
    rules: Iterable[Rule],
    when: Calendar,
    makers: Sequence[str],
    parties: Parties,
    areas: Mapping[str, Any] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Replace banned core, transport and management equipment, piece by piece.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`; equipment of the functions in `CHOSEN` is left as it is.
    rules : iterable of Rule
        Those that ban or ask for a permit act; shares are not looked at.
    when : Calendar
        Phases: a piece is replaced at the beginning of the one in which its ban begins to bind.
    makers : sequence of str
        Who may replace it, dearest last; makers of the same function come first.
    parties, areas : as in `evaluate`

    Returns
    -------
    elements : DataFrame
        With the pieces replaced: never installed where the ban comes first.
    changes : DataFrame
        ``element_id, site_id, function, maker, new_maker`` (empty: anybody else, none of the
        makers named may), ``day, usd`` (its value; the same from anybody, assumed), ``rule_id``.
    """
    bans = [rule for rule in rules if rule.kind in BANS and rule.acts_on == "network"]
    due = _first_bans(elements, bans, when, parties, areas)
    old, rows, fresh = elements.copy(), [], []
    for at, (day, rule_id) in due.items():
        piece = elements.loc[at]
        same = elements.loc[elements["function"] == piece["function"], "maker"]
        name = _allowed(piece, bans, [*same.unique(), *makers], when, parties, areas)
        stamp = pd.Timestamp(day)
        begun = pd.isna(piece["installed"]) or piece["installed"] < stamp
        changed = stamp if begun else piece["installed"]
        kept = [piece[one] for one in ("element_id", "site_id", "function", "maker")]
        rows.append((*kept, name, changed, piece["value"], rule_id))
        if begun:
            old.loc[at, "removed"] = stamp
            new = {"maker": name, "installed": stamp, "element_id": f"{piece['element_id']}@{day}"}
            fresh.append({**piece.to_dict(), **new})
        else:
            old.loc[at, "maker"] = name
    made = pd.DataFrame([*old.to_dict("records"), *fresh], columns=old.columns)
    return made.astype(elements.dtypes), pd.DataFrame(rows, columns=list(_COLUMNS))


def _first_bans(
    elements: pd.DataFrame,
    bans: Sequence[Rule],
    when: Calendar,
    parties: Parties,
    areas: Mapping[str, Any] | None,
) -> dict[Any, tuple[date, str]]:
    """Return the day by which each piece must be another's, and the rule that asks for it."""
    others = elements[~elements["function"].isin(CHOSEN)]
    due: dict[Any, tuple[date, str]] = {}
    for rule in bans:
        scope = others[in_scope(rule, others, areas)]
        if rule.kind == "permit":
            scope = scope[~cleared(rule, scope)]
        for first, last in zip(when.first, when.last, strict=True):
            day = _binds(rule, parties, first, last)
            if day is None:
                continue
            hit = scope[matches(rule.who, scope, parties, day)]
            hit = hit[hit["removed"].isna() | (hit["removed"] > pd.Timestamp(first))]
            if rule.basis == "flow":
                hit = hit[hit["installed"] >= pd.Timestamp(day)]
            for at in hit.index:
                if at not in due or first < due[at][0]:
                    due[at] = (first, rule.rule_id)
    return due


def _binds(rule: Rule, parties: Parties, first: date, last: date) -> date | None:
    """Return the last day of a phase on which a rule, a share or a listing turns, if it binds."""
    turns = {step.start for step in rule.steps} | parties.turns()
    days = [first, *sorted(day for day in turns if first < day <= last)]
    bound = [day for day in days if rule.limit_on(day) is not None]
    return bound[-1] if bound else None


def _allowed(
    piece: pd.Series,
    bans: Sequence[Rule],
    makers: Sequence[str],
    when: Calendar,
    parties: Parties,
    areas: Mapping[str, Any] | None,
) -> str:
    """Return the first maker that no rule bans from the piece at any time, or nobody's name."""
    for name in dict.fromkeys(makers):
        one = piece.to_frame().T.assign(maker=name)
        banned = any(
            bool(in_scope(rule, one, areas).iloc[0])
            and any(
                rule.limit_on(day) is not None
                and bool(matches(rule.who, one, parties, day).iloc[0])
                for day in when.last
            )
            for rule in bans
        )
        if name and not banned:
            return name
    return ""


def spread_managers(elements: pd.DataFrame, makers: Iterable[str]) -> pd.DataFrame:
    """Give every maker of radio equipment its own element manager, for as long as it runs.

    Parameters
    ----------
    elements : DataFrame
        The answer's equipment.
    makers : iterable of str
        Makers whose managers come and go with their equipment; other managers stay.

    Returns
    -------
    DataFrame
        A maker without a manager so far gets a copy of one that is there.
    """
    radio = elements[elements["function"].isin(CHOSEN)]
    manager = elements["function"].eq("EMS")
    theirs = manager & elements["maker"].isin(list(makers))
    if not theirs.any():
        return elements
    pattern = elements[theirs].iloc[0]
    rows = []
    for maker, table in radio.groupby("maker", sort=False):
        mine = elements[theirs & (elements["maker"] == maker)]
        row = (mine.iloc[0] if len(mine) else pattern).to_dict()
        ends = table["removed"]
        removed = pd.NaT if ends.isna().any() else ends.max()
        start = pd.NaT if table["installed"].isna().any() else table["installed"].min()
        name = row["element_id"] if len(mine) else f"{row['site_id']}/EMS-{maker}"
        rows.append({**row, "maker": maker, "element_id": name, "installed": start,
                     "removed": removed})  # fmt: skip
    kept = elements[~theirs].to_dict("records")
    return pd.DataFrame([*kept, *rows], columns=elements.columns).astype(elements.dtypes)
