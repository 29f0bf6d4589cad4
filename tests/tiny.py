"""A made-up district small enough to run whole in seconds: 6 x 5 blocks of houses, one tower."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely


def buildings() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(5)
    shapes, heights, dwellings = [], [], []
    for column in range(6):
        for row in range(5):
            x, y = 600_000 + 70 * column, 6_700_000 + 80 * row
            block = shapely.box(x, y, x + 50, y + 60)
            court = shapely.box(x + 14, y + 14, x + 36, y + 46)
            shapes.append(block.difference(court))
            heights.append(float(rng.choice([9.0, 12.0, 15.0, 18.0])))
            dwellings.append(int(rng.integers(10, 40)))
    heights[14] = 34.0
    return gpd.GeoDataFrame(
        {
            "id": [f"B{n:02d}" for n in range(len(shapes))],
            "height_m": heights,
            "dwellings": dwellings,
            "use": "residential",
        },
        geometry=shapes,
        crs="EPSG:2154",
    )


def streets() -> gpd.GeoDataFrame:
    lines = [
        shapely.LineString([(600_000 + 70 * c - 10, 6_699_990), (600_000 + 70 * c - 10, 6_700_400)])
        for c in range(7)
    ]
    lines += [
        shapely.LineString([(599_990, 6_700_000 + 80 * r - 10), (600_420, 6_700_000 + 80 * r - 10)])
        for r in range(6)
    ]
    return gpd.GeoDataFrame(
        {"name": [f"Street {n}" for n in range(len(lines))], "width_m": 12.0},
        geometry=lines,
        crs="EPSG:2154",
    )


def write(folder: Path) -> dict[str, Path]:
    """Write the district's files and return them by layer."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"buildings": folder / "buildings.gpkg", "streets": folder / "streets.geojson"}
    buildings().to_file(files["buildings"], layer="buildings", engine="pyogrio")
    streets().to_file(files["streets"], driver="GeoJSON", engine="pyogrio")
    return files
