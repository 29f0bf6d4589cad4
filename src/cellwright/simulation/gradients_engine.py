"""The static level in JAX: levels, SINR, rates and loads of all receivers, differentiable.

The formulas of ``coverage.received`` and :mod:`cellwright.simulation.shares`; agreement is tested.
Ask :func:`cellwright.simulation.gradients.gradient_engine` for this module.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from cellwright.coverage.service import FINDABLE_DB
from cellwright.simulation.gradients import Aims, Knobs, Scene
from cellwright.simulation.link.rates import FIRST_DB, STEP_DB
from cellwright.simulation.load import MOST_LOAD

_DEGREE = math.pi / 180.0
_NEPER = math.log(10.0) / 10.0
_ROUNDS = 60
#: Lowest rate a user is taken to be served at [Mbit/s]; keeps logarithms and loads finite.
_LEAST_MBPS = 1e-3


class _Heard(NamedTuple):
    """Receivers: candidate servers, how likely each, what they and all others bring.

    ``cell, share, own_dbm, seen`` [receiver, candidate]; ``bystander_mw`` [cell, receiver] of full
    cells; ``rsrp_dbm`` [receiver].
    """

    cell: Array
    share: Array
    own_dbm: Array
    seen: Array
    bystander_mw: Array
    rsrp_dbm: Array


class _Served(NamedTuple):
    """Receivers: candidate servers, how likely each, and what they give."""

    cell: Array
    share: Array
    mbps: Array
    rsrp_dbm: Array


def _local_angles(scene: Scene, place: Array, knobs: Knobs) -> tuple[Array, Array]:
    """Zenith and azimuth [deg] of receivers in each antenna's own frame [cell, receiver]."""
    apart = place[:, None, :] - scene.site_m[:, scene.cell_site, None]
    length = jnp.maximum(jnp.sqrt((apart * apart).sum(axis=0)), 1e-3)
    east, north, up = apart / length
    turn, tilt = (one[:, None] * _DEGREE for one in (knobs.azimuth_deg, knobs.mechanical_tilt_deg))
    ahead = east * jnp.sin(turn) + north * jnp.cos(turn)
    right = east * jnp.cos(turn) - north * jnp.sin(turn)
    above = jnp.cos(tilt) * up + jnp.sin(tilt) * ahead
    front = jnp.cos(tilt) * ahead - jnp.sin(tilt) * up
    flat = jnp.sqrt(front * front + right * right + 1e-12)
    return jnp.arctan2(flat, above) / _DEGREE, jnp.arctan2(right, front + 1e-12) / _DEGREE


def _table_gain(table: Array, pattern: Array, zenith: Array, azimuth: Array) -> Array:
    """Bilinear look-up, as ``radio.pattern_gain``."""
    row = jnp.minimum(zenith.astype(jnp.int32), 179)
    down = zenith - row
    floor = jnp.floor(azimuth + 180.0)
    side = azimuth + 180.0 - floor
    left = floor.astype(jnp.int32) % 360
    right, which = (left + 1) % 360, pattern[:, None]
    above = (1.0 - side) * table[which, row, left] + side * table[which, row, right]
    below = (1.0 - side) * table[which, row + 1, left] + side * table[which, row + 1, right]
    return (1.0 - down) * above + down * below


def column_gain(columns: Array, zenith: Array, azimuth: Array, tilt_deg: Array) -> Array:
    """Gain of a column of elements phased to a tilt [dBi].

    Parameters
    ----------
    columns : array [5]
        As in :class:`Scene`.
    zenith, azimuth : array [cell, receiver]
        In the antenna's own frame [deg].
    tilt_deg : array [cell]
        Electrical downtilt.

    References
    ----------
    3GPP TR 38.901 V19.4, Table 7.3-1 and clause 7.3 (element); ITU-R M.2101-0, Table 4 (array).
    """
    rows, spacing, wide, high, gain = columns
    up = jnp.minimum(12.0 * ((zenith - 90.0) / high) ** 2, 30.0)
    across = jnp.minimum(12.0 * (azimuth / wide) ** 2, 30.0)
    element = -jnp.minimum(up + across, 30.0)
    half = math.pi * spacing * (jnp.cos(zenith * _DEGREE) + jnp.sin(tilt_deg * _DEGREE)[:, None])
    # sin(N a) / (N sin a), 1 where both vanish; there its slope vanishes too
    below = jnp.sin(half)
    peak = jnp.abs(below) < 1e-4
    factor = jnp.where(peak, 1.0, jnp.sin(rows * half) / (rows * jnp.where(peak, 1.0, below)))
    whole: Array = gain + element + 10.0 * jnp.log10(factor * factor + 1e-4)
    return whole


