from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation.mimo import (
    PowerControl,
    noise_covariance,
    shared_uplink_sinr,
    uplink_sinr,
)


def draw(rng, *shape):
    return (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(2.0)


def test_full_compensation_brings_every_phone_to_one_level():
    control = PowerControl(p0_dbm=-90.0, alpha=1.0)
    loss = np.array([70.0, 85.0, 100.0])
    assert control.power_dbm(loss, 10) - loss == pytest.approx(-80.0)


def test_power_follows_blocks_spacing_and_limit():
    fractional = PowerControl(p0_dbm=-80.0, alpha=0.7, scs_khz=30.0)
    one, four = fractional.power_dbm(90.0, 1), fractional.power_dbm(90.0, 4)
    assert float(one) == pytest.approx(-80.0 + 10.0 * np.log10(2.0) + 63.0)
    assert float(four - one) == pytest.approx(10.0 * np.log10(4.0))
    assert float(fractional.power_dbm(200.0, 100)) == 23.0
    assert float(fractional.power_dbm(0.0, 1)) == -40.0
    raised = fractional.power_dbm(90.0, 1, correction_db=2.0)
    assert float(raised - one) == pytest.approx(2.0)


def test_headroom_is_what_the_limit_leaves():
    control = PowerControl(p0_dbm=-80.0, alpha=0.8)
    loss = np.linspace(60.0, 160.0, 30)
    headroom = control.headroom_db(loss, 20)
    below = headroom >= 0.0
    assert control.power_dbm(loss, 20)[below] == pytest.approx(23.0 - headroom[below])
    assert (control.power_dbm(loss, 20)[~below] == 23.0).all()
    blocks = control.most_blocks(loss)
    assert (np.diff(blocks) <= 0).all()
    few = blocks > 1
    assert (control.headroom_db(loss[few], blocks[few]) >= -1e-6).all()
    assert (control.headroom_db(loss[few], blocks[few] + 1) < 0.0).all()


def test_more_bits_ask_for_more_power():
    control = PowerControl(delta_mcs=True)
    rise = control.wanted_dbm(90.0, 1, 4.0) - control.wanted_dbm(90.0, 1, 2.0)
    assert float(rise) == pytest.approx(10.0 * np.log10((2**5 - 1) / (2**2.5 - 1)))


def test_cancelling_separates_users_that_mrc_confuses():
    rng = np.random.default_rng(1)
    h = draw(rng, 200, 8, 4)
    white = 0.01 * np.eye(8)
    irc, mrc = uplink_sinr(h, white), uplink_sinr(h, white, receiver="mrc")
    assert (irc >= mrc * (1.0 - 1e-9)).all()
    assert np.median(irc) > 20.0 * np.median(mrc)
    alone = (np.abs(h) ** 2).sum(axis=-2) / 0.01
    assert (irc <= alone * (1.0 + 1e-9)).all()
    assert uplink_sinr(h[..., :1], white, receiver="mrc")[..., 0] == pytest.approx(alone[:, 0])


def test_zero_forcing_limit_of_users_without_noise():
    rng = np.random.default_rng(2)
    h = draw(rng, 4, 3)
    expected = 1.0 / np.diagonal(np.linalg.inv(h.conj().T @ h)).real / 1e-9
    assert uplink_sinr(h, 1e-9 * np.eye(4)) == pytest.approx(expected, rel=1e-4)


def test_power_scales_a_user_and_interferers_count():
    rng = np.random.default_rng(3)
    h, others = draw(rng, 4, 1), draw(rng, 4, 2)
    one = uplink_sinr(h, noise_covariance(others, 0.1))
    assert uplink_sinr(h, noise_covariance(others, 0.1), [2.0]) == pytest.approx(2.0 * one)
    assert shared_uplink_sinr(h, others, 0.1) == pytest.approx(one)
    assert uplink_sinr(h, 0.1 * np.eye(4)) > one


def test_settings_out_of_range_are_all_told():
    with pytest.raises(InputError, match="4 faults") as told:
        PowerControl(alpha=1.2, scs_khz=17.0, p0_dbm=30.0, most_dbm=-50.0)
    assert {f.code for f in told.value.faults} >= {"uplink.alpha", "uplink.scs"}
    with pytest.raises(InputError, match="at least 1"):
        PowerControl().power_dbm(100.0, 0)
