"""What cleaning takes, counted; what it keeps, averaged as Lee says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.coverage.conftest import make_area

from cellwright.errors import InputError
from cellwright.measurement import (
    Cleaned,
    clean,
    local_mean,
    of_known_cells,
    predict,
    read_measurements,
    receivers_at,
    saturated,
)
from cellwright.measurement.clean import rules_table


def counts(cleaned):
    return cleaned.rules.set_index("rule")["points"].to_dict()


def test_nothing_is_lost_unsaid(make, area):
    rng = np.random.default_rng(2)
    x, y = make.outdoors(area, 400, rng)
    inside = make.outdoors(area, 60, rng, indoor=True)
    level = rng.uniform(-110, -60, 400 + 60 + 30 + 12)
    level[-12:] = -40.0
    far = np.full(30, 5000.0)
    points = make.points(
        np.r_[x, inside[0], far, x[:12]], np.r_[y, inside[1], far, y[:12]], "S0-1", rsrp_dbm=level
    )
    made = clean(points, area, 3.5)
    told = counts(made)
    assert told["off the map"] == 30
    assert told["saturated"] == 12
    assert told["inside a building"] + told["moved to the street"] == 60
    taken = sum(n for rule, n in told.items() if rule != "moved to the street")
    assert len(made.points) == len(points) - taken
    assert made.points["samples"].sum() == len(points) - taken + told["merged"]
    assert made.rules["share"].between(0, 1).all()
    assert made.rules["meaning"].str.len().min() > 10
    building = receivers_at(area, made.points.assign(indoor=True))["building"]
    assert (building == 0).all()


def test_a_little_inside_is_moved_and_deep_inside_is_taken(make):
    area = make_area(400.0, [(-60, -60, 60, 60, 20.0)])
    points = make.points([-57.0, 0.0, 100.0], [0.0, 0.0, 0.0], "S0-1", rsrp_dbm=[-80, -90, -85])
    made = clean(points, area, 0.8)
    assert counts(made)["inside a building"] == 1
    assert counts(made)["moved to the street"] == 1
    assert -70 < made.points["x_m"].min() < -60
    said = clean(points.assign(indoor=True), area, 0.8)
    assert len(said.points) == 3


def test_the_local_mean_is_of_milliwatts_over_20_to_40_wavelengths(make):
    points = make.points([0.5, 1.0, 1.5, 40.0], [0.5] * 4, "S0-1", rsrp_dbm=[-80, -90, -100, -70])
    made = local_mean(points, 2.6)
    assert made["samples"].tolist() == [3, 1]
    expected = 10 * np.log10(np.mean([1e-8, 1e-9, 1e-10]))
    assert made["rsrp_dbm"].iloc[0] == pytest.approx(expected)
    for ghz in (0.7, 0.8, 1.5):
        wavelength = 0.299792458 / ghz
        line = make.points(np.arange(0, 500, 0.2), np.zeros(2500), "S0-1")
        spacing = np.diff(local_mean(line, ghz)["x_m"]).mean()
        assert 20 * wavelength <= spacing <= 40 * wavelength


def test_rayleigh_fading_averages_to_the_local_mean(make):
    rng = np.random.default_rng(1)
    count, place = 40, np.repeat(np.arange(200) * 20.0 + 1.0, 40)
    power = rng.exponential(1e-9, place.size)
    points = make.points(place, np.ones(place.size), "S0-1", rsrp_dbm=10 * np.log10(power))
    made = local_mean(points, 3.5)
    assert made["samples"].unique().tolist() == [count]
    assert made["rsrp_dbm"].mean() == pytest.approx(-90.0, abs=0.3)
    assert made["rsrp_dbm"].std() < 1.0
    assert points["rsrp_dbm"].mean() < -92.0


def test_order_and_waiting_change_no_mean(make):
    rng = np.random.default_rng(3)
    points = make.points(rng.uniform(0, 60, 300), rng.uniform(0, 60, 300), "S0-1",
                         rsrp_dbm=rng.uniform(-100, -60, 300))  # fmt: skip
    one, other = (
        local_mean(table, 1.8) for table in (points, points.sample(frac=1, random_state=2))
    )
    pd.testing.assert_frame_equal(one, other)
    assert local_mean(points.iloc[:0], 1.8).empty


@pytest.mark.parametrize("end", [-44.0, -140.0])
def test_saturation_is_a_pile_of_equal_extremes(make, end):
    level = np.r_[np.linspace(-120, -60, 200), np.full(9, end), -80.0]
    assert saturated(pd.DataFrame({"rsrp_dbm": level})).sum() == 9
    honest = np.round(np.random.default_rng(1).normal(-90, 8, 500))
    assert saturated(pd.DataFrame({"rsrp_dbm": honest})).sum() == 0
    assert saturated(pd.DataFrame({"rsrp_dbm": np.full(30, -90.0)})).sum() == 0


def test_points_of_no_known_cell_are_taken_after_asking_their_pci(make, setup):
    cells = setup.cells.assign(pci=np.arange(len(setup.cells)) % 3)
    from dataclasses import replace

    points = make.points([-380.0, 440.0, 0.0, 0.0], [-330.0, 380.0, 0.0, 0.0], ["", "", "", "zz"])
    points["pci"] = [1, 1, 77, -1]
    cleaned = Cleaned(points.assign(samples=1), rules_table({"saturated": 0}, 4))
    made = of_known_cells(cleaned, replace(setup, cells=cells), 4)
    assert made.points["cell_id"].tolist() == ["S0-2", "S4-2"]
    assert made.rules.set_index("rule")["points"].to_dict() == {"saturated": 0, "unknown cell": 2}


def test_receivers_are_those_of_decision_0001(make, area):
    from cellwright.geo import PLACES

    rng = np.random.default_rng(4)
    (x, y), (u, v) = make.outdoors(area, 5, rng), make.outdoors(area, 5, rng, indoor=True)
    points = make.points(np.r_[x, u], np.r_[y, v], "S0-1", [False] * 5 + [True] * 5)
    points.loc[0, "height_m"] = 9.0
    made = receivers_at(area, points)
    needed = {"x_m", "y_m", "ground_amsl_m", "height_m", "place", "building", "indoor_distance_m", "residents", "inside"}  # fmt: skip
    assert needed <= set(made)
    assert made["height_m"].to_numpy()[:2].tolist() == [9.0, 1.5]
    assert set(made["place"].to_numpy().tolist()) == {0, 1} <= set(range(len(PLACES)))
    assert (made["building"].to_numpy() > 0).tolist() == [False] * 5 + [True] * 5
    assert (made["indoor_distance_m"].to_numpy()[:5] == 0).all()


def test_predictions_are_those_of_the_map(make, setup):
    points = make.points([0.0, 60.0], [200.0, 240.0], ["S2-1", "S1-2"])
    found = predict(setup, points)
    cell = found.points["cell"].to_numpy()
    np.testing.assert_allclose(
        found.points["predicted_dbm"], found.levels_dbm[cell, [0, 1]], rtol=1e-6
    )
    assert found.points["distance_m"].iloc[0] == pytest.approx(np.hypot(100, 150))
    with pytest.raises(InputError, match="S9-1"):
        predict(setup, make.points([0.0], [0.0], "S9-1"))
    with pytest.raises(InputError, match="frequency"):
        clean(points, setup.area, 0.0)


@pytest.mark.parametrize("town", ["Brno", "Ostrava"])
@pytest.mark.parametrize("kind", ["NB-IoT", "LoRaWAN", "Sigfox"])
def test_real_walk_tests_are_read_and_cleaned(shared_data, town, kind):
    """Public LPWAN measurements of two towns; where their base stations stand is not told."""
    path = shared_data / "reference" / "measured" / "brno_ostrava" / f"{kind}_{town}.csv"
    if not path.is_file():
        pytest.skip("the walk tests of Brno and Ostrava are not on this machine")
    found = read_measurements(path, "EPSG:32633", preset="lpwan", cell_id="GW-1")
    found.faults.raise_errors()
    points = found.points
    assert len(points) == sum(1 for _ in path.open()) - 1
    assert points["rsrp_dbm"].between(-150, -30).all()
    span = points[["x_m", "y_m"]].max() - points[["x_m", "y_m"]].min()
    assert span.between(5_000, 30_000).all()
    middle = points[["x_m", "y_m"]].median()
    area = make_area(4000.0)
    area.surface = area.surface.assign_coords(
        x=area.surface.x + middle["x_m"], y=area.surface.y + middle["y_m"]
    )
    made = clean(points, area, 0.868 if kind != "NB-IoT" else 0.806)
    told = counts(made)
    assert len(made.points) + told["off the map"] + told["saturated"] + told["merged"] == len(
        points
    )
    assert made.points["samples"].max() > 1
