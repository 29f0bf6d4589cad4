"""Single outages: each supplier, country or part cut in turn, with ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from cellwright.errors import InputError
from cellwright.supply.stress.chain import Chain, words
from cellwright.supply.stress.program import Stress

#: Months until a supply is back: low, typical, high. Assumed.
RECOVER_MONTHS = (6.0, 12.0, 36.0)
Triple = tuple[float, float, float]


def outages(chain: Chain, by: str) -> dict[str, list[str]]:
    """Return name -> nodes cut, for every supplier, country or node.

    Raises
    ------
    InputError
        For any other `by`.
    """
    if by == "node":
        return {str(name): [str(name)] for name in chain.nodes.index}
    if by not in ("supplier", "country"):
        raise InputError(f'by is "{by}"; allowed: supplier, country, node.')
    found: dict[str, list[str]] = {}
    for node, text in chain.nodes[by].items():
        for name in dict.fromkeys(words(text)):
            found.setdefault(name, []).append(str(node))
    return found


def survive(
    chain: Chain, by: str = "supplier", recover_months: float | Mapping[str, float] = 12.0
) -> pd.DataFrame:
    """Cut each supplier, country or part in turn.

    Parameters
    ----------
    chain : Chain
        From `chain`.
    by : {"supplier", "country", "node"}
        What is cut.
    recover_months : float or mapping
        Time to recover [months].

    Returns
    -------
    DataFrame
        ``outage, tts_months`` (inf: for good), ``ttr_months, impact`` (least cost of shortage
        over the time to recover), ``risk_exposure`` (0 to 1), ``harmless``.

    Examples
    --------
    >>> import pandas as pd
    >>> from cellwright.supply import chain
    >>> nodes = pd.DataFrame({"node": ["site", "unit", "chip"], "demand": [10.0, 0, 0],
    ...                       "stock": [0.0, 20, 180], "supplier": ["", "V", "C"]})
    >>> edges = pd.DataFrame({"parent": ["site", "unit"], "child": ["unit", "chip"],
    ...                       "quantity": [1.0, 1.0]})
    >>> survive(chain(nodes, edges)).set_index("outage")["tts_months"].to_dict()
    {'V': 2.0, 'C': 20.0}
    """
    return Stress(chain).table(outages(chain, by), recover_months)


def survive_ranges(
    chains: tuple[Chain, Chain, Chain],
    by: str = "supplier",
    recover_months: Triple | Mapping[str, Triple] = RECOVER_MONTHS,
    most: float = math.inf,
) -> pd.DataFrame:
    """Cut each supplier, country or part in turn, at three levels.

    Parameters
    ----------
    chains : three Chain
        The same chain with stock low, typical and high.
    by : {"supplier", "country", "node"}
        What is cut.
    recover_months : three floats, or mapping of outage to three floats
        Time to recover low, typical, high [months]; an outage without one takes `RECOVER_MONTHS`.
    most : float
        Most that can be lost (all people of a plan): an outage may outlast the roll-out.

    Returns
    -------
    DataFrame
        ``outage, nodes`` and with ``_low, _typical, _high``: ``tts_months`` (by stock),
        ``ttr_months``, ``impact`` (of a plan: people whose sites are not up when supply is back;
        low: most stock and shortest recovery); ``risk_exposure`` (of
        the typical impact, 0 to 1), ``harmless`` (at the typical level), ``harmless_always`` (with
        the least stock and the longest recovery too).
    """
    cut = outages(chains[0], by)
    if isinstance(recover_months, Mapping):
        months = {name: recover_months.get(name, RECOVER_MONTHS) for name in cut}
    else:
        months = dict.fromkeys(cut, recover_months)
    out = pd.DataFrame({"outage": list(cut), "nodes": [tuple(nodes) for nodes in cut.values()]})
    for at, level in enumerate(("low", "typical", "high")):
        # least harm pairs most stock with the shortest recovery
        found = Stress(chains[2 - at]).table(cut, {name: m[at] for name, m in months.items()})
        out[f"ttr_months_{level}"] = found["ttr_months"]
        out[f"impact_{level}"] = found["impact"].clip(upper=most)
        out[f"tts_months_{('high', 'typical', 'low')[at]}"] = found["tts_months"]
        if level == "typical":
            worst = max(float(out["impact_typical"].max()), 1e-9) if len(out) else 1.0
            out["risk_exposure"] = out["impact_typical"] / worst
            out["harmless"] = found["harmless"]
        if level == "high":
            out["harmless_always"] = found["harmless"]
    return out
