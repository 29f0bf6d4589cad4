"""Ground and surface heights brought onto the district's grid, with gaps found and filled."""

from __future__ import annotations

from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.warp import reproject
from rasterio.windows import Window
from scipy import ndimage

from ..errors import Faults, InputError, shown_path
from .crs import Bounds, crs_name, crs_of, distance_m, transform_bounds
from .grids import Grid, apply_transform
from .inputs import Role, Source
from .vector import file_there

#: Heights above sea level found on Earth, with some slack for roofs [m].
_AMSL_RANGE_M = (-500.0, 9000.0)
#: A larger gap than this share of the map is an error, not mended.
_GAP_SHARE = 0.05
#: A surface this far below the ground is no noise [m].
_BELOW_M = 2.0
#: Names of feet in rasters and CRSs, and their length [m].
_FEET_M = {"us survey foot": 0.3048006096, "us-ft": 0.3048006096, "ftus": 0.3048006096,
           "foot": 0.3048, "feet": 0.3048, "ft": 0.3048}  # fmt: skip
_MANY_PIXELS = 60_000_000


def read_heights(
    source: Source, role: Role, grid: Grid, crs: Any, faults: Faults
) -> NDArray[np.float32] | None:
    """Return a height raster on the grid, without gaps.

    Parameters
    ----------
    source : Source
        Raster in any CRS and resolution; only its first band is read.
    role : {"terrain", "surface"}
        Names the faults.
    grid : Grid
        Where the heights are wanted.
    crs : CRS
        CRS of the grid.
    faults : Faults
        Takes what is wrong.

    Returns
    -------
    array of float32 or None
        Height above sea level [m], shape of the grid; None if the raster cannot be used.
    """
    if not file_there(source, role, faults):
        return None
    file = shown_path(source.path)
    try:
        with rasterio.open(source.path) as raster:
            return _onto_grid(raster, source, role, grid, crs, file, faults)
    except RasterioError as error:
        faults.error(
            f"{role}.unreadable",
            f"GDAL cannot read it ({str(error)[:200].rstrip('.')}).",
            "Give a GeoTIFF.",
            file=file,
        )
        return None


def check_raster(source: Source, role: Role, faults: Faults) -> None:
    """Note what can be said of a raster without a map to lay it on."""
    if not file_there(source, role, faults):
        return
    file = shown_path(source.path)
    try:
        with rasterio.open(source.path) as raster:
            _crs(raster, source, role, file, faults)
    except RasterioError as error:
        message = f"GDAL cannot read it ({str(error)[:200].rstrip('.')})."
        faults.error(f"{role}.unreadable", message, "Give a GeoTIFF.", file=file)


def roofs_seen(
    above_m: NDArray[np.float32], building: NDArray[np.int32], count: int
) -> NDArray[np.float64]:
    """Return every building's median height above ground [m]; NaN where nothing stands out."""
    median = ndimage.median(above_m, building, np.arange(1, count + 1))
    median = np.asarray(median, dtype=float)
    return np.where((median >= 2.0) & (median <= 850.0), median, np.nan)


def _onto_grid(
    raster: Any, source: Source, role: Role, grid: Grid, crs: Any, file: str, faults: Faults
) -> NDArray[np.float32] | None:
    raster_crs = _crs(raster, source, role, file, faults)
    if raster_crs is None:
        return None
    box = transform_bounds(crs, raster_crs, grid.bounds)
    found = _read_window(raster, box, grid)
    if found is None:
        _no_overlap(role, raster_crs, box, tuple(raster.bounds), file, faults)
        return None
    values, transform = found
    cleaned = clean_heights(values, role, file, faults)
    if cleaned is None:
        return None
    values = cleaned * np.float32(_height_unit_m(raster, source, role, file, faults))
    fine = abs(transform.a) * _unit(raster_crs) < 0.75 * grid.pixel_m
    result = np.full(grid.shape, np.nan, dtype=np.float32)
    reproject(
        values,
        result,
        src_transform=transform,
        src_crs=raster_crs.to_wkt(),
        src_nodata=np.nan,
        dst_transform=grid.transform,
        dst_crs=crs.to_wkt(),
        dst_nodata=np.nan,
        resampling=Resampling.average if fine else Resampling.bilinear,
    )
    return _fill_gaps(result, role, file, faults)


def _height_unit_m(raster: Any, source: Source, role: Role, file: str, faults: Faults) -> float:
    """Return the length of the raster's unit of height [m]; feet, where it says so, are noted."""
    vertical = [] if source.crs or not raster.crs else _vertical_units(raster.crs.to_wkt())
    for name in (raster.units[0] or "", *vertical):
        if (foot_m := _FEET_M.get(name.strip().lower())) is not None:
            faults.warn(
                f"{role}.feet", f"its heights are in {name}; they are taken as such.", file=file
            )
            return foot_m
    return 1.0


def _vertical_units(wkt: str) -> list[str]:
    parts = CRS.from_wkt(wkt).sub_crs_list
    return [axis.unit_name for part in parts if part.is_vertical for axis in part.axis_info]


def _unit(crs: Any) -> float:
    return 111_000.0 if crs.is_geographic else 1.0


def _crs(raster: Any, source: Source, role: Role, file: str, faults: Faults) -> Any:
    stated = source.crs or (raster.crs.to_wkt() if raster.crs else None)
    if stated is None:
        faults.error(
            f"{role}.no-crs",
            "the raster states no CRS.",
            'State the one it was made in: crs = "EPSG:...".',
            file=file,
        )
        return None
    try:
        return crs_of(stated)
    except InputError as error:
        faults.error(f"{role}.unknown-crs", str(error), file=file)
        return None


