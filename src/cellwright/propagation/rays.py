"""Rays over a raster of roofs and ground: the compiled part of the line-of-sight engine.

A receiver at distance r is in sight when the slope up to it is no less than the steepest slope to
any surface sample before it. Along one ray the steepest slope so far serves every receiver on the
ray, whatever its distance, height and floor: one outward march, then one look-up a receiver.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Nearer receivers are taken as this far away [m]; keeps slopes finite under the antenna.
_CLOSE_M = 0.01


@njit(cache=True, nogil=True)
def inside(start: float, delta: float, size: int, first: int, last: int) -> tuple[int, int]:
    """Narrow samples first..last of ``start + k * delta`` to those in [0, size)."""
    # A hair inside, so that positions found by adding step on step cannot round over the edge.
    high = size - 1e-6
    if delta == 0.0:
        return (first, last) if 0.0 <= start <= high else (1, 0)
    enter, leave = -start / delta, (high - start) / delta
    if delta < 0.0:
        enter, leave = leave, enter
    first = max(first, math.ceil(min(max(enter, 0.0), last + 1.0)))
    last = min(last, math.floor(max(min(leave, last + 1.0), -1.0)))
    return first, last


@njit(cache=True, nogil=True)
def _march(
    heights: NDArray[np.float32],
    labels: NDArray[np.int32],
    row: float,
    column: float,
    row_step: float,
    column_step: float,
    antenna_m: float,
    own: int,
    nearness: NDArray[np.float64],
    bend: float,
    last: int,
    top: NDArray[np.float64],
    front: NDArray[np.float64],
    label: NDArray[np.int32],
) -> None:
    """March from the antenna to sample ``last``; what lies outside the raster blocks nothing.

    ``nearness`` is one over each sample's distance. Fills ``top`` (steepest slope up to and with
    each sample), ``label`` (building there) and ``front`` (steepest slope before the ray entered
    that building).
    """
    begin, end = inside(row, row_step, heights.shape[0], 1, last)
    begin, end = inside(column, column_step, heights.shape[1], begin, end)
    nothing = -np.inf
    steepest, before, previous = nothing, nothing, 0
    if own == 0:
        own = -1
    for k in range(min(begin, last + 1)):
        top[k], front[k], label[k] = nothing, nothing, 0
    r, c = row + (begin - 1) * row_step, column + (begin - 1) * column_step
    fall = (begin - 1) * bend
    # Unsigned indices: signed ones cost a test for counting from the end at every look-up.
    for k in range(np.uint64(begin), np.uint64(max(end + 1, begin))):
        r += row_step
        c += column_step
        fall += bend
        i, j = np.uint64(np.int64(r)), np.uint64(np.int64(c))
        here = labels[i, j]
        if here != previous:
            before, previous = steepest, here
        if here != own:
            slope = (heights[i, j] - antenna_m) * nearness[k] - fall
            # A comparison, not max(): a sample without a value (NaN) must not block.
            if slope > steepest:
                steepest = slope
        top[k], front[k], label[k] = steepest, before, here
    for k in range(max(end + 1, begin), last + 1):
        top[k], front[k], label[k] = steepest, steepest, 0


@njit(cache=True, nogil=True)
def _nearness(samples: int, step_m: float) -> NDArray[np.float64]:
    """One over the distance of each sample; the antenna's own is never asked."""
    out = np.zeros(samples)
    for k in range(1, samples):
        out[k] = 1.0 / (k * step_m)
    return out


@njit(cache=True, nogil=True)
def _seen(
    distance_m: float,
    rise_m: float,
    building: int,
    step_m: float,
    bend: float,
    top: NDArray[np.float64],
    front: NDArray[np.float64],
    label: NDArray[np.int32],
) -> bool:
    """Look up one receiver on a marched ray; indoors the outer wall of its building is asked."""
    k = max(math.ceil(distance_m / step_m) - 1, 0)
    slope = rise_m / distance_m - distance_m * (bend / step_m)
    block = top[k]
    if building > 0:
        # The ray's samples lie up to half a pixel beside the receiver: look one step around.
        if label[k] == building:
            block = front[k]
        elif label[k + 1] == building:
            block = front[k + 1]
        elif k > 0 and label[k - 1] == building:
            block = front[k - 1]
    return bool(slope >= block)


@njit(cache=True, nogil=True)
def ray_number(east_m: float, north_m: float, half: int) -> int:
    """Ray nearest to a direction: rays end on the pixels around a square, 2 half + 1 a side.

    Dividing by the longer leg finds the pixel: no arc tangent is needed.
    """
    if abs(east_m) >= abs(north_m):
        if east_m == 0.0:
            return half
        place = round(north_m / abs(east_m) * half) + half
        return place if east_m > 0.0 else place + 2 * (2 * half + 1)
    place = round(east_m / abs(north_m) * half) + half
    return place + (2 * half + 1) if north_m > 0.0 else place + 3 * (2 * half + 1)


@njit(cache=True, nogil=True)
def ray_direction(number: int, half: int) -> tuple[float, float]:
    """East and north parts of the unit vector along a ray."""
    side = number // (2 * half + 1)
    leg = (number - side * (2 * half + 1) - half) / half
    length = math.sqrt(1.0 + leg * leg)
    if side == 0:
        return 1.0 / length, leg / length
    if side == 1:
        return leg / length, 1.0 / length
    if side == 2:
        return -1.0 / length, leg / length
    return leg / length, -1.0 / length


