"""Numerology and resource blocks (3GPP TS 38.211 clause 4, TS 38.101-1/-2 and TS 36.101)."""

from __future__ import annotations

from functools import cache
from typing import Literal

from cellwright.errors import SpectrumError
from cellwright.radio.tables import read_table

SUBCARRIERS_PER_RB = 12
#: OFDM symbols in a slot with normal cyclic prefix (TS 38.211 Table 4.3.2-1).
SYMBOLS_PER_SLOT = 14
FrequencyRange = Literal["FR1", "FR2"]


def numerology(scs_khz: int) -> int:
    """Return the numerology mu of a subcarrier spacing [kHz] (TS 38.211 Table 4.2-1).

    Examples
    --------
    >>> numerology(30)
    1
    """
    spacings = [15 << mu for mu in range(7)]
    if scs_khz not in spacings:
        allowed = ", ".join(map(str, spacings))
        raise SpectrumError(f"Subcarrier spacing {scs_khz} kHz is not one of {allowed} kHz.")
    return spacings.index(scs_khz)


def slots_per_second(scs_khz: int) -> int:
    """Return the slots of 14 symbols in a second (LTE: the subframes of 1 ms)."""
    return 1000 << numerology(scs_khz)


def slot_ms(scs_khz: int) -> float:
    """Return the length of a slot [ms]."""
    return 1000.0 / slots_per_second(scs_khz)


@cache
def _nr_table() -> dict[tuple[str, float, int], int]:
    return {
        (row["range"], float(row["bandwidth_mhz"]), int(row["scs_khz"])): int(
            row["resource_blocks"]
        )
        for row in read_table("nr_resource_blocks.csv")
    }


def nr_resource_blocks(
    bandwidth_mhz: float, scs_khz: int, frequency_range: FrequencyRange = "FR1"
) -> int:
    """Return N_RB, the resource blocks of an NR channel.

    Parameters
    ----------
    bandwidth_mhz : float
        Channel bandwidth [MHz].
    scs_khz : int
        Subcarrier spacing [kHz].
    frequency_range : {"FR1", "FR2"}
        FR1 below 7.125 GHz, FR2 from 24.25 GHz.

    Returns
    -------
    int

    Raises
    ------
    SpectrumError
        If 3GPP defines no such channel; the message lists the bandwidths it does.

    References
    ----------
    3GPP TS 38.101-1 and TS 38.101-2, Table 5.3.2-1.

    Examples
    --------
    >>> nr_resource_blocks(100, 30)
    273
    >>> nr_resource_blocks(400, 120, "FR2")
    264
    """
    table = _nr_table()
    found = table.get((frequency_range, float(bandwidth_mhz), scs_khz))
    if found is None:
        fits = [w for area, w, scs in table if area == frequency_range and scs == scs_khz]
        allowed = ", ".join(f"{w:g}" for w in fits) or "nothing at this spacing"
        raise SpectrumError(
            f"{frequency_range} has no {bandwidth_mhz:g} MHz channel at {scs_khz} kHz "
            f"subcarrier spacing. Allowed [MHz]: {allowed}."
        )
    return found


@cache
def _lte_table() -> dict[float, int]:
    rows = read_table("lte_resource_blocks.csv")
    return {float(row["bandwidth_mhz"]): int(row["resource_blocks"]) for row in rows}


def lte_resource_blocks(bandwidth_mhz: float) -> int:
    """Return N_RB of an LTE channel (3GPP TS 36.101 Table 5.6-1).

    Examples
    --------
    >>> lte_resource_blocks(20)
    100
    """
    found = _lte_table().get(float(bandwidth_mhz))
    if found is None:
        allowed = ", ".join(f"{width:g}" for width in _lte_table())
        raise SpectrumError(f"LTE has no {bandwidth_mhz:g} MHz channel. Allowed [MHz]: {allowed}.")
    return found


def resource_blocks(rat: str, bandwidth_mhz: float, scs_khz: int, frequency_mhz: float) -> int:
    """Return N_RB of an NR or LTE channel at a carrier frequency [MHz]."""
    if rat == "lte":
        return lte_resource_blocks(bandwidth_mhz)
    reach: FrequencyRange = "FR2" if frequency_mhz >= 24_250.0 else "FR1"
    return nr_resource_blocks(bandwidth_mhz, scs_khz, reach)


def guard_band_khz(
    bandwidth_mhz: float, scs_khz: int, frequency_range: FrequencyRange = "FR1"
) -> float:
    """Return the least guard band on each side of an NR channel [kHz].

    Notes
    -----
    Half of what the resource blocks leave of the channel, less half a subcarrier.

    References
    ----------
    3GPP TS 38.101-1 and TS 38.101-2, Table 5.3.3-1.

    Examples
    --------
    >>> guard_band_khz(100, 30)
    845.0
    """
    blocks = nr_resource_blocks(bandwidth_mhz, scs_khz, frequency_range)
    used_khz = blocks * SUBCARRIERS_PER_RB * scs_khz
    return (bandwidth_mhz * 1000.0 - used_khz - scs_khz) / 2.0
