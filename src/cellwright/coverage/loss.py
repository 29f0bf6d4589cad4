"""Path loss from every site to every receiver: model, line of sight, building entry.

The models, their shadowing and the entry loss are those of TR 38.901 V19.4.0 clause 7.4 and the
other entries of the propagation room; the mapped buildings and terrain decide sight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr
from numba import njit
from numpy.typing import NDArray

from cellwright.compute import Progress, portion
from cellwright.coverage.blocks import in_blocks
from cellwright.coverage.map_loss import MapTask, map_losses
from cellwright.coverage.tuned import tune_loss, tuned_sigma
from cellwright.errors import InputError, did_you_mean
from cellwright.geo import PLACES, Area
from cellwright.network import Carrier
from cellwright.propagation import (
    ENTRY_KINDS,
    Model,
    Tuning,
    entry_loss_db,
    entry_sigma_db,
    indoor_shadowing_sigma_db,
    loss_kernel,
    model,
    sight_many,
)

#: Receivers one thread works on at a time, for all sites.
BLOCK = 16_384
Array = NDArray[Any]


@njit(cache=True, nogil=True)
def _within(limits: Array, distance_m: float, base_m: float, user_m: float, slant: bool) -> bool:
    """Tell whether a model's source vouches for this distance and these heights."""
    reach = math.hypot(distance_m, base_m - user_m) if slant else distance_m
    vouched: bool = (
        limits[0, 0] <= reach <= limits[0, 1]
        and limits[1, 0] <= base_m <= limits[1, 1]
        and limits[2, 0] <= user_m <= limits[2, 1]
    )
    return vouched


@njit(cache=True, nogil=True)
def loss_kernel_many(
    sites: Array,
    number: Array,
    limits: Array,
    slant: Array,
    x_m: Array,
    y_m: Array,
    height_m: Array,
    building: Array,
    entry_db: Array,
    sight: Array,
    mapped: Array,
    over: Array,
    frequency_ghz: float,
    leaving_db: float,
    reach_m: float,
    start: int,
    stop: int,
    loss: Array,
    valid: Array,
) -> None:
    """Fill ``loss`` and ``valid`` [site, receiver] from ``start`` to ``stop``.

    Parameters
    ----------
    sites : float [site, 4]
        East, north, antenna height above ground [m]; the building an indoor antenna is in, or 0.
    number, limits, slant : int [site, 2], float [site, 2, 3, 2], bool [site, 2]
        Model, its ranges (distance, base, user height [m]) and whether the distance is slant;
        first outside the site's own building, then inside it.
    x_m, y_m, height_m, building : [receiver]
        As in ``geo.receivers``.
    entry_db : float [receiver]
        Loss on entering the receiver's building [dB], 0 outdoors.
    sight : uint8 [site, receiver]
    mapped, over : bool [site], float32 [site, receiver]
        Sites whose model is worked out over the map, and the loss that it gave [dB].
    leaving_db : float
        Loss of the wall of an indoor antenna's own building [dB].
    reach_m : float
        Farther receivers get an infinite loss.
    """
    for site in range(sites.shape[0]):
        own = np.int64(sites[site, 3])
        for r in range(start, stop):
            distance = math.hypot(x_m[r] - sites[site, 0], y_m[r] - sites[site, 1])
            if distance > reach_m:
                loss[site, r], valid[site, r] = math.inf, False
                continue
            base, user = sites[site, 2], height_m[r]
            inside = 1 if own > 0 and building[r] == own else 0
            if mapped[site] and inside == 0:
                total = float(over[site, r])
            else:
                total = loss_kernel(
                    number[site, inside], distance, frequency_ghz, base, user, sight[site, r] == 1
                )
            if inside == 0:
                total += entry_db[r] + (leaving_db if own > 0 else 0.0)
            loss[site, r] = total
            valid[site, r] = _within(
                limits[site, inside], distance, base, user, slant[site, inside]
            )


def _models(sites: gpd.GeoDataFrame, carrier: Carrier) -> list[tuple[Model, Model]]:
    """Return the models of each site outside and inside its own building.

    From an indoor antenna the street is reached as from a pole, through the wall.
    """
    pairs = []
    for kind in sites["kind"]:
        inside = model(carrier.model_for(kind))
        outside = model(carrier.model_for("pole")) if kind == "indoor" else inside
        pairs.append((outside, inside))
    return pairs


def _ranges(pairs: list[tuple[Model, Model]]) -> NDArray[np.float64]:
    return np.array(
        [[(m.distance_m, m.base_height_m, m.user_height_m) for m in pair] for pair in pairs],
        dtype=float,
    ).reshape(-1, 2, 3, 2)


