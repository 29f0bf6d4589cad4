"""Charts about money: from gross to net, what resilience costs, what the result hangs on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cellwright.report.numbers import money, percent, rounded
from cellwright.report.supply.svg import (
    NARROW,
    TICK,
    Scale,
    bar,
    cut,
    drawing,
    group,
    legend,
    line,
    nice_step,
    polyline,
    rect,
    round_scale,
    symbol,
    text,
    text_width,
    title,
    whisker,
    wrapped,
    x_axis,
    y_axis,
)

#: Left, upper, right, lower edge [px].
_Box = tuple[float, float, float, float]
#: Lines of ``supply.swap`` in their order: name, how it reads, +1 adds, -1 takes off, 0 a sum.
_SWAP_LINES = (
    ("new_kit", "New equipment", 1), ("removal", "Removal and disposal", 1),
    ("labour", "Labour, planning", 1), ("site_works", "Site works", 1),
    ("dual_running", "Dual running", 1), ("gross", "Gross", 0),
    ("natural_replacement", "Due anyway", -1), ("net", "Net", 0),
    ("uplift", "Dearer later buys", 1), ("stranded_stock", "Stranded stock", 1),
    ("total", "Total", 0),
)  # fmt: skip
#: Line of the account -> how it reads.
SWAP_WORDS = {line_: label for line_, label, _ in _SWAP_LINES} | {
    "delay_months": "Time the swap takes"
}
_WATERFALL_KEY = (
    (rect(-8, -5, 16, 10, "adds"), "adds"),
    (bar(-8, -5, 16, 10, "takes", "takes"), "takes off"),
    (rect(-8, -5, 16, 10, "sum"), "sum"),
    (line(-8, 0, 8, 0, "whisker") + line(-8, -3, -8, 3, "whisker") + line(8, -3, 8, 3, "whisker"),
     "end of the bar, low to high"),
)  # fmt: skip


_TORNADO_KEY = (
    (bar(-8, -5, 16, 10, "at-low", "takes"), "input at its low value"),
    (rect(-8, -5, 16, 10, "at-high"), "at its high value"),
    (line(0, -8, 0, 8, "base-line"), "all at typical"),
)  # fmt: skip


def amounts(values: Sequence[float], currency: str) -> tuple[float, str]:
    """Return by what to divide amounts, and their unit, so that axes stay short.

    Examples
    --------
    >>> amounts([2.4e6, 10.0], "EUR")
    (1000000.0, 'million EUR')
    """
    most = max([abs(value) for value in values if math.isfinite(value)], default=0.0)
    for factor, word in ((1e9, "billion "), (1e6, "million "), (1e3, "thousand ")):
        if most >= factor:
            return factor, f"{word}{currency}"
    return 1.0, currency


def waterfall(name: str, table: pd.DataFrame, currency: str, width: float) -> str:
    """Draw the account of a swap line by line, from gross over net to the total."""
    known = table.drop_duplicates("line").set_index("line")
    lines = [entry for entry in _SWAP_LINES if entry[0] in known.index]
    rows = known.to_dict("index")
    steps = _steps(rows, lines)
    reach = [value for step in steps for value in step[1:5]]
    factor, unit = amounts(reach, currency)
    key, top = legend(_WATERFALL_KEY, width, 0.0)
    wide = width > NARROW
    left, tall = (150.0, 25.0) if wide else (0.0, 38.0)
    scale = round_scale([v / factor for v in reach], left, width - (190.0 if wide else 18.0), 5)
    bottom = top + 12.0 + tall * len(lines)
    ticks = [(value, f"{value:g}") for value in scale.ticks(5)]
    parts = [key, x_axis(scale, top + 8.0, bottom, ticks, unit)]
    if wide:
        heads = cut(f"{unit} (low to high)", 182.0, TICK)
        parts.append(text(scale.end + 8, top + 6, heads, class_="unit-label"))
    for number, (entry, step) in enumerate(zip(lines, steps, strict=True)):
        y = top + 12.0 + tall * number
        scaled = [value / factor for value in step[1:5]]
        parts.append(_fall(entry, rows[entry[0]], factor, scaled, scale, y, wide))
    says = "; ".join(
        f"{label}: {_amount(rows[line_], factor, sign)} {unit}" for line_, label, sign in lines
    )
    return drawing(name, "Cost of the swap, gross to net", says, width, bottom + 34.0, *parts)


def _steps(
    rows: Mapping[Any, Any], lines: Sequence[tuple[str, str, int]]
) -> list[tuple[str, float, float, float, float]]:
    """Return begin, end, and the low and high end of each bar."""
    steps, level = [], 0.0
    for key, _, sign in lines:
        low, middle, high = (float(rows[key][at]) for at in ("low", "typical", "high"))
        begin = 0.0 if sign == 0 else level
        end = middle if sign == 0 else level + sign * middle
        factor = 1 if sign == 0 else sign
        ends = sorted((begin + factor * low, begin + factor * high))
        steps.append((key, begin, end, ends[0], ends[1]))
        level = end
    return steps


def _amount(row: Mapping[Any, Any], factor: float, sign: int) -> str:
    """Write an amount and its range; what is taken off is negative at every level."""
    way = -1.0 if sign < 0 else 1.0
    low, middle, high = (way * float(row[at]) / factor for at in ("low", "typical", "high"))
    if not all(map(math.isfinite, (low, middle, high))):
        return "not known"
    ends = sorted((low, high))
    words = f"{rounded(middle, 2)} ({rounded(ends[0], 2)} to {rounded(ends[1], 2)})"
    return words.replace("-", "−")


def _fall(
    entry: tuple[str, str, int], row: Mapping[Any, Any], factor: float, step: Sequence[float],
    scale: Scale, y: float, wide: bool,
) -> str:  # fmt: skip
    _, label, sign = entry
    begin, end, low, high = step
    look = {1: "adds", -1: "takes", 0: "sum"}[sign]
    strong = "strong" if sign == 0 else ""
    look_words = f"tick ink {strong}".strip()
    amount = _amount(row, factor, sign)
    at = y + (3.0 if wide else 16.0)
    parts = [title(f"{label}: {amount}")]
    if wide:
        parts.append(text(scale.start - 8, y + 16, label, anchor="end", class_=strong))
        parts.append(text(scale.end + 8, y + 16, cut(amount, 182, TICK), class_=look_words))
    else:
        parts.append(text(0, y + 12, label, class_=strong))
        room = scale.end - text_width(label) - 12.0
        parts.append(text(scale.end, y + 12, cut(amount, room, TICK), class_=look_words,
                          anchor="end"))  # fmt: skip
    if math.isfinite(begin) and math.isfinite(end):
        x, thick = scale(begin), scale(end) - scale(begin)
        parts.append(bar(x, at, thick, 17.0, look, "takes" if sign < 0 else ""))
        parts.append(whisker(scale, low, high, at + 8.5))
    return group(*parts)


def frontier(name: str, table: pd.DataFrame, kind: str, currency: str, width: float) -> str:
    """Draw cost against person-months lost or people exposed; options are numbered and named."""
    rows = table[table["kind"] == kind]
    by, unit_x = ("person_months", "person-months lost in the worst scenario")
    if kind == "cost-exposure":
        by, unit_x = ("exposure_share", "share of people exposed")
    rows = rows.sort_values(by, kind="stable", na_position="last").reset_index(drop=True)
    costs = [*rows["cost_low"], *rows["cost_typical"], *rows["cost_high"]]
    factor, unit_y = amounts(costs, currency)
    key, top = legend(_frontier_key(), width, 0.0)
    plot = 250.0 if width > NARROW else 210.0
    up = _spread([cost / factor for cost in costs], top + 26.0 + plot, top + 26.0)
    reach = list(rows.get("person_months_high", ())) if by == "person_months" else []
    across = round_scale([*rows[by], *reach], 48.0, width - 24.0, 4)
    share = kind == "cost-exposure"
    ticks = [(v, percent(v) if share else rounded(v, 3)) for v in across.ticks(4)]
    parts = [
        key, y_axis(up, across.start, across.end, [(v, f"{v:g}") for v in up.ticks(4)], unit_y),
        x_axis(across, up.end, up.start, ticks, unit_x),
        *_points(rows, by, factor, across, up),
    ]  # fmt: skip
    names, bottom = _names(rows, width, up.start + 44.0)
    says = "; ".join(
        f"{option}: {money(cost)} {currency}, {percent(at) if share else rounded(at)}"
        f"{' (dominated)' * dominated}"
        for option, cost, at, dominated in zip(
            rows["option"], rows["cost_typical"], rows[by], rows["dominated"], strict=True
        )
    )
    heading = f"Cost against {unit_x}"
    return drawing(name, heading, says, width, bottom, *parts, names)


def _spread(values: Sequence[float], start: float, end: float) -> Scale:
    """Return a scale with round ends over the values only: places count here, not lengths."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if high - low <= 0.0:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    step = nice_step((high - low) / 4)
    return Scale(
        math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, start, end
    )


