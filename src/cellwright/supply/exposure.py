"""Whose equipment could read, follow or cut off whom: people, traffic and sites by what it can do.

Which equipment sees what is data (``data/exposure.csv``: 3GPP TS 33.501 clauses 5.3 and 9,
TS 38.401, TS 23.501). It says what equipment *could* do, not what anybody does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date

import pandas as pd

from cellwright.supply.codes import DATA
from cellwright.supply.elements import matches
from cellwright.supply.outage import Outage, Radio, outage
from cellwright.supply.parties import Parties
from cellwright.supply.paths import serving_cells, serving_paths
from cellwright.supply.rules import Who

NOTE = (
    "What the equipment could do where it stands; nothing is said about what its maker does. "
    "An indication computed from the data given; nothing here is legal advice."
)
ABILITIES = ("content", "identity_control", "availability")
_AMOUNTS = {"no": 0, "partial": 1, "yes": 2}


@dataclass(frozen=True)
class Protection:
    """What ciphers the links of a network; the defaults are assumed.

    Attributes
    ----------
    ciphering : bool
        User data and RRC are ciphered in PDCP (NEA1 to NEA3; False: null scheme NEA0). Default
        True, assumed: TS 33.501 5.3.2 leaves the use open, "should be used whenever regulations
        permit".
    ipsec_n3, ipsec_n2, ipsec_f1 : bool
        IPsec between site and core on N3, N2, F1. Default False, assumed: mandatory to
        implement, its use "is an operator's decision" (TS 33.501 9.2, 9.3, 9.8.2).
    given : frozenset of str
        Names above that were stated by the user, all others are assumed.
    """

    ciphering: bool = True
    ipsec_n3: bool = False
    ipsec_n2: bool = False
    ipsec_f1: bool = False
    given: frozenset[str] = frozenset()

    @property
    def bare(self) -> Protection:
        """The same links with nothing ciphered."""
        return replace(self, ciphering=False, ipsec_n3=False, ipsec_n2=False, ipsec_f1=False)

    def table(self) -> pd.DataFrame:
        """Return ``assumption, value, unit, source, evidence``, a row for each link."""
        sources = {
            "ciphering": "TS 33.501 5.3.2",
            "ipsec_n3": "TS 33.501 9.3",
            "ipsec_n2": "TS 33.501 9.2",
            "ipsec_f1": "TS 33.501 9.8.2",
        }
        return pd.DataFrame(
            [
                {
                    "assumption": f"exposure: {one.name.replace('_', ' ')} in use",
                    "value": "yes" if getattr(self, one.name) else "no",
                    "unit": "",
                    "source": sources[one.name],
                    "evidence": "own" if one.name in self.given else "assumed",
                }
                for one in fields(self)
                if one.name in sources
            ]
        )


@dataclass(frozen=True, eq=False)
class Exposure:
    """Whom a set of parties' equipment could read, follow or cut off.

    Attributes
    ----------
    table : DataFrame
        One row per ``ability`` ("content", "identity_control", "availability"), ``protected``
        (credit for ciphering and IPsec given or not) and ``measure`` ("people", "traffic",
        "sites"): ``total``; ``exposed`` and ``share``, where some equipment could do it in full;
        ``partly`` and ``partly_share``, where at best in part.
    functions : DataFrame
        One row per function of the set's equipment and ability: ``elements`` (how many),
        ``bare`` and ``with_protection`` ("no", "partial", "yes"; the worst over its links),
        ``people`` and ``people_share`` behind them, ``why``, ``source``, ``evidence``.
    cells : DataFrame
        ``cell_id, site_id, population, traffic``, and per ability the amount with protection
        (0 no, 1 partial, 2 yes) and, ``_bare``, without.
    elements : tuple of str
        Ids of the set's equipment in any path.
    parties : tuple of str
        Makers meant, ownership groups included.
    outage : Outage or None
        What is left on the air without the equipment; None where no radio was given.
    note : str
        What this is and is not.
    """

    table: pd.DataFrame
    functions: pd.DataFrame
    cells: pd.DataFrame
    elements: tuple[str, ...]
    parties: tuple[str, ...]
    outage: Outage | None
    note: str = NOTE


def effects() -> pd.DataFrame:
    """Return what each function could do, why, and what relieves it; one row per function.

    Returns
    -------
    DataFrame
        ``function, link, ability, amount, relieved_by, relieved_to, why, source, evidence``;
        an empty ``link`` means any.

    Examples
    --------
    >>> row = effects().query("function == 'RU' and ability == 'content'").iloc[0]
    >>> [row["amount"], row["relieved_by"], row["relieved_to"]]
    ['yes', 'ciphering', 'no']
    """
    table = pd.read_csv(DATA / "exposure.csv", keep_default_na=False)
    table["function"] = table.pop("functions").str.split()
    return table.explode("function", ignore_index=True)


def exposure(
    elements: pd.DataFrame,
    who: Who | Iterable[str],
    parties: Parties,
    day: date,
    *,
    protection: Protection | None = None,
    radio: Radio | None = None,
) -> Exposure:
    """Find whom equipment of a set of parties could read, follow or cut off, on a day.

    Parameters
    ----------
    elements : DataFrame
        From `plan_elements`; people and traffic are taken from each cell's RU, or from the
        baseband where a site has none.
    who : Who or iterable of str
        The parties; ids, names or aliases stand for their ownership groups (50 % and more).
    parties : Parties
        Who owns whom.
    day : date
        The day.
    protection : Protection, optional
        Ciphering and IPsec in use; the default is assumed.
    radio : Radio, optional
        What every receiver gets; then coverage is found anew without the equipment.

    Returns
    -------
    Exposure

    Notes
    -----
    A cell is exposed as far as the worst equipment of the set in its path goes. Equipment of one
    function at a site, or of one function in the core (two UPFs), is taken for a pool: any member
    of the set can read its part, but service is cut off only where every one belongs to the set.
    """
    who = who if isinstance(who, Who) else Who(parties=tuple(who))
    given = protection or Protection()
    cells = serving_cells(elements, day)
    paths = serving_paths(elements, parties, day)
    hit = elements.loc[matches(who, elements, parties, day), ["element_id", "maker"]]
    paths["theirs"] = paths["element_id"].isin(hit["element_id"])
    reach = _reach(paths, given)
    wide = _by_cell(cells, reach)
    mine = hit[hit["element_id"].isin(paths["element_id"])]
    return Exposure(
        table=_totals(wide),
        functions=_by_function(reach, cells),
        cells=wide,
        elements=tuple(mine["element_id"]),
        parties=tuple(sorted({parties.id_of(name) for name in mine["maker"]})),
        outage=None if radio is None else _cut_off(radio, wide),
    )


def _cut_off(radio: Radio, wide: pd.DataFrame) -> Outage:
    """Take the cells off the air that the set can cut off; one unknown by id goes by its site."""
    cut = wide[wide["availability"] == 2]
    known = cut["cell_id"].isin(radio.cell_ids)
    return outage(radio, cut.loc[known, "cell_id"], cut.loc[~known, "site_id"])


def _reach(paths: pd.DataFrame, protection: Protection) -> pd.DataFrame:
    """Return what the set's equipment could do to each cell, with protection and without."""
    table = effects()
    anywhere = table["link"] == ""
    both = table[anywhere].drop(columns="link").merge(pd.DataFrame({"link": ["n3", "f1"]}), "cross")
    table = pd.concat([table[~anywhere], both], ignore_index=True)
    pool = paths.groupby(["cell_id", "function", "shared"])["theirs"]
    paths = paths.assign(all_theirs=pool.transform("all"))
    theirs = paths[paths["theirs"]].merge(table, on=["function", "link"])
    theirs = theirs[(theirs["ability"] != "availability") | theirs["all_theirs"]].copy()
    for name, links in (("bare", protection.bare), ("with_protection", protection)):
        on = {
            one for one in ("ciphering", "ipsec_n3", "ipsec_n2", "ipsec_f1") if getattr(links, one)
        }
        relieved = theirs["relieved_by"].map(lambda words, on=on: bool(on & set(words.split())))
        worst = theirs["relieved_to"].where(relieved.astype(bool), theirs["amount"])
        theirs[name] = worst.map(_AMOUNTS).astype(int)
    return theirs


