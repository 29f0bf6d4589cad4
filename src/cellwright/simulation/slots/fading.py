"""Frequency-selective fading of one antenna port, moved on user by user.

Eight taps of equal power at the quantile midpoints of an exponential profile, each the sum of six
plane waves (Clarke's model), so that Doppler correlation is Bessel's J0 and no draw is spent per
slot. Groups are sampled at their centre: flat within a group. With one group its gain is the mean
over a band far wider than the coherence bandwidth.

A wave is a phase in 1/65536 of a turn that grows by a fixed step from one refresh to the next, in
whole numbers that wrap around: it never drifts, and it is a fifth of the bytes of a complex
amplitude with its turn, which memory could not bring fast enough. Users take turns to be
refreshed; those of one turn lie side by side, so that loops over them are long.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.slots.draws import key, uniform
from cellwright.simulation.slots.settings import Fading

TAPS, WAVES = 8, 6
_LIGHT_MPS = 299_792_458.0
_TURN = 65536.0
_QUARTER = np.int16(16384)
_HALF = np.float32(0.5 * _TURN)
Singles = NDArray[np.float32]
Phases = NDArray[np.int16]


def _sine_terms() -> tuple[np.float32, ...]:
    """Factors of sin(pi n / h) = m (a + b |m| + c m^2), m = n (h - |n|), |n| <= h, within 1e-5.

    n is the phase itself, h half a turn: m is the parabola through the sine's zeros.
    """
    n = 0.25 * _TURN * (1.0 + np.cos(np.pi * (np.arange(4000) + 0.5) / 4000))
    scale = (0.25 * _TURN) ** 2
    m = n * (0.5 * _TURN - n) / scale
    rows = np.stack([m ** (k + 1) for k in range(3)], axis=1)
    terms = np.linalg.lstsq(rows, np.sin(2.0 * np.pi * n / _TURN), rcond=None)[0]
    return tuple(np.float32(x / scale ** (k + 1)) for k, x in enumerate(terms))


_A, _B, _C = _sine_terms()


class Waves(NamedTuple):
    """Plane waves of every link, and where the groups lie.

    Part i of p has every p-th user from the i-th on, a row for each of their links.
    ``phase``, ``turn`` int16 [part, wave, tap and row]: phase now, and what it grows by from one
    refresh to the next. ``ray``, ``ray_turn`` int16 [part, row]: the same for the direct ray.
    ``scattered``, ``direct`` float32 [part, row]: amplitudes of a wave and of the direct ray.
    ``dft`` float32 [tap, 2 groups]: real, then imaginary parts of a tap's turn over the groups.
    ``taps`` float32 [2, tap, row], ``straight`` [2, row], ``power`` [row]: scratch.
    """

    phase: Phases
    turn: Phases
    ray: Phases
    ray_turn: Phases
    scattered: Singles
    direct: Singles
    dft: Singles
    taps: Singles
    straight: Singles
    power: Singles


def tap_delays_s(delay_spread_ns: float) -> NDArray[np.float64]:
    """Delays of the taps [s]: equal power, their root-mean-square spread is the one asked for.

    Examples
    --------
    >>> float(np.std(tap_delays_s(100.0)).round(12))
    1e-07
    """
    middle = -np.log1p(-(np.arange(TAPS) + 0.5) / TAPS)
    return np.asarray(middle / np.std(middle) * delay_spread_ns * 1e-9)


def group_offsets_hz(prbs: NDArray[np.int64], block_hz: float) -> NDArray[np.float64]:
    """Centre of each group from the carrier's edge [Hz]."""
    end = np.cumsum(prbs)
    return np.asarray((end - prbs / 2.0) * block_hz)


def doppler_hz(fading: Fading, frequency_hz: float) -> float:
    """Most Doppler shift [Hz] at a carrier frequency."""
    return fading.speed_mps * frequency_hz / _LIGHT_MPS


