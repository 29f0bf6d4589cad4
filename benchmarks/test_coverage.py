"""Received power and signal for a district: our one pass beside plain array arithmetic.

Run: PYTHONPATH=src pytest benchmarks/test_coverage.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cellwright.coverage import received, signal
from cellwright.network import carrier, cells_for, sites_from_records
from cellwright.radio import antenna, local_angles, pattern_gain

NR = carrier("n78")
SITES, RECEIVERS = 30, 60_000


@pytest.fixture(scope="module")
def district():
    rng = np.random.default_rng(1)
    records = [
        {"site_id": f"S{i}", "x_m": x, "y_m": y, "height_m": 28.0}
        for i, (x, y) in enumerate(rng.uniform(-1200, 1200, (SITES, 2)))
    ]
    sites = sites_from_records(records, "EPSG:2154", 0.0)
    zeros = np.zeros(RECEIVERS, np.float32)
    phones = xr.Dataset(
        {
            "x_m": ("receiver", rng.uniform(-1300, 1300, RECEIVERS)),
            "y_m": ("receiver", rng.uniform(-1300, 1300, RECEIVERS)),
            "ground_amsl_m": ("receiver", zeros),
            "height_m": ("receiver", zeros + np.float32(1.5)),
            "place": ("receiver", zeros.astype(np.uint8)),
        }
    )
    shape = (SITES, RECEIVERS)
    loss = xr.Dataset(
        {
            "path_loss_db": (("site", "receiver"), rng.uniform(80, 150, shape).astype(np.float32)),
            "sight": (("site", "receiver"), np.zeros(shape, np.uint8)),
            "sigma_db": (("site", "sight_state", "place_state"), np.full((SITES, 2, 3), 6.0)),
        },
        coords={"site": sites["site_id"].to_numpy(dtype=object)},
    )
    return sites, cells_for(sites, NR), phones, loss


def plain_received(sites, cells, phones, loss):
    """One cell after another with array functions; traffic beams only."""
    table = antenna(NR.antenna).pattern(6.0, "traffic")
    rows = {name: i for i, name in enumerate(sites["site_id"])}
    out = np.empty((len(cells), RECEIVERS), np.float32)
    for number, cell in enumerate(cells.itertuples()):
        site = rows[cell.site_id]
        east = phones["x_m"].to_numpy() - sites.geometry.x.iloc[site]
        north = phones["y_m"].to_numpy() - sites.geometry.y.iloc[site]
        azimuth = np.degrees(np.arctan2(east, north))
        zenith = np.degrees(np.arctan2(np.hypot(east, north), 1.5 - 28.0))
        angles = local_angles(azimuth, zenith, cell.azimuth_deg, 0.0)
        out[number] = pattern_gain(table, *angles) - loss["path_loss_db"].to_numpy()[site]
    return out


def test_received(benchmark, district):
    sites, cells, phones, loss = district
    benchmark(received, loss, sites, cells, NR, phones, beams=("traffic",))


def test_received_plain(benchmark, district):
    benchmark(plain_received, *district)


def plain_signal(data):
    """Best server, SINR and traffic SINR with whole arrays in watts."""
    rsrp, traffic = (data[n].to_numpy().astype(float) for n in ("rsrp_dbm", "traffic_dbm"))
    reference, data_mw = 10.0 ** (rsrp / 10.0), 0.5 * 10.0 ** ((traffic - 11.0) / 10.0)
    best = rsrp.argmax(axis=0)
    take = (best, np.arange(best.size))
    noise = 10.0 ** (NR.noise_dbm_per_re / 10.0)
    sinr = reference[take] / (reference.sum(0) - reference[take] + noise)
    beam = 10.0 ** (traffic[take] / 10.0) / (data_mw.sum(0) - data_mw[take] + noise)
    return best, 10 * np.log10(sinr), 10 * np.log10(beam)


def test_signal(benchmark, district):
    sites, cells, phones, loss = district
    benchmark(signal, received(loss, sites, cells, NR, phones), NR)


def test_signal_plain(benchmark, district):
    sites, cells, phones, loss = district
    benchmark(plain_signal, received(loss, sites, cells, NR, phones))
