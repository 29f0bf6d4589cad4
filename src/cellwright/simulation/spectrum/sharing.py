"""Dynamic spectrum sharing: LTE and NR on one carrier of 15 kHz, subframe by subframe.

3GPP TS 36.211 clauses 6.7, 6.10.1 and 6.10.2 (LTE control region, cell-specific reference signal,
MBSFN subframes); TS 38.214 clause 5.1.4.2 (NR's data flows around LTE's reference signal).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, InputError
from cellwright.radio.overhead import SSB_ELEMENTS, lte_downlink_use

Grid = NDArray[np.bool_]
Floats = NDArray[np.float64]
#: First symbols of the reference signal's ports in a subframe: ports 0 and 1, ports 2 and 3.
_CRS_SYMBOLS = ((0, 4, 7, 11), (1, 8))
#: Subframes of a frame that may be MBSFN in FDD: 1, 2, 3, 6, 7, 8 (TS 36.331 MBSFN-SubframeConfig).
MOST_MBSFN = 6
_ROUNDS = 100
_MOST_LOAD = 0.95


@dataclass(frozen=True)
class SharedCarrier:
    """One carrier that LTE and NR share.

    Attributes
    ----------
    resource_blocks : int
        Blocks of the carrier, 15 kHz.
    crs_ports : int
        LTE cell-specific reference signal ports: 1, 2 or 4.
    lte_control_symbols : int
        LTE control region, 1 to 3 symbols of every subframe.
    nr_control_symbols : int
        NR CORESET behind it, 1 or 2 symbols.
    nr_dmrs_symbols : int
        DM-RS symbols of NR, 1 or 2, without data beside them.
    mbsfn_subframes : int
        Subframes of 10 in which LTE sends nothing after its first two symbols, so that NR finds
        no reference signal there: 0 to 6. LTE cannot use them.
    ssb_period_ms : int
        NR SS/PBCH period [ms]. A block needs an MBSFN subframe; without one it punctures LTE's
        reference signal, or stands where LTE sends none (subcarriers of its own).
    ssb_blocks : int
        Blocks in a burst.

    Raises
    ------
    SpectrumError, InputError
        With every value out of range; a carrier too narrow for an SS/PBCH block.

    Examples
    --------
    >>> SharedCarrier(100).nr_elements(), SharedCarrier(100).nr_elements(mbsfn=True)
    (108, 120)
    """

    resource_blocks: int
    crs_ports: int = 2
    lte_control_symbols: int = 2
    nr_control_symbols: int = 1
    nr_dmrs_symbols: int = 1
    mbsfn_subframes: int = 1
    ssb_period_ms: int = 20
    ssb_blocks: int = 1

    def __post_init__(self) -> None:
        faults = Faults()
        allowed: dict[str, tuple[int, ...]] = {
            "resource_blocks": tuple(range(25, 271)),
            "crs_ports": (1, 2, 4),
            "lte_control_symbols": (1, 2, 3),
            "nr_control_symbols": (1, 2),
            "nr_dmrs_symbols": (1, 2),
            "mbsfn_subframes": tuple(range(MOST_MBSFN + 1)),
            "ssb_period_ms": (5, 10, 20, 40, 80, 160),
            "ssb_blocks": (1, 2, 4),
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                shown = f"{values[0]} to {values[-1]}" if len(values) > 6 else f"{values}"
                faults.error(f"sharing.{name}", f"{name} is {getattr(self, name)}; {shown}.")
        faults.raise_errors()

    def reference_grid(self, mbsfn: bool = False) -> Grid:
        """Elements of LTE's reference signal in a block and subframe, bool [symbol, subcarrier].

        Examples
        --------
        >>> SharedCarrier(100).reference_grid().sum(), SharedCarrier(100, 4).reference_grid().sum()
        (np.int64(16), np.int64(24))
        """
        grid = np.zeros((14, 12), np.bool_)
        step = 6 if self.crs_ports == 1 else 3
        for symbol in _CRS_SYMBOLS[0]:
            shift = 0 if symbol in (0, 7) or step == 3 else 3
            grid[symbol, shift::step] = True
        if self.crs_ports == 4:
            for symbol in _CRS_SYMBOLS[1]:
                grid[symbol, ::3] = True
        if mbsfn:
            grid[2:] = False
        return grid

    def _nr_grid(self, mbsfn: bool = False) -> Grid:
        """Elements that carry NR data in a block and subframe given to NR."""
        region = min(self.lte_control_symbols, 2) if mbsfn else self.lte_control_symbols
        first = region + self.nr_control_symbols
        grid = np.ones((14, 12), np.bool_)
        grid[:first] = False
        crs = self.reference_grid(mbsfn)
        # DM-RS moves to the first symbols behind control without LTE's reference signal
        free = [s for s in range(first, 14) if not crs[s].any()]
        grid[free[: self.nr_dmrs_symbols]] = False
        return np.asarray(grid & ~crs)

    def nr_elements(self, mbsfn: bool = False) -> int:
        """NR data elements in a block and subframe given to NR."""
        return int(self._nr_grid(mbsfn).sum())

    def hit_share(self, shift: int = 1, mbsfn: bool = False) -> float:
        """Share of NR's data elements on which a neighbour's LTE reference signal falls.

        Parameters
        ----------
        shift : int
            Difference of the two cells' PCI modulo 6: the neighbour's signal is moved by so many
            subcarriers. NR flows around its own cell's signal only.
        mbsfn : bool
            In an MBSFN subframe of both cells.

        Examples
        --------
        >>> round(SharedCarrier(100).hit_share(1), 4), SharedCarrier(100).hit_share(3)
        (0.1111, 0.0)
        """
        theirs = np.roll(self.reference_grid(mbsfn), shift, axis=1)
        data = self._nr_grid(mbsfn)
        return float((theirs & data).sum() / data.sum())

    def lte_elements(self) -> int:
        """LTE data elements in a block and subframe given to LTE."""
        grid = np.ones((14, 12), np.bool_)
        grid[: self.lte_control_symbols] = False
        return int((grid & ~self.reference_grid()).sum())

    @property
    def lte_per_ms(self) -> float:
        """LTE data elements in a millisecond if NR had no data at all."""
        usable = 1.0 - self.mbsfn_subframes / 10.0
        broadcast = lte_downlink_use(self.resource_blocks).broadcast
        whole = self.lte_elements() * self.resource_blocks * usable - broadcast
        return max(whole - self._ssb_in_lte(), 0.0)

    @property
    def nr_shared_per_ms(self) -> float:
        """NR data elements in a millisecond of ordinary subframes, if LTE had no data at all."""
        usable = 1.0 - self.mbsfn_subframes / 10.0
        broadcast = lte_downlink_use(self.resource_blocks).broadcast
        whole = self.nr_elements() * self.resource_blocks * usable - broadcast
        return max(whole - self._ssb_in_lte(), 0.0)

    @property
    def nr_own_per_ms(self) -> float:
        """NR data elements in a millisecond of MBSFN subframes, which LTE cannot use."""
        whole = self.nr_elements(mbsfn=True) * self.resource_blocks * self.mbsfn_subframes / 10.0
        return max(whole - (self._ssb_per_ms() if self.mbsfn_subframes else 0.0), 0.0)

    @property
    def lte_alone_per_ms(self) -> float:
        """LTE data elements in a millisecond without NR on the carrier."""
        use = lte_downlink_use(self.resource_blocks, self.crs_ports, self.lte_control_symbols)
        return use.data

    @property
    def nr_alone_per_ms(self) -> float:
        """NR data elements in a millisecond without LTE on the carrier."""
        each = 168 - 12 * (self.nr_control_symbols + self.nr_dmrs_symbols)
        return each * self.resource_blocks - self._ssb_per_ms()

    @property
    def ssb_conflict(self) -> bool:
        """Whether SS/PBCH blocks meet LTE's reference signal: there is no MBSFN subframe."""
        return self.mbsfn_subframes == 0

    def _ssb_per_ms(self) -> float:
        return self.ssb_blocks * SSB_ELEMENTS / self.ssb_period_ms

    def _ssb_in_lte(self) -> float:
        return self._ssb_per_ms() if self.ssb_conflict else 0.0

    def overhead(self) -> pd.DataFrame:
        """Return what sharing costs: data elements per millisecond, shared and alone, by RAT.

        Examples
        --------
        >>> table = SharedCarrier(100).overhead()
        >>> bool((table["shared"] < table["alone"]).all())
        True
        """
        shared = [self.lte_per_ms, self.nr_shared_per_ms + self.nr_own_per_ms]
        alone = [self.lte_alone_per_ms, self.nr_alone_per_ms]
        table = pd.DataFrame({"shared": shared, "alone": alone}, index=["lte", "nr"])
        table["cost"] = 1.0 - table["shared"] / table["alone"]
        return table


