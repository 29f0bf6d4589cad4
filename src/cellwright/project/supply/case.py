"""Everything the questions about vendors, rules and supply are asked of, read in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellwright.errors import Faults, InputError, did_you_mean, shown_path
from cellwright.project.supply.assumed import assumptions
from cellwright.project.work import Work

if TYPE_CHECKING:
    import pandas as pd

    from cellwright.supply import Parties, Rule, Scenario


TOML = "project.toml"


@dataclass(frozen=True, eq=False)
class SupplyCase:
    """A plan's equipment with everyone and everything that bears on it.

    Attributes
    ----------
    elements : DataFrame
        ``supply.ELEMENT_COLUMNS`` and ``assumed``.
    phases : DataFrame
        ``phase, due, sites, quantity, people``.
    parties : Parties
        The user's, and the shipped ones that the user does not name.
    rules : tuple of Rule
        Those that hold; where the project names none, the whole library, ``stated`` is False.
    stated : bool
        Whether the project says which rules hold.
    known : tuple of Rule
        Every rule there is, the user's own first.
    scenarios : dict of str to Scenario
        Shipped and own.
    areas : dict of str to geometry
        Zones of rules.
    parts, stock : DataFrame or None
        Bills of material and store of the user's own.
    start, until : date
        First and last day of the study.
    country : str
        Where the network stands; empty: not said.
    assumptions : DataFrame
        ``assumption, value, unit, source, evidence``.
    """

    elements: pd.DataFrame
    phases: pd.DataFrame
    parties: Parties
    rules: tuple[Rule, ...]
    stated: bool
    known: tuple[Rule, ...]
    scenarios: dict[str, Scenario]
    areas: dict[str, Any]
    parts: pd.DataFrame | None
    stock: pd.DataFrame | None
    start: date
    until: date
    country: str
    assumptions: pd.DataFrame

    def rules_named(self, names: tuple[str, ...]) -> tuple[Rule, ...]:
        """Return rules by id or group; without names those that hold.

        Raises
        ------
        InputError
            For a name that no rule or group has.
        """
        return _named(self.known, names) if names else self.rules

    def scenario(self, name: str) -> Scenario:
        """Return a scenario by name.

        Raises
        ------
        InputError
            If there is none.
        """
        if name not in self.scenarios:
            hint = did_you_mean(name, self.scenarios)
            raise InputError(f'there is no scenario "{name}". {hint}')
        return self.scenarios[name]


def _words(rules: Sequence[Rule]) -> set[str]:
    """Return what rules may be called by: their ids and groups."""
    return {word for rule in rules for word in (rule.rule_id, rule.group) if word}


def _named(
    known: tuple[Rule, ...], names: Sequence[str], faults: Faults | None = None
) -> tuple[Rule, ...]:
    words = _words(known)
    own = Faults() if faults is None else faults
    for name in names:
        if name not in words:
            message = f'there is no rule or group "{name}".'
            own.error("supply.rules", message, did_you_mean(name, words), file=TOML)
    if faults is None:
        own.raise_errors()
    return tuple(rule for rule in known if rule.rule_id in names or rule.group in names)


@dataclass(frozen=True, eq=False)
class _Read:
    """What the files of ``[supply]`` say."""

    parties: Parties
    own: tuple[Rule, ...]
    known: tuple[Rule, ...]
    rules: tuple[Rule, ...]
    scenarios: dict[str, Scenario]
    parts: pd.DataFrame | None
    stock: pd.DataFrame | None
    elements: pd.DataFrame | None


def check_supply(work: Work, faults: Faults) -> None:
    """Note every fault of ``[supply]`` and of the files it names, before anything is planned."""
    from cellwright import supply
    from cellwright.supply import security

    files = work.supply_files
    if _missing(files, faults):
        return
    _read_files(work, faults, None)
    if "links" in files:
        supply.read_links(files["links"], faults)
    configs = [path for name, path in files.items() if name.startswith("configs")]
    if configs:
        security.read_configs(configs, faults)
    if "areas" in files:
        _areas(files["areas"], None, faults)


def _read_files(work: Work, faults: Faults, sites: Sequence[str] | None) -> _Read:
    from cellwright import supply
    from cellwright.supply.vendors import check_vendors

    settings, files = work.settings.supply, work.supply_files
    parties = _parties(files, faults)
    own = supply.read_rules(files["rule_file"], faults, parties) if "rule_file" in files else ()
    known = (*own, *(r for r in supply.library() if r.rule_id not in {o.rule_id for o in own}))
    scenarios = dict(supply.scenarios())
    if "scenario_file" in files:
        scenarios |= supply.read_scenarios(files["scenario_file"], faults, rules=_words(known))
    given = None
    if "elements" in files:
        given = supply.read_elements(files["elements"], faults, sites=sites, parties=parties)
    chosen = _named(known, settings.rules, faults) if settings.rules else own or known
    if settings.rules:
        supply.contradictions(chosen, faults, TOML, parties, seen=own)
    check_vendors(settings.vendors, parties, faults, TOML)
    _check_country(settings.country, faults)
    return _Read(
        parties, own, known, chosen, scenarios,
        supply.read_parts(files["parts"], faults) if "parts" in files else None,
        supply.read_stock(files["stock"], faults) if "stock" in files else None,
        given,
    )  # fmt: skip


def read_case(work: Work, elements: pd.DataFrame, phases: pd.DataFrame) -> SupplyCase:
    """Read the files that ``[supply]`` names and lay them beside the plan.

    Raises
    ------
    InputError
        With every fault of every file.
    """
    settings, faults = work.settings.supply, Faults()
    _missing(work.supply_files, faults)
    faults.raise_errors()
    # the chosen sites are only read where a file names some
    sites = list(work.sites["site_id"].astype(str)) if settings.elements else None
    read = _read_files(work, faults, sites)
    areas = {}
    if settings.areas:
        areas = _areas(work.supply_files["areas"], work.area.crs, faults)
    faults.raise_errors()
    if read.elements is not None:
        elements = with_own(elements, read.elements)
    return SupplyCase(
        elements, phases, read.parties, read.rules, bool(settings.rules or read.own), read.known,
        read.scenarios, areas, read.parts, read.stock, settings.start,
        _later(settings.start, settings.years), settings.country, assumptions(settings, elements),
    )  # fmt: skip


def _later(day: date, years: int) -> date:
    """Return the same day some years later; 29 February gives 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _missing(files: Mapping[str, Path], faults: Faults) -> bool:
    """Note the files that are not there; say whether there are any."""
    before = len(faults)
    for name, path in files.items():
        if not path.is_file():
            near = [one.name for one in path.parent.glob("*") if one.is_file()]
            message = f'supply.{name.split()[0]} names "{shown_path(path)}", which is no file.'
            faults.error("supply.missing", message, did_you_mean(path.name, near), file=TOML)
    return len(faults) > before


