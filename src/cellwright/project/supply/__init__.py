"""A project's questions about vendors, rules, supply and security, from its files and its plan."""

from cellwright.project.supply.answers import SupplyAnswer
from cellwright.project.supply.ask import case_of
from cellwright.project.supply.case import SupplyCase
from cellwright.project.supply.rules import check_rules, listed_rules

__all__ = ["SupplyAnswer", "SupplyCase", "case_of", "check_rules", "listed_rules"]
