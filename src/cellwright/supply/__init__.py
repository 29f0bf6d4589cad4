"""Vendors, parts, rules, stock: what a ban, a cut, a tariff or a quota does to a plan."""

from cellwright.supply.elements import ELEMENT_COLUMNS, plan_elements
from cellwright.supply.evaluate import Verdict, evaluate
from cellwright.supply.linear import Rows, linear
from cellwright.supply.parties import Holding, Listing, Parties, Party
from cellwright.supply.rules import Rule, Step, Who, sentence

__all__ = [
    "ELEMENT_COLUMNS",
    "Holding",
    "Listing",
    "Parties",
    "Party",
    "Rows",
    "Rule",
    "Step",
    "Verdict",
    "Who",
    "evaluate",
    "linear",
    "plan_elements",
    "sentence",
]
