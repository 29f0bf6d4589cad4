"""One sector changed: the same to the last bit as a full count, however many changes came before."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation.scenarios import drop, evaluation, geometry, scenario

UMA = scenario("uma-6ghz")
FIELDS = ("serving", "coupling_db", "sinr_db", "sir_db")


@pytest.fixture(scope="module")
def made():
    return drop(UMA, seed=1)


@pytest.fixture(scope="module")
def start(made):
    return evaluation(made, UMA.column, power_dbm=49.0, noise_dbm=UMA.noise_dbm)


def same(a, b):
    return all(np.array_equal(getattr(a.geometry, f), getattr(b.geometry, f)) for f in FIELDS)


def test_it_agrees_with_the_drop(made, start):
    heard = geometry(made, 49.0, UMA.noise_dbm)
    assert np.array_equal(start.geometry.serving, heard.serving)
    assert np.allclose(start.geometry.sinr_db, heard.sinr_db, atol=0.02)
    assert np.allclose(start.geometry.coupling_db, heard.coupling_db, atol=0.02)
    gap = np.abs(10.0 * np.log10(start.received_mw) - 49.0 - made.gain_db)
    assert np.quantile(gap, 0.98) < 0.05  # the rest lies in nulls


def test_a_thousand_changes_end_where_one_full_count_does(start):
    rng = np.random.default_rng(3)
    now = start
    for _ in range(1000):
        cell = int(rng.integers(57))
        what = rng.integers(4)
        change = [
            {"downtilt_deg": rng.uniform(-5.0, 20.0)},
            {"azimuth_deg": rng.uniform(-400.0, 800.0)},
            {"power_dbm": rng.uniform(20.0, 49.0)},
            {"mechanical_tilt_deg": float(rng.choice([0.0, 0.0, 4.0]))},
        ][what]
        now = now.changed(cell, **change)
    full = start.all_changed(
        azimuth_deg=now.azimuth_deg, downtilt_deg=now.downtilt_deg,
        mechanical_tilt_deg=now.mechanical_tilt_deg, power_dbm=now.power_dbm,
    )  # fmt: skip
    assert same(now, full)
    assert np.array_equal(now.received_mw, full.received_mw)


def test_a_change_equals_a_new_drop_with_that_setting(made, start):
    plan = UMA.changed(downtilt_deg=5.0, azimuth_deg=(30.0, 170.0, 280.0))
    other = drop(plan, seed=1)
    fresh = evaluation(other, plan.column, power_dbm=49.0, noise_dbm=UMA.noise_dbm)
    turned = start.all_changed(downtilt_deg=5.0, azimuth_deg=np.tile([30.0, 170.0, 280.0], 19))
    assert same(fresh, turned)


def test_a_changed_plan_is_a_drop_again(made, start):
    plan = UMA.changed(downtilt_deg=5.0, mechanical_tilt_deg=2.0)
    turned = start.all_changed(downtilt_deg=5.0, mechanical_tilt_deg=2.0, power_dbm=30.0)
    again, fresh = turned.changed(3, power_dbm=-np.inf).drop, drop(plan, seed=1)
    on = np.arange(57) != 3
    assert np.allclose(again.gain_db[on], fresh.gain_db[on], atol=0.05)
    assert (again.gain_db[3] == -np.inf).all()
    assert np.array_equal(again.downtilt_deg, fresh.downtilt_deg)
    assert again.loss_db is made.loss_db


def test_a_change_and_back_is_no_change(start):
    there = start.changed(8, downtilt_deg=2.0, power_dbm=30.0)
    assert not same(there, start)
    assert same(there.changed(8, downtilt_deg=12.0, power_dbm=49.0), start)
    assert start.downtilt_deg[8] == 12.0


def test_only_the_cells_row_changes_and_the_rest_is_shared(start):
    after = start.changed(20, azimuth_deg=90.0)
    rows = (after.received_mw != start.received_mw).any(axis=1)
    assert np.flatnonzero(rows).tolist() == [20]
    shared = [a is b for a, b in zip(after._blocks, start._blocks, strict=True)]
    assert shared.count(False) == 1


def test_another_interferer_never_raises_sinr(start):
    quiet = start.changed(20, power_dbm=-np.inf)
    kept = quiet.geometry.serving == start.geometry.serving
    assert kept.sum() > 400
    assert (quiet.geometry.sinr_db[kept] >= start.geometry.sinr_db[kept]).all()
    assert (quiet.geometry.serving != 20).all()
    assert (start.geometry.sinr_db <= start.geometry.sir_db).all()


def test_all_cells_off_is_marked_and_not_nan(start):
    dark = start.all_changed(power_dbm=-np.inf)
    for values in (dark.geometry.sinr_db, dark.geometry.sir_db, dark.geometry.coupling_db):
        assert (values == -np.inf).all()
    assert same(dark.all_changed(power_dbm=49.0), start)


def test_one_cell_alone_has_no_interference():
    lone = scenario("uma-6ghz", rings=0, azimuth_deg=(0.0,))
    made = drop(lone, seed=1, users=50)
    kept = evaluation(made, lone.column, power_dbm=49.0, noise_dbm=lone.noise_dbm)
    for heard in (kept.geometry, geometry(made, 49.0, lone.noise_dbm)):
        assert (heard.sir_db == np.inf).all()
        assert np.isfinite(heard.sinr_db).all()


def test_leaning_antennas_agree_with_the_drop():
    plan = scenario("sma-7ghz-1299m")
    made = drop(plan, seed=2)
    kept = evaluation(
        made, plan.column, power_dbm=plan.power_dbm, noise_dbm=plan.noise_dbm,
        mechanical_tilt_deg=plan.mechanical_tilt_deg,
    )  # fmt: skip
    heard = geometry(made, plan.power_dbm, plan.noise_dbm)
    assert np.allclose(kept.geometry.sinr_db, heard.sinr_db, atol=1e-3)


def test_a_quiet_cell_beside_a_loud_one_keeps_its_interference(made):
    # own 90 dB above the rest: what is left after taking it from the sum must still be right
    power = np.full(57, -40.0)
    power[4] = 50.0
    kept = evaluation(made, UMA.column, power_dbm=power, noise_dbm=-200.0)
    level = kept.received_mw.astype(float)
    other = np.delete(level, 4, axis=0).sum(axis=0)
    near = kept.geometry.serving == 4
    assert np.allclose(
        kept.geometry.sir_db[near], 10.0 * np.log10(level[4] / other)[near], atol=1e-2
    )


def test_faults_are_said_all_at_once(start):
    with pytest.raises(InputError, match="there is no cell 57"):
        start.changed(57, power_dbm=40.0)
    with pytest.raises(InputError) as caught:
        start.changed(1, downtilt_deg=120.0, power_dbm=float("nan"))
    assert "downtilt_deg is 120" in str(caught.value)
    assert "power_dbm is nan" in str(caught.value)
