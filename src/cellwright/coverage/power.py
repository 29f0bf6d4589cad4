"""Received power per resource element: SS-RSRP or RSRP, and the level through traffic beams.

TS 38.215 5.1.1 (SS-RSRP) and TS 36.214 5.1.1 (RSRP) define both as the power of one resource
element, so bandwidth never enters; antenna patterns are turned to azimuth and mechanical tilt
as in TR 38.901 7.1.3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numba import njit
from numpy.typing import NDArray

from cellwright.compute import Progress
from cellwright.coverage.blocks import in_blocks
from cellwright.errors import InputError, did_you_mean
from cellwright.network import Carrier
from cellwright.radio import Antenna, antenna, local_angles_kernel

#: What a narrow traffic beam loses to its own user out of sight [dB], where the user is seen over
#: a wider angle than the beam. Assumption: a fixed beam 13 deg wide in the mean azimuth spread of
#: TR 38.901 Table 7.5-6 (UMa out of sight, about 27 deg) would lose some 4 dB; beams formed on the
#: measured channel win a part of it back.
SPREAD_DB = -3.0
#: An antenna whose traffic envelope radiates this much more than one lossless beam has many [dB].
_MANY_BEAMS_DB = 1.0
BEAMS = ("ssb", "traffic")
NAMES = {"ssb": "rsrp_dbm", "traffic": "traffic_dbm"}
#: Receivers one thread works on at a time.
BLOCK = 8192
DEGREES = 180.0 / math.pi
Array = NDArray[Any]


@njit(cache=True, nogil=True)
def _directions(
    x_m: Array,
    y_m: Array,
    amsl_m: Array,
    site: Array,
    start: int,
    stop: int,
    unit: Array,
    azimuth: Array,
    zenith: Array,
) -> None:
    """Fill unit vector (east, north, up), azimuth from north and zenith [deg] of each receiver."""
    for i in range(stop - start):
        east, north = x_m[start + i] - site[0], y_m[start + i] - site[1]
        up = amsl_m[start + i] - site[2]
        flat = math.sqrt(east * east + north * north)
        slant = max(math.sqrt(flat * flat + up * up), 1e-6)
        unit[i, 0], unit[i, 1], unit[i, 2] = east / slant, north / slant, up / slant
        azimuth[i] = math.atan2(east, north) * DEGREES
        zenith[i] = math.atan2(flat, up) * DEGREES


@njit(cache=True, nogil=True)
def _look_up(table: Array, row: int, down: float, left: int, side: float) -> float:
    """Gain between four entries of a pattern table, as ``radio.pattern_gain`` has it."""
    right = left + 1 if left < 359 else 0
    above = table[row, left] + side * (table[row, right] - table[row, left])
    below = table[row + 1, left] + side * (table[row + 1, right] - table[row + 1, left])
    gain: float = above + down * (below - above)
    return gain


@njit(cache=True, nogil=True)
def received_kernel(
    loss: Array,
    x_m: Array,
    y_m: Array,
    amsl_m: Array,
    sites: Array,
    cell_site: Array,
    pointing: Array,
    power_dbm: Array,
    patterns: Array,
    pattern: Array,
    start: int,
    stop: int,
    out: Array,
) -> None:
    """Fill ``out`` [beams, cell, receiver] from ``start`` to ``stop``.

    Parameters
    ----------
    loss : float32 [site, receiver]
        Path loss [dB]; infinite where a site does not reach.
    x_m, y_m, amsl_m : float [receiver]
        East, north, height above sea level [m].
    sites : float [site, 3]
        The same of the antennas.
    cell_site, pointing, power_dbm : int [cell], float [cell, 2], float [cell]
        Site of each cell; azimuth and mechanical tilt [deg]; power of one resource element [dBm]
        with every fixed gain and loss.
    patterns, pattern : float32 [beams, pattern, 181, 360], int [cell]
        Pattern tables, and which one a cell has.
    """
    count = stop - start
    unit, azimuth, zenith = np.empty((count, 3)), np.empty(count), np.empty(count)
    seen = -1
    for cell in range(cell_site.size):
        site = cell_site[cell]
        if site != seen:  # cells of a site stand side by side: its directions are found once
            _directions(x_m, y_m, amsl_m, sites[site], start, stop, unit, azimuth, zenith)
            seen = site
        turn, tilt = pointing[cell, 0], pointing[cell, 1]
        for i in range(count):
            lost = loss[site, start + i]
            if lost == math.inf:
                out[:, cell, start + i] = -math.inf
                continue
            # an upright antenna only needs turning
            theta, phi = zenith[i], azimuth[i] - turn
            if tilt != 0.0:
                theta, phi = local_angles_kernel(unit[i, 0], unit[i, 1], unit[i, 2], turn, tilt)
            row = min(int(theta), 179)
            whole = math.floor(phi)
            left = (int(whole) + 180) % 360
            for beam in range(out.shape[0]):
                table = patterns[beam, pattern[cell]]
                gain = _look_up(table, row, theta - row, left, phi - whole)
                out[beam, cell, start + i] = power_dbm[cell] + gain - lost


def mean_gain_db(table: NDArray[np.float32]) -> float:
    """Return the gain of a pattern averaged over the sphere [dB]; 0 for a lossless fixed beam.

    Examples
    --------
    >>> round(mean_gain_db(np.zeros((181, 360), np.float32)), 3)
    0.0
    """
    weight = np.sin(np.radians(np.arange(181.0)))
    ring = (10.0 ** (table.astype(np.float64) / 10.0)).mean(axis=1)
    return float(10.0 * np.log10((ring * weight).sum() / weight.sum()))


def _stack(
    cells: pd.DataFrame, beams: Sequence[str], own: Mapping[str, Antenna]
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]:
    """Return the different patterns [beams, pattern, 181, 360], each cell's, each traffic mean."""
    keys = list(zip(cells["antenna"], cells["electrical_tilt_deg"].astype(float), strict=True))
    unique = sorted(set(keys))
    made = {name: own[name] if name in own else antenna(name) for name, _ in unique}
    stack = np.empty((len(beams), len(unique), 181, 360), np.float32)
    for row, (name, tilt) in enumerate(unique):
        for column, beam in enumerate(beams):
            stack[column, row] = made[name].pattern(tilt, beam)  # type: ignore[arg-type]
    wanted = "traffic" in beams
    means = [_traffic_mean_db(made[name], tilt) if wanted else 0.0 for name, tilt in unique]
    number = {key: row for row, key in enumerate(unique)}
    return stack, np.array([number[key] for key in keys], np.int64), np.array(means, np.float64)


