"""What a multi-user MIMO evaluation assumes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cellwright.errors import Faults
from cellwright.radio import Element, NrOverhead, nr_downlink_use
from cellwright.simulation.channel import PanelArray
from cellwright.simulation.channel.tables import Edition

#: Layers that one DM-RS symbol of type 2 holds apart, three groups of two (TS 38.211 7.4.1.1).
_LAYERS_PER_SYMBOL = 6
_DMRS_ELEMENTS = 12
#: CSI-IM in each resource block, as often as CSI-RS (TS 38.214 5.2.2.4).
_CSI_IM_ELEMENTS = 4


def _base() -> PanelArray:
    return PanelArray(8, 8, 2, row_spacing=0.8, port_rows=2, port_columns=8, element=Element())


def _user() -> PanelArray:
    return PanelArray(1, 2, 2, slants_deg=(0.0, 90.0))


@dataclass(frozen=True)
class SystemSettings:
    """Antennas, reports, scheduling and overhead of the evaluation.

    Attributes
    ----------
    base, user : PanelArray
        Antennas; by default 32 ports of (8, 8, 2) elements, two rows of ports, and four ports.
    model : str
        Fast fading, a scenario of ``channel.fast_fading``.
    edition : {"v16", "v19"}
        Edition of its statistics. Report M.2412 of 2017 has those of TR 38.901 before Release 19,
        whose angles of departure are far wider, above all to users indoors.
    margin_db : float
        Handover margin: a user is served by any cell this close to its strongest.
    interferers : int
        Strongest other cells whose channels are worked out; the rest is white noise.
    subbands, samples : int
        Subbands looked at, spread evenly over the carrier, and frequencies within each.
    subband_blocks : int
        Resource blocks of a subband.
    instants, slots, warm_up : int
        Instants of the channel, slots scheduled in each, and slots at the start that do not count.
    instant_s, delay_s : float
        From one instant to the next; mean age of its report while data is sent [s]. 6 ms is 4 ms
        until it is used and half a period of 5 ms.
    report : {"type2", "ideal"}
        Type II precoder, rank and CQI as they are told, or singular vectors and SINR as they are.
    estimation : {"pilots", "ideal"}
        Channel and interference as CSI-RS and DM-RS show them, or known.
    bundle_blocks, fitted : int
        Resource blocks with one precoder, over which DM-RS are averaged, and how many complex
        numbers describe a layer over them.
    rank : int
        Layers of one user at most, 1 or 2.
    most_users, most_layers : int
        Served together on a subband at most: 1 user is single-user MIMO.
    average_slots : float
        Memory of the proportional fair average [slots].
    target_error, outer_step_db : float
        Block error rate aimed at, and the outer loop's step [dB].
    resource_blocks, scs_khz : int
        Of the carrier.
    overhead : NrOverhead
        PDCCH, CSI-RS, TRS and SS/PBCH; DM-RS follows the layers of each slot instead.
    pedestrian_kmh, car_kmh : float
        Speeds.
    """

    base: PanelArray = field(default_factory=_base)
    user: PanelArray = field(default_factory=_user)
    model: str = "uma"
    edition: Edition = "v16"
    margin_db: float = 1.0
    interferers: int = 9
    subbands: int = 5
    samples: int = 2
    subband_blocks: int = 4
    instants: int = 4
    slots: int = 30
    warm_up: int = 30
    instant_s: float = 0.05
    delay_s: float = 0.006
    report: Literal["type2", "ideal"] = "type2"
    estimation: Literal["pilots", "ideal"] = "pilots"
    bundle_blocks: int = 4
    fitted: int = 2
    rank: int = 2
    most_users: int = 12
    most_layers: int = 12
    average_slots: float = 50.0
    target_error: float = 0.1
    outer_step_db: float = 2.0
    resource_blocks: int = 52
    scs_khz: int = 15
    overhead: NrOverhead = field(
        default_factory=lambda: NrOverhead(pdcch_symbols=2, ssb_blocks=1, csi_rs_period_ms=5.0)
    )
    pedestrian_kmh: float = 3.0
    car_kmh: float = 30.0

    def __post_init__(self) -> None:
        faults = Faults()
        for name, (low, high) in _LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                faults.error(f"system.{name}", f"{name} is {value}; {low:g} to {high:g}.")
        if self.report not in ("type2", "ideal"):
            faults.error("system.report", f'report is "{self.report}"; type2 or ideal.')
        if self.estimation not in ("pilots", "ideal"):
            faults.error(
                "system.estimation", f'estimation is "{self.estimation}"; pilots or ideal.'
            )
        if self.warm_up >= self.instants * self.slots:
            faults.error(
                "system.warm_up",
                f"warm_up is {self.warm_up} of {self.instants * self.slots} slots; nothing counts.",
                "Lower it, or run more slots.",
            )
        faults.raise_errors()

    def data_share(self, layers: int) -> float:
        """Share of a slot's elements left for data when so many layers are sent together.

        Examples
        --------
        >>> [round(SystemSettings().data_share(n), 3) for n in (4, 8)]
        [0.734, 0.662]
        """
        overhead = self.overhead
        use = nr_downlink_use(self.resource_blocks, self.scs_khz, overhead)
        dmrs = overhead.dmrs_re_per_prb * self.resource_blocks * self.scs_khz / 15.0
        taken = (use.control + use.reference - dmrs + use.broadcast) / use.total
        own = float(dmrs_of(layers))
        if overhead.csi_rs_period_ms > 0.0:
            own += _CSI_IM_ELEMENTS * 15.0 / self.scs_khz / overhead.csi_rs_period_ms
        return float(1.0 - taken - own / 168.0)

    def pilot_gain(self, layers: int) -> float:
        """Energy of a layer's DM-RS in a bundle over a data symbol's, per number fitted.

        Examples
        --------
        >>> [SystemSettings().pilot_gain(n) for n in (6, 12)]
        [24.0, 48.0]
        """
        return dmrs_of(layers) * self.bundle_blocks / self.fitted

    def covariance_samples(self, layers: int) -> int:
        """DM-RS elements of a bundle that are left when the layers' channels have been fitted.

        Examples
        --------
        >>> [SystemSettings().covariance_samples(n) for n in (6, 12)]
        [36, 72]
        """
        left = dmrs_of(layers) * self.bundle_blocks - layers * self.fitted
        return max(left, self.user.ports)


def dmrs_of(layers: int) -> int:
    """DM-RS elements of type 2 in a resource block and slot for so many layers.

    Layers share the power of every element: what a layer's pilots have over its data makes up for
    their number (TS 38.214 Table 4.1-1).

    Examples
    --------
    >>> [dmrs_of(n) for n in (1, 6, 7, 12)]
    [12, 12, 24, 24]
    """
    return _DMRS_ELEMENTS * -(-layers // _LAYERS_PER_SYMBOL)


_LIMITS = {
    "interferers": (0, 200),
    "subbands": (1, 100),
    "samples": (1, 20),
    "subband_blocks": (1, 32),
    "instants": (1, 10_000),
    "slots": (1, 100_000),
    "warm_up": (0, 1_000_000),
    "instant_s": (0.0, 10.0),
    "delay_s": (0.0, 1.0),
    "margin_db": (0.0, 10.0),
    "bundle_blocks": (2, 4),
    "fitted": (1, 2),
    "rank": (1, 2),
    "most_users": (1, 12),
    "most_layers": (1, 12),
    "average_slots": (1.0, 1e6),
    "target_error": (0.001, 0.5),
    "outer_step_db": (0.0, 10.0),
    "resource_blocks": (1, 275),
}
