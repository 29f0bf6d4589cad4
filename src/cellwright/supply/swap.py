"""What a swap costs: gross, net of natural replacement, uplift, stranded stock, dual running."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import pandas as pd

from cellwright.errors import InputError

LEVELS = ("low", "typical", "high")
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class SwapTerms:
    """Terms of a swap; three values are low, typical, high. Defaults are assumptions.

    Attributes
    ----------
    removal, labour, site_works : tuple of float
        Cost as a share of the price of the new kit: taking down and disposal; installing and
        planning anew; towers, power, backhaul that must change with it.
    dual_running_months : tuple of float
        Time both run.
    opex_share : float
        Cost of running kit a year as a share of its price.
    uplift : tuple of float
        Rise of all later prices (Oxford Economics for Huawei 2019: 8 to 29 %).
    uplift_years : float
        Years of later purchases that pay it.
    discount : float
        Rate a year.
    salvage : tuple of float
        Share of stranded stock that can be sold, low cost first.
    swaps_per_month : tuple of float
        Units that crews can swap.
    lead_months, permit_months : tuple of float
        Waiting before work begins.
    """

    removal: Annotated[Triple, "% of the price of the new kit"] = (0.05, 0.10, 0.20)
    labour: Annotated[Triple, "% of the price of the new kit"] = (0.20, 0.35, 0.60)
    site_works: Annotated[Triple, "% of the price of the new kit"] = (0.0, 0.10, 0.30)
    dual_running_months: Annotated[Triple, "months"] = (1.0, 3.0, 6.0)
    opex_share: Annotated[float, "% of the price of the kit a year"] = 0.10
    uplift: Annotated[Triple, "% of later purchases"] = (0.08, 0.175, 0.29)
    uplift_years: Annotated[float, "years"] = 10.0
    discount: Annotated[float, "% a year"] = 0.08
    salvage: Annotated[Triple, "% of the stranded stock"] = (0.3, 0.1, 0.0)
    swaps_per_month: Annotated[Triple, "units a month"] = (20.0, 10.0, 5.0)
    lead_months: Annotated[Triple, "months"] = (3.0, 6.0, 12.0)
    permit_months: Annotated[Triple, "months"] = (0.0, 1.0, 3.0)


def swap(
    kit: pd.DataFrame,
    *,
    buys_per_year: float = 0.0,
    stranded_stock: float = 0.0,
    bought_since: float | None = None,
    year: float = 2019.0,
    terms: SwapTerms | None = None,
) -> pd.DataFrame:
    """Account for replacing kit, line by line.

    Parameters
    ----------
    kit : DataFrame
        ``price`` (or ``price_low, price_typical, price_high``) of the new unit, ``installed``
        (year), ``life`` [years], ``quantity``.
    buys_per_year : float
        Later purchases a year, for the uplift.
    stranded_stock : float
        Value of stock that can no longer be used.
    bought_since : float, optional
        Look only at kit of this year and later: all lines, ``gross`` and ``total`` with them, are
        of that kit, none of the lines is left out. Accounts by vintage (Strand Consult 2019, what
        was bought since 2016) give its price alone, which is the line ``new_kit``.
    year : float
        Year of the swap.
    terms : SwapTerms, optional
        Terms.

    Returns
    -------
    DataFrame
        Index ``new_kit, removal, labour, site_works, dual_running, gross, natural_replacement,
        net, uplift, stranded_stock, total, delay_months``; columns low, typical, high, in the
        currency of the price.

    Notes
    -----
    Natural replacement = price / (1 + r)^(years of life left): what would have been spent anyway.
    ``total`` = net + uplift + stranded stock.

    Examples
    --------
    >>> import pandas as pd
    >>> kit = pd.DataFrame({"price": [2.9e9 * 0.40] * 10, "installed": range(2009, 2019)})
    >>> float(swap(kit, bought_since=2016).loc["new_kit", "typical"])
    3480000000.0
    """
    use = SwapTerms() if terms is None else terms
    table = kit.assign(quantity=kit.get("quantity", 1.0), life=kit.get("life", 10.0))
    if (table[["quantity", "life"]] < 0.0).any(axis=None):
        raise InputError("quantity and life of kit must not be negative.")
    if bought_since is not None:
        table = table[table["installed"] >= bought_since]
    columns = [_column(table, at, use, year, buys_per_year, stranded_stock) for at in range(3)]
    return pd.DataFrame(dict(zip(LEVELS, columns, strict=True)))


def _column(
    kit: pd.DataFrame, at: int, terms: SwapTerms, year: float, buys: float, stock: float
) -> pd.Series:
    name = f"price_{LEVELS[at]}"
    price = kit[name if name in kit else "price"] * kit["quantity"]
    new = float(price.sum())
    left = (kit["installed"] + kit["life"] - year).clip(lower=0.0)
    later = _present(terms.uplift_years, terms.discount)
    lines = {
        "new_kit": new,
        "removal": new * terms.removal[at],
        "labour": new * terms.labour[at],
        "site_works": new * terms.site_works[at],
        "dual_running": new * terms.opex_share * terms.dual_running_months[at] / 12.0,
    }
    gross = sum(lines.values())
    natural = float((price * (1.0 + terms.labour[at]) / (1.0 + terms.discount) ** left).sum())
    units = float(kit["quantity"].sum())
    lines |= {
        "gross": gross,
        "natural_replacement": natural,
        "net": gross - natural,
        "uplift": buys * terms.uplift[at] * later,
        "stranded_stock": stock * (1.0 - terms.salvage[at]),
    }
    lines["total"] = lines["net"] + lines["uplift"] + lines["stranded_stock"]
    work = units / terms.swaps_per_month[at]
    lines["delay_months"] = terms.lead_months[at] + terms.permit_months[at] + work
    return pd.Series(lines)


def _present(years: float, discount: float) -> float:
    """Return the present value of 1 a year, paid at the end of each year."""
    return years if discount == 0.0 else (1.0 - (1.0 + discount) ** -years) / discount


def prorated(demand: float, factor: float) -> float:
    """Return what a fund pays of a demand.

    Examples
    --------
    >>> round(prorated(4_640_284_672, 0.395) / 1e9, 3)
    1.833
    """
    if not 0.0 <= factor <= 1.0:
        raise InputError(f"factor is {factor:g}; it lies from 0 to 1.")
    return demand * factor


def continue_swap_stop(
    *,
    budget: float,
    spent: float,
    committed: float,
    swap_price: tuple[float, float, float],
    worth: tuple[float, float, float] | None = None,
    may_continue: bool = True,
) -> pd.DataFrame:
    """Lay the three ways of a stopped roll-out side by side.

    Parameters
    ----------
    budget, spent, committed : float
        Whole budget, and what of it is gone and bound.
    swap_price : tuple of float
        Cost of replacing what is bought: low, typical, high.
    worth : tuple of float, optional
        Present value of the finished network, if known.
    may_continue : bool
        Whether a rule leaves the way on open.

    Returns
    -------
    DataFrame
        Index ``continue, swap, stop``: ``allowed``, ``stranded``, ``stranded_share`` (of the
        budget), ``to_spend_low`` to ``_high`` (from here on), ``gain_low`` to ``_high`` (worth
        less what is still to spend; NaN: worth not given), ``swap_price_to_win`` (highest price
        of a swap at which going on beats stopping, at typical worth).

    Examples
    --------
    >>> table = continue_swap_stop(budget=600.0, spent=100.0, committed=30.0,
    ...                            swap_price=(50.0, 100.0, 165.0), may_continue=False)
    >>> table["stranded"].tolist(), round(float(table.loc["stop", "stranded_share"]), 3)
    ([0.0, 130.0, 130.0], 0.217)
    """
    gone = spent + committed
    if not 0.0 <= gone <= budget:
        raise InputError(f"spent and committed are {gone:g}, outside 0 to the budget {budget:g}.")
    rest = np.full(3, budget - gone)
    ways = {"continue": rest, "swap": rest + np.sort(swap_price), "stop": np.zeros(3)}
    value = np.full(3, math.nan) if worth is None else np.sort(worth)
    rows = []
    for name, cost in ways.items():
        gain = np.zeros(3) if name == "stop" else value - cost[::-1]
        lost = 0.0 if name == "continue" else gone
        limit = value[1] - rest[1] if name == "swap" else math.nan
        rows.append(
            {
                "way": name,
                "allowed": name != "continue" or may_continue,
                "stranded": lost,
                "stranded_share": lost / budget if budget else 0.0,
                **{f"to_spend_{level}": cost[i] for i, level in enumerate(LEVELS)},
                **{f"gain_{level}": gain[i] for i, level in enumerate(LEVELS)},
                "swap_price_to_win": limit,
            }
        )
    return pd.DataFrame(rows).set_index("way")


def with_terms(**given: object) -> SwapTerms:
    """Return the default terms with some replaced."""
    return replace(SwapTerms(), **given)  # type: ignore[arg-type]
