"""Solids are closed, turned outwards and as big as footprint times height; the ground is a sheet."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from cellwright.errors import InputError
from cellwright.geo import (
    building_levels,
    building_mesh,
    ground_mesh,
    load_area,
    read_district,
    shipped_district,
    solids,
)
from cellwright.geo.meshes import FOUNDATION_M, SNAP_M

COURTYARD = Polygon(box(0, 0, 20, 20).exterior.coords, [box(5, 5, 12, 12).exterior.coords])
TWO_COURTYARDS = box(0, 0, 40, 20) - box(3, 3, 10, 10) - box(20, 5, 30, 15)
TOUCHING = Polygon(
    [(0, 0), (20, 0), (20, 20), (0, 20)], [[(0, 10), (8, 6), (8, 14)]]
)  # its hole touches the shell
APART = MultiPolygon([box(30, 0, 40, 10), COURTYARD])
LETTER_L = Polygon([(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)])
FLAT_CORNER = Polygon([(0, 0), (5, 0), (10, 0), (10, 10), (5, 10), (0, 10)])
SHAPES = [box(0, 0, 4, 6), COURTYARD, TWO_COURTYARDS, TOUCHING, APART, LETTER_L, FLAT_CORNER]


@pytest.fixture(scope="module")
def nantes():
    return load_area(read_district(shipped_district("nantes")))


def closed(mesh) -> bool:
    """Every edge is walked as often one way as the other."""
    edges = np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]])
    there, count = np.unique(edges, axis=0, return_counts=True)
    back, again = np.unique(edges[:, ::-1], axis=0, return_counts=True)
    return np.array_equal(there, back) and np.array_equal(count, again)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("turned", [False, True])
def test_a_solid_is_closed_and_as_big_as_footprint_times_height(shape, turned):
    shape = shapely.reverse(shape) if turned else shape
    mesh = solids(np.array([shape]), [3.0], [15.0])
    assert closed(mesh)
    assert mesh.volumes() == pytest.approx([shape.area * 12.0], rel=1e-9)
    assert (np.linalg.norm(mesh.normals(), axis=1) > 0).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_normals_point_out_of_the_solid(shape):
    mesh = solids(np.array([shape]), [0.0], [10.0])
    normal = mesh.normals()
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    middle = mesh.vertices[mesh.faces].mean(axis=1)
    for sign, inside in ((+0.01, False), (-0.01, True)):
        point = middle + sign * normal
        over = shapely.contains_xy(shape, point[:, 0], point[:, 1])
        assert ((over & (point[:, 2] > 0) & (point[:, 2] < 10)) == inside).all()


def test_moving_the_district_changes_nothing_but_the_place():
    here = solids(np.array(SHAPES, dtype=object), 0.0 * np.ones(7), 9.0 * np.ones(7))
    far = [shapely.affinity.translate(shape, 355_000, 6_689_000) for shape in SHAPES]
    there = solids(np.array(far, dtype=object), np.zeros(7), 9.0 * np.ones(7))
    assert there.volumes() == pytest.approx(here.volumes(), rel=1e-6)
    assert np.allclose(there.moved(-355_000, -6_689_000, 0).vertices, here.vertices, atol=1e-6)


@given(
    st.integers(3, 24),
    st.floats(1.0, 50.0),
    st.floats(0.1, 60.0),
    st.integers(0, 2**31 - 1),
)
@settings(max_examples=60, deadline=None)
def test_stars_of_any_shape_are_closed(corners, radius, height, seed):
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = radius * rng.uniform(0.3, 1.0, corners)
    star = shapely.make_valid(
        Polygon(np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))
    )
    snapped = shapely.set_precision(star, SNAP_M)
    mesh = solids(np.array([star]), [0.0], [height])
    assert closed(mesh)
    assert mesh.volumes().sum() == pytest.approx(snapped.area * height, rel=1e-6, abs=1e-9)


def test_a_roof_below_its_floor_is_named():
    with pytest.raises(InputError, match="above its floor"):
        solids(np.array([box(0, 0, 1, 1)]), [3.0], [3.0])


def test_every_building_of_nantes_is_a_closed_solid(nantes):
    mesh, (base, roof) = building_mesh(nantes), building_levels(nantes)
    assert closed(mesh)
    area = nantes.buildings.geometry.area.to_numpy()
    assert mesh.volumes() == pytest.approx(area * (roof - base), rel=0.01)
    assert (roof - base >= nantes.buildings["height_m"].to_numpy() + FOUNDATION_M - 1e-3).all()


def test_the_ground_covers_the_map_and_looks_up(nantes):
    mesh = ground_mesh(nantes)
    west, south, east, north = nantes.pixels.attrs["bounds"]
    assert len(mesh.faces) == 2 * nantes.pixels["building"].size
    assert (mesh.normals()[:, 2] > 0).all()
    assert mesh.normals()[:, 2].sum() / 2 == pytest.approx((east - west) * (north - south))
    middle = mesh.vertices[mesh.faces].reshape(-1, 6, 3).mean(axis=1)
    assert middle[0, 0] == pytest.approx(float(nantes.pixels["x"][0]))
    assert middle[0, 1] == pytest.approx(float(nantes.pixels["y"][0]))
    apart = middle[:, 2] - nantes.pixels["ground_amsl_m"].to_numpy().ravel()
    assert np.abs(np.median(apart)) < 0.05


def test_a_step_that_does_not_fit_ends_at_the_edge(nantes):
    mesh = ground_mesh(nantes, 37.0)
    west, south, east, north = nantes.pixels.attrs["bounds"]
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    assert [*low[:2], *high[:2]] == pytest.approx([west, south, east, north])
    assert mesh.normals()[:, 2].sum() / 2 == pytest.approx((east - west) * (north - south))
    with pytest.raises(InputError, match="step_m"):
        ground_mesh(nantes, 0.0)
