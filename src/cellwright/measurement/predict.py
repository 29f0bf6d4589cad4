"""The prediction at measured points: what each should have shown, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import ndimage

from cellwright.compute import Progress
from cellwright.coverage import path_loss, received
from cellwright.errors import InputError
from cellwright.geo import built_share
from cellwright.measurement.clean import Cleaned, pixel_of, rules_table
from cellwright.network import Carrier
from cellwright.propagation import (
    CLUTTER_RADIUS_M,
    Tuning,
    clutter_class,
    entry_loss_db,
)
from cellwright.radio import Antenna

#: A phone in a hand or on a dashboard [m], where the file gives no height.
HEIGHT_M = 1.5
#: A point this much stronger than its cell can be there [dB], while another site's cell is within
#: `LIKE_ANOTHER_DB`, was mistaken for its cell. Far beyond shadowing (4 sigma of 6 dB).
STRANGER_DB = 25.0
LIKE_ANOTHER_DB = 8.0


@dataclass(frozen=True)
class Setup:
    """What a prediction needs besides the points; the same for every variant tried.

    Attributes
    ----------
    area : Area
        The district.
    sites : GeoDataFrame
        Columns ``network.SITE_COLUMNS``.
    cells : DataFrame
        Columns ``network.CELL_COLUMNS``, of this carrier.
    carrier : Carrier
        Frequency, models, gains and losses.
    entry : str
        How buildings are entered, of ``propagation.ENTRY_KINDS``.
    reach_m : float
        Points farther from a site are out of its reach [m].
    antennas : mapping of str to Antenna
        Antennas of the user's own.
    """

    area: Any
    sites: gpd.GeoDataFrame
    cells: pd.DataFrame
    carrier: Carrier
    entry: str = "low"
    reach_m: float = 5000.0
    antennas: Mapping[str, Antenna] | None = None


def receivers_at(area: Any, points: pd.DataFrame) -> xr.Dataset:
    """Return the points as receivers, as ``geo.receivers`` has them (decision 0001).

    Parameters
    ----------
    area : Area
        The district: ground, buildings.
    points : DataFrame
        ``x_m, y_m, height_m, indoor``.
    """
    x, y = (area.surface[name].to_numpy() for name in ("x", "y"))
    column, row = pixel_of(points, x, y, abs(float(x[1] - x[0])))
    building = area.surface["building"].to_numpy()
    indoor = points["indoor"].to_numpy(bool)
    count = len(points)
    columns = {
        "x_m": points["x_m"].to_numpy(float),
        "y_m": points["y_m"].to_numpy(float),
        "ground_amsl_m": area.surface["ground_amsl_m"].to_numpy()[row, column].astype(np.float32),
        "height_m": points["height_m"].fillna(HEIGHT_M).to_numpy(np.float32),
        "place": indoor.astype(np.uint8),
        "building": np.where(indoor, building[row, column], 0).astype(np.int32),
        "indoor_distance_m": _indoor_distance(area, row, column, indoor),
        "residents": np.zeros(count, np.float32),
        "inside": np.ones(count, np.bool_),
    }
    made = {name: ("receiver", values) for name, values in columns.items()}
    return xr.Dataset(made, attrs={"pixel_m": float(area.surface.attrs["pixel_m"])})


def _indoor_distance(
    area: Any, row: NDArray[np.intp], column: NDArray[np.intp], indoor: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return each indoor point's distance to the nearest outer wall [m]; 0 outdoors."""
    if not indoor.any():
        return np.zeros(indoor.size, np.float32)
    pixel = float(area.surface.attrs["pixel_m"])
    built = area.surface["building"].to_numpy() > 0
    if built.all():
        return np.zeros(indoor.size, np.float32)
    depth = ndimage.distance_transform_edt(built, sampling=pixel)[row, column] - pixel / 2.0
    return np.where(indoor, np.maximum(depth, 0.0), 0.0).astype(np.float32)


@dataclass(frozen=True)
class Prediction:
    """Levels of every cell at every point, and the points beside their own cell's.

    Attributes
    ----------
    points : DataFrame
        The points given, and ``cell`` (row in the setup's cells), ``site_id``, ``predicted_dbm``,
        ``residual_db`` (measured less predicted), ``distance_m``, ``azimuth_deg`` (seen from the
        site), ``in_sight``, ``entry_db``, ``built_share``, ``clutter`` (number in
        ``propagation.CLUTTER``).
    receivers : Dataset
        The points as receivers.
    levels_dbm : float32 [cell, point]
        Prediction of every cell.
    """

    points: pd.DataFrame
    receivers: xr.Dataset
    levels_dbm: NDArray[np.float32]


def predict(
    setup: Setup,
    points: pd.DataFrame,
    tuning: Tuning | None = None,
    progress: Progress | None = None,
) -> Prediction:
    """Predict the level of its cell at every point.

    Parameters
    ----------
    setup : Setup
        District, network, carrier.
    points : DataFrame
        Local means of known cells.
    tuning : Tuning, optional
        Correction to the model.
    progress : callable, optional
        Told the share done.

    Raises
    ------
    InputError
        A point of a cell the network has not.
    """
    cell = pd.Index(setup.cells["cell_id"]).get_indexer(pd.Index(points["cell_id"]))
    if (cell < 0).any():
        name = points["cell_id"].to_numpy()[cell < 0][0]
        raise InputError(f'a point is of cell "{name}", which the network has not.')
    receivers = receivers_at(setup.area, points)
    loss = path_loss(
        setup.area, setup.sites, setup.carrier, receivers, entry=setup.entry,
        reach_m=setup.reach_m, tuning=tuning, progress=progress,
    )  # fmt: skip
    got = received(
        loss, setup.sites, setup.cells, setup.carrier, receivers, beams=("ssb",),
        antennas=setup.antennas,
    )  # fmt: skip
    levels = got["rsrp_dbm"].to_numpy()
    site = got["site_of_cell"].to_numpy()[cell]
    table = _beside(setup, points, receivers, loss, cell, site, levels)
    return Prediction(table, receivers, levels)


