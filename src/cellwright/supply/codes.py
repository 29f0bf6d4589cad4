"""Codes of countries (ISO 3166-1 alpha-2), currencies (ISO 4217) and functions of equipment."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")

#: Part of the network -> functions of equipment in it; an operator's own words may be added.
DOMAINS: dict[str, tuple[str, ...]] = {
    "access": ("RU", "DU", "CU-CP", "CU-UP", "gNB", "eNB", "antenna"),
    "core": ("AMF", "SMF", "UPF", "UDM", "AUSF", "NRF", "core"),
    "transport": ("router", "transport", "microwave"),
    "fixed_access": ("OLT", "ONU"),
    "management": ("EMS", "O&M"),
    "power": ("power",),
}
FUNCTIONS = tuple(name for names in DOMAINS.values() for name in names)


def load(name: str) -> dict[str, Any]:
    """Return one shipped TOML file of this room."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Return the country codes of ISO 3166-1 alpha-2.

    Examples
    --------
    >>> len(countries()), "RU" in countries(), "UK" in countries()
    (249, True, False)
    """
    return frozenset(load("codes.toml")["countries"].split())


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """Return the currency codes of ISO 4217."""
    return frozenset(load("codes.toml")["currencies"].split())


def functions_of(words: tuple[str, ...]) -> frozenset[str]:
    """Return the functions that names of functions or of parts of the network stand for.

    Examples
    --------
    >>> sorted(functions_of(("fixed_access", "UPF")))
    ['OLT', 'ONU', 'UPF']
    """
    return frozenset(name for word in words for name in DOMAINS.get(word, (word,)))
