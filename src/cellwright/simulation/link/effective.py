"""Effective SINR of a block over many resources: mutual information mapping (MIESM).

Resources (resource blocks, layers, symbols) that carry one code block are replaced by the one SINR
whose bit-interleaved information equals their mean.

K. Brueninghaus et al., Link performance models for system level simulations of broadband radio
access systems, IEEE PIMRC 2005; L. Wan, S. Tsai, M. Almgren, A fading-insensitive performance
metric for a unified link quality model, IEEE WCNC 2006.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.simulation.link.bicm import (
    FIRST_DB,
    POINTS,
    STEP_DB,
    information_kernel,
    mutual_information,
    snr_from_information,
    snr_from_information_kernel,
)

Floats = NDArray[np.float64]
_DB = 10.0 / math.log(10.0)


def effective_sinr_db(
    sinr_db: ArrayLike, modulation_order: int, axis: int | tuple[int, ...] | None = -1
) -> Floats:
    """SINR [dB] of a flat channel that carries as much as these resources do on average.

    Parameters
    ----------
    sinr_db : array
        SINR of every resource [dB]; minus infinity where there is none.
    modulation_order : int
        Bits per symbol of the block.
    axis : int or tuple of int, optional
        Axes of the resources: blocks, layers; None = all.

    Returns
    -------
    array
        The other axes; between -30 and 55 dB, the ends of the table.

    Raises
    ------
    SpectrumError
        Another modulation order.

    Examples
    --------
    >>> float(effective_sinr_db([5.0, 5.0], 4).round(6))
    5.0
    >>> float(effective_sinr_db([0.0, 20.0], 2).round(1))  # QPSK wastes the good half
    3.3
    """
    mean = np.mean(mutual_information(sinr_db, modulation_order), axis=axis)
    return snr_from_information(mean, modulation_order)


@njit(cache=True, nogil=True, error_model="numpy")
def sinr_db_kernel(ratio: float) -> float:
    """Decibels of a power ratio; the start of the tables for nothing at all."""
    return _DB * math.log(ratio) if ratio > 1e-3 else FIRST_DB


@njit(cache=True, nogil=True, error_model="numpy")
def effective_sinr_kernel(sinr_db: Floats, modulation_order: int, tables: Floats) -> float:
    """:func:`effective_sinr_db` of one block: ``sinr_db`` float [resource]."""
    total = 0.0
    for i in range(sinr_db.size):
        total += information_kernel(sinr_db[i], modulation_order, tables)
    return snr_from_information_kernel(total / max(sinr_db.size, 1), modulation_order, tables)


@njit(cache=True, nogil=True, error_model="numpy")
def add_information_kernel(sinr_db: float, tables: Floats, out: Floats) -> None:
    """Add what one resource carries under every modulation to ``out`` float64 [order].

    Call it for every resource of a block and divide by their number: the mean information that
    :func:`~cellwright.simulation.link.adaptation.choose_kernel` takes. One table place serves all
    five modulations.
    """
    place = (sinr_db - FIRST_DB) * (1.0 / STEP_DB)
    place = min(max(place, 0.0), POINTS - 1.000001) if place > 0.0 else 0.0
    low = int(place)
    t = place - low
    square, cube = t * t, t * t * t
    a, b = 1.0 - 3.0 * square + 2.0 * cube, t - 2.0 * square + cube
    c, d = 3.0 * square - 2.0 * cube, cube - square
    for row in range(out.size):
        out[row] += (
            a * tables[row, low, 0]
            + b * tables[row, low, 1]
            + c * tables[row, low + 1, 0]
            + d * tables[row, low + 1, 1]
        )
