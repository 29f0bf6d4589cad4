"""Carriers: the settings of one NR or LTE radio layer (3GPP TS 38.104, 36.104), with presets.

The presets live in ``presets.toml``; each value there names its source or says "assumption".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from math import log10
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cellwright.errors import Faults, InputError, SpectrumError, did_you_mean, shown_path
from cellwright.network.spectrum import Channel, channel, channel_faults
from cellwright.units import thermal_noise_dbm

Rat = Literal["nr", "lte"]
SITE_KINDS = ("rooftop", "tower", "pole", "indoor")
#: Highest modulation of the MCS table in use (TS 38.214 clause 5.1.3.1, TS 36.213 clause 7.1.7.1).
DownlinkTable = Literal["64qam", "256qam", "1024qam"]
UplinkTable = Literal["16qam", "64qam", "256qam"]

_SUBCARRIERS_PER_BLOCK = 12  # TS 38.211 clause 4.4.4.1, TS 36.211 clause 6.2.3
_SYMBOLS_PER_SLOT = 14  # normal cyclic prefix, TS 38.211 Table 4.3.2-1
_PRESETS = Path(__file__).with_name("presets.toml")


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
        Slots of one period, D, U and S (special), e.g. "DDDSU"; None for FDD.
    tdd_special : tuple of int
        Downlink, guard and uplink symbols of slot S; they sum to 14.
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

    Raises
    ------
    InputError
        With every fault of the values at once.
    SpectrumError
        If the values are sound but 3GPP defines no such channel.

    Examples
    --------
    >>> nr = carrier("n78")
    >>> nr.n_prb, nr.frequency_ghz, nr.duplex
    (273, 3.49998, 'tdd')
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
    tdd_pattern: Annotated[str, Field(pattern=r"^[DSU]{1,40}$")] | None = None
    tdd_special: tuple[int, int, int] = (10, 2, 2)
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

    def __init__(self, **values: Any) -> None:
        faults = Faults()
        try:
            super().__init__(**values)
        except ValidationError as error:
            _collect(error, values, faults)
            faults.raise_errors()
        _check_relations(self, faults)
        faults.raise_errors()
        channel_faults(self, faults)
        faults.raise_errors(SpectrumError)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    def changed(self, **values: Any) -> Self:
        """Return a copy with some values changed, checked like a new carrier.

        Examples
        --------
        >>> carrier("n78").changed(power_dbm=50.0).power_dbm
        50.0
        """
        return type(self)(**{**self.model_dump(), **values})

    @property
    def channel(self) -> Channel:
        """What 3GPP says about this channel: resource blocks, duplex, uplink frequency."""
        return channel(self.rat, self.band, self.frequency_mhz, self.bandwidth_mhz, self.scs_khz)

    @property
    def duplex(self) -> str:
        """Duplex mode of the band, "tdd", "fdd" (or "sdl", "sul")."""
        return self.channel.duplex

    @property
    def n_prb(self) -> int:
        """Number of physical resource blocks (TS 38.104 clause 5.3.2, TS 36.104 clause 5.6)."""
        return self.channel.n_prb

    @property
    def frequency_ghz(self) -> float:
        """Centre of the downlink channel [GHz]."""
        return self.frequency_mhz / 1000.0

    @property
    def uplink_frequency_mhz(self) -> float:
        """Centre of the uplink channel [MHz]; the downlink's own in TDD."""
        return self.channel.uplink_mhz

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
    def dl_share(self) -> float:
        """Share of the symbols that can carry downlink, 0 to 1 (1 in FDD)."""
        return _symbol_share(self, 0, "D")

    @property
    def ul_share(self) -> float:
        """Share of the symbols that can carry uplink, 0 to 1 (1 in FDD)."""
        return _symbol_share(self, 2, "U")

    def model_for(self, kind: str) -> str:
        """Name of the path-loss model used from a site of this kind."""
        if kind not in self.models:
            raise InputError(
                f'carrier "{self.name}" has no path-loss model for site kind "{kind}". '
                + did_you_mean(kind, self.models)
            )
        return self.models[kind]


def _symbol_share(carrier_: Carrier, special: int, letter: str) -> float:
    if carrier_.tdd_pattern is None:
        return 1.0
    pattern = carrier_.tdd_pattern
    symbols = pattern.count(letter) * _SYMBOLS_PER_SLOT
    symbols += pattern.count("S") * carrier_.tdd_special[special]
    return symbols / (len(pattern) * _SYMBOLS_PER_SLOT)


def carrier(preset: str, /, **changes: Any) -> Carrier:
    """Return a preset carrier, with some of its values changed.

    Parameters
    ----------
    preset : str
        One of `presets()`: "n78", "n79", "n258", "b3" (case does not matter).
    **changes
        Fields of `Carrier` to set otherwise.

    Raises
    ------
    InputError
        For an unknown preset, an unknown field or a value out of range (all faults at once).
    SpectrumError
        If 3GPP defines no such channel.

    Examples
    --------
    >>> carrier("b3").n_prb
    100
    >>> carrier("n78", name="pilot", bandwidth_mhz=40).n_prb
    106
    """
    return carriers_from(
        {changes.pop("name", preset.lower()): {"preset": preset, **changes}}
    ).popitem()[1]


def presets() -> tuple[str, ...]:
    """Names of the shipped presets."""
    return tuple(_preset_values())


