"""Uplink: transmit power of the phone, power headroom, and what the base station receives.

Open-loop power control of TS 38.213 clause 7.1.1 and TS 36.213 clause 5.1.1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError
from cellwright.simulation.mimo.precoding import channel_of
from cellwright.simulation.mimo.receivers import Receiver, layer_sinr, noise_covariance

Floats = NDArray[np.float64]
_KS = 1.25


class _Adjusted(TypedDict, total=False):
    """What :meth:`PowerControl.wanted_dbm` takes beside loss and blocks."""

    bits_per_element: ArrayLike
    correction_db: ArrayLike


@dataclass(frozen=True)
class PowerControl:
    """Settings of uplink power control.

    Attributes
    ----------
    p0_dbm : float
        Wanted power of one resource block at the base station [dBm].
    alpha : float
        Share of the path loss the phone makes up for.
    most_dbm : float
        Highest transmit power, P_CMAX [dBm].
    least_dbm : float
        Lowest transmit power [dBm].
    scs_khz : float
        Subcarrier spacing; LTE 15.
    delta_mcs : bool
        Whether more bits per element ask for more power (K_s = 1.25).
    """

    p0_dbm: float = -76.0
    alpha: float = 0.8
    most_dbm: float = 23.0
    least_dbm: float = -40.0
    scs_khz: float = 15.0
    delta_mcs: bool = False

    def __post_init__(self) -> None:
        faults = Faults()
        if not 0.0 <= self.alpha <= 1.0:
            faults.error(
                "uplink.alpha",
                f"alpha is {self.alpha:g}; it must lie in 0 to 1.",
                "The standards allow 0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.",
            )
        if self.scs_khz not in (15.0, 30.0, 60.0, 120.0):
            faults.error(
                "uplink.scs",
                f"scs_khz is {self.scs_khz:g}; allowed: 15, 30, 60, 120.",
                "LTE has 15 kHz.",
            )
        if not -202.0 <= self.p0_dbm <= 24.0:
            faults.error(
                "uplink.p0",
                f"p0_dbm is {self.p0_dbm:g}; the standard's range is -202 to 24 dBm.",
                "It is the power of one resource block at the base station.",
            )
        if self.least_dbm > self.most_dbm:
            faults.error(
                "uplink.limits",
                f"least_dbm {self.least_dbm:g} is above most_dbm {self.most_dbm:g}.",
                "A phone sends -40 to 23 or 26 dBm.",
            )
        faults.raise_errors()

    def wanted_dbm(
        self, loss_db: ArrayLike, blocks: ArrayLike, bits_per_element: ArrayLike = 0.0,
        *, correction_db: ArrayLike = 0.0,
    ) -> Floats:  # fmt: skip
        """Power the formula asks for, before the phone's limit [dBm].

        Parameters
        ----------
        loss_db : float or array
            Coupling loss to the serving cell, PL [dB].
        blocks : int or array
            Resource blocks.
        bits_per_element : float or array
            BPRE, used where ``delta_mcs`` is set.
        correction_db : float or array
            Closed loop, f(i).

        Raises
        ------
        InputError
            Fewer than one block.
        """
        count = np.asarray(blocks, np.float64)
        if not (count >= 1.0).all():
            raise InputError(
                f"{count.min():g} resource blocks: a transmission has at least 1. Leave out users "
                "without a grant."
            )
        wide = 10.0 * np.log10(count * self.scs_khz / 15.0)
        total = self.p0_dbm + wide + self.alpha * np.asarray(loss_db, np.float64)
        if self.delta_mcs:
            raised = 2.0 ** (np.asarray(bits_per_element, np.float64) * _KS) - 1.0
            total = total + 10.0 * np.log10(np.maximum(raised, 1e-3))
        return np.asarray(total + np.asarray(correction_db, np.float64))

    def power_dbm(
        self, loss_db: ArrayLike, blocks: ArrayLike, **adjusted: Unpack[_Adjusted]
    ) -> Floats:
        """Transmit power over all blocks [dBm]; arguments as in :meth:`wanted_dbm`.

        Examples
        --------
        >>> PowerControl(p0_dbm=-80.0, alpha=0.8).power_dbm([100.0, 140.0], 10).tolist()
        [10.0, 23.0]
        """
        wanted = self.wanted_dbm(loss_db, blocks, **adjusted)
        return np.asarray(np.clip(wanted, self.least_dbm, self.most_dbm))

    def headroom_db(
        self, loss_db: ArrayLike, blocks: ArrayLike, **adjusted: Unpack[_Adjusted]
    ) -> Floats:
        """Power headroom of type 1: negative where the phone cannot send what is asked [dB].

        Arguments as in :meth:`wanted_dbm`.

        References
        ----------
        3GPP TS 38.213 clause 7.7.1, TS 36.213 clause 5.1.1.2.

        Examples
        --------
        >>> PowerControl(p0_dbm=-80.0, alpha=0.8).headroom_db([100.0, 140.0], 10).tolist()
        [13.0, -19.0]
        """
        wanted = self.wanted_dbm(loss_db, blocks, **adjusted)
        return np.asarray(self.most_dbm - wanted)

    def most_blocks(
        self, loss_db: ArrayLike, bits_per_element: ArrayLike = 0.0
    ) -> NDArray[np.int64]:
        """Resource blocks a phone can fill at the wanted power, at least 1."""
        room = self.headroom_db(loss_db, 1, bits_per_element=bits_per_element)
        return np.asarray(np.maximum(np.floor(10.0 ** (room / 10.0) + 1e-9), 1.0), np.int64)


def uplink_sinr(
    h: ArrayLike,
    covariance: ArrayLike,
    power: ArrayLike = 1.0,
    receiver: Receiver = "mmse-irc",
) -> Floats:
    """SINR of users that send on the same blocks to one base station.

    Parameters
    ----------
    h : complex [..., receive, user]
        Channel of each user's layer to the base station's antennas.
    covariance : complex [..., receive, receive]
        Noise and interference of other cells.
    power : float or array [..., user]
        Received power of each user over |h|^2, in the unit of the covariance.
    receiver : {"mmse-irc", "mmse", "mrc"}
        "mmse-irc" cancels the other users and coloured interference, "mrc" neither.

    Returns
    -------
    float64 [..., user]
    """
    given = channel_of(h)
    amplitude = np.sqrt(np.atleast_1d(np.asarray(power, np.float64)))[..., None, :]
    return layer_sinr(given * amplitude, covariance, receiver)


def shared_uplink_sinr(
    h: ArrayLike,
    interferers: ArrayLike,
    noise_power: ArrayLike,
    receiver: Receiver = "mmse-irc",
) -> Floats:
    """As :func:`uplink_sinr`, with the interferers' channels [..., receive, stream] given."""
    return uplink_sinr(h, noise_covariance(interferers, noise_power), 1.0, receiver)