def _by_cell(cells: pd.DataFrame, reach: pd.DataFrame) -> pd.DataFrame:
    wide = cells[["cell_id", "site_id", "population", "traffic"]].copy()
    for ability in ABILITIES:
        worst = reach[reach["ability"] == ability].groupby("cell_id")[["with_protection", "bare"]]
        most = worst.max().reindex(wide["cell_id"], fill_value=0)
        wide[ability] = most["with_protection"].to_numpy()
        wide[f"{ability}_bare"] = most["bare"].to_numpy()
    return wide


def _totals(wide: pd.DataFrame) -> pd.DataFrame:
    """Sum cells up to people, traffic and sites; a site is as exposed as its worst cell."""
    columns = [name + end for name in ABILITIES for end in ("", "_bare")]
    sites = wide.groupby("site_id", sort=False)[columns].max().assign(sites=1.0)
    rows = []
    for ability in ABILITIES:
        for protected in (False, True):
            column = ability if protected else f"{ability}_bare"
            for measure, table, weight in (
                ("people", wide, "population"),
                ("traffic", wide, "traffic"),
                ("sites", sites, "sites"),
            ):
                total = float(table[weight].sum())
                full = float(table.loc[table[column] == 2, weight].sum())
                part = float(table.loc[table[column] == 1, weight].sum())
                rows.append(
                    {
                        "ability": ability, "protected": protected, "measure": measure,
                        "total": total, "exposed": full, "share": full / total if total else 0.0,
                        "partly": part, "partly_share": part / total if total else 0.0,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def _by_function(reach: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    words = {number: word for word, number in _AMOUNTS.items()}
    people, total = cells.set_index("cell_id")["population"], float(cells["population"].sum())
    rows = []
    for (function, ability), part in reach.groupby(["function", "ability"], sort=False):
        behind = float(people.loc[part["cell_id"].unique()].sum())
        worst = part.sort_values("with_protection", ascending=False).iloc[0]
        rows.append(
            {
                "function": function, "ability": ability,
                "elements": part["element_id"].nunique(), "bare": words[int(part["bare"].max())],
                "with_protection": words[int(worst["with_protection"])], "people": behind,
                "people_share": behind / total if total else 0.0, "why": worst["why"],
                "source": worst["source"], "evidence": worst["evidence"],
            }
        )  # fmt: skip
    names = ["function", "ability", "elements", "bare", "with_protection", "people"]
    return pd.DataFrame(rows, columns=[*names, "people_share", "why", "source", "evidence"])
