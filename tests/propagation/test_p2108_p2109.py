"""ITU-R P.2108-1 and P.2109-2 against values of another implementation, and laws of their own."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.propagation.estimate import Estimate
from cellwright.propagation.p2108 import height_gain_db, slant_clutter_db, terrestrial_clutter_db
from cellwright.propagation.p2109 import BUILDINGS, building_entry_db

CLUTTER = {
    "WATER_SEA": "water",
    "OPEN_RURAL": "open",
    "SUBURBAN": "suburban",
    "URBAN_TREES_FOREST": "urban",
    "DENSE_URBAN": "dense urban",
}


def rows(reference_data: Path) -> list[tuple[str, dict[str, str], float]]:
    with (reference_data / "p2108_p2109" / "crc_covlib.csv").open() as stream:
        table = list(csv.DictReader(stream))
    return [
        (
            row["section"],
            dict(pair.split("=") for pair in row["inputs"].split(";")),
            float(row["loss_dB"]),
        )
        for row in table
    ]


def compute(section: str, given: dict[str, str]) -> Estimate:
    frequency = float(given["f_GHz"])
    if "3.1" in section:
        return height_gain_db(
            frequency,
            float(given["h_m"]),
            CLUTTER[given["clutter"]],
            street_width_m=float(given["ws"]),
            beyond_range=True,
        )
    percent = float(given["p"])
    if "3.2" in section:
        distance = 1000.0 * float(given["d_km"])
        return terrestrial_clutter_db(frequency, distance, percent, beyond_range=True)
    kind = given["type"].lower().replace("_", " ")
    return building_entry_db(frequency, kind, percent, float(given["elev_deg"]), beyond_range=True)


def test_equals_every_reference_value(reference_data: Path) -> None:
    table = rows(reference_data)
    assert {section.split()[1] for section, _, _ in table} == {"3.1", "3.2", "building"}
    for section, given, loss in table:
        assert float(compute(section, given).loss_db) == pytest.approx(loss, abs=1e-5), (
            section,
            given,
        )


def test_terrestrial_clutter_saturates_at_two_kilometres() -> None:
    loss = terrestrial_clutter_db(3.5, [500.0, 2000.0, 50_000.0]).loss_db
    assert loss[0] < loss[1] == loss[2]


@pytest.mark.parametrize("kind", list(BUILDINGS))
def test_entry_loss_rises_with_probability_and_elevation(kind: str) -> None:
    by_probability = building_entry_db(3.5, kind, np.linspace(1.0, 99.0, 50)).loss_db
    assert np.all(np.diff(by_probability) > 0.0)
    up, down = building_entry_db(3.5, kind, 50.0, [40.0, -40.0]).loss_db
    assert up == down > building_entry_db(3.5, kind).loss_db


def test_entry_median_of_table_values() -> None:
    # medians at 0 deg: the sum of the three powers of equation (1), written out by hand
    median = building_entry_db(1.0, "traditional").loss_db
    assert float(median) == pytest.approx(10 * np.log10(10**1.264 + 10**0.91 + 10**-0.3), abs=1e-12)


def test_slant_clutter_falls_with_elevation() -> None:
    loss = slant_clutter_db(30.0, np.linspace(0.0, 90.0, 40)).loss_db
    assert np.all(np.diff(loss) < 0.0)
    assert loss[-1] == pytest.approx(0.0, abs=1e-9)


def test_clutter_loss_vanishes_above_the_clutter() -> None:
    loss = height_gain_db(2.0, [1.5, 10.0, 19.999, 20.0, 50.0], "dense urban").loss_db
    assert np.all(np.diff(loss) <= 1e-3)
    assert np.all(loss[2:] == pytest.approx(0.0, abs=0.01))


def test_marks_what_it_computes_outside() -> None:
    estimate = terrestrial_clutter_db([0.4, 3.5], [[1000.0], [100.0]], beyond_range=True)
    assert estimate.in_range.tolist() == [[False, True], [False, False]]
    assert np.isfinite(estimate.loss_db).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: terrestrial_clutter_db(80.0, 1000.0), "0.5 to 67 GHz"),
        (lambda: terrestrial_clutter_db(3.5, [0.5, 2.0]), r"2 of 2 values"),
        (lambda: terrestrial_clutter_db(3.5, 1000.0, 100.0, beyond_range=True), "location_percent"),
        (lambda: terrestrial_clutter_db(float("nan"), 1000.0, beyond_range=True), "nan"),
        (lambda: height_gain_db(2.0, 1.5, "sub-urban"), 'Did you mean "suburban"'),
        (lambda: height_gain_db(2.0, -1.5, "urban"), "height_m is -1.5"),
        (lambda: slant_clutter_db(3.5, 20.0), "10 to 100 GHz"),
        (lambda: slant_clutter_db(30.0, -5.0, beyond_range=True), "elevation_deg"),
        (lambda: building_entry_db(3.5, "thermal"), "thermally efficient"),
        (lambda: building_entry_db(3.5, "traditional", 0.0), "percent is 0"),
        (lambda: building_entry_db(0.05, "traditional"), "0.08 to 100"),
    ],
)
def test_bad_input_is_named(call: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()  # type: ignore[operator]
