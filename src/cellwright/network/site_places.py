"""Where the sites of a file stand: coordinates as people give them, brought to one CRS."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyproj
import xarray as xr
from numpy.typing import NDArray

from cellwright.errors import Faults
from cellwright.network.site_columns import lonlat
from cellwright.network.site_files import ROW
from cellwright.network.sites import Ground

#: So many rows outside the map are named one by one; the rest are counted.
NAMED_ROWS = 10
#: Sites this far off a map still count as of the same town [m], when coordinates look swapped.
SURROUNDINGS_M = 20_000.0
#: Rooftop antennas stand this much above the roof [m] where no height is given; assumption.
MAST_M = 4.0


class District(Protocol):
    """What of ``geo.Area`` is used here."""

    @property
    def crs(self) -> Any:
        """Projected CRS."""
        ...

    @property
    def surface(self) -> xr.Dataset:
        """Fine grid: ``ground_amsl_m``, ``surface_amsl_m``, ``building``."""
        ...


def placed(
    table: pd.DataFrame,
    raw_crs: Any,
    target: pyproj.CRS,
    area: District | None,
    file: str,
    faults: Faults,
    stated_crs: pyproj.CRS | None = None,
) -> pd.DataFrame:
    """Add x_m, y_m in the district's CRS; rows without a place are faults and left out."""
    found = _coordinates(table, raw_crs, stated_crs or target, file, faults)
    if found is None:
        return table.iloc[:0].assign(x_m=np.nan, y_m=np.nan)
    first, second, source = found
    missing = np.isnan(first) | np.isnan(second)
    for row in table.loc[missing, ROW]:
        faults.error(
            "sites.no-place", "the site has no coordinates.", "Fill both.", file=file, row=int(row)
        )
    table, first, second = table[~missing], first[~missing], second[~missing]
    if not len(table):
        return table.assign(x_m=np.nan, y_m=np.nan)
    order = _order(first, second, source, target, area, file, faults)
    if order == "swapped":  # told already; what is checked next looks where they were meant to be
        first, second = second, first
    elif order == "degrees":
        source = pyproj.CRS.from_epsg(4326)
    x_m, y_m = _project(first, second, source, target)
    _check_reach(table, first, second, x_m, file, faults)
    return table.assign(x_m=x_m, y_m=y_m)


def _check_reach(
    table: pd.DataFrame,
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    x_m: NDArray[np.float64],
    file: str,
    faults: Faults,
) -> None:
    """Name the places that have no coordinates in the district's CRS, such as latitude 120."""
    lost = ~np.isfinite(x_m)
    for row, one, other in zip(table.loc[lost, ROW], first[lost], second[lost], strict=True):
        faults.error(
            "sites.place",
            f"the coordinates {one:g}, {other:g} are nowhere in the district's CRS.",
            "Longitudes are -180 to 180, latitudes -90 to 90 degrees.",
            file=file,
            row=int(row),
        )


_Pair = tuple[NDArray[np.float64], NDArray[np.float64], pyproj.CRS]


def _coordinates(
    table: pd.DataFrame, raw_crs: Any, of_xy: pyproj.CRS, file: str, faults: Faults
) -> _Pair | None:
    degrees = pyproj.CRS.from_epsg(4326)
    for names, source in (
        (("x_m", "y_m"), of_xy),
        (("lon", "lat"), degrees),
        (("x_geometry", "y_geometry"), raw_crs and pyproj.CRS.from_user_input(raw_crs)),
    ):
        if source is not None and all(name in table for name in names):
            first, second = (table[name].to_numpy(dtype=float) for name in names)
            return first, second, source
    if "point" in table:
        pairs = [lonlat(value) or (np.nan, np.nan) for value in table["point"]]
        lon, lat = np.array(pairs, dtype=float).T
        return lon, lat, degrees
    if "x_geometry" not in table:  # a layer without a CRS has been named already
        faults.error(
            "sites.no-coordinates",
            "there are no coordinates; needed: columns x_m and y_m, or lon and lat, or point.",
            "Name the columns so, or give a mapping.",
            file=file,
            row=1,
        )
    return None


