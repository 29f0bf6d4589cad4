"""What one question about supply comes to: sentences first, then tables, then what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

NOTE = "Indications computed from the data given; nothing here is legal advice."


@dataclass(frozen=True, eq=False)
class SupplyAnswer:
    """The answer to one question.

    Attributes
    ----------
    question : str
        Command that asked, such as "check".
    sentences : tuple of str
        The answer in words.
    tables : dict of str to DataFrame
        The figures behind it.
    assumptions : DataFrame
        ``assumption, value, unit, source, evidence``.
    shown : mapping of str to tuple of str
        Tables a terminal has room for, and which of their columns.
    note : str
        That this is no legal advice.
    """

    question: str
    sentences: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]
    assumptions: pd.DataFrame
    shown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = NOTE

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as plain data for ``--json``."""
        return {
            "question": self.question,
            "sentences": list(self.sentences),
            "tables": {name: table.to_dict("records") for name, table in self.tables.items()},
            "assumptions": self.assumptions.to_dict("records"),
            "note": self.note,
        }

    def write(self, folder: Path) -> Path:
        """Write the tables to a folder, one CSV each, and return it."""
        from cellwright import report

        report.write_tables(folder, {**self.tables, "assumptions": self.assumptions})
        return folder
