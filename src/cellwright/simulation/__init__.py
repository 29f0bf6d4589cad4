"""From SINR to Mbit/s: link adaptation, load and fair sharing, and 5G beside 4G."""

from cellwright.simulation.comparison import FACTORS, PERCENTILES, Comparison, compare
from cellwright.simulation.demand import Demand
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.link.rates import RateTable, rate_table
from cellwright.simulation.throughput import throughput

__all__ = [
    "FACTORS",
    "PERCENTILES",
    "Comparison",
    "Demand",
    "LinkSettings",
    "RateTable",
    "compare",
    "rate_table",
    "throughput",
]
