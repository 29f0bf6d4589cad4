"""Where the resource elements go: control, reference and synchronisation signals.

NR: TS 38.211 clause 7.4 (DM-RS, CSI-RS, SS/PBCH), TS 38.214 clause 5.1.6.1 (TRS).
LTE: TS 36.211 clauses 6.6 to 6.11.
"""

from __future__ import annotations

from dataclasses import dataclass

from cellwright.errors import SpectrumError
from cellwright.radio.resource_blocks import (
    SUBCARRIERS_PER_RB,
    SYMBOLS_PER_SLOT,
    slots_per_second,
)
from cellwright.radio.tdd import TddPattern

#: Resource elements of an SS/PBCH block: 20 resource blocks by 4 symbols (TS 38.211 7.4.3.1).
SSB_ELEMENTS = 20 * SUBCARRIERS_PER_RB * 4
_TRS_BLOCKS = 52


@dataclass(frozen=True)
class ResourceUse:
    """Downlink resource elements, average per millisecond.

    Attributes
    ----------
    total : float
        All elements of downlink symbols.
    control : float
        PDCCH (LTE: control region).
    reference : float
        DM-RS, CSI-RS and TRS (LTE: CRS outside the control region).
    broadcast : float
        SS/PBCH blocks (LTE: PSS, SSS, PBCH).
    """

    total: float
    control: float
    reference: float
    broadcast: float

    @property
    def data(self) -> float:
        """Elements left for the shared data channel."""
        return self.total - self.control - self.reference - self.broadcast

    @property
    def data_share(self) -> float:
        """Share of the downlink elements left for data."""
        return self.data / self.total


def dmrs_elements(symbols: int = 2, configuration_type: int = 1, cdm_groups: int = 2) -> int:
    """Return the DM-RS elements in a resource block and slot, groups without data included.

    Parameters
    ----------
    symbols : int
        DM-RS symbols in the slot, front-loaded and additional.
    configuration_type : int
        1 (six elements a group and symbol) or 2 (four).
    cdm_groups : int
        CDM groups without data: 1 or 2 (type 1), 1 to 3 (type 2).

    References
    ----------
    3GPP TS 38.211 V17, clause 7.4.1.1; TS 38.214, Table 4.1-1.

    Examples
    --------
    >>> dmrs_elements(), dmrs_elements(symbols=1, cdm_groups=1)
    (24, 6)
    """
    most = {1: 2, 2: 3}.get(configuration_type)
    if most is None or not 1 <= cdm_groups <= most:
        raise SpectrumError(
            f"DM-RS type {configuration_type} with {cdm_groups} CDM groups: type 1 has 1 or 2, "
            "type 2 has 1 to 3."
        )
    return symbols * cdm_groups * (6 if configuration_type == 1 else 4)


@dataclass(frozen=True)
class NrOverhead:
    """Settings of the NR downlink's own signals.

    Attributes
    ----------
    pdcch_symbols : int
        Symbols of the CORESET over the whole carrier in each downlink slot, 0 to 3.
    dmrs_symbols, dmrs_type, cdm_groups : int
        See :func:`dmrs_elements`.
    ssb_blocks : int
        SS/PBCH blocks (beams) in a burst.
    ssb_period_ms : float
        Period of the burst [ms].
    csi_rs_ports : int
        Ports, one element each per resource block.
    csi_rs_period_ms : float
        Period [ms]; 0 = none.
    trs_period_ms : float
        Period of the tracking signal (two slots of two symbols, density 3) [ms]; 0 = none.
    """

    pdcch_symbols: int = 1
    dmrs_symbols: int = 2
    dmrs_type: int = 1
    cdm_groups: int = 2
    ssb_blocks: int = 8
    ssb_period_ms: float = 20.0
    csi_rs_ports: int = 32
    csi_rs_period_ms: float = 20.0
    trs_period_ms: float = 20.0

    @property
    def dmrs_re_per_prb(self) -> int:
        """DM-RS elements in a resource block and slot."""
        return dmrs_elements(self.dmrs_symbols, self.dmrs_type, self.cdm_groups)

    @property
    def data_symbols(self) -> int:
        """Symbols of a whole downlink slot open to PDSCH and its DM-RS."""
        return SYMBOLS_PER_SLOT - self.pdcch_symbols


