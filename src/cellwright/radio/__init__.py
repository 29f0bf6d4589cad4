"""What 3GPP says, without a map: bands, rasters, resource blocks, TDD, MCS, TBS, antennas."""

from cellwright.radio.antenna_geometry import (
    local_angles,
    local_angles_kernel,
    pattern_gain,
    pattern_gain_kernel,
    unit_vector,
)
from cellwright.radio.antenna_panels import BeamSet, Element, Panel
from cellwright.radio.antennas import Antenna, Omni, Sector, antenna, antenna_from, antennas
from cellwright.radio.bands import Band, band, bands, channel_faults
from cellwright.radio.link_tables import (
    CQI_TABLES,
    MCS_TABLES,
    CqiTable,
    McsTable,
    cqi_table,
    mcs_table,
)
from cellwright.radio.nr_transport_blocks import (
    nr_resource_elements,
    nr_transport_block_size,
    tbs_from_resource_elements,
)
from cellwright.radio.resource_blocks import (
    guard_band_khz,
    lte_resource_blocks,
    nr_resource_blocks,
    numerology,
    resource_blocks,
    slot_ms,
    slots_per_second,
)
from cellwright.radio.tdd import Slot, TddPattern, lte_pattern, nr_pattern, tdd_pattern

__all__ = [
    "CQI_TABLES",
    "MCS_TABLES",
    "Antenna",
    "Band",
    "BeamSet",
    "CqiTable",
    "Element",
    "McsTable",
    "Omni",
    "Panel",
    "Sector",
    "Slot",
    "TddPattern",
    "antenna",
    "antenna_from",
    "antennas",
    "band",
    "bands",
    "channel_faults",
    "cqi_table",
    "guard_band_khz",
    "local_angles",
    "local_angles_kernel",
    "lte_pattern",
    "lte_resource_blocks",
    "mcs_table",
    "nr_pattern",
    "nr_resource_blocks",
    "nr_resource_elements",
    "nr_transport_block_size",
    "numerology",
    "pattern_gain",
    "pattern_gain_kernel",
    "resource_blocks",
    "slot_ms",
    "slots_per_second",
    "tbs_from_resource_elements",
    "tdd_pattern",
    "unit_vector",
]
