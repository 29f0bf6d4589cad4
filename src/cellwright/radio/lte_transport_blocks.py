"""LTE transport block size (3GPP TS 36.213 clause 7.1.7.2), vectorised."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import SpectrumError
from cellwright.radio.tables import read_table

#: Layers of each of the two codewords by the number of layers (TS 36.211 Table 6.3.3.2-1).
LAYERS_BY_CODEWORD = {1: (1,), 2: (1, 1), 3: (1, 2), 4: (2, 2)}
_MOST_BLOCKS = 110


@cache
def _one_layer() -> NDArray[np.int64]:
    rows = read_table("lte_tbs.csv")
    return np.array(
        [[int(row[str(n)]) for n in range(1, _MOST_BLOCKS + 1)] for row in rows], dtype=np.int64
    )


@cache
def _two_layers() -> NDArray[np.int64]:
    """Sizes on two layers [I_TBS, N_PRB]: twice the blocks up to 55, the translation above."""
    rows = read_table("lte_tbs_two_layers.csv")
    translate = {int(row["one_layer_bits"]): int(row["two_layers_bits"]) for row in rows}
    one = _one_layer()
    half = _MOST_BLOCKS // 2
    above = np.vectorize(translate.__getitem__, otypes=[np.int64])(one[:, half:])
    return np.concatenate([one[:, 1::2], above], axis=1)


def lte_transport_block_size(
    i_tbs: ArrayLike, resource_blocks: ArrayLike, layers: int = 1
) -> NDArray[np.int64]:
    """Return the size of one LTE transport block (codeword) [bit]; arrays broadcast.

    Parameters
    ----------
    i_tbs : int or array
        Transport block size index 0 to 33; above 26 with 256QAM only.
    resource_blocks : int or array
        Allocated resource blocks, 1 to 110.
    layers : int
        Layers the block is mapped to, 1 or 2.

    Returns
    -------
    ndarray of int
        Size [bit] of a subframe of 1 ms.

    Raises
    ------
    SpectrumError
        If an index is outside the tables.

    Notes
    -----
    The rows 26A, 32A, 33A and above 33 of later releases, and blocks on three or four layers
    (eight-antenna transmission), are not kept.

    References
    ----------
    3GPP TS 36.213 V12, Tables 7.1.7.2.1-1 and 7.1.7.2.2-1.

    Examples
    --------
    >>> int(lte_transport_block_size(26, 100)), int(lte_transport_block_size(26, 100, layers=2))
    (75376, 149776)
    """
    index, blocks = np.broadcast_arrays(np.asarray(i_tbs), np.asarray(resource_blocks))
    table = _one_layer()
    if layers not in (1, 2):
        raise SpectrumError(f"An LTE block on {layers} layers: 1 or 2 are allowed.")
    if index.size and (index.min() < 0 or index.max() >= len(table)):
        raise SpectrumError(f"I_TBS {index.min()} to {index.max()}: 0 to 33 are allowed.")
    if index.size and (blocks.min() < 1 or blocks.max() > _MOST_BLOCKS):
        raise SpectrumError(f"{blocks.min()} to {blocks.max()} blocks: 1 to 110 are allowed.")
    sizes = table if layers == 1 else _two_layers()
    return np.asarray(sizes[index, blocks - 1])


def lte_subframe_bits(
    i_tbs: ArrayLike, resource_blocks: ArrayLike, layers: int = 1
) -> NDArray[np.int64]:
    """Return the bits all codewords carry in a subframe of 1 ms, the same index on each.

    Parameters
    ----------
    i_tbs, resource_blocks : int or array
        As in :func:`lte_transport_block_size`.
    layers : int
        Spatial layers 1 to 4: from two on there are two codewords.

    Returns
    -------
    ndarray of int
        Bits a millisecond.

    Examples
    --------
    >>> int(lte_subframe_bits(26, 100, layers=2)), int(lte_subframe_bits(26, 100, layers=4))
    (150752, 299552)
    """
    if layers not in LAYERS_BY_CODEWORD:
        raise SpectrumError(f"LTE with {layers} layers: 1 to 4 are allowed.")
    words = [
        lte_transport_block_size(i_tbs, resource_blocks, n) for n in LAYERS_BY_CODEWORD[layers]
    ]
    return np.asarray(np.sum(words, axis=0), dtype=np.int64)
