"""The swap of a plan: equipment of some makers replaced site by site, money and people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.supply.elements import matches, people_at, running
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Who
from cellwright.supply.stress.phases import months_from
from cellwright.supply.swap import LEVELS, SwapTerms, swap

#: Years a piece of equipment is kept; of the rest, `LIFE_OTHER`. Assumed.
LIFE_YEARS = {"RU": 10.0, "gNB": 8.0, "DU": 8.0, "router": 8.0, "power": 15.0, "EMS": 5.0}
LIFE_OTHER = 8.0
_PRICES = tuple(f"value_{level}" for level in LEVELS)


@dataclass(frozen=True, eq=False)
class SwapPlan:
    """What replacing equipment of some makers comes to.

    Attributes
    ----------
    table : DataFrame
        From `swap`: gross, net of natural replacement, uplift, stranded stock, total, delay; low,
        typical, high.
    coverage : DataFrame
        Index low, typical, high; person-months lost: ``switched_off`` (sites not swapped by the
        deadline), ``phases_late`` (sites still to come, with another maker), ``total``.
    phases : DataFrame
        ``phase, due, people`` (of sites that need another maker) and ``late_months_`` and
        ``person_months_`` with low, typical, high.
    kit : DataFrame
        What is replaced, one row per site: ``site_id, price`` (and ranges), ``installed`` (year),
        ``life``, ``people``, ``elements``.
    """

    table: pd.DataFrame
    coverage: pd.DataFrame
    phases: pd.DataFrame
    kit: pd.DataFrame


def swap_plan(
    elements: pd.DataFrame,
    who: Who,
    day: date,
    phases: pd.DataFrame,
    parties: Parties | None = None,
    *,
    deadline: date | Mapping[str, date] | None = None,
    ids: Collection[str] | None = None,
    stranded_stock: float = 0.0,
    lives: Mapping[str, float] | None = None,
    terms: SwapTerms | None = None,
) -> SwapPlan:
    """Account for the swap of a plan from a day on.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`; ``value`` (or ``value_low, value_typical, value_high``) is the price
        of the equipment that comes instead.
    who : Who
        Makers that have to go.
    day : date
        Day it is decided: what is installed later is bought from another maker at once.
    phases : DataFrame
        ``phase, due, sites``, in order.
    parties : Parties, optional
        Who belongs to whom.
    deadline : date or mapping of site to date, optional
        First day on which equipment not yet swapped is switched off; default: never.
    ids : collection of str, optional
        Elements that have to go, instead of all of `who`.
    stranded_stock : float
        Value of stock that can no longer be used.
    lives : mapping, optional
        Function -> years kept; default `LIFE_YEARS`.
    terms : SwapTerms, optional
        Terms; crews are its ``swaps_per_month``, counted in sites.

    Notes
    -----
    Crews swap what runs first, by deadline, then sites with most people, and then build on: phases
    that wait for another maker are late by lead time, permit and the swap itself. Lost coverage
    is the integral over time of people with service in the plan less those with the swap.
    """
    group = Parties() if parties is None else parties
    mark = (
        elements["element_id"].isin(ids) if ids is not None else matches(who, elements, group, day)
    )
    mine = elements[mark]
    use = SwapTerms() if terms is None else terms
    kit = _kit(mine[running(mine, day)], elements, lives or LIFE_YEARS, day)
    later = mine[mine["installed"] > pd.Timestamp(day)]
    span = max(1.0, months_from(day, later["installed"].max()) / 12.0) if len(later) else 1.0
    table = swap(
        kit,
        buys_per_year=float(later["value"].sum()) / span,
        stranded_stock=stranded_stock,
        year=day.year + (day.timetuple().tm_yday - 1) / 365.25,
        terms=replace(use, uplift_years=span),
    )
    waiting = _waiting(later, elements, phases)
    late, lost = waiting.copy(), []
    for at, level in enumerate(LEVELS):
        start = use.lead_months[at] + use.permit_months[at]
        off = _switched_off(kit, start, use.swaps_per_month[at], _limits(kit, deadline, day))
        ready = start + len(kit) / use.swaps_per_month[at]
        due = np.array([months_from(day, one) for one in waiting["due"]])
        months = np.maximum(0.0, ready - due)
        late[f"late_months_{level}"] = np.where(waiting["people"] > 0.0, months, 0.0)
        late[f"person_months_{level}"] = late[f"late_months_{level}"] * waiting["people"]
        lost.append((off, float(late[f"person_months_{level}"].sum())))
    coverage = pd.DataFrame(lost, columns=["switched_off", "phases_late"], index=list(LEVELS))
    return SwapPlan(table, coverage.assign(total=coverage.sum(axis=1)), late, kit)


def _kit(
    mine: pd.DataFrame, elements: pd.DataFrame, lives: Mapping[str, float], day: date
) -> pd.DataFrame:
    """Return what goes by site; ages and lives are means by value."""
    prices = [name for name in _PRICES if name in mine]
    years = mine["installed"].fillna(pd.Timestamp(day))
    year = years.dt.year + (years.dt.dayofyear - 1) / 365.25
    life = mine["function"].map(lives).fillna(LIFE_OTHER)
    weight = mine["value"].where(mine["value"] > 0.0, 1e-9)
    frame = pd.DataFrame(
        {
            "price": mine["value"],
            "weight": weight,
            "installed": year * weight,
            "life": life * weight,
        }
    )
    frame[[name.replace("value", "price") for name in prices]] = mine[prices]
    out = frame.groupby(mine["site_id"].to_numpy(), sort=False).sum()
    out["installed"], out["life"] = out["installed"] / out["weight"], out["life"] / out["weight"]
    out["elements"] = mine.groupby("site_id", sort=False).size()
    out["people"] = people_at(elements).reindex(out.index).fillna(0.0)
    return out.drop(columns="weight").rename_axis("site_id").reset_index()


def _limits(
    kit: pd.DataFrame, deadline: date | Mapping[str, date] | None, day: date
) -> NDArray[np.float64]:
    """Return the months after which each site is switched off; inf: never."""
    if isinstance(deadline, date):
        return np.full(len(kit), max(0.0, months_from(day, deadline)))
    days = {} if deadline is None else deadline
    limits = [
        max(0.0, months_from(day, days[name])) if name in days else np.inf
        for name in kit["site_id"]
    ]
    return np.array(limits, dtype=float)


def _switched_off(
    kit: pd.DataFrame, start: float, pace: float, limits: NDArray[np.float64]
) -> float:
    """Return person-months of sites that are off from their limit until they are swapped."""
    people = kit["people"].to_numpy(dtype=float)
    order = np.lexsort((-people, limits))
    done = start + np.arange(1, len(kit) + 1) / pace
    return float((people[order] * np.maximum(0.0, done - limits[order])).sum())


def _waiting(later: pd.DataFrame, elements: pd.DataFrame, phases: pd.DataFrame) -> pd.DataFrame:
    """Return per phase the people of sites still to come that need another maker."""
    people, sites = people_at(elements), set(later["site_id"])
    return pd.DataFrame(
        {
            "phase": phases["phase"].to_numpy(),
            "due": pd.to_datetime(phases["due"].to_numpy()),
            "people": [
                float(people.reindex([name for name in named if name in sites]).sum())
                for named in phases["sites"]
            ],
        }
    )
