"""Path loss over a whole map by the radial sweep: ITU-R P.1812-8 for every receiver.

:func:`p1812_map` gives losses; :func:`path_summaries` the summaries from which
:func:`losses_of` makes losses for any band, share of time and polarisation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import xarray as xr
from numba import njit
from numpy.typing import NDArray

from cellwright.compute import threads
from cellwright.errors import InputError
from cellwright.propagation import p1812_path as path
from cellwright.propagation import sweep
from cellwright.propagation.p1812_quick import Band, band, median_without_ducts
from cellwright.propagation.p1812_terms import TERMS_SIZE, median_location_loss
from cellwright.propagation.rays import sort_by_ray
from cellwright.propagation.sight import Ground, ground_of

#: x, y, ground and antenna above sea level [m] [4, receiver], and the building each is in.
Places = tuple[NDArray[np.float64], NDArray[np.int32]]
#: Parts of the circle handed to threads, for each of them: they differ in length.
_PARTS_A_THREAD = 16


def p1812_map(
    surface: xr.Dataset,
    x_m: float,
    y_m: float,
    antenna_amsl_m: float,
    receivers: xr.Dataset,
    frequency_ghz: float,
    *,
    reach_m: float = math.inf,
    own_building: int = 0,
    step_m: float | None = None,
    rays_per_pixel: float = 1.0,
    vertical: bool = True,
    delta_n: float = 45.0,
    n0: float = 325.0,
    latitude_deg: float = 45.0,
) -> NDArray[np.float32]:
    """Basic transmission loss at half of the time and places to every receiver [dB].

    Parameters
    ----------
    surface : Dataset [y, x]
        ``ground_amsl_m``, ``surface_amsl_m`` [m] and ``building``; y falls, x grows.
    x_m, y_m, antenna_amsl_m : float
        Antenna on the map and above sea level [m].
    receivers : Dataset [receiver]
        ``x_m, y_m, ground_amsl_m, height_m, building`` as ``geo.receivers`` gives them.
    frequency_ghz : float
        Frequency [GHz], 0.03 to 6.
    reach_m : float
        Farther receivers get an infinite loss.
    own_building : int
        Building the antenna stands on, 0 for none: it hides nothing.
    step_m : float, optional
        Distance between samples; the surface's pixel by default.
    rays_per_pixel : float
        Rays per surface pixel at the reach; more rays pass nearer to each receiver.
    vertical, delta_n, n0, latitude_deg
        As for :func:`cellwright.propagation.p1812.p1812_loss_db`; the map is land.

    Returns
    -------
    ndarray of float32 [receiver]
        Loss [dB].

    Raises
    ------
    MapError, InputError
        A surface without the layers or square pixels; an antenna without numbers or below ground.

    References
    ----------
    ITU-R P.1812-8 (2025), Annex 1, smooth path by Attachment 4.
    """
    air = band(
        frequency_ghz, vertical=vertical, delta_n=delta_n, n0=n0, latitude_deg=latitude_deg,
        reach_km=longest_m(x_m, y_m, places_of(receivers)[0], reach_m) / 1000.0,
    )  # fmt: skip
    out = np.full((receivers.sizes["receiver"], 1), np.inf, np.float32)
    sweep_into(
        out, surface, (x_m, y_m, antenna_amsl_m), receivers, sweep.MEDIAN, air,
        reach_m=reach_m, own_building=own_building, step_m=step_m, rays_per_pixel=rays_per_pixel,
    )  # fmt: skip
    return out[:, 0]


def path_summaries(
    surface: xr.Dataset,
    x_m: float,
    y_m: float,
    antenna_amsl_m: float,
    receivers: xr.Dataset,
    *,
    reach_m: float = math.inf,
    own_building: int = 0,
    step_m: float | None = None,
    rays_per_pixel: float = 1.0,
    short_times: bool = True,
    delta_n: float = 45.0,
) -> NDArray[np.float64]:
    """What P.1812 asks of every path from one antenna: no frequency enters.

    Parameters
    ----------
    short_times : bool
        Also what losses below half of the time ask for.
    surface, x_m, y_m, antenna_amsl_m, receivers, reach_m, own_building, step_m, rays_per_pixel
        As for :func:`p1812_map`.
    delta_n : float
        Lapse rate of refractivity [N-units/km].

    Returns
    -------
    ndarray of float64 [receiver, SUMMARY_SIZE]
        By the places named in :mod:`cellwright.propagation.p1812_path`; NaN beyond the reach.
        ``HM`` is exact above the 10 m from which it matters.

    Raises
    ------
    MapError, InputError
        As for :func:`p1812_map`.
    """
    out = np.full((receivers.sizes["receiver"], path.SUMMARY_SIZE), np.nan)
    sweep_into(
        out, surface, (x_m, y_m, antenna_amsl_m), receivers, sweep.SUMMARIES,
        band(1.0, delta_n=delta_n), reach_m=reach_m, own_building=own_building, step_m=step_m,
        rays_per_pixel=rays_per_pixel, beta_too=short_times,
    )  # fmt: skip
    return out


def losses_of(
    summaries: NDArray[np.float64],
    frequency_ghz: float,
    time_percent: float = 50.0,
    *,
    vertical: bool = True,
    delta_n: float = 45.0,
    n0: float = 325.0,
    latitude_deg: float = 45.0,
) -> NDArray[np.float32]:
    """Loss of many paths over land from their summaries, Lbc [dB]; infinite beyond the reach.

    Parameters
    ----------
    summaries : ndarray [receiver, SUMMARY_SIZE]
        From :func:`path_summaries` with the same ``delta_n``.
    frequency_ghz, time_percent, vertical, delta_n, n0, latitude_deg
        As for :func:`cellwright.propagation.p1812.p1812_loss_db`.

    Returns
    -------
    ndarray of float32 [receiver]
        Loss at half of the places [dB].
    """
    out = np.empty(len(summaries), np.float32)
    air = band(
        frequency_ghz, vertical=vertical, delta_n=delta_n, n0=n0, latitude_deg=latitude_deg,
        reach_km=max(np.nanmax(summaries[:, path.DISTANCE], initial=0.0), 0.1),
    )  # fmt: skip
    _in_parts(
        len(summaries),
        lambda start, stop: _losses(
            summaries[start:stop], float(frequency_ghz), float(time_percent), vertical,
            float(delta_n), float(n0), float(latitude_deg), air, out[start:stop],
        ),
    )  # fmt: skip
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _losses(
    summaries: NDArray[np.float64],
    f: float,
    percent: float,
    vertical: bool,
    delta_n: float,
    n0: float,
    latitude_deg: float,
    air: Band,
    out: NDArray[np.float32],
) -> None:
    terms = np.empty(TERMS_SIZE)
    for i in range(out.size):
        d = summaries[i, path.DISTANCE]
        if np.isnan(d):
            out[i] = np.inf
            continue
        if percent == 50.0:
            loss, sure = median_without_ducts(summaries[i], air)
            if sure:
                out[i] = loss
                continue
        out[i] = median_location_loss(
            summaries[i], f, percent, vertical, delta_n, n0, 0.0, path.NO_COAST_KM,
            path.NO_COAST_KM, d, path.ducting_percent(latitude_deg, d, d), percent < 50.0, True,
            terms,
        )  # fmt: skip


def longest_m(x_m: float, y_m: float, place: NDArray[np.float64], reach_m: float) -> float:
    """Return the distance of the corner of the receivers' box, no more than the reach [m]."""
    if place.shape[1] == 0:
        return 1.0
    low, high = place[:2].min(axis=1), place[:2].max(axis=1)
    legs = np.maximum(np.abs(low - (x_m, y_m)), np.abs(high - (x_m, y_m)))
    return min(float(reach_m), math.hypot(*legs) + 1.0)


