"""The standard's own peak data rate (3GPP TS 38.306 clause 4.1.2)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from cellwright.errors import SpectrumError
from cellwright.radio.resource_blocks import (
    SUBCARRIERS_PER_RB,
    SYMBOLS_PER_SLOT,
    FrequencyRange,
    slots_per_second,
)

#: OH of the formula by frequency range and direction.
RATE_OVERHEAD = MappingProxyType(
    {
        ("FR1", "downlink"): 0.14,
        ("FR2", "downlink"): 0.18,
        ("FR1", "uplink"): 0.08,
        ("FR2", "uplink"): 0.10,
    }
)
#: R_max of the formula.
MOST_CODE_RATE = 948.0 / 1024.0


def peak_rate_mbps(
    resource_blocks: int,
    scs_khz: int,
    layers: int,
    modulation_order: int,
    frequency_range: FrequencyRange = "FR1",
    direction: Literal["downlink", "uplink"] = "downlink",
    scaling: float = 1.0,
    overhead: float | None = None,
    time_share: float = 1.0,
) -> float:
    """Peak data rate of one NR carrier [Mbit/s].

    Parameters
    ----------
    resource_blocks : int
        N_RB of the carrier.
    scs_khz : int
        Subcarrier spacing [kHz].
    layers : int
        Most spatial layers.
    modulation_order : int
        Most bits per symbol: 2, 4, 6, 8.
    frequency_range : {"FR1", "FR2"}
        Selects the overhead.
    direction : {"downlink", "uplink"}
        Selects the overhead.
    scaling : float
        Scaling factor f of the device: 1, 0.8, 0.75 or 0.4.
    overhead : float, optional
        OH in place of the standard's 0.14/0.18 (downlink) and 0.08/0.10 (uplink).
    time_share : float
        Share of symbols in this direction: 1 as in the standard, or that of a TDD pattern.

    Returns
    -------
    float
        Rate [Mbit/s].

    References
    ----------
    3GPP TS 38.306 V17, clause 4.1.2.

    Examples
    --------
    >>> round(peak_rate_mbps(273, 30, 4, 8))
    2337
    """
    if (frequency_range, direction) not in RATE_OVERHEAD:
        raise SpectrumError(f"No peak rate is defined for {frequency_range} {direction}.")
    lost = RATE_OVERHEAD[frequency_range, direction] if overhead is None else overhead
    symbols = SYMBOLS_PER_SLOT * slots_per_second(scs_khz)
    each = layers * modulation_order * scaling * MOST_CODE_RATE
    bits = each * resource_blocks * SUBCARRIERS_PER_RB * symbols * (1.0 - lost)
    return bits * time_share / 1e6
