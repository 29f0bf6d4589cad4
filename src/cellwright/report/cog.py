"""Rasters other tools open: cloud-optimised GeoTIFF with unit, description and class table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cellwright.errors import MapError
from cellwright.files import replaced
from cellwright.report.legend import Legend
from cellwright.report.scene import pixel_size_m

if TYPE_CHECKING:
    import xarray as xr


NODATA = -32768
#: One tenth of a unit is kept: 0.1 dB, 0.1 Mbit/s; int16 then reaches 3,276 units.
SCALE = 0.1
_LARGEST = 32767


def write_cog(
    path: Path | str,
    values: xr.DataArray,
    legend: Legend | None = None,
    *,
    crs: str | None = None,
    unit: str | None = None,
    description: str | None = None,
) -> Path:
    """Write one map as a cloud-optimised GeoTIFF of int16 with a scale.

    Equal input gives equal bytes. Values beyond the range are clipped; speeds above 3,276 Mbit/s
    are kept with a coarser scale (the band's scale says which).

    Parameters
    ----------
    path : Path or str
        File to make.
    values : DataArray, (y, x)
        With coordinates ``x`` and ``y`` (pixel centres) [m]; NaN where there is no data.
    legend : Legend, optional
        Classes to write into the tags, and the default unit and description.
    crs : str, optional
        Coordinate reference system; else ``values.attrs["crs"]``.
    unit, description : str, optional
        Of the band; else from the legend, else from the attributes ``units`` and ``long_name``.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    MapError
        If the axes are not ``(y, x)``, the CRS is missing, or the grid is not regular.
    """
    from rasterio.io import MemoryFile
    from rasterio.shutil import copy

    frame = _frame(values, crs)
    categorical = legend is not None and legend.kind == "cells"
    stored, scale = _stored(values, legend, categorical)
    words = _words(values, legend, unit, description)
    # the COG driver copies a finished data set, so the band is first laid out in memory
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", dtype="int16", count=1, nodata=NODATA, **frame) as draft:
            draft.write(stored, 1)
            draft.scales, draft.offsets = (scale,), (0.0,)
            draft.units, draft.descriptions = (words["unit"],), (words["description"],)
            draft.update_tags(1, **_tags(legend, scale))
        with memory.open() as draft, replaced(path) as beside:
            copy(
                draft,
                beside,
                driver="COG",
                compress="DEFLATE",
                level=9,
                predictor="YES",
                blocksize=256,
                overview_resampling="nearest" if categorical else "average",
                num_threads=1,
            )
    return Path(path)


def _frame(values: xr.DataArray, crs: str | None) -> dict[str, Any]:
    from rasterio.transform import from_origin

    where = str(values.name or "map")
    reference = crs or values.attrs.get("crs")
    if values.dims != ("y", "x"):
        raise MapError(f"{where}: the axes are {values.dims}; they must be (y, x).")
    if reference is None:
        raise MapError(f"{where}: no CRS. Give crs=, such as crs=area.crs.")
    step = pixel_size_m(values.to_dataset(name="values"))
    x, y = values["x"].to_numpy(), values["y"].to_numpy()
    if not (np.allclose(np.diff(x), step, atol=1e-3) and np.allclose(np.diff(y), -step, atol=1e-3)):
        raise MapError(f"{where}: x must grow and y must fall by one pixel of {step:g} m.")
    transform = from_origin(x[0] - step / 2, y[0] + step / 2, step, step)
    return {"crs": reference, "transform": transform, "width": len(x), "height": len(y)}


def _stored(values: xr.DataArray, legend: Legend | None, whole: bool) -> tuple[Any, float]:
    shown = values.to_numpy().astype(float) * (legend.factor if legend else 1.0)
    scale = 1.0 if whole else SCALE
    finite = shown[np.isfinite(shown)]
    while finite.size and np.abs(finite).max() > _LARGEST * scale and scale < 100:
        scale *= 10
    missing = np.isnan(shown) | ((shown < 0) & whole)
    steps = np.clip(np.rint(np.nan_to_num(shown) / scale), -_LARGEST, _LARGEST)
    return np.where(missing, NODATA, steps).astype(np.int16), scale


def _words(
    values: xr.DataArray, legend: Legend | None, unit: str | None, description: str | None
) -> dict[str, str]:
    attrs = values.attrs
    default = (legend.unit, legend.title) if legend else ("", str(values.name or ""))
    return {
        "unit": unit if unit is not None else str(attrs.get("units", default[0])),
        "description": description or str(attrs.get("long_name", default[1])),
    }


def _tags(legend: Legend | None, scale: float) -> dict[str, str]:
    tags = {"CELLWRIGHT_RESOLUTION": f"{scale:g}"}
    if legend is None:
        return tags
    if legend.note:
        tags["CELLWRIGHT_NOTE"] = legend.note
    if legend.kind == "classes":
        rows = [
            {"from": low, "to": high, "label": label, "colour": colour}
            for low, high, label, colour in zip(
                [None, *legend.edges],
                [*legend.edges, None],
                legend.labels,
                legend.colours,
                strict=True,
            )
        ]
        tags["CELLWRIGHT_CLASSES"] = json.dumps(rows, ensure_ascii=False)
    if legend.target is not None:
        tags["CELLWRIGHT_TARGET"] = f"{legend.target:g}"
    return tags
