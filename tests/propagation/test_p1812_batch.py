"""The formulas in JAX against the scalar ones and the ITU's own runs; gradients; nothing is NaN."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cellwright.errors import MissingEngineError
from cellwright.propagation import batch_engine, p526, tr38901
from cellwright.propagation import p1812_path as path
from cellwright.propagation import p1812_terms as terms

from .test_p1812 import reference_runs, run

jax = pytest.importorskip("jax")
jnp = jax.numpy
batch = batch_engine()

#: Links of most tests: one shape is compiled once, and the gradient takes ten seconds to compile.
COUNT = 2000
#: Arguments after the summary, in their order.
NAMES = ("f", "percent", "vertical", "delta_n", "n0", "omega", "dct", "dcr", "dlm", "beta0")
SMOOTH_ARGUMENTS = tuple(i for i, name in enumerate(NAMES) if name != "vertical")


@pytest.fixture
def double() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def random_profile(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Distance [km], ground and surface [m], zone: land, coast and sea, 0.3 to 500 km."""
    count = int(rng.integers(12, 120))
    steps = rng.uniform(0.2, 1.0, count - 1)
    at = np.concatenate([[0.0], np.cumsum(steps) / steps.sum()])
    zone = np.full(count, 4)
    if rng.random() < 0.6:
        zone = np.repeat(rng.choice([1, 3, 4], 4), 30)[:count]
    base, rough = rng.choice([0.0, 300.0, 2000.0]), rng.choice([0.1, 3.0, 20.0])
    ground = np.maximum(base + np.cumsum(rng.normal(0.0, rough, count)), 0.0) * (zone != 1)
    clutter = np.where(rng.random(count) < 0.4, rng.uniform(3.0, 25.0, count), 0.0) * (zone != 1)
    clutter[[0, -1]] = 0.0
    return at * np.exp(rng.uniform(np.log(0.3), np.log(500.0))), ground, ground + clutter, zone


def random_conditions(
    rng: np.random.Generator, km: np.ndarray, zone: np.ndarray
) -> tuple[Any, ...]:
    omega, dtm, dlm = path.zone_lengths(km, zone)
    dct, dcr = path.coast_distances_km(km, zone)
    beta0 = path.ducting_percent(rng.uniform(-75.0, 75.0), dtm, dlm)
    frequency = np.exp(rng.uniform(np.log(0.03), np.log(6.0)))
    percent = 50.0 if rng.random() < 0.2 else rng.uniform(1.0, 50.0)
    air = rng.uniform(20.0, 80.0), rng.uniform(280.0, 380.0)
    return frequency, percent, bool(rng.random() < 0.5), *air, omega, dct, dcr, dlm, beta0


def links(count: int, seed: int = 0) -> tuple[np.ndarray, list[np.ndarray], list[Any]]:
    """Summaries, conditions as arrays, and what the summaries were made of."""
    rng = np.random.default_rng(seed)
    summaries, conditions, origins = np.empty((count, path.SUMMARY_SIZE)), [], []
    for row in summaries:
        km, ground, surface, zone = random_profile(rng)
        given = random_conditions(rng, km, zone)
        heights = np.exp(rng.uniform(0.0, np.log(300.0), 2))
        radius = path.median_radius_km(given[3])
        path.path_summary(km, ground, surface, *heights, radius, True, True, row)
        conditions.append(given)
        origins.append((km, ground, surface, heights, radius))
    return summaries, [np.array(column) for column in zip(*conditions, strict=True)], origins


def scalar(summaries: np.ndarray, conditions: list[np.ndarray], closed: bool = False) -> np.ndarray:
    room = np.empty(terms.TERMS_SIZE)
    return np.array(
        [
            terms.median_location_loss(row, *given, True, closed, room)
            for row, *given in zip(summaries, *conditions, strict=True)
        ]
    )


