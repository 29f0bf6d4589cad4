"""Charts about people and origin: who could be seen or cut off, and where the value is from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cellwright.report.numbers import percent, rounded
from cellwright.report.supply.svg import (
    BOLD,
    NARROW,
    TICK,
    Scale,
    bar,
    cut,
    drawing,
    group,
    legend,
    rect,
    round_scale,
    tag,
    text,
    text_width,
    title,
    x_axis,
)

POWERS = {
    "content": "see content",
    "identity_control": "see identity, steer",
    "availability": "cut off",
}
_EXPOSURE_KEY = (
    (rect(-8, -5, 16, 10, "bare"), "with no credit: all behind the equipment"),
    (rect(-8, -5, 16, 10, "left-over"), "with ciphering, IPsec and overlap counted"),
)


def exposure(name: str, table: pd.DataFrame, width: float, most: int = 6) -> str:
    """Draw how many people each party could see, steer or cut off, with and without credit."""
    order = list(POWERS)
    rows = table.assign(
        bare=table["people"].where(table["power"] != "availability", table["people_lost_naive"]),
        left=table["people_protected"].where(
            table["power"] != "availability", table["people_lost"]
        ),
        place=table["power"].map(order.index),
    )
    weight = (
        rows.groupby("party", sort=False)["bare"].max().sort_values(ascending=False, kind="stable")
    )
    parties = list(weight.index)[:most]
    rows = rows[rows["party"].isin(parties)]
    key, top = legend(_EXPOSURE_KEY, width, 0.0)
    wide = width > NARROW
    left, tall = (150.0, 24.0) if wide else (0.0, 32.0)
    end = width - (190.0 if wide else 24.0)
    people = round_scale([*rows["bare"], *rows["left"]], left, end, 4)
    marks, y = [], top + 10.0
    for party in parties:
        name_ = cut(str(party) or "party not stated", width, BOLD)
        marks.append(text(0, y + 14, name_, class_="strong"))
        y += 22.0
        for row in rows[rows["party"] == party].sort_values("place").to_dict("records"):
            marks.append(_power(row, people, y, wide))
            y += tall
        y += 6.0
    ticks = [(value, rounded(value, 3)) for value in people.ticks(4)]
    axis = x_axis(people, top + 8.0, y, ticks, "people (residents served)")
    says = "; ".join(
        f"{row['party']} could {POWERS[row['power']]}: {_count(row['bare'])} people, "
        f"{_count(row['left'])} with credit"
        for row in rows.to_dict("records")
    )
    heading = "Exposure: who could be seen, steered or cut off"
    return drawing(name, heading, says, width, y + 34.0, key, axis, *marks)


def _count(value: float) -> str:
    return rounded(float(value), 3) if math.isfinite(float(value)) else "not computed"


def _power(row: Mapping[Any, Any], people: Scale, y: float, wide: bool) -> str:
    bare, left = float(row["bare"]), float(row["left"])
    words = POWERS[str(row["power"])]
    share = f" ({percent(float(row['people_share']))})" if wide else ""
    amount = f"{_count(bare)}{share} → {_count(left)}"
    parts = [title(f"{words}: {_count(bare)} people; {_count(left)} with credit")]
    at = y + (2.0 if wide else 16.0)
    if wide:
        parts.append(text(people.start - 8, y + 14, words, anchor="end"))
        parts.append(text(people.end + 8, y + 14, cut(amount, 184, TICK), class_="tick ink"))
    else:
        parts.append(text(0, y + 12, words))
        room = people.end - text_width(words) - 10.0
        parts.append(text(people.end, y + 12, cut(amount, room, TICK), class_="tick ink",
                          anchor="end"))  # fmt: skip
    if math.isfinite(bare):
        parts.append(rect(people.start, at, people(bare) - people.start, 14, "bare"))
    if math.isfinite(left):
        parts.append(rect(people.start, at + 3, people(left) - people.start, 8, "left-over"))
    return group(*parts)


def treemaps(name: str, table: pd.DataFrame, width: float) -> str:
    """Draw value by country, one map a stage; unknown origin is hatched, its share printed."""
    stages = [s for s in ("design", "fab", "assembly") if s in set(table["stage"])]
    stages += [s for s in dict.fromkeys(table["stage"]) if s not in stages]
    columns = len(stages) if width > NARROW and 0 < len(stages) < 4 else 1
    room = (width - 16.0 * (columns - 1)) / columns
    tall = 226.0 if columns > 1 else 200.0
    parts, said = [], []
    for number, stage in enumerate(stages):
        value = table[table["stage"] == stage].groupby("country")["value"].sum()
        place = (number % columns) * (room + 16.0), (number // columns) * tall
        marks, words = _treemap(stage, value[(value > 0.0) & (value < math.inf)], room, tall - 66.0)
        parts.append(group(marks, transform=f"translate({place[0]:.1f} {place[1]:.1f})"))
        said.append(words)
    height = max(1, math.ceil(len(stages) / columns)) * tall
    return drawing(name, "Origin of value by stage", ". ".join(said), width, height, *parts)


def _treemap(stage: str, value: pd.Series, width: float, height: float) -> tuple[str, str]:
    unknown = value.index.isin(["", "unknown"])
    order = [*value[~unknown].sort_values(ascending=False, kind="stable").items(),
             *value[unknown].items()]  # fmt: skip
    whole = float(value.sum())
    known = float(value[~unknown].sum()) / whole if whole > 0.0 else 0.0
    verdict = f"origin known for {percent(known)} of value"
    if whole <= 0.0:
        verdict = "no value stated"
    parts = [
        text(0, 12, cut(stage, width, BOLD), class_="strong"),
        text(0, 27, cut(verdict, width, TICK), class_="tick"),
    ]
    small: list[str] = []
    boxes = squarified([amount for _, amount in order], width, height)
    for number, ((country, amount), box) in enumerate(zip(order, boxes, strict=True)):
        blank = country in ("", "unknown")
        name, share = str(country) or "unknown", amount / whole
        tile, told = _tile(name, share, box, number, blank)
        parts.append(tile)
        small += [] if told else [f"{name} {percent(share)}"]
    if small:
        rest = cut("small: " + ", ".join(small), width, TICK)
        parts.append(text(0, height + 52, rest, class_="tick"))
    says = ", ".join(f"{c or 'unknown'} {percent(a / whole)}" for c, a in order)
    return "".join(parts), f"{stage}: {says or verdict}"


def _tile(
    country: str, share: float, box: tuple[float, float, float, float], rank: int, blank: bool
) -> tuple[str, bool]:
    """Return a country's box, and whether its name and share found room in it."""
    x, y, wide, tall = box[0], box[1] + 36.0, box[2], box[3]
    depth = max(5 - rank, 1)
    look = "unknown-tile" if blank else f"shade{depth} seam"
    parts = [title(f"{country}: {percent(share)}"), bar(x, y, wide, tall, look, "unknown" * blank)]
    ink = "shade-words" if depth > 3 and not blank else "ink"
    figure = percent(share)
    both = max(text_width(country, BOLD), text_width(figure, TICK)) + 4.0
    fits = both <= wide - 4.0 and tall > 36.0
    if fits:
        plate = rect(x + 2, y + 3, both + 1.0, 33.0, "plate") if blank else ""
        parts.append(plate + text(x + 5, y + 16, country, class_=f"{ink} strong"))
        parts.append(text(x + 5, y + 31, figure, class_=f"tick {ink}"))
    return group(*parts), fits


