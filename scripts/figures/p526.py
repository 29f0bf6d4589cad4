"""ITU-R P.526-15: knife edge, smooth Earth, and a hill."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.special import fresnel

from cellwright.propagation import Profile, p526, p526_loss_db
from scripts.figures.base import beside, curves, figure, plot

DOCUMENT = "ITU-R P.526-15 (2019)"
#: Effective Earth radius of the standard atmosphere [km].
_RADIUS_KM = 8500.0


@figure("p526-knife-edge", "One knife edge: J(nu)", DOCUMENT, "4.1, equation (31)")
def knife_edge(sheet: Figure) -> None:
    """Draw the approximation over the Fresnel integral it stands for."""
    axes = plot(sheet, "Diffraction parameter nu", "Loss over free space [dB]")
    nu = np.linspace(-2.0, 3.0, 160)
    s, c = fresnel(nu)
    exact = -20.0 * np.log10(np.hypot(1.0 - c - s, c - s) / 2.0)
    curves(axes, nu, [("J(nu)", [p526.knife_edge_loss(float(v)) for v in nu])])
    axes.plot(nu, exact, color="#000000", linestyle=":", label="Fresnel integral")
    axes.invert_yaxis()
    beside(axes)


@figure("p526-spherical-earth", "Smooth Earth: diffraction over land and sea", DOCUMENT, "3.1, 3.2")
def spherical_earth(sheet: Figure) -> None:
    """Draw the loss from sight to beyond the horizon; sea matters at low frequencies."""
    axes = plot(sheet, "Distance [km]", "Loss over free space [dB]")
    km = np.linspace(5.0, 120.0, 140)

    def loss(f: float, omega: float) -> list[float]:
        heights = (30.0, 10.0)
        return [
            p526.spherical_earth_loss(float(d), *heights, _RADIUS_KM, f, True, omega) for d in km
        ]

    carriers = (0.03, 0.1, 0.7, 3.5)
    curves(axes, km, [(f"{f:g} GHz", loss(f, 0.0)) for f in carriers])
    curves(axes, km, [("", loss(f, 1.0)) for f in carriers], linestyle=":")
    axes.plot([], [], color="#555555", linestyle=":", label="over sea")
    axes.invert_yaxis()
    beside(axes, "30 m to 10 m,\nvertical, land")


@figure("p526-hill", "A 40 m hill half way along 2 km: delta-Bullington", DOCUMENT, "4.5; P.525-4")
def hill(sheet: Figure) -> None:
    """Draw the loss behind a hill as the receiver rises out of its shadow."""
    axes = plot(sheet, "Receiver above ground [m]", "Loss over free space [dB]")
    x = np.linspace(0.0, 2000.0, 101)
    profile = Profile(x, 40.0 * np.exp(-(((x - 1000.0) / 250.0) ** 2)))
    heights = np.linspace(1.5, 100.0, 150)

    def loss(f: float) -> list[float]:
        links = (p526_loss_db(profile, f, tx_height_m=20.0, rx_height_m=h) for h in heights)
        return [link.diffraction_db for link in links]

    curves(axes, heights, [(f"{f:g} GHz", loss(f)) for f in (0.7, 3.5, 26.0, 60.0)])
    beside(axes, "mast 20 m")
