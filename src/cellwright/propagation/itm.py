"""Longley-Rice, the ITS Irregular Terrain Model 1.2.2, point to point, 20 MHz to 20 GHz.

Written out from the published algorithm; why no package is used: ``docs/decisions/0012``.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import InputError, did_you_mean
from cellwright.propagation import itm_profile as profiles
from cellwright.propagation import itm_terms as terms
from cellwright.propagation.estimate import check_limits, limit
from cellwright.propagation.itm_variability import ACCIDENTAL, MODES, Share, quantile
from cellwright.propagation.profile import Profile

_EARTH_CURVATURE = 157e-9
MECHANISMS = ("line of sight", "diffraction", "troposcatter")


@dataclass(frozen=True)
class ItmResult:
    """Loss of one link by Longley-Rice.

    Attributes
    ----------
    loss_db : float
        Basic transmission loss [dB].
    free_space_db, reference_db : float
        Free space, and the reference attenuation in excess of it [dB].
    mechanism : str
        One of ``MECHANISMS``; "line of sight" wherever the effective heights would see one another
        over a smooth Earth, hills or not, as the model has it.
    delta_h_m : float
        Terrain irregularity [m].
    effective_heights_m, horizons_m, horizon_angles_rad : (float, float)
        Of transmitter and receiver.
    surface_refractivity : float
        At the path's height [N-units].
    out_of_range : tuple of str
        What lies outside the model's limits; empty if nothing does.
    """

    loss_db: float
    free_space_db: float
    reference_db: float
    mechanism: str
    delta_h_m: float
    effective_heights_m: tuple[float, float]
    horizons_m: tuple[float, float]
    horizon_angles_rad: tuple[float, float]
    surface_refractivity: float
    out_of_range: tuple[str, ...]

    @property
    def in_range(self) -> bool:
        """Whether everything lies within the model's limits."""
        return not self.out_of_range


def itm_loss_db(
    profile: Profile,
    frequency_ghz: float,
    *,
    tx_height_m: float,
    rx_height_m: float,
    time_percent: float = 50.0,
    location_percent: float = 50.0,
    situation_percent: float = 50.0,
    mode: str = ACCIDENTAL,
    places_vary: bool = False,
    climate: str = "continental temperate",
    n0: float = 301.0,
    surface_refractivity: float | None = None,
    permittivity: float = 15.0,
    conductivity_s_per_m: float = 0.005,
    vertical: bool = True,
    beyond_range: bool = False,
) -> ItmResult:
    """Basic transmission loss along a path profile by Longley-Rice [dB].

    Parameters
    ----------
    profile : Profile
        The path, transmitter first; its bare ground. Uneven points are made even.
    frequency_ghz : float
        Frequency [GHz], 0.02 to 20.
    tx_height_m, rx_height_m : float
        Antennas above ground [m], 0.5 to 3000.
    time_percent, location_percent, situation_percent : float
        Shares for which the loss is not exceeded [%]. In the words of the model's users: time is
        reliability, situation is confidence.
    mode : {"accidental", "single message", "mobile", "broadcast"}
        How these join.
    places_vary : bool
        Add the spread of places although the profile is known.
    climate : str
        A name of :func:`~cellwright.propagation.itm_variability.climates`.
    n0 : float
        Refractivity at sea level [N-units], 250 to 400.
    surface_refractivity : float, optional
        At the path's height [N-units]; by default n0 lowered with the ground's height.
    permittivity, conductivity_s_per_m : float
        Of the ground; 15 and 0.005 S/m are average ground.
    vertical : bool
        Vertical polarisation, else horizontal.
    beyond_range : bool
        Compute outside the limits too, and say so in ``out_of_range``.

    Returns
    -------
    ItmResult
        Loss [dB] and what it was made of.

    Raises
    ------
    InputError
        Values that mean nothing, or lie outside the limits unless ``beyond_range``.

    Notes
    -----
    Meant for 1 to 2000 km over open ground: buildings and trees are not seen.

    References
    ----------
    G. A. Hufford, The ITS Irregular Terrain Model, version 1.2.2: The Algorithm (1995).

    Examples
    --------
    >>> distance = np.linspace(0.0, 40_000.0, 401)
    >>> hills = Profile(distance, 100.0 + 40.0 * np.sin(distance / 900.0))
    >>> result = itm_loss_db(hills, 0.7, tx_height_m=30.0, rx_height_m=1.5)
    >>> round(result.free_space_db, 1), round(result.loss_db, 1), result.mechanism
    (121.4, 160.1, 'line of sight')
    """
    shares = (time_percent, location_percent, situation_percent)
    outside = _check_inputs(
        profile, frequency_ghz, (tx_height_m, rx_height_m), n0, shares, beyond_range
    )
    _check_ground(permittivity, conductivity_s_per_m, mode)
    heights, step = _even(profile)
    surface = surface_refractivity or _at_height(n0, heights)
    curvature = _EARTH_CURVATURE * (1.0 - 0.04665 * math.exp(surface / 179.3))
    wave = 1000.0 * frequency_ghz / terms.MHZ_TIMES_M
    ground = _impedance(1000.0 * frequency_ghz, permittivity, conductivity_s_per_m, vertical)
    masts = (float(tx_height_m), float(rx_height_m))
    s = np.empty(profiles.SUMMARY_SIZE)
    profiles.profile_summary(heights, step, *masts, curvature, s)
    reference, kind = terms.reference_attenuation(wave, ground, curvature, surface, *masts, s)
    share = Share(*shares, mode, places_vary)
    excess = quantile(reference, wave, tuple(s.tolist()), climate, share)
    free = 20.0 * math.log10(2.0 * wave * profile.length_m)
    return ItmResult(
        loss_db=free + excess,
        free_space_db=free,
        reference_db=float(reference),
        mechanism=MECHANISMS[kind],
        delta_h_m=float(s[profiles.DELTA_H]),
        effective_heights_m=_pair(s, profiles.EFFECTIVE),
        horizons_m=_pair(s, profiles.HORIZON),
        horizon_angles_rad=_pair(s, profiles.THETA),
        surface_refractivity=surface,
        out_of_range=outside + _geometry_warnings(s, curvature),
    )


