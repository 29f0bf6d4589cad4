"""SINR to Mbit/s: modulation and coding, exact transport blocks, layers (TS 38.214, TS 36.213)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cellwright.network import Carrier
from cellwright.radio import (
    McsTable,
    lte_subframe_bits,
    mcs_table,
    nr_transport_block_size,
)
from cellwright.simulation.link.block_error import Code, transport_block_error
from cellwright.simulation.link.frames import Frame, downlink_frame, uplink_blocks, uplink_frame
from cellwright.simulation.link.settings import EVM, LinkSettings, layer_gain

Direction = Literal["downlink", "uplink"]
Floats = NDArray[np.float64]
#: SINR grid of the tables [dB].
FIRST_DB, LAST_DB, STEP_DB = -25.0, 55.0, 0.1
SNR_DB: Floats = np.round(np.arange(FIRST_DB, LAST_DB + STEP_DB / 2, STEP_DB), 6)
SNR_DB.setflags(write=False)
_HIGHEST_ORDER = {"16qam": 4, "64qam": 6, "256qam": 8, "1024qam": 10}
#: Largest uplink block of an LTE phone without 64QAM [bit]: category 4, TS 36.306 Table 4.1-2.
_MOST_16QAM_BITS = 51_024


@dataclass(frozen=True, eq=False)
class RateTable:
    """What one user alone gets from a carrier, by SINR.

    Attributes
    ----------
    direction : {"downlink", "uplink"}
    frame : Frame
        Where the resource elements go.
    mbps : float [sight, SINR]
        Rate [Mbit/s] out of (0) and in (1) line of sight, on the grid ``SNR_DB``. Downlink: SINR
        of one layer with all the power at one antenna. Uplink: SNR with the phone's power spread
        over all blocks.
    layers : uint8 [sight, SINR]
        Layers used; 0 where nothing gets through.
    blocks_share : float [sight, SINR]
        Share of the carrier's blocks used: 1 in the downlink; in the uplink a weak phone keeps its
        power on few blocks.
    """

    direction: Direction
    frame: Frame
    mbps: Floats
    layers: NDArray[np.uint8]
    blocks_share: Floats

    def rate(self, sinr_db: ArrayLike, sight: ArrayLike) -> Floats:
        """Rate [Mbit/s] at a SINR [dB]; linear between table entries, 0 below the lowest."""
        return self._between(self.mbps, sinr_db, sight)

    def efficiency(self, sinr_db: ArrayLike, sight: ArrayLike) -> Floats:
        """Bits per data element: the rate without bandwidth, overhead and time share."""
        return np.asarray(self.rate(sinr_db, sight) * 1e6 / self.frame.data_elements_per_s)

    def share(self, sinr_db: ArrayLike, sight: ArrayLike) -> Floats:
        """Share of the blocks a user takes while served."""
        return self._between(self.blocks_share, sinr_db, sight)

    def layers_at(self, sinr_db: ArrayLike, sight: ArrayLike) -> NDArray[np.uint8]:
        """Layers used at a SINR [dB]."""
        return np.asarray(self.layers[np.asarray(sight, np.intp), _place(sinr_db).astype(np.intp)])

    def _between(self, table: Floats, sinr_db: ArrayLike, sight: ArrayLike) -> Floats:
        place, row = _place(sinr_db), np.asarray(sight, np.intp)
        low = np.minimum(place.astype(np.intp), SNR_DB.size - 2)
        left, right = table[row, low], table[row, low + 1]
        return np.asarray(left + (place - low) * (right - left))


def _place(sinr_db: ArrayLike) -> Floats:
    """Place of a SINR on the grid, in steps; NaN and all below are at its start."""
    place = (np.asarray(sinr_db, np.float64) - FIRST_DB) / STEP_DB
    return np.asarray(np.clip(np.nan_to_num(place, nan=0.0), 0.0, SNR_DB.size - 1.0))


@dataclass(frozen=True)
class _Scheme:
    """Modulation and coding schemes of one direction of a carrier.

    ``most_order`` caps the table's modulation: an LTE phone without 64QAM sends the rows of 64QAM
    with 16QAM (TS 36.213 clause 8.6.1); elsewhere no row lies above it.
    """

    table: McsTable
    rows: tuple[int, ...]
    code: Code
    most_order: int
    most_bits: float


def _scheme(carrier: Carrier, direction: Direction) -> _Scheme:
    """Pick the MCS table; rows above the highest modulation are left out, but in LTE's uplink."""
    highest = carrier.dl_mcs_table if direction == "downlink" else carrier.ul_mcs_table
    if carrier.rat == "lte":
        name = "lte-uplink" if direction == "uplink" else f"lte-{highest}"
    else:
        name = "nr-64qam" if highest == "16qam" else f"nr-{highest}"
    table = mcs_table(name)
    most = _HIGHEST_ORDER[highest]
    capped = name == "lte-uplink" and highest == "16qam"
    rows = tuple(int(i) for i in np.flatnonzero(capped | (table.modulation_order <= most)))
    code: Code = "turbo" if carrier.rat == "lte" else "ldpc"
    return _Scheme(table, rows, code, most, _MOST_16QAM_BITS if capped else np.inf)


