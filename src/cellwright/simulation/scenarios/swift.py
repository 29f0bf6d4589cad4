"""Decibels and angles in single precision without a branch, so that vector units run through them.

Numba calls the C library once a number; these series do eight at a time.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_ONE, _TWO = np.float32(1.0), np.float32(2.0)
#: Bits of the root of one half: numbers are split into 2^e and a part of 0.71 to 1.41.
_ROOT_HALF, _MANTISSA = np.int32(0x3F3504F3), np.int32(23)
_DB_OF_TWO = np.float32(10.0 * math.log10(2.0))
_DB_OF_E2 = np.float32(20.0 / math.log(10.0))
_L3, _L5, _L7, _L9 = (np.float32(1.0 / n) for n in (3, 5, 7, 9))
#: Taylor series of 10^(-x/320); with five squarings, 10^(-x/10).
_RATE = -math.log(10.0) / 320.0
_P1, _P2, _P3, _P4, _P5, _P6, _P7 = (np.float32(_RATE**n / math.factorial(n)) for n in range(1, 8))
_LEAST = np.float32(-np.inf)


@njit(cache=True)
def decibels(ratio: np.float32) -> np.float32:
    """Return 10 log10 of a float32 of 0 or more, within 3e-5 dB; minus infinity of 0.

    Examples
    --------
    >>> round(float(decibels(np.float32(2.0))), 4), float(decibels(np.float32(0.0)))
    (3.0103, -inf)
    """
    bits = np.int32(np.float32(ratio).view(np.int32))
    power = np.int32(np.int32(bits - _ROOT_HALF) >> _MANTISSA)
    part = np.int32(bits - np.int32(power << _MANTISSA)).view(np.float32)
    s = (part - _ONE) / (part + _ONE)
    q = s * s
    log = s * (_ONE + q * (_L3 + q * (_L5 + q * (_L7 + q * _L9))))
    value = _DB_OF_TWO * np.float32(power) + _DB_OF_E2 * log
    return value if ratio > np.float32(0.0) else _LEAST


@njit(cache=True)
def power_ratio(loss_db: np.float32) -> np.float32:
    """Return 10^(-loss/10) of a float32 of 0 to 100 dB, within 3e-6 of itself up to 30 dB.

    Examples
    --------
    >>> round(float(power_ratio(np.float32(20.0))), 6)
    0.01
    """
    x = np.float32(loss_db)
    p = _ONE + x * (_P1 + x * (_P2 + x * (_P3 + x * (_P4 + x * (_P5 + x * (_P6 + x * _P7))))))
    p *= p
    p *= p
    p *= p
    p *= p
    return p * p
