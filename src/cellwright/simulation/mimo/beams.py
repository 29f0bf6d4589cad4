"""Beams of SSB and CSI-RS: a grid of DFT beams over the panel, and which one a user hears best.

3GPP TS 38.213 clause 4.1 (SSB burst), TS 38.214 clause 5.1.6.1 (CSI-RS); most beams of a burst by
band.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError, SpectrumError
from cellwright.simulation.mimo.panel import PortPanel
from cellwright.simulation.mimo.precoding import channel_of

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BeamGrid:
    """Beams sent one after another.

    Attributes
    ----------
    weights : complex128 [beam, port]
        Unit power; both polarisations carry half of it with the phase ``copolar``.
    azimuth_deg, elevation_deg : float64 [beam]
        Direction off the panel's normal for elements ``spacing`` apart: positive to the side of
        growing column and upwards with growing row.
    """

    weights: Complex
    azimuth_deg: Floats
    elevation_deg: Floats

    def __len__(self) -> int:
        return int(self.weights.shape[0])


def most_ssb_beams(frequency_ghz: float) -> int:
    """Most SSBs of a burst: 4 up to 3 GHz, 8 up to 7.125 GHz, 64 above.

    Raises
    ------
    SpectrumError
        A frequency that is not positive.

    References
    ----------
    3GPP TS 38.213 clause 4.1 (Cases A to D; paired 15 kHz spectrum).

    Examples
    --------
    >>> most_ssb_beams(0.7), most_ssb_beams(3.5), most_ssb_beams(28.0)
    (4, 8, 64)
    """
    if not frequency_ghz > 0.0:
        raise SpectrumError(f"A carrier at {frequency_ghz:g} GHz: give a positive frequency.")
    if frequency_ghz > 7.125:
        return 64
    return 4 if frequency_ghz <= 3.0 else 8


def steering(
    panel: PortPanel, azimuth_deg: ArrayLike, elevation_deg: ArrayLike, spacing: float = 0.5
) -> Complex:
    """Weights of one polarisation towards directions off the panel's normal [..., element].

    Parameters
    ----------
    panel : PortPanel
        Columns and rows.
    azimuth_deg, elevation_deg : float or array
        Direction [deg].
    spacing : float
        Distance of ports in wavelengths, in both directions.
    """
    azimuth, elevation = np.broadcast_arrays(np.radians(azimuth_deg), np.radians(elevation_deg))
    across = np.sin(azimuth) * np.cos(elevation) * spacing
    up = np.sin(elevation) * spacing
    first = np.exp(2j * np.pi * across[..., None] * np.arange(panel.n1))
    second = np.exp(2j * np.pi * up[..., None] * np.arange(panel.n2))
    both = first[..., :, None] * second[..., None, :]
    flat = both.reshape(*both.shape[:-2], -1).conj()
    return np.asarray(flat / np.sqrt(panel.n1 * panel.n2))


def beam_grid(
    panel: PortPanel,
    columns: int,
    rows: int = 1,
    azimuth_span_deg: float = 120.0,
    elevation_deg: ArrayLike = 0.0,
    copolar: complex = 1.0,
    spacing: float = 0.5,
) -> BeamGrid:
    """Beams that sweep a sector, evenly in the sine of the azimuth.

    Parameters
    ----------
    panel : PortPanel
        Ports.
    columns, rows : int
        Beams side by side, one above another.
    azimuth_span_deg : float
        Width of the sector.
    elevation_deg : float or array [row]
        Elevation of each row of beams, negative downwards.
    copolar : complex
        Phase between the polarisations.
    spacing : float
        Distance of ports in wavelengths.

    Raises
    ------
    InputError
        No beam, a sector wider than 180 degrees, or another number of elevations than rows.

    Examples
    --------
    >>> from cellwright.simulation.mimo import port_panel
    >>> grid = beam_grid(port_panel(8, 2), 8)
    >>> len(grid), grid.azimuth_deg[[0, 7]].round(1).tolist()
    (8, [-49.3, 49.3])
    """
    elevation = np.atleast_1d(np.asarray(elevation_deg, np.float64))
    if columns < 1 or rows < 1 or elevation.size not in (1, rows):
        raise InputError(
            f"{columns} x {rows} beams with {elevation.size} elevations: at least one beam each "
            "way, and one elevation or one for each row."
        )
    if not 0.0 < azimuth_span_deg <= 180.0:
        raise InputError(f"azimuth_span_deg is {azimuth_span_deg:g}; it must lie in 0 to 180.")
    edge = np.sin(np.radians(azimuth_span_deg / 2.0))
    places = (np.arange(columns) + 0.5) * 2.0 / columns - 1.0
    azimuth = np.tile(np.degrees(np.arcsin(edge * places)), rows)
    upward = np.repeat(np.broadcast_to(elevation, (rows,)), columns)
    one = steering(panel, azimuth, upward, spacing)
    both = np.concatenate([one, copolar / abs(copolar) * one], axis=-1) / np.sqrt(2.0)
    return BeamGrid(both, azimuth, np.asarray(upward, np.float64))


def beam_gains(h: ArrayLike, weights: ArrayLike) -> Floats:
    """Mean received power through each beam, all receive antennas added [..., beam].

    Parameters
    ----------
    h : complex [..., block, receive, port]
        Channel; the blocks are averaged.
    weights : complex [beam, port]
        Beams.
    """
    given = channel_of(h)
    seen = given @ np.asarray(weights, np.complex128).T
    return np.asarray((np.abs(seen) ** 2).sum(axis=-2).mean(axis=-2))


def best_beam(h: ArrayLike, weights: ArrayLike) -> NDArray[np.int64]:
    """Beam with the highest mean received power [...]; arguments as in :func:`beam_gains`."""
    return np.asarray(np.argmax(beam_gains(h, weights), axis=-1))
