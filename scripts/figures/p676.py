"""ITU-R P.676-13: gases near the ground."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cellwright.propagation import gas_db_per_km
from scripts.figures.base import beside, curves, figure, plot


@figure(
    "p676-gases",
    "Attenuation by oxygen and water vapour near the ground",
    "ITU-R P.676-13 (2022)",
    "Annex 1, clause 1, Figure 1",
)
def gases(sheet: Figure) -> None:
    """Draw standard and dry air; 1013.25 hPa, 15 degrees, 7.5 g/m3."""
    axes = plot(sheet, "Frequency [GHz]", "Attenuation [dB/km]", log="xy")
    f = np.unique(np.concatenate([np.geomspace(1.0, 350.0, 350), np.linspace(50.0, 70.0, 81)]))
    rows = [
        ("standard", gas_db_per_km(f).loss_db),
        ("dry", gas_db_per_km(f, vapour_g_m3=0.0).loss_db),
    ]
    curves(axes, f, rows, linewidth=1.3)
    beside(axes, "air")
