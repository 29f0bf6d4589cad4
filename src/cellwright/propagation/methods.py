"""What is known of each method that is no model of the shelf: paths, clutter, walls, rain, trees.

The shelf (:mod:`cellwright.propagation.shelf`) holds what asks for a distance, a carrier, two
heights and sight. A method asks for more: a profile, a street, a wall. ``METHODS`` says of each
where it comes from and where it holds, and gives it a standard link, so that one exam
(``tests/propagation/test_exam.py``) tries them all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation import method_links as links
from cellwright.propagation.estimate import Estimate

Range = tuple[float, float]


@dataclass(frozen=True)
class Method:
    """One method: its source, where it holds, and its standard link.

    Attributes
    ----------
    name, title : str
        Short name; name for people.
    document, edition, clause : str
        Source.
    validity : str
        Where the source vouches for it, in words.
    frequency_ghz : (float, float)
        Carriers [GHz] of the standard link that are in range.
    variable, extent : str, (float, float)
        What is varied on the standard link, with its unit, and its range there.
    link : callable
        ``link(frequency_ghz, extent, beyond_range)`` gives an estimate of the standard link.
    sigma_db : float
        Standard deviation [dB]; NaN where the source gives none or it depends on the link.
    grows, grows_with_frequency : bool or None
        Loss never falls with the extent, with frequency; False: never rises; None: neither.
    """

    name: str
    title: str
    document: str
    edition: str
    clause: str
    validity: str
    frequency_ghz: Range
    variable: str
    extent: Range
    link: links.Link
    sigma_db: float = math.nan
    grows: bool | None = True
    grows_with_frequency: bool | None = True

    @property
    def source(self) -> str:
        """Document, edition and clause in one line."""
        return f"{self.document} {self.edition}, {self.clause}"

    def estimate(
        self, frequency_ghz: ArrayLike, extent: ArrayLike, *, beyond_range: bool = False
    ) -> Estimate:
        """Loss of the standard link [dB].

        Parameters
        ----------
        frequency_ghz : array_like of float
            Frequency [GHz].
        extent : array_like of float
            What ``variable`` names, in its unit.
        beyond_range : bool
            Compute outside the source's limits too and mark it.

        Returns
        -------
        Estimate
            Loss [dB], marked where out of range; broadcast shape.

        Raises
        ------
        InputError
            Inputs outside the limits.

        Examples
        --------
        >>> method("p526").estimate(26.0, [100.0, 1000.0]).loss_db.round(1)
        array([101. , 120.7])
        """
        arrays = np.broadcast_arrays(
            np.asarray(frequency_ghz, dtype=np.float64), np.asarray(extent, dtype=np.float64)
        )
        frequency, along = (np.array(values) for values in arrays)
        return self.link(frequency, along, beyond_range)


def _p1411(name: str, title: str, clause: str, link: links.Link, **facts: Any) -> Method:
    return Method(
        name=name,
        title=title,
        document="ITU-R P.1411",
        edition="P.1411-12 (2023)",
        clause=f"Annex 1, {clause}",
        variable="distance_m",
        link=link,
        **facts,
    )


def _p2108(name: str, title: str, clause: str, link: links.Link, **facts: Any) -> Method:
    return Method(
        name=name,
        title=title,
        document="ITU-R P.2108",
        edition="P.2108-1 (2021)",
        clause=f"Annex 1, {clause}",
        link=link,
        **facts,
    )


def _p833(name: str, title: str, clause: str, link: links.Link, **facts: Any) -> Method:
    return Method(
        name=name,
        title=title,
        document="ITU-R P.833",
        edition="P.833-10 (2021)",
        clause=f"Annex 1, {clause}",
        variable="depth_m",
        extent=(1.0, 200.0),
        link=link,
        **facts,
    )


def _entry(building: str, title: str) -> Method:
    return Method(
        name=f"p2109-{building.replace(' ', '-')}",
        title=title,
        document="ITU-R P.2109",
        edition="P.2109-2 (2023)",
        clause="Annex 1, clause 3",
        validity="0.08 to 100 GHz; the whole distribution",
        frequency_ghz=(0.08, 100.0),
        variable="percent",
        extent=(1.0, 99.0),
        link=links.building_entry_link(building),
        grows_with_frequency=None,
    )


def _indoor(kind: str, title: str, sigma_db: float) -> Method:
    return Method(
        name=f"o2i-{kind}",
        title=title,
        document="3GPP TR 38.901",
        edition="V19.4.0",
        clause="7.4.3.1, Tables 7.4.3-1 and 7.4.3-2",
        validity="0.5 to 100 GHz; up to 25 m inside, the depth that is drawn in the source",
        frequency_ghz=(0.5, 100.0),
        variable="indoor_distance_m",
        extent=(0.0, 25.0),
        link=links.indoor_link(kind),
        sigma_db=sigma_db,
    )


_PATHS = (
    Method(
        name="p1812",
        title="Path-specific prediction over terrain and clutter",
        document="ITU-R P.1812",
        edition="P.1812-8 (2025)",
        clause="Annex 1",
        validity="0.03 to 6 GHz, 0.25 to 3000 km, antennas 1 to 3000 m, 1 to 50 % of the time",
        frequency_ghz=(0.03, 6.0),
        variable="distance_m",
        extent=(250.0, 100_000.0),
        link=links.p1812_link,
        grows_with_frequency=None,
    ),
    Method(
        name="p526",
        title="Free space and delta-Bullington diffraction",
        document="ITU-R P.526",
        edition="P.526-15 (2019)",
        clause="Annex 1, 4.5; ITU-R P.525-4, Annex",
        validity="0.03 to 100 GHz, any profile; no ducting, scatter, gases or rain",
        frequency_ghz=(0.03, 100.0),
        variable="distance_m",
        extent=(10.0, 100_000.0),
        link=links.p526_link,
        grows_with_frequency=None,
    ),
    Method(
        name="itm",
        title="Longley-Rice, irregular terrain model",
        document="G. A. Hufford, The ITS Irregular Terrain Model, version 1.2.2: The Algorithm",
        edition="1995",
        clause="sections 1 to 6",
        validity="0.02 to 20 GHz, 1 to 2000 km, antennas 0.5 to 3000 m; open ground",
        frequency_ghz=(0.02, 20.0),
        variable="distance_m",
        extent=(1000.0, 100_000.0),
        link=links.itm_link,
        grows=None,
        grows_with_frequency=None,
    ),
    Method(
        name="spm",
        title="Standard propagation model, untuned",
        document="COST Action 231 final report, EUR 18957",
        edition="1999",
        clause="section 4.4.1, written with free factors",
        validity="where it was tuned; untuned 0.15 to 2 GHz, 1 to 20 km, masts 30 to 200 m",
        frequency_ghz=(0.15, 2.0),
        variable="distance_m",
        extent=(1000.0, 20_000.0),
        link=links.spm_link,
        sigma_db=8.0,
    ),
)
_STREETS = (
    _p1411(
        "p1411-street-sight",
        "Below the roofs, in sight",
        "4.1.1",
        links.below_roofs_link(True),
        validity="0.8 to 82 GHz, 5 to 660 m",
        frequency_ghz=(0.8, 82.0),
        extent=(5.0, 660.0),
        sigma_db=5.06,
    ),
    _p1411(
        "p1411-street",
        "Below the roofs of a high-rise town, out of sight",
        "4.1.1",
        links.below_roofs_link(False),
        validity="0.8 to 82 GHz, 30 to 715 m",
        frequency_ghz=(0.8, 82.0),
        extent=(30.0, 715.0),
        sigma_db=7.6,
    ),
    _p1411(
        "p1411-canyon",
        "Street canyon in sight, two-ray with break point",
        "4.1.2",
        links.canyon_link,
        validity="0.3 to 15 GHz, up to 1 km",
        frequency_ghz=(0.3, 15.0),
        extent=(5.0, 1000.0),
        grows_with_frequency=None,
    ),
    _p1411(
        "p1411-corner",
        "Around one corner of a street",
        "4.1.3.1",
        links.corner_link,
        validity="0.8 to 2 GHz, corners of 0.6 rad to a half turn",
        frequency_ghz=(0.8, 2.0),
        extent=(10.0, 1000.0),
    ),
    _p1411(
        "p1411-roofs-sight",
        "Over the roofs, in sight",
        "4.2.1",
        links.over_roofs_link(True),
        validity="2.2 to 73 GHz, 55 to 1200 m",
        frequency_ghz=(2.2, 73.0),
        extent=(55.0, 1200.0),
        sigma_db=3.48,
    ),
    _p1411(
        "p1411-roofs",
        "Over the roofs of a high-rise town, out of sight",
        "4.2.1",
        links.over_roofs_link(False),
        validity="2.2 to 66.5 GHz, 260 to 1200 m",
        frequency_ghz=(2.2, 66.5),
        extent=(260.0, 1200.0),
        sigma_db=6.89,
    ),
    _p1411(
        "p1411-urban-roofs",
        "Over rows of roofs, urban",
        "4.2.2.1",
        links.urban_roofs_link,
        validity="0.8 to 26 GHz, 20 m to 5 km, masts 4 to 55 m",
        frequency_ghz=(0.8, 26.0),
        extent=(20.0, 5000.0),
    ),
    _p1411(
        "p1411-suburban-roofs",
        "Over rows of roofs, suburban",
        "4.2.2.2",
        links.suburban_roofs_link,
        validity="0.8 to 38 GHz, 10 m to 5 km, masts 1 to 100 m above the roofs",
        frequency_ghz=(0.8, 38.0),
        extent=(10.0, 5000.0),
    ),
    _p1411(
        "p1411-low",
        "Between terminals near street level",
        "4.3",
        links.low_terminals_link,
        validity="0.3 to 3 GHz, up to 3 km, antennas 1.9 to 3 m",
        frequency_ghz=(0.3, 3.0),
        extent=(10.0, 3000.0),
    ),
)
_ENDS = (
    _p2108(
        "p2108-height",
        "Terminal below the clutter around it",
        "3.1",
        links.height_gain_link,
        validity="0.03 to 3 GHz",
        frequency_ghz=(0.03, 3.0),
        variable="height_m",
        extent=(1.0, 15.0),
        grows=False,
    ),
    _p2108(
        "p2108-terrestrial",
        "Terminal in a town or suburb, towards another on the ground",
        "3.2",
        links.terrestrial_clutter_link,
        validity="0.5 to 67 GHz, from 250 m",
        frequency_ghz=(0.5, 67.0),
        variable="distance_m",
        extent=(250.0, 100_000.0),
    ),
    _p2108(
        "p2108-slant",
        "Terminal in a town, towards the sky",
        "3.3",
        links.slant_clutter_link,
        validity="10 to 100 GHz, elevation 0 to 90 degrees",
        frequency_ghz=(10.0, 100.0),
        variable="elevation_deg",
        extent=(0.0, 90.0),
        grows=None,
    ),
    _entry("traditional", "Into a traditional building"),
    _entry("thermally efficient", "Into a thermally efficient building"),
    _indoor("low", "Into a building of low loss", 4.4),
    _indoor("high", "Into a building of high loss", 6.5),
    Method(
        name="p2040-concrete",
        title="Through 20 cm of concrete, TE",
        document="ITU-R P.2040",
        edition="P.2040-3 (2023)",
        clause="Annex 1, 2.1.4, Table 3, and 2.2.2",
        validity="by material, concrete 1 to 100 GHz; plane wave, smooth plane sheets",
        frequency_ghz=(1.0, 100.0),
        variable="angle_deg",
        extent=(0.0, 85.0),
        link=links.wall_link,
        grows=None,
        grows_with_frequency=None,
    ),
)
_AIR_AND_TREES = (
    Method(
        name="p676",
        title="Gases of the air along a path near ground",
        document="ITU-R P.676",
        edition="P.676-13 (2022)",
        clause="Annex 1, clause 1",
        validity="1 to 1000 GHz",
        frequency_ghz=(1.0, 1000.0),
        variable="distance_m",
        extent=(10.0, 50_000.0),
        link=links.gas_link,
        grows_with_frequency=None,
    ),
    Method(
        name="rain",
        title="Rain on a link, exceeded for 0.01 % of the year",
        document="ITU-R P.838 and P.530",
        edition="P.838-3 (2005), P.530-18 (2021)",
        clause="equation (1); 2.4.1",
        validity="1 to 100 GHz, up to 60 km, 0.001 to 1 % of the year",
        frequency_ghz=(1.0, 100.0),
        variable="distance_m",
        extent=(10.0, 60_000.0),
        link=links.rain_link,
        grows=None,
        grows_with_frequency=None,
    ),
    _p833(
        "p833-woodland",
        "Terminal in a wood",
        "2.1",
        links.woodland_link,
        validity="as measured: 0.1 to 2.1 GHz in mixed woods, one point at 3.6 GHz",
        frequency_ghz=(0.1059, 2.1175),
    ),
    _p833(
        "p833-slant",
        "Out of a wood upwards",
        "2.2",
        links.slant_foliage_link,
        validity="0.03 to 100 GHz; fitted to one pine wood",
        frequency_ghz=(0.03, 100.0),
    ),
    _p833(
        "p833-tree",
        "Through one tree",
        "3.1",
        links.single_tree_link,
        validity="up to 1 GHz, unless a path around the tree loses less",
        frequency_ghz=(0.03, 1.0),
    ),
)
METHODS = (*_PATHS, *_STREETS, *_ENDS, *_AIR_AND_TREES)


def method(name: str) -> Method:
    """Return the method of a name.

    Raises
    ------
    InputError
        No method has this name; the message suggests one.

    Examples
    --------
    >>> method("p833-tree").source
    'ITU-R P.833 P.833-10 (2021), Annex 1, 3.1'
    """
    for entry in METHODS:
        if entry.name == name:
            return entry
    hint = did_you_mean(name, [entry.name for entry in METHODS])
    raise InputError(f'No propagation method is named "{name}". {hint}')
