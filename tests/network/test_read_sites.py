"""Site lists as people send them: formats, dialects, encodings, and every fault with its row."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from cellwright.errors import InputError
from cellwright.network import carrier, cells_from_sectors, read_sites, write_sites
from cellwright.network.site_columns import azimuths, number
from cellwright.network.site_files import decode

CRS = "EPSG:2154"  # Lambert-93; Nantes lies near x 355000, y 6689000


@dataclass(frozen=True)
class FlatArea:
    crs: str
    surface: xr.Dataset


@pytest.fixture(scope="module")
def nantes() -> FlatArea:
    x, y = np.arange(354_001.0, 356_000.0, 2.0), np.arange(6_690_000.0, 6_688_000.0, -2.0)
    ground = np.broadcast_to((x - x[0]) / 100.0, (y.size, x.size)).astype(np.float32)
    # one block of 100 m x 100 m, 30 m high, from x 355200, y 6689100
    building = np.zeros(ground.shape, np.int32)
    building[
        np.ix_((y >= 6_689_100.0) & (y <= 6_689_200.0), (x >= 355_200.0) & (x <= 355_300.0))
    ] = 7
    layers = {
        "ground_amsl_m": (("y", "x"), ground),
        "surface_amsl_m": (("y", "x"), ground + np.where(building, 30.0, 0.0).astype(np.float32)),
        "building": (("y", "x"), building),
    }
    return FlatArea(CRS, xr.Dataset(layers, {"x": x, "y": y}))


def write(folder: Path, text: str, name: str = "sites.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def codes(faults) -> list[str]:
    return sorted(fault.code for fault in faults)


PLAIN = "site_id,x,y,height,status\nA,355000,6689000,25,existing\nB,355200.5,6689100,9,candidate\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (PLAIN, "utf-8"),
        (PLAIN, "utf-8-sig"),
        (PLAIN, "utf-16"),
        (PLAIN.replace("\n", "\r\n"), "latin-1"),
        (PLAIN.replace(",", ";").replace("355200.5", "355200,5"), "utf-8"),
        (PLAIN.replace(",", "\t"), "utf-8"),
        (PLAIN.replace("355200.5", '"355 200,5"'), "utf-8"),
        ("\n\n" + PLAIN, "utf-8"),
    ],
)
def test_csv_dialects_give_the_same_sites(tmp_path: Path, text: str, encoding: str) -> None:
    sites, _, faults = read_sites(write(tmp_path, text, encoding=encoding), CRS)
    assert not faults.errors
    assert sites["site_id"].tolist() == ["A", "B"]
    assert sites.geometry.x.tolist() == [355000.0, 355200.5]
    assert sites["height_m"].tolist() == [25.0, 9.0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("site_id,name,x,y\nA,Крыша на Средней,1000,2000\n", "cp1251"),
        ("site_id,name,x,y\nA,Église Saint-Félix,1000,2000\n", "cp1252"),
        ("site_id,name,x,y\nA,Église Saint-Félix,1000,2000\n", "latin-1"),
    ],
)
def test_legacy_encodings_keep_names_whole(tmp_path: Path, text: str, encoding: str) -> None:
    sites, _, faults = read_sites(write(tmp_path, text, encoding=encoding), CRS)
    assert sites["name"].tolist() == [text.splitlines()[1].split(",")[1]]
    assert "sites.encoding" in codes(faults)


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=2, max_size=30))
def test_cyrillic_words_are_told_from_accents(word: str) -> None:
    assert decode(f"имя;{word}".encode("cp1251"))[0] == f"имя;{word}"


def test_longitude_and_latitude_are_projected(tmp_path: Path) -> None:
    path = write(tmp_path, "Site;Longitude;Latitude\nA;-1,5536;47,2173\n")
    sites, _, faults = read_sites(path, CRS)
    assert not faults.errors
    back = sites.to_crs(4326).geometry.iloc[0]
    assert (back.x, back.y) == (pytest.approx(-1.5536, abs=1e-7), pytest.approx(47.2173, abs=1e-7))


def test_terrain_comes_from_the_area(tmp_path: Path, nantes: FlatArea) -> None:
    sites = read_sites(write(tmp_path, PLAIN), area=nantes).sites
    assert sites["ground_amsl_m"].tolist() == pytest.approx([10.0, 12.0], abs=0.03)
    assert (sites["antenna_amsl_m"] - sites["ground_amsl_m"]).tolist() == [25.0, 9.0]


def test_excel_and_vector_files_read_the_same(tmp_path: Path) -> None:
    expected = read_sites(write(tmp_path, PLAIN), CRS).sites
    book = openpyxl.Workbook()
    for line in PLAIN.splitlines():
        book.active.append([number(cell) or cell for cell in line.split(",")])
    book.save(tmp_path / "sites.xlsx")
    shapes = expected[["site_id", "height_m", "status", "geometry"]]
    shapes.to_file(tmp_path / "sites.gpkg")
    shapes.to_crs(4326).to_file(tmp_path / "sites.geojson")
    shapes.to_file(tmp_path / "sites.shp")
    for name in ("sites.xlsx", "sites.gpkg", "sites.geojson", "sites.shp"):
        found, _, faults = read_sites(tmp_path / name, CRS)
        assert not faults.errors, name
        assert found["site_id"].tolist() == ["A", "B"]
        assert found["height_m"].tolist() == [25.0, 9.0]
        assert found.geometry.distance(expected.geometry).max() < 0.02, name


def test_kml_from_a_map_program_is_read(tmp_path: Path) -> None:
    text = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">
    <Document><Placemark><name>K-1</name><Point><coordinates>-1.5536,47.2173,0</coordinates></Point>
    </Placemark></Document></kml>"""
    sites, _, faults = read_sites(write(tmp_path, text, "sites.kml"), CRS)
    assert not faults.errors
    assert sites["site_id"].tolist() == ["K-1"]


