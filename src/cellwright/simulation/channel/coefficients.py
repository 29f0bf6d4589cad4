"""Channel coefficients of one link from its rays and two arrays (TR 38.901 clause 7.5, step 11)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.channel.arrays import ArrayForm
from cellwright.simulation.channel.clusters import Rays

Floats = NDArray[np.float64]


@njit(cache=True)
def pattern_amplitude(pattern: Floats, up: float, front: float, left: float) -> float:
    """Field of one element towards a direction of its own frame (Table 7.3-1); isotropic = 1."""
    if pattern[0] == 0.0:
        return 1.0
    zenith = math.degrees(math.acos(min(1.0, max(-1.0, up))))
    azimuth = math.degrees(math.atan2(left, front))
    vertical = min(12.0 * ((zenith - 90.0) / pattern[3]) ** 2, pattern[5])
    horizontal = min(12.0 * (azimuth / pattern[2]) ** 2, pattern[4])
    gain_db = pattern[1] - min(vertical + horizontal, pattern[4])
    return math.exp(gain_db * 0.11512925464970229)


@njit(cache=True)
def _beam(count: float, spacing: float, cosine: float) -> float:
    """Sum of ``count`` equal elements, phased to ``cosine`` = 0, over the root of their number."""
    if count == 1.0:
        return 1.0
    half = math.pi * spacing * cosine
    low = math.sin(half)
    if abs(low) < 1e-9:
        # a grating lobe has the sign of the sum about the middle
        turns = round(half / math.pi) * (count - 1.0)
        return math.sqrt(count) * (1.0 if turns % 2.0 == 0.0 else -1.0)
    return math.sin(count * half) / (low * math.sqrt(count))


@njit(cache=True)
def response(
    form: ArrayForm,
    turn: Floats,
    tilt_cosine: float,
    direction: Floats,
    across: Any,
    up: Any,
    field: Floats,
) -> None:
    """Fill an array's answer to one direction.

    Parameters
    ----------
    form : ArrayForm
        The array.
    turn : float64 [3, 3]
        From its own frame to the world's.
    tilt_cosine : float
        Cosine of the zenith angle the subarrays are phased to.
    direction : float64 [4]
        Cosine and sine of azimuth and of zenith.
    across, up : complex128 [place]
        Filled: phase of each column and row of ports.
    field : float64 [polarisation, 2]
        Filled: field of a port along the world's theta and phi.
    """
    ca, sa, cz, sz = direction[0], direction[1], direction[2], direction[3]
    x, y, z = sz * ca, sz * sa, cz
    front = turn[0, 0] * x + turn[1, 0] * y + turn[2, 0] * z
    left = turn[0, 1] * x + turn[1, 1] * y + turn[2, 1] * z
    top = turn[0, 2] * x + turn[1, 2] * y + turn[2, 2] * z
    size = pattern_amplitude(form.pattern, top, front, left)
    size *= _beam(form.subarray[0], form.subarray[1], top - tilt_cosine)
    size *= _beam(form.subarray[2], form.subarray[3], left)
    # psi turns the array's own theta and phi into the world's (equation 7.1-13)
    level = math.hypot(front, left)
    cos_psi, sin_psi = 1.0, 0.0
    if level > 1e-9:
        a, b, c = top * front / level, top * left / level, -level
        wx = turn[0, 0] * a + turn[0, 1] * b + turn[0, 2] * c
        wy = turn[1, 0] * a + turn[1, 1] * b + turn[1, 2] * c
        wz = turn[2, 0] * a + turn[2, 1] * b + turn[2, 2] * c
        cos_psi = wx * cz * ca + wy * cz * sa - wz * sz
        sin_psi = wy * ca - wx * sa
    for p in range(form.slant.size):
        own_theta, own_phi = size * math.cos(form.slant[p]), size * math.sin(form.slant[p])
        field[p, 0] = own_theta * cos_psi - own_phi * sin_psi
        field[p, 1] = own_theta * sin_psi + own_phi * cos_psi
    for i in range(form.y.size):
        phase = 2.0 * math.pi * form.y[i] * left
        across[i] = complex(math.cos(phase), math.sin(phase))
    for i in range(form.z.size):
        phase = 2.0 * math.pi * form.z[i] * top
        up[i] = complex(math.cos(phase), math.sin(phase))


@njit(cache=True, fastmath=True)
def coefficients(
    rays: Rays,
    base: ArrayForm,
    base_turn: Floats,
    tilt_cosine: float,
    user: ArrayForm,
    user_turn: Floats,
    user_tilt_cosine: float,
    doppler: Floats,
    offsets_hz: Floats,
    out: NDArray[np.complex64],
) -> None:
    """Fill the channel of one link at each frequency; Numba kernel.

    Parameters
    ----------
    rays : Rays
        Rays and delays of the link.
    base, user : ArrayForm
        Arrays at both ends.
    base_turn, user_turn : float64 [3, 3]
        Their orientation.
    tilt_cosine, user_tilt_cosine : float
        Cosine of the zenith angle their subarrays are phased to.
    doppler : float64 [3]
        Way of the user since time 0, in wavelengths: east, north, up.
    offsets_hz : float64 [block]
        Frequencies against the carrier [Hz].
    out : complex64 [block, receive, transmit]
        Filled.
    """
    places, user_places = base.column.size, user.column.size
    poles, user_poles = base.slant.size, user.slant.size
    transmit, receive = places * poles, user_places * user_poles
    bins = rays.used[1]
    real = np.zeros((bins, receive, transmit), np.float32)
    imag = np.zeros((bins, receive, transmit), np.float32)
    across, up = np.empty(base.y.size, np.complex128), np.empty(base.z.size, np.complex128)
    user_across = np.empty(user.y.size, np.complex128)
    user_up = np.empty(user.z.size, np.complex128)
    field, user_field = np.empty((poles, 2)), np.empty((user_poles, 2))
    wave_real, wave_imag = np.empty(places, np.float32), np.empty(places, np.float32)
    way = np.empty(4)
    for i in range(rays.used[0]):
        _direct(rays.angle[i, 0], rays.angle[i, 1], way)
        response(base, base_turn, tilt_cosine, way, across, up, field)
        for q in range(places):
            value = across[base.column[q]] * up[base.row[q]]
            wave_real[q], wave_imag[q] = value.real, value.imag
        _direct(rays.angle[i, 2], rays.angle[i, 3], way)
        response(user, user_turn, user_tilt_cosine, way, user_across, user_up, user_field)
        phase = (
            2.0
            * math.pi
            * (way[3] * (way[0] * doppler[0] + way[1] * doppler[1]) + way[2] * doppler[2])
        )
        turn = complex(math.cos(phase), math.sin(phase))
        here_real, here_imag = real[rays.bin[i]], imag[rays.bin[i]]
        for r in range(user_poles):
            theta = user_field[r, 0] * rays.polar[i, 0] + user_field[r, 1] * rays.polar[i, 2]
            phi = user_field[r, 0] * rays.polar[i, 1] + user_field[r, 1] * rays.polar[i, 3]
            for s in range(poles):
                pole = turn * (theta * field[s, 0] + phi * field[s, 1])
                for u in range(user_places):
                    gain = pole * user_across[user.column[u]] * user_up[user.row[u]]
                    _add(
                        here_real[r * user_places + u, s * places : (s + 1) * places],
                        here_imag[r * user_places + u, s * places : (s + 1) * places],
                        np.float32(gain.real),
                        np.float32(gain.imag),
                        wave_real,
                        wave_imag,
                    )
    _to_frequency(rays.delay, bins, offsets_hz, real, imag, user.port, base.port, out)


@njit(cache=True, inline="always")
def _direct(azimuth: float, zenith: float, out: Floats) -> None:
    """Fill cosine and sine of azimuth and of zenith."""
    out[0], out[1] = math.cos(azimuth), math.sin(azimuth)
    out[2], out[3] = math.cos(zenith), math.sin(zenith)


@njit(cache=True, fastmath=True, inline="always")
def _add(real: Any, imag: Any, a: Any, b: Any, wave_real: Any, wave_imag: Any) -> None:
    """Add a complex number times a wave."""
    for q in range(wave_real.size):
        real[q] += a * wave_real[q] - b * wave_imag[q]
        imag[q] += a * wave_imag[q] + b * wave_real[q]


@njit(cache=True, fastmath=True)
def _to_frequency(
    delay: Floats,
    bins: int,
    offsets_hz: Floats,
    real: NDArray[np.float32],
    imag: NDArray[np.float32],
    user_port: NDArray[np.int64],
    base_port: NDArray[np.int64],
    out: NDArray[np.complex64],
) -> None:
    """Sum the delays at each frequency and put every port where it belongs."""
    receive, transmit = real.shape[1], real.shape[2]
    total = receive * transmit
    flat_real, flat_imag = real.reshape((bins, total)), imag.reshape((bins, total))
    sum_real, sum_imag = np.empty(total, np.float32), np.empty(total, np.float32)
    rows, columns = user_port.ravel(), base_port.ravel()
    for f in range(offsets_hz.size):
        sum_real[:] = np.float32(0.0)
        sum_imag[:] = np.float32(0.0)
        for b in range(bins):
            phase = -2.0 * math.pi * ((offsets_hz[f] * delay[b]) % 1.0)
            c, s = np.float32(math.cos(phase)), np.float32(math.sin(phase))
            _add(sum_real, sum_imag, c, s, flat_real[b], flat_imag[b])
        for r in range(receive):
            for t in range(transmit):
                k = r * transmit + t
                out[f, rows[r], columns[t]] = complex(sum_real[k], sum_imag[k])
