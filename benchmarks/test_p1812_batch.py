"""P.1812 from a path summary: arrays in JAX against the scalar Numba form in a compiled loop.

Run: PYTHONPATH=src pytest benchmarks/test_p1812_batch.py --benchmark-enable --benchmark-only -s

What a link should cost, at 50 % of the time / below it:
  work    450 / 710 additions and products, 58 / 87 roots, logarithms and exponentials of some 20
          operations each: 1,600 / 2,450 operations
  memory  19 numbers read, 1 written: 80 bytes in single precision, 160 in double
  CPU     one core, 8 lanes of single precision, about 20 G operations/s: 0.08 / 0.12 us, twice to
          three times that in double; 80 bytes at 10 GB/s are 0.008 us: bound by the work
  GPU     of 60 T operations/s, perhaps a third in use: 0.08 / 0.12 ns; 80 bytes at 3 TB/s: 0.03 ns
"""

from __future__ import annotations

import os

# one thread for the CPU; must be set before JAX starts
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import time

import numpy as np
import pytest
from numba import njit

from cellwright.propagation import batch_engine
from cellwright.propagation import p1812_path as path
from cellwright.propagation import p1812_terms as terms

jax = pytest.importorskip("jax")

LINKS = 200_000
ROUNDS = 5
#: Links whose intermediate results, which gradients keep, stay in the caches of a core.
BLOCK = 8000
#: Frequency, then what follows the share of time: vertical, dN, N0, omega, coasts, dlm, beta0.
BAND_GHZ, AIR = 3.5, (True, 45.0, 325.0, 0.0, 500.0, 500.0, 10.0, 3.0)


@njit(error_model="numpy")
def compiled_loop(summaries, percent, beta_too, losses):
    room = np.empty(terms.TERMS_SIZE)
    for i in range(summaries.shape[0]):
        losses[i] = terms.median_location_loss(
            summaries[i], 3.5, percent, True, 45.0, 325.0, 0.0, 500.0, 500.0, 10.0, 3.0,
            beta_too, False, room,
        )  # fmt: skip


def summaries_of_rough_ground(count=4000, points=64):
    """Paths of 0.3 to 20 km over rolling ground with clutter, repeated in random order."""
    rng = np.random.default_rng(0)
    rows, radius = np.empty((count, path.SUMMARY_SIZE)), path.median_radius_km(45.0)
    for row in rows:
        km = np.linspace(0.0, np.exp(rng.uniform(np.log(0.3), np.log(20.0))), points)
        ground = 200.0 + np.cumsum(rng.normal(0.0, rng.choice([0.1, 3.0]), points))
        clutter = np.where(rng.random(points) < 0.4, rng.uniform(3.0, 25.0, points), 0.0)
        clutter[[0, -1]] = 0.0
        heights = rng.uniform(20.0, 60.0), rng.uniform(1.5, 20.0)
        path.path_summary(km, ground, ground + clutter, *heights, radius, True, True, row)
    return rows[rng.integers(0, count, LINKS)]


def on_device(rows, precision, device):
    columns = np.ascontiguousarray(rows.T.astype(precision))
    fields = batch_engine().path_fields(np.zeros(path.SUMMARY_SIZE))
    return type(fields)(*(jax.device_put(column, device) for column in columns))


def work_of(fields, percent, beta_too):
    """What is timed: the losses, and their gradients by every field, block after block."""
    engine = batch_engine()

    def losses(fields):
        loss = engine.median_location_loss_db
        return loss(fields, BAND_GHZ, percent, *AIR, beta_too=beta_too)

    def slopes(fields):
        blocks = jax.tree.map(lambda column: column.reshape(-1, block), fields)
        return jax.lax.map(jax.grad(lambda part: losses(part).sum()), blocks)

    block = BLOCK if fields.hts.device.platform == "cpu" else LINKS
    alone, gradients = jax.jit(losses), jax.jit(slopes)
    return (
        lambda: alone(fields).block_until_ready(),
        lambda: jax.block_until_ready(gradients(fields)),
    )


def best_of(runs, clock):
    """Microseconds per link of each, run alternately; the first run, which compiles, is out."""
    spent = {name: [] for name in runs}
    for round_ in range(ROUNDS + 1):
        for name, run in runs.items():
            begin = clock()
            run()
            if round_:
                spent[name].append(clock() - begin)
    return {name: min(times) / LINKS * 1e6 for name, times in spent.items()}


def contenders(rows, percent, beta_too, device):
    runs = {}
    for title, precision in (("f32", np.float32), ("f64", np.float64)):
        fields = on_device(rows, precision, device)
        runs[title], runs[f"{title} gradients"] = work_of(fields, percent, beta_too)
    return runs


@pytest.mark.parametrize(("percent", "beta_too"), [(50.0, False), (10.0, True)])
def test_figures(benchmark, percent, beta_too):
    rows, losses = summaries_of_rough_ground(), np.empty(LINKS)
    benchmark.pedantic(lambda: None)
    with jax.enable_x64(True):
        runs = contenders(rows, percent, beta_too, jax.devices("cpu")[0])
        runs["scalar"] = lambda: compiled_loop(rows, percent, beta_too, losses)
        figures = best_of(runs, time.process_time)
        print(f"\np = {percent:g} %, CPU, us per link of one core:")
        for name, cost in figures.items():
            print(f"  {name:20s} {cost:7.4f}   scalar takes {figures['scalar'] / cost:5.2f} times")
        assert np.abs(np.asarray(runs["f64"]()) - losses).max() < 1e-9
        assert np.abs(np.asarray(runs["f32"]()) - losses).max() < 0.02
        for device in [d for d in jax.devices() if d.platform != "cpu"][:1]:
            quick = best_of(contenders(rows, percent, beta_too, device), time.perf_counter)
            print(f"p = {percent:g} %, {device.device_kind}, us per link, wall clock:")
            for name, cost in quick.items():
                print(f"  {name:20s} {cost:9.6f}")
    assert figures["f32"] < figures["scalar"]
