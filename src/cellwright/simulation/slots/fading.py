"""Frequency-selective fading of one antenna port, moved on user by user.

Eight taps of equal power at the quantile midpoints of an exponential profile, each the sum of six
plane waves (Clarke's model), so that Doppler correlation is Bessel's J0 and no draw is spent per
slot. Groups are sampled at their centre: flat within a group. With one group its gain is the mean
over a band far wider than the coherence bandwidth.

A wave is a phase in 1/65536 of a turn that grows by a fixed step from one refresh to the next, in
whole numbers that wrap around: it never drifts, and it is a fifth of the bytes of a complex
amplitude with its turn, which memory could not bring fast enough.
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
_PER_STEP, _UNIT = np.float32(2.0 / _TURN), np.float32(1.0)
Singles = NDArray[np.float32]
Phases = NDArray[np.int16]


def _sine_terms() -> tuple[np.float32, ...]:
    """Factors of sin(pi z) = z (1 - z^2) (a + b z^2 + c z^4 + d z^6), |z| <= 1, within 1e-5."""
    z = np.linspace(-1.0, 1.0, 4001)
    rows = np.stack([z * (1.0 - z * z) * z ** (2 * k) for k in range(4)], axis=1)
    return tuple(np.float32(x) for x in np.linalg.lstsq(rows, np.sin(np.pi * z), rcond=None)[0])


_A, _B, _C, _D = _sine_terms()


class Waves(NamedTuple):
    """Plane waves of every link, and where the groups lie.

    ``phase``, ``turn`` int16 [user, wave, link and tap]: phase now, and what it grows by from one
    refresh to the next. ``ray``, ``ray_turn`` int16 [user, link]: the same for the direct ray.
    ``scattered``, ``direct`` float32 [user, link]: amplitudes of a wave and of the direct ray.
    ``dft`` float32 [tap, 2 groups]: real, then imaginary parts of a tap's turn over the groups.
    ``taps`` float32 [2, user and link, tap], ``mixed`` [2, user and link, 2 groups]: scratch.
    """

    phase: Phases
    turn: Phases
    ray: Phases
    ray_turn: Phases
    scattered: Singles
    direct: Singles
    dft: Singles
    taps: Singles
    mixed: Singles


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
    state = np.zeros(1, np.uint64)
    for u in range(user.size):
        for j in range(cell.shape[1]):
            state[0] = key(seed, user[u], cell[u, j], 17)
            for w in range(WAVES):
                for t in range(TAPS):
                    # stratified directions: even sectors, a draw within each
                    angle = 2.0 * np.pi * (w + uniform(state, 0)) / WAVES
                    phase[u, w, j * TAPS + t] = np.int16(np.int64(_TURN * uniform(state, 0)))
                    growth = np.int64(np.round(shift * np.cos(angle)))
                    turn[u, w, j * TAPS + t] = np.int16(growth)
            ray[u, j] = np.int16(np.int64(_TURN * uniform(state, 0)))
            growth = np.int64(np.round(shift * np.cos(2.0 * np.pi * uniform(state, 0))))
            ray_turn[u, j] = np.int16(growth)


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
    phase, turn = (np.empty((users, WAVES, links * TAPS), np.int16) for _ in range(2))
    ray, ray_turn = (np.empty((users, links), np.int16) for _ in range(2))
    step_s = slot_s * refresh_slots(fading, frequency_hz, slot_s)
    shift = _TURN * doppler_hz(fading, frequency_hz) * step_s
    _start(seed, user, cell.astype(np.int64), shift, phase, turn, ray, ray_turn)
    spin = np.exp(-2j * np.pi * tap_delays_s(fading.delay_spread_ns)[:, None] * offsets_hz)
    return Waves(
        phase, turn, ray, ray_turn,
        np.sqrt(1.0 / ((1.0 + rice) * WAVES * TAPS)).astype(np.float32),
        np.sqrt(rice / (1.0 + rice)).astype(np.float32),
        np.hstack([spin.real, spin.imag]).astype(np.float32),
        np.empty((2, users * links, TAPS), np.float32),
        np.empty((2, users * links, 2 * offsets_hz.size), np.float32),
    )  # fmt: skip


@njit(cache=True, fastmath=True, error_model="numpy", inline="always")
def _sine(phase: Any) -> Any:
    """Sine of a phase in 1/65536 of a turn, within 1e-5."""
    z = np.float32(phase) * _PER_STEP
    q = z * z
    return z * (_UNIT - q) * (_A + q * (_B + q * (_C + q * _D)))


@njit(cache=True, fastmath=True, error_model="numpy")
def _move(phase: Any, turn: Any, real: Any, imag: Any) -> None:
    """Let the phases [link and tap] of a wave grow, and add the wave to the taps."""
    for k in range(phase.size):
        now = np.int16(phase[k] + turn[k])
        phase[k] = now
        real[k] += _sine(np.int16(now + _QUARTER))
        imag[k] += _sine(now)


@njit(cache=True, fastmath=True, error_model="numpy")
def refresh(waves: Any, fade: Any, first: Any, step: Any) -> None:
    """Move every ``step``-th user from ``first`` on and write power gains [user, link, group].

    Notes
    -----
    A link costs 48 waves of two sines (11 operations each) and 8 complex products a group (8
    operations): about 1,100 operations and 64 a group; it moves 192 byte in and 96 byte out.
    """
    users, links, groups = fade.shape
    width, used = links * TAPS, len(range(first, users, step)) * links
    phase, turn, taps = waves.phase, waves.turn, waves.taps
    real, imag = taps[0, :used].reshape(-1), taps[1, :used].reshape(-1)
    real[:] = np.float32(0.0)
    imag[:] = np.float32(0.0)
    base = 0
    for u in range(first, users, step):
        for w in range(WAVES):
            x, y = real[base : base + width], imag[base : base + width]
            _move(phase[u, w], turn[u, w], x, y)
        base += width
    if groups > 1:
        np.dot(taps[0, :used], waves.dft, waves.mixed[0, :used])
        np.dot(taps[1, :used], waves.dft, waves.mixed[1, :used])
        _by_group(waves, fade, first, step)
    else:
        _whole(waves, fade, first, step)


@njit(cache=True, fastmath=True, error_model="numpy")
def _by_group(waves: Any, fade: Any, first: Any, step: Any) -> None:
    """Add the direct ray and write the power of every group."""
    users, links, groups = fade.shape
    ray, ray_turn, mixed, row = waves.ray, waves.ray_turn, waves.mixed, 0
    for u in range(first, users, step):
        for j in range(links):
            ray[u, j] = np.int16(ray[u, j] + ray_turn[u, j])
            a, b = waves.scattered[u, j], waves.direct[u, j]
            x, y = b * _sine(np.int16(ray[u, j] + _QUARTER)), b * _sine(ray[u, j])
            p, q, out = mixed[0, row], mixed[1, row], fade[u, j]
            for r in range(groups):
                re = a * (p[r] - q[groups + r]) + x
                im = a * (p[groups + r] + q[r]) + y
                out[r] = re * re + im * im
            row += 1


@njit(cache=True, fastmath=True, error_model="numpy")
def _whole(waves: Any, fade: Any, first: Any, step: Any) -> None:
    """Add the direct ray and write the power of one group that is the whole carrier.

    The taps' powers add up, not their amplitudes.
    """
    users, links = fade.shape[:2]
    ray, ray_turn, taps, row = waves.ray, waves.ray_turn, waves.taps, 0
    for u in range(first, users, step):
        for j in range(links):
            ray[u, j] = np.int16(ray[u, j] + ray_turn[u, j])
            a, b = waves.scattered[u, j], waves.direct[u, j]
            p, q = taps[0, row], taps[1, row]
            x = a * p[0] + b * _sine(np.int16(ray[u, j] + _QUARTER))
            y = a * q[0] + b * _sine(ray[u, j])
            total = np.float32(0.0)
            for t in range(1, TAPS):
                total += p[t] * p[t] + q[t] * q[t]
            fade[u, j, 0] = x * x + y * y + a * a * total
            row += 1
