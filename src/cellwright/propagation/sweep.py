"""The radial sweep: path summaries of ITU-R P.1812-8 for every receiver around an antenna.

One outward pass a direction keeps running maxima, upper hulls and sums of what it has met; each
receiver near that direction is answered, at its own distance and ground, when the pass reaches it.
On the same samples this is the plain form of :mod:`cellwright.propagation.p1812_path`, at a cost
that does not grow with the length of the path.

A receiver in a building is answered by the path up to the outer wall; what stands on the antenna's
own building hides nothing, as in :mod:`cellwright.propagation.sight`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.propagation import p1812_path as path
from cellwright.propagation.hulls import Hulls, horizon, push, sharpest_edge, support
from cellwright.propagation.p526 import crossing_edge, smooth_parameter
from cellwright.propagation.p1812_path import BETA_RADIUS_KM, SUMMARY_SIZE
from cellwright.propagation.p1812_quick import Band, median_without_ducts
from cellwright.propagation.p1812_terms import TERMS_SIZE, median_location_loss
from cellwright.propagation.rays import inside, ray_direction

#: Nearer receivers are answered as this far away [km].
_CLOSE_KM = 1e-5
#: Rougher ground than this matters for ducting (equation (56)) [m].
_SMOOTH_M = 10.0
#: What a sweep is for: summaries, losses at half of the time, or edges and smooth heights only.
SUMMARIES, MEDIAN, EDGES = 0, 1, 2
#: Places in what a sweep for edges writes: nu x wavelength^0.5 [m^0.5], below 0 in sight; hte and
#: hre [m]; slope at which the path comes down to the receiver, from the last edge or the antenna.
EDGE, SMOOTH_T, SMOOTH_R, DESCENT = range(4)
EDGES_SIZE = 4
#: Hulls kept: surface at the median and at the beta0 radius, ground curved and flat.
_ROOFS, _ROOFS_BETA, _GROUND, _FLAT = range(4)
#: Rows of a ray, by sample: ground, roofs, and both less the fall of the Earth;
(_HEIGHT, _ROOF, _CURVED_GROUND, _CURVED_ROOF, _CURVED_ROOF_BETA) = range(5)
#: and of all samples so far: steepest slopes, where the ground's was met [km], sums of the fit,
#: distance and ground of the last.
(_TOP, _TOP_BETA, _TOP_GROUND, _AT_GROUND, _TOP_FLAT, _V1, _V2, _LAST_D, _LAST_H) = range(5, 14)
_RAY_ROWS = 14
#: Rows by distance alone: 1 / distance [1/km], and the fall of the Earth at both radii [m].
_INVERSE, _DROP, _DROP_BETA = range(3)
_BETA_BEND = 500.0 / BETA_RADIUS_KM


@njit(cache=True, nogil=True, error_model="numpy")
def _profile(
    ground: NDArray[np.float32],
    surface: NDArray[np.float32],
    labels: NDArray[np.int32],
    built: bool,
    row: float,
    column: float,
    row_step: float,
    column_step: float,
    own: int,
    last: int,
    ray: NDArray[np.float64],
    building: NDArray[np.int32],
) -> tuple[int, int]:
    """Sample a ray; return its first and last sample on the map (NaN where it has no height)."""
    begin, end = inside(row, row_step, ground.shape[0], 1, last)
    begin, end = inside(column, column_step, ground.shape[1], begin, end)
    r, c = row + (begin - 1) * row_step, column + (begin - 1) * column_step
    for k in range(np.uint64(begin), np.uint64(max(end + 1, begin))):
        r += row_step
        c += column_step
        i, j = np.uint64(np.int64(r)), np.uint64(np.int64(c))
        ray[_HEIGHT, k] = ground[i, j]
        if not built:
            ray[_ROOF, k] = ground[i, j]
            building[k] = 0
            continue
        label = labels[i, j]
        building[k] = label
        ray[_ROOF, k] = ground[i, j] if own > 0 and label == own else surface[i, j]
    return begin, end


@njit(cache=True, nogil=True, error_model="numpy")
def _last_sample(
    distance: float, step: float, building: NDArray[np.int32], label: int, begin: int, end: int
) -> int:
    """Return the last sample before a receiver, or before the building it is in."""
    k = max(math.ceil(distance / step - 1e-9) - 1, 0)
    if label <= 0:
        return k
    if k + 1 <= end and begin <= k and building[k] != label and building[k + 1] == label:
        return k
    # the ray may pass half a pixel beside the receiver: a step back may be in the building
    if begin < k <= end and building[k] != label and building[k - 1] == label:
        k -= 1
    while begin <= k <= end and building[k] == label:
        k -= 1
    return k


@njit(cache=True, nogil=True, error_model="numpy")
def _run(
    begin: int,
    end: int,
    last: int,
    step: float,
    antenna: tuple[float, float],
    mode: int,
    beta_too: bool,
    fixed: NDArray[np.float64],
    ray: NDArray[np.float64],
) -> None:
    """Fill the rows of a ray that follow from its heights; a sample without one changes nothing."""
    hts = antenna[0]
    top = top_beta = top_ground = at_ground = top_flat = -math.inf
    v1 = v2 = near = 0.0
    low = antenna[1]
    for k in range(last + 1):
        h, g = ray[_HEIGHT, k], ray[_ROOF, k]
        if k > 0 and begin <= k <= end and not math.isnan(h + g):
            x, inverse = k * step, fixed[_INVERSE, k]
            ray[_CURVED_ROOF, k] = g - fixed[_DROP, k]
            top = max(top, (ray[_CURVED_ROOF, k] - hts) * inverse)
            top_flat = max(top_flat, (h - hts) * inverse)
            if mode != EDGES:
                ray[_CURVED_GROUND, k] = h - fixed[_DROP, k]
                slope = (ray[_CURVED_GROUND, k] - hts) * inverse
                if slope > top_ground:
                    top_ground, at_ground = slope, x
            if beta_too:
                ray[_CURVED_ROOF_BETA, k] = g - fixed[_DROP_BETA, k]
                top_beta = max(top_beta, (ray[_CURVED_ROOF_BETA, k] - hts) * inverse)
            v1 += (x - near) * (h + low)
            v2 += (x - near) * (h * (2.0 * x + near) + low * (x + 2.0 * near))
            near, low = x, h
        ray[_TOP, k], ray[_TOP_FLAT, k] = top, top_flat
        ray[_V1, k], ray[_V2, k], ray[_LAST_D, k], ray[_LAST_H, k] = v1, v2, near, low
        if mode != EDGES:
            ray[_TOP_GROUND, k], ray[_AT_GROUND, k] = top_ground, at_ground
            ray[_TOP_BETA, k] = top_beta


@njit(cache=True, nogil=True, error_model="numpy")
def _edge(
    hulls: Hulls,
    h: int,
    size: int,
    ray: NDArray[np.float64],
    curved: int,
    step: float,
    top: float,
    bend: float,
    hts: float,
    hrs: float,
    d: float,
) -> tuple[float, float]:
    """Bullington parameter of the path over a hull (P.1812-8, 4.3.1) [m^0.5], and the slope [m/km]
    from the receiver up to its last edge, or to the antenna in sight.
    """
    if size == 0:
        return -math.inf, (hts - hrs) / d
    receiver = hrs - bend * d * d
    level = (receiver - hts) / d
    if top >= level:
        i = horizon(hulls, h, size, d, receiver)
        back = (hulls[1, h, i] - receiver) / (d - hulls[0, h, i]) - bend * d
        return crossing_edge(top + bend * d, back, hts, hrs, d), back
    parameter, _ = sharpest_edge(hulls, h, size, ray, curved, step, hts, level, d)
    return parameter * math.sqrt(0.002 * d), (hts - hrs) / d


@njit(cache=True, nogil=True, error_model="numpy")
def _fit(d: float, ground: float, ray: NDArray[np.float64], k: int) -> tuple[float, float]:
    """Smooth-Earth heights at both ends (P.1812-8, Attachment 1, 5.6.1) [m]."""
    near, low = ray[_LAST_D, k], ray[_LAST_H, k]
    v1 = ray[_V1, k] + (d - near) * (ground + low)
    v2 = ray[_V2, k] + (d - near) * (ground * (2.0 * d + near) + low * (d + 2.0 * near))
    return (2.0 * v1 * d - v2) / (d * d), (v2 - v1 * d) / (d * d)


@njit(cache=True, nogil=True, error_model="numpy")
def _lowered(
    hulls: Hulls,
    size: int,
    top_flat: float,
    hts: float,
    hrs: float,
    d: float,
    hst: float,
    hsr: float,
) -> tuple[float, float]:
    """Smooth heights lowered under an obstruction (Attachment 1, 5.6.2) [m]."""
    slope = (hrs - hts) / d
    alpha_t = top_flat - slope
    if not alpha_t > 0.0:
        return hst, hsr
    i = horizon(hulls, _FLAT, size, d, hrs)
    alpha_r = (hulls[1, _FLAT, i] - hrs) / (d - hulls[0, _FLAT, i]) + slope
    i = support(hulls, _FLAT, size, slope)
    hobs = hulls[1, _FLAT, i] - hts - slope * hulls[0, _FLAT, i]
    share = hobs / (alpha_t + alpha_r)
    return hst - share * alpha_t, hsr - share * alpha_r


@njit(cache=True, nogil=True, error_model="numpy")
def _mrad(slope: float) -> float:
    """Angle [mrad] of a slope [m/km]; the series is exact to 1e-9 mrad where it is used."""
    if abs(slope) > 20.0:
        return 1000.0 * math.atan(slope / 1000.0)
    squared = slope * slope * 1e-6
    return slope * (1.0 - squared * (1.0 / 3.0 - squared * (0.2 - squared / 7.0)))


@njit(cache=True, nogil=True, error_model="numpy")
def _horizons(
    hulls: Hulls,
    sizes: NDArray[np.int64],
    ray: NDArray[np.float64],
    k: int,
    bend: float,
    s: NDArray[np.float64],
) -> None:
    """Horizon angles, and on a hidden path the distances (Attachment 1, 5.1 to 5.4)."""
    d, hts, hrs = s[path.DISTANCE], s[path.HTS], s[path.HRS]
    level = (hrs - hts) / d - bend * d
    s[path.TRANSHORIZON] = 0.0
    steepest, back = level, (hts - hrs) / d - bend * d
    s[path.DLT], s[path.DLR] = d, 0.0
    if ray[_TOP_GROUND, k] > level:
        receiver = hrs - bend * d * d
        i = horizon(hulls, _GROUND, sizes[_GROUND], d, receiver)
        s[path.TRANSHORIZON] = 1.0
        steepest = ray[_TOP_GROUND, k]
        back = (hulls[1, _GROUND, i] - receiver) / (d - hulls[0, _GROUND, i]) - 2.0 * bend * d
        s[path.DLT], s[path.DLR] = ray[_AT_GROUND, k], d - hulls[0, _GROUND, i]
    s[path.THETA_T], s[path.THETA_R] = _mrad(steepest), _mrad(back)


@njit(cache=True, nogil=True, error_model="numpy")
def _roughness(
    hulls: Hulls,
    size: int,
    ray: NDArray[np.float64],
    step: float,
    s: NDArray[np.float64],
    hst: float,
    hsr: float,
) -> float:
    """Terrain roughness hm between the horizons (5.6.3) [m], no less exact than it matters."""
    d = s[path.DISTANCE]
    slope = (hsr - hst) / d
    i = support(hulls, _FLAT, size, slope)
    rough: float = hulls[1, _FLAT, i] - hst - slope * hulls[0, _FLAT, i]
    if rough <= _SMOOTH_M:
        return rough
    rough = -math.inf
    for k in range(int(s[path.DLT] / step + 0.5), int((d - s[path.DLR]) / step + 0.5) + 1):
        rough = max(rough, ray[_HEIGHT, k] - hst - slope * (k * step))
    return rough


@njit(cache=True, nogil=True, error_model="numpy")
def _complete(
    step: float,
    radius: float,
    beta_too: bool,
    ground: tuple[float, float],
    ray: NDArray[np.float64],
    hulls: Hulls,
    sizes: NDArray[np.int64],
    k: int,
    s: NDArray[np.float64],
) -> None:
    """Fill in what only ducting, troposcatter and short times ask of a path."""
    d, hts, hrs, bend = s[path.DISTANCE], s[path.HTS], s[path.HRS], 500.0 / radius
    if s[path.TRANSHORIZON] == 0.0 and sizes[_GROUND] > 0:
        level = (hrs - bend * d * d - hts) / d
        _, edge = sharpest_edge(
            hulls, _GROUND, sizes[_GROUND], ray, _CURVED_GROUND, step, hts, level, d
        )
        s[path.DLT], s[path.DLR] = edge * step, d - edge * step
    hst, hsr = min(s[path.HST], ground[0]), min(s[path.HSR], ground[1])
    s[path.HTE], s[path.HRE] = hts - hst, hrs - hsr
    s[path.HM] = 0.0
    if sizes[_FLAT] > 0:
        n = sizes[_FLAT]
        s[path.HM] = _roughness(hulls, n, ray, step, s, hst, hsr)
    hte, hre = hts - s[path.HSTD], hrs - s[path.HSRD]
    s[path.EDGE_SMOOTH_50] = smooth_parameter(d, hte, hre, radius)
    s[path.EDGE_BETA] = s[path.EDGE_SMOOTH_BETA] = 0.0
    if beta_too:
        s[path.EDGE_SMOOTH_BETA] = smooth_parameter(d, hte, hre, BETA_RADIUS_KM)
        s[path.EDGE_BETA], _ = _edge(
            hulls, _ROOFS_BETA, sizes[_ROOFS_BETA], ray, _CURVED_ROOF_BETA, step,
            ray[_TOP_BETA, k], _BETA_BEND, hts, hrs, d,
        )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _median(
    step: float,
    ground: tuple[float, float],
    ray: NDArray[np.float64],
    hulls: Hulls,
    sizes: NDArray[np.int64],
    k: int,
    band: Band,
    s: NDArray[np.float64],
    terms: NDArray[np.float64],
) -> float:
    """Loss at half of the time and places [dB], ducting looked at only where it can matter."""
    d = s[path.DISTANCE]
    _horizons(hulls, sizes, ray, k, 500.0 / band.radius_km, s)
    loss, sure = median_without_ducts(s, band)
    if sure:
        return loss
    _complete(step, band.radius_km, False, ground, ray, hulls, sizes, k, s)
    return median_location_loss(
        s, band.frequency_ghz, 50.0, band.vertical, band.delta_n, band.n0, 0.0,
        path.NO_COAST_KM, path.NO_COAST_KM, d, path.ducting_percent(band.latitude_deg, d, d),
        False, True, terms,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _answer(
    mode: int,
    beta_too: bool,
    step: float,
    d: float,
    antenna: tuple[float, float],
    receiver: tuple[float, float],
    ray: NDArray[np.float64],
    hulls: Hulls,
    sizes: NDArray[np.int64],
    k: int,
    band: Band,
    s: NDArray[np.float64],
    terms: NDArray[np.float64],
    i: int,
    out: NDArray[Any],
) -> None:
    """Answer one receiver into its row of ``out``."""
    hts, h0, radius = antenna[0], antenna[1], band.radius_km
    hrs, hr = receiver
    bend = 500.0 / radius
    s[path.DISTANCE], s[path.HTS], s[path.HRS] = d, hts, hrs
    s[path.EDGE_50], slope = _edge(
        hulls, _ROOFS, sizes[_ROOFS], ray, _CURVED_ROOF, step, ray[_TOP, k], bend,
        hts, hrs, d,
    )  # fmt: skip
    hst, hsr = _fit(d, hr, ray, k)
    s[path.HST], s[path.HSR] = hst, hsr
    hst, hsr = _lowered(
        hulls, sizes[_FLAT], ray[_TOP_FLAT, k], hts, hrs, d, hst, hsr
    )  # fmt: skip
    s[path.HSTD], s[path.HSRD] = min(hst, h0), min(hsr, hr)
    if mode == EDGES:
        out[i, EDGE] = s[path.EDGE_50]
        out[i, DESCENT] = slope / 1000.0
        out[i, SMOOTH_T], out[i, SMOOTH_R] = hts - s[path.HSTD], hrs - s[path.HSRD]
    elif mode == MEDIAN:
        out[i, 0] = _median(step, (h0, hr), ray, hulls, sizes, k, band, s, terms)
    else:
        _horizons(hulls, sizes, ray, k, bend, s)
        _complete(step, radius, beta_too, (h0, hr), ray, hulls, sizes, k, s)
        for place in range(SUMMARY_SIZE):
            out[i, place] = s[place]


@njit(cache=True, nogil=True, error_model="numpy")
def radial_sweep(
    ground: NDArray[np.float32],
    surface: NDArray[np.float32],
    labels: NDArray[np.int32],
    built: bool,
    grid: tuple[float, float, float],
    site: tuple[float, float, float, float, int],
    half: int,
    rays: tuple[int, int],
    order: NDArray[np.int32],
    first: NDArray[np.int64],
    receivers: NDArray[np.float64],
    building: NDArray[np.int32],
    step_m: float,
    mode: int,
    beta_too: bool,
    band: Band,
    out: NDArray[Any],
) -> None:
    """Answer the receivers of some rays of one antenna.

    Parameters
    ----------
    ground, surface : float32 [y, x]
        Bare ground, and ground with what stands on it, above sea level [m]; row 0 northmost.
    labels : int32 [y, x]
        Building numbers, 0 in the open.
    built : bool
        False where the surface is the ground and no pixel has a number: one layer is read.
    grid : (float, float, float)
        West edge, north edge, pixel [m].
    site : (float, float, float, float, int)
        x, y, antenna and ground above sea level [m], building the antenna stands on (0 none).
    half : int
        Rays from a corner of the square of rays to the middle of its side (``rays.ray_number``).
    rays : (int, int)
        First ray and the one after the last.
    order, first : int32 [receiver], int64 [rays + 1]
        Receivers of ray r: ``order[first[r]:first[r + 1]]``.
    receivers : float64 [4, receiver]
        x, y, ground and antenna above sea level [m].
    building : int32 [receiver]
        Building a receiver is in; 0 outdoors.
    step_m : float
        Distance between samples of the path [m].
    mode : int
        ``SUMMARIES``, ``MEDIAN`` or ``EDGES``.
    beta_too : bool
        Also the edges at the radius exceeded for beta0 of the time (``SUMMARIES``).
    band : Band
        Frequency and air; for summaries only the air matters.
    out : float [receiver, width]
        Filled: ``p1812_path.SUMMARY_SIZE`` numbers, one loss [dB], or edge and smooth heights.
    """
    west, north, pixel = grid
    x0, y0, hts, h0, own = site
    step = step_m / 1000.0
    most = 0.0
    for p in range(first[rays[0]], first[rays[1]]):
        i = order[p]
        most = max(most, (receivers[0, i] - x0) ** 2 + (receivers[1, i] - y0) ** 2)
    size = int(math.sqrt(most) / step_m) + 4
    ray, marks = np.empty((_RAY_ROWS, size)), np.empty(size, np.int32)
    hulls = np.empty((2, 4, size))
    sizes, fixed = np.zeros(4, np.int64), np.empty((3, size))
    for k in range(size):
        x = k * step
        fixed[_INVERSE, k] = 1.0 / x if k > 0 else 0.0
        fixed[_DROP, k] = 500.0 / band.radius_km * x * x
        fixed[_DROP_BETA, k] = _BETA_BEND * x * x
    s, terms = np.empty(SUMMARY_SIZE), np.empty(TERMS_SIZE)
    crowd = 0
    for r in range(rays[0], rays[1]):
        crowd = max(crowd, first[r + 1] - first[r])
    # a ray's receivers lie far apart in memory: they are fetched together
    near, marked = np.empty((3, crowd)), np.empty(crowd, np.int32)
    head, after = np.full(size, -1, np.int32), np.empty(crowd, np.int32)
    antenna = (hts, h0)
    row, column = (north - y0) / pixel, (x0 - west) / pixel
    for r in range(rays[0], rays[1]):
        if first[r] == first[r + 1]:
            continue
        start, count = first[r], first[r + 1] - first[r]
        far = 0.0
        for p in range(count):
            i = order[start + p]
            d = math.sqrt((receivers[0, i] - x0) ** 2 + (receivers[1, i] - y0) ** 2)
            near[0, p], near[1, p], near[2, p] = d, receivers[2, i], receivers[3, i]
            marked[p] = building[i]
            far = max(far, d)
        last = int(far / step_m) + 1
        e, n = ray_direction(r, half)
        scale = step_m / pixel
        begin, end = _profile(
            ground, surface, labels, built, row, column, -n * scale, e * scale, own, last,
            ray, marks,
        )  # fmt: skip
        # the receivers in the order in which the pass meets them
        for p in range(count):
            k = _last_sample(near[0, p], step_m, marks, marked[p], begin, end)
            after[p], head[k] = head[k], p
        _run(begin, end, last, step, antenna, mode, beta_too, fixed, ray)
        roofs = flat = bare = roofs_beta = 0
        for k in range(last + 1):
            if k > 0 and begin <= k <= end and not math.isnan(ray[_ROOF, k] + ray[_HEIGHT, k]):
                x = k * step
                roofs = push(hulls, _ROOFS, roofs, x, ray[_CURVED_ROOF, k])
                flat = push(hulls, _FLAT, flat, x, ray[_HEIGHT, k])
                if mode != EDGES:
                    bare = push(hulls, _GROUND, bare, x, ray[_CURVED_GROUND, k])
                if beta_too:
                    y = ray[_CURVED_ROOF_BETA, k]
                    roofs_beta = push(hulls, _ROOFS_BETA, roofs_beta, x, y)
            p = head[k]
            if p < 0:
                continue
            head[k] = -1
            sizes[_ROOFS], sizes[_FLAT] = roofs, flat
            sizes[_GROUND], sizes[_ROOFS_BETA] = bare, roofs_beta
            while p >= 0:
                _answer(
                    mode, beta_too, step, max(near[0, p] / 1000.0, _CLOSE_KM), antenna,
                    (near[2, p], near[1, p]), ray, hulls, sizes, k, band, s, terms,
                    order[start + p], out,
                )  # fmt: skip
                p = after[p]
