"""Tuning: never worse, as good as trying everything, and its figures counted again elsewhere."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from scipy.stats import norm

from cellwright.coverage import path_loss, received, signal
from cellwright.errors import InputError
from cellwright.network import carrier, cells_for, sites_from_records
from cellwright.planning import (
    CandidateRules,
    Effort,
    Goal,
    PlanSettings,
    PoleRules,
    RooftopRules,
    TuneSettings,
    candidates,
    counted_share,
    demand_points,
    plan,
    tune,
    tuned,
)

NR = carrier("n78", models={"rooftop": "uma", "tower": "uma", "pole": "umi"})
GOAL = Goal("coverage", share=0.6, outdoor_dbm=-60.0, indoor_dbm=-75.0, probability=0.9)
SETTINGS = PlanSettings(
    effort=Effort(rounds=40, steps=100, polish_entries=0), most_points=1_500, tuning=None
)
EAST, NORTH = 400_000.0, 6_600_000.0


@pytest.fixture(scope="module")
def scene(district, phones):
    """Two masts, their even sectors, and the demand around them."""
    sites = sites_from_records(
        [
            {"site_id": "A", "x_m": EAST + 60.0, "y_m": NORTH + 70.0, "height_m": 25.0},
            {"site_id": "B", "x_m": EAST + 330.0, "y_m": NORTH + 290.0, "height_m": 20.0},
        ],
        district.crs,
    )
    demand = demand_points(phones, GOAL, 1_500, 1)
    return sites, demand, path_loss(district, sites, NR, demand.receivers, reach_m=1_000.0)


def _judge(scene, cells, sinr_db):
    """Demand covered and demand good, by the coverage room's own signal."""
    sites, demand, loss = scene
    levels = received(loss, sites, cells, NR, demand.receivers)
    site, place = levels["site_of_cell"].to_numpy(), demand.receivers["place"].to_numpy()
    rows = np.arange(len(sites))[:, None]
    sigma = levels["sigma_db"].to_numpy()[rows, levels["sight"].to_numpy(), place]
    need = (demand.target_dbm + demand.margin_sigmas * sigma)[site]
    covered = (levels["rsrp_dbm"].to_numpy() >= need).any(axis=0)
    sinr = signal(levels, NR)["traffic_sinr_db"].to_numpy()
    return demand.weight[covered].sum(), demand.weight[covered & (sinr >= sinr_db)].sum()


def test_figures_are_those_of_the_coverage_room(scene):
    sites, demand, loss = scene
    cells = cells_for(sites, NR)
    found = tuned(sites, cells, NR, demand, loss, 0.0, settings=TuneSettings(sinr_db=15.0))
    for table, shares in (
        (cells, (found.covered_before, found.good_before)),
        (found.cells, (found.covered, found.good)),
    ):
        assert _judge(scene, table, 15.0) == pytest.approx(shares, abs=1e-9)
    assert found.good > found.good_before
    assert found.moved > 0
    assert demand.weight[found.reached].sum() == pytest.approx(found.covered)


def test_one_sector_finds_what_trying_everything_finds(scene):
    """One sector free, the others given: the best of all its turns and tilts, counted one by one."""
    sites, demand, loss = scene
    cells = cells_for(sites, NR, {"A": [0.0], "B": [200.0]})
    turns, tilts = (-30.0, 30.0, 60.0), (2.0, 12.0)
    wanted = TuneSettings(15.0, turns, {"rooftop": tilts}, passes=1)
    found = tuned(sites, cells, NR, demand, loss, 0.0, settings=wanted, keep={"B"})
    worth = {}
    for turn, tilt in [(0.0, 6.0), *((t, 6.0) for t in turns), *((0.0, t) for t in tilts)]:
        tried = cells.copy()
        tried.loc[0, ["azimuth_deg", "electrical_tilt_deg"]] = turn % 360.0, tilt
        worth[(turn % 360.0, tilt)] = _judge(scene, tried, 15.0)[::-1]
    best = max(worth, key=lambda way: worth[way])
    own = found.cells.iloc[0]
    assert (own["azimuth_deg"], own["electrical_tilt_deg"]) == best
    assert (found.good, found.covered) == pytest.approx(worth[best], abs=1e-9)
    assert found.cells.iloc[1].equals(cells.iloc[1])


def test_rounds_end_where_no_single_move_helps(scene):
    sites, demand, loss = scene
    cells = cells_for(sites, NR, {"A": [0.0], "B": [200.0]})
    wanted = TuneSettings(15.0, (-30.0, 30.0), {"rooftop": (2.0, 6.0, 10.0)}, passes=20)
    found = tuned(sites, cells, NR, demand, loss, 0.0, settings=wanted)
    assert found.passes < 20
    for row, turn, tilt in itertools.product((0, 1), (-30.0, 0.0, 30.0), (2.0, 6.0, 10.0)):
        if turn != 0.0 and tilt != found.cells.loc[row, "electrical_tilt_deg"]:
            continue  # not one move
        tried = found.cells.copy()
        tried.loc[row, "azimuth_deg"] = (tried.loc[row, "azimuth_deg"] + turn) % 360.0
        tried.loc[row, "electrical_tilt_deg"] = tilt
        assert _judge(scene, tried, 15.0)[1] <= found.good + 1e-9


