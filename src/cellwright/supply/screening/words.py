"""Names of organisations taken to pieces: plain words, and the legal forms beside them."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

_FORM_AT_THE_END = re.compile(r"(?<=[a-z])(AG|GmbH|SA|SE|Ltd|LLC|NV|BV)\b")
_APOSTROPHES = re.compile(r"[’'`´]")
_GENITIVE = re.compile(r"[’'`´]s\b")
_INTL = re.compile(r"\bint[’'`´]l\b")
_WORD = re.compile(r"[^\W_]+")
_LONG_FORM = 15  # letters from which on a form may be misspelt by two
_TENS = ("20", "30", "40", "50")


class Name(NamedTuple):
    """A name taken to pieces.

    Attributes
    ----------
    words : tuple of str
        Plain words in Latin letters where a romanisation is known, in order.
    forms : frozenset of str
        Classes of the legal forms it names: "limited", "shares", "partners", "aims".
    """

    words: tuple[str, ...]
    forms: frozenset[str]


class _Words(NamedTuple):
    forms: dict[tuple[str, ...], str]
    endings: dict[str, str]
    same: dict[str, str]
    letters: dict[int, str]
    idle: frozenset[str]
    general: frozenset[str]
    longest: int
    first: frozenset[str]  # words a form begins with
    heads: dict[str, tuple[tuple[int, str, str], ...]]  # letter -> long forms: words, text, class


@lru_cache(maxsize=1)
def known_words() -> _Words:
    """Return the shipped words: forms, spellings, romanisation."""
    path = Path(__file__).with_name("data") / "words.toml"
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    forms = {
        tuple(form.split()): kind
        for kind, text in data["forms"].items()
        for form in text.split(";")
    }
    return _Words(
        forms,
        data["endings"],
        data["same"] | data["numbers"],
        {ord(letter): plain for letter, plain in data["letters"].items()},
        frozenset(data["weigh"]["idle"].split()),
        frozenset(data["weigh"]["general"].split()),
        max(map(len, forms)),
        frozenset(form[0] for form in forms),
        _heads(forms),
    )


def _heads(forms: dict[tuple[str, ...], str]) -> dict[str, tuple[tuple[int, str, str], ...]]:
    found: dict[str, tuple[tuple[int, str, str], ...]] = {}
    for form, kind in forms.items():
        text = " ".join(form)
        if len(text) >= _LONG_FORM:
            found[text[0]] = (*found.get(text[0], ()), (len(form), text, kind))
    return found


@lru_cache(maxsize=200_000)
def taken(name: str) -> Name:
    """Take a name to pieces.

    Parameters
    ----------
    name : str
        In any script. Cyrillic is brought into Latin letters; other scripts stay as they are.

    Returns
    -------
    Name
        Without words where the text holds no letter or digit.

    Examples
    --------
    >>> taken("Siemens Aktiengesellschaft") == taken("SiemensAG")
    True
    >>> taken("ООО Газпром").words, taken("华为技术有限公司").words
    (('gazprom',), ('华为技术',))
    """
    words, forms = list(_plain(name)), list[str]()
    kept, at = list[str](), 0
    while at < len(words):
        kind, long = _form(words, at)
        if kind:
            forms.append(kind)
        else:
            long = 1
            kept.append(words[at])
        at += long
    if not kept:  # a name that is nothing but a form is its own name
        return Name(tuple(words), frozenset())
    idle = known_words().idle
    numbered = tuple(_joined(kept))
    core = tuple(word for word in numbered if word not in idle) or numbered
    return Name(core, frozenset(forms) - {"any"})


def _form(words: list[str], at: int) -> tuple[str, int]:
    """Return the legal form that begins at a word and how many words it has, the longest first."""
    known = known_words()
    heads = known.heads.get(words[at][0], ())
    if words[at] in known.first or heads:
        for long in range(min(known.longest, len(words) - at), 0, -1):
            kind = known.forms.get(tuple(words[at : at + long]), "")
            kind = kind or _misspelt(words[at : at + long], heads)
            if kind:
                return kind, long
    return "", 0


def _misspelt(words: list[str], heads: tuple[tuple[int, str, str], ...]) -> str:
    """Return the class of the long form that words are but for two slips."""
    for long, form, kind in heads:
        if long == len(words):
            text = " ".join(words)
            if abs(len(text) - len(form)) <= 2 and OSA.distance(text, form, score_cutoff=2) <= 2:
                return kind
    return ""


def _plain(name: str) -> Iterator[str]:
    """Yield plain words; runs of single letters are joined ("A.B.C." is "abc")."""
    known, run = known_words(), ""
    text = _FORM_AT_THE_END.sub(r" \1", name).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(known.letters))
        text = "".join(mark for mark in text if not unicodedata.combining(mark))
        text = unicodedata.normalize("NFC", text)
    text = _INTL.sub("international", text.replace("&", " and "))
    text = _APOSTROPHES.sub("", _GENITIVE.sub("", text))
    text = text.replace("united states", "us").replace("united kingdom", "uk")
    for word in _WORD.findall(text):
        if len(word) == 1 and word.isascii() and word.isalpha():
            run += word
            continue
        if run:
            yield run
            run = ""
        yield from _split_ending(known.same.get(word, word))
    if run:
        yield run


def _split_ending(word: str) -> Iterator[str]:
    if word.isascii():
        yield word
        return
    for ending, kind in known_words().endings.items():
        if word.endswith(ending) and word != ending:
            yield word[: -len(ending)]
            yield _CLASS_WORD[kind]
            return
    yield word


_CLASS_WORD = {"limited": "ltd", "shares": "jsc", "any": "company"}


def _joined(words: list[str]) -> Iterator[str]:
    """Yield words with "40" "4" as "44"."""
    held = ""
    for word in words:
        if held and len(word) == 1 and word.isdigit():
            yield str(int(held) + int(word))
            held = ""
            continue
        if held:
            yield held
        held = word if word in _TENS else ""
        if not held:
            yield word
    if held:
        yield held


def plain_name(name: str) -> str:
    """Return a name in plain words without its legal form, sorted: for blocking.

    Examples
    --------
    >>> plain_name("ООО Газпром"), plain_name("The Gazprom LLC")
    ('gazprom', 'gazprom')
    """
    return " ".join(sorted(taken(name).words))


def has_latin(name: str) -> bool:
    """Return whether a name can be laid beside one in Latin letters.

    Examples
    --------
    >>> has_latin("Газпром"), has_latin("华为")
    (True, False)
    """
    return any(mark.isascii() and mark.isalnum() for mark in plain_name(name))
