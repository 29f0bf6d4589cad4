"""ITU-R P.1812-8 (2025): path-specific loss between two points, 30 MHz to 6 GHz.

The plain form: one pass over the whole profile per link, in double precision. It is what faster
forms are held against.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.errors import Faults, InputError
from cellwright.propagation import p1812_path as path
from cellwright.propagation import p1812_terms as terms
from cellwright.propagation.normal import inverse_tail_p1812
from cellwright.propagation.p1812_input import (
    check_air,
    check_limits,
    check_nonsense,
    check_shares,
    is_vertical,
)
from cellwright.propagation.p1812_result import P1812Result, geometry_by_symbol, losses_by_symbol
from cellwright.propagation.profile import SEA, Profile


@njit(cache=True, error_model="numpy")
def p1812_kernel(
    distance_km: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    surface_m: NDArray[np.float64],
    tx_height_m: float,
    rx_height_m: float,
    frequency_ghz: float,
    percent: float,
    vertical: bool,
    delta_n: float,
    n0: float,
    omega: float,
    dct_km: float,
    dcr_km: float,
    dlm_km: float,
    beta0: float,
    summary: NDArray[np.float64],
    results: NDArray[np.float64],
) -> float:
    """Loss not exceeded for a share of time at half of the places, Lbc [dB]; never raises.

    For use inside other kernels; :func:`p1812_loss_db` is the checked form.

    Parameters
    ----------
    distance_km, ground_m, surface_m : ndarray, shape (n,)
        Profile; the surface equals the ground at both ends.
    tx_height_m, rx_height_m, frequency_ghz, percent, vertical : float, bool
        Antennas above ground [m], frequency [GHz], share of time [%], polarisation.
    delta_n, n0 : float
        Lapse rate [N-units/km] and sea-level refractivity [N-units].
    omega, dct_km, dcr_km, dlm_km, beta0 : float
        See :func:`cellwright.propagation.p1812_terms.median_location_loss`.
    summary, results : ndarray
        Room to work in, of ``p1812_path.SUMMARY_SIZE`` and ``p1812_terms.TERMS_SIZE``.

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    ITU-R P.1812-8 (2025), Annex 1.
    """
    early = percent < 50.0
    radius = path.median_radius_km(delta_n)
    path.path_summary(
        distance_km, ground_m, surface_m, tx_height_m, rx_height_m, radius, early, True, summary
    )
    return terms.median_location_loss(
        summary,
        frequency_ghz,
        percent,
        vertical,
        delta_n,
        n0,
        omega,
        dct_km,
        dcr_km,
        dlm_km,
        beta0,
        early,
        False,
        results,
    )


def p1812_loss_db(
    profile: Profile,
    frequency_ghz: float,
    time_percent: float = 50.0,
    *,
    tx_height_m: float,
    rx_height_m: float,
    latitude_deg: float,
    polarisation: str = "vertical",
    location_percent: float = 50.0,
    location_sigma_db: float | None = None,
    square_m: float = 100.0,
    delta_n: float = 45.0,
    n0: float = 325.0,
    coast_tx_km: float | None = None,
    coast_rx_km: float | None = None,
    closed_smooth: bool = False,
    beyond_range: bool = False,
) -> P1812Result:
    """Basic transmission loss along a path profile [dB].

    Parameters
    ----------
    profile : Profile
        The path, transmitter first.
    frequency_ghz : float
        Frequency [GHz], 0.03 to 6.
    time_percent : float
        Share of an average year for which the loss is not exceeded [%], 1 to 50.
    tx_height_m, rx_height_m : float
        Antennas above ground [m], 1 to 3000.
    latitude_deg : float
        Latitude of the path centre [deg]; matters below 50 % of the time.
    polarisation : {"vertical", "horizontal"}
        Polarisation; matters over sea and at low frequencies.
    location_percent : float
        Share of places for which the loss is not exceeded [%], 1 to 99.
    location_sigma_db : float, optional
        Spread from place to place [dB]; by default that of clause 4.7 for ``square_m``.
    square_m : float
        Width of the square the prediction stands for, wa [m].
    delta_n, n0 : float
        Lapse rate of refractivity in the lowest kilometre [N-units/km] and refractivity at sea
        level [N-units] at the path centre. The defaults are typical of temperate Europe; the ITU's
        digital maps, which may not be passed on, have the local values.
    coast_tx_km, coast_rx_km : float, optional
        Land between a terminal and the sea along the path, dct and dcr [km]; read off the zones
        by default, and 0 for a terminal at sea.
    closed_smooth : bool
        Smooth path by Attachment 4 instead of the profile with zero heights.
    beyond_range : bool
        Compute outside the Recommendation's limits too, and say so in ``out_of_range``.

    Returns
    -------
    P1812Result
        ``loss_db`` and every intermediate result.

    Raises
    ------
    InputError
        Values that mean nothing, or lie outside the limits unless ``beyond_range``.

    Notes
    -----
    Outdoors; indoors add building entry (ITU-R P.2109, clause 4.8).

    References
    ----------
    ITU-R P.1812-8 (2025), Annex 1.

    Examples
    --------
    >>> hill = Profile([0.0, 1000.0, 2000.0, 3000.0], [10.0, 60.0, 20.0, 10.0])
    >>> result = p1812_loss_db(hill, 2.0, tx_height_m=20.0, rx_height_m=1.5, latitude_deg=47.0)
    >>> round(result.lbfs_db, 2), round(result.loss_db, 2), result.transhorizon
    (107.96, 144.95, True)
    """
    zones = _zones(profile, coast_tx_km, coast_rx_km)
    faults, outside = Faults(), Faults()
    check_nonsense(
        faults,
        frequency_ghz=frequency_ghz,
        tx_height_m=tx_height_m,
        rx_height_m=rx_height_m,
        square_m=square_m,
        location_sigma_db=1.0 if location_sigma_db is None else location_sigma_db,
    )
    check_air(faults, latitude_deg, delta_n, n0, zones)
    check_shares(faults, outside, time_percent, location_percent, beyond_range)
    vertical = is_vertical(polarisation, faults)
    check_limits(outside, profile, frequency_ghz, tx_height_m, rx_height_m)
    if not beyond_range:
        faults.extend(outside)
    faults.raise_errors()
    summary, results = np.empty(path.SUMMARY_SIZE), np.empty(terms.TERMS_SIZE)
    beta0 = path.ducting_percent(latitude_deg, zones["dtm_km"], zones["dlm_km"])
    path.path_summary(
        profile.distance_m / 1000.0,
        profile.ground_amsl_m,
        profile.surface_amsl_m,
        float(tx_height_m),
        float(rx_height_m),
        path.median_radius_km(delta_n),
        True,
        not closed_smooth,
        summary,
    )
    lbc = terms.median_location_loss(
        summary,
        float(frequency_ghz),
        float(time_percent),
        vertical,
        float(delta_n),
        float(n0),
        zones["omega"],
        zones["dct_km"],
        zones["dcr_km"],
        zones["dlm_km"],
        beta0,
        True,
        closed_smooth,
        results,
    )
    sigma = _sigma(profile, frequency_ghz, rx_height_m, square_m, location_sigma_db)
    wanted = lbc - inverse_tail_p1812(location_percent / 100.0) * sigma
    return P1812Result(
        loss_db=max(float(results[terms.LB0P]), wanted),
        out_of_range=tuple(fault.message for fault in outside),
        frequency_ghz=float(frequency_ghz),
        beta0_percent=beta0,
        ae_km=path.median_radius_km(delta_n),
        sigma_loc_db=sigma,
        **zones,
        **geometry_by_symbol(summary, delta_n),
        **losses_by_symbol(results),
    )


def _zones(
    profile: Profile, coast_tx_km: float | None, coast_rx_km: float | None
) -> dict[str, Any]:
    """Zone lengths and coast distances by symbol; a terminal at sea needs no coast."""
    distance_km = profile.distance_m / 1000.0
    omega, dtm, dlm = path.zone_lengths(distance_km, profile.zone)
    dct, dcr = path.coast_distances_km(distance_km, profile.zone)
    if coast_tx_km is not None and profile.zone[0] != SEA:
        dct = float(coast_tx_km)
    if coast_rx_km is not None and profile.zone[-1] != SEA:
        dcr = float(coast_rx_km)
    return {"omega": omega, "dtm_km": dtm, "dlm_km": dlm, "dct_km": dct, "dcr_km": dcr}


def _sigma(
    profile: Profile, frequency_ghz: float, rx_height_m: float, square_m: float, given: float | None
) -> float:
    """Spread of locations [dB]: none at sea, else as given, else clause 4.7."""
    if profile.zone[-1] == SEA:
        return 0.0
    if given is not None:
        return float(given)
    clutter = float(profile.clutter_m[-1])
    return float(terms.location_sigma(frequency_ghz, rx_height_m, clutter, square_m))


def path_centre_deg(
    tx_latitude_deg: float, tx_longitude_deg: float, rx_latitude_deg: float, rx_longitude_deg: float
) -> tuple[float, float]:
    """Return latitude and longitude of the middle of the great circle [deg].

    Raises
    ------
    InputError
        A latitude beyond the poles, or a value that is no number.

    References
    ----------
    ITU-R P.2001-5 (2023), Attachment H.

    Examples
    --------
    >>> centre = path_centre_deg(53.18333333, -6.333333333, 54.16666667, -3.183333333)
    >>> round(centre[0], 5), round(centre[1], 5)
    (53.68533, -4.77672)
    """
    values = (tx_latitude_deg, tx_longitude_deg, rx_latitude_deg, rx_longitude_deg)
    if not all(map(math.isfinite, values)) or max(abs(values[0]), abs(values[2])) > 90.0:
        raise InputError(f"Positions {values} are not latitudes and longitudes in degrees.")
    vectors = []
    for latitude, longitude in (values[:2], values[2:]):
        north, east = math.radians(latitude), math.radians(longitude)
        flat = math.cos(north)
        vectors.append((flat * math.cos(east), flat * math.sin(east), math.sin(north)))
    x, y, z = (a + b for a, b in zip(*vectors, strict=True))
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
