"""Longley-Rice against NTIA's published run; independent runs on made-up hills.

The hills' values were computed with the package itmlogic 1.2 (MIT), its index of the last ground
height on paths in sight mended (docs/decisions/0012): another implementation, not ours.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.propagation import Profile, itm_loss_db
from cellwright.propagation.itm_profile import interdecile_range, line_at_ends
from cellwright.propagation.itm_variability import climates

# NTIA, QKPFL test 1: Crystal Palace to Mursley, 77.8 km, ground [m]
GROUND_M = [
    96, 84, 65, 46, 46, 46, 61, 41, 33, 27, 23, 19, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
    17, 19, 21, 23, 25, 27, 29, 35, 46, 41, 35, 30, 33, 35, 37, 40, 35, 30, 51, 62, 76, 46, 46, 46,
    46, 46, 46, 50, 56, 67, 106, 83, 95, 112, 137, 137, 76, 103, 122, 122, 83, 71, 61, 64, 67, 71,
    74, 77, 79, 86, 91, 83, 76, 68, 63, 76, 107, 107, 107, 119, 127, 133, 135, 137, 142, 148, 152,
    152, 107, 137, 104, 91, 99, 120, 152, 152, 137, 168, 168, 122, 137, 137, 170, 183, 183, 187,
    194, 201, 192, 152, 152, 166, 177, 198, 156, 127, 116, 107, 104, 101, 98, 95, 103, 91, 97, 102,
    107, 107, 107, 103, 98, 94, 91, 105, 122, 122, 122, 122, 122, 137, 137, 137, 137, 137, 137, 137,
    137, 140, 144, 147, 150, 152, 159,
]  # fmt: skip
# rows: reliability [%]; columns: confidence 50, 90, 10 % [dB]
PUBLISHED = {
    1: (128.6, 137.6, 119.6),
    10: (132.2, 140.8, 123.5),
    50: (135.8, 144.3, 127.2),
    90: (138.0, 146.5, 129.4),
    99: (139.7, 148.4, 131.0),
}
HILLS = [
    # points, step, height, GHz, masts, N-units, vertical, climate, share, mode, loss
    (60, 64.0, 5.0, 0.172, 36.3, 15.3, 293.0, False, 'equatorial', 95.0, 'single message', 102.03),
    (60, 64.0, 30.0, 0.079, 8.4, 38.4, 297.0, True, 'continental subtropical', 20.0, 'accidental', 90.559),
    (120, 32.0, 0.0, 1.072, 37.0, 32.8, 273.0, False, 'maritime subtropical', 80.0, 'mobile', 111.261),
    (150, 128.0, 20.0, 1.81, 49.7, 73.8, 276.0, True, 'desert', 20.0, 'broadcast', 120.827),
    (200, 256.0, 20.0, 0.28, 51.1, 3.6, 295.0, False, 'continental temperate', 20.0, 'single message', 161.829),
    (200, 256.0, 80.0, 2.306, 3.1, 4.0, 268.0, True, 'maritime temperate over land', 20.0, 'accidental', 221.19),
    (120, 512.0, 10.0, 0.521, 8.5, 2.0, 269.0, False, 'maritime temperate over sea', 20.0, 'mobile', 158.8),
    (250, 1024.0, 30.0, 3.069, 40.0, 4.3, 287.0, True, 'equatorial', 5.0, 'broadcast', 208.395),
    (250, 2048.0, 5.0, 1.505, 38.3, 10.2, 357.0, False, 'continental subtropical', 95.0, 'single message', 235.983),
    (20, 256.0, 10.0, 0.53, 20.5, 2.7, 276.0, True, 'maritime subtropical', 20.0, 'accidental', 107.638),
    (8, 512.0, 15.0, 0.477, 33.8, 3.0, 267.0, False, 'desert', 20.0, 'mobile', 98.37),
    (240, 64.0, 60.0, 0.555, 52.7, 34.2, 352.0, True, 'continental temperate', 50.0, 'broadcast', 167.885),
    (150, 1024.0, 150.0, 0.103, 12.2, 5.2, 342.0, False, 'maritime temperate over land', 80.0, 'single message', 201.986),
    (100, 4096.0, 20.0, 0.186, 21.9, 48.2, 335.0, True, 'maritime temperate over sea', 5.0, 'accidental', 160.448),
]  # fmt: skip


def hills(count: int, step: float, height: float) -> Profile:
    """Three sine waves over a slope, exact in binary at these steps."""
    i = np.arange(count)
    ground = 200.0 + height * (np.sin(i / 7.0) + 0.5 * np.sin(i / 2.3) + 0.01 * i)
    return Profile(step * i, ground)


@pytest.mark.parametrize("reliability", list(PUBLISHED))
def test_equals_ntias_published_run_to_its_last_digit(reliability: int) -> None:
    path = Profile(np.linspace(0.0, 77_800.0, len(GROUND_M)), GROUND_M)
    for confidence, published in zip((50.0, 90.0, 10.0), PUBLISHED[reliability], strict=True):
        result = itm_loss_db(
            path,
            0.0415,
            tx_height_m=143.9,
            rx_height_m=8.5,
            time_percent=reliability,
            situation_percent=confidence,
            surface_refractivity=314.0,
            vertical=False,
        )
        assert result.loss_db == pytest.approx(published, abs=0.0501)
        assert result.free_space_db == pytest.approx(102.6, abs=0.0501)
        assert result.in_range


@pytest.mark.parametrize("case", HILLS, ids=lambda case: f"{case[0]}x{case[1]:g}m")
def test_equals_another_implementation(case: tuple) -> None:
    count, step, height, ghz, tx, rx, refractivity, vertical, climate, share, mode, wanted = case
    result = itm_loss_db(
        hills(count, step, height),
        ghz,
        tx_height_m=tx,
        rx_height_m=rx,
        time_percent=share,
        situation_percent=share,
        mode=mode,
        climate=climate,
        surface_refractivity=refractivity,
        vertical=vertical,
        beyond_range=True,
    )
    assert result.loss_db == pytest.approx(wanted, abs=0.003)


def test_all_mechanisms_are_met() -> None:
    steps = {(60, 64.0), (200, 256.0), (250, 2048.0)}
    met = {
        itm_loss_db(hills(count, step, 5.0), 0.9, tx_height_m=20.0, rx_height_m=3.0).mechanism
        for count, step in steps
    }
    assert met == {"line of sight", "diffraction", "troposcatter"}


def test_more_certainty_never_loses_less() -> None:
    path = hills(200, 256.0, 20.0)
    for mode in ("single message", "accidental", "mobile", "broadcast"):
        for climate in climates():
            losses = [
                itm_loss_db(
                    path,
                    0.9,
                    tx_height_m=30.0,
                    rx_height_m=2.0,
                    time_percent=share,
                    situation_percent=share,
                    mode=mode,
                    climate=climate,
                ).loss_db
                for share in (1.0, 10.0, 50.0, 90.0, 99.0)
            ]
            assert (np.diff(losses) > 0.0).all()


def test_the_way_back_loses_as_much() -> None:
    path = hills(180, 128.0, 30.0)
    there = itm_loss_db(path, 2.0, tx_height_m=30.0, rx_height_m=30.0).loss_db
    back = itm_loss_db(path.reversed(), 2.0, tx_height_m=30.0, rx_height_m=30.0).loss_db
    assert there == pytest.approx(back, abs=0.5)


def test_uneven_points_are_made_even() -> None:
    even = hills(101, 64.0, 10.0)
    keep = np.ones(101, dtype=bool)
    flat = Profile(even.distance_m, np.full(101, 50.0))
    keep[3:90:4] = False
    thin = Profile(even.distance_m[keep], np.full(int(keep.sum()), 50.0))
    pair = [itm_loss_db(p, 0.7, tx_height_m=30.0, rx_height_m=2.0).loss_db for p in (flat, thin)]
    assert pair[0] == pytest.approx(pair[1], abs=0.1)


def test_line_at_ends_of_a_line_is_the_line() -> None:
    ground = 5.0 + 0.3 * np.arange(50)
    assert line_at_ends(ground, 10.0, 0.0, 490.0) == pytest.approx((5.0, 19.7))
    assert line_at_ends(ground, 10.0, 100.0, 300.0) == pytest.approx((5.0, 19.7))


def test_interdecile_range_of_a_slope_is_zero_and_of_noise_that_of_the_normal() -> None:
    assert interdecile_range(0.3 * np.arange(300.0), 100.0, 0.0, 29_900.0) == pytest.approx(0.0)
    ground = np.random.default_rng(1).normal(0.0, 10.0, 4000)
    long = interdecile_range(ground, 500.0, 0.0, 1_999_500.0)
    assert long == pytest.approx(2 * 1.2816 * 10.0, rel=0.2)


def test_out_of_range_is_named_or_refused() -> None:
    path = hills(20, 16.0, 30.0)
    with pytest.raises(InputError, match="path length is 304"):
        itm_loss_db(path, 0.9, tx_height_m=100.0, rx_height_m=2.0)
    result = itm_loss_db(path, 0.9, tx_height_m=100.0, rx_height_m=2.0, beyond_range=True)
    assert math.isfinite(result.loss_db)
    assert not result.in_range
    assert any("path length" in note for note in result.out_of_range)
    assert any("shorter than five times" in note for note in result.out_of_range)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"mode": "mobil"}, 'Did you mean "mobile"'),
        ({"climate": "dessert"}, 'Did you mean "desert"'),
        ({"permittivity": 0.5}, "permittivity is 0.5"),
        ({"tx_height_m": math.nan}, "tx_height_m is nan"),
        ({"time_percent": 100.0}, "percent is 100"),
        ({"n0": 20.0}, "n0 is 20"),
    ],
)
def test_nonsense_is_refused_by_name(wrong: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        itm_loss_db(
            hills(60, 64.0, 5.0), 0.9, **({"tx_height_m": 20.0, "rx_height_m": 2.0} | wrong)
        )
