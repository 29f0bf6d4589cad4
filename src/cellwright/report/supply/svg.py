"""The drawing vocabulary all charts share: marks, scales, axes, legends, and the frame around them.

A chart is text: SVG 1.1 (W3C, 2011) written inline, so that the page needs neither scripts nor a
network. Colours are named by class and set once in the style sheet, for light, dark and paper.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cellwright.report.supply.tables import escaped

#: Drawn widths [px at 100 %]: one for a column of the page, one for a phone and the front page.
WIDE, NARROW = 680.0, 360.0
#: Size of letters [px] of labels and of ticks.
LABEL, TICK = 12.0, 11.0
#: Size that stands for bold labels, whose letters are wider [px].
BOLD = 13.2
#: Room for one row of text [px].
ROW = 16.0
#: Widths of letters against the size, measured on DejaVu Sans, the widest face the page may meet.
_NARROW_SIGNS = frozenset("iljtfrI.,:;'|!()[] ")
_WIDE_SIGNS = frozenset("mwMWQOG%@—ШЩЖФЮМшщжфюм")


def tag(name: str, *inside: str, **attributes: Any) -> str:
    """Return an element: ``class_`` is ``class``, an underscore a hyphen, None is left out.

    Examples
    --------
    >>> tag("rect", x=1.25, y=0, class_="bar")
    '<rect x="1.2" y="0" class="bar"/>'
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        shown = number(value) if isinstance(value, (int, float)) else escaped(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{shown}"')
    content = "".join(inside)
    return f"<{' '.join(parts)}>{content}</{name}>" if content else f"<{' '.join(parts)}/>"


def number(value: float) -> str:
    """Write a coordinate: a tenth of a pixel is enough."""
    shown = f"{value:.1f}"
    return shown[:-2] if shown.endswith(".0") else shown


def text(x: float, y: float, words: object, **attributes: Any) -> str:
    """Return words at a place; ``anchor`` is start, middle or end."""
    anchor = attributes.pop("anchor", None)
    return tag("text", escaped(words), x=x, y=y, text_anchor=anchor, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    """Return a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def rect(x: float, y: float, width: float, height: float, class_: str, *inside: str) -> str:
    """Return a box; one of negative width is turned."""
    left = min(x, x + width)
    return tag("rect", *inside, x=left, y=y, width=abs(width), height=max(height, 0.0),
               class_=class_)  # fmt: skip


def bar(x: float, y: float, width: float, height: float, class_: str, hatch: str = "") -> str:
    """Return a box and, over it, a hatch: what colour says, the hatch says again."""
    box = rect(x, y, width, height, class_)
    return box + rect(x, y, width, height, f"hatch {hatch}") if hatch else box


def polyline(points: Sequence[tuple[float, float]], class_: str) -> str:
    """Return a line through points."""
    joined = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return tag("polyline", points=joined, class_=class_)


def whisker(scale: Scale, low: float, high: float, y: float, half: float = 4.0) -> str:
    """Return a horizontal range with its ends; nothing where an end is unknown."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    left, right = scale(low), scale(high)
    ends = [line(x, y - half, x, y + half, "whisker") for x in (left, right)]
    return line(left, y, right, y, "whisker") + "".join(ends)


_SHAPES = {
    "circle": "M{r},0A{r},{r} 0 1 1 -{r},0A{r},{r} 0 1 1 {r},0Z",
    "square": "M-{s},-{s}H{s}V{s}H-{s}Z",
    "triangle": "M0,-{t}L{t},{s}H-{t}Z",
    "diamond": "M0,-{t}L{t},0L0,{t}L-{t},0Z",
    "down": "M0,{t}L{t},-{s}H-{t}Z",
    "cross": "M-{h},-{t}H{h}V-{h}H{t}V{h}H{h}V{t}H-{h}V{h}H-{t}V-{h}H-{h}Z",
    "pentagon": "M0,-{t}L{t},-{h}L{s},{t}H-{s}L-{t},-{h}Z",
    "hourglass": "M-{s},-{s}H{s}L-{s},{s}H{s}Z",
}
#: Symbols in the order in which makers get them.
SYMBOLS = tuple(_SHAPES)


def symbol(kind: str, x: float, y: float, class_: str, size: float = 5.0, *inside: str) -> str:
    """Return a symbol of about equal area in every kind; ``size`` is the radius of the circle."""
    sizes = {"r": size, "s": size * 0.87, "t": size * 1.25, "h": size * 0.42}
    path = _SHAPES[kind].format(**{key: f"{value:.2f}" for key, value in sizes.items()})
    place = f"translate({number(x)} {number(y)})"
    return tag("path", *inside, d=path, transform=place, class_=class_)


def title(words: object) -> str:
    """Return the words a pointer or a screen reader gets for a mark."""
    return tag("title", escaped(words) or " ")


def group(*inside: str, **attributes: Any) -> str:
    """Return marks that belong together."""
    return tag("g", *inside, **attributes)


def text_width(words: str, size: float = LABEL) -> float:
    """Estimate the width of words [px], on the safe side.

    Examples
    --------
    >>> text_width("Nokia", 10.0) < text_width("华为技术有限公司", 10.0)
    True
    """
    return size * sum(_sign_width(sign) for sign in words)


def _sign_width(sign: str) -> float:
    if sign in _NARROW_SIGNS:
        return 0.38
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.02
    if sign in _WIDE_SIGNS:
        return 0.92
    return 0.68 if sign.isupper() or ord(sign) > 0x3FF else 0.615


def cut(words: str, room: float, size: float = LABEL) -> str:
    """Return the words, shortened with an ellipsis to the room there is [px].

    Examples
    --------
    >>> cut("Time to survive", 60.0)
    'Time to…'
    """
    if text_width(words, size) <= room:
        return words
    kept = words
    while kept and text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(words: str, room: float, size: float = LABEL, most: int = 3) -> list[str]:
    """Return the words in lines no wider than the room [px]; what does not fit is cut."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [cut(one, room, size) for one in lines]


@dataclass(frozen=True)
class Scale:
    """From values to places [px] along an axis.

    Attributes
    ----------
    low, high : float
        Values at the two ends.
    start, end : float
        Places of the two ends.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value; one beyond an end stays on it."""
        if self.high <= self.low or math.isnan(value):
            return self.start
        part = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        return self.start + part * (self.end - self.start)

    def ticks(self, about: int = 5) -> list[float]:
        """Return round values on the axis.

        Examples
        --------
        >>> Scale(0.0, 23.0, 0.0, 100.0).ticks()
        [0.0, 5.0, 10.0, 15.0, 20.0]
        """
        if self.high <= self.low:
            return [self.low]
        step = nice_step((self.high - self.low) / max(about, 1))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(at * step, 10) + 0.0 for at in range(first, last + 1)]


def nice_step(rough: float) -> float:
    """Return the next step of 1, 2 or 5 times a power of ten at or above a rough one."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * part for part in (1.0, 2.0, 5.0, 10.0) if power * part >= rough - 1e-12)


def round_scale(values: Sequence[float], start: float, end: float, about: int = 5) -> Scale:
    """Return a scale from 0 (or a round value below it) over all finite values, ends rounded."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min([*finite, 0.0]), max([*finite, 0.0])
    if high - low <= 0.0:
        return Scale(0.0, 1.0, start, end)
    step = nice_step((high - low) / about)
    return Scale(
        math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, start, end
    )


def day_scale(days: Sequence[Any], start: float, end: float) -> Scale:
    """Return a scale over days (as nanoseconds), never empty."""
    known = [pd.Timestamp(day) for day in days if not pd.isna(day)]
    first = min(known, default=pd.Timestamp("2000-01-01"))
    last = max(known, default=first)
    if last - first < pd.Timedelta(days=60):
        last = first + pd.Timedelta(days=60)
    return Scale(float(first.value), float(last.value), start, end)


def day_ticks(scale: Scale, room: float = 44.0) -> list[tuple[pd.Timestamp, str]]:
    """Return quarter, year or longer marks with labels that stand ``room`` px apart."""
    first, last = (pd.Timestamp(int(value)) for value in (scale.low, scale.high))
    years = (last - first).days / 365.25
    fits = max(abs(scale.end - scale.start) / room, 1.0)
    if years * 4 <= fits:
        marks = pd.date_range(first.normalize(), last, freq="QS")
        return [(day, f"{day.year} Q{day.quarter}") for day in marks]
    every = max(1, math.ceil(years / fits))
    marks = pd.date_range(first.normalize(), last, freq="YS")
    return [(day, str(day.year)) for day in marks if day.year % every == 0]


def x_axis(
    scale: Scale, top: float, bottom: float, ticks: Sequence[tuple[float, str]], unit: str
) -> str:
    """Return upright grid lines, their labels below, and the unit under the right end."""
    parts = [line(scale.start, bottom, scale.end, bottom, "axis")]
    for value, label in ticks:
        x = scale(value)
        parts.append(line(x, top, x, bottom, "grid"))
        parts.append(text(x, bottom + 14.0, label, class_="tick", anchor="middle"))
    if unit:
        right = max(scale.start, scale.end)
        parts.append(text(right, bottom + 29.0, unit, class_="unit-label", anchor="end"))
    return "".join(parts)


def y_axis(
    scale: Scale, left: float, right: float, ticks: Sequence[tuple[float, str]], unit: str
) -> str:
    """Return level grid lines, their labels at the left, and the unit above the upper end."""
    parts = []
    for value, label in ticks:
        y = scale(value)
        parts.append(line(left, y, right, y, "grid"))
        parts.append(text(left - 6.0, y + 4.0, label, class_="tick", anchor="end"))
    if unit:
        top = min(scale.start, scale.end)
        parts.append(text(0.0, top - 9.0, unit, class_="unit-label"))
    return "".join(parts)


def legend(entries: Sequence[tuple[str, str]], width: float, y: float) -> tuple[str, float]:
    """Return a key in as many rows as it needs, and the height it took [px].

    Parameters
    ----------
    entries : sequence of (mark, words)
        The mark is drawn around (0, 0), within 8 px each way.
    width : float
        Room [px].
    y : float
        Upper edge [px].
    """
    parts, x, row = [], 0.0, y + 9.0
    for mark, words in entries:
        shown = cut(words, width - 24.0, TICK)
        needs = 24.0 + text_width(shown, TICK) + 12.0
        if x > 0.0 and x + needs - 12.0 > width:
            x, row = 0.0, row + ROW + 2.0
        place = f"translate({number(x + 9.0)} {number(row)})"
        parts.append(group(mark, transform=place))
        parts.append(text(x + 22.0, row + 4.0, shown, class_="key"))
        x += needs
    return group(*parts, class_="legend"), (row + 9.0 - y) if entries else 0.0


def drawing(
    name: str, heading: str, says: str, width: float, height: float, *parts: str, role: str = "img"
) -> str:
    """Return the whole figure; what it shows is said in words for who cannot see it.

    Parameters
    ----------
    name : str
        Unique on the page; ids of title and description are made from it.
    heading, says : str
        Title and description.
    width, height : float
        [px at 100 %].
    """
    return tag(
        "svg",
        tag("title", escaped(heading), id=f"{name}-t"),
        tag("desc", escaped(says) or "No data.", id=f"{name}-d"),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        role=role,
        aria_labelledby=f"{name}-t {name}-d",
        class_="wide" if width > NARROW else "narrow",
    )
