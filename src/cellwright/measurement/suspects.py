"""Antennas that may not stand, point or tilt as the site file says: suspects, never verdicts."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from cellwright.coverage import path_loss, received
from cellwright.measurement.design import TuneSettings, block_of
from cellwright.measurement.predict import Prediction, Setup
from cellwright.propagation import Tuning

Array = NDArray[np.float64]
#: Errors tried.
TURNS_DEG = tuple(range(-175, 181, 5))
TILTS_DEG = (-10, -8, -6, -4, -2, 0, 2, 4, 6, 8, 10)
HEIGHTS_M = (-15.0, -10.0, -5.0, 0.0, 5.0, 10.0, 15.0)
SHIFTS_M = (25.0, 50.0, 100.0)
#: A suspect must lower what is left by so much [dB], and by more than chance does: twice the gain
#: in log-likelihood, squares of the map counted once, above this (chi-square, 1 in 1000; many
#: errors are tried).
LEAST_FALL_DB = 0.5
LEAST_EVIDENCE = 10.8
#: A cell must be heard in so many squares, over so wide an arc [deg], to be judged.
LEAST_BLOCKS, LEAST_ARC_DEG = 8, 45.0
SUSPECT_COLUMNS = (
    "cell_id", "site_id", "kind", "error", "error_unit", "points", "before_db", "after_db", "words",
)  # fmt: skip


def suspects(
    setup: Setup,
    found: Prediction,
    tuning: Tuning | None = None,
    settings: TuneSettings | None = None,
) -> pd.DataFrame:
    """Try errors of azimuth, tilt, height and position; list those that explain much.

    Parameters
    ----------
    setup : Setup
        District, network, carrier.
    found : Prediction
        Points and the network as it is said to be.
    tuning : Tuning, optional
        Correction to the model, so that its errors are not laid at the antennas' door.
    settings : TuneSettings, optional
        Size of the squares that count as one observation.

    Returns
    -------
    DataFrame
        Columns `SUSPECT_COLUMNS`, the greatest fall first; ``words`` says it in a sentence. The
        best error of each kind is given; which kind it is, only a visit tells.

    Notes
    -----
    Each cell's mean residual is taken off first: its power may be wrong too, and is not judged.
    """
    settings = settings or TuneSettings()
    rows = []
    for site_id, mine in found.points.groupby("site_id", sort=True):
        at = mine.index.to_numpy()
        block = block_of(mine, settings.block_m)
        if np.unique(block).size < LEAST_BLOCKS:
            continue
        receivers = found.receivers.isel(receiver=at)
        row = int(np.flatnonzero(setup.sites["site_id"].to_numpy() == site_id)[0])
        site = setup.sites.iloc[[row]].reset_index(drop=True)
        rows += list(_of_pointing(setup, site, mine, receivers, block, tuning))
        rows += list(_of_mast(setup, site, mine, receivers, block, tuning))
    table = pd.DataFrame(rows, columns=list(SUSPECT_COLUMNS))
    fall = (table["before_db"] - table["after_db"]).to_numpy(float)
    return table.iloc[np.argsort(-fall, kind="stable")].reset_index(drop=True)


def _loss(
    setup: Setup, sites: gpd.GeoDataFrame, receivers: xr.Dataset, tuning: Tuning | None
) -> xr.Dataset:
    return path_loss(
        setup.area, sites, setup.carrier, receivers, entry=setup.entry,
        reach_m=setup.reach_m + 2.0 * max(SHIFTS_M), tuning=tuning,
    )  # fmt: skip


def _levels(
    setup: Setup,
    sites: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    receivers: xr.Dataset,
    loss: xr.Dataset,
) -> Array:
    got = received(
        loss, sites, cells, setup.carrier, receivers, beams=("ssb",), antennas=setup.antennas
    )
    return got["rsrp_dbm"].to_numpy().astype(float)


def _of_pointing(
    setup: Setup,
    site: gpd.GeoDataFrame,
    points: pd.DataFrame,
    receivers: xr.Dataset,
    block: NDArray[np.intp],
    tuning: Tuning | None,
) -> Iterator[tuple[object, ...]]:
    """Yield suspects of azimuth and tilt, cell by cell."""
    loss = _loss(setup, site, receivers, tuning)
    for number, mine in points.reset_index(drop=True).groupby("cell", sort=True):
        at = mine.index.to_numpy()
        if np.unique(block[at]).size < LEAST_BLOCKS or _arc(mine) < LEAST_ARC_DEG:
            continue
        cell = setup.cells.iloc[[int(str(number))]]
        near = receivers.isel(receiver=at), loss.isel(receiver=at)
        level = mine["rsrp_dbm"].to_numpy(float)
        for kind, column, tries in (
            ("azimuth", "azimuth_deg", TURNS_DEG),
            ("tilt", "mechanical_tilt_deg", TILTS_DEG),
        ):
            variants = cell.loc[cell.index.repeat(len(tries))].reset_index(drop=True)
            turned = variants[column].to_numpy(float) + np.array(tries, float)
            variants[column] = turned % 360.0 if kind == "azimuth" else turned
            predicted = _levels(setup, site, variants, near[0], near[1])
            left = np.array([_spread([level - one]) for one in predicted])
            hit = _judged(np.array(tries, float), left, np.unique(block[at]).size)
            if hit is not None:
                name = str(cell["cell_id"].iloc[0])
                yield _row(name, mine, kind, f"{hit[0]:+.0f}", "deg", hit)


def _of_mast(
    setup: Setup,
    site: gpd.GeoDataFrame,
    points: pd.DataFrame,
    receivers: xr.Dataset,
    block: NDArray[np.intp],
    tuning: Tuning | None,
) -> Iterator[tuple[object, ...]]:
    """Yield suspects of height and position, of all cells of a site together."""
    names = [str(name) for name in np.unique(points["cell_id"])]
    own = setup.cells[setup.cells["cell_id"].isin(names)].reset_index(drop=True)
    count = np.unique(block).size
    up = [(0.0, 0.0, h) for h in HEIGHTS_M if float(site["height_m"].iloc[0]) + h >= 2.0]
    ways = np.radians(np.arange(0.0, 360.0, 45.0))
    aside = [(0.0, 0.0, 0.0)] + [
        (r * float(np.sin(w)), r * float(np.cos(w)), 0.0) for r in SHIFTS_M for w in ways
    ]
    for kind, tries in (("height", up), ("position", aside)):
        sites = _moved(setup, site, tries)
        loss = _loss(setup, sites, receivers, tuning)
        left = _of_tries(setup, sites, own, points, receivers, loss)
        size = np.array([h if kind == "height" else float(np.hypot(e, n)) for e, n, h in tries])
        hit = _judged(size, left, count)
        if hit is not None:
            east, north, higher = tries[int(np.argmin(left))]
            way = (
                f"{np.hypot(east, north):.0f} m to {np.degrees(np.arctan2(east, north)) % 360:.0f}"
            )
            error, unit = (f"{higher:+.0f}", "m") if kind == "height" else (way, "deg")
            yield _row(", ".join(names), points, kind, error, unit, hit)


def _moved(
    setup: Setup, site: gpd.GeoDataFrame, tries: list[tuple[float, float, float]]
) -> gpd.GeoDataFrame:
    """Return the site once for each try, moved and raised; its ground stays."""
    sites = site.loc[site.index.repeat(len(tries))].reset_index(drop=True)
    east, north, up = np.array(tries).T
    x, y = sites.geometry.x.to_numpy() + east, sites.geometry.y.to_numpy() + north
    sites = sites.set_geometry(gpd.points_from_xy(x, y, crs=setup.sites.crs))
    return sites.assign(
        site_id=[f"try {number}" for number in range(len(tries))],
        height_m=sites["height_m"] + up,
        antenna_amsl_m=sites["antenna_amsl_m"] + up,
    )


def _of_tries(
    setup: Setup,
    sites: gpd.GeoDataFrame,
    own: pd.DataFrame,
    points: pd.DataFrame,
    receivers: xr.Dataset,
    loss: xr.Dataset,
) -> Array:
    """Return what is left with each moved site, all its cells together [dB]."""
    variants = own.loc[own.index.repeat(len(sites))].reset_index(drop=True)
    names = sites["site_id"].to_numpy(object)
    variants["site_id"] = np.tile(names, len(own))
    levels = _levels(setup, sites, variants, receivers, loss).reshape(len(own), len(sites), -1)
    which = pd.Index(own["cell_id"]).get_indexer(pd.Index(points["cell_id"]))
    measured = points["rsrp_dbm"].to_numpy(float)
    left = np.empty(len(sites))
    for number in range(len(sites)):
        residual = measured - levels[which, number, np.arange(len(points))]
        left[number] = _spread([residual[which == cell] for cell in range(len(own))])
    return left


def _spread(parts: list[Array]) -> float:
    """Return the root mean square about each part's own median [dB]; infinite if any is lost.

    Residuals beyond 30 dB count as 30: one point shall not find an error.
    """
    centred = [part - np.median(part) for part in parts if part.size]
    whole = np.concatenate(centred)
    if not np.isfinite(whole).all():
        return float("inf")
    return float(np.sqrt(np.mean(np.clip(whole, -30.0, 30.0) ** 2)))


def _judged(tries: Array, left: Array, blocks: int) -> tuple[float, float, float] | None:
    """Return the error that explains most, what was and what is left; None if it could be chance.

    Examples
    --------
    >>> _judged(np.array([-5.0, 0.0, 5.0]), np.array([9.0, 8.0, 4.0]), 20)
    (5.0, 8.0, 4.0)
    >>> _judged(np.array([-5.0, 0.0, 5.0]), np.array([9.0, 8.0, 7.9]), 20) is None
    True
    """
    before, best = float(left[np.flatnonzero(tries == 0.0)[0]]), int(np.argmin(left))
    after = float(left[best])
    if not np.isfinite(before) or before - after < LEAST_FALL_DB:
        return None
    evidence = 2.0 * blocks * np.log(before / max(after, 1e-6))
    return (float(tries[best]), before, after) if evidence > LEAST_EVIDENCE else None


def _arc(points: pd.DataFrame) -> float:
    """Return the arc the points are seen over from the site [deg]."""
    turns = np.sort(points["azimuth_deg"].to_numpy(float))
    gaps = np.diff(np.r_[turns, turns[0] + 360.0])
    return float(360.0 - gaps.max())


def _row(
    cell: str,
    points: pd.DataFrame,
    kind: str,
    error: str,
    unit: str,
    hit: tuple[float, float, float],
) -> tuple[object, ...]:
    """Return one row of the table, with its sentence."""
    _, before, after = hit
    size = f"{error} {unit}" if kind != "position" else f"{error} {unit} from north"
    words = (
        f"possible {kind} error of about {size} at cell {cell}: residual falls from "
        f"{before:.1f} to {after:.1f} dB"
    )
    site = str(points["site_id"].iloc[0])
    return cell, site, kind, error, unit, len(points), before, after, words
