"""One projected CRS in metres for all layers, and coordinates that cannot be what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyproj import CRS, Geod, Proj, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info
from pyproj.exceptions import CRSError, ProjError

from ..errors import Faults, InputError

Bounds = tuple[float, float, float, float]

#: Largest departure of map distance from true distance that planning may ignore.
_SCALE_TOLERANCE = 0.01


def crs_of(text: Any) -> CRS:
    """Return a CRS from what a user or a file says, without its vertical part.

    Raises
    ------
    InputError
        If PROJ does not know it.
    """
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise InputError(
            f'"{text}" is not a CRS that PROJ knows; write it as "EPSG:32636".'
        ) from error
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    return crs.to_2d()


def crs_name(crs: CRS) -> str:
    """Return the short name of a CRS ("EPSG:2154"), or its WKT where it has none.

    Examples
    --------
    >>> crs_name(crs_of("EPSG:2154+5720"))
    'EPSG:2154'
    """
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else crs.to_wkt()


def is_metric(crs: CRS, bounds: Bounds) -> bool:
    """Tell whether map distances around the middle of ``bounds`` are metres on the ground.

    Web Mercator says metres but stretches them by 1/cos(latitude); feet are not metres.
    """
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info[:2]):
        return False
    return abs(scale_at(crs, bounds) - 1.0) < _SCALE_TOLERANCE


def scale_at(crs: CRS, bounds: Bounds) -> float:
    """Return map distance over true distance in the middle of ``bounds``; inf outside the CRS."""
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    try:
        projection = Proj(crs)
        factors = projection.get_factors(*projection(x, y, inverse=True))
    except ProjError:
        return float("inf")
    return float(np.sqrt(abs(factors.areal_scale)))


def work_crs(given: str | None, crs: CRS, bounds: Bounds) -> CRS:
    """Choose the CRS of the district: given, else the buildings' own if metric, else UTM.

    Parameters
    ----------
    given : str or None
        What the user asks for.
    crs : CRS
        CRS of the buildings.
    bounds : tuple of float
        Their bounds in it.

    Raises
    ------
    InputError
        If the CRS asked for has no metres here.

    Examples
    --------
    >>> work_crs(None, crs_of("EPSG:4326"), (24.93, 60.15, 24.96, 60.18)).to_epsg()
    32635
    """
    if given is None:
        return crs if is_metric(crs, bounds) else utm_zone(crs, bounds)
    wanted = crs_of(given)
    there = transform_bounds(crs, wanted, bounds)
    if not is_metric(wanted, there):
        raise InputError(_not_metric(given, wanted, there, utm_zone(crs, bounds)))
    return wanted


def _not_metric(given: str, crs: CRS, bounds: Bounds, better: CRS) -> str:
    if not crs.is_projected:
        why = "counts in degrees"
    elif any(axis.unit_name != "metre" for axis in crs.axis_info[:2]):
        why = f"counts in {crs.axis_info[0].unit_name}"
    else:
        why = f"stretches distances here by {scale_at(crs, bounds):.3g}"
    return (
        f'crs = "{given}" {why}; a projected CRS true in metres is needed. '
        f'Leave crs out, or write "{crs_name(better)}".'
    )


def utm_zone(crs: CRS, bounds: Bounds) -> CRS:
    """Return the WGS 84 / UTM zone of the middle of ``bounds``."""
    west, south, east, north = transform_bounds(crs, CRS.from_epsg(4326), bounds)
    lon, lat = (west + east) / 2, (south + north) / 2
    if not (np.isfinite(lon) and np.isfinite(lat)):
        raise InputError(f"coordinates {bounds} lie outside {crs_name(crs)}.")
    here = AreaOfInterest(lon, lat, lon, lat)
    found = query_utm_crs_info(datum_name="WGS 84", area_of_interest=here)
    if not found:
        raise InputError(f"no UTM zone at longitude {lon:.3f}, latitude {lat:.3f}; give crs.")
    return CRS.from_epsg(int(found[0].code))


def transform_bounds(source: CRS, target: CRS, bounds: Bounds) -> Bounds:
    """Return the box in ``target`` that holds a box in ``source`` (edges followed at 21 points)."""
    if source == target:
        return bounds
    transformer = Transformer.from_crs(source, target, always_xy=True)
    try:
        box: Bounds = transformer.transform_bounds(*bounds, densify_pts=21)
        return box
    except ProjError:
        return (np.inf, np.inf, np.inf, np.inf)


def check_coordinates(crs: CRS, bounds: Bounds, role: str, file: str, faults: Faults) -> bool:
    """Note coordinates that cannot be in their CRS: degrees as metres, axes swapped, elsewhere.

    Returns
    -------
    bool
        True if the coordinates can be used.
    """
    west, south, east, north = bounds
    where = f"x {west:.6g} to {east:.6g}, y {south:.6g} to {north:.6g}"
    name = crs_name(crs)
    small = max(abs(value) for value in bounds) <= 180.0
    if not np.isfinite(bounds).all():
        faults.error(f"{role}.coordinates", f"coordinates are not finite ({where}).", file=file)
    elif crs.is_geographic and (abs(west) > 180 or abs(east) > 180):
        faults.error(
            f"{role}.metres-as-degrees",
            f"{name} counts in degrees, but the coordinates are {where}.",
            f'They look projected: state their CRS, such as crs = "{_guess_projected()}".',
            file=file,
        )
    elif crs.is_geographic and max(abs(south), abs(north)) > 90:
        faults.error(
            f"{role}.swapped-axes",
            f"latitude must be -90 to 90, but y is {south:.6g} to {north:.6g}.",
            "Longitude and latitude look swapped: x is longitude, y latitude.",
            file=file,
        )
    elif crs.is_projected and small:
        faults.error(
            f"{role}.degrees-as-metres",
            f"{name} counts in {crs.axis_info[0].unit_name}s, but the coordinates are {where}.",
            'They look like degrees: write crs = "EPSG:4326" for this layer.',
            file=file,
        )
    elif not lies_in(crs, bounds):
        _outside(crs, bounds, role, file, faults, where)
    else:
        return True
    return False


def _guess_projected() -> str:
    return "EPSG:32636"


def _outside(crs: CRS, bounds: Bounds, role: str, file: str, faults: Faults, where: str) -> None:
    west, south, east, north = bounds
    area = crs.area_of_use
    faults.error(
        f"{role}.{'swapped-axes' if lies_in(crs, (south, west, north, east)) else 'outside-crs'}",
        f"coordinates {where} lie outside the area {crs_name(crs)} is made for "
        f"({area.name if area else 'unknown'}).",
        "The axes look swapped: x is east, y is north."
        if lies_in(crs, (south, west, north, east))
        else "Is this the CRS the file was made in?",
        file=file,
    )


def lies_in(crs: CRS, bounds: Bounds, slack_deg: float = 3.0) -> bool:
    """Tell whether the middle of ``bounds`` is within (or near) the CRS's area of use."""
    area = crs.area_of_use
    if area is None:
        return True
    middle = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    try:
        to_degrees = Transformer.from_crs(crs, CRS.from_epsg(4326), always_xy=True)
        lon, lat = to_degrees.transform(*middle)
        if not (np.isfinite(lon) and np.isfinite(lat)):
            return False
        back = Transformer.from_crs(CRS.from_epsg(4326), crs, always_xy=True).transform(lon, lat)
    except ProjError:
        return False
    if not np.allclose(back, middle, rtol=1e-6, atol=1.0):
        return False
    east = area.east + (360.0 if area.east < area.west else 0.0)
    turned = lon + 360.0 if lon < area.west - slack_deg and east > 180.0 else lon
    return bool(
        area.west - slack_deg <= turned <= east + slack_deg
        and area.south - slack_deg <= lat <= area.north + slack_deg
    )


def distance_m(crs: CRS, first: Bounds, second: Bounds) -> float:
    """Return the distance on the ellipsoid between the middles of two boxes [m]."""
    to_degrees = Transformer.from_crs(crs, CRS.from_epsg(4326), always_xy=True)
    ends = [
        to_degrees.transform((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        for box in (first, second)
    ]
    return float(Geod(ellps="WGS84").inv(*ends[0], *ends[1])[2])
