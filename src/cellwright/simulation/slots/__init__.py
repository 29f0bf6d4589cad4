"""Slot by slot: traffic, schedulers, link adaptation, HARQ, queues and latency."""

from cellwright.simulation.slots.energy import BasePower
from cellwright.simulation.slots.plan import SlotPlan, plan_of_drop, slot_plan
from cellwright.simulation.slots.ports import explicit_cells, rayleigh_ports, run_ports
from cellwright.simulation.slots.qos import FiveQi, five_qi
from cellwright.simulation.slots.results import SlotResult, delay_edges_s
from cellwright.simulation.slots.runs import run, run_drop
from cellwright.simulation.slots.settings import Fading, SlotSettings
from cellwright.simulation.slots.tables import SlotRadio, group_sizes, slot_radio
from cellwright.simulation.slots.traffic import (
    Camera,
    FixedAccess,
    Ftp3,
    FullBuffer,
    Periodic,
    Traffic,
    Voice,
)

__all__ = [
    "BasePower",
    "Camera",
    "Fading",
    "FiveQi",
    "FixedAccess",
    "Ftp3",
    "FullBuffer",
    "Periodic",
    "SlotPlan",
    "SlotRadio",
    "SlotResult",
    "SlotSettings",
    "Traffic",
    "Voice",
    "delay_edges_s",
    "explicit_cells",
    "five_qi",
    "group_sizes",
    "plan_of_drop",
    "rayleigh_ports",
    "run",
    "run_drop",
    "run_ports",
    "slot_plan",
    "slot_radio",
]
