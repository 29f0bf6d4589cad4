"""What can go wrong, said so that a person can mend it: one small tree, and a collector of faults.

Three layers: *check* collects every fault of an input before a run; *raise* stops a public
function at values it cannot use; *mark* lets kernels carry a validity layer and never raise.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Severity = Literal["error", "warning"]


class CellwrightError(Exception):
    """Anything Cellwright says about a run that cannot go on."""


class InputError(CellwrightError, ValueError):
    """A value or a file given by the user cannot be used; carries every fault found."""

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class MapError(InputError):
    """A map layer cannot be used: no CRS, no overlap, no shapes."""


class SpectrumError(InputError):
    """A band, channel, bandwidth or numerology is not what 3GPP defines."""


class InfeasiblePlanError(CellwrightError):
    """No plan can reach the goal; the message names the best that can be reached."""


class MissingEngineError(CellwrightError):
    """An optional library is needed for what was asked; the message names the extra to install."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input.

    Attributes
    ----------
    code : str
        Stable short name such as ``sites.height-range``: ``<layer>.<what>``.
    message : str
        What was given, and what is allowed.
    cure : str
        What to do about it.
    file : str
        File the fault is in, as the user wrote it; empty if none.
    row : int or None
        Row (tables: the line in the file, header is 1) or line of the file.
    severity : {"error", "warning"}
        Errors stop a run; warnings are counted and shown.
    count : int
        How many objects share this fault.
    """

    code: str
    message: str
    cure: str = ""
    file: str = ""
    row: int | None = None
    severity: Severity = "error"
    count: int = 1

    def __str__(self) -> str:
        place = self.file + (f" row {self.row}" if self.row is not None else "")
        text = f"{place}: {self.message}" if place else self.message
        return f"{text} {self.cure}".rstrip()

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as plain data for ``--json``."""
        return asdict(self)


@dataclass
class Faults:
    """Collects all faults of an input before anything is raised."""

    found: list[Fault] = field(default_factory=list)

    def error(self, code: str, message: str, cure: str = "", **where: Any) -> None:
        """Note a fault that stops a run."""
        self.found.append(Fault(code, message, cure, **where))

    def warn(self, code: str, message: str, cure: str = "", **where: Any) -> None:
        """Note a fault that a run survives."""
        self.found.append(Fault(code, message, cure, severity="warning", **where))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Take over faults found elsewhere."""
        self.found.extend(faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    @property
    def errors(self) -> list[Fault]:
        """The faults that stop a run."""
        return [fault for fault in self.found if fault.severity == "error"]

    def raise_errors(self, kind: type[InputError] = InputError) -> None:
        """Raise one error that lists every fault that stops a run, if there is any."""
        errors = self.errors
        if errors:
            lines = "\n".join(f"  {fault}" for fault in errors)
            noun = "fault" if len(errors) == 1 else "faults"
            raise kind(f"{len(errors)} {noun} in the input:\n{lines}", self.found)


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """Suggest the allowed names nearest to an unknown one.

    Examples
    --------
    >>> did_you_mean("tilt_degg", ["tilt_deg", "power_dbm"])
    'Did you mean "tilt_deg"?'
    >>> did_you_mean("q", ["a", "b"])
    'Allowed: a, b.'
    """
    choices = sorted({str(choice) for choice in allowed})
    near = difflib.get_close_matches(str(name), choices, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"Allowed: {', '.join(choices)}."


def shown_path(path: Path | str) -> str:
    """Return a path as a user would write it: relative to the working folder where possible."""
    path = Path(path)
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
