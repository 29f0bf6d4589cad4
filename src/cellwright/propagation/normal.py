"""Inverse of the normal distribution: exact, and as ITU-R P.1812-8 approximates it."""

from __future__ import annotations

import math

from numba import njit

_ROOT_TWO = math.sqrt(2.0)
_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
#: P.1812-8 holds its approximation between these probabilities.
_LEAST, _MOST = 1e-6, 1.0 - 1e-6


@njit(cache=True, error_model="numpy")
def _upper_tail(probability: float) -> float:
    """Rational approximation for a tail of 0.5 or less, off by 4.5e-4 at most."""
    t = math.sqrt(-2.0 * math.log(probability))
    above = (0.010328 * t + 0.802853) * t + 2.515516698
    below = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0
    return t - above / below


@njit(cache=True, error_model="numpy")
def inverse_tail_p1812(probability: float) -> float:
    """Return I(x), what a normal variable exceeds with probability x, as P.1812-8 approximates it.

    Kept apart from :func:`inverse_tail`: reference runs carry its rounding.

    References
    ----------
    ITU-R P.1812-8 (2025), Attachment 2 to Annex 1.

    Examples
    --------
    >>> round(inverse_tail_p1812(0.01), 3), round(inverse_tail_p1812(0.5), 6)
    (2.327, 0.0)
    """
    x = min(max(probability, _LEAST), _MOST)
    return _upper_tail(x) if x <= 0.5 else -_upper_tail(1.0 - x)


@njit(cache=True, error_model="numpy")
def inverse_tail(probability: float) -> float:
    """Return Q^-1(x), what a normal variable exceeds with probability x; NaN outside 0 to 1.

    The approximation above, then two steps of Halley's method: full double precision.

    References
    ----------
    ITU-R P.1057-7 (2022), Annex 1, clause 1.

    Examples
    --------
    >>> round(inverse_tail(0.01), 9), round(inverse_tail(0.5), 9)
    (2.326347874, 0.0)
    """
    if not 0.0 < probability < 1.0:
        return math.nan
    tail = min(probability, 1.0 - probability)
    x = _upper_tail(tail)
    for _ in range(2):
        step = (0.5 * math.erfc(x / _ROOT_TWO) - tail) * _ROOT_TWO_PI * math.exp(0.5 * x * x)
        x += step / (1.0 - 0.5 * x * step)
    return x if probability <= 0.5 else -x
