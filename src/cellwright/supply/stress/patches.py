"""How long equipment runs without software support."""

from __future__ import annotations

from datetime import date

import pandas as pd

from cellwright.supply.elements import matches, running
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Who
from cellwright.supply.stress.timeline import DAYS_PER_MONTH


def unpatched(
    elements: pd.DataFrame, who: Who, cut: date, until: date, parties: Parties | None = None
) -> pd.DataFrame:
    """Return how long equipment runs without software support.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`.
    who : Who
        Makers whose support ends.
    cut, until : date
        Last day of support; end of the study.

    Returns
    -------
    DataFrame
        ``element_id, site_id, months`` from the cut (or the install) to removal or the end, and
        ``person_months`` [people served x months].
    """
    group = Parties() if parties is None else parties
    mine = elements[matches(who, elements, group, cut)]
    alive = mine["removed"].isna() | (mine["removed"] > pd.Timestamp(cut))
    mine = mine[alive & (running(mine, until) | mine["removed"].notna())]
    first, last = pd.Timestamp(cut), pd.Timestamp(until)
    end = mine["removed"].fillna(last)
    begin = mine["installed"].fillna(first)
    end, begin = end.where(end <= last, last), begin.where(begin >= first, first)
    months = ((end - begin).dt.days / DAYS_PER_MONTH).clip(lower=0.0)
    return pd.DataFrame(
        {
            "element_id": mine["element_id"],
            "site_id": mine["site_id"],
            "months": months,
            "person_months": months * mine["population"],
        }
    )
