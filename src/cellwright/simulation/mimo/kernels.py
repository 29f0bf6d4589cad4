"""Small complex matrices inside compiled loops: products, solves, SINR of layers; no allocations.

All kernels take their scratch arrays from the caller, complex128, at least as big as said, and
write into ``out``. ``h`` is [receive, transmit], weights ``w`` are [transmit, layer]. They fill
and read only the leading corner they need, so that one scratch serves all sizes.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit
from numpy.typing import NDArray

Complexes = NDArray[Any]
Reals = NDArray[Any]
#: A layer's SINR is cut here, 100 dB: what lies above is rounding.
MOST_SINR = 1e10
_TINY = 1e-300


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def product_kernel(h: Complexes, w: Complexes, out: Complexes) -> None:
    """Effective channel ``out`` [receive, layer] = ``h`` [receive, transmit] ``w``."""
    for i in range(h.shape[0]):
        for j in range(w.shape[1]):
            total = 0.0 + 0.0j
            for k in range(h.shape[1]):
                total += h[i, k] * w[k, j]
            out[i, j] = total


@njit(cache=True, nogil=True, error_model="numpy")
def white_kernel(power: float, size: int, out: Complexes) -> None:
    """Set ``out`` [receive, receive] to the covariance of white noise of this power."""
    for i in range(size):
        for j in range(size):
            out[i, j] = 0.0
        out[i, i] = power


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def add_covariance_kernel(heff: Complexes, layers: int, power: float, out: Complexes) -> None:
    """Add ``power`` ``heff`` ``heff``^H to ``out`` [receive, receive].

    ``heff`` [receive, layer] is the effective channel of an interferer, or of the signal itself.
    """
    size = heff.shape[0]
    for i in range(size):
        for j in range(i + 1):
            total = 0.0 + 0.0j
            for k in range(layers):
                total += heff[i, k] * heff[j, k].conjugate()
            total *= power
            out[i, j] += total
            if i != j:
                out[j, i] += total.conjugate()


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True, inline="always")
def cholesky_kernel(a: Complexes, size: int) -> None:
    """Replace the lower triangle of a Hermitian matrix by L, with a = L L^H.

    A pivot that rounding has made negative becomes a tiny one: the row then carries nothing.
    """
    for j in range(size):
        pivot = a[j, j].real
        for k in range(j):
            pivot -= a[j, k].real ** 2 + a[j, k].imag ** 2
        pivot = math.sqrt(max(pivot, _TINY))
        a[j, j] = pivot
        inverse = 1.0 / pivot
        for i in range(j + 1, size):
            total = a[i, j]
            for k in range(j):
                total -= a[i, k] * a[j, k].conjugate()
            a[i, j] = total * inverse


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True, inline="always")
def forward_kernel(lower: Complexes, b: Complexes, column: int, size: int) -> float:
    """Replace a column of ``b`` by L^-1 of it and return its squared length."""
    length = 0.0
    for i in range(size):
        total = b[i, column]
        for k in range(i):
            total -= lower[i, k] * b[k, column]
        # a complex number over a real one costs a complex division, a product does not
        total *= 1.0 / lower[i, i].real
        b[i, column] = total
        length += total.real**2 + total.imag**2
    return length


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def backward_kernel(lower: Complexes, b: Complexes, column: int, size: int) -> None:
    """Replace a column of ``b`` by L^-H of it: with :func:`forward_kernel` before, a^-1 b."""
    for i in range(size - 1, -1, -1):
        total = b[i, column]
        for k in range(i + 1, size):
            total -= lower[k, i].conjugate() * b[k, column]
        b[i, column] = total * (1.0 / lower[i, i].real)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _stacked_kernel(heff: Complexes, layers: int, work: Complexes) -> None:
    """Factor all that is received, with the layers below: ``work`` holds R's lower triangle."""
    size = heff.shape[0]
    for i in range(size):
        for j in range(i + 1):
            total = work[i, j]
            for k in range(layers):
                total += heff[i, k] * heff[j, k].conjugate()
            work[i, j] = total
        for k in range(layers):
            work[size + i, k] = heff[i, k]
    cholesky_kernel(work, size)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def layers_sinr_kernel(heff: Complexes, layers: int, work: Complexes, out: Reals) -> None:
    """SINR of layers as :func:`mmse_irc_sinr_kernel`, R's lower triangle standing in ``work``."""
    size = heff.shape[0]
    _stacked_kernel(heff, layers, work)
    for k in range(layers):
        share = forward_kernel(work, work[size:], k, size)
        out[k] = min(share / max(1.0 - share, 1e-15), MOST_SINR)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def mmse_irc_sinr_kernel(
    heff: Complexes, layers: int, covariance: Complexes, work: Complexes, out: Reals
) -> None:
    """SINR of each layer behind a linear MMSE receiver that knows the interference (MMSE-IRC).

    Parameters
    ----------
    heff : complex [receive, layer]
        Channel times precoder and amplitude; the symbols have power 1. Columns from ``layers`` on
        are ignored.
    layers : int
        Layers of this user.
    covariance : complex [receive, receive]
        Noise and interference, without the user's own layers; positive definite.
    work : complex128 [2 receive, max(receive, layers)]
        Scratch.
    out : float [layer]
        SINR, a power ratio.

    Notes
    -----
    SINR_l = h_l^H (R + sum over the others of h h^H)^-1 h_l = q / (1 - q) with
    q = h_l^H (R + H H^H)^-1 h_l.
    """
    size = heff.shape[0]
    if layers == 1:
        for i in range(size):
            for j in range(i + 1):
                work[i, j] = covariance[i, j]
            work[size + i, 0] = heff[i, 0]
        cholesky_kernel(work, size)
        out[0] = min(forward_kernel(work, work[size:], 0, size), MOST_SINR)
        return
    for i in range(size):
        for j in range(i + 1):
            work[i, j] = covariance[i, j]
    layers_sinr_kernel(heff, layers, work, out)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True, inline="always")
