"""What a link is assumed to do: overheads, layers, margins, transmit power of the phone.

Every default names its source or says "assumption"; :meth:`LinkSettings.assumptions` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from cellwright.errors import InputError

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