def _levels(scene: Scene, knobs: Knobs, parametric: bool, chunk: tuple[Array, ...]) -> Any:
    """RSRP and traffic level of a resource element [cell, receiver] [dBm]."""
    loss, _, place, _, _ = chunk
    zenith, azimuth = _local_angles(scene, place, knobs)
    base = (knobs.power_dbm + scene.fixed_db)[:, None] - loss[scene.cell_site]
    if parametric:
        gain = column_gain(scene.columns, zenith, azimuth, knobs.electrical_tilt_deg)
        return base + gain, base + gain
    rsrp = _table_gain(scene.rsrp_table, scene.pattern, zenith, azimuth)
    traffic = _table_gain(scene.traffic_table, scene.pattern, zenith, azimuth)
    return base + rsrp, base + traffic


def _rate(mbps: Array, sinr_db: Array, sight: Array) -> Array:
    """Rate [Mbit/s] by cubic Hermite interpolation, smooth to the first derivative."""
    last = mbps.shape[1] - 1
    place = jnp.clip((sinr_db - FIRST_DB) / STEP_DB, 1.0, last - 2.0)
    low = jnp.clip(place.astype(jnp.int32), 1, last - 3)
    t, row = place - low, (sight > 0.5).astype(jnp.int32)
    before, left, right, after = (mbps[row, low + k] for k in (-1, 0, 1, 2))
    start, end = 0.5 * (right - before), 0.5 * (after - left)
    cube = 2.0 * (left - right) + start + end
    square = 3.0 * (right - left) - 2.0 * start - end
    return jnp.maximum(((cube * t + square) * t + start) * t + left, 0.0)


def _heard(scene: Scene, knobs: Knobs, aims: Aims, parametric: bool, chunk: Any) -> _Heard:
    """Who serves the receivers of a chunk, and at what levels."""
    rsrp, traffic = _levels(scene, knobs, parametric, chunk)
    _, sight, *_ = chunk
    best, cell = lax.top_k(rsrp.T, min(aims.servers, rsrp.shape[0]))
    found = best[:, :1] >= jnp.log(scene.noise_mw) / _NEPER + FINDABLE_DB
    share = jax.nn.softmax(best / aims.softness_db, axis=1) * found
    own = jnp.take_along_axis(traffic, cell.T, axis=0).T
    seen = sight[scene.cell_site[cell], jnp.arange(cell.shape[0])[:, None]]
    own = own + (1.0 - seen) * scene.spread_db[cell]
    bystander = jnp.exp((traffic + scene.apart_db[:, None]) * _NEPER)
    return _Heard(cell, share, own, seen, bystander, best[:, 0])


def _serve(scene: Scene, heard: _Heard, activity: Array) -> _Served:
    """Rate of each receiver alone in its cell when the cells are this active."""
    number, rates = jnp.arange(activity.size)[:, None], []
    for k in range(heard.cell.shape[1]):
        busy = jnp.where(number == heard.cell[:, k], 0.0, activity[:, None])
        others = (busy * heard.bystander_mw).sum(axis=0)
        sinr = heard.own_dbm[:, k] - jnp.log(others + scene.noise_mw) / _NEPER
        rates.append(_rate(scene.mbps, sinr, heard.seen[:, k]))
    return _Served(heard.cell, heard.share, jnp.stack(rates, axis=1), heard.rsrp_dbm)


def _chunked(scene: Scene, size: int) -> tuple[Array, ...]:
    """Receivers in chunks, the last one filled up with receivers that count nothing."""
    count = scene.loss_db.shape[1]
    many = -(-count // size)

    def cut(values: Any, fill: float) -> Array:
        values = jnp.asarray(values)
        wide = [(0, 0)] * (values.ndim - 1) + [(0, many * size - count)]
        padded = jnp.pad(values, wide, constant_values=fill)
        split = padded.reshape(*values.shape[:-1], many, size)
        return jnp.moveaxis(split, -2, 0)

    return (
        cut(scene.loss_db, 200.0), cut(scene.sight, 0.0), cut(scene.place_m, 1.0),
        cut(scene.weight, 0.0), cut(scene.asked_mbps, 0.0),
    )  # fmt: skip


def _everyone(scene: Scene, knobs: Knobs, activity: Array, aims: Aims, parametric: bool) -> _Served:
    """All receivers, chunk after chunk; each chunk is worked out again on the way back."""
    size = min(aims.chunk, scene.loss_db.shape[1])

    @jax.checkpoint
    def one(chunk: Any) -> _Served:
        return _serve(scene, _heard(scene, knobs, aims, parametric, chunk), activity)

    found = lax.map(one, _chunked(scene, size))
    count = scene.loss_db.shape[1]
    whole: _Served = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:])[:count], found)
    return whole


