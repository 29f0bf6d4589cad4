"""Checks of a plan's links and configurations by clauses of 3GPP TS 33.501; not legal advice."""

from cellwright.supply.security.checks import FINDING_COLUMNS, checks, evaluate
from cellwright.supply.security.configs import SETTINGS, read_configs
from cellwright.supply.security.ipsec import IMIX, capacity_factor, esp_bytes

__all__ = [
    "FINDING_COLUMNS",
    "IMIX",
    "SETTINGS",
    "capacity_factor",
    "checks",
    "esp_bytes",
    "evaluate",
    "read_configs",
]
