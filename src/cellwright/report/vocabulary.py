"""The vocabulary: one table of names, units and meanings behind every title, legend and header."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

#: Suffixes that carry a unit in a name, longest first, so that ``_dbm`` is not read as ``_m``.
_UNITS = {
    "_usd": "USD",
    "_mbps": "Mbit/s",
    "_dbm": "dBm",
    "_dbi": "dBi",
    "_mhz": "MHz",
    "_ghz": "GHz",
    "_khz": "kHz",
    "_deg": "°",
    "_pct": "%",
    "_db": "dB",
    "_m2": "m²",
    "_km2": "km²",
    "_hz": "Hz",
    "_m": "m",
    "_s": "s",
    "_w": "W",
}
_CAPITALS = {
    "id": "ID", "dl": "Download", "ul": "Upload", "nr": "5G", "lte": "4G", "pci": "PCI",
    "rsrp": "RSRP", "rsrq": "RSRQ", "sinr": "SINR", "ss": "SS", "capex": "Capex", "opex": "Opex",
    "amsl": "above sea level", "tdd": "TDD", "mcs": "MCS", "scs": "SCS", "rat": "RAT",
}  # fmt: skip


@dataclass(frozen=True)
class Term:
    """One word of the house: what it is called, measured in, and where it is defined.

    Attributes
    ----------
    name : str
        As in code and files.
    title : str
        Heading, without the unit.
    unit : str
        Printed unit; empty for a pure number or a word. "%" stands for a share from 0 to 1.
    meaning : str
        One line.
    room : str
        Room that makes it.
    standard_term : str
        The standard's word and clause; empty where there is none.
    """

    name: str
    title: str
    unit: str
    meaning: str
    room: str
    standard_term: str


@cache
def vocabulary() -> Mapping[str, Term]:
    """Return every term of ``vocabulary.csv`` by name.

    Examples
    --------
    >>> vocabulary()["ss_rsrp_dbm"].unit
    'dBm'
    """
    text = resources.files("cellwright").joinpath("vocabulary.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    terms = [Term(**{**row, "title": row["title"] or _spelt_out(row["name"])}) for row in rows]
    return MappingProxyType({term.name: term for term in terms})


def unit_of(name: str) -> str:
    """Return the unit of a name: from the vocabulary, else from its suffix.

    Examples
    --------
    >>> unit_of("median_dl_mbps")
    'Mbit/s'
    >>> unit_of("site_id")
    ''
    """
    term = vocabulary().get(name)
    if term is not None:
        return term.unit
    return next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "")


def meaning_of(name: str) -> str:
    """Return the one-line meaning of a name; empty if the vocabulary does not hold it."""
    term = vocabulary().get(name)
    if term is None:
        return ""
    return f"{term.meaning} ({term.standard_term})" if term.standard_term else term.meaning


def is_share(name: str) -> bool:
    """Tell whether the values of a name are shares from 0 to 1, printed as per cent.

    Examples
    --------
    >>> is_share("plan_share"), is_share("loss_pct")
    (True, False)
    """
    term = vocabulary().get(name)
    return term is not None and term.unit == "%"


def title(name: str) -> str:
    """Return the heading of a name: from the vocabulary, else spelt out, without its unit.

    Examples
    --------
    >>> title("mechanical_tilt_deg"), title("site_id"), title("nr_peak_mbps")
    ('Mechanical tilt', 'Site', '5G, alone in the cell')
    """
    term = vocabulary().get(name)
    return term.title if term is not None else _spelt_out(name)


def _spelt_out(name: str) -> str:
    stem = next((name.removesuffix(suffix) for suffix in _UNITS if name.endswith(suffix)), name)
    words = [_CAPITALS.get(word, word) for word in stem.split("_") if word]
    heading = " ".join(words)
    return heading[:1].upper() + heading[1:]
