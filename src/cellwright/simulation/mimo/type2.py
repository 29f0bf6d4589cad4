"""Type II codebook: a precoder as a quantised sum of orthogonal beams (TS 38.214 5.2.2.2.3).

Wideband amplitudes of 3 bits, subband amplitudes of 1 bit, phases of 4 or 8 steps, ranks 1 and 2.
How a terminal finds the indices is its own affair; here it projects the channel's eigenvectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import Faults, SpectrumError
from cellwright.simulation.mimo.panel import PortPanel
from cellwright.simulation.mimo.precoding import channel_of, check_rank

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
#: Wideband amplitudes p(1), Table 5.2.2.2.3-2, and subband amplitudes p(2), Table 5.2.2.2.3-3.
WIDEBAND = np.sqrt(np.array([0.0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0]))
SUBBAND = np.sqrt(np.array([0.5, 1.0]))
#: How many of the strongest coefficients are told finely by subband, clause 5.2.2.2.3.
_FINE = {2: 4, 3: 4, 4: 6}


@dataclass(frozen=True)
class Type2Settings:
    """What the network configures.

    Attributes
    ----------
    beams : int
        Beams added up, L: 2, 3, 4.
    phases : int
        Phase steps, N_PSK: 4 or 8.
    subband_amplitude : bool
        Whether amplitudes are corrected by subband.
    """

    beams: int = 4
    phases: int = 8
    subband_amplitude: bool = True

    def __post_init__(self) -> None:
        faults = Faults()
        if self.beams not in (2, 3, 4):
            faults.error(
                "mimo.type2-beams", f"beams is {self.beams}; allowed: 2, 3, 4.", "4 is the best."
            )
        if self.phases not in (4, 8):
            faults.error(
                "mimo.type2-phases", f"phases is {self.phases}; allowed: 4, 8.", "8 is the finer."
            )
        faults.raise_errors(SpectrumError)


@cache
def _groups(panel: PortPanel) -> list[NDArray[np.int64]]:
    """Beams of each orthogonal group (q1, q2), by index in the panel's grid."""
    first, second = np.meshgrid(np.arange(panel.n1), np.arange(panel.n2), indexing="ij")
    return [
        panel.beam(panel.o1 * first + q1, panel.o2 * second + q2).ravel()
        for q1 in range(panel.o1)
        for q2 in range(panel.o2)
    ]


@cache
def _basis(panel: PortPanel) -> Complex:
    """All beams of the grid [beam, element], unit length."""
    return np.asarray(panel.grid() / np.sqrt(panel.n1 * panel.n2))


def _beams(h: Complex, panel: PortPanel, count: int) -> Complex:
    """Orthogonal beams that hold the most power over all blocks [beam, element], unit length."""
    basis = _basis(panel)
    halves = h.reshape(-1, 2, panel.n1 * panel.n2).reshape(-1, panel.n1 * panel.n2)
    power = (np.abs(halves @ basis.T) ** 2).sum(axis=0)
    best = [group[np.argsort(-power[group], kind="stable")[:count]] for group in _groups(panel)]
    chosen = best[int(np.argmax([power[group].sum() for group in best]))]
    return np.asarray(basis[chosen])


def _nearest(values: Floats, levels: Floats) -> Floats:
    return np.asarray(levels[np.argmin(np.abs(values[..., None] - levels), axis=-1)])


def _turned(coefficients: Complex, steps: int) -> Complex:
    turn = 2.0 * np.pi / steps
    return np.asarray(np.exp(1j * turn * np.round(np.angle(coefficients) / turn)))


def _quantised(coefficients: Complex, settings: Type2Settings) -> Complex:
    """Round one layer's coefficients [subband, 2 beams] as the report does."""
    mean = np.sqrt((np.abs(coefficients) ** 2).mean(axis=0))
    strongest = int(np.argmax(mean))
    phase = np.exp(-1j * np.angle(coefficients[:, strongest]))
    relative = coefficients * phase[:, None] / np.maximum(mean[strongest], 1e-300)
    wide = _nearest(mean / max(mean[strongest], 1e-300), WIDEBAND)
    wide[strongest] = 1.0
    if not settings.subband_amplitude:
        out = wide * _turned(relative, settings.phases)
        out[:, strongest] = 1.0
        return np.asarray(out)
    order = np.argsort(-wide, kind="stable")
    order = np.concatenate([[strongest], order[order != strongest]])
    fine = order[: _FINE[settings.beams]]
    out = wide * _turned(relative, 4)
    ratio = np.abs(relative[:, fine]) / np.maximum(wide[fine], 1e-300)
    out[:, fine] = (
        wide[fine] * _nearest(ratio, SUBBAND) * _turned(relative[:, fine], settings.phases)
    )
    out[:, strongest] = 1.0
    return np.asarray(out)


def type2_precoder(
    h: ArrayLike, panel: PortPanel, rank: int = 1, settings: Type2Settings | None = None
) -> Complex:
    """Quantise the strongest eigenvectors of each subband as a Type II report does.

    Parameters
    ----------
    h : complex [subband, receive, port]
        Channel, whitened where interference is coloured; ports in the panel's order.
    panel : PortPanel
        At least 4 ports.
    rank : int
        1 or 2.
    settings : Type2Settings, optional
        Beams, phases, subband amplitudes.

    Returns
    -------
    complex128 [subband, port, layer]
        Columns of equal power, together 1. Each is the conjugate of a channel direction:
        ``precoder.conj().T`` gives the rows :func:`~cellwright.simulation.mimo.zero_forcing` asks
        for.

    Raises
    ------
    SpectrumError
        Another rank or number of ports, or more beams than the panel has orthogonal ones.

    References
    ----------
    3GPP TS 38.214 clause 5.2.2.2.3, Tables 5.2.2.2.3-1 to -5.
    """
    given, chosen = channel_of(h), settings or Type2Settings()
    check_rank(rank, given)
    if rank > 2:
        raise SpectrumError(f"Type II has ranks 1 and 2, not {rank}. Use Type I for more layers.")
    if given.ndim != 3 or given.shape[2] != panel.ports or panel.ports < 4:
        raise SpectrumError(
            f"h is {given.shape} for a panel of {panel.ports} ports: it must be [subband, "
            "receive, port] with the panel's ports, 4 to 32."
        )
    count = min(chosen.beams, panel.n1 * panel.n2)
    if chosen.beams > panel.n1 * panel.n2 and panel.ports != 4:
        raise SpectrumError(
            f"{chosen.beams} beams on {panel.n1 * panel.n2} columns and rows: at most as many "
            "orthogonal beams. Lower beams."
        )
    beams = _beams(given, panel, count)
    right = np.linalg.svd(given, full_matrices=False)[2][:, :rank].conj()
    parts = right.reshape(*right.shape[:-1], 2, -1) @ beams.conj().T
    coefficients = parts.reshape(*right.shape[:-1], -1)
    out = np.empty((given.shape[0], panel.ports, rank), np.complex128)
    for layer in range(rank):
        kept = _quantised(coefficients[:, layer], chosen)
        column = (kept.reshape(-1, 2, count) @ beams).reshape(given.shape[0], -1)
        length = np.linalg.norm(column, axis=1, keepdims=True)
        out[:, :, layer] = column / length / np.sqrt(rank)
    return out
