"""From SINR to Mbit/s: link adaptation, load and fair sharing, and 5G beside 4G."""

from cellwright.simulation.comparison import FACTORS, PERCENTILES, Comparison, compare
from cellwright.simulation.day import Day, DaySettings, through_the_day
from cellwright.simulation.demand import Demand
from cellwright.simulation.link import LinkSettings
from cellwright.simulation.link.rates import RateTable, rate_table
from cellwright.simulation.simulate import simulate
from cellwright.simulation.task import FIDELITIES, MapNetwork, SimulateSettings, Simulation
from cellwright.simulation.throughput import throughput

__all__ = [
    "FACTORS",
    "FIDELITIES",
    "PERCENTILES",
    "Comparison",
    "Day",
    "DaySettings",
    "Demand",
    "LinkSettings",
    "MapNetwork",
    "RateTable",
    "SimulateSettings",
    "Simulation",
    "compare",
    "rate_table",
    "simulate",
    "through_the_day",
    "throughput",
]
