"""What ITU-R P.1812-8 gives for one link, each quantity under its own symbol."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.propagation import p1812_path as path
from cellwright.propagation import p1812_terms as terms


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


def geometry_by_symbol(summary: NDArray[np.float64], delta_n: float) -> dict[str, Any]:
    """Path quantities by their symbols."""
    s = summary
    radius = path.median_radius_km(delta_n)
    theta = 1000.0 * s[path.DISTANCE] / radius + s[path.THETA_T] + s[path.THETA_R]
    return {
        "transhorizon": bool(s[path.TRANSHORIZON]),
        "theta_mrad": float(theta),
        **{name: float(s[place]) for name, place in _GEOMETRY.items()},
    }


def losses_by_symbol(results: NDArray[np.float64]) -> dict[str, Any]:
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
