"""SINR behind the receiver in LTE's downlink transmission modes (TS 36.213 clause 7.1).

TM1 one port, TM2 transmit diversity (Alamouti over frequency), TM3 large-delay CDD, TM4 closed
loop, TM9 a precoder of any kind on demodulation reference signals. Power of all ports together
is 1, times whatever amplitude ``h`` carries.

S. M. Alamouti, A simple transmit diversity technique for wireless communications, IEEE JSAC 16(8),
1998; 3GPP TS 36.211 clauses 6.3.4.2.2, 6.3.4.3.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, SpectrumError
from cellwright.simulation.mimo.lte_codebook import lte_codebook
from cellwright.simulation.mimo.precoding import channel_of, check_rank
from cellwright.simulation.mimo.receivers import layer_sinr

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
MODES = (1, 2, 3, 4, 9)


def _matched(h: Complex, covariance: ArrayLike) -> Floats:
    """h_t^H R^-1 h_t of every port alone [..., port]."""
    solved = np.linalg.solve(np.asarray(covariance, np.complex128), h)
    return np.asarray((h.conj() * solved).sum(axis=-2).real)


def single_port_sinr(h: ArrayLike, covariance: ArrayLike) -> Floats:
    """TM1: all power on the first port, MRC against interference (IRC) [..., 1]."""
    return _matched(channel_of(h)[..., :1], covariance)


def diversity_sinr(h: ArrayLike, covariance: ArrayLike) -> Floats:
    """TM2: transmit diversity over 2 or 4 ports.

    Parameters
    ----------
    h : complex [..., receive, port]
        Channel, alike on the subcarriers of a pair.
    covariance : complex [..., receive, receive]
        Noise and interference.

    Returns
    -------
    float64 [..., pair]
        SINR of the symbols: Alamouti's code keeps them orthogonal, also behind IRC. Four ports
        take turns in the pairs (0, 2) and (1, 3), so there are two SINRs.

    Raises
    ------
    SpectrumError
        Another number of ports.

    Examples
    --------
    >>> diversity_sinr([[1.0, 1.0]], [[0.5]]).tolist()
    [2.0]
    """
    given = channel_of(h)
    each = _matched(given, covariance)
    if given.shape[-1] == 2:
        return np.asarray(each.sum(axis=-1, keepdims=True) / 2.0)
    if given.shape[-1] == 4:
        return (
            np.asarray(np.stack([each[..., 0] + each[..., 2], each[..., 1] + each[..., 3]], -1))
            / 2.0
        )
    raise SpectrumError(
        f"LTE transmit diversity over {given.shape[-1]} ports: 2 or 4 are allowed. Use TM1 for one."
    )


@cache
def cyclic_precoders(ports: int, rank: int) -> Complex:
    """W(i) D(i) U of large-delay CDD over one turn [i, port, layer].

    Raises
    ------
    SpectrumError
        Other than 2 or 4 ports, or fewer than two layers.

    References
    ----------
    3GPP TS 36.211 Table 6.3.4.2.2-1; two ports keep index 0 (identity), four ports turn through
    indices 12 to 15, a new one every ``rank`` symbols.
    """
    if ports not in (2, 4) or not 2 <= rank <= ports:
        raise SpectrumError(
            f"Large-delay CDD of {rank} layers over {ports} ports: 2 or 4 ports and at least two "
            "layers. One layer is sent with transmit diversity (TM2)."
        )
    delay = np.exp(-2j * np.pi * np.outer(np.arange(rank), np.arange(rank)) / rank)
    mixing = delay / np.sqrt(rank)
    books = np.eye(2)[None] / np.sqrt(2.0) if ports == 2 else lte_codebook(4, rank)[12:16]
    turns = [
        books[(i // rank) % len(books)] @ np.diag(delay[i % rank]) @ mixing
        for i in range(rank * len(books))
    ]
    out = np.array(turns)
    out.setflags(write=False)
    return out


def cyclic_sinr(h: ArrayLike, covariance: ArrayLike, rank: int) -> Floats:
    """TM3 with two layers or more: SINR of each layer at every place of the turn.

    Parameters
    ----------
    h, covariance
        As in :func:`diversity_sinr`.
    rank : int
        Layers; one is :func:`diversity_sinr`.

    Returns
    -------
    float64 [..., turn, layer]
        The turns are resources of one block: average their information.
    """
    given = channel_of(h)
    check_rank(rank, given)
    heff = given[..., None, :, :] @ cyclic_precoders(given.shape[-1], rank)
    return layer_sinr(heff, np.asarray(covariance, np.complex128)[..., None, :, :])


def lte_sinr(
    mode: int,
    h: ArrayLike,
    covariance: ArrayLike,
    rank: int = 1,
    precoder: ArrayLike | None = None,
) -> Floats:
    """SINR of the symbols of a transmission mode.

    Parameters
    ----------
    mode : {1, 2, 3, 4, 9}
        Transmission mode.
    h : complex [..., receive, port]
        Channel with the amplitude of the whole transmit power.
    covariance : complex [..., receive, receive]
        Noise and interference.
    rank : int
        Layers of TM3.
    precoder : complex [..., port, layer], optional
        Of TM4 (from :func:`~cellwright.simulation.mimo.lte_codebook`) and TM9.

    Returns
    -------
    float64 [..., resource, layer]
        SINR, a power ratio; resources within a pair or turn.

    Raises
    ------
    SpectrumError
        Another mode, or ports or layers it does not allow.
    InputError
        TM4 or TM9 without a precoder.
    """
    if mode not in MODES:
        raise SpectrumError(f"Transmission mode {mode}: allowed are {', '.join(map(str, MODES))}.")
    if mode == 1:
        return single_port_sinr(h, covariance)[..., None, :]
    if mode == 2 or (mode == 3 and rank == 1):
        return diversity_sinr(h, covariance)[..., None]
    if mode == 3:
        return cyclic_sinr(h, covariance, rank)
    if precoder is None:
        raise InputError(
            f"TM{mode} needs a precoder: take one from lte_codebook or lte_report (TM4), or from "
            "svd_precoder (TM9)."
        )
    heff = channel_of(h) @ np.asarray(precoder, np.complex128)
    return layer_sinr(heff, covariance)[..., None, :]
