"""Who serves whom and how well, all cells sending: the metrics of TR 38.901 clause 7.8.1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from cellwright.errors import InputError
from cellwright.simulation.drop import Drop

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Geometry:
    """What every user hears when every cell sends with full power.

    Attributes
    ----------
    serving : int32 [user]
        Cell received strongest.
    coupling_db : float32 [user]
        Coupling gain to it, negative [dB].
    sinr_db, sir_db : float32 [user]
        Wideband, with and without the receiver's noise [dB]; ``sir_db`` is infinite where there
        is one cell only. All are minus infinity for a user whom no cell reaches.
    """

    serving: NDArray[np.int32]
    coupling_db: NDArray[np.float32]
    sinr_db: NDArray[np.float32]
    sir_db: NDArray[np.float32]


@njit(cache=True, nogil=True, error_model="numpy")
def _geometry_kernel(
    gain_db: Array,
    power_dbm: Array,
    noise_mw: float,
    serving: Array,
    coupling_db: Array,
    sinr_db: Array,
    sir_db: Array,
) -> None:
    users = gain_db.shape[1]
    other, best = np.zeros(users), np.full(users, -math.inf)
    serving[:] = 0
    neper = math.log(10.0) / 10.0
    for c in range(gain_db.shape[0]):
        for u in range(users):
            level = gain_db[c, u] + power_dbm[c]
            if level > best[u]:
                if best[u] > -math.inf:
                    other[u] += math.exp(neper * best[u])
                best[u], serving[u] = level, c
            elif level > -math.inf:
                other[u] += math.exp(neper * level)
    for u in range(users):
        if best[u] == -math.inf:  # no cell reaches the user
            coupling_db[u], sinr_db[u], sir_db[u] = -math.inf, -math.inf, -math.inf
            continue
        coupling_db[u] = gain_db[serving[u], u]
        sinr_db[u] = best[u] - 10.0 * math.log10(other[u] + noise_mw)
        sir_db[u] = best[u] - 10.0 * math.log10(other[u])


def geometry(drop: Drop, power_dbm: ArrayLike, noise_dbm: float) -> Geometry:
    """Attach every user to the strongest cell and return coupling gain, SINR and SIR.

    Parameters
    ----------
    drop : Drop
        Gives the coupling gains.
    power_dbm : float or array [cell]
        Power of the cells [dBm].
    noise_dbm : float
        Noise of the users' receivers over the same bandwidth [dBm], as ``Scenario.noise_dbm``.

    Raises
    ------
    InputError
        Powers that do not fit the cells or are no numbers.

    Examples
    --------
    >>> from cellwright.simulation.scenarios import drop, geometry, scenario
    >>> umi = scenario("umi-6ghz")
    >>> heard = geometry(drop(umi, seed=1), umi.power_dbm, umi.noise_dbm)
    >>> bool((heard.sinr_db <= heard.sir_db).all())
    True
    """
    power = np.broadcast_to(np.asarray(power_dbm, np.float64), (drop.cells,))
    if np.isnan(power).any() or not math.isfinite(noise_dbm):
        raise InputError("power_dbm and noise_dbm must be numbers [dBm].")
    users = drop.users
    serving = np.empty(users, np.int32)
    coupling, sinr, sir = (np.empty(users, np.float32) for _ in range(3))
    noise_mw = 10.0 ** (noise_dbm / 10.0)
    _geometry_kernel(drop.gain_db, power, noise_mw, serving, coupling, sinr, sir)
    return Geometry(serving, coupling, sinr, sir)
