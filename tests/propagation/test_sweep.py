"""The radial sweep against the plain form of P.1812-8 on the same samples, and hulls by force."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InputError, MapError
from cellwright.propagation import losses_of, p1812_map, path_summaries, sweep
from cellwright.propagation import p1812_path as path
from cellwright.propagation.hulls import horizon, push, sharpest_edge, support
from cellwright.propagation.p1812_quick import band
from cellwright.propagation.p1812_terms import TERMS_SIZE, median_location_loss
from cellwright.propagation.radial import bucketed, longest_m, places_of, sweep_into
from cellwright.propagation.rays import ray_direction
from cellwright.propagation.sight import ground_of

MAST_M, PHONE_M = 30.0, 1.5


def terrain(size: int, rough_m: float, seed: int) -> np.ndarray:
    """Hills with a power spectrum like the real ones', above 200 m."""
    rng = np.random.default_rng(seed)
    wave = np.fft.fftfreq(size)
    scale = np.hypot(wave[:, None], wave)
    scale[0, 0] = 1.0
    hills = np.fft.ifft2(np.fft.fft2(rng.normal(size=(size, size))) * scale**-1.8).real
    return (hills / hills.std() * rough_m + 200.0).astype(np.float32)


def country(reach_m, pixel_m, rough_m, *, blocks=False, seed=0) -> xr.Dataset:
    size = int(2 * reach_m / pixel_m) + 2
    ground = terrain(size, rough_m, seed)
    label = np.zeros((size, size), np.int32)
    roof = ground.copy()
    if blocks:
        rng = np.random.default_rng(seed)
        odd = (np.arange(size) // int(40 / pixel_m)).astype(np.int32)
        built = (odd % 2)[:, None] * (odd % 2) > 0
        label = np.where(built, odd[:, None] * 1000 + odd + 1, 0).astype(np.int32)
        roof += np.where(built, rng.uniform(6.0, 30.0, label.max() + 1)[label], 0.0)
    x = (np.arange(size) + 0.5) * pixel_m
    layers = {"ground_amsl_m": ground, "surface_amsl_m": roof.astype(np.float32), "building": label}
    return xr.Dataset({n: (("y", "x"), v) for n, v in layers.items()}, {"x": x, "y": x[::-1]})


def phones(surface: xr.Dataset, every: int = 1) -> xr.Dataset:
    x, y = np.meshgrid(surface.x.to_numpy(), surface.y.to_numpy())
    part = (slice(None, None, every), slice(None, None, every))
    columns = {
        "x_m": x[part],
        "y_m": y[part],
        "ground_amsl_m": surface.ground_amsl_m.to_numpy()[part],
        "height_m": np.full(x[part].shape, PHONE_M),
        "building": surface.building.to_numpy()[part],
    }
    return xr.Dataset({n: ("receiver", v.ravel()) for n, v in columns.items()})


def mast(surface: xr.Dataset) -> tuple[float, float, float]:
    """An antenna off the pixels' edges, where rays never run along them."""
    pixel = float(surface.x[1] - surface.x[0])
    x = float(surface.x.mean()) + 0.3717 * pixel
    y = float(surface.y.mean()) - 0.2213 * pixel
    return x, y, ground_of(surface).ground_at(x, y) + MAST_M


def profiles(surface, antenna, places, buildings, rays, seed=0):
    """For receivers of random rays: their row, and the profile that the sweep saw."""
    ground = ground_of(surface)
    west, north, pixel = ground.grid
    x, y, top = antenna
    half = max(math.ceil(longest_m(x, y, places, math.inf) / pixel), 1)
    order, first = bucketed(x, y, longest_m(x, y, places, math.inf), half, places)
    picked = np.random.default_rng(seed).choice(first.size - 1, rays, replace=False)
    for ray in picked:
        east, up = ray_direction(ray, half)
        for i in order[first[ray] : first[ray + 1]][::3]:
            far = math.hypot(places[0, i] - x, places[1, i] - y)
            k = np.arange(1, max(math.ceil(far / pixel - 1e-9), 1))
            row = ((north - y) / pixel - k * up).astype(int)
            column = ((x - west) / pixel + k * east).astype(int)
            inside = (row >= 0) & (column >= 0)
            inside &= (row < ground.bare.shape[0]) & (column < ground.bare.shape[1])
            if buildings[i] or k.size == 0 or not inside.all():
                continue
            base = top - MAST_M
            yield (
                i,
                np.r_[0.0, k * pixel, far] / 1000.0,
                np.r_[base, ground.bare[row, column], places[2, i]].astype(float),
                np.r_[base, ground.heights[row, column], places[2, i]].astype(float),
            )


def plain(d, h, g, f, percent):
    summary, terms = np.empty(path.SUMMARY_SIZE), np.empty(TERMS_SIZE)
    radius = path.median_radius_km(45.0)
    path.path_summary(d, h, g, MAST_M, PHONE_M, radius, True, False, summary)
    beta0 = path.ducting_percent(45.0, d[-1], d[-1])
    return median_location_loss(
        summary, f, percent, True, 45.0, 325.0, 0.0, 500.0, 500.0, d[-1], beta0, True, True, terms
    )


COUNTRIES = {
    "hills": ((6000.0, 50.0, 60.0), {}, 3.5),
    "plain": ((6000.0, 50.0, 3.0), {}, 0.7),
    "alps": ((8000.0, 40.0, 300.0), {}, 2.0),
    "low band": ((8000.0, 50.0, 40.0), {}, 0.2),
    "city": ((600.0, 2.0, 2.0), {"blocks": True}, 3.5),
}


@pytest.mark.parametrize("name", COUNTRIES)
def test_equals_the_plain_form_on_the_same_samples(name):
    shape, kind, f = COUNTRIES[name]
    surface = country(*shape, **kind)
    phone = phones(surface, 5 if kind else 1)
    antenna, (places, buildings) = mast(surface), places_of(phone)
    median = np.full((buildings.size, 1), np.nan)
    reach_km = longest_m(*antenna[:2], places, math.inf) / 1000.0
    sweep_into(median, surface, antenna, phone, sweep.MEDIAN, band(f, reach_km=reach_km))
    summaries = path_summaries(surface, *antenna, phone)
    early = losses_of(summaries, f, 10.0)
    seen = 0
    for i, d, h, g in profiles(surface, antenna, places, buildings, 300):
        assert median[i, 0] == pytest.approx(plain(d, h, g, f, 50.0), abs=1e-6)
        assert early[i] == pytest.approx(plain(d, h, g, f, 10.0), abs=1e-4)  # float32 result
        seen += 1
    assert seen > 300


def test_another_band_from_the_summaries_is_the_sweep_of_that_band():
    surface = country(3000.0, 50.0, 40.0)
    phone, antenna = phones(surface), mast(surface)
    summaries = path_summaries(surface, *antenna, phone, short_times=False)
    for f in (0.7, 1.8, 5.0):
        again = losses_of(summaries, f)
        assert np.abs(again - p1812_map(surface, *antenna, phone, f)).max() < 1e-4


def test_raster_agrees_with_a_profile_of_each_pixels_own():
    surface = country(5000.0, 25.0, 25.0, seed=3)
    phone, (x, y, top) = phones(surface), mast(surface)
    places, _ = places_of(phone)
    swept = p1812_map(surface, x, y, top, phone, 3.5)
    ground = ground_of(surface)
    west, north, pixel = ground.grid
    apart = []
    for i in np.random.default_rng(0).choice(places.shape[1], 1500, replace=False):
        far = math.hypot(places[0, i] - x, places[1, i] - y)
        k = np.arange(1, math.ceil(far / pixel - 1e-9)) * pixel
        if k.size == 0:
            continue
        column = ((x + (places[0, i] - x) * k / far - west) / pixel).astype(int)
        row = ((north - y - (places[1, i] - y) * k / far) / pixel).astype(int)
        h = np.r_[top - MAST_M, ground.bare[row, column], places[2, i]].astype(float)
        apart.append(swept[i] - plain(np.r_[0.0, k, far] / 1000.0, h, h, 3.5, 50.0))
    assert abs(np.median(apart)) <= 0.1
    assert abs(np.mean(apart)) <= 0.3
    assert np.sqrt(np.mean(np.square(apart))) <= 1.6


def test_threads_change_nothing(monkeypatch):
    surface = country(1500.0, 25.0, 40.0)
    phone, antenna = phones(surface), mast(surface)
    made = []
    for count in ("1", "2", "3"):
        monkeypatch.setenv("CELLWRIGHT_THREADS", count)
        made.append(p1812_map(surface, *antenna, phone, 3.5))
    assert (made[0] == made[1]).all()
    assert (made[0] == made[2]).all()


def test_every_pixel_has_a_loss_at_least_nearly_free_space():
    surface = country(500.0, 5.0, 20.0, blocks=True)
    phone, (x, y, top) = phones(surface), mast(surface)
    loss = p1812_map(surface, x, y, top, phone, 3.5)
    assert np.isfinite(loss).all()
    slant = np.sqrt((phone.x_m - x) ** 2 + (phone.y_m - y) ** 2 + (top - phone.ground_amsl_m) ** 2)
    assert (loss > 92.4 + 20.0 * np.log10(3.5 * np.maximum(slant, 5.0) / 1000.0) - 6.0).all()


def test_reach_and_missing_heights():
    surface = country(1000.0, 25.0, 10.0)
    surface["surface_amsl_m"][:, 60:] = np.nan
    phone, antenna = phones(surface), mast(surface)
    loss = p1812_map(surface, *antenna, phone, 3.5, reach_m=400.0)
    far = np.hypot(phone.x_m - antenna[0], phone.y_m - antenna[1]) > 400.0
    assert np.isinf(loss[far]).all()
    assert np.isfinite(loss[~far]).all()


def test_own_building_hides_nothing_and_the_outer_wall_is_asked():
    size = 61
    x = np.arange(size) * 2.0 + 1.0
    label = np.zeros((size, size), np.int32)
    label[28:33, 10:20], label[28:33, 40:46] = 1, 2
    roof = np.where(label == 1, 15.0, np.where(label == 2, 10.0, 0.0))
    layers = {"ground_amsl_m": roof * 0.0, "surface_amsl_m": roof, "building": label}
    surface = xr.Dataset({n: (("y", "x"), v) for n, v in layers.items()}, {"x": x, "y": x[::-1]})
    columns = {
        "x_m": [75.0, 85.0, 100.0], "y_m": [61.0] * 3, "ground_amsl_m": [0.0] * 3,
        "height_m": [1.5] * 3, "building": [0, 2, 0],
    }  # fmt: skip
    phone = xr.Dataset({n: ("receiver", v) for n, v in columns.items()})
    free = p1812_map(surface, 30.0, 60.3, 16.0, phone, 3.5, own_building=1)
    hidden = p1812_map(surface, 30.0, 60.3, 16.0, phone, 3.5)
    assert (hidden[:2] - free[:2] > 3.0).all()
    assert abs(free[1] - free[0]) < 2.0, "indoors the path ends at the wall"
    assert free[2] > free[1] + 10.0, "the house hides the phone behind it"


def test_bad_antennas_and_maps_are_named():
    surface = country(200.0, 10.0, 5.0)
    phone, (x, y, _) = phones(surface), mast(surface)
    with pytest.raises(InputError, match="ground plus height"):
        p1812_map(surface, x, y, 10.0, phone, 3.5)
    with pytest.raises(InputError, match="as numbers"):
        p1812_map(surface, x, math.nan, 300.0, phone, 3.5)
    with pytest.raises(MapError, match="building"):
        p1812_map(surface.drop_vars("building"), x, y, 300.0, phone, 3.5)


HEIGHTS = st.lists(st.floats(-50.0, 50.0).map(lambda v: round(v, 3)), min_size=1, max_size=40)


def hull_of(heights):
    hulls, size = np.zeros((2, 1, len(heights))), 0
    for k, height in enumerate(heights, 1):
        size = push(hulls, 0, size, float(k), height)
    return hulls, size


@settings(max_examples=200, deadline=None)
@given(HEIGHTS, st.floats(-80.0, 80.0), st.floats(0.01, 5.0), st.floats(-9.0, 9.0))
def test_hulls_answer_as_all_samples_do(heights, receiver, beyond, slope):
    hulls, size = hull_of(heights)
    x, y = np.arange(1.0, len(heights) + 1.0), np.array(heights)
    total = x[-1] + beyond
    i = horizon(hulls, 0, size, total, receiver)
    steepest = ((y - receiver) / (total - x)).max()
    found = (hulls[1, 0, i] - receiver) / (total - hulls[0, 0, i])
    assert found == pytest.approx(steepest, rel=1e-9, abs=1e-9)
    i = support(hulls, 0, size, slope)
    assert hulls[1, 0, i] - slope * hulls[0, 0, i] == pytest.approx((y - slope * x).max(), abs=1e-9)


@settings(max_examples=300, deadline=None)
@given(HEIGHTS, st.floats(0.01, 5.0), st.floats(-9.0, 9.0), st.floats(1e-3, 60.0))
def test_the_sharpest_edge_below_a_ray_is_found_though_off_the_hull(heights, beyond, slope, over):
    hulls, size = hull_of(heights)
    x, y = np.arange(1.0, len(heights) + 1.0), np.array(heights)
    total = x[-1] + beyond
    offset = (y - slope * x).max() + over
    rows = np.r_[0.0, y][None, :]
    edges = -(offset + slope * x - y) / np.sqrt(x * (total - x))
    found, where = sharpest_edge(hulls, 0, size, rows, 0, 1.0, offset, slope, total)
    assert found == pytest.approx(edges.max(), rel=1e-9)
    assert edges[where - 1] == pytest.approx(edges.max(), rel=1e-9)
