"""Random numbers by counter: the same key and counter give the same number on any thread.

The finaliser of SplitMix64 over a Weyl sequence; normal numbers by inversion (Wichura's AS 241), so
that one uniform makes one normal and common random numbers stay common.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from cellwright.propagation.normal import inverse_tail

_WEYL = 0x9E3779B97F4A7C15
_STEP = np.uint64(_WEYL)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(bits) for bits in (30, 27, 31, 11))
_TO_UNIT = 2.0**-53
#: What is drawn; a number once given stays, so that a seed means the same drop tomorrow.
PLACE, INDOORS, BUILDING, FLOORS, FLOOR, DEPTH, DEPTH_AGAIN, WALL, CAR = range(9)
SIGHT, SHADOW, SHADOW_COMMON, GROUND, GROUND_HEIGHT, FIELD, FIELD_COMMON = range(9, 16)
STREAMS = 16


@njit(cache=True)
def _bits(key: np.uint64, counter: np.uint64) -> np.uint64:
    x = key + (counter + np.uint64(1)) * _STEP
    x = (x ^ (x >> _S30)) * _FIRST
    x = (x ^ (x >> _S27)) * _SECOND
    return x ^ (x >> _S31)


@njit(cache=True)
def uniform(key: np.uint64, counter: int) -> float:
    """Return a number strictly between 0 and 1."""
    return (float(_bits(key, np.uint64(counter)) >> _S11) + 0.5) * _TO_UNIT


@njit(cache=True, error_model="numpy")
def quantile(probability: float) -> float:
    """Return the standard normal quantile of a probability between 0 and 1.

    References
    ----------
    M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), routine PPND16.

    Examples
    --------
    >>> round(quantile(0.975), 9), round(quantile(1e-4), 9)
    (1.959963985, -3.719016485)
    """
    q = probability - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        above = 2509.0809287301226727 * r + 33430.575583588128105
        above = ((above * r + 67265.770927008700853) * r + 45921.953931549871457) * r
        above = ((above + 13731.693765509461125) * r + 1971.5909503065514427) * r
        above = (above + 133.14166789178437745) * r + 3.387132872796366608
        below = 5226.495278852545925 * r + 28729.085735721942674
        below = ((below * r + 39307.89580009271061) * r + 21213.794301586595867) * r
        below = ((below + 5394.1960214247511077) * r + 687.1870074920579083) * r
        below = (below + 42.313330701600911252) * r + 1.0
        return q * above / below
    tail = min(probability, 1.0 - probability)
    r = math.sqrt(-math.log(tail))
    if r > 5.0:  # rarer than 1e-11
        return -inverse_tail(probability)
    r -= 1.6
    above = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
    above = ((above * r + 0.24178072517745061177) * r + 1.27045825245236838258) * r
    above = ((above + 3.64784832476320460504) * r + 5.7694972214606914055) * r
    above = (above + 4.6303378461565452959) * r + 1.42343711074968357734
    below = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
    below = ((below * r + 0.0151986665636164571966) * r + 0.14810397642748007459) * r
    below = ((below + 0.68976733498510000455) * r + 1.6763848301838038494) * r
    below = (below + 2.05319162663775882187) * r + 1.0
    return math.copysign(above / below, q)


@njit(cache=True)
def normal(key: np.uint64, counter: int) -> float:
    """Return a standard normal number."""
    return quantile(uniform(key, counter))


def keys(seed: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return the key of every stream of a seed, uint64 [stream].

    Examples
    --------
    >>> uniform(keys(1)[SIGHT], 7) == uniform(keys(1)[SIGHT], 7) != uniform(keys(2)[SIGHT], 7)
    True
    """
    return np.array(
        [_mixed(_mixed(seed) ^ _mixed(stream + (1 << 32))) for stream in range(STREAMS)], np.uint64
    )


def _mixed(value: int) -> int:
    """Return the finaliser of one number, in Python's own integers."""
    x = (value + 1) * _WEYL & (1 << 64) - 1
    x = (x ^ (x >> 30)) * int(_FIRST) & (1 << 64) - 1
    x = (x ^ (x >> 27)) * int(_SECOND) & (1 << 64) - 1
    return x ^ (x >> 31)