def test_azimuths_in_one_cell_and_in_rows_are_the_same_sectors(tmp_path: Path) -> None:
    one = "site_id,x,y,azimuths,tilt,power_w\nA,355000,6689000,0/120/240,4,40\n"
    many = "site_id,x,y,azimuth,etilt,power_dbm\n" + "".join(
        f"A,355000,6689000,{azimuth},4,46.0206\n" for azimuth in (0, 120, 240)
    )
    first = read_sites(write(tmp_path, one), CRS)
    second = read_sites(write(tmp_path, many), CRS)
    assert not first.faults.errors
    assert not second.faults.errors
    assert len(first.sites) == len(second.sites) == 1
    assert_frame_equal(first.sectors, second.sectors, check_dtype=False, rtol=1e-5)
    cells = cells_from_sectors(first.sectors, first.sites, carrier("n78"))
    assert cells["cell_id"].tolist() == ["A-1", "A-2", "A-3"]
    assert cells["power_dbm"].tolist() == pytest.approx([46.0206] * 3, abs=1e-4)


def test_all_faults_come_at_once_with_their_rows(tmp_path: Path) -> None:
    text = (
        "site_id,x,y,height_m,status,azimuth,heigth\n"
        "K-01,355000,6689000,25,existing,0/120,1\n"
        "K-02,355010,6689000,3000,existing,0,1\n"
        "K-03,355020,6689000,20,existng,0,1\n"
        "K-04,,6689000,20,existing,0,1\n"
        "K-05,355040,6689000,tall,existing,0,1\n"
        "K-06,355050,6689000,20,existing,north,1\n"
        "K-01,356000,6689000,25,existing,240,1\n"
        ",355060,6689000,25,existing,240,1\n"
    )
    sites, sectors, faults = read_sites(write(tmp_path, text), CRS)
    assert sites.empty
    assert sectors.empty
    rows = {(fault.code, fault.row) for fault in faults.errors}
    assert rows == {
        ("sites.height-range", 3),
        ("sites.status", 4),
        ("sites.no-place", 5),
        ("sites.number", 6),
        ("sites.azimuth", 7),
        ("sites.two-places", 8),
        ("sites.no-name", 9),
    }
    words = "\n".join(map(str, faults))
    assert "Is it in centimetres?" in words
    assert 'Did you mean "existing"?' in words
    assert 'column "heigth" is not known and is left out. Did you mean "height"?' in words
    assert 'row 3: (site "K-02"): height_m is 3000; antennas stand 1 to 300 m' in words
    with pytest.raises(InputError, match="7 faults"):
        faults.raise_errors()


def test_duplicate_names_name_both_rows(tmp_path: Path) -> None:
    path = write(tmp_path, "site_id,x,y\nA,355000,6689000\nA,355000,6689000\n")
    faults = read_sites(path, CRS).faults
    assert codes(faults.errors) == ["sites.duplicate-name"]
    assert faults.errors[0].row == 3
    assert "first in row 2" in faults.errors[0].message


def test_rows_count_lines_even_with_line_breaks_in_names(tmp_path: Path) -> None:
    path = write(tmp_path, 'site_id,x,y,height\n"A\n1",355000,6689000,20\n\nB,355000,6689000,900\n')
    faults = read_sites(path, CRS).faults
    assert [(fault.code, fault.row) for fault in faults.errors] == [("sites.height-range", 5)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("site_id,lon,lat\nA,47.2173,-1.5536\n", "sites.swapped"),
        ("site_id,x,y\nA,6689000,355000\n", "sites.swapped"),
        ("site_id,x,y\nA,-1.5536,47.2173\n", "sites.degrees"),
        ("site_id,lon,lat\nA,2.35,48.85\n", "sites.all-outside"),
        ("site_id,lon,lat\nA,-1.5536,47.2173\nB,-1.55,47.21\nC,-1.5,120\n", "sites.place"),
    ],
)
def test_places_that_cannot_be_are_explained(
    tmp_path: Path, nantes: FlatArea, text: str, code: str
) -> None:
    assert code in codes(read_sites(write(tmp_path, text), area=nantes).faults.errors)