def refresh_slots(fading: Fading, frequency_hz: float, slot_s: float) -> int:
    """Slots from one refresh of a user to the next.

    Notes
    -----
    If ``fading`` leaves it open: 0.08 of a turn at the most Doppler shift, 1 to 32 slots. The power
    held still so long keeps a correlation of J0(0.16 pi)^2 = 0.88.

    Examples
    --------
    >>> [refresh_slots(Fading(speed_mps=v), 3.5e9, 0.5e-3) for v in (0.83, 8.3, 30.0)]
    [16, 1, 1]
    """
    if fading.refresh_slots is not None:
        return fading.refresh_slots
    turns = doppler_hz(fading, frequency_hz) * slot_s
    return int(np.clip(0.08 / max(turns, 1e-9), 1, 32))


@njit(cache=True)
def _start(
    seed: Any, user: Any, cell: Any, shift: Any, phase: Any, turn: Any, ray: Any, ray_turn: Any
) -> None:
    """Draw the waves of all links; ``shift``: largest growth of a phase."""
    state, (parts, rows) = np.zeros(1, np.uint64), ray.shape
    for u in range(user.size):
        part = u % parts
        for j in range(cell.shape[1]):
            state[0] = key(seed, user[u], cell[u, j], 17)
            row = u // parts * cell.shape[1] + j
            for w in range(WAVES):
                for t in range(TAPS):
                    # stratified directions: even sectors, a draw within each
                    angle = 2.0 * np.pi * (w + uniform(state, 0)) / WAVES
                    at, growth = t * rows + row, np.int64(np.round(shift * np.cos(angle)))
                    phase[part, w, at] = np.int16(np.int64(_TURN * uniform(state, 0)))
                    turn[part, w, at] = np.int16(growth)
            ray[part, row] = np.int16(np.int64(_TURN * uniform(state, 0)))
            growth = np.int64(np.round(shift * np.cos(2.0 * np.pi * uniform(state, 0))))
            ray_turn[part, row] = np.int16(growth)


