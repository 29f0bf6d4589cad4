"""One projected CRS in metres for all layers, and coordinates that cannot be what they say."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
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
    """Choose the district's CRS: given, else the buildings' own if metric and named, else UTM.

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
    if given is None:  # a CRS without a name would have to be carried as a page of WKT
        keep = is_metric(crs, bounds) and crs.to_authority(min_confidence=70)
        return crs if keep else utm_zone(crs, bounds)
    wanted = crs_of(given)
    if not lies_in_degrees(wanted, middle_degrees(crs, bounds)):
        raise InputError(_elsewhere(given, wanted, middle_degrees(crs, bounds)))
    there = transform_bounds(crs, wanted, bounds)
    if not is_metric(wanted, there):
        raise InputError(_not_metric(given, wanted, there, utm_zone(crs, bounds)))
    return wanted


def _elsewhere(given: str, wanted: CRS, middle: tuple[float, float]) -> str:
    lon, lat = middle
    text = (
        f'crs = "{given}" is made for {area_of(wanted)}, but the buildings are '
        f"at longitude {lon:.3f}, latitude {lat:.3f}."
    )
    if lies_in_degrees(wanted, (lat, lon)):
        return text + " Their longitude and latitude look swapped: x is longitude, y latitude."
    return text + " Leave crs out, or correct the one or the other."


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
    try:
        transformer = Transformer.from_crs(source, target, always_xy=True)
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
    elif not (crs.is_geographic or crs.is_projected):
        faults.error(
            f"{role}.unknown-crs",
            f"{crs.name} is a CRS that is tied to no place on Earth.",
            'State the CRS the file was made in: crs = "EPSG:...".',
            file=file,
        )
    elif crs.is_geographic and (abs(west) > 180 or abs(east) > 180):
        faults.error(
            f"{role}.metres-as-degrees",
            f"{name} counts in degrees, but the coordinates are {where}.",
            'They look projected: state the CRS they are in, crs = "EPSG:...".',
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


def _outside(crs: CRS, bounds: Bounds, role: str, file: str, faults: Faults, where: str) -> None:
    west, south, east, north = bounds
    faults.error(
        f"{role}.{'swapped-axes' if lies_in(crs, (south, west, north, east)) else 'outside-crs'}",
        f"coordinates {where} lie outside the area {crs_name(crs)} is made for ({area_of(crs)}).",
        "The axes look swapped: x is east, y is north."
        if lies_in(crs, (south, west, north, east))
        else "Is this the CRS the file was made in?",
        file=file,
    )


def area_of(crs: CRS) -> str:
    """Return in a few words where a CRS is made for."""
    area = crs.area_of_use
    return area.name.split(".")[0] if area else "an unknown area"


def overlap_cure(crs: CRS, bounds: Bounds, map_crs: CRS, map_bounds: Bounds) -> str:
    """Return what to do about a layer off the map: it may lie on it once its axes are swapped."""
    west, south, east, north = bounds
    there = transform_bounds(crs, map_crs, (south, west, north, east))
    apart = there[0] > map_bounds[2] or there[2] < map_bounds[0]
    if not (apart or there[1] > map_bounds[3] or there[3] < map_bounds[1]):
        return "Its axes look swapped: x is east (longitude), y is north (latitude)."
    return "Is it of another place, or is its CRS wrong?"


def middle_degrees(crs: CRS, bounds: Bounds) -> tuple[float, float]:
    """Return longitude and latitude of the middle of ``bounds``; inf where PROJ has none."""
    middle = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    degrees = CRS.from_epsg(4326)
    try:
        lon, lat = Transformer.from_crs(crs, degrees, always_xy=True).transform(*middle)
        back = Transformer.from_crs(degrees, crs, always_xy=True).transform(lon, lat)
    except ProjError:
        return (np.inf, np.inf)
    # far outside its area a projection returns some place, but not the one it started from
    same = np.isfinite([lon, lat]).all() and np.allclose(back, middle, rtol=1e-6, atol=1.0)
    return (float(lon), float(lat)) if same else (np.inf, np.inf)


def lies_in(crs: CRS, bounds: Bounds) -> bool:
    """Tell whether the middle of ``bounds`` is within (or near) the CRS's area of use."""
    return crs.area_of_use is None or lies_in_degrees(crs, middle_degrees(crs, bounds))


def lies_in_degrees(crs: CRS, middle: tuple[float, float], slack_deg: float = 3.0) -> bool:
    """Tell whether a longitude and latitude are within (or near) the CRS's area of use.

    Examples
    --------
    >>> lies_in_degrees(crs_of("EPSG:2154"), (-1.55, 47.2))
    True
    >>> lies_in_degrees(crs_of("EPSG:2154"), (47.2, -1.55))
    False
    """
    area, (lon, lat) = crs.area_of_use, middle
    if area is None:
        return True
    east = area.east + (360.0 if area.east < area.west else 0.0)
    turned = lon + 360.0 if lon < area.west - slack_deg and east > 180.0 else lon
    return bool(
        area.west - slack_deg <= turned <= east + slack_deg
        and area.south - slack_deg <= lat <= area.north + slack_deg
    )


def check_right_angles(buildings: gpd.GeoDataFrame, file: str, faults: Faults) -> None:
    """Note longitude and latitude swapped, by the corners of houses.

    Most corners are right angles on the ground. Degrees of longitude are shorter than those of
    latitude, so a house drawn with swapped axes is skewed, and upright again when swapped back.
    """
    if not buildings.crs.is_geographic:
        return
    shapes = buildings.geometry.to_numpy()
    shapes = shapes[:: max(1, len(shapes) // 2000)]
    as_is, swapped = (_right_angles(shapes, swap) for swap in (False, True))
    if swapped > 0.5 and swapped > 1.5 * as_is:
        faults.error(
            "buildings.swapped-axes",
            f"only {as_is:.0%} of the buildings' corners are right angles; with the axes swapped "
            f"{swapped:.0%} are.",
            "Longitude and latitude look swapped: x is longitude, y latitude.",
            file=file,
        )


def _right_angles(shapes: NDArray[Any], swap: bool, tolerance_deg: float = 4.0) -> float:
    """Return the share of corners (turns over 20 degrees) within the tolerance of 90 degrees."""
    rings = shapely.get_exterior_ring(shapely.get_parts(shapes))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy = xy[:, ::-1] if swap else xy
    xy = xy * np.column_stack([np.cos(np.radians(np.clip(xy[:, 1], -89, 89))), np.ones(len(xy))])
    leg = np.diff(xy, axis=0)
    heading = np.degrees(np.arctan2(leg[:, 1], leg[:, 0]))
    turn = np.abs((np.diff(heading) + 180.0) % 360.0 - 180.0)
    corner = (ring[2:] == ring[:-2]) & (turn > 20.0)
    return float((np.abs(turn[corner] - 90.0) < tolerance_deg).mean()) if corner.any() else 0.0


def distance_m(crs: CRS, first: Bounds, second: Bounds) -> float:
    """Return the distance on the ellipsoid between the middles of two boxes [m]."""
    to_degrees = Transformer.from_crs(crs, CRS.from_epsg(4326), always_xy=True)
    ends = [
        to_degrees.transform((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        for box in (first, second)
    ]
    return float(Geod(ellps="WGS84").inv(*ends[0], *ends[1])[2])
