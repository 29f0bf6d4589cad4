"""Vendors, parts, rules, stock: what a ban, a cut, a tariff or a quota does to a plan."""

from cellwright.supply.check import Check, check, first_break, least_change
from cellwright.supply.elements import ELEMENT_COLUMNS, plan_elements
from cellwright.supply.evaluate import Verdict, evaluate
from cellwright.supply.inventory import (
    Stocked,
    base_stock,
    break_even,
    lot_size_outages,
    newsvendor,
    newsvendor_outages,
    stock,
)
from cellwright.supply.library import (
    Scenario,
    bill,
    example_parties,
    hs_codes,
    library,
    rules_of,
    scenarios,
)
from cellwright.supply.linear import Rows, linear
from cellwright.supply.origin import Landed, Minimis, de_minimis, landed_cost, origin, tariffs
from cellwright.supply.parties import Holding, Listing, Parties, Party
from cellwright.supply.read import (
    contradictions,
    party_table,
    read_elements,
    read_links,
    read_parties,
    read_parts,
    read_rules,
    read_stock,
    rule_table,
)
from cellwright.supply.read_scenarios import read_scenarios
from cellwright.supply.rules import Rule, Step, Who, sentence
from cellwright.supply.survive import (
    Chain,
    Stress,
    chain,
    first_missed,
    phases_met,
    survive,
    unpatched,
)
from cellwright.supply.swap import SwapTerms, continue_swap_stop, prorated, swap

__all__ = [
    "ELEMENT_COLUMNS",
    "Chain",
    "Check",
    "Holding",
    "Landed",
    "Listing",
    "Minimis",
    "Parties",
    "Party",
    "Rows",
    "Rule",
    "Scenario",
    "Step",
    "Stocked",
    "Stress",
    "SwapTerms",
    "Verdict",
    "Who",
    "base_stock",
    "bill",
    "break_even",
    "chain",
    "check",
    "continue_swap_stop",
    "contradictions",
    "de_minimis",
    "evaluate",
    "example_parties",
    "first_break",
    "first_missed",
    "hs_codes",
    "landed_cost",
    "least_change",
    "library",
    "linear",
    "lot_size_outages",
    "newsvendor",
    "newsvendor_outages",
    "origin",
    "party_table",
    "phases_met",
    "plan_elements",
    "prorated",
    "read_elements",
    "read_links",
    "read_parties",
    "read_parts",
    "read_rules",
    "read_scenarios",
    "read_stock",
    "rule_table",
    "rules_of",
    "scenarios",
    "sentence",
    "stock",
    "survive",
    "swap",
    "tariffs",
    "unpatched",
]
