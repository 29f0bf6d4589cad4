"""Against 3GPP's own calibration, and against an independent implementation of it.

R1-165974 (TR 38.901 clause 7.8.1, 20 and 21 companies: mean, least and most at every percentile),
TR 36.873 phase 1 (means), handoverlab (MIT) for what has no published rows here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from handoverlab.verify import calibration as peer

from cellwright.simulation.scenarios import drop, geometry, scenario

PERCENT = np.arange(5, 100, 5)
METRICS = ("coupling_gain", "sinr", "sir")


def curves(plan, drops, seed=1):
    """Percentiles of coupling gain, SINR and SIR over some drops."""
    rows = []
    for number in range(drops):
        heard = geometry(drop(plan, seed + number), plan.power_dbm, plan.noise_dbm)
        rows.append((heard.coupling_db, heard.sinr_db, heard.sir_db))
    return [np.percentile(np.concatenate(part), PERCENT) for part in zip(*rows, strict=True)]


@pytest.mark.parametrize("frequency", [6, 30, 70])
@pytest.mark.parametrize(("family", "name"), [("umi", "UMi"), ("indoor", "Indoor")])
def test_every_percentile_lies_in_the_companies_range(reference_data, family, name, frequency):
    path = reference_data / "system" / "tr38901_calib_R1-165974_companies.csv"
    table = pd.read_csv(path, comment="#")
    rows = table[table["scenario"] == f"{name}-{frequency}GHz"].set_index("cdf_percent")
    rows = rows.loc[PERCENT.astype(float)]
    for metric, ours in zip(METRICS, curves(scenario(f"{family}-{frequency}ghz"), 60), strict=True):
        low, high, mean = (rows[f"{metric}_db_{k}"].to_numpy() for k in ("min", "max", "mean"))
        assert ((ours >= low) & (ours <= high)).all(), (metric, ours - mean)
        assert abs(ours - mean)[9] <= 1.0
    # SIR knows neither powers nor walls: layout, antenna and attachment alone
    assert abs(ours - mean).max() <= 0.45


@pytest.mark.parametrize(
    ("row", "name"), [(1, "3d-umi-k1"), (2, "3d-umi-k10"), (3, "3d-uma-k1"), (4, "3d-uma-k10")]
)
def test_tr_36873_phase_1(reference_data, row, name):
    table = pd.read_csv(reference_data / "system" / "tr36873_calib.csv", comment="#")
    gain, _, factor = curves(scenario(name), 40)
    sinr = curves(scenario(name), 40)[1]
    rows = table[table["case_row"] == row].set_index(["metric", "percentile"])["value"]
    assert np.abs(gain - rows["coupling_gain"].loc[PERCENT].to_numpy())[1:].max() <= 1.3
    assert np.abs(sinr - rows["geometry_factor"].loc[PERCENT].to_numpy()).max() <= 0.6
    assert (factor >= sinr).all()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("uma-6ghz", peer.CalScenario("UMa", 6.0)),
        ("uma-70ghz", peer.CalScenario("UMa", 70.0)),
        ("umi-30ghz", peer.CalScenario("UMi", 30.0)),
        ("indoor-6ghz", peer.CalScenario("Indoor", 6.0)),
        ("uma-7ghz-rel19", peer.CalScenario("UMa", 7.0, reference="R1-2506406")),
        ("sma-7ghz-1299m", peer.CalScenario("SMa", 7.0, 1299.0, "R1-2506406")),
        ("sma-7ghz-1732m", peer.CalScenario("SMa", 7.0, 1732.0, "R1-2506406")),
    ],
)
def test_an_independent_implementation_agrees(ours, theirs):
    # it turns the grid so that boresights point between two neighbours
    plan = scenario(ours).changed(turn_deg=90.0)
    other = peer.simulate_drops(theirs, 20_000, seed=2)
    for metric, values in zip(METRICS, curves(plan, 36), strict=True):
        gap = np.abs(values - np.percentile(other[f"{metric}_db"], PERCENT))
        assert gap.max() <= 1.0
        assert gap.mean() <= 0.3
