"""Who is served together: greedy growth of a group while the proportional fair sum rises.

G. Dimic, N. D. Sidiropoulos, On downlink beamforming with greedy user selection, IEEE Trans. Signal
Process. 53(10), 2005.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError

Array = NDArray[Any]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _invert(a: Array, size: int) -> None:
    """Invert a positive definite complex matrix in place, by Gauss and Jordan."""
    for p in range(size):
        pivot = 1.0 / a[p, p]
        a[p, p] = 1.0
        for j in range(size):
            a[p, j] *= pivot
        for i in range(size):
            if i == p:
                continue
            factor = a[i, p]
            a[i, p] = 0.0
            for j in range(size):
                a[i, j] -= factor * a[p, j]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def group_kernel(
    gram: Array, chosen: Array, size: int, ridge: float, inverse: Array, scale: Array, sinr: Array
) -> None:
    """Predict the SINR of layers served together, from the inner products of their rows.

    ``inverse`` becomes (G + ridge size 1)^-1 and ``scale`` what makes each column of
    rows^H inverse have the power 1 / size.
    """
    for i in range(size):
        for j in range(size):
            inverse[i, j] = gram[chosen[i], chosen[j]]
        inverse[i, i] += ridge * size
    _invert(inverse, size)
    for k in range(size):
        # G (G + r)^-1 = 1 - r (G + r)^-1; so is the power of a column
        power = 0.0
        for i in range(size):
            total = -ridge * size * inverse[i, k]
            if i == k:
                total += 1.0
            power += (total * inverse[i, k].conjugate()).real
        scale[k] = 1.0 / math.sqrt(max(power * size, 1e-300))
    for i in range(size):
        signal, heard = 0.0, 1.0
        for k in range(size):
            total = -ridge * size * inverse[i, k] * scale[k]
            if i == k:
                total += scale[k]
                signal = total.real**2 + total.imag**2
            else:
                heard += total.real**2 + total.imag**2
        sinr[i] = signal / heard


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def pair_kernel(
    gram: Array, owner: Array, weight: Array, trust: Array, most_layers: int, most_users: int,
    ridge: float, best_rate: float, chosen: Array, inverse: Array, scale: Array, sinr: Array,
) -> int:  # fmt: skip
    """Grow a group; return how many layers, in ``chosen``, with their prediction in ``sinr``.

    ``owner`` [candidate] rises; ``weight`` [candidate] of the rate, ``trust`` [candidate]
    multiplies predicted SINR; ``best_rate`` is the most a layer can carry.
    """
    count, users, reached = 0, 0, 0.0
    while count < most_layers:
        best, best_sum = -1, reached
        for c in range(owner.size):
            used, same = False, False
            for k in range(count):
                used = used or chosen[k] == c
                same = same or owner[chosen[k]] == owner[c]
            if used or not weight[c] > 0.0 or not gram[c, c].real > 0.0:
                continue
            if not same and users >= most_users:
                continue
            chosen[count] = c
            group_kernel(gram, chosen, count + 1, ridge, inverse, scale, sinr)
            total = 0.0
            for k in range(count + 1):
                rate = math.log2(1.0 + sinr[k] * trust[chosen[k]])
                total += weight[chosen[k]] * min(rate, best_rate)
            if total > best_sum:
                best, best_sum = c, total
        if best < 0:
            break
        fresh = True
        for k in range(count):
            fresh = fresh and owner[chosen[k]] != owner[best]
        users += 1 if fresh else 0
        chosen[count] = best
        count, reached = count + 1, best_sum
    if count > 0:
        group_kernel(gram, chosen, count, ridge, inverse, scale, sinr)
    return count


def pair(
    rows: ArrayLike, owner: ArrayLike, weight: ArrayLike = 1.0, *, most_layers: int = 12,
    most_users: int = 12, ridge: float = 1.0, best_rate: float = 7.4,
) -> tuple[NDArray[np.int64], NDArray[np.complex128], NDArray[np.float64]]:  # fmt: skip
    """Choose layers to serve together and precode them by regularised zero forcing.

    Parameters
    ----------
    rows : complex [candidate, port]
        What is known of each candidate layer: its direction, with the amplitude whose square is
        the SINR with all the power.
    owner : int [candidate]
        User of each.
    weight : float or array [candidate]
        Of its rate in the sum.
    most_layers, most_users : int
        Together at most.
    ridge : float
        1 = by the noise; near 0 = plain zero forcing.
    best_rate : float
        The most a layer can carry [bit per symbol].

    Returns
    -------
    chosen : int64 [layer]
    precoder : complex128 [port, layer]
        Power 1 together.
    sinr : float64 [layer]
        Predicted.

    Raises
    ------
    InputError
        Shapes that do not fit, or limits below 1.

    Examples
    --------
    >>> chosen, precoder, sinr = pair([[10.0, 0.0], [9.0, 1.0], [0.0, 8.0]], [0, 1, 2])
    >>> chosen.tolist(), sinr.round(6).tolist()
    ([0, 2], [50.0, 32.0])
    """
    given, whose = np.asarray(rows, np.complex128), np.asarray(owner, np.int64)
    if given.ndim != 2 or whose.shape != given.shape[:1] or not np.isfinite(given).all():
        raise InputError(
            f"rows is {given.shape} and owner {whose.shape}; they must be [candidate, port], "
            "finite, and [candidate]."
        )
    if most_layers < 1 or most_users < 1:
        raise InputError(
            f"most_layers is {most_layers} and most_users {most_users}; both 1 or more."
        )
    most = min(most_layers, *given.shape)
    worth = np.broadcast_to(np.asarray(weight, np.float64), whose.shape).copy()
    chosen, scale, sinr = np.zeros(most, np.int64), np.zeros(most), np.zeros(most)
    inverse = np.zeros((most, most), np.complex128)
    gram = given @ given.conj().T
    count = pair_kernel(
        gram, whose, worth, np.ones(whose.size), most, most_users, ridge, best_rate, chosen,
        inverse, scale, sinr,
    )  # fmt: skip
    picked = chosen[:count]
    precoder = given[picked].conj().T @ (inverse[:count, :count] * scale[:count])
    return picked, precoder, sinr[:count]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def schedule_kernel(
    rows: Array, gram: Array, first: Array, owner: Array, weight: Array, trust: Array,
    most_layers: int, most_users: int, best_rate: float,
    count: Array, user: Array, sinr: Array, precoder: Array,
) -> None:  # fmt: skip
    """Schedule every cell and subband.

    ``rows`` [candidate, subband, port] and ``gram`` [candidate, subband, candidate of the cell],
    cell by cell from ``first`` [cell + 1]; ``owner`` [candidate]; ``weight``, ``trust`` [user].
    Out: ``count`` [cell, subband], ``user``, ``sinr`` [cell, subband, layer], ``precoder``
    [cell, subband, port, layer].
    """
    chosen, scale = np.zeros(most_layers, np.int64), np.zeros(most_layers)
    inverse = np.zeros((most_layers, most_layers), np.complex128)
    precoder[:] = 0.0
    for c in range(count.shape[0]):
        a, b = first[c], first[c + 1]
        worth, factor = np.empty(b - a), np.empty(b - a)
        for i in range(a, b):
            worth[i - a], factor[i - a] = weight[owner[i]], trust[owner[i]]
        for s in range(count.shape[1]):
            layers = pair_kernel(
                gram[a:b, s, : b - a], owner[a:b], worth, factor, min(most_layers, rows.shape[2]),
                most_users, 1.0, best_rate, chosen, inverse, scale, sinr[c, s],
            )  # fmt: skip
            count[c, s] = layers
            for k in range(layers):
                user[c, s, k] = owner[a + chosen[k]]
                for i in range(layers):
                    factor_ik = inverse[i, k] * scale[k]
                    for p in range(rows.shape[2]):
                        known = rows[a + chosen[i], s, p].conjugate()
                        precoder[c, s, p, k] += np.complex64(known * factor_ik)
