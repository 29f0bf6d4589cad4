"""A GeoPackage (OGC 12-128r18) that opens styled in QGIS: sites, sectors, boundary, coverage."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from cellwright.errors import MapError
from cellwright.files import replaced
from cellwright.report.legend import Legend
from cellwright.report.scene import pixel_size_m, sector_shapes
from cellwright.report.styles import Style, qml

if TYPE_CHECKING:
    import geopandas as gpd
    import xarray as xr


#: GDAL would write the present time into the file; equal content shall give equal bytes.
_DATE = "2000-01-01T00:00:00Z"
#: Patches of fewer pixels join their surroundings, or a map falls into thousands of crumbs.
_SMALLEST_PATCH = 16

_SITE_STYLE = Style(
    "status",
    {"proposed": "#d01c8b", "existing": "#7b3294", "candidate": "#b8b8b8", "banned": "#404040"},
    outline="#ffffff",
    size=3.2,
)
_CANDIDATE_STYLE = Style(
    "choice", {"not chosen": "#b8b8b8", "chosen": "#d01c8b"}, outline="#ffffff", size=2.0
)
_BOUNDARY_STYLE = Style("", {"": "#00000000"}, outline="#202830")


def write_geopackage(
    path: Path | str,
    sites: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    *,
    candidates: gpd.GeoDataFrame | None = None,
    boundary: shapely.Geometry | None = None,
    maps: xr.Dataset | None = None,
    legends: Mapping[str, Legend] | None = None,
    coverage: Sequence[str] = ("nr_rsrp_dbm_outdoor", "lte_rsrp_dbm_outdoor"),
) -> Path:
    """Write the network as a GeoPackage with a style for each layer.

    Parameters
    ----------
    path : Path or str
        File to make.
    sites : GeoDataFrame
        Points in a projected CRS.
    cells : DataFrame
        Written as wedges along the azimuth.
    candidates : GeoDataFrame, optional
        Every site that was looked at, with ``chosen``; drawn grey where not chosen.
    boundary : geometry, optional
        What is planned and counted.
    maps, legends : Dataset and mapping, optional
        Class areas of the variables in ``coverage`` are drawn from them.
    coverage : sequence of str
        Variables of ``maps`` to draw as polygons; those that are absent are passed over.

    Returns
    -------
    Path
        The file written; equal input gives equal bytes.

    Raises
    ------
    MapError
        If the sites have no CRS.
    """
    if sites.crs is None:
        raise MapError("sites: no CRS, so the GeoPackage would have no place on earth.")
    layers = {"sites": (sites, _SITE_STYLE), "cells": _sectors(sites, cells)}
    if candidates is not None:
        layers["candidates"] = (_looked_at(candidates), _CANDIDATE_STYLE)
    if boundary is not None:
        import geopandas as gpd

        frame = gpd.GeoDataFrame({"name": ["boundary"]}, geometry=[boundary], crs=sites.crs)
        layers["boundary"] = (frame, _BOUNDARY_STYLE)
    for variable in coverage:
        if maps is not None and legends is not None and variable in maps:
            legend = _legend_of(variable, legends)
            areas = class_areas(maps[variable], legend, str(sites.crs))
            style = Style("label", dict(zip(legend.labels, legend.colours, strict=True)))
            layers[f"coverage_{variable}"] = (areas, style)
    with replaced(path) as beside, _fixed_date():
        _write(beside, layers)
    return Path(path)


def class_areas(values: xr.DataArray, legend: Legend, crs: str) -> gpd.GeoDataFrame:
    """Draw the classes of a map as one multipolygon each.

    Parameters
    ----------
    values : DataArray, (y, x)
        With coordinates at pixel centres [m].
    legend : Legend
        With classes.
    crs : str
        Coordinate reference system of ``x`` and ``y``.

    Returns
    -------
    GeoDataFrame
        ``class`` (0 = lowest), ``label``, ``area_km2``, ``geometry``; absent classes are left out.
    """
    import geopandas as gpd
    from rasterio.features import shapes, sieve
    from rasterio.transform import from_origin

    step = pixel_size_m(values.to_dataset(name="values"))
    west, north = float(values["x"][0]) - step / 2, float(values["y"][0]) + step / 2
    classes = (legend.classify(values.to_numpy()) + 1).astype(np.uint8)
    calm = np.where(classes > 0, sieve(classes, _SMALLEST_PATCH), 0).astype(np.uint8)
    found: dict[int, list[shapely.Geometry]] = {}
    for shape, value in shapes(calm, calm > 0, transform=from_origin(west, north, step, step)):
        found.setdefault(int(value) - 1, []).append(shapely.geometry.shape(shape))
    numbers = sorted(found)
    areas = [shapely.MultiPolygon(found[number]) for number in numbers]
    return gpd.GeoDataFrame(
        {
            "class": numbers,
            "label": [legend.labels[number] for number in numbers],
            "area_km2": [round(area.area / 1e6, 6) for area in areas],
        },
        geometry=areas,
        crs=crs,
    )


def _looked_at(candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Candidates with their choice in words, which a style can tell apart."""
    if "chosen" not in candidates:
        return candidates.assign(choice="not chosen")
    words = np.where(candidates["chosen"].astype(bool), "chosen", "not chosen")
    return candidates.drop(columns="chosen").assign(choice=words)


def _sectors(sites: gpd.GeoDataFrame, cells: pd.DataFrame) -> tuple[gpd.GeoDataFrame, Style]:
    import geopandas as gpd

    frame = gpd.GeoDataFrame(cells.copy(), geometry=sector_shapes(sites, cells), crs=sites.crs)
    carriers = sorted(frame["carrier"].astype(str).unique()) if "carrier" in frame else []
    shades = ["#d01c8b80", "#7b329480", "#2c7bb680", "#fdae6180", "#1a964180", "#40404080"]
    colours = {name: shades[number % len(shades)] for number, name in enumerate(carriers)}
    style = Style("carrier", colours) if carriers else Style("", {"": "#d01c8b80"})
    return frame, style


def _legend_of(variable: str, legends: Mapping[str, Legend]) -> Legend:
    stem = variable.partition("_")[2]
    name = next((name for name in legends if stem.startswith(name + "_")), None)
    if name is None:
        raise MapError(f'There is no legend for the map "{variable}".')
    return legends[name]


def _write(path: Path, layers: Mapping[str, tuple[gpd.GeoDataFrame, Style]]) -> None:
    import pyogrio

    for name, (frame, _) in layers.items():
        pyogrio.write_dataframe(
            frame.reset_index(drop=True), path, layer=name, driver="GPKG", append=path.exists()
        )
    rows = [_style_row(name, frame, style) for name, (frame, style) in layers.items()]
    pyogrio.write_dataframe(
        pd.DataFrame(rows), path, layer="layer_styles", driver="GPKG", append=True
    )


def _style_row(name: str, frame: gpd.GeoDataFrame, style: Style) -> dict[str, object]:
    """One row as QGIS looks for it when it opens a layer."""
    point = bool(frame.geom_type.eq("Point").all())
    return {
        "f_table_catalog": "",
        "f_table_schema": "",
        "f_table_name": name,
        "f_geometry_column": "geom",
        "styleName": name,
        "styleQML": qml(style, "marker" if point else "fill"),
        "styleSLD": "",
        "useAsDefault": True,
        "description": "Made by Cellwright",
        "owner": "",
        "ui": "",
        "update_time": pd.Timestamp(_DATE),
    }


@contextmanager
def _fixed_date() -> Iterator[None]:
    import pyogrio

    before = os.environ.get("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
