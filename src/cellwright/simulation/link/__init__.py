"""One link: overheads, modulation and coding, block error, and the rate that follows from SINR."""

from cellwright.simulation.link.bicm import dispersion, mutual_information
from cellwright.simulation.link.block_error import (
    code_block_error,
    code_blocks,
    transport_block_error,
)
from cellwright.simulation.link.frames import (
    Frame,
    always_on_share,
    downlink_frame,
    uplink_blocks,
    uplink_frame,
)
from cellwright.simulation.link.rates import Direction, RateTable, rate_table
from cellwright.simulation.link.settings import EVM, LinkSettings, layer_gain

__all__ = [
    "EVM",
    "Direction",
    "Frame",
    "LinkSettings",
    "RateTable",
    "always_on_share",
    "code_block_error",
    "code_blocks",
    "dispersion",
    "downlink_frame",
    "layer_gain",
    "mutual_information",
    "rate_table",
    "transport_block_error",
    "uplink_blocks",
    "uplink_frame",
]