@pytest.mark.parametrize("sinr_db", [0.0, 12.0, 25.0])
def test_coverage_never_falls_below_its_floor(scene, sinr_db):
    sites, demand, loss = scene
    cells = cells_for(sites, NR)
    for floor in (0.0, 1.0):
        wanted = TuneSettings(sinr_db=sinr_db)
        found = tuned(sites, cells, NR, demand, loss, floor, settings=wanted)
        assert found.covered >= min(floor, found.covered_before) - 1e-9
        assert found.good >= found.good_before


def test_sectors_stay_apart_and_tilts_in_range(scene):
    sites, demand, loss = scene
    wanted = TuneSettings(sinr_db=20.0, passes=6)
    found = tuned(sites, cells_for(sites, NR), NR, demand, loss, 0.0, settings=wanted)
    for _, own in found.cells.groupby("site_id"):
        azimuth = np.sort(own["azimuth_deg"].to_numpy())
        gaps = np.diff(np.r_[azimuth, azimuth[0] + 360.0])
        assert gaps.min() >= 60.0 - 1e-6
    assert found.cells["electrical_tilt_deg"].between(2.0, 14.0).all()


def test_kept_sites_and_no_passes_change_nothing(scene):
    sites, demand, loss = scene
    cells = cells_for(sites, NR)
    held = tuned(sites, cells, NR, demand, loss, 0.5, keep={"A", "B"})
    idle = tuned(sites, cells, NR, demand, loss, 0.5, settings=TuneSettings(passes=0))
    for found in (held, idle):
        assert found.cells.equals(cells)
        assert (found.moved, found.good) == (0, found.good_before)


def test_bad_settings_are_refused():
    with pytest.raises(InputError, match="spread"):
        TuneSettings(spread=1.5)
    with pytest.raises(InputError, match="passes"):
        TuneSettings(passes=-1)


@pytest.fixture(scope="module")
def chosen(district, phones):
    rules = CandidateRules(
        rooftops=RooftopRules(spacing_m=90.0), poles=PoleRules(spacing_m=110.0, apart_m=30.0)
    )
    places = candidates(district, rules)
    return places, plan(district, places, NR, phones, goal=GOAL, settings=SETTINGS)


def test_a_plan_is_tuned_on_request_as_on_its_own(chosen, district, phones):
    places, made = chosen
    on = dataclasses.replace(SETTINGS, tuning=TuneSettings(sinr_db=15.0))
    one = tune(made, district, NR, phones, settings=on)
    two = plan(district, places, NR, phones, goal=GOAL, settings=on)
    assert made.tuning == {}
    assert made.tuned_share == made.share
    assert one.cells.equals(two.cells)
    assert (one.share, one.bound, one.share_bound) == (made.share, made.bound, made.share_bound)
    assert one.tuned_share >= GOAL.share - 1e-9
    assert one.tuning["good"] >= one.tuning["good_before"]
    assert one.tuning["covered_before"] == pytest.approx(made.share)
    covered = (one.places["demand_share"] * one.places["covered_share"]).sum()
    assert covered == pytest.approx(one.tuned_share)
    assert "turned and tilted one by one" in one.status
    assert one.counted_share == two.counted_share
    assert abs(one.counted_share - one.tuned_share) < 0.05
    again = tune(one, district, NR, phones, settings=on)
    assert again.tuning["good"] >= one.tuning["good"]
    assert again.status.count("turned and tilted") == again.status.count("counted") == 1


def test_counted_share_is_the_mean_over_all_receivers(chosen, district, phones):
    """From scratch: by area, a pixel's floors share it; each covered or not by its best cell."""
    _, made = chosen
    goal = dataclasses.replace(GOAL, weights="area")
    found = counted_share(district, made.sites, made.cells, NR, phones, goal)
    few = phones.isel(receiver=np.flatnonzero(phones["inside"].to_numpy()))
    loss = path_loss(district, made.sites, NR, few, reach_m=1_000.0)
    levels = received(loss, made.sites, made.cells, NR, few)
    target = np.where(few["place"].to_numpy() == 0, GOAL.outdoor_dbm, GOAL.indoor_dbm)
    site, place = levels["site_of_cell"].to_numpy(), few["place"].to_numpy()
    covered = np.zeros(place.size, bool)
    for cell, level in enumerate(levels["rsrp_dbm"].to_numpy()):
        sigma = levels["sigma_db"].to_numpy()[site[cell], levels["sight"].to_numpy()[site[cell]]]
        spread = sigma[np.arange(place.size), place]
        covered |= norm.cdf((level - target) / spread) >= GOAL.probability
    table = few[["row", "col"]].to_dataframe().assign(covered=covered)
    assert found == pytest.approx(table.groupby(["row", "col"])["covered"].mean().mean())
