"""Fast fading of every user's strongest cells (TR 38.901 clause 7.5)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError
from cellwright.simulation.channel.arrays import (
    PanelArray,
    compass_to_bearing_rad,
    rotation,
)
from cellwright.simulation.channel.blockage import Blockage, blockers
from cellwright.simulation.channel.clusters import (
    PER_CLUSTER,
    PER_RAY,
    RAYS,
    Rays,
    make_rays,
    room,
)
from cellwright.simulation.channel.coefficients import Ends, channels, ray_powers
from cellwright.simulation.channel.draws import fill_field, fill_uniform, key_of, uniform_table
from cellwright.simulation.channel.large_scale import LargeScale, large_scale
from cellwright.simulation.channel.tables import (
    CONDITIONS,
    Edition,
    angle_scaling,
    statistics,
)
from cellwright.simulation.drop import Drop

Floats = NDArray[np.float64]
Orientation = Literal["bearing", "any", "fixed"]
LIGHT_M_S = 299_792_458.0
_RAYS_STREAM, _USER_STREAM, _SITE_STREAM = 2, 3, 4
#: Table 7.6.3.1-2: distance over which cluster and ray variables change [m]; los, nlos, o2i.
_CONSISTENT_M = {
    "uma": (40.0, 50.0, 15.0),
    "umi": (12.0, 15.0, 15.0),
    "rma": (50.0, 60.0, 15.0),
    "sma": (40.0, 50.0, 15.0),
    "inh": (10.0, 10.0, 10.0),
}
#: Cluster delay spread where Table 7.5-6 has none [ns] (clause 7.5, step 11).
_LEGACY_CLUSTER_DS_NS = 3.91
#: Links whose rays are held in memory at once, about 50 kB each.
_PAIRS_AT_ONCE = 1024


@dataclass(frozen=True)
class ChannelOptions:
    """What of TR 38.901 to use beyond the plain drop.

    Attributes
    ----------
    edition : {"v19", "v16", "v14"}
        Edition of the statistics.
    correlated_users : bool
        Large-scale parameters are correlated between users of one site.
    consistent : bool
        Clusters and rays change smoothly with the place (clause 7.6.3.1) on a grid of the
        correlation distance; signs and coupling then belong to the site.
    blockage : {"none", "portrait", "landscape", "others"}
        Blockage model A (clause 7.6.4.1).
    orientation : {"bearing", "any", "fixed"}
        Users' arrays: upright with a random bearing, turned any way, or all looking east.
    speed_m_s : float or array [user]
        Speed of the users [m/s], each in a random horizontal direction; 3 km/h.
    """

    edition: Edition = "v19"
    correlated_users: bool = False
    consistent: bool = False
    blockage: Blockage = "none"
    orientation: Orientation = "bearing"
    speed_m_s: float | Floats = 3.0 / 3.6


@dataclass(frozen=True, eq=False)
class Fading:
    """Fast fading of each user's strongest cells.

    Attributes
    ----------
    cell : int32 [user, link]
        Cells, strongest first; link 0 serves.
    h : complex64 [user, link, block, receive, transmit]
        Channel with the antennas' field patterns, without path loss and shadowing.
    offsets_hz : float64 [block]
        Frequency of each block against the carrier [Hz].
    """

    cell: NDArray[np.int32]
    h: NDArray[np.complex64]
    offsets_hz: Floats


@dataclass(frozen=True, eq=False)
class Scene:
    """What rays are made from: a drop, its large-scale parameters and its seed.

    ``table`` [condition, 11] and ``link`` [site, user, 13] as in
    :mod:`~cellwright.simulation.channel.clusters`; ``reach_m`` [condition] distance over which
    clusters change, 0 = each link by itself; ``place_m`` [user, 2]; ``blocker``
    [user, blocker, 5]; ``bearing``, ``tilt``, ``slant`` [user] of the users' arrays [rad];
    ``way_m`` [user, 3] gone since time 0.
    """

    condition: NDArray[np.int8]
    table: Floats
    link: Floats
    reach_m: Floats
    place_m: Floats
    blocker: Floats
    bearing: Floats
    tilt: Floats
    slant: Floats
    way_m: Floats
    wavelength_m: float
    seed: int

    @property
    def clusters(self) -> int:
        """Most clusters of any condition."""
        return int(self.table[:, 2].max())

    def rays(self, site: ArrayLike, user: ArrayLike) -> Rays:
        """Return the rays of pairs of site and user."""
        pairs = np.ascontiguousarray(site, np.int64), np.ascontiguousarray(user, np.int64)
        store = room(pairs[0].size, self.clusters)
        _all_rays(
            *pairs,
            self.condition,
            self.table,
            self.link,
            self.reach_m,
            self.place_m,
            self.blocker,
            self.seed,
            store,
        )
        return store


def fast_fading(
    drop: Drop,
    scenario: str,
    base: PanelArray,
    user: PanelArray,
    links: int,
    offsets_hz: ArrayLike,
    seed: int,
    time_s: float = 0.0,
    options: ChannelOptions | None = None,
) -> Fading:
    """Return the fast fading of each user's strongest cells.

    Parameters
    ----------
    drop : Drop
        Users, cells, sight and coupling gains.
    scenario : str
        ``uma``, ``umi``, ``rma``, ``inh`` (``inh-open``, ``inh-mixed``) or ``sma``.
    base, user : PanelArray
        Arrays of all cells and of all users.
    links : int
        Cells per user, by coupling gain.
    offsets_hz : array of float [block]
        Frequencies against the carrier [Hz].
    seed : int
        A site and a user draw the same clusters whatever else is computed.
    time_s : float
        Time since the drop [s]: users move, phases turn.
    options : ChannelOptions or None
        What to use beyond the plain drop.

    Returns
    -------
    Fading
        Channel [user, link, block, receive, transmit].

    Raises
    ------
    InputError
        If the scenario is unknown, or there are more links than cells.

    References
    ----------
    3GPP TR 38.901 V19.4.0, clause 7.5, steps 4 to 11; equations 7.5-1 to 7.5-30.
    """
    chosen = options or ChannelOptions()
    offsets = _checked(drop, links, offsets_hz)
    cell = strongest(drop, links)
    shape = (drop.users, links, offsets.size, user.ports, base.ports)
    h = np.zeros(shape, np.complex64)
    forms = base.form(), user.form()
    stage = scene(drop, _parameters(drop, scenario, seed, chosen), seed, time_s, chosen)
    for rows in _groups(cell):
        rays, ends = _ends(drop, stage, base, user, cell[rows], rows)
        flat = h[rows[0] : rows[-1] + 1].reshape((-1, *shape[2:]))
        channels(rays, ends, *forms, offsets, flat)
    return Fading(cell, h, offsets)


def multipath_power(
    drop: Drop,
    scenario: str,
    base: PanelArray,
    user: PanelArray,
    links: int,
    seed: int,
    options: ChannelOptions | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the power of each user's strongest cells, summed over all rays through the patterns.

    With the loss of the drop it is the multipath coupling gain of 3GPP's calibrations. The rays
    are those of :func:`fast_fading` with the same seed.

    Parameters
    ----------
    drop, scenario, base, user, links, seed, options
        As in :func:`fast_fading`.

    Returns
    -------
    cell : int32 [user, link]
        Cells, strongest first.
    power : float32 [user, link, receive, transmit]
        Linear, without path loss and shadowing.

    Raises
    ------
    InputError
        As in :func:`fast_fading`.

    References
    ----------
    3GPP TR 36.873 V12.7.0, equation 8.1-1; TR 38.901 V19.4.0, clause 7.8.
    """
    chosen = options or ChannelOptions()
    _checked(drop, links, 0.0)
    cell = strongest(drop, links)
    power = np.zeros((*cell.shape, user.ports, base.ports), np.float32)
    stage = scene(drop, _parameters(drop, scenario, seed, chosen), seed, 0.0, chosen)
    for rows in _groups(cell):
        rays, ends = _ends(drop, stage, base, user, cell[rows], rows)
        flat = power[rows[0] : rows[-1] + 1].reshape((-1, *power.shape[2:]))
        ray_powers(rays, ends, base.form(), user.form(), flat)
    return cell, power


