"""What Longley-Rice (ITM 1.2.2) takes from a profile: horizons, roughness, effective heights.

The profile's points are evenly spaced; ``heights`` holds the bare ground, transmitter first.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Where each quantity stands in a summary; pairs are transmitter, receiver.
DISTANCE, DELTA_H, THETA, HORIZON, EFFECTIVE = 0, 1, 2, 4, 6
SUMMARY_SIZE = 8
_MOST_SAMPLES = 245


@njit(cache=True, error_model="numpy")
def line_at_ends(
    heights: NDArray[np.float64], step: float, start: float, end: float
) -> tuple[float, float]:
    """Fit a line by least squares between two distances; return it at both ends of the profile."""
    last = heights.size - 1
    first, final = int(max(start / step, 0.0)), last - int(max(last - end / step, 0.0))
    if final <= first:
        first, final = max(first - 1, 0), min(final + 1, last)
    width = final - first
    offset = -0.5 * width
    middle = final + offset
    mean = 0.5 * (heights[first] + heights[final])
    tilt = 0.5 * (heights[first] - heights[final]) * offset
    for i in range(first + 1, final):
        offset += 1.0
        mean += heights[i]
        tilt += heights[i] * offset
    mean /= width
    tilt *= 12.0 / ((width * width + 2.0) * width)
    return mean - tilt * middle, mean + tilt * (last - middle)


@njit(cache=True, error_model="numpy")
def _resampled(
    heights: NDArray[np.float64], start: float, step: float, count: int
) -> NDArray[np.float64]:
    """Sample a profile at ``count`` points; positions in profile steps, ends continued straight."""
    samples = np.empty(count)
    for j in range(count):
        at = start + j * step
        right = min(max(math.ceil(at), int(start + 1.0)), heights.size - 1)
        samples[j] = heights[right] + (heights[right] - heights[right - 1]) * (at - right)
    return samples


@njit(cache=True, error_model="numpy")
def interdecile_range(heights: NDArray[np.float64], step: float, start: float, end: float) -> float:
    """Terrain irregularity delta h [m]: tenths of heights about a line, as for a long path."""
    span = (end - start) / step
    if span < 2.0:
        return 0.0
    tenth = min(max(4, int(0.1 * (span + 8.0))), 25)
    count = min(10 * tenth - 5, _MOST_SAMPLES)
    samples = _resampled(heights, start / step, span / (count - 1.0), count)
    left, right = line_at_ends(samples, 1.0, 0.0, count - 1.0)
    for j in range(count):
        samples[j] -= left + (right - left) * j / (count - 1.0)
    samples = np.sort(samples)
    between: float = samples[count - tenth] - samples[tenth - 1]
    return between / (1.0 - 0.8 * math.exp(-(end - start) / 50e3))


@njit(cache=True, error_model="numpy")
def _horizons(
    heights: NDArray[np.float64],
    step: float,
    tx_height_m: float,
    rx_height_m: float,
    curvature: float,
    summary: NDArray[np.float64],
) -> None:
    """Note elevation angles [rad] and distances [m] of both horizons; each other where in sight."""
    last = heights.size - 1
    length, half = last * step, 0.5 * curvature
    low, high = heights[0] + tx_height_m, heights[last] + rx_height_m
    slope = (high - low) / length
    tx_angle, rx_angle = slope - half * length, -slope - half * length
    tx_far, rx_far = length, length
    hidden = False
    for i in range(1, last):
        ahead, back = i * step, length - i * step
        above = heights[i] - (half * ahead + tx_angle) * ahead - low
        if above > 0.0:
            tx_angle, tx_far, hidden = tx_angle + above / ahead, ahead, True
        if hidden:
            above = heights[i] - (half * back + rx_angle) * back - high
            if above > 0.0:
                rx_angle, rx_far = rx_angle + above / back, back
    summary[THETA], summary[THETA + 1] = tx_angle, rx_angle
    summary[HORIZON], summary[HORIZON + 1] = tx_far, rx_far


@njit(cache=True, error_model="numpy")
def _smooth_horizon(effective: float, delta_h: float, curvature: float) -> float:
    """Horizon distance over rough ground of an effective height [m]."""
    smooth = math.sqrt(2.0 * effective / curvature)
    return smooth * math.exp(-0.07 * math.sqrt(delta_h / max(effective, 5.0)))


@njit(cache=True, error_model="numpy")
def _in_sight(curvature: float, summary: NDArray[np.float64]) -> None:
    """Put statistical horizons in place of the profile's, far enough apart to see one another."""
    delta_h, length = summary[DELTA_H], summary[DISTANCE]
    reach = 0.0
    for j in range(2):
        summary[HORIZON + j] = _smooth_horizon(summary[EFFECTIVE + j], delta_h, curvature)
        reach += summary[HORIZON + j]
    if reach <= length:
        for j in range(2):
            summary[EFFECTIVE + j] *= (length / reach) ** 2
            summary[HORIZON + j] = _smooth_horizon(summary[EFFECTIVE + j], delta_h, curvature)
    for j in range(2):
        effective = summary[EFFECTIVE + j]
        smooth = math.sqrt(2.0 * effective / curvature)
        dip = 0.65 * delta_h * (smooth / summary[HORIZON + j] - 1.0)
        summary[THETA + j] = (dip - 2.0 * effective) / smooth


@njit(cache=True, error_model="numpy")
def profile_summary(
    heights: NDArray[np.float64],
    step: float,
    tx_height_m: float,
    rx_height_m: float,
    curvature: float,
    summary: NDArray[np.float64],
) -> None:
    """Fill a summary of the profile.

    Parameters
    ----------
    heights : ndarray, shape (n,)
        Ground above sea level [m], evenly spaced.
    step : float
        Spacing [m].
    tx_height_m, rx_height_m : float
        Antennas above ground [m].
    curvature : float
        Of the effective Earth [1/m].
    summary : ndarray, shape (8,)
        Is filled.

    References
    ----------
    G. A. Hufford, The ITS Irregular Terrain Model, version 1.2.2: The Algorithm (1995), 2 and 3.
    """
    last = heights.size - 1
    length = last * step
    summary[DISTANCE] = length
    _horizons(heights, step, tx_height_m, rx_height_m, curvature, summary)
    tx_far, rx_far = summary[HORIZON], summary[HORIZON + 1]
    start = min(15.0 * tx_height_m, 0.1 * tx_far)
    end = length - min(15.0 * rx_height_m, 0.1 * rx_far)
    summary[DELTA_H] = interdecile_range(heights, step, start, end)
    sees = tx_far + rx_far > 1.5 * length
    if sees:
        left, right = line_at_ends(heights, step, start, end)
    else:
        left, _ = line_at_ends(heights, step, start, 0.9 * tx_far)
        _, right = line_at_ends(heights, step, length - 0.9 * rx_far, end)
    summary[EFFECTIVE] = tx_height_m + max(heights[0] - left, 0.0)
    summary[EFFECTIVE + 1] = rx_height_m + max(heights[last] - right, 0.0)
    if sees:
        _in_sight(curvature, summary)
