"""Precoders made from the channel: singular vectors, zero forcing, and who is served together.

T. Yoo, A. Goldsmith, On the optimality of multiantenna broadcast scheduling using zero-forcing
beamforming, IEEE JSAC 24(3), 2006; C. B. Peel, B. M. Hochwald, A. L. Swindlehurst, A vector
perturbation technique for near-capacity multiantenna multiuser communication, part I, IEEE Trans.
Commun. 53(1), 2005.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, SpectrumError
from cellwright.simulation.mimo.kernels import Complexes, Reals

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def channel_of(h: ArrayLike, what: str = "h") -> Complex:
    """Return a channel [..., receive, transmit] as complex128, checked.

    Raises
    ------
    InputError
        Fewer than two axes, an empty one, or values that are not finite.
    """
    given = np.asarray(h, np.complex128)
    if given.ndim < 2 or 0 in given.shape[-2:]:
        raise InputError(
            f"{what} has the shape {given.shape}; it must be [..., receive, transmit] with at "
            "least one antenna at each end."
        )
    if not np.isfinite(given).all():
        raise InputError(f"{what} is not finite everywhere; leave out users without signal.")
    return given


def check_rank(rank: int, h: Complex) -> None:
    """Raise SpectrumError where so many layers do not fit the antennas."""
    receive, transmit = h.shape[-2:]
    most = min(receive, transmit, 8)
    if not 1 <= rank <= most:
        raise SpectrumError(
            f"{rank} layers over {transmit} transmit ports and {receive} receive antennas: 1 to "
            f"{most} are possible. Lower the rank or add antennas."
        )


def svd_precoder(h: ArrayLike, rank: int) -> Complex:
    """Strongest right singular vectors of each channel, equal power, together 1.

    Parameters
    ----------
    h : complex [..., receive, transmit]
        Channel.
    rank : int
        Layers.

    Returns
    -------
    complex128 [..., transmit, layer]

    Raises
    ------
    SpectrumError
        More layers than antennas at either end.
    """
    given = channel_of(h)
    check_rank(rank, given)
    right = np.linalg.svd(given, full_matrices=False)[2][..., :rank, :]
    return np.asarray(right.conj().swapaxes(-1, -2) / np.sqrt(rank))


def zero_forcing(rows: ArrayLike, ridge: ArrayLike = 0.0) -> Complex:
    """Zero-forcing precoder of layers served together, each with the same power, together 1.

    Parameters
    ----------
    rows : complex [..., layer, transmit]
        Channel direction of each layer: of users with several antennas, the channel behind their
        receive weights (:func:`dominant_rows`) or the conjugate of the reported precoder.
    ridge : float or array [...]
        0 = zero forcing; layers times noise over power = regularised.

    Returns
    -------
    complex128 [..., transmit, layer]

    Raises
    ------
    SpectrumError
        More layers than transmit ports.

    Examples
    --------
    >>> rows = np.array([[1.0, 0.5], [0.2, 1.0]])
    >>> np.abs(rows @ zero_forcing(rows)).round(3).tolist()
    [[0.624, 0.0], [0.0, 0.569]]
    """
    given = channel_of(rows, "rows")
    layers, ports = given.shape[-2:]
    if layers > ports:
        raise SpectrumError(
            f"Zero forcing of {layers} layers with {ports} transmit ports: at most {ports} layers. "
            "Serve fewer users at once."
        )
    weight = np.asarray(ridge, np.float64)[..., None, None] * np.eye(layers)
    conjugate = given.conj().swapaxes(-1, -2)
    raw = conjugate @ np.linalg.pinv(given @ conjugate + weight, hermitian=True)
    length = np.linalg.norm(raw, axis=-2, keepdims=True) * np.sqrt(layers)
    return np.asarray(raw / np.maximum(length, 1e-300))


def dominant_rows(h: ArrayLike, layers: int = 1) -> Complex:
    """Channels behind the strongest left singular vectors: sigma_i v_i^H.

    Parameters
    ----------
    h : complex [..., receive, transmit]
        Channel.
    layers : int
        Rows to keep for each user.

    Returns
    -------
    complex128 [..., layer, transmit]
    """
    given = channel_of(h)
    check_rank(layers, given)
    _, strength, right = np.linalg.svd(given, full_matrices=False)
    return np.asarray(strength[..., :layers, None] * right[..., :layers, :])


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def select_kernel(
    rows: Complexes,
    weight: Reals,
    most: int,
    correlation: float,
    basis: Complexes,
    chosen: NDArray[Any],
) -> int:
    """Semi-orthogonal user selection; returns how many were chosen.

    Parameters
    ----------
    rows : complex [user, transmit]
        Channel direction of each user.
    weight : float [user]
        What the squared gain is multiplied with: 1, or a proportional-fair weight; users with 0 or
        less are left out.
    most : int
        Layers at most.
    correlation : float
        A user stays eligible while its direction overlaps each chosen one by at most this much.
    basis : complex128 [most, transmit]
        Scratch: orthonormal directions of those chosen.
    chosen : int [most]
        Users in the order of choice.
    """
    users, ports = rows.shape
    count = 0
    limit = correlation * correlation
    while count < min(most, ports):
        best, best_score = -1, 0.0
        for u in range(users):
            if not weight[u] > 0.0:
                continue
            taken = False
            for c in range(count):
                taken = taken or chosen[c] == u
            if taken:
                continue
            whole = 0.0
            for t in range(ports):
                whole += rows[u, t].real ** 2 + rows[u, t].imag ** 2
            left, fits = whole, whole > 0.0
            for c in range(count):
                total = 0.0 + 0.0j
                for t in range(ports):
                    total += rows[u, t] * basis[c, t].conjugate()
                power = total.real**2 + total.imag**2
                left -= power
                fits = fits and power <= limit * whole
            if fits and left > 1e-12 * whole and left * weight[u] > best_score:
                best, best_score = u, left * weight[u]
        if best < 0:
            break
        for t in range(ports):
            basis[count, t] = rows[best, t]
        for _ in range(2):
            for c in range(count):
                total = 0.0 + 0.0j
                for t in range(ports):
                    total += basis[count, t] * basis[c, t].conjugate()
                for t in range(ports):
                    basis[count, t] -= total * basis[c, t]
        length = 0.0
        for t in range(ports):
            length += basis[count, t].real ** 2 + basis[count, t].imag ** 2
        scale = 1.0 / np.sqrt(length)
        for t in range(ports):
            basis[count, t] *= scale
        chosen[count] = best
        count += 1
    return count


def select_users(
    rows: ArrayLike, most: int, correlation: float = 0.5, weight: ArrayLike = 1.0
) -> NDArray[np.int64]:
    """Choose users whose channels are strong and nearly orthogonal, to be served together.

    Parameters
    ----------
    rows : complex [user, transmit]
        Channel direction of each user, as for :func:`zero_forcing`.
    most : int
        Layers at most.
    correlation : float
        Largest overlap of a new user with any chosen one, 0 to 1.
    weight : float or array [user]
        Multiplies the squared gain: proportional-fair weights.

    Returns
    -------
    int64 [chosen]
        Users in the order of choice, the strongest first; empty if none has a channel.

    Raises
    ------
    InputError
        ``most`` below 1 or ``correlation`` outside 0 to 1.

    Examples
    --------
    >>> select_users([[2.0, 0.0], [1.9, 0.1], [0.0, 1.0]], 2).tolist()
    [0, 2]
    """
    given = channel_of(rows, "rows")
    if given.ndim != 2:
        raise InputError(f"rows has the shape {given.shape}; it must be [user, transmit].")
    if most < 1 or not 0.0 <= correlation <= 1.0:
        raise InputError(
            f"most is {most} and correlation {correlation:g}; most must be at least 1 and "
            "correlation lie in 0 to 1."
        )
    factor = np.broadcast_to(np.asarray(weight, np.float64), given.shape[:1]).copy()
    basis = np.empty((most, given.shape[1]), np.complex128)
    chosen = np.empty(most, np.int64)
    count = select_kernel(given, factor, most, float(correlation), basis, chosen)
    return chosen[:count].copy()
