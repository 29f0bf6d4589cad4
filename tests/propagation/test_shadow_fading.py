"""Shadow maps, TR 38.901 7.4.4: the drawn values, their correlation in all directions, the table."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy.stats import kstest

from cellwright.errors import InputError
from cellwright.propagation import correlation_distance_m, shadow_fading_db, unit_shadow_map

PIXEL_M, REACH_M = 5.0, 37.0
COLUMNS = {"UMi - Street Canyon": "umi", "UMa": "uma", "RMa": "rma", "SMa": "sma"}


@pytest.fixture(scope="module")
def maps() -> np.ndarray:
    return np.stack([unit_shadow_map((240, 320), PIXEL_M, REACH_M, 11, site) for site in range(30)])


def test_correlation_distances_equal_the_table() -> None:
    tr38901 = pytest.importorskip("tr3gpp").tr38901
    section, seen = tr38901.section("7.5"), 0
    for scenario, name in COLUMNS.items():
        for condition in ("LOS", "NLOS", "O2I"):
            row = section.channel_model_parameters(scenario=scenario, condition=condition)
            wanted = float(row.corr_distance_SF_m)
            ours = correlation_distance_m(name, condition == "LOS", condition == "O2I")
            assert ours == wanted, (name, condition)
            seen += 1
    assert seen == 12


def test_values_are_standard_normal(maps: np.ndarray) -> None:
    """Pixels 8 correlation distances apart are as good as independent."""
    apart = math.ceil(8 * REACH_M / PIXEL_M)
    sample = maps[:, ::apart, ::apart].ravel()
    assert sample.size > 400
    assert kstest(sample, "norm").pvalue > 0.01


@pytest.mark.parametrize("steps", [(0, 1), (3, 0), (4, 3), (0, 10), (10, 10), (12, 16)])
def test_correlation_is_exp_minus_distance_in_all_directions(
    maps: np.ndarray, steps: tuple[int, int]
) -> None:
    down, right = steps
    here, there = maps[:, : 240 - down, : 320 - right], maps[:, down:, right:]
    found = (here * there).mean(axis=(1, 2))
    wanted = math.exp(-math.hypot(*steps) * PIXEL_M / REACH_M)
    error = found.std(ddof=1) / math.sqrt(len(found))
    assert abs(found.mean() - wanted) < 4.0 * error
    assert error < 0.02


def test_same_seed_same_map_other_site_other_map() -> None:
    one = unit_shadow_map((60, 70), 10.0, 50.0, seed=4, site=2)
    assert (one == unit_shadow_map((60, 70), 10.0, 50.0, seed=4, site=2)).all()
    assert (
        abs(np.corrcoef(one.ravel(), unit_shadow_map((60, 70), 10.0, 50.0, 4, 3).ravel())[0, 1])
        < 0.5
    )
    assert not (one == unit_shadow_map((60, 70), 10.0, 50.0, seed=5, site=2)).any()


@pytest.mark.parametrize("wanted", [0.0, 0.5, 1.0])
def test_two_sites_share_what_is_asked(wanted: float) -> None:
    pairs = [
        [unit_shadow_map((50, 50), 50.0, 37.0, seed, site, between_sites=wanted) for site in (0, 1)]
        for seed in range(40)
    ]
    one, other = np.moveaxis(np.array(pairs), 1, 0)
    assert (one * other).mean() == pytest.approx(wanted, abs=0.03)
    assert (one**2).mean() == pytest.approx(1.0, abs=0.03)


def test_each_pixel_takes_the_sigma_of_its_condition() -> None:
    seen = np.zeros((400, 400), dtype=bool)
    seen[:, :200] = True
    indoors = np.zeros_like(seen)
    indoors[200:] = True
    fading = shadow_fading_db("umi", seen, 20.0, 4.0, 7.82, seed=3, indoors=indoors)
    for rows, columns, sigma in (
        (slice(0, 200), slice(0, 200), 4.0),
        (slice(0, 200), slice(200, 400), 7.82),
        (slice(200, 400), slice(0, 400), 7.0),
    ):
        assert fading[rows, columns].std() == pytest.approx(sigma, rel=0.05)


def test_fading_does_not_change_its_sign_where_sight_is_lost() -> None:
    seen = np.zeros((300, 300), dtype=bool)
    seen[:, :150] = True
    fading = shadow_fading_db("uma", seen, 10.0, 1.0, 1.0, seed=9)
    assert np.corrcoef(fading[:, 149], fading[:, 150])[0, 1] > 0.6


def test_a_large_map_is_quick() -> None:
    begin = time.perf_counter()
    unit_shadow_map((1200, 1200), 5.0, 50.0, seed=1)
    assert time.perf_counter() - begin < 5.0


def test_refusals_name_the_cure() -> None:
    with pytest.raises(InputError, match="Did you mean"):
        correlation_distance_m("um")
    with pytest.raises(InputError, match="map of rows and columns"):
        shadow_fading_db("uma", [True, False], 5.0, 4.0, 6.0, seed=1)
    with pytest.raises(InputError, match="pixel_m is 0"):
        unit_shadow_map((10, 10), 0.0, 50.0, seed=1)
    with pytest.raises(InputError, match="between_sites is 2"):
        unit_shadow_map((10, 10), 5.0, 50.0, seed=1, between_sites=2.0)
