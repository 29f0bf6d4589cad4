"""Charts about rules and makers: compliance over time, shares by phase, makers by function."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from cellwright.report.numbers import percent
from cellwright.report.supply.looks import OTHERS, is_hatched, maker_key
from cellwright.report.supply.svg import (
    BOLD,
    LABEL,
    NARROW,
    TICK,
    Scale,
    bar,
    cut,
    day_scale,
    day_ticks,
    drawing,
    group,
    legend,
    line,
    polyline,
    rect,
    symbol,
    text,
    text_width,
    title,
    wrapped,
    x_axis,
    y_axis,
)

_PLOT = 72.0
_PANEL = 150.0
_TIMELINE_KEY = (
    (line(-8, 0, 8, 0, "value-line"), "value of the plan"),
    (line(-8, 0, 8, 0, "limit-line"), "limit"),
    (bar(-8, -6, 16, 12, "breach", "bad"), "broken"),
    (symbol("cross", 0, 0, "bad", 5.5), "first day broken"),
)


def timeline(
    name: str, table: pd.DataFrame, breaks: pd.DataFrame, width: float, most: int = 40
) -> str:
    """Draw each rule's value against its stepped limit, one panel a rule, broken rules first."""
    first = breaks.drop_duplicates("rule_id").set_index("rule_id")["first_break"]
    shown = broken_first(table, breaks)[:most]
    columns = 2 if width > NARROW and len(shown) > 1 else 1
    room = (width - 24.0 * (columns - 1)) / columns
    key, top = legend(_TIMELINE_KEY, width, 0.0)
    days = day_scale(list(table["day"]), 44.0, room - 16.0)
    panels = []
    for number, rule in enumerate(shown):
        place = (number % columns) * (room + 24.0), top + 8.0 + (number // columns) * _PANEL
        rows = table[table["rule_id"] == rule].sort_values("day")
        marks = _panel(str(rule), rows, first.get(rule, pd.NaT), days, room)
        panels.append(group(marks, transform=f"translate({place[0]:.1f} {place[1]:.1f})"))
    height = top + 8.0 + math.ceil(len(shown) / columns) * _PANEL
    says = " ".join(_said(str(rule), first.get(rule, pd.NaT), table) for rule in shown)
    heading = "Compliance over time: value of each rule against its limit"
    return drawing(name, heading, says, width, height, key, *panels)


def broken_first(table: pd.DataFrame, breaks: pd.DataFrame) -> list[str]:
    """Return the rules of a timeline, the first to be broken first, those kept last."""
    first = breaks.drop_duplicates("rule_id").set_index("rule_id")["first_break"]
    return sorted(
        table["rule_id"].unique(),
        key=lambda rule: (pd.isna(first.get(rule)), first.get(rule), rule),
    )


def _said(rule: str, broken: pd.Timestamp, table: pd.DataFrame) -> str:
    if pd.isna(broken):
        last = table.loc[table["rule_id"] == rule, "day"].max()
        return f"{rule}: kept to {last:%Y-%m-%d}." if not pd.isna(last) else f"{rule}: kept."
    return f"{rule}: broken from {broken:%Y-%m-%d}."


def _panel(rule: str, rows: pd.DataFrame, broken: pd.Timestamp, days: Scale, width: float) -> str:
    verdict = _said("", broken, rows.assign(rule_id=""))[2:].rstrip(".")
    kept = pd.isna(broken)
    room = width - text_width(verdict, TICK) - 36.0
    counts = _is_count(rows)
    scale = _upward(rows, counts)
    labels = [(v, f"{v:g}" if counts else percent(v)) for v in scale.ticks(2)]
    stamps = [(float(day.value), words) for day, words in day_ticks(days)]
    bottom = scale.start
    icon = symbol("circle" if kept else "cross", 6, 8, "good" if kept else "bad", 5.5)
    measured = _measure(rows, counts)
    return "".join([
        title(f"{rule}: {rows['sentence'].iloc[0]}"),
        icon,
        text(18, 12, cut(rule, room, BOLD), class_="strong"),
        text(width, 12, verdict, class_="tick" if kept else "tick bad-words", anchor="end"),
        text(18, 27, cut(measured, width - 18, TICK), class_="tick"),
        y_axis(scale, days.start, days.end, labels, ""),
        x_axis(days, scale.end, bottom, stamps, ""),
        *_course(_with_break(rows, broken), days, scale),
        _break_mark(broken, days, scale),
    ])  # fmt: skip


def _upward(rows: pd.DataFrame, counts: bool) -> Scale:
    """Return a scale from 0 to just above the most; shares no further than the whole."""
    values = [float(v) for v in rows[["value", "limit"]].to_numpy().ravel() if math.isfinite(v)]
    most = max(values, default=0.0) * 1.15
    top = max(most, 1.0) if counts else min(max(most, 0.02), 1.0)
    return Scale(0.0, top, 42.0 + _PLOT, 42.0)


def _is_count(rows: pd.DataFrame) -> bool:
    """Tell a count from a share: by what is said to be counted; else shares do not pass 1."""
    if "counts" in rows.columns:
        return not str(rows["counts"].iloc[0]).startswith("share")
    return bool((rows[["value", "limit"]] > 1.0 + 1e-9).any(axis=None))


def _measure(rows: pd.DataFrame, counts: bool) -> str:
    if "counts" in rows.columns:
        return str(rows["counts"].iloc[0])
    noun = "number" if counts else "share"
    if not {"basis", "metric"} <= set(rows.columns):
        return noun
    basis = {"stock": "in use", "flow": "newly installed", "item": "in one item"}
    kind, metric = str(rows["basis"].iloc[0]), str(rows["metric"].iloc[0])
    return f"{noun} of {metric}, {basis.get(kind, kind)}"


def _with_break(rows: pd.DataFrame, broken: pd.Timestamp) -> pd.DataFrame:
    """Let the first broken sample begin on the exact day of the break, not on the sample's."""
    later = rows[(rows["day"] >= broken) & ~rows["complies"]].head(1)
    if pd.isna(broken) or later.empty or (rows["day"] == broken).any():
        return rows
    return pd.concat([rows, later.assign(day=broken)]).sort_values("day")


def _course(rows: pd.DataFrame, days: Scale, scale: Scale) -> list[str]:
    """Return the breach, the limit and the value as steps from day to day."""
    at = [days(float(day.value)) for day in rows["day"]]
    ends = [*at[1:], max(days.end, at[-1])] if at else []
    breach = [
        bar(x, scale.end, end - x, scale.start - scale.end, "breach", "bad")
        for x, end, kept in zip(at, ends, rows["complies"], strict=True)
        if not kept and end > x
    ]
    lines = []
    for column, look in (("value", "value-line"), ("limit", "limit-line")):
        for run in _runs(at, ends, list(rows[column])):
            lines.append(polyline([(x, scale(v)) for x, v in run], look))
    return [*breach, *lines]


def _runs(
    at: Sequence[float], ends: Sequence[float], values: Sequence[float]
) -> list[list[tuple[float, float]]]:
    """Return unbroken stepped lines; a day without a value ends one."""
    runs: list[list[tuple[float, float]]] = []
    whole = False
    for x, end, value in zip(at, ends, values, strict=True):
        if not math.isfinite(value):
            whole = False
            continue
        if not whole:
            runs.append([])
        runs[-1] += [(x, value), (end, value)]
        whole = True
    return runs


def _break_mark(broken: pd.Timestamp, days: Scale, scale: Scale) -> str:
    if pd.isna(broken) or not days.low <= float(broken.value) <= days.high:
        return ""
    x = days(float(broken.value))
    return line(x, scale.end - 4, x, scale.start, "break-line") + symbol(
        "cross", x, scale.end - 4, "bad", 5.5
    )


def shares(name: str, table: pd.DataFrame, places: Mapping[str, int], width: float) -> str:
    """Draw makers' shares by phase, stacked: what runs beside what is installed, by metric."""
    kinds = list(dict.fromkeys(zip(table["metric"], table["basis"], strict=True)))[:6]
    columns = 2 if width > NARROW and len(kinds) > 1 else 1
    room = (width - 24.0 * (columns - 1)) / columns
    key, top = legend(maker_key(_among(places, table["maker"]), swatch=True), width, 0.0)
    panels, tall = [], 212.0
    for number, (metric, basis) in enumerate(kinds):
        rows = table[(table["metric"] == metric) & (table["basis"] == basis)]
        place = (number % columns) * (room + 24.0), top + 10.0 + (number // columns) * tall
        marks = _stack(rows, str(metric), str(basis), places, room)
        panels.append(group(marks, transform=f"translate({place[0]:.1f} {place[1]:.1f})"))
    height = top + 10.0 + math.ceil(len(kinds) / columns) * tall
    last = table[table["phase"] == table["phase"].max()]
    says = "After the last phase: " + "; ".join(
        f"{maker}, {percent(share)} of {metric} ({basis})"
        for maker, share, metric, basis in zip(
            last["maker"], last["share"], last["metric"], last["basis"], strict=True
        )
    )
    return drawing(name, "Share of each maker by phase", says, width, height, key, *panels)


def _among(places: Mapping[str, int], makers: pd.Series) -> dict[str, int]:
    present = set(makers)
    return {maker: place for maker, place in places.items() if maker in present}


def _stack(
    rows: pd.DataFrame, metric: str, basis: str, places: Mapping[str, int], width: float
) -> str:
    words = {"stock": "in use after the phase", "flow": "installed in the phase"}
    phases = sorted(rows["phase"].dropna().unique())
    up = Scale(0.0, 1.0, 170.0, 24.0)
    step = (width - 44.0) / max(len(phases), 1)
    parts = [
        text(0, 12, cut(f"{metric}, {words.get(basis, basis)}", width, BOLD), class_="strong"),
        y_axis(up, 40.0, width, [(v, f"{100 * v:.0f} %") for v in (0.0, 0.5, 1.0)], ""),
    ]
    for number, phase in enumerate(phases):
        x, thick = 44.0 + number * step + step * 0.1, step * 0.8
        mine = rows[rows["phase"] == phase]
        parts.append(_column(mine, places, up, x, thick))
        parts.append(text(x + thick / 2, 185, f"{phase:g}", class_="tick", anchor="middle"))
    parts.append(text(width, 200, "phase", class_="unit-label", anchor="end"))
    return "".join(parts)


def _column(
    rows: pd.DataFrame, places: Mapping[str, int], up: Scale, x: float, thick: float
) -> str:
    ordered = rows.assign(place=rows["maker"].map(lambda m: places.get(m, OTHERS)))
    parts, below = [], 0.0
    for maker, place, share in ordered.sort_values("place", kind="stable")[
        ["maker", "place", "share"]
    ].itertuples(index=False):
        if not share > 0.0:
            continue
        y, tall = up(below + share), up(below) - up(below + share)
        words = f"{100 * share:.0f} %"
        box = bar(x, y, thick, tall, f"m{place} seam", f"over-m{place}" * is_hatched(place))
        parts.append(group(title(f"{maker}: {percent(share)}"), box))
        if tall > 15.0 and text_width(words, TICK) < thick - 2.0:
            middle = y + tall / 2
            half = text_width(words, TICK) / 2 + 1
            parts.append(rect(x + thick / 2 - half, middle - 7.5, 2 * half, 15, "plate"))
            parts.append(text(x + thick / 2, middle + 4, words, class_="tick ink", anchor="middle"))
        below += share
    return "".join(parts)


def matrix(name: str, table: pd.DataFrame, places: Mapping[str, int], width: float) -> str:
    """Draw functions by makers: the share of a function's value in each cell, shaded by it."""
    value = table.pivot_table(index="function", columns="maker", values="value", aggfunc="sum",
                              sort=False)  # fmt: skip
    share = table.pivot_table(index="function", columns="maker", values="value_share",
                              aggfunc="sum", sort=False)  # fmt: skip
    makers = sorted(value.columns, key=lambda maker: places.get(maker, OTHERS))
    makers = makers[: 9 if width > NARROW else 5]
    left = min(max([text_width(str(f)) for f in value.index], default=40.0) + 10.0, 120.0)
    step = min((width - left - 60.0) / max(len(makers), 1), 110.0)
    head = [wrapped(str(maker) or "not stated", step - 6.0, TICK, 3) for maker in makers]
    top = 8.0 + 13.0 * max([len(lines) for lines in head], default=1)
    whole = float(value.sum().sum())
    parts = [_head(lines, left + (n + 0.5) * step, top) for n, lines in enumerate(head)]
    end = left + step * len(makers)
    parts.append(text(end + 56.0, top - 5.0, "of all", class_="tick", anchor="end"))
    for number, function in enumerate(value.index):
        y = top + 26.0 * number
        parts.append(text(left - 8, y + 17, cut(str(function), left - 8), anchor="end"))
        for place, maker in enumerate(makers):
            parts.append(_cell(float(share.loc[function, maker]), left + place * step, y, step))
        part = float(value.loc[function].sum()) / whole if whole > 0.0 else 0.0
        parts.append(text(end + 56.0, y + 17, percent(part), class_="tick", anchor="end"))
    height = top + 26.0 * len(value.index) + 20.0
    note = "% of the value of each function; each row adds up to 100 %"
    if len(value.columns) > len(makers):
        note = f"{len(value.columns) - len(makers)} further makers: see the table"
    parts.append(text(0, height - 4, cut(note, width, TICK), class_="unit-label"))
    return drawing(name, "Makers by function", _matrix_said(share), width, height, *parts)


def _matrix_said(share: pd.DataFrame) -> str:
    leaders = share.fillna(0.0)
    return "; ".join(
        f"{function}: most from {row.idxmax()}, {percent(float(row.max()))}"
        for function, row in leaders.iterrows()
    )


def _head(lines: Sequence[str], x: float, top: float) -> str:
    first = top - 5.0 - 13.0 * (len(lines) - 1)
    return "".join(
        text(x, first + 13.0 * n, words, class_="tick ink", anchor="middle")
        for n, words in enumerate(lines)
    )


def _cell(share: float, x: float, y: float, step: float) -> str:
    if not math.isfinite(share) or share <= 0.0:
        box = rect(x + 1, y + 1, step - 2, 24, "shade0")
        return box + text(x + step / 2, y + 17, "–", class_="tick", anchor="middle")
    depth = min(1 + int(share * 4.999), 5)
    box = rect(x + 1, y + 1, step - 2, 24, f"shade{depth}")
    look = "shade-words" if depth > 3 else ""
    size = LABEL if step > 46.0 else TICK
    return box + text(
        x + step / 2, y + 17, percent(share), class_=look, anchor="middle", font_size=size
    )
