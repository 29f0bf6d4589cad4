"""ITU-R P.1812-8 (2025): path-specific loss between two points, 30 MHz to 6 GHz.

The plain form: one pass over the whole profile per link, in double precision. It is what faster
forms are held against.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.errors import Faults, InputError, did_you_mean
from cellwright.propagation import p1812_path as path
from cellwright.propagation import p1812_terms as terms
from cellwright.propagation.normal import inverse_tail_p1812
from cellwright.propagation.profile import SEA, Profile

SOURCE = "ITU-R P.1812-8 (2025), Annex 1"
FREQUENCY_GHZ = (0.03, 6.0)
LENGTH_KM = (0.25, 3000.0)
HEIGHT_M = (1.0, 3000.0)
TIME_PERCENT = (1.0, 50.0)
LOCATION_PERCENT = (1.0, 99.0)
POLARISATIONS = ("horizontal", "vertical")


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


@dataclass(frozen=True)
class P1812Result:
    """Loss of one link by ITU-R P.1812-8, with every intermediate result under its own symbol.

    Attributes
    ----------
    loss_db : float
        Basic transmission loss not exceeded for p of the time and pL of the places, Lb [dB].
    out_of_range : tuple of str
        What lies outside the Recommendation's limits; empty if nothing does.
    frequency_ghz : float
        Frequency [GHz].
    transhorizon : bool
        The bare ground hides the antennas from each other at the median refractivity.
    omega, beta0_percent : float
        Share of the path over sea; incidence of ducting [%].
    dtm_km, dlm_km, dct_km, dcr_km : float
        Longest land and inland sections; land up to the coast at both ends [km].
    ae_km : float
        Median effective Earth radius [km].
    hts_m, hrs_m : float
        Antennas above sea level [m].
    hst_m, hsr_m, hstd_m, hsrd_m : float
        Smooth Earth under both ends: as fitted, and for diffraction [m].
    hte_m, hre_m, hm_m : float
        Effective heights and roughness for ducting [m].
    theta_t_mrad, theta_r_mrad, theta_mrad : float
        Horizon angles and path angle [mrad].
    dlt_km, dlr_km : float
        Horizon distances [km].
    fi, fj, fk : float
        Weights of equations (40), (57), (58).
    lbfs_db, lb0p_db, lb0b_db : float
        Free space; line of sight at p and at beta0.
    lbulla50_db, lbulls50_db, ldsph50_db, ld50_db : float
        Median diffraction: Bullington of the path and of the smooth path, spherical Earth, whole.
    lbullab_db, lbullsb_db, ldsphb_db, ldb_db : float
        The same at beta0 of the time.
    ldp_db, lbd50_db, lbd_db, lminb0p_db, lba_db, lminbap_db, lbda_db, lbam_db, lbs_db : float
        As in clauses 4.3.5 to 4.6.
    lbc_db : float
        Loss at half of the places.
    sigma_loc_db : float
        Spread from place to place that was used [dB].
    """

    loss_db: float
    out_of_range: tuple[str, ...]
    frequency_ghz: float
    transhorizon: bool
    omega: float
    beta0_percent: float
    dtm_km: float
    dlm_km: float
    dct_km: float
    dcr_km: float
    ae_km: float
    hts_m: float
    hrs_m: float
    hst_m: float
    hsr_m: float
    hstd_m: float
    hsrd_m: float
    hte_m: float
    hre_m: float
    hm_m: float
    theta_t_mrad: float
    theta_r_mrad: float
    theta_mrad: float
    dlt_km: float
    dlr_km: float
    fi: float
    fj: float
    fk: float
    lbfs_db: float
    lb0p_db: float
    lb0b_db: float
    lbulla50_db: float
    lbulls50_db: float
    ldsph50_db: float
    ld50_db: float
    lbullab_db: float
    lbullsb_db: float
    ldsphb_db: float
    ldb_db: float
    ldp_db: float
    lbd50_db: float
    lbd_db: float
    lminb0p_db: float
    lba_db: float
    lminbap_db: float
    lbda_db: float
    lbam_db: float
    lbs_db: float
    lbc_db: float
    sigma_loc_db: float = field(default=0.0)

    @property
    def in_range(self) -> bool:
        """Whether every input lies within the Recommendation's limits."""
        return not self.out_of_range

    @property
    def field_strength_dbuvm(self) -> float:
        """Field strength of 1 kW effective radiated power [dB(uV/m)] (equation (70))."""
        return 199.36 + 20.0 * math.log10(self.frequency_ghz) - self.loss_db


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
    _check_nonsense(
        faults,
        frequency_ghz=frequency_ghz,
        tx_height_m=tx_height_m,
        rx_height_m=rx_height_m,
        square_m=square_m,
        location_sigma_db=1.0 if location_sigma_db is None else location_sigma_db,
    )
    _check_air(faults, latitude_deg, delta_n, n0, zones)
    _check_shares(faults, outside, time_percent, location_percent, beyond_range)
    vertical = _vertical(polarisation, faults)
    _check_limits(outside, profile, frequency_ghz, tx_height_m, rx_height_m)
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
        **_geometry(summary, delta_n),
        **_losses(results),
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


def _geometry(summary: NDArray[np.float64], delta_n: float) -> dict[str, Any]:
    """Path quantities by their symbols."""
    s = summary
    radius = path.median_radius_km(delta_n)
    theta = 1000.0 * s[path.DISTANCE] / radius + s[path.THETA_T] + s[path.THETA_R]
    return {
        "transhorizon": bool(s[path.TRANSHORIZON]),
        "theta_mrad": float(theta),
        **{name: float(s[place]) for name, place in _GEOMETRY.items()},
    }


