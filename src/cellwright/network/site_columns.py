"""Column names of site lists as people write them, and the values in the cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cellwright.errors import Faults, did_you_mean
from cellwright.network.site_files import ROW
from cellwright.network.sites import KIND_WORDS, STATUS_WORDS

#: What each column may be called (compared in lower case, blanks and punctuation as "_").
ALIASES: dict[str, tuple[str, ...]] = {
    "site_id": ("site", "id", "siteid", "site_code", "code_site", "station", "код", "сайт"),
    "name": ("site_name", "label", "nom", "название", "имя"),
    "x_m": ("x", "easting", "east", "coord_x", "x_coord"),
    "y_m": ("y", "northing", "north", "coord_y", "y_coord"),
    "lon": ("long", "lng", "longitude", "lon_deg", "longitude_deg", "долгота"),
    "lat": ("latitude", "lat_deg", "latitude_deg", "широта"),
    "point": ("geo_point_2d", "geo_point", "coordinates", "coords", "wkt"),
    "height_m": ("height", "antenna_height", "antenna_height_m", "agl_m", "hauteur", "высота"),
    "ground_amsl_m": ("ground", "ground_m", "elevation", "elevation_m", "altitude", "altitude_m"),
    "status": ("state", "statut", "статус"),
    "kind": ("site_type", "site_kind", "тип"),
    "cost_class": ("cost",),
    "building": ("building_number",),
    "azimuth_deg": (
        "azimuth",
        "azimuths",
        "azimuths_deg",
        "azimut",
        "bearing",
        "азимут",
        "азимуты",
    ),
    "mechanical_tilt_deg": ("mechanical_tilt", "mech_tilt", "mtilt", "m_tilt", "mdt"),
    "electrical_tilt_deg": (
        "electrical_tilt",
        "elec_tilt",
        "etilt",
        "e_tilt",
        "edt",
        "ret",
        "tilt",
        "tilt_deg",
    ),
    "power_dbm": ("power", "tx_power", "tx_power_dbm"),
    "power_w": ("tx_power_w",),
    "antenna": ("antenna_model", "antenna_type"),
    "carrier": ("layer", "frequency_layer"),
}
NUMBERS = (
    "x_m",
    "y_m",
    "lon",
    "lat",
    "height_m",
    "ground_amsl_m",
    "building",
    "mechanical_tilt_deg",
    "electrical_tilt_deg",
    "power_dbm",
    "power_w",
)


def plain(name: str) -> str:
    """Reduce a column name to what is compared.

    Examples
    --------
    >>> plain(" Antenna Height, m ")
    'antenna_height_m'
    """
    return re.sub(r"[\W_]+", "_", str(name).strip().lower()).strip("_")


def known_columns(
    table: pd.DataFrame, mapping: Mapping[str, str] | None, file: str, faults: Faults
) -> pd.DataFrame:
    """Rename a raw table's columns to ours; unknown ones are noted and left out.

    Parameters
    ----------
    table : DataFrame
        Raw records with column `ROW`.
    mapping : mapping of our name to the file's, optional
        Wins over the aliases.
    file : str
        File named in the faults.
    faults : Faults
        Takes the faults.
    """
    chosen = _mapped(table, mapping or {}, file, faults)
    lookup = {alias: ours for ours, names in ALIASES.items() for alias in (ours, *names)}
    unknown = []
    for column in table.columns:
        if column in chosen.values() or column in (ROW, "x_geometry", "y_geometry"):
            continue
        ours = lookup.get(plain(column))
        if ours is None:
            unknown.append(str(column))
        elif ours not in chosen:
            chosen[ours] = column
        elif ours not in (mapping or {}):
            faults.error(
                "sites.two-columns",
                f'columns "{chosen[ours]}" and "{column}" both mean {ours}.',
                "Rename or remove one.",
                file=file,
                row=1,
            )
    _note_unknown(unknown, file, faults)
    kept = [name for name in (ROW, "x_geometry", "y_geometry") if name in table]
    return table[[*kept, *chosen.values()]].set_axis([*kept, *chosen], axis=1)


def _mapped(
    table: pd.DataFrame, mapping: Mapping[str, str], file: str, faults: Faults
) -> dict[str, str]:
    chosen = {}
    for ours, theirs in mapping.items():
        if ours not in ALIASES:
            cure = did_you_mean(ours, ALIASES)
            faults.error("sites.mapping", f'the mapping names "{ours}".', cure, file=file)
        elif theirs not in table.columns:
            cure = did_you_mean(theirs, [c for c in table.columns if c != ROW])
            faults.error("sites.mapping", f'the file has no column "{theirs}".', cure, file=file)
        else:
            chosen[ours] = theirs
    return chosen


def _note_unknown(unknown: list[str], file: str, faults: Faults) -> None:
    names = [alias for ours, names in ALIASES.items() for alias in (ours, *names)]
    distant = []
    for column in unknown:
        hint = did_you_mean(plain(column), names)
        if hint.startswith("Did"):
            message = f'column "{column}" is not known and is left out.'
            faults.warn("sites.unknown-column", message, hint, file=file, row=1)
        else:
            distant.append(column)
    if distant:
        faults.warn(
            "sites.unknown-column",
            f"left out: {', '.join(distant)}.",
            "Columns known: " + ", ".join(ALIASES) + ".",
            file=file,
            row=1,
            count=len(distant),
        )


def number(value: Any) -> float | None:
    """Read a number as people write it: decimal point or comma, blanks between thousands.

    Returns
    -------
    float or None
        None if it is no number.

    Examples
    --------
    >>> number("1 234,5"), number("47.2"), number("12 m")
    (1234.5, 47.2, None)
    """
    text = re.sub(r"[\s\u00a0\u202f]", "", str(value))
    if "," in text and "." not in text and text.count(",") == 1:
        text = text.replace(",", ".")
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def read_numbers(table: pd.DataFrame, file: str, faults: Faults) -> None:
    """Turn the number columns into floats in place; what is no number is a fault."""
    for column in [name for name in NUMBERS if name in table]:
        values = [None if value is None or value is pd.NA else value for value in table[column]]
        numbers = [None if _missing(value) else number(value) for value in values]
        for row, value, found in zip(table[ROW], values, numbers, strict=True):
            if found is None and not _missing(value):
                message = f'{column} is "{value}", which is no number.'
                faults.error("sites.number", message, "Write a plain number.", file=file, row=row)
        table[column] = pd.Series(numbers, index=table.index, dtype="float64")


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def read_words(table: pd.DataFrame) -> None:
    """Bring status and kind to our words in place; unknown words stay for the check to name."""
    for column, words in (("status", STATUS_WORDS), ("kind", KIND_WORDS)):
        if column in table:
            lookup = {plain(word): ours for ours, more in words.items() for word in (ours, *more)}
            table[column] = [
                value if _missing(value) else lookup.get(plain(value), str(value))
                for value in table[column]
            ]


def azimuths(value: Any) -> list[float] | None:
    """Read boresights such as "0/120/240", "0;120;240", "30 150 270" or a single number.

    Returns
    -------
    list of float or None
        Each from 0 to below 360 [deg]; None if it cannot be read or lies outside -360..360.

    Examples
    --------
    >>> azimuths("0/120/240"), azimuths(350), azimuths("north")
    ([0.0, 120.0, 240.0], [350.0], None)
    """
    parts = [part for part in re.split(r"[/;|\s]+|,\s+|,(?=\d{2,3}\b)", str(value).strip()) if part]
    found = [number(part) for part in parts]
    if not found or any(one is None or not -360.0 <= one <= 360.0 for one in found):
        return None
    return [float(one) % 360.0 for one in found if one is not None]


def lonlat(value: Any) -> tuple[float, float] | None:
    """Read a point cell: WKT, a record with lon and lat, or "lat, lon" as open-data portals write.

    Returns
    -------
    tuple of float or None
        Longitude and latitude [deg]; None if it cannot be read.

    Examples
    --------
    >>> lonlat("{'lon': 2.28, 'lat': 48.86}"), lonlat("48.86, 2.28"), lonlat("POINT (2.28 48.86)")
    ((2.28, 48.86), (2.28, 48.86), (2.28, 48.86))
    """
    text = str(value)
    numbers = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?(?:[eE]-?\d+)?", text)]
    if len(numbers) < 2:
        return None
    lower = text.lower()
    if "lon" in lower and "lat" in lower:
        in_order = lower.index("lon") < lower.index("lat")
    else:
        in_order = "point" in lower or "[" in lower
    first, second = numbers[:2]
    return (first, second) if in_order else (second, first)
