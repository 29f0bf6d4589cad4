"""Rules as rows over the choice of a vendor for each site and phase; the third use of a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.supply.codes import DOMAINS
from cellwright.supply.elements import in_scope, running
from cellwright.supply.linear import Rows, linear
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule

#: Functions whose maker is chosen site by site; all other equipment stays as planned.
CHOSEN = DOMAINS["access"]
#: Kinds of rules that look at each piece by itself: what is not chosen is settled apart.
BANS = ("prohibit", "permit")


def restrictions(
    rules: Iterable[Rule],
    elements: pd.DataFrame,
    sites: Sequence[str],
    vendors: Sequence[str],
    phases: Sequence[date],
    parties: Parties | None = None,
    areas: Mapping[str, Any] | None = None,
    *,
    until: Sequence[date] | None = None,
) -> tuple[Rows, ...]:
    """Compile rules to rows over "site s runs vendor v in phase t".

    Parameters
    ----------
    rules : iterable of Rule
        Rules; those that act on supply or on one item say nothing here.
    elements : DataFrame
        From `plan_elements`: equipment of the functions in :data:`CHOSEN` on the sites is chosen,
        all else counts in shares as planned, with its maker and dates. A ban on it says nothing
        about the choice; see `settled`.
    sites, vendors : sequence of str
        Sites and vendors to choose from.
    phases, until : sequence of date
        First and last day of each phase (see `linear`).
    parties, areas : as in `evaluate`

    Returns
    -------
    tuple of Rows
        One for each rule that binds; coefficients [row, site, vendor, phase].

    Notes
    -----
    Exact where a site's equipment in scope is all chosen or all as planned: `linear` shares a
    site's weight out over its elements where `evaluate` counts a mixed site whole.
    """
    parties = Parties() if parties is None else parties
    chosen = elements["function"].isin(CHOSEN) & elements["site_id"].isin(sites)
    row_of = {name: number for number, name in enumerate(sites)}
    of = elements.loc[chosen, "site_id"].map(row_of).to_numpy(dtype=np.int64)
    out = []
    for rule in rules:
        scope = in_scope(rule, elements, areas)
        if rule.kind in BANS:
            scope &= chosen
        table = elements[scope].reset_index(drop=True)
        mine = chosen[scope].to_numpy()
        makers = list(dict.fromkeys([*vendors, *table.loc[~mine, "maker"]]))
        rows = linear(rule, table, makers, phases, parties, areas, until)
        fixed = _as_planned(table, ~mine, makers, phases, rows.variables)
        free = rows.coefficients[:, mine, : len(vendors)]
        made = np.zeros((len(rows), len(sites), len(vendors), len(phases)))
        for number, site in enumerate(of[scope[chosen].to_numpy()]):
            made[:, site] += free[:, number]
        shift = np.tensordot(rows.coefficients, fixed, axes=3)
        low, high = rows.lower - shift, rows.upper - shift
        says = made.any(axis=(1, 2, 3)) | (low > 0.0) | (high < 0.0)
        if says.any():
            labels = tuple(label for label, one in zip(rows.labels, says, strict=True) if one)
            out.append(
                Rows(rule.rule_id, made[says], low[says], high[says], labels, rows.variables)
            )
    return tuple(out)


def _as_planned(
    table: pd.DataFrame,
    fixed: NDArray[np.bool_],
    makers: Sequence[str],
    phases: Sequence[date],
    variables: str,
) -> NDArray[np.float64]:
    """Return 1 where equipment that is not chosen runs (or is put up), by maker and phase."""
    z = np.zeros((len(table), len(makers), len(phases)))
    maker = pd.Index(makers).get_indexer(pd.Index(table["maker"]))
    for t, day in enumerate(phases):
        on = running(table, day).to_numpy() & fixed
        if variables == "installs":
            before = running(table, phases[t - 1]).to_numpy() if t else np.zeros(len(table), bool)
            on &= ~before & table["installed"].notna().to_numpy()
        z[on, maker[on], t] = 1.0
    return z
