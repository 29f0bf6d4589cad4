"""Turning directions into an antenna's own frame: rotation matrices, kernels, laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright import radio

angle = st.floats(-180, 180)
zenith = st.floats(0.5, 179.5)


def _by_matrices(azimuth, zenith_deg, boresight, tilt):
    """TR 38.901 equation 7.1-4 by matrices; its azimuths run counter-clockwise from x."""
    alpha, beta = np.radians(-boresight), np.radians(tilt)
    turn = np.array(
        [[np.cos(alpha), -np.sin(alpha), 0], [np.sin(alpha), np.cos(alpha), 0], [0, 0, 1]]
    )
    lean = np.array([[np.cos(beta), 0, np.sin(beta)], [0, 1, 0], [-np.sin(beta), 0, np.cos(beta)]])
    phi, theta = np.radians(-azimuth), np.radians(zenith_deg)
    point = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    local = (turn @ lean).T @ point
    return np.degrees(np.arccos(np.clip(local[2], -1, 1))), -np.degrees(
        np.arctan2(local[1], local[0])
    )


@given(angle, zenith, angle, st.floats(-20, 20))
@settings(deadline=None)
def test_local_angles_equal_the_rotation_matrices(azimuth, zenith_deg, boresight, tilt):
    found = radio.local_angles(azimuth, zenith_deg, boresight, tilt)
    wanted = _by_matrices(azimuth, zenith_deg, boresight, tilt)
    assert float(found[0]) == pytest.approx(wanted[0], abs=1e-6)
    if 0.1 < wanted[0] < 179.9:
        assert abs((float(found[1]) - wanted[1] + 180) % 360 - 180) < 1e-5


def test_a_tilted_antenna_looks_down_ahead_and_up_behind():
    ahead, _ = radio.local_angles(40.0, 96.0, 40.0, 6.0)
    behind, _ = radio.local_angles(220.0, 84.0, 40.0, 6.0)
    side, azimuth = radio.local_angles(130.0, 90.0, 40.0, 6.0)
    assert float(ahead) == pytest.approx(90.0)
    assert float(behind) == pytest.approx(90.0)
    assert float(side) == pytest.approx(90.0)
    assert float(azimuth) == pytest.approx(90.0)  # east of a northward antenna is to its right


def test_kernel_equals_numpy_on_many_directions():
    rng = np.random.default_rng(5)
    pattern = radio.antenna("nr-64t64r").pattern(6.0)
    azimuth, down = rng.uniform(-180, 180, 400), rng.uniform(0, 180, 400)
    boresight, tilt = rng.uniform(0, 360, 400), rng.uniform(-5, 15, 400)
    dx, dy, dz = radio.unit_vector(azimuth, down)
    local = radio.local_angles(azimuth, down, boresight, tilt)
    wanted = radio.pattern_gain(pattern, *local)
    for i in range(400):
        angles = radio.local_angles_kernel(dx[i], dy[i], dz[i], boresight[i], tilt[i])
        assert angles[0] == pytest.approx(float(local[0][i]), abs=1e-6)
        gain = radio.pattern_gain_kernel(pattern, dx[i], dy[i], dz[i], boresight[i], tilt[i])
        assert gain == pytest.approx(float(wanted[i]), abs=1e-3)


def test_kernel_meets_the_table_at_whole_degrees_and_wraps():
    pattern = np.arange(181 * 360, dtype=np.float32).reshape(181, 360)
    for row, column in [(0, 180), (90, 0), (90, 359), (180, 180), (45, 200)]:
        vector = [float(part) for part in radio.unit_vector(column - 180.0, float(row))]
        gain = radio.pattern_gain_kernel(pattern, *vector, 0.0, 0.0)
        if row in (0, 180):
            assert int(gain // 360) in (row, row - 1)  # azimuth has no meaning at the poles
        else:
            assert gain == pytest.approx(float(pattern[row, column]), abs=0.2)
    flat = np.zeros((181, 360), dtype=np.float32)
    flat[:, 0] = 10.0
    half = radio.pattern_gain(flat, 90.0, [179.5, -179.5, -180.0, 180.0])
    np.testing.assert_allclose(half, [5.0, 5.0, 10.0, 10.0])


@given(angle, zenith, angle, angle)
@settings(deadline=None, max_examples=50)
def test_turning_everything_changes_nothing(azimuth, zenith_deg, boresight, turn):
    pattern = radio.antenna("lte-sector").pattern(2.0)
    before = radio.pattern_gain(pattern, *radio.local_angles(azimuth, zenith_deg, boresight, 3.0))
    after = radio.pattern_gain(
        pattern, *radio.local_angles(azimuth + turn, zenith_deg, boresight + turn, 3.0)
    )
    assert float(before) == pytest.approx(float(after), abs=1e-4)
