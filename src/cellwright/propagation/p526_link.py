"""Free space and diffraction along a profile, at any frequency: ITU-R P.525-4 and P.526-15.

For paths above the 6 GHz where P.1812 ends, and for short ones: the same diffraction, without
ducting, troposcatter and time variation. Gases and rain come on top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cellwright.propagation import p1812_path as path
from cellwright.propagation.estimate import check_limits, limit
from cellwright.propagation.p526 import (
    bullington_loss,
    delta_bullington,
    smooth_parameter,
    spherical_earth_loss,
)
from cellwright.propagation.p1812_terms import free_space
from cellwright.propagation.profile import Profile


@dataclass(frozen=True)
class DiffractionResult:
    """Loss of one link by free space and diffraction.

    Attributes
    ----------
    loss_db : float
        Free space and diffraction [dB].
    free_space_db, diffraction_db : float
        The two parts [dB].
    bullington_db, smooth_db, spherical_db : float
        Parts of the diffraction: of the path, of the smooth path, of a round Earth [dB].
    in_range : bool
        Inputs within the limits.
    """

    loss_db: float
    free_space_db: float
    diffraction_db: float
    bullington_db: float
    smooth_db: float
    spherical_db: float
    in_range: bool


def p526_loss_db(
    profile: Profile,
    frequency_ghz: float,
    *,
    tx_height_m: float,
    rx_height_m: float,
    vertical: bool = True,
    delta_n: float = 45.0,
    beyond_range: bool = False,
) -> DiffractionResult:
    """Median loss of a path by free space and delta-Bullington diffraction [dB].

    Parameters
    ----------
    profile : Profile
        The path, transmitter first.
    frequency_ghz : float
        Frequency [GHz], 0.03 to 100.
    tx_height_m, rx_height_m : float
        Antennas above ground [m].
    vertical : bool
        Vertical polarisation, else horizontal.
    delta_n : float
        Lapse rate of refractivity in the lowest kilometre [N-units/km].
    beyond_range : bool
        Compute outside the limits too and mark it.

    Returns
    -------
    DiffractionResult
        Loss [dB] and its parts.

    Raises
    ------
    InputError
        Inputs outside the limits.

    References
    ----------
    ITU-R P.525-4 (2019), Annex; ITU-R P.526-15 (2019), 4.5; smooth path in the closed form of
    ITU-R P.1812-8 (2025), Attachment 4 to Annex 1.

    Examples
    --------
    >>> hill = Profile([0.0, 300.0, 600.0], [10.0, 40.0, 10.0])
    >>> result = p526_loss_db(hill, 26.0, tx_height_m=20.0, rx_height_m=1.5)
    >>> round(result.free_space_db, 1), round(result.diffraction_db, 1)
    (116.3, 49.2)
    """
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.03, 100.0, "GHz"),
        limit("tx_height_m", tx_height_m, 0.0, 3000.0, "m"),
        limit("rx_height_m", rx_height_m, 0.0, 3000.0, "m"),
        limit("delta_n", delta_n, 0.0, 150.0, "N-units/km", above=-1e-9, below=157.0),
    ]
    inside = bool(check_limits(limits, beyond_range))
    km, radius = profile.distance_m / 1000.0, path.median_radius_km(delta_n)
    s = np.empty(path.SUMMARY_SIZE)
    heights = (float(tx_height_m), float(rx_height_m))
    path.path_summary(
        km, profile.ground_amsl_m, profile.surface_amsl_m, *heights, radius, False, False, s
    )
    omega, _, _ = path.zone_lengths(km, profile.zone)
    d, hte, hre = s[path.DISTANCE], s[path.HTS] - s[path.HSTD], s[path.HRS] - s[path.HSRD]
    bullington = bullington_loss(s[path.EDGE_50], d, frequency_ghz)
    smooth = bullington_loss(smooth_parameter(d, hte, hre, radius), d, frequency_ghz)
    spherical = spherical_earth_loss(d, hte, hre, radius, frequency_ghz, vertical, omega)
    diffraction = delta_bullington(bullington, smooth, spherical)
    free = free_space(d, s[path.HTS], s[path.HRS], frequency_ghz)
    return DiffractionResult(
        loss_db=float(free + diffraction),
        free_space_db=float(free),
        diffraction_db=float(diffraction),
        bullington_db=float(bullington),
        smooth_db=float(smooth),
        spherical_db=float(spherical),
        in_range=inside,
    )