def _frontier_key() -> list[tuple[str, str]]:
    return [
        (symbol("circle", 0, 0, "efficient", 6), "no option is both cheaper and better"),
        (symbol("circle", 0, 0, "hollow", 6), "dominated"),
        (symbol("circle", 0, 0, "ring", 8) + symbol("circle", 0, 0, "efficient", 5),
         "knee: beyond it more resilience costs most"),
        (line(0, -8, 0, 8, "whisker"), "low to high"),
    ]  # fmt: skip


def _points(rows: pd.DataFrame, by: str, factor: float, across: Scale, up: Scale) -> list[str]:
    shown = rows[rows[by].map(math.isfinite) & rows["cost_typical"].map(math.isfinite)]
    best = shown[~shown["dominated"]]
    path = [
        (across(x), up(y / factor)) for x, y in zip(best[by], best["cost_typical"], strict=True)
    ]
    parts = [polyline(path, "frontier-line")] if len(path) > 1 else []
    numbers: list[tuple[str, float, float]] = []
    for at, row in sorted(
        zip(shown.index, shown.to_dict("records"), strict=True),
        key=lambda entry: not entry[1]["dominated"],
    ):
        x, y = across(float(row[by])), up(float(row["cost_typical"]) / factor)
        ends = [float(row[f"cost_{end}"]) / factor for end in ("low", "high")]
        if all(map(math.isfinite, ends)):
            parts.append(line(x, up(ends[0]), x, up(ends[1]), "whisker thin"))
        reach = [float(row.get(f"person_months_{end}", math.nan)) for end in ("low", "high")]
        if by == "person_months" and all(map(math.isfinite, reach)):
            parts.append(line(across(reach[0]), y, across(reach[1]), y, "whisker thin"))
        if row["knee"]:
            parts.append(symbol("circle", x, y, "ring", 10.5))
        look = "hollow" if row["dominated"] else "efficient"
        parts.append(symbol("circle", x, y, look, 6.5, title(row["option"])))
        numbers.append((f"{int(at) + 1}{' knee' if row['knee'] else ''}", x, y))
    taken = [(x - 7.0, y - 7.0, x + 7.0, y + 7.0) for _, x, y in numbers]
    return parts + [_beside(words, x, y, taken, across) for words, x, y in numbers]


