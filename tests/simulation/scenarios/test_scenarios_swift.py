"""The series in single precision against the library's functions."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from cellwright.simulation.scenarios import swift


@njit
def over(kind, a, b):
    out = np.empty(a.size, np.float32)
    for i in range(a.size):
        if kind == 0:
            out[i] = swift.decibels(a[i])
        elif kind == 1:
            out[i] = swift.from_decibels(a[i])
        elif kind == 2:
            out[i] = swift.power_ratio(a[i])
        elif kind == 3:
            out[i] = swift.cosine_of_turns(a[i])
        else:
            out[i] = swift.bearing_deg(a[i], b[i])
    return out


def single(values):
    return np.asarray(values, np.float32)


@pytest.mark.parametrize(
    ("kind", "values", "plain", "within"),
    [
        (0, np.geomspace(1e-37, 1e37, 5001), lambda x: 10.0 * np.log10(x), 3e-5),
        (3, np.linspace(-9.0, 9.0, 5001), lambda x: np.cos(2.0 * np.pi * x), 3e-6),
    ],
)
def test_absolute(kind, values, plain, within):
    x = single(values)
    assert np.abs(over(kind, x, x) - plain(x.astype(float))).max() < within


@pytest.mark.parametrize(
    ("kind", "values", "sign", "within"),
    [(1, np.linspace(-370.0, 370.0, 5001), 1.0, 2e-5), (1, np.linspace(-60.0, 60.0, 5001), 1.0, 4e-6),
     (2, np.linspace(0.0, 30.0, 2001), -1.0, 4e-6), (2, np.linspace(30.0, 100.0, 701), -1.0, 1e-3)],
)  # fmt: skip
def test_relative(kind, values, sign, within):
    x = single(values)
    wanted = 10.0 ** (sign * x.astype(float) / 10.0)
    assert np.abs(over(kind, x, x) / wanted - 1.0).max() < within


def test_bearings_all_around():
    angle = np.linspace(0.0, 359.99, 7201)
    for far in (1e-3, 1.0, 5e3):
        x, y = single(far * np.sin(np.radians(angle))), single(far * np.cos(np.radians(angle)))
        wanted = np.degrees(np.arctan2(x.astype(float), y.astype(float))) % 360.0
        gap = np.abs(over(4, x, y) - wanted)
        assert np.minimum(gap, 360.0 - gap).max() < 4e-5
    edges = over(4, single([0, 0, 1, -1, 0, -1e-30]), single([1, -1, 0, 0, 0, 1]))
    assert edges.tolist() == [0.0, 180.0, 90.0, 270.0, 0.0, 0.0]


def test_nothing_is_minus_infinity_and_back():
    assert over(0, single([0.0]), single([0.0]))[0] == -np.inf
    assert over(1, single([-np.inf, -400.0]), single([0.0, 0.0])).tolist() == [0.0, 0.0]
