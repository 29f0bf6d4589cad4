"""A column of elements and its gain: TR 38.901 Table 7.3-1 and equation (7.3-1).

The gain is worked out in linear terms without a transcendental function where the mast is upright:
the column by a series in the cosine of its phase, the element by a product. So a row of users is
plain arithmetic that vector units run through.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
#: Nulls of the column end here, 40 dB below one element [power ratio].
NULL = 1e-4
_DEGREE = math.pi / 180.0


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


@njit(cache=True, nogil=True, fastmath={"contract", "nsz"})
def series_kernel(elements: int, double: Singles, ahead: Singles, after: Singles) -> None:
    """Fill ``ahead`` with the factors of a row of users; a single element leaves 1.

    ``double`` is twice the cosine of the phase, ``ahead`` and ``after`` are rows of zeros.
    """
    for k in range(elements - 1, 0, -1):
        weight = np.float32(1.0 - k / elements)
        for u in range(double.shape[0]):
            here = weight + double[u] * ahead[u] - after[u]
            after[u] = ahead[u]
            ahead[u] = here
    one, two, null = np.float32(1.0), np.float32(2.0), np.float32(NULL)
    for u in range(double.shape[0]):
        ahead[u] = max(one + double[u] * ahead[u] - two * after[u], null)


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
    steered = 2.0 * math.pi * column[1] * math.cos((90.0 + downtilt_deg) * _DEGREE)
    if mechanical_tilt_deg != 0.0:
        z, a, tilt = zenith_deg * _DEGREE, azimuth_deg * _DEGREE, mechanical_tilt_deg * _DEGREE
        flat = math.sin(z)
        lost, ratio = tilted_kernel(
            column, flat * math.cos(a), flat * math.sin(a), math.cos(z), math.cos(tilt),
            math.sin(tilt), steered,
        )  # fmt: skip
        return float(column[2] - lost + 10.0 * math.log10(ratio))
    phase = 2.0 * math.pi * column[1] * math.cos(zenith_deg * _DEGREE)
    ratio = column_factor(int(column[0]), math.cos(phase - steered))
    lost = element_loss_db(column, zenith_deg, azimuth_deg)
    return float(column[2] - lost + 10.0 * math.log10(ratio))


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


@njit(cache=True)
def tilted_kernel(
    column: Floats,
    ahead: float,
    right: float,
    up: float,
    cos_tilt: float,
    sin_tilt: float,
    steered: float,
) -> tuple[float, float]:
    """Loss off the element's axis [dB] and factor of a column that leans forward.

    Parameters
    ----------
    column : float [7]
        ``Column.row()``.
    ahead, right, up : float
        Unit vector, seen from the boresight on the map.
    cos_tilt, sin_tilt : float
        Of the mechanical downtilt.
    steered : float
        Phase from element to element that the electrical tilt sets [rad].

    References
    ----------
    3GPP TR 38.901 V19.4.0, equations (7.1-7) and (7.1-8) with slant 0.
    """
    rise = min(1.0, max(-1.0, cos_tilt * up + sin_tilt * ahead))
    front = cos_tilt * ahead - sin_tilt * up
    lost = element_loss_db(column, math.acos(rise) / _DEGREE, math.atan2(right, front) / _DEGREE)
    phase = 2.0 * math.pi * column[1] * rise
    return lost, column_factor(int(column[0]), math.cos(phase - steered))
