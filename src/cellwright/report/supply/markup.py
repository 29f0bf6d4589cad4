"""The words around the drawings: tables, figures, lists, as XML that is HTML too."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from cellwright.report.numbers import percent, rounded
from cellwright.report.supply.svg import NARROW, WIDE
from cellwright.report.supply.tables import SUPPLY_TABLES, Column, as_text, escaped

#: Rows of a table on the page; the workbook holds all.
MOST_ROWS = 150
#: A table of no more rows stays on one sheet of paper.
_SHORT = 12

#: A chart drawn at a width: ``(name, width) -> SVG``.
Draw = Callable[[str, float], str]


def element(name: str, *inside: str, **attributes: str | int | None) -> str:
    """Return an element that is always closed by a tag of its own, as HTML wants it.

    Examples
    --------
    >>> element("p", "a", class_="note")
    '<p class="note">a</p>'
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{shown}>{''.join(inside)}</{name}>"


def paragraph(words: object, class_: str | None = None) -> str:
    """Return a paragraph of plain words."""
    return element("p", escaped(words), class_=class_)


def figure(name: str, caption: str, draw: Draw, narrow_only: bool = False) -> str:
    """Return a captioned chart drawn for a page and for a phone; the style sheet shows one."""
    drawn = [draw(f"{name}-n", NARROW)]
    if not narrow_only:
        drawn.insert(0, draw(f"{name}-w", WIDE))
    head = element("figcaption", escaped(caption))
    kind = "draw narrow-only" if narrow_only else "draw"
    return element("figure", head, element("div", *drawn, class_=kind))


def columns_of(name: str, table: pd.DataFrame, currency: str) -> list[Column]:
    """Return the columns a table has, described; unknown ones by their own name."""
    known = {column.name: column for column in SUPPLY_TABLES.get(name, ())}
    described = []
    for column in map(str, table.columns):
        kind = "number" if pd.api.types.is_numeric_dtype(table[column]) else "text"
        plain = Column(column, column.replace("_", " "), "", "", kind)  # type: ignore[arg-type]
        found = known.get(column, plain)
        unit = found.unit.format(currency=currency)
        described.append(
            Column(found.name, found.title, found.meaning, unit, found.kind, found.needed)
        )
    return described


def table(
    name: str,
    rows: pd.DataFrame,
    currency: str,
    caption: str,
    leave_out: Iterable[str] = (),
    beside: Callable[[str, Any], str] | None = None,
    most: int = MOST_ROWS,
) -> str:
    """Return a table a reader can select and copy, its units in the heads.

    Parameters
    ----------
    name : str
        Of `SUPPLY_TABLES`, for titles, units and meanings.
    rows : DataFrame
        Checked.
    currency : str
        Printed unit of money.
    caption : str
        Heading.
    leave_out : iterable of str
        Columns not shown.
    beside : callable, optional
        ``(column, value) -> markup`` put before a value.
    most : int
        Rows shown.
    """
    shown = rows.drop(columns=[c for c in leave_out if c in rows]).head(most)
    columns = columns_of(name, shown, currency)
    heads = [_head(column) for column in columns]
    lines = []
    for row in shown.itertuples(index=False, name=None):
        cells = [_cell(column, value, beside) for column, value in zip(columns, row, strict=True)]
        lines.append(element("tr", *cells))
    if not lines:
        lines = [element("tr", element("td", "none", colspan=max(len(columns), 1)))]
    left = len(rows) - len(shown)
    more = f" ({left:,} further rows are in the workbook)" if left > 0 else ""
    whole = element(
        "table",
        element("caption", escaped(caption + more)),
        element("thead", element("tr", *heads)),
        element("tbody", *lines),
    )
    look = "scroll short" if len(lines) <= _SHORT else "scroll"
    return element("div", whole, class_=look, tabindex=0, role="region", aria_label=caption)


def _head(column: Column) -> str:
    unit = element("span", escaped(column.unit), class_="unit") if column.unit else ""
    numeric = "numeric" if column.kind in ("number", "money", "share") else None
    return element("th", escaped(column.title), " " * bool(unit), unit, scope="col",
                   class_=numeric, title=column.meaning or None)  # fmt: skip


def _cell(column: Column, value: Any, beside: Callable[[str, Any], str] | None) -> str:
    mark = beside(column.name, value) if beside else ""
    numeric = "numeric" if column.kind in ("number", "money", "share") else None
    words = escaped(shown(column, value))
    return element("td", *((words, mark) if numeric else (mark, words)), class_=numeric)


def shown(column: Column, value: Any) -> str:
    """Write one value of a table.

    Examples
    --------
    >>> shown(Column("a", "", "", kind="share"), 0.351)
    '35 %'
    >>> shown(Column("b", "", "", kind="day"), None)
    '–'
    """
    if column.kind == "text":
        return as_text(value)
    if column.kind == "flag":
        return "yes" if value else "no"
    if pd.isna(value):
        return "–"
    if column.kind == "day":
        return f"{pd.Timestamp(value):%Y-%m-%d}"
    figure_ = float(value)
    if math.isinf(figure_):
        return "for good" if figure_ > 0 else "−∞"
    if column.kind == "share":
        return percent(figure_)
    if column.kind == "money" or abs(figure_) >= 100.0 or figure_.is_integer():
        return f"{figure_:,.0f}"
    return f"{figure_:.1f}" if column.unit == "months" else rounded(figure_, 3)


def folded(words: str, *inside: str) -> str:
    """Return content that opens on a click or on Enter."""
    return element("details", element("summary", escaped(words)), *inside)


def listed(items: Sequence[str], class_: str) -> str:
    """Return items (markup) as a list."""
    return element("ul", *(element("li", item) for item in items), class_=class_)
