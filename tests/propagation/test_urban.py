"""The urban path: its turning law, its bounds, and its level in a real city."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cellwright.geo import load_area, read_district, receivers, shipped_district
from cellwright.propagation import (
    bent_canyon_db,
    model,
    sight,
    street_graph,
    sweep,
    urban_loss,
    urban_map,
    urban_paths,
)
from cellwright.propagation.lateral import leg_db, turn

GHZ = 3.5


def crossing(width_m: float = 14.0, roof_m: float = 20.0, half_m: float = 200.0) -> xr.Dataset:
    """Two streets that cross between four blocks."""
    x = np.arange(-half_m + 1.0, half_m, 2.0)
    y = x[::-1]
    block = (abs(x) > width_m / 2.0) & (abs(y)[:, None] > width_m / 2.0)
    label = np.where(block, 1 + (x > 0) + 2 * (y[:, None] > 0), 0)
    layers = {
        "surface_amsl_m": np.where(block, roof_m, 0.0),
        "ground_amsl_m": np.zeros(block.shape),
        "building": label,
    }
    return xr.Dataset({n: (("y", "x"), v) for n, v in layers.items()}, {"x": x, "y": y})


def at(points, height_m=1.5, building=0) -> xr.Dataset:
    x, y = np.array(points, float).T
    columns = {
        "x_m": x,
        "y_m": y,
        "ground_amsl_m": 0.0 * x,
        "height_m": 0.0 * x + height_m,
        "building": np.broadcast_to(building, x.shape),
    }
    return xr.Dataset({n: ("receiver", v) for n, v in columns.items()})


def loss_at(surface, phone, place, f=GHZ, **other):
    ready = urban_map(surface, phone, rays_per_pixel=2.0)
    paths = urban_paths(ready, *place)
    return urban_loss(ready, paths, *place, f, **other)


def free_db(slant_m, f=GHZ):
    return 92.4 + 20.0 * np.log10(f * np.asarray(slant_m) / 1000.0)


def test_a_right_angle_costs_what_p1411_says():
    """Equations (19) to (22) with a street of no width, over free space up to the corner."""
    way, beyond = 80.0, np.array([5.0, 15.0, 31.0, 60.0, 150.0])
    straight = free_db(way)
    reference = bent_canyon_db(GHZ, way, beyond + 0.5, 1.0, straight).loss_db - straight
    ours = np.array([leg_db(way, leg, 1.0, 1.0, False) for leg in beyond])
    assert np.abs(ours - reference).max() < 3.5
    assert (np.diff(ours) > 0.0).all()


def test_turns_cost_more_the_sharper():
    cost = [turn(np.cos(angle)) for angle in np.linspace(0.0, np.pi, 50)]
    assert (np.diff(cost) >= 0.0).all()
    assert cost[0] == 0.0
    assert leg_db(50.0, 100.0, 0.0, 0.0, True) == pytest.approx(20.0 * np.log10(3.0))


def test_around_the_corner_beats_the_way_over_the_roofs():
    surface, pole = crossing(), (0.3, -80.2, 8.0)
    phone = at([(40.0, 0.5), (80.0, 0.5), (150.0, 0.5)])
    both, seen = loss_at(surface, phone, pole)
    over, _ = loss_at(surface, phone, pole, lateral_path=False)
    assert not seen.any()
    assert (over - both > 10.0).all()
    way = 80.0 + phone.x_m.to_numpy()
    excess = both - free_db(way)
    assert (excess > 10.0).all()
    assert (excess < 40.0).all()
    assert (np.diff(both) > 0.0).all()


def test_in_sight_it_is_free_space():
    surface, pole = crossing(), (0.3, -80.2, 8.0)
    phone = at([(0.5, -20.0), (0.5, 60.0)])
    loss, seen = loss_at(surface, phone, pole)
    assert seen.all()
    slant = np.hypot(phone.y_m.to_numpy() + 80.2, 6.5)
    assert loss == pytest.approx(free_db(slant), abs=3.0)


def test_a_turned_town_gives_the_same_losses():
    phone, pole = [(40.0, 0.5), (150.0, 0.5), (90.0, -0.5)], (0.3, -80.2, 8.0)
    loss, _ = loss_at(crossing(), at(phone), pole)
    turned, _ = loss_at(crossing(), at([(y, -x) for x, y in phone]), (-80.2, -0.3, 8.0))
    assert loss == pytest.approx(turned, abs=2.5), "as near as 2 m pixels allow"


def test_a_closed_yard_is_reached_over_the_roofs_only():
    surface = crossing()
    for name, value in (("surface_amsl_m", 0.0), ("building", 0)):
        surface[name][20:30, 20:30] = value  # a yard inside the north-west block
    phone = at([(-150.0, 150.0)])
    both, _ = loss_at(surface, phone, (0.3, -80.2, 8.0))
    over, _ = loss_at(surface, phone, (0.3, -80.2, 8.0), lateral_path=False)
    assert np.isfinite(both).all()
    assert (both <= over + 1e-3).all()


def test_above_6_ghz_and_without_any_building():
    surface = crossing(roof_m=0.0)
    surface["building"][:] = 0
    phone = at([(40.0, 30.0), (150.0, -90.0)])
    loss, seen = loss_at(surface, phone, (0.3, -80.2, 10.0), f=26.0)
    assert seen.all()
    slant = np.sqrt((phone.x_m - 0.3) ** 2 + (phone.y_m + 80.2) ** 2 + 8.5**2)
    assert loss == pytest.approx(free_db(slant, 26.0), abs=1.0)


@pytest.fixture(scope="module")
def nantes():
    area = load_area(read_district(shipped_district("nantes")))
    phones = receivers(area)
    return area, phones, urban_map(area.surface, phones, street_graph(area.surface))


def rooftops(area, count):
    tall = area.buildings[area.buildings["height_m"].between(18.0, 30.0)]
    for row in tall.sample(count, random_state=2).itertuples():
        spot = row.geometry.representative_point()
        own = area.buildings.index.get_loc(row.Index) + 1
        i = abs(area.surface.y.to_numpy() - spot.y).argmin()
        j = abs(area.surface.x.to_numpy() - spot.x).argmin()
        ground = float(area.surface["ground_amsl_m"].to_numpy()[i, j])
        yield (spot.x, spot.y, ground + row.height_m + 4.0), own


def test_a_street_a_kilometre_off_is_as_dark_as_uma_says_not_as_the_vertical_plane(nantes):
    area, phones, ready = nantes
    both, over = [], []
    for place, own in rooftops(area, 8):
        paths = urban_paths(ready, *place, own_building=own, reach_m=1200.0)
        kept = {"own_building": own, "reach_m": 1200.0}
        loss, seen = urban_loss(ready, paths, *place, GHZ, **kept)
        alone, _ = urban_loss(ready, paths, *place, GHZ, lateral_path=False, **kept)
        far = np.hypot(phones.x_m - place[0], phones.y_m - place[1]).to_numpy()
        pick = (phones.place.to_numpy() == 0) & (seen == 0) & (abs(far - 1000.0) < 100.0)
        both.append((loss - free_db(far))[pick])
        over.append((alone - free_db(far))[pick])
        assert np.isfinite(loss[far < 1190.0]).all(), "no hole in the map"
        others = phones.building.to_numpy() != own
        assert (loss <= alone + 1e-3)[others].all()
    mean, dark = np.concatenate(both).mean(), np.concatenate(over).mean()
    uma = float(model("uma").loss_db(1000.0, GHZ, 25.0, 1.5, False) - free_db(1000.0))
    assert abs(mean - uma) < 4.0, f"{mean:.1f} dB against {uma:.1f} dB of UMa"
    assert dark > mean + 3.0


def test_sight_is_that_of_the_sight_engine(nantes):
    area, phones, ready = nantes
    for place, own in rooftops(area, 3):
        paths = urban_paths(ready, *place, own_building=own, reach_m=800.0)
        _, seen = urban_loss(ready, paths, *place, GHZ, own_building=own, reach_m=800.0)
        other = sight(area.surface, *place, phones, 800.0, own)
        far = np.hypot(phones.x_m - place[0], phones.y_m - place[1]).to_numpy()
        assert (seen != other)[far < 790.0].mean() < 0.02
        assert (seen[phones.building.to_numpy() == own] == 0).all()


def test_the_width_of_what_a_sweep_for_edges_writes(nantes):
    _, _, ready = nantes
    paths = urban_paths(ready, *ready.place[:2, 0], 80.0, reach_m=100.0)
    assert paths.shape == (ready.building.size, sweep.EDGES_SIZE)
