"""What is shipped: rules, parties, scenarios and bills of material, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd

from cellwright.errors import Faults, InputError, did_you_mean
from cellwright.supply.codes import DATA, load
from cellwright.supply.parties import Parties
from cellwright.supply.read import as_parties, as_rules
from cellwright.supply.rules import Rule


@dataclass(frozen=True)
class Scenario:
    """A dated list of changes.

    Attributes
    ----------
    name, title, source : str
        Short name, a line in words, where it is from.
    changes : tuple of mapping
        Each with ``day``, ``kind`` (rule-on, rule-off, supply-cut, support-cut, tariff, lead-time,
        price, stock) and what that kind needs; figures as ``_low, _typical, _high``.
    """

    name: str
    title: str
    source: str
    changes: tuple[dict[str, Any], ...]

    def on(self, day: date) -> tuple[dict[str, Any], ...]:
        """Return the changes made up to a day."""
        return tuple(change for change in self.changes if change["day"] <= day)

    def moved(self, first: date) -> Scenario:
        """Return the scenario with all its days shifted so that its first change is on a day.

        The dated limits of rules keep their own days.
        """
        shift = first - min(change["day"] for change in self.changes)
        changes = tuple({**change, "day": change["day"] + shift} for change in self.changes)
        return replace(self, changes=changes)

    def about(self, parties: Mapping[str, str]) -> Scenario:
        """Return the scenario with parties exchanged, given as old id -> new id."""
        keys = ("buyer", "target", "supplier")
        changes = tuple(
            {key: parties.get(v, v) if key in keys else v for key, v in change.items()}
            for change in self.changes
        )
        return replace(self, changes=changes)

    def spans(self, known: tuple[Rule, ...] | None = None) -> list[tuple[Rule, date, date | None]]:
        """Return the rules it switches on: (rule, first day, first day without it or None)."""
        out: list[tuple[Rule, date, date | None]] = []
        changes = sorted(self.changes, key=lambda change: change["day"])
        for rule in known or library():
            begun: date | None = None
            for change in changes:
                if change.get("target") not in (rule.rule_id, rule.group):
                    continue
                if change["kind"] == "rule-on" and begun is None:
                    begun = change["day"]
                elif change["kind"] == "rule-off" and begun is not None:
                    out.append((rule, begun, change["day"]))
                    begun = None
            if begun is not None:
                out.append((rule, begun, None))
        return out

    def rules(self, day: date, known: tuple[Rule, ...] | None = None) -> tuple[Rule, ...]:
        """Return the rules switched on by a day: by rule id or group."""
        live: dict[str, Rule] = {}
        for change in sorted(self.on(day), key=lambda change: change["day"]):
            for rule in known or library():
                if change.get("target") in (rule.rule_id, rule.group):
                    if change["kind"] == "rule-on":
                        live[rule.rule_id] = rule
                    elif change["kind"] == "rule-off":
                        live.pop(rule.rule_id, None)
        return tuple(live.values())


@lru_cache(maxsize=1)
def library() -> tuple[Rule, ...]:
    """Return the shipped rules.

    Examples
    --------
    >>> len(library())
    32
    """
    faults = Faults()
    rules = as_rules(load("rules.toml")["rule"], "rules.toml", faults)
    faults.raise_errors()
    return rules


def rules_of(*names: str) -> tuple[Rule, ...]:
    """Return shipped rules by id or group.

    Examples
    --------
    >>> [rule.rule_id for rule in rules_of("no-2019")]
    ['no-2019-50', 'no-2019-two']
    """
    known = {rule.rule_id for rule in library()} | {rule.group for rule in library()}
    for name in names:
        if name not in known:
            raise InputError(f'there is no rule or group "{name}". {did_you_mean(name, known)}')
    return tuple(rule for rule in library() if rule.rule_id in names or rule.group in names)


@lru_cache(maxsize=1)
def example_parties() -> Parties:
    """Return the shipped parties: examples, to be replaced by your own."""
    faults = Faults()
    parties = as_parties(load("parties.toml")["party"], "parties.toml", faults)
    faults.raise_errors()
    return Parties(parties)


@lru_cache(maxsize=1)
def scenarios() -> dict[str, Scenario]:
    """Return the shipped scenarios by name.

    Examples
    --------
    >>> sorted(scenarios())[:3]
    ['au-2018', 'counter-list', 'entity-list-2019']
    """
    return {
        table["name"]: Scenario(
            table["name"], table["title"], table["source"], tuple(table["changes"])
        )
        for table in load("scenarios.toml")["scenario"]
    }


@lru_cache(maxsize=1)
def _bills() -> pd.DataFrame:
    return pd.read_csv(DATA / "bills.csv", keep_default_na=False)


def published_bills() -> pd.DataFrame:
    """Return shipped bills by country of the equipment a plan has.

    Returns
    -------
    DataFrame
        As `bill`; ``product`` is the function, ``buyer`` the maker of the equipment.
    """
    table = _bills()[_bills()["function"] != ""]
    return table.assign(product=table["function"]).reset_index(drop=True)


def bill(product: str) -> pd.DataFrame:
    """Return a shipped bill of materials: ``part, maker, design, fab, assembly, value, ...``."""
    names = list(_bills()["product"].unique())
    if product not in names:
        raise InputError(f'there is no bill "{product}". {did_you_mean(product, names)}')
    return _bills()[_bills()["product"] == product].reset_index(drop=True)


@lru_cache(maxsize=1)
def hs_codes() -> pd.DataFrame:
    """Return HS codes of network equipment: ``hs, functions, description, source``."""
    return pd.read_csv(DATA / "hs_codes.csv", dtype=str, keep_default_na=False)