def _project(
    first: NDArray[np.float64], second: NDArray[np.float64], source: pyproj.CRS, target: pyproj.CRS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if source == target:
        return first, second
    move = pyproj.Transformer.from_crs(source, target, always_xy=True)
    x_m, y_m = move.transform(first, second)
    return np.asarray(x_m, dtype=float), np.asarray(y_m, dtype=float)


def _order(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    source: pyproj.CRS,
    target: pyproj.CRS,
    area: District | None,
    file: str,
    faults: Faults,
) -> str:
    """Return "right", or name what is wrong: "swapped", or "degrees" where metres are meant."""
    looks_like_degrees = bool((np.abs(first) <= 180.0).all() and (np.abs(second) <= 90.0).all())
    if source.is_projected and looks_like_degrees and len(first):
        faults.error(
            "sites.degrees",
            f"x and y are {first[0]:g}, {second[0]:g}: these look like degrees, not metres in "
            f"{source.to_string()}.",
            "Name the columns lon and lat.",
            file=file,
        )
        return "degrees"
    as_given = _share_on_map(first, second, source, target, area)
    swapped = _share_on_map(second, first, source, target, area)
    if as_given >= 0.5 or swapped <= 0.5:
        return "right"
    names = ("lon", "lat") if source.is_geographic else ("x", "y")
    faults.error(
        "sites.swapped",
        f"{names[0]} and {names[1]} look swapped: as given {as_given:.0%} of the sites lie on "
        f"the map, the other way round {swapped:.0%}.",
        "Swap the two column names.",
        file=file,
    )
    return "swapped"


def _share_on_map(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    source: pyproj.CRS,
    target: pyproj.CRS,
    area: District | None,
) -> float:
    """Share of points on the district's map, or else where its CRS is meant to be used."""
    if area is not None:
        x_m, y_m = _project(first, second, source, target)
        west, south, east, north = _bounds(area)
        reach = SURROUNDINGS_M
        on = (x_m > west - reach) & (x_m < east + reach)
        on &= (y_m > south - reach) & (y_m < north + reach)
        return float(on.mean())
    use = target.area_of_use
    if use is None:
        return 1.0
    lon, lat = _project(first, second, source, pyproj.CRS.from_epsg(4326))
    on = (lon >= use.west) & (lon <= use.east) & (lat >= use.south) & (lat <= use.north)
    return float(on.mean())


def _bounds(area: District) -> tuple[float, float, float, float]:
    x_m, y_m = area.surface["x"].to_numpy(), area.surface["y"].to_numpy()
    half = abs(float(x_m[1] - x_m[0])) / 2.0 if x_m.size > 1 else 0.5
    return (
        float(x_m.min()) - half,
        float(y_m.min()) - half,
        float(x_m.max()) + half,
        float(y_m.max()) + half,
    )


def inside(table: pd.DataFrame, area: District, file: str, faults: Faults) -> pd.DataFrame:
    """Leave out the rows that lie off the district's map, and say which."""
    west, south, east, north = _bounds(area)
    on = table["x_m"].between(west, east) & table["y_m"].between(south, north)
    off = table[~on]
    for row, site_id in list(zip(off[ROW], off["site_id"], strict=True))[:NAMED_ROWS]:
        message = f'(site "{site_id}"): it lies outside the district\'s map and is left out.'
        faults.warn("sites.outside", message, file=file, row=int(row))
    rest = len(off) - NAMED_ROWS
    if rest > 0:
        message = f"{rest} more sites lie outside the district's map and are left out."
        faults.warn("sites.outside", message, file=file, count=rest)
    if len(off) and not on.any():
        faults.error(
            "sites.all-outside",
            f"none of the {len(off)} sites lies on the district's map (x {west:.0f} to {east:.0f}, "
            f"y {south:.0f} to {north:.0f} m); the first is at {off['x_m'].iloc[0]:.0f}, "
            f"{off['y_m'].iloc[0]:.0f}.",
            "Check the CRS and the order of the coordinates.",
            file=file,
        )
    return table[on]


def terrain_of(area: District) -> Ground:
    """Return a function that looks the terrain up in the nearest pixel of the fine grid."""
    surface = area.surface["ground_amsl_m"]

    def heights(x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> NDArray[np.float64]:
        points = {"x": xr.DataArray(x_m, dims="site"), "y": xr.DataArray(y_m, dims="site")}
        return np.asarray(surface.sel(points, method="nearest"), dtype=float)

    return heights


def from_map(table: pd.DataFrame, area: District, file: str, faults: Faults) -> pd.DataFrame:
    """Fill from the district's map what the file does not say: building and rooftop height.

    A rooftop antenna of unknown height stands `MAST_M` above the roof below it.
    """
    points = {
        "x": xr.DataArray(table["x_m"].to_numpy(), dims="site"),
        "y": xr.DataArray(table["y_m"].to_numpy(), dims="site"),
    }
    here = area.surface.sel(points, method="nearest")
    roof = here["surface_amsl_m"].to_numpy().astype(float) - here["ground_amsl_m"].to_numpy()
    on_roof = _series(table, "kind", "rooftop").eq("rooftop").to_numpy()
    on_roof &= here["building"].to_numpy() > 0
    _warn_below_roof(table, roof, on_roof, file, faults)
    out = table.copy()
    height = _series(table, "height_m", np.nan).astype(float)
    out["height_m"] = height.where(height.notna() | ~on_roof, roof + MAST_M)
    if "building" not in out:
        housed = on_roof | _series(table, "kind", "rooftop").eq("indoor").to_numpy()
        out["building"] = np.where(housed, here["building"].to_numpy(), 0)
    return out


def _series(table: pd.DataFrame, name: str, default: Any) -> pd.Series:
    if name not in table:
        return pd.Series(default, index=table.index)
    return table[name].where(table[name].notna(), default)


def _warn_below_roof(
    table: pd.DataFrame,
    roof: NDArray[np.float64],
    on_roof: NDArray[np.bool_],
    file: str,
    faults: Faults,
) -> None:
    height = _series(table, "height_m", np.nan).to_numpy(dtype=float)
    below = on_roof & (height < roof)
    for position in np.flatnonzero(below):
        record = table.iloc[position]
        faults.warn(
            "sites.below-roof",
            f'(site "{record["site_id"]}"): height_m is {height[position]:g} but the roof there is '
            f"{roof[position]:.0f} m high.",
            "Heights are above the ground, not above the roof.",
            file=file,
            row=int(record[ROW]),
        )
