"""TDD patterns: NR tdd-UL-DL-ConfigurationCommon (TS 38.331, TS 38.213) and LTE (TS 36.211)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cellwright.errors import Faults, SpectrumError
from cellwright.radio.resource_blocks import SYMBOLS_PER_SLOT, slot_ms

#: dl-UL-TransmissionPeriodicity [ms] and the least subcarrier spacing [kHz] that allows it.
PERIODICITIES_MS = {
    0.5: 30,
    0.625: 120,
    1: 15,
    1.25: 60,
    2: 15,
    2.5: 30,
    3: 15,
    4: 15,
    5: 15,
    10: 15,
}
_LTE_FRAMES = (
    "DSUUUDSUUU",
    "DSUUDDSUUD",
    "DSUDDDSUDD",
    "DSUUUDDDDD",
    "DSUUDDDDDD",
    "DSUDDDDDDD",
    "DSUUUDSUUD",
)
#: Downlink symbols of the special subframe, configurations 0 to 9, normal cyclic prefix.
_LTE_DWPTS = (3, 9, 10, 11, 12, 3, 9, 10, 11, 6)
_LTE_UPPTS = (1, 1, 1, 1, 1, 2, 2, 2, 2, 2)
Use = Literal["D", "S", "U", "F"]


@dataclass(frozen=True)
class Slot:
    """One slot of a TDD pattern: how many of its 14 symbols are downlink and uplink."""

    downlink_symbols: int
    uplink_symbols: int

    @property
    def use(self) -> Use:
        """D, U, S (both, with a gap) or F (flexible)."""
        if self.downlink_symbols == SYMBOLS_PER_SLOT:
            return "D"
        if self.uplink_symbols == SYMBOLS_PER_SLOT:
            return "U"
        return "S" if self.downlink_symbols + self.uplink_symbols else "F"


@dataclass(frozen=True)
class TddPattern:
    """The slots of one TDD period.

    Attributes
    ----------
    slots : tuple of Slot
        In order of time.
    scs_khz : int
        Reference subcarrier spacing [kHz].
    """

    slots: tuple[Slot, ...]
    scs_khz: int

    @property
    def period_ms(self) -> float:
        """Length of the period [ms]."""
        return len(self.slots) * slot_ms(self.scs_khz)

    @property
    def downlink_share(self) -> float:
        """Share of all symbols that are downlink."""
        return self._share(sum(slot.downlink_symbols for slot in self.slots))

    @property
    def uplink_share(self) -> float:
        """Share of all symbols that are uplink."""
        return self._share(sum(slot.uplink_symbols for slot in self.slots))

    @property
    def gap_share(self) -> float:
        """Share of symbols that are neither: guard period and flexible symbols."""
        used = sum(slot.downlink_symbols + slot.uplink_symbols for slot in self.slots)
        return self._share(len(self.slots) * SYMBOLS_PER_SLOT - used)

    def _share(self, symbols: int) -> float:
        return symbols / (len(self.slots) * SYMBOLS_PER_SLOT)

    def __str__(self) -> str:
        return "".join(slot.use for slot in self.slots)


def nr_pattern(
    periodicity_ms: float,
    downlink_slots: int,
    downlink_symbols: int,
    uplink_slots: int,
    uplink_symbols: int,
    scs_khz: int = 30,
    then: TddPattern | None = None,
) -> TddPattern:
    """Make an NR TDD pattern from the five numbers of TS 38.331.

    Parameters
    ----------
    periodicity_ms : float
        dl-UL-TransmissionPeriodicity [ms].
    downlink_slots, downlink_symbols : int
        nrofDownlinkSlots from the start, nrofDownlinkSymbols in the slot that follows.
    uplink_slots, uplink_symbols : int
        nrofUplinkSlots at the end, nrofUplinkSymbols in the slot before them.
    scs_khz : int
        referenceSubcarrierSpacing [kHz].
    then : TddPattern, optional
        The second pattern (pattern2); both periods together divide 20 ms.

    Returns
    -------
    TddPattern

    Raises
    ------
    SpectrumError
        With every fault: a period 3GPP does not have, or slots that do not sum.

    References
    ----------
    3GPP TS 38.331, TDD-UL-DL-ConfigCommon; TS 38.213 clause 11.1.

    Examples
    --------
    >>> pattern = nr_pattern(2.5, 3, 10, 1, 2)
    >>> str(pattern), round(pattern.downlink_share, 3), round(pattern.uplink_share, 3)
    ('DDDSU', 0.743, 0.229)
    """
    faults = _pattern_faults(
        periodicity_ms, (downlink_slots, downlink_symbols), (uplink_slots, uplink_symbols), scs_khz
    )
    faults.raise_errors(SpectrumError)
    count = round(periodicity_ms / slot_ms(scs_khz))
    down = [0] * count
    up = [0] * count
    down[:downlink_slots] = [SYMBOLS_PER_SLOT] * downlink_slots
    up[count - uplink_slots :] = [SYMBOLS_PER_SLOT] * uplink_slots
    if downlink_symbols:
        down[downlink_slots] = downlink_symbols
    if uplink_symbols:
        up[count - uplink_slots - 1] = uplink_symbols
    pattern = TddPattern(tuple(Slot(d, u) for d, u in zip(down, up, strict=True)), scs_khz)
    return pattern if then is None else _joined(pattern, then)


def _pattern_faults(
    periodicity_ms: float, down: tuple[int, int], up: tuple[int, int], scs_khz: int
) -> Faults:
    faults = Faults()
    least_scs = PERIODICITIES_MS.get(periodicity_ms)
    if least_scs is None or scs_khz < least_scs:
        allowed = [f"{period:g}" for period, scs in PERIODICITIES_MS.items() if scs <= scs_khz]
        faults.error(
            "tdd.periodicity",
            f"A TDD period of {periodicity_ms:g} ms does not exist at {scs_khz} kHz.",
            f"Allowed [ms]: {', '.join(allowed)}.",
        )
        return faults
    for name, symbols in (("downlink", down[1]), ("uplink", up[1])):
        if not 0 <= symbols < SYMBOLS_PER_SLOT:
            faults.error("tdd.symbols", f"{name} symbols are {symbols}; 0 to 13 are allowed.")
    have = round(periodicity_ms / slot_ms(scs_khz)) * SYMBOLS_PER_SLOT
    need = (down[0] + up[0]) * SYMBOLS_PER_SLOT + down[1] + up[1]
    if need > have or min(down[0], up[0]) < 0:
        faults.error(
            "tdd.sum",
            f"{down[0]} downlink slots + {down[1]} symbols and {up[0]} uplink slots + {up[1]} "
            f"symbols are {need} symbols; {periodicity_ms:g} ms at {scs_khz} kHz have {have}.",
        )
    return faults


def _joined(first: TddPattern, second: TddPattern) -> TddPattern:
    both_ms = first.period_ms + second.period_ms
    if first.scs_khz != second.scs_khz or abs(20.0 / both_ms - round(20.0 / both_ms)) > 1e-9:
        raise SpectrumError(
            f"Two TDD patterns of {first.period_ms:g} and {second.period_ms:g} ms cannot follow "
            "each other: they need one subcarrier spacing and a sum that divides 20 ms."
        )
    return TddPattern(first.slots + second.slots, first.scs_khz)


def tdd_pattern(text: str, scs_khz: int = 30, special: str = "10:2:2") -> TddPattern:
    """Make a TDD pattern from its letters.

    Parameters
    ----------
    text : str
        One letter per slot: D, U, S (special) or F (flexible), such as "DDDSU".
    scs_khz : int
        Subcarrier spacing [kHz].
    special : str
        Symbols of S: downlink:gap:uplink, 14 in all.

    Raises
    ------
    SpectrumError
        If a letter is unknown or the special slot does not have 14 symbols.

    Examples
    --------
    >>> round(tdd_pattern("DDDSU").downlink_share, 4)
    0.7429
    """
    try:
        down, gap, up = (int(part) for part in special.split(":"))
    except ValueError:
        raise SpectrumError(f'special slot "{special}" is not downlink:gap:uplink.') from None
    if down + gap + up != SYMBOLS_PER_SLOT or min(down, gap, up) < 0:
        raise SpectrumError(f'special slot "{special}" has {down + gap + up} symbols, not 14.')
    kinds = {"D": Slot(14, 0), "U": Slot(0, 14), "S": Slot(down, up), "F": Slot(0, 0)}
    letters = text.strip().upper()
    unknown = sorted(set(letters) - set(kinds))
    if unknown or not letters:
        raise SpectrumError(f'TDD pattern "{text}" may hold only the letters D, S, U and F.')
    return TddPattern(tuple(kinds[letter] for letter in letters), scs_khz)


def lte_pattern(configuration: int, special_subframe: int = 7) -> TddPattern:
    """Return an LTE TDD frame of 10 subframes (14 symbols each, normal cyclic prefix).

    Parameters
    ----------
    configuration : int
        Uplink-downlink configuration 0 to 6.
    special_subframe : int
        Special subframe configuration 0 to 9.

    References
    ----------
    3GPP TS 36.211, Tables 4.2-1 and 4.2-2.

    Examples
    --------
    >>> str(lte_pattern(2))
    'DSUDDDSUDD'
    """
    if not (0 <= configuration <= 6 and 0 <= special_subframe <= 9):
        raise SpectrumError(
            f"LTE TDD configuration {configuration} with special subframe {special_subframe}: "
            "0 to 6 and 0 to 9 are allowed."
        )
    down, up = _LTE_DWPTS[special_subframe], _LTE_UPPTS[special_subframe]
    special = f"{down}:{SYMBOLS_PER_SLOT - down - up}:{up}"
    return tdd_pattern(_LTE_FRAMES[configuration], 15, special)
