"""Presets by name, changes to them, and every fault at once."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation.scenarios import (
    Building,
    Column,
    drop,
    geometry,
    layout_of,
    scenario,
    scenarios,
)


@pytest.mark.parametrize("name", scenarios())
def test_every_preset_drops_numbers_and_names_its_source(name):
    made = scenario(name)
    assert made.document
    assert made.edition
    assert made.table
    users = drop(made, seed=1, users=60)
    heard = geometry(users, made.power_dbm, made.noise_dbm)
    for values in (users.gain_db, users.loss_db, heard.sinr_db, heard.sir_db):
        assert np.isfinite(values).all()
    assert (users.gain_db < 0.0).all()
    assert users.cells == layout_of(made).sites * len(made.azimuth_deg)


def test_values_of_table_7_8_1():
    expected = {
        "uma-6ghz": (500.0, 25.0, 49.0, 20.0, 12.0, 35.0),
        "uma-70ghz": (500.0, 25.0, 35.0, 100.0, 12.0, 35.0),
        "umi-6ghz": (200.0, 10.0, 44.0, 20.0, 12.0, 10.0),
        "umi-30ghz": (200.0, 10.0, 35.0, 100.0, 12.0, 10.0),
    }
    for name, row in expected.items():
        made = scenario(name)
        assert (
            made.distance_m, made.base_height_m, made.power_dbm, made.bandwidth_mhz,
            made.downtilt_deg, made.least_distance_m,
        ) == row  # fmt: skip
    indoor = scenario("indoor-30ghz")
    assert (indoor.power_dbm, indoor.downtilt_deg, indoor.base_height_m) == (24.0, 20.0, 3.0)
    assert round(scenario("umi-6ghz").noise_dbm, 1) == -92.0


def test_release_19_has_the_new_glass():
    assert [b.wall for b in scenario("uma-7ghz-rel19").buildings] == ["low", "high"]
    assert [b.wall for b in scenario("uma-6ghz").buildings] == ["low", "high-rel-18"]


def test_a_change_leaves_the_preset_as_it_was():
    changed = scenario("uma-6ghz").changed(downtilt_deg=6.0, elements=4, spacing=0.8)
    assert (changed.downtilt_deg, changed.column) == (6.0, Column(elements=4, spacing=0.8))
    assert scenario("uma-6ghz").downtilt_deg == 12.0
    with pytest.raises(AttributeError):
        changed.downtilt_deg = 3.0


def test_all_faults_at_once():
    with pytest.raises(InputError) as caught:
        scenario("uma-6ghz").changed(
            users_per_cell=0, downtilt_deg=120.0, least_distance_m=-1.0, model="umma",
            indoor_share=float("nan"), tilt_deg=3.0, elements=900,
            buildings=(Building(share=0.5, wall="lo", floors=(5, 2)),),
        )  # fmt: skip
    text = str(caught.value)
    for part in (
        "users_per_cell is 0", "downtilt_deg is 120", "least_distance_m is -1", '"umma"',
        'Did you mean "uma"?', "indoor_share is nan", 'no "tilt_deg"', "elements is 900",
        'wall is "lo"', "floors are (5, 2)", "add up to 0.5",
    ):  # fmt: skip
        assert part in text


def test_unknown_scenario_is_told_the_nearest():
    with pytest.raises(InputError, match='Did you mean "uma-6ghz"'):
        scenario("uma-6gh")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"least_distance_m": 260.0}, "no room"),
        ({"layout": "own"}, "site_m"),
        ({"azimuth_deg": ()}, "azimuth"),
    ],
)
def test_settings_that_do_not_go_together(changes, text):
    with pytest.raises(InputError, match=text):
        scenario("uma-6ghz", **changes)


def test_impossible_drops():
    with pytest.raises(InputError, match="at least 1 user"):
        drop(scenario("uma-6ghz"), seed=1, users=0)
    with pytest.raises(InputError, match="seed"):
        drop(scenario("uma-6ghz"), seed=-1)
    tight = scenario("uma-6ghz", layout="own", site_m=((0.0, 0.0),), area_m=(-5.0, -5.0, 5.0, 5.0))
    with pytest.raises(InputError, match="no place was found"):
        drop(tight, seed=1)
