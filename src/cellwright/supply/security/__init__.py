"""Checks of a plan's links and configurations by clauses of 3GPP TS 33.501; not legal advice."""

from cellwright.supply.security.backhaul import LOAD, MIXES, PORTS, backhaul
from cellwright.supply.security.checks import FINDING_COLUMNS, NOTE, checks, evaluate, grouped
from cellwright.supply.security.configs import SETTINGS, read_configs
from cellwright.supply.security.ipsec import IMIX, capacity_factor, esp_bytes, wire_factor
from cellwright.supply.security.links import INTERFACES, plan_links

__all__ = [
    "FINDING_COLUMNS",
    "IMIX",
    "INTERFACES",
    "LOAD",
    "MIXES",
    "NOTE",
    "PORTS",
    "SETTINGS",
    "backhaul",
    "capacity_factor",
    "checks",
    "esp_bytes",
    "evaluate",
    "grouped",
    "plan_links",
    "read_configs",
    "wire_factor",
]