def _lowest(scene: Scene) -> Array:
    """Lowest rate of the table that carries anything [Mbit/s]."""
    least: Array = jnp.where(scene.mbps > 0.0, scene.mbps, jnp.inf).min()
    return least


def _asked(scene: Scene, got: _Served, asked_mbps: Array, loads: Array) -> Array:
    """Load that receivers ask of each cell."""
    rate = jnp.maximum(got.mbps, jnp.maximum(_lowest(scene), _LEAST_MBPS))
    time = asked_mbps[:, None] * got.share / rate
    return jnp.zeros_like(loads).at[got.cell.ravel()].add(time.ravel())


def _activity(scene: Scene, loads: Array) -> Array:
    active: Array = scene.idle + (1.0 - scene.idle) * loads
    return active


def _wanted(scene: Scene, knobs: Knobs, loads: Array, aims: Aims, parametric: bool) -> Array:
    """Load asked of each cell when the cells have these loads."""
    got = _everyone(scene, knobs, _activity(scene, loads), aims, parametric)
    return _cut(_asked(scene, got, jnp.asarray(scene.asked_mbps), loads))


def _wanted_of(scene: Scene, knobs: Knobs, aims: Aims, parametric: bool) -> Any:
    """Return the map from loads to loads with all levels kept: rounds then cost little."""
    size = min(aims.chunk, scene.loss_db.shape[1])
    chunks = _chunked(scene, size)
    kept = lax.map(lambda chunk: _heard(scene, knobs, aims, parametric, chunk), chunks)

    def wanted(loads: Array) -> Array:
        def one(pair: Any) -> Array:
            heard, asked = pair
            return _asked(scene, _serve(scene, heard, _activity(scene, loads)), asked, loads)

        return _cut(lax.map(one, (kept, chunks[4])).sum(axis=0))

    return wanted


def _precision(load: Array) -> float:
    return 1e-5 if load.dtype == jnp.float32 else 1e-10


