"""Frequency-selective fading of one antenna port, moved on user by user.

Eight taps of equal power at the quantile midpoints of an exponential profile, each the sum of six
plane waves (Clarke's model), so that Doppler correlation is Bessel's J0 and no draw is spent per
slot. Groups are sampled at their centre: flat within a group. With one group its gain is the mean
over a band far wider than the coherence bandwidth.
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
Singles = NDArray[np.float32]


class Waves(NamedTuple):
    """Plane waves of every link, and where the groups lie.

    ``real``, ``imag``, ``turn_real``, ``turn_imag`` float32 [user, link, wave, tap]: amplitude now
    and its turn from one refresh to the next. ``sight`` float32 [user, link, 4]: the same for the
    direct ray. ``dft_real``, ``dft_imag`` [tap, group].
    """

    real: Singles
    imag: Singles
    turn_real: Singles
    turn_imag: Singles
    sight: Singles
    dft_real: Singles
    dft_imag: Singles


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


@njit(cache=True)
def _start(
    seed: Any, user: Any, cell: Any, doppler: Any, step: Any, rice: Any, out: Any, sight: Any
) -> None:
    """Draw the waves of all links; ``doppler`` in Hz, ``step`` in seconds."""
    state = np.zeros(1, np.uint64)
    turn = 2.0 * np.pi * step
    for u in range(user.size):
        for j in range(cell.shape[1]):
            state[0] = key(seed, user[u], cell[u, j], 17)
            k = rice[u, j]
            scale = np.sqrt(1.0 / ((1.0 + k) * WAVES * TAPS))
            for w in range(WAVES):
                for t in range(TAPS):
                    # stratified directions: even sectors, a draw within each
                    angle = 2.0 * np.pi * (w + uniform(state, 0)) / WAVES
                    phase = 2.0 * np.pi * uniform(state, 0)
                    shift = turn * doppler[u] * np.cos(angle)
                    out[0, u, j, w, t] = scale * np.cos(phase)
                    out[1, u, j, w, t] = scale * np.sin(phase)
                    out[2, u, j, w, t] = np.cos(shift)
                    out[3, u, j, w, t] = np.sin(shift)
            phase, angle = 2.0 * np.pi * uniform(state, 0), 2.0 * np.pi * uniform(state, 0)
            shift, level = turn * doppler[u] * np.cos(angle), np.sqrt(k / (1.0 + k))
            sight[u, j, 0], sight[u, j, 1] = level * np.cos(phase), level * np.sin(phase)
            sight[u, j, 2], sight[u, j, 3] = np.cos(shift), np.sin(shift)


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
    doppler = np.full(users, fading.speed_mps * frequency_hz / _LIGHT_MPS)
    rice = np.where(sight, 10.0 ** (fading.k_factor_db / 10.0), 0.0)
    waves = np.empty((4, users, links, WAVES, TAPS), np.float32)
    direct = np.empty((users, links, 4), np.float32)
    step = slot_s * fading.refresh_slots
    _start(seed, user, cell.astype(np.int64), doppler, step, rice, waves, direct)
    turn = -2j * np.pi * tap_delays_s(fading.delay_spread_ns)[:, None] * offsets_hz
    dft = np.exp(turn)
    real, imag = (np.ascontiguousarray(part, np.float32) for part in (dft.real, dft.imag))
    return Waves(waves[0], waves[1], waves[2], waves[3], direct, real, imag)


@njit(cache=True, fastmath=True, error_model="numpy")
def refresh(waves: Any, fade: Any, first: Any, step: Any) -> None:
    """Move every ``step``-th user from ``first`` on and write power gains [user, link, group]."""
    users, links, groups = fade.shape
    ahead_re, ahead_im, turn_re, turn_im = waves.real, waves.imag, waves.turn_real, waves.turn_imag
    dft_re, dft_im = waves.dft_real, waves.dft_imag
    re, im = np.empty(groups, np.float32), np.empty(groups, np.float32)
    tap_re, tap_im = np.empty(TAPS, np.float32), np.empty(TAPS, np.float32)
    for u in range(first, users, step):
        for j in range(links):
            tap_re[:] = np.float32(0.0)
            tap_im[:] = np.float32(0.0)
            for w in range(WAVES):
                for t in range(TAPS):
                    a, b = ahead_re[u, j, w, t], ahead_im[u, j, w, t]
                    c, d = turn_re[u, j, w, t], turn_im[u, j, w, t]
                    x, y = a * c - b * d, a * d + b * c
                    ahead_re[u, j, w, t] = x
                    ahead_im[u, j, w, t] = y
                    tap_re[t] += x
                    tap_im[t] += y
            s = waves.sight[u, j]
            x, y = s[0] * s[2] - s[1] * s[3], s[0] * s[3] + s[1] * s[2]
            s[0], s[1] = x, y
            if groups == 1:
                # one group is the whole carrier: the taps' powers, not their sum
                total = np.float32(0.0)
                tap_re[0] += x
                tap_im[0] += y
                for t in range(TAPS):
                    total += tap_re[t] * tap_re[t] + tap_im[t] * tap_im[t]
                fade[u, j, 0] = total
                continue
            for r in range(groups):
                re[r] = x
                im[r] = y
            for t in range(TAPS):
                a, b = tap_re[t], tap_im[t]
                for r in range(groups):
                    re[r] += a * dft_re[t, r] - b * dft_im[t, r]
                    im[r] += a * dft_im[t, r] + b * dft_re[t, r]
            for r in range(groups):
                fade[u, j, r] = re[r] * re[r] + im[r] * im[r]
