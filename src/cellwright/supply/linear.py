"""Second use of a rule: rows of coefficients over z[element, vendor, phase] for a programme."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from cellwright.supply.elements import cleared, in_scope, matches
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Rows:
    """Linear constraints lower <= sum(coefficients * variables) <= upper.

    Attributes
    ----------
    rule_id : str
        The rule.
    coefficients : float64 array, rows x elements x vendors x phases
        Factors.
    lower, upper : float64 arrays
        Limits, infinite where open.
    labels : tuple of str
        Rule and day of each row.
    variables : {"runs", "installs"}
        What the factors belong to: z (runs in the phase) or its installs.
    """

    rule_id: str
    coefficients: FloatArray
    lower: FloatArray
    upper: FloatArray
    labels: tuple[str, ...]
    variables: Literal["runs", "installs"]

    def __len__(self) -> int:
        return len(self.labels)

    def kept(self, values: FloatArray, tolerance: float = 1e-7) -> bool:
        """Return whether values (elements x vendors x phases) keep every row."""
        found = np.tensordot(self.coefficients, values, axes=3)
        inside = (found >= self.lower - tolerance) & (found <= self.upper + tolerance)
        return bool(np.all(inside))


def linear(
    rule: Rule,
    slots: pd.DataFrame,
    vendors: Sequence[str],
    phases: Sequence[date],
    parties: Parties | None = None,
    areas: Mapping[str, Any] | None = None,
    until: Sequence[date] | None = None,
) -> Rows:
    """Compile a rule to rows over binary z[slot, vendor, phase].

    Parameters
    ----------
    rule : Rule
        The rule.
    slots : DataFrame
        From `plan_elements`; makers and dates are left to z. A slot tagged
        ``cleared:<rule_id>`` has the permit that a rule asks for.
    vendors : sequence of str
        Vendors to choose from.
    phases : sequence of date
        First day of each phase; a limit is held against what runs, or was installed, that day.
    parties, areas : as in `evaluate`
    until : sequence of date, optional
        Last day of each phase: what runs keeps every limit that binds from the first day of its
        phase to this one. By default only that of the first day.

    Returns
    -------
    Rows
        On ``runs`` for stock, on ``installs`` for flow. Empty where the rule never binds.

    Notes
    -----
    Cap c: sum of w z over matching vendors - c times the sum of w z over all <= 0. At least k
    suppliers: for each set of k - 1 groups, the rest runs something if anything runs (n times the
    rest >= all, of n slots). Exact where a site's slots in scope run one vendor; mixed sites count
    in part where `evaluate` counts them whole.
    For rules on shares of installs in a year the row stands at the last phase of each year.

    Examples
    --------
    >>> import pandas as pd
    >>> from cellwright.supply import Rule, Step, Who, plan_elements
    >>> slots = plan_elements(pd.DataFrame({"site_id": ["a", "b"]}))
    >>> cap = Rule("cap", "cap", Who(parties=("V",)), (Step(date(2023, 1, 28), 0.35),))
    >>> rows = linear(cap, slots, ["V", "W"], [date(2023, 1, 28)])
    >>> rows.coefficients[0, :, :, 0].round(2).tolist(), rows.upper.tolist()
    ([[0.65, -0.35], [0.65, -0.35]], [0.0])
    """
    parties = Parties() if parties is None else parties
    weight = _weights(rule, slots, in_scope(rule, slots, areas))
    rows: list[tuple[FloatArray, float, float, str]] = []
    for at, first in enumerate(phases):
        spans = _spans(rule, phases, at)
        last = first if until is None or rule.basis == "flow" else until[at]
        told: list[Any] = []
        for day in _days(rule, parties, first, last) if spans else []:
            limit = rule.limit_on(day)
            if limit is None or rule.acts_on != "network" or rule.basis == "item":
                continue
            match = _match(rule, slots, vendors, parties, day)
            if any(limit == one and np.array_equal(match, other) for one, other in told):
                continue
            told.append((limit, match))
            for c, low, high in _factors(rule, weight, match, limit, vendors, parties, day):
                full = np.zeros((len(slots), len(vendors), len(phases)))
                full[:, :, spans] = c[:, :, None]
                rows.append((full, low, high, f"{rule.rule_id} on {day.isoformat()}"))
    shape = (0, len(slots), len(vendors), len(phases))
    return Rows(
        rule.rule_id,
        np.stack([row[0] for row in rows]) if rows else np.zeros(shape),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        tuple(row[3] for row in rows),
        "installs" if rule.basis == "flow" else "runs",
    )


def _days(rule: Rule, parties: Parties, first: date, last: date) -> list[date]:
    """Return the days of a phase on which the rule, a share or a listing is another than before."""
    turns = {step.start for step in rule.steps} | parties.turns()
    return [first, *sorted(day for day in turns if first < day <= last)]


def _weights(rule: Rule, slots: pd.DataFrame, scope: pd.Series) -> FloatArray:
    """Return the weight of each slot: a site's amount shared out over its slots in scope."""
    if rule.kind == "permit":
        scope = scope & ~cleared(rule, slots)
    table = slots[scope]
    weight = np.zeros(len(slots))
    if rule.kind in ("prohibit", "permit", "min-suppliers"):
        weight[scope.to_numpy()] = 1.0
    elif rule.metric == "value":
        weight[scope.to_numpy()] = table["value"]
    elif rule.metric == "elements":
        weight[scope.to_numpy()] = 1.0
    elif rule.metric == "sites":
        weight[scope.to_numpy()] = 1.0 / table.groupby("site_id")["site_id"].transform("size")
    else:
        most = table.groupby(["site_id", "function"])[rule.metric].sum().groupby(level=0).max()
        mine = table.groupby("site_id")[rule.metric].transform("sum")
        share = table[rule.metric] * table["site_id"].map(most) / mine.where(mine > 0.0, 1.0)
        weight[scope.to_numpy()] = share
    return weight