def white_sinr_kernel(
    lower: Complexes, heff: Complexes, layers: int, work: Complexes, out: Reals
) -> None:
    """SINR of layers as :func:`mmse_irc_sinr_kernel`, the covariance R given as L with R = L L^H.

    ``work`` complex128 [receive + layers, layers].

    Notes
    -----
    Behind L^-1 noise is white: with G = (L^-1 H)^H (L^-1 H), SINR_l = 1 / [(I + G)^-1]_ll - 1. One
    factor serves every rank that is tried.
    """
    size = heff.shape[0]
    for k in range(layers):
        for i in range(size):
            work[i, k] = heff[i, k]
        length = forward_kernel(lower, work, k, size)
        if layers == 1:
            out[0] = min(length, MOST_SINR)
            return
    gram = work[size:]
    for i in range(layers):
        for j in range(i + 1):
            total = 0.0 + 0.0j
            for m in range(size):
                total += work[m, i].conjugate() * work[m, j]
            gram[i, j] = total
        gram[i, i] += 1.0
    cholesky_kernel(gram, layers)
    for k in range(layers):
        # a diagonal entry of the inverse is the squared length of a column of M^-1, M M^H = I + G
        error = 0.0
        for i in range(k, layers):
            total = 1.0 + 0.0j if i == k else 0.0 + 0.0j
            for m in range(k, i):
                total -= gram[i, m] * work[0, m]
            total *= 1.0 / gram[i, i].real
            work[0, i] = total
            error += total.real**2 + total.imag**2
        out[k] = min(max(1.0 / max(error, _TINY) - 1.0, 0.0), MOST_SINR)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def believed_sinr_kernel(
    heff: Complexes, believed: Complexes, layers: int, covariance: Complexes, work: Complexes,
    out: Reals,
) -> None:  # fmt: skip
    """SINR that MMSE weights really get which were made from a believed channel and covariance.

    ``believed`` is what the receiver takes for ``heff``; the lower triangle of what it takes for
    the covariance stands in ``work``. The rest as for :func:`mmse_irc_sinr_kernel`.
    """
    size = heff.shape[0]
    _stacked_kernel(believed, layers, work)
    for k in range(layers):
        forward_kernel(work, work[size:], k, size)
        backward_kernel(work, work[size:], k, size)
        out[k] = linear_sinr_kernel(heff, layers, covariance, work[size:], k)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def mmse_sinr_kernel(
    heff: Complexes, layers: int, covariance: Complexes, work: Complexes, out: Reals
) -> None:
    """SINR of each layer behind an MMSE receiver that takes the interference for white.

    Arguments as for :func:`mmse_irc_sinr_kernel`. The weights know the mean of the covariance's
    diagonal only; the SINR is what they really get.
    """
    size = heff.shape[0]
    power = 0.0
    for i in range(size):
        power += covariance[i, i].real / size
    white_kernel(power, size, work)
    believed_sinr_kernel(heff, heff, layers, covariance, work, out)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def linear_sinr_kernel(
    heff: Complexes, layers: int, covariance: Complexes, weights: Complexes, layer: int
) -> float:
    """SINR of a layer behind any linear receiver: column ``layer`` of ``weights`` [receive, .]."""
    size = heff.shape[0]
    wanted, unwanted = 0.0, 0.0
    for k in range(layers):
        total = 0.0 + 0.0j
        for i in range(size):
            total += weights[i, layer].conjugate() * heff[i, k]
        power = total.real**2 + total.imag**2
        if k == layer:
            wanted = power
        else:
            unwanted += power
    for i in range(size):
        total = 0.0 + 0.0j
        for j in range(size):
            total += covariance[i, j] * weights[j, layer]
        unwanted += (weights[i, layer].conjugate() * total).real
    return min(wanted / max(unwanted, _TINY), MOST_SINR)


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def whiten_kernel(h: Complexes, covariance: Complexes, work: Complexes, out: Complexes) -> None:
    """``out`` = L^-1 ``h`` with covariance = L L^H: behind it, noise is white with power 1.

    ``work`` complex128 [receive, receive]; ``out`` has the shape of ``h``.
    """
    size = h.shape[0]
    for i in range(size):
        for j in range(i + 1):
            work[i, j] = covariance[i, j]
    cholesky_kernel(work, size)
    for i in range(size):
        inverse = 1.0 / work[i, i].real
        for t in range(h.shape[1]):
            out[i, t] = h[i, t]
        for k in range(i):
            for t in range(h.shape[1]):
                out[i, t] -= work[i, k] * out[k, t]
        for t in range(h.shape[1]):
            out[i, t] *= inverse


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def regularised_zf_kernel(
    rows: Complexes, users: int, ridge: float, work: Complexes, w: Complexes
) -> None:
    """Regularised zero-forcing precoder H^H (H H^H + ridge I)^-1, columns of power ``1 / users``.

    Scratch and output as the module says; ``rows`` is H.

    Parameters
    ----------
    rows : complex [user, transmit]
        Channel direction of each layer, a row; those from ``users`` on are ignored.
    users : int
        Layers served together.
    ridge : float
        Added to the diagonal of H H^H: 0 = zero forcing; layers times noise power over transmit
        power minimises the mean error (Peel, Hochwald, Swindlehurst 2005).
    work : complex128 [2 users, users]
        Scratch.
    w : complex [transmit, user]
        Precoder.
    """
    ports = rows.shape[1]
    for i in range(users):
        for j in range(i + 1):
            total = 0.0 + 0.0j
            for t in range(ports):
                total += rows[i, t] * rows[j, t].conjugate()
            work[i, j] = total + ridge if i == j else total
        for j in range(users):
            work[users + i, j] = 1.0 if i == j else 0.0
    cholesky_kernel(work, users)
    for k in range(users):
        forward_kernel(work, work[users:], k, users)
        backward_kernel(work, work[users:], k, users)
        power = 0.0
        for t in range(ports):
            total = 0.0 + 0.0j
            for i in range(users):
                total += rows[i, t].conjugate() * work[users + i, k]
            w[t, k] = total
            power += total.real**2 + total.imag**2
        scale = 1.0 / math.sqrt(max(power * users, _TINY))
        for t in range(ports):
            w[t, k] *= scale


