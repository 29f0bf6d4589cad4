"""The steps of the main job, in order: each makes one room's results from those before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellwright.compute import Progress
from cellwright.errors import InputError, did_you_mean
from cellwright.project.steps import costs, maps, page, plan, signal, speed, supply
from cellwright.project.work import Work


@dataclass(frozen=True)
class Step:
    """One step of the main job.

    Attributes
    ----------
    room : str
        Room whose work it is; names its folder in ``results/``.
    title : str
        What a person sees while it runs.
    after : tuple of str
        Rooms whose results it needs.
    code : tuple of str
        Rooms whose sources can change its result.
    settings : tuple of str
        Sections of ``project.toml`` that can change its result.
    inputs : tuple of str
        Input layers it reads.
    expected_s : float
        Seconds it took on the shipped district; only steers the progress bar.
    make : callable
        ``make(work, folder, progress)`` writes its results to ``folder``, keeps them in ``work``.
    load : callable
        ``load(work, folder)`` reads them back, as a mapping of names to results.
    """

    room: str
    title: str
    after: tuple[str, ...]
    code: tuple[str, ...]
    settings: tuple[str, ...]
    inputs: tuple[str, ...]
    expected_s: float
    make: Callable[[Work, Path, Progress], None]
    load: Callable[[Work, Path], dict[str, Any]]


_MAP = ("buildings", "terrain", "surface", "streets", "population", "boundary")
_PHYSICS = ("radio", "geo", "propagation", "network", "coverage")

STEPS = (
    Step(
        "geo", "Reading the map", (), ("geo",),
        ("project", "area", "inputs"), _MAP, 4.0, maps.make, maps.load,
    ),
    Step(
        "planning", "Choosing sites and settings", ("geo",),
        (*_PHYSICS, "planning", "rollout"),
        ("project", "inputs", "carriers", "coverage", "planning", "cost"),
        ("sites", "equipment"), 25.0, plan.make, plan.load,
    ),
    Step(
        "coverage", "Mapping coverage, 5G and 4G", ("planning",), _PHYSICS,
        ("carriers", "coverage"), (), 8.0, signal.make, signal.load,
    ),
    Step(
        "simulation", "Comparing speeds, 5G and 4G", ("coverage",), (*_PHYSICS, "simulation"),
        ("carriers", "coverage", "demand"), (), 8.0, speed.make, speed.load,
    ),
    Step(
        "rollout", "Costing the plan", ("planning",), ("network", "rollout"),
        ("inputs", "cost", "carriers"), ("equipment",), 1.0, costs.make, costs.load,
    ),
    Step(
        "supply", "Asking about vendors and rules", ("simulation", "rollout"),
        ("network", "rollout", "supply"), ("supply", "demand", "coverage", "carriers"),
        ("equipment",), 10.0, supply.make, supply.load,
    ),
    Step(
        "report", "Writing the report", ("simulation", "rollout", "supply"),
        ("report", "supply"),
        ("project", "report", "cost", "planning", "coverage", "demand", "supply"), (), 5.0,
        page.make, page.load,
    ),
)  # fmt: skip


def step_of(room: str) -> Step:
    """Return the step of a room.

    Raises
    ------
    InputError
        If no step has that name.
    """
    for one in STEPS:
        if one.room == room:
            return one
    rooms = [one.room for one in STEPS]
    raise InputError(f'There is no step "{room}". {did_you_mean(room, rooms)}')
