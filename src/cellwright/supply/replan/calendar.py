"""When a choice is made: the plan's phases, and the later days on which rules begin to bind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.supply.elements import in_scope
from cellwright.supply.replan.restrictions import CHOSEN
from cellwright.supply.rules import Rule

Floats = NDArray[np.float64]
DAYS_A_MONTH = 365.25 / 12.0


@dataclass(frozen=True, eq=False)
class Calendar:
    """Phases of a choice: those of the plan, then one for each later day a rule begins to bind.

    Attributes
    ----------
    names : tuple of str
        "1", "2", ... and "by 2028-01-01".
    first, last : tuple of date
        First and last day of each phase.
    opening : bool [phase]
        Whether new sites are put up in it: only in the plan's own phases.
    """

    names: tuple[str, ...]
    first: tuple[date, ...]
    last: tuple[date, ...]
    opening: NDArray[np.bool_]

    @property
    def months(self) -> Floats:
        """How long each phase lasts [months]."""
        days = [(b - a).days + 1 for a, b in zip(self.first, self.last, strict=True)]
        return np.array(days) / DAYS_A_MONTH


def calendar(
    phases: pd.DataFrame,
    rules: Iterable[Rule],
    until: date,
    elements: pd.DataFrame,
    areas: Mapping[str, Any] | None = None,
) -> Calendar:
    """Lay out the phases of a choice.

    Parameters
    ----------
    phases : DataFrame
        ``phase, due``.
    rules : iterable of Rule
        Their later limits open phases in which vendors can be changed; only those about the
        equipment that is chosen.
    until : date
        Last day of the study.
    elements : DataFrame
        From `plan_elements`.
    areas : mapping, optional
        Areas by name.
    """
    due = [stamp.date() for stamp in pd.to_datetime(phases["due"]).sort_values()]
    if not due or due[-1] > until:
        raise InputError(f"the study ends on {until}; it needs phases, all due by then.")
    chosen = elements["function"].isin(CHOSEN)
    later = {
        step.start
        for rule in rules
        if rule.acts_on == "network" and rule.basis != "item"
        and bool((in_scope(rule, elements, areas) & chosen).any())
        for step in rule.steps
        if step.limit is not None and due[-1] < step.start <= until
    }  # fmt: skip
    first = [*due, *sorted(later)]
    last = [*(day - timedelta(days=1) for day in first[1:]), until]
    names = [*map(str, phases["phase"]), *(f"by {day.isoformat()}" for day in sorted(later))]
    return Calendar(tuple(names), tuple(first), tuple(last), np.arange(len(first)) < len(due))
