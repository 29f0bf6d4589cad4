"""One channel as 3GPP defines it: what a carrier needs to know from the radio room's tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from cellwright.errors import Faults

if TYPE_CHECKING:
    from cellwright.network.carriers import Carrier

# Stand-in until the radio room's tables are committed.
_BANDS = {
    "n78": ("tdd", 3300.0, 3800.0, 0.0),
    "n79": ("tdd", 4400.0, 5000.0, 0.0),
    "n258": ("tdd", 24250.0, 27500.0, 0.0),
    "B3": ("fdd", 1805.0, 1880.0, -95.0),
}
_BLOCKS = {
    ("nr", 40.0, 30): 106,
    ("nr", 50.0, 30): 133,
    ("nr", 60.0, 30): 162,
    ("nr", 80.0, 30): 217,
    ("nr", 100.0, 30): 273,
    ("nr", 100.0, 120): 66,
    ("nr", 200.0, 120): 132,
    ("nr", 400.0, 120): 264,
    ("lte", 5.0, 15): 25,
    ("lte", 10.0, 15): 50,
    ("lte", 15.0, 15): 75,
    ("lte", 20.0, 15): 100,
}


@dataclass(frozen=True)
class Channel:
    """One channel of one band.

    Attributes
    ----------
    duplex : str
        "tdd", "fdd", "sdl" or "sul".
    n_prb : int
        Physical resource blocks.
    uplink_mhz : float
        Centre of the uplink channel [MHz].
    """

    duplex: str
    n_prb: int
    uplink_mhz: float


@lru_cache(maxsize=256)
def channel(
    rat: str, band: str, frequency_mhz: float, bandwidth_mhz: float, scs_khz: int
) -> Channel:
    """Look a channel up; the carrier's checks have made sure that it exists."""
    duplex, _, _, offset = _BANDS[band]
    return Channel(duplex, _BLOCKS[rat, bandwidth_mhz, scs_khz], frequency_mhz + offset)


def channel_faults(made: Carrier, faults: Faults) -> None:
    """Add every reason why 3GPP does not define this carrier's channel."""
    label = f'carrier "{made.name}"'
    if made.band not in _BANDS:
        faults.error("carriers.band", f'{label}: there is no band "{made.band}".')
    elif (made.rat, made.bandwidth_mhz, made.scs_khz) not in _BLOCKS:
        faults.error("carriers.bandwidth", f"{label}: no such bandwidth in band {made.band}.")