def _losses(results: NDArray[np.float64]) -> dict[str, Any]:
    """Intermediate losses and weights by their symbols."""
    return {name: float(results[place]) for name, place in _LOSSES.items()}


_GEOMETRY = {
    "hts_m": path.HTS,
    "hrs_m": path.HRS,
    "hst_m": path.HST,
    "hsr_m": path.HSR,
    "hstd_m": path.HSTD,
    "hsrd_m": path.HSRD,
    "hte_m": path.HTE,
    "hre_m": path.HRE,
    "hm_m": path.HM,
    "theta_t_mrad": path.THETA_T,
    "theta_r_mrad": path.THETA_R,
    "dlt_km": path.DLT,
    "dlr_km": path.DLR,
}
_LOSSES = {
    "fi": terms.FI,
    "fj": terms.FJ,
    "fk": terms.FK,
    "lbfs_db": terms.LBFS,
    "lb0p_db": terms.LB0P,
    "lb0b_db": terms.LB0B,
    "lbulla50_db": terms.LBULLA50,
    "lbulls50_db": terms.LBULLS50,
    "ldsph50_db": terms.LDSPH50,
    "ld50_db": terms.LD50,
    "lbullab_db": terms.LBULLAB,
    "lbullsb_db": terms.LBULLSB,
    "ldsphb_db": terms.LDSPHB,
    "ldb_db": terms.LDB,
    "ldp_db": terms.LDP,
    "lbd50_db": terms.LBD50,
    "lbd_db": terms.LBD,
    "lminb0p_db": terms.LMINB0P,
    "lba_db": terms.LBA,
    "lminbap_db": terms.LMINBAP,
    "lbda_db": terms.LBDA,
    "lbam_db": terms.LBAM,
    "lbs_db": terms.LBS,
    "lbc_db": terms.LBC,
}


def _vertical(polarisation: str, faults: Faults) -> bool:
    if polarisation not in POLARISATIONS:
        hint = did_you_mean(polarisation, POLARISATIONS)
        faults.error("p1812.polarisation", f'polarisation is "{polarisation}".', hint)
    return polarisation == "vertical"


def _check_nonsense(faults: Faults, **values: float) -> None:
    """Values that no formula can take: not finite, or not above 0."""
    for name, value in values.items():
        zero_allowed = name == "location_sigma_db"
        if not math.isfinite(value) or value < 0.0 or (value == 0.0 and not zero_allowed):
            low = "0 or more" if zero_allowed else "above 0"
            faults.error(
                "p1812.value", f"{name} is {value:g}; {low} is allowed.", "Correct the value."
            )


def _check_air(
    faults: Faults, latitude_deg: float, delta_n: float, n0: float, zones: dict[str, Any]
) -> None:
    for name, value, low, high, cure in (
        ("latitude_deg", latitude_deg, -90.0, 90.0, "Give degrees north, not metres of a map."),
        ("delta_n", delta_n, 0.0, 150.0, "Give it as a positive lapse rate: 30 to 60 is common."),
        ("n0", n0, 200.0, 500.0, "Refractivity at sea level is 280 to 400 N-units on Earth."),
        ("coast_tx_km", zones["dct_km"], 0.0, math.inf, "Give kilometres along the path."),
        ("coast_rx_km", zones["dcr_km"], 0.0, math.inf, "Give kilometres along the path."),
    ):
        if not low <= value <= high:
            allowed = f"{low:g} to {high:g} is allowed"
            faults.error("p1812.value", f"{name} is {value:g}; {allowed}.", cure)


def _check_shares(
    faults: Faults, outside: Faults, time: float, location: float, beyond_range: bool
) -> None:
    """Percentages: strict limits, and those the formulas can be driven to when asked."""
    for name, value, limits, furthest in (
        ("time_percent", time, TIME_PERCENT, (1e-3, 50.0)),
        ("location_percent", location, LOCATION_PERCENT, (1e-3, 100.0 - 1e-3)),
    ):
        low, high = limits
        if not furthest[0] <= value <= furthest[1]:
            cure = "Give per cent, not a share of one."
            if name == "time_percent" and value > 50.0:
                cure = "Above half of the time use 50: the method has no deeper fading."
            faults.error("p1812.range", f"{name} is {value:g}; {low:g} to {high:g}.", cure)
        elif not low <= value <= high:
            _note_outside(outside, name, value, limits, "%")


def _note_outside(
    outside: Faults, name: str, value: float, limits: tuple[float, float], unit: str, hint: str = ""
) -> None:
    cure = hint or "Correct it, or pass beyond_range=True to compute and mark it."
    outside.error(
        "p1812.range",
        f"{name} is {value:g}; {limits[0]:g} to {limits[1]:g} {unit} is allowed.",
        cure,
    )


def _check_limits(
    outside: Faults, profile: Profile, frequency_ghz: float, tx: float, rx: float
) -> None:
    length_km = profile.length_m / 1000.0
    for name, value, limits, unit, hint in (
        (
            "frequency_ghz",
            frequency_ghz,
            FREQUENCY_GHZ,
            "GHz",
            "Is it in MHz?" if frequency_ghz >= 30.0 else "",
        ),
        (
            "the path length",
            length_km,
            LENGTH_KM,
            "km",
            "distance_m is in metres: were kilometres given?" if length_km < 0.05 else "",
        ),
        ("tx_height_m", tx, HEIGHT_M, "m", ""),
        ("rx_height_m", rx, HEIGHT_M, "m", ""),
    ):
        if 0.0 < value < math.inf and not limits[0] <= value <= limits[1]:
            _note_outside(outside, name, value, limits, unit, hint)


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
