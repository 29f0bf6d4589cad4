"""What resilience costs: hedges by cluster of sites against the worst scenario, and exposure."""

from cellwright.supply.clusters import clusters_of
from cellwright.supply.frontier.hedges import HedgeTerms, Options, hedge_options
from cellwright.supply.frontier.points import Frontier, frontier
from cellwright.supply.frontier.program import Choice, cheapest

__all__ = [
    "Choice",
    "Frontier",
    "HedgeTerms",
    "Options",
    "cheapest",
    "clusters_of",
    "frontier",
    "hedge_options",
]
