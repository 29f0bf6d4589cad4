"""A tiny district, its network, and drive tests whose truth is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tests.coverage.conftest import make_area, make_sites

from cellwright.measurement import Setup, empty_points, predict
from cellwright.network import carrier, cells_for
from cellwright.propagation import Tuning


def blocks_of_houses():
    """Closed blocks in the west, loose houses in the middle, open ground in the east."""
    blocks = []
    for x in range(-700, -150, 80):
        blocks += [(x, y, x + 60, y + 60, 18.0) for y in range(-700, 700, 80)]
    for x in range(-100, 300, 80):
        blocks += [(x, y, x + 30, y + 40, 12.0) for y in range(-700, 700, 80)]
    return blocks


@pytest.fixture(scope="session")
def area():
    return make_area(1600.0, blocks_of_houses())


@pytest.fixture(scope="session")
def setup(area):
    sites = make_sites((-400, -330), (-390, 390), (100, 50), (450, -400), (450, 380), height_m=30.0)
    nr = carrier("n78")
    return Setup(area, sites, cells_for(sites, nr), nr)


def outdoors(area, count, rng, indoor=False):
    """Places on the map, in the open (or in houses)."""
    x, y = rng.uniform(-690, 690, (2, 12 * count))
    column = np.rint((x - float(area.surface.x[0])) / 2.0).astype(int)
    row = np.rint((float(area.surface.y[0]) - y) / 2.0).astype(int)
    right = (area.surface["building"].to_numpy()[row, column] > 0) == indoor
    return x[right][:count], y[right][:count]


def points_at(x, y, cell_id, indoor=False, rsrp_dbm=-90.0):
    frame = pd.DataFrame({"x_m": x, "y_m": y, "cell_id": cell_id, "indoor": indoor})
    frame["rsrp_dbm"], frame["row"] = rsrp_dbm, np.arange(2, len(frame) + 2)
    frame["time"], frame["pci"], frame["height_m"] = pd.NaT, -1, np.nan
    return frame[empty_points().columns].astype(empty_points().dtypes.to_dict())


def shadowing(points, rng, sigma_db=6.0, reach_m=50.0):
    """Shadowing alike within tens of metres, drawn per site: a sum of waves."""
    total = np.zeros(len(points))
    site = points["cell_id"].str.partition("-")[0]
    for name in sorted(site.unique()):
        wave = rng.normal(0.0, 1.0 / reach_m, (600, 2))
        phase = rng.uniform(0, 2 * np.pi, 600)
        here = (site == name).to_numpy()
        along = points.loc[here, ["x_m", "y_m"]].to_numpy() @ wave.T
        total[here] = sigma_db * np.sqrt(2 / 600) * np.cos(along + phase).sum(axis=1)
    return total


def drive(setup, truth, rng, count=900, indoor=0, sigma_db=6.0, cells=None, true_setup=None):
    """Measure a network whose loss is the model's plus ``truth``; each point hears 3 cells."""
    x, y = outdoors(setup.area, count, rng)
    if indoor:
        more = outdoors(setup.area, indoor, rng, indoor=True)
        x, y = np.r_[x, more[0]], np.r_[y, more[1]]
    flags = np.arange(x.size) >= x.size - indoor
    some = points_at(x, y, str(setup.cells["cell_id"].iloc[0]), flags)
    real = true_setup or setup
    levels = predict(real, some, truth).levels_dbm
    names = setup.cells["cell_id"].to_numpy(str)
    allowed = np.isin(names, names if cells is None else cells)
    levels = np.where(allowed[:, None], levels, -np.inf)
    best = np.argsort(-levels, axis=0)[: min(3, allowed.sum())]
    at = np.tile(np.arange(x.size), best.shape[0])
    heard = points_at(x[at], y[at], names[best.ravel()], flags[at])
    noise = shadowing(heard, rng, sigma_db) if sigma_db else 0.0
    return heard.assign(rsrp_dbm=levels[best.ravel(), at] - noise)


@pytest.fixture
def make():
    return SimpleNamespace(
        drive=drive, points=points_at, outdoors=outdoors, area=make_area, sites=make_sites,
        tuning=Tuning,
    )  # fmt: skip
