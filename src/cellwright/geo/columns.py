"""Columns under other people's names: aliases, explicit mapping, and numbers written as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..errors import Faults, did_you_mean

_FOOT_M = 0.3048


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: Cellwright's column -> names it goes by elsewhere, best first (lower case, words joined by "_").
BUILDING_COLUMNS: dict[str, tuple[str, ...]] = {
    "building_id": _names(
        "building_id id cleabs osm_id osm_way_id gml_id inspireid globalid gid objectid uuid fid"
    ),
    "height_m": _names(
        "height_m height building_height bldg_height measuredheight height_median heightmed "
        "roof_height hauteur hoehe hohe altura altezza wysokosc высота heightagl height_agl "
        "height_ft h"
    ),
    "floors": _names(
        "floors levels building_levels num_floors numfloors storeys stories nb_etages etages "
        "floor_count floorcount number_of_floors numberoffloorsaboveground numberoffloors "
        "storeys_above_ground storeysabove n_floors nfloors geschosse pisos plantas piani "
        "этажность kerrosluku building_floors levels_above_ground"
    ),
    "use": _names(
        "use usage usage1 building_use building function buildingfunction building_type "
        "bldg_type type class occupancy"
    ),
    "dwellings": _names(
        "dwellings nb_logts nb_logements num_dwellings building_flats flats apartments "
        "n_dwellings numberofdwellings units"
    ),
    "residents": _names("residents population pop people inhabitants persons n_people"),
    "year": _names("year year_built built_year construction_year start_date date_app yearbuilt"),
    "min_height_m": _names("min_height_m min_height building_min_height"),
    "part": ("building_part",),
}

STREET_COLUMNS: dict[str, tuple[str, ...]] = {
    "street_id": _names("street_id id cleabs osm_id osm_way_id gml_id gid objectid fid"),
    "name": _names("name street_name street nom nom_voie nom_voie_ban_gauche nom_coll_g road_name"),
    "kind": _names("kind highway nature fclass class road_class type"),
    "width_m": _names("width_m width largeur largeur_de_chaussee est_width"),
    "lanes": _names("lanes nb_voies nombre_de_voies"),
    "level": _names("level layer pos_sol position_par_rapport_au_sol"),
    "bridge": ("bridge",),
    "tunnel": ("tunnel",),
}

POPULATION_COLUMNS: dict[str, tuple[str, ...]] = {
    "residents": _names(
        "residents population pop people inhabitants persons ind ind_c asukkaita vaesto "
        "pop_total total_pop totpop tot_p t obs_value poptot count value"
    ),
}


def _plain(name: str) -> str:
    return re.sub(r"[^\w]+", "_", name.strip().lower()).strip("_")


def match_columns(
    frame: pd.DataFrame,
    aliases: Mapping[str, tuple[str, ...]],
    mapping: Mapping[str, str],
    faults: Faults,
    role: str,
    file: str,
) -> dict[str, str]:
    """Return Cellwright's column name -> column of the file, for those found.

    An explicit mapping wins; a mapping that names nothing becomes a fault. A column without a
    single value is passed over. Shapefiles cut names to ten letters, so a ten-letter column also
    matches the head of an alias.
    """
    names = [str(name) for name in frame.columns if str(name) != "geometry"]
    filled = [name for name in names if frame[name].notna().any()]
    found = {ours: name for ours, alias in aliases.items() if (name := _first(filled, alias))}
    for ours, theirs in mapping.items():
        if ours not in aliases:
            faults.error(
                f"{role}.unknown-column",
                f'columns: "{ours}" is not a column Cellwright reads.',
                did_you_mean(ours, aliases),
                file=file,
            )
        elif theirs not in names:
            faults.error(
                f"{role}.missing-column",
                f'columns: {ours} = "{theirs}", but the file has no such column.',
                did_you_mean(theirs, names),
                file=file,
            )
        else:
            found[ours] = theirs
    return found


def _first(names: list[str], aliases: Iterable[str]) -> str | None:
    plain = {_plain(name): name for name in reversed(names)}
    for alias in aliases:
        if alias in plain:
            return plain[alias]
        if len(alias) > 10 and alias[:10] in plain:
            return plain[alias[:10]]
    return None


def numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    """Read numbers also where they are written as text ("12,5 m", "3-4", "40 ft"); else NaN.

    Examples
    --------
    >>> numbers(pd.Series(["12,5 m", "3-4", "40'", "tall", None])).round(2).tolist()
    [12.5, 3.0, 12.19, nan, nan]
    """
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return pd.to_numeric(values, errors="coerce").astype("float64")
    text = values.astype("string").str.strip().str.replace(",", ".", regex=False)
    parts = text.str.extract(r"^([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)\s*(ft|feet|')?")
    result = pd.to_numeric(parts[0], errors="coerce").astype("float64")
    return result.where(parts[1].isna().to_numpy(), result * _FOOT_M)


def unread(values: pd.Series[Any], read: pd.Series[Any]) -> pd.Series[Any]:
    """Mark the values that say something, but not a number."""
    said = values.notna() & (values.astype("string").str.strip().fillna("") != "")
    return said & read.isna() & ~_is_nan(values)


def _is_nan(values: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return values.astype("string").str.lower().isin(["nan", "none", "null", "na", "-"]).to_numpy()
