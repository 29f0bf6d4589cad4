"""Time to survive and impact of an outage as one linear programme whose bounds change."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cellwright.solver import linear_program, solver
from cellwright.supply.stress.chain import Chain

if TYPE_CHECKING:
    import scipy.sparse as sp


LONGEST_MONTHS = 600.0


class Stress:
    """The linear programme of a chain: assembled once, then only bounds and costs change.

    Notes
    -----
    Over an outage of t months: used + demand t - short <= made + stock; made <= capacity t;
    made = 0 where supply is cut. Time to survive: the largest t without shortage; impact: the
    least cost of shortage for a given t. What others draw from a stock is drawn first.

    References
    ----------
    Simchi-Levi et al., Interfaces 45(5), 2015, TTS and TTR models.
    """

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self._at = {name: i for i, name in enumerate(chain.nodes.index)}
        # a hot start needs no presolve, and most outages differ in a few bounds
        self._model = solver(threads=1, presolve="off")
        self._n = len(chain.nodes)
        self._asked = np.flatnonzero(chain.nodes["demand"].to_numpy(dtype=float) > 0.0)
        others = chain.nodes["other_use"].to_numpy(dtype=float) > 0.0
        self._others = np.setdiff1d(np.flatnonzero(others), self._asked)
        self._model.passModel(self._program())

    def _program(self) -> object:
        """Columns: t, made of each node, short of each node, stand-ins; rows: balance, capacity."""
        n, nodes = self._n, self.chain.nodes
        capped = np.flatnonzero(np.isfinite(nodes["capacity"].to_numpy(dtype=float)))
        matrix = self._matrix(capped)
        upper = np.full(matrix.shape[1], np.inf)
        upper[0] = LONGEST_MONTHS
        upper[1 + n : 1 + 2 * n] = 0.0
        stock = nodes["stock"].to_numpy(dtype=float)
        low = np.r_[-stock, np.full(capped.size, -np.inf)]
        high = np.r_[np.full(n, np.inf), np.zeros(capped.size)]
        return linear_program(np.zeros(upper.size), (0.0, upper), matrix, (low, high))

    def _matrix(self, capped: np.ndarray) -> sp.csc_matrix:
        import scipy.sparse as sp

        n, nodes, swaps = self._n, self.chain.nodes, self.chain.substitutes
        drawn = nodes["demand"].to_numpy(dtype=float) + nodes["other_use"].to_numpy(dtype=float)
        stands = np.zeros((n, len(swaps)))
        for k, (part, other) in enumerate(swaps):
            stands[self._at[part], k], stands[self._at[other], k] = 1.0, -1.0
        balance = [sp.csc_matrix(-drawn[:, None]), made_and_used(self.chain), sp.eye(n), stands]
        pace = nodes["capacity"].to_numpy(dtype=float)[capped]
        made = sp.eye(n, format="csr")[capped]
        rest = sp.csc_matrix((capped.size, n + len(swaps)))
        limits = sp.hstack([sp.csc_matrix(-pace[:, None]), made, rest])
        return sp.csc_matrix(sp.vstack([sp.hstack(balance), limits]))

    def _solve(self, cut: Collection[str]) -> float:
        columns = np.array([1 + self._at[name] for name in cut], dtype=np.int32)
        none = np.zeros(columns.size)
        self._model.changeColsBounds(columns.size, columns, none, none)
        self._model.run()
        found = self._objective()  # gone once bounds change
        self._model.changeColsBounds(columns.size, columns, none, none + np.inf)
        return found

    def _objective(self) -> float:
        found = float(self._model.getInfo().objective_function_value)
        if not self._others.size:
            return found
        short = np.array(self._model.getSolution().col_value)[1 + self._n + self._others]
        return found - self._dear * float(short.sum())

    def _mode(self, months: float | None) -> None:
        """Set the programme to time to survive (None) or to the impact of an outage."""
        from highspy import ObjSense

        survive = months is None
        self._model.changeObjectiveSense(ObjSense.kMaximize if survive else ObjSense.kMinimize)
        self._model.changeColCost(0, 1.0 if survive else 0.0)
        low, high = (0.0, LONGEST_MONTHS) if months is None else (months, months)
        self._model.changeColBounds(0, low, high)
        for i in map(int, self._asked):
            self._model.changeColBounds(1 + self._n + i, 0.0, 0.0 if survive else math.inf)
            cost = 0.0 if survive else float(self.chain.nodes["cost"].iloc[i])
            self._model.changeColCost(1 + self._n + i, cost)
        # what others draw is not in the planner's hands: it comes first, at a price above all else
        self._dear = 0.0 if survive else 1e3 * float(self.chain.nodes["cost"].max())
        for i in map(int, self._others):
            self._model.changeColBounds(1 + self._n + i, 0.0, 0.0 if survive else math.inf)
            self._model.changeColCost(1 + self._n + i, self._dear)

    def time_to_survive(self, cut: Collection[str]) -> float:
        """Return the months all demand is met with the supply of some nodes cut; inf: for good."""
        self._mode(None)
        found = self._solve(cut)
        return math.inf if found >= LONGEST_MONTHS - 1e-6 else found

    def impact(self, cut: Collection[str], months: float) -> float:
        """Return the least cost of shortage over an outage of some months."""
        self._mode(months)
        return self._solve(cut)

    def table(
        self, outages: Mapping[str, Collection[str]], recover: float | Mapping[str, float]
    ) -> pd.DataFrame:
        """Return all outages: see `survive`."""
        months = {
            name: float(recover if isinstance(recover, int | float) else recover[name])
            for name in outages
        }
        self._mode(None)
        lasting = [self._solve(cut) for cut in outages.values()]
        tts = [math.inf if found >= LONGEST_MONTHS - 1e-6 else found for found in lasting]
        loss = dict.fromkeys(outages, 0.0)
        spare = {name: lasts - months[name] for name, lasts in zip(outages, tts, strict=True)}
        harmful = [name for name in outages if spare[name] < -1e-6]
        for name in sorted(harmful, key=lambda name: months[name]):  # neighbours start hot
            loss[name] = self.impact(outages[name], months[name])
        out = pd.DataFrame(
            {
                "outage": list(outages),
                "tts_months": tts,
                "ttr_months": list(months.values()),
                "impact": list(loss.values()),
            }
        )
        most = out["impact"].max() if len(out) else 0.0
        out["risk_exposure"] = out["impact"] / most if most > 0.0 else 0.0
        out["harmless"] = out["tts_months"] >= out["ttr_months"] - 1e-6
        return out


def made_and_used(chain: Chain) -> sp.csc_matrix:
    """Return [node, node]: what one unit made adds to each node (1 to its own, -q to its parts)."""
    import scipy.sparse as sp

    at = {name: i for i, name in enumerate(chain.nodes.index)}
    edges, n = chain.edges, len(chain.nodes)
    rows = np.array([at[name] for name in edges["child"]], dtype=np.int64)
    columns = np.array([at[name] for name in edges["parent"]], dtype=np.int64)
    used = sp.coo_matrix((edges["quantity"].to_numpy(dtype=float), (rows, columns)), (n, n))
    return sp.csc_matrix(sp.eye(n) - used)
