"""Rates averaged over fast fading, and over the best of several users' fading: quadrature.

The power of a layer is that of a Rician channel behind ``branches`` combined branches, mean 1:
``chi2(2 m, 2 m K) / (2 m (1 + K))``, the gamma distribution where K = 0. The best of n users with
the same distribution has the distribution function F^n, so with u uniform in 0 to 1 its power is
F^-1(u^(1/n)): one Gauss-Legendre sum over u gives every average. Interference does not fade here:
many cells' sum hardly does.

M. K. Simon, M.-S. Alouini, Digital Communication over Fading Channels, 2nd ed., Wiley 2005,
clauses 2.2 and 9.2; M. Sharif, B. Hassibi, IEEE Trans. Inf. Theory 51(2), 2005 (best of n).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import chndtrix, gammainccinv

from cellwright.errors import InputError
from cellwright.simulation.link import LinkSettings, RateTable
from cellwright.simulation.link.rates import SNR_DB

Floats = NDArray[np.float64]
NODES = 64
_LEAST_GAIN = 1e-6
#: Below this K-factor the direct ray is none.
_NO_LINE = 1e-3


@lru_cache(maxsize=512)
def fading_power(
    k_factor: float = 0.0, branches: int = 1, users: int = 1, nodes: int = NODES
) -> tuple[Floats, Floats]:
    """Return powers of the best of so many users' channels, and the weight of each.

    Parameters
    ----------
    k_factor : float
        Power of the direct path over that of the scattered ones; 0 is Rayleigh fading.
    branches : int
        Independent branches combined at their best ratio.
    users : int
        Users among whom the strongest against its own mean is taken.
    nodes : int
        Points of the quadrature.

    Returns
    -------
    power, weight : array [node]
        Mean power 1 for one user; the weights sum to 1.

    Raises
    ------
    InputError
        A negative K-factor, or fewer than one branch or user.

    Examples
    --------
    The mean of the best of four Rayleigh channels is 1 + 1/2 + 1/3 + 1/4:

    >>> power, weight = fading_power(users=4)
    >>> round(float(power @ weight), 2)
    2.08
    """
    if not k_factor >= 0.0 or branches < 1 or users < 1 or nodes < 1:
        raise InputError(
            f"k_factor {k_factor:g}, branches {branches}, users {users}: a K-factor is 0 or more, "
            "the others are 1 or more."
        )
    place, weight = np.polynomial.legendre.leggauss(nodes)
    # u = 1 - v^2 puts more nodes where the strongest powers are, whose quantile has no bound
    v = 0.5 * (place + 1.0)
    weight = weight * v
    tail = -np.expm1(np.log1p(-v * v) / users)
    # the inverse of the non-central distribution fails where its centre nearly vanishes
    if k_factor < _NO_LINE:
        power = gammainccinv(branches, tail) / branches
    else:
        freedom = 2.0 * branches
        power = chndtrix(1.0 - tail, freedom, freedom * k_factor) / (freedom * (1.0 + k_factor))
    return np.maximum(power, _LEAST_GAIN), weight / weight.sum()


def faded(
    table: RateTable, antennas: int, settings: LinkSettings | None = None, users: int = 1
) -> RateTable:
    """Average a table of rates over fast fading, with link adaptation to every fade.

    Parameters
    ----------
    table : RateTable
        Rates by SINR, without a margin for fading.
    antennas : int
        Antennas of the receiving end; a layer keeps ``antennas - layers + 1`` branches.
    settings : LinkSettings, optional
        ``k_factor_db`` is the K-factor in sight; out of sight fading is Rayleigh.
    users : int
        The user has the medium when its fading is the best of so many, against its own mean.

    Returns
    -------
    RateTable
        The same by mean SINR, while the user has the medium.

    Notes
    -----
    One block spread over a carrier much wider than the coherence bandwidth sees all fades at
    once, and mean mutual information decides: the same average.
    """
    factor = 10.0 ** ((settings or LinkSettings()).k_factor_db / 10.0)
    mbps = np.empty_like(table.mbps)
    for sight in (0, 1):
        branches = np.maximum(antennas - np.maximum(table.layers[sight], 1).astype(int) + 1, 1)
        for count in np.unique(branches):
            power, weight = fading_power(factor if sight else 0.0, int(count), users)
            here = branches == count
            shifted = SNR_DB[here, None] + 10.0 * np.log10(power)
            mbps[sight, here] = table.rate(shifted, sight) @ weight
    return replace(table, mbps=np.maximum.accumulate(mbps, axis=1))
