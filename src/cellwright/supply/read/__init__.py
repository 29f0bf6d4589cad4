"""Reading what a user has: parties, rules, parts, stock, equipment, links; all faults at once."""

from cellwright.supply.read.contradictions import contradictions
from cellwright.supply.read.elements import LINK_COLUMNS, read_elements, read_links
from cellwright.supply.read.parties import PARTY_COLUMNS, as_parties, party_table, read_parties
from cellwright.supply.read.parts import PART_COLUMNS, STOCK_COLUMNS, read_parts, read_stock
from cellwright.supply.read.rules import RULE_COLUMNS, as_rules, read_rules, rule_table
from cellwright.supply.read.suppliers import read_holdings, read_suppliers

__all__ = [
    "LINK_COLUMNS",
    "PARTY_COLUMNS",
    "PART_COLUMNS",
    "RULE_COLUMNS",
    "STOCK_COLUMNS",
    "as_parties",
    "as_rules",
    "contradictions",
    "party_table",
    "read_elements",
    "read_holdings",
    "read_links",
    "read_parties",
    "read_parts",
    "read_rules",
    "read_stock",
    "read_suppliers",
    "rule_table",
]
