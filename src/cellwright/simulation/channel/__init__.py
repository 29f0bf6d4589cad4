"""Channels of TR 38.901: statistics, fast fading of a drop, clustered and tapped delay lines."""

from cellwright.simulation.channel.arrays import PanelArray
from cellwright.simulation.channel.fading import ChannelOptions, Fading, fast_fading
from cellwright.simulation.channel.large_scale import LargeScale, large_scale

__all__ = ["ChannelOptions", "Fading", "LargeScale", "PanelArray", "fast_fading", "large_scale"]