def _parties(files: Mapping[str, Path], faults: Faults) -> Parties:
    """Return the user's parties, then the shipped ones under other ids."""
    from cellwright import supply

    if "parties" not in files:
        return supply.example_parties()
    own = supply.read_parties(files["parties"], faults)
    ids = {party.party_id for party in own}
    return supply.Parties(
        [*own, *(one for one in supply.example_parties() if one.party_id not in ids)]
    )


def _check_country(country: str, faults: Faults) -> None:
    from cellwright.supply.codes import countries

    if country and country not in countries():
        message = f'supply.country is "{country}".'
        cure = "Write an ISO 3166-1 code of two letters, such as FR."
        faults.error("supply.country", message, cure, file=TOML)


def _areas(path: Path, crs: Any, faults: Faults) -> dict[str, Any]:
    """Return the zones of rules by name, on the map's own grid."""
    import geopandas as gpd

    try:
        table = gpd.read_file(path)
    except Exception as error:  # the reader's own tree of errors is not ours to list
        faults.error("supply.areas", f"cannot be read as a map: {error}.", file=shown_path(path))
        return {}
    if "name" not in table:
        faults.error(
            "supply.areas", 'column "name" is missing.', "Name each zone.", file=shown_path(path)
        )
        return {}
    if crs is not None and table.crs is not None:
        table = table.to_crs(crs)
    return {str(name): part.union_all() for name, part in table.groupby("name")["geometry"]}


def with_own(plan: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Lay a user's elements over those of the plan.

    A row of the user's changes the element of its ``element_id``, or all of its site and function;
    what it leaves empty stays as planned. A row that fits none is added.
    """
    import pandas as pd

    table, more = plan.copy(), []
    for row in given.to_dict("records"):
        same = table["element_id"] == row["element_id"]
        if not same.any():
            same = (table["site_id"] == row["site_id"]) & (table["function"] == row["function"])
        if not same.any():
            more.append({**row, "assumed": not row["maker"]})
            continue
        for name, value in row.items():
            said = not pd.isna(value) and value != "" and value != 0
            if said and name not in ("element_id", "site_id"):
                table.loc[same, name] = value
        table.loc[same, "assumed"] &= not row["maker"]
        if row["value"] > 0.0:
            table.loc[same, list(_VALUES)] = row["value"]
    if more:
        added = pd.DataFrame(more).reindex(columns=table.columns)
        added[list(_VALUES)] = added[["value"] * len(_VALUES)].to_numpy()
        table = pd.concat([table, added], ignore_index=True)
    return table


#: Range of a price; the user gives one.
_VALUES = ("value_low", "value_typical", "value_high")
