"""What a plan must reach: a share of the demand at least cost, or the most within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cellwright.errors import InputError


@dataclass(frozen=True)
class Goal:
    """What the chosen sites must reach.

    Attributes
    ----------
    kind : {"coverage", "budget"}
        ``coverage``: reach ``share`` of the demand at least cost.
        ``budget``: reach the largest share with at most ``budget_usd``.
    share : float
        Share of the weighted demand that must be covered, 0 to 1 (kind ``coverage``).
    budget_usd : float or None
        Money for sites and sectors [USD] (kind ``budget``).
    outdoor_dbm, indoor_dbm : float
        SS-RSRP (LTE: RSRP) that counts as covered outdoors and indoors [dBm].
    probability : float
        A point counts as covered where the level is reached with at least this probability under
        log-normal shadowing, at least 0.5 (the median) and below 1.
    weights : {"area", "people", "both"}
        What a covered point is worth: its square metres, the people living there,
        or half of the whole for each.
    max_sites : int or None
        No more sites than this, existing ones included.

    Raises
    ------
    InputError
        When a value cannot be used.

    Examples
    --------
    >>> Goal("coverage", share=0.9).share
    0.9
    >>> Goal("budget")
    Traceback (most recent call last):
    ...
    cellwright.errors.InputError: goal.budget_usd is missing: a budget goal needs it, above 0.
    """

    kind: Literal["coverage", "budget"] = "coverage"
    share: float = 0.95
    budget_usd: float | None = None
    outdoor_dbm: float = -95.0
    indoor_dbm: float = -105.0
    probability: float = 0.5
    weights: Literal["area", "people", "both"] = "both"
    max_sites: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("coverage", "budget"):
            raise InputError(f'goal.kind is "{self.kind}"; allowed: "coverage", "budget".')
        if self.weights not in ("area", "people", "both"):
            raise InputError(
                f'goal.weights is "{self.weights}"; allowed: "area", "people", "both".'
            )
        if not 0.0 < self.share <= 1.0:
            raise InputError(f"goal.share is {self.share}; it is a share above 0, at most 1.")
        if self.kind == "budget" and not (self.budget_usd is not None and self.budget_usd > 0):
            given = "missing" if self.budget_usd is None else f"{self.budget_usd}"
            raise InputError(f"goal.budget_usd is {given}: a budget goal needs it, above 0.")
        if not 0.5 <= self.probability < 1.0:
            raise InputError(
                f"goal.probability is {self.probability}; it is 0.5 (the median) or more, below 1."
            )
        if self.max_sites is not None and self.max_sites < 1:
            raise InputError(f"goal.max_sites is {self.max_sites}; it is 1 or more, or left out.")
