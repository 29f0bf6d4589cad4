"""Truth put in comes out again, no more and no less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cellwright.errors import InputError
from cellwright.measurement import TuneSettings, drop_strangers, predict, tune
from cellwright.measurement.design import block_of
from cellwright.measurement.folds import by_cell, by_place
from cellwright.propagation import Tuning


@pytest.fixture(scope="module")
def truth():
    return Tuning(
        offset_db=4.0, slope_db_per_decade=8.0, reference_m=300.0, out_of_sight_db=-5.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def driven(setup, truth):
    from tests.measurement.conftest import drive

    return drive(setup, truth, np.random.default_rng(3))


@pytest.fixture(scope="module")
def beside(setup, driven):
    return predict(setup, driven)


@pytest.fixture(scope="module")
def tuned(beside):
    return tune(beside.points, TuneSettings(reference_m=300.0), carrier="n78", source="drive.csv")


def test_what_was_put_in_is_found_within_its_standard_errors(tuned, truth):
    found, errors = tuned.tuning, tuned.tuning.errors
    for name in ("offset_db", "slope_db_per_decade", "out_of_sight_db"):
        off = abs(getattr(found, name) - getattr(truth, name))
        assert off <= 3.0 * errors[name], (name, getattr(found, name), errors[name])
        assert errors[name] < 3.0
    assert found.clutter_db == {}
    assert found.entry_scale == 1.0


def test_held_back_errors_fall_and_the_rest_is_the_shadowing(tuned):
    whole = tuned.errors[tuned.errors["group"] == "all"].set_index("validation")
    for scheme in ("by place", "by cell"):
        row = whole.loc[scheme]
        assert row["rmse_after_db"] < row["rmse_before_db"] - 0.5
        assert abs(row["mean_after_db"]) < 1.0
        assert 5.0 < row["sd_after_db"] < 7.0
    assert tuned.tuning.sigma_out_of_sight_db == pytest.approx(6.0, abs=1.2)
    assert tuned.tuning.sigma_in_sight_db == pytest.approx(6.0, abs=1.5)


def test_errors_are_told_for_every_group(tuned):
    told = set(tuned.errors["group"])
    assert told == {"all", "sight", "clutter", "distance", "place", "cell"}
    for scheme, rows in tuned.errors.groupby("validation"):
        total = rows.loc[rows["group"] == "all", "points"].iloc[0]
        assert (rows.groupby("group")["points"].sum() == total).all(), scheme


def test_the_order_of_the_points_changes_nothing(beside, tuned):
    mixed = beside.points.sample(frac=1.0, random_state=4)
    again = tune(mixed, TuneSettings(reference_m=300.0), carrier="n78", source="drive.csv")
    assert again.tuning == tuned.tuning
    pd.testing.assert_frame_equal(again.errors, tuned.errors)


def test_what_the_data_cannot_support_is_refused_and_said(beside, tuned):
    words = tuned.tuning.refused
    assert "0 of" in words["entry_scale"]
    assert "indoors" in words["entry_scale"]
    assert set(words) >= {"clutter_db.dense", "clutter_db.loose", "entry_scale"}
    ring = beside.points[beside.points["distance_m"].between(250.0, 420.0)]
    near = tune(ring)
    assert "factor 3" in near.tuning.refused["slope_db_per_decade"]
    assert near.tuning.slope_db_per_decade == 0.0
    few = tune(beside.points.head(12))
    assert few.tuning.offset_db == 0.0
    assert "only 12 local means" in few.tuning.refused["offset_db"]
    assert few.tuning.sigma_in_sight_db != few.tuning.sigma_in_sight_db


def test_two_parameters_that_say_the_same_are_not_both_fitted(beside):
    points = beside.points.copy()
    points["clutter"] = np.where(points["in_sight"], 0, 2)
    found = tune(points, TuneSettings(reference_m=300.0))
    told = " ".join(found.tuning.refused.values())
    assert "says the same as" in told


def test_a_right_model_is_left_alone(setup):
    from tests.measurement.conftest import drive

    right = drive(setup, None, np.random.default_rng(9), count=500)
    found = tune(predict(setup, right).points)
    assert abs(found.tuning.offset_db) < 2.0
    assert "slope_db_per_decade" in found.tuning.refused
    assert "could be chance" in str(found.tuning.refused) or "does not help" in str(
        found.tuning.refused
    )


def test_entry_loss_is_scaled_where_indoor_points_say_so(setup):
    from tests.measurement.conftest import drive

    truth = Tuning(entry_scale=1.5)
    inside = drive(setup, truth, np.random.default_rng(5), count=500, indoor=300)
    found = tune(predict(setup, inside).points).tuning
    assert found.entry_scale == pytest.approx(1.5, abs=3.0 * found.errors["entry_scale"])
    assert found.errors["entry_scale"] < 0.15


def test_a_few_wild_points_do_not_turn_the_fit(beside, tuned):
    wild = beside.points.copy()
    worst = wild.sample(frac=0.03, random_state=1).index
    wild.loc[worst, "residual_db"] += 60.0
    found = tune(wild, TuneSettings(reference_m=300.0)).tuning
    assert found.offset_db == pytest.approx(tuned.tuning.offset_db, abs=1.0)


def test_validation_never_leaks(beside):
    points, settings = beside.points, TuneSettings()
    block = block_of(points, settings.block_m)
    place = points[["x_m", "y_m"]].to_numpy()
    seen = np.zeros(len(points), int)
    for train, test in by_place(points, settings):
        assert not (train & test).any()
        assert not set(block[train]) & set(block[test])
        some = np.flatnonzero(test)[::25]
        apart = np.hypot(*(place[train][:, None, :] - place[some][None]).transpose(2, 0, 1))
        assert apart.min() >= settings.buffer_m
        seen += test
    assert (seen == 1).all()
    cells, site = points["cell_id"].to_numpy(), points["site_id"].to_numpy()
    for train, test in by_cell(points, settings):
        assert not set(cells[train]) & set(cells[test])
        some = np.flatnonzero(test)[::25]
        apart = np.hypot(*(place[train][:, None, :] - place[some][None]).transpose(2, 0, 1))
        same = site[train][:, None] == site[some][None]
        assert apart[same].min(initial=np.inf) >= settings.buffer_m


def test_what_is_held_back_has_no_say(beside):
    """Garbage in one part changes no figure learnt for it: only its own residual."""
    settings = TuneSettings(reference_m=300.0)
    points = beside.points.sort_values(
        ["x_m", "y_m", "cell_id", "rsrp_dbm", "row"], ignore_index=True
    )
    test = by_place(points, settings)[0].test
    broken = points.copy()
    broken.loc[test, "residual_db"] += 7.0
    from cellwright.measurement.tune import held_back

    fold = by_place(points, settings)[:1]
    one, other = (held_back(table, fold, 300.0, settings) for table in (points, broken))
    np.testing.assert_allclose(other[test] - one[test], 7.0, atol=1e-9)


def test_one_cell_or_one_place_is_said_to_be_no_validation(beside):
    points = beside.points
    one = points[points["cell_id"] == points["cell_id"].iloc[0]]
    found = tune(one)
    assert any("cross-validated by cell" in note for note in found.notes)
    spot = points[points["x_m"].between(5, 200) & points["y_m"].between(5, 200)]
    found = tune(spot, TuneSettings(block_m=1e6))
    assert any("cross-validated by place" in note for note in found.notes)


def test_a_tuning_applied_to_the_map_removes_the_bias(setup, driven, tuned):
    after = predict(setup, driven, tuned.tuning).points["residual_db"]
    assert abs(after.mean()) < 0.5
    assert after.std() < predict(setup, driven).points["residual_db"].std()


def test_no_points_is_an_error(beside):
    with pytest.raises(InputError, match="no points"):
        tune(beside.points.iloc[:0])


def test_points_of_another_site_are_taken_and_counted(setup, driven, beside):
    wrong = driven.copy()
    near = beside.points.index[
        (beside.points["site_id"] == "S4") & (beside.points["distance_m"] < 250)
    ][:15]
    wrong.loc[near, "cell_id"] = "S0-1"
    kept, rules = drop_strangers(predict(setup, wrong), setup, len(wrong))
    taken = rules.set_index("rule")["points"]
    assert taken["another cell"] == pytest.approx(15, abs=4)
    assert len(kept.points) == len(wrong) - taken.sum()
    assert kept.levels_dbm.shape[1] == len(kept.points) == kept.receivers.sizes["receiver"]
    far = predict(replace(setup, reach_m=300.0), driven)
    _, rules = drop_strangers(far, setup, len(driven))
    assert rules.set_index("rule")["points"]["out of reach"] > 0
