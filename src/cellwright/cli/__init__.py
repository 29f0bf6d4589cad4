"""The words typed in a terminal; everything they do is done by :mod:`cellwright.project`."""

from __future__ import annotations

from cellwright.cli.app import main

__all__ = ["main"]
