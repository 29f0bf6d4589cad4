"""A wrong project: every fault of every input at once, each with its place and its cure."""

import json

import pytest

import cellwright as cw
from cellwright.errors import InputError
from cellwright.project.kernels import made_up_district

SITES = "site_id,x,y,height_m,status\nA,600195,6700190,900,existing\nB,600090,6700190,20,xisting\n"


@pytest.fixture
def project(tmp_path):
    files = made_up_district(tmp_path)
    (tmp_path / "sites.csv").write_text(SITES)
    return cw.new(tmp_path / "p", inputs={**files, "sites": tmp_path / "sites.csv"})


def with_text(project, old, new):
    path = project.folder / "project.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return cw.open(project.folder)


def found(project):
    return {fault.code: fault for fault in project.check()}


def test_a_layer_that_cannot_be_used_hides_no_other(project):
    project.input_files()["streets"].unlink()
    project.input_files()["buildings"].write_text("not a map")
    faults = found(with_text(project, 'preset = "n78"', 'preset = "n78"\nload = 7'))
    assert {
        "inputs.missing", "buildings.unreadable", "carriers.value", "sites.status",
        "sites.height-range",
    } <= set(faults)  # fmt: skip
    assert "streets.missing-file" not in faults
    with pytest.raises(InputError) as raised:
        cw.open(project.folder).run()
    assert {fault.code for fault in raised.value.faults} == set(faults)


@pytest.mark.parametrize("inside", [True, False])
def test_files_are_named_as_the_project_names_them(project, inside, monkeypatch):
    monkeypatch.chdir(project.folder if inside else "/")
    project.input_files()["buildings"].write_text("not a map")
    faults = found(project)
    assert faults["sites.status"].file == "inputs/sites.csv"
    assert faults["buildings.unreadable"].file == project.settings.inputs.buildings.file
    assert str(project.folder) not in " ".join(map(str, faults.values()))


@pytest.mark.parametrize(
    ("old", "new", "code", "word"),
    [
        (
            'preset = "n78"',
            'preset = "n78"\nmodels = { rooftop = "umma" }',
            "carriers.model",
            "uma",
        ),
        ('preset = "n78"', 'preset = "b3"', "carriers.rat", "n78"),
        ('preset = "b3"', 'preset = "n78"', "carriers.rat", "b3"),
        (
            'preset = "b3"',
            'preset = "b3"\nantenna = "lte-sektor"',
            "carriers.antenna",
            "lte-sector",
        ),
        ('preset = "b3"', 'preset = "b3"\nantenna = "my.msi"', "carriers.antenna", "my.msi"),
        ("[area]", '[area]\ncrs = "EPSG:4326"', "area.crs", "Leave crs out"),
        ("[area]", "[area]\npixel_m = 7.3", "area.value", "10 and 1"),
    ],
)
def test_names_and_numbers_that_do_not_fit(project, old, new, code, word):
    fault = found(with_text(project, old, new))[code]
    assert word in str(fault)
    assert fault.file == "project.toml"
    line = (project.folder / "project.toml").read_text().splitlines()[fault.row - 1]
    assert line.split("=")[0].strip() in new


def test_a_budget_has_to_be_given(project):
    with pytest.raises(InputError, match="budget_usd"):
        with_text(project, "[planning]", '[planning]\ngoal = "budget"')


def test_a_carrier_starts_from_its_usual_preset(project):
    changed = with_text(project, 'preset = "n78"', "power_dbm = 50")
    assert changed.carriers["nr"].band == "n78"
    assert changed.carriers["nr"].power_dbm == 50


def test_sites_are_read_as_the_project_says(project, tmp_path):
    import geopandas as gpd
    import shapely

    path = project.folder / "inputs" / "sites.gpkg"
    point = gpd.GeoSeries([shapely.Point(600_195, 6_700_190)], crs=2154).to_crs(3857)
    for layer, height in (("old", 900), ("new", 38)):
        frame = gpd.GeoDataFrame({"site_id": ["A"], "height": [height]}, geometry=point)
        frame.to_file(path, layer=layer)
    named = json.dumps("inputs/sites.csv")
    changed = with_text(
        project, f"sites = {named}", 'sites = { file = "inputs/sites.gpkg", layer = "new" }'
    )
    assert not changed.check().errors


def test_an_antenna_file_is_looked_for_from_the_project_and_its_change_seen(project, monkeypatch):
    text = "NAME a\nFREQUENCY 3500\nGAIN 17 dBi\nHORIZONTAL 360\n"
    text += "".join(f"{d} {min(d, 360 - d) / 10:g}\n" for d in range(360))
    text += "VERTICAL 360\n" + "".join(f"{d} {min(d, 360 - d) / 10:g}\n" for d in range(360))
    (project.folder / "a.msi").write_text(text)
    changed = with_text(project, 'preset = "b3"', 'preset = "b3"\nantenna = "a.msi"')
    monkeypatch.chdir("/")
    assert "carriers.antenna" not in found(changed)
    before = changed.keys()
    (project.folder / "a.msi").write_text(text.replace("17 dBi", "16 dBi"))
    stale = {room for room, key in changed.keys().items() if key != before[room]}
    assert {"planning", "coverage", "simulation"} <= stale
    assert "geo" not in stale
