"""Scenarios by name; ``presets.toml`` names document, edition and table of each."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from cellwright.errors import InputError, did_you_mean
from cellwright.simulation.scenarios.column import Column
from cellwright.simulation.scenarios.scenario import Building, Scenario

_PRESETS = Path(__file__).with_name("presets.toml")


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_PRESETS.read_text(encoding="utf-8"))


def scenarios() -> tuple[str, ...]:
    """Names of the shipped scenarios.

    Examples
    --------
    >>> {"uma-6ghz", "umi-30ghz", "indoor-70ghz", "imt-dense-urban-4ghz"} <= set(scenarios())
    True
    """
    return tuple(_tables())


def _values(name: str) -> dict[str, Any]:
    values = dict(_tables()[name])
    parent = values.pop("like", "")
    return {**_values(parent), **values} if parent else values


@lru_cache(maxsize=256)
def _preset(name: str) -> Scenario:
    values = _values(name)
    column = {f.name: values.pop(f.name) for f in fields(Column) if f.name in values}
    kinds = values.pop("buildings", ())
    buildings = tuple(Building(**{**kind, "floors": tuple(kind["floors"])}) for kind in kinds)
    lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Scenario(name=name, column=Column(**column), buildings=buildings, **lists)


def scenario(name: str, /, **changes: Any) -> Scenario:
    """Return a scenario by name, with some of its values changed.

    Parameters
    ----------
    name : str
        One of :func:`scenarios`.
    **changes
        Fields of :class:`Scenario`, or of its antenna :class:`Column`, to set otherwise.

    Raises
    ------
    InputError
        Unknown scenario or field, and values out of range, all at once.

    Examples
    --------
    >>> scenario("umi-30ghz").source
    '3GPP TR 38.901 V14.0.0 to V18.0.0, Tables 7.2-1, 7.3-1, 7.8-1'
    >>> scenario("umi-30ghz", power_dbm=38.0, elements=4).column.elements
    4
    """
    if name not in _tables():
        raise InputError(f'There is no scenario "{name}". {did_you_mean(name, _tables())}')
    made = _preset(name)
    return made.changed(**changes) if changes else made
