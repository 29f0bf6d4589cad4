"""Bands, rasters and resource blocks against numbers printed in 3GPP's own documents."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright import radio
from cellwright.errors import SpectrumError
from cellwright.radio.resource_blocks import SUBCARRIERS_PER_RB
from cellwright.radio.tables import read_table


@pytest.mark.parametrize(
    ("number", "mhz"),
    [  # TS 38.104 Table 5.4.2.3-1 edges; TS 38.508-1 Table 4.3.1.1.1.78-1 test frequencies
        (620334, 3305.01),
        (636666, 3549.99),
        (653000, 3795.0),
        (620352, 3305.28),
        (422000, 2110.0),
        (173800, 869.0),
        (2016667, 24250.08),
        (2229167, 37000.08),
        (0, 0.0),
        (599999, 2999.995),
        (600000, 3000.0),
        (3279165, 99999.96),
    ],
)
def test_nr_arfcn_of_the_standard(number, mhz):
    assert radio.nr_arfcn_mhz(number) == pytest.approx(mhz, abs=1e-9)
    assert radio.nr_arfcn(mhz) == number


@given(st.integers(0, 3_279_165))
def test_nr_arfcn_round_trip(number):
    assert radio.nr_arfcn(radio.nr_arfcn_mhz(number)) == number


@given(st.integers(2, 26_639))
def test_gscn_round_trip(number):
    assert radio.gscn(radio.gscn_mhz(number)) == number


def test_gscn_of_the_standard():
    assert radio.gscn_mhz(7711) == radio.nr_arfcn_mhz(620352)
    # TS 38.104 Table 5.4.3.1-1: N = 1, M = 1, 3, 5 are GSCN 2, 3, 4
    assert [radio.gscn_mhz(n) for n in (2, 3, 4, 5)] == [1.25, 1.35, 1.45, 2.45]
    assert radio.gscn_mhz(26639) == pytest.approx(24250.08 + 17.28 * 4383)


@pytest.mark.parametrize("mhz", [3500.0, 24250.0, 2110.003])
def test_off_raster_names_the_neighbours(mhz):
    with pytest.raises(SpectrumError, match="Nearest"):
        radio.nr_arfcn(mhz)
    assert abs(radio.nr_arfcn_mhz(radio.nr_arfcn(mhz, nearest=True)) - mhz) <= 0.08 + 1e-9


@pytest.mark.parametrize(("number", "error"), [(-1, "0 to 3279165"), (3279166, "0 to 3279165")])
def test_nr_arfcn_outside(number, error):
    with pytest.raises(SpectrumError, match=error):
        radio.nr_arfcn_mhz(number)


@pytest.mark.parametrize(
    "row", read_table("nr_channel_raster.csv"), ids=lambda r: f"{r['band']}-{r['raster_khz']}"
)
def test_channel_raster_lies_in_its_band(row):
    item = radio.band(row["band"])
    for direction in ("uplink", "downlink"):
        if not row[f"{direction}_first"]:
            assert getattr(item, f"{direction}_mhz") is None
            continue
        low, high = item.edges_mhz(direction)
        first = radio.nr_arfcn_mhz(int(row[f"{direction}_first"]))
        last = radio.nr_arfcn_mhz(int(row[f"{direction}_last"]))
        assert low - 1e-6 <= first < last <= high + 1e-6
        count = int(row[f"{direction}_last"]) - int(row[f"{direction}_first"])
        assert count % int(row["step"]) in (0, 1)


@pytest.mark.parametrize(
    "row", read_table("nr_sync_raster.csv"), ids=lambda r: f"{r['band']}-{r['scs_khz']}"
)
def test_synchronisation_blocks_fit_their_band_tightly(row):
    # a block is 20 resource blocks wide; the next raster point outwards must no longer fit a channel
    low, high = radio.band(row["band"]).edges_mhz()
    half = 10 * SUBCARRIERS_PER_RB * int(row["scs_khz"]) / 1000.0
    first, last = (radio.gscn_mhz(int(row[key])) for key in ("gscn_first", "gscn_last"))
    slack = 40.0 if low > 24_000 else 12.0 if row["gscn_step"] == "16" else 2.0
    assert 0.0 <= first - half - low < slack
    assert 0.0 <= high - last - half < slack


def test_earfcn_of_the_standard():
    # TS 36.101 Table 5.7.3-1: first numbers of bands
    for name, downlink, uplink in [
        ("B1", 0, 18000),
        ("B3", 1200, 19200),
        ("B7", 2750, 20750),
        ("B20", 6150, 24150),
        ("B38", 37750, 37750),
        ("B66", 66436, 131972),
    ]:
        item = radio.band(name)
        assert radio.earfcn(item.downlink_mhz[0], name) == downlink
        assert radio.earfcn(item.uplink_mhz[0], name, "uplink") == uplink
    assert radio.earfcn_mhz(6300) == ("B20", "downlink", 806.0)


@pytest.mark.parametrize("item", radio.bands("lte"), ids=lambda b: b.name)
def test_earfcn_round_trip(item):
    for direction in ("downlink", "uplink"):
        edges = getattr(item, f"{direction}_mhz")
        if edges is None:
            continue
        for mhz in (edges[0], round((edges[0] + edges[1]) / 2, 1), round(edges[1] - 0.1, 1)):
            found = radio.earfcn_mhz(radio.earfcn(mhz, item.name, direction))
            assert found[2] == pytest.approx(mhz)
            assert found[0] == item.name


def test_earfcn_ranges_do_not_overlap():
    spans = []
    for row in read_table("lte_bands.csv"):
        for way in ("downlink", "uplink"):
            if row[f"{way}_offset"] and not (way == "uplink" and row["duplex"] == "TDD"):
                low, high = radio.band(row["band"]).edges_mhz(way)
                start = int(row[f"{way}_offset"])
                spans.append((start, start + round((high - low) * 10)))
    spans.sort()
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_bands_make_sense():
    assert len(radio.bands("nr")) >= 65
    assert len(radio.bands("lte")) >= 60
    for item in radio.bands():
        if item.duplex == "TDD":
            assert item.uplink_mhz == item.downlink_mhz
        if item.duplex == "FDD":
            assert (
                item.uplink_mhz[1] <= item.downlink_mhz[0]
                or item.uplink_mhz[0] >= item.downlink_mhz[1]
            )
        assert (item.downlink_mhz is None) == (item.duplex == "SUL")
        assert (item.uplink_mhz is None) == (item.duplex == "SDL")
        # every channel a band lists has resource blocks and fits into the band
        for scs, widths in item.bandwidths_mhz.items():
            for width in widths:
                middle = 1000.0 if item.frequency_range == "FR1" else 30_000.0
                assert radio.resource_blocks(item.rat, width, scs, middle) > 0
                low, high = item.edges_mhz("uplink" if item.duplex == "SUL" else "downlink")
                assert width <= high - low


def test_nr_bands_of_the_same_number_match_lte():
    # where both lists have a number the edges agree (n28, n66, ...)
    for item in radio.bands("nr"):
        if f"B{item.name[1:]}".lower() in {b.name.lower() for b in radio.bands("lte")}:
            twin = radio.band(f"B{item.name[1:]}")
            if twin.duplex == item.duplex:
                assert (twin.uplink_mhz, twin.downlink_mhz) == (item.uplink_mhz, item.downlink_mhz)


def test_unknown_band_is_answered_with_the_nearest():
    with pytest.raises(SpectrumError, match='Did you mean "n78"'):
        radio.band("nn78")


def test_channel_faults_name_all_that_is_wrong():
    faults = radio.channel_faults("n78", 3290.0, 35.0, 30, file="carriers.toml", row=4)
    assert {fault.code for fault in faults} == {"carrier.bandwidth", "carrier.frequency"}
    assert all("carriers.toml row 4" in str(fault) for fault in faults)
    assert [f.code for f in radio.channel_faults("n78", 3500.0, 100.0, 120)] == ["carrier.scs"]
    assert [f.code for f in radio.channel_faults("n999", 3500.0, 100.0, 30)] == ["carrier.band"]
    assert not radio.channel_faults("n258", 26_000.0, 400.0, 120)
    assert not radio.channel_faults("n79", 4850.0, 100.0, 30)
    assert not radio.channel_faults("B3", 1842.5, 20.0)
    assert len(radio.channel_faults("n75", 1450.0, 10.0, 15, direction="uplink")) == 1


def test_nearest_channel():
    assert radio.nearest_channel_mhz("n1", 2140.04) == 2140.0
    assert radio.nearest_channel_mhz("n41", 2590.0, 30) == pytest.approx(2589.99, abs=0.02)
    number = radio.nr_arfcn(radio.nearest_channel_mhz("n258", 26_000.0, 120))
    assert (number - 2016667) % 2 == 0


@pytest.mark.parametrize(
    ("mhz", "scs", "area", "blocks"),
    [
        (100, 30, "FR1", 273),
        (20, 15, "FR1", 106),
        (5, 15, "FR1", 25),
        (100, 60, "FR1", 135),
        (400, 120, "FR2", 264),
        (100, 120, "FR2", 66),
        (50, 30, "FR1", 133),
        (40, 30, "FR1", 106),
    ],
)
def test_resource_blocks(mhz, scs, area, blocks):
    assert radio.nr_resource_blocks(mhz, scs, area) == blocks


@pytest.mark.parametrize(
    ("mhz", "scs", "area", "guard_khz"),
    [  # TS 38.101-1 / -2 Table 5.3.3-1
        (5, 15, "FR1", 242.5),
        (20, 15, "FR1", 452.5),
        (50, 15, "FR1", 692.5),
        (5, 30, "FR1", 505.0),
        (20, 30, "FR1", 805.0),
        (100, 30, "FR1", 845.0),
        (10, 60, "FR1", 1010.0),
        (100, 60, "FR1", 1370.0),
        (50, 60, "FR2", 1210.0),
        (50, 120, "FR2", 1900.0),
        (400, 120, "FR2", 9860.0),
    ],
)
def test_guard_bands_of_the_standard(mhz, scs, area, guard_khz):
    assert radio.guard_band_khz(mhz, scs, area) == guard_khz


def test_blocks_fit_into_the_channel():
    for row in read_table("nr_resource_blocks.csv"):
        assert (
            radio.guard_band_khz(float(row["bandwidth_mhz"]), int(row["scs_khz"]), row["range"]) > 0
        )


def test_unknown_bandwidth_lists_the_allowed():
    with pytest.raises(SpectrumError, match=r"Allowed .*100"):
        radio.nr_resource_blocks(33, 30)
    with pytest.raises(SpectrumError, match=r"1\.4, 3, 5"):
        radio.lte_resource_blocks(7)
    with pytest.raises(SpectrumError, match="15, 30, 60"):
        radio.numerology(45)


def test_every_table_names_its_source():
    for name in radio.table_names():
        source = radio.table_source(name)
        assert {"document", "edition", "clause", "table"} <= set(source), name
        assert "3GPP" in source["document"]
