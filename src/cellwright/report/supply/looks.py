"""Colours, symbols and hatches: marks differ in two ways, so that neither eye nor ink decides."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cellwright.report.supply.svg import SYMBOLS, symbol, tag

#: Colours of makers on white and on black; the eighth stands for all further ones. The style sheet
#: repeats them. Worst pair in CAM02-UCS for any sight: first five 19, first seven 8.
MAKER_COLOURS = (
    "#1642a1", "#cc6d26", "#659382", "#742049", "#544c0c", "#0b93c6", "#87545a", "#6d7782",
)  # fmt: skip
MAKER_COLOURS_DARK = (
    "#5489fe", "#d55b18", "#8ee8d8", "#bf85a2", "#ddd56a", "#41b5db", "#ef8694", "#9aa5b0",
)  # fmt: skip
#: Place of the symbol and colour that all further makers share.
OTHERS = 7

#: Angle [°], distance [px] and thickness [px] of the lines that fill a maker's area; first: none.
_LINES: tuple[tuple[float, float, float], ...] = (
    (0.0, 0.0, 0.0), (45.0, 7.0, 1.6), (0.0, 5.0, 1.3), (-45.0, 7.0, 1.6), (90.0, 5.0, 1.3),
    (45.0, 4.0, 1.0), (-45.0, 4.0, 1.0), (0.0, 9.0, 2.6),
)  # fmt: skip


def hatches() -> str:
    """Return the hatches of the page as one invisible drawing."""
    made = [_hatch("bad", 45.0, 6.0, 2.0), _hatch("unknown", -45.0, 6.0, 1.4),
            _hatch("nobody", -45.0, 3.0, 0.9)]  # fmt: skip
    made += [_hatch(f"m{k}", *lines) for k, lines in enumerate(_LINES) if lines[1]]
    return tag("svg", tag("defs", *made), width=0, height=0, class_="off", aria_hidden="true",
               xmlns="http://www.w3.org/2000/svg")  # fmt: skip


def _hatch(name: str, angle_deg: float, every: float, thick: float) -> str:
    stroke = tag("rect", width=every, height=thick, class_=f"ink-{name}")
    return tag(
        "pattern",
        stroke,
        id=f"hatch-{name}",
        width=every,
        height=every,
        patternUnits="userSpaceOnUse",
        patternTransform=f"rotate({angle_deg:g})",
    )


def maker_places(tables: Mapping[str, pd.DataFrame]) -> dict[str, int]:
    """Give each maker its colour and symbol: the same in every chart, most value first.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Checked tables; those with a column ``maker`` count.

    Returns
    -------
    dict of str to int
        Maker to place, 0 to `OTHERS`.
    """
    names: list[str] = []
    if "vendors" in tables:
        value = tables["vendors"].groupby("maker")["value"].sum()
        names += list(value.sort_values(ascending=False, kind="stable").index)
    for table in ("sites", "shares"):
        if table in tables:
            names += list(tables[table]["maker"].value_counts().index)
    ordered = dict.fromkeys(names)
    alone = OTHERS + 1 if len(ordered) <= OTHERS + 1 else OTHERS
    return {maker: min(k, OTHERS) if k < alone else OTHERS for k, maker in enumerate(ordered)}


def maker_symbol(place: int, x: float = 0.0, y: float = 0.0, size: float = 5.0) -> str:
    """Return the symbol of a maker in its colour."""
    return symbol(SYMBOLS[place], x, y, f"m{place} sign", size)


def maker_key(places: Mapping[str, int], swatch: bool = False) -> list[tuple[str, str]]:
    """Return the key of makers: symbols, or boxes with their hatch."""
    shared = [maker for maker, place in places.items() if place == OTHERS]
    entries = []
    for maker, place in places.items():
        if place == OTHERS and len(shared) > 1:
            continue
        entries.append((_mark(place, swatch), maker or "maker not stated"))
    if len(shared) > 1:
        entries.append((_mark(OTHERS, swatch), f"{len(shared)} others"))
    return entries


def _mark(place: int, swatch: bool) -> str:
    if not swatch:
        return maker_symbol(place)
    box = {"x": -8, "y": -6, "width": 16, "height": 12}
    hatch = tag("rect", **box, class_=f"hatch over-m{place}") if _LINES[place][1] else ""
    return tag("rect", **box, class_=f"m{place}") + hatch


def is_hatched(place: int) -> bool:
    """Tell whether a maker's areas carry a hatch."""
    return _LINES[place][1] > 0.0
