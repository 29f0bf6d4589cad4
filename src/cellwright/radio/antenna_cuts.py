"""Antennas known by two measured cuts: the whole pattern from horizontal and vertical."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellwright.radio.antenna_elements import AZIMUTH_DEG, ZENITH_DEG, Grid
from cellwright.radio.antenna_panels import Beams

Method = Literal["interpolated", "summed"]
_DEEPEST_DB = 60.0


@dataclass(frozen=True)
class Cuts:
    """An antenna given by attenuation [dB] in the horizontal and the vertical plane.

    Attributes
    ----------
    gain_dbi : float
        Peak gain [dBi].
    horizontal_db : tuple of 360 float
        Attenuation at azimuth 0..359 deg from boresight, clockwise.
    vertical_db : tuple of 360 float
        Attenuation around the vertical plane: 0 ahead, 90 down, 180 behind, 270 up.
    electrical_tilt_deg : float
        Electrical downtilt the vertical cut was measured at.
    method : {"interpolated", "summed"}
        How the directions between the cuts are filled, see Notes.

    Notes
    -----
    "interpolated" is horizontal projection interpolation: with azimuth a (0 to 180 either side)
    and down angle d, A = H(a) - (1 - a/180) (H(0) - V(d)) - a/180 (H(180) - V(180 - d)). It
    returns both cuts in their planes. "summed" is A = H(a) + V(d), pessimistic off the axes.
    Another tilt than the measured one shifts the vertical cut, ahead and behind alike; files of
    the maker at that tilt are better.

    References
    ----------
    F. Gil et al., "A 3D interpolation method for base-station-antenna radiation patterns", IEEE
    Antennas and Propagation Magazine 43(2), 2001.
    """

    gain_dbi: float
    horizontal_db: tuple[float, ...]
    vertical_db: tuple[float, ...]
    electrical_tilt_deg: float = 0.0
    method: Method = "interpolated"

    def power(self, electrical_tilt_deg: float, beams: Beams) -> Grid:
        """Linear gain, float32 [181, 360]; one beam serves everything."""
        loss = self.attenuation_db(electrical_tilt_deg)
        return np.asarray(10.0 ** ((self.gain_dbi - loss) / 10.0), dtype=np.float32)

    def attenuation_db(self, electrical_tilt_deg: float) -> NDArray[np.float64]:
        """Attenuation [dB] on the pattern grid, float [181, 360]."""
        horizontal = np.array(self.horizontal_db)
        vertical = np.array(self.vertical_db)
        down = ZENITH_DEG - 90.0 - (electrical_tilt_deg - self.electrical_tilt_deg)
        ahead = periodic(vertical, down)[:, None]
        across = periodic(horizontal, AZIMUTH_DEG)[None, :]
        if self.method == "summed":
            return np.asarray(np.clip(across + ahead, 0.0, _DEEPEST_DB))
        behind = periodic(vertical, 180.0 - down)[:, None]
        side = np.abs(AZIMUTH_DEG)[None, :] / 180.0
        loss = across - (1.0 - side) * (horizontal[0] - ahead) - side * (horizontal[180] - behind)
        return np.asarray(np.clip(loss, 0.0, _DEEPEST_DB))


def periodic(cut: NDArray[np.float64], angle_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Read a cut of 360 values at any angle [deg], linearly between them."""
    closed = np.append(cut, cut[0])
    return np.asarray(np.interp(np.mod(angle_deg, 360.0), np.arange(361.0), closed))
