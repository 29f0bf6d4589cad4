"""Tables of TR 38.901 clauses 7.5 and 7.7 as data: statistics of a scenario, scaling of angles."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InputError, did_you_mean

Edition = Literal["v19", "v16", "v14"]
Floats = NDArray[np.float64]

#: Propagation conditions in the order of the codes in ``LargeScale.condition``.
CONDITIONS = ("los", "nlos", "o2i")
#: Order of the large-scale parameters in correlation matrices (TR 38.901 clause 7.5 step 4).
LARGE_SCALE = ("SF", "K", "DS", "ASD", "ASA", "ZSD", "ZSA")
#: Names of scenarios elsewhere in Cellwright, and what clause 7.5 calls them.
_ALIASES = {"inh-mixed": "inh", "inh-open": "inh", "inh-office": "inh", "inh-optional": "inh"}
#: Below these frequencies [GHz] the statistics stay at them (notes of Table 7.5-6).
_LOWEST_GHZ = {"uma": 6.0, "umi": 2.0, "inh": 6.0}
_SCENARIOS = {
    "v19": ("uma", "umi", "rma", "inh", "sma"),
    "v16": ("uma", "umi", "rma", "inh"),
    "v14": ("uma", "umi"),
}
#: Editions of which only what differs from another is kept.
_AMENDS = {"v14": "v16"}
_FORMULA = re.compile(r"^([-\d.]+)(?: ([+-]) ([\d.]+) log10\((1\+)?f\))?$")


@dataclass(frozen=True, eq=False)
class Statistics:
    """What Table 7.5-6 says of one scenario in one condition at one frequency.

    Attributes
    ----------
    values : dict of str to float
        The table's rows by name (``mu_lgDS``, ``sigma_K``, ...); rows without entry are absent.
    correlation : float64 [7, 7]
        Cross-correlations in the order of ``LARGE_SCALE``.
    root : float64 [7, 7]
        Its lower Cholesky factor.
    """

    values: dict[str, float]
    correlation: Floats
    root: Floats

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def get(self, name: str, default: float = 0.0) -> float:
        """Return a row of the table, or ``default`` where the table has no entry."""
        return self.values.get(name, default)


def scenario_name(scenario: str, edition: Edition = "v19") -> str:
    """Return the scenario as clause 7.5 knows it.

    Raises
    ------
    InputError
        If the edition has no such scenario.

    Examples
    --------
    >>> scenario_name("inh-open"), scenario_name("UMa")
    ('inh', 'uma')
    """
    if edition not in _SCENARIOS:
        raise InputError(f'edition is "{edition}". {did_you_mean(edition, _SCENARIOS)}')
    name = scenario.lower()
    name = _ALIASES.get(name, name.removesuffix("-optional"))
    if name not in _SCENARIOS[edition]:
        raise InputError(
            f'scenario is "{scenario}"; fast fading of edition {edition} knows '
            f"{', '.join(_SCENARIOS[edition])}. {did_you_mean(name, _SCENARIOS[edition])}"
        )
    return name


def lowest_frequency_ghz(scenario: str, frequency_ghz: float) -> float:
    """Return the frequency at which the statistics are read [GHz].

    Examples
    --------
    >>> lowest_frequency_ghz("uma", 3.5), lowest_frequency_ghz("rma", 0.7)
    (6.0, 0.7)
    """
    return max(frequency_ghz, _LOWEST_GHZ.get(scenario, 0.0))


def statistics(
    scenario: str, condition: str, frequency_ghz: float, edition: Edition = "v19"
) -> Statistics:
    """Return the statistics of a scenario and condition at a frequency.

    Parameters
    ----------
    scenario : str
        ``uma``, ``umi``, ``rma``, ``inh`` or ``sma`` (edition v19 only).
    condition : str
        ``los``, ``nlos`` or ``o2i`` (outdoor to indoor; not ``inh``).
    frequency_ghz : float
        Carrier frequency [GHz].
    edition : {"v19", "v16", "v14"}
        TR 38.901 V19.4.0; V16.1.0 as used until Release 18; TR 38.900 V14.0.0, with which the
        companies calibrated in 2016 (``uma`` and ``umi`` only, read second hand).

    Raises
    ------
    InputError
        If the table has no such column.

    References
    ----------
    3GPP TR 38.901, clause 7.5, Table 7.5-6.

    Examples
    --------
    >>> statistics("uma", "los", 6.0)["mu_lgASD"], statistics("rma", "nlos", 0.7)["r_tau"]
    (0.92, 1.7)
    >>> round(statistics("umi", "nlos", 9.0, "v16")["mu_lgDS"], 3)
    -7.07
    >>> [statistics("umi", "o2i", 6.0, each)["cluster_ASA"] for each in ("v14", "v16")]
    [20.0, 8.0]
    """
    name = scenario_name(scenario, edition)
    if condition not in CONDITIONS or (name, condition) == ("inh", "o2i"):
        raise InputError(f'"{name}" has no condition "{condition}" in Table 7.5-6.')
    return _statistics(name, condition, lowest_frequency_ghz(name, frequency_ghz), edition)


@cache
def _statistics(name: str, condition: str, frequency_ghz: float, edition: str) -> Statistics:
    rows = _column(f"{name}_{condition}", edition)
    values = {key: _evaluate(text, frequency_ghz) for key, text in rows.items() if text}
    correlation = np.eye(7)
    for i, first in enumerate(LARGE_SCALE):
        for j, second in enumerate(LARGE_SCALE):
            entry = values.get(f"corr_{first}_{second}")
            if entry is not None:
                correlation[i, j] = correlation[j, i] = entry
    root = np.asarray(np.linalg.cholesky(correlation), dtype=np.float64)
    return Statistics(values, correlation, root)


def _column(column: str, edition: str) -> dict[str, str]:
    """Return a column of an edition's table as written, by the names of its rows."""
    base = _column(column, _AMENDS[edition]) if edition in _AMENDS else {}
    table = read_table(f"parameters_{edition}")
    return base | {row["parameter"]: row[column] for row in table if column in row}


def _evaluate(text: str, frequency_ghz: float) -> float:
    """Return the value of a cell such as ``max(0.25 6.5622 - 3.4084 log10(f))``."""
    if text.startswith("max("):
        floor, formula = text[4:-1].split(" ", 1)
        return max(float(floor), _evaluate(formula, frequency_ghz))
    match = _FORMULA.match(text)
    if match is None:
        raise ValueError(f"cell not understood: {text}")
    constant, sign, slope, one = match.groups()
    if slope is None:
        return float(constant)
    way = float(slope) if sign == "+" else -float(slope)
    return float(constant) + way * math.log10(frequency_ghz + (1.0 if one else 0.0))


@cache
def angle_scaling(clusters: int) -> tuple[float, float]:
    """Return C_phi and C_theta out of sight for a number of clusters (Tables 7.5-2 and 7.5-4).

    Examples
    --------
    >>> angle_scaling(12)
    (1.146, 1.104)
    """
    for row in read_table("scaling"):
        if int(row["clusters"]) == clusters:
            return float(row["c_phi"]), float(row["c_theta"])
    raise InputError(f"Tables 7.5-2 and 7.5-4 have no row for {clusters} clusters.")


def read_table(name: str) -> Iterator[dict[str, str]]:
    """Read a table beside this module, without the comment lines that name its source."""
    text = (files(__package__) / f"{name}.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return iter(csv.DictReader(lines))
