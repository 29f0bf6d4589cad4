"""One link: overheads, modulation and coding, block error, and the rate that follows from SINR."""

from cellwright.simulation.link.adaptation import (
    AdaptationTable,
    adaptation_table,
    cqi_adaptation,
    mcs_adaptation,
)
from cellwright.simulation.link.bicm import (
    dispersion,
    information_tables,
    mutual_information,
    snr_from_information,
)
from cellwright.simulation.link.block_error import (
    code_block_error,
    code_blocks,
    transport_block_error,
)
from cellwright.simulation.link.effective import effective_sinr_db
from cellwright.simulation.link.engine import link_engine
from cellwright.simulation.link.frames import (
    Frame,
    always_on_share,
    downlink_frame,
    uplink_blocks,
    uplink_frame,
)
from cellwright.simulation.link.harq import conditional_error, harq_error
from cellwright.simulation.link.outer_loop import OuterLoop
from cellwright.simulation.link.rates import Direction, RateTable, rate_table
from cellwright.simulation.link.settings import EVM, LinkSettings, layer_gain

__all__ = [
    "EVM",
    "AdaptationTable",
    "Direction",
    "Frame",
    "LinkSettings",
    "OuterLoop",
    "RateTable",
    "adaptation_table",
    "always_on_share",
    "code_block_error",
    "code_blocks",
    "conditional_error",
    "cqi_adaptation",
    "dispersion",
    "downlink_frame",
    "effective_sinr_db",
    "harq_error",
    "information_tables",
    "layer_gain",
    "link_engine",
    "mcs_adaptation",
    "mutual_information",
    "rate_table",
    "snr_from_information",
    "transport_block_error",
    "uplink_blocks",
    "uplink_frame",
]
