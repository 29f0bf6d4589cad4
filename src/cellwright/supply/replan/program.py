"""The mixed-integer program of a compliant plan, assembled as sparse rows.

Variables: opened[s, t], site s runs in phase t; run[s, v, t], it runs vendor v; put[s, v, t], that
equipment is put up in phase t; heard[c, t], demand cell c is covered; used[v], the vendor is had at
all; tied[g, v, t], cluster g runs vendor v. Cells that the same sites cover are one cell, and a
cell of one site needs no variable: its people count with the site.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from cellwright.supply.linear import Rows
from cellwright.supply.replan.demand import merged
from cellwright.supply.replan.problem import ReplanProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Constraints:
    """Sparse rows ``low <= A x <= high`` in the making."""

    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    count: int = 0

    def add(self, columns: ArrayLike, values: ArrayLike, low: ArrayLike, high: ArrayLike) -> None:
        """Add one row for each row of ``columns`` [row, entry]; the rest is spread to fit."""
        columns = np.atleast_2d(np.asarray(columns, np.int64))
        rows = np.repeat(np.arange(columns.shape[0]), columns.shape[1])
        self.entries(rows, columns.ravel(), np.broadcast_to(values, columns.shape).ravel())
        self.close(columns.shape[0], low, high)

    def entries(self, row: Ints, column: Ints, value: ArrayLike) -> None:
        """Add entries to rows that are not closed yet, counted from the first of them."""
        self.row.append(np.asarray(row, np.int64) + self.count)
        self.column.append(np.asarray(column, np.int64))
        self.value.append(np.broadcast_to(np.asarray(value, float), self.row[-1].shape))

    def close(self, rows: int, low: ArrayLike, high: ArrayLike) -> None:
        """Give the next rows their limits."""
        self.low.append(np.broadcast_to(np.asarray(low, float), (rows,)))
        self.high.append(np.broadcast_to(np.asarray(high, float), (rows,)))
        self.count += rows

    def matrix(self, width: int) -> sp.csr_matrix:
        """Return all rows as one matrix."""
        parts = (np.concatenate(self.row), np.concatenate(self.column))
        made = sp.coo_matrix((np.concatenate(self.value), parts), shape=(self.count, width))
        return made.tocsr()


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
    people: sp.csr_matrix
    variables: Variables


@dataclass(frozen=True, eq=False)
class Variables:
    """Numbers of the variables, by kind."""

    opened: Ints
    run: Ints
    put: Ints
    heard: Ints
    used: Ints
    tied: Ints
    width: int

    @classmethod
    def of(cls, problem: ReplanProblem, cells: int) -> Variables:
        """Number the variables of a problem with this many cells of several sites.

        Where no site may be opened in a phase, `opened` and `heard` are those of the phase before.
        """
        sites, vendors, phases = problem.install_usd.shape
        clusters, opening = clusters_of(problem).size, opening_of(problem)
        same = np.maximum(np.cumsum(opening) - 1, 0)
        own = int(same[-1]) + 1
        shapes = (
            (sites, own), (sites, vendors, phases), (sites, vendors, phases), (cells, own),
            (vendors,), (clusters, vendors, phases),
        )  # fmt: skip
        first = np.r_[0, np.cumsum([int(np.prod(shape)) for shape in shapes])]
        parts = [
            np.arange(start, stop, dtype=np.int64).reshape(shape)
            for start, stop, shape in zip(first[:-1], first[1:], shapes, strict=True)
        ]
        opened, run, put, heard, used, tied = parts
        return cls(opened[:, same], run, put, heard[:, same], used, tied, int(first[-1]))


def opening_of(problem: ReplanProblem) -> NDArray[np.bool_]:
    """Return in which phases sites may be opened; the first stands for what is there before."""
    given = np.ones(len(problem.phases), bool) if problem.opening is None else problem.opening
    return np.asarray(given, bool)


def program(problem: ReplanProblem) -> Program:
    """Assemble the program of a problem; objectives are given apart, as rows over the variables."""
    covers, crowd, alone = merged(problem.covers, problem.people)
    at = Variables.of(problem, crowd.size)
    rows, lower, upper = Constraints(), np.zeros(at.width), np.ones(at.width)
    lower[at.opened] = (problem.running >= 0)[:, None]
    upper[at.run[~np.isfinite(problem.install_usd)]] = 0.0
    _run_on(problem, rows, at)
    _put_up(problem, rows, at)
    _cover(covers, rows, at)
    _limits(problem, rows, at)
    _had(problem, rows, at)
    _tie(problem, rows, at)
    for rule in problem.restrictions:
        restrict(rule, rows, at, upper)
    people = _people(alone, crowd, at)
    return Program(
        rows.matrix(at.width), np.concatenate(rows.low), np.concatenate(rows.high), lower, upper,
        _whole(problem, at), _usd(problem, at), people.T @ problem.months, people, at,
    )  # fmt: skip


def clusters_of(problem: ReplanProblem) -> Ints:
    """Return the numbers of the clusters."""
    return np.unique(problem.cluster[problem.cluster >= 0])


def _whole(problem: ReplanProblem, at: Variables) -> NDArray[np.bool_]:
    """Which variables are 0 or 1: where the cluster's vendor is, the site's own follows."""
    whole = np.zeros(at.width, np.bool_)
    free = problem.cluster < 0
    whole[at.run[free]] = True
    whole[at.opened[~free]] = True
    whole[at.tied] = True
    whole[at.used] = problem.vendor_usd > 0.0
    return whole


def _usd(problem: ReplanProblem, at: Variables) -> Floats:
    usd = np.zeros(at.width)
    usd[at.put] = np.where(np.isfinite(problem.install_usd), problem.install_usd, 0.0)
    usd[at.used] = problem.vendor_usd
    usd[at.opened[:, -1]] = problem.civil_usd * (problem.running < 0)
    return usd


def _people(alone: Floats, crowd: Floats, at: Variables) -> sp.csr_matrix:
    """People covered in each phase, as rows over the variables."""
    columns = np.concatenate([at.opened, at.heard])
    weight = np.r_[alone, crowd]
    phases = columns.shape[1]
    row = np.broadcast_to(np.arange(phases), columns.shape)
    value = np.broadcast_to(weight[:, None], columns.shape)
    made = sp.coo_matrix((value.ravel(), (row.ravel(), columns.ravel())), (phases, at.width))
    made.eliminate_zeros()
    return made.tocsr()


def _run_on(problem: ReplanProblem, rows: Constraints, at: Variables) -> None:
    """One vendor a site, never switched off."""
    vendors = at.run.shape[1]
    run = at.run.transpose(0, 2, 1).reshape(-1, vendors)
    rows.add(np.c_[run, at.opened.ravel()], np.r_[np.ones(vendors), -1.0], 0.0, 0.0)
    fresh = np.flatnonzero(opening_of(problem))[1:]
    if fresh.size:
        pairs = np.stack([at.opened[:, fresh], at.opened[:, fresh - 1]], axis=2).reshape(-1, 2)
        rows.add(pairs, (1.0, -1.0), 0.0, np.inf)


def _put_up(problem: ReplanProblem, rows: Constraints, at: Variables) -> None:
    """put >= run now - run before; where installs are counted, no more than that either."""
    exact = any(rule.variables == "installs" for rule in problem.restrictions)
    vendors = at.run.shape[1]
    was = (problem.running[:, None] == np.arange(vendors)).astype(float).ravel()
    put, run = at.put.reshape(was.size, -1), at.run.reshape(was.size, -1)
    rows.add(np.c_[put[:, 0], run[:, 0]], (1.0, -1.0), -was, np.inf)
    now, before = run[:, 1:].ravel(), run[:, :-1].ravel()
    fresh = put[:, 1:].ravel()
    rows.add(np.c_[fresh, now, before], (1.0, -1.0, 1.0), 0.0, np.inf)
    if exact:
        rows.add(np.c_[put.ravel(), run.ravel()], (1.0, -1.0), -np.inf, 0.0)
        rows.add(put[:, :1], 1.0, -np.inf, 1.0 - was)
        rows.add(np.c_[fresh, before], 1.0, -np.inf, 1.0)


def _cover(covers: sp.csr_matrix, rows: Constraints, at: Variables) -> None:
    """A cell is covered where a site that covers it runs."""
    site, cell = covers.nonzero()
    for t in np.unique(at.heard[0], return_index=True)[1] if at.heard.size else []:
        count = at.heard.shape[0]
        rows.entries(np.arange(count), at.heard[:, t], 1.0)
        rows.entries(cell, at.opened[site, t], -1.0)
        rows.close(count, -np.inf, 0.0)


def _limits(problem: ReplanProblem, rows: Constraints, at: Variables) -> None:
    """Money that has come in, crews of a phase, equipment delivered."""
    new = (problem.running < 0) * problem.civil_usd
    price = np.where(np.isfinite(problem.install_usd), problem.install_usd, 0.0)
    for t in range(at.opened.shape[1]):
        budget = float(problem.budget_usd[: t + 1].sum())
        if np.isfinite(budget):
            spent = np.r_[price[:, :, : t + 1].ravel(), new] / 1e5
            columns = np.r_[at.put[:, :, : t + 1].ravel(), at.opened[:, t]]
            rows.add(columns, spent, -np.inf, budget / 1e5)
        if np.isfinite(problem.crews[t]):
            rows.add(at.put[:, :, t].ravel(), 1.0, -np.inf, float(problem.crews[t]))
        for v in np.flatnonzero(np.isfinite(problem.stock[:, t])):
            rows.add(at.put[:, v, : t + 1].ravel(), 1.0, -np.inf, float(problem.stock[v, t]))


def _had(problem: ReplanProblem, rows: Constraints, at: Variables) -> None:
    """A vendor whose equipment is put up, or ran already, is had; none comes back to a site."""
    for v in range(at.used.size):
        used = np.full(at.put.shape[0], at.used[v])
        rows.add(np.c_[at.put[:, v], used], np.r_[np.ones(at.put.shape[2]), -1.0], -np.inf, 0.0)
        ran = problem.running == v
        rows.add(np.c_[at.run[ran, v, 0], used[ran]], (1.0, -1.0), -np.inf, 0.0)


def _tie(problem: ReplanProblem, rows: Constraints, at: Variables) -> None:
    """The sites of a cluster run what the cluster runs."""
    for number, cluster in enumerate(clusters_of(problem)):
        rows.add(at.tied[number].T, 1.0, -np.inf, 1.0)
        for s in np.flatnonzero(problem.cluster == cluster):
            both = np.c_[at.run[s].ravel(), at.tied[number].ravel()]
            rows.add(both, (1.0, -1.0), -np.inf, 0.0)


def restrict(rule: Rows, rows: Constraints, at: Variables, upper: Floats) -> None:
    """Add the rows of one rule; what may not be at all is a bound."""
    variables = (at.run if rule.variables == "runs" else at.put).ravel()
    for factors, low, high in zip(rule.coefficients, rule.lower, rule.upper, strict=True):
        flat = factors.ravel()
        found = np.flatnonzero(flat)
        if high == 0.0 and low == -np.inf and (flat >= 0.0).all():
            upper[variables[found]] = 0.0
            continue
        most = float(np.abs(flat).max(initial=0.0)) or 1.0
        rows.entries(np.zeros(found.size, np.int64), variables[found], flat[found] / most)
        rows.close(1, low / most, high / most)