def single(values: list[np.ndarray]) -> list[np.ndarray]:
    return [v if v.dtype == bool else v.astype(np.float32) for v in values]


# ---- values


@pytest.mark.parametrize("closed", [False, True])
def test_equals_the_scalar_form(double: None, closed: bool) -> None:
    summaries, conditions, _ = links(COUNT)
    ours = batch.median_location_loss_db(summaries, *conditions, closed_smooth=closed)
    assert ours.dtype == np.float64
    # near marginal sight the scalar closed form is a quotient of two differences
    assert ours == pytest.approx(
        scalar(summaries, conditions, closed), abs=1e-7 if closed else 1e-9
    )
    assert 0.3 < (summaries[:, path.TRANSHORIZON] == 0.0).mean() < 0.7


def test_single_precision_keeps_a_twentieth_of_a_db() -> None:
    summaries, conditions, _ = links(COUNT, 1)
    ours = batch.median_location_loss_db(summaries.astype(np.float32), *single(conditions))
    assert ours.dtype == np.float32
    assert np.abs(ours - scalar(summaries, conditions)).max() < 0.01


def test_single_precision_in_sight_of_a_very_high_antenna() -> None:
    """Horizon angles up to +-1.5 rad cancel to a path angle that Fj weighs to 0.1 mrad."""
    summaries, conditions, rng = np.empty((COUNT, path.SUMMARY_SIZE)), [], np.random.default_rng(3)
    for row in summaries:
        km = np.linspace(0.0, np.exp(rng.uniform(np.log(0.25), np.log(60.0))), 40)
        given = random_conditions(rng, km, np.repeat([4, 1], 20))
        ground = rng.uniform(0.0, 4000.0) * np.linspace(1.0, 0.0, 40) ** rng.uniform(1.0, 4.0)
        heights = rng.choice([1.0, 30.0, 3000.0]), rng.choice([1.5, 30.0])
        radius = path.median_radius_km(given[3])
        path.path_summary(km, ground, ground, *heights, radius, True, True, row)
        conditions.append(given)
    columns = [np.array(column) for column in zip(*conditions, strict=True)]
    ours = batch.median_location_loss_db(summaries.astype(np.float32), *single(columns))
    assert (summaries[:, path.TRANSHORIZON] == 0.0).mean() > 0.4
    assert np.abs(ours - scalar(summaries, columns)).max() < 0.02


@pytest.mark.parametrize(("precision", "tolerance"), [(np.float64, 0.01), (np.float32, 0.05)])
def test_equals_every_reference_run(
    double: None, reference_data: Path, precision: Any, tolerance: float
) -> None:
    runs = reference_runs(reference_data)
    assert len(runs) >= 36
    for name, profile, log in runs:
        whole = run(profile, log)
        summary = np.empty(path.SUMMARY_SIZE)
        path.path_summary(
            profile.distance_m / 1000.0, profile.ground_amsl_m, profile.surface_amsl_m,
            log["htg (m)"], log["hrg (m)"], whole.ae_km, True, True, summary,
        )  # fmt: skip
        given = (
            log["f (GHz)"], log["p (%)"], log["pol"] == 2, log["DN"], log["N0"], whole.omega,
            whole.dct_km, whole.dcr_km, whole.dlm_km, whole.beta0_percent,
        )  # fmt: skip
        loss = batch.median_location_loss_db(summary.astype(precision), *given)
        assert loss.dtype == precision
        assert float(loss) == pytest.approx(log["Lbc (dB)"], abs=tolerance), name


def test_bands_sectors_and_receivers_broadcast(double: None) -> None:
    summaries, conditions, _ = links(12, 4)
    cube = summaries.reshape(3, 4, path.SUMMARY_SIZE)
    rest = [column[0] for column in conditions[1:]]
    bands = np.array([0.7, 2.1, 3.5])[:, None, None]
    ours = batch.median_location_loss_db(cube, bands, *rest)
    assert ours.shape == (3, 3, 4)
    for band, sector, receiver in itertools.product(range(3), range(3), range(4)):
        alone = batch.median_location_loss_db(cube[sector, receiver], bands[band, 0, 0], *rest)
        assert float(ours[band, sector, receiver]) == pytest.approx(float(alone), abs=1e-10)
    fields = batch.path_fields(cube)
    assert np.array_equal(batch.median_location_loss_db(fields, bands, *rest), ours)


