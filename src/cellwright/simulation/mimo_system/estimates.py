"""What a receiver believes: channel and interference as its pilots show them.

Least squares over a bundle of resource blocks: errors of the channel have the covariance of noise
and interference over the pilots' gain; the covariance, estimated from what the fit leaves over,
follows a complex Wishart distribution, drawn by Bartlett's decomposition (3GPP TR 36.829 models
MMSE-IRC receivers so).
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.channel.draws import fill_uniform, normal_of

Array = NDArray[Any]
_HALF = math.sqrt(0.5)


@njit(cache=True)
def draws_needed(receive: int, layers: int, samples: int) -> int:
    """Uniform numbers that :func:`believed_kernel` uses at most.

    Examples
    --------
    >>> draws_needed(1, 2, 10)
    14
    """
    return receive * (2 * layers + receive - 1 + samples)


@njit(cache=True, nogil=True, error_model="numpy")
def _wishart_root(draw: Array, at: int, samples: int, size: int, root: Array) -> int:
    """Lower triangle A with A A^H complex Wishart of unit scale; returns the next draw."""
    for i in range(size):
        for j in range(i):
            root[i, j] = _HALF * complex(normal_of(draw[at]), normal_of(draw[at + 1]))
            at += 2
        gamma = 0.0
        for _ in range(samples - i):
            gamma -= math.log(draw[at])
            at += 1
        root[i, i] = math.sqrt(gamma)
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def believed_kernel(
    key: Any, lower: Array, heff: Array, layers: int, gain: float, samples: int,
    draw: Array, root: Array, believed: Array, covariance: Array,
) -> None:  # fmt: skip
    """Draw what a receiver believes.

    Parameters
    ----------
    key : uint64
        Start of its stream of random numbers.
    lower : complex [receive, receive]
        Lower factor of the true covariance of noise and interference.
    heff : complex [receive, layer]
        True channel times precoder.
    layers : int
        Columns that count.
    gain : float
        Energy of a layer's pilots over that of a data symbol, over the numbers fitted to it.
    samples : int
        Independent samples of the covariance, at least ``receive``.
    draw : float64 [draws_needed]
    root : complex128 [receive, receive]
        Scratch.
    believed : complex128 [receive, layer]
    covariance : complex128 [at least receive, at least receive]
        Its lower triangle is filled.
    """
    size = heff.shape[0]
    fill_uniform(key, draw[: draws_needed(size, layers, samples)])
    at = _wishart_root(draw, 0, samples, size, root)
    scale = _HALF / math.sqrt(gain)
    for k in range(layers):
        for i in range(size):
            believed[i, k] = heff[i, k]
        for j in range(size):
            error = scale * complex(normal_of(draw[at]), normal_of(draw[at + 1]))
            at += 2
            for i in range(j, size):
                believed[i, k] += lower[i, j] * error
    # L A in place of A: a row takes rows above it, so from the last
    for i in range(size - 1, -1, -1):
        for j in range(i + 1):
            total = 0.0 + 0.0j
            for k in range(j, i + 1):
                total += lower[i, k] * root[k, j]
            root[i, j] = total
    for i in range(size):
        for j in range(i + 1):
            total = 0.0 + 0.0j
            for k in range(j + 1):
                total += root[i, k] * root[j, k].conjugate()
            covariance[i, j] = total / samples
