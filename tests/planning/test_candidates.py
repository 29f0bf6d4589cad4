"""Candidate sites: the rules they keep, the user's own sites, and that order plays no part."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from scipy.spatial.distance import pdist

from cellwright.errors import InputError
from cellwright.network import SITE_COLUMNS, sites_from_records
from cellwright.planning import CandidateRules, PoleRules, RooftopRules, candidates

RULES = CandidateRules(
    rooftops=RooftopRules(spacing_m=90.0), poles=PoleRules(spacing_m=60.0, apart_m=30.0)
)


def points(sites):
    return np.column_stack([sites.geometry.x, sites.geometry.y])


@pytest.fixture(scope="module")
def found(district):
    return candidates(district, RULES)


def test_roofs_keep_the_rules(district, found):
    roofs = found[found["kind"] == "rooftop"]
    assert len(roofs) >= 4
    assert (found.columns == list(SITE_COLUMNS)).all()
    assert pdist(points(roofs)).min() >= 90.0
    houses = district.buildings.iloc[roofs["building"].to_numpy() - 1]
    assert np.allclose(roofs["height_m"], houses["height_m"].to_numpy() + 4.0)
    assert (houses["height_m"] >= 10.0).all()
    assert shapely.contains(houses.geometry.to_numpy(), roofs.geometry.to_numpy()).all()
    assert roofs["site_id"].iloc[0] == "R001"
    assert (roofs["cost_class"] == "rooftop_new").all()
    # the tallest house of the district is among them: nothing is better cleared
    assert houses["height_m"].max() == district.buildings["height_m"].max()


def test_poles_stand_in_the_open_beside_streets(district, found):
    poles = found[found["kind"] == "pole"]
    roofs = found[found["kind"] == "rooftop"]
    assert len(poles) >= 10
    assert pdist(points(poles)).min() >= 60.0
    distance = shapely.distance(
        poles.geometry.to_numpy()[:, None], district.buildings.geometry.to_numpy()[None, :]
    )
    assert distance.min() > 0.0
    ground = district.streets[district.streets["level"] == 0].geometry.to_numpy()
    beside = shapely.distance(poles.geometry.to_numpy()[:, None], ground[None, :]).min(axis=1)
    assert (beside <= 4.5 + 1e-6).all()
    assert (poles["height_m"] == 9.0).all()
    apart = shapely.distance(poles.geometry.to_numpy()[:, None], roofs.geometry.to_numpy()[None, :])
    assert apart.min() >= 30.0


def test_order_of_the_map_changes_nothing(district, found):
    order = np.random.default_rng(1).permutation(len(district.buildings))
    streets = district.streets.iloc[::-1].reset_index(drop=True)
    turned = dataclasses.replace(
        district,
        buildings=district.buildings.iloc[order].reset_index(drop=True),
        streets=streets,
    )
    again = candidates(turned, RULES)
    assert again["site_id"].tolist() == found["site_id"].tolist()
    assert np.allclose(points(again), points(found))
    assert np.allclose(again["antenna_amsl_m"], found["antenna_amsl_m"])


def test_own_sites_come_first_and_are_kept_clear_of(district, found):
    first, second = found.geometry.iloc[0], found.geometry.iloc[1]
    own = sites_from_records(
        [
            {"site_id": "A", "x_m": first.x, "y_m": first.y, "status": "existing"},
            {"site_id": "R001", "x_m": second.x, "y_m": second.y, "status": "banned"},
        ],
        district.crs,
    )
    mixed = candidates(district, RULES, own)
    assert mixed["site_id"].tolist()[:2] == ["A", "R001"]
    assert mixed["site_id"].is_unique
    made = points(mixed.iloc[2:])
    assert np.hypot(*(made - points(own)[0]).T).min() >= RULES.near_existing_m
    assert np.hypot(*(made - points(own)[1]).T).min() >= RULES.near_banned_m


def test_most_widens_the_spacing(district, found):
    few = candidates(district, dataclasses.replace(RULES, most=8))
    assert 4 <= len(few) <= 8
    assert few.attrs["candidates"]["widened"] > 1.0
    none = candidates(district, CandidateRules(rooftops=None, poles=None))
    assert len(none) == 0


def test_wrong_rules_are_named(district):
    with pytest.raises(InputError, match="spacing_m is 0"):
        candidates(district, CandidateRules(poles=PoleRules(spacing_m=0)))


def test_street_surfaces_serve_like_centre_lines(district):
    surfaces = district.streets.copy()
    surfaces["geometry"] = surfaces.geometry.buffer(4.0, cap_style="flat")
    wide = dataclasses.replace(district, streets=surfaces)
    poles = candidates(wide, dataclasses.replace(RULES, rooftops=None))
    assert len(poles) >= 10
    lines = district.streets[district.streets["level"] == 0].geometry.to_numpy()
    beside = shapely.distance(poles.geometry.to_numpy()[:, None], lines[None, :]).min(axis=1)
    assert (beside <= 4.5 + 1e-6).all()


def test_a_place_of_low_roofs_still_has_candidates(district):
    low = district.buildings.assign(height_m=6.0, use="annex")
    flat = dataclasses.replace(district, buildings=low, streets=district.streets.iloc[:0])
    sites = candidates(flat)
    assert len(sites) >= 1
    assert (sites["height_m"] == 10.0).all()
    assert sites.attrs["candidates"]["low_roofs"] >= len(sites)
