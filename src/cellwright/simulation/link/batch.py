"""Mutual information and block error over arrays in JAX: differentiable, for CPU or GPU.

The formulas of :mod:`cellwright.simulation.link.block_error` on the same tables. Needs JAX; ask
:func:`cellwright.simulation.link.link_engine` for it.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import ndtr
from jax.typing import ArrayLike

from cellwright.simulation.link.bicm import FIRST_DB, POINTS, STEP_DB, information_tables
from cellwright.simulation.link.block_error import (
    _LEAST_BITS,
    _LEAST_CHECKS,
    _LEAST_RATE,
    _MOST_RATE,
    _SHORT_POWER,
    FEW_CHECKS_DB,
    GAP_DB,
    HIGH_RATE_DB,
    Code,
)


def _look_up(snr_db: ArrayLike, modulation_order: int, column: int) -> Array:
    table = jnp.asarray(information_tables()[modulation_order // 2 - 1])
    place = jnp.clip((jnp.asarray(snr_db) - FIRST_DB) / STEP_DB, 0.0, POINTS - 1.0)
    low = jnp.minimum(place.astype(jnp.int32), POINTS - 2)
    t = place - low
    left, right = table[low, column], table[low + 1, column]
    bend, rise = table[low, column + 1], table[low + 1, column + 1]
    gap = right - left
    return left + t * (bend + t * ((3.0 * gap - 2.0 * bend - rise) + t * (bend + rise - 2.0 * gap)))


def mutual_information(snr_db: ArrayLike, modulation_order: int) -> Array:
    """Bits a symbol carries through bit-interleaved coding; SNR [dB]."""
    return _look_up(snr_db, modulation_order, 0)


def dispersion(snr_db: ArrayLike, modulation_order: int) -> Array:
    """Variance of the information a symbol carries [bit^2]; SNR [dB]."""
    return _look_up(snr_db, modulation_order, 2)


def gap_db(info_bits: ArrayLike, code_rate: ArrayLike, code: Code = "ldpc") -> Array:
    """Distance of the decoder from the bound [dB]."""
    bits = jnp.maximum(jnp.asarray(info_bits), _LEAST_BITS)
    rate = jnp.clip(jnp.asarray(code_rate), _LEAST_RATE, _MOST_RATE)
    checks = jnp.maximum(bits * (1.0 / rate - 1.0), _LEAST_CHECKS)
    few = FEW_CHECKS_DB / checks * (100.0 / bits) ** _SHORT_POWER
    return GAP_DB[code] - HIGH_RATE_DB * rate**4 + few


def code_block_error(
    snr_db: ArrayLike,
    modulation_order: int,
    symbols: ArrayLike,
    info_bits: ArrayLike,
    code: Code = "ldpc",
) -> Array:
    """Error rate of one code block; arguments as in the array form, gradients in all but order."""
    n = jnp.maximum(jnp.asarray(symbols), 1e-6)
    k = jnp.asarray(info_bits)
    rate = k / jnp.maximum(n * modulation_order, 1.0)
    effective = jnp.asarray(snr_db) - gap_db(k, rate, code)
    mean = n * mutual_information(effective, modulation_order) - k + 0.5 * jnp.log2(n)
    variance = jnp.maximum(n * dispersion(effective, modulation_order), 1e-12)
    return ndtr(-mean / jnp.sqrt(variance))


def transport_block_error(
    snr_db: ArrayLike,
    modulation_order: int,
    symbols: ArrayLike,
    info_bits: ArrayLike,
    blocks: ArrayLike,
    code: Code = "ldpc",
) -> Array:
    """Error rate of a transport block of so many code blocks; symbols and bits are of one of them.

    How a transport block is cut is not smooth; :func:`~cellwright.simulation.link.code_blocks`
    says it beforehand.
    """
    each = code_block_error(snr_db, modulation_order, symbols, info_bits, code)
    return -jnp.expm1(blocks * jnp.log1p(-jnp.minimum(each, 1.0 - 1e-6)))
