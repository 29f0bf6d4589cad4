"""Users of one Monte Carlo drop and what ties each of them to every site and cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.network import Carrier

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Drop:
    """One drop: places, sight, loss and coupling gain, whatever map or standard they come from.

    Attributes
    ----------
    frequency_ghz : float
        Carrier frequency.
    site_m : float64 [site, 3]
        East, north and height above ground of the antennas [m].
    cell_site : int32 [cell]
        Site of each cell; the cells of a site stand side by side.
    azimuth_deg, downtilt_deg : float64 [cell]
        Boresight, clockwise from grid north; whole downtilt, electrical and mechanical [deg].
    user_m : float64 [user, 3]
        East, north and height above ground of the users [m].
    indoor, in_car : bool [user]
        Where the user is.
    indoor_m : float32 [user]
        Two-dimensional way inside the building [m]; 0 outdoors.
    distance_m : float32 [site, user]
        Two-dimensional distance to the nearest image of the site [m].
    departure_azimuth_deg, departure_zenith_deg : float32 [site, user]
        Direction of the user seen from the (nearest image of the) site: clockwise from north;
        from the zenith.
    sight : bool [site, user]
        Line of sight, outdoor part of the path.
    loss_db : float32 [site, user]
        Path loss with shadowing and entry loss, without antennas [dB].
    shadow_db : float32 [site, user]
        Shadowing within ``loss_db`` (positive = more loss).
    gain_db : float32 [cell, user]
        Coupling gain: antenna gains of both ends less ``loss_db`` [dB], negative.
    seed : int
        What the drop was made from.
    user_gain_dbi : float
        Gain of the user's antenna within ``gain_db`` [dBi]; 0: the carrier's counts.
    """

    frequency_ghz: float
    site_m: Floats
    cell_site: NDArray[np.int32]
    azimuth_deg: Floats
    downtilt_deg: Floats
    user_m: Floats
    indoor: NDArray[np.bool_]
    in_car: NDArray[np.bool_]
    indoor_m: Singles
    distance_m: Singles
    departure_azimuth_deg: Singles
    departure_zenith_deg: Singles
    sight: NDArray[np.bool_]
    loss_db: Singles
    shadow_db: Singles
    gain_db: Singles
    seed: int
    user_gain_dbi: float = 0.0

    @property
    def users(self) -> int:
        """Number of users."""
        return int(self.user_m.shape[0])

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(self.cell_site.size)

    def budget(self, layer: Carrier) -> Carrier:
        """Return the carrier with the user's antenna counted once.

        Where the drop's gains hold an antenna of their own, it takes the place of the carrier's.
        """
        return layer.changed(user_gain_dbi=0.0) if self.user_gain_dbi else layer

    def serving(self) -> NDArray[Any]:
        """Return the strongest cell of each user, int64 [user]."""
        return np.asarray(np.argmax(self.gain_db, axis=0))
