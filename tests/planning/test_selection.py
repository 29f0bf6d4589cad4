"""The choice against brute force, published optima, and the laws it must keep."""

from __future__ import annotations

import csv
import gzip
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.planning import Effort, Goal, build_problem, choose

QUICK = Effort(rounds=60, steps=150, polish_entries=0)


def random_problem(seed: int, sites: int = 6, ways: int = 2, points: int = 25, fixed: int = 0):
    rng = np.random.default_rng(seed)
    cover = rng.random((sites * ways, points)) < rng.uniform(0.1, 0.4)
    weight = rng.integers(0, 9, points).astype(float)
    names = [f"S{k // ways}" for k in range(sites * ways)]
    cost = rng.integers(1, 6, sites * ways).astype(float) * 10
    return cover, weight, names, cost, [f"S{k}" for k in range(fixed)]


def every_plan(cover, weight, names, cost, fixed):
    """All plans by plain enumeration: (cost, demand) pairs."""
    by_site = {}
    for column, name in enumerate(names):
        by_site.setdefault(name, []).append(column)
    options = [own + ([] if name in fixed else [None]) for name, own in by_site.items()]
    for plan in itertools.product(*options):
        chosen = [column for column in plan if column is not None]
        covered = cover[chosen].any(axis=0) if chosen else np.zeros(len(weight), bool)
        yield cost[chosen].sum(), weight[covered].sum(), len(chosen)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("polish", [0, 10_000])
def test_budget_form_equals_brute_force(seed, polish):
    case = random_problem(seed, fixed=seed % 3)
    plans = list(every_plan(*case))
    budget = float(np.median([plan[0] for plan in plans]) * 0.7)
    affordable = [plan for plan in plans if plan[0] <= budget]
    problem = build_problem(*case[:4], fixed=case[4])
    goal = Goal("budget", budget_usd=budget)
    if not affordable:
        with pytest.raises(InfeasiblePlanError, match="existing sites alone cost"):
            choose(problem, goal)
        return
    best = max(plan[1] for plan in affordable)
    found = choose(problem, goal, effort=Effort(polish_entries=polish))
    assert found.demand == pytest.approx(best)
    assert found.cost <= budget
    assert found.bound * problem.total >= best - 1e-6
    if polish:
        assert found.gap == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("polish", [0, 10_000])
def test_coverage_form_equals_brute_force(seed, polish):
    case = random_problem(seed, fixed=seed % 3)
    problem = build_problem(*case[:4], fixed=case[4])
    plans = list(every_plan(*case))
    most = max(plan[1] for plan in plans)
    share = 0.9 * most / problem.total
    best = min(plan[0] for plan in plans if plan[1] >= share * problem.total - 1e-9)
    found = choose(problem, Goal("coverage", share=share), effort=Effort(polish_entries=polish))
    assert found.cost == pytest.approx(best)
    assert found.share >= share - 1e-9
    assert found.bound <= best + 1e-6
    if polish:
        assert found.gap == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_number_of_sites_is_kept_and_bounded(seed):
    case = random_problem(seed)
    plans = [plan for plan in every_plan(*case) if plan[2] <= 2]
    goal = Goal("budget", budget_usd=1e6, max_sites=2)
    found = choose(build_problem(*case[:4]), goal, effort=QUICK)
    assert len(found.columns) <= 2
    best = max(plan[1] for plan in plans)
    assert found.demand == pytest.approx(best)
    assert found.bound * case[1].sum() >= best - 1e-6


def test_infeasible_goal_names_the_best_share():
    cover = np.array([[1, 1, 0, 0], [0, 1, 1, 0]])
    problem = build_problem(cover, np.ones(4), ["A", "B"], np.ones(2))
    with pytest.raises(InfeasiblePlanError, match=r"2 of 2 sites reach 75\.0%.*proven"):
        choose(problem, Goal("coverage", share=0.9))
    with pytest.raises(InfeasiblePlanError, match=r"max_sites = 1.*1 of 2 sites reach 50\.0%"):
        choose(problem, Goal("coverage", share=0.7, max_sites=1))


def test_more_existing_sites_than_allowed_is_infeasible():
    problem = build_problem(np.eye(3), np.ones(3), list("ABC"), np.ones(3), fixed=["A", "B"])
    with pytest.raises(InfeasiblePlanError, match="2 existing sites must stay"):
        choose(problem, Goal("coverage", share=0.5, max_sites=1))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), fixed=st.integers(0, 2))
def test_laws_of_the_choice(seed, fixed):
    cover, weight, names, cost, kept = random_problem(seed, sites=8, points=40, fixed=fixed)
    if weight.sum() == 0:
        return
    problem = build_problem(cover, weight, names, cost, fixed=kept)
    least = sum(cost[[n == name for n in names]].min() for name in kept)
    small, large = (
        choose(problem, Goal("budget", budget_usd=least + extra), effort=QUICK)
        for extra in (40.0, 90.0)
    )
    assert large.demand >= small.demand
    assert small.cost <= least + 40.0
    assert large.cost <= least + 90.0
    chosen = [problem.names[s] for s in problem.site[small.columns]]
    assert len(set(chosen)) == len(chosen)
    assert set(kept) <= set(chosen)
    assert small.bound >= small.share - 1e-9
    order = np.random.default_rng(seed).permutation(len(names))
    turned = build_problem(cover[order], weight, [names[k] for k in order], cost[order], fixed=kept)
    again = choose(turned, Goal("budget", budget_usd=least + 40.0), effort=QUICK)
    assert again.demand == pytest.approx(small.demand)


