"""Counter-based random numbers: what a link draws depends on its keys alone, never on order."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_UNIT = 1.0 / 9007199254740992.0


@njit(cache=True, inline="always")
def _mixed(word: np.uint64) -> np.uint64:
    """Finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    word = (word ^ (word >> np.uint64(30))) * _FIRST
    word = (word ^ (word >> np.uint64(27))) * _SECOND
    return word ^ (word >> np.uint64(31))


@njit(cache=True)
def key_of(seed: int, first: int, second: int, third: int) -> np.uint64:
    """Return the start of a stream for a seed and three numbers."""
    word = _mixed(np.uint64(seed) + _GOLDEN)
    word = _mixed((word ^ np.uint64(first)) + _GOLDEN)
    word = _mixed((word ^ np.uint64(second)) + _GOLDEN)
    return _mixed((word ^ np.uint64(third)) + _GOLDEN)


@njit(cache=True)
def fill_uniform(key: np.uint64, out: NDArray[np.float64]) -> None:
    """Fill with uniform numbers strictly between 0 and 1."""
    word = key
    for i in range(out.size):
        word += _GOLDEN
        out[i] = (float(_mixed(word) >> np.uint64(11)) + 0.5) * _UNIT


@njit(cache=True)
def normal_of(uniform: float) -> float:
    """Return the standard normal quantile; absolute error below 2e-9 (Acklam's form, one step).

    Rational approximations in the middle and the tails.
    """
    if uniform < 0.02425 or uniform > 0.97575:
        tail = min(uniform, 1.0 - uniform)
        q = math.sqrt(-2.0 * math.log(tail))
        top = (
            (
                ((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q
                - 2.549732539343734
            )
            * q
            + 4.374664141464968
        ) * q + 2.938163982698783
        low = (
            ((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q
            + 3.754408661907416
        ) * q + 1.0
        value = top / low
        return value if uniform < 0.5 else -value
    q = uniform - 0.5
    r = q * q
    top = (
        (
            (
                ((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r
                + 138.3577518672690
            )
            * r
            - 30.66479806614716
        )
        * r
        + 2.506628277459239
    ) * q
    low = (
        (
            ((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r
            + 66.80131188771972
        )
        * r
        - 13.28068155288572
    ) * r + 1.0
    return top / low


@njit(cache=True)
def fill_field(
    seed: int, layer: int, x_m: float, y_m: float, spacing_m: float, out: NDArray[np.float64]
) -> None:
    """Fill with uniform numbers that change smoothly with the place.

    Each number is the normal quantile's inverse of a weighted mean of four independent normal
    numbers at the corners of a grid cell, scaled to unit variance: no memory, and users do
    not depend on one another.
    """
    column, row = math.floor(x_m / spacing_m), math.floor(y_m / spacing_m)
    right, up = x_m / spacing_m - column, y_m / spacing_m - row
    total = np.zeros(out.size)
    corner = np.empty(out.size)
    squares = 0.0
    for i in range(2):
        for j in range(2):
            weight = (right if i else 1.0 - right) * (up if j else 1.0 - up)
            squares += weight * weight
            fill_uniform(key_of(seed, layer, int(column) + i, int(row) + j), corner)
            for k in range(out.size):
                total[k] += weight * normal_of(corner[k])
    scale = 1.0 / math.sqrt(2.0 * squares)
    for k in range(out.size):
        value = 0.5 * math.erfc(-total[k] * scale)
        out[k] = min(max(value, 1e-16), 1.0 - 1e-16)


@njit(cache=True)
def normal_table(seed: int, layer: int, sites: int, users: int, count: int) -> NDArray[np.float64]:
    """Return independent standard normal numbers [count, site, user]."""
    out = np.empty((count, sites, users))
    draw = np.empty(count)
    for site in range(sites):
        for user in range(users):
            fill_uniform(key_of(seed, layer, site, user), draw)
            for k in range(count):
                out[k, site, user] = normal_of(draw[k])
    return out


@njit(cache=True)
def uniform_table(seed: int, layer: int, users: int, count: int) -> NDArray[np.float64]:
    """Return independent uniform numbers [user, count]."""
    out = np.empty((users, count))
    for user in range(users):
        fill_uniform(key_of(seed, layer, user, 0), out[user])
    return out
