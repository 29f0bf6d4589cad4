"""Cellwright plans, simulates, costs and de-risks a pilot 5G network for a city district.

The names below are the whole of a planner's script; the rooms (``cellwright.geo``,
``cellwright.radio``, …) hold the rest. Each name loads its room on first touch.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.compute import keep_kernels_by_source

__version__ = "0.1.0"

keep_kernels_by_source(Path(__file__).parent)

_HOME = {
    "open": "project",
    "new": "project",
    "Project": "project",
    "load_area": "geo",
    "receivers": "geo",
    "carrier": "network",
    "read_sites": "network",
    "cells_for": "network",
    "path_loss": "coverage",
    "received": "coverage",
    "signal": "coverage",
    "throughput": "simulation",
    "compare": "simulation",
    "candidates": "planning",
    "plan": "planning",
    "bill_of_materials": "rollout",
}

__all__ = [  # noqa: RUF022 - in the order of the work
    "open",
    "new",
    "Project",
    "load_area",
    "receivers",
    "carrier",
    "read_sites",
    "cells_for",
    "path_loss",
    "received",
    "signal",
    "throughput",
    "compare",
    "candidates",
    "plan",
    "bill_of_materials",
]

if TYPE_CHECKING:
    from cellwright.coverage import path_loss, received, signal
    from cellwright.geo import load_area, receivers
    from cellwright.network import carrier, cells_for, read_sites
    from cellwright.planning import candidates, plan
    from cellwright.project import Project, new, open
    from cellwright.rollout import bill_of_materials
    from cellwright.simulation import compare, throughput


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"cellwright.{_HOME[name]}"), name)
    raise AttributeError(f"module 'cellwright' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
