"""The tables the supply page is drawn from: each column with meaning and unit, checked once."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pandas as pd

from cellwright.errors import Faults, did_you_mean

Kind = Literal["text", "number", "money", "share", "day", "flag"]


@dataclass(frozen=True)
class Column:
    """One column of a table of the page.

    Attributes
    ----------
    name : str
        As in the table.
    title : str
        Heading.
    meaning : str
        One line.
    unit : str
        Printed unit; ``{currency}`` stands for the currency of the page.
    kind : {"text", "number", "money", "share", "day", "flag"}
        How a value is read and written; a share is from 0 to 1.
    needed : bool
        Whether a table may not do without it.
    """

    name: str
    title: str
    meaning: str
    unit: str = ""
    kind: Kind = "text"
    needed: bool = True


def _number(name: str, title: str, unit: str, meaning: str, needed: bool = True) -> Column:
    return Column(name, title, meaning, unit, "number", needed)


def _money(name: str, title: str, meaning: str) -> Column:
    return Column(name, title, meaning, "{currency}", "money")


def _share(name: str, title: str, meaning: str) -> Column:
    return Column(name, title, meaning, "%", "share")


def _range(stem: str, title: str, unit: str, meaning: str) -> tuple[Column, ...]:
    kind: Kind = "money" if unit == "{currency}" else "number"
    return tuple(
        Column(f"{stem}_{level}", f"{title}, {level}", f"{meaning} ({level} value of the inputs)",
               unit, kind)
        for level in ("low", "typical", "high")
    )  # fmt: skip


_MAKER = Column("maker", "Maker", "party that made the equipment")
_RULE = Column("rule_id", "Rule", "rule of the library or of the project")
_SENTENCE = Column("sentence", "In words", "the rule as a sentence, with its source")
_PHASE = _number("phase", "Phase", "", "number of the phase, 1 first")
_EVIDENCE = Column("evidence", "Evidence", "seen in a source, recalled, assumed, or the user's own")

#: Table -> its columns. What a table holds beyond these is shown beside them.
SUPPLY_TABLES: Mapping[str, tuple[Column, ...]] = MappingProxyType({
    "timeline": (
        _RULE, _SENTENCE,
        Column("day", "Day", "day on which the rule is evaluated", "", "day"),
        _number("value", "Value", "share or count", "what the rule measures on that day"),
        _number("limit", "Limit", "share or count", "what it allows; empty: no limit that day"),
        Column("complies", "Complies", "whether the value keeps the limit", "", "flag"),
        Column("basis", "Basis", "stock: what runs; flow: what is installed; item: in one item", "",
               "text", False),
        Column("metric", "Counted in", "sites, sectors, traffic, population, premises, value, "
               "suppliers", "", "text", False),
        Column("counts", "Counts", "what the value counts, in words", "", "text", False),
    ),
    "breaks": (
        _RULE,
        Column("first_break", "First break", "first day the rule is broken; empty: never", "",
               "day"),
    ),
    "rules": (
        _RULE, _SENTENCE, Column("severity", "Severity", "what a breach means"), _EVIDENCE,
    ),
    "vendors": (
        _MAKER, Column("function", "Function", "what the equipment does in the network"),
        _number("elements", "Elements", "pieces", "pieces of equipment"),
        _money("value", "Value", "typical price of these elements"),
        _share("value_share", "Share of the function", "share of the value of this function"),
    ),
    "sites": (
        Column("site_id", "Site", "site of the plan"),
        _number("x", "East", "m", "coordinate in the map's system"),
        _number("y", "North", "m", "coordinate in the map's system"),
        _MAKER,
        Column("status", "Status", "ok; offending: breaks a rule; at-risk: loses supply; both"),
        _number("people", "People", "persons", "residents served by the site"),
    ),
    "lost": (
        _number("x", "East", "m", "middle of the pixel"),
        _number("y", "North", "m", "middle of the pixel"),
        _number("people", "People", "persons", "residents of the pixel who lose coverage"),
        _number("pixel_m", "Pixel", "m", "edge of the pixel"),
    ),
    "survive": (
        Column("outage", "Outage of", "what gives no supply"),
        Column("by", "Kind", "supplier, country or part"),
        _number("tts_months", "Time to survive", "months", "how long stock lasts; inf: for good"),
        _number("tts_low", "Time to survive, low", "months", "with the least stock", False),
        _number("tts_high", "Time to survive, high", "months", "with the most stock", False),
        _number("ttr_low", "Time to recover, low", "months", "until supply is back (low)"),
        _number("ttr_typical", "Time to recover, typical", "months", "until supply is back"),
        _number("ttr_high", "Time to recover, high", "months", "until supply is back (high)"),
        _number("impact", "Impact", "persons", "fewest residents waiting once supply is back"),
        _share("risk_exposure", "Risk exposure", "impact against the largest impact of all"),
        Column("harmless", "Harmless", "survives as long as it needs to recover", "", "flag"),
        Column("nodes", "What stops", "equipment and parts it takes", "", "text", False),
    ),
    "phases": (
        _PHASE,
        Column("begun", "Begins", "day on which the plan begins with the phase", "", "day", False),
        Column("due", "Due", "day of the plan", "", "day"),
        *(Column(f"done_{level}", f"Done, {level}", "day under the scenario; empty: never", "",
                 "day") for level in ("low", "typical", "high")),
        _number("people", "People", "persons", "additional residents covered once complete"),
        *_range("person_months", "Person-months lost", "person-months", "people x months late"),
        Column("met", "Met", "complete when due, at typical inputs", "", "flag"),
    ),
    "swap": (
        Column("line", "Line", "line of the account of a swap"),
        _money("low", "Low", "low values of the inputs"),
        _money("typical", "Typical", "typical values of the inputs"),
        _money("high", "High", "high values of the inputs"),
    ),
    "frontier": (
        Column("option", "Option", "what is done"),
        Column("kind", "Kind", "cost-time or cost-exposure"),
        *_range("cost", "Cost", "{currency}", "cost of the plan with this option"),
        _number("person_months", "Person-months lost", "person-months", "in the worst scenario"),
        _number("person_months_low", "Person-months, low", "person-months", "least", False),
        _number("person_months_high", "Person-months, high", "person-months", "most", False),
        _share("exposure_share", "People exposed", "share of people whose path crosses the party"),
        Column("dominated", "Dominated", "another option is cheaper and no worse", "", "flag"),
        Column("knee", "Knee", "from here on, more resilience costs most", "", "flag"),
        Column("hedges", "Hedges", "measures this option is made of", "", "text", False),
        Column("worst", "Worst scenario", "most person-months are lost in it", "", "text", False),
        Column("vendors", "Makers", "of the radio access", "", "text", False),
        Column("gap", "Gap", "how far the cheapest may lie below", "%", "share", False),
    ),
    "replan": (
        Column("phase", "Phase", "phase of the roll-out, or the day a limit begins to bind"),
        Column("first_day", "From", "first day of the phase", "", "day"),
        Column("vendor", "Maker", "who makes the radio access"),
        _number("sites", "Sites", "sites", "sites that run this maker's equipment"),
        _number("installed", "Installed", "sites", "sites put up or changed in the phase"),
    ),
    "exposure": (
        Column("party", "Party", "whose equipment it is"),
        Column("power", "Could act on", "content, identity_control or availability"),
        _number("people", "People", "persons", "residents whose serving path crosses the party"),
        _share("people_share", "People, share", "share of all residents served"),
        _share("traffic_share", "Traffic, share", "share of busy-hour traffic"),
        _number("sites", "Sites", "sites", "sites whose serving path crosses the party"),
        _number("people_protected", "People, with credit", "persons",
                "residents still exposed once ciphering and IPsec in place are credited"),
        _number("people_lost_naive", "Cut off, by site", "persons",
                "residents cut off if nobody else served them"),
        _number("people_lost", "Cut off, re-run", "persons",
                "residents cut off when coverage is computed again without the party"),
    ),
    "origin": (
        Column("product", "Product", "what is made of the parts"),
        Column("stage", "Stage", "design, fab or assembly"),
        Column("country", "Country", "where; empty: unknown"),
        _money("value", "Value", "value of the parts"),
        _share("share", "Share", "share of the product's value at this stage"),
    ),
    "bom": (
        Column("item", "Item", "what is bought"),
        Column("function", "Function", "what it does in the network"), _MAKER,
        _number("quantity", "Quantity", "pieces", "pieces in the plan"),
        *_range("price", "Price", "{currency}", "price of one piece"),
        Column("hs", "HS", "customs heading"),
        _number("lead_months", "Lead time", "months", "from order to delivery"),
        Column("origin", "Origin", "country of assembly"),
    ),
    "landed": (
        Column("item", "Item", "what is imported"), Column("hs", "HS", "customs heading"),
        Column("origin", "Origin", "country of origin"),
        _money("value", "Value", "customs value"), _share("rate", "Rate", "sum of the duties"),
        _money("duty", "Duty", "value x rate"),
        Column("measures", "Measures", "duties that apply"),
        Column("known", "On record", "whether any rate for the heading is known", "", "flag"),
    ),
    "security": (
        Column("check_id", "Check", "check of the security room"),
        Column("severity", "Severity", "high, medium or low"),
        Column("weakness", "Looked for", "weakness the check looks for", "", "text", False),
        Column("element", "Where", "link, node or setting"),
        Column("status", "Status", "flagged, or not stated where the input does not say"),
        Column("finding", "Finding", "what the clause asks and the plan does not show"),
        _number("count", "Places", "", "links, nodes or settings with this finding", False),
        _number("people", "People", "persons", "residents behind the element"),
        Column("clause", "Clause", "document and clause"),
        Column("cure", "Cure", "what mends it"), _EVIDENCE,
    ),
    "shares": (
        _PHASE, Column("day", "Day", "end of the phase", "", "day"), _MAKER,
        Column("basis", "Basis", "stock: what runs; flow: what this phase installs"),
        Column("metric", "Counted in", "sites, traffic, population, value"),
        _share("share", "Share", "share of the metric"),
    ),
    "tornado": (
        Column("input", "Input", "what is varied, all else at its typical value"),
        Column("value_low", "At low", "low value of the input, with unit"),
        Column("value_high", "At high", "high value of the input, with unit"),
        Column("outcome", "Outcome", "what is looked at"),
        Column("unit", "Unit", "unit of the outcome"),
        _number("outcome_low", "Outcome at low", "as stated", "outcome at the low value"),
        _number("outcome_typical", "Outcome", "as stated", "outcome at typical values"),
        _number("outcome_high", "Outcome at high", "as stated", "outcome at the high value"),
    ),
    "assumptions": (
        Column("assumption", "Assumption", "what is assumed"),
        Column("value", "Value", "the value used"), Column("unit", "Unit", "its unit"),
        Column("source", "Source", "where it is from"), _EVIDENCE,
        Column("about", "Section", "tables of this page it bears on, separated by blanks", "",
               "text", False),
    ),
    "sources": (
        Column("document", "Document", "title of the source"),
        Column("edition", "Edition", "edition or date", "", "text", False),
        Column("clause", "Clause", "clause, table or page", "", "text", False),
    ),
})  # fmt: skip

#: Table -> what the supply room calls a column -> what it is called here.
_ALSO_CALLED: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "survive": {
        "tts_months_low": "tts_low", "tts_months_typical": "tts_months",
        "tts_months_high": "tts_high", "ttr_months_low": "ttr_low",
        "ttr_months_typical": "ttr_typical", "ttr_months_high": "ttr_high",
        "impact_typical": "impact",
    },
    "phases": {"met_typical": "met"},
    "frontier": {
        "words": "option", "lost_low": "person_months_low", "lost_typical": "person_months",
        "lost_high": "person_months_high", "exposed": "exposure_share",
    },
    "exposure": {"ability": "power"},
})  # fmt: skip

#: Words a column may hold; anything else is a fault.
_WORDS: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType({
    ("sites", "status"): ("ok", "offending", "at-risk", "both"),
    ("exposure", "power"): ("content", "identity_control", "availability"),
    ("frontier", "kind"): ("cost-time", "cost-exposure"),
})  # fmt: skip


def checked(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables typed, in their columns' order; raise with every fault of all of them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Any of `SUPPLY_TABLES`. An index with a name becomes a column where one is lacking (the
        results of ``supply.swap`` and ``supply.check`` carry line and rule there).

    Returns
    -------
    dict of str to DataFrame
        Days are timestamps, figures float, flags bool; an absent optional column stays absent.

    Raises
    ------
    InputError
        Naming every unknown table, missing column and value that is no number, day or known word.
    """
    faults = Faults()
    typed: dict[str, pd.DataFrame] = {}
    for name, table in tables.items():
        if name not in SUPPLY_TABLES:
            cure = did_you_mean(name, SUPPLY_TABLES)
            faults.error("supply-page.table", f'there is no table "{name}".', cure)
            continue
        typed[name] = _typed(name, _paired(_renamed(name, _with_index(name, table))), faults)
    faults.raise_errors()
    return typed


