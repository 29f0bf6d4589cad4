"""How busy the cells are: demand over rate, where the rate depends on how busy the others are.

The map F from loads to loads never falls where a load rises: a busier neighbour lowers SINR, the
rate never rises with a lower SINR, and demand over rate never falls; nor does the cut at
``MOST_LOAD``. So from idle cells the loads climb, bounded, to the least fixed point, and from full
cells they fall to the greatest (Knaster and Tarski). Where demand over rate is also scalable,
``F(a x) < a F(x)`` for a > 1, F is a standard interference function (R. D. Yates, IEEE JSAC 13(7),
1995) and there is one fixed point; Shannon's rate is so (I. Siomina, D. Yuan, IEEE Trans. Wireless
Commun. 11(6), 2012), a table of schemes nearly: :func:`settle` can look from both ends. For this a
user must never stop asking as neighbours get busier: one whom an idle network can serve asks on at
the lowest rate there is.

Users share a cell as in processor
sharing (M/G/1-PS): a user's mean rate is what it would get alone times the idle share. A cell
admits traffic until it is ``MOST_LOAD`` busy and turns the rest away, as admission control and
users' patience do: without a limit a full queue would have no mean rate at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_ROUNDS = 60
TOLERANCE = 1e-4
#: A cell is never busier than this; assumption, customary for admission control.
MOST_LOAD = 0.95


@dataclass(frozen=True, eq=False)
class Loads:
    """Loads of the cells at the fixed point.

    Attributes
    ----------
    wanted : float [cell]
        Demand over capacity; above ``MOST_LOAD`` a cell is overloaded.
    load : float [cell]
        Share of time the cells are busy, 0 to 1.
    rounds : int
        Rounds until no load moved by more than ``TOLERANCE``.
    settled : bool
        Whether that happened.
    apart : float
        Largest difference of a load from that reached from full cells; NaN where not looked at.
    """

    wanted: Floats
    load: Floats
    rounds: int
    settled: bool
    apart: float = float("nan")

    @property
    def turned_away(self) -> Floats:
        """Share of each cell's demand that it does not admit, 0 to 1."""
        return turned_away(self.wanted)


def turned_away(wanted_load: Floats) -> Floats:
    """Share of the demand that a cell with so much of it does not admit.

    Examples
    --------
    >>> turned_away(np.array([0.5, 1.9])).tolist()
    [0.0, 0.5]
    """
    return np.asarray(1.0 - MOST_LOAD / np.maximum(wanted_load, MOST_LOAD))


def settle(wanted_at: Callable[[Floats], Floats], cells: int, *, both_ends: bool = False) -> Loads:
    """Find loads that reproduce themselves.

    Parameters
    ----------
    wanted_at : callable
        Loads [cell] asked for when the cells have the loads given.
    cells : int
        Number of cells.
    both_ends : bool
        Come down from full cells too and tell how far ``apart`` the two ends are; where they
        meet, the loads are the only ones.

    Examples
    --------
    >>> found = settle(lambda load: 0.2 + 0.5 * load[::-1], 2, both_ends=True)
    >>> found.load.round(3).tolist(), found.apart < 1e-3
    ([0.4, 0.4], True)
    """
    found = _climb(wanted_at, np.zeros(cells))
    if not both_ends:
        return found
    other = _climb(wanted_at, np.full(cells, MOST_LOAD))
    return replace(found, apart=float(np.abs(other.load - found.load).max(initial=0.0)))


def _climb(wanted_at: Callable[[Floats], Floats], load: Floats) -> Loads:
    for round_ in range(1, MOST_ROUNDS + 1):
        wanted = wanted_at(load)
        new = np.minimum(wanted, MOST_LOAD)
        moved = float(np.abs(new - load).max(initial=0.0))
        load = new
        if moved <= TOLERANCE:
            return Loads(wanted, load, round_, True)
    return Loads(wanted, load, MOST_ROUNDS, False)


def shared_rate(alone_mbps: Floats, wanted_load: Floats) -> Floats:
    """Return the mean rate of an admitted user among the others of its cell [Mbit/s].

    Parameters
    ----------
    alone_mbps : array
        Rate alone in the cell.
    wanted_load : array
        Demand over capacity of the user's cell.

    Returns
    -------
    array
        ``alone x (1 - load)`` with the load at most ``MOST_LOAD``.

    Examples
    --------
    >>> shared_rate(np.array([100.0, 100.0]), np.array([0.4, 3.0])).round(6).tolist()
    [60.0, 5.0]
    """
    return np.asarray(alone_mbps * np.maximum(1.0 - wanted_load, 1.0 - MOST_LOAD))