def _beside(words: str, x: float, y: float, taken: list[_Box], across: Scale) -> str:
    """Write a point's number at the nearest place where no other number stands yet."""
    wide = text_width(words, TICK)
    sides = (10.0, -10.0 - wide, -wide / 2)
    tries = [(dx, dy) for dy in (-8.0, 17.0, -22.0, 31.0, -36.0, 45.0) for dx in sides]
    for dx, dy in tries:
        box = (x + dx, y + dy - 10.0, x + dx + wide, y + dy + 3.0)
        inside = across.start < box[0] and box[2] < across.end + 20.0
        if inside and not any(_meet(box, other) for other in taken):
            break
    taken.append(box)
    return text(box[0], box[3] - 3.0, words, class_="tick ink halo")


def _meet(one: _Box, other: _Box) -> bool:
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]


def _names(rows: pd.DataFrame, width: float, top: float) -> tuple[str, float]:
    """Return the numbered list of options with their hedges, and where it ends."""
    parts, y = [], top + 4.0
    for number, row in enumerate(rows.to_dict("records"), start=1):
        hedges = str(row.get("hedges", ""))
        words = str(row["option"]) + (f": {hedges}" if hedges and hedges != row["option"] else "")
        words += " (knee)" * bool(row["knee"]) + " (dominated)" * bool(row["dominated"])
        for place, part in enumerate(wrapped(words, width - 26.0, TICK, 2)):
            if place == 0:
                look = "tick" if row["dominated"] else "tick strong"
                parts.append(text(16, y + 10, number, class_=look, anchor="end"))
            parts.append(text(24, y + 10, part, class_="tick ink" if place == 0 else "tick"))
            y += 15.0
    return group(*parts), y + 6.0


