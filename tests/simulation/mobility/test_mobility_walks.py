"""Walks, the hexagon cluster and what is heard on the way."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cellwright.errors import InputError
from cellwright.radio import antenna
from cellwright.simulation.mobility import (
    SPEEDS_KM_H,
    Residual,
    Shadowing,
    Walk,
    hexagon_cluster,
    hexagon_source,
    rate_with_confidence,
    straight_walks,
    street_network,
    street_walks,
)


def grid_streets(blocks=3, side=100.0):
    ends = np.arange(blocks + 1) * side
    lines = [shapely.LineString([(a, 0.0), (a, ends[-1])]) for a in ends]
    lines += [shapely.LineString([(0.0, a), (ends[-1], a)]) for a in ends]
    return gpd.GeoDataFrame(geometry=lines, crs="EPSG:2154")


def test_grid_becomes_a_graph():
    net = street_network(grid_streets())
    assert net.x_m.size == 16
    assert net.total_m == pytest.approx(2 * 4 * 300.0)
    assert net.length_m.size == 2 * 24


def test_walkers_stay_on_the_streets_at_their_speed():
    streets = grid_streets()
    walk = street_walks(street_network(streets), 20, 30.0, step_s=0.1, seed=2)
    away = shapely.distance(
        shapely.union_all(streets.geometry.to_numpy()), shapely.points(walk.x_m, walk.y_m)
    )
    assert away.max() < 1e-6
    step = np.hypot(np.diff(walk.x_m), np.diff(walk.y_m))
    # around a corner the way is longer than the straight step
    assert (step <= walk.speed_m_s[:, None] * 0.1 + 1e-9).all()
    assert np.median(step, axis=1) == pytest.approx(walk.speed_m_s * 0.1)
    assert sorted(walk.speed_class) == ["car"] * 10 + ["pedestrian"] * 10
    assert sorted(set((walk.speed_m_s * 3.6).round(9))) == [3.0, 30.0]


def test_nobody_turns_back_before_the_street_ends():
    walk = street_walks(
        street_network(grid_streets(1)), 5, 200.0, shares={"car": 1.0}, step_s=0.1, seed=3
    )
    # on a single block everybody goes round for ever
    angle = np.unwrap(np.arctan2(walk.y_m - 50.0, walk.x_m - 50.0), axis=1)
    assert (np.abs(angle[:, -1] - angle[:, 0]) > 20.0).all()
    dead_end = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (50, 0)])])
    there = street_walks(street_network(dead_end), 1, 60.0, shares={"car": 1.0}, step_s=0.1)
    assert there.x_m.min() < 1.0
    assert there.x_m.max() > 49.0


def test_all_streets_are_walked_alike():
    net = street_network(grid_streets(2))
    walk = street_walks(net, 300, 60.0, shares={"fast-car": 1.0}, step_s=0.5, seed=5)
    vertical = np.abs(walk.x_m / 100.0 - np.round(walk.x_m / 100.0)) < 1e-9
    middle = vertical & (np.round(walk.x_m / 100.0) == 1)
    assert middle.mean() == pytest.approx(1.0 / 6.0, abs=0.02)


def test_bridges_do_not_cross_below():
    lines = [shapely.LineString([(0, 50), (100, 50)]), shapely.LineString([(50, 0), (50, 100)])]
    flat = gpd.GeoDataFrame(geometry=lines)
    assert street_network(flat).total_m == 200.0
    bridge = gpd.GeoDataFrame({"level": [0, 1]}, geometry=lines)
    assert street_network(bridge).total_m == 100.0


def test_streets_that_cannot_be_walked_are_told():
    with pytest.raises(InputError, match="degrees"):
        street_network(grid_streets().to_crs("EPSG:4326"))
    with pytest.raises(InputError, match="line"):
        street_network(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)]))
    net = street_network(grid_streets())
    with pytest.raises(InputError, match="0 users"):
        street_walks(net, 0, 10.0)
    with pytest.raises(InputError, match="bicycle"):
        street_walks(net, 1, 10.0, shares={"bicycle": 1.0})


@pytest.mark.parametrize("sites", [7, 19])
def test_cluster_wraps_around(sites):
    cluster = hexagon_cluster(sites, 500.0)
    assert np.hypot(*cluster.site_m.T).max() == pytest.approx(500.0 * {7: 1, 19: 2}[sites])
    apart = np.hypot(*(cluster.site_m[:, None] - cluster.site_m[None]).transpose(2, 0, 1))
    assert np.sort(apart, axis=1)[:, 1] == pytest.approx(500.0)
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-5000, 5000, (2, 200))
    folded = cluster.fold(x, y)
    east, north = cluster.offset(*folded)
    for shift in cluster.shift_m:
        again = cluster.offset(*cluster.fold(x + shift[0], y + shift[1]))
        assert np.hypot(*again) == pytest.approx(np.hypot(east, north))
    # in a wrapped cluster nobody is farther from a site than the corner of a hexagon
    assert np.hypot(east, north).min(axis=1).max() <= 500.0 / np.sqrt(3.0) + 1e-6


def test_straight_walks_cover_the_cluster():
    cluster = hexagon_cluster(7, 500.0)
    walk = straight_walks(cluster, 200, 100.0, shares={"train": 1.0}, step_s=0.5, seed=1)
    east, north = cluster.offset(walk.x_m, walk.y_m)
    site = np.hypot(east, north).argmin(axis=1)
    assert np.bincount(site, minlength=7) / site.size == pytest.approx(1.0 / 7.0, abs=0.02)
    to = straight_walks(cluster, 5, 100.0, kind="waypoint", shares={"train": 1.0}, step_s=0.5)
    step = np.hypot(np.diff(to.x_m), np.diff(to.y_m))
    assert step.max() <= SPEEDS_KM_H["train"] / 3.6 * 0.5 + 1e-9
    assert (
        straight_walks(cluster, 5, 1.0, seed=7).x_m[3, 0]
        == straight_walks(cluster, 9, 1.0, seed=7).x_m[3, 0]
    )


def test_sectors_look_where_they_should():
    cluster = hexagon_cluster(7, 500.0)
    source = hexagon_source(cluster, lambda d: 0.0 * d, 0.0, antenna("lte-sector"))
    for number, azimuth in enumerate((30.0, 150.0, 270.0)):
        turn = np.deg2rad(azimuth)
        level = source(np.array([100 * np.sin(turn)]), np.array([100 * np.cos(turn)]))
        assert level[0, :3].argmax() == number
        assert level.shape == (1, 21)


def test_shadowing_decorrelates_as_the_standard_says():
    steps, speed = 4000, 10.0
    x = np.zeros((60, steps))
    walk = Walk(x, x, np.full(60, speed), ("car",) * 60, 0.1)
    shadow = Shadowing(8.0, 50.0, cells_per_site=3, between_sites=0.5)
    drawn = np.stack([shadow.draw(walk, user, 6, 9) for user in range(60)])
    assert drawn.std() == pytest.approx(8.0, rel=0.03)
    assert np.array_equal(drawn[:, :, 0], drawn[:, :, 2])
    lag = 50  # 50 m on
    same = (drawn[:, lag:, 0] * drawn[:, :-lag, 0]).mean() / 64.0
    assert same == pytest.approx(np.exp(-1.0), abs=0.06)
    assert (drawn[..., 0] * drawn[..., 3]).mean() / 64.0 == pytest.approx(0.5, abs=0.06)


def test_residual_is_that_of_averaged_rayleigh_fading():
    """Mean power of the drawn residual is one; its spread is that of the mean of fades."""
    x = np.zeros((1, 400_000))
    walk = Walk(x, x, np.array([30.0]), ("train",), 0.04)
    fast = Residual(3.5, samples=5, diversity=2.0)
    drawn = fast.draw(walk, 0, [0], 0.04, 3)[:, 0]
    power = 10.0 ** (drawn / 10.0)
    worth, keep = fast.worth(30.0)
    assert power.mean() == pytest.approx(1.0, abs=0.01)
    assert power.var() == pytest.approx(1.0 / worth, rel=0.05)
    assert worth == pytest.approx(10.0, rel=0.1)
    assert np.corrcoef(drawn[1:], drawn[:-1])[0, 1] == pytest.approx(keep, abs=0.01)
    slow = fast.draw(Walk(x[:, :2000], x[:, :2000], np.zeros(1), ("x",), 0.04), 0, [0], 0.04, 3)
    assert np.ptp(slow) == pytest.approx(0.0, abs=1e-4)


def test_worth_of_samples_against_a_drawn_channel():
    """Jakes' channel drawn from 60 waves, averaged over a window: the variance the formula says."""
    rng = np.random.default_rng(11)
    speed, ghz, windows = 1.0, 3.5, 3000
    doppler = speed * ghz * 1e9 / 299_792_458.0
    t = np.arange(5) * 0.04
    angle = rng.uniform(0, 2 * np.pi, (windows, 60))
    phase = rng.uniform(0, 2 * np.pi, (windows, 60))
    turn = 2 * np.pi * doppler * np.cos(angle)[..., None] * t + phase[..., None]
    power = np.abs(np.exp(1j * turn).sum(axis=1)) ** 2 / 60.0
    worth, _ = Residual(ghz, diversity=1.0).worth(speed)
    assert power.mean(axis=1).var() == pytest.approx(1.0 / worth, rel=0.1)


