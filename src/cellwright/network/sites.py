"""Sites: what a site is, and tables of sites made from records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.errors import Faults, InputError, did_you_mean

STATUSES = ("existing", "candidate", "proposed", "banned")
KINDS = ("rooftop", "tower", "pole", "indoor")
COST_CLASSES = (
    "rooftop_new",
    "rooftop_existing",
    "tower_new",
    "tower_existing",
    "pole_new",
    "pole_existing",
    "indoor_new",
    "indoor_existing",
)
#: Words people use for a status.
STATUS_WORDS = {
    "existing": ("on air", "onair", "live", "active", "in service", "operational", "действующий"),
    "candidate": ("possible", "option", "кандидат"),
    "proposed": ("planned", "new", "future", "планируемый"),
    "banned": ("forbidden", "blocked", "excluded", "unavailable", "запрещен", "запрещён"),
}
KIND_WORDS = {
    "rooftop": ("roof", "roof top", "крыша"),
    "tower": ("mast", "lattice", "monopole", "башня", "мачта"),
    "pole": ("lamp post", "lamppost", "street pole", "street light", "столб", "опора"),
    "indoor": ("das", "in building", "помещение"),
}
#: Antennas stand this high above ground [m], lowest and highest.
HEIGHT_RANGE_M = (1.0, 300.0)
#: Antenna height above ground [m] where a site gives none, by kind; assumptions.
DEFAULT_HEIGHT_M = {"rooftop": 25.0, "tower": 30.0, "pole": 9.0, "indoor": 3.0}

SITE_COLUMNS = (
    "site_id",
    "name",
    "status",
    "kind",
    "height_m",
    "ground_amsl_m",
    "antenna_amsl_m",
    "cost_class",
    "building",
    "geometry",
)
_TYPES = {
    "site_id": "object",
    "name": "object",
    "status": "object",
    "kind": "object",
    "height_m": "float64",
    "ground_amsl_m": "float64",
    "antenna_amsl_m": "float64",
    "cost_class": "object",
    "building": "int32",
}

#: Heights above sea level [m] of points given as x and y arrays [m] in the district's CRS.
Ground = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]


def empty_sites(crs: Any) -> gpd.GeoDataFrame:
    """Return a table of no sites with the right columns and types.

    Examples
    --------
    >>> list(empty_sites("EPSG:2154").columns) == list(SITE_COLUMNS)
    True
    """
    columns: dict[str, Any] = {name: pd.Series(dtype=kind) for name, kind in _TYPES.items()}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=crs), crs=crs)[
        list(SITE_COLUMNS)
    ]


def cost_class(kind: str, status: str) -> str:
    """Return the cost class of a site of this kind and status.

    Examples
    --------
    >>> cost_class("rooftop", "candidate")
    'rooftop_new'
    """
    return f"{kind}_{'existing' if status == 'existing' else 'new'}"


def sites_from_records(
    records: Iterable[Mapping[str, Any]], crs: Any, ground: Ground | float | None = None
) -> gpd.GeoDataFrame:
    """Make a table of sites from plain records; what is not given gets the stated default.

    Parameters
    ----------
    records : iterable of mapping
        ``site_id, x_m, y_m`` are needed; other keys are the columns of the table. Defaults: name =
        site_id, status "candidate", kind "rooftop", height by kind (`DEFAULT_HEIGHT_M`), cost class
        by kind and status, building 0.
    crs : anything pyproj reads
        CRS of x and y.
    ground : callable, float or None
        Terrain height above sea level [m]: of points, or one for all (None: 0).

    Returns
    -------
    GeoDataFrame
        Columns `SITE_COLUMNS`, in the records' order.

    Raises
    ------
    InputError
        With every fault of the records.

    Examples
    --------
    >>> sites = sites_from_records([{"site_id": "A", "x_m": 10.0, "y_m": 20.0}], "EPSG:32636")
    >>> sites.loc[0, ["status", "kind", "cost_class"]].tolist()
    ['candidate', 'rooftop', 'rooftop_new']
    """
    table = pd.DataFrame([dict(record) for record in records])
    if table.empty:
        return empty_sites(crs)
    missing = [name for name in ("site_id", "x_m", "y_m") if name not in table]
    if missing:
        raise InputError(f"the site records lack {', '.join(missing)}.")
    sites = complete_sites(table, crs, ground)
    faults = Faults()
    check_sites(sites, faults)
    faults.raise_errors()
    return sites


def complete_sites(
    table: pd.DataFrame, crs: Any, ground: Ground | float | None = None
) -> gpd.GeoDataFrame:
    """Fill the columns of a site table that can be derived; ``x_m, y_m`` become the geometry."""
    site_id = table["site_id"].astype(str)
    status = _column(table, "status", "candidate").astype(str)
    kind = _column(table, "kind", "rooftop").astype(str)
    height = pd.to_numeric(_column(table, "height_m", np.nan)).astype(float)
    height = height.fillna(kind.map(DEFAULT_HEIGHT_M)).astype(float)
    x_m = table["x_m"].to_numpy(dtype=float)
    y_m = table["y_m"].to_numpy(dtype=float)
    given = pd.to_numeric(_column(table, "ground_amsl_m", np.nan)).to_numpy(dtype=float)
    terrain = np.where(np.isnan(given), _terrain(ground, x_m, y_m), given)
    classes = [cost_class(k, s) for k, s in zip(kind, status, strict=True)]
    columns = {
        "site_id": site_id,
        "name": _column(table, "name", pd.NA).astype(object).fillna(site_id).astype(str),
        "status": status,
        "kind": kind,
        "height_m": height,
        "ground_amsl_m": terrain,
        "antenna_amsl_m": terrain + height,
        "cost_class": _column(table, "cost_class", pd.NA)
        .astype(object)
        .fillna(pd.Series(classes, index=table.index))
        .astype(str),
        "building": pd.to_numeric(_column(table, "building", 0)).fillna(0).astype("int32"),
    }
    points = gpd.points_from_xy(x_m, y_m, crs=crs)
    return gpd.GeoDataFrame(columns, geometry=points, crs=crs).reset_index(drop=True)


def _column(table: pd.DataFrame, name: str, default: Any) -> pd.Series:
    if name not in table:
        return pd.Series(default, index=table.index)
    if pd.isna(default):
        return table[name]
    return table[name].where(table[name].notna(), default)


def _terrain(
    ground: Ground | float | None, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    if callable(ground):
        return np.asarray(ground(x_m, y_m), dtype=float)
    return np.full(x_m.shape, 0.0 if ground is None else float(ground))


def check_sites(
    sites: pd.DataFrame, faults: Faults, file: str = "", rows: pd.Series | None = None
) -> None:
    """Collect every fault of a site table: names, status, kind, cost class, height.

    Parameters
    ----------
    sites : DataFrame
        Columns of `SITE_COLUMNS` (geometry is not looked at).
    faults : Faults
        Takes the faults.
    file : str
        File named in the faults.
    rows : Series of int, optional
        Line in the file of each site, by the table's index.
    """
    lines: dict[Any, int] = {} if rows is None else rows.to_dict()
    for report in (_duplicates, _unknown_words, _heights):
        for index, code, message, cure in report(sites, lines):
            faults.error(code, message, cure, file=file, row=lines.get(index))


#: Index of the site, code, message, cure.
_Finding = tuple[Any, str, str, str]


def _duplicates(sites: pd.DataFrame, lines: Mapping[Any, int]) -> Iterator[_Finding]:
    first: dict[str, Any] = {}
    for index, site_id in sites["site_id"].items():
        if first.setdefault(site_id, index) == index:
            continue
        also = f", first in row {lines[first[site_id]]}" if lines else ""
        yield (
            index,
            "sites.duplicate-name",
            f'site_id "{site_id}" is given twice{also}; each site has its own name.',
            "Rename one, or give all sectors of the site the same place and height.",
        )


def _unknown_words(sites: pd.DataFrame, lines: Mapping[Any, int]) -> Iterator[_Finding]:
    for column, allowed in (("status", STATUSES), ("kind", KINDS)):
        wrong = sites.loc[~sites[column].isin(allowed), ["site_id", column]]
        for index, site_id, value in wrong.itertuples():
            message = f'(site "{site_id}"): {column} is "{value}"; allowed: {", ".join(allowed)}.'
            yield index, f"sites.{column}", message, _near(value, allowed)


def _near(value: str, allowed: Sequence[str]) -> str:
    for ours, words in {**STATUS_WORDS, **KIND_WORDS}.items():
        if ours in allowed and value.lower() in words:
            return f'Did you mean "{ours}"?'
    hint = did_you_mean(value, allowed)
    return hint if hint.startswith("Did") else ""


def _heights(sites: pd.DataFrame, lines: Mapping[Any, int]) -> Iterator[_Finding]:
    low, high = HEIGHT_RANGE_M
    # an unknown kind has no default height, and is a fault of its own
    named = sites["kind"].isin(KINDS) | sites["height_m"].notna()
    wrong = sites.loc[named & ~sites["height_m"].between(low, high), ["site_id", "height_m"]]
    for index, site_id, height in wrong.itertuples():
        message = (
            f'(site "{site_id}"): height_m is {height:g}; '
            f"antennas stand {low:g} to {high:g} m above ground."
        )
        yield index, "sites.height-range", message, _height_cure(height)


def _height_cure(height_m: float) -> str:
    low, high = HEIGHT_RANGE_M
    if low <= height_m / 100.0 <= high:
        return "Is it in centimetres?"
    return "Give the height of the antenna's centre above the ground."
