"""Where sites stand, and what wrap-around makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation.scenarios import drop, hexagonal, layout_of, office, own, scenario


@pytest.mark.parametrize(("rings", "sites"), [(0, 1), (1, 7), (2, 19), (3, 37)])
def test_rings(rings, sites):
    assert hexagonal(500.0, rings).sites == sites


@pytest.mark.parametrize("rings", [1, 2, 3])
@pytest.mark.parametrize("turn", [90.0, 60.0, 17.0])
def test_with_wrap_around_every_site_has_six_neighbours(rings, turn):
    layout = hexagonal(500.0, rings, turn_deg=turn)
    images = (layout.site_m[:, None] + layout.image_m[None]).reshape(-1, 2)
    for site in layout.site_m:
        apart = np.hypot(*(images - site).T)
        assert np.sum(np.abs(apart - 500.0) < 1e-6) == 6
        assert np.sum(apart < 499.0) == 1  # no image lies on another site


def test_no_place_is_farther_from_a_site_than_half_the_cluster():
    layout = hexagonal(500.0)
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-900.0, 900.0, (2, 2000))
    # half the cluster's lattice constant sqrt(19) x 500 m, over cos 30 deg at its corners
    farthest = np.sqrt(19.0) * 500.0 / np.sqrt(3.0)
    assert layout.nearest_m(x, y).max() <= farthest


def test_boresights_point_at_neighbour_sites():
    layout = layout_of(scenario("uma-6ghz"))
    for azimuth in scenario("uma-6ghz").azimuth_deg:
        there = 500.0 * np.array([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))])
        assert np.hypot(*(layout.site_m - there).T).min() < 1e-6


def test_office_is_that_of_the_report():
    sites = office().site_m
    assert sites.shape == (12, 2)
    assert np.unique(np.diff(np.unique(sites[:, 0]))).tolist() == [20.0]
    assert sites.mean(axis=0).tolist() == [60.0, 25.0]


def test_sites_of_ones_own():
    layout = own(np.array([[0.0, 0.0], [300.0, 40.0]]), np.array([-100.0, -100.0, 400.0, 200.0]))
    wanted = ((0.0, 0.0), (300.0, 40.0))
    mine = scenario("uma-6ghz", layout="own", site_m=wanted, area_m=(-100, -100, 400, 200))
    made = drop(mine, seed=1, users=200)
    assert np.allclose(made.site_m[:, :2], layout.site_m)
    assert made.user_m[:, 0].min() >= -100.0
    assert made.user_m[:, 1].max() <= 200.0
    assert made.cells == 6


@pytest.mark.parametrize(
    "broken",
    [lambda: hexagonal(-5.0), lambda: hexagonal(500.0, 99), lambda: own(np.empty((0, 2))),
     lambda: own(np.array([[np.nan, 0.0]])), lambda: own(np.zeros((1, 2)), np.array([0, 0, 0, 1.0]))],
)  # fmt: skip
def test_layouts_that_cannot_be(broken):
    with pytest.raises(InputError):
        broken()


def test_shifting_the_whole_district_changes_nothing():
    sites = ((0.0, 0.0), (300.0, 40.0), (50.0, 400.0))
    moved = tuple((x + 4096.0, y - 1024.0) for x, y in sites)
    area = np.array([-100.0, -100.0, 400.0, 500.0])
    shift = area + np.array([4096.0, -1024.0, 4096.0, -1024.0])
    base = scenario("umi-6ghz", layout="own", site_m=sites, area_m=tuple(area))
    a = drop(base, seed=4, users=300)
    b = drop(base.changed(site_m=moved, area_m=tuple(shift)), seed=4, users=300)
    assert np.allclose(a.gain_db, b.gain_db, atol=1e-3)
