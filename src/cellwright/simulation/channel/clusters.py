"""Clusters and rays of one link: delays, powers, angles, coupling, polarisation.

TR 38.901 clause 7.5, steps 5 to 10. Angles are counter-clockwise from east and from the zenith.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.channel.draws import normal_of

Floats = NDArray[np.float64]

#: Rays of a cluster; every column of Table 7.5-6 has 20.
RAYS = 20
#: Table 7.5-3: offset of each ray within a cluster, for a spread of one degree.
OFFSETS = np.array(
    [
        sign * value
        for value in (
            0.0447,
            0.1413,
            0.2492,
            0.3715,
            0.5129,
            0.6797,
            0.8844,
            1.1481,
            1.5195,
            2.1551,
        )
        for sign in (1.0, -1.0)
    ]
)
#: Table 7.5-5: sub-cluster of each ray in the two strongest clusters, and rays by sub-cluster.
SUB_CLUSTER = np.array([0] * 8 + [1] * 4 + [2] * 4 + [1] * 2 + [0] * 2)
GROUPED = np.argsort(SUB_CLUSTER, kind="stable")
GROUP_BEGIN = np.array([0, 10, 16, 20])
SUB_DELAY = np.array([0.0, 1.28, 2.56])
#: Numbers a link draws: per cluster, and per ray.
PER_CLUSTER, PER_RAY = 10, 8
#: Clusters this far below the strongest are left out [dB].
WEAKEST_DB = 25.0
#: Nepers of a decibel: amplitude is exp of this many times the dB.
TO_NEPER = math.log(10.0) / 20.0
#: K-factors [dB] between which the cubics of steps 5 and 7 are used.
LEAST_K_DB, MOST_K_DB = -8.0, 25.0


class Rays(NamedTuple):
    """Rays of some links, room for the most a scenario can have.

    ``angle`` [link, ray, 4] departure azimuth and zenith, arrival azimuth and zenith [rad];
    ``polar`` [link, ray, 4] amplitudes theta-theta, theta-phi, phi-theta, phi-phi (receive
    first); ``bin`` [link, ray] which delay; ``delay`` [link, bin] [s]; ``used`` [link, 2] rays
    and delays in use.
    """

    angle: Floats
    polar: NDArray[np.complex128]
    bin: NDArray[np.int64]
    delay: Floats
    used: NDArray[np.int64]


def room(links: int, clusters: int) -> Rays:
    """Return empty rays for links of up to this many clusters and a specular ray."""
    rays = clusters * RAYS + 1
    return Rays(
        np.zeros((links, rays, 4)),
        np.zeros((links, rays, 4), np.complex128),
        np.zeros((links, rays), np.int64),
        np.zeros((links, clusters + 5)),
        np.zeros((links, 2), np.int64),
    )


#: Columns of the numbers that describe a condition: Table 7.5-6 and the scaling tables.
R_TAU, ZETA, COUNT, C_DS, C_ASD, C_ASA, C_ZSA, MU_XPR, SIGMA_XPR, C_PHI, C_THETA = range(11)
#: Columns of the numbers that describe a link.
DS, ASD, ASA, ZSD, ZSA, K_DB, ZSD_MEAN, ZOD_OFFSET, LOS_AOD, LOS_ZOD, LOS_AOA, LOS_ZOA, WAVES = (
    range(13)
)


@njit(cache=True)
def cluster_delays_powers(
    table: Floats, link: Floats, draw: Floats, delay: Floats, power: Floats, sight: bool
) -> int:
    """Fill cluster delays [s] and powers without the specular part; return the first cluster.

    Steps 5 and 6, equations 7.5-1 to 7.5-6. Clusters stay in the order they are drawn.
    """
    count = int(table[COUNT])
    spread, ratio = link[DS], table[R_TAU]
    first = 0
    for n in range(count):
        delay[n] = -ratio * spread * math.log(draw[n])
        if delay[n] < delay[first]:
            first = n
    least, total = delay[first], 0.0
    for n in range(count):
        delay[n] -= least
        shadow = table[ZETA] * normal_of(draw[count + n])
        power[n] = math.exp(-delay[n] * (ratio - 1.0) / (ratio * spread)) * 10.0 ** (-shadow / 10.0)
        total += power[n]
    for n in range(count):
        power[n] /= total
    if sight:
        k = min(max(link[K_DB], LEAST_K_DB), MOST_K_DB)
        shrink = 0.7705 - 0.0433 * k + 0.0002 * k * k + 0.000017 * k * k * k
        for n in range(count):
            delay[n] /= shrink
    return first


@njit(cache=True)
def cluster_angles(
    spread: float,
    scale: float,
    seen: bool,
    centre: float,
    los: float,
    first: int,
    zenith: bool,
    weight: Floats,
    sign: Floats,
    jitter: Floats,
    out: Floats,
) -> None:
    """Fill the mean angle of each cluster [deg]: step 7, equations 7.5-9 to 7.5-19.

    ``weight`` is each cluster's power over the strongest, specular part included; ``centre`` the
    middle of the spectrum out of sight; in sight the first cluster comes from ``los``.
    """
    for n in range(weight.size):
        depth = -math.log(weight[n])
        if zenith:
            angle = spread * depth / scale
        else:
            angle = 2.0 * (spread / 1.4) * math.sqrt(depth) / scale
        if sign[n] < 0.5:
            angle = -angle
        out[n] = angle + spread / 7.0 * normal_of(jitter[n])
    shift = los - out[first] if seen else centre
    for n in range(weight.size):
        out[n] += shift


@njit(cache=True)
def sight_scales(k_db: float, c_phi: float, c_theta: float) -> tuple[float, float]:
    """Return C_phi and C_theta in line of sight (equations 7.5-10 and 7.5-15).

    The cubics reach 0 at -10 dB, which a drawn K-factor may pass: they are held at -8 dB.
    """
    k = min(max(k_db, LEAST_K_DB), MOST_K_DB)
    azimuth = 1.1035 - 0.028 * k - 0.002 * k * k + 0.0001 * k * k * k
    zenith = 1.3086 + 0.0339 * k - 0.0077 * k * k + 0.0002 * k * k * k
    return c_phi * azimuth, c_theta * zenith


@njit(cache=True)
def couple(order: NDArray[np.int64], split: bool, key: Floats) -> None:
    """Fill a random order of the rays of a cluster, within sub-clusters where it is split."""
    for m in range(RAYS):
        order[m] = m
    for g in range(3 if split else 1):
        begin, end = (GROUP_BEGIN[g], GROUP_BEGIN[g + 1]) if split else (0, RAYS)
        for i in range(end - 1, begin, -1):
            j = begin + int(key[i] * (i + 1 - begin))
            here, there = (GROUPED[i], GROUPED[j]) if split else (i, j)
            order[here], order[there] = order[there], order[here]


@njit(cache=True)
def folded_zenith(angle: float) -> float:
    """Fold a zenith angle into 0 to 180 degrees."""
    angle = angle % 360.0
    return 360.0 - angle if angle > 180.0 else angle


@njit(cache=True)
def make_rays(
    condition: int, table: Floats, link: Floats, draw: Floats, fade_db: Floats, k: int, rays: Rays
) -> None:
    """Make the rays of a link from its parameters and its random numbers.

    Parameters
    ----------
    condition : int
        0 line of sight, 1 none, 2 outdoor to indoor.
    table, link : float64
        Numbers of the condition and of the link, by the column names of this module.
    draw : float64
        Uniform numbers: ``PER_CLUSTER`` blocks of one per cluster, then ``PER_RAY`` per ray.
    fade_db : float64 [blocker, 5]
        Blockers as in :mod:`~cellwright.simulation.channel.blockage`; no rows = none.
    k : int
        Which of the links in ``rays``.
    rays : Rays
        Filled.
    """
    count = int(table[COUNT])
    seen = condition == 0
    delay, power = np.empty(count), np.empty(count)
    first = cluster_delays_powers(table, link, draw, delay, power, seen)
    ratio = 10.0 ** (link[K_DB] / 10.0) if seen else 0.0
    weight = power / (ratio + 1.0)
    weight[first] += ratio / (ratio + 1.0)
    weight /= weight.max()
    centre = _cluster_centres(condition, table, link, draw, weight, first, count)
    _strong(power, 10.0 ** (-WEAKEST_DB / 10.0))
    _blocked(power, centre, fade_db)
    _spread_rays(table, link, draw, power, delay, centre, ratio, k, rays)
    if seen:
        _add_specular(link, ratio, delay[first], fade_db, k, rays)


@njit(cache=True)
def _cluster_centres(
    condition: int,
    table: Floats,
    link: Floats,
    draw: Floats,
    weight: Floats,
    first: int,
    count: int,
) -> Floats:
    """Return cluster angles [cluster, 4] in degrees: departure, arrival; azimuth, zenith."""
    seen = condition == 0
    c_phi, c_theta = table[C_PHI], table[C_THETA]
    if seen:
        c_phi, c_theta = sight_scales(link[K_DB], c_phi, c_theta)
    out = np.empty((4, count))
    block = draw[2 * count : PER_CLUSTER * count].reshape((8, count))
    spreads = (link[ASD], link[ZSD], link[ASA], link[ZSA])
    los = (link[LOS_AOD], link[LOS_ZOD], link[LOS_AOA], link[LOS_ZOA])
    middle = (
        los[0],
        los[1] + link[ZOD_OFFSET],
        los[2],
        90.0 if condition == 2 else los[3],
    )
    for i in range(4):
        zenith = i % 2 == 1
        cluster_angles(
            spreads[i],
            c_theta if zenith else c_phi,
            seen,
            middle[i],
            los[i],
            first,
            zenith,
            weight,
            block[2 * i],
            block[2 * i + 1],
            out[i],
        )
    return out


@njit(cache=True)
def _strong(power: Floats, least: float) -> None:
    """Leave out clusters too weak to matter; the others keep the whole power."""
    floor = power.max() * least
    for n in range(power.size):
        if power[n] < floor:
            power[n] = 0.0
    power /= power.sum()


@njit(cache=True)
def _blocked(power: Floats, centre: Floats, fade_db: Floats) -> None:
    """Weaken clusters behind blockers (clause 7.6.4.1)."""
    if fade_db.shape[0] == 0:
        return
    for n in range(power.size):
        loss = blocker_loss_db(centre[2, n], folded_zenith(centre[3, n]), fade_db)
        power[n] *= 10.0 ** (-loss / 10.0)


@njit(cache=True)
def blocker_loss_db(azimuth_deg: float, zenith_deg: float, blocker: Floats) -> float:
    """Return the loss behind blockers [dB] for one direction of arrival; scalar Numba kernel.

    Rows of ``blocker``: centre azimuth and zenith, width and height [deg], and the distance in
    wavelengths; a distance of 0 marks the user's own body, 30 dB inside its window.
    """
    loss = 0.0
    for k in range(blocker.shape[0]):
        aside = (azimuth_deg - blocker[k, 0] + 180.0) % 360.0 - 180.0
        above = zenith_deg - blocker[k, 1]
        wide, tall, far = blocker[k, 2], blocker[k, 3], blocker[k, 4]
        if far == 0.0:
            if abs(aside) < wide / 2.0 and abs(above) < tall / 2.0:
                loss += 30.0
        elif abs(aside) < wide and abs(above) < tall:
            sides = _edge(aside, wide, 1.0, far) + _edge(aside, wide, -1.0, far)
            ends = _edge(above, tall, 1.0, far) + _edge(above, tall, -1.0, far)
            # the two edges of a screen: 7.6-22 with the signs of Table 7.6.4.1-3
            loss -= 20.0 * math.log10(max(1.0 - sides * ends, 1e-6))
    return loss


@njit(cache=True)
def _edge(offset: float, width: float, side: float, far: float) -> float:
    """Return one edge's term F of equation 7.6-23."""
    turn = (offset + side * width / 2.0) * math.pi / 180.0
    sharp = math.sqrt(max(math.pi * far * (1.0 / math.cos(turn) - 1.0), 0.0))
    inside = side * offset > -width / 2.0
    value = math.atan(0.5 * math.pi * sharp) / math.pi
    return value if inside else -value


