"""One figure for every model on the shelf, new ones included: loss over distance.

A model that asks for more than a distance (a map, a profile) declares its own figure with
``@model_figure("name")`` in the module of its document; ``p1812.py`` shows how.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cellwright.errors import InputError
from cellwright.propagation import Model, models
from scripts.figures.base import COLOURS, Drawing, beside, plot, span

#: Carriers a planner knows; those within a model's range are drawn.
_CARRIERS_GHZ = (0.45, 0.7, 0.9, 1.8, 2.6, 3.5, 7.0, 15.0, 26.0, 60.0)
_INDOORS_M = 3.0
#: Heights that TR 38.901 names for its scenarios.
_BASE_HEIGHT_M = {
    "uma": 25.0,
    "umi": 10.0,
    "rma": 35.0,
    "sma": 35.0,
    "inh-mixed": _INDOORS_M,
    "inh-open": _INDOORS_M,
    "inh": _INDOORS_M,
}
#: Models that need more than a distance (a map, a profile): name -> who draws them.
DrawModel = Callable[[Figure, Model], None]
SPECIAL: dict[str, DrawModel] = {}


def model_figure(name: str) -> Callable[[DrawModel], DrawModel]:
    """Declare who draws a model for which a curve over distance means nothing."""

    def note(draw: DrawModel) -> DrawModel:
        SPECIAL[name] = draw
        return draw

    return note


def carriers_ghz(entry: Any) -> list[float]:
    """Lowest, middle and highest known carrier in range, else the middle of the range."""
    low, high = entry.frequency_ghz
    known = [f for f in _CARRIERS_GHZ if low <= f <= high]
    if not known:
        return [math.sqrt(low * high)]
    return sorted({known[0], known[len(known) // 2], known[-1]})


def heights_m(entry: Model) -> tuple[float, float]:
    """Antenna heights of the source, or customary ones moved into the model's range."""
    own = _BASE_HEIGHT_M.get(entry.name.removesuffix("-optional"), 30.0)
    base = float(np.clip(own, *entry.base_height_m))
    return base, float(np.clip(1.0 if own == _INDOORS_M else 1.5, *entry.user_height_m))


def source(entry: Any) -> str:
    """Document and edition in one line, without saying the document's number twice."""
    head, _, number = entry.document.rpartition(" ")
    if number in entry.edition:
        return f"{head} {entry.edition}"
    return f"{entry.document}{', ' if entry.edition.isdigit() else ' '}{entry.edition}"


def _line(axes: Axes, entry: Model, f: float, sight: bool, colour: str) -> None:
    """Full strength where the source vouches for the model, faint beside that."""
    low, high = max(entry.distance_m[0], 1.0), min(entry.distance_m[1], 1e5)
    d = np.union1d(span(low / 2.0, 2.0 * high, 80), (low, high))
    base, user = heights_m(entry)
    loss, inside = entry.loss_db(d, f, base, user, sight), entry.valid(d, f, base, user)
    dashes = "-" if sight else (0, (4, 2))
    axes.plot(d, loss, color=colour, alpha=0.3, linestyle=dashes, linewidth=0.9)
    axes.plot(d, np.where(inside, loss, np.nan), color=colour, linestyle=dashes)
    spread = entry.sigma_db(d, f, base, user, sight)
    if f == carriers_ghz(entry)[0] and spread.max() > 0.0:
        low_db, high_db = (np.where(inside, loss + k * spread, np.nan) for k in (-1, 1))
        axes.fill_between(d, low_db, high_db, color=colour, alpha=0.12, linewidth=0.0)


def _legend(axes: Axes, entry: Model) -> None:
    carriers = carriers_ghz(entry)
    keys = [Line2D([], [], color=c) for c in COLOURS[: len(carriers)]]
    names = [f"{f:g} GHz" for f in carriers]
    if entry.asks_sight:
        keys += [Line2D([], [], color="#555555", linestyle=s) for s in ("-", (0, (4, 2)))]
        names += ["in sight", "out of sight"]
    keys.append(Line2D([], [], color="#555555", alpha=0.4, linewidth=0.9))
    names.append("outside its range")
    base, user = heights_m(entry)
    beside(axes, f"{base:g} m to {user:g} m,\nband: one sigma", keys, names)


def draw(sheet: Figure, entry: Model) -> None:
    """Draw loss over distance at a few carriers, with the shadowing of the lowest."""
    axes = plot(sheet, "Distance on the map [m]", "Path loss [dB]", log="x")
    for colour, f in zip(COLOURS, carriers_ghz(entry), strict=False):
        for sight in (True, False) if entry.asks_sight else (True,):
            try:
                _line(axes, entry, f, sight, colour)
            except (InputError, TypeError, NotImplementedError) as fault:
                raise RuntimeError(
                    f'"{entry.name}" gives no loss for a distance alone ({fault}). '
                    f'Declare its figure with @model_figure("{entry.name}"), as p1812.py does.'
                ) from fault
    _legend(axes, entry)


def model_drawings() -> list[Drawing]:
    """Return a figure for every model that is registered, in the shelf's order."""
    return [
        Drawing(
            f"model-{entry.name}",
            entry.title,
            source(entry),
            entry.clause,
            # each entry as a default of its own, or all would draw the last one
            lambda sheet, entry=entry: SPECIAL.get(entry.name, draw)(sheet, entry),  # type: ignore[misc]
            entry.name,
        )
        for entry in models()
    ]
