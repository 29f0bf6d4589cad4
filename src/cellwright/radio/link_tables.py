"""MCS and CQI tables (3GPP TS 38.214 clauses 5.1.3.1, 5.2.2.1, 6.1.4.1; TS 36.213 clause 7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import SpectrumError, did_you_mean
from cellwright.radio.tables import read_table, table_source

_FILES = MappingProxyType(
    {
        "nr-64qam": "nr_mcs_64qam.csv",
        "nr-256qam": "nr_mcs_256qam.csv",
        "nr-64qam-low-se": "nr_mcs_64qam_low_se.csv",
        "nr-transform-64qam": "nr_mcs_transform_64qam.csv",
        "nr-transform-64qam-low-se": "nr_mcs_transform_64qam_low_se.csv",
        "lte-64qam": "lte_mcs_64qam.csv",
        "lte-256qam": "lte_mcs_256qam.csv",
        "lte-uplink": "lte_mcs_uplink.csv",
    }
)
_CQI_FILES = MappingProxyType(
    {
        "nr-64qam": "nr_cqi_64qam.csv",
        "nr-256qam": "nr_cqi_256qam.csv",
        "nr-64qam-low-se": "nr_cqi_64qam_low_se.csv",
        "lte-64qam": "lte_cqi_64qam.csv",
        "lte-256qam": "lte_cqi_256qam.csv",
    }
)
#: Names :func:`mcs_table` knows.
MCS_TABLES = tuple(_FILES)
#: Names :func:`cqi_table` knows.
CQI_TABLES = tuple(_CQI_FILES)


@dataclass(frozen=True, eq=False)
class McsTable:
    """A table of modulation and coding schemes; row = MCS index.

    Attributes
    ----------
    name : str
        Such as "nr-256qam".
    source : str
        Document, edition and table.
    modulation_order : ndarray of int [mcs]
        Bits per symbol: 2, 4, 6 or 8.
    code_rate : ndarray of float [mcs]
        Target code rate 0 to 1; NaN in LTE, where the TBS index fixes it.
    i_tbs : ndarray of int [mcs]
        LTE transport block size index; -1 in NR.
    """

    name: str
    source: str
    modulation_order: NDArray[np.int64]
    code_rate: NDArray[np.float64]
    i_tbs: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.modulation_order)

    @property
    def spectral_efficiency(self) -> NDArray[np.float64]:
        """Bits per resource element and layer: modulation order times code rate."""
        return self.modulation_order * self.code_rate


@dataclass(frozen=True, eq=False)
class CqiTable:
    """A table of channel quality indicators; row 0 means out of range.

    Attributes
    ----------
    name, source : str
        As in :class:`McsTable`.
    modulation_order : ndarray of int [cqi]
        Bits per symbol.
    code_rate : ndarray of float [cqi]
        Code rate, 0 to 1.
    """

    name: str
    source: str
    modulation_order: NDArray[np.int64]
    code_rate: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.modulation_order)

    @property
    def spectral_efficiency(self) -> NDArray[np.float64]:
        """Bits per resource element and layer."""
        return self.modulation_order * self.code_rate


def _source(file: str) -> str:
    head = table_source(file)
    return f"{head['document']} {head['edition']}, Table {head['table']}"


def _integers(file: str, column: str) -> NDArray[np.int64]:
    rows = read_table(file)
    values = np.array([int(row.get(column) or -1) for row in rows], dtype=np.int64)
    values.setflags(write=False)
    return values


def _rates(file: str) -> NDArray[np.float64]:
    cells = [row.get("code_rate_x1024") for row in read_table(file)]
    values = np.array([float(cell) / 1024.0 if cell else np.nan for cell in cells])
    values.setflags(write=False)
    return values


@cache
def mcs_table(name: str) -> McsTable:
    """Return a table of modulation and coding schemes.

    Parameters
    ----------
    name : str
        One of :data:`MCS_TABLES`: "nr-64qam", "nr-256qam", "nr-64qam-low-se" (PDSCH, and PUSCH
        without transform precoding), "nr-transform-64qam", "nr-transform-64qam-low-se",
        "lte-64qam", "lte-256qam" (PDSCH), "lte-uplink" (PUSCH).

    Returns
    -------
    McsTable

    Raises
    ------
    SpectrumError
        If there is no such table.

    References
    ----------
    3GPP TS 38.214 Tables 5.1.3.1-1 to -3, 6.1.4.1-1, -2; TS 36.213 Tables 7.1.7.1-1, -1A, 8.6.1-1.

    Examples
    --------
    >>> table = mcs_table("nr-256qam")
    >>> len(table), int(table.modulation_order[27]), float(table.spectral_efficiency[27])
    (28, 8, 7.40625)
    """
    if name not in _FILES:
        raise SpectrumError(f'There is no MCS table "{name}". {did_you_mean(name, _FILES)}')
    file = _FILES[name]
    orders = _integers(file, "modulation_order")
    return McsTable(name, _source(file), orders, _rates(file), _integers(file, "i_tbs"))


@cache
def cqi_table(name: str) -> CqiTable:
    """Return a table of channel quality indicators.

    Parameters
    ----------
    name : str
        One of :data:`CQI_TABLES`.

    Raises
    ------
    SpectrumError
        If there is no such table.

    References
    ----------
    3GPP TS 38.214 Tables 5.2.2.1-2 to -4; TS 36.213 Tables 7.2.3-1, -2.

    Examples
    --------
    >>> round(float(cqi_table("nr-64qam").spectral_efficiency[15]), 4)
    5.5547
    """
    if name not in _CQI_FILES:
        raise SpectrumError(f'There is no CQI table "{name}". {did_you_mean(name, _CQI_FILES)}')
    file = _CQI_FILES[name]
    return CqiTable(name, _source(file), _integers(file, "modulation_order"), _rates(file))
