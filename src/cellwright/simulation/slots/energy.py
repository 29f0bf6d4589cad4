"""Power a base station draws from the mains, and energy per bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError


@dataclass(frozen=True)
class BasePower:
    """Linear power model of a cell.

    Attributes
    ----------
    chains : int
        Transceiver chains of a cell (assumption: 2).
    fixed_w : float
        Drawn by each chain at no load [W].
    slope : float
        Mains power for each watt radiated.
    sleep_w : float
        Drawn by a chain asleep [W]; used only where a cell has no user.

    References
    ----------
    G. Auer et al., How much energy is needed to run a wireless network?, IEEE Wireless
    Communications 18(5), 2011, Table 2 (EARTH project), macro: 130 W, 4.7, 75 W, 20 W radiated.

    Examples
    --------
    >>> float(BasePower(chains=1).mains_w(1.0, 20.0))
    224.0
    """

    chains: int = 2
    fixed_w: float = 130.0
    slope: float = 4.7
    sleep_w: float = 75.0

    def __post_init__(self) -> None:
        if self.chains < 1 or min(self.fixed_w, self.slope, self.sleep_w) < 0.0:
            raise InputError("BasePower: one chain at least, and no negative power.")

    def mains_w(self, load: ArrayLike, radiated_w: ArrayLike) -> NDArray[np.float64]:
        """Return the mains power [W] of a cell at a load, 0 to 1, with its full power [W]."""
        share = np.asarray(load, np.float64) * np.asarray(radiated_w, np.float64)
        return np.asarray(self.chains * self.fixed_w + self.slope * share)
