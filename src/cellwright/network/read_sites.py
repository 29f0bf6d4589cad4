"""Reading a user's sites, and the sectors on them, with every fault of the file found at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from cellwright.errors import Faults, InputError, shown_path
from cellwright.network.site_columns import (
    azimuths,
    known_columns,
    read_numbers,
    read_words,
)
from cellwright.network.site_files import ROW, read_raw
from cellwright.network.site_places import MAST_M, District, from_map, inside, placed, terrain_of
from cellwright.network.sites import (
    DEFAULT_HEIGHT_M,
    Ground,
    check_sites,
    complete_sites,
    empty_sites,
)

SECTOR_COLUMNS = (
    "site_id",
    "sector",
    "azimuth_deg",
    "mechanical_tilt_deg",
    "electrical_tilt_deg",
    "power_dbm",
    "antenna",
    "carrier",
)
#: Rows of one site may differ by this much in place [m] before they count as two places.
_SAME_PLACE_M = 5.0


class SiteFile(NamedTuple):
    """What a site file holds.

    Attributes
    ----------
    sites : GeoDataFrame
        Columns ``SITE_COLUMNS``; empty if the file has faults that stop a run.
    sectors : DataFrame
        Columns `SECTOR_COLUMNS`; what the file does not give is NaN. Sites without an azimuth
        have no row.
    faults : Faults
        All faults of the file.
    """

    sites: gpd.GeoDataFrame
    sectors: pd.DataFrame
    faults: Faults


def read_sites(
    path: str | Path,
    crs: Any = None,
    *,
    area: District | None = None,
    mapping: Mapping[str, str] | None = None,
    ground: Ground | float | None = None,
    layer: str | None = None,
    source_crs: Any = None,
    encoding: str | None = None,
) -> SiteFile:
    """Read sites from CSV, XLSX, GeoPackage, GeoJSON, KML, Shapefile or FlatGeobuf.

    Parameters
    ----------
    path : str or Path
        The file. CSV may use comma, semicolon, tab or bar, decimal point or comma, UTF-8, UTF-16,
        cp1251 or cp1252. Columns are found by `ALIASES`; a site is one row with azimuths such as
        "0/120/240", or several rows, one per sector.
    crs : anything pyproj reads, optional
        Projected CRS of the district, and of columns x and y; default: that of `area`.
    area : Area, optional
        Sites off its surface grid are left out with a warning; it gives ground heights, the
        building under a rooftop site and, where the file has none, the height of its roof.
    mapping : mapping of str to str, optional
        Our column name to the file's, where the aliases do not fit.
    ground : callable or float, optional
        Terrain height [m amsl], if no `area` is given.
    layer : str, optional
        Layer of a GeoPackage or sheet of a workbook; default: the first.
    source_crs : anything pyproj reads, optional
        CRS of the file's x and y or shapes, where the file does not say or says it wrongly.
    encoding : str, optional
        Text encoding of a CSV ("cp1251"); default: found from its bytes.

    Returns
    -------
    SiteFile
        Sites, sectors and faults. Nothing is raised for a fault in the file:
        ``.faults.raise_errors()`` does it.

    Raises
    ------
    InputError
        If neither `crs` nor `area` is given.
    """
    if crs is None and area is None:
        raise InputError("read_sites needs crs or area: which CRS are the sites to be in?")
    target = pyproj.CRS.from_user_input(crs if area is None else area.crs)
    file, faults = shown_path(path), Faults()
    stated = _stated_crs(source_crs, file, faults)
    raw, raw_crs = read_raw(Path(path), layer, faults, stated, encoding)
    if raw.empty:
        return SiteFile(empty_sites(target), empty_sectors(), faults)
    table = known_columns(raw, mapping, file, faults)
    read_numbers(table, file, faults)
    read_words(table)
    whole = table
    table = placed(table, raw_crs, target, area, file, faults, stated)
    table = _identified(table, file, faults)
    _check_left_out(whole[~whole[ROW].isin(table[ROW])], file, faults)
    sectors = _sectors(table, file, faults)
    _say_defaults(table, file, faults)
    if area is not None:
        table = inside(table, area, file, faults)
        table = from_map(table, area, file, faults)
        ground = terrain_of(area)
    sites = _sites(table, target, ground, file, faults)
    if faults.errors:
        return SiteFile(empty_sites(target), empty_sectors(), faults)
    kept = sectors[sectors["site_id"].isin(sites["site_id"])].reset_index(drop=True)
    return SiteFile(sites, kept, faults)


def _stated_crs(given: Any, file: str, faults: Faults) -> pyproj.CRS | None:
    """Return the CRS the user states for the file; one that PROJ does not know is a fault."""
    if given is None:
        return None
    try:
        return pyproj.CRS.from_user_input(given)
    except pyproj.exceptions.CRSError:
        message = f'"{given}" is not a CRS that PROJ knows.'
        faults.error("sites.unknown-crs", message, 'Write it as "EPSG:32636".', file=file)
        return None


def _check_left_out(table: pd.DataFrame, file: str, faults: Faults) -> None:
    """Check the values of rows without place or name too, so that all their faults come at once."""
    if table.empty:
        return
    named = table.assign(site_id=[f"row {row}" for row in table[ROW]], x_m=0.0, y_m=0.0)
    check_sites(complete_sites(named.reset_index(drop=True), None), faults, file,
                named[ROW].reset_index(drop=True))  # fmt: skip


def _say_defaults(table: pd.DataFrame, file: str, faults: Faults) -> None:
    """Say what is assumed for columns that the file does not have."""
    usual = ", ".join(f"{kind} {height:g}" for kind, height in DEFAULT_HEIGHT_M.items())
    for column, words in (
        ("status", 'all sites are taken as "candidate"'),
        ("kind", 'all sites are taken as "rooftop"'),
        ("height_m", f"taken {MAST_M:g} m above the roof the map shows, else by kind: {usual} m"),
    ):
        if column not in table and len(table):
            message = f'there is no column "{column}": {words}.'
            faults.warn("sites.assumed", message, "Add the column.", file=file, row=1)


def empty_sectors() -> pd.DataFrame:
    """Return a table of no sectors."""
    text = ("site_id", "antenna", "carrier")
    return pd.DataFrame(
        {name: pd.Series(dtype=object if name in text else float) for name in SECTOR_COLUMNS}
    )


def _identified(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Make site_id text; number the sites where the file has no names at all."""
    column = "site_id" if "site_id" in table else "name" if "name" in table else None
    if column is None:
        if len(table):
            faults.warn(
                "sites.no-name",
                'there is no column "site_id"; sites are named S001, S002, ... in order.',
                file=file,
                row=1,
            )
        return table.assign(site_id=[f"S{number:03d}" for number in range(1, len(table) + 1)])
    for row in table.loc[table[column].isna(), ROW]:
        faults.error(
            "sites.no-name", f"{column} is empty.", "Name the site.", file=file, row=int(row)
        )
    named = table[table[column].notna()]
    return named.assign(site_id=[_text(value) for value in named[column]])


