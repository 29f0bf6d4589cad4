"""What users report: directions and strength of their layers on every subband."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.simulation.mimo import port_panel, svd_precoder, type2_precoder
from cellwright.simulation.mimo_system.settings import SystemSettings

Array = NDArray[Any]
#: Least SINR reported: what noise leaves over is no signal.
_LEAST_POWER = 1e-3


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


def _csi_rs_gain(settings: SystemSettings) -> float:
    """Resource blocks that one frequency stands for: a port has its data's power in each.

    The ports of a CDM group share the elements they spread over, 8 and 8, with all the power
    (TS 38.211 Table 7.4.1.5.3-1, row 17).
    """
    return settings.subband_blocks / settings.samples


def reports(h: Array, rest: Array, settings: SystemSettings, key: tuple[int, int]) -> Array:
    """Rows the base station knows, complex128 [user, subband, layer, port].

    The conjugate of each reported precoder with the amplitude whose square is the layer's SINR if
    it had all the power. ``key`` tells the errors of one report's CSI-RS from another's.
    """
    serving = whitened_serving(h, rest)
    users, _, receive, ports = serving.shape
    bias = 0.0
    if settings.estimation == "pilots":
        gain = _csi_rs_gain(settings)
        noise = np.random.default_rng(key).normal(size=(*serving.shape, 2)) / np.sqrt(2.0 * gain)
        serving = serving + noise.view(np.complex128)[..., 0]
        bias = receive / gain
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
        power = (np.abs(groups[user] @ column) ** 2).sum(axis=1) - bias
        strength = np.sqrt(np.maximum(power, _LEAST_POWER))
        known[user] = (column * strength[:, None, :]).conj().swapaxes(1, 2)
    return known
