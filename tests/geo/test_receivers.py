"""Places where a phone can be: laws of the contract."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright import geo

from .conftest import X, Y


@pytest.fixture
def area(town, save):
    return geo.load_area(geo.AreaInputs(buildings=save(town, "town.gpkg")))


def test_one_receiver_per_pixel_and_one_more_per_tall_building_pixel(area):
    r = geo.receivers(area)
    p = area.pixels
    assert int((r.place == 0).sum()) == int((p.building == 0).sum())
    assert int((r.place == 1).sum()) == int((p.building > 0).sum())
    assert int((r.place == 2).sum()) == int(((p.building > 0) & (p.floors >= 2)).sum())


def test_nobody_is_lost_and_nobody_lives_outdoors(area):
    r = geo.receivers(area)
    assert float(r.residents.sum()) == pytest.approx(float(area.pixels.residents.sum()), rel=1e-6)
    assert float(r.residents[r.place == 0].sum()) == 0.0


def test_positions_are_pixel_centres(area):
    r = geo.receivers(area)
    np.testing.assert_array_equal(r.x_m, area.pixels.x.values[r.col.values])
    np.testing.assert_array_equal(r.y_m, area.pixels.y.values[r.row.values])
    np.testing.assert_array_equal(
        r.building, area.pixels.building.values[r.row.values, r.col.values]
    )


def test_heights_by_floor_stay_under_the_roof(area):
    r = geo.receivers(area, height_m=1.5)
    assert (r.height_m[r.place < 2] == 1.5).all()
    np.testing.assert_allclose(r.height_m[r.place == 2], 3.0 * (3 - 1) + 1.5)
    low = area.buildings.assign(floors=10)
    tall = geo.receivers(
        type(area)(
            **{
                **vars(area),
                "buildings": low,
                "pixels": area.pixels.assign(floors=area.pixels.floors * 0 + 10),
            }
        )
    )
    roof = np.r_[0.0, area.buildings.height_m][tall.building.values]
    top = tall.place.values == 2
    assert (tall.height_m.values[top] <= roof[top] - 1.0 + 1e-4).all()


def test_indoor_distance_is_to_the_open_air(town, save):
    """Two houses wall to wall: the way out of the inner corner is to the open, not next door."""
    from shapely.geometry import box

    town.loc[7, "geometry"] = box(X + 40, Y + 40, X + 60, Y + 80)  # touches house 8 above
    area = geo.load_area(geo.AreaInputs(buildings=save(town, "town.gpkg")))
    r = geo.receivers(area)
    assert (r.indoor_distance_m[r.place == 0] == 0).all()
    assert (r.indoor_distance_m[r.place > 0] > 0).all()
    lone = r.where((r.building == 15) & (r.place == 1), drop=True)
    edge = np.minimum.reduce(
        [lone.x_m - (X + 80), X + 100 - lone.x_m, lone.y_m - (Y + 80), Y + 100 - lone.y_m]
    )
    np.testing.assert_allclose(lone.indoor_distance_m, edge, atol=2.0)
    joint = r.where(
        (r.place == 1) & (abs(r.x_m - (X + 50)) < 3) & (abs(r.y_m - (Y + 80)) < 3), drop=True
    )
    assert joint.sizes["receiver"] > 0
    np.testing.assert_allclose(joint.indoor_distance_m, 10.0, atol=3.0)


@pytest.mark.parametrize("place", range(3))
def test_to_map_lays_values_back_on_their_pixels(area, place):
    r = geo.receivers(area)
    values = np.arange(r.sizes["receiver"], dtype=np.float32)
    laid = geo.to_map(values, r, place)
    assert laid.dims == ("y", "x")
    np.testing.assert_allclose(laid.x, area.pixels.x)
    np.testing.assert_allclose(laid.y, area.pixels.y)
    here = r.place.values == place
    np.testing.assert_array_equal(laid.values[r.row.values[here], r.col.values[here]], values[here])
    assert int(np.isfinite(laid).sum()) == int(here.sum())
    assert geo.to_map(values, r, geo.PLACES[place]).equals(laid)
