"""3GPP TR 38.901: scenarios beside each other, sight and building entry."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cellwright.errors import InputError
from cellwright.propagation import ENTRY_KINDS, Model, entry_loss_db, los_probability, models
from scripts.figures.base import COLOURS, beside, curves, figure, plot, span
from scripts.figures.shelf import heights_m

DOCUMENT = "3GPP TR 38.901 V19.4.0"


def _scenarios() -> list[Model]:
    """Models of the report with a probability of sight of their own, without optional twins."""
    out = []
    for entry in models():
        try:
            los_probability(entry.name, 100.0)
        except InputError:
            continue
        if not entry.name.endswith("-optional"):
            out.append(entry)
    return out


@figure(
    "tr38901-scenarios", "Path loss of the scenarios beside each other", DOCUMENT, "Table 7.4.1-1"
)
def scenarios(sheet: Figure) -> None:
    """Draw every scenario at 3.5 GHz over its own distances, at its own heights."""
    axes = plot(sheet, "Distance on the map [m]", "Path loss at 3.5 GHz [dB]", log="x")
    offices = [entry for entry in _scenarios() if entry.name != "inh-open"]  # as inh-mixed
    for colour, entry in zip(COLOURS, offices, strict=False):
        d = span(entry.distance_m[0], entry.distance_m[1], 80)
        for sight, style in ((True, "-"), (False, "--")):
            loss = entry.loss_db(d, 3.5, *heights_m(entry), sight)
            label = entry.name if sight else ""
            axes.plot(d, loss, color=colour, linestyle=style, label=label)
    axes.plot([], [], color="#555555", linestyle="--", label="out of sight")
    beside(axes, "in sight")


@figure("tr38901-sight", "Probability of line of sight", DOCUMENT, "Table 7.4.2-1")
def sight(sheet: Figure) -> None:
    """Draw every scenario's probability; a high user of UMa dotted."""
    axes = plot(sheet, "Distance on the map, outdoor part [m]", "Probability of sight", log="x")
    d = span(1.0, 5000.0, 160)
    for colour, entry in zip(COLOURS, _scenarios(), strict=False):
        base, user = heights_m(entry)
        chance = los_probability(entry.name, d, user, base)
        axes.plot(d, chance, color=colour, label=entry.name)
    axes.plot(
        d, los_probability("uma", d, 22.5), color=COLOURS[0], linestyle=":", label="uma, 22.5 m"
    )
    beside(axes)


@figure(
    "tr38901-entry",
    "Loss on entering a building or a car",
    DOCUMENT,
    "7.4.3, Tables 7.4.3-1 to 7.4.3-3",
)
def entry_loss(sheet: Figure) -> None:
    """Draw the mean loss of every kind, 5 m inside."""
    axes = plot(sheet, "Frequency [GHz]", "Mean loss, 5 m inside [dB]", log="x")
    f = span(0.5, 100.0, 80)
    names = [name for name in ENTRY_KINDS if name != "none"]
    curves(
        axes, f, [(name, np.broadcast_to(entry_loss_db(f, name, 5.0), f.shape)) for name in names]
    )
    beside(axes)
