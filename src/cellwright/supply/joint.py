"""The least change of makers after which a plan keeps all its rules at once, with its proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.solver import Matrix, feasible, linear_program, matrix, solver
from cellwright.supply.evaluate import counted
from cellwright.supply.linear import linear
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Rule

#: Stands for any maker that nobody named: no rule names it, and it is a supplier of its own.
ANOTHER = "another maker"


@dataclass(frozen=True, eq=False)
class JointChange:
    """The fewest sites whose makers must change for all rules to hold on a day.

    Attributes
    ----------
    sites : tuple of str
        Sites (or places such as the core) where a maker changes; empty: all rules hold already.
    changes : DataFrame
        ``site_id, maker, new_maker, elements`` (ids): what changes to whom.
    """

    sites: tuple[str, ...]
    changes: pd.DataFrame


def least_changes(
    rules: Iterable[Rule],
    elements: pd.DataFrame,
    day: date,
    parties: Parties,
    areas: Mapping[str, Any] | None = None,
    *,
    vendors: Sequence[str] = (),
) -> JointChange | None:
    """Return the fewest sites whose makers must change for all rules to hold at once.

    Parameters
    ----------
    rules : iterable of Rule
        Rules; those on supply and on single items are left aside.
    elements : DataFrame
        From `plan_elements`.
    day : date
        The day all rules are to hold.
    parties : Parties
        Who owns whom.
    areas : mapping, optional
        Areas by name.
    vendors : sequence of str
        Makers to change to, besides the plan's own, whoever a least share is meant for, and
        anybody else.

    Returns
    -------
    JointChange or None
        None where no change of makers keeps all rules.

    Notes
    -----
    A maker's equipment at a site changes as one. The rules are the rows of `linear`, so the answer
    is exact where a site's equipment in a rule's scope is one maker's. Solved to proven optimality
    (HiGHS); of equal answers the one that moves least equipment.
    """
    rules = [rule for rule in rules if rule.acts_on == "network" and rule.basis != "item"]
    makers = _candidates(rules, elements, day, parties, vendors)
    keys = elements["site_id"] + "\0" + elements["maker"]
    groups = pd.factorize(keys)[0]
    first = pd.Series(range(len(elements))).groupby(groups).first().to_numpy()
    own = pd.Index(makers).get_indexer(pd.Index(elements["maker"].iloc[first]))
    site = pd.factorize(elements["site_id"].iloc[first])[0]
    rows = [_rule_rows(rule, elements, groups, makers, day, parties, areas) for rule in rules]
    constraints, low, high = _program(rows, own, site, len(makers))
    size, count = own.size * len(makers), int(site.max(initial=-1)) + 1
    keeps = np.arange(own.size) * len(makers) + own
    # fewest sites; then least equipment; then makers that have a name
    moved = np.full((own.size, len(makers)), 1.0 / (2 * own.size + 1))
    moved[:, makers.index(ANOTHER)] *= 1.5
    moved.ravel()[keeps] = 0.0
    model = solver(mip_rel_gap=0.0)
    whole = np.arange(size + count) < size
    model.passModel(
        linear_program(
            np.r_[moved.ravel(), np.ones(count)], (0.0, 1.0), constraints, (low, high), whole=whole
        )
    )
    model.run()
    if not feasible(model):
        return None
    x = np.asarray(model.getSolution().col_value)
    chosen = x[:size].reshape(own.size, len(makers)).argmax(axis=1)
    return _told(elements, groups, first, own, chosen, makers)


def _candidates(
    rules: Sequence[Rule],
    elements: pd.DataFrame,
    day: date,
    parties: Parties,
    vendors: Sequence[str],
) -> list[str]:
    meant = [
        name
        for rule in rules
        if rule.kind == "min-share"
        for name in sorted(rule.who.members(parties, day))
    ]
    return list(dict.fromkeys([*elements["maker"], *vendors, *meant, ANOTHER]))


def _rule_rows(
    rule: Rule,
    elements: pd.DataFrame,
    groups: NDArray[np.intp],
    makers: Sequence[str],
    day: date,
    parties: Parties,
    areas: Mapping[str, Any] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return a rule's rows over "group g is maker m's" on a day."""
    table = counted(rule, elements, day, areas)
    of = groups[elements.index.get_indexer(table.index)]
    rows = linear(rule, table.reset_index(drop=True), makers, [day], parties, areas)
    wide = int(groups.max(initial=-1)) + 1
    out = np.zeros((len(rows), wide, len(makers)))
    for number, group in enumerate(of):
        out[:, group] += rows.coefficients[:, number, :, 0]
    return out.reshape(len(rows), wide * len(makers)), rows.lower, rows.upper


def _program(
    rows: Sequence[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]],
    own: NDArray[np.intp],
    site: NDArray[np.intp],
    makers: int,
) -> tuple[Matrix, NDArray[np.float64], NDArray[np.float64]]:
    """Each group has one maker; a site is changed where a group is not its own maker's."""
    groups, size = np.arange(own.size), own.size * makers
    width = size + int(site.max(initial=-1)) + 1
    ruled = np.concatenate([part for part, _, _ in rows]) if rows else np.zeros((0, size))
    row, column = np.nonzero(ruled)
    one, stays = np.repeat(groups, makers), own.size + groups
    constraints = matrix(
        np.r_[one, stays, stays, 2 * own.size + row],
        np.r_[np.arange(size), groups * makers + own, size + site, column],
        np.r_[np.ones(size + 2 * own.size), ruled[row, column]],
        (2 * own.size + len(ruled), width),
    )
    low = [np.ones(2 * own.size), *(part for _, part, _ in rows)]
    high = [np.ones(own.size), np.full(own.size, np.inf), *(part for _, _, part in rows)]
    return constraints, np.concatenate(low), np.concatenate(high)


def _told(
    elements: pd.DataFrame,
    groups: NDArray[np.intp],
    first: NDArray[Any],
    own: NDArray[np.intp],
    chosen: NDArray[np.intp],
    makers: Sequence[str],
) -> JointChange:
    rows = [
        {
            "site_id": elements["site_id"].iloc[first[g]],
            "maker": makers[own[g]],
            "new_maker": makers[chosen[g]],
            "elements": tuple(elements.loc[groups == g, "element_id"]),
        }
        for g in np.flatnonzero(chosen != own)
    ]
    table = pd.DataFrame(rows, columns=["site_id", "maker", "new_maker", "elements"])
    return JointChange(tuple(dict.fromkeys(table["site_id"])), table)
