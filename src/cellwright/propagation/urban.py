"""The urban path: over the roofs and around the buildings, for every receiver of a district.

Over the roofs, free space and delta-Bullington diffraction of ITU-R P.526-15 over the map's own
roofs and ground; around the buildings, the dominant street path of
:mod:`cellwright.propagation.lateral`. Out of sight their powers add; in sight the straight path
counts alone. In the vertical plane alone a street is far darker than measured means.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numba import njit
from numpy.typing import NDArray

from cellwright.propagation import lateral, sweep
from cellwright.propagation.p676 import gas_db_per_km
from cellwright.propagation.p1812_quick import Band, band, diffraction
from cellwright.propagation.radial import bucketed, longest_m, places_of, sweep_into
from cellwright.propagation.sight import Ground, ground_of
from cellwright.propagation.street_graph import StreetGraph, street_graph

#: A phone in the street, at the places of the street graph [m].
_PHONE_M = 1.5
#: Air takes less than 0.1 dB in a district below this [GHz].
_DRY_GHZ = 6.0
#: What an antenna's own roof takes where no street leads around it [dB]. Assumption.
_ROOF_DB = 30.0


@dataclass(frozen=True, eq=False)
class UrbanMap:
    """A map and receivers made ready for any number of antennas.

    Attributes
    ----------
    ground : Ground
        Roofs, ground, buildings.
    graph : StreetGraph
        The streets.
    place, building : float64 [4, receiver + place], int32 [receiver + place]
        x, y, ground and antenna above sea level [m] of the receivers and after them of the
        graph's places; building each is in.
    count : int
        Number of receivers.
    cell : int32 [receiver]
        Cell of the graph each receiver takes its street path from; -1 for none.
    first, cells : int64 [place + 1], int32 [pair]
        As in the graph, for the cells that any receiver asks for.
    rays_per_pixel : float
        Rays per surface pixel at the reach.
    """

    ground: Ground
    graph: StreetGraph
    place: NDArray[np.float64]
    building: NDArray[np.int32]
    count: int
    cell: NDArray[np.int32]
    first: NDArray[np.int64]
    cells: NDArray[np.int32]
    rays_per_pixel: float


def urban_map(
    surface: xr.Dataset,
    receivers: xr.Dataset,
    graph: StreetGraph | None = None,
    rays_per_pixel: float = 0.4,
) -> UrbanMap:
    """Make a map and receivers ready for :func:`urban_loss`.

    Parameters
    ----------
    surface : Dataset [y, x]
        ``surface_amsl_m``, ``ground_amsl_m`` [m] and ``building``; y falls, x grows.
    receivers : Dataset [receiver]
        ``x_m, y_m, ground_amsl_m, height_m, building``.
    graph : StreetGraph, optional
        Of the same surface, where it was made before.
    rays_per_pixel : float
        Rays per surface pixel at the reach: with two rays in five pixels of 2 m a ray passes
        within 2.5 m of every receiver.

    Raises
    ------
    MapError
        A layer is missing or pixels are not square.
    """
    graph = graph or street_graph(surface)
    place, building = places_of(receivers)
    floor = graph.ground_amsl_m
    streets = np.array([graph.x_m, graph.y_m, floor, floor + _PHONE_M])
    cell = graph.cell_of(place[0], place[1])
    wanted = np.zeros(graph.nearest.size, np.bool_)
    wanted[cell[cell >= 0]] = True
    keep = wanted[graph.cells]
    owner = np.repeat(np.arange(graph.count), np.diff(graph.first))[keep]
    first = np.r_[0, np.cumsum(np.bincount(owner, minlength=graph.count))].astype(np.int64)
    return UrbanMap(
        ground_of(surface), graph, np.hstack([place, streets]),
        np.r_[building, np.zeros(graph.count, np.int32)], building.size, cell,
        first, graph.cells[keep], rays_per_pixel,
    )  # fmt: skip


def urban_paths(
    ready: UrbanMap,
    x_m: float,
    y_m: float,
    antenna_amsl_m: float,
    *,
    own_building: int = 0,
    reach_m: float = 3000.0,
    delta_n: float = 45.0,
) -> NDArray[np.float32]:
    """Geometry of every path from one antenna; no frequency enters.

    Returns
    -------
    ndarray of float32 [receiver + place, sweep.EDGES_SIZE]
        By the places named in :mod:`cellwright.propagation.sweep`; NaN beyond the reach.
    """
    out = np.full((ready.building.size, sweep.EDGES_SIZE), np.nan, np.float32)
    x, y, top = float(x_m), float(y_m), float(antenna_amsl_m)
    base = min(ready.ground.ground_at(x, y), top - 0.1)
    reach = longest_m(x, y, ready.place, reach_m)
    pixel = ready.ground.grid[2]
    half = max(math.ceil(reach / pixel * ready.rays_per_pixel), 1)
    order, first = bucketed(x, y, reach, half, ready.place)
    sweep.radial_sweep(
        ready.ground.bare, ready.ground.heights, ready.ground.labels, ready.ground.built,
        ready.ground.grid, (x, y, top, base, int(own_building)), half, (0, first.size - 1), order,
        first, ready.place, ready.building, pixel, sweep.EDGES, False,
        band(1.0, delta_n=delta_n, reach_km=0.1), out,
    )  # fmt: skip
    return out


def urban_loss(
    ready: UrbanMap,
    paths: NDArray[np.float32],
    x_m: float,
    y_m: float,
    antenna_amsl_m: float,
    frequency_ghz: float,
    *,
    own_building: int = 0,
    reach_m: float = 3000.0,
    vertical: bool = True,
    delta_n: float = 45.0,
    lateral_path: bool = True,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Median path loss to every receiver, and which of them are in sight.

    Parameters
    ----------
    ready : UrbanMap
        Map and receivers.
    paths : ndarray
        From :func:`urban_paths` for the same antenna.
    x_m, y_m, antenna_amsl_m, own_building, reach_m
        As there.
    frequency_ghz : float
        Frequency [GHz].
    vertical : bool
        Vertical polarisation, else horizontal.
    delta_n : float
        Lapse rate of refractivity [N-units/km].
    lateral_path : bool
        Also around the buildings; else over the roofs only.

    Returns
    -------
    float32 [receiver], uint8 [receiver]
        Loss between isotropic antennas [dB], infinite beyond the reach, entry not included; 1 in
        sight.

    Notes
    -----
    A receiver in the antenna's own building is reached by the street alone: the roof hides it.
    One in another building takes both paths at its outer walls: over the roofs from the
    antenna's side, by the street at the nearest cell in the open.

    References
    ----------
    ITU-R P.525-4 (2019); P.526-15 (2019), 4.5; P.1411-12 (2023), Annex 1, 4.1.3.2; P.676-13
    above 6 GHz.
    """
    air, graph = band(frequency_ghz, vertical=vertical, delta_n=delta_n, reach_km=0.1), ready.graph
    antenna = (float(x_m), float(y_m), float(antenna_amsl_m))
    bent = np.empty(ready.building.size)
    _over_roofs(paths, ready.place, antenna, air, bent)
    street = np.full(graph.nearest.size, np.inf, np.float32)
    if lateral_path:
        state, done = np.empty((5, graph.count)), np.empty(graph.count, np.int64)
        n = ready.count
        reached = lateral.street_paths(
            antenna, ready.place[:2, n:], ready.place[3, n:], bent[n:],
            paths[n:, sweep.DESCENT].astype(np.float64), graph.edge_first, graph.edges,
            float(reach_m), state, done,
        )  # fmt: skip
        lateral.street_losses(
            ready.place[:2, n:], ready.first, ready.cells, graph.grid, graph.shape[1], state, done,
            reached, street,
        )  # fmt: skip
    gas = float(gas_db_per_km(frequency_ghz).loss_db) if frequency_ghz > _DRY_GHZ else 0.0
    loss, sight = np.empty(ready.count, np.float32), np.empty(ready.count, np.uint8)
    _join(
        paths, ready.place, ready.building, own_building, antenna, bent, street, ready.cell,
        air.free_db, gas, loss, sight,
    )  # fmt: skip
    return loss, sight