@lru_cache(maxsize=1024)
def _traffic_mean_db(antenna_: Antenna, tilt_deg: float) -> float:
    return mean_gain_db(antenna_.pattern(tilt_deg, "traffic"))


def _site_rows(loss: xr.Dataset, sites: pd.DataFrame, cells: pd.DataFrame) -> NDArray[np.int64]:
    """Return the row in ``loss`` of each cell's site."""
    if list(loss["site"].to_numpy()) != list(sites["site_id"]):
        raise InputError("loss and sites differ: compute the path loss of exactly these sites.")
    rows = pd.Index(sites["site_id"]).get_indexer(pd.Index(cells["site_id"]))
    if (rows < 0).any():
        lost = cells.loc[rows < 0, "site_id"].iloc[0]
        raise InputError(f'cells stand on site "{lost}", for which there is no path loss.')
    return np.asarray(rows, np.int64)


def _element_power(cells: pd.DataFrame, carrier: Carrier) -> NDArray[np.float64]:
    """Return the power of one resource element with every fixed gain and loss [dBm]."""
    spread = carrier.element_power_dbm(0.0) - carrier.base_loss_db
    return (
        cells["power_dbm"].to_numpy(float) + spread + carrier.user_gain_dbi - carrier.user_loss_db
    )


def received(
    loss: xr.Dataset,
    sites: pd.DataFrame,
    cells: pd.DataFrame,
    carrier: Carrier,
    receivers: xr.Dataset,
    *,
    beams: Sequence[str] = BEAMS,
    antennas: Mapping[str, Antenna] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Power per resource element that every receiver gets from every cell.

    Parameters
    ----------
    loss : Dataset
        From :func:`path_loss` for exactly these sites and receivers.
    sites : GeoDataFrame
        Table of sites (``network.SITE_COLUMNS``).
    cells : DataFrame
        Table of cells (``network.CELL_COLUMNS``) of this carrier. A site may have any number of
        them, so a planner can list every setting it wants to try. Fastest when the cells of a site
        stand side by side.
    carrier : Carrier
        Gives resource blocks and the fixed gains and losses.
    receivers : Dataset
        As for :func:`path_loss`.
    beams : sequence of {"ssb", "traffic"}
        Beam sets wanted.
    antennas : mapping of str to Antenna, optional
        Antennas of the user's own; other names are presets of the radio room.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Dataset
        Dims ``cell, receiver``, float32: ``rsrp_dbm`` (SS-RSRP through the SSB beams, or RSRP)
        and ``traffic_dbm`` (through the best traffic beam) per resource element; minus infinity
        where the site does not reach. Dim ``cell``: ``site_of_cell`` (row in ``site``),
        ``apart_db`` (how far below the traffic envelope a bystander's average level lies),
        ``spread_db`` (what the own beam loses out of sight, not yet taken off), ``element_dbm``
        (the level less antenna gain and path loss). ``sight``, ``sigma_db`` and ``place`` are
        handed on.

    Raises
    ------
    InputError
        Unknown beam set or antenna; cells on sites without path loss.

    Notes
    -----
    ``apart_db``: a beam that follows its users radiates, averaged over its beams, what a lossless
    antenna must, 0 dB over the sphere; so the envelope of the beams is lowered by its own mean over
    the sphere. For an antenna with one beam it is 0.

    References
    ----------
    3GPP TS 38.215 clause 5.1.1; TS 36.214 clause 5.1.1; TR 38.901 V19.4.0 clauses 7.1.3, 7.3.
    """
    for name in beams:
        if name not in BEAMS:
            raise InputError(f'beams has "{name}". {did_you_mean(name, BEAMS)}')
    rows = _site_rows(loss, sites, cells)
    stack, pattern, means = _stack(cells, beams, antennas or {})
    x_m, y_m, ground, height = (
        receivers[name].to_numpy().astype(np.float64)
        for name in ("x_m", "y_m", "ground_amsl_m", "height_m")
    )
    amsl_m = ground + height
    masts = np.column_stack([sites.geometry.x, sites.geometry.y, sites["antenna_amsl_m"]]).astype(
        np.float64
    )
    pointing = cells[["azimuth_deg", "mechanical_tilt_deg"]].to_numpy(np.float64)
    power = _element_power(cells, carrier)
    levels = np.empty((len(beams), len(cells), receivers.sizes["receiver"]), np.float32)
    lost = loss["path_loss_db"].to_numpy()

    def fill(start: int, stop: int) -> None:
        received_kernel(
            lost, x_m, y_m, amsl_m, masts, rows, pointing, power, stack, pattern,
            start, stop, levels,
        )  # fmt: skip

    in_blocks(fill, levels.shape[2], BLOCK, progress)
    apart = np.minimum(-means[pattern], 0.0).astype(np.float32)
    parts = {NAMES[name]: levels[i] for i, name in enumerate(beams)}
    return _dataset(parts, loss, cells, receivers, rows, apart, power, carrier)


def _dataset(
    levels: dict[str, NDArray[np.float32]],
    loss: xr.Dataset,
    cells: pd.DataFrame,
    receivers: xr.Dataset,
    rows: NDArray[np.int64],
    apart: NDArray[np.float32],
    power: NDArray[np.float64],
    carrier: Carrier,
) -> xr.Dataset:
    variables: dict[str, Any] = {
        name: (("cell", "receiver"), level, {"units": "dBm"}) for name, level in levels.items()
    }
    variables["site_of_cell"] = ("cell", rows)
    variables["apart_db"] = ("cell", apart, {"units": "dB"})
    spread = np.where(apart < -_MANY_BEAMS_DB, SPREAD_DB, 0.0).astype(np.float32)
    variables["spread_db"] = ("cell", spread, {"units": "dB"})
    variables["element_dbm"] = ("cell", power, {"units": "dBm"})
    variables["place"] = ("receiver", receivers["place"].to_numpy())
    for name in ("sight", "sigma_db"):
        variables[name] = loss[name].variable
    coords = {"cell": cells["cell_id"].to_numpy(dtype=object), "site": loss["site"].to_numpy()}
    return xr.Dataset(variables, coords=coords, attrs={**loss.attrs, "carrier": carrier.name})
