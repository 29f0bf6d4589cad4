"""Extended Hata: the report's formulas set out anew, piece by piece, and where pieces meet."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cellwright.errors import InputError
from cellwright.propagation import extended_hata_sigma_db, model
from cellwright.propagation.extended_hata import extended_hata_array

URBAN, SUBURBAN, OPEN = range(3)


def report(environment: int, km: float, mhz: float, high: float, low: float) -> float:
    """ECC Report 252, 100 m to 20 km, as printed: one line for each piece of the spectrum."""
    lg = math.log10
    a = (1.1 * lg(mhz) - 0.7) * min(10, low) - (1.56 * lg(mhz) - 0.8) + max(0, 20 * lg(low / 10))
    b = min(0, 20 * lg(high / 30))
    mast = lg(max(30, high))
    rest = -13.82 * mast + (44.9 - 6.55 * mast) * lg(km) - a - b
    if mhz <= 150:
        loss = 69.6 + 26.2 * lg(150) - 20 * lg(150 / mhz) + rest
    elif mhz <= 1500:
        loss = 69.6 + 26.2 * lg(mhz) + rest
    elif mhz <= 2000:
        loss = 46.3 + 33.9 * lg(mhz) + rest
    else:
        loss = 46.3 + 33.9 * lg(2000) + 10 * lg(mhz / 2000) + rest
    held = min(max(150, mhz), 2000)
    if environment == SUBURBAN:
        return loss - 2 * lg(held / 28) ** 2 - 5.4
    if environment == OPEN:
        return loss - 4.78 * lg(held) ** 2 + 18.33 * lg(held) - 40.94
    return loss


def free_space(km: float, mhz: float, high: float, low: float) -> float:
    return 32.4478 + 20 * math.log10(mhz) + 10 * math.log10(km**2 + (high - low) ** 2 / 1e6)


@settings(deadline=None)
@given(
    some.sampled_from([URBAN, SUBURBAN, OPEN]),
    some.floats(0.1, 20.0),
    some.floats(30.0, 3000.0),
    some.floats(10.0, 200.0),
    some.floats(1.0, 10.0),
)
def test_equals_the_report_or_free_space(
    environment: int, km: float, mhz: float, high: float, low: float
) -> None:
    ours = extended_hata_array(environment, 1000.0 * km, mhz / 1000.0, high, low)
    wanted = max(report(environment, km, mhz, high, low), free_space(km, mhz, high, low))
    assert ours == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("environment", [URBAN, SUBURBAN, OPEN])
def test_a_straight_line_over_log_distance_joins_free_space_at_40_m_and_the_formula_at_100_m(
    environment: int,
) -> None:
    near = free_space(0.04, 900.0, 30.0, 1.5)
    far = report(environment, 0.1, 900.0, 30.0, 1.5)
    middle = extended_hata_array(environment, math.sqrt(40.0 * 100.0), 0.9, 30.0, 1.5)
    wanted = max((near + far) / 2, free_space(math.sqrt(0.004), 900.0, 30.0, 1.5))
    assert middle == pytest.approx(wanted, abs=1e-4)


def test_heights_may_come_in_either_order() -> None:
    distance = np.geomspace(10.0, 90_000.0, 50)
    one = extended_hata_array(URBAN, distance, 0.7, 40.0, 2.0)
    assert (one == extended_hata_array(URBAN, distance, 0.7, 2.0, 40.0)).all()


def test_differs_from_hata_in_town_only_by_rounding() -> None:
    distance = np.geomspace(1000.0, 20_000.0, 20)
    hata = model("okumura-hata").loss_db(distance, 0.9, 50.0, 1.5)
    assert model("extended-hata").loss_db(distance, 0.9, 50.0, 1.5) == pytest.approx(hata, abs=0.2)


def test_bends_upwards_beyond_20_km() -> None:
    straight = report(URBAN, 40.0, 900.0, 30.0, 1.5)
    bend = 1 + (0.14 + 1.87e-4 * 900 + 1.07e-3 * 30) * math.log10(2) ** 0.8
    slope = 44.9 - 6.55 * math.log10(30)
    wanted = straight + slope * (math.log10(40) ** bend - math.log10(40))
    assert extended_hata_array(URBAN, 40_000.0, 0.9, 30.0, 1.5) == pytest.approx(wanted, abs=1e-6)


def test_sigma_by_distance_as_tabled() -> None:
    distance = [10.0, 40.0, 70.0, 100.0, 200.0, 400.0, 600.0, 40_000.0]
    above = [3.5, 3.5, 7.75, 12.0, 12.0, 10.5, 9.0, 9.0]
    below = [3.5, 3.5, 10.25, 17.0, 17.0, 13.0, 9.0, 9.0]
    assert extended_hata_sigma_db(distance) == pytest.approx(above)
    assert extended_hata_sigma_db(distance, below_roofs=True) == pytest.approx(below)
    with pytest.raises(InputError, match="distance_m is -1"):
        extended_hata_sigma_db(-1.0)
