"""Stress: how long stock lasts, what an outage costs, which dated phase is missed first."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cellwright.errors import InputError
from cellwright.supply.elements import matches, running
from cellwright.supply.parties import Parties
from cellwright.supply.rules import Who

LONGEST_MONTHS = 600.0


@dataclass(frozen=True)
class Chain:
    """A bill of materials with stocks and suppliers.

    Attributes
    ----------
    nodes : DataFrame
        Index ``node``; ``stock`` [units], ``demand`` [units a month asked of it], ``capacity``
        [units a month it can be made or bought at; inf: any], ``cost`` [of one unit short],
        ``supplier``, ``country``.
    edges : DataFrame
        ``parent, child, quantity``: one parent takes `quantity` of the child.
    substitutes : tuple of (str, str)
        (part, other): the other can stand in for the part.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    substitutes: tuple[tuple[str, str], ...] = ()


def chain(
    nodes: pd.DataFrame, edges: pd.DataFrame, substitutes: Collection[tuple[str, str]] = ()
) -> Chain:
    """Return a checked chain; absent columns get stock 0, demand 0, any capacity, cost 1.

    Raises
    ------
    InputError
        For names that no node has, negative figures, and a bill that contains itself.
    """
    table = nodes if "node" not in nodes else nodes.set_index("node")
    defaults = {
        "stock": 0.0,
        "demand": 0.0,
        "capacity": math.inf,
        "cost": 1.0,
        "supplier": "",
        "country": "",
    }
    full = pd.DataFrame(
        {name: table.get(name, default) for name, default in defaults.items()}, index=table.index
    )
    named = {*edges["parent"], *edges["child"], *(name for pair in substitutes for name in pair)}
    wrong = [f'"{name}" is no node' for name in sorted(named - set(full.index))]
    figures = full[["stock", "demand", "capacity", "cost"]]
    wrong += [
        f'"{name}" has a negative or missing figure'
        for name in full.index[(figures < 0.0).any(axis=1) | figures.isna().any(axis=1)]
    ]
    wrong += [f'"{name}" contains itself' for name in _loops(edges)]
    if wrong:
        raise InputError("the bill of materials cannot be used: " + "; ".join(wrong) + ".")
    return Chain(full, edges.reset_index(drop=True), tuple(substitutes))


def _loops(edges: pd.DataFrame) -> list[str]:
    left = list(zip(edges["parent"], edges["child"], strict=True))
    while left:
        inner = {child for _, child in left}
        kept = [pair for pair in left if pair[0] in inner]
        if len(kept) == len(left):
            return sorted({parent for parent, _ in left} & inner)
        left = kept
    return []


