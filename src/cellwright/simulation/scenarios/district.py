"""A drop of a real district: users drawn by demand, loss and sight from its own map.

What ``coverage`` worked out per pixel takes the place of TR 38.901's statistics; shadowing and the
spread of walls are drawn as the map's models say. The record is the same as a 3GPP scenario's.
"""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError
from cellwright.propagation import entry_sigma_db
from cellwright.simulation.drop import Drop
from cellwright.simulation.scenarios import draws
from cellwright.simulation.scenarios.consistency import fields, white

Array = NDArray[Any]
_LEVELS = {"traffic": "traffic_dbm", "ssb": "rsrp_dbm"}


def district_drop(
    loss: xr.Dataset,
    received: xr.Dataset,
    sites: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    receivers: xr.Dataset,
    weight: ArrayLike,
    *,
    users: int,
    seed: int,
    frequency_ghz: float,
    beam: str = "traffic",
    between_sites: float = 0.5,
    correlation_m: float | None = None,
) -> Drop:
    """Draw users of a district and what ties each to every site and cell.

    Parameters
    ----------
    loss, received : Dataset
        From ``coverage.path_loss`` and ``coverage.received`` for the same sites and receivers.
    sites, cells : GeoDataFrame, DataFrame
        Tables of the network; the cells of a site stand side by side.
    receivers : Dataset
        Places a user may be at, as from ``geo.receivers``.
    weight : array_like of float [receiver]
        How likely a user is there, in any unit, such as ``Demand().users(receivers)``.
    users : int
        How many to draw; one place may be drawn twice.
    seed : int
        0 or more; the same seed gives the same users and shadowing whatever the antennas are.
    frequency_ghz : float
        Carrier [GHz].
    beam : {"traffic", "ssb"}
        Which antenna gain counts.
    between_sites : float
        Correlation of the shadowing of two sites at one user. The map already knows the buildings;
        0.5 is customary for what it does not know (TR 36.814).
    correlation_m : float, optional
        Near users have like shadowing: exp(-distance / this) [m]. Default: independent.

    Returns
    -------
    Drop
        Gains are minus infinity where a site does not reach. Gains and losses of the user's device
        are those of the carrier's link budget and not in ``gain_db``.

    Raises
    ------
    InputError
        Tables that do not fit each other, no demand, no users; all faults at once.

    Notes
    -----
    ``loss["sigma_db"]`` holds, indoors, shadowing and the spread of walls together. The wall is one
    number of a user, the same for all sites; the rest is drawn a site. The gain of a cell with many
    beams is that of its best beam towards the user; while it serves others it radiates there
    ``received["apart_db"]`` less on average.
    """
    chance = np.asarray(weight, np.float64)
    _check(loss, received, sites, cells, receivers, chance, users, seed, beam, between_sites)
    key = draws.keys(seed)
    picked = _pick(chance, users, key)
    there = receivers.isel(receiver=picked)
    masts = np.column_stack([sites.geometry.x, sites.geometry.y, sites["antenna_amsl_m"]])
    distance, azimuth, zenith = _directions(masts.astype(np.float64), there)
    sight = loss["sight"].to_numpy()[:, picked] == 1
    place = there["place"].to_numpy().astype(np.int64)
    shadow, wall = _spread(loss, sight, place, there, key, between_sites, correlation_m)
    own = received["site_of_cell"].to_numpy().astype(np.int32)
    level = received[_LEVELS[beam]].to_numpy()[:, picked]
    gain = level - received["element_dbm"].to_numpy().astype(np.float32)[:, None]
    extra = (shadow + wall).astype(np.float32)
    ground = sites["height_m"].to_numpy(np.float64)
    return Drop(
        frequency_ghz=float(frequency_ghz),
        site_m=np.column_stack([masts[:, :2].astype(np.float64), ground]),
        cell_site=own,
        azimuth_deg=cells["azimuth_deg"].to_numpy(np.float64) % 360.0,
        downtilt_deg=(cells["electrical_tilt_deg"] + cells["mechanical_tilt_deg"]).to_numpy(float),
        user_m=np.column_stack(
            [there[name].to_numpy().astype(np.float64) for name in ("x_m", "y_m", "height_m")]
        ),
        indoor=place > 0,
        in_car=np.zeros(users, np.bool_),
        indoor_m=np.where(place > 0, there["indoor_distance_m"].to_numpy(), 0.0).astype(np.float32),
        distance_m=distance,
        departure_azimuth_deg=azimuth,
        departure_zenith_deg=zenith,
        sight=sight,
        loss_db=(loss["path_loss_db"].to_numpy()[:, picked] + extra).astype(np.float32),
        shadow_db=shadow.astype(np.float32),
        gain_db=(gain - extra[own]).astype(np.float32),
        seed=seed,
    )


