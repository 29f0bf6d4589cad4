"""Terms of a reckoning, each with its unit, and how they read as assumptions."""

from __future__ import annotations

from typing import Any, get_type_hints

import pandas as pd


def terms_table(terms: Any, head: str, source: str, evidence: str) -> pd.DataFrame:
    """Return terms as a table of assumptions: shares in per cent, figures written out.

    Parameters
    ----------
    terms : dataclass
        Each field a number, or low, typical, high, of a type ``Annotated`` with its unit; a share
        from 0 to 1 where that begins with "%".
    head : str
        Before each name.
    source, evidence : str
        Of all terms.

    Returns
    -------
    DataFrame
        ``assumption, value, unit, source, evidence``.

    Examples
    --------
    >>> from cellwright.supply import SwapTerms
    >>> table = terms_table(SwapTerms(), "swap, ", "own", "assumed")
    >>> table.loc[0, ["assumption", "value", "unit"]].tolist()
    ['swap, removal', '5 / 10 / 20', '% of the price of the new kit']
    """
    rows = []
    for name, hint in get_type_hints(type(terms), include_extras=True).items():
        unit, value = hint.__metadata__[0], getattr(terms, name)
        values = value if isinstance(value, tuple) else (value,)
        factor = 100.0 if unit.startswith("%") else 1.0
        words = " / ".join(f"{factor * each:,.10g}" for each in values)
        rows.append((head + name.replace("_", " "), words, unit, source, evidence))
    return pd.DataFrame(rows, columns=["assumption", "value", "unit", "source", "evidence"])