def _spans(rule: Rule, phases: Sequence[date], at: int) -> list[int]:
    """Return the phases whose variables a row on phase `at` adds up."""
    if rule.basis == "stock":
        return [at]
    day = phases[at]
    if rule.window == "year":
        if any(other.year == day.year for other in phases[at + 1 :]):
            return []
        return [i for i, other in enumerate(phases) if other.year == day.year]
    step = rule.step_on(day)
    first = day if step is None else step.start
    return [i for i, other in enumerate(phases[: at + 1]) if other >= first]


def _match(
    rule: Rule, slots: pd.DataFrame, vendors: Sequence[str], parties: Parties, day: date
) -> FloatArray:
    """Return 1 where a vendor matches in a slot.

    Where a rule asks where equipment is made, the vendor's seat stands for it unless the slot
    says ``made_in``.
    """
    columns = [matches(rule.who, slots.assign(maker=name), parties, day) for name in vendors]
    return np.stack([column.to_numpy(dtype=float) for column in columns], axis=1)


def _factors(
    rule: Rule,
    weight: FloatArray,
    match: FloatArray,
    limit: float,
    vendors: Sequence[str],
    parties: Parties,
    day: date,
) -> list[tuple[FloatArray, float, float]]:
    mine = weight[:, None] * match
    if rule.kind in ("prohibit", "permit"):
        return [(mine, -math.inf, 0.0)]
    if rule.kind == "cap":
        return [(mine - limit * weight[:, None], -math.inf, 0.0)]
    if rule.kind == "min-share":
        return [(mine - limit * weight[:, None], 0.0, math.inf)]
    heads = [parties.supplier_of(name, day) for name in vendors]
    groups = sorted(set(heads))
    out = []
    for few in combinations(groups, max(0, min(len(groups), math.ceil(limit) - 1))):
        others = np.array([head not in few for head in heads], dtype=float)
        rest = weight[:, None] * others[None, :]
        # whoever must be there for the rule to hold at all: a matching maker, or anybody
        there = mine if rule.only_if_present else np.broadcast_to(weight[:, None], rest.shape)
        number = max(1.0, float((there > 0).any(axis=1).sum()))
        out.append((number * rest - there, 0.0, math.inf))
    return out
