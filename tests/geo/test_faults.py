"""Bad input: every fault at once, with its place and its cure, and never a traceback."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Polygon, box

from cellwright import geo
from cellwright.errors import InputError, MapError

from .conftest import X, Y, plane


def faults(**inputs):
    found = geo.check_area(geo.AreaInputs(**inputs))
    return {fault.code: fault for fault in found}


def swapped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(
        shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=frame.crs
    )


def turned(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(frame.rotate(30, origin=(X, Y)))


def test_good_town_has_no_faults(town, streets, save, save_raster):
    assert (
        faults(
            buildings=save(town, "t.gpkg"),
            streets=save(streets, "s.gpkg"),
            terrain=save_raster(plane()),
        )
        == {}
    )


# -- coordinates -----------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_missing_crs(town, save):
    path = save(town.set_crs(None, allow_override=True), "t.shp")
    found = faults(buildings=path)
    assert found["buildings.no-crs"].severity == "error"
    assert faults(buildings=geo.Source(path, crs="EPSG:2154")) == {}
    assert "buildings.unknown-crs" in faults(buildings=geo.Source(path, crs="EPSG:0"))


def test_degrees_given_as_metres(town, save):
    path = save(town.to_crs(4326).set_crs(2154, allow_override=True), "t.gpkg")
    found = faults(buildings=path)["buildings.degrees-as-metres"]
    assert "EPSG:4326" in found.cure
    assert faults(buildings=geo.Source(path, crs="EPSG:4326")) == {}


def test_metres_given_as_degrees(town, save):
    path = save(town.set_crs(4326, allow_override=True), "t.gpkg")
    assert "buildings.metres-as-degrees" in faults(buildings=path)


def test_swapped_projected_axes(town, save):
    found = faults(buildings=save(swapped(town), "t.gpkg"))["buildings.swapped-axes"]
    assert "x is east" in found.cure


def test_swapped_degrees_are_seen_by_the_corners_of_houses(town, save):
    right = turned(town).to_crs(4326)
    assert faults(buildings=save(right, "right.geojson")) == {}
    found = faults(buildings=save(swapped(right), "wrong.geojson"))
    assert "buildings.swapped-axes" in found


def test_swapped_degrees_are_seen_by_the_crs_asked_for(town, save):
    path = save(swapped(town.to_crs(4326)), "t.geojson")
    found = faults(buildings=path, crs="EPSG:2154")["area.crs"]
    assert "swapped" in found.message


def test_latitude_beyond_the_pole(town, save):
    east = town.to_crs(4326)
    east = swapped(east.set_geometry(east.translate(130.0)))
    assert "buildings.swapped-axes" in faults(buildings=save(east, "t.geojson"))


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4326", "EPSG:2248", "EPSG:99999", "Lambert"])
def test_crs_without_true_metres_is_refused(town, save, crs):
    assert "area.crs" in faults(buildings=save(town, "t.gpkg"), crs=crs)


@pytest.mark.parametrize(
    ("crs", "wanted"),
    [(3857, "EPSG:32630"), (4326, "EPSG:32630"), (2154, "EPSG:2154"), (25830, "EPSG:25830")],
)
def test_crs_is_the_buildings_own_if_metric_else_utm(town, save, crs, wanted):
    area = geo.load_area(geo.AreaInputs(buildings=save(town.to_crs(crs), "t.gpkg")))
    assert area.crs == wanted
    assert area.buildings.area.sum() == pytest.approx(town.area.sum(), rel=2e-3)


def test_a_local_crs_without_a_name_becomes_utm(town, save):
    local = "+proj=tmerc +lon_0=-1.5 +x_0=5000 +y_0=-5220000 +ellps=krass +towgs84=24,-141,-80"
    area = geo.load_area(geo.AreaInputs(buildings=save(town.to_crs(local), "t.gpkg")))
    assert area.crs == "EPSG:32630"


def test_an_engineering_crs_is_no_place(town, save):
    local = (
        'ENGCRS["local",EDATUM["x"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],'
        'LENGTHUNIT["metre",1]]'
    )
    path = save(town.set_crs(local, allow_override=True), "t.gpkg")
    assert "buildings.unknown-crs" in faults(buildings=path)


@pytest.mark.parametrize(
    "settings",
    [{"pixel_m": 0.0}, {"storey_height_m": 30.0}, {"pixel_m": 7.31, "surface_pixel_m": 1.9}],
)
def test_settings_out_of_range(settings):
    with pytest.raises(InputError, match=r"allowed|common multiple"):
        geo.AreaInputs(buildings="t.gpkg", **settings)


def test_one_building_far_away(town, save):
    town.loc[8, "geometry"] = box(X + 3e5, Y, X + 3e5 + 10, Y + 10)
    found = faults(buildings=save(town, "t.gpkg"))["buildings.far-away"]
    assert found.row == 9


def test_map_too_large(town, save):
    town.loc[8, "geometry"] = box(X + 2e5, Y + 2e5, X + 2e5 + 10, Y + 2e5 + 10)
    bound = gpd.GeoDataFrame(geometry=[box(X, Y, X + 2e5, Y + 2e5)], crs=2154)
    assert "area.too-large" in faults(
        buildings=save(town, "t.gpkg"), boundary=save(bound, "b.gpkg")
    )


# -- footprints ------------------------------------------------------------------------------


def test_bowties_duplicates_and_nothings_are_mended_and_counted(town, save):
    town.loc[0, "geometry"] = Polygon([(X, Y), (X + 20, Y + 20), (X + 20, Y), (X, Y + 20)])
    town.loc[1, "geometry"] = town.geometry[2]
    town.loc[1, "height_m"] = 99.0
    town.loc[4, "geometry"] = None
    town.loc[5, "geometry"] = Polygon()
    path = save(town, "t.gpkg")
    found = faults(buildings=path)
    assert {fault.severity for fault in found.values()} == {"warning"}
    assert found["buildings.invalid-footprint"].row == 1
    assert found["buildings.duplicate-footprint"].row == 3
    assert found["buildings.empty-shapes"].count == 2
    area = geo.load_area(geo.AreaInputs(buildings=path))
    assert len(area.buildings) == 36 - 3
    assert area.buildings.is_valid.all()
    assert area.buildings.height_m.max() == 99.0  # of two equal footprints the taller is kept
    assert "buildings.duplicate-footprint" in set(area.assumptions.subject)


def test_heights_that_cannot_be(town, save):
    town["height_m"] = town["height_m"].astype(float)
    wrong = {3: -5.0, 7: 3000.0, 9: 0.0, 11: -9999.0, 12: 3.4e38, 13: -32768.0, 14: 0.2}
    for row, value in wrong.items():
        town.loc[row, "height_m"] = value
    found = list(geo.check_area(geo.AreaInputs(buildings=save(town, "t.gpkg"))))
    errors = {fault.row: fault for fault in found if fault.severity == "error"}
    assert set(errors) == {4, 8, 15}  # rows as a user counts them, from 1
    assert "centimetres" in errors[8].cure
    assert "0.5 to 850 m" in errors[4].message
    unknown = {fault.code: fault.count for fault in found if fault.severity == "warning"}
    assert unknown == {"buildings.height_m-nodata": 3, "buildings.height-zero": 1}


def test_many_wrong_heights_are_counted_not_listed(town, save):
    town["height_m"] *= 100
    found = list(geo.check_area(geo.AreaInputs(buildings=save(town, "t.gpkg"))))
    assert len(found) < 15
    assert sum(fault.count for fault in found) == 36


def test_points_are_no_buildings(town, save):
    path = save(town.set_geometry(town.centroid), "t.gpkg")
    assert "buildings.not-polygons" in faults(buildings=path)


def test_three_dimensions_become_two(town, save):
    solid = town.set_geometry(shapely.force_3d(town.geometry.to_numpy(), z=7.0), crs=2154)
    area = geo.load_area(geo.AreaInputs(buildings=save(solid, "t.gpkg")))
    assert not area.buildings.has_z.any()


# -- files -----------------------------------------------------------------------------------


def test_files_that_are_not_there_empty_or_junk_all_at_once(tmp_path, town, save):
    good = save(town, "good.gpkg")
    (tmp_path / "zero.gpkg").write_bytes(b"")
    (tmp_path / "junk.tif").write_bytes(b"junk" * 100)
    (tmp_path / "cut.geojson").write_text('{"type":"FeatureCollection","features":[{')
    found = faults(
        buildings=tmp_path / "godo.gpkg",
        terrain=tmp_path / "junk.tif",
        streets=tmp_path / "cut.geojson",
        population=tmp_path / "zero.gpkg",
    )
    assert set(found) == {
        "buildings.missing-file",
        "terrain.unreadable",
        "streets.unreadable",
        "population.empty-file",
    }
    assert good.name in found["buildings.missing-file"].cure
    assert all("/" not in f.message or "GDAL" in f.message for f in found.values())


def test_empty_layer(town, save):
    assert "buildings.empty" in faults(buildings=save(town.iloc[:0], "t.gpkg"))


def test_a_shapefile_alone(town, save, tmp_path):
    path = save(town, "t.shp")
    (tmp_path / "t.shx").unlink()
    assert "needs its .shx" in faults(buildings=path)["buildings.unreadable"].cure


def test_which_layer(town, streets, save):
    path = save(town, "t.gpkg", layer="a")
    save(streets, "t.gpkg", layer="b")
    assert "buildings.which-layer" in faults(buildings=path)
    assert '"a"' in faults(buildings=geo.Source(path, layer="aa"))["buildings.missing-layer"].cure
    assert faults(buildings=geo.Source(path, layer="a")) == {}


def test_layers_are_found_by_their_names(town, streets, save):
    path = save(town, "t.gpkg", layer="batiments")
    save(streets, "t.gpkg", layer="roads_2024")
    assert faults(buildings=path, streets=path) == {}


def test_columns_that_are_not_there(town, save):
    source = geo.Source(save(town, "t.gpkg"), columns={"height_m": "hight_m", "flors": "floors"})
    found = faults(buildings=source)
    assert found["buildings.missing-column"].cure == 'Did you mean "height_m"?'
    assert found["buildings.unknown-column"].cure == 'Did you mean "floors"?'


def test_wrong_encodings(town, streets, save, tmp_path):
    good = save(town, "t.gpkg")
    latin = save(streets, "latin.shp", encoding="ISO-8859-1")
    assert "streets.encoding" in faults(buildings=good, streets=geo.Source(latin, encoding="utf-8"))
    streets["name"] = "улица"
    utf8 = save(streets, "utf8.shp", encoding="UTF-8")
    (tmp_path / "utf8.cpg").unlink()
    assert faults(buildings=good, streets=utf8)["streets.encoding"].severity == "warning"
    assert faults(buildings=good, streets=geo.Source(utf8, encoding="utf-8")) == {}
    table = tmp_path / "p.csv"
    table.write_bytes("lon;lat;people;ville\n-1.55;47.2;10;Orléans\n".encode("latin-1"))
    assert "population.encoding" in faults(buildings=good, population=table)


# -- rasters and other layers ----------------------------------------------------------------


def test_terrain_that_does_not_cover_the_map(town, save, save_raster):
    good = save(town, "t.gpkg")
    half = faults(buildings=good, terrain=save_raster(plane()[:, :40], "half.tif"))
    assert "%" in half["terrain.gaps"].message
    assert half["terrain.gaps"].severity == "error"
    away = save_raster(plane(), "away.tif", west=X + 90_000)
    assert "90 km" in faults(buildings=good, terrain=away)["terrain.no-overlap"].message


def test_sentinels_and_small_gaps_are_filled_and_said(town, save, save_raster):
    values = plane()
    values[60:62, 30:32], values[50, 50], values[51, 40] = -9999.0, -32768.0, 3.4e38
    found = faults(buildings=save(town, "t.gpkg"), terrain=save_raster(values))
    assert found["terrain.sentinel"].count == 6
    assert found["terrain.gaps"].severity == "warning"
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t2.gpkg"), terrain=save_raster(values))
    )
    clean = geo.load_area(
        geo.AreaInputs(buildings=save(town, "t3.gpkg"), terrain=save_raster(plane(), "clean.tif"))
    )
    difference = np.abs(area.surface.ground_amsl_m - clean.surface.ground_amsl_m)
    assert float(difference.max()) < 0.5


def test_terrain_of_nothing_or_in_centimetres(town, save, save_raster):
    good = save(town, "t.gpkg")
    assert "terrain.no-heights" in faults(
        buildings=good, terrain=save_raster(np.full((120, 120), -9999.0, "float32"))
    )
    assert "terrain.no-heights" in faults(
        buildings=good, terrain=save_raster(np.full((120, 120), np.nan, "float32"), "n.tif")
    )
    assert "terrain.unit" in faults(buildings=good, terrain=save_raster(plane() * 1000, "cm.tif"))
    assert "terrain.no-crs" in faults(
        buildings=good, terrain=save_raster(plane(), "x.tif", crs=None)
    )


def test_layers_that_do_not_meet(town, streets, save):
    good = save(town, "t.gpkg")
    east = streets.set_geometry(streets.translate(50_000.0))
    assert "streets.no-overlap" in faults(buildings=good, streets=save(east, "s.gpkg"))
    turned_round = swapped(streets.to_crs(4326))
    assert (
        "swapped"
        in faults(buildings=good, streets=save(turned_round, "s.geojson"))[
            "streets.no-overlap"
        ].cure
    )
    bound = gpd.GeoDataFrame(geometry=[box(X + 1e5, Y, X + 1e5 + 100, Y + 100)], crs=2154)
    assert (
        "100.0 km"
        in faults(buildings=good, boundary=save(bound, "b.gpkg"))["boundary.no-overlap"].message
    )


def test_boundary_may_be_a_closed_line_but_not_an_open_one(town, save):
    good = save(town, "t.gpkg")
    ring = box(X + 50, Y + 50, X + 150, Y + 150).exterior
    closed = gpd.GeoDataFrame(geometry=[LineString(ring.coords)], crs=2154)
    area = geo.load_area(geo.AreaInputs(buildings=good, boundary=save(closed, "c.gpkg")))
    assert area.boundary.area == pytest.approx(10_000.0)
    opened = gpd.GeoDataFrame(geometry=[LineString(ring.coords[:-1])], crs=2154)
    assert "boundary.not-a-polygon" in faults(buildings=good, boundary=save(opened, "o.gpkg"))


def test_population_without_people(town, streets, save):
    path = save(streets, "p.gpkg")
    assert "population.no-residents" in faults(buildings=save(town, "t.gpkg"), population=path)


def test_a_message_names_file_row_range_and_cure(town, save):
    town.loc[6, "height_m"] = 3000.0
    with pytest.raises(MapError, match=r"t\.gpkg row 7: .*3000 m; .*0\.5 to 850 m.*centimetres"):
        geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg")))


# -- heights that nobody knows, and heights of another kind -----------------------------------


def test_a_district_without_heights_says_so(town, save):
    bare = save(town.drop(columns=["height_m", "floors"]), "t.gpkg")
    found = faults(buildings=bare)["buildings.no-heights"]
    assert found.severity == "warning"
    assert found.count == len(town)
    assert "default_height_m" in found.cure
    assert faults(buildings=bare, default_height_m=12.0) == {}


def test_surface_below_the_terrain(town, save, save_raster):
    ground = plane()
    low = save_raster(ground - 50, name="low.tif")
    found = faults(buildings=save(town, "t.gpkg"), terrain=save_raster(ground), surface=low)
    assert found["surface.below-terrain"].severity == "error"
    assert "-50.0 m" in found["surface.below-terrain"].message


def test_heights_in_feet_are_taken_as_feet(town, save, save_raster):
    import rasterio

    path, metres = save_raster(plane() / np.float32(0.3048)), save_raster(plane(), name="m.tif")
    with rasterio.open(path, "r+") as raster:
        raster.set_band_unit(1, "ft")
    town_file = save(town, "t.gpkg")
    read = geo.AreaInputs(buildings=town_file, terrain=path)
    assert "terrain.feet" in {fault.code for fault in geo.check_area(read)}
    true = geo.load_area(geo.AreaInputs(buildings=town_file, terrain=metres))
    np.testing.assert_allclose(
        geo.load_area(read).surface.ground_amsl_m, true.surface.ground_amsl_m, atol=1e-3
    )


def test_people_as_points_with_decimal_commas(town, save, tmp_path):
    lonlat = town.centroid.to_crs(4326)
    rows = [f"{p.x:.6f};{p.y:.6f};7,5".replace(".", ",") for p in lonlat]
    path = tmp_path / "people.csv"
    path.write_text("lon;lat;people\n" + "\n".join(rows) + "\n")
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg"), population=path))
    assert area.buildings["residents"].sum() == pytest.approx(7.5 * len(town))
