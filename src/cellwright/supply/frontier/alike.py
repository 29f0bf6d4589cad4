"""Options that cost and lose the same are said together: none of their makers is preferred."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cellwright.supply.frontier.hedges import Options, maker_words
from cellwright.supply.stress.phases import LEVELS


@dataclass(frozen=True)
class Said:
    """What options come to in words.

    Attributes
    ----------
    words : str
        "any of B, C instead".
    sure, either : tuple of str
        Makers that all of the options have, and those of which one is had.
    """

    words: str
    sure: tuple[str, ...]
    either: tuple[str, ...]


def alike(options: Options, exposed: NDArray[np.float64]) -> list[tuple[int, ...]]:
    """Return for each option those that nothing tells from it, itself included.

    Parameters
    ----------
    options : Options
    exposed : float [cluster, option]
        People exposed, from `stakes_of`.

    Notes
    -----
    Alike are options of one kind of hedge and as many makers, with equal costs and equal lateness
    at low, typical and high in every scenario, and equal exposure.
    """
    table = options.table
    prices = table[[f"{name}_{level}" for name in ("site", "fixed") for level in LEVELS]]
    figures = np.concatenate(
        [prices.to_numpy(float), options.late.reshape(len(table), -1), exposed.T], axis=1
    )
    kind = list(zip(table["hedge"], table["vendors"].map(len), strict=True))
    same = [np.isclose(figures, mine, rtol=1e-9, atol=1e-9).all(axis=1) for mine in figures]
    return [
        tuple(int(other) for other in np.flatnonzero(row) if kind[other] == kind[at])
        for at, row in enumerate(same)
    ]


def exchangeable(
    table: pd.DataFrame, at: int, group: Collection[int], used: Collection[int]
) -> list[int]:
    """Return the options of a group that may stand for one where others are used beside it.

    A maker that another option has already, or would be left with, makes the number of makers
    differ, and with it the cost.
    """
    beside = {name for other in used if other != at for name in table["vendors"].iloc[other]}
    mine = set(table["vendors"].iloc[at])
    return [at] + [
        other
        for other in group
        if other != at and not (mine ^ set(table["vendors"].iloc[other])) & beside
    ]


def said(rows: pd.DataFrame) -> Said:
    """Put options that are alike into words.

    Parameters
    ----------
    rows : DataFrame
        ``vendors`` (tuple) and ``words`` of each.

    Examples
    --------
    >>> table = pd.DataFrame({"vendors": [("B",), ("C",)], "words": ["B instead", "C instead"]})
    >>> said(table).words
    'any of B, C instead'
    """
    makers = [tuple(names) for names in rows["vendors"]]
    sure = tuple(name for name in makers[0] if all(name in mine for mine in makers))
    either = tuple(dict.fromkeys(name for mine in makers for name in mine if name not in sure))
    words = [str(line) for line in rows["words"]]
    return Said(_joined(words, makers, sure, either), sure, either)


def _joined(
    words: Sequence[str],
    makers: Sequence[tuple[str, ...]],
    sure: Sequence[str],
    either: Sequence[str],
) -> str:
    if len(set(words)) == 1:
        return words[0]
    choice = f"any of {', '.join(map(maker_words, either))}"
    if all(len(mine) == 1 for mine in makers):
        tails = {
            line.removeprefix(maker_words(mine[0]))
            for line, mine in zip(words, makers, strict=True)
        }
        if len(tails) == 1:
            return f"{choice}{tails.pop()}"
    elif len(sure) == 1 and all(len(mine) == 2 for mine in makers):
        return f"clusters split between {maker_words(sure[0])} and {choice}"
    return " or ".join(words)
