"""Files for other tools: COG, GeoPackage, CSV, XLSX, JSON, and the vocabulary behind them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio
import xarray as xr

from cellwright.errors import MapError
from cellwright.report import (
    class_areas,
    legends,
    unit_of,
    vocabulary,
    write_cog,
    write_geopackage,
    write_kpis,
    write_tables,
)

CRS = "EPSG:2154"


def test_cog_carries_unit_classes_and_values(tmp_path: Path, maps: xr.Dataset) -> None:
    values = maps["nr_rsrp_dbm_outdoor"]
    path = write_cog(tmp_path / "rsrp.tif", values, legends()["rsrp_dbm"], crs=CRS)
    with rasterio.open(path) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.dtypes == ("int16",)
        assert raster.units == ("dBm",)
        assert raster.descriptions == ("Received power, RSRP",)
        assert raster.crs.to_epsg() == 2154
        assert raster.bounds.left == pytest.approx(float(values["x"][0]) - 2.5)
        assert raster.bounds.top == pytest.approx(float(values["y"][0]) + 2.5)
        rows = json.loads(raster.tags(1)["CELLWRIGHT_CLASSES"])
        assert [row["from"] for row in rows] == [None, -115, -105, -95, -85, -75]
        stored = raster.read(1, masked=True)
        back = stored.filled(0) * raster.scales[0]
    given = values.to_numpy()
    assert (np.ma.getmaskarray(stored) == np.isnan(given)).all()
    assert back[~np.isnan(given)] == pytest.approx(given[~np.isnan(given)], abs=0.05)


def test_cog_bytes_depend_on_content_only(tmp_path: Path, maps: xr.Dataset) -> None:
    names = ("a.tif", "b.tif")
    one, two = (
        write_cog(tmp_path / n, maps["nr_dl_mbps_outdoor"], crs=CRS).read_bytes() for n in names
    )
    assert one == two
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tif", "b.tif"]


def test_cog_of_fast_speeds_takes_a_coarser_scale(tmp_path: Path, maps: xr.Dataset) -> None:
    fast = maps["nr_dl_mbps_outdoor"] * 0 + 9000.0
    with rasterio.open(
        write_cog(tmp_path / "fast.tif", fast, legends()["dl_mbps"], crs=CRS)
    ) as raster:
        assert raster.scales == (1.0,)
        assert raster.read(1).max() == 9000


def test_cog_of_servers_has_no_cell_minus_one(tmp_path: Path, maps: xr.Dataset) -> None:
    servers = maps["nr_server_outdoor"]
    with rasterio.open(
        write_cog(tmp_path / "s.tif", servers, legends()["server"], crs=CRS)
    ) as raster:
        stored = raster.read(1, masked=True)
    assert stored.min() == 0
    assert stored.max() == 5


def test_cog_without_a_place_is_refused(tmp_path: Path, maps: xr.Dataset) -> None:
    with pytest.raises(MapError, match="CRS"):
        write_cog(tmp_path / "a.tif", maps["nr_rsrp_dbm_outdoor"])
    with pytest.raises(MapError, match="fall"):
        write_cog(tmp_path / "a.tif", maps["nr_rsrp_dbm_outdoor"][::-1], crs=CRS)
    assert not list(tmp_path.iterdir())


def test_geopackage_opens_styled(tmp_path: Path, network: Any, area: Any, maps: xr.Dataset) -> None:
    made = {"boundary": area.boundary, "maps": maps, "legends": legends()}
    path = write_geopackage(tmp_path / "network.gpkg", *network, **made)
    layers = dict(pyogrio.list_layers(path).tolist())
    expected = {
        "sites",
        "cells",
        "boundary",
        "coverage_nr_rsrp_dbm_outdoor",
        "coverage_lte_rsrp_dbm_outdoor",
    }
    assert expected | {"layer_styles"} == set(layers)
    styles = pyogrio.read_dataframe(path, layer="layer_styles")
    assert set(styles["f_table_name"]) == expected
    assert styles["useAsDefault"].all()
    for text in styles["styleQML"]:
        root = ElementTree.fromstring(text.split("\n", 1)[1])
        renderer = root.find("renderer-v2")
        assert renderer is not None
        symbols = {symbol.get("name") for symbol in renderer.iter("symbol")}
        assert {category.get("symbol") for category in renderer.iter("category")} <= symbols
    cells = pyogrio.read_dataframe(path, layer="cells")
    north = cells[cells["azimuth_deg"] == 0].geometry.iloc[0]
    site = pyogrio.read_dataframe(path, layer="sites").geometry.iloc[0]
    assert north.centroid.y > site.y + 20
    assert north.centroid.x == pytest.approx(site.x, abs=0.01)


def test_geopackage_bytes_depend_on_content_only(tmp_path: Path, network: Any) -> None:
    one = write_geopackage(tmp_path / "a.gpkg", *network).read_bytes()
    two = write_geopackage(tmp_path / "b.gpkg", *network).read_bytes()
    assert one == two


def test_class_areas_fill_the_map(maps: xr.Dataset, area: Any) -> None:
    legend = legends({"rsrp_dbm": {"edges": [-105]}})["rsrp_dbm"]
    areas = class_areas(maps["nr_rsrp_dbm_outdoor"].fillna(-60), legend, CRS)
    assert areas["area_km2"].sum() == pytest.approx(60 * 80 * 25 / 1e6, rel=1e-6)
    assert areas.geometry.is_valid.all()


def test_tables_open_with_units(tmp_path: Path, network: Any) -> None:
    table = pd.DataFrame({"item": ["=1+1", "b"], "capex_usd": [1.5, np.nan], "height_m": [1, 2]})
    *csvs, book = write_tables(tmp_path, {"bill_of_materials": table, "sites": network[0]})
    assert [path.name for path in csvs] == ["bill_of_materials.csv", "sites.csv"]
    assert "geometry" not in csvs[1].read_text()
    sheet = openpyxl.load_workbook(book)["bill_of_materials"]
    assert [cell.value for cell in sheet[1]] == ["Item", "Capex", "Height"]
    assert [cell.value for cell in sheet[2]] == [None, "USD", "m"]
    assert [cell.value for cell in sheet[4]] == ["b", None, 2]
    assert sheet["A3"].data_type == "s"
    assert sheet.freeze_panes == "A3"


def test_workbook_bytes_depend_on_content_only(tmp_path: Path, network: Any) -> None:
    one, two = (write_tables(tmp_path / n, {"sites": network[0]})[-1].read_bytes() for n in "ab")
    assert one == two


def test_kpis_are_plain_json(tmp_path: Path) -> None:
    path = write_kpis(
        tmp_path / "kpis.json", {"b": np.float32(0.1), "a": float("nan"), "n": np.int64(3)}
    )
    assert json.loads(path.read_text()) == {"b": 0.1, "a": None, "n": 3}
    assert path.read_text().index('"b"') < path.read_text().index('"a"')


def test_vocabulary_is_sound() -> None:
    terms = vocabulary()
    rooms = {
        "geo",
        "radio",
        "network",
        "propagation",
        "coverage",
        "simulation",
        "measurement",
        "planning",
        "rollout",
        "supply",
        "report",
    }
    for term in terms.values():
        assert term.room in rooms, term
        assert term.meaning, term
    for suffix, unit in (
        ("_dbm", "dBm"),
        ("_mbps", "Mbit/s"),
        ("_db", "dB"),
        ("_deg", "°"),
        ("_usd", "USD"),
    ):
        assert all(
            t.unit == unit
            for t in terms.values()
            if t.name.endswith(suffix) and "within" not in t.name
        )
    assert unit_of("p95_dl_mbps") == "Mbit/s"


def test_legend_units_agree_with_the_vocabulary() -> None:
    for name, legend in legends().items():
        if name in vocabulary():
            assert legend.unit == vocabulary()[name].unit, name


def test_legend_file_names_only_known_palettes() -> None:
    path = Path(legends.__code__.co_filename).with_name("legends.toml")
    shipped = tomllib.loads(path.read_text(encoding="utf-8"))
    used = {layer["palette"] for layer in shipped["layers"].values() if "palette" in layer}
    assert used <= set(shipped["palettes"])


def test_figures_called_geometry_are_no_shapes(tmp_path):
    table = pd.DataFrame({"geometry": [2.5], "load": [1.5]})
    write_tables(tmp_path, {"factors": table})
    assert list(pd.read_csv(tmp_path / "factors.csv").columns) == ["geometry", "load"]