def efficiency_among_reference_signals(
    bits_of: Callable[[Floats], ArrayLike],
    sinr_db: ArrayLike,
    reference_sinr_db: ArrayLike,
    hit_share: float,
) -> Floats:
    """Mean bits of NR's data elements while neighbours' LTE reference signals hit some of them.

    Parameters
    ----------
    bits_of : callable
        SINR [dB] -> bits per element.
    sinr_db : array
        SINR where the neighbours send by their load [dB].
    reference_sinr_db : array
        SINR on elements that a neighbour's reference signal hits: it is always there, however
        idle the cell [dB].
    hit_share : float
        Share of such elements, from :meth:`SharedCarrier.hit_share`.

    Returns
    -------
    array
        Bits per element: the mean over both kinds, as a code over all of them sees it.

    Raises
    ------
    InputError
        A share outside 0 to 1.

    Examples
    --------
    >>> def bits(sinr_db):
    ...     return np.log2(1.0 + 10.0 ** (sinr_db / 10.0))
    >>> efficiency_among_reference_signals(bits, [20.0], [0.0], 0.1).round(2).tolist()
    [6.09]
    """
    if not 0.0 <= hit_share <= 1.0:
        raise InputError(f"hit_share is {hit_share:g}; it is a share, 0 to 1.")
    free = np.asarray(bits_of(np.asarray(sinr_db, np.float64)), np.float64)
    hit = np.asarray(bits_of(np.asarray(reference_sinr_db, np.float64)), np.float64)
    return np.asarray((1.0 - hit_share) * free + hit_share * hit)


