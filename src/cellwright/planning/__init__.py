"""Choosing sites and settings: candidates, coverage sets, the choice with its proof, PCI."""

from cellwright.planning.goal import Goal
from cellwright.planning.problem import Problem, build_problem
from cellwright.planning.selection import Effort, Selection, choose

__all__ = ["Effort", "Goal", "Problem", "Selection", "build_problem", "choose"]