@njit(cache=True, nogil=True)
def sort_by_ray(
    x_m: float,
    y_m: float,
    reach_m: float,
    half: int,
    receiver_x_m: NDArray[np.float64],
    receiver_y_m: NDArray[np.float64],
    ray: NDArray[np.int32],
    order: NDArray[np.int32],
    first: NDArray[np.int64],
) -> None:
    """Counting sort of the receivers within reach: ``order[first[r]:first[r + 1]]`` are ray r's."""
    first[:] = 0
    for i in range(receiver_x_m.size):
        east, north = receiver_x_m[i] - x_m, receiver_y_m[i] - y_m
        ray[i] = -1
        if east * east + north * north <= reach_m * reach_m:
            ray[i] = ray_number(east, north, half)
            first[ray[i] + 1] += 1
    for r in range(1, first.size):
        first[r] += first[r - 1]
    for i in range(receiver_x_m.size):
        if ray[i] >= 0:
            order[first[ray[i]]] = i
            first[ray[i]] += 1
    for r in range(first.size - 1, 0, -1):
        first[r] = first[r - 1]
    first[0] = 0


@njit(cache=True, nogil=True)
def sweep(
    heights: NDArray[np.float32],
    labels: NDArray[np.int32],
    grid: tuple[float, float, float],
    sites: NDArray[np.float64],
    own: NDArray[np.int32],
    receivers: NDArray[np.float64],
    building: NDArray[np.int32],
    step_m: float,
    bend: float,
    rays: float,
    out: NDArray[np.uint8],
) -> None:
    """Sight from each site to each receiver along shared rays.

    Parameters
    ----------
    heights, labels : float32 [y, x], int32 [y, x]
        Surface above sea level [m] and building numbers, first row northmost.
    grid : (float, float, float)
        West edge, north edge, pixel size [m].
    sites : float64 [site, 4]
        x, y, antenna above sea level, reach [m].
    own : int32 [site]
        Building the antenna stands on: it never blocks, and nobody in it is in sight; 0 none.
    receivers : float64 [3, receiver]
        x, y, height above sea level [m].
    building : int32 [receiver]
        Building a receiver is in; 0 outdoors.
    step_m : float
        Distance between samples [m].
    bend : float
        Fall of the horizon by the Earth's curvature, as slope per sample.
    rays : float
        Rays per surface pixel at the reach.
    out : uint8 [site, receiver]
        Filled: 1 in sight, 0 not or out of reach.
    """
    west, north, pixel = grid
    xs, ys, zs = receivers[0], receivers[1], receivers[2]
    ray = np.empty(xs.size, np.int32)
    order = np.empty(xs.size, np.int32)
    for s in range(sites.shape[0]):
        x, y, antenna, reach = sites[s, 0], sites[s, 1], sites[s, 2], sites[s, 3]
        half = max(math.ceil(reach / pixel * rays), 1)
        first = np.empty(4 * (2 * half + 1) + 1, np.int64)
        sort_by_ray(x, y, reach, half, xs, ys, ray, order, first)
        samples = int(reach / step_m) + 3
        nearness = _nearness(samples, step_m)
        top, front = np.empty(samples), np.empty(samples)
        label = np.empty(samples, np.int32)
        row, column = (north - y) / pixel, (x - west) / pixel
        out[s, :] = 0
        for r in range(first.size - 1):
            far = 0.0
            for p in range(first[r], first[r + 1]):
                i = order[p]
                far = max(far, (xs[i] - x) ** 2 + (ys[i] - y) ** 2)
            if first[r] == first[r + 1]:
                continue
            last = int(math.sqrt(far) / step_m) + 1
            e, n = ray_direction(r, half)
            _march(
                heights, labels, row, column, -n * step_m / pixel, e * step_m / pixel,
                antenna, own[s], nearness, bend, last, top, front, label,
            )  # fmt: skip
            for p in range(first[r], first[r + 1]):
                i = order[p]
                if own[s] > 0 and building[i] == own[s]:
                    continue
                d = max(math.sqrt((xs[i] - x) ** 2 + (ys[i] - y) ** 2), _CLOSE_M)
                if _seen(d, zs[i] - antenna, building[i], step_m, bend, top, front, label):
                    out[s, i] = 1


@njit(cache=True, nogil=True)
def exact(
    heights: NDArray[np.float32],
    labels: NDArray[np.int32],
    grid: tuple[float, float, float],
    sites: NDArray[np.float64],
    own: NDArray[np.int32],
    receivers: NDArray[np.float64],
    building: NDArray[np.int32],
    step_m: float,
    bend: float,
    rays: float,
    out: NDArray[np.uint8],
) -> None:
    """Sight along one ray of each receiver's own: the plain form of :func:`sweep`.

    Same parameters; ``rays`` is not asked.
    """
    west, north, pixel = grid
    for s in range(sites.shape[0]):
        x, y, antenna, reach = sites[s, 0], sites[s, 1], sites[s, 2], sites[s, 3]
        samples = int(reach / step_m) + 3
        nearness = _nearness(samples, step_m)
        top, front = np.empty(samples), np.empty(samples)
        label = np.empty(samples, np.int32)
        row, column = (north - y) / pixel, (x - west) / pixel
        for i in range(receivers.shape[1]):
            e, n = receivers[0, i] - x, receivers[1, i] - y
            d = max(math.sqrt(e * e + n * n), _CLOSE_M)
            out[s, i] = 0
            if d > reach or (own[s] > 0 and building[i] == own[s]):
                continue
            last = int(d / step_m) + 1
            scale = step_m / pixel / d
            _march(
                heights, labels, row, column, -n * scale, e * scale,
                antenna, own[s], nearness, bend, last, top, front, label,
            )  # fmt: skip
            if _seen(
                d, receivers[2, i] - antenna, building[i], step_m, bend, top, front, label
            ):  # fmt: skip
                out[s, i] = 1