def _check(
    loss: xr.Dataset,
    received: xr.Dataset,
    sites: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    receivers: xr.Dataset,
    chance: Array,
    users: int,
    seed: int,
    beam: str,
    between_sites: float,
) -> None:
    faults = Faults()
    if beam not in _LEVELS or _LEVELS.get(beam, "") not in received:
        faults.error("drop.beam", f'beam is "{beam}"; "traffic" or "ssb", as in received.')
    if users < 1 or seed < 0:
        faults.error("drop.users", f"{users} users, seed {seed}: at least 1 user, seed 0 or more.")
    if not 0.0 <= between_sites <= 1.0:
        faults.error("drop.between_sites", f"between_sites is {between_sites:g}; 0 to 1.")
    count = receivers.sizes["receiver"]
    if any(data.sizes["receiver"] != count for data in (loss, received)):
        faults.error("drop.receivers", "loss, received and receivers have different receivers.")
    if list(loss["site"].to_numpy()) != list(sites["site_id"]):
        faults.error("drop.sites", "loss and sites differ: give exactly these sites.")
    if received.sizes["cell"] != len(cells):
        faults.error("drop.cells", "received and cells differ: give exactly these cells.")
    if chance.shape != (count,):
        faults.error("drop.weight", f"weight has shape {chance.shape}; ({count},) is needed.")
    elif not np.isfinite(chance).all() or chance.min() < 0.0 or chance.sum() <= 0.0:
        faults.error(
            "drop.weight", "weight must be 0 or more, and more than 0 somewhere: nobody is there."
        )
    faults.raise_errors()


def _pick(chance: Array, users: int, key: Array) -> Array:
    """Return the receiver of each user."""
    total = np.cumsum(chance)
    at = np.array([draws.uniform(key[draws.PLACE], user) for user in range(users)]) * total[-1]
    found = np.searchsorted(total, at, side="right")
    return np.asarray(np.minimum(found, np.flatnonzero(chance)[-1]))


def _directions(masts: Array, there: xr.Dataset) -> tuple[Array, Array, Array]:
    """Return distance on the map [m], azimuth from north and zenith [deg], float32 [site, user]."""
    east = there["x_m"].to_numpy()[None, :] - masts[:, 0, None]
    north = there["y_m"].to_numpy()[None, :] - masts[:, 1, None]
    level = (there["ground_amsl_m"] + there["height_m"]).to_numpy()[None, :]
    distance = np.hypot(east, north)
    azimuth = np.degrees(np.arctan2(east, north)) % 360.0
    zenith = np.degrees(np.arctan2(distance, level - masts[:, 2, None]))
    return distance.astype(np.float32), azimuth.astype(np.float32), zenith.astype(np.float32)


def _spread(
    loss: xr.Dataset,
    sight: Array,
    place: Array,
    there: xr.Dataset,
    key: Array,
    between_sites: float,
    correlation_m: float | None,
) -> tuple[Array, Array]:
    """Return shadowing [site, user] and the random part of the walls [user], both in dB."""
    sites, users = sight.shape
    rows = np.arange(sites)[:, None]
    sigma = loss["sigma_db"].to_numpy()[rows, sight.astype(np.int64), place[None, :]]
    walls = entry_sigma_db(str(loss.attrs.get("entry", "none")))
    indoors = place > 0
    wall_sigma = np.where(indoors, np.minimum(walls, sigma.min(axis=0)), 0.0)
    own_sigma = np.sqrt(sigma.astype(np.float64) ** 2 - wall_sigma**2)
    if correlation_m is None:
        unit = white(key[draws.SHADOW], 0, sites, users)
        if between_sites > 0.0:
            shared = white(key[draws.SHADOW_COMMON], 0, 1, users)
            unit = math.sqrt(1.0 - between_sites) * unit + math.sqrt(between_sites) * shared
    else:
        if not correlation_m > 0.0:
            raise InputError(f"correlation_m is {correlation_m:g}; it must be more than 0 m.")
        at = np.column_stack([there["x_m"].to_numpy(), there["y_m"].to_numpy()]).astype(np.float64)
        unit = fields(key, at, sites, (correlation_m,), between_sites)[0]
    wall = white(key[draws.WALL], 0, 1, users)[0]
    return own_sigma * unit, wall_sigma * wall