def test_median_needs_no_second_radius(double: None) -> None:
    summaries, conditions, _ = links(100, 5)
    conditions[1][:] = 50.0
    both = [
        batch.median_location_loss_db(summaries, *conditions, beta_too=too) for too in (True, False)
    ]
    # at 50 % the approximate inverse of the normal distribution is not quite 0
    assert both[0] == pytest.approx(np.asarray(both[1]), abs=1e-9)


def test_diffraction_alone_equals_the_scalar_form(double: None) -> None:
    summaries, conditions, _ = links(1000, 6)
    _, _, vertical, delta_n, _, omega, *_ = conditions
    f = np.exp(np.random.default_rng(7).uniform(np.log(0.03), np.log(100.0), 1000))
    ours = batch.free_space_diffraction_db(summaries, f, vertical, delta_n, omega)
    for k, s in enumerate(summaries):
        d, radius = s[path.DISTANCE], path.median_radius_km(delta_n[k])
        hte, hre = s[path.HTS] - s[path.HSTD], s[path.HRS] - s[path.HSRD]
        edge = p526.smooth_parameter(d, hte, hre, radius)
        loss = terms.free_space(d, s[path.HTS], s[path.HRS], f[k]) + p526.delta_bullington(
            p526.bullington_loss(s[path.EDGE_50], d, f[k]),
            p526.bullington_loss(edge, d, f[k]),
            p526.spherical_earth_loss(d, hte, hre, radius, f[k], vertical[k], omega[k]),
        )
        assert float(ours[k]) == pytest.approx(loss, abs=1e-7)


@pytest.mark.parametrize("name", ["uma", "umi"])
def test_urban_losses_equal_the_scalar_form(double: None, name: str) -> None:
    rng = np.random.default_rng(8)
    args = (
        np.exp(rng.uniform(1.0, np.log(5000.0), 500)), rng.uniform(0.5, 100.0, 500),
        rng.uniform(5.0, 60.0, 500), rng.uniform(1.0, 22.5, 500), rng.random(500) < 0.5,
    )  # fmt: skip
    one = getattr(tr38901, f"{name}_loss")
    loss = [one(*link) for link in zip(*args, strict=True)]
    assert getattr(batch, f"{name}_loss_db")(*args) == pytest.approx(np.array(loss), abs=1e-9)


# ---- gradients


def table(summaries: np.ndarray, conditions: list[np.ndarray]) -> np.ndarray:
    """Everything that may be moved, one column each."""
    return np.column_stack([summaries, *(conditions[i] for i in SMOOTH_ARGUMENTS)])


def from_table(rows: Any, vertical: Any) -> Any:
    size = path.SUMMARY_SIZE
    given = [rows[..., size + k] for k in range(len(SMOOTH_ARGUMENTS))]
    given.insert(NAMES.index("vertical"), vertical)
    return batch.median_location_loss_db(rows[..., :size], *given)


@jax.jit
def slopes(rows: Any, vertical: Any) -> Any:
    return jax.grad(lambda moved: from_table(moved, vertical).sum())(rows)