class Stress:
    """The linear programme of a chain: assembled once, then only bounds change.

    Notes
    -----
    Over an outage of t months: used + demand t - short <= made + stock; made <= capacity t;
    made = 0 where supply is cut. Time to survive: the largest t without shortage; impact: the
    least cost of shortage for a given t.

    References
    ----------
    Simchi-Levi et al., Interfaces 45(5), 2015, TTS and TTR models.
    """

    def __init__(self, chain: Chain) -> None:
        import highspy

        self.chain, self._highspy = chain, highspy
        self._at = {name: i for i, name in enumerate(chain.nodes.index)}
        self._model = highspy.Highs()
        self._model.setOptionValue("output_flag", False)
        self._model.setOptionValue("threads", 1)
        self._build()

    def _build(self) -> None:
        """Columns: t, made of each node, short of each node, stand-ins; rows: balance, capacity."""
        nodes, n, infinite = self.chain.nodes, len(self.chain.nodes), self._highspy.kHighsInf
        made, short, swaps = 1, 1 + n, self.chain.substitutes
        for _ in range(1 + 2 * n + len(swaps)):
            self._model.addVar(0.0, infinite)
        self._model.changeColBounds(0, 0.0, LONGEST_MONTHS)
        terms: list[dict[int, float]] = [{made + i: 1.0, short + i: 1.0} for i in range(n)]
        for i, demand in enumerate(nodes["demand"]):
            if demand:
                terms[i][0] = -float(demand)
        for parent, child, quantity in self.chain.edges[["parent", "child", "quantity"]].to_numpy():
            row, column = terms[self._at[child]], made + self._at[parent]
            row[column] = row.get(column, 0.0) - float(quantity)
        for k, (part, other) in enumerate(swaps):
            terms[self._at[part]][1 + 2 * n + k] = 1.0
            terms[self._at[other]][1 + 2 * n + k] = -1.0
        for i, (stock, row) in enumerate(zip(nodes["stock"], terms, strict=True)):
            self._row(-float(stock), infinite, row)
            if nodes["demand"].iloc[i] == 0.0:
                self._model.changeColBounds(short + i, 0.0, 0.0)
        for i, capacity in enumerate(nodes["capacity"]):
            if math.isfinite(capacity):
                self._row(-infinite, 0.0, {made + i: 1.0, 0: -float(capacity)})
        self._n = n

    def _row(self, low: float, high: float, terms: Mapping[int, float]) -> None:
        index = np.array(list(terms), dtype=np.int32)
        values = np.array(list(terms.values()), dtype=float)
        self._model.addRow(low, high, len(index), index, values)

    def _solve(self, cut: Collection[str]) -> float:
        infinite = self._highspy.kHighsInf
        columns = [1 + self._at[name] for name in cut]
        for column in columns:
            self._model.changeColBounds(column, 0.0, 0.0)
        self._model.run()
        found = float(self._model.getInfo().objective_function_value)  # gone once bounds change
        for column in columns:
            self._model.changeColBounds(column, 0.0, infinite)
        return found

    def _mode(self, months: float | None) -> None:
        """Set the programme to time to survive (None) or to the impact of an outage."""
        sense, infinite = self._highspy.ObjSense, self._highspy.kHighsInf
        nodes, n = self.chain.nodes, self._n
        survive = months is None
        self._model.changeObjectiveSense(sense.kMaximize if survive else sense.kMinimize)
        self._model.changeColCost(0, 1.0 if survive else 0.0)
        low, high = (0.0, LONGEST_MONTHS) if months is None else (months, months)
        self._model.changeColBounds(0, low, high)
        for i in np.flatnonzero(nodes["demand"].to_numpy() > 0.0):
            self._model.changeColBounds(1 + n + int(i), 0.0, 0.0 if survive else infinite)
            cost = 0.0 if survive else float(nodes["cost"].iloc[i])
            self._model.changeColCost(1 + n + int(i), cost)

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
            name: recover if isinstance(recover, int | float) else recover[name] for name in outages
        }
        self._mode(None)
        lasting = [self._solve(cut) for cut in outages.values()]
        tts = [math.inf if found >= LONGEST_MONTHS - 1e-6 else found for found in lasting]
        loss = []
        for (name, cut), lasts in zip(outages.items(), tts, strict=True):
            loss.append(0.0 if lasts >= months[name] else self.impact(cut, months[name]))
        out = pd.DataFrame(
            {
                "outage": list(outages),
                "tts_months": tts,
                "ttr_months": list(months.values()),
                "impact": loss,
            }
        )
        most = out["impact"].max() if len(out) else 0.0
        out["risk_exposure"] = out["impact"] / most if most > 0.0 else 0.0
        out["harmless"] = out["tts_months"] >= out["ttr_months"]
        return out


def survive(
    chain: Chain, by: str = "supplier", recover_months: float | Mapping[str, float] = 12.0
) -> pd.DataFrame:
    """Cut each supplier, country or part in turn.

    Parameters
    ----------
    chain : Chain
        From `chain`.
    by : {"supplier", "country", "node"}
        What is cut.
    recover_months : float or mapping
        Time to recover [months].

    Returns
    -------
    DataFrame
        ``outage, tts_months`` (inf: for good), ``ttr_months, impact`` (least cost of shortage
        over the time to recover), ``risk_exposure`` (0 to 1), ``harmless``.

    Examples
    --------
    >>> import pandas as pd
    >>> nodes = pd.DataFrame({"node": ["site", "unit", "chip"], "demand": [10.0, 0, 0],
    ...                       "stock": [0.0, 20, 180], "supplier": ["", "V", "C"]})
    >>> edges = pd.DataFrame({"parent": ["site", "unit"], "child": ["unit", "chip"],
    ...                       "quantity": [1.0, 1.0]})
    >>> survive(chain(nodes, edges)).set_index("outage")["tts_months"].to_dict()
    {'V': 2.0, 'C': 20.0}
    """
    if by == "node":
        outages = {str(name): [name] for name in chain.nodes.index}
    elif by in ("supplier", "country"):
        named = chain.nodes[chain.nodes[by] != ""]
        outages = {str(name): list(mine.index) for name, mine in named.groupby(by, sort=False)}
    else:
        raise InputError(f'by is "{by}"; allowed: supplier, country, node.')
    return Stress(chain).table(outages, recover_months)