def described(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the columns that the page has no words for."""
    known = {column.name for column in SUPPLY_TABLES[name]} | set(_ALSO_CALLED.get(name, {}))
    return table[[column for column in table.columns if column in known]]


def _with_index(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Take the first text column from the index where the table holds it there."""
    first = SUPPLY_TABLES[name][0].name
    if first in table.columns:
        return table.reset_index(drop=True)
    inside = not isinstance(table.index, (pd.RangeIndex, pd.MultiIndex))
    if inside and table.index.name in (first, None) and len(table):
        return table.rename_axis(first).reset_index()
    return table.reset_index(drop=True)


def _renamed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Take over the supply room's own names where ours are lacking."""
    names = {
        theirs: ours
        for theirs, ours in _ALSO_CALLED.get(name, {}).items()
        if theirs in table.columns and ours not in table.columns
    }
    return table.rename(columns=names)


def _paired(table: pd.DataFrame) -> pd.DataFrame:
    """Lay rows with credit for protection (column ``protected``) beside those without."""
    if not {"protected", "party", "power", "people"} <= set(table.columns):
        return table
    keys, credit = ["party", "power"], table["protected"].map(_flag).astype(bool)
    kept = table[credit].drop_duplicates(keys).set_index(keys)["people"]
    bare = table[~credit].drop(columns=["protected", "people_protected"], errors="ignore")
    return bare.join(kept.rename("people_protected"), on=keys).reset_index(drop=True)


def _typed(name: str, table: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    if table.empty and not len(table.columns):
        return pd.DataFrame(columns=[column.name for column in SUPPLY_TABLES[name]])
    missing = [c.name for c in SUPPLY_TABLES[name] if c.needed and c.name not in table.columns]
    if missing:
        faults.error(
            "supply-page.missing-column",
            f"the columns {', '.join(missing)} are missing.",
            f"Needed: {', '.join(c.name for c in SUPPLY_TABLES[name] if c.needed)}.",
            file=name,
        )
    out = {}
    for column in SUPPLY_TABLES[name]:
        if column.name in table.columns:
            out[column.name] = _values(name, column, table[column.name], faults)
    extra = [str(n) for n in table.columns if n not in out and str(table[n].dtype) != "geometry"]
    return pd.DataFrame(out | {n: table[n] for n in extra}, index=table.index)


def _values(name: str, column: Column, values: pd.Series, faults: Faults) -> pd.Series:
    if column.kind == "text":
        words = values.map(as_text).astype(str)
        allowed = _WORDS.get((name, column.name))
        for word in sorted(set(words) - set(allowed or words)):
            cure = did_you_mean(word, allowed or ())
            faults.error("supply-page.word", f'{column.name} is "{word}".', cure, file=name)
        return words
    if column.kind == "flag":
        return values.map(_flag).astype(bool)
    read = pd.to_datetime if column.kind == "day" else pd.to_numeric
    found = read(values.astype(object), errors="coerce")
    wrong = found.isna() & values.notna() & (values.astype(str).str.strip() != "")
    for row in wrong[wrong].index[:3]:
        noun = "day" if column.kind == "day" else "number"
        faults.error(
            "supply-page.value", f'{column.name} is "{values.loc[row]}"; a {noun} is needed.',
            file=name, row=int(row) + 1,
        )  # fmt: skip
    return found if column.kind == "day" else found.astype(float)


def _flag(value: object) -> bool:
    return str(value).strip().lower() in ("true", "1", "1.0", "yes")


def as_text(value: object) -> str:
    """Return a value as words: nothing for what is missing, a list joined, signs XML forbids gone.

    Examples
    --------
    >>> as_text(("IPsec", "NEA2")), as_text(float("nan")), as_text("a\\x00b")
    ('IPsec, NEA2', '', 'ab')
    """
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(as_text(item) for item in value)
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    text = str(value)
    return "".join(sign for sign in text if sign in "\t\n" or _allowed(sign))


def _allowed(sign: str) -> bool:
    return sign >= " " and (sign.isprintable() or sign.isspace())


def escaped(text: object) -> str:
    """Return words safe inside XML text and quoted attributes.

    Examples
    --------
    >>> escaped('<b> "R&D"')
    '&lt;b&gt; &quot;R&amp;D&quot;'
    """
    return html.escape(as_text(text), quote=True)
