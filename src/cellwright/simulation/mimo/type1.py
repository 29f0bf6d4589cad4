"""Type I single-panel codebook, mode 1, 2 to 32 ports, ranks 1 to 8 (TS 38.214 5.2.2.2.1).

Every column of every precoder is one beam seen by the segments of the panel (two polarisations;
for ranks 3 and 4 from 16 ports on, also two halves), each turned by a phase. A codebook is kept in
that form: it is small, and a search can work on the beams' responses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import SpectrumError
from cellwright.simulation.mimo.panel import PortPanel
from cellwright.simulation.mimo.tables import read_codebook_table

Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]
#: Rank from which the standard asks for at least so many ports.
_LEAST_PORTS = {1: 2, 2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 8: 8}
_Column = tuple[int, tuple[complex, ...]]


@dataclass(frozen=True, eq=False)
class Type1Codebook:
    """All precoders of one rank.

    Attributes
    ----------
    panel : PortPanel
    rank : int
    index : int64 [precoder, 4]
        i1,1, i1,2, i1,3 and i2; 0 where the standard has none.
    basis : complex128 [beam, element]
        Beams of a segment, elements of size 1.
    beam : int64 [precoder, layer]
        Beam of each column.
    turn : complex128 [precoder, layer, segment]
        Phase of each segment.
    """

    panel: PortPanel
    rank: int
    index: Integers
    basis: Complex
    beam: Integers
    turn: Complex

    def __len__(self) -> int:
        return int(self.beam.shape[0])

    @cached_property
    def together(self) -> int:
        """Precoders that share i1,1 and i1,2; they stand side by side."""
        return int((self.index[:, :2] == self.index[0, :2]).all(axis=1).sum())

    def matrices(self, which: ArrayLike | None = None) -> Complex:
        """Precoders [..., port, layer], power 1 together; ``which`` picks some, None = all."""
        chosen = np.arange(len(self)) if which is None else np.asarray(which)
        beams = self.basis[self.beam[chosen]]
        parts = self.turn[chosen][..., :, None] * beams[..., None, :]
        columns = parts.reshape(*parts.shape[:-2], -1)
        return np.asarray(columns.swapaxes(-1, -2) / np.sqrt(self.panel.ports * self.rank))


@lru_cache(maxsize=64)
def type1_codebook(panel: PortPanel, rank: int) -> Type1Codebook:
    """Return the Type I single-panel codebook of a panel and rank.

    Parameters
    ----------
    panel : PortPanel
        From :func:`~cellwright.simulation.mimo.port_panel`.
    rank : int
        Layers, 1 to 8; at most as many as ports; from 5 on at least 8 ports.

    Raises
    ------
    SpectrumError
        A rank the panel has no codebook for.

    References
    ----------
    3GPP TS 38.214 clause 5.2.2.2.1, Tables 5.2.2.2.1-1 and -5 to -12, codebookMode 1.

    Examples
    --------
    >>> from cellwright.simulation.mimo import port_panel
    >>> len(type1_codebook(port_panel(4, 1), 1)), len(type1_codebook(port_panel(8, 2), 2))
    (64, 2048)
    >>> type1_codebook(port_panel(1), 2).matrices(1).round(1).tolist()
    [[(0.5+0j), (0.5+0j)], [0.5j, -0.5j]]
    """
    if rank not in _LEAST_PORTS or panel.ports < max(_LEAST_PORTS[rank], rank):
        most = max(r for r, least in _LEAST_PORTS.items() if panel.ports >= max(least, r))
        raise SpectrumError(
            f"Rank {rank} on a panel of {panel.ports} ports: the Type I codebook has ranks 1 to "
            f"{most}. Lower the rank or use more ports."
        )
    if rank in (3, 4) and panel.ports >= 16:
        rows, basis = _halves(panel, rank), panel.half_grid()
    else:
        rows, basis = _pairs(panel, rank), panel.grid()
    index = np.array([i for i, _ in rows], np.int64)
    beam = np.array([[column[0] for column in columns] for _, columns in rows], np.int64)
    turn = np.array([[column[1] for column in columns] for _, columns in rows], np.complex128)
    for array in (index, basis, beam, turn):
        array.setflags(write=False)
    return Type1Codebook(panel, rank, index, basis, beam, turn)


def _phase(eighths: int) -> complex:
    """Return exp(j pi k / 4), exact on the axes."""
    half = np.sqrt(0.5)
    exact = (1.0, half + half * 1j, 1j, -half + half * 1j)[eighths % 4]
    return complex(exact if eighths % 8 < 4 else -exact)


def _halves(panel: PortPanel, rank: int) -> list[tuple[tuple[int, ...], list[_Column]]]:
    """Ranks 3 and 4 from 16 ports on: one beam of half the columns, halves turned by theta."""
    rows: list[tuple[tuple[int, ...], list[_Column]]] = []
    reach = (panel.n1 * panel.o1 // 2, panel.n2 * panel.o2, 4, 2)
    for i11, i12, i13, i2 in product(*map(range, reach)):
        beam = i11 * panel.n2 * panel.o2 + i12
        theta, phi = _phase(i13), _phase(2 * i2)
        signs = ((1, 1), (-1, 1), (1, -1), (-1, -1))[:rank]
        columns: list[_Column] = [
            (beam, (1.0, a * theta, b * phi, a * b * phi * theta)) for a, b in signs
        ]
        rows.append(((i11, i12, i13, i2), columns))
    return rows


def _pairs(panel: PortPanel, rank: int) -> list[tuple[tuple[int, ...], list[_Column]]]:
    """All other ranks: each beam on both polarisations, in and out of phase."""
    rows: list[tuple[tuple[int, ...], list[_Column]]] = []
    across, up = panel.n1 * panel.o1, panel.n2 * panel.o2
    if rank >= 7 and panel.n1 == 4 and panel.n2 == 1:
        across //= 2
    if rank >= 7 and panel.n2 == 2 and panel.n1 > 2:
        up //= 2
    for i11, i12 in product(range(across), range(up)):
        for i13, steps in enumerate(_steps(panel, rank)):
            beams = [
                int(panel.beam(i11 + a * panel.o1, i12 + b * panel.o2)) for a, b in ((0, 0), *steps)
            ]
            for i2 in range(4 if rank == 1 else 2):
                rows.append(((i11, i12, i13, i2), _columns(rank, beams, _phase(2 * i2))))
    return rows


def _steps(panel: PortPanel, rank: int) -> list[tuple[tuple[int, int], ...]]:
    """Further beams of a precoder, in steps of the oversampling, for each value of i1,3."""
    if rank == 1:
        return [()]
    if panel.ports == 2:
        return [((0, 0),)]
    if rank <= 4:
        table = read_codebook_table("nr_type1_second_beam.csv")
        key = (panel.n1, panel.n2, min(rank, 3))
        return [
            ((row["steps1"], row["steps2"]),)
            for row in table
            if (row["n1"], row["n2"], row["rank"]) == key
        ]
    if panel.n2 == 1:
        return [((1, 0), (2, 0), (3, 0))]
    return [((1, 0), (1, 1))] if rank <= 6 else [((1, 0), (0, 1), (1, 1))]


def _columns(rank: int, beams: list[int], phi: complex) -> list[_Column]:
    """Columns in the standard's order; beams: first, second (third, fourth)."""
    plus: tuple[complex, ...] = (1.0, phi)
    minus: tuple[complex, ...] = (1.0, -phi)
    if rank == 1:
        return [(beams[0], plus)]
    if rank == 2:
        return [(beams[0], plus), (beams[1], minus)]
    if rank <= 4:
        both = [(beams[0], plus), (beams[1], plus), (beams[0], minus), (beams[1], minus)]
        return both[:rank]
    one: tuple[complex, ...] = (1.0, 1.0)
    other: tuple[complex, ...] = (1.0, -1.0)
    first = [(beams[0], plus), (beams[0], minus)]
    if rank == 5:
        return [*first, (beams[1], one), (beams[1], other), (beams[2], one)]
    second = [(beams[1], plus), (beams[1], minus)] if rank != 7 else [(beams[1], plus)]
    third = [(beams[2], one), (beams[2], other)]
    last = [(beams[3], one), (beams[3], other)] if rank >= 7 else []
    return [*first, *second, *third, *last]