def _pair(s: NDArray[np.float64], at: int) -> tuple[float, float]:
    return float(s[at]), float(s[at + 1])


def _even(profile: Profile) -> tuple[NDArray[np.float64], float]:
    """Return the ground at evenly spaced points, as many as the profile has, and the spacing."""
    count = profile.distance_m.size
    even = np.linspace(0.0, profile.length_m, count)
    heights = np.interp(even, profile.distance_m, profile.ground_amsl_m)
    return heights, profile.length_m / (count - 1)


def _at_height(n0: float, heights: NDArray[np.float64]) -> float:
    """Refractivity at the mean height of the middle four fifths of the path [N-units]."""
    tenth = int(0.1 * (heights.size - 1))
    mean = float(heights[tenth : heights.size - tenth].mean())
    return n0 * math.exp(-mean / 9460.0)


def _impedance(
    frequency_mhz: float, permittivity: float, conductivity_s_per_m: float, vertical: bool
) -> complex:
    """Return the ground's surface transfer impedance, relative to that of free space."""
    ground = complex(permittivity, 18_000.0 * conductivity_s_per_m / frequency_mhz)
    impedance = cmath.sqrt(ground - 1.0)
    return impedance / ground if vertical else impedance


def _check_inputs(
    profile: Profile,
    frequency_ghz: float,
    heights_m: tuple[float, float],
    n0: float,
    shares: tuple[float, float, float],
    beyond_range: bool,
) -> tuple[str, ...]:
    """Raise for nonsense; return what lies outside the limits."""
    limits = [
        limit("frequency_ghz", frequency_ghz, 0.02, 20.0, "GHz"),
        limit("tx_height_m", heights_m[0], 0.5, 3000.0, "m"),
        limit("rx_height_m", heights_m[1], 0.5, 3000.0, "m"),
        limit("path length", profile.length_m, 1000.0, 2_000_000.0, "m"),
        limit("n0", n0, 250.0, 400.0, "N-units", 100.0, 500.0),
        limit("percent", shares, 0.1, 99.9, "%", below=100.0),
    ]
    check_limits(limits, beyond_range)
    return tuple(
        f"{entry.name} outside {entry.low:g} to {entry.high:g} {entry.unit}"
        for entry in limits
        if not ((entry.values >= entry.low) & (entry.values <= entry.high)).all()
    )


def _check_ground(permittivity: float, conductivity_s_per_m: float, mode: str) -> None:
    if mode not in MODES:
        raise InputError(f'No mode of variability is named "{mode}". {did_you_mean(mode, MODES)}')
    limits = [
        limit("permittivity", permittivity, 1.0, 100.0, "", 1.0, 200.0),
        limit("conductivity_s_per_m", conductivity_s_per_m, 0.0, 10.0, "S/m", -1e-12, 100.0),
    ]
    check_limits(limits, True)


def _geometry_warnings(s: NDArray[np.float64], curvature: float) -> tuple[str, ...]:
    """Return what of the profile the model was not made for."""
    found = []
    for j, end in enumerate(("transmitter", "receiver")):
        smooth = math.sqrt(2.0 * s[profiles.EFFECTIVE + j] / curvature)
        if abs(s[profiles.THETA + j]) > 0.2:
            found.append(f"horizon of the {end} steeper than 0.2 rad")
        if not 0.1 * smooth <= s[profiles.HORIZON + j] <= 3.0 * smooth:
            found.append(f"horizon of the {end} not 0.1 to 3 times that of a smooth Earth")
    apart = abs(s[profiles.EFFECTIVE] - s[profiles.EFFECTIVE + 1])
    if s[profiles.DISTANCE] < 5.0 * apart:
        found.append("path shorter than five times the difference of the effective heights")
    return tuple(found)
