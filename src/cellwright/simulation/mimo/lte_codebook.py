"""LTE codebooks of 2 and 4 antenna ports (TS 36.211 clause 6.3.4.2.3)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import SpectrumError
from cellwright.simulation.mimo.tables import read_codebook_table

Complex = NDArray[np.complex128]
_LAYERS = ("one", "two", "three", "four")


def _two_ports(rank: int) -> Complex:
    """Table 6.3.4.2.3-1 for closed loop: two layers have no index 0 there."""
    turns = np.array([1.0, -1.0, 1.0j, -1.0j])
    if rank == 1:
        both = np.stack([np.ones(4), turns], axis=1)[:, :, None] / np.sqrt(2.0)
        return np.asarray(both, np.complex128)
    return np.array([[[1, 1], [1, -1]], [[1, 1], [1j, -1j]]], np.complex128) / 2.0


def _four_ports(rank: int) -> Complex:
    out = []
    for row in read_codebook_table("lte_codebook_4tx.csv"):
        u = np.exp(0.25j * np.pi * np.array([row[f"u{i}"] for i in (1, 2, 3, 4)]))
        whole = np.eye(4) - 2.0 * np.outer(u, u.conj()) / np.vdot(u, u).real
        columns = [int(digit) - 1 for digit in str(row[_LAYERS[rank - 1]])]
        out.append(whole[:, columns] / np.sqrt(rank))
    return np.array(out)


@cache
def lte_codebook(ports: int, rank: int) -> Complex:
    """Return the precoders for closed-loop spatial multiplexing.

    Parameters
    ----------
    ports : int
        2 or 4.
    rank : int
        Layers, 1 to the number of ports.

    Returns
    -------
    complex128 [precoder, port, layer]
        Power 1 together. Two ports and two layers: codebook indices 1 and 2.

    Raises
    ------
    SpectrumError
        Other ports or ranks.

    References
    ----------
    3GPP TS 36.211 Tables 6.3.4.2.3-1, 6.3.4.2.3-2.

    Examples
    --------
    >>> lte_codebook(2, 1)[3, :, 0].round(3).tolist()
    [(0.707+0j), (-0-0.707j)]
    >>> lte_codebook(4, 2).shape
    (16, 4, 2)
    """
    if ports not in (2, 4) or not 1 <= rank <= ports:
        raise SpectrumError(
            f"LTE precoding of {rank} layers over {ports} ports: 2 or 4 ports, and 1 layer to as "
            "many as ports."
        )
    found = _two_ports(rank) if ports == 2 else _four_ports(rank)
    found.setflags(write=False)
    return found
