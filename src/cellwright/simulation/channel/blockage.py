"""Blockers around each user (TR 38.901 clause 7.6.4.1, model A)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellwright.simulation.channel.draws import uniform_table

Floats = NDArray[np.float64]
Blockage = Literal["none", "portrait", "landscape", "others"]

#: Table 7.6.4.1-1: azimuth and width, zenith and height of the user's own body [deg].
_BODY = {"portrait": (260.0, 120.0, 100.0, 80.0), "landscape": (40.0, 160.0, 110.0, 75.0)}
_BLOCKERS = 4
_STREAM = 5


def blockers(
    kind: Blockage, scenario: str, users: int, seed: int, bearing_deg: Floats, wavelength_m: float
) -> Floats:
    """Return each user's blockers, float64 [user, blocker, 5].

    Columns: azimuth counter-clockwise from east, zenith, width and height [deg], distance in
    wavelengths (0 = the user's own body).

    Parameters
    ----------
    kind : {"none", "portrait", "landscape", "others"}
        How the user holds the phone; ``others`` = without the user's own body.
    scenario : str
        ``inh`` has its own sizes.
    users : int
        How many.
    seed : int
        Seed of the draws.
    bearing_deg : float64 [user]
        Where the phone looks, counter-clockwise from east.
    wavelength_m : float
        Wavelength [m].

    References
    ----------
    3GPP TR 38.901 V19.4.0, clause 7.6.4.1, Tables 7.6.4.1-1 and 7.6.4.1-2.
    """
    if kind == "none":
        return np.zeros((users, 0, 5))
    draw = uniform_table(seed, _STREAM, users, 3 * _BLOCKERS).reshape(users, _BLOCKERS, 3)
    out = np.empty((users, _BLOCKERS, 5))
    out[..., 0] = 360.0 * draw[..., 0]
    out[..., 1] = 90.0
    indoor = scenario == "inh"
    out[..., 2] = 15.0 + 30.0 * draw[..., 1] if indoor else 5.0 + 10.0 * draw[..., 1]
    out[..., 3] = 5.0 + 10.0 * draw[..., 2] if indoor else 5.0
    out[..., 4] = (2.0 if indoor else 10.0) / wavelength_m
    if kind == "others":
        return out
    azimuth, width, zenith, height = _BODY[kind]
    body = np.empty((users, 1, 5))
    body[:, 0, 0] = azimuth + bearing_deg
    body[:, 0, 1:] = (zenith, width, height, 0.0)
    return np.concatenate((body, out), axis=1)
