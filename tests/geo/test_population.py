"""People: none lost, none made up without saying so."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from cellwright import geo
from cellwright.geo.grids import grids
from cellwright.geo.inputs import AreaInputs
from cellwright.geo.population import settle

from .conftest import SIDE, STEP, X, Y, make_town

WIDTH = SIDE * STEP


def cells(columns: int, people) -> gpd.GeoDataFrame:
    step = WIDTH / columns
    shapes = [
        box(X + i * step, Y + j * step, X + (i + 1) * step, Y + (j + 1) * step)
        for i in range(columns)
        for j in range(columns)
    ]
    return gpd.GeoDataFrame({"residents": people}, geometry=shapes, crs=2154)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.floats(0, 5000), min_size=9, max_size=9))
def test_every_cell_keeps_its_people(people):
    town = make_town()
    # whole cells on the map: the grid is as wide as the cells
    grid = grids((X, Y, X + WIDTH, Y + WIDTH), 2.0, 5.0)[0]
    layer = cells(3, people)
    placed = settle(town.assign(residents=np.nan), layer, grid, AreaInputs(buildings="x"))
    home = town.representative_point()
    for cell, count in zip(layer.geometry, people, strict=True):
        assert placed.residents[home.within(cell)].sum() == pytest.approx(count, abs=1e-6)
    assert (placed.source == "cells").all()


def test_within_a_cell_dwellings_decide(town, save):
    layer = cells(1, [900.0])
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t.gpkg"), population=save(layer, "p.gpkg"))
    )
    b = area.buildings
    each = b.residents / b.dwellings
    assert each.std() == pytest.approx(0.0, abs=1e-9)
    # the outer 20 m of the cell lie outside the hull's map
    share = (WIDTH - 20) ** 2 / WIDTH**2
    assert b.residents.sum() == pytest.approx(900.0 * share, rel=1e-6)


def test_missing_cells_are_completed_from_dwellings_and_said(town, save):
    layer = cells(2, [400.0, 100.0, 100.0, 100.0]).iloc[:1]
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t.gpkg"), population=save(layer, "p.gpkg"))
    )
    b = area.buildings
    seen = b[b.residents_source == "cells"]
    made = b[b.residents_source == "dwellings"]
    # too few dwellings to fit a ratio: two people each, and the report says "assumed"
    assert seen.dwellings.sum() < 50
    np.testing.assert_allclose(made.residents, made.dwellings * 2.0)
    assert "(assumed)" in " ".join(area.assumptions.rule)
    assert seen.residents.sum() == pytest.approx(400.0, rel=1e-6)
    assert "modelled" in " ".join(area.assumptions.rule)


def test_enough_dwellings_fit_the_ratio(town, save):
    town["dwellings"] *= 10
    layer = cells(2, [400.0, 100.0, 100.0, 100.0]).iloc[:1]
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t.gpkg"), population=save(layer, "p.gpkg"))
    )
    b = area.buildings
    seen, made = (b[b.residents_source == name] for name in ("cells", "dwellings"))
    ratio = seen.residents.sum() / seen.dwellings.sum()
    np.testing.assert_allclose(made.residents, made.dwellings * ratio)
    assert "(fitted)" in " ".join(area.assumptions.rule)


def test_missing_cells_mean_nobody_where_cells_are_the_rule(town, save):
    town["dwellings"] = np.nan
    layer = cells(2, [400.0, 100.0, 100.0, 100.0]).iloc[:3]
    inputs = geo.AreaInputs(buildings=save(town, "t.gpkg"), population=save(layer, "p.gpkg"))
    area = geo.load_area(inputs)
    outside = ~area.buildings.representative_point().within(layer.union_all())
    assert area.buildings.residents[outside].sum() == 0.0
    assert "nobody outside the cells" in " ".join(area.assumptions.rule)
    forced = geo.load_area(
        geo.AreaInputs(
            buildings=inputs.buildings, population=inputs.population, complete_population=True
        )
    )
    assert forced.buildings.residents[outside].sum() > 0.0


def test_no_figures_at_all_floor_area_decides(town, save):
    area = geo.load_area(geo.AreaInputs(buildings=save(town.drop(columns=["dwellings"]), "t.gpkg")))
    wanted = town.area * 3 / 40.0
    np.testing.assert_allclose(area.buildings.residents, wanted, rtol=1e-6)
    assert "one per 40 m2" in " ".join(area.assumptions.rule)


def test_given_residents_stay(town, save):
    town["population"] = np.arange(36.0)
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg")))
    np.testing.assert_array_equal(area.buildings.residents, town.population)
    assert float(area.pixels.residents.sum()) == pytest.approx(630.0, rel=1e-6)


def test_address_points_reach_their_house(town, save, tmp_path):
    centre = town.representative_point().to_crs(4326)
    rows = [f"{p.x:.7f},{p.y:.7f},{n}" for n, p in enumerate(centre)]
    path = tmp_path / "people.csv"
    path.write_text("lon,lat,people\n" + "\n".join(rows), encoding="utf-8")
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg"), population=path))
    np.testing.assert_allclose(area.buildings.residents, np.arange(36.0))


def test_cell_centres_are_cells(town, save):
    """A lattice of points says the same as the squares around them."""
    inner = cells(3, np.arange(100.0, 1000.0, 100.0))
    points = inner.set_geometry(inner.centroid)
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t.gpkg"), population=save(points, "p.gpkg"))
    )
    home = town.representative_point()
    for cell, count in zip(inner.geometry, inner.residents, strict=True):
        assert area.buildings.residents[home.within(cell)].sum() == pytest.approx(count)


def test_raster_of_people(town, save, save_raster):
    values = np.full((4, 4), -99999.0, dtype="float32")
    values[1, 2] = 77.0  # X + 20 .. X + 80, Y + 160 .. Y + 220
    path = save_raster(values, "people.tif", pixel=60.0, west=X - 100, north=Y + 280)
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t.gpkg"), population=path, complete_population=False)
    )
    assert area.buildings.residents.sum() == pytest.approx(77.0, rel=1e-5)
    there = area.buildings[area.buildings.residents > 0].representative_point()
    assert there.within(box(X + 20, Y + 160, X + 80, Y + 220)).all()


def test_people_of_houses_too_small_for_a_pixel_go_next_door(town, save):
    town.loc[14, "geometry"] = Point(*town.geometry[14].centroid.coords[0]).buffer(0.4)
    town["population"] = 10.0
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg")))
    assert float(area.pixels.residents.sum()) == pytest.approx(360.0, rel=1e-6)
    assert not (area.pixels.residents.values[area.pixels.building.values == 0] > 0).any()
