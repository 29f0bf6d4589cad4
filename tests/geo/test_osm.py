"""Raw OpenStreetMap: outlines and parts, courtyards, bridges; and the Helsinki extract."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellwright import geo

#: An outline (way 1) with a tower (2) and a podium part (3) that fill it, a house with a courtyard
#: as a relation (4, 5), an underground building (6), a house with levels (7), a bridge (8).
_HOUSES = {
    1: ((0, 0, 4, 2), {"building": "apartments", "height": "30", "building:flats": "12"}),
    2: ((0, 0, 2, 2), {"building:part": "yes", "height": "60 m"}),
    3: ((2, 0, 4, 2), {"building:part": "yes", "building:levels": "2"}),
    4: ((6, 0, 10, 4), {}),
    5: ((7, 1, 9, 3), {}),
    6: ((6, 6, 8, 8), {"building": "garage", "location": "underground"}),
    7: ((0, 6, 2, 8), {"building": "yes", "building:levels": "4"}),
}
_STEP = 0.0001  # 11 m north, 6 m east at 60 degrees


def osm_text() -> str:
    nodes, ways = [], []
    for way, ((x0, y0, x1, y1), tags) in _HOUSES.items():
        corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        for number, (x, y) in enumerate(corners):
            nodes.append((way * 10 + number, 60.0 + y * _STEP, 25.0 + x * _STEP))
        refs = "".join(f'<nd ref="{way * 10 + number}"/>' for number in (0, 1, 2, 3, 0))
        words = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        ways.append(f'<way id="{way}" version="1">{refs}{words}</way>')
    nodes += [(80, 60.0, 25.0005), (81, 60.0008, 25.0005)]
    ways.append(
        '<way id="8" version="1"><nd ref="80"/><nd ref="81"/><tag k="highway" '
        'v="primary"/><tag k="bridge" v="yes"/><tag k="lanes" v="2"/></way>'
    )
    relation = (
        '<relation id="9" version="1"><member type="way" ref="4" role="outer"/>'
        '<member type="way" ref="5" role="inner"/><tag k="type" v="multipolygon"/>'
        '<tag k="building" v="school"/><tag k="height" v="12"/></relation>'
    )
    written = "".join(
        f'<node id="{i}" version="1" lat="{a:.7f}" lon="{o:.7f}"/>' for i, a, o in sorted(nodes)
    )
    return f'<osm version="0.6">{written}{"".join(ways)}{relation}</osm>'


@pytest.fixture
def area(tmp_path: Path):
    path = tmp_path / "town.osm"
    path.write_text(osm_text(), encoding="utf-8")
    return geo.load_area(geo.AreaInputs(buildings=path, streets=path))


def test_parts_take_the_place_of_their_outline(area):
    b = area.buildings.set_index("building_id")
    assert set(b.index) == {"way/2", "way/3", "way/7", "relation/9"}
    assert b.height_m["way/2"] == 60.0
    assert b.height_m["way/3"] == 30.0  # a part without a height takes its outline's
    assert (b.use[["way/2", "way/3"]] == "residential").all()
    assert b.dwellings.sum() == 12  # kept, by the largest part


def test_courtyard_and_levels(area):
    b = area.buildings.set_index("building_id")
    assert b.height_source["way/7"] == "levels"
    assert b.height_m["way/7"] == 12.0
    school = b.geometry["relation/9"]
    assert sum(len(part.interiors) for part in getattr(school, "geoms", [school])) == 1
    assert b.use["relation/9"] == "public"


def test_streets_crs_and_attribution(area):
    assert area.crs == "EPSG:32635"
    assert area.streets.loc[0, ["kind", "level", "width_m"]].tolist() == ["primary", 1, 6.0]
    assert area.attributions == ("(C) OpenStreetMap contributors, ODbL 1.0",)


def test_helsinki(shared_data):
    folder = shared_data / "helsinki_osm"
    source = folder / "Helsinki.osm.pbf"
    if not source.exists():
        pytest.skip("the Helsinki extract is not here")
    area = geo.load_area(
        geo.AreaInputs(
            buildings=source,
            streets=source,
            population=folder / "helsinki_population_grid_2020.gpkg",
        )
    )
    assert area.crs == "EPSG:32635"
    assert 500 < len(area.buildings) < 700
    assert (area.streets.kind == "residential").sum() > 100
    shares = area.buildings.height_source.value_counts(normalize=True)
    assert shares["levels"] > 0.3
    assert area.buildings.building_id.is_unique
    assert 4000 < area.buildings.residents.sum() < 6000