def _sigma(pairs: list[tuple[Model, Model]], entry: str) -> NDArray[np.float32]:
    """Return sigma [site, sight, place]: shadowing, and for indoor places the entry's too."""
    table = np.empty((len(pairs), 2, len(PLACES)), np.float32)
    for site, (outside, _) in enumerate(pairs):
        seen = max(outside.sigma_los_db, outside.sigma_los_far_db or 0.0)
        for sight, shadow in enumerate((outside.sigma_nlos_db, seen)):
            table[site, sight, 0] = shadow
            indoors = indoor_shadowing_sigma_db(outside.name, shadow)
            table[site, sight, 1:] = math.hypot(indoors, entry_sigma_db(entry))
    return table


def _entry_losses(receivers: xr.Dataset, frequency_ghz: float, entry: str) -> NDArray[np.float32]:
    walls = entry_loss_db(frequency_ghz, entry, receivers["indoor_distance_m"].to_numpy())
    return np.where(receivers["place"].to_numpy() > 0, walls, 0.0).astype(np.float32)


def _site_table(sites: gpd.GeoDataFrame) -> NDArray[np.float64]:
    indoor = np.where(sites["kind"] == "indoor", sites["building"], 0)
    columns = (sites.geometry.x, sites.geometry.y, sites["height_m"], indoor)
    return np.column_stack([np.asarray(c, dtype=float) for c in columns])


@dataclass(frozen=True, eq=False)
class _Job:
    """What one carrier's losses are made from, and the arrays they go to."""

    carrier: Carrier
    pairs: list[tuple[Model, Model]]
    mapped: NDArray[np.bool_]
    over: NDArray[np.float32]
    sight: NDArray[np.uint8]


