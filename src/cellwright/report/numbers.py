"""Figures as a person reads them: few digits, grouped thousands, one style of per cent."""

from __future__ import annotations

import math

NONE = "none"
#: Amounts from here on are written in millions, so that a range and its middle read alike.
MILLIONS_FROM = 1e5


def rounded(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits, thousands grouped.

    Examples
    --------
    >>> rounded(1006.7), rounded(1006.7, 2), rounded(0.04567), rounded(38.0, 2)
    ('1,010', '1,000', '0.0457', '38')
    """
    if not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    whole = float(value).is_integer()
    return f"{round(value, places):,.{0 if whole else max(0, places)}f}"


def percent(share: float, at_most: bool = False) -> str:
    """Write a share: whole per cents, one decimal below 10 and above 99.

    A share that is an upper bound (``at_most``) is rounded up, so that what is said stays true.

    Examples
    --------
    >>> percent(0.9023), percent(0.012), percent(0.9976), percent(1.0), percent(0.0004)
    ('90 %', '1.2 %', '99.8 %', '100 %', 'under 0.1 %')
    >>> percent(0.0111, at_most=True), percent(0.121, at_most=True)
    ('1.2 %', '13 %')
    """
    if not math.isfinite(share):
        return NONE
    value = 100.0 * share
    if at_most:
        value = math.ceil(value * 10 - 1e-6) / 10 if value < 10 else math.ceil(value - 1e-6)
    if 0 < value < 0.1:
        return "under 0.1 %"
    if value == 0 or round(value, 1) == 100:
        return f"{value:.0f} %"
    return f"{value:.1f} %" if value < 10 or value > 99 else f"{value:.0f} %"


def money(value: float, digits: int = 2) -> str:
    """Write an amount without its currency, large ones in millions.

    Examples
    --------
    >>> money(3_318_000), money(755_600), money(480), money(36_410, 3)
    ('3.3 million', '0.76 million', '480', '36,400')
    """
    if math.isfinite(value) and abs(value) >= MILLIONS_FROM:
        return f"{rounded(value / 1e6, digits)} million"
    return rounded(value, digits)


def span(low: float, high: float, digits: int = 2) -> str:
    """Write a range; the word "million" is said once.

    Examples
    --------
    >>> span(1_281_200, 6_661_000), span(6.43, 27.7), span(480_000, 1_120_000)
    ('1.3 to 6.7 million', '6.4 to 28', '0.48 to 1.1 million')
    """
    if max(abs(low), abs(high)) >= MILLIONS_FROM:
        return f"{rounded(low / 1e6, digits)} to {rounded(high / 1e6, digits)} million"
    return f"{rounded(low, digits)} to {rounded(high, digits)}"
