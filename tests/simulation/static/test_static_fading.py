from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InputError
from cellwright.network import carrier
from cellwright.simulation import LinkSettings, rate_table
from cellwright.simulation.fading import faded, fading_power


@pytest.mark.parametrize("branches", [1, 2, 4])
@pytest.mark.parametrize("k_factor", [0.0, 1.0, 8.0])
def test_one_user_has_mean_power_one(k_factor, branches):
    power, weight = fading_power(k_factor, branches)
    assert weight.sum() == pytest.approx(1.0)
    assert power @ weight == pytest.approx(1.0, abs=2e-3)
    # variance of a Rician channel's power behind m branches
    variance = (1.0 + 2.0 * k_factor) / (1.0 + k_factor) ** 2 / branches
    assert power**2 @ weight - (power @ weight) ** 2 == pytest.approx(variance, rel=0.03)


@pytest.mark.parametrize("users", [2, 5, 20, 64])
def test_the_best_of_rayleigh_channels_is_a_harmonic_sum(users):
    power, weight = fading_power(users=users)
    assert power @ weight == pytest.approx((1.0 / np.arange(1, users + 1)).sum(), rel=2e-3)


def test_ergodic_capacity_of_rayleigh_fading():
    """Mean of log2(1 + g snr) is exp(1/snr) E1(1/snr) / ln 2 (Simon and Alouini, 15.26)."""
    from scipy.special import exp1

    power, weight = fading_power()
    for snr in (0.3, 3.0, 30.0, 300.0):
        exact = np.exp(1.0 / snr) * exp1(1.0 / snr) / np.log(2.0)
        assert np.log2(1.0 + snr * power) @ weight == pytest.approx(exact, rel=2e-3)


@given(st.floats(0.0, 20.0), st.integers(1, 8), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_quadrature_against_drawn_channels(k_factor, branches, users):
    rng = np.random.default_rng(3)
    mean = np.sqrt(k_factor / (k_factor + 1.0))
    shape = (2000, users, branches)
    h = mean + (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(
        2.0 * (k_factor + 1.0)
    )
    best = (np.abs(h) ** 2).mean(axis=2).max(axis=1)
    power, weight = fading_power(k_factor, branches, users)
    error = best.std() / np.sqrt(best.size)
    assert power @ weight == pytest.approx(best.mean(), abs=5.0 * error + 1e-3)


@pytest.mark.parametrize("name", ["n78", "b3"])
def test_a_faded_rate_lies_below_the_peak_and_keeps_order(name):
    radio, still = carrier(name), LinkSettings(margin_db=0.0)
    table = rate_table(radio, "downlink", still)
    mean = faded(table, radio.user_antennas, still)
    assert (np.diff(mean.mbps, axis=1) >= 0.0).all()
    assert (mean.mbps <= table.mbps.max() + 1e-9).all()
    # in the middle of the range fading costs rate; more so out of sight than in sight
    middle = slice(350, 450)
    lost = 1.0 - mean.mbps[:, middle].sum(axis=1) / table.mbps[:, middle].sum(axis=1)
    assert 0.0 < lost[1] < lost[0] < 0.35
    # the choice among ten users gains
    ten = faded(table, radio.user_antennas, still, users=10)
    assert (ten.mbps >= mean.mbps - 1e-9).all()
    assert ten.mbps[0, middle].sum() > 1.15 * mean.mbps[0, middle].sum()


def test_fading_that_means_nothing_is_refused():
    for wrong in ({"k_factor": -1.0}, {"branches": 0}, {"users": 0}, {"k_factor": float("nan")}):
        with pytest.raises(InputError, match="K-factor"):
            fading_power(**wrong)
