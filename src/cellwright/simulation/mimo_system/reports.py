"""What users report: directions and strength of their layers on every subband."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellwright.simulation.link import AdaptationTable, cqi_adaptation
from cellwright.simulation.mimo import port_panel, svd_precoder, type2_precoder
from cellwright.simulation.mimo.search import precoded_sinr_kernel, scratch
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
    white = serving.reshape(users, settings.subbands, settings.samples, receive, ports)
    groups = serving.reshape(users, settings.subbands, -1, ports) / np.sqrt(settings.samples)
    base = settings.base
    known = np.empty((users, settings.subbands, settings.rank, ports), np.complex128)
    panel = port_panel(base.port_columns or base.columns, base.port_rows or base.rows)
    for user in range(users):
        if settings.report == "ideal":
            precoder = svd_precoder(groups[user], min(settings.rank, receive))
        else:
            precoder = type2_precoder(groups[user], panel, settings.rank)
        column = precoder / np.linalg.norm(precoder, axis=1, keepdims=True)
        if settings.report == "ideal":
            power = (np.abs(groups[user] @ column) ** 2).sum(axis=1) - bias
        else:
            power = told_power(white[user], column)
        strength = np.sqrt(np.maximum(power, 0.0))
        known[user] = (column * strength[:, None, :]).conj().swapaxes(1, 2)
    return known


def told_power(white: Array, column: Array) -> Array:
    """SINR of each layer with all the power, as rank and CQI tell it.

    Parameters
    ----------
    white : complex [subband, sample, receive, port]
        Whitened channel as the user knows it.
    column : complex [subband, port, layer]
        Reported directions, of length 1.

    Returns
    -------
    float64 [subband, layer]
        0 for layers above the rank of the highest rate. Layers share one codeword and so one CQI:
        which of them is the stronger is not told.

    References
    ----------
    3GPP TS 38.214 clause 5.2.2.1, Tables 5.2.2.1-1 and 5.2.2.1-3; TS 38.211 Table 7.3.1.3-1.
    """
    table, level = _table()
    told, best = np.zeros((len(white), column.shape[2])), -1.0
    for rank in range(1, column.shape[2] + 1):
        sinr = _behind(white, column[:, :, :rank] / np.sqrt(rank))
        cqi = _subband_cqi(10.0 * np.log10(np.maximum(sinr, 1e-3)), table)
        efficiency = rank * float(table.efficiency[0, cqi].mean())
        if efficiency > best:
            best = efficiency
            told[:, :rank] = rank * level[cqi][:, None]
    return told


def _behind(white: Array, precoder: Array) -> Array:
    """SINR behind MMSE-IRC [subband, sample, layer]."""
    out = np.empty((*white.shape[:2], precoder.shape[2]))
    heff, work = scratch(white.shape[2], precoder.shape[2])
    for subband in range(len(white)):
        precoded_sinr_kernel(white[subband], precoder[subband], heff, work, out[subband])
    return out


def _subband_cqi(sinr_db: Array, table: AdaptationTable) -> NDArray[np.int64]:
    """CQI of each subband: the wideband one and an offset of -1 to 2 (Table 5.2.2.1-1)."""
    wide = table.choose(sinr_db.ravel())
    own = table.choose(sinr_db.reshape(len(sinr_db), -1))
    return np.asarray(np.clip(wide + np.clip(own - wide, -1, 2), 0, table.order.size - 1))


@cache
def _table() -> tuple[AdaptationTable, NDArray[np.float64]]:
    """The CQI table and the SINR each CQI is taken for; "out of range" for half of the lowest."""
    table = cqi_adaptation("nr-256qam")
    decibels = table.threshold_db[0].copy()
    decibels[0] = decibels[1] - 10.0 * np.log10(2.0)
    return table, np.asarray(10.0 ** (decibels / 10.0))
