"""Urban path loss of 3GPP TR 38.901 V19.4.0, clause 7.4.1, over arrays in JAX: differentiable.

The formulas of :mod:`cellwright.propagation.tr38901`. Needs JAX; ask
:func:`cellwright.propagation.batch_engine` for it.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from cellwright.propagation.tr38901 import LOWEST_EFFECTIVE_HEIGHT_M, NEAREST_M


def _decades(distance_2d_m: ArrayLike, base_m: Array, user_m: Array) -> tuple[Array, Array]:
    """Distance on the map [m] within the table, and decimal logarithm of that in space."""
    near = jnp.maximum(distance_2d_m, NEAREST_M)
    rise = base_m - user_m
    return near, 0.5 * jnp.log10(near * near + rise * rise)


def _sight_loss(
    distance_2d_m: ArrayLike,
    frequency_ghz: Array,
    base_m: Array,
    user_m: Array,
    row: tuple[float, float, float],
) -> Array:
    """PL1 and PL2 of UMa and UMi [dB]; ``row``: constant, slope, and factor at the turn."""
    near, decades = _decades(distance_2d_m, base_m, user_m)
    base = jnp.maximum(base_m - 1.0, LOWEST_EFFECTIVE_HEIGHT_M)
    user = jnp.maximum(user_m - 1.0, LOWEST_EFFECTIVE_HEIGHT_M)
    turn = 4.0 * base * user * frequency_ghz * (10.0 / 3.0)
    squared = turn * turn + (base_m - user_m) ** 2
    far = 40.0 * decades - row[2] * jnp.log10(squared)
    return row[0] + 20.0 * jnp.log10(frequency_ghz) + jnp.where(near <= turn, row[1] * decades, far)


@jax.jit
def uma_loss_db(
    distance_2d_m: ArrayLike,
    frequency_ghz: ArrayLike,
    base_height_m: ArrayLike,
    user_height_m: ArrayLike,
    sight: ArrayLike,
) -> Array:
    """Path loss of urban macro, UMa [dB].

    Parameters
    ----------
    distance_2d_m, frequency_ghz, base_height_m, user_height_m : array
        Distance on the map [m], carrier [GHz], antenna heights above ground [m].
    sight : array of bool
        Line of sight or not.

    References
    ----------
    3GPP TR 38.901 V19.4.0, Table 7.4.1-1.

    Examples
    --------
    >>> round(float(uma_loss_db(100.0, 3.5, 25.0, 1.5, True)), 2)
    83.14
    """
    f, base, user = (jnp.asarray(v) for v in (frequency_ghz, base_height_m, user_height_m))
    seen = _sight_loss(distance_2d_m, f, base, user, (28.0, 22.0, 9.0))
    _, decades = _decades(distance_2d_m, base, user)
    blocked = 13.54 + 39.08 * decades + 20.0 * jnp.log10(f) - 0.6 * (user - 1.5)
    return jnp.where(sight, seen, jnp.maximum(seen, blocked))


@jax.jit
def umi_loss_db(
    distance_2d_m: ArrayLike,
    frequency_ghz: ArrayLike,
    base_height_m: ArrayLike,
    user_height_m: ArrayLike,
    sight: ArrayLike,
) -> Array:
    """Path loss of urban micro, UMi - street canyon [dB]; arguments as :func:`uma_loss_db`.

    References
    ----------
    3GPP TR 38.901 V19.4.0, Table 7.4.1-1.

    Examples
    --------
    >>> round(float(umi_loss_db(100.0, 3.5, 10.0, 1.5, False)), 2)
    104.64
    """
    f, base, user = (jnp.asarray(v) for v in (frequency_ghz, base_height_m, user_height_m))
    seen = _sight_loss(distance_2d_m, f, base, user, (32.4, 21.0, 9.5))
    _, decades = _decades(distance_2d_m, base, user)
    blocked = 22.4 + 35.3 * decades + 21.3 * jnp.log10(f) - 0.3 * (user - 1.5)
    return jnp.where(sight, seen, jnp.maximum(seen, blocked))
