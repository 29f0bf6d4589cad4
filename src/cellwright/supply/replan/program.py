"""The mixed-integer program of a compliant plan, assembled as sparse rows.

Variables: run[s, v, t], site s runs vendor v in phase t; put[s, v, t], its equipment is put up in
phase t; heard[c, t], demand cell c is covered; used[v], the vendor is had at all; tied[g, v, t],
cluster g runs vendor v.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellwright.supply.replan.problem import ReplanProblem, Restriction

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Rows:
    """Sparse rows ``low <= A x <= high`` in the making."""

    columns: list[Ints] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, columns: Ints, values: Floats | float, low: float, high: float) -> None:
        """Add one row."""
        columns = np.asarray(columns, np.int64).ravel()
        self.columns.append(columns)
        self.values.append(np.broadcast_to(np.asarray(values, float), columns.shape).ravel())
        self.low.append(low)
        self.high.append(high)

    def matrix(self, width: int) -> sp.csr_matrix:
        """Return all rows as one matrix."""
        first = np.r_[0, np.cumsum([part.size for part in self.columns])]
        index = np.concatenate(self.columns) if self.columns else np.empty(0, np.int64)
        data = np.concatenate(self.values) if self.values else np.empty(0)
        made = sp.csr_matrix((data, index, first), shape=(len(self.columns), width))
        made.sum_duplicates()
        return made


@dataclass(frozen=True, eq=False)
class Program:
    """A mixed-integer program and where its variables stand."""

    matrix: sp.csr_matrix
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats
    whole: NDArray[np.bool_]
    usd: Floats
    person_months: Floats
    people_at_end: Floats
    run: Ints
    put: Ints
    heard: Ints


def program(problem: ReplanProblem) -> Program:
    """Assemble the program of a problem; objectives are given apart, as rows over the variables."""
    sites, vendors, phases = problem.install_usd.shape
    cells, clusters = problem.people.size, _clusters(problem)
    each = vendors * phases
    sizes = [sites * each, sites * each, cells * phases, vendors, clusters.size * each]
    starts = np.r_[0, np.cumsum(sizes)]
    run = np.arange(starts[0], starts[1]).reshape(sites, vendors, phases)
    put = np.arange(starts[1], starts[2]).reshape(sites, vendors, phases)
    heard = np.arange(starts[2], starts[3]).reshape(cells, phases)
    used = np.arange(starts[3], starts[4])
    tied = np.arange(starts[4], starts[5]).reshape(clusters.size, vendors, phases)
    rows, width = Rows(), int(starts[-1])
    upper = np.ones(width)
    _run_on(problem, rows, run, put)
    _cover(problem, rows, run, heard)
    _limits(problem, rows, put, run)
    _had(problem, rows, run, put, used)
    _tie(problem, clusters, rows, run, tied)
    for rule in problem.restrictions:
        restrict(problem, rule, rows, run, put, used, upper)
    usd = np.zeros(width)
    usd[put] = problem.install_usd
    usd[used] = problem.vendor_usd
    last = run[:, :, -1]
    usd[last] += problem.civil_usd[:, None] * (problem.running < 0)[:, None]
    person_months, at_end = np.zeros(width), np.zeros(width)
    person_months[heard] = problem.people[:, None] * problem.months
    at_end[heard[:, -1]] = problem.people
    whole = np.zeros(width, np.bool_)
    whole[run] = True
    return Program(
        rows.matrix(width), np.array(rows.low), np.array(rows.high), np.zeros(width), upper, whole,
        usd, person_months, at_end, run, put, heard,
    )  # fmt: skip


def _clusters(problem: ReplanProblem) -> Ints:
    return np.unique(problem.cluster[problem.cluster >= 0])


def _run_on(problem: ReplanProblem, rows: Rows, run: Ints, put: Ints) -> None:
    """One vendor a site, never switched off; what newly runs was put up."""
    sites, vendors, phases = run.shape
    exact = any(rule.basis == "flow" for rule in problem.restrictions)
    for s in range(sites):
        was = int(problem.running[s])
        for t in range(phases):
            rows.add(run[s, :, t], 1.0, 1.0 if was >= 0 else 0.0, 1.0)
            if t > 0:
                signs = np.r_[np.ones(vendors), -np.ones(vendors)]
                rows.add(np.r_[run[s, :, t], run[s, :, t - 1]], signs, 0.0, np.inf)
            for v in range(vendors):
                _put_up(rows, run[s, v], put[s, v], t, was == v, exact)


def _put_up(rows: Rows, run: Ints, put: Ints, t: int, was: bool, exact: bool) -> None:
    """put >= run now - run before; where installs are counted, no more than that either."""
    if t == 0:
        started = 1.0 if was else 0.0
        rows.add(np.r_[put[0], run[0]], np.r_[1.0, -1.0], -started, np.inf)
        if exact:
            rows.add(np.r_[put[0], run[0]], np.r_[1.0, -1.0], -np.inf, 0.0)
            rows.add(np.r_[put[0]], 1.0, -np.inf, 1.0 - started)
        return
    rows.add(np.r_[put[t], run[t], run[t - 1]], np.r_[1.0, -1.0, 1.0], 0.0, np.inf)
    if exact:
        rows.add(np.r_[put[t], run[t]], np.r_[1.0, -1.0], -np.inf, 0.0)
        rows.add(np.r_[put[t], run[t - 1]], np.r_[1.0, 1.0], -np.inf, 1.0)


def _had(problem: ReplanProblem, rows: Rows, run: Ints, put: Ints, used: Ints) -> None:
    """A vendor whose equipment is put up, or ran already, is had; none comes back to a site."""
    one = np.r_[np.ones(put.shape[2]), -1.0]
    for site in range(put.shape[0]):
        for vendor in range(put.shape[1]):
            rows.add(np.r_[put[site, vendor], used[vendor]], one, -np.inf, 0.0)
            if problem.running[site] == vendor:
                both = np.r_[run[site, vendor, 0], used[vendor]]
                rows.add(both, np.r_[1.0, -1.0], -np.inf, 0.0)


def _cover(problem: ReplanProblem, rows: Rows, run: Ints, heard: Ints) -> None:
    """A cell is covered where a site that covers it runs."""
    by_cell = problem.covers.tocsc()
    for c in range(heard.shape[0]):
        near = by_cell.indices[by_cell.indptr[c] : by_cell.indptr[c + 1]]
        for t in range(heard.shape[1]):
            columns = np.r_[heard[c, t], run[near, :, t].ravel()]
            rows.add(columns, np.r_[1.0, -np.ones(columns.size - 1)], -np.inf, 0.0)


def _limits(problem: ReplanProblem, rows: Rows, put: Ints, run: Ints) -> None:
    """Money that has come in, crews of a phase, equipment delivered."""
    vendors, phases = put.shape[1:]
    new = (problem.running < 0) * problem.civil_usd
    for t in range(phases):
        budget = float(problem.budget_usd[: t + 1].sum())
        if np.isfinite(budget):
            spent = np.r_[problem.install_usd[:, :, : t + 1].ravel(), np.repeat(new, vendors)]
            columns = np.r_[put[:, :, : t + 1].ravel(), run[:, :, t].ravel()]
            rows.add(columns, spent / 1e3, -np.inf, budget / 1e3)
        if np.isfinite(problem.crews[t]):
            rows.add(put[:, :, t], 1.0, -np.inf, float(problem.crews[t]))
        for v in range(vendors):
            if np.isfinite(problem.stock[v, t]):
                rows.add(put[:, v, : t + 1], 1.0, -np.inf, float(problem.stock[v, t]))


def _tie(problem: ReplanProblem, clusters: Ints, rows: Rows, run: Ints, tied: Ints) -> None:
    """The sites of a cluster run what the cluster runs."""
    for number, cluster in enumerate(clusters):
        for t in range(run.shape[2]):
            rows.add(tied[number, :, t], 1.0, -np.inf, 1.0)
            for s in np.flatnonzero(problem.cluster == cluster):
                for v in range(run.shape[1]):
                    both = np.r_[run[s, v, t], tied[number, v, t]]
                    rows.add(both, np.r_[1.0, -1.0], -np.inf, 0.0)


def restrict(
    problem: ReplanProblem,
    rule: Restriction,
    rows: Rows,
    run: Ints,
    put: Ints,
    used: Ints,
    upper: Floats,
) -> None:
    """Add the rows or bounds of one restriction."""
    sites, _, phases = run.shape
    where = np.flatnonzero(np.ones(sites, bool) if rule.sites is None else rule.sites)
    who = np.array([problem.vendors.index(name) for name in rule.vendors], np.int64)
    first, stop = rule.phases or (0, phases)
    variables = run if rule.basis == "stock" else put
    weight = np.ones(sites) if rule.weight is None else np.asarray(rule.weight, float)
    if rule.kind == "prohibit":
        upper[variables[np.ix_(where, who, np.arange(first, stop))]] = 0.0
        return
    if rule.kind == "min-suppliers":
        rows.add(used[who], 1.0, rule.limit, np.inf)
        _really_used(problem, rows, run[:, who], used[who])
        return
    others = np.setdiff1d(np.arange(run.shape[1]), who)
    for t in range(first, stop):
        mine, rest = (
            variables[:, :, t][np.ix_(where, who)],
            variables[:, :, t][np.ix_(where, others)],
        )
        values = np.r_[
            np.repeat(weight[where] * (1.0 - rule.limit), who.size),
            np.repeat(-weight[where] * rule.limit, others.size),
        ]
        low, high = (-np.inf, 0.0) if rule.kind == "cap" else (0.0, np.inf)
        rows.add(np.r_[mine.ravel(), rest.ravel()], values, low, high)


def _really_used(problem: ReplanProblem, rows: Rows, run: Ints, used: Ints) -> None:
    """A supplier counts only where it runs at least one site at the end."""
    for v in range(used.size):
        columns = np.r_[used[v], run[:, v, -1].ravel()]
        rows.add(columns, np.r_[1.0, -np.ones(columns.size - 1)], -np.inf, 0.0)
