"""The supply page: one file without scripts; a first page for a board, the rest for experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from cellwright.files import write_bytes
from cellwright.report.numbers import rounded
from cellwright.report.supply import people_charts, rule_charts, time_charts
from cellwright.report.supply.looks import hatches, maker_places
from cellwright.report.supply.markup import element, figure, listed, paragraph, table
from cellwright.report.supply.sections import SECTIONS, Content, Section, breaks_of
from cellwright.report.supply.tables import checked, escaped

if TYPE_CHECKING:
    import geopandas as gpd

NOTE = (
    "Computed from the data given; it indicates and does not decide. Nothing here is legal advice."
)
#: What the page may load: nothing but its own style. A browser enforces it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STATES = {"breaks": ("✕", "breaks"), "watch": ("!", "watch"), "holds": ("✓", "holds")}
#: Rules and parties on the first page; all are further down.
_BOARD_RULES, _BOARD_PARTIES = 3, 2
#: With more phases than this only one party has room on one page of paper.
_MANY_PHASES = 4
_BOARD = (
    ("timeline", "rules", "Rules over time"),
    ("phases", "phases", "Phases, plan against scenario"),
    ("exposure", "exposure", "Exposure of people"),
)


@dataclass(frozen=True)
class Verdict:
    """One sentence of the first page.

    Attributes
    ----------
    words : str
        The sentence.
    state : {"breaks", "watch", "holds", ""}
        Shown as a sign and a word before it.
    """

    words: str
    state: Literal["breaks", "watch", "holds", ""] = ""


@dataclass(frozen=True)
class KeyFigure:
    """One figure of the first page, with its range.

    Attributes
    ----------
    name : str
        What it is.
    value : float or str
        Typical value; words are printed as they are.
    unit : str
        Printed unit.
    low, high : float or None
        Its range; None: there is none.
    note : str
        One line below.
    """

    name: str
    value: float | str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    note: str = ""


def write_supply_page(
    path: Path | str,
    *,
    title: str,
    tables: Mapping[str, pd.DataFrame],
    sentences: Sequence[Verdict | str] = (),
    key_figures: Sequence[KeyFigure] = (),
    assumptions: pd.DataFrame | None = None,
    sources: pd.DataFrame | None = None,
    boundary: gpd.GeoDataFrame | None = None,
    backdrop: gpd.GeoDataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    notes: Mapping[str, str] | None = None,
    currency: str = "USD",
    note: str = NOTE,
) -> Path:
    """Write the supply page: self-contained, without scripts, for screen, phone and paper.

    Parameters
    ----------
    path : Path or str
        File to write.
    title : str
        Heading.
    tables : mapping of str to DataFrame
        Any of :data:`cellwright.report.supply.SUPPLY_TABLES`; a section whose table is absent says
        which command computes it.
    sentences : sequence of Verdict or str
        The verdicts, most important first.
    key_figures : sequence of KeyFigure
        Five to seven.
    assumptions : DataFrame, optional
        ``assumption, value, unit, source, evidence``; ``about`` names the tables each bears on, so
        that it stands beside their figures.
    sources : DataFrame, optional
        ``document, edition, clause``.
    boundary, backdrop, areas : GeoDataFrame, optional
        The district's edge; its streets or buildings; areas of rules (column ``name``). All in the
        coordinates of ``sites``.
    notes : mapping of str to str, optional
        Table to a sentence that stands beside its figures.
    currency : str
        Printed unit of money.
    note : str
        That nothing is legal advice.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        With every missing column and unreadable value of all tables.
    """
    given = dict(tables)
    for name, extra in (("assumptions", assumptions), ("sources", sources)):
        if extra is not None:
            given[name] = extra
    typed = checked(given)
    content = Content(
        typed, maker_places(typed), currency, boundary, backdrop, areas, dict(notes or {})
    )
    body = [
        hatches(),
        element("a", "To the details", href="#details", class_="skip"),
        element("main", _board(title, content, sentences, key_figures, note),
                _details(content), id="top"),
        element("footer", paragraph(note), paragraph(_HOW_TO_COPY)),
    ]  # fmt: skip
    return write_bytes(path, _document(title, body).encode())


_HOW_TO_COPY = (
    "Tables can be selected and pasted into a spreadsheet; all rows are in the workbook. "
    "A table that is open on the screen is printed too."
)


def _document(title: str, body: Sequence[str]) -> str:
    style = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    head = (
        '<meta charset="utf-8"/>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        '<meta name="color-scheme" content="light dark"/>'
        f"<title>{escaped(title)}</title><style>{style}</style>"
    )
    page = f'<html lang="en"><head>{head}</head><body>{"".join(body)}</body></html>'
    return f"<!DOCTYPE html>\n{page}\n"


def _board(
    title: str,
    content: Content,
    sentences: Sequence[Verdict | str],
    key_figures: Sequence[KeyFigure],
    note: str,
) -> str:
    verdicts = [Verdict(one) if isinstance(one, str) else one for one in sentences]
    glances = [_glance(content, *entry) for entry in _BOARD]
    head = element(
        "header",
        paragraph("Supply and security of the plan", "place"),
        element("h1", escaped(title)),
    )
    return element(
        "section", head,
        listed([_verdict(one) for one in verdicts], "verdicts") if verdicts else "",
        element("div", *map(_card, key_figures), class_="cards") if key_figures else "",
        element("div", glances[0], element("div", *glances[1:], class_="stack"), class_="glance"),
        paragraph(note, "note"),
        id="board", aria_label="Summary for the board",
    )  # fmt: skip


def _verdict(verdict: Verdict) -> str:
    if not verdict.state:
        return element("span", escaped(verdict.words), class_="plain")
    sign, word = _STATES[verdict.state]
    mark = element("span", escaped(sign), class_=f"state {word}", aria_hidden="true")
    said = element("span", escaped(f"{word}: "), class_="off")
    return mark + said + element("span", escaped(verdict.words))


def _card(key: KeyFigure) -> str:
    value, unit, between = _amount(key)
    return element(
        "div",
        paragraph(key.name, "name"),
        element(
            "p", escaped(value), " ", element("span", escaped(unit), class_="unit"), class_="value"
        ),
        paragraph(between, "range") if between else "",
        paragraph(key.note, "note") if key.note else "",
        class_="card",
    )


def _amount(key: KeyFigure) -> tuple[str, str, str]:
    """Return the figure, the words after it and its range; "million" is one of the words."""
    if isinstance(key.value, str):
        return key.value, key.unit, ""
    ends = [end for end in (key.low, key.high) if end is not None]
    large = max(map(abs, [key.value, *ends])) >= 1e6
    factor, digits = (1e6, 2) if large else (1.0, 3)
    between = " to ".join(rounded(end / factor, digits) for end in ends) if len(ends) == 2 else ""
    unit = f"million {key.unit}".strip() if large else key.unit
    return rounded(key.value / factor, digits), unit, between


def _glance(content: Content, needs: str, anchor: str, caption: str) -> str:
    if needs not in content.tables or content.tables[needs].empty:
        section = next(one for one in SECTIONS if one.key == anchor)
        return element("div", element("h2", escaped(caption)), _absent(section, content),
                       class_="one")  # fmt: skip
    rows = content.tables[needs]
    if needs == "timeline":
        breaks = breaks_of(content)
        drawn = figure("board-timeline", caption, lambda name, width: rule_charts.timeline(
            name, rows, breaks, width, _BOARD_RULES), True)  # fmt: skip
    elif needs == "phases":
        drawn = figure("board-phases", caption, lambda name, width: time_charts.gantt(
            name, rows, width), True)  # fmt: skip
    else:
        phases = len(content.tables.get("phases", ()))
        parties = _BOARD_PARTIES if phases <= _MANY_PHASES else 1
        drawn = figure("board-exposure", caption, lambda name, width: people_charts.exposure(
            name, rows, width, parties), True)  # fmt: skip
    return element("div", drawn, element("a", "more", href=f"#{anchor}", class_="more",
                                         aria_label=f"{caption}: details"),
                   class_="one")  # fmt: skip


def _absent(section: Section, content: Content) -> str:
    if section.needs in content.tables:
        return paragraph(f"Nothing to show: `{section.command}` found no rows.", "absent")
    if section.needs in content.notes:
        return paragraph(f"not computed: {content.notes[section.needs]}", "absent")
    command = element("code", escaped(section.command))
    return element("p", "not computed: run ", command, class_="absent")


def _details(content: Content) -> str:
    links = [(one.key, one.title) for one in SECTIONS]
    links += [("assumptions", "Assumptions"), ("sources", "Sources")]
    menu = listed([element("a", escaped(words), href=f"#{key}") for key, words in links], "menu")
    sections = [_section(one, content) for one in SECTIONS]
    for name, words in (("assumptions", "Assumptions"), ("sources", "Sources")):
        rows = content.tables.get(name)
        inside = (paragraph("none stated", "absent") if rows is None else
                  table(name, rows, content.currency, words, most=1000))  # fmt: skip
        sections.append(element("section", element("h2", words), inside, id=name))
    nav = element("nav", menu, aria_label="Sections")
    return element("div", nav, *sections, id="details")


def _section(section: Section, content: Content) -> str:
    head = element("h2", escaped(section.title))
    if section.needs not in content.tables or content.tables[section.needs].empty:
        return element("section", head, _absent(section, content), id=section.key)
    beside = [paragraph(section.reads), _source(section, content), _assumed(section, content)]
    return element(
        "section",
        head,
        element(
            "div",
            element("div", section.draw(content), class_="shown"),
            element("aside", *beside),
            class_="pair broad" if section.broad else "pair",
        ),
        id=section.key,
    )


def _source(section: Section, content: Content) -> str:
    said = [content.notes[name] for name in (section.needs, *section.also) if name in content.notes]
    lines = [paragraph(words) for words in said]
    made = element("code", escaped(section.command))
    return "".join(lines) + element(
        "p", escaped(f"Source: {section.source}; computed by "), made, ".", class_="source"
    )


def _assumed(section: Section, content: Content) -> str:
    rows = content.tables.get("assumptions")
    if rows is None or "about" not in rows:
        return element("p", element("a", "All assumptions", href="#assumptions"), class_="source")
    names = {section.needs, *section.also}
    mine = rows[rows["about"].map(lambda words: bool(names & set(words.split())))]
    if mine.empty:
        return paragraph("No assumption bears on this figure alone.", "source")
    # what bears on this figure alone comes before what all figures rest on
    mine = mine.sort_values("about", key=lambda words: words.str.count(" "), kind="stable")
    items = [
        escaped(f"{row.assumption}: {row.value} {row.unit}".rstrip()) + " "
        + element("span", escaped(f"({row.evidence})"), class_="unit")
        for row in mine.head(6).itertuples()
    ]  # fmt: skip
    if len(mine) > 6:
        items.append(element("a", f"{len(mine) - 6} further", href="#assumptions"))
    return element("h3", "Assumed here") + listed(items, "assumed")
