"""A figure over its standard link for every method whose document has none of its own here.

A document with a module of its own (``p1411.py``, ...) is drawn there as the standard draws it;
the rest get loss over what their standard link varies, so that no method is without a figure.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from scripts.figures.base import COLOURS, Drawing, beside, plot, span
from scripts.figures.shelf import carriers_ghz, source

_UNITS = {"m": "m", "km": "km", "deg": "deg", "percent": "%"}


def methods() -> tuple[Any, ...]:
    """Return the methods the room lists beside its models; none where it keeps no such list."""
    name = "cellwright.propagation.methods"
    if importlib.util.find_spec(name) is None:
        return ()
    return tuple(importlib.import_module(name).METHODS)


def label(variable: str) -> str:
    """Axis label of a variable: its name with the unit its suffix stands for.

    >>> label("indoor_distance_m"), label("percent")
    ('Indoor distance [m]', 'Percent [%]')
    """
    words, _, suffix = variable.rpartition("_")
    unit = _UNITS.get(suffix, "1")
    return f"{(words or suffix).replace('_', ' ').capitalize()} [{unit}]"


def draw(sheet: Figure, entry: Any) -> None:
    """Draw loss along the standard link at a few carriers; faint outside the range."""
    low, high = entry.extent
    wide = low > 0.0 and high > 15.0 * low
    axes = plot(sheet, label(entry.variable), "Loss [dB]", log="x" if wide else "")
    along = span(low, high, 120) if wide else np.linspace(low, high, 120)
    for colour, f in zip(COLOURS, carriers_ghz(entry), strict=False):
        estimate = entry.estimate(f, along, beyond_range=True)
        loss = np.broadcast_to(estimate.loss_db, along.shape)
        axes.plot(along, loss, color=colour, alpha=0.3, linewidth=0.9)
        inside = np.where(np.broadcast_to(estimate.in_range, along.shape), loss, np.nan)
        axes.plot(along, inside, color=colour, label=f"{f:g} GHz")
    beside(axes, "standard link")


def method_drawings(drawn: Iterable[Drawing]) -> list[Drawing]:
    """Return a figure for every method of a document that is not among those drawn."""
    known = {each.document for each in drawn if not each.model}
    return [
        Drawing(
            f"method-{entry.name}",
            entry.title,
            source(entry),
            entry.clause,
            partial(draw, entry=entry),
        )
        for entry in methods()
        if source(entry) not in known
    ]
