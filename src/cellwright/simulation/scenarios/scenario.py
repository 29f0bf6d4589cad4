"""What a scenario is: everything that 3GPP fixes for a drop and a researcher may change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from cellwright.errors import Faults, InputError, did_you_mean
from cellwright.propagation import ENTRY_KINDS
from cellwright.simulation.scenarios.column import Column
from cellwright.simulation.scenarios.models import MODELS
from cellwright.units import thermal_noise_dbm

#: How sites may be laid.
LAYOUTS = ("hexagonal", "office", "own")


@dataclass(frozen=True)
class Building:
    """One kind of building users are in.

    Attributes
    ----------
    share : float
        Share of the users indoors who are in such a building.
    wall : str
        A name of ``propagation.ENTRY_KINDS``.
    floors : (int, int)
        Least and most floors; all numbers between are alike likely, and so are a building's floors.
    depth_m : float
        Deepest way inside [m].
    depth_draws : int
        The way inside is the least of so many uniform draws: 2 (TR 38.901) or 1 (TR 36.873).
    """

    share: float = 1.0
    wall: str = "low"
    floors: tuple[int, int] = (4, 8)
    depth_m: float = 25.0
    depth_draws: int = 2


@dataclass(frozen=True)
class Scenario:
    """A layout, its propagation, its radio and its users; values of the presets name their source.

    Attributes
    ----------
    name, document, edition, table : str
        What it is and where its values stand.
    assumed : tuple of str
        Fields whose values that table does not give, or which could not be checked against it.
    model : str
        ``uma``, ``umi``, ``rma``, ``sma``, ``inh-open``, ``inh-mixed``, an ``-optional`` form, or
        ``uma-36873``, ``umi-36873``.
    layout : str
        ``hexagonal``, ``office`` or ``own`` (then ``site_m`` and ``area_m`` say where).
    rings, distance_m, wrap, turn_deg
        Of the hexagonal grid: rings, distance between sites [m], wrap-around, azimuth of one
        neighbour site [deg]; 60 has the usual three boresights point at neighbours.
    site_m : tuple of (float, float)
        Sites of one's own, east and north [m].
    area_m : tuple of 4 floats
        Where users stand then: west, south, east, north [m]; empty: around the sites.
    frequency_ghz, bandwidth_mhz, power_dbm, noise_figure_db : float
        Carrier; power of a sector over the bandwidth; of the user's receiver.
    base_height_m, azimuth_deg
        Antennas above ground [m] and the boresights of a site's sectors, clockwise from north.
    downtilt_deg, mechanical_tilt_deg : float
        Electrical and mechanical downtilt [deg].
    column : Column
        The sector's antenna.
    user_gain_dbi : float
        Of the user's antenna, all around.
    users_per_cell : int
        Users dropped per sector.
    user_height_m : float
        Outdoors, in cars and on the ground floor [m].
    least_distance_m : float
        No user is nearer to a site, on the map [m].
    least_outdoor : bool
        The least distance is that to the wall of the user's building.
    indoor_share, car_share : float
        Share of users indoors; share of the others who are in cars.
    buildings : tuple of Building
        Where users indoors are.
    car : str
        How a car is entered, a name of ``propagation.ENTRY_KINDS``.
    vegetation : float
        Of ``sma``: 0 none, 0.1 sparse, 0.2 dense.
    between_sites : float
        Correlation of the shadowing of two sites at one user; TR 38.901 leaves them independent,
        TR 36.814 takes 0.5.
    consistent : bool
        Shadowing and sight of near users alike (spatial consistency, TR 38.901 clause 7.6.3).

    Raises
    ------
    InputError
        With every value out of range.
    """

    name: str
    model: str
    document: str = ""
    edition: str = ""
    table: str = ""
    assumed: tuple[str, ...] = ()
    layout: str = "hexagonal"
    rings: int = 2
    distance_m: float = 500.0
    wrap: bool = True
    turn_deg: float = 60.0
    site_m: tuple[tuple[float, float], ...] = ()
    area_m: tuple[float, ...] = ()
    frequency_ghz: float = 6.0
    bandwidth_mhz: float = 20.0
    power_dbm: float = 49.0
    noise_figure_db: float = 9.0
    base_height_m: float = 25.0
    azimuth_deg: tuple[float, ...] = (60.0, 180.0, 300.0)
    downtilt_deg: float = 12.0
    mechanical_tilt_deg: float = 0.0
    column: Column = field(default_factory=Column)
    user_gain_dbi: float = 0.0
    users_per_cell: int = 10
    user_height_m: float = 1.5
    least_distance_m: float = 35.0
    least_outdoor: bool = True
    indoor_share: float = 0.8
    car_share: float = 0.0
    buildings: tuple[Building, ...] = (Building(),)
    car: str = "car"
    vegetation: float = 0.0
    between_sites: float = 0.0
    consistent: bool = False

    def __post_init__(self) -> None:
        check(self).raise_errors()

    @property
    def source(self) -> str:
        """Document, edition and table in one line."""
        return f"{self.document} {self.edition}, {self.table}".strip(" ,")

    @property
    def noise_dbm(self) -> float:
        """Noise of a user's receiver over the bandwidth [dBm]."""
        return thermal_noise_dbm(self.bandwidth_mhz * 1e6, self.noise_figure_db)

    def changed(self, **changes: Any) -> Scenario:
        """Return the scenario with values changed; those of the antenna go by their own names.

        Raises
        ------
        InputError
            Unknown fields and values out of range, all at once.

        Examples
        --------
        >>> from cellwright.simulation.scenarios import scenario
        >>> scenario("uma-6ghz").changed(distance_m=800.0, elements=4).column.elements
        4
        """
        faults = Faults()
        known = {f.name for f in fields(Scenario)}
        antenna = {f.name for f in fields(Column)}
        for name in changes:
            if name not in known | antenna:
                hint = did_you_mean(name, known | antenna)
                faults.error("scenario.field", f'A scenario has no "{name}".', hint)
        column = {k: changes[k] for k in changes if k in antenna}
        direct = {k: changes[k] for k in changes if k in known}
        made = self
        try:
            if column:
                direct["column"] = replace(direct.get("column", self.column), **column)
        except InputError as error:
            faults.extend(error.faults)
        try:
            made = replace(self, **direct)
        except InputError as error:
            faults.extend(error.faults)
        faults.raise_errors()
        return made