def sweep_into(
    out: NDArray[Any],
    surface: xr.Dataset | Ground,
    antenna: tuple[float, float, float],
    receivers: xr.Dataset | Places,
    mode: int,
    air: Band,
    *,
    reach_m: float = math.inf,
    own_building: int = 0,
    step_m: float | None = None,
    rays_per_pixel: float = 1.0,
    beta_too: bool = False,
    workers: int | None = None,
) -> None:
    """Sweep around one antenna on all cores, or on ``workers``, into ``out`` [receiver, width].

    What is written is told by :func:`cellwright.propagation.sweep.radial_sweep`.
    Rows of ``out`` beyond the reach are left as they are.
    """
    ground = surface if isinstance(surface, Ground) else ground_of(surface)
    place, building = receivers if isinstance(receivers, tuple) else places_of(receivers)
    x, y, top = map(float, antenna)
    if not all(map(math.isfinite, (x, y, top))):
        raise InputError("The antenna needs x, y and height as numbers.")
    base = ground.ground_at(x, y)
    if not top > base:
        raise InputError(
            f"The antenna is at {top:g} m above sea level, the ground there at {base:g} m. "
            "Give antenna_amsl_m: ground plus height above it."
        )
    reach = longest_m(x, y, place, reach_m)
    half = max(math.ceil(reach / ground.grid[2] * rays_per_pixel), 1)
    order, first = bucketed(x, y, reach, half, place)
    step = float(step_m or ground.grid[2])

    def work(start: int, stop: int) -> None:
        sweep.radial_sweep(
            ground.bare, ground.heights, ground.labels, ground.built, ground.grid,
            (x, y, top, base, int(own_building)), half, (start, stop), order, first, place,
            building, step, mode, beta_too, air, out,
        )  # fmt: skip

    _in_parts(first.size - 1, work, workers)


def places_of(receivers: xr.Dataset) -> Places:
    """Return x, y, ground and antenna above sea level [m] of receivers, and their buildings."""
    place = np.empty((4, receivers.sizes["receiver"]))
    for row, name in enumerate(("x_m", "y_m", "ground_amsl_m")):
        place[row] = receivers[name].to_numpy()
    np.add(place[2], receivers["height_m"].to_numpy(), out=place[3])
    building = np.ascontiguousarray(receivers["building"].to_numpy(), dtype=np.int32)
    return place, building


def bucketed(
    x: float, y: float, reach: float, half: int, place: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the receivers within reach, ray by ray, and where each ray's begin."""
    count = place.shape[1]
    ray, order = np.empty(count, np.int32), np.empty(count, np.int32)
    first = np.empty(4 * (2 * half + 1) + 1, np.int64)
    sort_by_ray(x, y, reach, half, place[0], place[1], ray, order, first)
    return order, first


def _in_parts(count: int, work: Callable[[int, int], None], workers: int | None = None) -> None:
    """Call ``work(start, stop)`` for parts of ``range(count)`` on all cores, or on some."""
    workers = workers or threads()
    if workers == 1:
        work(0, count)
        return
    edges = np.linspace(0, count, workers * _PARTS_A_THREAD + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, edges[:-1], edges[1:]):
            pass
