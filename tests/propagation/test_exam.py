"""The exam every registered model and method sits.

A new model joins by being on the shelf, a new method by being in ``METHODS``.
"""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.propagation import (
    METHODS,
    Method,
    Model,
    los_probability,
    loss_kernel,
    method,
    model,
    models,
)

EVERY = pytest.mark.parametrize("entry", models(), ids=lambda entry: entry.name)
EVERY_METHOD = pytest.mark.parametrize("entry", METHODS, ids=lambda entry: entry.name)
CURE = r"Correct|Give|Is it in|Did you mean|were kilometres"


def links(entry: Model, count: int = 300) -> tuple[np.ndarray, ...]:
    """Random links within a model's range; sight at random."""
    rng = np.random.default_rng(21)
    high = min(entry.distance_m[1], 100_000.0)
    base = rng.uniform(*np.minimum(entry.base_height_m, 300.0), count)
    user = rng.uniform(*np.minimum(entry.user_height_m, 300.0), count)
    distance = np.exp(rng.uniform(math.log(entry.distance_m[0]), math.log(high), count))
    frequency = np.exp(rng.uniform(*np.log(entry.frequency_ghz), count))
    return distance, frequency, base, user, rng.random(count) < 0.5


@EVERY
def test_says_where_it_comes_from(entry: Model) -> None:
    assert entry.document
    assert entry.clause
    assert entry.title
    assert re.search(r"\d", entry.edition)
    assert entry.source.startswith(entry.document)
    assert model(entry.name) is entry


@EVERY
def test_ranges_are_ranges(entry: Model) -> None:
    for low, high in (
        entry.frequency_ghz,
        entry.distance_m,
        entry.base_height_m,
        entry.user_height_m,
    ):
        assert 0.0 <= low <= high


def test_numbers_are_unique_and_known_to_the_dispatcher() -> None:
    numbers = [entry.number for entry in models()]
    assert len(set(numbers)) == len(numbers)
    assert np.isnan(loss_kernel(max(numbers) + 1, 100.0, 3.5, 25.0, 1.5, True))


@EVERY
def test_array_dispatcher_and_kernel_are_one_formula(entry: Model) -> None:
    d, f, b, u, sight = links(entry, 60)
    array = entry.loss_db(d, f, b, u, sight)
    for i in range(60):
        link = (d[i], f[i], b[i], u[i], bool(sight[i]))
        assert array[i] == loss_kernel(entry.number, *link) == entry.kernel(*link)


@EVERY
def test_finite_and_above_zero_in_range(entry: Model) -> None:
    d, f, b, u, sight = links(entry)
    inside = entry.valid(d, f, b, u)
    assert inside.mean() > 0.3
    loss = entry.loss_db(d, f, b, u, sight)[inside]
    assert np.isfinite(loss).all()
    assert (loss > 0.0).all()


@EVERY
def test_finite_out_of_range_and_marked(entry: Model) -> None:
    d = np.array([0.0, 0.1, 3.0, 2e8])
    for height in (0.0, 1.5, 500.0):
        for sight in (True, False):
            assert np.isfinite(entry.loss_db(d, entry.frequency_ghz[0], height, 1.5, sight)).all()
    assert not entry.valid(2e8, *[sum(r) / 2 for r in (entry.frequency_ghz, entry.base_height_m)])
    assert not entry.valid(entry.distance_m[0], 0.99 * entry.frequency_ghz[0], 30.0)


@EVERY
@pytest.mark.parametrize("sight", [True, False])
def test_grows_with_distance(entry: Model, sight: bool) -> None:
    distance = np.geomspace(0.5, min(entry.distance_m[1], 100_000.0), 2000)
    for base in entry.base_height_m:
        for frequency in entry.frequency_ghz:
            loss = entry.loss_db(distance, frequency, min(base, 300.0), 1.5, sight)
            assert (np.diff(loss) >= -1e-9).all()