def nr_downlink_use(
    resource_blocks: int,
    scs_khz: int,
    overhead: NrOverhead | None = None,
    tdd: TddPattern | None = None,
) -> ResourceUse:
    """Count the downlink resource elements of an NR carrier.

    Parameters
    ----------
    resource_blocks : int
        N_RB.
    scs_khz : int
        Subcarrier spacing [kHz].
    overhead : NrOverhead, optional
        The carrier's own signals.
    tdd : TddPattern, optional
        Without it all slots are downlink (FDD).

    Returns
    -------
    ResourceUse

    Examples
    --------
    >>> use = nr_downlink_use(273, 30)
    >>> round(use.total), round(use.data_share, 3)
    (91728, 0.776)
    """
    chosen = overhead or NrOverhead()
    symbols = [slot.downlink_symbols for slot in tdd.slots] if tdd else [SYMBOLS_PER_SLOT]
    down = [count for count in symbols if count > chosen.pdcch_symbols]
    per_ms = slots_per_second(scs_khz) / 1000.0 / len(symbols) * resource_blocks
    dmrs_each = chosen.dmrs_re_per_prb / chosen.dmrs_symbols
    # a slot cut short by the switch to uplink keeps only the front-loaded symbol
    kept = sum(chosen.dmrs_symbols if count == SYMBOLS_PER_SLOT else 1 for count in down)
    csi, trs, ssb = _periodic(chosen, resource_blocks)
    return ResourceUse(
        total=sum(symbols) * SUBCARRIERS_PER_RB * per_ms,
        control=len(down) * chosen.pdcch_symbols * SUBCARRIERS_PER_RB * per_ms,
        reference=kept * dmrs_each * per_ms + csi + trs,
        broadcast=ssb,
    )


def _periodic(chosen: NrOverhead, resource_blocks: int) -> tuple[float, float, float]:
    """Elements per millisecond of CSI-RS, TRS and SS/PBCH blocks."""
    csi = trs = 0.0
    if chosen.csi_rs_period_ms > 0.0:
        csi = chosen.csi_rs_ports * resource_blocks / chosen.csi_rs_period_ms
    if chosen.trs_period_ms > 0.0:
        trs = 2 * 2 * 3 * min(resource_blocks, _TRS_BLOCKS) / chosen.trs_period_ms
    return csi, trs, chosen.ssb_blocks * SSB_ELEMENTS / chosen.ssb_period_ms


def lte_downlink_use(
    resource_blocks: int, crs_ports: int = 2, control_symbols: int = 2, downlink_share: float = 1.0
) -> ResourceUse:
    """Count the downlink resource elements of an LTE carrier, normal cyclic prefix.

    Parameters
    ----------
    resource_blocks : int
        N_RB.
    crs_ports : int
        Antenna ports of the cell-specific reference signal: 1, 2 or 4.
    control_symbols : int
        Symbols of the control region, 1 to 4 (CFI; one more up to 10 blocks).
    downlink_share : float
        Share of downlink symbols of a TDD frame; 1 for FDD.

    Returns
    -------
    ResourceUse

    References
    ----------
    3GPP TS 36.211, clauses 6.6, 6.7, 6.10.1 and 6.11.

    Examples
    --------
    >>> lte_downlink_use(100, 2, 1).control
    1200.0
    >>> round(lte_downlink_use(100, 2, 2).data_share, 3)
    0.783
    """
    if crs_ports not in (1, 2, 4) or not 1 <= control_symbols <= 4:
        raise SpectrumError(
            f"{crs_ports} CRS ports and {control_symbols} control symbols: 1, 2 or 4 ports and "
            "1 to 4 symbols are allowed."
        )
    total = SUBCARRIERS_PER_RB * SYMBOLS_PER_SLOT * resource_blocks
    control = SUBCARRIERS_PER_RB * control_symbols * resource_blocks
    crs = {1: 8, 2: 16, 4: 24}[crs_ports] * resource_blocks
    first = 2 * min(crs_ports, 2) * resource_blocks
    second = 4 * resource_blocks if crs_ports == 4 and control_symbols > 1 else 0
    # per frame of 10 ms: PSS and SSS twice over 72 subcarriers, PBCH 240 elements
    broadcast = (2 * 2 * 72 + 240) / 10.0
    return ResourceUse(
        total * downlink_share,
        control * downlink_share,
        (crs - first - second) * downlink_share,
        broadcast,
    )