def path_loss(
    area: Area,
    sites: gpd.GeoDataFrame,
    carrier: Carrier,
    receivers: xr.Dataset,
    *,
    entry: str = "low",
    reach_m: float | None = None,
    tuning: Tuning | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Median path loss between isotropic antennas from every site to every receiver.

    Parameters
    ----------
    area : Area
        The district; its ``surface`` decides line of sight.
    sites : GeoDataFrame
        Table of sites (``network.SITE_COLUMNS``).
    carrier : Carrier
        Gives the frequency and the model of each site kind.
    receivers : Dataset
        ``geo.receivers(area)``, or any part of it along ``receiver``.
    entry : str
        How buildings are entered, a name of ``propagation.ENTRY_KINDS``.
    reach_m : float, optional
        Receivers farther from a site are left out (infinite loss, not valid). Default: the longest
        distance the models are valid for.
    tuning : Tuning, optional
        What measurements add to the loss, and the spread they leave.
    progress : callable, optional
        Told the share done.

    Returns
    -------
    Dataset
        Dims ``site, receiver``: ``path_loss_db`` (float32, entry loss included, antenna gain not),
        ``sight`` (uint8), ``valid`` (bool: within reach and the model's ranges). Dims ``site,
        sight_state, place_state``: ``sigma_db`` (float32), standard deviation of shadowing and
        entry loss together, looked up by ``sight`` and the receiver's ``place``.

    Raises
    ------
    InputError
        Unknown way of entering, model or site kind; negative reach.

    Notes
    -----
    Indoors the loss is that to the outer wall plus wall plus 0.5 dB per metre (TR 38.901
    equation (7.4-2)); shadowing and entry loss are taken as independent, so their variances add.
    An antenna of kind ``indoor`` serves its own building without a wall.

    References
    ----------
    3GPP TR 38.901 V19.4.0, clauses 7.4.1 to 7.4.3.
    """
    (made,) = path_losses(
        area, sites, [carrier], receivers, entry=entry, reach_m=reach_m, tunings=[tuning],
        progress=progress,
    )  # fmt: skip
    return made


def path_losses(
    area: Area,
    sites: gpd.GeoDataFrame,
    carriers: Sequence[Carrier],
    receivers: xr.Dataset,
    *,
    entry: str = "low",
    reach_m: float | None = None,
    tunings: Sequence[Tuning | None] = (),
    progress: Progress | None = None,
) -> list[xr.Dataset]:
    """Path loss of several carriers from the same sites: the geometry is found once.

    Parameters and results as for :func:`path_loss`, one dataset a carrier; ``tunings`` has one
    entry a carrier, or none.
    """
    if entry not in ENTRY_KINDS:
        raise InputError(f'entry is "{entry}". {did_you_mean(entry, ENTRY_KINDS)}')
    if reach_m is not None and reach_m < 0.0:
        raise InputError(f"reach_m is {reach_m:g}; it must be 0 or more.")
    shape = (len(sites), receivers.sizes["receiver"])
    jobs = [_job(sites, carrier, shape) for carrier in carriers]
    reaches = [_reach(job.pairs) if reach_m is None else reach_m for job in jobs]
    table = _site_table(sites)
    masts = np.column_stack([table[:, :2], np.asarray(sites["antenna_amsl_m"], dtype=float)])
    own = sites["building"].to_numpy(np.int32)
    _see(area, masts, own, receivers, jobs, reaches, portion(progress, 0.0, 0.3))
    tasks = [
        MapTask([pair[0] for pair in job.pairs], job.mapped, job.carrier.frequency_ghz, reach,
                job.over, job.sight)
        for job, reach in zip(jobs, reaches, strict=True)
    ]  # fmt: skip
    map_losses(area, masts, own, receivers, tasks, portion(progress, 0.3, 0.8))
    tuned = list(tunings) or [None] * len(jobs)
    made = [
        _finished(area, sites, table, receivers, job, reach, entry, tuning)
        for job, reach, tuning in zip(jobs, reaches, tuned, strict=True)
    ]
    if progress is not None:
        progress(1.0)
    return made


def _job(sites: gpd.GeoDataFrame, carrier: Carrier, shape: tuple[int, int]) -> _Job:
    pairs = _models(sites, carrier)
    mapped = np.array([outside.over_map for outside, _ in pairs], dtype=bool)
    over = np.empty(shape if mapped.any() else (0, 0), np.float32)
    return _Job(carrier, pairs, mapped, over, np.zeros(shape, np.uint8))


def _reach(pairs: list[tuple[Model, Model]]) -> float:
    """Return the longest distance the models are valid for [m]."""
    return float(_ranges(pairs)[:, :, 0, 1].max()) if pairs else 0.0


def _see(
    area: Area,
    masts: NDArray[np.float64],
    own: NDArray[np.int32],
    receivers: xr.Dataset,
    jobs: list[_Job],
    reaches: list[float],
    progress: Progress | None,
) -> None:
    """Find what is in sight of the sites whose model only asks that."""
    for number, (job, reach) in enumerate(zip(jobs, reaches, strict=True)):
        rows = np.flatnonzero(~job.mapped)
        if rows.size:
            part = portion(progress, number / len(jobs), (number + 1) / len(jobs))
            x_m, y_m, top = masts[rows].T
            job.sight[rows] = sight_many(
                area.surface, x_m, y_m, top, receivers, reach, own[rows], progress=part
            )


def _finished(
    area: Area,
    sites: gpd.GeoDataFrame,
    table: NDArray[np.float64],
    receivers: xr.Dataset,
    job: _Job,
    reach_m: float,
    entry: str,
    tuning: Tuning | None,
) -> xr.Dataset:
    """Add models without a map, entry and tuning; return one carrier's dataset."""
    shape, pairs, sight = job.sight.shape, job.pairs, job.sight
    loss, valid = np.empty(shape, np.float32), np.empty(shape, np.bool_)
    limits = _ranges(pairs)
    number = np.array([[m.number for m in pair] for pair in pairs], dtype=np.int64).reshape(-1, 2)
    slant = np.array([[m.distance_3d for m in pair] for pair in pairs], np.bool_).reshape(-1, 2)
    x_m, y_m, height_m, building = (
        receivers[name].to_numpy() for name in ("x_m", "y_m", "height_m", "building")
    )
    frequency_ghz = job.carrier.frequency_ghz
    walls = _entry_losses(receivers, frequency_ghz, entry)
    leaving = float(entry_loss_db(frequency_ghz, entry))

    def fill(start: int, stop: int) -> None:
        loss_kernel_many(
            table, number, limits, slant, x_m, y_m, height_m, building, walls, sight, job.mapped,
            job.over, frequency_ghz, leaving, float(reach_m), start, stop, loss, valid,
        )  # fmt: skip

    in_blocks(fill, shape[1], BLOCK)
    sigma = _sigma(pairs, entry)
    if tuning is not None:
        tune_loss(loss, tuning, area.surface, table, receivers, sight, walls)
        sigma = tuned_sigma(sigma, tuning, entry)
    return xr.Dataset(
        {
            "path_loss_db": (("site", "receiver"), loss, {"units": "dB"}),
            "sight": (("site", "receiver"), sight),
            "valid": (("site", "receiver"), valid),
            "sigma_db": (("site", "sight_state", "place_state"), sigma, {"units": "dB"}),
        },
        coords={"site": sites["site_id"].to_numpy(dtype=object)},
        attrs={"carrier": job.carrier.name, "entry": entry, "reach_m": reach_m},
    )
