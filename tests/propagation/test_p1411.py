"""ITU-R P.1411-12 against values of another implementation, and laws of its own."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.propagation.estimate import Estimate
from cellwright.propagation.p1411 import below_roofs_db, over_roofs_db
from cellwright.propagation.p1411_low import low_terminals_db
from cellwright.propagation.p1411_roofs import urban_roofs_db
from cellwright.propagation.p1411_street import (
    bent_canyon_db,
    canyon_sight_db,
    corner_db,
    millimetre_canyon_db,
)
from cellwright.propagation.p1411_suburban import suburban_roofs_db

ENVIRONMENT = {
    "URBAN_HIGH_RISE": "high-rise",
    "URBAN_LOW_RISE_OR_SUBURBAN": "low-rise",
    "RESIDENTIAL": "residential",
}
BOUND = {"[0]": "median", "[1]": "lower", "[2]": "upper"}


def compute(section: str, given: dict[str, str]) -> Estimate:
    def numbers(*names: str) -> list[float]:
        return [float(given[name]) for name in names]

    if section in ("4.1.1", "4.2.1"):
        general = below_roofs_db if section == "4.1.1" else over_roofs_db
        place, seen = ENVIRONMENT[given["env"]], given["path"] == "LOS"
        return general(*numbers("f_GHz", "d_m"), place, seen, beyond_range=True)
    if section.startswith("4.1.2"):
        link = numbers("f_GHz", "d_m", "h1_m", "h2_m")
        return canyon_sight_db(*link, bound=BOUND[section[-3:]], beyond_range=True)
    if section == "4.1.3.1":
        street = numbers("f_GHz", "x1_m", "x2_m", "w1_m", "w2_m")
        angle = math.degrees(float(given["alpha_rad"]))
        return corner_db(*street, angle, beyond_range=True)
    if section == "4.2.2.1":
        link = numbers("f_GHz", "d_m", "h1_m", "h2_m", "hr_m", "l_m", "b_m", "w2_m", "phi_deg")
        return urban_roofs_db(*link, metropolis="METRO" in given["env"], beyond_range=True)
    assert section == "4.2.2.2", f"nobody computes {section}"
    link = numbers("f_GHz", "d_m", "h1_m", "h2_m", "hr_m", "w2_m", "phi_deg")
    return suburban_roofs_db(*link, beyond_range=True)


def test_equals_every_reference_value_and_its_mark(reference_data: Path) -> None:
    with (reference_data / "p1411" / "crc_covlib_p1411_12.csv").open() as stream:
        table = list(csv.DictReader(stream))
    assert len(table) >= 316
    for row in table:
        given = dict(pair.split("=") for pair in row["inputs"].split(";"))
        estimate = compute(row["section"], given)
        # lengths are printed with six digits
        assert float(estimate.loss_db) == pytest.approx(float(row["loss_dB"]), abs=1e-3), row
        if "in_range" in given:
            assert bool(estimate.in_range) == (given["in_range"] == "1"), row


# ---- the site-specific methods, from the equations by hand


def test_corner_adds_powers_of_reflection_and_diffraction() -> None:
    x1, x2, w1, w2, wavelength = 80.0, 40.0, 20.0, 15.0, 0.2998
    unit = 20 * math.log10(4 * math.pi / wavelength)
    turn = 3.86 / (math.pi / 2) ** 3.5
    reflected = 20 * math.log10(x1 + x2) + x1 * x2 * turn / (w1 * w2) + unit
    opening = 40 / (2 * math.pi) * (math.atan(x2 / w2) + math.atan(x1 / w1) - math.pi / 2)
    diffracted = 10 * math.log10(x1 * x2 * (x1 + x2)) + 2 * opening + unit
    both = -10 * math.log10(10 ** (-reflected / 10) + 10 ** (-diffracted / 10))
    assert float(corner_db(1.0, x1, x2, w1, w2).loss_db) == pytest.approx(both, abs=1e-9)


def test_corner_is_reciprocal() -> None:
    rng = np.random.default_rng(3)
    x1, x2, w1, w2 = rng.uniform(10.0, 200.0, (4, 50))
    there = corner_db(1.8, x1, x2, w1, w2, 100.0).loss_db
    assert corner_db(1.8, x2, x1, w2, w1, 100.0).loss_db == pytest.approx(there)


def test_bent_canyon_loses_at_the_corner_and_beyond() -> None:
    x2 = np.array([0.0, 11.0, 41.0, 100.0])
    for residential, corner in ((False, 20.0), (True, 30.0)):
        loss = bent_canyon_db(5.0, 60.0, x2, 20.0, 90.0, residential=residential).loss_db
        assert loss[:3] - 90.0 == pytest.approx([0.0, 0.0, corner])
        assert loss[3] - loss[2] == pytest.approx(60.0 * math.log10(160.0 / 100.0))
    # chamfered corners: 4.2 + (1.4 log f - 7.8)(0.8 log x1 - 1) instead of 6
    slope = 4.2 + (1.4 * math.log10(5000.0) - 7.8) * (0.8 * math.log10(60.0) - 1.0)
    cut = float(bent_canyon_db(5.0, 60.0, 100.0, 20.0, 90.0, chamfered=True).loss_db)
    assert cut == pytest.approx(110.0 + 10.0 * slope * math.log10(1.6))


def test_suburban_roofs_by_hand() -> None:
    """First corner point, second one and the slope beyond, from equations (49) to (57)."""
    h1, h2, roof, width, frequency = 20.0, 1.5, 8.0, 15.0, 2.2
    phi, wavelength = math.radians(60.0), 0.2998 / 2.2

    def point(k: int) -> tuple[float, float]:
        a = width * (h1 - h2) * (2 * k + 1) / (2 * (roof - h2))
        b = a - k * width
        angle = math.atan(a / b * math.tan(phi))
        length = math.sqrt((a / math.sin(angle)) ** 2 + (h1 - h2) ** 2)
        at = math.sqrt((b / math.sin(phi)) ** 2 + (h1 - h2) ** 2)
        return at, 20 * math.log10(4 * math.pi * length / (0.4**k * wavelength))

    def loss(distance: float) -> float:
        return float(suburban_roofs_db(frequency, distance, h1, h2, roof, width, 60.0).loss_db)

    for k in (0, 1):
        assert loss(point(k)[0]) == pytest.approx(point(k)[1], abs=1e-9)
    assert loss(15.0) == pytest.approx(20 * math.log10(4 * math.pi * 15.0 / wavelength), abs=1e-9)
    assert loss(2000.0) - loss(1000.0) == pytest.approx(32.1 * math.log10(2.0), abs=1e-9)


def test_suburban_roofs_are_continuous() -> None:
    distance = np.geomspace(10.0, 5000.0, 20_000)
    for frequency in (0.8, 3.5, 26.0):
        loss = suburban_roofs_db(frequency, distance, 25.0, 1.5, 8.0, 20.0, 45.0).loss_db
        assert np.isfinite(loss).all()
        assert np.abs(np.diff(loss)).max() < 0.1


def test_urban_roofs_never_beat_free_space_and_stand_level_roofs() -> None:
    rng = np.random.default_rng(5)
    count = 500
    frequency, distance = rng.uniform(0.8, 26.0, count), rng.uniform(20.0, 5000.0, count)
    mast, roof = rng.uniform(4.0, 55.0, count), rng.uniform(5.0, 30.0, count)
    mast[0] = roof[0] = 20.0  # level with the roofs, where distances to the turn vanish
    rest = (rng.uniform(0.0, 1500.0, count) + 1.0, rng.uniform(20.0, 80.0, count))
    estimate = urban_roofs_db(frequency, distance, mast, 1.5, roof, *rest, 20.0, 45.0)
    free = 32.4 + 20.0 * np.log10(distance * frequency)
    assert np.all(estimate.loss_db >= free - 1e-9)
    assert np.isfinite(estimate.loss_db).all()


def test_canyon_breaks_where_two_rays_do() -> None:
    turn = 4.0 * 10.0 * 1.5 * 2.6 / 0.2998
    near, at, far = canyon_sight_db(2.6, [turn / 10, turn, turn * 1.9], 10.0, 1.5).loss_db
    assert at - near == pytest.approx(20.0)
    assert far - at == pytest.approx(40.0 * math.log10(1.9))
    low, high = (
        canyon_sight_db(2.6, 100.0, 10.0, 1.5, bound=name).loss_db for name in ("lower", "upper")
    )
    assert low < canyon_sight_db(2.6, 100.0, 10.0, 1.5).loss_db < high


def test_traffic_as_high_as_the_antenna_leaves_no_break_point() -> None:
    near, far = canyon_sight_db(4.0, [100.0, 1000.0], 4.0, 1.2, road_m=1.3).loss_db
    assert far - near == pytest.approx(30.0)


def test_millimetre_canyon_is_near_free_space() -> None:
    loss = float(millimetre_canyon_db(28.0, 200.0, 2.0).loss_db)
    assert loss == pytest.approx(20 * math.log10(4 * math.pi * 200.0 * 28.0 / 0.299792), abs=0.5)
    gas = millimetre_canyon_db(60.0, 1000.0, gas_db_per_km=15.0).loss_db
    assert gas - millimetre_canyon_db(60.0, 1000.0).loss_db == pytest.approx(15.0)


def test_low_terminals_leave_sight_once() -> None:
    distance = np.linspace(1.0, 2000.0, 4000)
    for place in ("suburban", "urban", "dense urban"):
        for percent in (10.0, 50.0, 90.0):
            loss = low_terminals_db(2.0, distance, place, percent).loss_db
            assert np.all(np.diff(loss) > 0.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: below_roofs_db(3.5, 100.0, "low-rise", False), "10 to 73 GHz"),
        (lambda: below_roofs_db(3.5, 100.0, "residential", True), "in sight"),
        (lambda: below_roofs_db(3.5, 100.0, "highrise", True), 'Did you mean "high-rise"'),
        (lambda: over_roofs_db(3.5, 5.0, "high-rise", True), "55 to 1200 m"),
        (
            lambda: over_roofs_db(3.5, -5.0, "high-rise", True, beyond_range=True),
            "distance_m is -5",
        ),
        (lambda: canyon_sight_db(2.0, 100.0, 10.0, 1.5, bound="mean"), "median"),
        (lambda: canyon_sight_db(2.0, float("nan"), 10.0, 1.5), "nan"),
        (lambda: corner_db(2.0, 10.0, 10.0, 20.0, 20.0, 190.0), "corner_deg"),
        (lambda: low_terminals_db(2.0, 100.0, "suburbia"), "suburban"),
        (lambda: urban_roofs_db(3.5, 500.0, 30.0, 1.5, 1.0, 400.0, 50.0, 20.0), "below the roof"),
        (lambda: suburban_roofs_db(2.0, 500.0, 8.5, 1.5, 8.0, 15.0), "above the roof"),
    ],
)
def test_bad_input_is_named(call: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()  # type: ignore[operator]
