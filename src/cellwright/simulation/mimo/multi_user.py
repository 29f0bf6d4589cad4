"""Multi-user downlink: users served together, their precoder and what each of them receives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError
from cellwright.simulation.mimo.precoding import (
    channel_of,
    dominant_rows,
    select_users,
    zero_forcing,
)
from cellwright.simulation.mimo.receivers import layer_sinr

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Group:
    """Layers sent on the same resources.

    Attributes
    ----------
    user : int64 [layer]
        User of each layer; one with several layers appears as often.
    precoder : complex128 [port, layer]
        Power 1 together.
    sinr : float64 [layer]
        SINR behind each user's MMSE-IRC receiver, which knows the other users' layers.
    """

    user: NDArray[np.int64]
    precoder: Complex
    sinr: Floats

    @property
    def rate(self) -> float:
        """Sum of log2(1 + SINR) [bit/s/Hz]."""
        return float(np.log2(1.0 + self.sinr).sum())


def group_sinr(h: ArrayLike, precoder: ArrayLike, user: ArrayLike, covariance: ArrayLike) -> Floats:
    """SINR of every layer of a group.

    Parameters
    ----------
    h : complex [user, receive, port]
        Channel of every user with the amplitude of the whole transmit power.
    precoder : complex [port, layer]
        Power 1 together.
    user : int [layer]
        User of each layer.
    covariance : complex [receive, receive] or [user, receive, receive]
        Noise and interference of other cells.

    Returns
    -------
    float64 [layer]
        Behind MMSE-IRC: a user's receiver fights the layers of the others as interference and
        separates its own.
    """
    given, owner = channel_of(h), np.asarray(user, np.int64)
    w = np.asarray(precoder, np.complex128)
    colour = np.asarray(covariance, np.complex128)
    colour = np.broadcast_to(colour, (given.shape[0], *colour.shape[-2:]))
    # the order of a user's own columns does not matter to a linear MMSE receiver: others' layers
    # and its own stand in the same sum
    every = layer_sinr(given[owner] @ w, colour[owner])
    return np.asarray(np.diagonal(every).copy())


def serve_together(
    h: ArrayLike,
    covariance: ArrayLike,
    most: int = 12,
    correlation: float = 0.5,
    weight: ArrayLike = 1.0,
    known: ArrayLike | None = None,
    regularised: bool = True,
) -> Group:
    """Select users, zero-force between them and drop layers while that raises the sum rate.

    Parameters
    ----------
    h : complex [user, receive, port]
        Channel of every user with the amplitude of the whole transmit power.
    covariance : complex [receive, receive] or [user, receive, receive]
        Noise and interference.
    most : int
        Layers at most, one for each user.
    correlation : float
        Largest overlap of two users' directions.
    weight : float or array [user]
        Proportional-fair weights; 0 leaves a user out.
    known : complex [user, port], optional
        Directions the base station knows, rows as for
        :func:`~cellwright.simulation.mimo.zero_forcing`: conjugates of reported precoders.
        Default: each user's strongest singular vector, perfect knowledge.
    regularised : bool
        Regularise by noise; without it, plain zero forcing.

    Returns
    -------
    Group

    Raises
    ------
    InputError
        No user with a channel and a weight.
    """
    given = channel_of(h)
    colour = np.asarray(covariance, np.complex128)
    rows = dominant_rows(given)[:, 0] if known is None else channel_of(known, "known")
    chosen = select_users(rows, most, correlation, weight)
    if chosen.size == 0:
        raise InputError("No user has both a channel and a positive weight; nobody to serve.")
    noise = float(np.einsum("...ii->...i", colour).real.mean())
    worth = np.broadcast_to(np.asarray(weight, np.float64), given.shape[:1])
    best: tuple[float, Group] | None = None
    for count in range(1, chosen.size + 1):
        user = chosen[:count]
        w = zero_forcing(rows[user], count * noise if regularised else 0.0)
        group = Group(user, w, group_sinr(given, w, user, colour))
        rate = float((worth[user] * np.log2(1.0 + group.sinr)).sum())
        if best is not None and rate <= best[0]:
            break
        best = (rate, group)
    if best is None:
        raise InputError("No user has both a channel and a positive weight; nobody to serve.")
    return best[1]
