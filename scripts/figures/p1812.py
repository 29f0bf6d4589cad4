"""ITU-R P.1812-8 over one made-up path: its parts by distance, time and place."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from cellwright.propagation import Model, P1812Result, Profile, p1812_loss_db
from scripts.figures.base import COLOURS, beside, curves, figure, plot, span
from scripts.figures.shelf import model_figure

DOCUMENT = "ITU-R P.1812-8 (2025)"
#: Hills, a town at both ends; nobody's data.
_KM = np.linspace(0.0, 40.0, 401)
_GROUND_M = 60.0 + 35.0 * np.sin(_KM / 3.1) + 20.0 * np.sin(_KM / 0.9 + 1.0) + 0.8 * _KM
_CLUTTER_M = np.where((_KM < 4.0) | (_KM > 31.0), 15.0, 0.0)


@lru_cache
def _link(km: float, percent: float = 50.0, frequency: float = 0.7) -> P1812Result:
    inside = km + 1e-9 >= _KM
    profile = Profile(1000.0 * _KM[inside], _GROUND_M[inside], _CLUTTER_M[inside])
    return p1812_loss_db(
        profile, frequency, percent, tx_height_m=30.0, rx_height_m=10.0, latitude_deg=50.0
    )


@figure(
    "p1812-profile", "Loss along a path over hills, and its parts", DOCUMENT, "Annex 1, clause 4"
)
def along(sheet: Figure) -> None:
    """Draw the path above, and below it what each part would give alone."""
    ground, axes = sheet.subplots(2, 1, sharex=True, height_ratios=(1, 2.4))
    ground.fill_between(_KM, _GROUND_M, color="#c8b89a", linewidth=0.0)
    ground.fill_between(_KM, _GROUND_M, _GROUND_M + _CLUTTER_M, color="#888888", linewidth=0.0)
    ground.vlines(0.0, _GROUND_M[0], _GROUND_M[0] + 30.0, color=COLOURS[1], linewidth=2.0)
    ground.set(ylabel="Ground [m]", ylim=(0.0, None))
    km = _KM[10::2]
    links = [_link(float(d)) for d in km]
    parts = {
        "Lb": "loss_db",
        "free space Lbfs": "lbfs_db",
        "diffraction Lbd": "lbd_db",
        "ducting Lba": "lba_db",
        "troposcatter Lbs": "lbs_db",
    }
    rows = [(label, [getattr(link, part) for link in links]) for label, part in parts.items()]
    axes.plot(km, rows[0][1], color="#000000", linewidth=2.6, alpha=0.85, label=rows[0][0])
    curves(axes, km, rows[1:], linewidth=1.2)
    axes.set(xlabel="Distance [km]", ylabel="Loss [dB]", ylim=(80.0, 240.0))
    beside(axes, "0.7 GHz, p = 50 %,\n30 m to 10 m")


@model_figure("p1812")
def map_model(sheet: Figure, entry: Model) -> None:
    """Draw the map model as its standard: along a path, for a distance alone decides nothing."""
    along(sheet)


@figure(
    "p1812-time",
    "The same path: what is not exceeded for a share of time",
    DOCUMENT,
    "4.3.5 to 4.6",
)
def over_time(sheet: Figure) -> None:
    """Draw the loss against the share of an average year, at three lengths."""
    axes = plot(sheet, "Share of an average year p [%]", "Loss at half of the places [dB]", log="x")
    percent = span(1.0, 50.0, 40)
    lengths = (10.0, 20.0, 30.0, 40.0)
    rows = [(f"{d:g} km", [_link(d, float(p)).lbc_db for p in percent]) for d in lengths]
    curves(axes, percent, rows)
    beside(axes, "0.7 GHz")


@figure("p1812-frequency", "The same path: loss by frequency", DOCUMENT, "Annex 1, clause 4")
def over_frequency(sheet: Figure) -> None:
    """Draw the median loss over the whole range of the Recommendation."""
    axes = plot(sheet, "Frequency [GHz]", "Loss, p = 50 % [dB]", log="x")
    frequency = span(0.03, 6.0, 50)
    lengths = (3.0, 6.0, 25.0, 40.0)
    rows = [(f"{d:g} km", [_link(d, 50.0, float(f)).loss_db for f in frequency]) for d in lengths]
    curves(axes, frequency, rows)
    beside(axes)
