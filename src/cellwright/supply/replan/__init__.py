"""The cheapest or best-covering plan that keeps every rule: sites x vendors x phases."""

from cellwright.supply.replan.calendar import Calendar, calendar
from cellwright.supply.replan.case import (
    planned_vendors,
    replan_problem,
    replanned_elements,
)
from cellwright.supply.replan.conflict import least_conflict
from cellwright.supply.replan.demand import Demand, demand_cells, demand_of
from cellwright.supply.replan.problem import ReplanProblem
from cellwright.supply.replan.restrictions import CHOSEN, restrictions
from cellwright.supply.replan.settle import settled
from cellwright.supply.replan.solve import Replan, replan, worth
from cellwright.supply.replan.verify import Verified, rule_prices, verify

__all__ = [
    "CHOSEN",
    "Calendar",
    "Demand",
    "Replan",
    "ReplanProblem",
    "Verified",
    "calendar",
    "demand_cells",
    "demand_of",
    "least_conflict",
    "planned_vendors",
    "replan",
    "replan_problem",
    "replanned_elements",
    "restrictions",
    "rule_prices",
    "settled",
    "verify",
    "worth",
]
