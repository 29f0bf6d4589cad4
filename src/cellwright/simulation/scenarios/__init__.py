"""3GPP's scenarios and one's own: layouts, drops of users, large-scale gains, quick changes."""

from cellwright.simulation.scenarios.column import Column
from cellwright.simulation.scenarios.district import district_drop
from cellwright.simulation.scenarios.dropping import drop, layout_of
from cellwright.simulation.scenarios.evaluation import Evaluation, evaluation
from cellwright.simulation.scenarios.geometry import Geometry, geometry
from cellwright.simulation.scenarios.layout import Layout, hexagonal, office, own
from cellwright.simulation.scenarios.presets import scenario, scenarios
from cellwright.simulation.scenarios.scenario import Building, Scenario

__all__ = [
    "Building",
    "Column",
    "Evaluation",
    "Geometry",
    "Layout",
    "Scenario",
    "district_drop",
    "drop",
    "evaluation",
    "geometry",
    "hexagonal",
    "layout_of",
    "office",
    "own",
    "scenario",
    "scenarios",
]