def test_one_more_cell_leaves_the_draws_of_the_others():
    x = np.zeros((2, 400))
    walk = Walk(x, x, np.full(2, 8.0), ("car",) * 2, 0.01)
    fading, shadow = Residual(3.5, error_db=1.0), Shadowing(6.0, 50.0, cells_per_site=1)
    few, more = (fading.draw(walk, 1, range(n), 0.04, 3) for n in (5, 6))
    assert np.array_equal(few, more[:, :5])
    assert np.array_equal(few[:, [1, 4]], fading.draw(walk, 1, [1, 4], 0.04, 3))
    assert not np.array_equal(few, fading.draw(walk, 0, range(5), 0.04, 3))
    few, more = (shadow.draw(walk, 1, n, 3) for n in (5, 6))
    assert np.array_equal(few, more[:, :5])
    assert abs(np.corrcoef(few[:, 0], few[:, 1])[0, 1]) < 1.0


def test_confidence_covers_the_truth():
    """Clustered counts: the 95 % interval holds the true ratio about as often as it says."""
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(400):
        below = rng.poisson(20, 60)
        chance = rng.beta(2.0, 8.0, 60)
        rate = rate_with_confidence(rng.binomial(below, chance), below)
        hits += rate.low <= 0.2 <= rate.high
    assert 0.91 <= hits / 400 <= 0.985
    assert rate_with_confidence([0, 0], [0, 0]).out_of == 0.0


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        (Residual, {"frequency_ghz": 3.5, "samples": 0}),
        (Residual, {"frequency_ghz": -1.0}),
        (Shadowing, {"sigma_db": -1.0, "correlation_m": 10.0}),
        (Shadowing, {"sigma_db": 6.0, "correlation_m": 0.0}),
    ],
)
def test_bad_fading_is_told(kind, kwargs):
    with pytest.raises(InputError):
        kind(**kwargs)


def test_bad_clusters_are_told():
    with pytest.raises(InputError, match="19"):
        hexagon_cluster(9)
    with pytest.raises(InputError, match="waypoint"):
        straight_walks(hexagon_cluster(7), 1, 1.0, kind="brownian")
