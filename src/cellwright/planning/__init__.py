"""Choosing sites and settings: candidates, coverage sets, the choice with its proof, PCI."""

from cellwright.planning.candidates import (
    CandidateRules,
    PoleRules,
    RooftopRules,
    candidates,
)
from cellwright.planning.count import counted_share
from cellwright.planning.demand import Demand, demand_points
from cellwright.planning.goal import Goal
from cellwright.planning.matrix import CoverageMatrix, Ways, coverage_matrix
from cellwright.planning.neighbours import Neighbours, neighbours, neighbours_from
from cellwright.planning.pci import PciReport, assign_pci, audit_pci
from cellwright.planning.plan import DEFAULT_COSTS_USD, Plan, PlanSettings, plan, tune
from cellwright.planning.problem import Problem, build_problem
from cellwright.planning.selection import Effort, Selection, choose
from cellwright.planning.tuning import TuneSettings, Tuning, tuned

__all__ = [
    "DEFAULT_COSTS_USD",
    "CandidateRules",
    "CoverageMatrix",
    "Demand",
    "Effort",
    "Goal",
    "Neighbours",
    "PciReport",
    "Plan",
    "PlanSettings",
    "PoleRules",
    "Problem",
    "RooftopRules",
    "Selection",
    "TuneSettings",
    "Tuning",
    "Ways",
    "assign_pci",
    "audit_pci",
    "build_problem",
    "candidates",
    "choose",
    "counted_share",
    "coverage_matrix",
    "demand_points",
    "neighbours",
    "neighbours_from",
    "plan",
    "tune",
    "tuned",
]
