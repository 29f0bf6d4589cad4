"""How busy the cells are: demand over rate, where the rate depends on how busy the others are.

The map from loads to loads is a standard interference function (R. D. Yates, IEEE JSAC 13(7),
1995): from idle cells it climbs to its least fixed point. Users share a cell as in processor
sharing (M/G/1-PS): a user's mean rate is what it would get alone times the idle share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_ROUNDS = 60
TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Loads:
    """Loads of the cells at the fixed point.

    Attributes
    ----------
    wanted : float [cell]
        Demand over capacity; above 1 a cell is overloaded.
    rounds : int
        Rounds until no load moved by more than ``TOLERANCE``.
    settled : bool
        Whether that happened.
    """

    wanted: Floats
    rounds: int
    settled: bool

    @property
    def load(self) -> Floats:
        """Share of time the cells are busy, 0 to 1."""
        return np.minimum(self.wanted, 1.0)


def settle(wanted_at: Callable[[Floats], Floats], cells: int) -> Loads:
    """Find loads that reproduce themselves.

    Parameters
    ----------
    wanted_at : callable
        Loads [cell] asked for when the cells have the loads given.
    cells : int
        Number of cells.

    Examples
    --------
    >>> found = settle(lambda load: 0.2 + 0.5 * load[::-1], 2)
    >>> found.load.round(3).tolist()
    [0.4, 0.4]
    """
    load = np.zeros(cells)
    for round_ in range(1, MOST_ROUNDS + 1):
        wanted = wanted_at(load)
        new = np.minimum(wanted, 1.0)
        moved = float(np.abs(new - load).max(initial=0.0))
        load = new
        if moved <= TOLERANCE:
            return Loads(wanted, round_, True)
    return Loads(wanted, MOST_ROUNDS, False)


def shared_rate(alone_mbps: Floats, wanted_load: Floats, demand_mbps: float) -> Floats:
    """Return the mean rate of a user among the others of its cell [Mbit/s].

    Parameters
    ----------
    alone_mbps : array
        Rate alone in the cell.
    wanted_load : array
        Demand over capacity of the user's cell.
    demand_mbps : float
        Mean rate every user asks for.

    Returns
    -------
    array
        ``alone x (1 - load)``, but never less than the served share of the demand, which is all
        that is left in a full cell.
    """
    idle = alone_mbps * np.maximum(1.0 - wanted_load, 0.0)
    served = demand_mbps / np.maximum(wanted_load, 1.0)
    return np.asarray(np.maximum(idle, np.minimum(served, alone_mbps)))