def test_gradients_are_finite_differences(double: None) -> None:
    """Where the differences from either side agree: elsewhere a kink is near."""
    summaries, conditions, _ = links(COUNT, 9)
    conditions[1] = np.minimum(conditions[1], 45.0)
    conditions[8] = np.maximum(conditions[8], 0.1)  # no land of less than nothing
    rows, vertical = table(summaries, conditions), conditions[2]
    exact, here = np.asarray(slopes(rows, vertical)), np.asarray(from_table(rows, vertical))
    for column in range(rows.shape[1]):
        if column == path.TRANSHORIZON:
            continue
        step = 1e-6 * np.maximum(np.abs(rows[:, column]), 0.1)
        up, down = rows.copy(), rows.copy()
        up[:, column] += step
        down[:, column] -= step
        above, below = (np.asarray(from_table(moved, vertical)) for moved in (up, down))
        scale = np.abs(exact[:, column]) + 1e-3
        smooth = np.abs(above - 2.0 * here + below) / step < 1e-3 * scale
        apart = np.abs((above - below) / (2.0 * step) - exact[:, column]) / scale
        assert smooth.mean() > 0.9, column
        assert apart[smooth].max() < 1e-3, column
        assert np.median(apart[smooth]) < 1e-6, column


@pytest.mark.parametrize("end", [0, 1])
def test_antenna_height_moves_the_loss_through_the_summary(double: None, end: int) -> None:
    """The chain through the summary against the whole scalar computation, profile and all."""
    summaries, conditions, origins = links(COUNT, 10)
    rows, vertical = table(summaries, conditions), conditions[2]
    exact = np.asarray(slopes(rows, vertical))[:, : path.SUMMARY_SIZE]
    moved = {}
    for sign in (-1.0, 1.0):
        moved[sign] = np.empty_like(summaries)
        for row, (km, ground, surface, heights, radius) in zip(moved[sign], origins, strict=True):
            other = heights.copy()
            other[end] *= 1.0 + sign * 1e-6
            path.path_summary(km, ground, surface, *other, radius, True, True, row)
    step = np.array([1e-6 * heights[end] for _, _, _, heights, _ in origins])
    losses = {sign: scalar(summary, conditions) for sign, summary in moved.items()}
    here = scalar(summaries, conditions)
    whole = (losses[1.0] - losses[-1.0]) / (2.0 * step)
    chain = ((moved[1.0] - moved[-1.0]) / (2.0 * step[:, None]) * exact).sum(axis=1)
    smooth = np.abs(losses[1.0] - 2.0 * here + losses[-1.0]) / step < 1e-2 * (np.abs(whole) + 0.01)
    assert smooth.mean() > 0.9
    assert chain[smooth] == pytest.approx(whole[smooth], rel=1e-4, abs=1e-5)


def extremes(count: int = 10 * COUNT) -> tuple[np.ndarray, np.ndarray]:
    """Rows of :func:`table` drawn from the ends of every range and from every kink."""
    rng = np.random.default_rng(11)
    km = rng.choice([1e-6, 1e-3, 0.25, 1.0, 20.0, 300.0, 3000.0], count)
    summary = np.zeros((count, path.SUMMARY_SIZE))
    summary[:, path.DISTANCE] = km
    high = [1.0, 10.0, 50.0, 3000.0]
    summary[:, path.HTS], summary[:, path.HRS] = rng.choice(high, count), rng.choice(high, count)
    summary[:, path.HTE], summary[:, path.HRE] = rng.choice(high, count), rng.choice(high, count)
    summary[:, path.DLT], summary[:, path.DLR] = 0.3 * km, rng.choice([0.1, 0.7], count) * km
    level = 500.0 * km / path.median_radius_km(45.0)
    tilt = rng.choice([0.0, 1.0, 1500.0], count)
    # theta = 0, angles on the kink of the site shielding, and far above it
    summary[:, path.THETA_T] = np.choose(
        rng.integers(0, 3, count), [tilt - level, 0.1 * 0.3 * km, 1500.0]
    )
    summary[:, path.THETA_R] = -tilt - level
    summary[:, path.TRANSHORIZON] = rng.integers(0, 2, count)
    summary[:, path.HM] = rng.choice([-5.0, 0.0, 10.0, 3000.0], count)
    for edge in (path.EDGE_50, path.EDGE_SMOOTH_50, path.EDGE_BETA, path.EDGE_SMOOTH_BETA):
        summary[:, edge] = rng.choice([-1e5, -50.0, -0.4, 0.0, 0.3, 1000.0], count)
    columns = [
        rng.choice([0.03, 0.5, 2.0, 6.0], count), rng.choice([1.0, 10.0, 50.0], count),
        rng.choice([0.0, 45.0, 150.0], count), np.full(count, 325.0),
        rng.choice([0.0, 0.5, 0.75, 1.0], count), rng.choice([0.0, 5.0, 500.0], count),
        rng.choice([0.0, 5.0, 500.0], count), rng.choice([0.0, 12.0, 3000.0], count),
        rng.choice([0.05, 1.0, 10.0, 46.0], count),
    ]  # fmt: skip
    return np.column_stack([summary, *columns]), rng.random(count) < 0.5


