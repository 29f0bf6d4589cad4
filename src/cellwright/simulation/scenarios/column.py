"""A column of elements and its gain: TR 38.901 Table 7.3-1 and equation (7.3-1).

A row of users is worked out without a branch or a call, by series, so that vector units run through
it; :meth:`Column.gain_dbi_at` is the same in plain form and double precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults
from cellwright.radio import local_angles_kernel
from cellwright.simulation.scenarios.swift import bearing_deg, cosine_of_turns

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
#: Nulls of the column end here, 40 dB below one element [power ratio].
NULL = 1e-4
_DEGREE = math.pi / 180.0
_NULL, _NONE, _ONE, _TWO = (np.float32(x) for x in (NULL, 0.0, 1.0, 2.0))
_HORIZON = np.float32(90.0)


@dataclass(frozen=True)
class Column:
    """Elements one above the other, fed in phase towards an electrical tilt.

    Attributes
    ----------
    elements : int
        How many.
    spacing : float
        From one to the next [wavelengths].
    gain_dbi : float
        Of one element [dBi].
    horizontal_beamwidth_deg, vertical_beamwidth_deg : float
        Of one element, 3 dB [deg].
    front_to_back_db, side_lobe_db : float
        A_max and SLA_V [dB].

    Raises
    ------
    InputError
        With every value out of range.

    Examples
    --------
    >>> column = Column()
    >>> round(float(column.gain_dbi_at(102.0, 0.0, downtilt_deg=12.0)), 3)
    17.591
    """

    elements: int = 10
    spacing: float = 0.5
    gain_dbi: float = 8.0
    horizontal_beamwidth_deg: float = 65.0
    vertical_beamwidth_deg: float = 65.0
    front_to_back_db: float = 30.0
    side_lobe_db: float = 30.0

    def __post_init__(self) -> None:
        faults = Faults()
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                faults.error(
                    f"column.{name}", f"{name} is {value:g}; {low:g} to {high:g} are allowed."
                )
        faults.raise_errors()

    def row(self) -> Floats:
        """Return the values as kernels take them, float64 [7]."""
        return np.array([float(getattr(self, name)) for name in _LIMITS])

    def gain_dbi_at(
        self,
        zenith_deg: ArrayLike,
        azimuth_deg: ArrayLike,
        downtilt_deg: float = 0.0,
        mechanical_tilt_deg: float = 0.0,
    ) -> Floats:
        """Gain towards directions [dBi]; azimuth from boresight, zenith from straight up."""
        zenith, azimuth = np.broadcast_arrays(
            np.asarray(zenith_deg, float), np.asarray(azimuth_deg, float)
        )
        out = np.empty(zenith.size)
        tilts = float(downtilt_deg), float(mechanical_tilt_deg)
        _gains_kernel(self.row(), zenith.ravel(), azimuth.ravel(), *tilts, out)
        return out.reshape(zenith.shape)


_LIMITS = {
    "elements": (1, 64),
    "spacing": (0.1, 4.0),
    "gain_dbi": (-10.0, 40.0),
    "horizontal_beamwidth_deg": (1.0, 360.0),
    "vertical_beamwidth_deg": (1.0, 360.0),
    "front_to_back_db": (0.0, 100.0),
    "side_lobe_db": (0.0, 100.0),
}


@njit(cache=True)
def column_factor(elements: int, cosine: float) -> float:
    """Gain of the column over one element, from the cosine of the phase from one to the next.

    |sum of exp(j k psi)|^2 / M = 1 + 2 sum (1 - k/M) cos(k psi), summed by Clenshaw.

    Examples
    --------
    >>> round(column_factor(10, 1.0), 9), column_factor(1, 0.3)
    (10.0, 1.0)
    """
    ahead = 0.0
    after = 0.0
    for k in range(elements - 1, 0, -1):
        here = (1.0 - k / elements) + 2.0 * cosine * ahead - after
        after = ahead
        ahead = here
    factor: float = max(1.0 + 2.0 * (cosine * ahead - after), NULL)
    return factor


@njit(cache=True)
def element_loss_db(column: Floats, zenith_deg: float, azimuth_deg: float) -> float:
    """Return what an element loses off its axis [dB] (Table 7.3-1); azimuth -180 to 180."""
    up = (zenith_deg - 90.0) / column[4]
    side = azimuth_deg / column[3]
    vertical = min(12.0 * up * up, column[6])
    horizontal = min(12.0 * side * side, column[5])
    lost: float = min(vertical + horizontal, column[5])
    return lost


@njit(cache=True)
def gain_kernel(
    column: Floats,
    zenith_deg: float,
    azimuth_deg: float,
    downtilt_deg: float,
    mechanical_tilt_deg: float,
) -> float:
    """Gain of a column towards a direction [dBi]; azimuth from boresight, -180 to 180."""
    zenith, azimuth = zenith_deg, azimuth_deg
    if mechanical_tilt_deg != 0.0:
        z, a = zenith_deg * _DEGREE, azimuth_deg * _DEGREE
        flat = math.sin(z)
        zenith, azimuth = local_angles_kernel(
            flat * math.sin(a), flat * math.cos(a), math.cos(z), 0.0, mechanical_tilt_deg
        )
    steered = math.cos((90.0 + downtilt_deg) * _DEGREE)
    phase = 2.0 * math.pi * column[1] * (math.cos(zenith * _DEGREE) - steered)
    factor = column_factor(int(column[0]), math.cos(phase))
    lost = element_loss_db(column, zenith, azimuth)
    return float(column[2] - lost + 10.0 * math.log10(factor))


@njit(cache=True)
def _gains_kernel(
    column: Floats,
    zenith_deg: Floats,
    azimuth_deg: Floats,
    downtilt_deg: float,
    mechanical_tilt_deg: float,
    gain_dbi: Floats,
) -> None:
    for i in range(gain_dbi.size):
        gain_dbi[i] = gain_kernel(
            column, zenith_deg[i], azimuth_deg[i], downtilt_deg, mechanical_tilt_deg
        )


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
def row_kernel(
    column: Floats,
    towards: Singles,
    boresight_deg: float,
    downtilt_deg: float,
    mechanical_tilt_deg: float,
    lost_db: Singles,
    factor: Singles,
    work: Singles,
) -> None:
    """Work out a sector's antenna towards a row of users, in single precision.

    Parameters
    ----------
    column : float64 [7]
        ``Column.row()``.
    towards : float32 [3, user]
        Unit vectors from the site: east, north, up.
    boresight_deg, downtilt_deg, mechanical_tilt_deg : float
        Clockwise from north; electrical and mechanical tilt, positive downwards [deg].
    lost_db, factor : float32 [user]
        Filled with what the element loses off its axis [dB] and the column's gain over it [1].
    work : float32 [2, user]
        Room.

    References
    ----------
    3GPP TR 38.901 V19.4.0, Table 7.3-1, equations (7.1-7), (7.1-8) with slant 0, (7.3-1).
    """
    turn, lean = boresight_deg * _DEGREE, mechanical_tilt_deg * _DEGREE
    cos_b, sin_b = np.float32(math.cos(turn)), np.float32(math.sin(turn))
    cos_l, sin_l = np.float32(math.cos(lean)), np.float32(math.sin(lean))
    spacing = np.float32(column[1])
    steered = np.float32(column[1] * math.cos((90.0 + downtilt_deg) * _DEGREE))
    side_rate, up_rate = np.float32(12.0 / column[3] ** 2), np.float32(12.0 / column[4] ** 2)
    most, lobe = np.float32(column[5]), np.float32(column[6])
    double, after = work[0], work[1]
    for u in range(factor.shape[0]):
        east, north, up = towards[0, u], towards[1, u], towards[2, u]
        ahead, right = east * sin_b + north * cos_b, abs(east * cos_b - north * sin_b)
        rise, front = cos_l * up + sin_l * ahead, cos_l * ahead - sin_l * up
        flat = np.float32(math.sqrt(front * front + right * right))
        zenith = bearing_deg(flat, rise) - _HORIZON
        side = bearing_deg(right, front)
        lost = min(side_rate * side * side, most) + min(up_rate * zenith * zenith, lobe)
        lost_db[u] = min(lost, most)
        double[u] = _TWO * cosine_of_turns(spacing * rise - steered)
        factor[u] = after[u] = _NONE
    elements = int(column[0])
    for k in range(elements - 1, 0, -1):
        weight = np.float32(1.0 - k / elements)
        for u in range(factor.shape[0]):
            here = weight + double[u] * factor[u] - after[u]
            after[u] = factor[u]
            factor[u] = here
    for u in range(factor.shape[0]):
        factor[u] = max(_ONE + double[u] * factor[u] - _TWO * after[u], _NULL)


@njit(cache=True)
def unit_vectors(azimuth_deg: Singles, zenith_deg: Singles, towards: Singles) -> None:
    """Fill unit vectors [3, user], east, north and up, of directions [user]."""
    for u in range(azimuth_deg.shape[0]):
        z, a = float(zenith_deg[u]) * _DEGREE, float(azimuth_deg[u]) * _DEGREE
        flat = math.sin(z)
        towards[0, u], towards[1, u] = flat * math.sin(a), flat * math.cos(a)
        towards[2, u] = math.cos(z)
