"""Bill of materials: what a network needs, item by item and site by site, with price ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.network import PRICES, Carrier, Network, prices_of
from cellwright.rollout.rules import Rule, Rules, check_rules, default_rules

BILL_COLUMNS = (
    "site_id",
    "cost_class",
    "item",
    "vendor",
    "function",
    "quantity",
    "unit",
    "yearly",
    "amount_low_usd",
    "amount_typical_usd",
    "amount_high_usd",
    "price_year",
    "assumed",
    "note",
)
AMOUNTS = ("amount_low_usd", "amount_typical_usd", "amount_high_usd")
#: Where things stand that belong to no site.
NETWORK = ""
#: Quantity, rule.
_Line = tuple[float, Rule]
#: Item to its row of the catalogue: looked up for every line, where a DataFrame is slow.
_Prices = dict[Any, dict[Any, Any]]


def bill_of_materials(
    network: Network,
    catalogue: pd.DataFrame,
    rules: Rules | None = None,
    *,
    in_place: Collection[str] = (),
    fibre_m: Mapping[str, float] | None = None,
    core: str | None = None,
) -> pd.DataFrame:
    """List everything a network needs.

    Parameters
    ----------
    network : Network
        Only sites with cells are counted.
    catalogue : DataFrame
        As ``network.catalogue()`` returns it.
    rules : Rules, optional
        Default: the shipped ones.
    in_place : collection of str
        Names of carriers that stand already on sites of status "existing": they cost nothing there.
    fibre_m : mapping of site_id to length, optional
        Metres of fibre to each site where known; the others keep the rules' assumed length.
    core : str, optional
        Item of the core to buy once, such as "core_nsa".

    Returns
    -------
    DataFrame
        Columns `BILL_COLUMNS`, one row per site and item; rows of the whole network (spares, core)
        have an empty ``site_id``. ``yearly`` rows are opex: amounts a year.

    Raises
    ------
    InputError
        For unknown items, cost classes or carriers in `in_place`.
    """
    rules = rules or default_rules()
    sites = network.sites_in_use
    check_rules(rules, catalogue, sites["cost_class"])
    for name in sorted(set(in_place) - set(network.carriers)):
        raise InputError(f'in_place names "{name}". {did_you_mean(name, network.carriers)}')
    prices = _price_list(catalogue)
    rows = []
    for site_id, status, cost_class in sites[["site_id", "status", "cost_class"]].itertuples(
        index=False
    ):
        skipped = set(in_place) if status == "existing" else set()
        for quantity, rule in _lines(_cells_of(network, site_id, skipped), cost_class, rules):
            if rule.item == "fibre" and fibre_m is not None and site_id in fibre_m:
                quantity, rule = fibre_m[site_id], rule.model_copy(update={"note": ""})
            rows.append(_row(site_id, cost_class, quantity, rule.item, rule.note, prices))
    bill = pd.DataFrame(rows, columns=list(BILL_COLUMNS))
    more = [*_spares(bill, rules, prices)]
    if core:
        prices_of(catalogue, core)
        more.append(_row(NETWORK, NETWORK, 1.0, core, "for the whole network", prices))
    if not more:
        return bill
    return pd.concat([bill, pd.DataFrame(more, columns=list(BILL_COLUMNS))], ignore_index=True)


def _cells_of(network: Network, site_id: str, skipped: set[str]) -> Counter[Carrier]:
    """Count the new cells of a site by carrier."""
    cells = network.cells
    names = cells.loc[cells["site_id"] == site_id, "carrier"]
    return Counter(network.carriers[name] for name in names if name not in skipped)


def _lines(cells: Counter[Carrier], cost_class: str, rules: Rules) -> Iterator[_Line]:
    """Apply the rules to one site with so many new cells of each carrier."""
    for rule in rules.rules:
        if rule.classes and cost_class not in rule.classes:
            continue
        counts = [n for carrier, n in cells.items() if n > 0 and _holds_for(rule, carrier)]
        times = {"site": float(bool(counts)), "carrier": len(counts), "cell": sum(counts)}[rule.per]
        if times * rule.quantity > 0.0:
            yield times * rule.quantity, rule


def _holds_for(rule: Rule, carrier: Carrier) -> bool:
    known = not rule.rats or carrier.rat in rule.rats
    return known and rule.min_mhz <= carrier.frequency_mhz < rule.max_mhz


def _price_list(catalogue: pd.DataFrame) -> _Prices:
    return dict(zip(catalogue.index, catalogue.to_dict("records"), strict=True))


def _row(
    site_id: str, cost_class: str, quantity: float, item: str, note: str, prices: _Prices
) -> tuple[object, ...]:
    entry = prices[item]
    amounts = (quantity * entry[name] for name in PRICES)
    return (
        site_id,
        cost_class,
        item,
        entry["vendor"],
        entry["function"],
        quantity,
        entry["unit"],
        entry["function"] == "opex",
        *amounts,
        entry["price_year"],
        entry["assumed"],
        note,
    )


def _spares(bill: pd.DataFrame, rules: Rules, prices: _Prices) -> Iterator[tuple[object, ...]]:
    """Spare units by item, rounded up to whole ones."""
    share = rules.spares.share
    counted = bill[bill["function"].isin(rules.spares.functions) & ~bill["yearly"].astype(bool)]
    for item, quantity in counted.groupby("item")["quantity"].sum().items():
        # 20 x 0.05 is a little above 1 in binary
        units = ceil(round(quantity * share, 9))
        if units:
            yield _row(NETWORK, NETWORK, float(units), str(item), f"spares, {share:.0%}", prices)


def bill_totals(bill: pd.DataFrame) -> pd.DataFrame:
    """Add a bill up by item.

    Returns
    -------
    DataFrame
        Columns ``item, vendor, function, yearly, quantity, unit``, the amounts [USD], ``price_year,
        assumed``; the order of the bill.
    """
    keys = ["item", "vendor", "function", "yearly", "unit", "price_year", "assumed"]
    sums = bill.groupby(keys, sort=False, dropna=False)[["quantity", *AMOUNTS]].sum()
    order = ["item", "vendor", "function", "yearly", "quantity", "unit", *AMOUNTS]
    return sums.reset_index()[[*order, "price_year", "assumed"]]


def site_costs(
    sites: pd.DataFrame,
    carriers: Carrier | Iterable[Carrier],
    catalogue: pd.DataFrame,
    sectors: int = 3,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """Cost of equipping each site, before any is chosen: what the planner weighs.

    Parameters
    ----------
    sites : DataFrame
        Columns ``site_id, cost_class``.
    carriers : Carrier or iterable of Carrier
        Carriers each sector gets anew.
    catalogue : DataFrame
        As ``network.catalogue()`` returns it.
    sectors : int
        Sectors of a site.
    rules : Rules, optional
        Default: the shipped ones.

    Returns
    -------
    DataFrame
        Columns ``site_id, cost_class, site_cost_usd, sector_cost_usd`` (typical capex
        of the site without sectors, and of each sector), ``cost_low_usd, cost_usd,
        cost_high_usd`` (capex with all `sectors`) and ``opex_low_usd, opex_usd,
        opex_high_usd`` (a year), same order as `sites`.
        Spares and core belong to the network and are not in it.

    Raises
    ------
    InputError
        For unknown items or cost classes, or fewer than one sector.
    """
    if sectors < 1:
        raise InputError(f"sectors is {sectors}; a site has at least 1.")
    rules = rules or default_rules()
    check_rules(rules, catalogue, sites["cost_class"])
    wanted = (carriers,) if isinstance(carriers, Carrier) else tuple(carriers)
    prices = _price_list(catalogue)
    costs = {
        name: _class_cost(name, wanted, prices, sectors, rules)
        for name in sites["cost_class"].unique()
    }
    table = pd.DataFrame([costs[name] for name in sites["cost_class"]], columns=list(_COSTS))
    table.insert(0, "site_id", sites["site_id"].to_numpy())
    table.insert(1, "cost_class", sites["cost_class"].to_numpy())
    return table


_COSTS = (
    "site_cost_usd",
    "sector_cost_usd",
    "cost_low_usd",
    "cost_usd",
    "cost_high_usd",
    "opex_low_usd",
    "opex_usd",
    "opex_high_usd",
)


def _class_cost(
    cost_class: str,
    carriers: tuple[Carrier, ...],
    prices: _Prices,
    sectors: int,
    rules: Rules,
) -> tuple[float, ...]:
    def amounts(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        cells = Counter(dict.fromkeys(carriers, count))
        bought = [
            (prices[rule.item], quantity) for quantity, rule in _lines(cells, cost_class, rules)
        ]
        yearly = np.array([entry["function"] == "opex" for entry, _ in bought], dtype=bool)
        sums = [[quantity * entry[name] for name in PRICES] for entry, quantity in bought]
        table = np.array(sums, dtype=float).reshape(-1, len(PRICES))
        return table[~yearly].sum(axis=0), table[yearly].sum(axis=0)

    capex, opex = amounts(sectors)
    sector = amounts(sectors + 1)[0][1] - capex[1]
    return (float(capex[1] - sectors * sector), float(sector), *capex.tolist(), *opex.tolist())
