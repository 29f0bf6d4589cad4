"""Missing heights: the stated rule, in its order."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright import geo


def test_rule_in_order(town, save):
    town["use"] = ["residential", "commercial"] * 18
    town["height_m"] = np.where(town.use == "residential", 12.0, 24.0)
    town.loc[[5, 6, 7], "height_m"] = np.nan
    town["floors"] = np.nan
    town.loc[5, "floors"] = 4
    area = geo.load_area(
        geo.AreaInputs(
            buildings=save(town, "t.gpkg"), storey_height_m=3.2, neighbour_radius_m=100.0
        )
    )
    b = area.buildings
    assert b.height_source[[4, 5, 6, 7]].tolist() == ["given", "levels", "neighbours", "neighbours"]
    assert b.height_m[5] == pytest.approx(12.8)
    assert b.height_m[6] == 12.0  # residential neighbours first
    assert b.height_m[7] == 24.0


def test_default_where_nobody_is_near(town, save):
    town["height_m"] = np.nan
    town["floors"] = np.nan
    path = save(town, "t.gpkg")
    area = geo.load_area(geo.AreaInputs(buildings=path))
    assert (area.buildings.height_source == "default").all()
    assert (area.buildings.height_m == 6.0).all()
    area = geo.load_area(geo.AreaInputs(buildings=path, default_height_m=11.0))
    assert (area.buildings.height_m == 11.0).all()


def test_default_is_the_districts_median_where_many_are_known(town, save):
    town.loc[35, "height_m"] = np.nan
    town.loc[35, "floors"] = np.nan
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg"), neighbour_radius_m=1.0))
    assert area.buildings.height_source[35] == "default"
    assert area.buildings.height_m[35] == np.median(town.height_m[:35])


def test_sheds_do_not_borrow_from_towers(town, save):
    from shapely.geometry import box

    x, y, *_ = town.geometry[14].bounds
    town.loc[14, "geometry"] = box(x, y, x + 4, y + 4)
    town.loc[14, ["height_m", "floors"]] = np.nan
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg")))
    assert area.buildings.height_m[14] == 3.0


@pytest.mark.parametrize(
    ("text", "metres"),
    [("12", 12.0), ("12 m", 12.0), ("12,5", 12.5), ("40'", 12.192), ("40 ft", 12.192)],
)
def test_heights_written_as_text(town, save, text, metres):
    town["height_m"] = text
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg")))
    np.testing.assert_allclose(area.buildings.height_m, metres)


@pytest.mark.parametrize(
    "name",
    ["height", "HAUTEUR", "building:height", "measuredHeight", "Height_M", "HEIGHT_FT", "hoehe"],
)
def test_height_under_other_names(town, save, name):
    area = geo.load_area(
        geo.AreaInputs(buildings=save(town.rename(columns={"height_m": name}), "t.gpkg"))
    )
    factor = 0.3048 if name.endswith("FT") else 1.0
    np.testing.assert_allclose(area.buildings.height_m, town.height_m * factor)


def test_shapefile_cuts_names_to_ten_letters(town, save):
    town = town.rename(columns={"floors": "building_levels"}).drop(columns="height_m")
    with pytest.warns(UserWarning, match="10 characters"):
        path = save(town, "t.shp")
    area = geo.load_area(geo.AreaInputs(buildings=path))
    assert (area.buildings.height_source == "levels").all()


def test_explicit_mapping_wins(town, save):
    town["egouts"] = 17.0
    source = geo.Source(save(town, "t.gpkg"), columns={"height_m": "egouts"})
    assert (geo.load_area(geo.AreaInputs(buildings=source)).buildings.height_m == 17.0).all()


def test_storeys_that_do_not_fit_are_counted_anew(town, save):
    town["floors"] = 9
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "t.gpkg")))
    np.testing.assert_array_equal(area.buildings.floors, np.round(town.height_m / 3.0))
    assert "too many" in " ".join(area.assumptions.rule)
