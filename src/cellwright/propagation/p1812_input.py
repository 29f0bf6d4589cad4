"""The limits of ITU-R P.1812-8 (2025), Annex 1, 3.1, Table 1, and what is said of inputs beyond."""

from __future__ import annotations

import math
from typing import Any

from cellwright.errors import Faults, did_you_mean
from cellwright.propagation.profile import Profile

FREQUENCY_GHZ = (0.03, 6.0)
LENGTH_KM = (0.25, 3000.0)
HEIGHT_M = (1.0, 3000.0)
TIME_PERCENT = (1.0, 50.0)
LOCATION_PERCENT = (1.0, 99.0)
POLARISATIONS = ("horizontal", "vertical")


def is_vertical(polarisation: str, faults: Faults) -> bool:
    """Return whether the polarisation is vertical; note an unknown name."""
    if polarisation not in POLARISATIONS:
        hint = did_you_mean(polarisation, POLARISATIONS)
        faults.error("p1812.polarisation", f'polarisation is "{polarisation}".', hint)
    return polarisation == "vertical"


def check_nonsense(faults: Faults, **values: float) -> None:
    """Values that no formula can take: not finite, or not above 0."""
    for name, value in values.items():
        zero_allowed = name == "location_sigma_db"
        if not math.isfinite(value) or value < 0.0 or (value == 0.0 and not zero_allowed):
            low = "0 or more" if zero_allowed else "above 0"
            faults.error(
                "p1812.value", f"{name} is {value:g}; {low} is allowed.", "Correct the value."
            )


def check_air(
    faults: Faults, latitude_deg: float, delta_n: float, n0: float, zones: dict[str, Any]
) -> None:
    """Note a place, an atmosphere or a coast that cannot be."""
    for name, value, low, high, cure in (
        ("latitude_deg", latitude_deg, -90.0, 90.0, "Give degrees north, not metres of a map."),
        ("delta_n", delta_n, 0.0, 150.0, "Give it as a positive lapse rate: 30 to 60 is common."),
        ("n0", n0, 200.0, 500.0, "Refractivity at sea level is 280 to 400 N-units on Earth."),
        ("coast_tx_km", zones["dct_km"], 0.0, math.inf, "Give kilometres along the path."),
        ("coast_rx_km", zones["dcr_km"], 0.0, math.inf, "Give kilometres along the path."),
    ):
        if not low <= value <= high:
            allowed = f"{low:g} to {high:g} is allowed"
            faults.error("p1812.value", f"{name} is {value:g}; {allowed}.", cure)


def check_shares(
    faults: Faults, outside: Faults, time: float, location: float, beyond_range: bool
) -> None:
    """Percentages: strict limits, and those the formulas can be driven to when asked."""
    for name, value, limits, furthest in (
        ("time_percent", time, TIME_PERCENT, (1e-3, 50.0)),
        ("location_percent", location, LOCATION_PERCENT, (1e-3, 100.0 - 1e-3)),
    ):
        low, high = limits
        if not furthest[0] <= value <= furthest[1]:
            cure = "Give per cent, not a share of one."
            if name == "time_percent" and value > 50.0:
                cure = "Above half of the time use 50: the method has no deeper fading."
            faults.error("p1812.range", f"{name} is {value:g}; {low:g} to {high:g}.", cure)
        elif not low <= value <= high:
            _note_outside(outside, name, value, limits, "%")


def _note_outside(
    outside: Faults, name: str, value: float, limits: tuple[float, float], unit: str, hint: str = ""
) -> None:
    cure = hint or "Correct it, or pass beyond_range=True to compute and mark it."
    outside.error(
        "p1812.range",
        f"{name} is {value:g}; {limits[0]:g} to {limits[1]:g} {unit} is allowed.",
        cure,
    )


def check_limits(
    outside: Faults, profile: Profile, frequency_ghz: float, tx: float, rx: float
) -> None:
    """Note what the formulas can take but the Recommendation does not cover."""
    length_km = profile.length_m / 1000.0
    for name, value, limits, unit, hint in (
        (
            "frequency_ghz",
            frequency_ghz,
            FREQUENCY_GHZ,
            "GHz",
            "Is it in MHz?" if frequency_ghz >= 30.0 else "",
        ),
        (
            "the path length",
            length_km,
            LENGTH_KM,
            "km",
            "distance_m is in metres: were kilometres given?" if length_km < 0.05 else "",
        ),
        ("tx_height_m", tx, HEIGHT_M, "m", ""),
        ("rx_height_m", rx, HEIGHT_M, "m", ""),
    ):
        if 0.0 < value < math.inf and not limits[0] <= value <= limits[1]:
            _note_outside(outside, name, value, limits, unit, hint)
