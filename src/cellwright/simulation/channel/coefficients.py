"""Channel coefficients from rays and two arrays (TR 38.901 clause 7.5, step 11)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

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
    level = math.sqrt(front * front + left * left)
    cos_psi, sin_psi = 1.0, 0.0
    if level > 1e-9:
        a, b, c = top * front / level, top * left / level, -level
        wx = turn[0, 0] * a + turn[0, 1] * b + turn[0, 2] * c
        wy = turn[1, 0] * a + turn[1, 1] * b + turn[1, 2] * c
        wz = turn[2, 0] * a + turn[2, 1] * b + turn[2, 2] * c
        cos_psi = wx * cz * ca + wy * cz * sa - wz * sz
        sin_psi = wy * ca - wx * sa
    for p in range(form.slant.shape[0]):
        own_theta, own_phi = size * form.slant[p, 0], size * form.slant[p, 1]
        field[p, 0] = own_theta * cos_psi - own_phi * sin_psi
        field[p, 1] = own_theta * sin_psi + own_phi * cos_psi
    _phases(form.y, left, across)
    _phases(form.z, top, up)


@njit(cache=True)
def _phases(place: Floats, cosine: float, out: Any) -> None:
    """Fill the phases of places that lie evenly about 0, so that half are conjugates."""
    last = place.size - 1
    for i in range(place.size // 2):
        phase = 2.0 * math.pi * place[i] * cosine
        c, s = math.cos(phase), math.sin(phase)
        out[i], out[last - i] = complex(c, s), complex(c, -s)
    if last % 2 == 0:
        out[last // 2] = 1.0


class Ends(NamedTuple):
    """Where both ends of each channel look and how the user has moved.

    ``ray`` [channel] which rays of the store, channels of the same rays in a row; ``slot``
    [channel] where the result goes; ``base_turn``, ``user_turn`` [channel, 3, 3] from the
    arrays' own frames to the world's; ``tilt_cosine`` [channel, 2] of the zenith angle the
    subarrays of base and user are phased to; ``doppler`` [channel, 3] way of the user since
    time 0 in wavelengths: east, north, up.
    """

    ray: NDArray[np.int64]
    slot: NDArray[np.int64]
    base_turn: Floats
    user_turn: Floats
    tilt_cosine: Floats
    doppler: Floats


@njit(cache=True, nogil=True)
def channels(
    rays: Rays,
    ends: Ends,
    base: ArrayForm,
    user: ArrayForm,
    offsets_hz: Floats,
    out: NDArray[np.complex64],
) -> None:
    """Fill channels at each frequency; Numba kernel.

    Parameters
    ----------
    rays : Rays
        Rays and delays.
    ends : Ends
        What each channel looks like at both ends.
    base, user : ArrayForm
        Arrays.
    offsets_hz : float64 [block]
        Frequencies against the carrier [Hz].
    out : complex64 [slot, block, receive, transmit]
        Filled.
    """
    most, receive = rays.angle.shape[1], user.port.size
    heard = np.empty((most, receive, 2), np.complex128)
    before = -1
    for c in range(ends.ray.size):
        k = ends.ray[c]
        if k != before:
            _hear(rays, k, user, ends.user_turn[c], ends.tilt_cosine[c, 1], ends.doppler[c], heard)
            before = k
        bins = rays.used[k, 1]
        real = np.zeros((bins, receive, base.port.size), np.float32)
        imag = np.zeros((bins, receive, base.port.size), np.float32)
        _radiate(rays, k, heard, base, ends.base_turn[c], ends.tilt_cosine[c, 0], real, imag)
        _to_frequency(
            rays.delay[k], offsets_hz, real, imag, user.port, base.port, out[ends.slot[c]]
        )


@njit(cache=True, nogil=True)
def ray_powers(
    rays: Rays, ends: Ends, base: ArrayForm, user: ArrayForm, out: NDArray[np.float32]
) -> None:
    """Fill the power of channels, summed over rays without their phases; Numba kernel.

    Parameters
    ----------
    rays, ends, base, user
        As in :func:`channels`.
    out : float32 [slot, receive, transmit]
        Filled.
    """
    heard = np.empty((rays.angle.shape[1], user.port.size, 2), np.complex128)
    across, up = np.empty(base.y.size, np.complex128), np.empty(base.z.size, np.complex128)
    field, way = np.empty((base.slant.shape[0], 2)), np.empty(4)
    before, places = -1, base.column.size
    for c in range(ends.ray.size):
        k = ends.ray[c]
        if k != before:
            _hear(rays, k, user, ends.user_turn[c], ends.tilt_cosine[c, 1], ends.doppler[c], heard)
            before = k
        for i in range(rays.used[k, 0]):
            _direct(rays.angle[k, i, 0], rays.angle[k, i, 1], way)
            response(base, ends.base_turn[c], ends.tilt_cosine[c, 0], way, across, up, field)
            for r in range(user.port.size):
                for s in range(field.shape[0]):
                    gain = heard[i, r, 0] * field[s, 0] + heard[i, r, 1] * field[s, 1]
                    power = gain.real * gain.real + gain.imag * gain.imag
                    for q in range(places):
                        slot = ends.slot[c]
                        out[slot, user.port.ravel()[r], base.port[s, q]] += power


@njit(cache=True)
def _hear(
    rays: Rays,
    k: int,
    user: ArrayForm,
    turn: Floats,
    tilt_cosine: float,
    doppler: Floats,
    out: NDArray[np.complex128],
) -> None:
    """Fill what each port of the user makes of each ray, complex128 [ray, receive, 2].

    The last axis is the ray's field at departure along theta and phi.
    """
    places, poles = user.column.size, user.slant.shape[0]
    across, up = np.empty(user.y.size, np.complex128), np.empty(user.z.size, np.complex128)
    field, way = np.empty((poles, 2)), np.empty(4)
    for i in range(rays.used[k, 0]):
        _direct(rays.angle[k, i, 2], rays.angle[k, i, 3], way)
        response(user, turn, tilt_cosine, way, across, up, field)
        east_north = way[3] * (way[0] * doppler[0] + way[1] * doppler[1])
        phase = 2.0 * math.pi * (east_north + way[2] * doppler[2])
        shift = complex(math.cos(phase), math.sin(phase))
        for r in range(poles):
            theta = field[r, 0] * rays.polar[k, i, 0] + field[r, 1] * rays.polar[k, i, 2]
            phi = field[r, 0] * rays.polar[k, i, 1] + field[r, 1] * rays.polar[k, i, 3]
            for u in range(places):
                wave = shift * across[user.column[u]] * up[user.row[u]]
                out[i, r * places + u, 0] = theta * wave
                out[i, r * places + u, 1] = phi * wave


@njit(cache=True, fastmath=True)
def _radiate(
    rays: Rays,
    k: int,
    heard: NDArray[np.complex128],
    base: ArrayForm,
    turn: Floats,
    tilt_cosine: float,
    real: NDArray[np.float32],
    imag: NDArray[np.float32],
) -> None:
    """Add every ray to its delay, float32 [bin, receive, transmit]."""
    places, poles, receive = base.column.size, base.slant.shape[0], heard.shape[1]
    across, up = np.empty(base.y.size, np.complex128), np.empty(base.z.size, np.complex128)
    wave_real, wave_imag = np.empty(places, np.float32), np.empty(places, np.float32)
    field, way = np.empty((poles, 2)), np.empty(4)
    for i in range(rays.used[k, 0]):
        _direct(rays.angle[k, i, 0], rays.angle[k, i, 1], way)
        response(base, turn, tilt_cosine, way, across, up, field)
        for q in range(places):
            value = across[base.column[q]] * up[base.row[q]]
            wave_real[q], wave_imag[q] = value.real, value.imag
        here = rays.bin[k, i]
        for r in range(receive):
            for s in range(poles):
                gain = heard[i, r, 0] * field[s, 0] + heard[i, r, 1] * field[s, 1]
                a, b, first = np.float32(gain.real), np.float32(gain.imag), s * places
                for q in range(places):
                    real[here, r, first + q] += a * wave_real[q] - b * wave_imag[q]
                    imag[here, r, first + q] += a * wave_imag[q] + b * wave_real[q]


@njit(cache=True)
def _direct(azimuth: float, zenith: float, out: Floats) -> None:
    """Fill cosine and sine of azimuth and of zenith."""
    out[0], out[1] = math.cos(azimuth), math.sin(azimuth)
    out[2], out[3] = math.cos(zenith), math.sin(zenith)


@njit(cache=True, fastmath=True)
def _to_frequency(
    delay: Floats,
    offsets_hz: Floats,
    real: NDArray[np.float32],
    imag: NDArray[np.float32],
    user_port: NDArray[np.int64],
    base_port: NDArray[np.int64],
    out: NDArray[np.complex64],
) -> None:
    """Sum the delays at each frequency and put every port where it belongs."""
    bins, receive, transmit = real.shape
    sum_real, sum_imag = np.empty(transmit, np.float32), np.empty(transmit, np.float32)
    cosine, sine = np.empty(bins, np.float32), np.empty(bins, np.float32)
    rows, columns = user_port.ravel(), base_port.ravel()
    for f in range(offsets_hz.size):
        for b in range(bins):
            turns = offsets_hz[f] * delay[b]
            phase = -2.0 * math.pi * (turns - math.floor(turns))
            cosine[b], sine[b] = math.cos(phase), math.sin(phase)
        for r in range(receive):
            sum_real[:] = np.float32(0.0)
            sum_imag[:] = np.float32(0.0)
            for b in range(bins):
                c, s = cosine[b], sine[b]
                for t in range(transmit):
                    sum_real[t] += c * real[b, r, t] - s * imag[b, r, t]
                    sum_imag[t] += c * imag[b, r, t] + s * real[b, r, t]
            for t in range(transmit):
                out[f, rows[r], columns[t]] = complex(sum_real[t], sum_imag[t])
