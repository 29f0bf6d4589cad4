"""The whole way from files to an Area: formats agree, nothing moves, nobody is lost."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from cellwright import geo
from cellwright.errors import MapError

from .conftest import HOUSE, SIDE, STEP, X, Y, ground, make_streets, make_town, plane


def test_area_holds_what_the_contract_names(town, streets, save, save_raster):
    area = geo.load_area(
        geo.AreaInputs(
            buildings=save(town, "town.gpkg"),
            streets=save(streets, "streets.gpkg"),
            terrain=save_raster(plane()),
            name="Town",
        )
    )
    assert (area.name, area.crs) == ("Town", "EPSG:2154")
    assert list(area.buildings.columns)[:5] == [
        "building_id",
        "height_m",
        "height_source",
        "floors",
        "use",
    ]
    assert list(area.streets.columns) == [
        "street_id",
        "name",
        "kind",
        "width_m",
        "level",
        "geometry",
    ]
    assert set(area.surface) == {"ground_amsl_m", "surface_amsl_m", "building"}
    assert set(area.pixels) == {
        "ground_amsl_m",
        "building",
        "building_height_m",
        "floors",
        "residents",
        "inside",
    }
    assert area.surface.ground_amsl_m.dtype == np.float32
    assert area.surface.building.dtype == np.int32
    assert area.pixels.floors.dtype == np.uint8
    assert area.pixels.inside.dtype == bool
    for grid in (area.surface, area.pixels):
        assert (np.diff(grid.x) > 0).all()
        assert (np.diff(grid.y) < 0).all()
    assert area.surface.attrs["bounds"] == area.pixels.attrs["bounds"]


def test_terrain_and_roofs_stand_where_they_should(town, save, save_raster):
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "town.gpkg"), terrain=save_raster(plane()))
    )
    s = area.surface
    wanted = ground(s.x.values[None, :], s.y.values[:, None])
    np.testing.assert_allclose(s.ground_amsl_m, wanted, atol=0.01)
    height = np.r_[0.0, area.buildings.height_m][s.building.values]
    np.testing.assert_allclose(s.surface_amsl_m - s.ground_amsl_m, height, atol=1e-3)
    # a house's own pixels carry its own number, row + 1
    for row in (0, 7, 35):
        middle = area.buildings.geometry[row].representative_point()
        assert int(s.building.sel(x=middle.x, y=middle.y, method="nearest")) == row + 1


def test_courtyard_stays_open(town, save):
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "town.gpkg")))
    assert int(area.surface.building.sel(x=X + 10, y=Y + 10, method="nearest")) == 0
    assert int(area.surface.building.sel(x=X + 3, y=Y + 10, method="nearest")) == 1


def test_taller_building_wins_where_footprints_overlap(town, save):
    town.loc[1, "geometry"] = box(X, Y + 30, X + 20, Y + 60)  # reaches into house 0's neighbour
    town.loc[2, "geometry"] = box(X, Y + 50, X + 20, Y + 80)
    town.loc[1, "height_m"], town.loc[2, "height_m"] = 30.0, 12.0
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "town.gpkg")))
    assert int(area.surface.building.sel(x=X + 9, y=Y + 55, method="nearest")) == 2
    town.loc[1, "height_m"] = 5.0
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "town2.gpkg")))
    assert int(area.surface.building.sel(x=X + 9, y=Y + 55, method="nearest")) == 3


@pytest.mark.parametrize("name", ["t.shp", "t.fgb", "t.geojson", "t.sqlite", "t.gml"])
def test_formats_and_crs_agree(town, save, name):
    """The same town from another format, and from degrees, gives the same map."""
    one = geo.load_area(geo.AreaInputs(buildings=save(town, "town.gpkg"), crs="EPSG:2154"))
    other = town.to_crs(4326) if name == "t.geojson" else town
    two = geo.load_area(geo.AreaInputs(buildings=save(other, name), crs="EPSG:2154"))
    assert one.crs == two.crs
    by_id = two.buildings.set_index("building_id").loc[one.buildings.building_id]
    np.testing.assert_allclose(by_id.height_m, one.buildings.height_m)
    np.testing.assert_allclose(by_id.geometry.area, one.buildings.area, rtol=1e-3)
    assert float((one.surface.building > 0).mean()) == pytest.approx(
        float((two.surface.building > 0).mean()), rel=0.03
    )
    assert float(one.pixels.residents.sum()) == pytest.approx(
        float(two.pixels.residents.sum()), rel=1e-3
    )


def test_moving_the_district_changes_nothing(town, save):
    one = geo.load_area(geo.AreaInputs(buildings=save(town, "a.gpkg")))
    moved = town.set_geometry(town.translate(1230.0, -450.0))
    two = geo.load_area(geo.AreaInputs(buildings=save(moved, "b.gpkg")))
    for name in ("building", "building_height_m", "residents", "inside"):
        np.testing.assert_array_equal(one.pixels[name], two.pixels[name])
    np.testing.assert_array_equal(one.surface.building, two.surface.building)


def test_order_of_buildings_changes_nothing_but_their_numbers(town, save):
    one = geo.load_area(geo.AreaInputs(buildings=save(town, "a.gpkg")))
    two = geo.load_area(geo.AreaInputs(buildings=save(town.iloc[::-1], "b.gpkg")))
    np.testing.assert_array_equal(one.pixels.building_height_m, two.pixels.building_height_m)
    np.testing.assert_allclose(one.pixels.residents, two.pixels.residents, rtol=1e-6)


def test_pixels_say_what_the_fine_grid_says_at_their_centre(town, save):
    town = town.set_geometry(town.rotate(30, origin=(X, Y)))  # walls that follow no pixel edge
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "town.gpkg")))
    at = area.surface.sel(x=area.pixels.x, y=area.pixels.y, method="nearest")
    np.testing.assert_array_equal(at.building, area.pixels.building)


@pytest.mark.parametrize(("pixel", "fine"), [(5.0, 2.0), (10.0, 1.0), (2.5, 0.5), (3.0, 2.0)])
def test_grids_share_their_bounds_at_any_pixel(town, save, pixel, fine):
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t.gpkg"), pixel_m=pixel, surface_pixel_m=fine)
    )
    west, south, east, north = area.pixels.attrs["bounds"]
    for grid, step in ((area.pixels, pixel), (area.surface, fine)):
        assert float(grid.x[0]) - step / 2 == pytest.approx(west)
        assert float(grid.x[-1]) + step / 2 == pytest.approx(east)
        assert float(grid.y[0]) + step / 2 == pytest.approx(north)
        assert float(grid.y[-1]) - step / 2 == pytest.approx(south)
    box_of = area.buildings.total_bounds
    assert west <= box_of[0]
    assert south <= box_of[1]
    assert east >= box_of[2]
    assert north >= box_of[3]


def test_boundary_marks_what_counts_and_margin_keeps_neighbours(town, save):
    import geopandas as gpd

    inner = gpd.GeoDataFrame(geometry=[box(X + 70, Y + 70, X + 150, Y + 150)], crs=2154)
    area = geo.load_area(
        geo.AreaInputs(
            buildings=save(town, "t.gpkg"),
            boundary=save(inner.to_crs(4326), "b.geojson"),
            margin_m=30.0,
        )
    )
    assert int(area.pixels.inside.sum()) * 25 == pytest.approx(80 * 80, rel=0.05)
    west, _, east, _ = area.pixels.attrs["bounds"]
    assert west == pytest.approx(X + 40, abs=0.5)
    assert east == pytest.approx(X + 180, abs=0.5)
    assert 4 < len(area.buildings) < len(town)


def test_houses_cut_by_the_edge_count_with_their_share(town, save):
    import geopandas as gpd

    half = gpd.GeoDataFrame(geometry=[box(X, Y, X + 10, Y + SIDE * STEP)], crs=2154)
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t.gpkg"), boundary=save(half, "b.gpkg"), margin_m=0.0)
    )
    cut = shapely.area(shapely.clip_by_rect(area.buildings.geometry, *area.pixels.attrs["bounds"]))
    share = cut / area.buildings.area
    wanted = (area.buildings.residents * share).sum()
    assert float(area.pixels.residents.sum()) == pytest.approx(wanted, rel=1e-5)


def test_streets_get_one_line_a_row_with_width_and_level(streets, town, save):
    streets["lanes"] = [2, 1, None, None, None]
    streets["bridge"] = [None, "yes", None, None, None]
    streets["tunnel"] = [None, None, "yes", "no", None]
    streets["highway"] = ["residential", "primary", "primary", "footway", "proposed"]
    parts = shapely.MultiLineString([streets.geometry[0], streets.geometry[1]])
    streets.loc[0, "geometry"] = parts
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t.gpkg"), streets=save(streets, "s.gpkg"))
    )
    s = area.streets.set_index("street_id")
    assert s.index.tolist() == ["1", "1/2", "2", "3", "4"]  # the planned street is left out
    assert (s.geom_type == "LineString").all()
    assert s.width_m.tolist() == [6.0, 6.0, 3.0, 5.0, 2.0]
    assert s.level.tolist() == [0, 0, 1, -1, 0]


def test_surface_model_gives_heights_trees_and_ground(town, save, save_raster):
    town["height_m"] = np.nan
    town["floors"] = np.nan
    x = X - 100 + (np.arange(600) + 0.5)
    y = Y + 400 - (np.arange(600) + 0.5)
    xx, yy = np.meshgrid(x, y)
    dsm = ground(xx, yy)
    houses = shapely.union_all(town.geometry)
    dsm = dsm + np.where(shapely.contains_xy(houses, xx, yy), 14.0, 0.0)
    tree = (np.abs(xx - (X + 30)) < 4) & (np.abs(yy - (Y + 30)) < 4)
    dsm = (dsm + np.where(tree, 7.0, 0.0)).astype("float32")
    inputs = geo.AreaInputs(
        buildings=save(town, "t.gpkg"),
        terrain=save_raster(plane()),
        surface=save_raster(dsm, "dsm.tif", pixel=1.0),
    )
    area = geo.load_area(inputs)
    assert (area.buildings.height_source == "surface").all()
    np.testing.assert_allclose(area.buildings.height_m, 14.0, atol=0.3)
    at = area.surface.sel(x=X + 30, y=Y + 30, method="nearest")
    assert float(at.surface_amsl_m - at.ground_amsl_m) == pytest.approx(7.0, abs=0.2)
    assert int(at.building) == 0


def test_attributions_and_assumptions_are_said(town, save):
    source = geo.Source(save(town, "t.gpkg"), attribution="The Town")
    area = geo.load_area(geo.AreaInputs(buildings=source, attributions=("A Survey",)))
    assert area.attributions == ("A Survey", "The Town")
    assert list(area.assumptions.columns) == ["subject", "rule", "share", "count"]
    heights = area.assumptions[area.assumptions.subject == "building height"]
    assert heights["count"].sum() == len(area.buildings)
    assert heights["share"].sum() == pytest.approx(1.0)
    people = area.assumptions[area.assumptions.subject == "residents"]
    assert people["count"].sum() == pytest.approx(area.buildings.residents.sum())
    assert "constant 0 m" in area.assumptions.set_index("subject").rule["ground"]


def test_progress_grows_to_one(town, save):
    told: list[float] = []
    geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg")), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_load_raises_all_faults_at_once(town, save, tmp_path):
    town.loc[3, "height_m"] = -4.0
    inputs = geo.AreaInputs(
        buildings=save(town, "t.gpkg"), terrain=tmp_path / "no.tif", streets=tmp_path / "no.shp"
    )
    with pytest.raises(MapError) as caught:
        geo.load_area(inputs)
    assert {fault.code for fault in caught.value.faults} >= {
        "buildings.height-range",
        "terrain.missing-file",
        "streets.missing-file",
    }


def test_town_is_what_the_tests_believe():
    assert len(make_town()) == SIDE**2
    assert len(make_streets()) == SIDE - 1
    assert make_town().area.max() == HOUSE**2
