"""Antenna arrays of panels and the ports that feed them (TR 38.901 clause 7.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import Faults
from cellwright.radio import Element

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PanelArray:
    """Uniform rectangular array of panels, and how its elements are joined to ports.

    Names are those of TR 38.901 clause 7.3: (M, N, P, Mg, Ng).

    Attributes
    ----------
    rows, columns : int
        Elements of one polarisation per panel, M up and N across.
    polarisations : int
        P: 1 or 2.
    row_spacing, column_spacing : float
        Distance of elements [wavelengths], d_V and d_H.
    panel_rows, panel_columns : int
        Panels, Mg up and Ng across.
    panel_row_spacing, panel_column_spacing : float
        Distance of panels' centres [wavelengths]; 0 = panels joined without a gap.
    slants_deg : tuple of float
        Slant of each polarisation from the vertical [deg]; empty = +45 and -45 for two
        polarisations, 0 for one.
    port_rows, port_columns : int
        Ports per panel and polarisation, up and across; 0 = one per element. The elements of
        one port are phased to the electrical tilt.
    mechanical_tilt_deg : float
        Tilt of the whole array [deg], down positive.
    electrical_tilt_deg : float or None
        Tilt of each port's subarray against the array's own horizon [deg]; None = what the
        cell's downtilt leaves after the mechanical tilt.
    element : Element or None
        Pattern of TR 38.901 Table 7.3-1; None = isotropic, 0 dBi.

    Notes
    -----
    Ports are numbered panel by panel, then polarisation, then column, then row (upwards): the
    order of the codebooks of TS 38.214 clause 5.2.2.2. Polarisation follows model 2 of
    TR 38.901 clause 7.3.2.

    Examples
    --------
    >>> PanelArray(8, 8, 2, port_rows=2).ports
    32
    """

    rows: int = 1
    columns: int = 1
    polarisations: int = 1
    row_spacing: float = 0.5
    column_spacing: float = 0.5
    panel_rows: int = 1
    panel_columns: int = 1
    panel_row_spacing: float = 0.0
    panel_column_spacing: float = 0.0
    slants_deg: tuple[float, ...] = ()
    port_rows: int = 0
    port_columns: int = 0
    mechanical_tilt_deg: float = 0.0
    electrical_tilt_deg: float | None = None
    element: Element | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        for name in ("rows", "columns", "panel_rows", "panel_columns"):
            if getattr(self, name) < 1:
                faults.error(f"array.{name}", f"{name} is {getattr(self, name)}; 1 or more.")
        if self.polarisations not in (1, 2):
            faults.error("array.polarisations", f"polarisations is {self.polarisations}; 1 or 2.")
        if self.slants_deg and len(self.slants_deg) != self.polarisations:
            faults.error("array.slants", f"{len(self.slants_deg)} slants for {self.polarisations}.")
        for ports, elements in (("port_rows", "rows"), ("port_columns", "columns")):
            count, whole = getattr(self, ports), getattr(self, elements)
            if count < 0 or (count and whole % count):
                faults.error(
                    f"array.{ports}",
                    f"{ports} is {count}, which does not divide {whole} {elements}.",
                    "Give a divisor, or 0 for one port per element.",
                )
        for name in ("row_spacing", "column_spacing"):
            if not getattr(self, name) > 0.0:
                faults.error(f"array.{name}", f"{name} is {getattr(self, name)}; above 0.")
        faults.raise_errors()

    @property
    def ports(self) -> int:
        """Number of ports."""
        return self.panel_rows * self.panel_columns * self.polarisations * self.panel_ports

    @property
    def panel_ports(self) -> int:
        """Ports of one panel and polarisation."""
        return (self.port_rows or self.rows) * (self.port_columns or self.columns)

    @property
    def slants(self) -> tuple[float, ...]:
        """Slant of each polarisation [deg]."""
        if self.slants_deg:
            return self.slants_deg
        return (45.0, -45.0) if self.polarisations == 2 else (0.0,)

    def subarray_tilt_deg(self, downtilt_deg: float) -> float:
        """Return the electrical tilt of a cell with this whole downtilt [deg]."""
        if self.electrical_tilt_deg is not None:
            return self.electrical_tilt_deg
        return downtilt_deg - self.mechanical_tilt_deg

    def form(self) -> ArrayForm:
        """Return the array as the kernels read it."""
        up, across = self.port_rows or self.rows, self.port_columns or self.columns
        tall, wide = self.rows // up, self.columns // across
        z = _places(up, tall * self.row_spacing, self.panel_rows, self._panel_height())
        y = _places(across, wide * self.column_spacing, self.panel_columns, self._panel_width())
        panel, column, row = np.meshgrid(
            np.arange(self.panel_rows * self.panel_columns),
            np.arange(across),
            np.arange(up),
            indexing="ij",
        )
        column_of = (panel % self.panel_columns) * across + column
        row_of = (panel // self.panel_columns) * up + row
        first = panel * self.polarisations * self.panel_ports + column * up + row
        port = first.ravel()[None, :] + np.arange(self.polarisations)[:, None] * self.panel_ports
        slant = np.radians(np.asarray(self.slants))
        return ArrayForm(
            y,
            z,
            column_of.ravel().astype(np.int64),
            row_of.ravel().astype(np.int64),
            port.astype(np.int64),
            np.stack((np.cos(slant), np.sin(slant)), axis=1),
            np.array([tall, self.row_spacing, wide, self.column_spacing], dtype=float),
            _pattern(self.element),
        )

    def _panel_height(self) -> float:
        return self.panel_row_spacing or self.rows * self.row_spacing

    def _panel_width(self) -> float:
        return self.panel_column_spacing or self.columns * self.column_spacing


class ArrayForm(NamedTuple):
    """An array as plain numbers for the kernels.

    ``y`` and ``z`` are the distinct places of ports across and up [wavelengths], even about 0;
    ``column`` and ``row`` say which of them each port of a polarisation has; ``port``
    [polarisation, place] its number; ``slant`` [polarisation, 2] cosine and sine; ``subarray``
    rows, row spacing, columns, column spacing of a port; ``pattern`` kind, gain, beamwidths,
    front-to-back and side-lobe limit.
    """

    y: Floats
    z: Floats
    column: NDArray[np.int64]
    row: NDArray[np.int64]
    port: NDArray[np.int64]
    slant: Floats
    subarray: Floats
    pattern: Floats


def rotation(bearing_rad: float, tilt_rad: float, slant_rad: float = 0.0) -> Floats:
    """Return the matrix that turns the array's own frame into the world's.

    Parameters
    ----------
    bearing_rad : float
        Counter-clockwise from east [rad].
    tilt_rad : float
        Downtilt [rad].
    slant_rad : float
        Turn about boresight [rad].

    References
    ----------
    3GPP TR 38.901 V19.4.0, equation 7.1-4.

    Examples
    --------
    >>> import numpy as np
    >>> np.round(rotation(0.0, np.pi / 2) @ [1.0, 0.0, 0.0], 9).tolist()
    [0.0, 0.0, -1.0]
    """
    ca, sa = math.cos(bearing_rad), math.sin(bearing_rad)
    cb, sb = math.cos(tilt_rad), math.sin(tilt_rad)
    cg, sg = math.cos(slant_rad), math.sin(slant_rad)
    return np.array(
        [
            [ca * cb, ca * sb * sg - sa * cg, ca * sb * cg + sa * sg],
            [sa * cb, sa * sb * sg + ca * cg, sa * sb * cg - ca * sg],
            [-sb, cb * sg, cb * cg],
        ]
    )


def compass_to_bearing_rad(azimuth_deg: float) -> float:
    """Turn an azimuth clockwise from north into an angle counter-clockwise from east [rad]."""
    return math.radians(90.0 - azimuth_deg)


def _places(ports: int, spacing: float, panels: int, panel_spacing: float) -> Floats:
    inside = (np.arange(ports) - (ports - 1) / 2.0) * spacing
    centre = (np.arange(panels) - (panels - 1) / 2.0) * panel_spacing
    return (centre[:, None] + inside[None, :]).ravel()


def _pattern(element: Element | None) -> Floats:
    if element is None:
        return np.zeros(6)
    return np.array(
        [
            1.0,
            element.gain_dbi,
            element.horizontal_beamwidth_deg,
            element.vertical_beamwidth_deg,
            element.front_to_back_db,
            element.side_lobe_db,
        ]
    )
