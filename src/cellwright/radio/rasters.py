"""Channel numbers: NR-ARFCN and GSCN (3GPP TS 38.104 clause 5.4) and EARFCN (TS 36.101 5.7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cellwright.errors import SpectrumError
from cellwright.radio.bands import Direction, band
from cellwright.radio.tables import read_table


@dataclass(frozen=True)
class _Raster:
    """One row of TS 38.104 Table 5.4.2.1-1 (frequencies in kHz, so that all is whole)."""

    low_khz: float
    high_khz: float
    step_khz: int
    first_khz: float
    first: int
    last: int


_GLOBAL = (
    _Raster(0.0, 3_000_000.0, 5, 0.0, 0, 599_999),
    _Raster(3_000_000.0, 24_250_000.0, 15, 3_000_000.0, 600_000, 2_016_666),
    _Raster(24_250_000.0, 100_000_000.0, 60, 24_250_080.0, 2_016_667, 3_279_165),
)
_TOLERANCE_KHZ = 1e-3


def nr_arfcn_mhz(nr_arfcn: int) -> float:
    """Return the frequency [MHz] of an NR-ARFCN.

    Raises
    ------
    SpectrumError
        Outside 0 to 3279165.

    References
    ----------
    3GPP TS 38.104 V17, Table 5.4.2.1-1.

    Examples
    --------
    >>> nr_arfcn_mhz(620000), nr_arfcn_mhz(2016667)
    (3300.0, 24250.08)
    """
    for raster in _GLOBAL:
        if raster.first <= nr_arfcn <= raster.last:
            return (raster.first_khz + raster.step_khz * (nr_arfcn - raster.first)) / 1000.0
    raise SpectrumError(f"NR-ARFCN {nr_arfcn} does not exist; 0 to 3279165 are allowed.")


def nr_arfcn(frequency_mhz: float, nearest: bool = False) -> int:
    """Return the NR-ARFCN of a frequency.

    Parameters
    ----------
    frequency_mhz : float
        RF reference frequency [MHz].
    nearest : bool
        Take the nearest number instead of refusing a frequency off the raster.

    Raises
    ------
    SpectrumError
        Outside 0 to 100 GHz or off the global raster; the message names the neighbours.

    Examples
    --------
    >>> nr_arfcn(3500.01)
    633334
    """
    khz = frequency_mhz * 1000.0
    if not 0.0 <= khz <= 100_000_000.0:
        raise SpectrumError(f"{frequency_mhz:g} MHz is outside the NR raster, 0 to 100000 MHz.")
    raster = next(row for row in _GLOBAL if khz < row.high_khz or row is _GLOBAL[-1])
    steps = (khz - raster.first_khz) / raster.step_khz
    number = min(max(raster.first + round(steps), raster.first), raster.last)
    if not nearest and abs(nr_arfcn_mhz(number) * 1000.0 - khz) > _TOLERANCE_KHZ:
        below = raster.first_khz + raster.step_khz * int(steps)
        raise SpectrumError(
            f"{frequency_mhz:.6g} MHz is not on the NR raster of {raster.step_khz} kHz. "
            f"Nearest: {below / 1000:.3f} and {(below + raster.step_khz) / 1000:.3f} MHz."
        )
    return number


def gscn_mhz(gscn: int) -> float:
    """Return SS_REF, the frequency [MHz] of a synchronisation block, from its GSCN.

    References
    ----------
    3GPP TS 38.104 V17, Table 5.4.3.1-1.

    Examples
    --------
    >>> gscn_mhz(7711), gscn_mhz(2), gscn_mhz(22256)
    (3305.28, 1.25, 24250.08)
    """
    if 2 <= gscn <= 7498:
        n = (gscn + 1) // 3
        m = 2 * (gscn - 3 * n) + 3
        return (1200 * n + 50 * m) / 1000.0
    if 7499 <= gscn <= 22255:
        return (3_000_000 + 1440 * (gscn - 7499)) / 1000.0
    if 22256 <= gscn <= 26639:
        return (24_250_080 + 17_280 * (gscn - 22256)) / 1000.0
    raise SpectrumError(f"GSCN {gscn} does not exist; 2 to 26639 are allowed.")


def gscn(frequency_mhz: float) -> int:
    """Return the GSCN whose SS_REF is nearest to a frequency [MHz].

    Examples
    --------
    >>> gscn(3305.28)
    7711
    """
    khz = frequency_mhz * 1000.0
    if khz < 3_000_000.0:
        near = 3 * round(khz / 1200.0)
        candidates = range(max(2, near - 2), min(7498, near + 2) + 1)
    elif khz < 24_250_000.0:
        near = 7499 + round((khz - 3_000_000.0) / 1440.0)
        candidates = range(near, near + 1)
    else:
        near = 22_256 + round((khz - 24_250_080.0) / 17_280.0)
        candidates = range(max(22_256, min(near, 26_639)), max(22_256, min(near, 26_639)) + 1)
    return min(candidates, key=lambda number: abs(gscn_mhz(number) - frequency_mhz))


def band_gscn(band_name: str, scs_khz: int) -> range:
    """Return the GSCN a band's synchronisation blocks may use.

    Raises
    ------
    SpectrumError
        If the table has none for this band and subcarrier spacing.

    References
    ----------
    3GPP TS 38.101-1 and TS 38.101-2 V17, Table 5.4.3.3-1.

    Examples
    --------
    >>> band_gscn("n78", 30)
    range(7711, 8052)
    """
    name = band(band_name).name
    rows = [row for row in read_table("nr_sync_raster.csv") if row["band"] == name]
    for row in rows:
        if int(row["scs_khz"]) == scs_khz:
            step = int(row["gscn_step"])
            return range(int(row["gscn_first"]), int(row["gscn_last"]) + 1, step)
    allowed = ", ".join(row["scs_khz"] for row in rows) or "none listed"
    raise SpectrumError(
        f"{name} has no synchronisation raster at {scs_khz} kHz. Allowed [kHz]: {allowed}."
    )


def nearest_channel_mhz(
    band_name: str, frequency_mhz: float, scs_khz: int = 15, direction: Direction = "downlink"
) -> float:
    """Return the frequency on a band's channel raster nearest to the one wished.

    Parameters
    ----------
    band_name : str
        NR or LTE band.
    frequency_mhz : float
        Wished carrier centre [MHz].
    scs_khz : int
        Subcarrier spacing [kHz]: bands such as n78 have a raster of their own for each.
    direction : {"downlink", "uplink"}
        Which half of a paired band.

    Returns
    -------
    float
        Frequency [MHz].

    References
    ----------
    3GPP TS 38.101-1 and TS 38.101-2 V17, Table 5.4.2.3-1; TS 36.101, clause 5.7.1.

    Examples
    --------
    >>> nearest_channel_mhz("n78", 3500.0, 30)
    3499.98
    >>> nearest_channel_mhz("B3", 1842.53)
    1842.5
    """
    item = band(band_name)
    low, high = item.edges_mhz(direction)
    if item.rat == "lte":
        return round(min(max(frequency_mhz, low), high) * 10.0) / 10.0
    first, last, step = _channel_raster(item.name, scs_khz, direction)
    wished = nr_arfcn(min(max(frequency_mhz, low), high), nearest=True)
    number = first + step * round((wished - first) / step)
    return nr_arfcn_mhz(min(max(number, first), last))


def _channel_raster(name: str, scs_khz: int, direction: Direction) -> tuple[int, int, int]:
    rows = [row for row in read_table("nr_channel_raster.csv") if row["band"] == name]
    if not rows:
        raise SpectrumError(f"The channel raster of {name} is a list that is not kept here.")
    # a raster as wide as the spacing where there is one, else the band's widest (100 kHz)
    row = next((r for r in rows if int(r["raster_khz"]) == scs_khz), rows[-1])
    return int(row[f"{direction}_first"]), int(row[f"{direction}_last"]), int(row["step"])


@cache
def _earfcn_rows() -> tuple[dict[str, str], ...]:
    return read_table("lte_bands.csv")


def earfcn(frequency_mhz: float, band_name: str, direction: Direction = "downlink") -> int:
    """Return the EARFCN of an LTE carrier.

    Parameters
    ----------
    frequency_mhz : float
        Carrier centre [MHz], a multiple of 0.1.
    band_name : str
        LTE band such as "B3".
    direction : {"downlink", "uplink"}
        Which half of a paired band.

    Raises
    ------
    SpectrumError
        If the frequency is off the 100 kHz raster or outside the band.

    References
    ----------
    3GPP TS 36.101, clause 5.7.3, Table 5.7.3-1.

    Examples
    --------
    >>> earfcn(1842.5, "B3"), earfcn(1747.5, "B3", "uplink")
    (1575, 19575)
    """
    item = band(band_name)
    row = next((r for r in _earfcn_rows() if r["band"] == item.name), None)
    if row is None:
        raise SpectrumError(f"{item.name} is an NR band and has no EARFCN; use nr_arfcn.")
    low, high = item.edges_mhz(direction)
    steps = (frequency_mhz - low) * 10.0
    if abs(steps - round(steps)) > 1e-4 or not low <= frequency_mhz < high:
        raise SpectrumError(
            f"{frequency_mhz:g} MHz is not an LTE carrier of {item.name} {direction}: "
            f"multiples of 0.1 MHz from {low:g} to {high - 0.1:g} MHz are allowed."
        )
    return int(row[f"{direction}_offset"]) + round(steps)


def earfcn_mhz(number: int) -> tuple[str, Direction, float]:
    """Return band, direction and frequency [MHz] of an EARFCN.

    TDD numbers, the same both ways, are called downlink.

    Examples
    --------
    >>> earfcn_mhz(1575)
    ('B3', 'downlink', 1842.5)
    """
    directions: tuple[Direction, Direction] = ("downlink", "uplink")
    for row in _earfcn_rows():
        for direction in directions:
            if not row[f"{direction}_offset"]:
                continue
            low, high = band(row["band"]).edges_mhz(direction)
            steps = number - int(row[f"{direction}_offset"])
            if 0 <= steps < round((high - low) * 10.0):
                return row["band"], direction, round(low + steps / 10.0, 1)
    raise SpectrumError(f"EARFCN {number} belongs to no LTE band of TS 36.101.")