def squarified(
    amounts: Sequence[float], width: float, height: float
) -> list[tuple[float, float, float, float]]:
    """Return boxes (x, y, width, height) whose areas are as the amounts, near to squares.

    Parameters
    ----------
    amounts : sequence of float
        Above 0, in the order in which they fill the room.
    width, height : float
        The room.

    References
    ----------
    Bruls, Huizing, van Wijk, "Squarified treemaps", Data Visualization 2000, section 3.

    Examples
    --------
    >>> squarified([2.0, 1.0, 1.0], 4.0, 2.0)
    [(0.0, 0.0, 2.0, 2.0), (2.0, 0.0, 2.0, 1.0), (2.0, 1.0, 2.0, 1.0)]
    """
    whole = sum(amounts)
    areas = [amount / whole * width * height for amount in amounts] if whole > 0.0 else []
    boxes: list[tuple[float, float, float, float]] = []
    x, y, wide, tall = 0.0, 0.0, width, height
    while areas:
        side = min(wide, tall)
        count = 1
        while count < len(areas) and _worst(areas[: count + 1], side) <= _worst(
            areas[:count], side
        ):
            count += 1
        row, areas = areas[:count], areas[count:]
        thick = sum(row) / side if side > 0.0 else 0.0
        at = 0.0
        for area in row:
            long = area / thick if thick > 0.0 else 0.0
            flat = wide < tall
            boxes.append((x + at, y, long, thick) if flat else (x, y + at, thick, long))
            at += long
        x, y = (x, y + thick) if wide < tall else (x + thick, y)
        wide, tall = (wide, tall - thick) if wide < tall else (wide - thick, tall)
    return boxes


def _worst(row: Sequence[float], side: float) -> float:
    """Return the largest ratio of the sides of the boxes of a row."""
    whole = sum(row)
    if side <= 0.0 or min(row) <= 0.0:
        return math.inf
    return max(side**2 * max(row) / whole**2, whole**2 / (side**2 * min(row)))


def people_bar(people: float, most: float) -> str:
    """Return a small bar for a cell of a table; the figure stands beside it."""
    share = people / most if 0.0 < most < math.inf and math.isfinite(people) else 0.0
    return tag(
        "svg", tag("rect", width=90 * share, height=10, class_="left-over"),
        viewBox="0 0 90 10", width=90, height=10, aria_hidden="true", class_="spark",
        xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip
