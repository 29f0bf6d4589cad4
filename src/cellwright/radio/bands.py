"""NR and LTE operating bands (3GPP TS 38.101-1, TS 38.101-2 and TS 36.101)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from cellwright.errors import Faults, SpectrumError, did_you_mean
from cellwright.radio.tables import read_table

Duplex = Literal["FDD", "TDD", "SDL", "SUL"]
Direction = Literal["downlink", "uplink"]
_SPACINGS_KHZ = (15, 30, 60, 120, 480, 960)


@dataclass(frozen=True)
class Band:
    """An operating band.

    Attributes
    ----------
    name : str
        "n78" for NR, "B3" for LTE.
    rat : {"nr", "lte"}
        Radio access technology.
    duplex : {"FDD", "TDD", "SDL", "SUL"}
        Duplex mode; SDL and SUL are supplementary downlink and uplink.
    uplink_mhz, downlink_mhz : tuple of float or None
        Lower and upper edge [MHz]; None where the band has no such direction.
    bandwidths_mhz : mapping of int to tuple of float
        Channel bandwidths [MHz] allowed at each subcarrier spacing [kHz].
    """

    name: str
    rat: Literal["nr", "lte"]
    duplex: Duplex
    uplink_mhz: tuple[float, float] | None
    downlink_mhz: tuple[float, float] | None
    bandwidths_mhz: Mapping[int, tuple[float, ...]]

    @property
    def frequency_range(self) -> Literal["FR1", "FR2"]:
        """FR1 (below 7.125 GHz) or FR2 (from 24.25 GHz), TS 38.101-1 Table 5.1-1."""
        low, _ = self.edges_mhz("downlink" if self.downlink_mhz else "uplink")
        return "FR2" if low >= 24_250.0 else "FR1"

    def edges_mhz(self, direction: Direction = "downlink") -> tuple[float, float]:
        """Return the lower and upper edge [MHz] of one direction.

        Raises
        ------
        SpectrumError
            If the band has no such direction.
        """
        edges = self.downlink_mhz if direction == "downlink" else self.uplink_mhz
        if edges is None:
            raise SpectrumError(f"Band {self.name} is {self.duplex} and has no {direction}.")
        return edges


def _edges(low: str, high: str) -> tuple[float, float] | None:
    return (float(low), float(high)) if low else None


def _band(row: dict[str, str], rat: Literal["nr", "lte"]) -> Band:
    cells = {scs: row.get(f"bandwidths_{scs}_khz", "") for scs in _SPACINGS_KHZ}
    widths = {scs: tuple(map(float, cell.split("|"))) for scs, cell in cells.items() if cell}
    return Band(
        name=row["band"],
        rat=rat,
        duplex=row["duplex"],  # type: ignore[arg-type]
        uplink_mhz=_edges(row["uplink_low_mhz"], row["uplink_high_mhz"]),
        downlink_mhz=_edges(row["downlink_low_mhz"], row["downlink_high_mhz"]),
        bandwidths_mhz=MappingProxyType(widths),
    )


@cache
def _all() -> dict[str, Band]:
    found = [_band(row, "nr") for row in read_table("nr_bands.csv")]
    found += [_band(row, "lte") for row in read_table("lte_bands.csv")]
    return {item.name.lower(): item for item in found}


def bands(rat: str | None = None) -> tuple[Band, ...]:
    """Return all bands, or those of one radio access technology ("nr" or "lte")."""
    return tuple(item for item in _all().values() if rat is None or item.rat == rat)


def band(name: str) -> Band:
    """Return an operating band by its name.

    Parameters
    ----------
    name : str
        "n78" (NR) or "B3" (LTE); upper and lower case are the same.

    Returns
    -------
    Band

    Raises
    ------
    SpectrumError
        If there is no such band; the message suggests the nearest name.

    References
    ----------
    3GPP TS 38.101-1 and TS 38.101-2, Table 5.2-1; TS 36.101, Table 5.5-1.

    Examples
    --------
    >>> band("n78").downlink_mhz, band("n78").duplex
    ((3300.0, 3800.0), 'TDD')
    >>> band("B3").downlink_mhz
    (1805.0, 1880.0)
    """
    found = _all().get(name.strip().lower())
    if found is None:
        hint = did_you_mean(name, [item.name for item in _all().values()])
        raise SpectrumError(f'There is no operating band "{name}". {hint}')
    return found


def _list(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _width_faults(
    item: Band, bandwidth_mhz: float, scs_khz: int, faults: Faults, where: dict[str, Any]
) -> None:
    widths = item.bandwidths_mhz.get(scs_khz)
    if widths is None:
        faults.error(
            "carrier.scs",
            f"{item.name} has no channels at {scs_khz} kHz subcarrier spacing",
            f"Allowed: {_list(tuple(item.bandwidths_mhz))} kHz.",
            **where,
        )
    elif bandwidth_mhz not in widths:
        faults.error(
            "carrier.bandwidth",
            f"{item.name} has no {bandwidth_mhz:g} MHz channel at {scs_khz} kHz",
            f"Allowed: {_list(widths)} MHz.",
            **where,
        )


def channel_faults(
    band_name: str,
    frequency_mhz: float,
    bandwidth_mhz: float,
    scs_khz: int = 15,
    direction: Direction = "downlink",
    **where: Any,
) -> Faults:
    """Collect what is wrong with a channel: band, edges, bandwidth, subcarrier spacing.

    Parameters
    ----------
    band_name : str
        Operating band.
    frequency_mhz : float
        Centre of the channel [MHz].
    bandwidth_mhz : float
        Channel bandwidth [MHz].
    scs_khz : int
        Subcarrier spacing [kHz]; LTE: 15.
    direction : {"downlink", "uplink"}
        Which half of a paired band the channel lies in.
    **where
        ``file`` and ``row`` for the faults.

    Returns
    -------
    Faults
        Empty if the channel is one 3GPP defines.

    Examples
    --------
    >>> len(channel_faults("n78", 3500.0, 100.0, 30))
    0
    >>> print(channel_faults("n78", 3790.0, 100.0, 30).errors[0])  # doctest: +ELLIPSIS
    n78 downlink is 3300 to 3800 MHz, ... Allowed centres: 3350 to 3750 MHz.
    """
    faults = Faults()
    try:
        item = band(band_name)
        low, high = item.edges_mhz(direction)
    except SpectrumError as error:
        faults.error("carrier.band", str(error), **where)
        return faults
    _width_faults(item, bandwidth_mhz, scs_khz, faults, dict(where))
    half = bandwidth_mhz / 2
    if not (low + half - 1e-6 <= frequency_mhz <= high - half + 1e-6):
        faults.error(
            "carrier.frequency",
            f"{item.name} {direction} is {low:g} to {high:g} MHz, the channel of "
            f"{bandwidth_mhz:g} MHz at {frequency_mhz:g} MHz leaves it.",
            f"Allowed centres: {low + half:g} to {high - half:g} MHz.",
            **where,
        )
    return faults