def _text(value: Any) -> str:
    """Write a name as text; spreadsheets keep the name 12 as the number 12.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _sectors(table: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Read azimuths and what belongs to one sector; one row of the file may hold several."""
    if "azimuth_deg" not in table:
        return empty_sectors()
    rows: list[dict[str, Any]] = []
    seen: set[tuple[str, Any, float]] = set()
    for record in table.to_dict("records"):
        if pd.isna(record["azimuth_deg"]):
            continue
        site_id, carrier = record["site_id"], record.get("carrier")
        found = azimuths(record["azimuth_deg"])
        place = {"file": file, "row": int(record[ROW])}
        if found is None:
            message = f'(site "{site_id}"): azimuth is "{record["azimuth_deg"]}".'
            faults.error("sites.azimuth", message, 'Write degrees, as in "0/120/240".', **place)
            continue
        for azimuth in found:
            key = (site_id, carrier, azimuth)
            if key in seen:
                message = f'(site "{site_id}"): azimuth {azimuth:g} is given twice.'
                faults.error("sites.duplicate-sector", message, "Remove one.", **place)
            seen.add(key)
            rows.append({**_sector(record), "azimuth_deg": azimuth})
    made = pd.DataFrame(rows, columns=list(SECTOR_COLUMNS)) if rows else empty_sectors()
    made["sector"] = made.groupby(["site_id", made["carrier"].astype(str)]).cumcount() + 1
    return made


def _sector(record: Mapping[Any, Any]) -> dict[str, Any]:
    power = record.get("power_dbm", np.nan)
    watts = record.get("power_w", np.nan)
    if np.isnan(power) and watts > 0.0:
        power = 30.0 + 10.0 * np.log10(watts)
    return {
        "site_id": record["site_id"],
        "mechanical_tilt_deg": record.get("mechanical_tilt_deg", np.nan),
        "electrical_tilt_deg": record.get("electrical_tilt_deg", np.nan),
        "power_dbm": power,
        "antenna": record.get("antenna"),
        "carrier": record.get("carrier"),
    }


def _sites(
    table: pd.DataFrame,
    target: pyproj.CRS,
    ground: Ground | float | None,
    file: str,
    faults: Faults,
) -> gpd.GeoDataFrame:
    """Make one row per site: rows of one name are its sectors if they differ in azimuth only."""
    table = table.reset_index(drop=True)
    if table.empty:
        return empty_sites(target)
    per_sector = "azimuth_deg" in table
    repeated = table["site_id"].duplicated() & per_sector
    for site_id, rows in table.groupby("site_id", sort=False):
        if per_sector and len(rows) > 1:
            _check_one_place(str(site_id), rows, file, faults)
    kept = table[~repeated].reset_index(drop=True)
    sites = complete_sites(kept, target, ground)
    check_sites(sites, faults, file, kept[ROW])
    return sites


def _check_one_place(site_id: str, rows: pd.DataFrame, file: str, faults: Faults) -> None:
    points = shapely.points(rows["x_m"], rows["y_m"])
    apart = shapely.distance(points[0], points)
    for row, distance in zip(rows[ROW], apart, strict=True):
        if distance > _SAME_PLACE_M:
            faults.error(
                "sites.two-places",
                f'(site "{site_id}"): this sector stands {distance:.0f} m from the one in row '
                f"{int(rows[ROW].iloc[0])}; sectors of a site stand together.",
                "Give the site another name, or mend its coordinates.",
                file=file,
                row=int(row),
            )
    for column in _differing(rows, ("height_m", "status", "kind")):
        faults.error(
            "sites.two-values",
            f'(site "{site_id}"): {column} differs between its rows.',
            "Write one value for the site.",
            file=file,
            row=int(rows[ROW].iloc[0]),
        )


def _differing(rows: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    return [name for name in columns if name in rows and len(set(rows[name].dropna())) > 1]


def write_sites(sites: gpd.GeoDataFrame, path: str | Path) -> None:
    """Write sites as CSV that `read_sites` reads back: x_m, y_m in the table's CRS, UTF-8."""
    table = pd.DataFrame(sites.drop(columns="geometry"))
    table.insert(1, "x_m", sites.geometry.x.round(3))
    table.insert(2, "y_m", sites.geometry.y.round(3))
    table.drop(columns="antenna_amsl_m").to_csv(path, index=False, lineterminator="\n")
