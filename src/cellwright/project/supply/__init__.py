"""A project's questions about vendors, rules, supply and security, from its files and its plan."""

from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.ask import Asked, asked_of
from cellwright.project.supply.board import Board, write_board
from cellwright.project.supply.case import SupplyCase
from cellwright.project.supply.exposed import exposure_answer, protection_of
from cellwright.project.supply.hedged import frontier_answer
from cellwright.project.supply.replanned import ReplanTerms, replan_answer
from cellwright.project.supply.rules import check_rules, listed_rules
from cellwright.project.supply.screened import screen_answer
from cellwright.project.supply.secured import security_answer
from cellwright.project.supply.sourced import bom_answer, landed_answer, origin_answer
from cellwright.project.supply.stressed import (
    listed_scenarios,
    stock_answer,
    survive_answer,
    swap_answer,
    whatif_answer,
)

__all__ = [
    "Asked",
    "Board",
    "ReplanTerms",
    "SupplyAnswer",
    "SupplyCase",
    "asked_of",
    "bom_answer",
    "check_rules",
    "exposure_answer",
    "frontier_answer",
    "landed_answer",
    "listed_rules",
    "listed_scenarios",
    "origin_answer",
    "protection_of",
    "replan_answer",
    "screen_answer",
    "security_answer",
    "stock_answer",
    "survive_answer",
    "swap_answer",
    "whatif_answer",
    "write_board",
]
