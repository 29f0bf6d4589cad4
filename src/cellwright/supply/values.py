"""Single cells as people write them: words, shares, dates, yes and no, lists, attributes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

#: Between the members of a list in one cell.
BAR = "|"
_YES, _NO = ("true", "yes", "1", "1.0"), ("false", "no", "0", "0.0")


def text(value: Any) -> str:
    """Return a cell as words; empty where nothing is given.

    Examples
    --------
    >>> text(" Acme "), text(None), text(float("nan"))
    ('Acme', '', '')
    """
    return "" if value is None or value != value else str(value).strip()


def share(value: Any) -> float | None:
    """Read a share: 0.51, "51 %", "0,51"; None if it is none.

    Examples
    --------
    >>> share("51 %"), share("0,25"), share("half"), share("inf")
    (0.51, 0.25, None, None)
    """
    words = text(value).replace(" ", "").replace("\u00a0", "")
    per_cent = words.endswith("%")
    try:
        found = float(words.rstrip("%").replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(found):
        return None
    return found / 100.0 if per_cent else found


def day(value: Any) -> date | None:
    """Read a day; None where nothing is given.

    Raises
    ------
    ValueError
        If it is no day.

    Examples
    --------
    >>> day("2019-05-16"), day("6.5.2019"), day("")
    (datetime.date(2019, 5, 16), datetime.date(2019, 5, 6), None)
    """
    if isinstance(value, datetime):
        return None if value != value else value.date()
    if isinstance(value, date):
        return value
    words = text(value)
    if not words or words == "NaT":
        return None
    parts = words.split(".")
    if len(parts) == 3:
        words = "-".join(part.zfill(2) for part in reversed(parts))
    return date.fromisoformat(words[:10])


def flag(value: Any) -> bool | None:
    """Read yes or no; None if it is neither.

    Examples
    --------
    >>> flag("yes"), flag(False), flag("maybe")
    (True, False, None)
    """
    words = text(value).lower()
    return True if words in _YES else False if words in _NO else None


def members(value: Any) -> tuple[str, ...]:
    """Read a list: of a TOML array, or of one cell with bars between.

    Examples
    --------
    >>> members("access | core"), members(["access"]), members(None)
    (('access', 'core'), ('access',), ())
    """
    parts = value if isinstance(value, (list, tuple)) else text(value).split(BAR)
    return tuple(word for word in map(text, parts) if word)


def attributes(value: Any) -> dict[str, Any]:
    """Read facts: a table, or one cell "extrajudicial=yes | tier=2".

    Examples
    --------
    >>> attributes("extrajudicial=yes|tier=2|seat=Lund")
    {'extrajudicial': True, 'tier': 2, 'seat': 'Lund'}
    """
    if isinstance(value, Mapping):
        return dict(value)
    pairs = (word.partition("=") for word in members(value))
    return {key.strip(): _fact(said.strip()) for key, _, said in pairs}


def _fact(words: str) -> Any:
    if words.lower() in ("true", "yes", "false", "no", ""):
        return words.lower() in ("true", "yes", "")
    try:
        return int(words)
    except ValueError:
        return words


def written(facts: Mapping[str, Any]) -> str:
    """Return facts as one cell that `attributes` reads back.

    Examples
    --------
    >>> written({"extrajudicial": True, "tier": 2})
    'extrajudicial=yes|tier=2'
    """
    words = {True: "yes", False: "no"}
    return BAR.join(
        f"{key}={words[value] if isinstance(value, bool) else value}"
        for key, value in facts.items()
    )
