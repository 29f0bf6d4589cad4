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


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
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


_PER_DB = np.float32(math.log2(10.0) / 10.0)
_E0, _E1, _E2, _E3, _E4, _E5, _E6 = (
    np.float32(math.log(2.0) ** n / math.factorial(n)) for n in range(7)
)
_BIAS, _LOWEST = np.int32(127), np.float32(-126.0)


@njit(cache=True, error_model="numpy")
def from_decibels(level_db: np.float32) -> np.float32:
    """Return 10^(x/10) of a float32 of -379 to 380 dB, within 3e-6 of itself; 0 below.

    Examples
    --------
    >>> round(float(from_decibels(np.float32(-3.0))), 5), float(from_decibels(np.float32(-np.inf)))
    (0.50119, 0.0)
    """
    y = np.float32(level_db) * _PER_DB
    kept = max(y, _LOWEST)
    whole = np.float32(np.floor(kept + np.float32(0.5)))
    f = kept - whole
    p = _E0 + f * (_E1 + f * (_E2 + f * (_E3 + f * (_E4 + f * (_E5 + f * _E6)))))
    scale = np.int32(np.int32(np.int32(whole) + _BIAS) << _MANTISSA).view(np.float32)
    return p * scale if y > _LOWEST else np.float32(0.0)


_DEGREE = np.float32(180.0 / math.pi)
_EIGHTH = np.float32(math.tan(math.pi / 8.0))
_A3, _A5, _A7, _A9, _A11, _A13, _A15 = (
    np.float32((-1.0) ** (n // 2) / n) for n in (3, 5, 7, 9, 11, 13, 15)
)
_45, _90, _180, _360 = (np.float32(a) for a in (45.0, 90.0, 180.0, 360.0))


@njit(cache=True, error_model="numpy")
def bearing_deg(x: np.float32, y: np.float32) -> np.float32:
    """Return the angle from the y axis towards the x axis, 0 to below 360 deg, within 2e-5 deg.

    Examples
    --------
    >>> float(bearing_deg(np.float32(1.0), np.float32(0.0)))
    90.0
    >>> round(float(bearing_deg(np.float32(-1.0), np.float32(-1.0))), 4)
    225.0
    """
    ax, ay = abs(x), abs(y)
    ratio = min(ax, ay) / max(max(ax, ay), np.float32(1e-30))
    steep = ratio > _EIGHTH
    z = (ratio - _ONE) / (ratio + _ONE) if steep else ratio
    q = z * z
    series = _A7 + q * (_A9 + q * (_A11 + q * (_A13 + q * _A15)))
    angle = _DEGREE * z * (_ONE + q * (_A3 + q * (_A5 + q * series)))
    angle = angle + _45 if steep else angle
    angle = _90 - angle if ax > ay else angle
    angle = _180 - angle if y < np.float32(0.0) else angle
    angle = _360 - angle if x < np.float32(0.0) else angle
    return angle if angle < _360 else np.float32(0.0)


#: Taylor series of the cosine, of a quarter of the angle: it is doubled twice.
_C = [np.float32((-1.0) ** n / math.factorial(2 * n)) for n in range(6)]
_C1, _C2, _C3, _C4, _C5 = _C[1:]
_QUARTER = np.float32(math.pi / 2.0)


@njit(cache=True, error_model="numpy")
def cosine_of_turns(turns: np.float32) -> np.float32:
    """Return cos(2 pi x) of a float32, within 2e-6 for few turns.

    Examples
    --------
    >>> round(float(cosine_of_turns(np.float32(1.0 / 3.0))), 5)
    -0.5
    """
    t = np.float32(turns)
    t -= np.float32(np.floor(t + np.float32(0.5)))
    y = _QUARTER * t
    q = y * y
    c = _ONE + q * (_C1 + q * (_C2 + q * (_C3 + q * (_C4 + q * _C5))))
    c = _TWO * c * c - _ONE
    return _TWO * c * c - _ONE
