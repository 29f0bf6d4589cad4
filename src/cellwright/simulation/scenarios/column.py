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
from cellwright.radio import local_angles_kernel

Floats = NDArray[np.float64]
#: Nulls of the column end here, 50 dB below one element [power ratio].
NULL = 1e-5


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
        out = np.empty(zenith.shape)
        row = self.row()
        for i in np.ndindex(out.shape):
            out[i] = gain_kernel(
                row, zenith[i], azimuth[i], float(downtilt_deg), float(mechanical_tilt_deg)
            )
        return out


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
    >>> column_factor(10, 1.0), column_factor(1, 0.3)
    (10.0, 1.0)
    """
    ahead = 0.0
    after = 0.0
    for k in range(elements - 1, 0, -1):
        here = (1.0 - k / elements) + 2.0 * cosine * ahead - after
        after = ahead
        ahead = here
    return max(1.0 + 2.0 * (cosine * ahead - after), NULL)


@njit(cache=True)
def element_loss_db(column: Floats, zenith_deg: float, azimuth_deg: float) -> float:
    """Return what an element loses off its axis [dB] (Table 7.3-1); azimuth -180 to 180."""
    up = (zenith_deg - 90.0) / column[4]
    side = azimuth_deg / column[3]
    vertical = min(12.0 * up * up, column[6])
    horizontal = min(12.0 * side * side, column[5])
    return min(vertical + horizontal, column[5])


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
        z, a = math.radians(zenith_deg), math.radians(azimuth_deg)
        flat = math.sin(z)
        zenith, azimuth = local_angles_kernel(
            flat * math.sin(a), flat * math.cos(a), math.cos(z), 0.0, mechanical_tilt_deg
        )
    steered = math.cos(math.radians(90.0 + downtilt_deg))
    phase = 2.0 * math.pi * column[1] * (math.cos(math.radians(zenith)) - steered)
    factor = column_factor(int(column[0]), math.cos(phase))
    return column[2] - element_loss_db(column, zenith, azimuth) + 10.0 * math.log10(factor)
