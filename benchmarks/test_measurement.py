"""Truth put into made-up drive tests and looked for again: how well tuning and suspicion do.

Run: pytest benchmarks/test_measurement.py --benchmark-enable --benchmark-only -s
With CELLWRIGHT_WRITE_FIGURES=1 the figures go to docs/validation/measurements.json.
CELLWRIGHT_FIELDS drive tests are made (4 by default, 40 for the page).
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
from benchmarks.test_sweep import put_down
from tests.coverage.conftest import make_area, make_sites
from tests.measurement.conftest import blocks_of_houses, drive

from cellwright.measurement import Setup, TuneSettings, predict, suspects, tune
from cellwright.network import carrier, cells_for
from cellwright.propagation import Tuning

FIELDS = int(os.environ.get("CELLWRIGHT_FIELDS", "4"))
TRUTH = Tuning(
    offset_db=4.0, slope_db_per_decade=8.0, reference_m=300.0, out_of_sight_db=-5.0
)  # fmt: skip
PARAMETERS = ("offset_db", "slope_db_per_decade", "out_of_sight_db")
TURNED_DEG = 60.0


def network() -> Setup:
    """Five masts among closed blocks, loose houses and open ground."""
    area = make_area(1600.0, blocks_of_houses())
    sites = make_sites((-400, -330), (-390, 390), (100, 50), (450, -400), (450, 380), height_m=30.0)
    nr = carrier("n78")
    return Setup(area, sites, cells_for(sites, nr), nr)


def recovered(setup: Setup) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Parameters found and their errors, and held-back RMSE before and after, by field."""
    found = {name: np.empty((FIELDS, 2)) for name in PARAMETERS}
    before, after = np.empty(FIELDS), np.empty(FIELDS)
    for field in range(FIELDS):
        driven = drive(setup, TRUTH, np.random.default_rng(100 + field))
        made = tune(
            predict(setup, driven).points, TuneSettings(reference_m=300.0), carrier="n78",
            source="made up",
        )  # fmt: skip
        for name in PARAMETERS:
            found[name][field] = getattr(made.tuning, name), made.tuning.errors.get(name, np.nan)
        row = made.errors[(made.errors["group"] == "all")].set_index("validation").loc["by place"]
        before[field], after[field] = row["rmse_before_db"], row["rmse_after_db"]
    return found, before, after


def turned(setup: Setup) -> tuple[int, int, int]:
    """Turned antennas found within 15 deg, of how many, and wrongly suspected ones."""
    found, wrong, names = 0, 0, setup.cells["cell_id"].tolist()[: max(FIELDS // 5, 2)]
    for number, name in enumerate(names):
        cells = setup.cells.copy()
        row = cells["cell_id"] == name
        cells.loc[row, "azimuth_deg"] = (cells.loc[row, "azimuth_deg"] + TURNED_DEG) % 360.0
        measured = drive(
            setup, None, np.random.default_rng(number), count=700, sigma_db=4.0,
            true_setup=replace(setup, cells=cells),
        )  # fmt: skip
        table = suspects(setup, predict(setup, measured))
        table = table[table["kind"] == "azimuth"]
        mine = table["cell_id"] == name
        found += bool((abs(table.loc[mine, "error"].astype(float) - TURNED_DEG) < 15.0).any())
        wrong += int((~mine).sum())
    return found, len(names), wrong


def test_truth_comes_out_again(benchmark):
    setup = network()
    found, before, after = benchmark.pedantic(recovered, args=(setup,), rounds=1)
    hit, of, wrong = turned(setup)
    rows = []
    for name in PARAMETERS:
        value, error = found[name].T
        rows.append(
            [name, f"{getattr(TRUTH, name):+.1f}", f"{value.mean():+.2f}", f"{value.std():.2f}",
             f"{np.nanmean(error):.2f}"]
        )  # fmt: skip
        print(*rows[-1])
        assert abs(value.mean() - getattr(TRUTH, name)) < 4.0 * value.std() / np.sqrt(FIELDS) + 0.3
    fell = f"{before.mean():.2f} -> {after.mean():.2f} dB"
    print(f"held-back RMSE {fell}; turned {hit}/{of}, wrongly {wrong}")
    assert after.mean() < before.mean() - 0.5
    put_down(
        "measurements",
        {
            "title": "Truth put in comes out again",
            "text": f"{FIELDS} made-up drive tests of 900 places on a district of closed blocks, "
            "loose houses and open ground, 5 masts, correlated shadowing of 6 dB. RMSE on points "
            f"held back by place: {before.mean():.2f} dB before, {after.mean():.2f} dB after (the "
            f"shadowing alone is 6). Of {of} antennas turned by 60 degrees {hit} were found within "
            f"15 degrees; wrongly suspected: {wrong}.",
            "columns": ["parameter", "put in", "mean found", "spread", "mean standard error told"],
            "rows": rows,
        },
    )
