"""3GPP's scenarios and one's own: layouts, drops of users, large-scale gains, quick changes.

Examples
--------
Twenty drops of the urban macro calibration, and what 6 degrees less tilt does to its cell edge:

>>> import numpy as np
>>> plan = scenario("uma-6ghz")
>>> edges = []
>>> for tilt_deg in (12.0, 6.0):
...     tried = plan.changed(downtilt_deg=tilt_deg)
...     heard = [geometry(drop(tried, s), tried.power_dbm, tried.noise_dbm) for s in range(20)]
...     edges.append(np.percentile(np.concatenate([h.sir_db for h in heard]), 5))
>>> bool(edges[0] > edges[1] + 0.5)
True

One sector at a time, on one of the drops:

>>> before = evaluation(
...     drop(plan, 0), plan.column, power_dbm=plan.power_dbm, noise_dbm=plan.noise_dbm
... )
>>> after = before.changed(30, downtilt_deg=8.0)
>>> bool((after.geometry.sinr_db != before.geometry.sinr_db).any())
True
"""

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
