"""Large-scale parameters of every link: spreads and K-factor (TR 38.901 clause 7.5, step 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.simulation.channel.draws import normal_table
from cellwright.simulation.channel.tables import (
    CONDITIONS,
    LARGE_SCALE,
    Edition,
    Statistics,
    lowest_frequency_ghz,
    scenario_name,
    statistics,
)
from cellwright.simulation.channel.zenith import zenith_statistics
from cellwright.simulation.drop import Drop

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]
_STREAM = 1


@dataclass(frozen=True, eq=False)
class LargeScale:
    """Large-scale parameters of all links of a drop; cells of one site share them.

    Attributes
    ----------
    scenario : str
        As clause 7.5 knows it.
    edition : str
        Edition of the tables.
    condition : int8 [site, user]
        0 line of sight, 1 none, 2 outdoor to indoor.
    delay_spread_s : float32 [site, user]
        RMS delay spread [s].
    asd_deg, asa_deg, zsd_deg, zsa_deg : float32 [site, user]
        RMS spreads of azimuth and zenith at departure and arrival [deg].
    k_db : float32 [site, user]
        Ricean K-factor [dB]; minus infinity out of sight.
    zsd_mean_deg, zod_offset_deg : float32 [site, user]
        10^mu_lgZSD and mu_offset,ZOD [deg].
    """

    scenario: str
    edition: Edition
    condition: NDArray[np.int8]
    delay_spread_s: Singles
    asd_deg: Singles
    asa_deg: Singles
    zsd_deg: Singles
    zsa_deg: Singles
    k_db: Singles
    zsd_mean_deg: Singles
    zod_offset_deg: Singles


def large_scale(
    drop: Drop,
    scenario: str,
    seed: int,
    *,
    edition: Edition = "v19",
    correlated_users: bool = False,
) -> LargeScale:
    """Draw the large-scale parameters of every link of a drop.

    The drop's own shadowing takes part: the spreads and the K-factor are correlated with it.

    Parameters
    ----------
    drop : Drop
        Users, sites, sight and shadowing.
    scenario : str
        ``uma``, ``umi``, ``rma``, ``inh`` (``inh-open``, ``inh-mixed``) or ``sma``.
    seed : int
        The same seed gives a site and user the same parameters, whatever else is computed.
    edition : {"v19", "v16", "v14"}
        Edition of the statistics.
    correlated_users : bool
        Let users of one site that stand near one another have similar parameters.

    Returns
    -------
    LargeScale
        Parameters [site, user].

    Raises
    ------
    InputError
        If the scenario is unknown.

    References
    ----------
    3GPP TR 38.901 V19.4.0, clause 7.5, step 4; Tables 7.5-6 to 7.5-12.
    """
    name = scenario_name(scenario, edition)
    condition = conditions(drop, name)
    sites, users = condition.shape
    normal = normal_table(seed, _STREAM, sites, users, 6)
    mean_zsd, sigma_zsd, offset = zenith_statistics(drop, name, condition)
    spread = np.zeros((len(LARGE_SCALE), *condition.shape))
    for code, kind in enumerate(CONDITIONS):
        chosen = condition == code
        if not np.any(chosen):
            continue
        table = statistics(name, kind, drop.frequency_ghz, edition)
        own = _correlated(normal, drop, table) if correlated_users else normal
        shadow = -drop.shadow_db[chosen] / table["sigma_SF"]
        mixed = table.root @ np.vstack((shadow[None], own[:, chosen]))
        spread[:, chosen] = _scaled(mixed, table, mean_zsd[chosen], sigma_zsd[chosen])
    fields = {key: row.astype(np.float32) for key, row in zip(LARGE_SCALE, spread, strict=True)}
    return LargeScale(
        name,
        edition,
        condition,
        delay_spread_s=fields["DS"],
        asd_deg=np.minimum(fields["ASD"], np.float32(104.0)),
        asa_deg=np.minimum(fields["ASA"], np.float32(104.0)),
        zsd_deg=np.minimum(fields["ZSD"], np.float32(52.0)),
        zsa_deg=np.minimum(fields["ZSA"], np.float32(52.0)),
        k_db=fields["K"],
        zsd_mean_deg=(10.0**mean_zsd).astype(np.float32),
        zod_offset_deg=offset.astype(np.float32),
    )


def conditions(drop: Drop, scenario: str) -> NDArray[np.int8]:
    """Return the code of each link's propagation condition, int8 [site, user]."""
    code = np.where(drop.sight, 0, 1).astype(np.int8)
    if scenario != "inh":
        code[:, drop.indoor] = 2
    return code


def _scaled(mixed: Floats, table: Statistics, mean_zsd: Any, sigma_zsd: Any) -> Floats:
    """Turn correlated standard normal numbers [7, link] into parameters in their own units."""
    out = np.empty_like(mixed)
    out[0] = mixed[0]
    out[1] = table.get("mu_K", -np.inf) + table.get("sigma_K") * mixed[1]
    for row, name in ((2, "DS"), (3, "ASD"), (4, "ASA"), (6, "ZSA")):
        out[row] = 10.0 ** (table[f"mu_lg{name}"] + table[f"sigma_lg{name}"] * mixed[row])
    out[5] = 10.0 ** (mean_zsd + sigma_zsd * mixed[5])
    return out


def _correlated(normal: Floats, drop: Drop, table: Statistics) -> Floats:
    """Give independent numbers [6, site, user] the table's correlation over distance."""
    place = drop.user_m[:, :2]
    apart = np.hypot(*(place[:, None, :] - place[None, :, :]).transpose(2, 0, 1))
    # users on different floors are uncorrelated
    apart = np.where(np.abs(drop.user_m[:, None, 2] - drop.user_m[None, :, 2]) > 1.5, np.inf, apart)
    out = normal.copy()
    for row, name in enumerate(LARGE_SCALE[1:]):
        reach = table.get(f"distance_{name}")
        if reach > 0.0:
            kernel = np.exp(-apart / reach) + 1e-9 * np.eye(len(place))
            out[row] = normal[row] @ np.linalg.cholesky(kernel).T
    return out


def statistics_frequency_ghz(scale: LargeScale, frequency_ghz: float) -> float:
    """Return the frequency at which the tables are read for these parameters [GHz]."""
    return lowest_frequency_ghz(scale.scenario, frequency_ghz)
