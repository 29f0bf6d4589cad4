"""A small made-up district: five by five blocks of houses between streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cellwright.geo import Area, AreaInputs, load_area, receivers

CRS = "EPSG:32636"
EAST, NORTH, BLOCK, STREET = 400_000.0, 6_600_000.0, 80.0, 16.0


def houses() -> gpd.GeoDataFrame:
    step = BLOCK + STREET
    rows = []
    for column in range(5):
        for row in range(5):
            x, y = EAST + column * step, NORTH + row * step
            height = 9.0 + 3.0 * ((column * 7 + row * 3) % 5)
            rows.append((height, shapely.box(x, y, x + 50, y + 30)))
            rows.append((4.0, shapely.box(x + 60, y + 60, x + 66, y + 66)))
    table = gpd.GeoDataFrame(
        {
            "height_m": [row[0] for row in rows],
            "floors": [max(1, int(row[0] // 3)) for row in rows],
            "use": "residential",
        },
        geometry=[row[1] for row in rows],
        crs=CRS,
    )
    table["residents"] = np.where(table["height_m"] > 5, 4.0 * table["floors"], 0.0)
    return table


def roads() -> gpd.GeoDataFrame:
    step, far = BLOCK + STREET, 5 * (BLOCK + STREET)
    lines = []
    for k in range(6):
        at = k * step - STREET / 2
        lines.append(shapely.LineString([(EAST + at, NORTH), (EAST + at, NORTH + far)]))
        lines.append(shapely.LineString([(EAST, NORTH + at), (EAST + far, NORTH + at)]))
    level = [0] * len(lines)
    level[-1] = -1  # a tunnel
    return gpd.GeoDataFrame(
        {"width_m": 8.0, "level": level, "kind": "residential"}, geometry=lines, crs=CRS
    )


@pytest.fixture(scope="session")
def district(tmp_path_factory) -> Area:
    folder = tmp_path_factory.mktemp("district")
    houses().to_file(folder / "houses.gpkg")
    roads().to_file(folder / "roads.gpkg")
    return load_area(
        AreaInputs(buildings=folder / "houses.gpkg", streets=folder / "roads.gpkg", name="five")
    )


@pytest.fixture(scope="session")
def phones(district):
    return receivers(district)