def test_swapped_degrees_are_seen_without_a_map(tmp_path: Path) -> None:
    path = write(tmp_path, "site_id,lon,lat\nA,47.2173,-1.5536\n")
    assert codes(read_sites(path, CRS).faults.errors) == ["sites.swapped"]


def test_sites_off_the_map_are_left_out_and_counted(tmp_path: Path, nantes: FlatArea) -> None:
    far = "".join(f"F{number},{360000 + number},6689000,20,existing\n" for number in range(15))
    sites, _, faults = read_sites(write(tmp_path, PLAIN + far), area=nantes)
    assert sites["site_id"].tolist() == ["A", "B"]
    assert not faults.errors
    off = [fault for fault in faults if fault.code == "sites.outside"]
    assert len(off) == 11
    assert sum(fault.count for fault in off) == 15


def test_the_map_gives_roofs_and_buildings(tmp_path: Path, nantes: FlatArea) -> None:
    text = (
        "site_id,x,y,kind,height,status\n"
        "roof,355250,6689150,rooftop,,existing\n"
        "low,355250,6689150,rooftop,12,existing\n"
        "pole,355250,6689150,pole,,existing\n"
        "open,355000,6689000,rooftop,,existing\n"
    )
    sites, _, faults = read_sites(write(tmp_path, text), area=nantes)
    table = sites.set_index("site_id")
    assert table["building"].to_dict() == {"roof": 7, "low": 7, "pole": 0, "open": 0}
    assert table["height_m"].to_dict() == pytest.approx(
        {"roof": 34.0, "low": 12.0, "pole": 9.0, "open": 25.0}, abs=1e-4
    )
    assert [(fault.code, fault.row) for fault in faults] == [("sites.below-roof", 3)]


def test_what_is_assumed_is_said(tmp_path: Path) -> None:
    faults = read_sites(write(tmp_path, "site_id,x,y\nA,355000,6689000\n"), CRS).faults
    text = "\n".join(map(str, faults))
    assert not faults.errors
    assert 'no column "status": all sites are taken as "candidate"' in text
    assert 'no column "height_m"' in text


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("sites.csv", "", "sites.empty"),
        ("sites.csv", "site_id,x,y\n", "sites.empty"),
        ("sites.csv", "\n\n", "sites.empty"),
        ("sites.csv", "site_id,height\nA,20\n", "sites.no-coordinates"),
        ("sites.csv", "site_id,x,y,h,height\nA,1000,2000,3,4\n", None),
        ("sites.csv", "site_id,x,y,height,height_m\nA,1000,2000,3,4\n", "sites.two-columns"),
        ("sites.csv", "site_id,x,y\nA,1000,2000,extra\n", "sites.row-length"),
        ("sites.csv", "site_id,x,x,y\nA,1000,1000,2000\n", "sites.two-columns"),
        ("sites.csv", "355000,6689000\n355000,6689001\n", "sites.no-coordinates"),
        ("sites.doc", "what", "sites.format"),
        ("sites.xlsx", "no workbook", "sites.unreadable"),
        ("sites.gpkg", "no package", "sites.unreadable"),
    ],
)
def test_files_that_hold_no_sites_are_faults(
    tmp_path: Path, name: str, text: str, code: str | None
) -> None:
    faults = read_sites(write(tmp_path, text, name), CRS).faults
    assert codes(faults.errors) == ([code] if code else [])


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    assert codes(read_sites(tmp_path / "none.csv", CRS).faults) == ["sites.no-file"]
    with pytest.raises(InputError, match="needs crs or area"):
        read_sites(tmp_path / "none.csv")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_layer_without_crs_and_lines_are_faults(tmp_path: Path) -> None:
    from shapely import LineString, Point

    shapes = gpd.GeoDataFrame({"id": ["A"]}, geometry=[Point(0, 0)])
    shapes.to_file(tmp_path / "sites.gpkg")
    assert "sites.no-crs" in codes(read_sites(tmp_path / "sites.gpkg", CRS).faults)
    lines = gpd.GeoDataFrame(
        {"id": ["A"]}, geometry=[LineString([(1000, 0), (3000, 9)])], crs="EPSG:2154"
    )
    lines.to_file(tmp_path / "lines.gpkg")
    assert codes(read_sites(tmp_path / "lines.gpkg", CRS).faults.errors) == ["sites.shape"]