@lru_cache(maxsize=1)
def _preset_values() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_PRESETS.read_text(encoding="utf-8"))


def read_carriers(path: str | Path) -> dict[str, Carrier]:
    """Read carriers from a TOML file: one table per carrier, or tables under ``[carriers]``.

    Raises
    ------
    InputError
        If the file cannot be read or any carrier has a fault; all faults at once.
    """
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{shown_path(path)} cannot be read as TOML: {error}") from error
    return carriers_from(values.get("carriers", values), file=shown_path(path))


def carriers_from(
    tables: Mapping[str, Mapping[str, Any]], faults: Faults | None = None, file: str = ""
) -> dict[str, Carrier]:
    """Make carriers from plain tables, e.g. the ``[carriers.*]`` part of a project file.

    Parameters
    ----------
    tables : mapping of str to mapping
        Carrier name to its fields. ``preset = "n78"`` fills what is not given; without it, a
        carrier named like a preset starts from that preset.
    faults : Faults, optional
        Collects the faults instead of raising; carriers with faults are left out.
    file : str
        File named in the faults.

    Returns
    -------
    dict of str to Carrier
        In the order given.

    Raises
    ------
    InputError
        With every fault of every carrier, if `faults` is not given.

    Examples
    --------
    >>> carriers_from({"pilot": {"preset": "n78", "power_dbm": 49}})["pilot"].band
    'n78'
    >>> carriers_from({"n78": {"powr_dbm": 49}})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    cellwright.errors.InputError: carrier "n78" has no field "powr_dbm". Did you mean "power_dbm"?
    """
    own = Faults() if faults is None else faults
    made: dict[str, Carrier] = {}
    spectrum_only = True
    for name, table in tables.items():
        try:
            made[name] = Carrier(**_filled(name, table))
        except InputError as error:
            spectrum_only &= isinstance(error, SpectrumError)
            _adopt(error, file, own)
    if faults is None:
        own.raise_errors(SpectrumError if spectrum_only else InputError)
    return made


def _filled(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(table, Mapping):
        raise InputError(f'carrier "{name}" is {table!r}; it must be a table of fields.')
    given = dict(table)
    wanted = str(given.pop("preset", name if name.lower() in presets() else "")).lower()
    if not wanted:
        return {"name": name, **given}
    if wanted not in presets():
        raise InputError(
            f'carrier "{name}": there is no preset "{wanted}". {did_you_mean(wanted, presets())}'
        )
    values = dict(_preset_values()[wanted])
    if isinstance(given.get("models"), Mapping):
        given["models"] = {**values["models"], **given["models"]}
    return {"name": name, **values, **given}


def _adopt(error: InputError, file: str, faults: Faults) -> None:
    """Take over the faults of one carrier, naming the file they stand in."""
    if not error.faults:
        faults.error("carriers.value", str(error), file=file)
    for fault in error.faults:
        faults.error(fault.code, fault.message, fault.cure, file=file)


def _collect(error: ValidationError, values: Mapping[str, Any], faults: Faults) -> None:
    label = f'carrier "{values.get("name", "?")}"'
    for item in error.errors():
        field = str(item["loc"][0]) if item["loc"] else ""
        if item["type"] == "extra_forbidden":
            cure = did_you_mean(field, Carrier.model_fields)
            faults.error("carriers.unknown-field", f'{label} has no field "{field}".', cure)
        elif item["type"] == "missing":
            faults.error("carriers.missing-field", f'{label} lacks "{field}".', "Write it.")
        else:
            message = f"{label}: {field} is {item['input']!r}; {_allowed(item)}."
            faults.error("carriers.value", message)


def _allowed(item: Any) -> str:
    context = item.get("ctx", {})
    if item["type"] == "literal_error":
        return f"allowed: {context['expected']}"
    if item["type"] == "string_pattern_mismatch":
        return f"it must match {context['pattern']}"
    text = str(item["msg"])
    return text[0].lower() + text[1:]


def _check_relations(made: Carrier, faults: Faults) -> None:
    """Check what one field alone cannot tell."""
    label = f'carrier "{made.name}"'
    if min(made.tdd_special) < 0 or sum(made.tdd_special) != _SYMBOLS_PER_SLOT:
        faults.error(
            "carriers.tdd-special",
            f"{label}: tdd_special is {list(made.tdd_special)}; downlink, guard and uplink "
            f"symbols of the special slot sum to {_SYMBOLS_PER_SLOT}.",
        )
    if made.dl_layers > made.user_antennas:
        faults.error(
            "carriers.layers",
            f"{label}: dl_layers is {made.dl_layers} but the phone has {made.user_antennas} "
            "antennas; it cannot receive more layers than it has antennas.",
            "Lower dl_layers or raise user_antennas.",
        )
    if made.rat == "lte" and made.dl_mcs_table == "1024qam":
        faults.error(
            "carriers.modulation",
            f'{label}: dl_mcs_table "1024qam" is for nr; lte has "64qam" and "256qam" here.',
        )
    for kind in sorted(set(made.models) - set(SITE_KINDS)):
        cure = did_you_mean(kind, SITE_KINDS)
        faults.error("carriers.models", f'{label}: models has no site kind "{kind}".', cure)
    for kind in [kind for kind in SITE_KINDS if kind not in made.models]:
        faults.error("carriers.models", f'{label}: models lacks site kind "{kind}".', 'E.g. "uma".')
