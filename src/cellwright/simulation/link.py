"""What a link is assumed to do: overheads, layers, margins, transmit power of the phone.

Every default names its source or says "assumption"; :meth:`LinkSettings.assumptions` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InputError
from cellwright.network import Carrier
from cellwright.radio import NrOverhead, lte_downlink_use, nr_downlink_use

#: Error vector magnitude a transmitter must keep, by bits per symbol (TS 38.104 Table 6.5.2.2-1,
#: TS 38.101-1 Table 6.4.2.1-1; 1024QAM: 2.5 %): it caps the SINR of the symbols.
EVM = {2: 0.175, 4: 0.125, 6: 0.08, 8: 0.035, 10: 0.025}


@dataclass(frozen=True)
class LinkSettings:
    """Assumptions of link adaptation.

    Attributes
    ----------
    pdcch_symbols : int
        Control symbols of a slot or subframe, on NR and LTE alike.
    dmrs_symbols : int
        NR DM-RS symbols of a slot.
    crs_ports : int
        LTE cell-specific reference signal ports.
    target_error : float
        Block error rate the scheduler aims at.
    margin_db : float
        Lost to fading, channel estimation and old reports [dB].
    layer_loss_db : float
        What every layer beyond the first costs all layers, because paths are alike [dB].
    k_factor_db : float
        In line of sight, layers beyond the two polarisations live on scattered power only, this
        much below the direct ray [dB].
    base_branches : int
        Receive branches the base station combines in the uplink, after beamforming.
    noise_rise_db : float
        Uplink interference over noise [dB].
    p0_dbm : float
        Uplink power control: wanted power in one resource block of 180 kHz [dBm].
    alpha : float
        Share of the path loss the phone makes up for.
    pucch_blocks : int
        Resource blocks kept for uplink control.
    special_uplink : float
        Share of the uplink symbols of special slots that carry data, 0 to 1.
    """

    pdcch_symbols: int = 1
    dmrs_symbols: int = 1
    crs_ports: int = 2
    target_error: float = 0.1
    margin_db: float = 2.0
    layer_loss_db: float = 1.5
    k_factor_db: float = 9.0
    base_branches: int = 2
    noise_rise_db: float = 3.0
    p0_dbm: float = -76.0
    alpha: float = 0.8
    pucch_blocks: int = 4
    special_uplink: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 < self.target_error < 1.0:
            raise InputError(f"target_error is {self.target_error:g}; it must lie in 0 to 1.")
        if not 0.0 <= self.alpha <= 1.0:
            raise InputError(f"alpha is {self.alpha:g}; it must lie in 0 to 1.")

    def assumptions(self) -> list[tuple[str, str, str]]:
        """Return ``(name, value, reason)`` of every assumption, for the report."""
        return [(f.name, f"{getattr(self, f.name):g}", _REASONS[f.name]) for f in fields(self)]


_REASONS = {
    "pdcch_symbols": "one symbol on both sides; LTE under load often needs two or three",
    "dmrs_symbols": "front-loaded only, slow users; with one PDCCH symbol 14 % overhead, the value "
    "of TS 38.306 4.1.2",
    "crs_ports": "two transmit antennas",
    "target_error": "TS 38.214 5.2.2.1, TS 36.213 7.2.3: CQI is defined at 10 %",
    "margin_db": "assumption: fading, estimation and ageing of reports together",
    "layer_loss_db": "assumption: correlated paths; 0 would be rich scattering",
    "k_factor_db": "mean K-factor in sight, TR 38.901 Table 7.5-6 (UMa and UMi 9 dB)",
    "base_branches": "two polarisations",
    "noise_rise_db": "assumption: customary for a busy cell",
    "p0_dbm": "assumption; formula TS 38.213 7.1.1, TS 36.213 5.1.1",
    "alpha": "assumption: common fractional power control",
    "pucch_blocks": "assumption: two at either band edge",
    "special_uplink": "assumption: the one or two uplink symbols of slot S go to SRS and PRACH",
}


def layer_gain(layers: int, antennas: int, sight: bool, settings: LinkSettings) -> float:
    """Gain of each layer's SINR over one antenna and one layer with all the power.

    Parameters
    ----------
    layers, antennas : int
        Spatial layers; receive antennas.
    sight : bool
        In line of sight.
    settings : LinkSettings
        ``layer_loss_db`` and ``k_factor_db`` are used.

    Returns
    -------
    float
        Power ratio.

    Notes
    -----
    Power is split evenly. Out of sight zero forcing keeps ``antennas - layers + 1`` degrees of
    freedom, whose mean gain that is, less ``layer_loss_db`` for each further layer. In sight one
    layer adds all antennas, two layers take a polarisation each, and more live on scattered power.

    Examples
    --------
    >>> rich = LinkSettings(layer_loss_db=0.0)
    >>> [layer_gain(n, 4, False, rich) for n in (1, 2, 4)]
    [4.0, 1.5, 0.25]
    >>> layer_gain(2, 4, True, rich)
    1.0
    """
    alike: float = 10.0 ** (-settings.layer_loss_db * (layers - 1) / 10.0)
    rich = float((antennas - layers + 1) / layers * alike)
    if not sight or layers == 1:
        return rich
    if layers == 2:
        return antennas / 4.0
    return float(rich / (1.0 + 10.0 ** (settings.k_factor_db / 10.0)))


@dataclass(frozen=True)
class Frame:
    """Where the resource elements of one direction go.

    Attributes
    ----------
    elements_per_s : float
        All elements of the carrier in a second, as if every symbol were in this direction.
    time_share : float
        Share of symbols in this direction.
    data_share : float
        Share of those elements that carry data.
    data_per_block : int
        Data elements of a resource block in a whole slot or subframe.
    slots_per_s : float
        Slots or subframes of this direction in a second, less what broadcast takes.
    always_on : float
        Share of elements a cell fills even when idle.
    """

    elements_per_s: float
    time_share: float
    data_share: float
    data_per_block: int
    slots_per_s: float
    always_on: float

    @property
    def data_elements_per_s(self) -> float:
        """Elements that carry data of this direction in a second."""
        return self.elements_per_s * self.time_share * self.data_share


def _nr_overhead(settings: LinkSettings, ports: int) -> NrOverhead:
    return NrOverhead(
        pdcch_symbols=settings.pdcch_symbols,
        dmrs_symbols=settings.dmrs_symbols,
        csi_rs_ports=max(ports, 1),
    )


def always_on_share(carrier: Carrier, settings: LinkSettings) -> float:
    """Share of downlink elements a cell sends even when it carries no traffic.

    NR: SSB, CSI-RS and TRS; LTE: cell-specific reference signals and broadcast.
    """
    if carrier.rat == "lte":
        crs = {1: 8, 2: 16, 4: 24}[settings.crs_ports] / 168.0
        return crs + lte_downlink_use(carrier.n_prb).broadcast / (168.0 * carrier.n_prb)
    overhead = _nr_overhead(settings, carrier.dl_layers)
    use = nr_downlink_use(carrier.n_prb, carrier.scs_khz, overhead)
    slots = carrier.scs_khz / 15.0
    dmrs = overhead.dmrs_re_per_prb * carrier.n_prb * slots
    return float((use.reference - dmrs + use.broadcast) / use.total)


def downlink_frame(carrier: Carrier, settings: LinkSettings) -> Frame:
    """Count where the downlink elements of a carrier go."""
    slots = 1000.0 * carrier.scs_khz / 15.0
    total = 168.0 * carrier.n_prb * slots
    if carrier.rat == "lte":
        use = lte_downlink_use(carrier.n_prb, settings.crs_ports, settings.pdcch_symbols)
        each = round((use.total - use.control - use.reference) / carrier.n_prb)
        broadcast = use.broadcast / use.total
    else:
        overhead = _nr_overhead(settings, carrier.dl_layers)
        each = 12 * overhead.data_symbols - overhead.dmrs_re_per_prb
        broadcast = always_on_share(carrier, settings)
    share = each / 168.0 - broadcast
    kept = slots * carrier.dl_share * share * 168.0 / each
    idle = always_on_share(carrier, settings)
    return Frame(total, carrier.dl_share, share, each, kept, idle)


def uplink_frame(carrier: Carrier, settings: LinkSettings) -> Frame:
    """Count where the uplink elements of a carrier go: one DM-RS symbol a slot, two in LTE."""
    slots = 1000.0 * carrier.scs_khz / 15.0
    each = 144 if carrier.rat == "lte" else 168 - 12 * settings.dmrs_symbols
    blocks = int(uplink_blocks(carrier, settings)[-1])
    whole = _whole_uplink(carrier, settings)
    share = whole * each / 168.0 * blocks / carrier.n_prb
    total = 168.0 * carrier.n_prb * slots
    return Frame(total, carrier.ul_share, share, each, slots * whole * carrier.ul_share, 0.0)


def _whole_uplink(carrier: Carrier, settings: LinkSettings) -> float:
    """Share of the uplink symbols that carry data: all of whole slots, some of special ones."""
    if carrier.tdd is None:
        return 1.0
    symbols = [slot.uplink_symbols for slot in carrier.tdd.slots]
    whole = sum(slot.uplink_symbols for slot in carrier.tdd.slots if slot.use == "U")
    return (whole + settings.special_uplink * (sum(symbols) - whole)) / max(sum(symbols), 1)


def uplink_blocks(carrier: Carrier, settings: LinkSettings) -> NDArray[np.int64]:
    """Numbers of resource blocks a phone may be given, about 1 dB apart, the most last.

    LTE's are products of 2, 3 and 5 (TS 36.211 clause 5.3.3); the same are used for NR, whose
    largest allocation is everything that uplink control leaves.
    """
    most = max(carrier.n_prb - settings.pucch_blocks, 1)
    smooth = np.array(
        [n for n in range(1, most + 1) if _smooth(n)] + ([most] if carrier.rat == "nr" else [])
    )
    wanted = smooth[-1] / 10.0 ** (np.arange(0.0, 10.0 * np.log10(smooth[-1]) + 1.0) / 10.0)
    below = np.searchsorted(smooth, wanted, side="right") - 1
    return np.asarray(np.unique(smooth[np.maximum(below, 0)]), dtype=np.int64)


def _smooth(number: int) -> bool:
    for prime in (2, 3, 5):
        while number % prime == 0:
            number //= prime
    return number == 1
