"""Against the full calibration of TR 38.901 clause 7.8.2 (R1-165975), urban micro at 6 GHz.

The companies' curves were computed in 2016 with TR 38.900 V14.0.0, and so are ours.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cellwright.radio import Element
from cellwright.simulation.channel import (
    ChannelOptions,
    PanelArray,
    fast_fading,
    multipath_power,
    spreads,
)
from cellwright.simulation.scenarios import drop, scenario

OPTIONS = ChannelOptions(edition="v14")
SQUARE = PanelArray(2, 2, 1, element=Element(), electrical_tilt_deg=0.0)
PHONE = PanelArray(1, 1, 2, slants_deg=(0.0, 90.0))


@pytest.fixture(scope="module")
def reference(reference_data):
    table = pd.read_csv(reference_data / "system" / "tr38901_calib_full.csv", comment="#")
    table = table[table["freq_GHz"] == 6]
    return table.set_index(["metric", "antenna_config", "percentile"])["value"].sort_index()


@pytest.fixture(scope="module")
def people():
    return drop(scenario("umi-6ghz"), 1)


def points(ours, theirs):
    """Distance of the distributions at the reference's percentiles [points of the CDF]."""
    share = 100.0 * np.searchsorted(np.sort(ours), theirs.to_numpy(), side="right") / ours.size
    return np.abs(share - theirs.index.to_numpy()).max()


def test_gain_sir_and_singular_values(reference, people):
    cell, power = multipath_power(people, "umi", SQUARE, PHONE, 15, 1, OPTIONS)
    loss = np.take_along_axis(people.loss_db[people.cell_site].T, cell.astype(int), axis=1)
    gain = 10.0 ** (-loss / 10.0) * power.mean(axis=(2, 3))
    level = 10.0 * np.log10(gain.max(axis=1))
    assert points(level, reference["coupling_gain", 2]) < 6.0
    assert np.median(level) == pytest.approx(reference["coupling_gain", 2, 50], abs=2.0)
    blocks = (np.arange(10) - 4.5) * 1.8e6
    h = fast_fading(people, "umi", SQUARE, PHONE, 15, blocks, 1, options=OPTIONS).h
    best = h[np.arange(people.users), gain.argmax(axis=1)]
    values = 20.0 * np.log10(np.linalg.svd(best, compute_uv=False))
    # these know neither loss nor layout: arrays, rays and polarisation alone
    assert points(values[..., 0].ravel(), reference["sv1", 2]) < 2.0
    assert points(values[..., 1].ravel(), reference["sv2", 2]) < 4.0
    ratio = (values[..., 0] - values[..., 1]).ravel()
    assert points(ratio, reference["sv_ratio", 2]) < 4.0


def test_angular_spreads(reference):
    got = [spreads(drop(scenario("umi-6ghz"), seed), "umi", seed, OPTIONS) for seed in range(1, 4)]
    for name in ("asd", "zsd", "asa"):
        ours = np.concatenate([getattr(each, f"{name}_deg") for each in got])
        assert points(ours, reference[name, 1]) < 6.0, name


def test_spreads_are_those_of_the_cell_that_serves():
    people = drop(scenario("umi-6ghz"), 1)
    best = people.serving()
    alone, named = (spreads(people, "umi", 1, OPTIONS, each) for each in (None, best))
    assert np.array_equal(alone.delay_s, named.delay_s)
    # a cell of another site has rays of its own
    other = spreads(people, "umi", 1, OPTIONS, (best + 3) % people.cells)
    assert np.mean(other.delay_s == alone.delay_s) < 0.01