def strongest(drop: Drop, links: int) -> NDArray[np.int32]:
    """Return each user's strongest cells by coupling gain, int32 [user, link]."""
    order = np.argsort(-drop.gain_db, axis=0, kind="stable")[:links]
    return np.ascontiguousarray(order.T.astype(np.int32))


def _parameters(drop: Drop, scenario: str, seed: int, chosen: ChannelOptions) -> LargeScale:
    return large_scale(
        drop,
        scenario,
        seed,
        edition=chosen.edition,
        correlated_users=chosen.correlated_users,
    )


def _groups(cell: NDArray[np.int32]) -> Iterator[NDArray[np.int64]]:
    """Return users in groups whose rays fit in memory."""
    step = max(1, _PAIRS_AT_ONCE // cell.shape[1])
    for first in range(0, len(cell), step):
        yield np.arange(first, min(first + step, len(cell)))


def _ends(
    drop: Drop,
    stage: Scene,
    base: PanelArray,
    user: PanelArray,
    cell: NDArray[np.int32],
    rows: NDArray[np.int64],
) -> tuple[Rays, Ends]:
    """Return rays of some users and both ends of their links; cells of a site share rays."""
    owner = np.repeat(rows, cell.shape[1])
    pair = drop.cell_site[cell.ravel()].astype(np.int64) * drop.users + owner
    pairs, ray = np.unique(pair, return_inverse=True)
    slot = np.argsort(ray, kind="stable")
    rays = stage.rays(pairs // drop.users, pairs % drop.users)
    turn = math.radians(user.mechanical_tilt_deg)
    seen = zip(stage.bearing[rows], stage.tilt[rows], stage.slant[rows], strict=True)
    user_turn = np.array([rotation(a, b + turn, c) for a, b, c in seen])
    cells, whose = cell.ravel()[slot], owner[slot]
    tilts = [-math.sin(math.radians(base.subarray_tilt_deg(float(t)))) for t in drop.downtilt_deg]
    own_tilt = -math.sin(math.radians(user.electrical_tilt_deg or 0.0))
    ends = Ends(
        ray=ray[slot].astype(np.int64),
        slot=slot.astype(np.int64),
        base_turn=_base_turns(drop, base)[cells],
        user_turn=user_turn[whose - rows[0]],
        tilt_cosine=np.stack((np.array(tilts)[cells], np.full(cells.size, own_tilt)), axis=1),
        doppler=stage.way_m[whose] / stage.wavelength_m,
    )
    return rays, ends


def _base_turns(drop: Drop, base: PanelArray) -> Floats:
    tilt = math.radians(base.mechanical_tilt_deg)
    return np.array([rotation(compass_to_bearing_rad(float(a)), tilt) for a in drop.azimuth_deg])


def _checked(drop: Drop, links: int, offsets_hz: ArrayLike) -> Floats:
    offsets = np.atleast_1d(np.asarray(offsets_hz, dtype=float))
    faults = Faults()
    if not 1 <= links <= drop.cells:
        faults.error(
            "fading.links",
            f"links is {links}; 1 to {drop.cells}, the cells of the drop.",
            "Ask for fewer links.",
        )
    if offsets.ndim != 1 or not offsets.size or not np.all(np.isfinite(offsets)):
        faults.error("fading.offsets", "offsets_hz must be one row of finite frequencies [Hz].")
    faults.raise_errors()
    return offsets


def scene(
    drop: Drop, scale: LargeScale, seed: int, time_s: float, options: ChannelOptions
) -> Scene:
    """Gather what rays are made from."""
    wavelength = LIGHT_M_S / (drop.frequency_ghz * 1e9)
    bearing, tilt, slant, course = _user_draws(drop, seed, options.orientation)
    course_unit = np.stack((np.cos(course), np.sin(course), 0.0 * course), axis=1)
    way = np.asarray(options.speed_m_s)[..., None] * time_s * course_unit
    reach = np.array(_CONSISTENT_M[scale.scenario]) if options.consistent else np.zeros(3)
    return Scene(
        condition=scale.condition,
        table=condition_table(scale, drop.frequency_ghz),
        link=link_table(drop, scale, wavelength),
        reach_m=reach,
        place_m=np.ascontiguousarray(drop.user_m[:, :2] + way[:, :2]),
        blocker=blockers(
            options.blockage, scale.scenario, drop.users, seed, np.degrees(bearing), wavelength
        ),
        bearing=bearing,
        tilt=tilt,
        slant=slant,
        way_m=way,
        wavelength_m=wavelength,
        seed=int(seed),
    )


def _user_draws(drop: Drop, seed: int, orientation: Orientation) -> tuple[Floats, ...]:
    """Return bearing, tilt and slant of users' arrays, and their course [rad]."""
    draw = uniform_table(seed, _USER_STREAM, drop.users, 4)
    turn = 2.0 * math.pi * draw
    if orientation == "bearing":
        return turn[:, 0], 0.0 * turn[:, 1], 0.0 * turn[:, 2], turn[:, 3]
    if orientation == "any":
        # even over the sphere: sine of the tilt is uniform
        return turn[:, 0], np.arcsin(2.0 * draw[:, 1] - 1.0), turn[:, 2], turn[:, 3]
    if orientation == "fixed":
        still = 0.0 * turn[:, 0]
        return still, still, still, turn[:, 3]
    raise InputError(f'orientation is "{orientation}"; bearing, any or fixed.')


def condition_table(scale: LargeScale, frequency_ghz: float) -> Floats:
    """Return Table 7.5-6 as the kernels read it, float64 [condition, 11]."""
    rows = np.zeros((3, 11))
    for code, kind in enumerate(CONDITIONS):
        if not np.any(scale.condition == code):
            continue
        table = statistics(scale.scenario, kind, frequency_ghz, scale.edition)
        clusters = int(table["clusters"])
        rows[code] = (
            table["r_tau"],
            table["zeta"],
            clusters,
            table.get("cluster_DS", _LEGACY_CLUSTER_DS_NS) * 1e-9,
            table["cluster_ASD"],
            table["cluster_ASA"],
            table["cluster_ZSA"],
            table["mu_XPR"],
            table["sigma_XPR"],
            *angle_scaling(clusters),
        )
    return rows


def link_table(drop: Drop, scale: LargeScale, wavelength_m: float) -> Floats:
    """Return the numbers that describe each link, float64 [site, user, 13]."""
    azimuth = 90.0 - drop.departure_azimuth_deg.astype(float)
    zenith = drop.departure_zenith_deg.astype(float)
    height = drop.site_m[:, 2][:, None] - drop.user_m[:, 2][None, :]
    away = np.hypot(drop.distance_m.astype(float), height) / wavelength_m
    k_db = np.where(scale.condition == 0, scale.k_db, 0.0)
    columns = (
        scale.delay_spread_s,
        scale.asd_deg,
        scale.asa_deg,
        scale.zsd_deg,
        scale.zsa_deg,
        k_db,
        scale.zsd_mean_deg,
        scale.zod_offset_deg,
        azimuth,
        zenith,
        azimuth + 180.0,
        180.0 - zenith,
        away,
    )
    return np.stack([np.asarray(column, dtype=float) for column in columns], axis=2)


@njit(cache=True)
def _draw_link(
    seed: int, site: int, user: int, code: int, count: int, reach: float, place: Floats,
    draw: Floats,
) -> None:  # fmt: skip
    """Fill the random numbers of one site and user."""
    if reach == 0.0:
        fill_uniform(key_of(seed, _RAYS_STREAM, site, user), draw)
        return
    fill_field(seed, 8 * site + code + 1000, place[0], place[1], reach, draw)
    # signs and coupling do not change within a drop (clause 7.6.3.1)
    own = np.empty(count * (4 + 3 * RAYS))
    fill_uniform(key_of(seed, _SITE_STREAM, site, code), own)
    for i in range(4):
        draw[(2 + 2 * i) * count : (3 + 2 * i) * count] = own[i * count : (i + 1) * count]
    first = PER_CLUSTER * count
    draw[first : first + 3 * count * RAYS] = own[4 * count :]


@njit(cache=True, nogil=True)
def _all_rays(
    site: NDArray[np.int64],
    user: NDArray[np.int64],
    condition: NDArray[np.int8],
    table: Floats,
    link: Floats,
    reach_m: Floats,
    place_m: Floats,
    blocker: Floats,
    seed: int,
    rays: Rays,
) -> None:
    """Fill the rays of pairs of site and user."""
    numbers = np.empty(int(table[:, 2].max()) * (PER_CLUSTER + PER_RAY * RAYS))
    for k in range(site.size):
        s, u = site[k], user[k]
        code = condition[s, u]
        count = int(table[code, 2])
        draw = numbers[: count * (PER_CLUSTER + PER_RAY * RAYS)]
        _draw_link(seed, s, u, code, count, reach_m[code], place_m[u], draw)
        make_rays(code, table[code], link[s, u], draw, blocker[u], k, rays)
