"""Hedges by cluster: against all choices counted out, and laws of a frontier."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from tests.supply.pilot import START, bills, parties, pilot

from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.supply import Scenario, plan_elements
from cellwright.supply.frontier import (
    HedgeTerms,
    Options,
    cheapest,
    clusters_of,
    frontier,
    hedge_options,
)
from cellwright.supply.frontier.alike import equals, in_words, least_harm
from cellwright.supply.frontier.hedges import by_vendor
from cellwright.supply.frontier.points import dominated, knee, stakes_of
from cellwright.supply.frontier.program import Stakes, cost_of, least_lost, useful
from cellwright.supply.parts import plan_parts

LEVELS = ("low", "typical", "high")
CUT = {"day": START, "kind": "supply-cut", "country": "US", "buyer": "A", "months_low": 12,
       "months_typical": 36, "months_high": 60}  # fmt: skip
STORY = Scenario("cut", "A cut", "own", (CUT,))


def small(seed, clusters=3, scenarios=2, phases=2):
    rng = np.random.default_rng(seed)
    rows = [(("A",), "none"), (("A",), "stock"), (("B",), "none"), (("A", "B"), "split")]
    table = pd.DataFrame(rows, columns=["vendors", "hedge"])
    table["words"] = [f"option {k}" for k in range(4)]
    table["option"] = range(4)
    for name, top in (("site", 100.0), ("fixed", 300.0)):
        for level in LEVELS:
            table[f"{name}_{level}"] = rng.uniform(0.0, top, 4)
    late = rng.uniform(0.0, 20.0, (4, scenarios, 3, phases))
    due = pd.date_range("2020-01-01", periods=phases)
    frame = pd.DataFrame(
        {"phase": range(phases), "due": due, "people": 1.0, "sites": [()] * phases}
    )
    labels = tuple(f"scenario {k}" for k in range(scenarios))
    options = Options(table, late, labels, frame, (100.0, 200.0, 300.0), HedgeTerms().assumptions())
    people = rng.uniform(100.0, 900.0, (clusters, phases))
    lost = np.einsum("cp,oslp->lsco", people, late)
    exposed = np.outer(people.sum(axis=1), [1.0, 1.0, 0.0, 0.5])
    return options, Stakes(rng.integers(1, 9, clusters).astype(float), people, lost, exposed)


def counted_out(options, stakes, most_lost, most_exposed):
    """The least cost over all choices."""
    best, rows = np.inf, np.arange(stakes.sites.size)
    for choice in product(range(len(options.table)), repeat=stakes.sites.size):
        option = np.array(choice)
        worst = stakes.lost[1][:, rows, option].sum(axis=1).max()
        if worst <= most_lost and stakes.exposed[rows, option].sum() <= most_exposed:
            best = min(best, cost_of(options, stakes, option, "typical"))
    return best


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_the_cheapest_choice_is_that_of_counting_all_out(seed, share):
    options, stakes = small(seed)
    least = least_lost(options, stakes)
    most = least + share * (stakes.lost[1].sum(axis=1).max() - least)
    found = cheapest(options, stakes, most_lost=most * (1 + 1e-9), gap=0.0)
    assert found.cost == pytest.approx(
        counted_out(options, stakes, most * (1 + 1e-9), np.inf), rel=1e-6
    )


@pytest.mark.parametrize("seed", range(4))
def test_exposure_is_kept_at_least_cost(seed):
    options, stakes = small(seed)
    most = 0.4 * stakes.people.sum()
    found = cheapest(options, stakes, most_exposed=most, gap=0.0)
    assert found.cost == pytest.approx(counted_out(options, stakes, np.inf, most), rel=1e-6)


def test_the_least_loss_is_that_of_counting_all_out():
    options, stakes = small(3)
    rows = np.arange(3)
    every = (np.array(choice) for choice in product(range(4), repeat=3))
    best = min(stakes.lost[1][:, rows, option].sum(axis=1).max() for option in every)
    assert least_lost(options, stakes) == pytest.approx(best, rel=1e-3)
    with pytest.raises(InfeasiblePlanError, match="Allow more"):
        cheapest(options, stakes, most_lost=0.9 * best)


def test_options_left_out_take_nothing_from_the_optimum():
    options, _ = small(5)
    table = options.table.copy()
    costs = [column for column in table if column.startswith(("site_", "fixed_"))]
    table.loc[1, costs] = table.loc[0, costs] + 1.0
    late = options.late.copy()
    late[1] = late[0] + 1.0
    worse = Options(
        table, late, options.scenarios, options.phases, options.vendor_cost, options.assumptions
    )
    assert useful(worse).tolist() == [1.0, 0.0, 1.0, 1.0]


def test_dominated_and_knee():
    figures = np.array([[0.0, 10.0], [1.0, 2.0], [2.0, 2.0], [10.0, 0.0]])
    assert dominated(figures).tolist() == [False, False, True, False]
    assert knee(figures[[0, 1, 3]]) == 1
    assert knee(figures[:2]) is None


def test_clusters_are_small_compact_and_do_not_depend_on_order():
    elements, _ = pilot(sites=37)
    found = clusters_of(elements, 8)
    assert len(found) == 37
    assert found.value_counts().max() <= 8
    again = clusters_of(elements.sample(frac=1.0, random_state=3), 8)
    assert again.sort_index().tolist() == found.sort_index().tolist()
    place = elements.groupby("site_id")[["x", "y"]].mean()
    within = place.groupby(found).std().mean().mean()
    assert within < 0.7 * place.std().mean()


@pytest.fixture(scope="module")
def traced():
    elements, phases = pilot(sites=24, phases=3, core="R")
    options = hedge_options(elements, phases, parties(), [STORY], ["B"], parts=plan_parts(bills()))
    return (
        elements,
        options,
        frontier(options, elements, parties(), ["A"], clusters=clusters_of(elements, 6), points=8),
    )


def test_less_is_lost_at_a_higher_cost(traced):
    points = traced[2].points
    kept = points[~points["dominated"]]
    assert len(kept) >= 3
    assert kept["lost_typical"].is_monotonic_decreasing
    assert kept["cost_typical"].is_monotonic_increasing
    assert kept["lost_typical"].iloc[-1] == pytest.approx(0.0, abs=1e-6)
    assert points["knee"].sum() <= 1


def test_the_plan_itself_costs_nothing_more(traced):
    first = traced[2].points.iloc[0]
    assert first["cost_typical"] == pytest.approx(0.0, abs=1e-6)
    assert first["words"] == "A as planned (4 clusters)"


def test_exposure_falls_to_nothing_with_another_vendor(traced):
    table = traced[2].exposure
    assert table["exposed"].iloc[0] == pytest.approx(1.0)
    assert table["exposed"].iloc[-1] == pytest.approx(0.0)


def test_more_stock_and_a_second_source_are_never_later(traced):
    options = traced[1]
    table, late = options.table, options.late
    none = late[table.index[(table["hedge"] == "none") & (table["vendors"] == ("A",))][0]]
    stock = [late[at] for at in table.index[table["hedge"] == "stock"]]
    for more, less in zip(stock, [none, *stock], strict=False):
        assert (more <= less + 1e-6).all()
    for at in table.index[table["hedge"] == "second-source"]:
        assert (late[at] <= none + 1e-6).all()
    assert none.max() > 0.0
    other = table.index[(table["hedge"] == "none") & (table["vendors"] == ("B",))][0]
    assert late[other].max() == 0.0


def test_cheapest_hedges_are_named_with_cost_and_what_they_save(traced):
    hedges = traced[2].hedges
    assert 1 <= len(hedges) <= 3
    assert hedges["cost_typical"].is_monotonic_increasing
    assert (hedges["saved_typical"] > 0.0).all()
    figures = [f"{name}_{level}" for name in ("cost", "saved") for level in LEVELS]
    assert not hedges.duplicated(figures).any()  # of makers alike none is preferred
    row = hedges.iloc[0]
    assert row["words"] in row["sentence"]
    assert f"{row['saved_typical']:,.0f}" in row["sentence"]


def test_every_cluster_has_one_option_at_every_point(traced):
    choice = traced[2].choice
    assert (choice.groupby(["frontier", "point", "cluster"]).size() == 1).all()
    sites = choice.groupby(["frontier", "point"])["sites"].sum()
    assert (sites == 24.0).all()


def test_people_of_phases_are_those_of_the_clusters(traced):
    elements, options, found = traced
    stakes = stakes_of(options, elements, found.clusters, parties(), ["A"])
    assert stakes.people.sum(axis=0) == pytest.approx(options.phases["people"].to_numpy())


def test_a_frontier_takes_two_points(traced):
    with pytest.raises(InputError, match="at least 2"):
        frontier(traced[1], traced[0], parties(), points=1)


def test_management_goes_with_the_access_it_manages():
    elements, _ = pilot(core="B")
    ems = pd.DataFrame([{"site_id": "core", "maker": "A", "function": "EMS", "technologies": "5G"}])
    other = pd.DataFrame(
        [{"site_id": "core", "maker": "B", "function": "EMS", "technologies": "5G"}]
    )
    found = by_vendor(plan_elements(pd.concat([elements, ems, other], ignore_index=True)), "N")
    assert found.loc[found["function"] == "EMS", "maker"].tolist() == ["N", "B"]
    assert set(found.loc[found["function"].isin(["RU", "gNB"]), "maker"]) == {"N"}
    assert set(found.loc[found["function"] == "AMF", "maker"]) == {"B"}


@pytest.fixture(scope="module")
def twins():
    """Two makers beside the plan's own that nothing in the data tells apart."""
    elements, phases = pilot(sites=24, phases=3, core="B")
    options = hedge_options(
        elements, phases, parties(), [STORY], ["B", "R"], parts=plan_parts(bills())
    )
    group = clusters_of(elements, 6)
    return options, frontier(options, elements, parties(), ["A"], clusters=group, points=6)


