"""What a site of each cost class needs: rules read from TOML, shipped in ``rules.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cellwright.errors import Faults, InputError, did_you_mean, shown_path
from cellwright.network import COST_CLASSES, FUNCTIONS

_SHIPPED = Path(__file__).with_name("rules.toml")


class Rule(BaseModel):
    """One line of what to buy.

    Attributes
    ----------
    item : str
        Item of the equipment catalogue.
    per : {"site", "carrier", "cell"}
        What the quantity is counted for.
    quantity : float
        In the item's unit.
    classes, rats : tuple of str
        Cost classes and radio access technologies it holds for; empty: all.
    min_mhz, max_mhz : float
        Carrier frequencies it holds for [MHz], from and below.
    note : str
        Shown beside the amount.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: str
    per: Literal["site", "carrier", "cell"]
    quantity: float = Field(ge=0.0)
    classes: tuple[str, ...] = ()
    rats: tuple[Literal["nr", "lte"], ...] = ()
    min_mhz: float = 0.0
    max_mhz: float = 1e9
    note: str = ""


class Spares(BaseModel):
    """Spare units for the whole network: a share of the items of some functions, rounded up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    functions: tuple[str, ...] = ("ran",)


@dataclass(frozen=True)
class Rules:
    """All rules of a bill of materials."""

    rules: tuple[Rule, ...]
    spares: Spares = field(default_factory=Spares)

    @property
    def classes(self) -> set[str]:
        """Cost classes the rules know."""
        return set(COST_CLASSES).union(*(rule.classes for rule in self.rules))


@lru_cache(maxsize=1)
def default_rules() -> Rules:
    """Return the shipped rules.

    Examples
    --------
    >>> default_rules().spares.share
    0.05
    """
    return read_rules(_SHIPPED)


def read_rules(path: str | Path) -> Rules:
    """Read rules from TOML: tables ``[[rule]]`` and ``[spares]`` as in the shipped file.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    file, faults = shown_path(path), Faults()
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{file} cannot be read as TOML: {error}") from error
    for key in sorted(set(tables) - {"rule", "spares"}):
        cure = did_you_mean(key, ("rule", "spares"))
        faults.error("rules.unknown", f'there is no table "{key}".', cure, file=file)
    found = [_parsed(Rule, table, f"rule {number}", file, faults)
             for number, table in enumerate(tables.get("rule", ()), start=1)]  # fmt: skip
    spares = _parsed(Spares, tables.get("spares", {}), "spares", file, faults)
    for name in set(spares.functions if spares else ()) - set(FUNCTIONS):
        cure = did_you_mean(name, FUNCTIONS)
        faults.error("rules.spares", f'spares has no function "{name}".', cure, file=file)
    faults.raise_errors()
    return Rules(tuple(found), spares)


def _parsed(kind: Any, table: Any, label: str, file: str, faults: Faults) -> Any:
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        for item in error.errors():
            field = ".".join(str(part) for part in item["loc"])
            cure = did_you_mean(field, kind.model_fields) if "extra" in item["type"] else ""
            message = f"{label}: {field}: {item['msg']}; given: {item['input']!r}."
            faults.error("rules.value", message, cure, file=file)
    return None


def check_rules(rules: Rules, catalogue: pd.DataFrame, classes: pd.Series) -> None:
    """Check rules against the catalogue's items and the sites' cost classes.

    Raises
    ------
    InputError
        With every unknown item and class.
    """
    faults = Faults()
    for item in sorted({rule.item for rule in rules.rules} - set(catalogue.index)):
        cure = did_you_mean(item, catalogue.index)
        faults.error("rules.item", f'the catalogue has no item "{item}".', cure)
    for name in sorted(set(classes) - rules.classes):
        cure = did_you_mean(name, rules.classes)
        faults.error("sites.cost-class", f'no rule knows the cost class "{name}".', cure)
    faults.raise_errors()
