"""A loss with the mark whether its inputs lie within the limits its source gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults


@dataclass(frozen=True, eq=False)
class Estimate:
    """Loss by a statistical or short-range method.

    Attributes
    ----------
    loss_db : ndarray
        Loss [dB].
    in_range : ndarray of bool
        Whether the inputs lie within the limits of the source.
    sigma_db : float
        Standard deviation of the loss [dB] where the source gives one, else NaN.
    """

    loss_db: NDArray[np.float64]
    in_range: NDArray[np.bool_]
    sigma_db: float = math.nan


@dataclass(frozen=True, eq=False)
class Limit:
    """What one input may be.

    Attributes
    ----------
    name, unit : str
        As shown to the user.
    values : ndarray
        What was given.
    low, high : float
        Limits of the source, inclusive.
    above, below : float
        Open bounds within which the formula means anything at all.
    """

    name: str
    values: NDArray[np.float64]
    low: float
    high: float
    unit: str
    above: float = 0.0
    below: float = math.inf


def limit(
    name: str,
    values: ArrayLike,
    low: float,
    high: float,
    unit: str,
    above: float = 0.0,
    below: float = math.inf,
) -> Limit:
    """Return the limit of one input, its values as an array."""
    return Limit(name, np.asarray(values, dtype=np.float64), low, high, unit, above, below)


def check_limits(limits: Sequence[Limit], beyond_range: bool) -> NDArray[np.bool_]:
    """Mark inputs within all limits; raise for nonsense, and outside them unless asked.

    Parameters
    ----------
    limits : sequence of Limit
        One per input; their values broadcast.
    beyond_range : bool
        Values outside the source's limits are computed and marked, not refused.

    Returns
    -------
    ndarray of bool
        Broadcast shape; True where all inputs are within the limits.

    Raises
    ------
    InputError
        All faults at once.

    Examples
    --------
    >>> check_limits([limit("frequency_ghz", [1.0, 90.0], 0.5, 67.0, "GHz")], True)
    array([ True, False])
    """
    faults = Faults()
    inside: NDArray[np.bool_] = np.array(True)
    for entry in limits:
        meant = (entry.values > entry.above) & (entry.values < entry.below)
        within = (entry.values >= entry.low) & (entry.values <= entry.high)
        if not meant.all():
            _note(faults, entry, meant, "Give a number the formula can take; check the unit.")
        elif not within.all() and not beyond_range:
            _note(
                faults,
                entry,
                within,
                "Correct it, or pass beyond_range=True to compute and mark it.",
            )
        inside = inside & within
    faults.raise_errors()
    return inside


def _note(faults: Faults, entry: Limit, good: NDArray[np.bool_], cure: str) -> None:
    bad = np.broadcast_to(entry.values, good.shape)[~good]
    count = f" ({bad.size} of {good.size} values)" if good.size > 1 else ""
    faults.error(
        "model.range",
        f"{entry.name} is {bad.flat[0]:g}{count}; "
        f"{entry.low:g} to {entry.high:g} {entry.unit} is allowed.",
        cure,
        count=int(bad.size),
    )
