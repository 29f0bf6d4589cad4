"""Reference attenuation of Longley-Rice (ITM 1.2.2): line of sight, diffraction, troposcatter.

Numbers in brackets are equations of G. A. Hufford, The ITS Irregular Terrain Model, version 1.2.2:
The Algorithm (1995).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.propagation.itm_profile import DELTA_H, DISTANCE, EFFECTIVE, HORIZON, THETA

LINE_OF_SIGHT, DIFFRACTION, TROPOSCATTER = range(3)
#: Frequency [MHz] over wave number [1/m].
MHZ_TIMES_M = 47.7
_NO_SCATTER_DB = 1001.0
_H01_SQUARE = (25.0, 80.0, 177.0, 395.0, 705.0)
_H01_LINEAR = (24.0, 45.0, 68.0, 80.0, 105.0)


@njit(cache=True, error_model="numpy")
def roughness(distance_m: float, delta_h: float) -> float:
    """Terrain irregularity over a path of this length [m] (3)."""
    return delta_h * (1.0 - 0.8 * math.exp(-distance_m / 50e3))


@njit(cache=True, error_model="numpy")
def _spread(rough: float) -> float:
    """Standard deviation of the ground's height [m] (3.9)."""
    return 0.78 * rough * math.exp(-((rough / 16.0) ** 0.25))


@njit(cache=True, error_model="numpy")
def _knife_edge(square: float) -> float:
    """Loss of a knife edge [dB] of the square of its parameter (6.1)."""
    if square < 5.76:
        return 6.02 + 9.11 * math.sqrt(max(square, 0.0)) - 1.27 * square
    return 12.953 + 10.0 * math.log10(square)


@njit(cache=True, error_model="numpy")
def _height_gain(x: float, k: float) -> float:
    """Height gain over a smooth Earth [dB] (6.3 to 6.7)."""
    if x >= 200.0:
        gain = 0.05751 * x - 4.343 * math.log(x)
        if x >= 2000.0:
            return gain
        share = 0.0134 * x * math.exp(-0.005 * x)
        return (1.0 - share) * gain + share * (17.372 * math.log(x) - 117.0)
    w = -math.log(k)
    if k < 1e-5 or x * w**3 > 5495.0:
        return 17.372 * math.log(x) - 117.0 if x > 1.0 else -117.0
    return 2.5e-5 * x * x / k - 8.686 * w - 15.0


@njit(cache=True, error_model="numpy")
def _smooth_earth(
    distance_m: float,
    wave: float,
    ground: complex,
    angle: float,
    beyond: float,
    s: NDArray[np.float64],
) -> float:
    """Diffraction over three radii of the Earth [dB] (4.20)."""
    inverse = 1.0 / abs(ground)
    gains, x = 20.0, 0.0
    for j in range(2):
        radius = 0.5 * s[HORIZON + j] ** 2 / s[EFFECTIVE + j]
        size = (radius * wave) ** (1.0 / 3.0)
        part = (1.607 - inverse / size) * 151.0 * size * s[HORIZON + j] / radius
        gains += _height_gain(part, inverse / size)
        x += part
    size = (beyond / angle * wave) ** (1.0 / 3.0)
    x += (1.607 - inverse / size) * 151.0 * size * angle
    loss: float = 0.05751 * x - 4.343 * math.log(x) - gains
    return loss


@njit(cache=True, error_model="numpy")
def _seen_angle(curvature: float, s: NDArray[np.float64]) -> float:
    """Sum of the horizon angles [rad], at least that of the Earth between the horizons (4.6)."""
    reach = s[HORIZON] + s[HORIZON + 1]
    both: float = s[THETA] + s[THETA + 1]
    seen: float = max(both, -reach * curvature)
    return seen


@njit(cache=True, error_model="numpy")
def _smooth_reach(curvature: float, s: NDArray[np.float64]) -> float:
    """Distance at which the effective heights lose sight of one another over a smooth Earth [m]."""
    return math.sqrt(2.0 * s[EFFECTIVE] / curvature) + math.sqrt(2.0 * s[EFFECTIVE + 1] / curvature)


@njit(cache=True, error_model="numpy")
def diffraction(
    distance_m: float,
    wave: float,
    ground: complex,
    curvature: float,
    tx_height_m: float,
    rx_height_m: float,
    s: NDArray[np.float64],
) -> float:
    """Diffraction attenuation at a distance beyond the horizons [dB] (4.11)."""
    reach, seen = s[HORIZON] + s[HORIZON + 1], _seen_angle(curvature, s)
    angle, beyond = seen + distance_m * curvature, distance_m - reach
    edges = 0.0
    for j in range(2):
        far = s[HORIZON + j]
        edges += _knife_edge(0.0795775 * wave * angle**2 * beyond * far / (beyond + far))
    smooth = _smooth_earth(distance_m, wave, ground, angle, beyond, s)
    masts = tx_height_m * rx_height_m
    spread = _spread(roughness(_smooth_reach(curvature, s), s[DELTA_H]))
    clutter = min(15.0, 2.171 * math.log(1.0 + 4.77e-4 * masts * wave * spread))
    lifted = math.sqrt((s[EFFECTIVE] * s[EFFECTIVE + 1] + 10.0) / (masts + 10.0))
    lifted += (reach + seen / curvature) / distance_m
    rough = lifted * min(roughness(distance_m, s[DELTA_H]) * wave, 6283.2)
    weight = 25.1 / (25.1 + math.sqrt(max(rough, 0.0)))
    return weight * smooth + (1.0 - weight) * edges + clutter


