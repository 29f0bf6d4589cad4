"""Choosing rank and precoder: every precoder of a codebook, or those on the strongest beams.

All kernels work on a channel whitened by the receiver (noise and interference white, power 1), as
:func:`~cellwright.simulation.mimo.kernels.whiten_kernel` makes it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.mimo.kernels import (
    Complexes,
    Reals,
    cholesky_kernel,
    forward_kernel,
    layers_sinr_kernel,
    product_kernel,
    white_kernel,
)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def white_gain_kernel(heff: Complexes, layers: int, work: Complexes) -> float:
    """Product of 1 + SINR over the layers behind an MMSE receiver in white noise of power 1.

    ``heff`` [receive, layer]; ``work`` complex128 [2 receive, layer or receive]. 1 + SINR_l is
    1 / (1 - q_l), q_l = h_l^H (I + H H^H)^-1 h_l.
    """
    size = heff.shape[0]
    if layers == 1:
        power = 1.0
        for i in range(size):
            power += heff[i, 0].real ** 2 + heff[i, 0].imag ** 2
        return power
    for i in range(size):
        for j in range(i + 1):
            total = 1.0 + 0.0j if i == j else 0.0 + 0.0j
            for k in range(layers):
                total += heff[i, k] * heff[j, k].conjugate()
            work[i, j] = total
        for k in range(layers):
            work[size + i, k] = heff[i, k]
    cholesky_kernel(work, size)
    product = 1.0
    for k in range(layers):
        share = forward_kernel(work, work[size:], k, size)
        product *= max(1.0 - share, 1e-15)
    return 1.0 / product


@njit(cache=True, nogil=True, error_model="numpy")
def codebook_search_kernel(
    h: Complexes, matrices: Complexes, heff: Complexes, work: Complexes
) -> tuple[int, float]:
    """Best precoder of all, and its rate [bit/s/Hz], by mean sum rate over the blocks.

    Parameters
    ----------
    h : complex [block, receive, transmit]
        Whitened channel with amplitude.
    matrices : complex [precoder, transmit, layer]
        Codebook of one rank.
    heff, work : complex128 [receive, layer], [2 receive, max(receive, layer)]
        Scratch.
    """
    best, best_rate = 0, -1.0
    layers = matrices.shape[2]
    for c in range(matrices.shape[0]):
        rate = 0.0
        for b in range(h.shape[0]):
            for i in range(h.shape[1]):
                for k in range(layers):
                    total = 0.0 + 0.0j
                    for t in range(h.shape[2]):
                        total += h[b, i, t] * matrices[c, t, k]
                    heff[i, k] = total
            rate += math.log2(white_gain_kernel(heff, layers, work))
        if rate > best_rate:
            best, best_rate = c, rate
    return best, best_rate / max(h.shape[0], 1)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def beam_power_kernel(response: Complexes, power: Reals) -> None:
    """Power of every beam over all segments, blocks and antennas.

    ``response`` complex [block, receive, segment, beam]; ``power`` float64 [beam].
    """
    power[:] = 0.0
    for b in range(response.shape[0]):
        for i in range(response.shape[1]):
            for s in range(response.shape[2]):
                for v in range(response.shape[3]):
                    power[v] += response[b, i, s, v].real ** 2 + response[b, i, s, v].imag ** 2


@njit(cache=True, nogil=True, error_model="numpy")
def beam_search_kernel(
    response: Complexes,
    power: Reals,
    beam: NDArray[Any],
    turn: Complexes,
    group: int,
    keep: int,
    scale: float,
    score: Reals,
    heff: Complexes,
    work: Complexes,
) -> tuple[int, float]:
    """Best precoder among those whose beams are strongest, and its rate [bit/s/Hz].

    Parameters
    ----------
    response : complex [block, receive, segment, beam]
        Whitened channel seen through each beam of the codebook's basis.
    power : float64 [beam]
        From :func:`beam_power_kernel`.
    beam, turn : int64 [precoder, layer], complex128 [precoder, layer, segment]
        Codebook of one rank.
    group : int
        Precoders with the same first beam; they stand together.
    keep : int
        Groups looked at.
    scale : float
        Amplitude of a column, 1 / sqrt(ports layers).
    score : float64 [precoder / group]
        Scratch.
    heff, work : complex128 [receive, layer], [2 receive, max(receive, layer)]
        Scratch.
    """
    layers, segments = beam.shape[1], turn.shape[2]
    groups = beam.shape[0] // group
    for g in range(groups):
        score[g] = 0.0
        for c in range(g * group, (g + 1) * group):
            total = 0.0
            for k in range(layers):
                total += power[beam[c, k]]
            score[g] = max(score[g], total)
    best, best_rate = 0, -1.0
    for _ in range(min(keep, groups)):
        g = 0
        for other in range(1, groups):
            if score[other] > score[g]:
                g = other
        score[g] = -1.0
        for c in range(g * group, (g + 1) * group):
            rate = 0.0
            for b in range(response.shape[0]):
                for i in range(response.shape[1]):
                    for k in range(layers):
                        total_c = 0.0 + 0.0j
                        for s in range(segments):
                            total_c += turn[c, k, s] * response[b, i, s, beam[c, k]]
                        heff[i, k] = scale * total_c
                rate += math.log2(white_gain_kernel(heff, layers, work))
            if rate > best_rate:
                best, best_rate = c, rate
    return best, best_rate / max(response.shape[0], 1)


@njit(cache=True, nogil=True, error_model="numpy")
def search_users_kernel(
    response: Complexes,
    beam: NDArray[Any],
    turn: Complexes,
    group: int,
    keep: int,
    scale: float,
    heff: Complexes,
    work: Complexes,
    best: NDArray[Any],
) -> None:
    """Write the ``best`` precoder [user] of :func:`beam_search_kernel` for many users.

    ``response`` complex [user, block, receive, segment, beam]; the rest as there.
    """
    power = np.empty(response.shape[4])
    score = np.empty(beam.shape[0] // group)
    for u in range(response.shape[0]):
        beam_power_kernel(response[u], power)
        best[u], _ = beam_search_kernel(
            response[u], power, beam, turn, group, keep, scale, score, heff, work
        )


@njit(cache=True, nogil=True, error_model="numpy")
def precoded_sinr_kernel(
    h: Complexes, w: Complexes, heff: Complexes, work: Complexes, out: Reals
) -> None:
    """SINR ``out`` [block, layer] of a whitened channel [block, receive, transmit] behind ``w``."""
    for b in range(h.shape[0]):
        product_kernel(h[b], w, heff)
        white_kernel(1.0, h.shape[1], work)
        layers_sinr_kernel(heff, w.shape[1], work, out[b])


def scratch(receive: int, layers: int) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return the two scratch arrays the kernels of this module ask for."""
    wide = max(receive, layers)
    return (
        np.empty((receive, layers), np.complex128),
        np.empty((2 * receive, wide), np.complex128),
    )