def test_banned_sites_are_never_chosen():
    cover = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]])
    problem = build_problem(cover, np.ones(4), list("ABC"), np.ones(3), banned=["A"])
    found = choose(problem, Goal("coverage", share=1.0))
    assert [problem.names[s] for s in problem.site[found.columns]] == ["B", "C"]


def test_same_input_gives_the_same_plan_and_history_rises():
    case = random_problem(5, sites=40, points=400)
    problem = build_problem(*case[:4])
    goal = Goal("coverage", share=0.9)
    one, two = (choose(problem, goal, effort=QUICK) for _ in range(2))
    assert one.columns.tolist() == two.columns.tolist()
    assert (one.bound, one.gap) == (two.bound, two.gap)
    assert one.history["share"].is_monotonic_increasing
    assert one.history["sites"].tolist() == list(range(1, len(one.history) + 1))
    assert one.share_bound >= one.share


def test_merging_equal_points_changes_nothing():
    case = random_problem(3, sites=10, points=60)
    twice = np.hstack([case[0], case[0]])
    goal = Goal("budget", budget_usd=80.0)
    one = choose(build_problem(*case[:4]), goal, effort=QUICK)
    problem = build_problem(twice, np.r_[case[1], case[1]], *case[2:4])
    two = choose(problem, goal, effort=QUICK)
    assert problem.rows <= 60
    assert two.demand == pytest.approx(2 * one.demand)


def test_unusable_numbers_are_named():
    with pytest.raises(InputError, match="weights"):
        build_problem(np.eye(2), np.array([1.0, -1.0]), list("AB"), np.ones(2))
    with pytest.raises(InputError, match="costs"):
        build_problem(np.eye(2), np.ones(2), list("AB"), np.array([1.0, np.nan]))
    with pytest.raises(InputError, match="fixed sites have no configuration: Z"):
        build_problem(np.eye(2), np.ones(2), list("AB"), np.ones(2), fixed=["Z"])
    with pytest.raises(InputError, match="share is 95"):
        Goal(share=95)


def unpacked(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


def read_mclp(path: Path, radius: float):
    lines = [line.split() for line in unpacked(path).splitlines() if line.strip()][1:]
    if lines[0][0] == "F":
        sites = np.array([line[2:4] for line in lines if line[0] == "F"], float)
        users = np.array([line[2:5] for line in lines if line[0] != "F"], float)
    else:
        users = np.array(lines, float)
        sites = users[:, :2]
    distance = np.hypot(
        sites[:, None, 0] - users[None, :, 0], sites[:, None, 1] - users[None, :, 1]
    )
    return sparse.csr_matrix(distance <= radius), users[:, 2]


def test_published_maximal_covering_optima(shared_data):
    folder = shared_data / "optimisation" / "mclp"
    for row in csv.DictReader((folder / "optima.csv").open()):
        cover, weight = read_mclp(folder / f"{row['name']}.txt.gz", float(row["radius"]))
        names = [f"S{k:05d}" for k in range(cover.shape[0])]
        problem = build_problem(cover, weight, names, np.ones(len(names)))
        goal = Goal("budget", budget_usd=float(row["p"]))
        found = choose(problem, goal, effort=Effort(polish_entries=0))
        optimum = float(row["optimum"])
        assert found.demand <= optimum + 1e-6
        assert found.demand >= 0.995 * optimum, row["name"]
        assert optimum * (1 - 1e-9) <= found.bound * weight.sum() <= 1.005 * optimum, row["name"]


@pytest.mark.parametrize(("name", "optimum"), [("scp41", 429), ("scp51", 253), ("scpa1", 253)])
def test_published_set_cover_optima(shared_data, name, optimum):
    path = shared_data / "optimisation" / "scp" / f"{name}.txt.gz"
    numbers = np.array(unpacked(path).split(), int)
    rows, columns = numbers[:2]
    cost, at = numbers[2 : 2 + columns].astype(float), 2 + columns
    cover = sparse.lil_matrix((columns, rows), dtype=bool)
    for row in range(rows):
        cover[numbers[at + 1 : at + 1 + numbers[at]] - 1, row] = True
        at += 1 + numbers[at]
    names = [f"S{k:05d}" for k in range(columns)]
    problem = build_problem(cover.tocsr(), np.ones(rows), names, cost)
    found = choose(
        problem, Goal("coverage", share=1.0), effort=Effort(rounds=3000, polish_entries=0)
    )
    assert found.share == 1.0
    assert optimum <= found.cost <= 1.04 * optimum
    assert found.bound <= optimum
    assert found.bound >= 0.97 * optimum
