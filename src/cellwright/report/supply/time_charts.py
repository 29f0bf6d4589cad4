"""Charts about months: how long stock lasts, and when phases complete."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cellwright.report.numbers import rounded
from cellwright.report.supply.svg import (
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
    rect,
    round_scale,
    symbol,
    tag,
    text,
    title,
    whisker,
    x_axis,
)

_SURVIVE_KEY = (
    (rect(-8, -5, 16, 10, "holds"), "stock lasts longer than recovery takes"),
    (bar(-8, -5, 9, 10, "breach-solid", "bad") + symbol("cross", 5, 0, "bad", 4.0),
     "stock runs out before recovery"),
    (line(-8, 0, 8, 0, "whisker") + symbol("diamond", 0, 0, "marker", 4.5),
     "time to recover, low to high"),
)  # fmt: skip
_GANTT_KEY = (
    (rect(-8, -4, 16, 8, "base-bar"), "plan"),
    (rect(-8, -4, 16, 8, "holds"), "scenario, on time"),
    (bar(-8, -4, 16, 8, "breach-solid", "bad"), "scenario, late"),
    (line(-8, 0, 8, 0, "whisker") + line(-8, -3, -8, 3, "whisker") + line(8, -3, 8, 3, "whisker"),
     "done, low to high"),
)  # fmt: skip


_REACH_KEY = ((line(-8, 0, 8, 0, "reach"), "time to survive, low to high"),)


def survival(name: str, table: pd.DataFrame, width: float, most: int = 14) -> str:
    """Draw time to survive as bars against time to recover, the least slack first."""
    slack = table["tts_months"] - table["ttr_typical"]
    rows = table.assign(slack=slack).sort_values("slack", kind="stable").head(most)
    ranged = {"tts_low", "tts_high"} <= set(rows.columns)
    key, top = legend((*_SURVIVE_KEY, *_REACH_KEY * ranged), width, 0.0)
    wide = width > NARROW
    left = 232.0 if wide else 0.0
    tall = 24.0 if wide else 38.0
    months = round_scale([*_finite(rows["tts_months"]), *_finite(rows["ttr_high"]),
                          *(_finite(rows["tts_high"]) if ranged else ())],
                         left, width - 62.0, 6)  # fmt: skip
    bottom = top + 26.0 + tall * len(rows)
    ticks = [(value, f"{value:g}") for value in months.ticks(6)]
    parts = [key, x_axis(months, top + 8.0, bottom, ticks, "months after the cut")]
    top += 14.0
    parts.append(text(width, top + 4.0, "survives", class_="unit-label", anchor="end"))
    for number, row in enumerate(rows.to_dict("records")):
        parts.append(_outage(row, months, top + 12.0 + tall * number, wide))
    says = ". ".join(
        f"{row['outage']} ({row['by']}): survives {_months(row['tts_months'])}, "
        f"recovers in {_months(row['ttr_typical'])}"
        for row in rows.to_dict("records")
    )
    heading = "Time to survive against time to recover"
    return drawing(name, heading, says, width, bottom + 34.0, *parts)


def _finite(values: pd.Series) -> list[float]:
    return [float(value) for value in values if math.isfinite(value)]


def _months(value: float) -> str:
    if math.isnan(value):
        return "an unknown time"
    return f"{rounded(value, 2)} months" if math.isfinite(value) else "for good"


def _outage(row: Mapping[Any, Any], months: Scale, y: float, wide: bool) -> str:
    tts, ttr = float(row["tts_months"]), float(row["ttr_typical"])
    words = f"{row['outage']} ({row['by']})"
    short = tts < ttr
    at = y + (4.0 if wide else 18.0)
    forever = math.isinf(tts)
    end = months.end if forever else months(tts)
    look, hatch = ("breach-solid", "bad") if short else ("holds", "")
    parts = [title(f"{words}: survives {_months(tts)}, recovers in {_months(ttr)}")]
    if wide:
        label = cut(words, months.start - 10.0)
        parts.append(text(months.start - 8, y + 16.0, label, anchor="end"))
    else:
        parts.append(text(0, y + 12.0, cut(words, months.end)))
    parts.append(bar(months.start, at, end - months.start, 15.0, look, hatch))
    if forever:
        parts.append(tag("path", d=f"M{end:.1f},{at - 1:.1f}l9,8.5l-9,8.5z", class_="holds"))
    ends = [float(row.get(f"tts_{end}", math.nan)) for end in ("low", "high")]
    if ends[0] < ends[1]:
        parts.append(_reach(months, ends[0], ends[1], at + 17.5))
    parts.append(whisker(months, float(row["ttr_low"]), float(row["ttr_high"]), at + 7.5))
    if math.isfinite(ttr):
        parts.append(symbol("diamond", months(ttr), at + 7.5, "marker", 4.5))
    value = "for good" if forever else f"{rounded(tts, 2)} mon." if tts == tts else "?"
    if short:  # a bar of no length cannot be seen to be hatched
        parts.append(symbol("cross", end, at + 7.5, "bad", 5.0))
    look = "tick bad-words" if short else "tick ink"
    parts.append(text(months.end + 62.0, at + 11.5, value, class_=look, anchor="end"))
    return group(*parts)


def _reach(months: Scale, low: float, high: float, y: float) -> str:
    """Return how far stock lasts, from the least to the most of it: a thin line below."""
    return line(months(low), y, months(high), y, "reach")


def gantt(name: str, table: pd.DataFrame, width: float) -> str:
    """Draw each phase of the plan above the same phase under the scenario, with its people.

    Notes
    -----
    A bar begins where the phase before it ends; where the table does not say when the first began,
    its bar begins at the left edge. A phase without a date is never complete: its bar runs on.
    """
    rows = table.sort_values("phase", kind="stable")
    key, top = legend(_GANTT_KEY, width, 0.0)
    wide = width > NARROW
    left, right = (66.0, width - 240.0) if wide else (0.0, width - 18.0)
    tall = 40.0 if wide else 49.0
    began = list(rows.get("begun", pd.Series()).dropna().head(1))
    known = began + [day for column in ("due", "done_low", "done_typical", "done_high")
             for day in rows[column].dropna()]  # fmt: skip
    days = day_scale(known, left, right)
    days = _padded(days, before=not began)
    bottom = top + 12.0 + tall * len(rows)
    ticks = [(float(day.value), words) for day, words in day_ticks(days, 62.0)]
    parts = [key, x_axis(days, top + 8.0, bottom, ticks, "")]
    before = (_day(began[0]),) * 2 if began else (math.nan, math.nan)
    for number, row in enumerate(rows.to_dict("records")):
        parts.append(_phase(row, before, days, top + 12.0 + tall * number, wide))
        before = (_day(row["due"]), _day(row["done_typical"]))
    says = ". ".join(_phase_said(row) for row in rows.to_dict("records"))
    heading = "Phases: plan against scenario"
    return drawing(name, heading, says, width, bottom + 22.0, *parts)


def _padded(days: Scale, before: bool) -> Scale:
    """Leave room after the last milestone, and before the first where a bar comes from there."""
    ease = 0.12 * (days.high - days.low)
    return Scale(days.low - ease * before, days.high + 0.5 * ease, days.start, days.end)


def _day(value: Any) -> float:
    return math.nan if pd.isna(value) else float(pd.Timestamp(value).value)


def _late(row: Mapping[Any, Any]) -> str:
    due, done = _day(row["due"]), _day(row["done_typical"])
    if math.isnan(done):
        return "never complete"
    months = (done - due) / (30.4375 * 86_400e9)
    if months < 0.05:
        return "on time"
    return f"{months:.{1 if months < 3.0 else 0}f} months late"


def _phase_said(row: Mapping[Any, Any]) -> str:
    return (
        f"Phase {float(row['phase']):g}, {rounded(float(row['people']), 3)} people, due "
        f"{str(row['due'])[:10]}: {_late(row)}"
    )


def _phase(
    row: Mapping[Any, Any], before: tuple[float, float], days: Scale, y: float, wide: bool
) -> str:
    due, done = _day(row["due"]), _day(row["done_typical"])
    people = f"{rounded(float(row['people']), 3)} people"
    name, late = f"Phase {float(row['phase']):g}", _late(row)
    parts = [title(_phase_said(row))]
    if wide:
        parts.append(text(0, y + 21, name, class_="strong"))
        parts.append(text(days.end + 10, y + 14, people))
        note = cut(_waiting(row, late), 230, TICK)
        parts.append(text(days.end + 10, y + 29, note, class_="tick"))
    else:
        parts.append(text(0, y + 12, name, class_="strong"))
        note = cut(f"{people} · {late}", days.end - 60.0, TICK)
        parts.append(text(62, y + 12, note, class_="tick"))
    at = y + (6.0 if wide else 20.0)
    parts += [_bar(before[0], due, days, at, "base-bar", ""), _scenario(row, before[1], days, at)]
    low, high = _day(row["done_low"]), _day(row["done_high"])
    if not math.isnan(done) and high > low:
        parts.append(whisker(days, low, high, at + 18.0))
    return group(*parts)


def _waiting(row: Mapping[Any, Any], late: str) -> str:
    lost = float(row["person_months_typical"])
    if not lost > 0.0:
        return late
    return f"{late}, {rounded(lost, 2)} person-months"


def _scenario(row: Mapping[Any, Any], begin: float, days: Scale, y: float) -> str:
    done = _day(row["done_typical"])
    look, hatch = ("holds", "") if bool(row["met"]) else ("breach-solid", "bad")
    if not math.isnan(done):
        return _bar(begin, done, days, y + 13.0, look, hatch)
    start = days.start if math.isnan(begin) else days(begin)
    if start > days.end - 4.0:
        return ""
    arrow = tag("path", d=f"M{days.end:.1f},{y + 11:.1f}l9,7l-9,7z", class_="breach-solid")
    return bar(start, y + 13.0, days.end - start, 10.0, look, hatch) + arrow


def _bar(begin: float, end: float, days: Scale, y: float, look: str, hatch: str) -> str:
    if math.isnan(end):
        return ""
    start = days.start if math.isnan(begin) else days(begin)
    return bar(start, y, max(days(end) - start, 2.0), 10.0, look, hatch)
