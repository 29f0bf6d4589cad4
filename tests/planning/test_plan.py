"""The whole plan on a small district: goals reached, numbers that can be counted again."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import norm

from cellwright.coverage import path_loss, received
from cellwright.errors import InfeasiblePlanError, InputError
from cellwright.network import CELL_COLUMNS, SITE_COLUMNS, Network, carrier, sites_from_records
from cellwright.planning import (
    CandidateRules,
    Effort,
    Goal,
    PlanSettings,
    PoleRules,
    RooftopRules,
    assign_pci,
    candidates,
    demand_points,
    neighbours,
    plan,
)

NR = carrier("n78", models={"rooftop": "uma", "tower": "uma", "pole": "umi"})
SETTINGS = PlanSettings(effort=Effort(rounds=60, steps=200, polish_s=5.0), most_points=3_000)
GOAL = Goal("coverage", share=0.9, outdoor_dbm=-60.0, indoor_dbm=-75.0)


@pytest.fixture(scope="module")
def places(district):
    return candidates(
        district,
        CandidateRules(
            rooftops=RooftopRules(spacing_m=90.0), poles=PoleRules(spacing_m=110.0, apart_m=30.0)
        ),
    )


@pytest.fixture(scope="module")
def planned(district, places, phones):
    return plan(district, places, NR, phones, goal=GOAL, settings=SETTINGS)


def test_the_goal_is_reached_and_bounded(planned):
    assert planned.share >= 0.9
    assert 0 < planned.bound <= planned.cost_usd
    assert planned.gap == pytest.approx((planned.cost_usd - planned.bound) / planned.cost_usd)
    assert planned.share <= planned.share_bound <= 1.0
    assert "goal of 90.0% reached" in planned.status
    assert planned.places["demand_share"].sum() == pytest.approx(1.0)
    covered = (planned.places["demand_share"] * planned.places["covered_share"]).sum()
    assert covered == pytest.approx(planned.tuned_share)
    assert planned.tuned_share >= 0.9 - 1e-9


def test_sites_and_cells_make_a_network(planned):
    assert set(SITE_COLUMNS) <= set(planned.sites.columns)
    assert list(planned.cells.columns) == list(CELL_COLUMNS)
    network = Network(planned.sites, planned.cells, {NR.name: NR})
    assert len(network.sites_in_use) == len(planned.sites)
    assert (planned.sites["status"] == "proposed").all()
    sectors = planned.cells.groupby("site_id").size()
    spent = planned.sites.set_index("site_id")
    cost = spent["site_cost_usd"] + sectors * spent["sector_cost_usd"]
    assert cost.sum() == pytest.approx(planned.cost_usd)


def test_share_counted_again_from_received_power(district, planned, phones):
    demand = demand_points(phones, GOAL, SETTINGS.most_points, SETTINGS.effort.seed)
    loss = path_loss(district, planned.sites, NR, demand.receivers, reach_m=SETTINGS.reach_m)
    level = received(loss, planned.sites, planned.cells, NR, demand.receivers, beams=("ssb",))
    hit = (level["rsrp_dbm"].to_numpy() >= demand.target_dbm).any(axis=0)
    assert demand.weight[hit].sum() == pytest.approx(planned.tuned_share)


def test_marginals_are_what_removal_costs(planned):
    chosen = planned.candidates[planned.candidates["chosen"]]
    assert sorted(chosen["site_id"]) == sorted(planned.sites["site_id"])
    assert chosen["outage_share"].between(0, 1).all()
    assert (chosen["outage_share"] <= chosen["alone_share"] + 1e-9).all()
    assert planned.candidates.loc[~planned.candidates["chosen"], "outage_share"].isna().all()


def test_order_of_the_sites_changes_nothing(district, places, phones, planned):
    turned = places.sample(frac=1.0, random_state=3)
    again = plan(district, turned, NR, phones, goal=GOAL, settings=SETTINGS)
    assert again.sites["site_id"].tolist() == planned.sites["site_id"].tolist()
    assert (again.share, again.cost_usd, again.bound) == (
        planned.share,
        planned.cost_usd,
        planned.bound,
    )


def test_existing_stay_and_banned_are_never_used(district, places, phones, planned):
    best, worst = planned.sites["site_id"].iloc[0], places["site_id"].iloc[-1]
    marked = places.copy()
    marked.loc[marked["site_id"] == best, "status"] = "banned"
    marked.loc[marked["site_id"] == worst, "status"] = "existing"
    again = plan(district, marked, NR, phones, goal=GOAL, settings=SETTINGS)
    assert best not in again.sites["site_id"].tolist()
    row = again.sites.set_index("site_id").loc[worst]
    assert row["status"] == "existing"


def test_given_cells_are_left_as_they_are(district, places, phones):
    own = places.iloc[[0]].assign(status="existing")
    from cellwright.network import cells_for

    cells = cells_for(own, NR, [10.0, 200.0], electrical_tilt_deg=7.0)
    marked = places.copy()
    marked.loc[0, "status"] = "existing"
    found = plan(district, marked, NR, phones, goal=GOAL, settings=SETTINGS, given_cells=cells)
    kept = found.cells[found.cells["site_id"] == own["site_id"].iloc[0]]
    assert kept["azimuth_deg"].tolist() == [10.0, 200.0]
    assert kept["electrical_tilt_deg"].tolist() == [7.0, 7.0]


def test_budget_goal(district, places, phones, planned):
    goal = dataclasses.replace(GOAL, kind="budget", budget_usd=planned.cost_usd)
    found = plan(district, places, NR, phones, goal=goal, settings=SETTINGS)
    assert found.cost_usd <= planned.cost_usd
    assert found.share >= planned.share - 1e-9
    assert found.bound >= found.share - 1e-9


def test_unreachable_goal_names_the_limiting_place(district, places, phones):
    goal = dataclasses.replace(GOAL, share=0.99, indoor_dbm=-45.0)
    with pytest.raises(InfeasiblePlanError, match=r"by place: indoor \w+ floor .*% at -45 dBm"):
        plan(district, places, NR, phones, goal=goal, settings=SETTINGS)


def test_nothing_to_choose_from(district, places, phones):
    banned = places.assign(status="banned")
    with pytest.raises(InputError, match="no site to choose from"):
        plan(district, banned, NR, phones)


def test_demand_points_keep_the_totals(phones):
    fine = demand_points(phones, dataclasses.replace(GOAL, weights="people"), 10**9)
    coarse = demand_points(phones, dataclasses.replace(GOAL, weights="people"), 400)
    assert len(coarse.weight) <= 400 < len(fine.weight)
    for demand in (fine, coarse):
        assert demand.weight.sum() == pytest.approx(1.0)
    top = [d.weight[d.receivers["place"].to_numpy() == 2].sum() for d in (fine, coarse)]
    assert top[0] == pytest.approx(top[1])
    inside = phones["inside"].to_numpy()
    people = phones["residents"].to_numpy()[inside]
    floor = phones["place"].to_numpy()[inside]
    assert top[0] == pytest.approx(people[floor == 2].sum() / people.sum(), rel=1e-5)


def test_planned_cells_get_pcis_from_what_phones_hear(district, planned, phones):
    loss = path_loss(district, planned.sites, NR, phones)
    level = received(loss, planned.sites, planned.cells, NR, phones, beams=("ssb",))
    relations = neighbours(level, planned.cells, planned.sites)
    assert (relations.adjacent == relations.adjacent.T).all()
    assert relations.overlap.sum() > 0
    cells, report = assign_pci(planned.cells, relations)
    assert report.collisions == report.confusions == 0
    assert (cells["pci"] >= 0).all()


def test_neighbours_need_overlap_and_distance(district, phones):
    sites = sites_from_records(
        [
            {"site_id": "A", "x_m": 400_050.0, "y_m": 6_600_045.0, "height_m": 20.0},
            {"site_id": "B", "x_m": 400_430.0, "y_m": 6_600_430.0, "height_m": 20.0},
        ],
        district.crs,
    )
    from cellwright.network import cells_for

    cells = cells_for(sites, NR)
    loss = path_loss(district, sites, NR, phones)
    level = received(loss, sites, cells, NR, phones, beams=("ssb",))
    near = neighbours(level, cells, sites)
    far = neighbours(level, cells, sites, reach_m=100.0)
    same_site = np.kron(np.eye(2, dtype=bool), np.ones((3, 3), bool)) & ~np.eye(6, dtype=bool)
    assert (far.adjacent == same_site).all()
    assert near.adjacent.sum() > far.adjacent.sum()


def test_a_share_with_probability_is_counted_again_from_scratch(district, places, phones):
    """Covered means P(RSRP >= target) >= 0.9 under log-normal shadowing, through one own cell."""
    goal = dataclasses.replace(GOAL, share=0.5, probability=0.9)
    made = plan(district, places, NR, phones, goal=goal, settings=SETTINGS)
    demand = demand_points(phones, goal, SETTINGS.most_points, SETTINGS.effort.seed)
    points = demand.receivers
    loss = path_loss(district, made.sites, NR, points, reach_m=SETTINGS.reach_m)
    got = received(loss, made.sites, made.cells, NR, points)
    site = got["site_of_cell"].to_numpy()
    sigma = got["sigma_db"].to_numpy()
    reached = np.zeros(len(demand.weight), dtype=bool)
    for cell, level in enumerate(got["rsrp_dbm"].to_numpy()):
        sight = got["sight"].to_numpy()[site[cell]]
        spread = sigma[site[cell], sight, points["place"].to_numpy()]
        reached |= norm.cdf((level - demand.target_dbm) / spread) >= 0.9
    assert demand.weight[reached].sum() == pytest.approx(made.tuned_share, abs=1e-6)


def test_asking_for_more_certainty_never_costs_less(district, places, phones):
    half, most = (
        plan(
            district, places, NR, phones,
            goal=dataclasses.replace(GOAL, share=0.5, probability=p), settings=SETTINGS,
        )
        for p in (0.5, 0.9)
    )  # fmt: skip
    assert most.cost_usd >= half.cost_usd
    with pytest.raises(InputError, match="probability"):
        dataclasses.replace(GOAL, probability=0.3)
