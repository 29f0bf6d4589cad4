"""What users report: directions and strength of their layers on every subband."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.simulation.mimo import port_panel, svd_precoder, type2_precoder
from cellwright.simulation.mimo_system.settings import SystemSettings

Array = NDArray[Any]


def whitened_serving(h: Array, rest: Array) -> Array:
    """Whiten the serving channel by the interference of cells that send evenly in all directions.

    Parameters
    ----------
    h : complex [user, link, frequency, receive, port]
        In units of the noise.
    rest : float [user]
        White interference beside the noise of 1.

    Returns
    -------
    complex128 [user, frequency, receive, port]
    """
    others = h[:, 1:].astype(np.complex128)
    colour = np.einsum("ulfrp,ulfsp->ufrs", others, others.conj(), optimize=True) / h.shape[-1]
    colour += (1.0 + rest)[:, None, None, None] * np.eye(h.shape[-2])
    return np.linalg.solve(np.linalg.cholesky(colour), h[:, 0].astype(np.complex128))


def reports(h: Array, rest: Array, settings: SystemSettings) -> Array:
    """Rows the base station knows, complex128 [user, subband, layer, port].

    The conjugate of each reported precoder with the amplitude whose square is the layer's SINR if
    it had all the power.
    """
    serving = whitened_serving(h, rest)
    users, _, receive, ports = serving.shape
    groups = serving.reshape(users, settings.subbands, -1, ports) / np.sqrt(settings.samples)
    base = settings.base
    known = np.empty((users, settings.subbands, settings.rank, ports), np.complex128)
    wide = base.port_columns or base.columns
    panel = None if settings.report == "ideal" else port_panel(wide, base.port_rows or base.rows)
    for user in range(users):
        if panel is None:
            precoder = svd_precoder(groups[user], min(settings.rank, receive))
        else:
            precoder = type2_precoder(groups[user], panel, settings.rank)
        column = precoder / np.linalg.norm(precoder, axis=1, keepdims=True)
        strength = np.linalg.norm(groups[user] @ column, axis=1)
        known[user] = (column * strength[:, None, :]).conj().swapaxes(1, 2)
    return known
