"""Stress: how long stock lasts, what an outage costs, which dated phase is missed, who waits."""

from cellwright.supply.stress.chain import Chain, chain, needs_of
from cellwright.supply.stress.outages import RECOVER_MONTHS, survive, survive_ranges
from cellwright.supply.stress.patches import unpatched
from cellwright.supply.stress.phases import (
    at_level,
    first_missed,
    phase_table,
    phases_met,
    phases_ranges,
    phases_sentence,
)
from cellwright.supply.stress.plan import (
    COVER_MONTHS,
    PlanChain,
    plan_chain,
    survive_plan,
    with_cover,
)
from cellwright.supply.stress.program import Stress
from cellwright.supply.stress.timeline import Cut, Timeline

__all__ = [
    "COVER_MONTHS",
    "RECOVER_MONTHS",
    "Chain",
    "Cut",
    "PlanChain",
    "Stress",
    "Timeline",
    "at_level",
    "chain",
    "first_missed",
    "needs_of",
    "phase_table",
    "phases_met",
    "phases_ranges",
    "phases_sentence",
    "plan_chain",
    "survive",
    "survive_plan",
    "survive_ranges",
    "unpatched",
    "with_cover",
]