@EVERY
def test_grows_with_frequency(entry: Model) -> None:
    frequency = np.geomspace(*entry.frequency_ghz, 300)
    d = math.sqrt(entry.distance_m[0] * min(entry.distance_m[1], 1e5))
    for sight in (True, False):
        loss = entry.loss_db(d, frequency, entry.base_height_m[0], entry.user_height_m[0], sight)
        assert (np.diff(loss) >= -1e-9).all()
        assert loss[-1] > loss[0]


@EVERY
def test_slope_is_that_of_a_smooth_curve(entry: Model) -> None:
    """One-sided differences agree except where a formula hands over to another (few kinks)."""
    distance = np.geomspace(entry.distance_m[0] * 1.01, min(entry.distance_m[1], 2e4) * 0.99, 800)
    frequency = math.sqrt(entry.frequency_ghz[0] * entry.frequency_ghz[1])
    base = np.mean(np.minimum(entry.base_height_m, 60.0))
    user = max(entry.user_height_m[0], 1.5)
    for sight in (True, False):
        step = 1e-4 * distance
        before, here, after = (
            entry.loss_db(distance + shift, frequency, base, user, sight)
            for shift in (-step, 0.0 * step, step)
        )
        left, right = (here - before) / 1e-4, (after - here) / 1e-4
        kinks = np.abs(left - right) > 0.02 * np.maximum(np.abs(left), 1.0)
        assert kinks.sum() <= 4, f"{kinks.sum()} kinks of {distance.size}"
        assert np.abs(left).max() < 40.0, "dB per neper of distance"


@EVERY
def test_out_of_sight_never_costs_less(entry: Model) -> None:
    if entry.name in ("sma", "uma-optional", "umi-optional"):
        pytest.skip("the table gives these rows no maximum with the loss in sight")
    d, f, b, u, _ = links(entry)
    assert (entry.loss_db(d, f, b, u, False) >= entry.loss_db(d, f, b, u, True)).all()


@EVERY
def test_sigma_has_the_shape_of_the_links(entry: Model) -> None:
    d, f, b, u, sight = links(entry)
    sigma = entry.sigma_db(d, f, b, u, sight)
    assert sigma.shape == d.shape
    known = {entry.sigma_los_db, entry.sigma_nlos_db, entry.sigma_los_far_db}
    assert set(sigma.tolist()) <= known
    assert (sigma[~sight] == entry.sigma_nlos_db).all()


@EVERY
def test_odds_of_sight_are_odds_and_fall(entry: Model) -> None:
    if entry.document != "3GPP TR 38.901":
        with pytest.raises(InputError, match="gives no probability"):
            los_probability(entry.name, 100.0)
        return
    chance = los_probability(entry.name, np.linspace(0.0, 3000.0, 3001), 1.5, 30.0)
    assert chance[0] == 1.0
    assert ((chance >= 0.0) & (chance <= 1.0)).all()
    assert (np.diff(chance) <= 1e-3).all()


def test_unknown_model_is_answered_with_a_suggestion() -> None:
    with pytest.raises(InputError, match=r'"umaa".*Did you mean "uma"'):
        model("umaa")


def spaced(limits: tuple[float, float], count: int) -> np.ndarray:
    """Points over a range, inside it; evenly over the logarithm where it starts above 0."""
    if limits[0] > 0.0:
        return np.clip(np.geomspace(*limits, count), *limits)
    return np.linspace(*limits, count)


def carriers(entry: Method) -> np.ndarray:
    return spaced(entry.frequency_ghz, 3)


@EVERY_METHOD
def test_method_says_where_it_comes_from_and_where_it_holds(entry: Method) -> None:
    assert entry.document
    assert entry.clause
    assert entry.title
    assert re.search(r"\d", entry.edition)
    assert re.search(r"\d", entry.validity)
    assert entry.source.startswith(entry.document)
    assert entry.variable.rpartition("_")[2] in ("m", "deg", "percent")
    assert math.isnan(entry.sigma_db) or 0.0 < entry.sigma_db < 15.0
    assert method(entry.name) is entry