def test_written_sites_come_back(tmp_path: Path, nantes: FlatArea) -> None:
    sites = read_sites(write(tmp_path, PLAIN), area=nantes).sites
    write_sites(sites, tmp_path / "again.csv")
    again, _, faults = read_sites(tmp_path / "again.csv", CRS)
    assert not len(faults)
    assert_frame_equal(sites, again)


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    header, *rows = PLAIN.splitlines()
    text = "\n".join([header, *reversed(rows)]) + "\n"
    first = read_sites(write(tmp_path, PLAIN), CRS).sites
    second = read_sites(write(tmp_path, text), CRS).sites
    assert_frame_equal(first, second.sort_values("site_id").reset_index(drop=True))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 359), min_size=1, max_size=6),
    st.sampled_from(["/", ";", " / ", " ", ", ", "|"]),
)
def test_azimuth_lists_are_read_with_any_separator(given_deg: list[int], mark: str) -> None:
    assert azimuths(mark.join(map(str, given_deg))) == [float(one) for one in given_deg]


def test_paris_open_data_needs_only_names(shared_data: Path) -> None:
    """2,170 sites as the city publishes them: no heights, places as a Python record."""
    path = shared_data / "paris_sites" / "antennes.csv"
    mapping = {"site_id": "code_site", "point": "geo_point_2d", "name": "adresse"}
    sites, sectors, faults = read_sites(path, CRS, mapping=mapping)
    assert not faults.errors
    assert len(sites) == 2170
    assert sectors.empty
    assert sites["name"].iloc[0] == "5 bis Rue massenet"
    bounds = sites.to_crs(4326).total_bounds
    assert bounds == pytest.approx([2.22, 48.81, 2.47, 48.91], abs=0.03)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.lists(
            st.lists(
                st.sampled_from(
                    [
                        "",
                        "A",
                        "B",
                        "355000",
                        "-1,5",
                        "47.2",
                        "x",
                        "0/120",
                        "nan",
                        "inf",
                        "1e400",
                        '"',
                        "é",
                    ]
                ),
                max_size=7,
            ).map(",".join),
            max_size=5,
        ).map(lambda rows: "\n".join(["site_id,x,y,height,azimuth,kind", *rows]).encode()),
    ),
    st.booleans(),
)
def test_no_file_is_bad_enough_for_a_traceback(
    tmp_path_factory, data: bytes, degrees: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(data.replace(b"x,y", b"lon,lat") if degrees else data)
    sites, _, faults = read_sites(path, CRS)
    assert len(sites) or faults.errors
    assert sites.empty or np.isfinite(sites.geometry.x).all()


def test_coordinates_in_another_crs_and_a_stated_encoding(nantes, tmp_path):
    import pyproj

    move = pyproj.Transformer.from_crs(CRS, "EPSG:3857", always_xy=True)
    x, y = move.transform(355_250.0, 6_689_150.0)
    path = tmp_path / "sites.csv"
    path.write_bytes(f"site_id;x;y;name\nA;{x};{y};Café\n".encode("cp850"))
    read = read_sites(path, area=nantes, source_crs="EPSG:3857", encoding="cp850")
    assert not read.faults.errors
    assert read.sites.geometry.x[0] == pytest.approx(355_250.0, abs=0.01)
    assert read.sites.loc[0, "name"] == "Café"
    codes = {fault.code for fault in read_sites(path, area=nantes, source_crs="EPSG:0").faults}
    assert "sites.unknown-crs" in codes


def test_rows_without_a_place_tell_their_other_faults_too(nantes, tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text(
        "site_id,x,y,height,status,kind\nA,,,900,foo,rooftop\n,355250,6689150,20,x,pole\n"
    )
    found = {(fault.code, fault.row) for fault in read_sites(path, area=nantes).faults.errors}
    assert {("sites.no-place", 2), ("sites.height-range", 2), ("sites.status", 2)} <= found
    assert {("sites.no-name", 3), ("sites.status", 3)} <= found


def test_swapped_coordinates_are_told_once(nantes, tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text("site_id,lon,lat\nA,47.217,-1.553\nB,47.216,-1.552\n")
    found = read_sites(path, area=nantes).faults.errors
    assert [fault.code for fault in found] == ["sites.swapped"]


def test_an_empty_word_in_a_map_file_is_no_value(nantes, tmp_path):
    points = gpd.points_from_xy([355_250.0, 355_100.0], [6_689_150.0, 6_689_150.0], crs=CRS)
    values = {"site_id": ["A", "B"], "azimuth": ["0/120/240", ""], "status": ["existing", ""]}
    gpd.GeoDataFrame(values, geometry=points).to_file(tmp_path / "sites.gpkg")
    read = read_sites(tmp_path / "sites.gpkg", area=nantes)
    assert not read.faults.errors
    assert read.sites["status"].tolist() == ["existing", "candidate"]
    assert set(read.sectors["site_id"]) == {"A"}
