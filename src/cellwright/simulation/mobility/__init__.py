"""Users on the move: walks, measurements, handovers and their failures (fidelity level 4)."""

from cellwright.simulation.confidence import Rate, rate_with_confidence
from cellwright.simulation.mobility.hexagons import HexagonCluster, hexagon_cluster
from cellwright.simulation.mobility.result import Mobility
from cellwright.simulation.mobility.run import mobility
from cellwright.simulation.mobility.settings import HandoverSettings, signalled_values
from cellwright.simulation.mobility.signals import (
    MapSource,
    Residual,
    Shadowing,
    Source,
    coverage_source,
    hexagon_source,
    map_source,
)
from cellwright.simulation.mobility.streets import StreetNetwork, street_network
from cellwright.simulation.mobility.walks import SPEEDS_KM_H, Walk, straight_walks, street_walks

__all__ = [
    "SPEEDS_KM_H",
    "HandoverSettings",
    "HexagonCluster",
    "MapSource",
    "Mobility",
    "Rate",
    "Residual",
    "Shadowing",
    "Source",
    "StreetNetwork",
    "Walk",
    "coverage_source",
    "hexagon_cluster",
    "hexagon_source",
    "map_source",
    "mobility",
    "rate_with_confidence",
    "signalled_values",
    "straight_walks",
    "street_network",
    "street_walks",
]