@EVERY_METHOD
def test_method_is_finite_in_range_and_says_it_is(entry: Method) -> None:
    frequency, extent = spaced(entry.frequency_ghz, 12), spaced(entry.extent, 25)
    estimate = entry.estimate(frequency[:, np.newaxis], extent)
    assert estimate.loss_db.shape == (12, 25)
    assert np.isfinite(estimate.loss_db).all()
    assert (estimate.loss_db > -1.0).all()
    assert estimate.in_range.all()


@EVERY_METHOD
def test_method_is_marked_out_of_range_and_refused_unless_asked(entry: Method) -> None:
    low, high = entry.frequency_ghz
    extent = float(spaced(entry.extent, 3)[1])
    for frequency in (0.9 * low, 1.1 * high):
        with pytest.raises(InputError, match=CURE):
            entry.estimate(frequency, extent)
        estimate = entry.estimate(frequency, extent, beyond_range=True)
        assert np.isfinite(estimate.loss_db).all()
        assert not estimate.in_range.any()


@EVERY_METHOD
def test_method_grows_where_its_source_does(entry: Method) -> None:
    extent = spaced(entry.extent, 200)
    for frequency in carriers(entry):
        steps = np.diff(entry.estimate(frequency, extent).loss_db)
        assert entry.grows is not True or (steps >= -1e-9).all()
        assert entry.grows is not False or (steps <= 1e-9).all()
    frequency = spaced(entry.frequency_ghz, 100)
    for at in extent[[0, 100, 199]]:
        steps = np.diff(entry.estimate(frequency, at).loss_db)
        assert entry.grows_with_frequency is not True or (steps >= -1e-9).all()


@EVERY_METHOD
def test_method_has_the_slope_of_a_smooth_curve(entry: Method) -> None:
    """Differences to either side of a point agree, and so do neighbouring points, but for kinks.

    Longley-Rice takes the horizon at a whole point of the profile: it steps as the path grows.
    """
    inner = (max(entry.extent[0] * 1.01, 1e-3), entry.extent[1] * 0.99)
    extent = np.geomspace(*inner, 200)
    step = 1e-4 * extent
    for frequency in carriers(entry):
        before, here, after = (
            entry.estimate(frequency, extent + shift).loss_db for shift in (-step, 0.0 * step, step)
        )
        left, right = (here - before) / 1e-4, (after - here) / 1e-4
        kinks = np.abs(left - right) > 0.02 * np.maximum(np.abs(left), 1.0)
        assert kinks.sum() <= 4, f"{kinks.sum()} kinks of {extent.size}"
        if entry.name == "itm":
            continue
        between = np.diff(here) / np.diff(np.log(extent))
        ends = np.sort([left[:-1], right[1:]], axis=0)
        slack = 0.05 * np.maximum(np.abs(ends).max(axis=0), 1.0)
        off = (between < ends[0] - slack) | (between > ends[1] + slack)
        assert off.sum() <= 6, f"{off.sum()} of {off.size} steps are steeper than their ends"


@EVERY_METHOD
@pytest.mark.parametrize("absurd", [-1.0, 0.0, math.nan, math.inf])
def test_method_refuses_absurd_input_with_a_cure(entry: Method, absurd: float) -> None:
    extent = float(spaced(entry.extent, 3)[1])
    for beyond_range in (False, True):
        with pytest.raises(InputError, match=CURE):
            entry.estimate(absurd, extent, beyond_range=beyond_range)
    frequency = float(carriers(entry)[1])
    for value in (absurd, -extent):
        if value == 0.0 or value == math.inf:
            continue
        with pytest.raises(InputError, match=CURE):
            entry.estimate(frequency, value, beyond_range=True)


def test_unknown_method_is_answered_with_a_suggestion() -> None:
    with pytest.raises(InputError, match=r'"p1813".*Did you mean "p1812"'):
        method("p1813")