def _cut(wanted: Array) -> Array:
    return jnp.minimum(wanted, MOST_LOAD)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def coupled_loads(scene: Scene, knobs: Knobs, aims: Aims, parametric: bool) -> Array:
    """Loads at their fixed point [cell], climbed from idle cells."""

    wanted = _wanted_of(scene, knobs, aims, parametric)

    def go(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        load, _, round_ = state
        new = wanted(load)
        return new, jnp.abs(new - load).max(), round_ + 1

    def on(state: tuple[Array, Array, Array]) -> Array:
        return (state[1] > _precision(state[0])) & (state[2] < _ROUNDS)

    start = jnp.zeros_like(knobs.power_dbm)
    return lax.while_loop(on, go, (start, jnp.asarray(1.0, start.dtype), jnp.asarray(0)))[0]


def _loads_forward(scene: Scene, knobs: Knobs, aims: Aims, parametric: bool) -> Any:
    loads = coupled_loads(scene, knobs, aims, parametric)
    return loads, (scene, knobs, loads)


def _loads_backward(aims: Aims, parametric: bool, kept: Any, given: Array) -> Any:
    """Implicit function theorem: (1 - dF/dload)^T w = given, by its Neumann series."""
    scene, knobs, loads = kept

    _, by_load = jax.vjp(_wanted_of(scene, knobs, aims, parametric), loads)

    def go(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        w, _, round_ = state
        new = given + by_load(w)[0]
        return new, jnp.abs(new - w).max(), round_ + 1

    def on(state: tuple[Array, Array, Array]) -> Array:
        least = _precision(given) * (1e-6 + jnp.abs(given).max())
        return (state[1] > least) & (state[2] < _ROUNDS)

    first = (given, jnp.asarray(jnp.inf, given.dtype), jnp.asarray(0))
    w = lax.while_loop(on, go, first)[0]
    _, by_knobs = jax.vjp(lambda at: _wanted(scene, at, loads, aims, parametric), knobs)
    return jax.tree.map(_no_gradient, scene), by_knobs(w)[0]


def _no_gradient(values: Any) -> Any:
    kind = jnp.asarray(values)
    if jnp.issubdtype(kind.dtype, jnp.integer):
        return jnp.zeros(kind.shape, jax.dtypes.float0)
    return jnp.zeros_like(kind)


coupled_loads.defvjp(_loads_forward, _loads_backward)


def rates(scene: Scene, knobs: Knobs, aims: Aims, parametric: bool) -> tuple[Array, Array, Array]:
    """Return rate [Mbit/s] and RSRP [dBm] of every receiver and the load of every cell."""
    if aims.loads == "design":
        got = _everyone(scene, knobs, jnp.asarray(scene.activity), aims, parametric)
        return (got.mbps * got.share).sum(axis=1), got.rsrp_dbm, jnp.asarray(scene.activity)
    loads = coupled_loads(scene, knobs, aims, parametric)
    got = _everyone(scene, knobs, _activity(scene, loads), aims, parametric)
    shared = got.mbps * (1.0 - loads[got.cell])
    return (shared * got.share).sum(axis=1), got.rsrp_dbm, loads


def percentile(values: Array, weight: Array, percent: float, width: Array) -> Array:
    """Weighted percentile with every step widened to a logistic curve; differentiable.

    The value q with ``sum w s((q - v) / width) = p``, s the logistic function: bisected, then one
    Newton step that carries the derivative.
    """

    def share_below(q: Array, v: Array, step: Array) -> Array:
        return (weight * jax.nn.sigmoid((q - v) / step)).sum()

    fixed, still, wanted = lax.stop_gradient(values), lax.stop_gradient(width), percent / 100.0

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        middle = 0.5 * (ends[0] + ends[1])
        low = share_below(middle, fixed, still) < wanted
        return jnp.where(low, middle, ends[0]), jnp.where(low, ends[1], middle)

    ends = (fixed.min() - 20.0 * still, fixed.max() + 20.0 * still)
    low, high = lax.fori_loop(0, 60, halve, ends)
    q = 0.5 * (low + high)
    slope = lax.stop_gradient(jax.grad(share_below)(q, fixed, still))
    moved: Array = q - (share_below(q, values, width) - wanted) / jnp.maximum(slope, 1e-12)
    return moved


def _worth(scene: Scene, knobs: Knobs, aims: Aims, parametric: bool) -> Array:
    mbps, rsrp, loads = rates(scene, knobs, aims, parametric)
    weight = jnp.asarray(scene.weight)
    if aims.aim == "mean":
        return (weight * mbps).sum()
    if aims.aim == "log":
        return (weight * jnp.log(mbps + _LEAST_MBPS)).sum()
    if aims.aim == "percentile":
        width = aims.width * jnp.maximum(jnp.median(mbps), 1e-3)
        return percentile(mbps, weight, aims.percentile, width)
    if aims.aim == "coverage":
        corner = 10.0 * aims.width
        return -corner * (weight * jax.nn.softplus((scene.target_dbm - rsrp) / corner)).sum()
    return -aims.width * jax.nn.logsumexp(loads / aims.width)


@partial(jax.jit, static_argnums=(2, 3))
def _value(scene: Scene, knobs: Knobs, aims: Aims, parametric: bool) -> Array:
    return _worth(scene, knobs, aims, parametric)


@partial(jax.jit, static_argnums=(2, 3))
def _value_and_gradient(scene: Scene, knobs: Knobs, aims: Aims, parametric: bool) -> Any:
    return jax.value_and_grad(_worth, argnums=1)(scene, knobs, aims, parametric)


def _on_device(scene: Scene, knobs: Knobs) -> tuple[Scene, Knobs]:
    """Arrays of the precision JAX is set to: single, or double where 64 bits are enabled."""
    kind = jnp.result_type(float)
    made: tuple[Scene, Knobs] = jax.tree.map(
        lambda x: jnp.asarray(x, jnp.int32 if jnp.asarray(x).dtype == jnp.int32 else kind),
        (scene, Knobs(*knobs)),
    )
    return made


def value(scene: Scene, knobs: Knobs, aims: Aims) -> Array:
    """Return the objective."""
    parametric = float(scene.columns[0]) > 0.0
    found: Array = _value(*_on_device(scene, knobs), aims, parametric)
    return found


def value_and_gradient(scene: Scene, knobs: Knobs, aims: Aims) -> tuple[Array, Knobs]:
    """Return the objective and its derivative by every knob."""
    parametric = float(scene.columns[0]) > 0.0
    found: tuple[Array, Knobs] = _value_and_gradient(*_on_device(scene, knobs), aims, parametric)
    return found
