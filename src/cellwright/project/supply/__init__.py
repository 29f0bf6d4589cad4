"""A project's questions about vendors, rules, supply and security, from its files and its plan."""

from cellwright.project.supply.case import SupplyCase, read_case

__all__ = ["SupplyCase", "read_case"]
