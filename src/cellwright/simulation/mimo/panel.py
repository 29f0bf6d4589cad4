"""The antenna panel a codebook is made for, and its grid of DFT beams (TS 38.214 5.2.2.2.1).

Ports are numbered as the standard does: polarisation slowest, then column (N1), then row (N2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, SpectrumError
from cellwright.simulation.mimo.tables import read_codebook_table

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class PortPanel:
    """Ports of a single panel with two polarisations.

    Attributes
    ----------
    n1, n2 : int
        Ports side by side and one above another, of one polarisation.
    o1, o2 : int
        Oversampling of the beams in either direction.
    """

    n1: int
    n2: int
    o1: int
    o2: int

    @property
    def ports(self) -> int:
        """CSI-RS ports of both polarisations."""
        return 2 * self.n1 * self.n2

    @property
    def beams(self) -> int:
        """Beams of the oversampled grid."""
        return self.n1 * self.o1 * self.n2 * self.o2

    def beam(self, first: ArrayLike, second: ArrayLike) -> NDArray[np.int64]:
        """Index of beam (l, m) in the grid, counted around: l (N2 O2) + m."""
        across = np.asarray(first) % (self.n1 * self.o1)
        up = np.asarray(second) % (self.n2 * self.o2)
        return np.asarray(across * (self.n2 * self.o2) + up, np.int64)

    def grid(self) -> Complex:
        """Beams v_{l,m} of the whole grid [beam, port of one polarisation], elements of size 1."""
        return np.asarray(np.kron(dft_beams(self.n1, self.o1), dft_beams(self.n2, self.o2)))

    def half_grid(self) -> Complex:
        """Beams of half the columns, for ranks 3 and 4 from 16 ports on: l counts N1 O1 / 2."""
        half = dft_beams(self.n1 // 2, self.o1)
        return np.asarray(np.kron(half, dft_beams(self.n2, self.o2)))


def dft_beams(elements: int, oversampling: int = 1) -> Complex:
    """DFT beams of a row of elements [beam, element]: exp(j 2 pi l n / (O N)), not normalised.

    Raises
    ------
    InputError
        Fewer than one element or an oversampling below 1.

    Examples
    --------
    >>> dft_beams(2).real.round().tolist()
    [[1.0, 1.0], [1.0, -1.0]]
    """
    if elements < 1 or oversampling < 1:
        raise InputError(
            f"{elements} elements with oversampling {oversampling}: both must be 1 or more."
        )
    index = np.outer(np.arange(elements * oversampling), np.arange(elements))
    return np.asarray(np.exp(2j * np.pi * index / (elements * oversampling)))


def port_panel(n1: int, n2: int = 1) -> PortPanel:
    """Return a panel the standard knows.

    Parameters
    ----------
    n1, n2 : int
        Columns and rows of ports of one polarisation; (1, 1) is the two-port codebook.

    Raises
    ------
    SpectrumError
        A pair that Table 5.2.2.2.1-2 does not list.

    References
    ----------
    3GPP TS 38.214 Table 5.2.2.2.1-2.

    Examples
    --------
    >>> port_panel(8, 2).ports, port_panel(8, 2).beams
    (32, 256)
    """
    if (n1, n2) == (1, 1):
        return PortPanel(1, 1, 1, 1)
    rows = read_codebook_table("nr_type1_panels.csv")
    for row in rows:
        if (row["n1"], row["n2"]) == (n1, n2):
            return PortPanel(n1, n2, row["o1"], row["o2"])
    known = ", ".join(f"({row['n1']}, {row['n2']})" for row in rows)
    raise SpectrumError(
        f"No codebook for (N1, N2) = ({n1}, {n2}); TS 38.214 Table 5.2.2.2.1-2 allows {known}, "
        "and (1, 1) for two ports. Combine elements into fewer ports."
    )


def panel_of_ports(ports: int) -> PortPanel:
    """Return the widest panel with so many ports.

    Raises
    ------
    SpectrumError
        A number of ports without a codebook.

    Examples
    --------
    >>> panel_of_ports(8)
    PortPanel(n1=4, n2=1, o1=4, o2=1)
    """
    rows = read_codebook_table("nr_type1_panels.csv")
    fitting = [row for row in rows if row["ports"] == ports]
    if ports == 2:
        return port_panel(1, 1)
    if not fitting:
        allowed = sorted({2} | {row["ports"] for row in rows})
        raise SpectrumError(
            f"No Type I codebook has {ports} ports; allowed: {', '.join(map(str, allowed))}. "
            "Combine elements into fewer ports."
        )
    return port_panel(max(row["n1"] for row in fitting), min(row["n2"] for row in fitting))
