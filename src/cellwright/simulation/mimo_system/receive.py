"""What is received: SINR behind MMSE-IRC, the MCS that was chosen before, and its block errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cellwright.simulation.channel.draws import key_of
from cellwright.simulation.link.adaptation import choose_kernel
from cellwright.simulation.link.bicm import snr_from_information_kernel
from cellwright.simulation.link.block_error import transport_error_kernel
from cellwright.simulation.link.effective import add_information_kernel, sinr_db_kernel
from cellwright.simulation.mimo.kernels import (
    believed_sinr_kernel,
    cholesky_kernel,
    mmse_irc_sinr_kernel,
)
from cellwright.simulation.mimo_system.estimates import believed_kernel, draws_needed

Array = NDArray[Any]
_PILOT_STREAM = 1000


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _through(h: Array, precoder: Array, layers: int, out: Array) -> None:
    """Channel times precoder: ``out`` [receive, layer]."""
    out[:, :layers] = 0.0
    for r in range(h.shape[0]):
        for p in range(h.shape[1]):
            for k in range(layers):
                out[r, k] += h[r, p] * precoder[p, k]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _disturbed(
    h: Array, cell: Array, rest: float, count: Array, precoder: Array, single: Array, colour: Array
) -> None:
    """Covariance of noise and what other cells send, ``colour`` [receive, receive].

    ``h`` [link, receive, port] and ``cell`` [link] of a user at one frequency; ``count`` [cell] and
    ``precoder`` [cell, port, layer] of its subband.
    """
    colour[:] = 0.0
    for r in range(h.shape[1]):
        colour[r, r] = 1.0 + rest
    for j in range(1, cell.size):
        streams = count[cell[j]]
        _through(h[j], precoder[cell[j]], streams, single)
        for x in range(h.shape[1]):
            for y in range(x + 1):
                total = np.complex64(0.0)
                for k in range(streams):
                    total += single[x, k] * single[y, k].conjugate()
                colour[x, y] += total
    for x in range(h.shape[1]):
        for y in range(x):
            colour[y, x] = colour[x, y].conjugate()


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def _shown_sinr(
    key: Any, heff: Array, layers: int, colour: Array, gain: float, samples: int, lower: Array,
    draw: Array, root: Array, believed: Array, work: Array, out: Array,
) -> None:  # fmt: skip
    """SINR of each layer behind weights made from what pilots show."""
    for x in range(heff.shape[0]):
        for y in range(x + 1):
            lower[x, y] = colour[x, y]
    cholesky_kernel(lower, heff.shape[0])
    believed_kernel(key, lower, heff, layers, gain, samples, draw, root, believed, work)
    believed_sinr_kernel(heff, believed, layers, colour, work, out)


@njit(cache=True, nogil=True, error_model="numpy")
def _first_of(user: Array, place: int) -> bool:
    """Whether a layer is the first of its user."""
    return not (user[:place] == user[place]).any()


@njit(cache=True, nogil=True, error_model="numpy", fastmath=True)
def sinr_kernel(
    h: Array, cell: Array, rest: Array, samples: int, count: Array, user: Array, precoder: Array,
    pilots: Array, known: Array, seed: int, slot: int, sinr: Array,
) -> None:  # fmt: skip
    """SINR of every layer sent, ``sinr`` [cell, subband, layer, sample].

    ``h`` [user, link, frequency, receive, port] and ``cell`` [user, link]; what cells send as in
    :func:`~cellwright.simulation.mimo_system.schedule.schedule_kernel`. ``pilots`` [layers sent]
    gain of the pilots, 0 = the receiver knows the channel and the interference; ``known``
    [layers sent] samples of the covariance; ``seed`` and ``slot`` of the errors drawn.
    """
    receive, most = h.shape[3], user.shape[2]
    single = np.empty((receive, most), np.complex64)
    colour = np.empty((receive, receive), np.complex128)
    heff = np.empty((receive, most), np.complex128)
    work = np.empty((2 * receive, max(receive, most)), np.complex128)
    lower, root = np.zeros((2, receive, receive), np.complex128)
    believed = np.empty((receive, most), np.complex128)
    draw = np.empty(draws_needed(receive, most, known.max()))
    out = np.empty(most)
    for c in range(count.shape[0]):
        for s in range(count.shape[1]):
            layers = count[c, s]
            for first in range(layers):
                if not _first_of(user[c, s], first):
                    continue
                u = user[c, s, first]
                for q in range(samples):
                    f = s * samples + q
                    _disturbed(
                        h[u, :, f], cell[u], rest[u], count[:, s], precoder[:, s], single, colour
                    )
                    _through(h[u, 0, f], precoder[c, s], layers, single)
                    heff[:, :layers] = single[:, :layers]
                    if pilots[layers] > 0.0:
                        stream = _PILOT_STREAM + slot
                        key = key_of(seed, stream, c * count.shape[1] + s, u * samples + q)
                        _shown_sinr(
                            key, heff, layers, colour, pilots[layers], known[layers], lower, draw,
                            root, believed, work, out,
                        )  # fmt: skip
                    else:
                        mmse_irc_sinr_kernel(heff, layers, colour, work, out)
                    for k in range(layers):
                        if user[c, s, k] == u:
                            sinr[c, s, k, q] = out[k]


@njit(cache=True, nogil=True, error_model="numpy")
def _gather(
    count: Array, user: Array, value: Array, trust: Array, tables: Array, mean: Array, blocks: Array
) -> None:
    """Mean information of each user's block, ``mean`` [user, order], and its layers ``blocks``."""
    mean[:] = 0.0
    blocks[:] = 0
    for c in range(count.shape[0]):
        for s in range(count.shape[1]):
            for k in range(count[c, s]):
                u = user[c, s, k]
                blocks[u] += 1
                for q in range(value.shape[3]):
                    heard = sinr_db_kernel(value[c, s, k, q] * trust[u])
                    add_information_kernel(heard, tables, mean[u])
    for u in range(blocks.size):
        if blocks[u] > 0:
            mean[u] /= blocks[u] * value.shape[3]


@njit(cache=True, nogil=True, error_model="numpy")
def deliver_kernel(
    count: Array, user: Array, predicted: Array, actual: Array, trust: Array,
    limit: Array, order: Array, symbols: Array, bits: Array, tables: Array,
    blocks: Array, error: Array, carried: Array,
) -> None:  # fmt: skip
    """Choose each user's MCS by what was predicted and find its error by what was received.

    ``limit``, ``bits`` [size, row], ``symbols`` [size], ``order`` [row] of an
    :class:`~cellwright.simulation.link.AdaptationTable` whose size n - 1 is a block of n
    layers on a subband. Out, by user: ``blocks``, ``error``, and ``carried``, bits per symbol of
    one subband, summed over layers and subbands, without errors.
    """
    mean, heard = np.empty((blocks.size, 5)), np.empty((blocks.size, 5))
    _gather(count, user, predicted, trust, tables, mean, blocks)
    _gather(count, user, actual, np.ones(blocks.size), tables, heard, blocks)
    for u in range(blocks.size):
        carried[u], error[u] = 0.0, 0.0
        if blocks[u] == 0:
            continue
        size = min(blocks[u], symbols.size) - 1
        row = max(choose_kernel(mean[u], limit[size], order), 0)
        level = snr_from_information_kernel(heard[u, order[row] // 2 - 1], order[row], tables)
        error[u] = transport_error_kernel(
            level, order[row], symbols[size], bits[size, row], False, tables
        )
        if not math.isfinite(error[u]):
            error[u] = 1.0
        carried[u] = blocks[u] * bits[size, row] / symbols[size]
