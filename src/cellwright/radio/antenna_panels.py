"""Rectangular panels of elements and the beams they form (TR 38.901 clause 7.3, ITU-R M.2101).

A panel stands upright: rows run up, columns to the right. Column and row weights are chosen
apart, so the power of a beam is element x vertical factor(zenith) x horizontal factor(u) with
u = sin(zenith) sin(azimuth), and a whole grid of beams costs little more than its envelope.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cellwright.radio.antenna_elements import (
    AZIMUTH_DEG,
    ZENITH_DEG,
    Grid,
    element_power,
    sphere_weights,
)

Beams = Literal["ssb", "traffic"]


@dataclass(frozen=True)
class Element:
    """Antenna element by TR 38.901 Table 7.3-1; units as in :func:`element_gain_dbi`."""

    gain_dbi: float = 8.0
    horizontal_beamwidth_deg: float = 65.0
    vertical_beamwidth_deg: float = 65.0
    front_to_back_db: float = 30.0
    side_lobe_db: float = 30.0

    def power(self) -> Grid:
        """Linear gain on the pattern grid, float32 [181, 360]."""
        return element_power(
            self.gain_dbi,
            self.horizontal_beamwidth_deg,
            self.vertical_beamwidth_deg,
            self.front_to_back_db,
            self.side_lobe_db,
        )


@dataclass(frozen=True)
class BeamSet:
    """Which beams a panel forms, on a grid of directions.

    Attributes
    ----------
    columns, rows : int
        Elements used for the beam; fewer than the panel has makes it wider (0 = all).
    azimuths_deg : tuple of float
        Beam directions [deg] from boresight; empty = a DFT grid over the steering range.
    downtilts_deg : tuple of float
        Beam downtilts [deg] on top of the electrical tilt; empty = a DFT grid.
    """

    columns: int = 0
    rows: int = 0
    azimuths_deg: tuple[float, ...] = ()
    downtilts_deg: tuple[float, ...] = ()


@dataclass(frozen=True)
class Panel:
    """A rectangular panel with separate beam sets for SSB and for traffic.

    Attributes
    ----------
    rows, columns : int
        Elements of one polarisation, up and across.
    row_spacing, column_spacing : float
        Distance of elements in wavelengths.
    polarisations : int
        1 or 2; the pattern is that of either one.
    subarray_rows : int
        Elements of a column fed by one transceiver: they are phased to the electrical tilt alone.
    element : Element
        The single element.
    ssb, traffic : BeamSet
        Beam sets.
    steering_azimuth_deg, steering_downtilt_deg : float
        Half width of the steering range of a DFT grid [deg].
    oversampling : int
        Beams per orthogonal beam of the DFT grid.
    loss_db : float
        Ohmic and feeder loss inside the antenna [dB].
    """

    rows: int = 1
    columns: int = 1
    row_spacing: float = 0.5
    column_spacing: float = 0.5
    polarisations: int = 2
    subarray_rows: int = 1
    element: Element = Element()
    ssb: BeamSet = BeamSet()
    traffic: BeamSet = BeamSet()
    steering_azimuth_deg: float = 60.0
    steering_downtilt_deg: float = 10.0
    oversampling: int = 2
    loss_db: float = 0.0

    def power(self, electrical_tilt_deg: float, beams: Beams) -> Grid:
        """Envelope of a beam set: linear gain, float32 [181, 360].

        Each beam alone is scaled so that it never radiates more than its input power: the plain
        sum "element gain + array gain" overstates a panel whose elements stand close together.
        """
        chosen = self.traffic if beams == "traffic" else self.ssb
        vertical = self._vertical_factors(chosen, electrical_tilt_deg)
        horizontal = self._horizontal_factors(chosen)
        element = self.element.power()
        scale = self._scales(element, vertical, horizontal)
        best = np.zeros(element.shape, dtype=np.float32)
        for h, factor in enumerate(horizontal):
            # the envelope over the vertical beams needs no azimuth yet
            upright = np.max(scale[:, h, None] * vertical, axis=0)
            np.maximum(best, upright[:, None] * factor, out=best)
        return np.asarray(best * element, dtype=np.float32)

    def beam_power(self, electrical_tilt_deg: float, beams: Beams, v: int, h: int) -> Grid:
        """Linear gain of one single beam of a set: vertical index ``v``, horizontal ``h``."""
        chosen = self.traffic if beams == "traffic" else self.ssb
        vertical = self._vertical_factors(chosen, electrical_tilt_deg)[v : v + 1]
        horizontal = self._horizontal_factors(chosen)[h : h + 1]
        element = self.element.power()
        scale = self._scales(element, vertical, horizontal)[0, 0]
        return np.asarray(scale * element * vertical[0][:, None] * horizontal[0], np.float32)

    def beam_count(self, beams: Beams) -> tuple[int, int]:
        """Return how many vertical and horizontal beams a set has."""
        chosen = self.traffic if beams == "traffic" else self.ssb
        return len(self._downtilts(chosen)), len(self._azimuths(chosen))

    def _scales(self, element: Grid, vertical: Grid, horizontal: Grid) -> NDArray[np.float32]:
        """Scale of each beam [vertical, horizontal] that keeps it passive, and the loss."""
        lit = np.einsum("za,hza->hz", element, horizontal) * sphere_weights()[:, 0]
        mean = vertical @ lit.T
        passive = 1.0 / np.maximum(mean, 1.0)
        return np.asarray(passive * 10.0 ** (-self.loss_db / 10.0), dtype=np.float32)

    def _azimuths(self, chosen: BeamSet) -> tuple[float, ...]:
        if chosen.azimuths_deg:
            return chosen.azimuths_deg
        step = 1.0 / (self.oversampling * self.columns * self.column_spacing)
        return _dft_directions_deg(step, self.steering_azimuth_deg)

    def _downtilts(self, chosen: BeamSet) -> tuple[float, ...]:
        if chosen.downtilts_deg:
            return chosen.downtilts_deg
        step = 1.0 / (self.oversampling * self.rows * self.row_spacing)
        return _dft_directions_deg(step, self.steering_downtilt_deg)

    def _horizontal_factors(self, chosen: BeamSet) -> Grid:
        """Power of the columns for each azimuth beam, float32 [beam, 181, 360]."""
        count = chosen.columns or self.columns
        steer = np.sin(np.radians(self._azimuths(chosen)))
        # the factor depends on u alone: tabulate it finely once, then look it up on the grid
        u = np.linspace(-1.0, 1.0, 4097)
        wave = 2j * math.pi * self.column_spacing * np.arange(count)
        table = np.exp(np.multiply.outer(u, wave)) @ np.exp(-np.multiply.outer(wave, steer))
        power = (np.abs(table) ** 2 / count).astype(np.float32)
        zenith, azimuth = np.radians(ZENITH_DEG)[:, None], np.radians(AZIMUTH_DEG)[None, :]
        index = np.rint((np.sin(zenith) * np.sin(azimuth) + 1.0) * 2048.0).astype(np.int64)
        return np.ascontiguousarray(power.T)[:, index]

    def _vertical_factors(self, chosen: BeamSet, electrical_tilt_deg: float) -> Grid:
        """Power of the rows for each downtilt beam, float32 [beam, 181]."""
        count = chosen.rows or self.rows
        row = np.arange(count)
        fixed = -math.sin(math.radians(electrical_tilt_deg))
        free = -np.sin(np.radians(electrical_tilt_deg + np.array(self._downtilts(chosen))))
        inside = row % self.subarray_rows
        target = np.outer(free, row - inside) + fixed * inside
        return column_power(self.row_spacing, target)


def column_power(spacing: float, target: NDArray[np.float64]) -> Grid:
    """Power of a column of elements over zenith, float32 [beam, 181]; its peak is their number.

    ``spacing`` is in wavelengths; ``target`` [beam, row] is each row's position times the cosine
    of the zenith angle its beam aims at.
    """
    rows = target.shape[1]
    wave = 2j * math.pi * spacing
    arrive = np.exp(wave * np.multiply.outer(np.arange(rows), np.cos(np.radians(ZENITH_DEG))))
    return np.asarray(np.abs(np.exp(-wave * target) @ arrive) ** 2 / rows, dtype=np.float32)


def _dft_directions_deg(step: float, reach_deg: float) -> tuple[float, ...]:
    """Directions [deg] whose sines are multiples of ``step``, to about +-``reach_deg``."""
    most = round(math.sin(math.radians(reach_deg)) / step)
    most = min(most, int(1.0 / step))
    return tuple(math.degrees(math.asin(k * step)) for k in range(-most, most + 1))
