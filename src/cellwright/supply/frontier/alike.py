"""Makers that cost and lose the same are said together: none of them is preferred."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.supply.frontier.hedges import Options, maker_words
from cellwright.supply.stress.phases import LEVELS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Hedges in which one maker may stand for another; parts in stock are those of one maker.
_PLAIN = ("none", "split")


def exchanged(options: Options, option: Ints, mine: str, other: str) -> Ints | None:
    """Return a choice with one maker in place of another; None where there is no such option.

    Parameters
    ----------
    options : Options
    option : int [cluster]
        The choice.
    mine, other : str
        A maker of the choice, and one that it does not have.
    """
    table = options.table
    plain = table["hedge"].isin(_PLAIN)
    number = {
        (hedge, frozenset(makers)): int(at)
        for at, hedge, makers in table.loc[plain, ["hedge", "vendors"]].itertuples()
    }
    out = option.copy()
    for at in np.unique(option):
        makers, hedge = set(table["vendors"].iloc[at]), table["hedge"].iloc[at]
        if mine in makers:
            to = number.get((hedge, frozenset(makers - {mine} | {other})))
            if to is None or not plain.iloc[at]:
                return None
            out[option == at] = to
    return out


def equals(
    options: Options,
    exposed: Floats,
    option: Ints,
    mine: str,
    levels: Sequence[str] = LEVELS,
) -> list[str]:
    """Return the makers that could stand for one of a choice at the same cost, loss and exposure.

    Parameters
    ----------
    options : Options
    exposed : float [cluster, option]
        People exposed, from `stakes_of`.
    option : int [cluster]
        The choice; makers it has already are none of them, for their number would change.
    mine : str
        One of its makers.
    levels : sequence of str
        Levels of the inputs that must agree, by option, scenario and phase.
    """
    every = _makers(options, np.arange(len(options.table)))
    had = _makers(options, option)
    figures = _figures(options, exposed, levels)
    found = []
    for other in every:
        if other in had:
            continue
        to = exchanged(options, option, mine, other)
        if to is not None and np.allclose(figures[to], figures[option], rtol=1e-9, atol=1e-9):
            found.append(other)
    return found


def least_harm(
    options: Options, exposed: Floats, option: Ints, harm: Callable[[Ints], Any]
) -> Ints:
    """Return a choice with the makers that do best by `harm` among those equal at typical."""
    for mine in _makers(options, option):
        others = equals(options, exposed, option, mine, ("typical",))
        tries = [exchanged(options, option, mine, other) for other in others]
        option = min([option, *(one for one in tries if one is not None)], key=harm)
    return option


def in_words(options: Options, exposed: Floats, option: Ints) -> dict[str, str]:
    """Return ``vendors, words`` of a choice: most clusters first, equal makers named together."""
    used, number = np.unique(option, return_counts=True)
    order = np.argsort(-number, kind="stable")
    every = _makers(options, np.arange(len(options.table)))
    groups = {
        # in one order at every point of a frontier, whichever of them the search came upon
        mine: [name for name in every if name in (mine, *others)]
        for mine in _makers(options, option)
        if (others := equals(options, exposed, option, mine))
    }
    words, told = list[str](), set[str]()
    for i in order:
        line = str(options.table["words"].iloc[used[i]])
        for mine in options.table["vendors"].iloc[used[i]]:
            if mine in groups:
                line = _replaced(line, mine, _label(groups, mine, told))
                told.add(mine)
        words.append(f"{line} ({number[i]} cluster{'s' * int(number[i] > 1)})")
    sure = sorted(_makers(options, option).keys() - groups.keys())
    either = [any_of(group) for group in groups.values()]
    return {"vendors": ", ".join([*sure, *either]), "words": "; ".join(words)}


def _label(groups: dict[str, list[str]], mine: str, told: set[str]) -> str:
    if mine not in told:
        return any_of(groups[mine])
    return "the same maker" if len(groups) == 1 else f"the same of {', '.join(groups[mine])}"


def _replaced(line: str, mine: str, label: str) -> str:
    name = re.escape(maker_words(mine))
    return re.sub(rf"(?<![\w-]){name}(?![\w-])", lambda _: label, line, count=1)


def any_of(makers: Sequence[str]) -> str:
    """Return several makers in words.

    Examples
    --------
    >>> any_of(["B", "C"])
    'any of B, C'
    """
    return f"any of {', '.join(map(maker_words, makers))}"


def together(rows: pd.DataFrame) -> str:
    """Put options that cost and save the same into words.

    Parameters
    ----------
    rows : DataFrame
        ``vendors`` (tuple) and ``words`` of each.

    Examples
    --------
    >>> table = pd.DataFrame({"vendors": [("B",), ("C",)], "words": ["B instead", "C instead"]})
    >>> together(table)
    'any of B, C instead'
    """
    makers = [tuple(names) for names in rows["vendors"]]
    words = [str(line) for line in rows["words"]]
    sure = [name for name in makers[0] if all(name in mine for mine in makers)]
    either = [[name for name in mine if name not in sure] for mine in makers]
    if len(words) == 1 or any(len(names) != 1 for names in either):
        return " or ".join(words)
    label = any_of([name for (name,) in either])
    lines = {_replaced(line, name, label) for line, (name,) in zip(words, either, strict=True)}
    return lines.pop() if len(lines) == 1 else " or ".join(words)


def _makers(options: Options, option: Ints) -> dict[str, None]:
    """Return the makers of a choice, in the order of its clusters, without repeats."""
    makers = options.table["vendors"]
    return dict.fromkeys(name for at in option.tolist() for name in makers.iloc[at])


def _figures(options: Options, exposed: Floats, levels: Sequence[str]) -> Floats:
    """Return [option, figure]: costs, months late and people exposed at some levels."""
    table = options.table
    prices = table[[f"{name}_{level}" for name in ("site", "fixed") for level in levels]]
    late = options.late[:, :, [LEVELS.index(level) for level in levels]]
    flat = late.reshape(len(table), -1)
    return np.concatenate([prices.to_numpy(float), flat, exposed.T], axis=1)