def start_waves(
    fading: Fading,
    seed: int,
    user: NDArray[np.int64],
    cell: NDArray[np.int64],
    sight: NDArray[np.bool_],
    offsets_hz: NDArray[np.float64],
    frequency_hz: float,
    slot_s: float,
) -> Waves:
    """Draw the plane waves of every explicit link.

    Parameters
    ----------
    fading : Fading
        Spread, speed, Rice factor.
    seed : int
        Seed of the drop.
    user : int array [user]
        Names of the users; draws follow them.
    cell : int array [user, link]
        Cell of each link.
    sight : bool array [user, link]
        In line of sight: a direct ray on top.
    offsets_hz : array [group]
        Where the groups lie [Hz].
    frequency_hz, slot_s : float
        Carrier frequency [Hz]; length of a slot [s].
    """
    users, links = cell.shape
    rice = np.where(sight, 10.0 ** (fading.k_factor_db / 10.0), 0.0)
    parts = refresh_slots(fading, frequency_hz, slot_s)
    rows = -(-users // parts) * links
    phase, turn = (np.zeros((parts, WAVES, TAPS * rows), np.int16) for _ in range(2))
    ray, ray_turn = (np.zeros((parts, rows), np.int16) for _ in range(2))
    shift = _TURN * doppler_hz(fading, frequency_hz) * slot_s * parts
    _start(seed, user, cell.astype(np.int64), shift, phase, turn, ray, ray_turn)
    spin = np.exp(-2j * np.pi * tap_delays_s(fading.delay_spread_ns)[:, None] * offsets_hz)
    return Waves(
        phase, turn, ray, ray_turn,
        _by_part(np.sqrt(1.0 / ((1.0 + rice) * WAVES * TAPS)), parts),
        _by_part(np.sqrt(rice / (1.0 + rice)), parts),
        np.hstack([spin.real, spin.imag]).astype(np.float32),
        np.empty((2, TAPS, rows), np.float32),
        np.empty((2, rows), np.float32),
        np.empty(rows, np.float32),
    )  # fmt: skip


def _by_part(values: NDArray[np.float64], parts: int) -> Singles:
    """Lay out [user, link] as [part, row]; rows without a user are 0."""
    users, links = values.shape
    out = np.zeros((-(-users // parts), parts, links), np.float32)
    out.reshape(-1, links)[:users] = values
    return np.ascontiguousarray(out.swapaxes(0, 1).reshape(parts, -1))


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def _sine(phase: Any) -> Any:
    """Sine of a phase in 1/65536 of a turn, within 1e-5."""
    n = np.float32(phase)
    m = n * (_HALF - abs(n))
    size = abs(m)
    return m * (_A + size * (_B + size * _C))


@njit(cache=True, fastmath=True, error_model="numpy")
def refresh(waves: Any, fade: Any, part: Any) -> None:
    """Move the users of a part and write their power gains [user, link, group].

    Notes
    -----
    A link costs 48 waves of two sines (8 operations each) and 8 complex products a group (8
    operations): about 770 operations and 64 a group; it moves 192 byte in and 96 byte out.
    """
    phase, turn, taps = waves.phase, waves.turn, waves.taps
    real, imag = taps[0].reshape(-1), taps[1].reshape(-1)
    real[:] = np.float32(0.0)
    imag[:] = np.float32(0.0)
    for w in range(WAVES):
        now, growth = phase[part, w], turn[part, w]
        for k in range(now.size):
            moved = np.int16(now[k] + growth[k])
            now[k] = moved
            real[k] += _sine(np.int16(moved + _QUARTER))
            imag[k] += _sine(moved)
    now, growth, direct = waves.ray[part], waves.ray_turn[part], waves.direct[part]
    x, y = waves.straight[0], waves.straight[1]
    for k in range(now.size):
        moved = np.int16(now[k] + growth[k])
        now[k] = moved
        x[k] = direct[k] * _sine(np.int16(moved + _QUARTER))
        y[k] = direct[k] * _sine(moved)
    if fade.shape[2] > 1:
        _by_group(waves, fade, part)
    else:
        _whole(waves, fade, part)


def refresh_all(waves: Waves, fade: Singles) -> None:
    """Move every user as :func:`refresh` does."""
    for part in range(waves.phase.shape[0]):
        refresh(waves, fade, part)


@njit(cache=True, fastmath=True, error_model="numpy")
def _by_group(waves: Any, fade: Any, part: Any) -> None:
    """Turn the taps to every group, add the direct ray and write the power."""
    groups, dft = fade.shape[2], waves.dft
    real, imag, x, y = waves.taps[0], waves.taps[1], waves.straight[0], waves.straight[1]
    a, power = waves.scattered[part], waves.power
    for r in range(groups):
        for k in range(power.size):
            re, im = np.float32(0.0), np.float32(0.0)
            for t in range(TAPS):
                c, s = dft[t, r], dft[t, groups + r]
                re += real[t, k] * c - imag[t, k] * s
                im += real[t, k] * s + imag[t, k] * c
            re, im = a[k] * re + x[k], a[k] * im + y[k]
            power[k] = re * re + im * im
        _write(power, fade, r, part, waves.phase.shape[0])


@njit(cache=True, fastmath=True, error_model="numpy")
def _whole(waves: Any, fade: Any, part: Any) -> None:
    """Add the direct ray and write the power of one group that is the whole carrier.

    The taps' powers add up, not their amplitudes.
    """
    real, imag, x, y = waves.taps[0], waves.taps[1], waves.straight[0], waves.straight[1]
    a, power = waves.scattered[part], waves.power
    for k in range(power.size):
        re, im = a[k] * real[0, k] + x[k], a[k] * imag[0, k] + y[k]
        power[k] = re * re + im * im
    for t in range(1, TAPS):
        p, q = real[t], imag[t]
        for k in range(power.size):
            re, im = a[k] * p[k], a[k] * q[k]
            power[k] += re * re + im * im
    _write(power, fade, 0, part, waves.phase.shape[0])


@njit(cache=True, error_model="numpy", inline="always")
def _write(power: Any, fade: Any, group: Any, part: Any, parts: Any) -> None:
    """Write the power of a part's rows where its users' links are."""
    row = 0
    for u in range(part, fade.shape[0], parts):
        for j in range(fade.shape[1]):
            fade[u, j, group] = power[row]
            row += 1
