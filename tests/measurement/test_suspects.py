"""Antennas that are not as the file says are suspected, and only those."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from cellwright.measurement import predict, suspects


def found_in(setup, true_setup, seed):
    from tests.measurement.conftest import drive

    measured = drive(
        setup, None, np.random.default_rng(seed), count=700, sigma_db=4.0, true_setup=true_setup
    )
    return suspects(setup, predict(setup, measured))


def test_a_turned_antenna_is_found_with_its_angle(setup):
    cells = setup.cells.copy()
    turned = cells["cell_id"] == "S2-2"
    cells.loc[turned, "azimuth_deg"] = (cells.loc[turned, "azimuth_deg"] + 60.0) % 360.0
    table = found_in(setup, replace(setup, cells=cells), 11)
    azimuths = table[table["kind"] == "azimuth"]
    assert azimuths["cell_id"].iloc[0] == "S2-2"
    assert float(azimuths["error"].iloc[0]) == pytest.approx(60.0, abs=15.0)
    words = azimuths["words"].iloc[0]
    assert words.startswith("possible azimuth error of about +")
    assert "at cell S2-2: residual falls from" in words
    assert set(azimuths["cell_id"]) <= {"S2-2"}


def test_a_mast_put_down_in_the_wrong_place_is_found(setup):
    sites = setup.sites.copy()
    x, y = sites.geometry.x.to_numpy().copy(), sites.geometry.y.to_numpy()
    x[2] += 100.0
    sites = sites.set_geometry(gpd.points_from_xy(x, y, crs=sites.crs))
    table = found_in(setup, replace(setup, sites=sites), 12)
    places = table[table["kind"] == "position"]
    assert places["site_id"].iloc[0] == "S2"
    assert "m to" in places["words"].iloc[0]


def test_right_antennas_are_not_suspected(setup):
    table = found_in(setup, None, 13)
    assert len(table) <= 1, table["words"].tolist()
