"""The cheapest or best-covering plan that keeps every rule: sites x vendors x phases."""

from cellwright.supply.replan.conflict import least_conflict
from cellwright.supply.replan.problem import ReplanProblem
from cellwright.supply.replan.restrictions import restrictions
from cellwright.supply.replan.solve import Replan, replan

__all__ = ["Replan", "ReplanProblem", "least_conflict", "replan", "restrictions"]
