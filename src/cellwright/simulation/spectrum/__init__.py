"""Carriers together: TDD neighbours, aggregation, NR beside LTE, shared spectrum."""

from cellwright.simulation.spectrum.aggregation import carrier_aggregation
from cellwright.simulation.spectrum.dual_connectivity import (
    SERVICES,
    non_standalone,
    share_power,
)
from cellwright.simulation.spectrum.isolation import (
    adjacent_channel_ratio_db,
    guard_reach_m,
    isolation_needed_db,
    separation_m,
)
from cellwright.simulation.spectrum.sharing import (
    SharedCarrier,
    efficiency_among_reference_signals,
    share_spectrum,
)
from cellwright.simulation.spectrum.tdd import (
    cross_link_share,
    symbol_directions,
    tdd_rates,
    tdd_sinr,
)

__all__ = [
    "SERVICES",
    "SharedCarrier",
    "adjacent_channel_ratio_db",
    "carrier_aggregation",
    "cross_link_share",
    "efficiency_among_reference_signals",
    "guard_reach_m",
    "isolation_needed_db",
    "non_standalone",
    "separation_m",
    "share_power",
    "share_spectrum",
    "symbol_directions",
    "tdd_rates",
    "tdd_sinr",
]
