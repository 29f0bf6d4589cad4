"""How much two names of organisations resemble each other, between 0 and 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from cellwright.supply.screening.words import known_words, taken

#: From here on two names are shown as a possible match: the best value over the labelled pairs.
THRESHOLD = 0.83
_INITIALS = 0.9  # resemblance of "PLA" and "People's Liberation Army"


@dataclass(frozen=True)
class Weights:
    """How names are weighed; the values that fit the labelled pairs best.

    Attributes
    ----------
    slips : float
        Wrong letters allowed in a word, as share of its letters; one always is from three on.
    power : float
        How much a wrong letter takes: (share of right letters) to this power.
    general : float
        What a letter of a general word ("Group", "Bank") counts where both names have it, beside a
        letter of the proper name (1).
    lone : float
        What a letter of a word that only one side has counts.
    form : float
        Taken off where both name a legal form and the classes differ.
    """

    slips: float = 0.25
    power: float = 0.7
    general: float = 0.6
    lone: float = 1.3
    form: float = 0.2


_USUAL = Weights()


def name_score(one: str, other: str, weights: Weights = _USUAL) -> float:
    """Return the resemblance of two names of organisations, 0 to 1.

    Parameters
    ----------
    one, other : str
        Names in any script; those in different scripts, Cyrillic and Latin apart, resemble
        each other by nothing and need an alias.
    weights : Weights, optional
        How much each kind of word counts.

    Returns
    -------
    float
        Share of the weighted letters that have a counterpart. 1: the same but for spelling.

    Notes
    -----
    Words are paired by their letters, the most alike and longest first; two neighbours may be one
    word on the other side. Legal forms hardly count, as buyers leave them out.

    Examples
    --------
    >>> name_score("Siemens Aktiengesellschaft", "Siemens AG")
    1.0
    >>> name_score("Bowne Localization, Inc.", "Bowne Global Solutions, Inc.") < THRESHOLD
    True
    """
    first, second = taken(one), taken(other)
    if not first.words or not second.words:
        return 0.0
    score = 1.0
    if first.words != second.words:
        score = _INITIALS if _are_initials(first.words, second.words) else 0.0
        score = max(score, _weighed(first.words, second.words, weights))
    differ = first.forms and second.forms and not first.forms & second.forms
    return round(max(0.0, score - (weights.form if differ else 0.0)), 6)


def _are_initials(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    for short, long in ((first, second), (second, first)):
        heads = "".join(word[0] for word in long)
        if len(heads) >= 3 and short[0] == heads:
            return True
    return False


def _weighed(first: tuple[str, ...], second: tuple[str, ...], weights: Weights) -> float:
    general, total, got = known_words().general, 0.0, 0.0
    for left, right, score in _paired(first, second, weights.slips, weights.power):
        letters = float(len(left) + len(right))
        if not score:
            letters *= weights.lone
        elif left in general and right in general:
            letters *= weights.general
        total += letters
        got += letters * score
    return got / total


@lru_cache(maxsize=50_000)
def _paired(
    first: tuple[str, ...], second: tuple[str, ...], slips: float, power: float
) -> tuple[tuple[str, str, float], ...]:
    """Lay two names side by side: pairs of words with their resemblance, then those left over."""
    if "".join(first) == "".join(second):
        return (("".join(first), "".join(second), 1.0),)
    found = sorted(_likes(first, second, slips, power), key=lambda one: -one[0] * one[1])
    used: tuple[set[int], set[int]] = (set(), set())
    pairs = list[tuple[str, str, float]]()
    for score, _, left, right in found:
        if used[0].isdisjoint(left) and used[1].isdisjoint(right):
            used[0].update(left)
            used[1].update(right)
            words = ["".join(n[i] for i in at) for n, at in ((first, left), (second, right))]
            pairs.append((words[0], words[1], score))
    pairs += [(word, "", 0.0) for at, word in enumerate(first) if at not in used[0]]
    pairs += [("", word, 0.0) for at, word in enumerate(second) if at not in used[1]]
    return tuple(pairs)


_Like = tuple[float, int, tuple[int, ...], tuple[int, ...]]


def _likes(
    first: tuple[str, ...], second: tuple[str, ...], slips: float, power: float
) -> Iterator[_Like]:
    """Yield resemblance, letters and places of all words, and of two neighbours with one word."""
    sides = [
        [((at,), word) for at, word in enumerate(name)]
        + [((at, at + 1), name[at] + name[at + 1]) for at in range(len(name) - 1)]
        for name in (first, second)
    ]
    for left, one in sides[0]:
        for right, other in sides[1]:
            if len(left) + len(right) < 4:
                score = _like(one, other, slips, power)
                if score:
                    yield score, len(one) + len(other), left, right


def _like(one: str, other: str, slips: float, power: float) -> float:
    """Return how much two words resemble each other; 0 beyond the slips allowed."""
    if one == other:
        return 1.0
    letters = max(len(one), len(other))
    allowed = letters * slips
    if allowed < 1.0 and letters >= 3 and one.isascii() and other.isascii():
        allowed = 1.0
    if abs(len(one) - len(other)) > allowed:
        return 0.0
    wrong = OSA.distance(one, other, score_cutoff=int(allowed))
    return 0.0 if wrong > allowed else float((1.0 - wrong / letters) ** power)
