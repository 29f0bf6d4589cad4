"""A scenario applied to a plan: what stops, when, for how many people, at what cost."""

from cellwright.supply.whatif.effects import cuts_of, nodes_hit, scenario_covers
from cellwright.supply.whatif.result import WhatIf, whatif

__all__ = ["WhatIf", "cuts_of", "nodes_hit", "scenario_covers", "whatif"]
