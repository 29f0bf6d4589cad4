"""The scene is whole, opens as XML, names only materials there are, and is the same each time."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.geo import building_levels, load_area, read_district, shipped_district
from cellwright.report import MATERIALS, write_scene


@pytest.fixture(scope="module")
def nantes():
    return load_area(read_district(shipped_district("nantes"), pixel_m=20.0))


@pytest.fixture(scope="module")
def scene(nantes, tmp_path_factory):
    return write_scene(nantes, tmp_path_factory.mktemp("scene"))


def read_ply(path):
    head, body = path.read_bytes().split(b"end_header\n", 1)
    words = [line.split() for line in head.decode("ascii").splitlines()]
    count = {word[1]: int(word[2]) for word in words if word[0] == "element"}
    vertices = np.frombuffer(body, "<f4", 3 * count["vertex"]).reshape(-1, 3)
    faces = np.frombuffer(body[vertices.nbytes :], [("n", "u1"), ("v", "<i4", 3)])
    assert len(faces) == count["face"]
    assert (faces["n"] == 3).all()
    return vertices.astype(float), faces["v"]


def test_the_scene_names_files_and_materials_that_are_there(scene):
    root = ET.parse(scene).getroot()
    materials = {bsdf.get("id") for bsdf in root.findall("bsdf")}
    shapes = root.findall("shape")
    assert {shape.get("id") for shape in shapes} == {"mesh-terrain", "mesh-buildings-itu_concrete"}
    for shape in shapes:
        assert (scene.parent / shape.find("string").get("value")).is_file()
        assert shape.find("ref").get("id") in materials
    assert materials <= {f"mat-{name}" for name in MATERIALS}


def test_the_meshes_lie_around_the_origin_that_is_told(scene, nantes):
    about = json.loads(scene.with_suffix(".json").read_text())
    assert about["crs"] == nantes.crs
    ground, _ = read_ply(scene.parent / "meshes" / "terrain.ply")
    west, south, east, north = nantes.pixels.attrs["bounds"]
    local = ground + [about["origin"][name] for name in ("x_m", "y_m", "amsl_m")]
    assert local.min(axis=0)[:2] == pytest.approx([west, south], abs=1e-3)
    assert local.max(axis=0)[:2] == pytest.approx([east, north], abs=1e-3)
    assert 0 <= ground[:, 2].min() < 2


def test_the_buildings_keep_their_volume_in_the_file(scene, nantes):
    vertices, faces = read_ply(scene.parent / "meshes" / "buildings-itu_concrete.ply")
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    base, roof = building_levels(nantes)
    wanted = (nantes.buildings.geometry.area.to_numpy() * (roof - base)).sum()
    assert (a * np.cross(b, c)).sum() / 6 == pytest.approx(wanted, rel=1e-3)


def test_equal_districts_give_equal_bytes(scene, nantes, tmp_path):
    again = write_scene(nantes, tmp_path)
    files = sorted(path.relative_to(scene.parent) for path in scene.parent.rglob("*.*"))
    assert len(files) == 4
    for name in files:
        assert (tmp_path / name).read_bytes() == (scene.parent / name).read_bytes()
    assert again.name == "scene.xml"


def test_walls_may_differ_by_use(nantes, tmp_path):
    uses = nantes.buildings["use"].value_counts().index
    write_scene(nantes, tmp_path, walls={uses[0]: "itu_brick"}, ground="itu_wet_ground")
    about = json.loads((tmp_path / "scene.json").read_text())
    assert set(about["materials"].values()) == {"itu_brick", "itu_concrete", "itu_wet_ground"}
    parts = [read_ply(path)[1] for path in (tmp_path / "meshes").glob("buildings-*.ply")]
    write_scene(nantes, tmp_path / "plain")
    whole = read_ply(tmp_path / "plain" / "meshes" / "buildings-itu_concrete.ply")[1]
    assert sum(map(len, parts)) == len(whole)


def test_unknown_materials_are_named(nantes, tmp_path):
    with pytest.raises(InputError, match='Did you mean "itu_concrete"'):
        write_scene(nantes, tmp_path, walls="itu_concret")


def test_a_field_without_buildings_is_a_scene_too(nantes, tmp_path):
    empty = replace(nantes, buildings=nantes.buildings.iloc[:0])
    root = ET.parse(write_scene(empty, tmp_path)).getroot()
    assert [shape.get("id") for shape in root.findall("shape")] == ["mesh-terrain"]


def test_the_export_imports_nothing_of_sionna():
    code = "import sys, cellwright.report, cellwright.coverage; print({'sionna', 'mitsuba', 'drjit'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"