@njit(cache=True, error_model="numpy")
def _two_rays(
    distance_m: float,
    wave: float,
    ground: complex,
    curvature: float,
    line: tuple[float, float],
    s: NDArray[np.float64],
) -> float:
    """Attenuation in sight of one another: two rays and the diffraction line, mixed [dB] (4.44)."""
    spread = _spread(roughness(distance_m, s[DELTA_H]))
    both = s[EFFECTIVE] + s[EFFECTIVE + 1]
    sine = both / math.sqrt(distance_m**2 + both**2)
    fading = math.exp(-min(10.0, wave * spread * sine))
    reflected = (sine - ground) / (sine + ground) * fading
    power = abs(reflected) ** 2
    if power < 0.25 or power < sine:
        reflected *= math.sqrt(sine / power)
    phase = 2.0 * wave * s[EFFECTIVE] * s[EFFECTIVE + 1] / distance_m
    if phase > 1.57:
        phase = 3.14 - 2.4649 / phase
    rays = abs(complex(math.cos(phase), -math.sin(phase)) + reflected)
    diffracted = line[0] + line[1] * distance_m
    far = max(10e3, _smooth_reach(curvature, s))
    weight = 0.021 / (0.021 + wave * s[DELTA_H] / far)
    loss: float = weight * (-20.0 * math.log10(rays)) + (1.0 - weight) * diffracted
    return loss


@njit(cache=True, error_model="numpy")
def in_sight(
    wave: float,
    ground: complex,
    curvature: float,
    line: tuple[float, float],
    s: NDArray[np.float64],
) -> float:
    """Attenuation within the smooth Earth's horizon [dB] (4.28 to 4.39)."""
    reach, d2 = s[HORIZON] + s[HORIZON + 1], _smooth_reach(curvature, s)
    start, slope = line
    a2 = start + slope * d2
    d0 = 1.908 * wave * s[EFFECTIVE] * s[EFFECTIVE + 1]
    if start >= 0.0:
        d0 = min(d0, 0.5 * reach)
        d1 = d0 + 0.25 * (reach - d0)
    else:
        d1 = max(-start / slope, 0.25 * reach)
    a1 = _two_rays(d1, wave, ground, curvature, line, s)
    k1, k2, curved = 0.0, 0.0, False
    if d0 < d1:
        a0 = _two_rays(d0, wave, ground, curvature, line, s)
        q = math.log(d2 / d0)
        bend = (d2 - d0) * math.log(d1 / d0) - (d1 - d0) * q
        k2 = max(0.0, ((d2 - d0) * (a1 - a0) - (d1 - d0) * (a2 - a0)) / bend)
        curved = start >= 0.0 or k2 > 0.0
        if curved:
            k1 = (a2 - a0 - k2 * q) / (d2 - d0)
            if k1 < 0.0:
                k1, k2 = 0.0, max(a2 - a0, 0.0) / q
                k1 = slope if k2 == 0.0 else 0.0
    if not curved:
        k1, k2 = max(a2 - a1, 0.0) / (d2 - d1), 0.0
        k1 = slope if k1 == 0.0 else k1
    distance = s[DISTANCE]
    loss: float = a2 + k1 * (distance - d2) + k2 * math.log(distance / d2)
    return loss


@njit(cache=True, error_model="numpy")
def _frequency_gain(r: float, efficiency: float) -> float:
    """H01 [dB] (6.13), straight between whole scattering efficiencies 1 to 5."""
    row = min(max(int(efficiency), 1), 5)
    x = (1.0 / r) ** 2
    gain = 4.343 * math.log((_H01_SQUARE[row - 1] * x + _H01_LINEAR[row - 1]) * x + 1.0)
    share = efficiency - row
    if row >= 5 or share <= 0.0:
        return gain
    above = 4.343 * math.log((_H01_SQUARE[row] * x + _H01_LINEAR[row]) * x + 1.0)
    return (1.0 - share) * gain + share * above