@njit(cache=True, nogil=True, error_model="numpy")
def _over_roofs(
    paths: NDArray[np.float32],
    place: NDArray[np.float64],
    antenna: tuple[float, float, float],
    band: Band,
    bent: NDArray[np.float64],
) -> None:
    """Fill ``bent`` with the diffraction loss over the roofs [dB]; infinite beyond the reach."""
    for i in range(bent.size):
        if np.isnan(paths[i, sweep.SMOOTH_T]):
            bent[i] = np.inf
            continue
        east, north = place[0, i] - antenna[0], place[1, i] - antenna[1]
        d = max(math.sqrt(east * east + north * north) / 1000.0, 1e-5)
        hte, hre = np.float64(paths[i, sweep.SMOOTH_T]), np.float64(paths[i, sweep.SMOOTH_R])
        bent[i] = diffraction(
            np.float64(paths[i, sweep.EDGE]), d, max(hte, 0.1), max(hre, 0.1), band
        )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _join(
    paths: NDArray[np.float32],
    place: NDArray[np.float64],
    building: NDArray[np.int32],
    own: int,
    antenna: tuple[float, float, float],
    bent: NDArray[np.float64],
    street: NDArray[np.float32],
    cell: NDArray[np.int32],
    free_db: float,
    gas_db_per_km: float,
    loss: NDArray[np.float32],
    sight: NDArray[np.uint8],
) -> None:
    """Add the powers of both paths, out of sight; never more than free space brings."""
    for i in range(loss.size):
        sight[i] = 0
        if bent[i] == np.inf:
            loss[i] = np.inf
            continue
        east, north = place[0, i] - antenna[0], place[1, i] - antenna[1]
        up = place[3, i] - antenna[2]
        slant = max(math.sqrt(east * east + north * north + up * up), 1.0)
        way = 20.0 * math.log10(slant)
        over = way + bent[i]
        if own > 0 and building[i] == own:
            over = street[cell[i]] if cell[i] >= 0 and street[cell[i]] < np.inf else over + _ROOF_DB
            over = max(over, way)
        elif paths[i, sweep.EDGE] < 0.0:
            sight[i] = 1
        elif cell[i] >= 0 and street[cell[i]] < over + 30.0:
            around = street[cell[i]]
            apart = abs(over - around)
            over = max(min(over, around) - 10.0 * math.log10(1.0 + 10.0 ** (-0.1 * apart)), way)
        loss[i] = free_db - 60.0 + over + gas_db_per_km * slant / 1000.0


def p1812_over(
    ready: UrbanMap,
    paths: NDArray[np.float32],
    x_m: float,
    y_m: float,
    antenna_amsl_m: float,
    frequency_ghz: float,
    *,
    own_building: int = 0,
    reach_m: float = 3000.0,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Loss by ITU-R P.1812-8 at half of the time and places to the same receivers, and sight.

    Parameters and results as for :func:`urban_loss`.
    """
    out = np.full((ready.building.size, 1), np.inf, np.float32)
    air = band(frequency_ghz, reach_km=float(reach_m) / 1000.0)
    sweep_into(
        out, ready.ground, (x_m, y_m, antenna_amsl_m), (ready.place, ready.building), sweep.MEDIAN,
        air, reach_m=reach_m, own_building=own_building, rays_per_pixel=ready.rays_per_pixel,
        workers=1,
    )  # fmt: skip
    sight = (paths[: ready.count, sweep.EDGE] < 0.0).astype(np.uint8)
    return out[: ready.count, 0], sight
