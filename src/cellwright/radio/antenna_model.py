"""What an antenna is to the other rooms: a name, a design, and a gain pattern to look up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from cellwright.errors import InputError, did_you_mean
from cellwright.radio.antenna_elements import Grid
from cellwright.radio.antenna_panels import Beams

#: Gains below this are cut off [dBi]: nulls are never that deep once an antenna is on a roof.
FLOOR_DBI = -40.0


class Design(Protocol):
    """What an antenna is made of: a hashable thing that gives a linear gain on the grid."""

    def __hash__(self) -> int:
        """Designs are keys of the pattern cache."""
        ...

    def power(self, electrical_tilt_deg: float, beams: Beams) -> Grid:
        """Linear gain, float32 [181, 360]."""
        ...


@dataclass(frozen=True)
class Antenna:
    """An antenna as the other rooms see it.

    Attributes
    ----------
    name : str
        Such as "nr-64t64r".
    design : Design
        What it is made of: :class:`Panel`, :class:`Sector`, :class:`Omni` or measured cuts.
    title : str
        What it is, for a person.
    source : str
        Where its figures come from.
    transmitters : int
        Transceivers the antenna connects (64T64R: 64).
    """

    name: str
    design: Design
    title: str = ""
    source: str = ""
    transmitters: int = 1

    @property
    def gain_dbi(self) -> float:
        """Peak gain of the traffic pattern without tilt [dBi]."""
        return float(self.pattern().max())

    def pattern(self, electrical_tilt_deg: float = 0.0, beams: Beams = "traffic") -> Grid:
        """Return the gain towards every direction.

        Parameters
        ----------
        electrical_tilt_deg : float
            Electrical downtilt [deg].
        beams : {"traffic", "ssb"}
            Envelope of which beam set; the same for antennas with a single beam.

        Returns
        -------
        ndarray of float32 [181, 360]
            Gain [dBi], read-only: row zenith 0..180 deg (90 = horizon), column azimuth
            -180..179 deg from boresight, positive clockwise.

        Examples
        --------
        >>> from cellwright.radio import antenna
        >>> antenna("lte-sector").pattern(6.0).shape
        (181, 360)
        """
        if beams not in ("traffic", "ssb"):
            hint = did_you_mean(str(beams), ["traffic", "ssb"])
            raise InputError(f'There is no beam set "{beams}". {hint}')
        return _pattern(self.design, float(electrical_tilt_deg), beams)


@lru_cache(maxsize=256)
def _pattern(design: Design, electrical_tilt_deg: float, beams: Beams) -> Grid:
    power = design.power(electrical_tilt_deg, beams)
    least = np.float32(10.0 ** (FLOOR_DBI / 10.0))
    gain = np.ascontiguousarray(10.0 * np.log10(np.maximum(power, least)), dtype=np.float32)
    gain.setflags(write=False)
    return gain
