"""How much two names of organisations resemble each other, between 0 and 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cellwright.errors import MissingEngineError

#: From here on two names are shown as a possible match: the best value over the labelled pairs.
THRESHOLD = 0.67
_LONGEST_FORM = 12  # letters of a legal form that count, so that its spelling out weighs no more
#: General words that stand for a legal form.
_FORM_WORDS = frozenset({"corporation", "corp", "company", "co", "inc", "ltd"})


@dataclass(frozen=True)
class Weights:
    """What a letter of each kind of word counts beside a letter of the proper name (1).

    Attributes
    ----------
    known : float
        Words with a known meaning on both sides: trades, places, numbers, "group".
    form : float
        Legal forms that agree.
    other_form : float
        Legal forms that are missing or differ; small, as buyers leave them out.
    lone : float
        Words with a known general meaning that only one side has ("Technologies").
    """

    known: float = 0.3
    form: float = 0.25
    other_form: float = 0.15
    lone: float = 1.0


def name_score(one: str, other: str, weights: Weights | None = None) -> float:
    """Return the resemblance of two names of organisations, 0 to 1.

    Parameters
    ----------
    one, other : str
        Names in any script.
    weights : Weights, optional
        How much each kind of word counts.

    Returns
    -------
    float
        Share of the weighted letters that have a counterpart. 1: the same but for spelling.

    Notes
    -----
    Words with a known meaning are paired first, whatever the language; the rest is compared
    letter by letter with a budget for slips; legal forms hardly count.

    Examples
    --------
    >>> name_score("Siemens Aktiengesellschaft", "Siemens AG")
    1.0
    >>> name_score("Bowne Localization, Inc.", "Bowne Global Solutions, Inc.") < THRESHOLD
    True
    """
    first, second = analysed(one), analysed(other)
    if first is None or second is None:
        return 0.0
    if weights is None and _bare(one) and _bare(one) == _bare(other):
        return max(0.95, _best(first, second, Weights()))
    return _best(first, second, weights or Weights())


def _best(first: Any, second: Any, weights: Weights) -> float:
    found = [_weighed(words, weights) for words in _pairings(first, second)]
    return round(max(found, default=0.0), 6)


@lru_cache(maxsize=200_000)
def analysed(name: str) -> Any:
    """Return a name taken to pieces, or None where no letter is left."""
    try:
        from rigour.names import NameTypeTag, analyze_names
    except ImportError:
        raise MissingEngineError(
            'Names are taken to pieces by rigour: pip install "cellwright[screening]" '
            "(it needs ICU on the machine)."
        ) from None
    found = analyze_names(NameTypeTag.ORG, [name.replace("&", " and ")])
    return next(iter(found), None)


@lru_cache(maxsize=200_000)
def plain_name(name: str) -> str:
    """Return a name in Latin letters without its legal form, words sorted: for blocking.

    Examples
    --------
    >>> plain_name("ООО Газпром"), plain_name("The Gazprom LLC")
    ('gazprom', 'gazprom')
    """
    from rigour.names import remove_org_prefixes, remove_org_types, tokenize_name
    from rigour.text import ascii_text

    text = remove_org_prefixes(remove_org_types(name.casefold()))
    words = tokenize_name(ascii_text(text if text.strip(" .,\"'()") else name.casefold()).lower())
    return " ".join(sorted(words))


def _bare(name: str) -> str:
    from rigour.names import remove_org_prefixes, remove_org_types, tokenize_name

    left = remove_org_types(name.casefold().replace("&", " and "))
    words = tokenize_name(remove_org_prefixes(left))
    return " ".join(word for word in words if word not in _FORM_WORDS)


def _pairings(first: Any, second: Any) -> Iterator[list[tuple[str, int, float]]]:
    """Yield ways to lay two names side by side: kind, letters, resemblance of each pair."""
    from rigour.names import compare_parts, pair_symbols

    for pairing in pair_symbols(first, second):
        words = [
            ("form" if _kind(pair.symbol) == "ORG_CLASS" else "known", _letters(pair), 1.0)
            for pair in pairing
        ]
        left = {part.index for pair in pairing for part in pair.qps}
        right = {part.index for pair in pairing for part in pair.rps}
        rest = compare_parts(
            [part for part in first.parts if part.index not in left],
            [part for part in second.parts if part.index not in right],
        )
        general = _general(first) | _general(second)
        yield words + [(_rest_kind(pair, general), _letters(pair), pair.score) for pair in rest]


def _kind(symbol: Any) -> str:
    return str(symbol.category).rsplit(".", 1)[-1]


def _letters(pair: Any) -> int:
    return sum(len(part.form) for part in (*pair.qps, *pair.rps))


def _general(name: Any) -> set[str]:
    """Return words of a name whose known meaning is a trade or a general word."""
    kinds = ("DOMAIN", "SYMBOL", "ORG_CLASS")
    return {part.form for span in name.spans if _kind(span.symbol) in kinds for part in span.parts}


def _rest_kind(pair: Any, general: set[str]) -> str:
    parts = (*pair.qps, *pair.rps)
    if all(str(part.tag).endswith("LEGAL") for part in parts):
        return "other_form"
    if pair.qps and pair.rps:
        return "name"
    return "lone" if all(part.form in general for part in parts) else "name"


def _weighed(words: list[tuple[str, int, float]], weights: Weights) -> float:
    total = got = 0.0
    for kind, letters, score in words:
        if kind in ("form", "other_form"):
            letters = min(letters, _LONGEST_FORM)
        weight = letters * (1.0 if kind == "name" else float(getattr(weights, kind)))
        total += weight
        got += weight * score
    return got / total if total else 0.0
