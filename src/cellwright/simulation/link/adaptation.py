"""Link adaptation: the CQI a terminal reports and the MCS a base station picks.

Both pick the highest row whose block error rate stays within the target at the effective SINR, TS
38.214 clause 5.2.2.1 and TS 36.213 clause 7.2.3. Thresholds are found once for each block size;
then a choice is a comparison of mean mutual information.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, SpectrumError
from cellwright.radio import (
    cqi_table,
    lte_transport_block_size,
    mcs_table,
    nr_transport_block_size,
)
from cellwright.simulation.link.bicm import information_tables, table_kernel
from cellwright.simulation.link.block_error import Code, transport_error_kernel
from cellwright.simulation.link.effective import add_information_kernel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_LOWEST_DB, _HIGHEST_DB = -30.0, 55.0


@dataclass(frozen=True, eq=False)
class AdaptationTable:
    """What every row of a CQI or MCS table needs, by block size.

    Attributes
    ----------
    name : str
        Such as "nr-256qam".
    code : {"ldpc", "turbo"}
    target_error : float
        Block error rate a choice must keep.
    symbols : float64 [size]
        Modulation symbols of the block: data elements times layers.
    order : int64 [row]
        Bits per symbol.
    bits : float64 [size, row]
        Transport block [bit].
    threshold_db : float64 [size, row]
        Lowest effective SINR that keeps the target [dB]; infinite where none does.
    threshold_information : float64 [size, row]
        Information a symbol carries there [bit].
    """

    name: str
    code: Code
    target_error: float
    symbols: Floats
    order: Integers
    bits: Floats
    threshold_db: Floats
    threshold_information: Floats

    def __len__(self) -> int:
        return self.order.size

    def choose(self, sinr_db: ArrayLike, size: int = 0, offset_db: ArrayLike = 0.0) -> Integers:
        """Highest row within the target error, -1 where there is none.

        Parameters
        ----------
        sinr_db : float or array [..., resource]
            SINR of the block's resources [dB]: blocks and layers in one axis.
        size : int
            Which block size, an index of ``symbols``.
        offset_db : float or array [...]
            Correction of the outer loop, added to every SINR [dB].

        Returns
        -------
        int64 [...]
        """
        given = np.atleast_1d(np.asarray(sinr_db, np.float64))
        shift = np.broadcast_to(np.asarray(offset_db, np.float64), given.shape[:-1])
        if not 0 <= size < self.symbols.size:
            raise InputError(
                f"Block size {size} of table {self.name}: it holds sizes 0 to "
                f"{self.symbols.size - 1}. Make the table for more sizes."
            )
        rows = np.empty(shift.size, np.int64)
        flat = np.ascontiguousarray(given).reshape(shift.size, given.shape[-1])
        tables = information_tables()
        limit = self.threshold_information[size]
        _choose(flat, shift.reshape(-1), limit, self.order, tables, rows)
        return rows.reshape(shift.shape)

    @property
    def efficiency(self) -> Floats:
        """Bits per symbol [size, row], before errors."""
        return np.asarray(self.bits / self.symbols[:, None])


@njit(cache=True, nogil=True, error_model="numpy")
def choose_kernel(information: Floats, threshold_information: Floats, order: Integers) -> int:
    """Highest row whose modulation carries enough, -1 for none.

    Parameters
    ----------
    information : float64 [5]
        Mean information of a symbol under each modulation [bit], from
        :func:`~cellwright.simulation.link.effective.add_information_kernel`.
    threshold_information, order : float64 [row], int64 [row]
        One size of an :class:`AdaptationTable`.
    """
    for row in range(order.size - 1, -1, -1):
        if information[order[row] // 2 - 1] >= threshold_information[row]:
            return row
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def _choose(
    sinr_db: Floats,
    offset_db: Floats,
    threshold: Floats,
    order: Integers,
    tables: Floats,
    out: Integers,
) -> None:
    mean = np.empty(tables.shape[0])
    for i in range(sinr_db.shape[0]):
        mean[:] = 0.0
        for j in range(sinr_db.shape[1]):
            add_information_kernel(sinr_db[i, j] + offset_db[i], tables, mean)
        mean /= max(sinr_db.shape[1], 1)
        out[i] = choose_kernel(mean, threshold, order)


@njit(cache=True, nogil=True, error_model="numpy")
def threshold_kernel(
    modulation_order: int,
    symbols: float,
    transport_bits: float,
    turbo: bool,
    target_error: float,
    tables: Floats,
) -> float:
    """Lowest SINR [dB] at which a transport block keeps the target error; infinite if none."""
    low, high = _LOWEST_DB, _HIGHEST_DB
    if transport_bits <= 0.0:
        return math.inf
    at_best = transport_error_kernel(high, modulation_order, symbols, transport_bits, turbo, tables)
    if not at_best <= target_error:
        return math.inf
    while high - low > 1e-6:
        middle = 0.5 * (low + high)
        error = transport_error_kernel(
            middle, modulation_order, symbols, transport_bits, turbo, tables
        )
        if error > target_error:
            low = middle
        else:
            high = middle
    return high


@njit(cache=True, nogil=True, error_model="numpy")
def _thresholds(
    order: Integers, symbols: Floats, bits: Floats, turbo: bool, target: float, tables: Floats
) -> tuple[Floats, Floats]:
    limit, carried = np.empty(bits.shape), np.empty(bits.shape)
    for i in range(bits.shape[0]):
        for row in range(order.size):
            at = threshold_kernel(order[row], symbols[i], bits[i, row], turbo, target, tables)
            limit[i, row] = at
            known = math.isfinite(at)
            carried[i, row] = (
                table_kernel(at, order[row] // 2 - 1, 0, tables) if known else math.inf
            )
    return limit, carried


def adaptation_table(
    name: str,
    modulation_order: ArrayLike,
    symbols: ArrayLike,
    transport_bits: ArrayLike,
    code: Code = "ldpc",
    target_error: float = 0.1,
) -> AdaptationTable:
    """Find what the rows of any table need.

    Parameters
    ----------
    name : str
        What to call it.
    modulation_order : int [row]
        Bits per symbol.
    symbols : float [size]
        Modulation symbols of a block.
    transport_bits : float [size, row]
        Transport block size [bit].
    code : {"ldpc", "turbo"}
        Channel code.
    target_error : float
        Block error rate, 0 to 1.

    Raises
    ------
    InputError
        Target or number of symbols out of range.
    """
    if not 0.0 < target_error < 1.0:
        raise InputError(
            f"target_error is {target_error:g}; it must lie between 0 and 1, such as 0.1."
        )
    count = np.atleast_1d(np.asarray(symbols, np.float64))
    if count.size == 0 or not (np.isfinite(count) & (count > 0.0)).all():
        raise InputError(
            f"A block of {count.min(initial=0.0):g} symbols carries nothing: give at least one "
            "data element for every size."
        )
    order = np.asarray(modulation_order, np.int64)
    bits = np.ascontiguousarray(
        np.broadcast_to(np.asarray(transport_bits, np.float64), (count.size, order.size))
    )
    limit, carried = _thresholds(
        order, count, bits, code == "turbo", float(target_error), information_tables()
    )
    return AdaptationTable(name, code, float(target_error), count, order, bits, limit, carried)


def cqi_adaptation(
    name: str = "nr-64qam", elements: ArrayLike = 2000.0, target_error: float | None = None
) -> AdaptationTable:
    """Thresholds of a CQI table for blocks of so many resource elements.

    Parameters
    ----------
    name : str
        "nr-64qam", "nr-256qam", "nr-64qam-low-se", "lte-64qam", "lte-256qam".
    elements : float or array [size]
        Data elements of the CSI reference resource.
    target_error : float, optional
        Default: what the table is defined at, 0.1, and 1e-5 for "nr-64qam-low-se".

    Returns
    -------
    AdaptationTable
        Row = CQI; row 0, out of range, is always met.

    References
    ----------
    3GPP TS 38.214 clause 5.2.2.1, Tables 5.2.2.1-2 to -4; TS 36.213 clause 7.2.3.

    Examples
    --------
    >>> table = cqi_adaptation("nr-64qam")
    >>> table.threshold_db[0, [1, 7, 15]].round(1).tolist()
    [-7.9, 4.2, 19.6]
    >>> int(table.choose([12.0, 12.0]))
    11
    """
    table = cqi_table(name)
    default = 1e-5 if name == "nr-64qam-low-se" else 0.1
    count = np.atleast_1d(np.asarray(elements, np.float64))
    order = np.where(table.modulation_order < 2, 2, table.modulation_order)
    bits = count[:, None] * table.spectral_efficiency
    code: Code = "turbo" if name.startswith("lte") else "ldpc"
    found = adaptation_table(name, order, count, bits, code, target_error or default)
    found.threshold_db[:, 0] = found.threshold_information[:, 0] = -math.inf
    return found


def mcs_adaptation(
    name: str,
    resource_blocks: ArrayLike,
    layers: int = 1,
    data_per_block: int = 144,
    target_error: float = 0.1,
) -> AdaptationTable:
    """Thresholds of an MCS table with the standard's transport block sizes.

    Parameters
    ----------
    name : str
        One of :data:`cellwright.radio.MCS_TABLES`.
    resource_blocks : int or array [size]
        Resource blocks of the allocation.
    layers : int
        Spatial layers the block is spread over.
    data_per_block : int
        Data elements of a resource block in the slot or subframe.
    target_error : float
        Block error rate of the first transmission.

    Raises
    ------
    SpectrumError
        LTE codewords on more than two layers, NR on more than four; unknown table.

    Examples
    --------
    >>> table = mcs_adaptation("nr-256qam", [10, 273], layers=2)
    >>> int(table.bits[1, 27]), int(table.choose([20.0], size=1))
    (590128, 21)
    """
    table, lte = mcs_table(name), name.startswith("lte")
    most = 2 if lte else 4
    if not 1 <= layers <= most:
        raise SpectrumError(
            f"One codeword of {name} on {layers} layers: 1 to {most} are allowed. "
            "Give each codeword its own table."
        )
    blocks = np.atleast_1d(np.asarray(resource_blocks, np.int64))
    if lte:
        known = table.i_tbs >= 0
        order = table.modulation_order[known]
        bits = lte_transport_block_size(table.i_tbs[known], blocks[:, None], layers)
    else:
        order = table.modulation_order
        bits = nr_transport_block_size(
            blocks[:, None],
            order,
            table.code_rate,
            layers,
            symbols=14,
            dmrs_re_per_prb=168 - data_per_block,
        )
    symbols = blocks * float(data_per_block * layers)
    code: Code = "turbo" if lte else "ldpc"
    return adaptation_table(name, order, symbols, bits, code, target_error)
