"""Money: what a network needs, item by item, and what it costs over the years."""

from cellwright.rollout.bill import (
    AMOUNTS,
    BILL_COLUMNS,
    bill_of_materials,
    bill_totals,
    site_costs,
)
from cellwright.rollout.money import Cost, cost, rounded
from cellwright.rollout.rules import Rule, Rules, Spares, default_rules, read_rules

__all__ = [
    "AMOUNTS",
    "BILL_COLUMNS",
    "Cost",
    "Rule",
    "Rules",
    "Spares",
    "bill_of_materials",
    "bill_totals",
    "cost",
    "default_rules",
    "read_rules",
    "rounded",
    "site_costs",
]
