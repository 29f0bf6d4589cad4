"""Counter-based random numbers for the kernels: one stream of SplitMix64 for each user and use.

Streams depend on the seed and on names (user, cell) only, never on the order of the loop, so that
two plans see the same draws.

G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@njit(cache=True, inline="always")
def mixed(word: Any) -> Any:
    """Scramble 64 bits."""
    word = (word ^ (word >> np.uint64(30))) * _FIRST
    word = (word ^ (word >> np.uint64(27))) * _SECOND
    return word ^ (word >> np.uint64(31))


@njit(cache=True)
def key(seed: Any, first: Any, second: Any, third: Any) -> Any:
    """Make the start of a stream from a seed and three names."""
    word = mixed(np.uint64(seed) + _GOLDEN)
    word = mixed(word ^ (np.uint64(first) * _GOLDEN + np.uint64(1)))
    word = mixed(word ^ (np.uint64(second) * _FIRST + np.uint64(2)))
    return mixed(word ^ (np.uint64(third) * _SECOND + np.uint64(3)))


@njit(cache=True, inline="always")
def uniform(state: Any, index: Any) -> Any:
    """Draw from 0 (excluded) to 1 (included) and move the stream on."""
    state[index] += _GOLDEN
    return (np.float64(mixed(state[index]) >> np.uint64(11)) + 1.0) * (1.0 / 9007199254740992.0)


@njit(cache=True, inline="always")
def exponential(state: Any, index: Any) -> Any:
    """Draw an exponential number of mean 1."""
    return -math.log(uniform(state, index))
