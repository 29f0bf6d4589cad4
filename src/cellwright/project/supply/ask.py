"""From an opened project to its case; the plan is made first where it is missing or stale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cellwright.project.project import Project
from cellwright.project.supply.case import SupplyCase, read_case

if TYPE_CHECKING:
    from cellwright.supply import Radio

Listener = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Asked:
    """A project, its case, and its radio for questions that need the map run again."""

    project: Project
    case: SupplyCase
    progress: Listener | None = None

    def radio(self) -> Radio:
        """Return what every receiver gets; found again where it is not in memory."""
        from cellwright.project.supply.exposed import radio_of

        return radio_of(self.project.work, progress=self._told)

    def _told(self, share: float) -> None:
        if self.progress is not None:
            self.progress("Running the radio map again", share)


def asked_of(project: Project, progress: Listener | None = None) -> Asked:
    """Return the case of a project.

    Raises
    ------
    InputError
        With every fault of the inputs.
    """
    project.run("supply", progress=progress)
    work = project.work
    case = read_case(work, work.get("supply", "elements"), work.get("supply", "phases"))
    return Asked(project, case, progress)
