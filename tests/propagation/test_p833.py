"""ITU-R P.833-10: the measurements the woodland fit was made from, and geometry of canopies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cellwright.errors import InputError
from cellwright.propagation import (
    canopy_depth_m,
    canopy_loss_db,
    single_tree_db,
    slant_foliage_db,
    specific_attenuation_db_per_m,
    woodland_db,
)

# P.833, Table 1: mixed forest near St. Petersburg, trees of 16 m
TABLE_1 = {
    0.1059: (0.04, 9.4),
    0.466475: (0.12, 18.0),
    0.949: (0.17, 26.5),
    1.8522: (0.30, 29.0),
    2.1175: (0.34, 34.1),
}


@pytest.mark.parametrize("frequency", list(TABLE_1))
def test_the_most_a_wood_takes_fits_the_table_within_its_scatter(frequency: float) -> None:
    _, most = TABLE_1[frequency]
    deep = woodland_db(frequency, 1e6).loss_db
    assert deep == pytest.approx(most, abs=3.5)


@pytest.mark.parametrize("frequency", list(TABLE_1))
def test_the_curve_lies_near_the_tabled_specific_attenuations(frequency: float) -> None:
    tabled, _ = TABLE_1[frequency]
    assert specific_attenuation_db_per_m(frequency) == pytest.approx(tabled, rel=0.35)


def test_the_curve_as_others_read_it() -> None:
    """Three readings of Figure 2 in public implementations: points, a power law, two spot values."""
    assert specific_attenuation_db_per_m([0.03, 1.0, 30.0]) == pytest.approx([0.02, 0.2, 6.0])
    high = np.array([2.0, 5.7, 11.0, 26.0])
    assert specific_attenuation_db_per_m(high) == pytest.approx(0.19 * high**1.02, rel=0.06)
    assert specific_attenuation_db_per_m([0.95, 5.7]) == pytest.approx([0.2, 1.1], rel=0.05)


def test_the_5g_band_has_a_point_of_its_own() -> None:
    """46 dB at 3.605 GHz in England; a hillside near Mulhouse, continued, would have 39."""
    assert woodland_db(3.6, 1e6, "3.6 GHz").loss_db == pytest.approx(46.0)
    hillside = woodland_db([0.8, 1.8, 3.6], 1e6, "mixed hillside", beyond_range=True)
    assert hillside.loss_db == pytest.approx([20.4, 29.0, 39.0], abs=0.2)
    assert hillside.in_range.tolist() == [False, True, False]


def test_canopy_loss_is_that_of_its_depth() -> None:
    distance = np.arange(0.0, 101.0, 5.0)
    loss = canopy_loss_db(3.5, distance, np.where(distance >= 60.0, 12.0, 0.0), 20.0, 2.0)
    depth = canopy_depth_m(distance, np.where(distance >= 60.0, 12.0, 0.0), 20.0, 2.0)
    assert loss.loss_db == pytest.approx(float(woodland_db(3.5, depth, "3.6 GHz").loss_db))
    assert loss.in_range


def test_given_gamma_is_used() -> None:
    """10 m of the table's 949 MHz: Am (1 - exp(-1.7 / Am)), Am = 1.37 x 949^0.42."""
    assert woodland_db(0.949, 10.0, gamma_db_per_m=0.17).loss_db == pytest.approx(1.642, abs=1e-3)


@settings(deadline=None)
@given(some.floats(0.11, 2.1), some.floats(0.0, 500.0))
def test_loss_starts_as_the_specific_attenuation_and_saturates(f: float, depth: float) -> None:
    loss = float(woodland_db(f, depth).loss_db)
    most = 1.37 * (1000.0 * f) ** 0.42
    assert 0.0 <= loss <= min(most, depth * specific_attenuation_db_per_m(f)) + 1e-9


def test_slant_path_against_the_formula_by_hand() -> None:
    """f^0.39 of 2200 MHz is 20.12; 40 m ^ 0.25 is 2.515; 45 deg ^ 0.05 is 1.210."""
    assert slant_foliage_db(2.2, 40.0, 45.0).loss_db == pytest.approx(15.30, abs=0.01)


def test_3_5_ghz_in_a_wood_is_an_extrapolation_and_says_so() -> None:
    with pytest.raises(InputError, match="beyond_range=True"):
        woodland_db(3.5, 30.0)
    assert not woodland_db(3.5, 30.0, beyond_range=True).in_range
    assert not single_tree_db(3.5, 5.0, beyond_range=True).in_range


def test_unknown_wood_is_answered_with_a_suggestion() -> None:
    with pytest.raises(InputError, match='Did you mean "tropical"'):
        woodland_db(0.9, 10.0, "tropic")


def test_canopy_depth_of_a_level_ray_is_the_length_of_the_wood() -> None:
    distance = np.arange(0.0, 1001.0, 10.0)
    trees = np.where((distance >= 300.0) & (distance <= 500.0), 20.0, 0.0)
    depth = canopy_depth_m(distance, trees, 10.0, 10.0)
    assert depth == pytest.approx(200.0 + 2 * 5.0)


def test_canopy_depth_of_a_ray_from_a_mast() -> None:
    """From 40 m down to 2 m over 100 m of trees 16 m high at the far end: 14/38 of 1000 m, cut."""
    distance = np.linspace(0.0, 1000.0, 2001)
    trees = np.where(distance >= 900.0, 16.0, 0.0)
    assert canopy_depth_m(distance, trees, 40.0, 2.0) == pytest.approx(100.07, abs=0.4)


def test_many_paths_at_once_and_ground_above_the_ray() -> None:
    distance = np.linspace(0.0, 100.0, 101)
    ground = np.where(distance >= 60.0, 12.0, 0.0)
    tops = np.stack([ground + 8.0, np.full(101, 15.0), np.zeros(101)])
    depth = canopy_depth_m(distance, tops, np.full(3, 10.0), np.full(3, 10.0), ground)
    assert depth == pytest.approx([0.0, 100.0 * 0.59, 0.0], abs=1.0)
    assert woodland_db(0.9, depth).loss_db.shape == (3,)


@settings(deadline=None)
@given(some.integers(0, 2**32 - 1))
def test_canopy_depth_seen_from_the_other_end_is_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    distance = np.concatenate([[0.0], np.cumsum(rng.uniform(1.0, 30.0, 40))])
    tops = rng.uniform(0.0, 25.0, 41)
    there = canopy_depth_m(distance, tops, 12.0, 3.0)
    back = canopy_depth_m(distance[-1] - distance[::-1], tops[::-1], 3.0, 12.0)
    assert there == pytest.approx(float(back))
    assert 0.0 <= there <= np.hypot(distance[-1], 9.0) + 1e-9


def test_distances_must_increase() -> None:
    with pytest.raises(InputError, match="Sort the points"):
        canopy_depth_m([0.0, 10.0, 5.0], [1.0, 1.0, 1.0], 5.0, 5.0)
