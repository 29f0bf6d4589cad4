"""Which cover of which part pays, as the belief in a ban at which it breaks even."""

from __future__ import annotations

import math

import pandas as pd

from cellwright.supply.inventory import break_even
from cellwright.supply.stress.plan import PlanChain

#: Cost of holding a unit a month over its value; cost of a site-month late over the value of the
#: unit that is missing. Assumed (the example of the design uses the same).
HOLDING, SHORTAGE = 0.015, 0.06


def plan_stock(
    made: PlanChain,
    covers: tuple[float, ...] = (6.0, 12.0, 24.0),
    bans: tuple[float, ...] = (6.0, 12.0, 24.0, 48.0),
    *,
    holding: float = HOLDING,
    shortage: float = SHORTAGE,
    lead_factor: float = 1.0,
) -> pd.DataFrame:
    """Lay out, part by part, what a cover costs and at which belief it pays.

    Parameters
    ----------
    made : PlanChain
        From `plan_chain`.
    covers, bans : tuple of float
        Months of stock; mean months of a ban.
    holding : float
        Cost of holding a unit a month, as a share of its value.
    shortage : float
        Cost of a unit of equipment a month late, as a share of the equipment's value: a cheap part
        that stops a dear unit is worth more cover.
    lead_factor : float
        How much longer deliveries take once everyone stocks up: the months of cover that the
        longer wait takes are gone before a ban begins.

    Returns
    -------
    DataFrame
        One row per part, ban and cover: ``node, part, supplier, country, ban_months,
        cover_months, units, value`` (of the cover), ``holding_year`` (cost of holding it a year),
        ``belief`` (chance a year of such a ban above which the last month of the cover pays; NaN:
        at none), ``evidence``.
    """
    nodes = made.chain.nodes
    rows = []
    for node, part in nodes[(nodes["level"] == "part") & (nodes["use"] > 0.0)].iterrows():
        lost = float(part["lead_months"]) * (lead_factor - 1.0)
        whole = float(part["share"])
        late = shortage / whole if whole > 0.0 else math.nan
        for ban in bans:
            for cover in covers:
                units = float(part["use"]) * cover
                value = units * float(part["value"])
                left = cover - lost
                pays = whole > 0.0 and left > 0.0
                belief = break_even(left, ban, holding, late) if pays else None
                rows.append(
                    {
                        "node": node,
                        "part": part["part"],
                        "supplier": part["supplier"],
                        "country": part["country"],
                        "ban_months": ban,
                        "cover_months": cover,
                        "units": units,
                        "value": value,
                        "holding_year": 12.0 * holding * value,
                        "belief": math.nan if belief is None else belief,
                        "evidence": part["evidence"],
                    }
                )
    return pd.DataFrame(rows)


def stock_sentence(row: pd.Series) -> str:
    """Say one row of `plan_stock`.

    Examples
    --------
    >>> stock_sentence(pd.Series({"part": "FPGA", "ban_months": 24.0, "cover_months": 12.0,
    ...                           "belief": 0.1234}))
    '12 months of FPGA cover pays if you think a ban of 24 months is likelier than 12.3 % a year'
    """
    head = f"{row['cover_months']:g} months of {row['part']} cover"
    ban = f"a ban of {row['ban_months']:g} months"
    if not math.isfinite(float(row["belief"])):
        return f"{head} does not pay against {ban}, however likely"
    return f"{head} pays if you think {ban} is likelier than {100 * row['belief']:.1f} % a year"