def share_spectrum(
    carrier: SharedCarrier,
    lte_demand_mbps: float,
    nr_demand_mbps: float,
    bits_per_element: Callable[[float], tuple[float, float]],
) -> pd.Series:
    """Split a shared carrier between LTE and NR by their demands.

    Parameters
    ----------
    carrier : SharedCarrier
        Where the elements go.
    lte_demand_mbps, nr_demand_mbps : float
        What the users of each want from one cell [Mbit/s].
    bits_per_element : callable
        Load of the neighbours, 0 to 1, -> mean bits per data element of LTE and of NR, over all
        layers. Neighbours are taken to be as busy as this cell.

    Returns
    -------
    Series
        ``lte_mbps, nr_mbps`` (delivered), ``lte_share, nr_share`` (of the ordinary subframes'
        blocks), ``load`` (0 to 1), ``wanted_load`` (above 0.95: overloaded, both are cut alike),
        ``lte_alone_mbps, nr_alone_mbps`` (what the whole carrier would carry for one RAT alone, at
        this load), ``rounds``, ``settled`` (1 or 0).

    Raises
    ------
    InputError
        A demand below 0, or bits per element that are not positive.

    Notes
    -----
    NR takes its MBSFN subframes first, then both share the rest; overloaded, each gets the part of
    it that its demand is of both. More load means more interference and fewer bits: a fixed point,
    as in ``simulation.load``.

    Examples
    --------
    >>> got = share_spectrum(SharedCarrier(100), 10.0, 12.0, lambda load: (2.0, 3.0))
    >>> [round(float(got[name]), 3) for name in ("lte_mbps", "nr_mbps", "load")]
    [10.0, 12.0, 0.746]
    """
    if not (lte_demand_mbps >= 0.0 and nr_demand_mbps >= 0.0):
        raise InputError(
            f"Demands of {lte_demand_mbps:g} and {nr_demand_mbps:g} Mbit/s: both at least 0."
        )
    load, settled, rounds = 0.0, False, 0
    while not settled and rounds < _ROUNDS:
        rounds += 1
        split = _split(carrier, lte_demand_mbps, nr_demand_mbps, _bits(bits_per_element, load))
        # half a step: a steep curve would swing for ever
        moved = 0.5 * (split["load"] - load)
        load += moved
        settled = abs(moved) < 1e-6
    lte_bits, nr_bits = _bits(bits_per_element, load)
    split = _split(carrier, lte_demand_mbps, nr_demand_mbps, (lte_bits, nr_bits))
    split |= {
        "lte_alone_mbps": carrier.lte_alone_per_ms * lte_bits / 1000.0,
        "nr_alone_mbps": carrier.nr_alone_per_ms * nr_bits / 1000.0,
        "rounds": float(rounds),
        "settled": float(settled),
    }
    return pd.Series(split)


def _bits(
    bits_per_element: Callable[[float], tuple[float, float]], load: float
) -> tuple[float, float]:
    lte, nr = bits_per_element(load)
    if not (lte > 0.0 and nr > 0.0 and np.isfinite(lte + nr)):
        raise InputError(f"bits_per_element({load:g}) gave {lte} and {nr}; both must be above 0.")
    return float(lte), float(nr)


def _split(
    carrier: SharedCarrier, lte_wants: float, nr_wants: float, bits: tuple[float, float]
) -> dict[str, float]:
    """Shares and rates at given bits per element."""
    own = carrier.nr_own_per_ms * bits[1] / 1000.0
    lte_whole = carrier.lte_per_ms * bits[0] / 1000.0
    nr_whole = carrier.nr_shared_per_ms * bits[1] / 1000.0
    from_own = min(nr_wants, own * _MOST_LOAD)
    lte_need = lte_wants / lte_whole
    nr_need = (nr_wants - from_own) / nr_whole
    need = lte_need + nr_need
    kept = min(1.0, _MOST_LOAD / need) if need > 0.0 else 1.0
    mbsfn = carrier.mbsfn_subframes / 10.0
    busy_own = from_own / own if own > 0.0 else 0.0
    return {
        "lte_mbps": lte_need * kept * lte_whole,
        "nr_mbps": from_own + nr_need * kept * nr_whole,
        "lte_share": lte_need * kept,
        "nr_share": nr_need * kept,
        "load": (1.0 - mbsfn) * need * kept + mbsfn * busy_own,
        "wanted_load": need,
    }