@njit(cache=True)
def _spread_rays(
    table: Floats,
    link: Floats,
    draw: Floats,
    power: Floats,
    delay: Floats,
    centre: Floats,
    ratio: float,
    k: int,
    rays: Rays,
) -> None:
    """Spread each cluster into rays: equations 7.5-13, 7.5-18, 7.5-20; steps 8 to 10."""
    count = power.size
    strongest = int(np.argmax(power))
    rest = power.copy()
    rest[strongest] = -1.0
    second = int(np.argmax(rest))
    ray = draw[PER_CLUSTER * count :].reshape((PER_RAY, count, RAYS))
    orders = np.empty((3, RAYS), np.int64)
    widths = (table[C_ASD], 0.375 * link[ZSD_MEAN], table[C_ASA], table[C_ZSA])
    made, bins = 0, 0
    for n in range(count):
        if power[n] <= 0.0:
            continue
        split = n in (strongest, second)
        for i in range(3):
            couple(orders[i], split, ray[i, n])
        amplitude = math.sqrt(power[n] / RAYS / (ratio + 1.0))
        for m in range(RAYS):
            rays.angle[k, made, 0] = math.radians(centre[0, n] + widths[0] * OFFSETS[orders[0, m]])
            tilt = folded_zenith(centre[1, n] + widths[1] * OFFSETS[orders[1, m]])
            rays.angle[k, made, 1] = math.radians(tilt)
            rays.angle[k, made, 2] = math.radians(centre[2, n] + widths[2] * OFFSETS[m])
            tilt = folded_zenith(centre[3, n] + widths[3] * OFFSETS[orders[2, m]])
            rays.angle[k, made, 3] = math.radians(tilt)
            cross = table[MU_XPR] + table[SIGMA_XPR] * normal_of(ray[3, n, m])
            weak = amplitude * math.exp(-cross * TO_NEPER)
            for i in range(4):
                phase = 2.0 * math.pi * ray[4 + i, n, m]
                size = amplitude if i == 0 or i == 3 else weak
                rays.polar[k, made, i] = complex(size * math.cos(phase), size * math.sin(phase))
            rays.bin[k, made] = bins + (SUB_CLUSTER[m] if split else 0)
            made += 1
        for i in range(3 if split else 1):
            rays.delay[k, bins + i] = delay[n] + SUB_DELAY[i] * table[C_DS]
        bins += 3 if split else 1
    rays.used[k, 0], rays.used[k, 1] = made, bins


@njit(cache=True)
def _add_specular(
    link: Floats, ratio: float, delay: float, fade_db: Floats, k: int, rays: Rays
) -> None:
    """Add the ray in line of sight (equations 7.5-29 and 7.5-30)."""
    made, bins = rays.used[k, 0], rays.used[k, 1]
    angle = (link[LOS_AOD], link[LOS_ZOD], link[LOS_AOA], link[LOS_ZOA])
    for i in range(4):
        rays.angle[k, made, i] = math.radians(angle[i])
    loss = blocker_loss_db(link[LOS_AOA], link[LOS_ZOA], fade_db)
    size = math.sqrt(ratio / (ratio + 1.0)) * 10.0 ** (-loss / 20.0)
    phase = -2.0 * math.pi * link[WAVES]
    value = complex(size * math.cos(phase), size * math.sin(phase))
    rays.polar[k, made, 0], rays.polar[k, made, 3] = value, -value
    rays.polar[k, made, 1] = rays.polar[k, made, 2] = 0.0
    rays.bin[k, made] = bins
    rays.delay[k, bins] = delay
    rays.used[k, 0], rays.used[k, 1] = made + 1, bins + 1
