"""How likely each site alone covers each receiver: what phases and cuts of a network rest on."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.special import ndtr


def site_probability(received: xr.Dataset, target_dbm: ArrayLike) -> xr.DataArray:
    """Return the probability that each site, through its best cell, reaches the target level.

    Parameters
    ----------
    received : Dataset
        From :func:`cellwright.coverage.received`; fewer receivers where ``isel`` took some.
    target_dbm : float or float [receiver]
        Level to reach [dBm].

    Returns
    -------
    DataArray
        Dims ``site, receiver``, float32, 0 to 1; 0 where a site does not reach.

    Notes
    -----
    Phi((level - target) / sigma) with sigma by sight and place, as ``coverage.signal`` has it
    for the best server.

    References
    ----------
    3GPP TR 38.901 V19.4.0 Table 7.4.1-1 (standard deviation of shadow fading).
    """
    level, sight = received["rsrp_dbm"].to_numpy(), received["sight"].to_numpy()
    sigma, place = received["sigma_db"].to_numpy(), received["place"].to_numpy()
    site_of_cell = received["site_of_cell"].to_numpy()
    target = np.broadcast_to(np.asarray(target_dbm, np.float64), place.shape)
    out = np.zeros((received.sizes["site"], place.size), np.float32)
    for site in range(out.shape[0]):
        mine = np.flatnonzero(site_of_cell == site)
        if mine.size == 0:
            continue
        margin = level[mine].max(axis=0) - target
        spread = sigma[site, sight[site], place]
        sure = spread <= 0.0
        out[site] = ndtr(margin / np.where(sure, 1.0, spread))
        out[site, sure] = margin[sure] >= 0.0
    return xr.DataArray(out, dims=("site", "receiver"), coords={"site": received["site"]})
