"""A user's project: ``project.toml``, the order of steps, what is stale, what numbers rest on."""

from __future__ import annotations

from cellwright.project.project import Project, RunResult, new, open
from cellwright.project.settings import Settings
from cellwright.project.store import plain

__all__ = ["Project", "RunResult", "Settings", "new", "open", "plain"]