_NUMBERS: Mapping[str, tuple[float, float, str]] = {
    "rings": (0, 20, ""),
    "distance_m": (1.0, 100_000.0, " m between sites"),
    "frequency_ghz": (0.1, 100.0, " GHz"),
    "bandwidth_mhz": (0.1, 4000.0, " MHz"),
    "power_dbm": (-50.0, 90.0, " dBm"),
    "noise_figure_db": (0.0, 40.0, " dB"),
    "base_height_m": (0.5, 300.0, " m above ground"),
    "downtilt_deg": (-90.0, 90.0, " deg, positive downwards"),
    "mechanical_tilt_deg": (-90.0, 90.0, " deg, positive downwards"),
    "user_gain_dbi": (-30.0, 60.0, " dBi"),
    "users_per_cell": (1, 100_000, " users a cell"),
    "user_height_m": (0.1, 300.0, " m above ground"),
    "least_distance_m": (0.0, 10_000.0, " m"),
    "indoor_share": (0.0, 1.0, ""),
    "car_share": (0.0, 1.0, ""),
    "vegetation": (0.0, 0.2, ""),
    "between_sites": (0.0, 1.0, ""),
}


def _number_faults(given: Scenario, faults: Faults) -> None:
    for name, (low, high, unit) in _NUMBERS.items():
        value = getattr(given, name)
        number = isinstance(value, int | float) and math.isfinite(value)
        if not number or not low <= value <= high:
            faults.error(
                f"scenario.{name}",
                f"{name} is {value}; {low:g} to {high:g}{unit} are allowed.",
            )


def _name_faults(given: Scenario, faults: Faults) -> None:
    for name, allowed in (("model", MODELS), ("layout", LAYOUTS), ("car", ENTRY_KINDS)):
        value = getattr(given, name)
        if value not in allowed:
            faults.error(f"scenario.{name}", f'{name} is "{value}".', did_you_mean(value, allowed))


def _building_faults(given: Scenario, faults: Faults) -> None:
    for number, kind in enumerate(given.buildings, 1):
        where = f"building {number}"
        if kind.wall not in ENTRY_KINDS:
            hint = did_you_mean(kind.wall, ENTRY_KINDS)
            faults.error("scenario.wall", f'{where}: wall is "{kind.wall}".', hint)
        if not (1 <= kind.floors[0] <= kind.floors[1] <= 200):
            faults.error(
                "scenario.floors", f"{where}: floors are {kind.floors}; least first, 1 to 200."
            )
        if not 0.0 <= kind.depth_m <= 1000.0 or kind.depth_draws not in (1, 2):
            faults.error(
                "scenario.depth",
                f"{where}: depth_m is {kind.depth_m:g} and depth_draws {kind.depth_draws}; "
                "0 to 1000 m, and 1 or 2 draws are allowed.",
            )
    total = sum(kind.share for kind in given.buildings)
    if given.indoor_share != 0.0 and not abs(total - 1.0) <= 1e-6:
        faults.error("scenario.buildings", f"the buildings' shares add up to {total:g}, not 1.")


def check(given: Scenario) -> Faults:
    """Return every fault of a scenario's values."""
    faults = Faults()
    _number_faults(given, faults)
    _name_faults(given, faults)
    _building_faults(given, faults)
    if not given.azimuth_deg or not all(math.isfinite(a) for a in given.azimuth_deg):
        faults.error("scenario.azimuth_deg", "a site needs at least one sector's azimuth [deg].")
    if given.layout == "own" and not given.site_m:
        faults.error("scenario.site_m", 'layout "own" needs site_m: east and north of each site.')
    if given.layout == "hexagonal" and given.least_distance_m >= given.distance_m / 2.0:
        faults.error(
            "scenario.room",
            f"least_distance_m of {given.least_distance_m:g} leaves no room between sites "
            f"{given.distance_m:g} m apart.",
        )
    return faults
