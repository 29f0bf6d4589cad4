"""ITU-R P.2108-1: clutter around a terminal."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cellwright.propagation import height_gain_db, slant_clutter_db, terrestrial_clutter_db
from cellwright.propagation.p2108 import CLUTTER
from scripts.figures.base import COLOURS, beside, curves, figure, plot, span

DOCUMENT = "ITU-R P.2108-1 (2021)"
_PLACES = "Share of places with no more loss [%]"


@figure("p2108-3.1", "A terminal within clutter, height by height", DOCUMENT, "3.1")
def height_gain(sheet: Figure) -> None:
    """Draw the loss as the antenna rises to the clutter's top."""
    axes = plot(sheet, "Antenna above ground [m]", "Clutter loss [dB]")
    h = np.linspace(1.0, 24.0, 120)
    names = [name for name in CLUTTER if name not in ("water", "forest")]  # twins of two others
    curves(axes, h, [(name, height_gain_db(1.8, h, name).loss_db) for name in names])
    beside(axes, "1.8 GHz")


@figure("p2108-3.2-distance", "Terrestrial clutter: median loss by distance", DOCUMENT, "3.2")
def by_distance(sheet: Figure) -> None:
    """Draw the median loss of one end, as the Recommendation's own figure does."""
    axes = plot(sheet, "Distance [km]", "Median clutter loss [dB]", log="x")
    km = span(0.25, 20.0, 120)
    carriers = (0.5, 2.0, 3.5, 10.0, 26.0, 67.0)
    rows = [(f"{f:g} GHz", terrestrial_clutter_db(f, 1000.0 * km).loss_db) for f in carriers]
    curves(axes, km, rows)
    beside(axes)


@figure("p2108-3.2-places", "Terrestrial clutter: distribution over places", DOCUMENT, "3.2")
def by_place(sheet: Figure) -> None:
    """Draw the distribution at 0.25 km and beyond 2 km."""
    axes = plot(sheet, "Clutter loss [dB]", _PLACES)
    share = np.linspace(0.5, 99.5, 120)
    for km, style in ((0.25, ":"), (2.0, "-")):
        for index, f in enumerate((0.7, 3.5, 26.0)):
            loss = terrestrial_clutter_db(f, 1000.0 * km, share).loss_db
            label = f"{f:g} GHz" if style == "-" else ""
            axes.plot(loss, share, linestyle=style, color=COLOURS[index], label=label)
    axes.plot([], [], color="#555555", linestyle=":", label="0.25 km")
    beside(axes, "2 km and more")


@figure("p2108-3.3", "Clutter towards the sky, by elevation", DOCUMENT, "3.3")
def towards_the_sky(sheet: Figure) -> None:
    """Draw the distribution at several elevations."""
    axes = plot(sheet, "Clutter loss [dB]", _PLACES)
    share = np.linspace(0.5, 99.5, 160)
    for index, elevation in enumerate((0.0, 5.0, 10.0, 20.0, 40.0, 90.0)):
        loss = slant_clutter_db(30.0, elevation, share).loss_db
        axes.plot(loss, share, color=COLOURS[index], label=f"{elevation:g} deg")
    axes.set_xlim(-5.0, 70.0)
    beside(axes, "30 GHz")