@njit(cache=True, error_model="numpy")
def _scatter_gain(
    distance_m: float,
    wave: float,
    curvature: float,
    refractivity: float,
    s: NDArray[np.float64],
) -> float:
    """H0 [dB] of troposcatter (4.63 ff.); minus one where scatter is not defined."""
    angle = s[THETA] + s[THETA + 1] + distance_m * curvature
    r1, r2 = 2.0 * wave * angle * s[EFFECTIVE], 2.0 * wave * angle * s[EFFECTIVE + 1]
    if r1 < 0.2 and r2 < 0.2:
        return -1.0
    apart, ratio = s[HORIZON] - s[HORIZON + 1], s[EFFECTIVE + 1] / s[EFFECTIVE]
    if apart < 0.0:
        apart, ratio = -apart, 1.0 / ratio
    skew = (distance_m - apart) / (distance_m + apart)
    q, skew = min(max(0.1, ratio / skew), 10.0), max(0.1, skew)
    cross = (distance_m - apart) * (distance_m + apart) * angle * 0.25 / distance_m
    thin = (5.67e-6 * refractivity - 2.32e-3) * refractivity + 0.031
    efficiency = (thin * math.exp(-(min(1.7, cross / 8.0e3) ** 6)) + 1.0) * cross / 1.7556e3
    full = max(efficiency, 1.0)
    gain = 0.5 * (_frequency_gain(r1, full) + _frequency_gain(r2, full))
    gain += min(gain, (1.38 - math.log(full)) * math.log(skew) * math.log(q) * 0.49)
    gain = max(gain, 0.0)
    if efficiency < 1.0:
        both = ((1.0 + 1.4142 / r1) * (1.0 + 1.4142 / r2)) ** 2 * (r1 + r2) / (r1 + r2 + 2.8284)
        gain = efficiency * gain + (1.0 - efficiency) * 4.343 * math.log(both)
    return gain


@njit(cache=True, error_model="numpy")
def _scatter_curve(reach: float) -> float:
    """F(theta d) [dB] (6.9)."""
    if reach <= 10e3:
        return 133.4 + 0.332e-3 * reach - 4.343 * math.log(reach)
    if reach <= 70e3:
        return 104.6 + 0.212e-3 * reach - 1.086 * math.log(reach)
    return 71.8 + 0.157e-3 * reach + 2.171 * math.log(reach)


@njit(cache=True, error_model="numpy")
def _scatter(
    distance_m: float,
    wave: float,
    curvature: float,
    refractivity: float,
    gain: float,
    s: NDArray[np.float64],
) -> float:
    """Troposcatter attenuation [dB] (4.63)."""
    angle = _seen_angle(curvature, s) + distance_m * curvature
    loss = _scatter_curve(angle * distance_m)
    loss += 4.343 * math.log(MHZ_TIMES_M * wave * angle**4)
    return loss - 0.1 * (refractivity - 301.0) * math.exp(-angle * distance_m / 40e3) + gain


@njit(cache=True, error_model="numpy")
def _scatter_line(
    wave: float, curvature: float, refractivity: float, s: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Return a distance far beyond the horizon [m], the scatter there [dB] and its slope."""
    d5 = s[HORIZON] + s[HORIZON + 1] + 200e3
    d6 = d5 + 200e3
    gain6 = _scatter_gain(d6, wave, curvature, refractivity, s)
    gain5 = _scatter_gain(d5, wave, curvature, refractivity, s)
    if gain6 > 15.0 or gain5 > 15.0:
        gain5 = gain6
    if gain5 < 0.0:
        return d5, _NO_SCATTER_DB, 0.0
    a5 = _scatter(d5, wave, curvature, refractivity, gain5, s)
    a6 = _scatter(d6, wave, curvature, refractivity, gain6, s)
    return d5, a5, (a6 - a5) / 200e3


@njit(cache=True, error_model="numpy")
def reference_attenuation(
    wave: float,
    ground: complex,
    curvature: float,
    refractivity: float,
    tx_height_m: float,
    rx_height_m: float,
    s: NDArray[np.float64],
) -> tuple[float, int]:
    """Attenuation in excess of free space [dB], and by what: the heart of the model (4.1)."""
    distance, reach = s[DISTANCE], s[HORIZON] + s[HORIZON + 1]
    smooth = _smooth_reach(curvature, s)
    scale = (wave * curvature**2) ** (-1.0 / 3.0)
    d3 = max(smooth, reach + 1.3787 * scale)
    d4 = d3 + 2.7574 * scale
    a3 = diffraction(d3, wave, ground, curvature, tx_height_m, rx_height_m, s)
    a4 = diffraction(d4, wave, ground, curvature, tx_height_m, rx_height_m, s)
    slope = (a4 - a3) / (d4 - d3)
    start = a3 - slope * d3
    if distance < smooth:
        return max(in_sight(wave, ground, curvature, (start, slope), s), 0.0), LINE_OF_SIGHT
    d5, a5, rise = _scatter_line(wave, curvature, refractivity, s)
    if a5 < 1000.0:
        turn = max(smooth, reach + 0.3 * scale * math.log(MHZ_TIMES_M * wave))
        turn = max(turn, (a5 - start - rise * d5) / (slope - rise))
        if distance > turn:
            return max((slope - rise) * turn + start + rise * distance, 0.0), TROPOSCATTER
    return max(start + slope * distance, 0.0), DIFFRACTION
