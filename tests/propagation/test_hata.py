"""Okumura-Hata (Hata 1980) and COST231-Hata (EUR 18957, 4.4.1), and free space (ITU-R P.525-4)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellwright.propagation import model


def written_out(
    frequency_mhz: float, base_m: float, user_m: float, distance_km: float, kind: str
) -> float:
    """The formulas as papers print them, in one expression each."""
    lf, lb = math.log10(frequency_mhz), math.log10(base_m)
    far = (44.9 - 6.55 * lb) * math.log10(distance_km)
    medium = (1.1 * lf - 0.7) * user_m - (1.56 * lf - 0.8)
    if kind.startswith("cost231"):
        more = 3.0 if kind.endswith("metropolitan") else 0.0
        return 46.3 + 33.9 * lf - 13.82 * lb - medium + far + more
    if kind == "okumura-hata-large-city":
        if frequency_mhz <= 200:
            large = 8.29 * math.log10(1.54 * user_m) ** 2 - 1.1
        else:
            large = 3.2 * math.log10(11.75 * user_m) ** 2 - 4.97
        return 69.55 + 26.16 * lf - 13.82 * lb - large + far
    less = 2.0 * math.log10(frequency_mhz / 28.0) ** 2 + 5.4 if kind.endswith("suburban") else 0.0
    return 69.55 + 26.16 * lf - 13.82 * lb - medium + far - less


@pytest.mark.parametrize(
    "name",
    [
        "cost231-hata",
        "cost231-hata-metropolitan",
        "okumura-hata",
        "okumura-hata-large-city",
        "okumura-hata-suburban",
    ],
)
def test_equals_the_printed_formula_over_its_range(name: str) -> None:
    entry = model(name)
    rng = np.random.default_rng(1980)
    for _ in range(200):
        f, b, u = (
            rng.uniform(*r) for r in (entry.frequency_ghz, entry.base_height_m, entry.user_height_m)
        )
        d = math.exp(rng.uniform(math.log(1000.0), math.log(20_000.0)))
        assert entry.valid(d, f, b, u)
        expected = written_out(1000.0 * f, b, u, d / 1000.0, name)
        assert entry.loss_db(d, f, b, u) == pytest.approx(expected, abs=1e-9)


def test_textbook_value() -> None:
    # Worked example of many textbooks: 900 MHz, large city, 100 m and 2 m, 4 km: 137.3 dB
    got = model("okumura-hata-large-city").loss_db(4000.0, 0.9, 100.0, 2.0)
    assert got == pytest.approx(137.3, abs=0.05)


def test_within_a_kilometre_it_never_falls_below_free_space() -> None:
    distance = np.geomspace(1.0, 1000.0, 200)
    for name in ("cost231-hata", "cost231-hata-metropolitan"):
        loss = model(name).loss_db(distance, 1.8, 30.0, 1.5)
        assert (loss >= model("free-space").loss_db(distance, 1.8, 30.0, 1.5) - 1e-9).all()
        assert not model(name).valid(distance[:-1], 1.8, 30.0).any()


def test_floor_meets_the_formula_at_a_kilometre() -> None:
    # a high mast and a high user bring the formula itself below free space at 1 km
    entry = model("okumura-hata-suburban")
    near, at = entry.loss_db([1000.0 - 1e-7, 1000.0], 1.5, 200.0, 10.0)
    assert at < model("free-space").loss_db(1000.0, 1.5, 200.0, 10.0)
    assert near == pytest.approx(at, abs=1e-6)


def test_free_space_reference_points() -> None:
    # ITU-R P.525-4 equation (4): 32.4 + 20 lg f(MHz) + 20 lg d(km), rounded to 0.1 dB there
    for f, d in ((0.1, 1000.0), (3.5, 250.0), (26.0, 80.0)):
        expected = 32.4 + 20.0 * math.log10(1000.0 * f) + 20.0 * math.log10(d / 1000.0)
        assert model("free-space").loss_db(d, f, 5.0, 5.0) == pytest.approx(expected, abs=0.06)
