"""A carrier: the settings of one NR or LTE radio layer (3GPP TS 38.101-1/-2, TS 36.101)."""

from __future__ import annotations

from math import log10
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cellwright.errors import Faults, InputError, SpectrumError, did_you_mean
from cellwright.network.carrier_checks import relation_faults, spectrum_faults, value_faults
from cellwright.radio import TddPattern, band, resource_blocks
from cellwright.radio import tdd_pattern as read_tdd_pattern
from cellwright.units import thermal_noise_dbm

Rat = Literal["nr", "lte"]
#: Highest modulation of the MCS table in use (TS 38.214 clause 5.1.3.1, TS 36.213 clause 7.1.7.1).
DownlinkTable = Literal["64qam", "256qam"]
UplinkTable = Literal["16qam", "64qam", "256qam"]

_SUBCARRIERS_PER_BLOCK = 12  # TS 38.211 clause 4.4.4.1, TS 36.211 clause 6.2.3


class Carrier(BaseModel):
    """One radio layer: where in the spectrum, how strong, with which antennas and phones.

    Attributes
    ----------
    name : str
        Short name used in files and tables.
    rat : {"nr", "lte"}
        Radio access technology.
    band : str
        Operating band, "n78" or "B3".
    frequency_mhz : float
        Centre of the downlink channel [MHz]; must lie on the band's channel raster.
    bandwidth_mhz : float
        Channel bandwidth [MHz].
    scs_khz : int
        Subcarrier spacing [kHz].
    tdd_pattern : str or None
        Slots of one period: D, U, S (special), F (flexible), "DDDSU"; None for FDD.
    tdd_special : str
        Downlink, guard and uplink symbols of slot S, "10:2:2"; they sum to 14.
    power_dbm : float
        Total conducted power of one cell, over all its ports and the whole channel [dBm].
    antenna : str
        Name in the radio room's antenna list, or path of an MSI file.
    dl_layers, ul_layers : int
        Most layers to and from one user.
    dl_mcs_table, ul_mcs_table : str
        Highest modulation of the MCS tables in use.
    user_antennas : int
        Receive antennas of the phone.
    user_gain_dbi, user_loss_db, user_power_dbm : float
        Antenna gain [dBi], body loss [dB] and transmit power [dBm] of the phone.
    noise_figure_db, base_noise_figure_db : float
        Noise figure of the phone and of the base station [dB].
    base_loss_db : float
        Feeder and connector loss at the base station [dB].
    load : float
        Design load, 0 to 1: share of the resources the neighbours use.
    target_dbm : float
        RSRP to reach outdoors [dBm].
    models : dict of str to str
        Path-loss model of each site kind.
    powers_dbm, antennas : dict of str to float, dict of str to str
        Cell power [dBm] and antenna on those site kinds that have others than the above.

    Raises
    ------
    InputError
        With every fault of the values at once.
    SpectrumError
        If the values are sound but 3GPP defines no such channel.

    Examples
    --------
    >>> from cellwright.network import carrier
    >>> nr = carrier("n78")
    >>> nr.n_prb, nr.frequency_ghz, nr.duplex
    (273, 3.49998, 'TDD')
    >>> round(nr.reference_power_dbm, 2)
    17.85
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9._-]+$")
    rat: Rat
    band: str
    frequency_mhz: float = Field(ge=400.0, le=100_000.0)
    bandwidth_mhz: float = Field(gt=0.0, le=2000.0)
    scs_khz: int = 15
    tdd_pattern: Annotated[str, Field(pattern=r"^[DSUF]{1,40}$")] | None = None
    tdd_special: Annotated[str, Field(pattern=r"^\d+:\d+:\d+$")] = "10:2:2"
    power_dbm: float = Field(ge=-10.0, le=70.0)
    antenna: str = Field(min_length=1)
    dl_layers: int = Field(default=2, ge=1, le=8)
    ul_layers: int = Field(default=1, ge=1, le=4)
    dl_mcs_table: DownlinkTable = "64qam"
    ul_mcs_table: UplinkTable = "64qam"
    user_antennas: int = Field(default=2, ge=1, le=8)
    user_gain_dbi: float = Field(default=0.0, ge=-10.0, le=40.0)
    user_loss_db: float = Field(default=0.0, ge=0.0, le=40.0)
    user_power_dbm: float = Field(default=23.0, ge=-10.0, le=40.0)
    noise_figure_db: float = Field(default=7.0, ge=0.0, le=30.0)
    base_noise_figure_db: float = Field(default=5.0, ge=0.0, le=30.0)
    base_loss_db: float = Field(default=0.0, ge=0.0, le=30.0)
    load: float = Field(default=0.5, ge=0.0, le=1.0)
    target_dbm: float = Field(default=-105.0, ge=-150.0, le=-40.0)
    models: dict[str, str]
    powers_dbm: dict[str, Annotated[float, Field(ge=-10.0, le=70.0)]] = {}
    antennas: dict[str, str] = {}

    @field_validator("tdd_pattern", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        """Take "" for none: TOML has no null."""
        return None if value == "" else value

    @field_validator("band", mode="before")
    @classmethod
    def _as_3gpp_writes(cls, value: Any) -> Any:
        """Take "N78" for "n78" and "b3" for "B3"."""
        text = str(value).strip().lower()
        return text.upper() if text.startswith("b") else text

    def __init__(self, **values: Any) -> None:
        faults = Faults()
        try:
            super().__init__(**values)
        except ValidationError as error:
            value_faults(error, values, type(self).model_fields, faults)
            faults.raise_errors()
        relation_faults(self, faults)
        faults.raise_errors()
        spectrum_faults(self, faults)
        faults.raise_errors(SpectrumError)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    def changed(self, **values: Any) -> Self:
        """Return a copy with some values changed, checked like a new carrier.

        Examples
        --------
        >>> from cellwright.network import carrier
        >>> carrier("n78").changed(power_dbm=50.0).power_dbm
        50.0
        """
        return type(self)(**{**self.model_dump(), **values})

    @property
    def duplex(self) -> str:
        """Duplex mode of the band: "TDD", "FDD" ("SDL", "SUL")."""
        return band(self.band).duplex

    @property
    def n_prb(self) -> int:
        """Number of physical resource blocks (TS 38.101-1 Table 5.3.2-1, TS 36.101 clause 5.6)."""
        return resource_blocks(self.rat, self.bandwidth_mhz, self.scs_khz, self.frequency_mhz)

    @property
    def frequency_ghz(self) -> float:
        """Centre of the downlink channel [GHz]."""
        return self.frequency_mhz / 1000.0

    @property
    def uplink_frequency_mhz(self) -> float:
        """Centre of the uplink channel [MHz] at the band's usual spacing; in TDD the same."""
        edges = band(self.band)
        if edges.uplink_mhz is None or edges.downlink_mhz is None:
            return self.frequency_mhz
        return self.frequency_mhz + (edges.uplink_mhz[0] - edges.downlink_mhz[0])

    @property
    def subcarrier_spacing_hz(self) -> float:
        """Subcarrier spacing [Hz]."""
        return self.scs_khz * 1000.0

    @property
    def n_subcarriers(self) -> int:
        """Number of subcarriers that carry signals."""
        return self.n_prb * _SUBCARRIERS_PER_BLOCK

    @property
    def occupied_mhz(self) -> float:
        """Bandwidth filled with resource blocks [MHz]."""
        return self.n_subcarriers * self.scs_khz / 1000.0

    @property
    def noise_dbm_per_re(self) -> float:
        """Noise of the phone in one resource element [dBm], noise figure included."""
        return thermal_noise_dbm(self.subcarrier_spacing_hz, self.noise_figure_db)

    @property
    def base_noise_dbm_per_re(self) -> float:
        """Noise of the base station in one resource element [dBm], noise figure included."""
        return thermal_noise_dbm(self.subcarrier_spacing_hz, self.base_noise_figure_db)

    @property
    def reference_power_dbm(self) -> float:
        """Conducted power of one resource element [dBm]: the cell's power spread evenly.

        Notes
        -----
        NR: an SSB resource element carries the same energy as a data one (ss-PBCH-BlockPower,
        TS 38.331). LTE with two ports: the usual 3 dB boost of the cell-specific reference
        signals (P_A = -3 dB, P_B = 1, TS 36.213 clause 5.2) brings one port to this value too.
        """
        return self.element_power_dbm(self.power_dbm)

    def element_power_dbm(self, power_dbm: float) -> float:
        """Conducted power of one resource element [dBm] of a cell with this total power [dBm]."""
        return power_dbm - 10.0 * log10(self.n_subcarriers)

    @property
    def tdd(self) -> TddPattern | None:
        """The slots of one TDD period; None in FDD."""
        if self.tdd_pattern is None:
            return None
        return read_tdd_pattern(self.tdd_pattern, self.scs_khz, self.tdd_special)

    @property
    def dl_share(self) -> float:
        """Share of the symbols that carry downlink, 0 to 1 (1 in FDD)."""
        return 1.0 if self.tdd is None else self.tdd.downlink_share

    @property
    def ul_share(self) -> float:
        """Share of the symbols that carry uplink, 0 to 1 (1 in FDD)."""
        return 1.0 if self.tdd is None else self.tdd.uplink_share

    @property
    def dl_table(self) -> str:
        """The radio room's name of the downlink MCS table, such as "nr-256qam"."""
        return f"{self.rat}-{self.dl_mcs_table}"

    @property
    def ul_table(self) -> str:
        """The radio room's name of the uplink MCS table; LTE has one for all modulations."""
        return f"nr-{self.ul_mcs_table}" if self.rat == "nr" else "lte-uplink"

    def power_for(self, kind: str) -> float:
        """Total conducted power of a cell on a site of this kind [dBm]."""
        return self.powers_dbm.get(kind, self.power_dbm)

    def antenna_for(self, kind: str) -> str:
        """Antenna of a cell on a site of this kind."""
        return self.antennas.get(kind, self.antenna)

    def model_for(self, kind: str) -> str:
        """Name of the path-loss model used from a site of this kind."""
        if kind not in self.models:
            raise InputError(
                f'carrier "{self.name}" has no path-loss model for site kind "{kind}". '
                + did_you_mean(kind, self.models)
            )
        return self.models[kind]