def test_makers_that_nothing_tells_apart_are_named_together(twins):
    found = twins[1]
    for table in (found.points, found.exposure):
        words = " ".join(table["words"])
        assert "B instead" not in words.replace("any of B, R instead", "")
        assert "R instead" not in words.replace("any of B, R instead", "")
        assert "A as planned" in words
    assert "any of B, R instead" in found.exposure["words"].iloc[-1]
    assert found.exposure["vendors"].iloc[-1] == "any of B, R"
    assert not found.hedges["words"].str.contains(" or ").any()
    assert set(found.options["words"]) >= {"B instead", "R instead"}


def test_makers_alike_are_so_in_cost_lateness_and_exposure(twins):
    options = twins[0]
    plain = {row["vendors"]: at for at, row in enumerate(options.table.to_dict("records"))
             if row["hedge"] == "none"}  # fmt: skip
    b, r, a = plain["B",], plain["R",], plain["A",]
    split = {frozenset(row): at for at, row in enumerate(options.table["vendors"]) if len(row) == 2}
    nobody, choice = np.zeros((2, len(options.table))), np.array([b, a])
    assert equals(options, nobody, choice, "B") == ["R"]
    assert equals(options, nobody, choice, "A") == []
    assert in_words(options, nobody, choice) == {
        "vendors": "A, any of B, R",
        "words": "A as planned (1 cluster); any of B, R instead (1 cluster)",
    }
    apart = nobody.copy()
    apart[:, r] = 5.0
    assert equals(options, apart, choice, "B") == []
    dearer = options.table.copy()
    dearer.loc[r, "site_high"] += 1.0
    other = replace(options, table=dearer)
    assert equals(other, nobody, choice, "B") == []
    assert equals(other, nobody, choice, "B", ("low", "typical")) == ["R"]
    # equal at typical, dearer at high: the other is taken, whichever the search came upon
    worse = np.array([r, a])
    harm = dearer["site_high"].to_numpy()
    assert list(least_harm(other, nobody, worse, lambda one: harm[one].sum())) == [b, a]
    # a maker that the choice has elsewhere is no free exchange: their number would change
    both = np.array([b, split[frozenset("AR")]])
    assert equals(options, nobody, both, "B") == []
    # where one maker is in two options, both change together
    twice = np.array([b, b, split[frozenset("AB")]])
    assert in_words(options, nobody, twice)["words"] == (
        "any of B, R instead (2 clusters); clusters split between A and the same maker (1 cluster)"
    )
