"""Drive tests as people and instruments write them, and everything that can be wrong with them."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from tests.coverage.conftest import make_area

from cellwright.errors import InputError
from cellwright.measurement import POINT_COLUMNS, measurement_presets, read_measurements, read_track
from cellwright.measurement.nmea import checksum

CRS = "EPSG:2154"
LON, LAT = -1.5536, 47.2184
CELLS = ["A-1", "A-2", "B-1"]


@pytest.fixture
def write(tmp_path):
    def one(text, name="drive.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return one


def rows(header, *lines):
    return "\n".join([header, *lines]) + "\n"


def codes(found):
    return [fault.code for fault in found.faults]


GOOD = rows(
    "time,lat,lon,cell_id,rsrp_dbm",
    f"2024-05-01T10:00:00,{LAT},{LON},A-1,-90.5",
    f"2024-05-01T10:00:01,{LAT + 1e-4},{LON},A-2,-95",
    f"2024-05-01T10:00:02,{LAT + 2e-4},{LON},B-1,-101.5",
)


def test_a_plain_file_gives_points_in_the_districts_crs(write):
    found = read_measurements(write(GOOD), CRS, cells=CELLS)
    assert codes(found) == []
    assert tuple(found.points.columns) == POINT_COLUMNS
    x, y = pyproj.Transformer.from_crs(4326, 2154, always_xy=True).transform(LON, LAT)
    assert found.points["x_m"].iloc[0] == pytest.approx(x)
    assert found.points["y_m"].iloc[0] == pytest.approx(y)
    assert found.points["rsrp_dbm"].tolist() == [-90.5, -95.0, -101.5]
    assert found.points["row"].tolist() == [2, 3, 4]
    assert str(found.points["time"].iloc[2]) == "2024-05-01 10:00:02"


@pytest.mark.parametrize(
    ("preset", "header"),
    [
        (None, "Timestamp;Latitude;Longitude;Cell;SS-RSRP"),
        ("tems", "Time;All-Latitude Decimal Degree;All-Longitude Decimal Degree;Serving Cell Name;Serving Cell RSRP (dBm)"),
        ("gnettrack", "Timestamp;Latitude;Longitude;Cellname;Level"),
    ],
)  # fmt: skip
def test_presets_semicolons_and_decimal_commas(write, preset, header):
    comma = f"{LAT:.4f};{LON:.4f}".replace(".", ",")
    text = rows(
        header, f"2024.05.01_10.00.00;{comma};A-1;-90,5", f"2024.05.01_10.00.01;{comma};B-1;-91,5"
    )
    found = read_measurements(write(text), CRS, preset=preset, cells=CELLS)
    assert codes(found) == []
    assert found.points["rsrp_dbm"].tolist() == [-90.5, -91.5]
    assert str(found.points["time"].iloc[1]) == "2024-05-01 10:00:01"


def test_lpwan_files_of_one_transmitter(write):
    text = rows(
        "Lat,Lon,RSRP,RSSI,SNR,Dist",
        f"{LAT},{LON},-68.7,-62,22.6,NaN",
        f"{LAT},{LON},-70,-62,22.6,NaN",
    )
    found = read_measurements(write(text), CRS, preset="lpwan", cell_id="GW")
    assert codes(found) == ["measurements.one-cell"]
    assert found.points["rsrp_dbm"].tolist() == [-68.7, -70.0]
    assert "measurements.no-cell" in codes(read_measurements(write(text), CRS, preset="lpwan"))


def test_wide_files_with_one_column_per_cell(write):
    text = rows("lat,lon,RSRP_A-1,A-2,speed", f"{LAT},{LON},-90,,13", f"{LAT},{LON},-91,-99,14")
    found = read_measurements(write(text), CRS, cells=CELLS)
    got = found.points[["row", "cell_id", "rsrp_dbm"]].to_numpy().tolist()
    assert got == [[2, "A-1", -90.0], [3, "A-1", -91.0], [3, "A-2", -99.0]]


def test_a_mapping_wins_and_its_faults_are_told(write):
    text = rows("n,e,who,how", "6689000,355000,A-1,-90", "6689010,355000,A-2,-92")
    mapping = {"x_m": "e", "y_m": "n", "cell_id": "who", "rsrp_dbm": "how"}
    found = read_measurements(write(text), CRS, mapping=mapping, cells=CELLS)
    assert found.points["x_m"].tolist() == [355000.0, 355000.0]
    wrong = read_measurements(write(text), CRS, mapping={**mapping, "rsrp": "how", "time": "whn"})
    cures = " ".join(fault.cure for fault in wrong.faults)
    assert 'Did you mean "rsrp_dbm"?' in cures
    assert codes(wrong).count("measurements.mapping") == 2


@pytest.mark.parametrize("text", ["", "time,lat,lon,cell_id,rsrp_dbm\n"])
def test_empty_sets(write, text):
    found = read_measurements(write(text), CRS)
    assert codes(found) == ["measurements.empty"]
    with pytest.raises(InputError):
        found.faults.raise_errors()


def test_no_file_no_level_no_place(write, tmp_path):
    assert codes(read_measurements(tmp_path / "no.csv", CRS)) == ["measurements.no-file"]
    found = read_measurements(write(rows("lat,lon,cell_id", f"{LAT},{LON},A-1")), CRS)
    assert "measurements.no-level" in codes(found)
    found = read_measurements(write(rows("cell_id,rsrp", "A-1,-90")), CRS)
    assert "measurements.no-place" in codes(found)
    with pytest.raises(InputError, match="crs or area"):
        read_measurements(write(GOOD))
    with pytest.raises(InputError, match="generic"):
        read_measurements(write(GOOD), CRS, preset="genericc")
    assert set(measurement_presets()) == {"generic", "tems", "gnettrack", "lpwan"}


def test_all_faults_of_a_file_come_at_once(write):
    text = rows(
        "time,lat,lon,cell_id,rsrp_dbm,height_m,indoor",
        f"2024-05-01T10:00:00,{LAT},{LON},A-1,weak,1.5,no",
        f"yesterday,{LAT},{LON},A-1,-90,1.5,no",
        f"2024-05-01T10:00:02,{LAT},{LON},A-1,-900,1.5,no",
        f"2024-05-01T10:00:03,{LAT},{LON},A-1,-90,-30,maybe",
        f"2024-05-01T10:00:04,{LAT},{LON},A-1,-90,1.5,yes",
    )
    found = read_measurements(write(text), CRS, cells=CELLS)
    told = {(fault.code, fault.row) for fault in found.faults}
    assert {
        ("measurements.number", 2), ("measurements.time", 3), ("measurements.level", 4),
        ("measurements.height", 5), ("measurements.indoor", 5),
    } <= told  # fmt: skip
    assert found.points.empty
    assert all("drive.csv" in fault.file for fault in found.faults)


def test_unknown_cells_are_named_with_the_nearest_and_left_out(write):
    found = read_measurements(write(GOOD), CRS, cells=["A-1", "A-2", "B-11"])
    (fault,) = [f for f in found.faults if f.code == "measurements.unknown-cell"]
    assert 'cell "B-1"' in fault.message
    assert fault.cure == 'Did you mean "B-11"?'
    assert fault.row == 4
    assert fault.severity == "warning"
    assert len(found.points) == 2
    none = read_measurements(write(GOOD), CRS, cells=["X", "Y"])
    assert none.faults.errors
    other = read_measurements(write(GOOD.replace("A-1", "a_1")), CRS, cells=CELLS)
    assert other.points["cell_id"].iloc[0] == "A-1"


def test_times_out_of_order_are_said_and_sorted(write):
    text = GOOD.replace("10:00:02", "09:00:00")
    found = read_measurements(write(text), CRS, cells=CELLS)
    (fault,) = [f for f in found.faults if f.code == "measurements.time-order"]
    assert fault.row == 4
    assert found.points["row"].tolist() == [4, 2, 3]


def test_rows_without_level_or_place_are_counted(write):
    text = GOOD + f"2024-05-01T10:00:03,{LAT},{LON},A-1,NaN\n2024-05-01T10:00:04,,,A-1,-90\n"
    found = read_measurements(write(text), CRS, cells=CELLS)
    told = {fault.code: fault for fault in found.faults}
    assert told["measurements.no-value"].row == 5
    assert told["measurements.no-position"].row == 6
    assert len(found.points) == 3
    empty = read_measurements(write(text.replace("-9", "nan;").replace("-10", "nan;")), CRS)
    assert empty.faults.errors


def test_losses_in_db_are_not_levels(write):
    text = GOOD.replace(",-9", ",9").replace(",-101", ",101")
    (fault,) = read_measurements(write(text), CRS, cells=CELLS).faults.errors
    assert fault.code == "measurements.loss-not-level"
    assert "dBm given as dB loss" in fault.message
    assert fault.row == 2


def test_swapped_degrees(write):
    text = GOOD.replace("lat,lon", "lon,lat")
    (fault,) = read_measurements(write(text), CRS, cells=CELLS).faults.errors
    assert fault.code == "measurements.swapped"


@pytest.mark.parametrize("with_map", [False, True])
def test_kilometres_as_metres(write, with_map):
    area = make_area(2000.0)
    area.surface = area.surface.assign_coords(
        x=area.surface.x + 355_000, y=area.surface.y + 6_689_000
    )
    where = {"area": area} if with_map else {"crs": CRS}
    text = rows("x_m,y_m,cell_id,rsrp", "355.0,6689.0,A-1,-90", "355.01,6689.0,A-2,-91")
    (fault,) = read_measurements(write(text), cells=CELLS, **where).faults.errors
    assert fault.code == "measurements.kilometres"
    assert "Write metres" in fault.cure


def test_degrees_as_metres(write):
    text = GOOD.replace("lat,lon", "y_m,x_m")
    (fault,) = read_measurements(write(text), CRS, cells=CELLS).faults.errors
    assert fault.code == "measurements.degrees"


def test_a_one_cell_set_is_warned_of(write):
    text = GOOD.replace("A-2", "A-1").replace("B-1", "A-1")
    found = read_measurements(write(text), CRS, cells=CELLS)
    (fault,) = found.faults
    assert fault.severity == "warning"
    assert "cross-validated by cell" in fault.message


def test_cells_may_be_told_by_pci(write):
    text = GOOD.replace("rsrp_dbm", "rsrp_dbm,pci").replace("\n2024", ",7\n2024")
    text = text.replace("A-", "900").replace("B-", "800").rstrip() + ",8\n"
    text = text.replace("rsrp_dbm,pci,7", "rsrp_dbm,pci")
    found = read_measurements(write(text), CRS, cells=CELLS)
    assert codes(found) == ["measurements.cell-by-pci"]
    assert found.points["pci"].tolist() == [7, 7, 8]
    assert (found.points["cell_id"] == "").all()


# -- NMEA -------------------------------------------------------------------------------------


def sentence(body):
    return f"${body}*{checksum(body):02X}"


def rmc(clock, lat, lon, date="010524"):
    return sentence(f"GPRMC,{clock},A,{lat},N,{lon},W,022.4,084.4,{date},003.1,W")


TRACK = "\n".join([
    sentence("GPGSV,1,1,00"),
    rmc("100000.00", "4713.1040", "00133.2160"),
    sentence("GPGGA,100002.00,4713.1240,N,00133.2160,W,1,08,0.9,15.4,M,46.9,M,,"),
    rmc("100004.00", "4713.1440", "00133.2160"),
    "$GPRMC,100006.00,A,4799.0000,N,00133.2160,W,022.4,084.4,010524,003.1,W*00",
    sentence("GPRMC,100008.00,V,,,,,,,010524,,"),
])  # fmt: skip


def test_the_textbook_sentence_has_its_checksum():
    body = "GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W"
    assert f"{checksum(body):02X}" == "6A"


def test_a_track_is_read_and_its_broken_sentence_told(write):
    track, faults = read_track(write(TRACK, "log.nmea"))
    assert len(track) == 3
    assert str(track["time"].iloc[1]) == "2024-05-01 10:00:02"
    assert track["lat"].iloc[0] == pytest.approx(47 + 13.104 / 60)
    assert track["lon"].iloc[0] == pytest.approx(-(1 + 33.216 / 60))
    assert [(fault.code, fault.row) for fault in faults] == [("track.checksum", 5)]


def test_levels_join_the_track_by_time_between_fixes(write):
    levels = rows(
        "time,cell_id,rsrp", "2024-05-01T10:00:01Z,A-1,-90", "2024-05-01T10:00:03Z,A-2,-91",
        "2024-05-01T11:00:00Z,A-1,-92",
    )  # fmt: skip
    found = read_measurements(write(levels), CRS, cells=CELLS, track=write(TRACK, "log.nmea"))
    assert "measurements.no-position" in codes(found)
    assert len(found.points) == 2
    by_clock = write(levels.replace("2024-05-01T", "").replace("Z,", ","), "clock.csv")
    again = read_measurements(by_clock, CRS, cells=CELLS, track=write(TRACK, "log.nmea"))
    assert again.points["x_m"].tolist() == found.points["x_m"].tolist()
    back = pyproj.Transformer.from_crs(2154, 4326, always_xy=True)
    _, lat = back.transform(found.points["x_m"], found.points["y_m"])
    np.testing.assert_allclose(np.array(lat), [47 + 13.114 / 60, 47 + 13.134 / 60], atol=1e-7)


def test_tracks_that_go_back_or_are_no_tracks(write):
    later = "\n".join(
        [rmc("100004.00", "4713.1", "00133.2"), rmc("100000.00", "4713.2", "00133.2")]
    )
    track, faults = read_track(write(later, "log.nmea"))
    assert [(fault.code, fault.row) for fault in faults] == [("track.time-order", 2)]
    assert track["time"].is_monotonic_increasing
    _, faults = read_track(write("hello", "log.nmea"))
    assert faults.errors[0].code == "track.empty"
    found = read_measurements(write(GOOD), CRS, track="nowhere.nmea")
    assert "track.no-file" in codes(found)