@njit(cache=True, nogil=True, error_model="numpy")
def hermitian_eigen_kernel(a: Complexes, size: int, vectors: Complexes, values: Reals) -> None:
    """Eigenvalues and vectors of a small Hermitian matrix by Jacobi rotations, largest first.

    ``a`` is destroyed; column i of ``vectors`` [size, size] belongs to ``values[i]``.
    """
    for i in range(size):
        for j in range(size):
            vectors[i, j] = 1.0 if i == j else 0.0
    for _ in range(30):
        off, diagonal = 0.0, 0.0
        for i in range(size):
            diagonal += a[i, i].real ** 2
            for j in range(i):
                off += abs(a[i, j]) ** 2
        if off <= 1e-26 * diagonal:
            break
        for p in range(size - 1):
            for q in range(p + 1, size):
                _rotate(a, vectors, size, p, q)
    for i in range(size):
        values[i] = a[i, i].real
    for i in range(size - 1):
        best = i
        for j in range(i + 1, size):
            if values[j] > values[best]:
                best = j
        if best != i:
            values[i], values[best] = values[best], values[i]
            for k in range(size):
                vectors[k, i], vectors[k, best] = vectors[k, best], vectors[k, i]


@njit(cache=True, nogil=True, error_model="numpy")
def _rotate(a: Complexes, vectors: Complexes, size: int, p: int, q: int) -> None:
    """One Jacobi rotation that clears a[p, q]."""
    length = abs(a[p, q])
    if length <= _TINY:
        return
    phase = a[p, q] / length
    tau = (a[q, q].real - a[p, p].real) / (2.0 * length)
    t = 1.0 / (abs(tau) + math.sqrt(1.0 + tau * tau))
    t = t if tau >= 0.0 else -t
    c = 1.0 / math.sqrt(1.0 + t * t)
    s = t * c
    for k in range(size):
        left, right = a[k, p], a[k, q]
        a[k, p] = c * left - s * phase.conjugate() * right
        a[k, q] = s * phase * left + c * right
        left, right = vectors[k, p], vectors[k, q]
        vectors[k, p] = c * left - s * phase.conjugate() * right
        vectors[k, q] = s * phase * left + c * right
    for k in range(size):
        left, right = a[p, k], a[q, k]
        a[p, k] = c * left - s * phase * right
        a[q, k] = s * phase.conjugate() * left + c * right


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def svd_precoder_kernel(
    h: Complexes, layers: int, work: Complexes, gains: Reals, w: Complexes
) -> None:
    """Strongest right singular vectors of a channel, equal power on each, together 1.

    Parameters
    ----------
    h : complex [receive, transmit]
        Channel; whitened by :func:`whiten_kernel` where interference is coloured.
    layers : int
        Layers, at most min(receive, transmit).
    work : complex128 [2 receive, receive]
        Scratch.
    gains : float64 [receive]
        Squared singular values, largest first.
    w : complex [transmit, layer]
        Precoder; a direction that carries nothing stays 0.
    """
    size = h.shape[0]
    for i in range(size):
        for j in range(i + 1):
            total = 0.0 + 0.0j
            for t in range(h.shape[1]):
                total += h[i, t] * h[j, t].conjugate()
            work[i, j] = total
            work[j, i] = total.conjugate()
    hermitian_eigen_kernel(work, size, work[size:], gains)
    for k in range(layers):
        usable = gains[k] > 1e-13 * gains[0] and gains[k] > 0.0
        scale = 1.0 / math.sqrt(gains[k] * layers) if usable else 0.0
        for t in range(h.shape[1]):
            total = 0.0 + 0.0j
            for i in range(size):
                total += h[i, t].conjugate() * work[size + i, k]
            w[t, k] = total * scale
