"""How much stock pays: newsvendor, base-stock and lot size, with outages; the belief it needs."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from cellwright.errors import InputError


class Stocked(NamedTuple):
    """A stock level or lot size, and what it costs a period (lot size: a year)."""

    quantity: float
    cost: float


def _positive(**given: float) -> None:
    wrong = [f"{name} is {value:g}" for name, value in given.items() if not value > 0.0]
    if wrong:
        raise InputError(f"{'; '.join(wrong)}: each must be above 0.")


def _probability(**given: float) -> None:
    wrong = [f"{name} is {value:g}" for name, value in given.items() if not 0.0 < value <= 1.0]
    if wrong:
        raise InputError(f"{'; '.join(wrong)}: each must lie above 0 and up to 1.")


def newsvendor(holding: float, shortage: float, mean: float, sd: float) -> Stocked:
    """Stock for normal demand of one period.

    Parameters
    ----------
    holding, shortage : float
        Cost of one left over, of one short.
    mean, sd : float
        Demand.

    References
    ----------
    Snyder and Shen, Fundamentals of Supply Chain Theory, 2nd ed., example 4.3.

    Examples
    --------
    >>> tuple(round(v, 5) for v in newsvendor(0.18, 0.70, 50, 8))
    (56.60396, 1.99761)
    """
    from scipy.stats import norm

    _positive(holding=holding, shortage=shortage, sd=sd)
    z = float(norm.ppf(shortage / (shortage + holding)))
    return Stocked(mean + z * sd, (holding + shortage) * float(norm.pdf(z)) * sd)


def base_stock(
    holding: float, shortage: float, mean: float, sd: float, lead_periods: float
) -> Stocked:
    """Base-stock level for normal demand and a lead time, reviewed each period.

    Notes
    -----
    The newsvendor of the demand of lead time plus one period.
    """
    _positive(lead_periods_plus_1=lead_periods + 1.0)
    span = lead_periods + 1.0
    return newsvendor(holding, shortage, mean * span, sd * math.sqrt(span))


def newsvendor_outages(
    holding: float, shortage: float, demand: float, outage: float, recovery: float
) -> Stocked:
    """Base-stock level for a fixed demand and a supply that fails.

    Parameters
    ----------
    holding, shortage : float
        Cost of one unit a period.
    demand : float
        Units a period.
    outage, recovery : float
        Chance a period that supply fails, that it comes back.

    References
    ----------
    Snyder and Shen, 2nd ed., section 9.2.3 and example 9.3: S = d + d F^-1(p / (p + h)) with
    F(n) = 1 - a / (a + b) (1 - b)^n.

    Examples
    --------
    >>> tuple(round(float(v), 3) for v in newsvendor_outages(0.25, 3, 2000, 0.04, 0.25))
    (8000.0, 2737.069)
    """
    _positive(holding=holding, shortage=shortage, demand=demand)
    _probability(outage=outage, recovery=recovery)
    down = outage / (outage + recovery)
    goal = shortage / (shortage + holding)
    n = 0
    while 1.0 - down * (1.0 - recovery) ** n < goal - 1e-12:
        n += 1
    level = demand * (n + 1)
    cost, at, chance = holding * (level - demand) * (1.0 - down), 1, down * recovery
    while chance > 1e-16:
        left = level - (at + 1) * demand
        cost += chance * (holding * left if left > 0.0 else -shortage * left)
        at, chance = at + 1, chance * (1.0 - recovery)
    return Stocked(level, cost)


def lot_size_outages(
    fixed: float, holding: float, shortage: float, demand: float, outage: float, recovery: float
) -> Stocked:
    """Economic order quantity for a supply that fails, lost sales, rates a year.

    Parameters
    ----------
    fixed : float
        Cost of an order.
    holding, shortage : float
        Cost of one unit a year; of one unit lost.
    demand, outage, recovery : float
        Rates a year.

    References
    ----------
    Snyder and Shen, 2nd ed., section 9.2.2, examples 9.1 and 9.2 (exact cost, at the
    quantity at which its slope is 0).

    Examples
    --------
    >>> tuple(round(v, 3) for v in lot_size_outages(8, 0.225, 5, 1300, 1.5, 14))
    (772.811, 173.95)
    """
    from scipy.optimize import brentq

    _positive(fixed=fixed, holding=holding, shortage=shortage, demand=demand)
    _positive(outage=outage, recovery=recovery)
    both = outage + recovery

    def parts(quantity: float) -> tuple[float, float, float]:
        """Return cost of a cycle, its length, and the slope of cost times length."""
        gone = math.exp(-both * quantity / demand)
        wait = outage / both * (1.0 - gone) / recovery
        longer = outage / recovery * gone / demand
        spent = fixed + holding * quantity**2 / (2.0 * demand) + shortage * demand * wait
        more = holding * quantity / demand + shortage * demand * longer
        length = quantity / demand + wait
        return spent, length, more * length - spent * (1.0 / demand + longer)

    most = 10.0 * (math.sqrt(2.0 * fixed * demand / holding) + demand / recovery)
    # the cost is flat at its least: its slope gives the quantity to all digits
    best = float(brentq(lambda q: parts(q)[2], 1e-9, most, xtol=1e-13 * most, rtol=1e-14))
    spent, length, _ = parts(best)
    return Stocked(best, spent / length)


def break_even(
    cover_months: float, ban_months: float, holding: float, shortage: float
) -> float | None:
    """Return the belief at which the last month of a cover pays.

    Parameters
    ----------
    cover_months : float
        Months of stock.
    ban_months : float
        Mean length of a ban [months].
    holding, shortage : float
        Cost of one unit a month, held or short, as shares of its value.

    Returns
    -------
    float or None
        Chance a year that a ban begins, 0 to 1; None: at no belief does it pay.

    Examples
    --------
    >>> round(break_even(12, 24, 0.015, 0.06), 3)
    0.211
    >>> break_even(12, 3, 0.015, 0.06) is None
    True
    """
    _positive(cover_months=cover_months, ban_months=ban_months, holding=holding, shortage=shortage)
    back = min(1.0, 1.0 / ban_months)
    stays = (1.0 - back) ** max(0.0, cover_months - 1.0)
    needed = holding / (shortage + holding) / stays if stays > 0.0 else math.inf
    if needed >= 1.0:
        return None
    month = back * needed / (1.0 - needed)
    return None if month >= 1.0 else 1.0 - (1.0 - month) ** 12


def stock(
    covers: tuple[float, ...] = (6.0, 12.0, 24.0),
    bans: tuple[float, ...] = (6.0, 12.0, 24.0, 48.0),
    hazards: tuple[float, ...] = (0.1, 0.2, 0.5),
    *,
    holding: float = 0.015,
    shortage: float = 0.06,
) -> pd.DataFrame:
    """Lay out what cover pays at which belief; no chance is made up.

    Parameters
    ----------
    covers, bans : tuple of float
        Months of stock; mean months of a ban.
    hazards : tuple of float
        Bans a year for which the best cover is shown.
    holding, shortage : float
        Cost a month as a share of the value; defaults are assumptions.

    Returns
    -------
    DataFrame
        One row per ban length: ``ban_months``, ``best_<hazard>`` [months of stock] and
        ``belief_<cover>`` [chance a year above which that cover pays; NaN: never].

    Examples
    --------
    >>> stock().set_index("ban_months").loc[24.0, ["best_0.1", "best_0.2", "best_0.5"]].tolist()
    [0.0, 9.0, 22.0]
    """
    rows = []
    for ban in bans:
        row = {"ban_months": ban}
        for hazard in hazards:
            found = newsvendor_outages(holding, shortage, 1.0, hazard / 12.0, 1.0 / ban)
            row[f"best_{hazard:g}"] = found.quantity - 1.0
        for cover in covers:
            belief = break_even(cover, ban, holding, shortage)
            row[f"belief_{cover:g}"] = math.nan if belief is None else belief
        rows.append(row)
    return pd.DataFrame(rows)
