"""ITU-R P.2109-2: loss on entering a building."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cellwright.propagation import building_entry_db
from cellwright.propagation.p2109 import BUILDINGS
from scripts.figures.base import COLOURS, beside, curves, figure, plot, span

DOCUMENT = "ITU-R P.2109-2 (2023)"


@figure(
    "p2109-frequency", "Building entry: median loss by frequency", DOCUMENT, "clause 3, Figure 1"
)
def median(sheet: Figure) -> None:
    """Draw the median of both kinds of building, as the Recommendation's figure does."""
    axes = plot(sheet, "Frequency [GHz]", "Median entry loss [dB]", log="x")
    frequency = span(0.08, 100.0, 120)
    curves(
        axes, frequency, [(kind, building_entry_db(frequency, kind).loss_db) for kind in BUILDINGS]
    )
    beside(axes, "horizontal")


@figure("p2109-distribution", "Building entry: distribution over buildings", DOCUMENT, "clause 3")
def distribution(sheet: Figure) -> None:
    """Draw the distribution of both kinds at three carriers."""
    axes = plot(sheet, "Entry loss [dB]", "Probability of no more loss [%]")
    share = np.linspace(0.5, 99.5, 140)
    for kind, style in zip(BUILDINGS, ("-", ":"), strict=True):
        for colour, f in zip(COLOURS, (0.7, 3.5, 26.0), strict=False):
            loss = building_entry_db(f, kind, share).loss_db
            label = f"{f:g} GHz" if style == "-" else ""
            axes.plot(loss, share, color=colour, linestyle=style, label=label)
    axes.plot([], [], color="#555555", linestyle=":", label="thermally efficient")
    beside(axes, "traditional")