def _beside(
    setup: Setup,
    points: pd.DataFrame,
    receivers: xr.Dataset,
    loss: xr.Dataset,
    cell: NDArray[np.intp],
    site: NDArray[np.intp],
    levels: NDArray[np.float32],
) -> pd.DataFrame:
    """Add to each point what its own cell should give there, and what decides it."""
    at = np.arange(len(points))
    east = points["x_m"].to_numpy(float) - setup.sites.geometry.x.to_numpy()[site]
    north = points["y_m"].to_numpy(float) - setup.sites.geometry.y.to_numpy()[site]
    depth = receivers["indoor_distance_m"].to_numpy()
    walls = entry_loss_db(setup.carrier.frequency_ghz, setup.entry, depth)
    share = built_share(setup.area.surface, points["x_m"], points["y_m"], CLUTTER_RADIUS_M)
    predicted = levels[cell, at].astype(float)
    return points.assign(
        cell=cell,
        site_id=setup.sites["site_id"].to_numpy()[site],
        predicted_dbm=predicted,
        residual_db=points["rsrp_dbm"].to_numpy(float) - predicted,
        distance_m=np.hypot(east, north),
        azimuth_deg=np.degrees(np.arctan2(east, north)) % 360.0,
        in_sight=loss["sight"].to_numpy()[site, at] == 1,
        entry_db=np.where(points["indoor"].to_numpy(bool), walls, 0.0),
        built_share=share,
        clutter=clutter_class(share),
    )


def named_by_pci(points: pd.DataFrame, setup: Setup) -> pd.DataFrame:
    """Give points without a cell's name the nearest cell of their PCI.

    A PCI is used again at a distance; the nearest user is meant.
    """
    out = points.copy()
    for pci in out.loc[(out["cell_id"] == "") & (out["pci"] >= 0), "pci"].unique():
        users = setup.cells[setup.cells["pci"] == pci]
        rows = pd.Index(setup.sites["site_id"]).get_indexer(pd.Index(users["site_id"]))
        if not len(users):
            continue
        mine = (out["cell_id"] == "") & (out["pci"] == pci)
        x, y = setup.sites.geometry.x.to_numpy()[rows], setup.sites.geometry.y.to_numpy()[rows]
        away = np.hypot(
            out.loc[mine, "x_m"].to_numpy()[:, None] - x,
            out.loc[mine, "y_m"].to_numpy()[:, None] - y,
        )
        out.loc[mine, "cell_id"] = users["cell_id"].to_numpy()[away.argmin(axis=1)]
    return out


def of_known_cells(cleaned: Cleaned, setup: Setup, total: int) -> Cleaned:
    """Take the points that name no cell of the network, after asking their PCI."""
    named = named_by_pci(cleaned.points, setup)
    known = named["cell_id"].isin(setup.cells["cell_id"]).to_numpy()
    taken = rules_table({"unknown cell": int((~known).sum())}, total)
    rules = pd.concat([cleaned.rules, taken], ignore_index=True)
    return Cleaned(named[known].reset_index(drop=True), rules)


def drop_strangers(found: Prediction, setup: Setup, total: int) -> tuple[Prediction, pd.DataFrame]:
    """Take points that are out of reach, or that must belong to another cell.

    Parameters
    ----------
    found : Prediction
        Of all points.
    setup : Setup
        Network.
    total : int
        Points read, for the shares.

    Returns
    -------
    Prediction
        Without them.
    DataFrame
        The two rules, as `rules_table`.

    Notes
    -----
    Only points far stronger than their own cell can be are taken, and only where a cell of another
    site explains them: sectors of one site mixed up, or an antenna turned, must stay to be found.
    """
    points = found.points
    lost = ~np.isfinite(points["predicted_dbm"].to_numpy())
    residual = points["residual_db"].to_numpy()
    bias = float(np.median(residual[~lost])) if (~lost).any() else 0.0
    own_site = setup.cells["site_id"].to_numpy()[points["cell"].to_numpy()]
    elsewhere = setup.cells["site_id"].to_numpy()[:, None] != own_site[None, :]
    others = np.where(elsewhere & np.isfinite(found.levels_dbm), found.levels_dbm, np.inf)
    apart = np.abs(points["rsrp_dbm"].to_numpy() - others - bias).min(axis=0, initial=np.inf)
    strange = ~lost & (residual - bias > STRANGER_DB) & (apart < LIKE_ANOTHER_DB)
    keep = ~(lost | strange)
    rules = rules_table(
        {"out of reach": int(lost.sum()), "another cell": int(strange.sum())}, total
    )
    left = Prediction(
        points[keep].reset_index(drop=True),
        found.receivers.isel(receiver=np.flatnonzero(keep)),
        found.levels_dbm[:, keep],
    )
    return left, rules
