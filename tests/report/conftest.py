"""A small made-up district with round numbers, and everything a page needs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr

CRS = "EPSG:2154"
WEST, NORTH, STEP = 355_000.0, 6_689_000.0, 5.0
ROWS, COLUMNS = 60, 80
PALETTE = np.array([-121.0, -110.0, -100.0, -90.0, -80.0, -60.0])


def boxes() -> list[shapely.Polygon]:
    """Six buildings of 40 by 50 m; the first has a courtyard."""
    made = []
    for number in range(6):
        x, y = WEST + 50 + 55 * number, NORTH - 120 - 20 * (number % 2)
        ring = shapely.box(x, y - 50, x + 40, y)
        hole = [shapely.box(x + 15, y - 30, x + 25, y - 20).exterior.coords[:]]
        made.append(shapely.Polygon(ring.exterior.coords, hole) if number == 0 else ring)
    return made


@pytest.fixture(scope="session")
def area() -> Any:
    shapes = boxes()
    x = WEST + STEP * (np.arange(COLUMNS) + 0.5)
    y = NORTH - STEP * (np.arange(ROWS) + 0.5)
    gx, gy = np.meshgrid(x, y)
    building = np.zeros(gx.shape, np.int32)
    for number, shape in enumerate(shapes, start=1):
        building[shapely.contains_xy(shape, gx, gy)] = number
    floors = np.array([0, 1, 2, 3, 4, 5, 6])
    boundary = shapely.box(WEST + 20, NORTH - 280, WEST + 380, NORTH - 20)
    buildings = gpd.GeoDataFrame(
        {
            "building_id": [f"b{n}" for n in range(1, 7)],
            "height_m": [4.0, 7.5, 10.0, 13.0, 16.0, 19.0],
            "floors": floors[1:],
        },
        geometry=shapes,
        crs=CRS,
    )
    streets = gpd.GeoDataFrame(
        {
            "street_id": ["s1", "s2", "s3"],
            "name": ["Rue <b>Haute</b>", None, "Tunnel"],
            "kind": "road",
            "width_m": [6.0, np.nan, 5.0],
            "level": [0, 0, -1],
        },
        geometry=[
            shapely.LineString([(WEST, NORTH - 100), (WEST + 400, NORTH - 100)]),
            shapely.box(WEST + 200, NORTH - 280, WEST + 210, NORTH - 200),
            shapely.LineString([(WEST, NORTH), (WEST + 400, NORTH - 300)]),
        ],
        crs=CRS,
    )
    axes = ("y", "x")
    pixels = xr.Dataset(
        {
            "ground_amsl_m": (axes, (10 + 0.02 * (gx - WEST)).astype("f4")),
            "building": (axes, building),
            "building_height_m": (axes, np.r_[0, buildings["height_m"]][building].astype("f4")),
            "floors": (axes, floors[building].astype("u1")),
            "residents": (axes, np.where(building > 0, building / 10, 0).astype("f4")),
            "inside": (axes, shapely.contains_xy(boundary, gx, gy)),
        },
        coords={"x": x, "y": y},
    )
    return SimpleNamespace(
        name="Toy town", crs=CRS, boundary=boundary, buildings=buildings, streets=streets,
        pixels=pixels, attributions=("© Toy maps",), assumptions=pd.DataFrame(),
    )  # fmt: skip


@pytest.fixture(scope="session")
def network() -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    sites = gpd.GeoDataFrame(
        {
            "site_id": ["T-1", "T-2", "T-3"],
            "name": ["", "Town hall", ""],
            "status": ["proposed", "existing", "candidate"],
            "kind": "rooftop",
            "height_m": [20.0, 25.5, 18.0],
        },
        geometry=gpd.points_from_xy(
            [WEST + 100, WEST + 300, WEST + 200], [NORTH - 60, NORTH - 220, NORTH - 240]
        ),
        crs=CRS,
    )
    rows = [
        (f"{site}-{sector}", site, sector, azimuth)
        for site in ("T-1", "T-2")
        for sector, azimuth in ((1, 0.0), (2, 120.0), (3, 240.0))
    ]
    cells = pd.DataFrame(rows, columns=["cell_id", "site_id", "sector", "azimuth_deg"])
    cells["electrical_tilt_deg"], cells["carrier"], cells["pci"] = 6.0, "n78", range(6)
    return sites, cells


@pytest.fixture(scope="session")
def maps(area: Any) -> xr.Dataset:
    """Columns of pixels step through the classes, so that every share is known."""
    indoor = area.pixels["building"].to_numpy() > 0
    level = np.broadcast_to(PALETTE[np.arange(COLUMNS) % 6], indoor.shape)
    server = np.broadcast_to(np.arange(COLUMNS) * 6 // COLUMNS, indoor.shape)
    made: dict[str, Any] = {}

    def put(name: str, values: Any) -> None:
        made[f"{name}_outdoor"] = np.where(indoor, np.nan, values)
        made[f"{name}_indoor_ground"] = np.where(indoor, values, np.nan)

    for rat, offset, speed in (("nr", 0.0, 240.0), ("lte", -3.0, 24.0)):
        put(f"{rat}_rsrp_dbm", level + offset)
        put(f"{rat}_dl_mbps", np.where(level < -115, 0.0, speed * (1 + (level + 120) / 60)))
        put(f"{rat}_coverage_probability", np.clip((level + 130) / 60, 0, 1))
        made[f"{rat}_server_outdoor"] = np.where(indoor, -1, server)
    top = area.pixels["floors"].to_numpy() > 1
    made["nr_rsrp_dbm_indoor_top"] = np.where(top, level + 6.0, np.nan)
    put("ratio_dl", np.full(indoor.shape, 10.0))
    return xr.Dataset(
        {name: (("y", "x"), values) for name, values in made.items()},
        coords={"x": area.pixels["x"], "y": area.pixels["y"]},
    )


@pytest.fixture(scope="session")
def content(area: Any, network: Any, maps: xr.Dataset) -> dict[str, Any]:
    """Everything :func:`write_page` asks for."""
    sites, cells = network
    curve = [
        ("dl_cdf", "4G", 5.0, 0.0), ("dl_cdf", "4G", 50.0, 1.0),
        ("dl_cdf", "5G", 40.0, 0.0), ("dl_cdf", "5G", 600.0, 1.0),
        ("ratio_factors", "Bandwidth", 0, 5.0), ("ratio_factors", "Load", 0, 0.8),
        ("coverage_by_sites", "chosen", 1, 0.5), ("coverage_by_sites", "chosen", 2, 0.9),
    ]  # fmt: skip
    return {
        "title": "Toy <town> & 5G",
        "area": area,
        "sites": sites,
        "cells": cells,
        "maps": maps,
        "summaries": {"headline": "All is well.", "pci": {"collisions": 0}},
        "tables": {
            "bill_of_materials": pd.DataFrame(
                {
                    "item": ["</script><b>Radio</b>", "Mast"],
                    "quantity": [12, 2],
                    "low_usd": [1e3, 2e3],
                    "typical_usd": [2e3, 3e3],
                    "high_usd": [4e3, 5e3],
                }
            )
        },
        "curves": pd.DataFrame(curve, columns=["chart", "series", "x", "y"]),
        "kpis": {"median_dl_mbps": 183.5, "gap": {"value": 1.8, "title": "Gap"}},
        "assumptions": pd.DataFrame({"subject": ["height"], "rule": ["given"], "share": [1.0]}),
        "sources": pd.DataFrame(
            {"document": ["TR 38.901"], "edition": ["V19.4.0"], "clause": ["7.4.1"]}
        ),
        "provenance": {"versions": {"cellwright": "0.1.0"}, "seed": 1, "nothing": float("nan")},
    }
