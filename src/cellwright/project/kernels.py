"""Compile every kernel once, before the first run: ``python -m cellwright.project.kernels``.

Numba compiles a kernel when it is first called. Set-up calls them all by running a made-up
district from map to page, as it compiles bytecode; without it the first run does so itself.
"""

from __future__ import annotations

import tempfile
from pathlib import Path


def made_up_district(folder: Path) -> dict[str, Path]:
    """Write a district small enough to run whole in seconds: 6 x 5 blocks of houses, one tower.

    Parameters
    ----------
    folder : Path
        Where to write; made if it is not there.

    Returns
    -------
    dict of str to Path
        Files by layer: buildings and streets, EPSG:2154.
    """
    import geopandas as gpd
    import numpy as np
    import shapely

    rng = np.random.default_rng(5)
    corners = [(600_000 + 70 * c, 6_700_000 + 80 * r) for c in range(6) for r in range(5)]
    heights = rng.choice([9.0, 12.0, 15.0, 18.0], len(corners))
    heights[14] = 34.0
    houses = gpd.GeoDataFrame(
        {
            "id": [f"B{number:02d}" for number in range(len(corners))],
            "height_m": heights,
            "dwellings": rng.integers(10, 40, len(corners)),
            "use": "residential",
        },
        geometry=[
            shapely.box(x, y, x + 50, y + 60) - shapely.box(x + 14, y + 14, x + 36, y + 46)
            for x, y in corners
        ],
        crs="EPSG:2154",
    )
    across = [600_000 + 70 * c - 10 for c in range(7)]
    along = [6_700_000 + 80 * r - 10 for r in range(6)]
    lines = [shapely.LineString([(x, 6_699_990), (x, 6_700_400)]) for x in across]
    lines += [shapely.LineString([(599_990, y), (600_420, y)]) for y in along]
    names = [f"Street {number}" for number in range(len(lines))]
    roads = gpd.GeoDataFrame({"name": names, "width_m": 12.0}, geometry=lines, crs="EPSG:2154")

    folder.mkdir(parents=True, exist_ok=True)
    files = {"buildings": folder / "buildings.gpkg", "streets": folder / "streets.geojson"}
    houses.to_file(files["buildings"], layer="buildings", engine="pyogrio")
    roads.to_file(files["streets"], driver="GeoJSON", engine="pyogrio")
    return files


def compile_kernels() -> None:
    """Run the made-up district to its page in a temporary folder."""
    from cellwright.project.project import new

    with tempfile.TemporaryDirectory() as folder:
        new(Path(folder) / "pilot", inputs=made_up_district(Path(folder) / "files")).run()


if __name__ == "__main__":
    compile_kernels()
