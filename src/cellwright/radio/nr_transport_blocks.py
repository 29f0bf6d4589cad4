"""NR transport block size (3GPP TS 38.214 clause 5.1.3.2), vectorised and exact."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.radio.resource_blocks import SUBCARRIERS_PER_RB
from cellwright.radio.tables import read_table

#: No more resource elements of one block are counted than this (TS 38.214 clause 5.1.3.2).
MOST_RE_PER_PRB = 156
_SMALL_LIMIT = 3824


@cache
def _small_sizes() -> NDArray[np.int64]:
    rows = read_table("nr_tbs_small.csv")
    return np.array([int(row["tbs_bits"]) for row in rows], dtype=np.int64)


def nr_resource_elements(
    resource_blocks: ArrayLike,
    symbols: ArrayLike = 14,
    dmrs_re_per_prb: ArrayLike = 12,
    n_oh: ArrayLike = 0,
) -> NDArray[np.int64]:
    """Return N_RE, the resource elements of an allocation that the size is computed from.

    Parameters
    ----------
    resource_blocks : int or array
        Allocated resource blocks n_PRB.
    symbols : int or array
        Symbols of the allocation in the slot, 1 to 14.
    dmrs_re_per_prb : int or array
        Resource elements of DM-RS in a block, with the CDM groups without data.
    n_oh : int or array
        xOverhead of higher layers: 0, 6, 12 or 18.

    Returns
    -------
    ndarray of int
        min(156, 12 symbols - DMRS - n_oh) n_PRB, broadcast.
    """
    each = SUBCARRIERS_PER_RB * np.asarray(symbols) - np.asarray(dmrs_re_per_prb)
    each = np.clip(each - np.asarray(n_oh), 0, MOST_RE_PER_PRB)
    return np.asarray(each * np.asarray(resource_blocks), dtype=np.int64)


def _small(n_info: NDArray[np.float64]) -> NDArray[np.int64]:
    exponent = np.maximum(3.0, np.floor(np.log2(np.maximum(n_info, 1.0))) - 6.0)
    step = np.exp2(exponent)
    quantised = np.maximum(24.0, step * np.floor(n_info / step))
    sizes = _small_sizes()
    return np.asarray(sizes[np.minimum(np.searchsorted(sizes, quantised), len(sizes) - 1)])


def _large(n_info: NDArray[np.float64], code_rate: NDArray[np.float64]) -> NDArray[np.int64]:
    step = np.exp2(np.floor(np.log2(np.maximum(n_info - 24.0, 1.0))) - 5.0)
    # halves round up here, as in the standard; numpy's own round goes to even
    quantised = np.maximum(3840.0, step * np.floor((n_info - 24.0) / step + 0.5))
    low_rate = np.ceil((quantised + 24.0) / 3816.0)
    high_rate = np.where(quantised > 8424.0, np.ceil((quantised + 24.0) / 8424.0), 1.0)
    blocks = np.where(code_rate <= 0.25, low_rate, high_rate)
    return np.asarray(8.0 * blocks * np.ceil((quantised + 24.0) / (8.0 * blocks)) - 24.0, np.int64)


def tbs_from_resource_elements(
    resource_elements: ArrayLike,
    modulation_order: ArrayLike,
    code_rate: ArrayLike,
    layers: ArrayLike = 1,
    scaling: ArrayLike = 1.0,
) -> NDArray[np.int64]:
    """Return the transport block size [bit] of N_RE resource elements.

    Parameters
    ----------
    resource_elements : int or array
        N_RE, see :func:`nr_resource_elements`.
    modulation_order : int or array
        Bits per symbol Q_m.
    code_rate : float or array
        Target code rate R, 0 to 1.
    layers : int or array
        Spatial layers the block is mapped to, 1 to 4.
    scaling : float or array
        TB scaling S of TS 38.214 Table 5.1.3.2-2 (1, 0.5, 0.25; paging and random access).

    Returns
    -------
    ndarray of int
        Size [bit], broadcast over all inputs; 0 where there are no resource elements.

    References
    ----------
    3GPP TS 38.214, clause 5.1.3.2, steps 2 to 4.
    """
    elements, order, rate, layer, scale = np.broadcast_arrays(
        resource_elements, modulation_order, code_rate, layers, scaling
    )
    rate = rate.astype(np.float64)
    n_info = scale * elements * rate * order * layer
    # R is a multiple of 1/2048 or 1/10240: a product meant to be whole must not fall just below
    n_info = np.where(np.abs(n_info - np.rint(n_info)) < 1e-6, np.rint(n_info), n_info)
    size = np.where(n_info <= _SMALL_LIMIT, _small(n_info), _large(n_info, rate))
    return np.where(elements > 0, size, 0)


def nr_transport_block_size(
    resource_blocks: ArrayLike,
    modulation_order: ArrayLike,
    code_rate: ArrayLike,
    layers: ArrayLike = 1,
    symbols: ArrayLike = 14,
    dmrs_re_per_prb: ArrayLike = 12,
    n_oh: ArrayLike = 0,
    scaling: ArrayLike = 1.0,
) -> NDArray[np.int64]:
    """Return the NR transport block size [bit]; all arguments broadcast.

    Parameters
    ----------
    resource_blocks : int or array
        Allocated resource blocks n_PRB.
    modulation_order : int or array
        Bits per symbol Q_m.
    code_rate : float or array
        Target code rate R, 0 to 1 (the table's value divided by 1024).
    layers : int or array
        Spatial layers.
    symbols : int or array
        Symbols of the allocation in the slot.
    dmrs_re_per_prb : int or array
        Resource elements of DM-RS in a block.
    n_oh : int or array
        xOverhead: 0, 6, 12 or 18.
    scaling : float or array
        TB scaling S.

    Returns
    -------
    ndarray of int
        Size of one transport block [bit].

    References
    ----------
    3GPP TS 38.214, clauses 5.1.3.2 and 6.1.4.2.

    Examples
    --------
    >>> int(nr_transport_block_size(11, 8, 0.9, layers=4, symbols=12, dmrs_re_per_prb=6))
    44040
    >>> nr_transport_block_size([6, 11], 2, 0.1, symbols=12, dmrs_re_per_prb=6).tolist()
    [160, 304]
    """
    elements = nr_resource_elements(resource_blocks, symbols, dmrs_re_per_prb, n_oh)
    return tbs_from_resource_elements(elements, modulation_order, code_rate, layers, scaling)