def level_paths() -> np.ndarray:
    """Level ground in sight and beyond, at every kink: p = 50, p = beta0, omega 0 and 1, f = 0.5."""
    rows, row = [], np.empty(path.SUMMARY_SIZE)
    for km, percent, omega in itertools.product((1e-3, 2.0, 90.0), (1.0, 10.0, 50.0), (0.0, 1.0)):
        at, radius = np.linspace(0.0, km, 21), path.median_radius_km(45.0)
        path.path_summary(at, np.zeros(21), np.zeros(21), 30.0, 30.0, radius, True, True, row)
        given = [0.5, percent, 45.0, 325.0, omega, 0.0, km, 0.0, 10.0]
        rows.append(np.concatenate([row, given]))
    return np.array(rows)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_nothing_is_nan_at_the_ends_and_kinks(double: None, precision: Any) -> None:
    rows, vertical = extremes()
    level = level_paths()
    rows[: len(level)] = level
    rows = rows.astype(precision)
    for part in np.split(np.arange(len(rows)), len(rows) // COUNT):
        loss, slope = from_table(rows[part], vertical[part]), slopes(rows[part], vertical[part])
        assert loss.dtype == slope.dtype == precision
        assert np.isfinite(loss).all()
        assert np.isfinite(slope).all()


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_smooth_path_and_diffraction_alone_have_gradients(double: None, precision: Any) -> None:
    rows = extremes(COUNT)[0].astype(precision)
    size = path.SUMMARY_SIZE
    rows[::7, path.DISTANCE] = p526.marginal_sight_km(30.0, 10.0, 8500.0)
    rows[::7, path.HTS], rows[::7, path.HRS] = 30.0, 10.0

    def loss(moved: Any) -> Any:
        f, delta_n, omega = (moved[..., size + k] for k in (0, 2, 4))
        return batch.free_space_diffraction_db(moved[..., :size], f, True, delta_n, omega)

    assert np.isfinite(loss(rows)).all()
    assert np.isfinite(jax.jit(jax.grad(lambda moved: loss(moved).sum()))(rows)).all()


def test_urban_losses_have_gradients() -> None:
    near = jnp.array([0.0, 10.0, 560.0, 5000.0])
    for loss in (batch.uma_loss_db, batch.umi_loss_db):
        for sight in (True, False):
            slope = jax.grad(lambda *a: loss(*a).sum(), (0, 1, 2, 3))  # noqa: B023
            parts = slope(near, 3.5 * jnp.ones(4), 25.0 * jnp.ones(4), 1.5 * jnp.ones(4), sight)
            assert np.isfinite(np.array(parts)).all()


# ---- the door


def test_jax_is_not_touched_before_it_is_asked_for() -> None:
    code = "import sys, cellwright.propagation; assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_jax_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("p1812_batch", "p526_batch", "tr38901_batch"):
        monkeypatch.delitem(sys.modules, f"cellwright.propagation.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(MissingEngineError, match=r'pip install "cellwright\[jax\]"'):
        batch_engine()
