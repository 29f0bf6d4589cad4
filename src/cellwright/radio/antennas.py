"""Antennas by name: presets, simple designs, and antennas from a user's own figures."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from cellwright.errors import Faults, InputError, did_you_mean
from cellwright.radio.antenna_elements import AZIMUTH_DEG, ZENITH_DEG, Grid, mean_power
from cellwright.radio.antenna_files import read_msi
from cellwright.radio.antenna_model import Antenna
from cellwright.radio.antenna_panels import Beams, BeamSet, Element, Panel, column_power


@dataclass(frozen=True)
class Omni:
    """Vertical antenna without horizontal direction; beamwidth 0 means isotropic.

    Attributes
    ----------
    vertical_beamwidth_deg : float
        3 dB beamwidth [deg]; the gain follows from it.
    loss_db : float
        Loss inside the antenna [dB].
    """

    vertical_beamwidth_deg: float = 0.0
    loss_db: float = 0.0

    def power(self, electrical_tilt_deg: float, beams: Beams) -> Grid:
        """Linear gain, float32 [181, 360]; the tilt lowers the beam all around."""
        fall = np.zeros(len(ZENITH_DEG))
        if self.vertical_beamwidth_deg > 0.0:
            off = ZENITH_DEG - 90.0 - electrical_tilt_deg
            fall = np.minimum(12.0 * (off / self.vertical_beamwidth_deg) ** 2, 20.0)
        rows = np.power(10.0, -fall / 10.0).astype(np.float32)
        return _full_power(np.repeat(rows[:, None], len(AZIMUTH_DEG), axis=1), self.loss_db)


@dataclass(frozen=True)
class Sector:
    """Passive sector antenna: one column of elements behind one feed.

    Horizontally the parametric cut of TR 38.901 Table 7.3-1, vertically the sum of the column,
    phased to the electrical tilt; the gain follows from the pattern by integration.
    """

    rows: int = 8
    row_spacing: float = 0.8
    horizontal_beamwidth_deg: float = 65.0
    vertical_beamwidth_deg: float = 65.0
    front_to_back_db: float = 30.0
    side_lobe_db: float = 30.0
    loss_db: float = 0.5

    def power(self, electrical_tilt_deg: float, beams: Beams) -> Grid:
        """Linear gain, float32 [181, 360]; one beam serves everything."""
        element = Element(
            0.0,
            self.horizontal_beamwidth_deg,
            self.vertical_beamwidth_deg,
            self.front_to_back_db,
            self.side_lobe_db,
        )
        steps = np.full((1, self.rows), -math.sin(math.radians(electrical_tilt_deg)))
        column = column_power(self.row_spacing, steps * np.arange(self.rows))[0]
        return _full_power(element.power() * column[:, None], self.loss_db)


def _full_power(shape: Grid, loss_db: float) -> Grid:
    """Scale a pattern's shape so that all input power less the loss is radiated."""
    return np.asarray(shape * (10.0 ** (-loss_db / 10.0) / mean_power(shape)), dtype=np.float32)


_KINDS: dict[str, type[Any]] = {"panel": Panel, "sector": Sector, "omni": Omni}
_PARTS: dict[str, type[Any]] = {"element": Element, "ssb": BeamSet, "traffic": BeamSet}


#: Fields that must be above zero, and those that may be zero ("all of the panel").
_ABOVE_ZERO = {"rows", "columns", "row_spacing", "column_spacing", "polarisations"} | {
    "subarray_rows",
    "oversampling",
    "horizontal_beamwidth_deg",
}


def _fault_of(kind: type[Any], key: str, value: Any) -> str:
    """Say what is wrong with a value, or nothing."""
    default = next(item.default for item in fields(kind) if item.name == key)
    if isinstance(default, tuple):
        numbers = isinstance(value, list) and all(isinstance(v, int | float) for v in value)
        return "" if numbers else "must be a list of numbers"
    whole = isinstance(default, int)
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return f"must be a {'whole ' if whole else ''}number"
    least = 1e-9 if key in _ABOVE_ZERO and kind is not BeamSet else 0.0
    signed = key in ("gain_dbi",)
    if not math.isfinite(value) or (value < least and not signed):
        return "must be above 0" if least else "must be 0 or more"
    return ""


def _built(kind: type[Any], values: Any, place: str, faults: Faults) -> Any:
    """Make a design or a part of one; unknown keys and bad values become faults."""
    if not isinstance(values, dict):
        faults.error("antenna.table", f"{place} is {values!r} and must be a table of values.")
        return kind()
    known = {item.name for item in fields(kind)}
    ready: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            faults.error("antenna.key", f'{place} has no "{key}".', did_you_mean(key, known))
        elif key in _PARTS:
            ready[key] = _built(_PARTS[key], value, f"{place}.{key}", faults)
        elif wrong := _fault_of(kind, key, value):
            faults.error("antenna.value", f"{place}.{key} is {value!r}; it {wrong}.")
        else:
            ready[key] = tuple(map(float, value)) if isinstance(value, list) else value
    return kind(**ready)


def antenna_from(name: str, values: dict[str, Any]) -> Antenna:
    """Make an antenna from plain data, as a TOML table gives it.

    Parameters
    ----------
    name : str
        What to call it.
    values : dict
        ``kind`` ("panel", "sector" or "omni"), optional ``title``, ``source``, ``transmitters``,
        and the attributes of :class:`Panel`, :class:`Sector` or :class:`Omni`; ``element``,
        ``ssb`` and ``traffic`` are tables of their own.

    Returns
    -------
    Antenna

    Raises
    ------
    InputError
        With every unknown key or kind.

    Examples
    --------
    >>> mine = antenna_from("pole", {"kind": "panel", "rows": 4, "columns": 2})
    >>> mine.design.rows
    4
    """
    faults = Faults()
    rest = dict(values)
    kind = str(rest.pop("kind", ""))
    about = {key: rest.pop(key) for key in ("title", "source", "transmitters") if key in rest}
    if kind not in _KINDS:
        hint = did_you_mean(kind, _KINDS)
        raise InputError(f'Antenna "{name}" is of unknown kind "{kind}". {hint}')
    design = _built(_KINDS[kind], rest, f'antenna "{name}"', faults)
    faults.raise_errors()
    return Antenna(name, design, **about)


@cache
def _presets() -> dict[str, Antenna]:
    file = resources.files("cellwright.radio").joinpath("data", "antennas.toml")
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: antenna_from(name, values) for name, values in tables.items()}


def antennas() -> tuple[str, ...]:
    """Return the names of the presets."""
    return tuple(_presets())


def antenna(name: str) -> Antenna:
    """Return a preset antenna, or one from a maker's file.

    Parameters
    ----------
    name : str
        "nr-64t64r", "nr-32t32r", "nr-8t8r", "mmwave-256", "lte-sector", "omni" or "isotropic";
        or the path of an MSI / Planet file, known by its ending (.msi, .pln, .txt).

    Returns
    -------
    Antenna

    Raises
    ------
    InputError
        If there is no such preset (the message suggests the nearest name), or the file is faulty.

    Examples
    --------
    >>> antenna("nr-64t64r").transmitters
    64
    """
    if Path(name).suffix:
        return _from_file(name)
    found = _presets().get(name)
    if found is None:
        hint = did_you_mean(name, _presets())
        raise InputError(f'There is no antenna "{name}". {hint}')
    return found


@cache
def _from_file(path: str) -> Antenna:
    return read_msi(path).antenna
