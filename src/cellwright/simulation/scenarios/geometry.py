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
from cellwright.simulation.scenarios.swift import decibels, from_decibels

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


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz"})
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
    total, best = np.zeros(users), np.zeros(users, np.float32)
    serving[:] = 0
    for c in range(gain_db.shape[0]):
        power, cell = np.float32(power_dbm[c]), np.int32(c)
        for u in range(users):
            level = from_decibels(gain_db[c, u] + power)
            total[u] += level
            more = level > best[u]
            best[u] = level if more else best[u]
            serving[u] = cell if more else serving[u]
    for u in range(users):
        other = max(total[u] - float(best[u]), 0.0)
        own = decibels(best[u])
        lost = own == -math.inf  # no cell reaches the user
        sinr_db[u] = own - decibels(np.float32(other + noise_mw))
        sir_db[u] = own if lost else own - decibels(np.float32(other))
    for u in range(users):
        coupling_db[u] = gain_db[serving[u], u]


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
