"""Changes of a scenario as cuts of a chain, cover and support of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from cellwright.errors import InputError
from cellwright.supply.library import Scenario
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Who
from cellwright.supply.stress.chain import words
from cellwright.supply.stress.patches import unpatched
from cellwright.supply.stress.phases import LEVELS, months_from
from cellwright.supply.stress.plan import COVER_MONTHS, PlanChain, with_cover
from cellwright.supply.stress.timeline import Cut

Triple = tuple[float, float, float]


def figures(change: Mapping[str, Any], name: str) -> Triple:
    """Return a change's figure low, typical, high: ``name_low`` and so on, or ``name`` alone.

    Raises
    ------
    InputError
        The change gives none.
    """
    one = change.get(name)
    given = [change.get(f"{name}_{level}", one) for level in LEVELS]
    if any(value is None for value in given):
        raise InputError(
            f"the change of {change.get('day')} ({change.get('kind')}) needs {name}, or "
            f"{name}_low, {name}_typical and {name}_high."
        )
    return float(given[0]), float(given[1]), float(given[2])


def nodes_hit(nodes: pd.DataFrame, change: Mapping[str, Any], parties: Parties) -> tuple[str, ...]:
    """Return the nodes a change of supply is about.

    Parameters
    ----------
    nodes : DataFrame
        Nodes of a `PlanChain`.
    change : mapping
        Any of ``country`` (of design, fab, assembly or the supplier's seat), ``buyer``,
        ``supplier`` (or ``target``; with everyone they hold to half) and ``part``; all given must
        fit. A change without any hits nothing.
    parties : Parties
        Who belongs to whom.
    """
    day, mark = change["day"], nodes["level"].isin(["unit", "part"])
    asked = False
    if change.get("country"):
        asked = True
        mark &= nodes["country"].map(lambda text: change["country"] in words(text)).astype(bool)
    if change.get("buyer"):
        asked = True
        mark &= nodes["buyer"].isin(parties.group([str(change["buyer"])], day))
    supplier = change.get("supplier") or change.get("target")
    if supplier:
        asked = True
        members = parties.group([str(supplier)], day)
        held = nodes["supplier"].map(lambda text: {parties.id_of(word) for word in words(text)})
        mark &= held.map(lambda found: bool(found & members)).astype(bool)
    if change.get("part"):
        asked = True
        mark &= nodes["part"] == str(change["part"])
    return tuple(map(str, nodes.index[mark])) if asked else ()


def cuts_of(scenario: Scenario, made: PlanChain, parties: Parties) -> dict[str, list[Cut]]:
    """Return the cuts of a scenario at each level of harm.

    Notes
    -----
    A longer lead time is a gap in deliveries: what was ordered before the day still comes until
    lead months later, what is ordered after it comes from factor x lead months on.
    """
    nodes = made.chain.nodes
    out: dict[str, list[Cut]] = {level: [] for level in LEVELS}
    for change in scenario.changes:
        if change["kind"] not in ("supply-cut", "lead-time"):
            continue
        hit = nodes_hit(nodes, change, parties)
        first = months_from(made.start, change["day"])
        lengths = figures(change, "months" if change["kind"] == "supply-cut" else "factor")
        for level, length in zip(LEVELS, lengths, strict=True):
            if change["kind"] == "supply-cut":
                spans = {first: list(hit)}
                ends = {first: first + length}
            else:
                lead = nodes.loc[list(hit), "lead_months"].astype(float)
                spans = {first + one: list(lead.index[lead == one]) for one in lead.unique()}
                ends = {first + one: first + one * max(1.0, length) for one in lead.unique()}
            for start, names in spans.items():
                if names and ends[start] > max(0.0, start):
                    out[level].append(Cut(tuple(map(str, names)), max(0.0, start), ends[start]))
    return out


def scenario_covers(
    scenario: Scenario, made: PlanChain, given: Triple = COVER_MONTHS
) -> dict[str, PlanChain]:
    """Return the chain with the stock of each level of harm: low harm has the most.

    A change of kind ``stock`` gives months of cover for all parts (target "parts") or for parts of
    one name; elsewhere `given` holds.
    """
    covers = {level: with_cover(made, given[2 - at]) for at, level in enumerate(LEVELS)}
    for change in scenario.changes:
        if change["kind"] == "stock":
            target, months = str(change.get("target", "parts")), figures(change, "months")
            nodes = made.chain.nodes
            of_parts = nodes["level"] == "part"
            named = of_parts if target == "parts" else of_parts & (nodes["part"] == target)
            chosen = tuple(map(str, nodes.index[named]))
            for at, level in enumerate(LEVELS):
                covers[level] = with_cover(covers[level], months[2 - at], chosen)
    return covers


def support_ends(
    scenario: Scenario, elements: pd.DataFrame, until: date, parties: Parties
) -> pd.DataFrame:
    """Return equipment without software support: `unpatched` of every support cut.

    Returns
    -------
    DataFrame
        ``target, day`` and the columns of `unpatched`.
    """
    tables = []
    for change in scenario.changes:
        if change["kind"] == "support-cut":
            who = Who(parties=(str(change["target"]),))
            found = unpatched(elements, who, change["day"], until, parties)
            found.insert(0, "day", pd.Timestamp(change["day"]))
            found.insert(0, "target", str(change["target"]))
            tables.append(found)
    columns = ["target", "day", "element_id", "site_id", "months", "person_months"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
