"""The chain of a plan: its sites, their equipment by maker, the parts of each, and stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cellwright.errors import InputError
from cellwright.supply.codes import functions_of
from cellwright.supply.elements import people_at
from cellwright.supply.parties import Parties
from cellwright.supply.parts import bill_of, plan_parts
from cellwright.supply.stress.chain import Chain, chain, needs_of, words
from cellwright.supply.stress.outages import RECOVER_MONTHS, Triple, survive_ranges
from cellwright.supply.stress.phases import months_from
from cellwright.supply.stress.timeline import Timeline

#: Months of parts a vendor holds: low, typical, high. Published figures contradict each other by
#: more than a factor of 10 (CLSA 2019-05: 12; Mobile Experts 2019-10: 1; Nikkei 2020-05: 18 to 24).
COVER_MONTHS = (1.0, 12.0, 24.0)
#: Months from order to delivery of equipment and parts. Assumed, as `SwapTerms.lead_months`.
LEAD_MONTHS = 6.0
#: Fastest pace of building over the fastest the plan asks for. Assumed.
CATCH_UP = 1.5


@dataclass(frozen=True, eq=False)
class PlanChain:
    """The chain of a plan, and what its phases ask of it.

    Attributes
    ----------
    chain : Chain
        Roots are kinds of sites ("site of A"), below them equipment ("A gNB"), below that parts
        ("A gNB: FPGA"). Further columns of ``nodes``: ``level`` (root, unit, part), ``function``,
        ``part``, ``buyer`` (maker that buys the part; empty for equipment), ``use`` [units a month
        the plan takes], ``share`` (of its unit's value), ``value`` [USD of one], ``held`` [units
        in the operator's own stock], ``lead_months``, ``evidence``.
    wanted : DataFrame
        ``phase, root, due`` and ``begin`` [months from the first day], ``quantity``, ``people``.
    phases : DataFrame
        ``phase, due, people``.
    start : date
        First day.
    arrivals : DataFrame
        ``node, month, quantity``.
    assumptions : DataFrame
        ``assumption, value, unit, source, evidence``.
    """

    chain: Chain
    wanted: pd.DataFrame
    phases: pd.DataFrame
    start: date
    arrivals: pd.DataFrame
    assumptions: pd.DataFrame

    def timeline(self, ends: tuple[float, ...] = ()) -> Timeline:
        """Return the programme over time for cuts that begin and end at these months."""
        arrivals = self.arrivals if len(self.arrivals) else None
        return Timeline(self.chain, self.wanted, ends, arrivals)

    def of_vendor(self, vendor: str) -> PlanChain:
        """Return the chain of the sites of one access vendor alone."""
        nodes = self.chain.nodes
        tops = nodes.index[(nodes["level"] == "root") & (nodes["vendor"] == vendor)]
        kept = {name for top in tops for name in needs_of(self.chain, str(top))}
        kept |= {other for part, other in self.chain.substitutes if part in kept}
        edges = self.chain.edges
        part = Chain(
            nodes[nodes.index.isin(kept)],
            edges[edges["parent"].isin(kept)].reset_index(drop=True),
            tuple(pair for pair in self.chain.substitutes if pair[0] in kept),
        )
        wanted = self.wanted[self.wanted["root"].isin(tops)]
        arrivals = self.arrivals[self.arrivals["node"].isin(kept)]
        return replace(self, chain=part, wanted=wanted, arrivals=arrivals)


def plan_chain(
    elements: pd.DataFrame,
    phases: pd.DataFrame,
    parties: Parties,
    parts: pd.DataFrame | None = None,
    *,
    cover_months: float = COVER_MONTHS[1],
    stock: pd.DataFrame | None = None,
    start: date | None = None,
    lead_months: float = LEAD_MONTHS,
    catch_up: float = CATCH_UP,
) -> PlanChain:
    """Return the chain of a plan.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`.
    phases : DataFrame
        ``phase, due, sites`` (tuple), ``people``, in order.
    parties : Parties
        Names and seats of makers.
    parts : DataFrame, optional
        From `plan_parts`; default: the shipped bills.
    cover_months : float
        Months of every part its buyer holds, at the pace of the plan.
    stock : DataFrame, optional
        The operator's own, as from `read_stock`; ``item`` is a part, a function, an ``item`` of
        the elements, or a node's name. It adds to the cover.
    start : date, optional
        First day; default: 12 months before the first phase is due.
    lead_months : float
        From order to delivery.
    catch_up : float
        Fastest pace of building over the fastest the plan asks for.

    Returns
    -------
    PlanChain

    Raises
    ------
    InputError
        Phases that name sites the elements do not have.

    Notes
    -----
    Sites whose equipment is by the same makers make one root; quantities are their means. A site
    without access equipment (the core) is a root of its own that everybody waits for.
    """
    bills = plan_parts() if parts is None else parts
    table = phases.reset_index(drop=True).assign(due=pd.to_datetime(phases["due"].to_numpy()))
    begin = start or (table["due"].min() - pd.DateOffset(months=12)).date()
    kinds = _kinds(elements, parties)
    wanted = _wanted(kinds, table, begin)
    nodes, edges, swaps = _tree(elements, kinds, bills, parties)
    frame = pd.DataFrame(nodes).set_index("node")
    whole = chain(frame.assign(lead_months=float(lead_months)), edges, swaps)
    wanted = _pace(whole, wanted, catch_up)
    arrivals = _own_stock(whole, stock, begin, elements)
    made = PlanChain(
        whole, wanted, table[["phase", "due", "people"]], begin, arrivals,
        _assumptions(whole, cover_months, lead_months, catch_up),
    )  # fmt: skip
    return with_cover(made, cover_months)


def with_cover(made: PlanChain, months: float, nodes: tuple[str, ...] | None = None) -> PlanChain:
    """Return the chain with so many months of every part in stock, or of some nodes alone."""
    table = made.chain.nodes
    chosen = table["level"] == "part" if nodes is None else table.index.isin(nodes)
    stock = (table["use"] * months + table["held"]).where(chosen, table["stock"])
    stock = stock.where(chosen | (table["stock"] > 0.0), table["held"])
    changed = Chain(table.assign(stock=stock), made.chain.edges, made.chain.substitutes)
    return replace(made, chain=changed)


def _kinds(elements: pd.DataFrame, parties: Parties) -> pd.DataFrame:
    """Return per site: ``root``, ``vendor``, ``people``, ``installed`` (first day of any of it)."""
    access = {name.casefold() for name in functions_of(("access",))}
    table = elements.assign(
        maker=elements["maker"].map(parties.id_of),
        access=elements["function"].str.casefold().isin(access),
    )
    table["order"] = ~table["function"].isin(["gNB", "eNB", "DU"])
    served = table[table["access"]].sort_values("order", kind="stable")
    vendor = served.groupby("site_id")["maker"].first()
    pairs = table["maker"] + " " + table["function"]
    setup = pairs.groupby(table["site_id"]).agg(lambda mine: ", ".join(sorted(set(mine))))
    people = people_at(elements)
    out = pd.DataFrame({"setup": setup, "vendor": vendor, "people": people})
    out["installed"] = table.groupby("site_id")["installed"].min()
    out["people"] = out["people"].fillna(0.0)
    out["root"] = "site of " + out["vendor"].fillna("").replace("", "an unnamed maker")
    alone = out["vendor"].isna()
    out.loc[alone, "root"] = "site " + out.index[alone].astype(str)
    out["vendor"] = out["vendor"].fillna("")
    shared = out.groupby("root")["setup"].transform("nunique") > 1
    out.loc[shared, "root"] += " (" + out.loc[shared, "setup"] + ")"
    return out


def _wanted(kinds: pd.DataFrame, phases: pd.DataFrame, start: date) -> pd.DataFrame:
    """Return what each phase asks of each root, the phase's people shared by those of the sites."""
    named = {site for sites in phases["sites"] for site in sites}
    missing = sorted(named - set(kinds.index))
    if missing:
        raise InputError(f"phases name sites without equipment: {', '.join(missing[:10])}.")
    rest = kinds[~kinds.index.isin(named)]
    rows = []
    for at, phase in phases.iterrows():
        mine = kinds.loc[list(phase["sites"])]
        if at == 0:  # what no phase names, such as the core, is needed from the first on
            there = rest["installed"] <= pd.Timestamp(start)
            mine = pd.concat([mine, rest[(rest["people"] <= 0.0) & ~there]])
        total = float(mine["people"].sum())
        for root, sites in mine.groupby("root", sort=False):
            share = float(sites["people"].sum()) / total if total > 0.0 else len(sites) / len(mine)
            own = bool((sites["vendor"] != "").any())
            people = float(phase["people"]) * share if own else 0.0
            due = months_from(start, phase["due"])
            rows.append((phase["phase"], root, due, float(len(sites)), people))
    return pd.DataFrame(rows, columns=["phase", "root", "due", "quantity", "people"])


def _tree(
    elements: pd.DataFrame, kinds: pd.DataFrame, bills: pd.DataFrame, parties: Parties
) -> tuple[list[dict[str, Any]], pd.DataFrame, list[tuple[str, str]]]:
    """Return nodes, edges and stand-ins: roots, units by maker and function, parts."""
    table = elements.assign(maker=elements["maker"].map(parties.id_of))
    table["root"] = table["site_id"].map(kinds["root"])
    nodes: dict[str, dict[str, Any]] = {}
    edges, swaps = [], []
    for root, sites in kinds.groupby("root", sort=False):
        nodes[str(root)] = _node(str(root), "root", vendor=str(sites["vendor"].iloc[0]))
        inner = table[table["root"] == root]
        for (maker, function), mine in inner.groupby(["maker", "function"], sort=False):
            unit = f"{maker or 'unnamed'} {function}"
            edges.append((root, unit, len(mine) / len(sites)))
            if unit in nodes:
                continue
            made = ";".join(sorted(set(mine["made_in"]) - {""})) or _seat(str(maker), parties)
            price = float(mine["value"].mean())
            nodes[unit] = _node(
                unit, "unit", function=str(function), supplier=str(maker), country=made,
                value=price, items=";".join(sorted(set(mine["item"]) - {""})),
            )  # fmt: skip
            for part in bill_of(bills, str(function), str(maker), parties).to_dict("records"):
                name = f"{unit}: {part['part']}"
                edges.append((unit, name, float(part["quantity"])))
                nodes[name] = _part(name, part, str(maker), str(function), price, parties)
                for other in words(part["substitutes"]):
                    swap = second_source(nodes[name], other, parties)
                    nodes[str(swap["node"])] = swap
                    swaps.append((name, str(swap["node"])))
    frame = pd.DataFrame(edges, columns=["parent", "child", "quantity"])
    return list(nodes.values()), frame, swaps


def _node(name: str, level: str, **more: Any) -> dict[str, Any]:
    blank = {"vendor": "", "function": "", "part": "", "buyer": "", "supplier": "", "country": ""}
    plain = {"items": "", "evidence": "", "share": 1.0, "value": 0.0, "held": 0.0}
    return {"node": name, "level": level, **blank, **plain, **more}


def _part(
    name: str, part: Mapping[Any, Any], maker: str, function: str, price: float, parties: Parties
) -> dict[str, Any]:
    """Return the node of a part: countries of design, fab, assembly and its makers' seats."""
    makers = [parties.id_of(word) for word in words(str(part["maker"]))]
    stages = [str(part[stage]) for stage in ("design", "fab", "assembly")]
    seats = [_seat(word, parties) for word in makers]
    countries = dict.fromkeys(code for code in [*stages, *seats] if code and code != "??")
    share = float(str(part["share"]))
    return _node(
        name, "part", function=function, part=str(part["part"]), buyer=maker,
        supplier="; ".join(makers), country="; ".join(countries), evidence=str(part["evidence"]),
        share=share, value=price * share / max(float(str(part["quantity"])), 1e-9),
    )  # fmt: skip


def second_source(part: dict[str, Any], supplier: str, parties: Parties) -> dict[str, Any]:
    """Return the node of a part's second source, a supplier beside the first."""
    name = parties.id_of(supplier)
    node = f"{part['node']} from {name}"
    seat = _seat(name, parties)
    return {**part, "node": node, "supplier": name, "country": seat, "held": 0.0}


def _seat(name: str, parties: Parties) -> str:
    return parties[name].country if name in parties else ""


def _pace(whole: Chain, wanted: pd.DataFrame, catch_up: float) -> pd.DataFrame:
    """Set demand, cost and fastest pace of roots and the use of all nodes; return when they begin.

    A first phase is taken to begin as long before its date as the others are apart. The cost of a
    root is the people it brings a service to, spread over the roll-out.
    """
    nodes, begins = whole.nodes, {}
    use = pd.Series(0.0, index=nodes.index)
    for root, mine in wanted.sort_values("due").groupby("root", sort=False):
        due = mine.groupby("due")["quantity"].sum()
        months = due.index.to_numpy(dtype=float)
        gaps = np.diff(months, prepend=0.0)
        gaps[0] = np.mean(gaps[1:]) if len(due) > 1 else max(1.0, months[0])
        gaps = np.maximum(gaps, 1e-3)
        begins[str(root)] = float(months[0] - gaps[0])
        nodes.loc[root, "capacity"] = catch_up * float((due.to_numpy() / gaps).max())
        nodes.loc[root, "demand"] = float(due.sum() / gaps.sum())
        for name, number in needs_of(whole, str(root)).items():
            use[name] += float(due.sum() / gaps.sum()) * number
    out = wanted.assign(begin=wanted["root"].map(begins))
    people = out.groupby("root")["people"].sum()
    span = float(out["due"].max() - out["begin"].min())
    for root, begin in begins.items():
        mine = out[out["root"] == root]
        own = float(people[root]) > 0.0
        brought = float(people[root]) if own else float(people.sum())
        spread = float(mine["due"].max()) - begin if own else span
        rate = float(nodes["demand"].loc[root])
        nodes.loc[root, "cost"] = brought / max(rate * spread, 1e-9)
    for part, other in whole.substitutes:
        use[other] = use[part]
    nodes["use"] = use
    return out


def _own_stock(
    whole: Chain, stock: pd.DataFrame | None, start: date, elements: pd.DataFrame
) -> pd.DataFrame:
    """Put the operator's stock on its nodes; return what is on the way."""
    rows = []
    nodes = whole.nodes
    for line in [] if stock is None else stock.to_dict("records"):
        name = str(line["item"])
        words_of = nodes["items"].map(words)
        named = (nodes.index == name) | (nodes["part"] == name)
        named |= (nodes["level"] == "unit") & (nodes["function"] == name)
        named |= words_of.map(lambda found, name=name: name in found).astype(bool)
        found = list(nodes.index[named])
        if not found:
            raise InputError(
                f'stock item "{name}" is no part, function or item of the plan. '
                f"Known: {', '.join(sorted(set(nodes['part']) | set(nodes['function'])))}."
            )
        use = nodes.loc[found, "use"]
        shares = use / use.sum() if use.sum() > 0.0 else pd.Series(1.0 / len(found), index=found)
        nodes.loc[found, "held"] += float(line["quantity"]) * shares
        nodes.loc[found, "other_use"] += float(line.get("other_use_per_month", 0.0)) * shares
        if pd.notna(line.get("arrives")) and float(line.get("arriving", 0.0)) > 0.0:
            month = months_from(start, line["arrives"])
            rows += [(node, month, float(line["arriving"]) * shares[node]) for node in found]
    nodes["stock"] = nodes["held"]
    return pd.DataFrame(rows, columns=["node", "month", "quantity"])


def _assumptions(whole: Chain, cover: float, lead: float, catch_up: float) -> pd.DataFrame:
    """Return what the chain takes for granted, and how much of its origin is known."""
    parts = whole.nodes[whole.nodes["level"] == "part"]
    spent = parts["use"] * parts["value"]
    known = float(spent[parts["country"] != ""].sum()) / float(spent.sum() or 1.0)
    guessed = float(spent[parts["evidence"] == "assumed"].sum()) / float(spent.sum() or 1.0)
    rows = [
        ("stock of parts held by the vendor", cover, "months", "CLSA 2019, Nikkei 2020", "seen"),
        ("lead time of parts and equipment", lead, "months", "own", "assumed"),
        ("fastest pace of building over the plan's own", catch_up, "times", "own", "assumed"),
        ("parts' value of known origin", f"{known:.0%}", "", "bills of the plan", "own"),
        ("parts' value in assumed bills", f"{guessed:.0%}", "", "bills of the plan", "own"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["assumption", "value", "unit", "source", "evidence"])


def survive_plan(
    made: PlanChain,
    covers: tuple[PlanChain, PlanChain, PlanChain],
    recover_months: Triple | Mapping[str, Triple] = RECOVER_MONTHS,
) -> pd.DataFrame:
    """Cut each supplier, country and part of a plan in turn.

    Parameters
    ----------
    made : PlanChain
        The plan.
    covers : three PlanChain
        The same with stock low, typical and high.
    recover_months : three floats or mapping
        Time to recover [months], as `survive_ranges` takes it.

    Returns
    -------
    DataFrame
        From `survive_ranges`, told apart by the column ``by``: supplier, country, part.
    """
    low, typical, high = (cover.chain for cover in covers)
    most, level = float(made.phases["people"].sum()), made.chain.nodes["level"]
    tables = []
    for by in ("supplier", "country", "node"):
        found = survive_ranges((low, typical, high), by, recover_months, most)
        if by == "node":
            found = found[level.reindex(found["outage"]).to_numpy() == "part"].assign(by="part")
        tables.append(found if by == "node" else found.assign(by=by))
    return pd.concat(tables, ignore_index=True)