def phases_met(
    chain: Chain,
    phases: pd.DataFrame,
    cut: Collection[str],
    start: date,
    recover_months: float,
    root: str | None = None,
) -> pd.DataFrame:
    """Tell which dated phases are complete and which wait, when supply is cut for a time.

    Parameters
    ----------
    chain : Chain
        Stocks are those of the day the cut begins; ``demand`` is not used.
    phases : DataFrame
        ``phase, due`` (date), ``quantity`` (units of the root in it), ``people``; in order. Phases
        due before the cut are complete.
    cut : collection of str
        Nodes that get no supply.
    start : date
        First day of the cut.
    recover_months : float
        Months until supply is back.
    root : str, optional
        Node that phases are counted in; default: the one that is no child.

    Returns
    -------
    DataFrame
        ``phase, due, done`` (month it completes), ``late_months, people, person_months, met``.

    Notes
    -----
    During the cut the most that stock allows is built, earliest phases first; with it over, the
    rest follows as fast as the least capacity on the way allows.
    """
    tops = [name for name in chain.nodes.index if name not in set(chain.edges["child"])]
    top = root or tops[0]
    alone = chain.nodes.assign(demand=0.0, capacity=math.inf)
    alone.loc[top, "demand"] = 1.0
    stress = Stress(Chain(alone, chain.edges, chain.substitutes))
    most = stress.time_to_survive(cut)  # units of the root that stock allows
    needs = _needs(chain, top)
    capacity = chain.nodes["capacity"].astype(float)
    speeds = [float(capacity[name]) / needs[name] for name in needs]
    speed = min(speeds)  # units of the root a month once supply is back
    rows, built = [], 0.0
    for phase in phases.to_dict("records"):
        due = (pd.Timestamp(phase["due"]) - pd.Timestamp(start)).days / 30.4375
        built += float(phase["quantity"]) if due >= 0.0 else 0.0
        late = 0.0
        if due >= 0.0 and built > most + 1e-6:
            late = max(0.0, recover_months + (built - most) / speed - due)
        done = pd.Timestamp(phase["due"]) + pd.Timedelta(days=round(late * 30.4375))
        people = float(phase.get("people", 0.0))
        rows.append(
            {
                "phase": phase["phase"],
                "due": pd.Timestamp(phase["due"]),
                "done": done,
                "late_months": late,
                "people": people,
                "person_months": people * late,
                "met": late <= 0.0,
            }
        )
    return pd.DataFrame(rows)


def _needs(chain: Chain, top: str) -> dict[str, float]:
    """Return how many of each node one root takes."""
    needs, todo = dict[str, float](), [(top, 1.0)]
    while todo:
        name, number = todo.pop()
        needs[name] = needs.get(name, 0.0) + number
        mine = chain.edges[chain.edges["parent"] == name]
        todo += [
            (str(c), number * float(q))
            for c, q in zip(mine["child"], mine["quantity"], strict=True)
            if q > 0.0
        ]
    return needs


def first_missed(table: pd.DataFrame) -> dict[str, Any] | None:
    """Return the first phase of `phases_met` that is late, or None."""
    late = table[~table["met"]]
    return None if late.empty else dict(late.iloc[0])


def unpatched(
    elements: pd.DataFrame, who: Who, cut: date, until: date, parties: Parties | None = None
) -> pd.DataFrame:
    """Return how long equipment runs without software support.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`.
    who : Who
        Makers whose support ends.
    cut, until : date
        Last day of support; end of the study.

    Returns
    -------
    DataFrame
        ``element_id, site_id, months`` from the cut (or the install) to removal or the end, and
        ``person_months`` [people served x months].
    """
    group = Parties() if parties is None else parties
    mine = elements[matches(who, elements, group, cut)]
    alive = mine["removed"].isna() | (mine["removed"] > pd.Timestamp(cut))
    mine = mine[alive & (running(mine, until) | mine["removed"].notna())]
    first, last = pd.Timestamp(cut), pd.Timestamp(until)
    end = mine["removed"].fillna(last)
    begin = mine["installed"].fillna(first)
    end, begin = end.where(end <= last, last), begin.where(begin >= first, first)
    months = ((end - begin).dt.days / 30.4375).clip(lower=0.0)
    return pd.DataFrame(
        {
            "element_id": mine["element_id"],
            "site_id": mine["site_id"],
            "months": months,
            "person_months": months * mine["population"],
        }
    )