def _read_window(raster: Any, box: Bounds, grid: Grid) -> tuple[NDArray[np.float32], Any] | None:
    """Read what lies under the box with three pixels around it, thinned if far too fine."""
    if not np.isfinite(box).all():
        return None
    inverse = ~raster.transform
    corners = [apply_transform(inverse, x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    columns, rows = zip(*corners, strict=True)
    left, right = max(0, int(min(columns)) - 3), min(raster.width, int(max(columns)) + 4)
    top, bottom = max(0, int(min(rows)) - 3), min(raster.height, int(max(rows)) + 4)
    if left >= right or top >= bottom:
        return None
    window = Window(left, top, right - left, bottom - top)
    thin = max(1.0, np.sqrt((right - left) * (bottom - top) / _MANY_PIXELS))
    shape = (max(1, int((bottom - top) / thin)), max(1, int((right - left) / thin)))
    band = raster.read(1, window=window, out_shape=shape, masked=True)
    values = np.ma.filled(band.astype(np.float32), np.nan)
    values = values * np.float32(raster.scales[0]) + np.float32(raster.offsets[0])
    wide, high = (right - left) / shape[1], (bottom - top) / shape[0]
    full, (x, y) = raster.transform, apply_transform(raster.transform, left, top)
    return values, Affine(full.a * wide, full.b * high, x, full.d * wide, full.e * high, y)


def clean_heights(
    values: NDArray[np.float32], role: Role, file: str, faults: Faults
) -> NDArray[np.float32] | None:
    """Turn what cannot be a height above sea level (-9999, -32768, 3.4e38, ...) into gaps.

    Returns None, with an error, where no height is left.
    """
    known = np.isfinite(values)
    low, high = _AMSL_RANGE_M
    with np.errstate(invalid="ignore"):
        wrong = known & ~((values >= low) & (values <= high))
    if wrong.sum() == known.sum():
        _no_heights(values[known], role, file, faults)
        return None
    if wrong.any():
        faults.warn(
            f"{role}.sentinel",
            f"{wrong.sum()} pixels hold {values[wrong][0]:.6g}, which is no height; taken as gaps.",
            "Declare it as the raster's nodata value.",
            file=file,
            count=int(wrong.sum()),
        )
        values = np.where(wrong, np.float32(np.nan), values)
    return values


def _no_heights(known: NDArray[np.float32], role: Role, file: str, faults: Faults) -> None:
    middle = float(np.median(known)) if known.size else np.nan
    if _AMSL_RANGE_M[1] < middle < 1e7:
        faults.error(
            f"{role}.unit",
            f"heights such as {middle:.6g} m are not on Earth.",
            "Are they in centimetres or millimetres? Scale them to metres.",
            file=file,
        )
    else:
        faults.error(
            f"{role}.no-heights",
            f"there is not one height on the map, only nodata{_and(middle)} (100 % missing).",
            "Give a raster that covers the district.",
            file=file,
        )


def _and(value: float) -> str:
    return "" if np.isnan(value) else f" and {value:.6g}"


def _fill_gaps(
    values: NDArray[np.float32], role: Role, file: str, faults: Faults
) -> NDArray[np.float32] | None:
    gap = np.isnan(values)
    share = float(gap.mean())
    if share > _GAP_SHARE:
        faults.error(
            f"{role}.gaps",
            f"the {role} leaves {100 * share:.1f} % of the map without a height "
            f"(up to {100 * _GAP_SHARE:g} % is filled).",
            "Give a raster that covers the district, or a smaller boundary.",
            file=file,
        )
        return None
    if share > 0:
        faults.warn(
            f"{role}.gaps",
            f"{100 * share:.2g} % of the map had no height; filled from the nearest pixel.",
            file=file,
            count=int(gap.sum()),
        )
        nearest = ndimage.distance_transform_edt(gap, return_distances=False, return_indices=True)
        values = values[tuple(nearest)]
    return values


def check_surface_above(
    surface: NDArray[np.float32], terrain: NDArray[np.float32], file: str, faults: Faults
) -> None:
    """Note a surface model that lies below the ground: another unit or another zero level."""
    above = surface - terrain
    below, middle = float((above < -_BELOW_M).mean()), float(np.median(above))
    if below <= _GAP_SHARE:
        return
    tell = faults.error if below > 0.5 else faults.warn
    tell(
        "surface.below-terrain",
        f"the surface lies more than {_BELOW_M:g} m below the terrain on {below:.0%} of the map "
        f"(at the median {middle:+.1f} m).",
        "Are both in metres, and above the same zero level (geoid or ellipsoid)?",
        file=file,
    )


def _no_overlap(
    role: Role, crs: Any, box: Bounds, raster: Bounds, file: str, faults: Faults
) -> None:
    away = distance_m(crs, box, raster) / 1000.0
    faults.error(
        f"{role}.no-overlap",
        f"the {role} does not cover the map at all (100 % missing): its middle is "
        f"{away:.0f} km away, in {crs_name(crs)}.",
        "Is it of another place, or is its CRS wrong?",
        file=file,
    )


def ground_below(
    surface: NDArray[np.float32], building: NDArray[np.int32], pixel_m: float
) -> NDArray[np.float32]:
    """Estimate the bare ground from a surface model: its lowest heights within 25 m, smoothed."""
    size = max(3, int(25.0 / pixel_m) | 1)
    open_only = np.where(building > 0, np.float32(np.inf), surface)
    low = ndimage.minimum_filter(open_only, size=size)
    low = np.where(np.isfinite(low), low, ndimage.minimum_filter(surface, size=size))
    smooth = ndimage.uniform_filter(low.astype(np.float32), size=size)
    ground: NDArray[np.float32] = np.minimum(smooth, surface)
    return ground