def tornado(name: str, table: pd.DataFrame, width: float, most: int = 12) -> str:
    """Draw how far the outcome moves with each input, the widest first."""
    swing = (table["outcome_high"] - table["outcome_low"]).abs()
    rows = table.assign(swing=swing).sort_values("swing", ascending=False, kind="stable").head(most)
    values = [*rows["outcome_low"], *rows["outcome_high"], *rows["outcome_typical"]]
    finite = [value for value in values if math.isfinite(value)]
    wide = width > NARROW
    left, tall = (200.0, 36.0) if wide else (10.0, 57.0)
    unit = " ".join(dict.fromkeys(rows["unit"]))
    factor, unit = amounts(finite, unit)
    scale = _around([value / factor for value in finite], left, width - 20.0)
    key, top = legend(_TORNADO_KEY, width, 0.0)
    bottom = top + 12.0 + tall * len(rows)
    outcome = ", ".join(dict.fromkeys(rows["outcome"]))
    ticks = [(value, f"{value:g}") for value in scale.ticks(5)]
    parts = [key, x_axis(scale, top + 4.0, bottom, ticks, unit)]
    for number, row in enumerate(rows.to_dict("records")):
        parts.append(_swing(row, factor, scale, top + 12.0 + tall * number, wide))
    says = "; ".join(
        f"{row['input']} from {row['value_low']} to {row['value_high']}: "
        f"{rounded(float(row['outcome_low']))} to {rounded(float(row['outcome_high']))}"
        for row in rows.to_dict("records")
    )
    heading = f"What {outcome or 'the outcome'} hangs on"
    return drawing(name, heading, says, width, bottom + 34.0, *parts)


def _around(values: Sequence[float], start: float, end: float) -> Scale:
    """Return a scale over the values with a tenth of their span to spare at each end."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    spare = 0.1 * (high - low) or 0.5 * abs(high) or 1.0
    return Scale(low - spare, high + spare, start, end)


def _swing(row: Mapping[Any, Any], factor: float, scale: Scale, y: float, wide: bool) -> str:
    low, base, high = (float(row[f"outcome_{at}"]) / factor for at in ("low", "typical", "high"))
    words = f"{row['input']}: {row['value_low']} to {row['value_high']}"
    parts = [title(words)]
    at = y + (4.0 if wide else 34.0)
    if wide:
        parts.append(text(scale.start - 10, y + 12, cut(str(row["input"]), 186), anchor="end"))
        given = cut(f"{row['value_low']} to {row['value_high']}", 186, TICK)
        parts.append(text(scale.start - 10, y + 26, given, class_="tick", anchor="end"))
    else:
        parts.append(text(0, y + 12, cut(str(row["input"]), scale.end)))
        given = cut(f"{row['value_low']} to {row['value_high']}", scale.end, TICK)
        parts.append(text(0, y + 26, given, class_="tick"))
    if all(map(math.isfinite, (low, base, high))):
        middle, tall = scale(base), 20.0 if wide else 14.0
        parts.append(bar(middle, at, scale(low) - middle, tall, "at-low", "takes"))
        parts.append(rect(middle, at, scale(high) - middle, tall, "at-high"))
        parts.append(line(middle, at - 4, middle, at + tall + 4, "base-line"))
    return group(*parts)
