"""The sections of the page: which table each is drawn from, how to read it, what computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from cellwright.report.supply import (
    money_charts,
    people_charts,
    plan_map,
    rule_charts,
    time_charts,
)
from cellwright.report.supply.markup import Draw, element, figure, folded, table
from cellwright.report.supply.tables import escaped

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, eq=False)
class Content:
    """Everything the page shows, checked.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        Of :func:`cellwright.report.supply.tables.checked`.
    places : mapping of str to int
        Maker to colour and symbol.
    currency : str
        Printed unit of money.
    boundary, backdrop, areas : GeoDataFrame or None
        For the map.
    notes : mapping of str to str
        Table to a sentence beside its figures.
    """

    tables: Mapping[str, pd.DataFrame]
    places: Mapping[str, int]
    currency: str = "USD"
    boundary: gpd.GeoDataFrame | None = None
    backdrop: gpd.GeoDataFrame | None = None
    areas: gpd.GeoDataFrame | None = None
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Section:
    """One section of the page.

    Attributes
    ----------
    key : str
        Anchor.
    title : str
        Heading.
    needs : str
        Table without which it is left out.
    command : str
        What computes that table.
    reads : str
        How to read the figure.
    source : str
        What the figure is computed from.
    draw : callable
        ``Content -> markup`` of the figures and tables.
    also : tuple of str
        Further tables whose assumptions and notes stand here.
    broad : bool
        Whether its table needs the whole width.
    """

    key: str
    title: str
    needs: str
    command: str
    reads: str
    source: str
    draw: Callable[[Content], str]
    also: tuple[str, ...] = ()
    broad: bool = False


def breaks_of(content: Content) -> pd.DataFrame:
    """Return the first breaks; where the table of them is silent, the first sampled day."""
    rows = content.tables["timeline"]
    sampled = rows[~rows["complies"]].groupby("rule_id")["day"].min()
    first = sampled.reindex(rows["rule_id"].unique()).rename_axis("rule_id")
    if "breaks" in content.tables:
        told = content.tables["breaks"].drop_duplicates("rule_id").set_index("rule_id")
        first = told["first_break"].reindex(first.index).fillna(first)
    return first.rename("first_break").reset_index()


def _data(content: Content, *names: str, **options: Any) -> str:
    """Return the tables behind a figure, folded."""
    made = []
    for name in names:
        rows = content.tables.get(name)
        if rows is not None:
            drawn = table(name, rows, content.currency, name, **options)
            made.append(folded(_counted(name, rows), drawn))
    return "".join(made)


def _counted(name: str, rows: pd.DataFrame) -> str:
    return f"The figures as a table: {name}, {len(rows):,} row{'s' * (len(rows) != 1)}"


#: Rules of one figure: more would not go on one sheet of paper with the heading.
_PANELS = 10


def _timeline(content: Content) -> str:
    rows, breaks = content.tables["timeline"], breaks_of(content)
    order = rule_charts.broken_first(rows, breaks)
    caption = "Value of each rule against its limit"
    drawn = "".join(
        figure(
            f"timeline{n or ''}",
            caption + ", continued" * (n > 0),
            _timeline_of(rows[rows["rule_id"].isin(order[n : n + _PANELS])], breaks),
        )
        for n in range(0, len(order), _PANELS)
    )
    rules = content.tables.get("rules")
    said = "" if rules is None else table("rules", rules, content.currency, "The rules in words")
    return drawn + said + _data(content, "timeline", "breaks", leave_out=("sentence",))


def _timeline_of(rows: pd.DataFrame, breaks: pd.DataFrame) -> Draw:
    return lambda name, width: rule_charts.timeline(name, rows, breaks, width)


def _vendors(content: Content) -> str:
    rows = content.tables["vendors"]
    drawn = figure("vendors", "Share of each maker in the value of each function",
                   lambda name, width:
                   rule_charts.matrix(name, rows, content.places, width))  # fmt: skip
    return drawn + _data(content, "vendors")


def _map(content: Content) -> str:
    drawn = figure("map", "Sites by maker; coverage lost", lambda name, width: plan_map.plan_map(
        name, content.tables, content.places, width,
        content.boundary, content.backdrop, content.areas))  # fmt: skip
    return drawn + _data(content, "sites")


def _shares(content: Content) -> str:
    rows = content.tables["shares"]
    drawn = figure("shares", "Share of each maker by phase: what runs, what is installed",
                   lambda name, width:
                   rule_charts.shares(name, rows, content.places, width))  # fmt: skip
    return drawn + _data(content, "shares")


def _phases(content: Content) -> str:
    rows = content.tables["phases"]
    drawn = figure("phases", "Phases of the plan and under the scenario, people per phase",
                   lambda name, width: time_charts.gantt(name, rows, width))  # fmt: skip
    return drawn + _data(content, "phases")


def _survive(content: Content) -> str:
    rows = content.tables["survive"]
    drawn = figure("survive", "Time to survive [months] against time to recover [months]",
                   lambda name, width: time_charts.survival(name, rows, width))  # fmt: skip
    return drawn + _data(content, "survive")


def _exposure(content: Content) -> str:
    rows = content.tables["exposure"]
    drawn = figure("exposure", "People behind each party's equipment, by what it could act on",
                   lambda name, width: people_charts.exposure(name, rows, width))  # fmt: skip
    words = rows.assign(power=rows["power"].map(people_charts.POWERS))
    return drawn + table("exposure", words, content.currency, "Exposure, party by party")


def _swap(content: Content) -> str:
    rows = content.tables["swap"]
    drawn = figure("swap", f"Cost of the swap [{content.currency}]", lambda name, width:
                   money_charts.waterfall(name, rows, content.currency, width))  # fmt: skip
    delay = rows[rows["line"] == "delay_months"]
    wait = ""
    if len(delay):
        low, typical, high = (float(delay[at].iloc[0]) for at in ("low", "typical", "high"))
        words = f"The swap takes {typical:.0f} months ({low:.0f} to {high:.0f})."
        wait = element("p", escaped(words))
    money_rows = rows[rows["line"] != "delay_months"]
    worded = money_rows.assign(line=money_rows["line"].replace(money_charts.SWAP_WORDS))
    folded_rows = table("swap", worded, content.currency, "swap")
    return drawn + wait + folded(_counted("swap", money_rows), folded_rows)


def _frontier(content: Content) -> str:
    rows = content.tables["frontier"]
    captions = {
        "cost-time": "Cost against person-months lost in the worst scenario",
        "cost-exposure": "Cost against the share of people exposed",
    }
    drawn = [
        figure(f"frontier-{kind}", caption, _frontier_of(rows, kind, content.currency))
        for kind, caption in captions.items()
        if kind in set(rows["kind"])
    ]
    return "".join(drawn) + _data(content, "frontier")


def _frontier_of(rows: pd.DataFrame, kind: str, currency: str) -> Draw:
    return lambda name, width: money_charts.frontier(name, rows, kind, currency, width)


def _replan(content: Content) -> str:
    return table("replan", content.tables["replan"], content.currency, "Sites by maker and phase")


def _tornado(content: Content) -> str:
    rows = content.tables["tornado"]
    drawn = [
        figure(f"tornado{number}", f"What this hangs on: {outcome}", _tornado_of(mine))
        for number, (outcome, mine) in enumerate(rows.groupby("outcome", sort=False))
    ]
    return "".join(drawn) + _data(content, "tornado")


def _tornado_of(rows: pd.DataFrame) -> Draw:
    return lambda name, width: money_charts.tornado(name, rows, width)


def _origin(content: Content) -> str:
    rows = content.tables["origin"]
    products = ", ".join(dict.fromkeys(rows["product"]))
    drawn = figure("origin", f"Origin of value by stage: {products}", lambda name, width:
                   people_charts.treemaps(name, rows, width))  # fmt: skip
    return drawn + _data(content, "origin")


def _bom(content: Content) -> str:
    return table("bom", content.tables["bom"], content.currency, "What is bought")


def _landed(content: Content) -> str:
    rows = content.tables["landed"]
    bites = bool((rows["duty"] > 0.0).any())
    words = "Duty applies to the items below." if bites else (
        "Tariffs do not bite: no duty on record applies to these items."
    )  # fmt: skip
    unknown = int((~rows["known"]).sum())
    if unknown:
        words += f" For {unknown} of {len(rows)} items no rate is on record; counted as 0."
    return element("p", escaped(words)) + table("landed", rows, content.currency, "Landed cost")


_SEVERITY = {"high": "▲\u00a0", "medium": "◆\u00a0", "low": "●\u00a0"}


def _security(content: Content) -> str:
    rows = content.tables["security"].sort_values("people", ascending=False, kind="stable")
    most = float(rows["people"].max()) if len(rows) else 0.0

    def beside(column: str, value: Any) -> str:
        if column == "people":
            return people_charts.people_bar(float(value), most)
        return _SEVERITY.get(str(value), "") if column == "severity" else ""

    flagged = int((rows["status"] == "flagged").sum())
    words = f"Flagged: {flagged}. Resting on what the input does not state: {len(rows) - flagged}."
    return element("p", escaped(words)) + table(
        "security",
        rows,
        content.currency,
        "Findings, most people first",
        leave_out=("weakness",),
        beside=beside,
        most=40,
    )


SECTIONS: tuple[Section, ...] = (
    Section("rules", "Rules over time", "timeline", "cellwright supply check",
            "The blue line is what the rule measures, the dashed line what it allows from each "
            "date; hatched spans break the rule. Where a rule is on what is installed, not on what "
            "runs, the value adds up from the day named and does not fall when equipment goes.",
            "plan elements of this project, the rules listed", _timeline, ("rules", "breaks")),
    Section("vendors", "Makers by function", "vendors", "cellwright supply check",
            "The fuller a cell, the more of that function's value comes from one maker. RU: radio "
            "unit; gNB: base station; AMF, SMF, UPF, UDM: core; EMS: management.",
            "plan elements, typical prices", _vendors),
    Section("where", "Where", "sites", "cellwright supply check",
            "Symbol and colour tell the maker. A square frame breaks a rule, a dashed circle loses "
            "supply in the scenario; shaded pixels lose coverage when coverage is computed again "
            "without the party.",
            "plan of this project, coverage computed again", _map, ("lost",)),
    Section("shares", "Makers by phase", "shares", "cellwright supply check",
            "Stock is all that runs after a phase; flow only what the phase installs. A rule on "
            "one says nothing about the other.", "plan elements by phase", _shares),
    Section("phases", "Phases under the scenario", "phases", "cellwright supply whatif SCENARIO",
            "Grey is the plan, the bar below it the scenario. A bar begins where the phase before "
            "it ends. Person-months: people times months they wait.",
            "phases of the roll-out, stock, the scenario", _phases),
    Section("survive", "Time to survive", "survive", "cellwright supply survive",
            "Where stock runs out before supply is back (hatched), phases stop. No probability is "
            "asked for: an outage that is survived is harmless however likely it is.",
            "parts, stock and suppliers; Simchi-Levi et al., Interfaces 45 (2015)", _survive),
    Section("exposure", "Exposure", "exposure", "cellwright supply exposure --party NAME",
            "Outer bars: everybody whose serving path crosses the party. Inner bars: who is left "
            "once ciphering and IPsec in place are credited, and once trusted cells that overlap "
            "take over. What equipment could do is not what a party does.",
            "serving paths, 3GPP TS 33.501, coverage computed again", _exposure),
    Section("swap", "Cost of a swap", "swap", "cellwright supply swap",
            "Gross less what was due for replacement anyway is net; dearer later buys and stock "
            "nobody can use come on top.",
            "prices and ages of the equipment, terms in the assumptions", _swap),
    Section("frontier", "What resilience costs", "frontier", "cellwright supply frontier",
            "Further left is better, further down is cheaper. Hollow options are dominated: "
            "another is cheaper and no worse.", "plans computed again with each hedge", _frontier),
    Section("replan", "A plan that keeps the rules", "replan", "cellwright supply replan",
            "The cheapest plan for as many people that keeps the rules, checked by the radio map "
            "and rule by rule.", "sites x vendors x phases, HiGHS; coverage computed again",
            _replan),
    Section("tornado", "What the result hangs on", "tornado", "cellwright supply report",
            "Each input moves from its low to its high value, all others at typical.",
            "the same computation, one input at a time", _tornado),
    Section("origin", "Origin", "origin", "cellwright supply origin",
            "Area is value. Origin differs by stage; hatched value has no stated origin.",
            "bills of material", _origin),
    Section("bom", "What is bought", "bom", "cellwright supply bom",
            "Prices are for one piece, low to high; lead time counts from the order.",
            "bill of materials of the plan, price book", _bom, broad=True),
    Section("landed", "Landed cost", "landed", "cellwright supply landed-cost",
            "Duty is value times the rates on record for heading, origin, importer and day.",
            "tariff table with its sources", _landed, broad=True),
    Section("security", "Security, by people", "security", "cellwright security check",
            "Ranked by the people behind each element. Many of these protections are the "
            "operator's decision.", "plan, configurations given; 3GPP TS 33.501", _security,
            broad=True),
)  # fmt: skip
