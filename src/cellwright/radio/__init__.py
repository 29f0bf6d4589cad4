"""What 3GPP says, without a map: bands, rasters, resource blocks, TDD, MCS, TBS, antennas."""

from cellwright.radio.antenna_cuts import Cuts
from cellwright.radio.antenna_elements import element_gain_dbi
from cellwright.radio.antenna_files import AntennaFile, parse_msi, read_msi, write_msi
from cellwright.radio.antenna_geometry import (
    local_angles,
    local_angles_kernel,
    pattern_gain,
    pattern_gain_kernel,
    unit_vector,
)
from cellwright.radio.antenna_m2101 import m2101_gain_dbi
from cellwright.radio.antenna_model import Antenna
from cellwright.radio.antenna_panels import BeamSet, Element, Panel
from cellwright.radio.antennas import Omni, Sector, antenna, antenna_from, antennas
from cellwright.radio.bands import Band, band, bands, channel_faults
from cellwright.radio.link_tables import (
    CQI_TABLES,
    MCS_TABLES,
    CqiTable,
    McsTable,
    cqi_table,
    mcs_table,
)
from cellwright.radio.lte_transport_blocks import lte_subframe_bits, lte_transport_block_size
from cellwright.radio.nr_transport_blocks import (
    nr_resource_elements,
    nr_transport_block_size,
    tbs_from_resource_elements,
)
from cellwright.radio.overhead import (
    NrOverhead,
    ResourceUse,
    dmrs_elements,
    lte_downlink_use,
    nr_downlink_use,
)
from cellwright.radio.peak_rate import peak_rate_mbps
from cellwright.radio.rasters import (
    band_gscn,
    earfcn,
    earfcn_mhz,
    gscn,
    gscn_mhz,
    nearest_channel_mhz,
    nr_arfcn,
    nr_arfcn_mhz,
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
from cellwright.radio.tables import table_names, table_source
from cellwright.radio.tdd import Slot, TddPattern, lte_pattern, nr_pattern, tdd_pattern

__all__ = [
    "CQI_TABLES",
    "MCS_TABLES",
    "Antenna",
    "AntennaFile",
    "Band",
    "BeamSet",
    "CqiTable",
    "Cuts",
    "Element",
    "McsTable",
    "NrOverhead",
    "Omni",
    "Panel",
    "ResourceUse",
    "Sector",
    "Slot",
    "TddPattern",
    "antenna",
    "antenna_from",
    "antennas",
    "band",
    "band_gscn",
    "bands",
    "channel_faults",
    "cqi_table",
    "dmrs_elements",
    "earfcn",
    "earfcn_mhz",
    "element_gain_dbi",
    "gscn",
    "gscn_mhz",
    "guard_band_khz",
    "local_angles",
    "local_angles_kernel",
    "lte_downlink_use",
    "lte_pattern",
    "lte_resource_blocks",
    "lte_subframe_bits",
    "lte_transport_block_size",
    "m2101_gain_dbi",
    "mcs_table",
    "nearest_channel_mhz",
    "nr_arfcn",
    "nr_arfcn_mhz",
    "nr_downlink_use",
    "nr_pattern",
    "nr_resource_blocks",
    "nr_resource_elements",
    "nr_transport_block_size",
    "numerology",
    "parse_msi",
    "pattern_gain",
    "pattern_gain_kernel",
    "peak_rate_mbps",
    "read_msi",
    "resource_blocks",
    "slot_ms",
    "slots_per_second",
    "table_names",
    "table_source",
    "tbs_from_resource_elements",
    "tdd_pattern",
    "unit_vector",
    "write_msi",
]
