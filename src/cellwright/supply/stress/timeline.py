"""A roll-out under dated cuts as one linear programme over time: what is built by when."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.solver import linear_program, solver
from cellwright.supply.stress.chain import Chain, needs_of
from cellwright.supply.stress.program import made_and_used

if TYPE_CHECKING:
    import scipy.sparse as sp


DAYS_PER_MONTH = 30.4375
Floats = NDArray[np.float64]
_TINY = 1e-6
#: Worth of a root ahead of its date, beside 1 of one that is late.
_AHEAD = 1e-4


@dataclass(frozen=True)
class Cut:
    """Nodes that get no supply for a time.

    Attributes
    ----------
    nodes : tuple of str
        Which.
    start, end : float
        Months from the first day of the study.
    """

    nodes: tuple[str, ...]
    start: float
    end: float


class Timeline:
    """The programme of a chain over time: assembled once, then only bounds change.

    Parameters
    ----------
    chain : Chain
        Stocks are those of the first day. ``demand`` and ``cost`` are not used.
    wanted : DataFrame
        ``root, due`` [months from the first day], ``quantity``, ``people``; optionally ``begin``
        [months], from when the first phase of a root is being built (default 0).
    ends : collection of float
        Months at which a cut of any run begins or ends.
    arrivals : DataFrame, optional
        ``node, month, quantity``: ordered before, on the way.
    step : float
        Longest interval [months].

    Notes
    -----
    For every node i and point k: inv_ik = inv_i,k-1 + made_ik + arriving_ik - sum q_ij made_jk -
    others_ik; made_ik <= capacity x length of the interval, 0 while cut. Two things keep the
    programme from seeing a cut before it comes: no stock grows above its level of the first day
    (a cover is kept, not raised), and until the last cut has begun roots are not built ahead of
    the straight line from due date to due date. Objective: the integral over time of roots short,
    each counted with its people; for one root it is least at every moment at once. At a cut's
    edge, an arrival and a due date the time is listed twice, before and after, so that jumps are
    jumps; between points roots are built at an even pace.

    References
    ----------
    Simchi-Levi et al., Interfaces 45(5), 2015, TTR model, here expanded over time.
    """

    def __init__(
        self,
        chain: Chain,
        wanted: pd.DataFrame,
        ends: Collection[float] = (),
        arrivals: pd.DataFrame | None = None,
        step: float = 1.0,
    ) -> None:
        missing = sorted(set(wanted["root"]) - set(chain.nodes.index))
        if missing:
            raise InputError(f"wanted names roots that no node has: {', '.join(missing)}.")
        self.chain, self.wanted = chain, wanted.sort_values("due", kind="stable")
        self._arrivals = arrivals
        self._at = {str(name): i for i, name in enumerate(chain.nodes.index)}
        self.roots = tuple(dict.fromkeys(str(name) for name in wanted["root"]))
        self._root_at = np.array([self._at[name] for name in self.roots], dtype=np.int64)
        self.months, self._after = self._grid([float(end) for end in ends], step)
        self._length = np.diff(self.months, prepend=self.months[:1])
        self._stock = chain.nodes["stock"].to_numpy(dtype=float)
        self._model = solver(threads=1)
        self._model.passModel(self._program())

    def _grid(self, ends: Sequence[float], step: float) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the points, and whether each lies after the event of its moment."""
        arrive = [] if self._arrivals is None else list(self._arrivals["month"].astype(float))
        events = {round(t, 9) for t in (*ends, *arrive, *self.wanted["due"]) if t > 0.0}
        last = max(events, default=0.0)
        longest = last + self._catch_up() + step
        pace = max(step, longest / 150.0)
        marks = {round(t, 9) for t in np.arange(pace, longest + pace, pace)}
        points = [(0.0, True)]
        points += sorted([(t, False) for t in events | marks] + [(t, True) for t in events])
        return np.array([t for t, _ in points]), np.array([after for _, after in points])

    def _catch_up(self) -> float:
        """Return the months all roots take at full pace, one after the other."""
        total = self.wanted.groupby("root")["quantity"].sum()
        capacity = self.chain.nodes["capacity"].astype(float)
        months = 0.0
        for name, quantity in total.items():
            needs = needs_of(self.chain, str(name))
            slowest = max((n / float(capacity[node]) if capacity[node] > 0.0 else 0.0)
                          for node, n in needs.items())  # fmt: skip
            months += float(quantity) * slowest
        return months

    def _due(self, root: str) -> tuple[Floats, Floats]:
        """Return months and cumulated quantity of a root's phases still to build."""
        mine = self.wanted[(self.wanted["root"] == root) & (self.wanted["due"] >= 0.0)]
        return mine["due"].to_numpy(dtype=float), mine["quantity"].cumsum().to_numpy(dtype=float)

    def _line(self, root: str) -> tuple[Floats, float]:
        """Return how many of a root the plan has up at each point, and on the first day."""
        due, sums = self._due(root)
        if not due.size:
            return np.zeros(self.months.size), 0.0
        mine = self.wanted[self.wanted["root"] == root]
        past = mine.loc[mine["due"] < 0.0, "due"]
        given = float(mine["begin"].min()) if "begin" in mine else 0.0
        begin = min(float(past.max()) if len(past) else given, float(due[0]))
        line = np.interp(self.months, np.r_[begin, due], np.r_[0.0, sums])
        return line, float(line[0]) if begin < 0.0 else 0.0

    def _owed(self, root: str) -> Floats:
        """Return what is due of a root at each point."""
        due, sums = self._due(root)
        before = np.where(self._after, self.months + 1e-9, self.months - 1e-9)
        return np.asarray(np.r_[0.0, sums][np.searchsorted(due, before)], dtype=float)

    def _program(self) -> object:
        """Columns: first stock; by point made, stock, stand-in, other use unmet, root short."""
        points, n, roots = self.months.size, len(self.chain.nodes), len(self.roots)
        lines = [self._line(name) for name in self.roots]
        self._lines = np.stack([line for line, _ in lines])
        self._totals = np.array([self._due(name)[1][-1:].sum() for name in self.roots])
        self._up_at_first = np.array([first for _, first in lines])
        others = self.chain.nodes["other_use"].to_numpy(dtype=float)
        self._others = np.flatnonzero(others > 0.0)
        matrix = self._matrix()
        self._drawn = np.outer(self._length, others)
        self._balance = self._drawn - self._arriving(())
        balance = self._balance
        owed = np.stack([self._owed(name) for name in self.roots], axis=1)
        low = np.r_[balance.ravel(), owed.ravel()]
        high = np.r_[balance.ravel(), np.full(points * roots, np.inf)]
        self._upper = np.full(matrix.shape[1], np.inf)
        self._made, self._inventory = n, n + points * n
        return linear_program(self._costs(), (0.0, self._upper), matrix, (low, high))

    def _matrix(self) -> sp.csc_matrix:
        import scipy.sparse as sp

        points, n, roots = self.months.size, len(self.chain.nodes), len(self.roots)
        each, swaps = sp.eye(points), self.chain.substitutes
        stands = np.zeros((n, len(swaps)))
        for k, (part, other) in enumerate(swaps):
            stands[self._at[part], k], stands[self._at[other], k] = 1.0, -1.0
        unmet = sp.coo_matrix(
            (np.ones(self._others.size), (self._others, np.arange(self._others.size))),
            (n, self._others.size),
        )
        first = sp.vstack([sp.eye(n), sp.csc_matrix(((points - 1) * n, n))])
        carried = sp.kron(sp.eye(points, k=-1) - each, sp.eye(n))
        made = sp.kron(each, made_and_used(self.chain))
        zero = sp.csc_matrix((points * n, points * roots))
        balance = [first, made, carried, sp.kron(each, stands), sp.kron(each, unmet), zero]
        up = sp.coo_matrix((np.ones(roots), (np.arange(roots), self._root_at)), (roots, n))
        width = points * (len(swaps) + self._others.size)
        blank = sp.csc_matrix((points * roots, n + points * n))
        more = sp.csc_matrix((points * roots, width))
        short = [blank, sp.kron(each, up), more, sp.eye(points * roots)]
        return sp.csc_matrix(sp.vstack([sp.hstack(balance), sp.hstack(short)]))

    def _costs(self) -> Floats:
        """Return the weight of a root short at each point, and of other use unmet above all."""
        points, n = self.months.size, len(self.chain.nodes)
        by_root = self.wanted.groupby("root")[["people", "quantity"]].sum().loc[list(self.roots)]
        people = by_root["people"].to_numpy(dtype=float)
        people = np.where(people > 0.0, people, max(float(people.sum()), 1.0))
        each = people / np.maximum(by_root["quantity"].to_numpy(dtype=float), _TINY)
        each = each / each.max()  # near 1: the solver's tolerances are absolute
        ahead = np.append(self._length[1:], 0.0)
        span = (self._length + ahead) / 2.0
        free = n + 2 * points * n + points * len(self.chain.substitutes)
        dear = np.full(points * self._others.size, 10.0 * (float(self.months[-1]) + 1.0))
        cost = np.r_[np.zeros(free), dear, np.outer(span, each).ravel()]
        up = n + points * n + np.arange(points)[:, None] * n + self._root_at[None, :]
        cost[up] = -_AHEAD * span[:, None]  # nothing is short: build on all the same
        return np.asarray(cost, dtype=float)

    def _arriving(self, cuts: Collection[Cut]) -> Floats:
        """Return [point, node]: what arrives at each point; a cut holds it back to its end."""
        out = np.zeros((self.months.size, len(self.chain.nodes)))
        if self._arrivals is None:
            return out
        for node, given, quantity in self._arrivals[["node", "month", "quantity"]].to_numpy():
            month = max(0.0, float(given))
            for cut in sorted(cuts, key=lambda cut: cut.start):
                if node in cut.nodes and cut.start <= month < cut.end:
                    month = cut.end
            there = self._after & (self.months >= month - 1e-9)
            if there.any():
                out[int(np.argmax(there)), self._at[str(node)]] += float(quantity)
        return out

    def _paces(self, cuts: Collection[Cut]) -> Floats:
        """Return [point, node]: the most that can be made in the interval up to each point."""
        capacity = self.chain.nodes["capacity"].to_numpy(dtype=float)
        paces = np.full((self.months.size, capacity.size), math.inf)
        limited = np.isfinite(capacity)
        paces[:, limited] = np.outer(self._length, capacity[limited])
        for cut in cuts:
            after = (self.months >= cut.start - 1e-9) & (self.months < cut.end - 1e-9)
            before = (self.months > cut.start + 1e-9) & (self.months <= cut.end + 1e-9)
            closed = np.where(self._after, after, before)
            columns = np.array([self._at[name] for name in cut.nodes], dtype=np.int64)
            paces[np.ix_(closed, columns)] = 0.0
        return paces

    def run(self, cuts: Collection[Cut] = (), stock: pd.Series | None = None) -> Floats:
        """Return [root, point]: how many of each root are up, of those due from the first day on.

        Parameters
        ----------
        cuts : collection of Cut
            What is cut, when; their edges must have been given as `ends`.
        stock : Series, optional
            Stock of each node on the first day [units], instead of the chain's.

        Raises
        ------
        InputError
            Stock and arrivals that no roll-out fits.
        """
        n, points = len(self.chain.nodes), self.months.size
        arriving = self._arriving(cuts)
        from highspy import HighsModelStatus

        self._arrive(arriving)
        held = self._stock if stock is None else stock.loc[self.chain.nodes.index].to_numpy(float)
        first = np.array(held, dtype=float)
        level = first[None, :] + np.cumsum(arriving, axis=0)
        first[self._root_at], level[:, self._root_at] = self._up_at_first, self._most_up(cuts).T
        lower, upper = np.zeros(self._upper.size), self._upper.copy()
        lower[:n] = upper[:n] = first
        upper[self._made : self._made + points * n] = self._paces(cuts).ravel()
        upper[self._inventory : self._inventory + points * n] = level.ravel()
        every = np.arange(upper.size, dtype=np.int32)
        self._model.changeColsBounds(upper.size, every, lower, upper)
        self._model.run()
        if self._model.getModelStatus() != HighsModelStatus.kOptimal:
            raise InputError("the roll-out over time has no solution: check stocks and arrivals.")
        found = np.array(self._model.getSolution().col_value)
        built = found[self._inventory : self._inventory + points * n].reshape(points, n)
        return np.asarray(built[:, self._root_at].T)

    def _most_up(self, cuts: Collection[Cut]) -> Floats:
        """Return [root, point]: the plan's own line while a cut is still to come, then no limit.

        "No limit" is twice the plan, so that the last phase is crossed at the pace it is built at.
        """
        last = max((cut.start for cut in cuts), default=0.0)
        open_end = np.where(self._after, self.months >= last - 1e-9, self.months > last + 1e-9)
        return np.where(open_end[None, :], 2.0 * self._totals[:, None], self._lines)

    def _arrive(self, arriving: Floats) -> None:
        """Set what arrives where it differs from the run before."""
        balance = self._drawn - arriving
        for row in np.flatnonzero((balance != self._balance).ravel()):
            value = float(balance.ravel()[row])
            self._model.changeRowBounds(int(row), value, value)
        self._balance = balance

    def reached(self, built: Floats, root: str, quantity: float) -> float:
        """Return the month at which so many of a root are up; inf: not within the study."""
        row = built[self.roots.index(root)]
        enough = row >= quantity - _TINY * max(1.0, quantity)
        if not enough.any():
            return math.inf
        k = int(np.argmax(enough))
        if k == 0 or row[k] <= row[k - 1]:
            return float(self.months[k])
        share = min(1.0, (quantity - row[k - 1]) / (row[k] - row[k - 1]))
        return float(self.months[k - 1] + share * (self.months[k] - self.months[k - 1]))
