"""Patterns of single elements, and the sphere they are sampled on (TR 38.901 Table 7.3-1)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Zenith angle [deg] of each row and azimuth [deg] from boresight of each column of a pattern.
ZENITH_DEG = np.arange(181.0)
AZIMUTH_DEG = np.arange(-180.0, 180.0)
Grid = NDArray[np.float32]


def element_gain_dbi(
    zenith_deg: ArrayLike,
    azimuth_deg: ArrayLike,
    gain_dbi: float = 8.0,
    horizontal_beamwidth_deg: float = 65.0,
    vertical_beamwidth_deg: float = 65.0,
    front_to_back_db: float = 30.0,
    side_lobe_db: float = 30.0,
) -> NDArray[np.float64]:
    """Gain of the parametric antenna element of 3GPP and ITU-R.

    Parameters
    ----------
    zenith_deg, azimuth_deg : float or array
        Direction [deg]: zenith from straight up, azimuth from boresight -180 to 180.
    gain_dbi : float
        Peak gain G_E,max [dBi].
    horizontal_beamwidth_deg, vertical_beamwidth_deg : float
        3 dB beamwidths [deg].
    front_to_back_db, side_lobe_db : float
        A_max (also A_m) and SLA_V [dB].

    Returns
    -------
    ndarray
        Gain [dBi].

    References
    ----------
    3GPP TR 38.901 V19.4, Table 7.3-1; ITU-R M.2101-0, Table 3.

    Examples
    --------
    >>> float(element_gain_dbi(90.0, 0.0)), float(element_gain_dbi(90.0, 32.5))
    (8.0, 5.0)
    >>> float(element_gain_dbi(90.0, 180.0))
    -22.0
    """
    zenith, azimuth = np.asarray(zenith_deg, float), np.asarray(azimuth_deg, float)
    vertical = np.minimum(12.0 * ((zenith - 90.0) / vertical_beamwidth_deg) ** 2, side_lobe_db)
    horizontal = np.minimum(12.0 * (azimuth / horizontal_beamwidth_deg) ** 2, front_to_back_db)
    return np.asarray(gain_dbi - np.minimum(vertical + horizontal, front_to_back_db))


@cache
def sphere_weights() -> Grid:
    """Return the share of the sphere of each row's cells, float32 [181, 1]; sums to 1 over a grid.

    Each pattern entry stands for the cell half a degree around it, so a row's share is
    the difference of cosines at its edges, exact for a constant.
    """
    edges = np.radians(np.clip(np.arange(182.0) - 0.5, 0.0, 180.0))
    rows = (np.cos(edges[:-1]) - np.cos(edges[1:])) / 2.0
    weights = (rows / 360.0).astype(np.float32)[:, None]
    weights.setflags(write=False)
    return weights


def mean_power(power: NDArray[np.float32]) -> float:
    """Return the mean of a linear gain [181, 360] over the sphere: radiated over input power."""
    return float(np.sum(power * sphere_weights(), dtype=np.float64))


@cache
def element_power(
    gain_dbi: float,
    horizontal_beamwidth_deg: float,
    vertical_beamwidth_deg: float,
    front_to_back_db: float,
    side_lobe_db: float,
) -> Grid:
    """Return the element's linear gain on the whole grid, float32 [181, 360]."""
    gain = element_gain_dbi(
        ZENITH_DEG[:, None],
        AZIMUTH_DEG[None, :],
        gain_dbi,
        horizontal_beamwidth_deg,
        vertical_beamwidth_deg,
        front_to_back_db,
        side_lobe_db,
    )
    power = np.power(10.0, gain / 10.0).astype(np.float32)
    power.setflags(write=False)
    return power
