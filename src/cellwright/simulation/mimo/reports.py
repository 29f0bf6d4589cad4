"""What a terminal reports: rank, precoder and channel quality that give the highest rate.

3GPP TS 38.214 clause 5.2.2, TS 36.213 clause 7.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, SpectrumError
from cellwright.simulation.link.adaptation import AdaptationTable
from cellwright.simulation.mimo.kernels import Complexes, whiten_kernel
from cellwright.simulation.mimo.lte_codebook import lte_codebook
from cellwright.simulation.mimo.panel import PortPanel
from cellwright.simulation.mimo.precoding import channel_of, check_rank
from cellwright.simulation.mimo.search import (
    beam_power_kernel,
    beam_search_kernel,
    codebook_search_kernel,
    precoded_sinr_kernel,
    scratch,
)
from cellwright.simulation.mimo.type1 import Type1Codebook, type1_codebook

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Slices = tuple[slice, ...]
#: Layers of each codeword by rank: NR TS 38.211 Table 7.3.1.3-1; LTE TS 36.211 Table 6.3.3.2-1.
_NR_WORDS = {5: (2, 3), 6: (3, 3), 7: (3, 4), 8: (4, 4)}
_LTE_WORDS = {2: (1, 1), 3: (1, 2), 4: (2, 2)}


@dataclass(frozen=True, eq=False)
class Report:
    """Channel state one user reports.

    Attributes
    ----------
    rank : int
        Layers.
    precoder_index : tuple of int
        Type I: i1,1, i1,2, i1,3, i2. LTE: place in the codebook of that rank.
    precoder : complex128 [port, layer]
        Power 1 together.
    cqi : tuple of int
        One for each codeword; 0 = out of range.
    sinr : float64 [block, layer]
        SINR of each layer behind MMSE-IRC, a power ratio.
    efficiency : float
        Bits per resource element, all layers, by the CQI table.
    """

    rank: int
    precoder_index: tuple[int, ...]
    precoder: Complex
    cqi: tuple[int, ...]
    sinr: Floats
    efficiency: float


def codewords(rank: int, lte: bool = False) -> Slices:
    """Return which layers each codeword is sent on.

    Examples
    --------
    >>> [(part.start, part.stop) for part in codewords(3, lte=True)]
    [(0, 1), (1, 3)]
    """
    sizes = (_LTE_WORDS if lte else _NR_WORDS).get(rank, (rank,))
    ends = np.cumsum(sizes)
    return tuple(slice(int(end - size), int(end)) for size, end in zip(sizes, ends, strict=True))


@njit(cache=True, nogil=True, error_model="numpy")
def _whiten_blocks(h: Complexes, covariance: Complexes, work: Complexes, out: Complexes) -> None:
    for b in range(h.shape[0]):
        whiten_kernel(h[b], covariance[min(b, covariance.shape[0] - 1)], work, out[b])


def whitened(h: ArrayLike, covariance: ArrayLike) -> Complex:
    """Channel behind the receiver's whitening filter, noise of power 1 [block, receive, port].

    Parameters
    ----------
    h : complex [block, receive, port]
        Channel with the amplitude of the whole transmit power.
    covariance : complex [receive, receive] or [block, receive, receive]
        Noise and interference.

    Raises
    ------
    InputError
        Shapes that do not fit, or a covariance without noise.
    """
    given = channel_of(h)
    colour = np.asarray(covariance, np.complex128)
    colour = colour[None] if colour.ndim == 2 else colour
    size = given.shape[-2]
    if given.ndim != 3 or colour.shape[1:] != (size, size):
        raise InputError(
            f"h is {given.shape} and covariance {colour.shape}; they must be [block, receive, "
            "port] and [receive, receive], or one such matrix for each block."
        )
    if colour.shape[0] not in (1, given.shape[0]):
        raise InputError(
            f"{colour.shape[0]} covariances for {given.shape[0]} blocks: give one, or one each."
        )
    if not (np.einsum("bii->bi", colour).real > 0.0).all():
        raise InputError("A covariance has no noise on its diagonal; add the noise power.")
    out = np.empty_like(given)
    _whiten_blocks(given, colour, np.empty((size, size), np.complex128), out)
    return out


def _quality(sinr: Floats, table: AdaptationTable, lte: bool) -> tuple[tuple[int, ...], float]:
    """CQI of each codeword and the efficiency of all together."""
    found, bits = [], 0.0
    decibels = 10.0 * np.log10(np.maximum(sinr, 1e-3))
    for part in codewords(sinr.shape[1], lte):
        row = int(table.choose(decibels[:, part].reshape(-1)))
        found.append(max(row, 0))
        width = part.stop - part.start
        bits += width * float(table.efficiency[0, row]) if row >= 0 else 0.0
    return tuple(found), bits


def _behind(white: Complex, precoder: Complex) -> Floats:
    rank = precoder.shape[1]
    out = np.empty((white.shape[0], rank))
    precoded_sinr_kernel(white, precoder, *scratch(white.shape[1], rank), out)
    return out


def _best(reports: Sequence[Report]) -> Report:
    return max(reports, key=lambda report: (report.efficiency, -report.rank))


def _search(white: Complex, book: Type1Codebook, keep: int) -> int:
    """Return the best precoder of a rank on these blocks."""
    segments = book.turn.shape[2]
    heff, work = scratch(white.shape[1], book.rank)
    parts = white.reshape(*white.shape[:2], segments, -1)
    response = np.ascontiguousarray(parts @ book.basis.T)
    power = np.empty(book.basis.shape[0])
    beam_power_kernel(response, power)
    group = book.together
    scale = 1.0 / np.sqrt(book.panel.ports * book.rank)
    score = np.empty(len(book) // group)
    best, _ = beam_search_kernel(
        response, power, book.beam, book.turn, group, keep, scale, score, heff, work
    )
    return int(best)


def type1_report(
    h: ArrayLike,
    covariance: ArrayLike,
    panel: PortPanel,
    table: AdaptationTable,
    ranks: Sequence[int] = (1, 2, 3, 4),
    keep: int | None = 8,
    stride: int = 1,
) -> Report:
    """Rank, wideband Type I precoder and CQI of the highest rate.

    Parameters
    ----------
    h : complex [block, receive, port]
        Channel with the amplitude of the whole transmit power; ports in the panel's order.
    covariance : complex [receive, receive] or [block, receive, receive]
        Noise and interference at the receiver.
    panel : PortPanel
        The base station's ports.
    table : AdaptationTable
        From :func:`~cellwright.simulation.link.cqi_adaptation`.
    ranks : sequence of int
        Ranks allowed; those above the receive antennas are left out.
    keep : int, optional
        Beams (i1,1, i1,2) of the highest power that are looked at; None = all.
    stride : int
        Precoders are compared on every so-many-th block only; SINR and CQI use all blocks.

    Returns
    -------
    Report

    Raises
    ------
    SpectrumError
        A number of ports other than the panel's, or no rank that fits.
    InputError
        Shapes that do not fit.

    References
    ----------
    3GPP TS 38.214 clauses 5.2.2.1, 5.2.2.2.1.
    """
    white = whitened(h, covariance)
    if white.shape[2] != panel.ports:
        raise SpectrumError(
            f"h has {white.shape[2]} ports and the panel {panel.ports}: they must be the same. "
            "Choose the panel with panel_of_ports, or combine elements into ports."
        )
    few = np.ascontiguousarray(white[:: max(stride, 1)])
    found = []
    for rank in _fitting(ranks, white):
        book = type1_codebook(panel, rank)
        best = _search(few, book, len(book) if keep is None else keep)
        found.append(_report(white, book.matrices(best), tuple(book.index[best].tolist()), table))
    return _best(found)


def lte_report(
    h: ArrayLike,
    covariance: ArrayLike,
    table: AdaptationTable,
    ranks: Sequence[int] = (1, 2, 3, 4),
) -> Report:
    """Rank, wideband precoder and CQI of LTE closed-loop multiplexing (TM4), 2 or 4 ports.

    Parameters
    ----------
    h, covariance, table, ranks
        As in :func:`type1_report`.

    Raises
    ------
    SpectrumError
        Another number of ports.

    References
    ----------
    3GPP TS 36.213 clauses 7.1.4, 7.2.
    """
    white = whitened(h, covariance)
    found = []
    for rank in _fitting(ranks, white):
        matrices = lte_codebook(white.shape[2], rank)
        best, _ = codebook_search_kernel(white, matrices, *scratch(white.shape[1], rank))
        found.append(_report(white, matrices[best], (int(best),), table, lte=True))
    return _best(found)


def _report(
    white: Complex,
    precoder: Complex,
    index: tuple[int, ...],
    table: AdaptationTable,
    lte: bool = False,
) -> Report:
    sinr = _behind(white, np.ascontiguousarray(precoder))
    cqi, efficiency = _quality(sinr, table, lte)
    return Report(precoder.shape[1], index, precoder, cqi, sinr, efficiency)


def _fitting(ranks: Sequence[int], white: Complex) -> list[int]:
    most = min(white.shape[1:])
    fitting = [rank for rank in ranks if 1 <= rank <= most]
    if not fitting:
        check_rank(min(ranks, default=0), white)
    return fitting
