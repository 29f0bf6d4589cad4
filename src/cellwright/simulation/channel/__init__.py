"""Channels of TR 38.901: statistics, fast fading of a drop, clustered and tapped delay lines."""

from cellwright.simulation.channel.arrays import PanelArray
from cellwright.simulation.channel.fading import (
    ChannelOptions,
    Fading,
    fast_fading,
    multipath_power,
)
from cellwright.simulation.channel.large_scale import LargeScale, large_scale
from cellwright.simulation.channel.profiles import (
    DelayLine,
    cdl,
    clustered_line,
    scaled_angles_deg,
    tapped_line,
    tdl,
)
from cellwright.simulation.channel.spreads import Spreads, circular_spread_deg, spreads
from cellwright.simulation.channel.tables import Statistics, statistics
from cellwright.simulation.channel.zenith import zenith_table

__all__ = [
    "ChannelOptions",
    "DelayLine",
    "Fading",
    "LargeScale",
    "PanelArray",
    "Spreads",
    "Statistics",
    "cdl",
    "circular_spread_deg",
    "clustered_line",
    "fast_fading",
    "large_scale",
    "multipath_power",
    "scaled_angles_deg",
    "spreads",
    "statistics",
    "tapped_line",
    "tdl",
    "zenith_table",
]
