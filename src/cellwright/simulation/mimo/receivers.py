"""SINR of each layer behind linear receivers, over whole arrays: MMSE, MMSE-IRC, MRC.

J. H. Winters, Optimum combining in digital mobile radio with cochannel interference, IEEE JSAC
2(4), 1984; receiver types of 3GPP TR 36.829.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError
from cellwright.simulation.mimo.kernels import (
    Complexes,
    linear_sinr_kernel,
    mmse_irc_sinr_kernel,
    mmse_sinr_kernel,
)

Floats = NDArray[np.float64]
Receiver = Literal["mmse-irc", "mmse", "mrc"]
RECEIVERS: tuple[Receiver, ...] = ("mmse-irc", "mmse", "mrc")


def noise_covariance(interferers: ArrayLike, noise_power: ArrayLike) -> NDArray[np.complex128]:
    """Covariance of noise and interference [..., receive, receive].

    Parameters
    ----------
    interferers : complex [..., receive, stream]
        Effective channels of all interfering streams: channel times precoder and amplitude.
    noise_power : float or array [...]
        Noise power of a receive branch.
    """
    given = np.asarray(interferers, np.complex128)
    white = np.asarray(noise_power, np.float64)[..., None, None] * np.eye(given.shape[-2])
    return np.asarray(given @ given.conj().swapaxes(-1, -2) + white)


def layer_sinr(heff: ArrayLike, covariance: ArrayLike, receiver: Receiver = "mmse-irc") -> Floats:
    """SINR of every layer, a power ratio.

    Parameters
    ----------
    heff : complex [..., receive, layer]
        Channel times precoder and amplitude; symbols have power 1.
    covariance : complex [..., receive, receive]
        Noise and interference without these layers; broadcasts.
    receiver : {"mmse-irc", "mmse", "mrc"}
        Knows the whole covariance; only its power; only the layer's own channel.

    Returns
    -------
    float64 [..., layer]
        At most 1e10.

    Raises
    ------
    InputError
        Shapes that do not fit, an unknown receiver, values that are not finite, or a covariance
        without noise.

    Examples
    --------
    >>> layer_sinr(np.eye(2), 0.5 * np.eye(2)).round(9).tolist()
    [2.0, 2.0]
    """
    if receiver not in RECEIVERS:
        raise InputError(f'There is no receiver "{receiver}"; allowed: {", ".join(RECEIVERS)}.')
    h, r = np.asarray(heff, np.complex128), np.asarray(covariance, np.complex128)
    if h.ndim < 2 or r.ndim < 2 or r.shape[-2:] != (h.shape[-2],) * 2:
        raise InputError(
            f"heff is {h.shape} and covariance {r.shape}; they must be [..., receive, layer] and "
            "[..., receive, receive]."
        )
    if not (np.isfinite(h).all() and np.isfinite(r).all()):
        raise InputError("A channel or covariance is not finite; mark users without signal first.")
    if not (np.einsum("...ii->...i", r).real > 0.0).all():
        raise InputError("A covariance has no noise on its diagonal; add the noise power.")
    shape = np.broadcast_shapes(h.shape[:-2], r.shape[:-2])
    flat = np.ascontiguousarray(np.broadcast_to(h, shape + h.shape[-2:])).reshape(
        (-1, *h.shape[-2:])
    )
    colour = np.ascontiguousarray(np.broadcast_to(r, shape + r.shape[-2:])).reshape(
        (-1, *r.shape[-2:])
    )
    out = np.empty((flat.shape[0], h.shape[-1]))
    _many(flat, colour, RECEIVERS.index(receiver), out)
    return out.reshape((*shape, h.shape[-1]))


@njit(cache=True, nogil=True, error_model="numpy")
def _many(heff: Complexes, covariance: Complexes, receiver: int, out: NDArray[Any]) -> None:
    size, layers = heff.shape[1], heff.shape[2]
    work = np.empty((2 * size, max(size, layers)), np.complex128)
    for i in range(heff.shape[0]):
        if receiver == 0:
            mmse_irc_sinr_kernel(heff[i], layers, covariance[i], work, out[i])
        elif receiver == 1:
            mmse_sinr_kernel(heff[i], layers, covariance[i], work, out[i])
        else:
            for k in range(layers):
                out[i, k] = linear_sinr_kernel(heff[i], layers, covariance[i], heff[i], k)


def sum_rate(sinr: ArrayLike) -> Floats:
    """Sum of log2(1 + SINR) over the layers [bit/s/Hz]: last axis."""
    return np.asarray(np.log2(1.0 + np.asarray(sinr, np.float64)).sum(axis=-1))
