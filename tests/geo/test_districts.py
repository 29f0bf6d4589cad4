"""The shipped district, and the two developed on."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from cellwright import geo
from cellwright.errors import InputError


@pytest.fixture(scope="module")
def nantes():
    return geo.load_area(geo.read_district(geo.shipped_district("nantes")))


def test_shipped_small_and_attributed(nantes):
    folder = geo.shipped_district("nantes")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_100_000
    assert nantes.attributions == (
        "IGN - BD TOPO(R) 2025-06-15, Licence Ouverte / Open Licence Etalab 2.0",
        "Insee, Filosofi 2015",
    )
    assert not geo.check_area(geo.read_district(folder)).errors
    with pytest.raises(InputError, match='Did you mean "nantes"'):
        geo.shipped_district("nants")


def test_nantes_is_what_its_source_says(nantes):
    assert nantes.crs == "EPSG:2154"
    assert nantes.name == "Nantes"
    b = nantes.buildings
    assert len(b) == 8639
    assert (b.height_source == "given").mean() == pytest.approx(0.991, abs=0.001)
    assert b.height_m.max() == 107.0
    assert b.dwellings.sum() == 39108
    assert dict(nantes.pixels.sizes) == {"y": 434, "x": 524}
    # people per dwelling where INSEE counts both
    seen = b[(b.residents_source == "cells") & (b.dwellings > 0)]
    assert seen.residents.sum() / seen.dwellings.sum() == pytest.approx(0.98, abs=0.01)
    assert float(nantes.pixels.residents.sum()) == pytest.approx(b.residents.sum(), rel=1e-5)


def test_modelled_people_are_named(nantes):
    people = nantes.assumptions[nantes.assumptions.subject == "residents"]
    assert people.share.sum() == pytest.approx(1.0)
    modelled = people[people.rule.str.startswith("modelled")]
    assert modelled.share.sum() > 0.8


def test_nantes_loads_fast():
    start = time.process_time()
    geo.load_area(geo.read_district(geo.shipped_district("nantes")))
    assert time.process_time() - start < 4.0


def test_shipped_equals_the_development_copy(shared_data):
    """The same buildings and ground as the copy made by another script from the same wheel."""
    folder = shared_data / "nantes"
    if not folder.exists():
        pytest.skip("the development copy of Nantes is not here")
    ours = gpd.read_file(geo.shipped_district("nantes") / "buildings.fgb.zip")
    theirs = gpd.read_file(folder / "nantes.gpkg", layer="buildings")
    assert theirs.id.str.removeprefix("BATIMENT").str.lstrip("0").tolist() == ours.id.tolist()
    np.testing.assert_array_equal(ours.height_m, theirs.height_m)
    np.testing.assert_allclose(ours.area, theirs.area, atol=0.5)
    with (
        rasterio.open(geo.shipped_district("nantes") / "terrain.tif") as a,
        rasterio.open(folder / "ship" / "nantes_dem_5m.tif") as b,
    ):
        first = a.read(1) * a.scales[0]
        second = b.read(1)
        row = round((a.bounds.top - b.bounds.top) / 5)
        shared = first[row : row + second.shape[0], : second.shape[1]]
    assert np.percentile(np.abs(shared - second), 99) < 0.2


def test_vasileostrovsky(shared_data):
    source = shared_data / "vasileostrovsky" / "vasileostrovsky.gpkg"
    if not source.exists():
        pytest.skip("Vasileostrovsky is not here")
    area = geo.load_area(
        geo.AreaInputs(
            buildings=source, streets=source, boundary=source, pixel_m=10.0, surface_pixel_m=5.0
        )
    )
    assert area.crs == "EPSG:32636"
    assert len(area.buildings) == 4101
    assert area.buildings.residents.sum() == 271_977
    assert (area.streets.geom_type == "Polygon").all()
    assert float(area.surface.ground_amsl_m.max()) == 0.0
    # the edge of the district is not the edge of the map
    assert 0.2 < float(area.pixels.inside.mean()) < 0.9
