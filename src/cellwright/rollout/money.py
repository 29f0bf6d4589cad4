"""Cost of a network over its years: capex, opex, present value, in low, typical and high."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

import pandas as pd

from cellwright.errors import InputError
from cellwright.rollout.bill import AMOUNTS

LEVELS = ("low", "typical", "high")


@dataclass(frozen=True)
class Cost:
    """What a network costs, in `currency`.

    Attributes
    ----------
    totals : DataFrame
        Index ``capex``, ``opex`` (a year), ``tco`` (plain sum over the years), ``npv`` (present
        value of all spending); columns low, typical, high.
    by_year : DataFrame
        ``year`` 0 to `years`; capex falls in year 0, opex in years 1 and on. Columns
        ``capex_low ... opex_high`` and ``discount_factor``.
    by_site : DataFrame
        ``site_id, cost_class, capex_low ... opex_high``; the row with an empty site_id is what
        belongs to the whole network.
    by_function : DataFrame
        ``function, capex_low ... opex_high``.
    years : int
        Years of operation.
    discount : float
        Rate a year.
    currency : str
        Name of the currency.
    rate : float
        Units of it for one US dollar.
    price_years : tuple of int
        First and last year of the prices used; they are not brought to one year.

    Notes
    -----
    Low and high add the low and high prices of all items: the true range of a sum is narrower, as
    not everything turns out dear at once. Nothing is renewed or sold at the end.
    """

    totals: pd.DataFrame
    by_year: pd.DataFrame
    by_site: pd.DataFrame
    by_function: pd.DataFrame
    years: int
    discount: float
    currency: str
    rate: float
    price_years: tuple[int, int]

    def per_person(self, people: float) -> pd.Series:
        """Return the present value per covered person: low, typical, high.

        Raises
        ------
        InputError
            If nobody is covered.
        """
        if people <= 0.0:
            raise InputError(f"{people:g} people are covered; a cost per person needs more than 0.")
        return pd.Series(self.totals.loc["npv"]) / people


def cost(
    bill: pd.DataFrame,
    *,
    years: int = 10,
    discount: float = 0.08,
    currency: str = "USD",
    rate: float = 1.0,
) -> Cost:
    """Turn a bill of materials into money over the years.

    Parameters
    ----------
    bill : DataFrame
        From `bill_of_materials`.
    years : int
        Years of operation, 0 or more.
    discount : float
        Discount rate a year, above -1.
    currency : str
        Name of the currency of the result.
    rate : float
        Units of it for one US dollar.

    Returns
    -------
    Cost

    Raises
    ------
    InputError
        For negative years, a rate of 0 or less, a discount of -1 or less.

    Notes
    -----
    NPV of spending = capex + sum over t = 1..years of opex / (1 + discount)^t.
    """
    if years < 0 or rate <= 0.0 or discount <= -1.0:
        raise InputError(
            f"years {years}, rate {rate:g}, discount {discount:g}: allowed are years from 0, "
            "a rate above 0, a discount above -1."
        )
    by_site = _split(bill, ["site_id", "cost_class"], rate)
    by_function = _split(bill, ["function"], rate)
    by_year = _by_year(by_site, years, discount)
    used = bill["price_year"].dropna().astype(int)
    span = (int(used.min()), int(used.max())) if len(used) else (0, 0)
    return Cost(
        _totals(by_site, by_year),
        by_year,
        by_site,
        by_function,
        years,
        discount,
        currency,
        rate,
        span,
    )


def _columns(kind: str) -> list[str]:
    return [f"{kind}_{level}" for level in LEVELS]


def _split(bill: pd.DataFrame, keys: list[str], rate: float) -> pd.DataFrame:
    """Sum capex and opex apart by some columns."""
    yearly = bill["yearly"].astype(bool)
    parts = []
    for kind, rows in (("capex", ~yearly), ("opex", yearly)):
        amounts = bill[list(AMOUNTS)].astype(float).where(rows, 0.0) * rate
        parts.append(amounts.set_axis(_columns(kind), axis=1))
    table = pd.concat([bill[keys], *parts], axis=1)
    return table.groupby(keys, sort=False).sum().reset_index()


def _by_year(by_site: pd.DataFrame, years: int, discount: float) -> pd.DataFrame:
    sums = by_site[_columns("capex") + _columns("opex")].sum()
    table = pd.DataFrame({"year": range(years + 1)})
    for name, value in sums.items():
        first = str(name).startswith("capex")
        table[str(name)] = [value if (year == 0) == first else 0.0 for year in range(years + 1)]
    table["discount_factor"] = [(1.0 + discount) ** -year for year in range(years + 1)]
    return table


def _totals(by_site: pd.DataFrame, by_year: pd.DataFrame) -> pd.DataFrame:
    def levels(table: pd.DataFrame, kind: str) -> pd.DataFrame:
        return table[_columns(kind)].set_axis(list(LEVELS), axis=1)

    spent = levels(by_year, "capex") + levels(by_year, "opex")
    rows = {
        "capex": levels(by_site, "capex").sum(),
        "opex": levels(by_site, "opex").sum(),
        "tco": spent.sum(),
        "npv": spent.mul(by_year["discount_factor"], axis=0).sum(),
    }
    return pd.DataFrame(rows).T


def rounded(value: float, digits: int = 3) -> float:
    """Round an amount for display to so many significant digits.

    Examples
    --------
    >>> rounded(110_512.0)
    111000.0
    """
    if value == 0.0:
        return 0.0
    return round(value, digits - 1 - floor(log10(abs(value))))