def transport_bits(
    carrier: Carrier, scheme: _Scheme, frame: Frame, blocks: int, layers: int
) -> NDArray[np.int64]:
    """Bits a slot or subframe carries on so many blocks and layers, by scheme row."""
    rows = list(scheme.rows)
    if carrier.rat == "lte":
        return lte_subframe_bits(scheme.table.i_tbs[rows], blocks, layers)
    lost = 168 - frame.data_per_block
    return nr_transport_block_size(
        blocks,
        scheme.table.modulation_order[rows],
        scheme.table.code_rate[rows],
        layers,
        symbols=14,
        dmrs_re_per_prb=lost,
    )


def _with_evm(snr_db: Floats, order: int) -> Floats:
    """SINR of a symbol after the transmitter's own error [dB]."""
    return np.asarray(-10.0 * np.log10(10.0 ** (-snr_db / 10.0) + EVM[order] ** 2))


def _best_scheme(
    carrier: Carrier,
    scheme: _Scheme,
    frame: Frame,
    blocks: int,
    layers: int,
    snr_db: Floats,
    target_error: float,
) -> Floats:
    """Bits delivered per slot by the best scheme that keeps the error rate, by SINR of a layer.

    Two LTE codewords, or one NR block over all layers, see the same SINR on every layer; the
    blocks of code are of one size either way.
    """
    bits = transport_bits(carrier, scheme, frame, blocks, layers)
    words = 2 if carrier.rat == "lte" and layers > 1 else 1
    symbols = float(frame.data_per_block * blocks * layers) / words
    best = np.zeros(snr_db.size)
    for row, size in zip(scheme.rows, bits, strict=True):
        if size > scheme.most_bits:
            continue
        order = min(int(scheme.table.modulation_order[row]), scheme.most_order)
        error = transport_block_error(
            _with_evm(snr_db, order), order, symbols, float(size) / words, scheme.code
        )
        best = np.maximum(best, np.where(error <= target_error, size * (1.0 - error), 0.0))
    return best


def _downlink(carrier: Carrier, settings: LinkSettings) -> RateTable:
    frame, scheme = downlink_frame(carrier, settings), _scheme(carrier, "downlink")
    mbps = np.zeros((2, SNR_DB.size))
    used = np.zeros((2, SNR_DB.size), np.uint8)
    for layers in range(1, carrier.dl_layers + 1):
        bits = _best_scheme(
            carrier, scheme, frame, carrier.n_prb, layers, SNR_DB, settings.target_error
        )
        for sight in (0, 1):
            gain = layer_gain(layers, carrier.user_antennas, sight == 1, settings)
            shift = 10.0 * np.log10(gain) - settings.margin_db
            rate = np.interp(SNR_DB + shift, SNR_DB, bits) * frame.slots_per_s / 1e6
            better = rate > mbps[sight]
            mbps[sight][better], used[sight][better] = rate[better], layers
    return RateTable("downlink", frame, mbps, used, np.ones_like(mbps))


def _uplink_options(carrier: Carrier, settings: LinkSettings) -> Iterator[tuple[int, int]]:
    for layers in range(1, carrier.ul_layers + 1):
        for blocks in uplink_blocks(carrier, settings):
            yield layers, int(blocks)


def _uplink(carrier: Carrier, settings: LinkSettings) -> RateTable:
    """Try every number of blocks: few blocks hold the phone's power together."""
    frame, scheme = uplink_frame(carrier, settings), _scheme(carrier, "uplink")
    mbps, share = np.zeros((2, SNR_DB.size)), np.ones((2, SNR_DB.size))
    used = np.zeros((2, SNR_DB.size), np.uint8)
    branches = max(settings.base_branches, carrier.ul_layers)
    for layers, blocks in _uplink_options(carrier, settings):
        bits = _best_scheme(carrier, scheme, frame, blocks, layers, SNR_DB, settings.target_error)
        for sight in (0, 1):
            gain = layer_gain(layers, branches, sight == 1, settings)
            gain *= carrier.n_prb / blocks
            shift = 10.0 * np.log10(gain) - settings.margin_db
            rate = np.interp(SNR_DB + shift, SNR_DB, bits) * frame.slots_per_s / 1e6
            better = rate > mbps[sight]
            mbps[sight][better], used[sight][better] = rate[better], layers
            share[sight][better] = blocks / carrier.n_prb
    return RateTable("uplink", frame, mbps, used, share)


@lru_cache(maxsize=64)
def rate_table(
    carrier: Carrier, direction: Direction = "downlink", settings: LinkSettings | None = None
) -> RateTable:
    """Tabulate what one user alone gets from a carrier, by SINR.

    Parameters
    ----------
    carrier : Carrier
        Bandwidth, duplex, layers, MCS tables.
    direction : {"downlink", "uplink"}
        Which way.
    settings : LinkSettings, optional
        Assumptions of link adaptation.

    Returns
    -------
    RateTable

    Notes
    -----
    At each SINR the scheme and number of layers that deliver most among those with a block error
    rate within the target; transport block sizes are the standard's own.

    References
    ----------
    3GPP TS 38.214 clauses 5.1.3 and 6.1.4; TS 36.213 clauses 7.1.7 and 8.6.

    Examples
    --------
    >>> from cellwright.network import carrier
    >>> round(float(rate_table(carrier("b3")).rate(50.0, 0)), 1)
    150.2
    """
    chosen = settings or LinkSettings()
    return _downlink(carrier, chosen) if direction == "downlink" else _uplink(carrier, chosen)
