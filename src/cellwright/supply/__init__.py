"""Vendors, parts, rules, stock: what a ban, a cut, a tariff or a quota does to a plan."""

from cellwright.supply.bills import origin_parts, origin_shares, plan_bom, plan_minimis, plan_origin
from cellwright.supply.check import Check, check, first_break, least_change
from cellwright.supply.elements import ELEMENT_COLUMNS, people_at, people_of, plan_elements
from cellwright.supply.evaluate import Verdict, evaluate
from cellwright.supply.exposure import Exposure, Protection, exposure
from cellwright.supply.frontier import Frontier, HedgeTerms, frontier, hedge_options
from cellwright.supply.inventory import (
    Stocked,
    base_stock,
    break_even,
    lot_size_outages,
    newsvendor,
    newsvendor_outages,
    stock,
)
from cellwright.supply.joint import JointChange, least_changes
from cellwright.supply.landed import plan_landed
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
from cellwright.supply.outage import Outage, Radio, outage
from cellwright.supply.parties import Holding, Listing, Parties, Party
from cellwright.supply.parts import bill_of, plan_parts
from cellwright.supply.plan_stock import plan_stock, stock_sentence
from cellwright.supply.read import (
    contradictions,
    party_table,
    read_elements,
    read_holdings,
    read_links,
    read_parties,
    read_parts,
    read_rules,
    read_stock,
    read_suppliers,
    rule_table,
)
from cellwright.supply.read_scenarios import read_scenarios
from cellwright.supply.rules import Rule, Step, Who, sentence
from cellwright.supply.stress import (
    Chain,
    Cut,
    PlanChain,
    Stress,
    Timeline,
    chain,
    first_missed,
    phases_met,
    phases_sentence,
    plan_chain,
    survive,
    survive_ranges,
    unpatched,
    with_cover,
)
from cellwright.supply.swap import SwapTerms, continue_swap_stop, prorated, swap
from cellwright.supply.swap_plan import SwapPlan, swap_plan
from cellwright.supply.timeline import timeline
from cellwright.supply.whatif import WhatIf, whatif

__all__ = [
    "ELEMENT_COLUMNS",
    "Chain",
    "Check",
    "Cut",
    "Exposure",
    "Frontier",
    "HedgeTerms",
    "Holding",
    "JointChange",
    "Landed",
    "Listing",
    "Minimis",
    "Outage",
    "Parties",
    "Party",
    "PlanChain",
    "Protection",
    "Radio",
    "Rows",
    "Rule",
    "Scenario",
    "Step",
    "Stocked",
    "Stress",
    "SwapPlan",
    "SwapTerms",
    "Timeline",
    "Verdict",
    "WhatIf",
    "Who",
    "base_stock",
    "bill",
    "bill_of",
    "break_even",
    "chain",
    "check",
    "continue_swap_stop",
    "contradictions",
    "de_minimis",
    "evaluate",
    "example_parties",
    "exposure",
    "first_break",
    "first_missed",
    "frontier",
    "hedge_options",
    "hs_codes",
    "landed_cost",
    "least_change",
    "least_changes",
    "library",
    "linear",
    "lot_size_outages",
    "newsvendor",
    "newsvendor_outages",
    "origin",
    "origin_parts",
    "origin_shares",
    "outage",
    "party_table",
    "people_at",
    "people_of",
    "phases_met",
    "phases_sentence",
    "plan_bom",
    "plan_chain",
    "plan_elements",
    "plan_landed",
    "plan_minimis",
    "plan_origin",
    "plan_parts",
    "plan_stock",
    "prorated",
    "read_elements",
    "read_holdings",
    "read_links",
    "read_parties",
    "read_parts",
    "read_rules",
    "read_scenarios",
    "read_stock",
    "read_suppliers",
    "rule_table",
    "rules_of",
    "scenarios",
    "sentence",
    "stock",
    "stock_sentence",
    "survive",
    "survive_ranges",
    "swap",
    "swap_plan",
    "tariffs",
    "timeline",
    "unpatched",
    "whatif",
    "with_cover",
]
