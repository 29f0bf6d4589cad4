"""Spectral efficiency of a whole network with multi-user MIMO, drop by drop.

3GPP's evaluation of Report ITU-R M.2412: full buffers, reported precoders, proportional fair
groups on every subband, interference from what the other cells really send.
"""

from cellwright.simulation.mimo_system.run import (
    SystemResult,
    spectral_efficiency,
    spectral_efficiency_of_drop,
)
from cellwright.simulation.mimo_system.schedule import pair
from cellwright.simulation.mimo_system.settings import SystemSettings

__all__ = [
    "SystemResult",
    "SystemSettings",
    "pair",
    "spectral_efficiency",
    "spectral_efficiency_of_drop",
]
