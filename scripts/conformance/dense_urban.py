"""Dense Urban A of TR 37.910: multi-user MIMO with 32 ports, against the mean of 11 companies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cellwright.simulation.mimo_system import SystemSettings, spectral_efficiency
from cellwright.simulation.scenarios import scenario

#: Mean of the companies: bit/s/Hz of a transmission point, and of the user at 5 % of the CDF.
AVERAGE, EDGE = 11.04, 0.37
NEAR = 0.15


def dense_urban() -> dict[str, Any]:
    """Measure one drop of 57 points with 10 users each."""
    where = scenario("imt-dense-urban-4ghz", bandwidth_mhz=10.0, power_dbm=41.0)
    found = spectral_efficiency(where, SystemSettings(), (1,))
    rows = []
    for what, ours, reference in (
        ("average, bit/s/Hz of a transmission point", found.average.estimate, AVERAGE),
        ("5th percentile, bit/s/Hz of a user", found.edge.estimate, EDGE),
    ):
        low, high = reference * (1.0 - NEAR), reference * (1.0 + NEAR)
        rows.append(
            {
                "what": what, "ours": round(ours, 3), "reference": reference,
                "range": [round(low, 3), round(high, 3)], "inside": bool(low <= ours <= high),
            }
        )  # fmt: skip
    return {
        "title": "Dense Urban A, NR FDD 10 MHz, 32 x 4 multi-user MIMO",
        "source": "3GPP TR 37.910, Dense Urban configuration A; mean of 11 companies",
        "rows": rows,
        "note": f"One drop, so without a confidence. Mean layers on a subband "
        f"{found.layers[0]:.1f}; block error {found.block_error[0]:.3f}. Overheads, scheduler and "
        "report delays are ours, channel estimation is ideal, and the companies' spread is not at "
        "hand: why ours lie above is not known.",
    }


def draw(folder: Path) -> None:
    """Draw nothing: two figures need no plot."""


CASES = {"v5-dense-urban": dense_urban}
