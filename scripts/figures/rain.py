"""Rain: ITU-R P.838-3 per kilometre, ITU-R P.530-18 along a link."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cellwright.propagation import rain_db_per_km, rain_fade_db
from scripts.figures.base import COLOURS, beside, curves, figure, plot, span


@figure("p838-rain", "Attenuation in rain", "ITU-R P.838-3 (2005)", "equation (1)")
def rain(sheet: Figure) -> None:
    """Draw the attenuation by frequency; horizontal polarisation dotted."""
    axes = plot(sheet, "Frequency [GHz]", "Attenuation [dB/km]", log="xy")
    f = span(1.0, 1000.0, 90)
    for colour, rate in zip(COLOURS, (1.0, 5.0, 25.0, 50.0, 150.0), strict=False):
        axes.plot(f, rain_db_per_km(f, rate).loss_db, color=colour, label=f"{rate:g} mm/h")
        flat = rain_db_per_km(f, rate, tilt_deg=0.0).loss_db
        axes.plot(f, flat, color=colour, linestyle=":", linewidth=1.0)
    axes.plot([], [], color="#555555", linestyle=":", label="horizontal")
    axes.set_ylim(1e-4, 100.0)
    beside(axes, "vertical")


@figure(
    "p530-fade-time", "Rain fade of a link by share of the year", "ITU-R P.530-18 (2021)", "2.4.1"
)
def fade_by_time(sheet: Figure) -> None:
    """Draw what is exceeded for a share of an average year, at 26 GHz."""
    axes = plot(sheet, "Share of the year the fade is exceeded [%]", "Fade [dB]", log="x")
    percent = span(0.001, 1.0, 60)
    rows = [
        (f"{km:g} km", rain_fade_db(26.0, 1000.0 * km, 40.0, percent).loss_db)
        for km in (0.5, 1.0, 2.0, 5.0, 10.0)
    ]
    curves(axes, percent, rows)
    beside(axes, "26 GHz, 40 mm/h\nfor 0.01 %")


@figure("p530-fade-length", "Rain fade of a link by its length", "ITU-R P.530-18 (2021)", "2.4.1")
def fade_by_length(sheet: Figure) -> None:
    """Draw the fade exceeded for 0.01 % of the year."""
    axes = plot(sheet, "Length [km]", "Fade exceeded for 0.01 % of the year [dB]")
    km = np.linspace(0.1, 20.0, 100)
    rows = [
        (f"{f:g} GHz", rain_fade_db(f, 1000.0 * km, 40.0).loss_db)
        for f in (7.0, 15.0, 26.0, 38.0, 80.0)
    ]
    curves(axes, km, rows)
    beside(axes, "40 mm/h")
