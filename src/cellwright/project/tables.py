"""The tables a person reads, on the page, in the workbook and in the terminal.

The rooms' own tables keep their machine names; here rows get words, and columns what they need
to be shown: ``attrs["columns"]`` maps a column to ``title``, ``unit``, ``format`` or ``meaning``
where the vocabulary does not say it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cellwright.project.work import Work

if TYPE_CHECKING:
    import pandas as pd

PERCENTILES = ("p5", "p25", "p50", "p75", "p95")
#: Rows of a speed table in the order in which they are read; the unit is in the vocabulary.
SPEEDS = (
    "nr_mbps", "lte_mbps", "ratio", "ratio_of_percentiles",
    "nr_peak_mbps", "lte_peak_mbps", "ratio_peak", "ratio_peak_of_percentiles",
)  # fmt: skip
#: The factors that make the ratio of a user alone in the cell; with ``load`` that of the busy hour.
ALONE = ("bandwidth", "duplex", "overhead", "geometry", "layers", "modulation_coding")
WAYS = {"dl": "Download", "ul": "Upload"}
ROOMS = {
    "geo": "Map", "radio": "Radio", "network": "Network", "propagation": "Path loss",
    "coverage": "Coverage", "simulation": "Speed", "planning": "Choice of sites",
    "rollout": "Cost", "report": "Report", "measurement": "Measurements",
}  # fmt: skip
FUNCTIONS = {
    "ran": "Radio", "site": "Site", "labour": "Labour", "transport": "Transport", "core": "Core",
}  # fmt: skip
LEVELS = ("low", "typical", "high")
_ENDS = {
    "unit": {"title": ""},
    "low": {"title": "Low end", "meaning": "Of the 95 % confidence interval"},
    "high": {"title": "High end", "meaning": "Of the 95 % confidence interval"},
    "factor": {"title": "Factor", "unit": ""},
}
TOTALS = {"capex": "once", "opex": "every year", "tco": "all years", "npv": "all years, today"}


def speeds(percentiles: pd.DataFrame, way: str, weight: str = "people") -> pd.DataFrame:
    """Return speeds and ratios of one way by percentile, in words.

    Parameters
    ----------
    percentiles : DataFrame
        As :class:`cellwright.simulation.Comparison` has them.
    way : {"dl", "ul"}
        Download or upload.
    weight : {"people", "area"}
        What the percentiles count.

    Returns
    -------
    DataFrame
        Columns ``quantity, unit, p5 .. p95``.
    """
    from cellwright.report import title, unit_of

    mine = percentiles[(percentiles["way"] == way) & (percentiles["weight"] == weight)]
    mine = mine.set_index("quantity").reindex([n for n in SPEEDS if n in set(mine["quantity"])])
    table = mine[list(PERCENTILES)].reset_index()
    table.insert(1, "unit", table["quantity"].map(unit_of))
    table["quantity"] = table["quantity"].map(title)
    whom = "people" if weight == "people" else "area"
    head = {"quantity": {"title": f"{WAYS[way]}, by {whom}"}, "unit": {"title": ""}}
    return _dressed(table, f"{WAYS[way]} speed: this share of {whom} gets the figure or less", head)


def factors(table: pd.DataFrame, way: str, weight: str = "people") -> pd.DataFrame:
    """Return the factors of the ratio, with the two ratios they multiply to, in words.

    Returns
    -------
    DataFrame
        Columns ``at``, the factors, ``alone`` (their product), ``load`` and ``busy`` (all).
    """
    mine = table[(table["way"] == way) & (table["weight"] == weight)]
    alone = mine[list(ALONE)].prod(axis=1, skipna=False)
    shown = mine[["at", *ALONE]].assign(alone=alone, load=mine["load"], busy=alone * mine["load"])
    words = {"all": "Everyone (geometric mean)"} | {
        name: f"Where the ratio is at its {'median' if name == 'p50' else name[1:] + ' %'}"
        for name in PERCENTILES
    }
    shown = shown.assign(at=shown["at"].map(words)).reset_index(drop=True)
    return _dressed(shown, f"{WAYS[way]}: the factors of 5G over 4G, times")


def shares(table: pd.DataFrame, weight: str = "people") -> pd.DataFrame:
    """Return who sees 10 and 100 times, in words: ``way, when`` and the shares."""
    mine = table[table["weight"] == weight].drop(columns="weight")
    when = mine["when"].str.capitalize()
    mine = mine.assign(way=mine["way"].map(WAYS), when=when).reset_index(drop=True)
    whom = "people" if weight == "people" else "the area"
    return _dressed(mine, f"Share of {whom} that sees 10 and 100 times")


def drawn(percentiles: pd.DataFrame, ranks: Sequence[int] = (5, 50, 95)) -> pd.DataFrame:
    """Return speeds and ratios over the drops with their 95 % confidence, in words.

    Returns
    -------
    DataFrame
        Columns ``way, quantity, unit, percentile, estimate, low, high``.
    """
    from cellwright.report import title, unit_of

    mine = percentiles[percentiles["percentile"].isin(list(ranks))].reset_index(drop=True)
    mine.insert(2, "unit", mine["quantity"].map(unit_of))
    mine = mine.assign(way=mine["way"].map(WAYS), quantity=mine["quantity"].map(title))
    return _dressed(mine, "Users and shadowing drawn: speeds with 95 % confidence", _ENDS)


def drawn_factors(factors: pd.DataFrame) -> pd.DataFrame:
    """Return the factors of the ratio over the drops with their 95 % confidence, in words."""
    from cellwright.report import title

    mine = factors.assign(way=factors["way"].map(WAYS), factor=factors["factor"].map(title))
    heading = "Users and shadowing drawn: factors of 5G over 4G with 95 % confidence, times"
    return _dressed(mine.reset_index(drop=True), heading, _ENDS)


def counted_by(percentiles: pd.DataFrame) -> str:
    """Return "people", or "area" where nobody lives."""
    people = percentiles[percentiles["weight"] == "people"]
    return "people" if people["p50"].notna().any() else "area"


def places(work: Work) -> pd.DataFrame:
    """Return what the plan covers by place of the phone."""
    table = work.get("planning", "places")
    table = table.assign(place=table["place"].astype(str).str.capitalize())
    return _dressed(table, "What the plan covers, by place")


def candidates(work: Work) -> pd.DataFrame:
    """Return how many sites of each kind were looked at and chosen, and the best of the others."""
    import pandas as pd

    from cellwright.report import title

    table = work.get("planning", "candidates")
    rows = []
    for kind, mine in table.groupby("kind", sort=False):
        chosen = mine["chosen"].astype(bool)
        rows.append({
            "kind": title(str(kind)),
            "candidates": len(mine),
            "sites": int(chosen.sum()),
            "alone_share": mine["alone_share"].max(),
            "outage_share": mine.loc[chosen, "outage_share"].max(),
        })  # fmt: skip
    head = {
        "sites": {"title": "Chosen"},
        "alone_share": {"title": "Best covers by itself"},
        "outage_share": {"title": "Most lost if one fails"},
    }
    columns = ["kind", "candidates", "sites", "alone_share", "outage_share"]
    return _dressed(pd.DataFrame(rows, columns=columns), "Candidates, by kind", head)


def totals(work: Work) -> pd.DataFrame:
    """Return what the plan costs: low, typical, high."""
    from cellwright.report import title

    cost, table = work.settings.cost, work.get("rollout", "cost_totals")
    table = table[["figure", *LEVELS]].copy()
    table.insert(1, "yearly", table["figure"].map(TOTALS).fillna(""))
    names = table["figure"].map(lambda name: title(str(name)))
    discounted = table["figure"] == "npv"
    names = names.where(~discounted, f"Present cost at {100 * cost.discount:g} % a year")
    years = table["figure"].isin(["tco", "npv"])
    table["figure"] = names.where(~years, names + f", {cost.years} years")
    return _dressed(table, "What the plan costs", _amounts(LEVELS, cost.currency))


def bill(work: Work, yearly: bool) -> pd.DataFrame:
    """Return what is bought once, or paid every year, item by item."""
    from cellwright.report import title

    table = work.get("rollout", "bill_by_item")
    mine = table[table["yearly"].astype(bool) == yearly]
    mine = mine.assign(
        item=mine["item"].map(lambda one: title(str(one))),
        function=mine["function"].map(lambda one: FUNCTIONS.get(one, one)),
        unit=mine["unit"].str.replace("/y", " a year", regex=False),
        assumed=mine["assumed"].map(assumed_words),
    )
    silent = ["yearly", *(["vendor"] if set(mine["vendor"]) == {"generic"} else [])]
    mine = mine.drop(columns=[*silent, *(["function"] if yearly else [])])
    heading = "Paid every year" if yearly else "Bought once"
    amounts = [f"amount_{level}_usd" for level in LEVELS]
    return _dressed(mine.reset_index(drop=True), heading, _amounts(amounts, "USD"))


def assumed_words(given: Any) -> str:
    """Say which prices of an item no source gives.

    Examples
    --------
    >>> assumed_words("low high lead"), assumed_words("low typical high lead"), assumed_words("")
    ('low, high', 'all three', 'none')
    """
    levels = [level for level in LEVELS if level in str(given).split()]
    if len(levels) == len(LEVELS):
        return "all three"
    return ", ".join(levels) or "none"


def cost_by_site(work: Work) -> pd.DataFrame:
    """Return what each site costs."""
    from cellwright.report import title

    table = work.get("rollout", "cost_by_site")
    table = table.assign(
        site_id=table["site_id"].fillna("").replace("", "whole network"),
        cost_class=table["cost_class"].fillna("").map(lambda one: title(str(one))),
    )
    amounts = [name for name in table.columns if name.startswith(("capex_", "opex_"))]
    return _dressed(table, "Cost by site", _amounts(amounts, work.settings.cost.currency))


def price_sources(work: Work) -> pd.DataFrame:
    """Return where the price of each item of the bill comes from."""
    from cellwright.report import title

    used = work.get("rollout", "bill_by_item")["item"]
    table = work.catalogue.reset_index()
    table = table[table["item"].isin(used)][["item", "source", "licence"]]
    table = table.assign(item=table["item"].map(title)).fillna("").reset_index(drop=True)
    return _dressed(table, "Where the prices come from")


def readable(table: pd.DataFrame, heading: str) -> pd.DataFrame:
    """Return sources or assumptions with the rooms in words."""
    rooms = table["room"].map(lambda room: ROOMS.get(room, room))
    clause = {"clause": {"title": "Clause, table or file"}}
    return _dressed(table.assign(room=rooms), heading, clause)


def of_page(work: Work) -> dict[str, pd.DataFrame]:
    """Return every table of the page by name; the name decides its section."""
    percentiles, split = (work.get("simulation", name) for name in ("percentiles", "factors"))
    weight = counted_by(percentiles)
    sampled, sources = (
        work.get("simulation", f"drop_{name}") for name in ("percentiles", "factors")
    )
    drops = {"speed_drops": drawn(sampled), "ratio_factors_drops": drawn_factors(sources)}
    return {
        "speed_download": speeds(percentiles, "dl", weight),
        "speed_upload": speeds(percentiles, "ul", weight),
        "speed_shares": shares(work.get("simulation", "shares"), weight),
        "ratio_factors_download": factors(split, "dl", weight),
        "ratio_factors_upload": factors(split, "ul", weight),
        **({} if sampled.empty else drops),
        "plan_places": places(work),
        "plan_candidates": candidates(work),
        "cost_totals": totals(work),
        "bill_once": bill(work, yearly=False),
        "bill_yearly": bill(work, yearly=True),
        "cost_by_site": cost_by_site(work),
    }


def _amounts(names: Sequence[str], currency: str) -> dict[str, dict[str, str]]:
    return {name: {"unit": currency, "format": "money"} for name in names}


def _dressed(
    table: pd.DataFrame, heading: str, columns: Mapping[str, Mapping[str, str]] | None = None
) -> pd.DataFrame:
    table = table.copy()
    table.attrs = {"title": heading, "columns": dict(columns or {})}
    return table
