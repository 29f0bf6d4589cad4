"""Line of sight: against plain geometry, a slow oracle of the test's own, and laws that must hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import xarray as xr

from cellwright.errors import InputError, MapError
from cellwright.propagation import sight, sight_many

WEST, SOUTH = 354_000.0, 6_689_000.0


def plane(rows: int = 100, columns: int = 100, pixel: float = 2.0, level: float = 20.0) -> Any:
    """Flat open ground."""
    x = WEST + pixel * (np.arange(columns) + 0.5)
    y = SOUTH + pixel * (rows - np.arange(rows) - 0.5)
    return xr.Dataset(
        {
            "surface_amsl_m": (("y", "x"), np.full((rows, columns), level, np.float32)),
            "building": (("y", "x"), np.zeros((rows, columns), np.int32)),
        },
        coords={"x": x, "y": y},
    )


def build(surface: Any, number: int, rows: slice, columns: slice, height: float) -> None:
    surface["surface_amsl_m"].to_numpy()[rows, columns] += height
    surface["building"].to_numpy()[rows, columns] = number


def phones(*rows: tuple[float, float, float, int], level: float = 20.0) -> Any:
    """Receivers from (x, y, height, building), x and y from the south-west corner."""
    x, y, height, building = (list(column) for column in zip(*rows, strict=True))
    return people(np.array(x) + WEST, np.array(y) + SOUTH, height, building, level)


def people(x: Any, y: Any, height: Any, building: Any, level: Any = 20.0) -> Any:
    columns = {
        "x_m": np.asarray(x),
        "y_m": np.asarray(y),
        "ground_amsl_m": np.broadcast_to(level, np.shape(x)),
        "height_m": np.broadcast_to(height, np.shape(x)),
        "building": np.broadcast_to(np.int32(building), np.shape(x)),
    }
    return xr.Dataset({name: ("receiver", values) for name, values in columns.items()})


def town(seed: int = 3, size: int = 160) -> Any:
    """Random blocks on rolling ground, 2 m pixels."""
    rng = np.random.default_rng(seed)
    surface = plane(size, size)
    i, j = np.mgrid[:size, :size]
    surface["surface_amsl_m"].to_numpy()[:] += 3.0 * np.sin(i / 25.0) * np.cos(j / 30.0)
    for number in range(1, 90):
        top, left = rng.integers(0, size - 14, 2)
        area = slice(top, top + rng.integers(3, 14)), slice(left, left + rng.integers(3, 14))
        if not surface["building"].to_numpy()[area].any():
            build(surface, number, *area, float(rng.uniform(4.0, 25.0)))
    return surface


def crowd(surface: Any, count: int = 1500, seed: int = 8) -> Any:
    """Receivers anywhere in a town, at the ground or a few floors up where a building is."""
    rng = np.random.default_rng(seed)
    size = surface.sizes["x"]
    x = WEST + rng.uniform(0.0, 2.0 * size, count)
    y = SOUTH + rng.uniform(0.0, 2.0 * size, count)
    i = (size - (y - SOUTH) / 2.0).astype(int)
    j = ((x - WEST) / 2.0).astype(int)
    building = surface["building"].to_numpy()[i, j]
    height = np.where(building > 0, rng.uniform(1.5, 12.0, count), 1.5)
    return people(x, y, height, building, surface["surface_amsl_m"].to_numpy().min())


def slowly(surface: Any, x: float, y: float, antenna: float, person: Any, own: int = 0) -> int:
    """One receiver, step by step, in plain Python: the rules as the module states them."""
    roofs, labels = surface["surface_amsl_m"].to_numpy(), surface["building"].to_numpy()
    west, north = float(surface.x[0]) - 1.0, float(surface.y[0]) + 1.0
    home = int(person.building)
    if own and home == own:
        return 0
    east_m, north_m = float(person.x_m) - x, float(person.y_m) - y
    distance = math.hypot(east_m, north_m)
    rise = float(person.ground_amsl_m + person.height_m) - antenna

    def at(k: int) -> tuple[float, int]:
        part = 2.0 * k / distance
        i = math.floor((north - (y + part * north_m)) / 2.0)
        j = math.floor((x + part * east_m - west) / 2.0)
        if not (0 <= i < roofs.shape[0] and 0 <= j < roofs.shape[1]):
            return -math.inf, 0
        return float(roofs[i, j]), int(labels[i, j])

    def steepest(until: int) -> float:
        slopes = [-math.inf]
        for k in range(1, until + 1):
            roof, label = at(k)
            if not own or label != own:
                slopes.append((roof - antenna) / (2.0 * k))
        return max(slopes)

    last = math.ceil(distance / 2.0) - 1
    wall = last
    if home:
        for k in (last, last + 1, last - 1):
            if k > 0 and at(k)[1] == home:
                wall = k - 1
                while wall > 0 and at(wall)[1] == home:
                    wall -= 1
                break
    return int(rise / distance >= steepest(wall))


def one_by_one(crowd: Any) -> list[Any]:
    return [crowd.isel(receiver=i) for i in range(crowd.sizes["receiver"])]


def test_exact_rays_equal_the_slow_oracle() -> None:
    surface = town()
    persons = crowd(surface, 500)
    for x, y, antenna in ((161.3, 160.7, 31.0), (40.9, 250.3, 48.0)):
        x, y = WEST + x, SOUTH + y
        fast = sight_many(
            surface, x, y, antenna, persons, 400.0, exact=True, earth_radius_m=math.inf
        )[0]
        slow = [slowly(surface, x, y, antenna, person) for person in one_by_one(persons)]
        assert fast.tolist() == slow
        assert 0.05 < fast.mean() < 0.95


def test_exact_rays_over_the_own_roof_equal_the_slow_oracle() -> None:
    surface = town()
    persons = crowd(surface, 300)
    labels = surface["building"].to_numpy()
    i, j = np.argwhere(labels > 0)[200]
    own = int(labels[i, j])
    x, y = float(surface.x[j]) + 0.3, float(surface.y[i]) - 0.4
    antenna = float(surface["surface_amsl_m"][i, j]) + 2.0
    fast = sight_many(
        surface, x, y, antenna, persons, 400.0, own, exact=True, earth_radius_m=math.inf
    )[0]
    slow = [slowly(surface, x, y, antenna, person, own) for person in one_by_one(persons)]
    assert fast.tolist() == slow


def test_sweep_is_exact_on_its_own_rays() -> None:
    surface = town()
    x, y = WEST + 160.7, SOUTH + 161.3
    along = np.arange(3.0, 150.0, 1.7)
    ways = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]
    east = np.concatenate([a * along for a, _ in ways])
    north = np.concatenate([b * along for _, b in ways])
    persons = people(x + east, y + north, 1.5, 0, 20.0)
    swept = sight(surface, x, y, 34.0, persons, 400.0)
    exact = sight(surface, x, y, 34.0, persons, 400.0, exact=True)
    assert (swept == exact).all()
    assert 0.05 < swept.mean() < 0.95


def test_sweep_disagrees_with_exact_rays_only_beside_edges() -> None:
    surface = town()
    persons = crowd(surface, 20_000)
    x = WEST + np.array([160.7, 41.3, 290.1])
    y = SOUTH + np.array([161.3, 250.9, 33.7])
    places = (surface, x, y, [31.0, 45.0, 38.0], persons, 400.0)
    exact = sight_many(*places, exact=True)
    coarse = (sight_many(*places) != exact).mean()
    fine = (sight_many(*places, rays_per_pixel=8.0) != exact).mean()
    assert coarse < 0.02
    assert fine < 0.4 * coarse


def test_shadow_of_a_wall_ends_where_geometry_says() -> None:
    # antenna 30 m, wall 20 m high ending 40 m east: a phone at 1.5 m is free from 114 m on
    surface = plane()
    build(surface, 1, slice(0, 100), slice(18, 20), 20.0)
    x = np.arange(42.0, 199.0, 1.0)
    seen = sight(surface, WEST, SOUTH + 101.0, 50.0, phones(*[(v, 101.0, 1.5, 0) for v in x]))
    free = 38.0 * 28.5 / 10.0  # last sample on the wall is at 38 m: 40 m is the first beyond it
    assert seen[x < free - 2.0].sum() == 0
    assert seen[x > free + 2.0].all()


def test_indoors_the_own_wall_is_asked_not_the_own_roof() -> None:
    surface = plane()
    build(surface, 1, slice(0, 100), slice(40, 60), 15.0)
    inside = phones((85.0, 101.0, 1.5, 1), (115.0, 101.0, 1.5, 1), (115.0, 101.0, 13.5, 1))
    assert sight(surface, WEST + 20.0, SOUTH + 101.0, 29.0, inside).tolist() == [1, 1, 1]


def test_a_lower_house_in_front_hides_the_ground_floor_only() -> None:
    surface = plane()
    build(surface, 1, slice(0, 100), slice(30, 36), 10.0)
    build(surface, 2, slice(0, 100), slice(40, 60), 30.0)
    inside = phones((90.0, 101.0, 1.5, 2), (90.0, 101.0, 28.5, 2))
    assert sight(surface, WEST + 20.0, SOUTH + 101.0, 29.0, inside).tolist() == [0, 1]


def test_another_wing_of_the_same_building_hides() -> None:
    surface = plane()
    build(surface, 1, slice(0, 100), slice(30, 36), 20.0)
    build(surface, 1, slice(0, 100), slice(45, 60), 20.0)
    inside = phones((65.0, 101.0, 1.5, 1), (95.0, 101.0, 1.5, 1))
    assert sight(surface, WEST + 20.0, SOUTH + 101.0, 29.0, inside).tolist() == [1, 0]


def test_own_building_neither_hides_nor_is_seen() -> None:
    surface = plane()
    build(surface, 7, slice(40, 60), slice(40, 60), 20.0)
    near = phones((130.0, 101.0, 1.5, 0), (110.0, 101.0, 18.0, 7))
    site = (surface, WEST + 90.0, SOUTH + 101.0, 42.0, near)
    assert sight(*site).tolist() == [0, 1]
    assert sight(*site, own_building=7).tolist() == [1, 0]


def test_reach_and_the_edge_of_the_map() -> None:
    surface = plane()
    build(surface, 1, slice(0, 100), slice(98, 100), 90.0)
    row = phones((50.0, 101.0, 1.5, 0), (150.0, 101.0, 1.5, 0), (250.0, 101.0, 1.5, 0))
    site = (surface, WEST + 21.0, SOUTH + 101.0, 30.0, row)
    assert sight(*site, reach_m=100.0).tolist() == [1, 0, 0]
    assert sight(*site).tolist() == [1, 1, 0]
    outside = (surface, WEST - 300.0, SOUTH + 101.0, 30.0, row)
    assert sight(*outside).tolist() == [1, 1, 0]


def test_samples_without_a_height_hide_nothing() -> None:
    surface = plane()
    surface["surface_amsl_m"].to_numpy()[:, 40:50] = np.nan
    assert sight(surface, WEST + 21.0, SOUTH + 101.0, 30.0, phones((150.0, 101.0, 1.5, 0))) == 1


def test_the_earth_bends_away() -> None:
    surface = plane(4, 3000)
    far = phones((5900.0, 4.0, 1.5, 0))
    low = (surface, WEST + 10.0, SOUTH + 4.0, 21.0, far, 6000.0)
    assert sight_many(*low, earth_radius_m=math.inf).item() == 1
    # two heights of 1 and 1.5 m see each other over 4.12 (sqrt 1 + sqrt 1.5) = 9.2 km: 5.9 km is near
    assert sight_many(*low).item() == 1
    assert sight_many(*low, earth_radius_m=1e6).item() == 0


def test_higher_phones_and_lower_roofs_never_lose_sight() -> None:
    surface = town()
    persons = crowd(surface, 5000)
    site = (WEST + 160.7, SOUTH + 161.3, 36.0)
    before = sight(surface, *site, persons, 400.0)
    taller = persons.assign(height_m=persons["height_m"] + 4.0)
    assert (sight(surface, *site, taller, 400.0) >= before).all()
    roofs = surface["surface_amsl_m"]
    lower = surface.assign(surface_amsl_m=roofs.where(surface["building"] == 0, roofs - 3.0))
    assert (sight(lower, *site, persons, 400.0) >= before).all()
    assert sight(lower, *site, taller, 400.0).sum() > before.sum()


def test_moving_and_turning_the_district_changes_nothing() -> None:
    surface = town()
    persons = crowd(surface, 5000)
    x, y = WEST + 160.7, SOUTH + 161.3
    before = sight(surface, x, y, 36.0, persons, 400.0)
    moved = surface.assign_coords(x=surface.x + 1024.0, y=surface.y - 4096.0)
    others = persons.assign(x_m=persons.x_m + 1024.0, y_m=persons.y_m - 4096.0)
    assert (sight(moved, x + 1024.0, y - 4096.0, 36.0, others, 400.0) == before).all()
    # a quarter turn to the left about the south-west corner, then back over the same square
    size = 2.0 * surface.sizes["x"]
    turned = surface.copy(deep=True)
    for name in ("surface_amsl_m", "building"):
        turned[name].to_numpy()[:] = np.rot90(surface[name].to_numpy())
    others = persons.assign(
        x_m=WEST + size - (persons.y_m - SOUTH), y_m=SOUTH + (persons.x_m - WEST)
    )
    after = sight(turned, WEST + size - (y - SOUTH), SOUTH + (x - WEST), 36.0, others, 400.0)
    assert (after != before).mean() < 1e-3  # ties of nearest ray break to the other side


def test_many_sites_equal_one_by_one_in_any_order() -> None:
    surface = town()
    persons = crowd(surface, 1000)
    rng = np.random.default_rng(2)
    x, y = WEST + rng.uniform(0, 320, 11), SOUTH + rng.uniform(0, 320, 11)
    antenna, reach = rng.uniform(25.0, 50.0, 11), rng.uniform(50.0, 400.0, 11)
    told: list[float] = []
    every = sight_many(surface, x, y, antenna, persons, reach, progress=told.append)
    assert every.shape == (11, 1000)
    assert every.dtype == np.uint8
    assert told[-1] == 1.0
    assert told == sorted(told)
    for s in range(11):
        alone = sight(surface, x[s], y[s], antenna[s], persons, reach[s])
        assert (alone == every[s]).all()
    back = sight_many(surface, x[::-1], y[::-1], antenna[::-1], persons, reach[::-1])
    assert (back[::-1] == every).all()


def test_no_sites_and_no_receivers() -> None:
    surface = plane()
    persons = phones((50.0, 50.0, 1.5, 0))
    assert sight_many(surface, [], [], [], persons).shape == (0, 1)
    nobody = persons.isel(receiver=slice(0, 0))
    assert sight(surface, WEST + 1.0, SOUTH + 1.0, 30.0, nobody).shape == (0,)


def test_a_phone_under_the_antenna_is_in_sight() -> None:
    surface = plane()
    assert sight(surface, WEST + 50.0, SOUTH + 50.0, 30.0, phones((50.0, 50.0, 1.5, 0))) == 1


def test_unusable_input_is_refused_in_words() -> None:
    surface, persons = plane(), phones((50.0, 50.0, 1.5, 0))
    with pytest.raises(MapError, match='no layer "building"'):
        sight(surface.drop_vars("building"), WEST, SOUTH, 30.0, persons)
    with pytest.raises(MapError, match="y falling"):
        sight(surface.isel(y=slice(None, None, -1)), WEST, SOUTH, 30.0, persons)
    with pytest.raises(MapError, match="2 x 2"):
        sight(surface.isel(y=slice(0, 1)), WEST, SOUTH, 30.0, persons)
    with pytest.raises(InputError, match="missing"):
        sight(surface, math.nan, SOUTH, 30.0, persons)
    with pytest.raises(InputError, match="above 0 m"):
        sight(surface, WEST, SOUTH, 30.0, persons, 0.0)
