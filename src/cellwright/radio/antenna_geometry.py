"""Directions seen from a turned and tilted antenna (3GPP TR 38.901 clause 7.1.3), and gain look-up.

Azimuth runs clockwise from north, so a local azimuth is positive to the right of boresight.
Zenith is 0 straight up, 90 at the antenna's own horizon; tilt is positive downwards.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

_DEGREE = math.pi / 180.0


@njit(cache=True)
def local_angles_kernel(
    dx: float, dy: float, dz: float, azimuth_deg: float, tilt_deg: float
) -> tuple[float, float]:
    """Turn a direction into the antenna's own zenith and azimuth [deg]; scalar Numba kernel.

    ``dx, dy, dz`` is a unit vector (east, north, up); ``azimuth_deg`` the boresight clockwise
    from north; ``tilt_deg`` the mechanical tilt, down positive.
    """
    turn = azimuth_deg * _DEGREE
    tilt = tilt_deg * _DEGREE
    ahead = dx * math.sin(turn) + dy * math.cos(turn)
    right = dx * math.cos(turn) - dy * math.sin(turn)
    up = math.cos(tilt) * dz + math.sin(tilt) * ahead
    front = math.cos(tilt) * ahead - math.sin(tilt) * dz
    zenith = math.acos(min(1.0, max(-1.0, up)))
    return zenith / _DEGREE, math.atan2(right, front) / _DEGREE


@njit(cache=True)
def pattern_gain_kernel(
    pattern: NDArray[np.float32],
    dx: float,
    dy: float,
    dz: float,
    azimuth_deg: float,
    tilt_deg: float,
) -> float:
    """Gain [dBi] of a pattern table towards a direction; scalar Numba kernel.

    Parameters
    ----------
    pattern : ndarray of float32 [181, 360]
        Gain [dBi]: row zenith 0..180 deg, column azimuth -180..179 deg from boresight.
    dx, dy, dz : float
        Unit vector from the antenna: east, north, up.
    azimuth_deg : float
        Boresight [deg], clockwise from north.
    tilt_deg : float
        Mechanical tilt [deg], down positive.

    Returns
    -------
    float
        Gain [dBi], bilinear between the four nearest entries.
    """
    zenith, azimuth = local_angles_kernel(dx, dy, dz, azimuth_deg, tilt_deg)
    row = min(int(zenith), 179)
    down = zenith - row
    shifted = azimuth + 180.0
    floor = int(shifted)
    side = shifted - floor
    left = floor % 360
    right = (floor + 1) % 360
    above = (1.0 - side) * pattern[row, left] + side * pattern[row, right]
    below = (1.0 - side) * pattern[row + 1, left] + side * pattern[row + 1, right]
    return float((1.0 - down) * above + down * below)


def local_angles(
    azimuth_deg: ArrayLike,
    zenith_deg: ArrayLike,
    boresight_azimuth_deg: ArrayLike = 0.0,
    mechanical_tilt_deg: ArrayLike = 0.0,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Turn map directions into the antenna's own zenith and azimuth; all arguments broadcast.

    Parameters
    ----------
    azimuth_deg : float or array
        Direction [deg], clockwise from north.
    zenith_deg : float or array
        Direction [deg] from straight up.
    boresight_azimuth_deg : float or array
        Where the antenna looks [deg], clockwise from north.
    mechanical_tilt_deg : float or array
        Downtilt of the whole antenna [deg].

    Returns
    -------
    zenith_deg, azimuth_deg : ndarray
        In the antenna's own frame; azimuth -180 to 180 from boresight.

    References
    ----------
    3GPP TR 38.901 V19.4, equations 7.1-7 and 7.1-8 with slant 0.

    Examples
    --------
    >>> zenith, azimuth = local_angles(30.0, 96.0, 30.0, 6.0)
    >>> round(float(zenith), 6), round(float(azimuth), 6)
    (90.0, 0.0)
    """
    turn = np.radians(np.asarray(azimuth_deg) - np.asarray(boresight_azimuth_deg))
    zenith = np.radians(np.asarray(zenith_deg))
    tilt = np.radians(np.asarray(mechanical_tilt_deg))
    up = np.cos(tilt) * np.cos(zenith) + np.sin(tilt) * np.sin(zenith) * np.cos(turn)
    front = np.cos(tilt) * np.sin(zenith) * np.cos(turn) - np.sin(tilt) * np.cos(zenith)
    right = np.sin(zenith) * np.sin(turn)
    return np.degrees(np.arccos(np.clip(up, -1.0, 1.0))), np.degrees(np.arctan2(right, front))


def unit_vector(
    azimuth_deg: ArrayLike, zenith_deg: ArrayLike
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return east, north and up of a direction given by azimuth from north and zenith [deg]."""
    azimuth = np.radians(np.asarray(azimuth_deg))
    zenith = np.radians(np.asarray(zenith_deg))
    return (
        np.sin(zenith) * np.sin(azimuth),
        np.sin(zenith) * np.cos(azimuth),
        np.cos(zenith) + 0.0 * azimuth,
    )


def pattern_gain(
    pattern: NDArray[np.float32], zenith_deg: ArrayLike, azimuth_deg: ArrayLike
) -> NDArray[Any]:
    """Gain [dBi] of a pattern table at local angles [deg], bilinear; arrays broadcast."""
    zenith, azimuth = np.broadcast_arrays(
        np.asarray(zenith_deg, dtype=float), np.asarray(azimuth_deg, dtype=float)
    )
    row = np.minimum(zenith.astype(int), 179)
    down = zenith - row
    floor = np.floor(azimuth + 180.0)
    side = azimuth + 180.0 - floor
    left = floor.astype(int) % 360
    right = (left + 1) % 360
    above = (1.0 - side) * pattern[row, left] + side * pattern[row, right]
    below = (1.0 - side) * pattern[row + 1, left] + side * pattern[row + 1, right]
    return np.asarray((1.0 - down) * above + down * below)
