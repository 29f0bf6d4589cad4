"""From an opened project to its case: the plan is made first where it is missing or stale."""

from __future__ import annotations

from collections.abc import Callable

from cellwright.project.project import Project
from cellwright.project.supply.case import SupplyCase, read_case


def case_of(project: Project, progress: Callable[[str, float], None] | None = None) -> SupplyCase:
    """Return the case of a project.

    Raises
    ------
    InputError
        With every fault of the inputs.
    """
    project.run("supply", progress=progress)
    work = project.work
    return read_case(work, work.get("supply", "elements"), work.get("supply", "phases"))
