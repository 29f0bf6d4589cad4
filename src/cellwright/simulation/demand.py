"""Who uses the network in the busy hour, where they are, and how much they want."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cellwright.errors import Faults

_MBIT_PER_GB = 8000.0
_DAYS = 30.0


@dataclass(frozen=True)
class Demand:
    """Traffic of the busy hour; every default is an assumption that a project should replace.

    Attributes
    ----------
    market_share : float
        Share of the people present who use this network.
    gb_per_user_month : float
        Traffic of one user in a month, both directions [GB].
    busy_hour_share : float
        Share of a day's traffic in its busy hour.
    uplink_share : float
        Share of the traffic that is uplink.
    indoor_share : float
        Share of the users who are indoors.

    Raises
    ------
    InputError
        With every value out of range.

    Examples
    --------
    >>> round(Demand().dl_mbps_per_user, 4), round(Demand().ul_mbps_per_user, 4)
    (0.09, 0.01)
    """

    market_share: float = 0.3
    gb_per_user_month: float = 15.0
    busy_hour_share: float = 0.09
    uplink_share: float = 0.1
    indoor_share: float = 0.8

    def __post_init__(self) -> None:
        faults = Faults()
        for name in ("market_share", "busy_hour_share", "uplink_share", "indoor_share"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                faults.error(f"demand.{name}", f"{name} is {value:g}; it is a share, 0 to 1.")
        if not 0.0 <= self.gb_per_user_month <= 100_000.0:
            faults.error(
                "demand.gb_per_user_month",
                f"gb_per_user_month is {self.gb_per_user_month:g}; 0 to 100000 are allowed.",
            )
        faults.raise_errors()

    @property
    def mbps_per_user(self) -> float:
        """Mean rate a user asks for in the busy hour, both directions [Mbit/s]."""
        return self.gb_per_user_month * _MBIT_PER_GB / _DAYS * self.busy_hour_share / 3600.0

    @property
    def dl_mbps_per_user(self) -> float:
        """Mean downlink rate a user asks for in the busy hour [Mbit/s]."""
        return self.mbps_per_user * (1.0 - self.uplink_share)

    @property
    def ul_mbps_per_user(self) -> float:
        """Mean uplink rate a user asks for in the busy hour [Mbit/s]."""
        return self.mbps_per_user * self.uplink_share

    def users(self, receivers: xr.Dataset) -> NDArray[np.float64]:
        """Return the users each receiver stands for.

        Parameters
        ----------
        receivers : Dataset
            ``residents`` and ``place``, as from ``geo.receivers``.

        Returns
        -------
        array of float [receiver]
            Indoor users live where they are; as many users as are outdoors are spread evenly over
            the open receivers. Where there is no open receiver all stay indoors.

        Examples
        --------
        >>> crowd = xr.Dataset({"residents": ("receiver", [0.0, 0.0, 90.0, 10.0]),
        ...                     "place": ("receiver", [0, 0, 1, 2])})
        >>> Demand().users(crowd).tolist()
        [3.0, 3.0, 21.6, 2.4]
        """
        residents = receivers["residents"].to_numpy().astype(np.float64)
        outdoor = receivers["place"].to_numpy() == 0
        total = residents.sum() * self.market_share
        inside = self.indoor_share if outdoor.any() else 1.0
        users = np.where(outdoor, 0.0, residents * self.market_share * inside)
        if outdoor.any():
            users[outdoor] = total * (1.0 - inside) / outdoor.sum()
        return np.asarray(users.round(12))

    def assumptions(self) -> list[tuple[str, str, str]]:
        """Return ``(name, value, reason)`` of every assumption, for the report."""
        return [(f.name, f"{getattr(self, f.name):g}", _REASONS[f.name]) for f in fields(self)]


_REASONS = {
    "market_share": "assumption: one of three or four operators",
    "gb_per_user_month": "assumption: order of the 2025 averages operators publish",
    "busy_hour_share": "assumption: 7 to 10 % is customary in dimensioning",
    "uplink_share": "assumption: video dominates the downlink",
    "indoor_share": "assumption: 80 %, as in TR 38.901 Table 7.2-1 and ITU-R M.2412",
}
