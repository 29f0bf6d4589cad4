"""Gradients of a network: reverse mode against the value alone and against finite differences.

Run: PYTHONPATH=src pytest benchmarks/test_gradients.py --benchmark-enable --benchmark-only -s
Finite differences over every knob are what a simulator without derivatives has to do: here
central ones, two values a knob. All forms run in one process; ratios are what counts. Several
servers a receiver: with one, where it changes cells the value has a step, which has no derivative.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from cellwright.simulation import gradients as g
from cellwright.simulation.gradients import Aims, Knobs, Scene
from cellwright.simulation.link.rates import SNR_DB

pytest.importorskip("jax")
SITES, RECEIVERS = 4, 1000
CELLS = 3 * SITES
STEP = 0.1


def network(seed: int = 1) -> tuple[Scene, Knobs]:
    """Sites with three cells of a parametric column each, log-distance loss, no map."""
    rng, single = np.random.default_rng(seed), np.float32
    place = rng.uniform(-800.0, 800.0, (3, RECEIVERS))
    site = rng.uniform(-700.0, 700.0, (3, SITES))
    place[2], site[2] = 1.5, 30.0
    far = np.sqrt(((site[:, :, None] - place[:, None, :]) ** 2).sum(axis=0))
    none = np.zeros((1, 181, 360), single)
    rate = np.minimum(100.0 * np.log2(1.0 + 10.0 ** (SNR_DB / 10.0)), 700.0)
    each = np.ones(CELLS, single)
    scene = Scene(
        (30.0 + 36.0 * np.log10(far)).astype(single), (far < 150.0).astype(single),
        place.astype(single), site.astype(single),
        np.full(RECEIVERS, 1.0 / RECEIVERS, single), np.full(RECEIVERS, 0.05, single),
        np.repeat(np.arange(SITES), 3).astype(np.int32),
        -35.0 * each, 0.0 * each, 3.0 * each, 0.5 * each, none, none,
        np.zeros(CELLS, np.int32), np.array([8, 0.5, 65.0, 65.0, 17.0], single),
        np.stack((rate, rate)).astype(single), single(10.0**-12.5), single(0.1), single(-105.0),
    )  # fmt: skip
    turned = np.tile([0.0, 120.0, 240.0], SITES) + rng.uniform(0.0, 60.0, CELLS)
    return scene, Knobs(*(x.astype(single) for x in (46.0 * each, turned, 2.0 * each, 6.0 * each)))


def differences(scene: Scene, at: Knobs, aims: Aims) -> Knobs:
    """Central differences: two values for each knob of each cell."""
    found = []
    for row, values in enumerate(at):
        by = np.empty(CELLS)
        for cell in range(CELLS):
            step = np.where(np.arange(CELLS) == cell, STEP, 0.0).astype(np.float32)
            up, down = (at._replace(**{Knobs._fields[row]: values + s}) for s in (step, -step))
            by[cell] = (g.objective(scene, up, aims) - g.objective(scene, down, aims)) / 2 / STEP
        found.append(by)
    return Knobs(*found)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@pytest.mark.parametrize("loads", ["design", "coupled"])
def test_gradient_of_every_knob(benchmark, loads):
    (scene, at), aims = network(), Aims(loads=loads, servers=4)
    g.objective(scene, at, aims)
    _, by = g.gradient(scene, at, aims)
    benchmark(g.gradient, scene, at, aims)
    value, whole = [], []
    for _ in range(5 if benchmark.enabled else 1):
        value.append(seconds(lambda: g.objective(scene, at, aims)))
        whole.append(seconds(lambda: g.gradient(scene, at, aims)))
    start = time.perf_counter()
    rough = differences(scene, at, aims)
    peer = time.perf_counter() - start
    once = float(np.median(whole))
    print(
        f"{loads}: {4 * CELLS} knobs, gradient {once / np.median(value):.1f} values; "
        f"finite differences {peer / once:.0f} times the gradient"
    )
    assert np.corrcoef(np.concatenate(rough), np.concatenate(by))[0, 1] > 0.99
    assert once < peer
