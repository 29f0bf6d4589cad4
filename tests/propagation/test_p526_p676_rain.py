"""Diffraction, gases and rain: values of the standards' own tables and examples, and laws.

P.676-13: ITU-R validation examples for gaseous attenuation (12, 20, 60, 90, 130 GHz).
P.838-3: Table 5.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import fresnel, ndtri

from cellwright.errors import InputError
from cellwright.propagation import p526
from cellwright.propagation.normal import inverse_tail, inverse_tail_p1812
from cellwright.propagation.p526_link import p526_loss_db
from cellwright.propagation.p676 import gas_db_per_km
from cellwright.propagation.p1812 import p1812_loss_db
from cellwright.propagation.profile import Profile, representative_clutter_m
from cellwright.propagation.rain import rain_coefficients, rain_db_per_km, rain_fade_db


def test_knife_edge_follows_the_fresnel_integral() -> None:
    """P.526 gives J as an approximation of the exact integral, good to about 0.1 dB."""
    for nu in np.linspace(-0.6, 5.0, 50):
        s, c = fresnel(nu)
        exact = -20.0 * np.log10(np.hypot(1 - c - s, c - s) / 2.0)
        assert p526.knife_edge_loss(nu) == pytest.approx(exact, abs=0.15)
    assert p526.knife_edge_loss(float("nan")) == 0.0


def test_one_wall_is_one_knife_edge() -> None:
    """Bullington on a path with a single sharp obstacle is J of that obstacle, plus its terms."""
    d, g = np.array([0.0, 1.0, 3.0]), np.array([0.0, 80.0, 0.0])
    clearance = 80.0 + 500.0 * 1.0 * 2.0 / 8500.0 - 20.0
    nu = clearance * np.sqrt(0.002 * 3.0 / (0.2998 / 2.0 * 1.0 * 2.0))
    knife = p526.knife_edge_loss(nu)
    edge = p526.bullington_parameter(d, g, 1.0, 20.0, 20.0, 8500.0)
    loss = p526.bullington_loss(edge, 3.0, 2.0)
    assert loss == pytest.approx(knife + (1 - np.exp(-knife / 6)) * (10 + 0.06), abs=1e-9)


def test_clearance_is_taken_where_a_ray_would_be_reflected() -> None:
    for hte, hre in ((30.0, 1.5), (10.0, 10.0), (2.0, 200.0)):
        height, at = p526.smallest_clearance(12.0, hte, hre, 8500.0)
        rest = 12.0 - at
        graze = (hte - 500.0 * at**2 / 8500.0) / at
        assert (hre - 500.0 * rest**2 / 8500.0) / rest == pytest.approx(graze, rel=1e-6)
        ray = hte + (hre - hte) * at / 12.0 - 500.0 * at * rest / 8500.0
        assert height == pytest.approx(ray, abs=1e-9)


def test_spherical_earth_is_continuous_at_the_horizon() -> None:
    edge = p526.marginal_sight_km(30.0, 10.0, 8500.0)
    for vertical in (True, False):
        before, after = (
            p526.spherical_earth_loss(edge * f, 30.0, 10.0, 8500.0, 0.9, vertical, 0.3)
            for f in (1 - 1e-9, 1 + 1e-9)
        )
        assert before == pytest.approx(after, abs=1e-4)


def test_inverse_normal() -> None:
    share = np.concatenate([np.geomspace(1e-9, 0.5, 200), 1.0 - np.geomspace(1e-9, 0.5, 200)])
    exact = np.array([inverse_tail(x) for x in share])
    assert exact == pytest.approx(-ndtri(share), abs=2e-8)
    near = np.array([inverse_tail_p1812(x) for x in share[(share > 1e-6) & (share < 1 - 1e-6)]])
    assert near == pytest.approx(exact[(share > 1e-6) & (share < 1 - 1e-6)], abs=5.5e-4)
    assert np.isnan(inverse_tail(0.0))


def test_link_agrees_with_p1812_where_both_hold() -> None:
    rng = np.random.default_rng(8)
    for _ in range(10):
        ground = 50.0 + np.cumsum(rng.normal(0.0, 3.0, 80))
        profile = Profile(np.arange(80) * 30.0, ground, rng.uniform(0.0, 12.0, 80))
        options = {"tx_height_m": 25.0, "rx_height_m": 1.5}
        whole = p1812_loss_db(profile, 5.0, latitude_deg=50.0, closed_smooth=True, **options)
        short = p526_loss_db(profile, 5.0, **options)
        assert short.diffraction_db == pytest.approx(whole.ld50_db, abs=1e-9)
        assert short.loss_db == pytest.approx(whole.lbd50_db, abs=1e-9)


def test_diffraction_grows_with_frequency_and_with_the_wall() -> None:
    losses = []
    for height in (0.0, 10.0, 20.0, 40.0):
        profile = Profile([0.0, 200.0, 400.0], 0.0, [0.0, height, 0.0])
        row = [
            p526_loss_db(profile, f, tx_height_m=15.0, rx_height_m=1.5).diffraction_db
            for f in (3.5, 26.0, 60.0)
        ]
        losses.append(row)
    assert np.all(np.diff(losses, axis=0) >= 0.0)
    assert np.all(np.diff(losses[2:], axis=1) > 0.0)


#: Frequency [GHz] and attenuation by oxygen and by water vapour [dB/km].
GAS_EXAMPLES = (
    np.array([12.0, 20.0, 60.0, 90.0, 130.0]),
    np.array([0.00869826, 0.01188355, 14.62347480, 0.03886971, 0.04150908]),
    np.array([0.00953539, 0.09704730, 0.15484184, 0.34197394, 0.75184470]),
)


def test_gases_equal_the_validation_examples() -> None:
    frequency, dry, wet = GAS_EXAMPLES
    assert gas_db_per_km(frequency).loss_db == pytest.approx(dry + wet, abs=1e-6)
    without = gas_db_per_km(frequency, vapour_g_m3=0.0).loss_db
    assert np.all(without < dry + wet)


#: Rows of Table 5: frequency [GHz], k and alpha horizontal, k and alpha vertical.
RAIN_TABLE_5 = np.array(
    [
        (1.0, 0.0000259, 0.9691, 0.0000308, 0.8592),
        (10.0, 0.01217, 1.2571, 0.01129, 1.2156),
        (30.0, 0.2403, 0.9485, 0.2291, 0.9129),
        (100.0, 1.3671, 0.6815, 1.3680, 0.6765),
    ]
)


@pytest.mark.parametrize(("tilt", "first"), [(0.0, 1), (90.0, 3)])
def test_rain_equals_table_5(tilt: float, first: int) -> None:
    k, alpha = rain_coefficients(RAIN_TABLE_5[:, 0], tilt_deg=tilt)
    assert k == pytest.approx(RAIN_TABLE_5[:, first], rel=2e-3)
    assert alpha == pytest.approx(RAIN_TABLE_5[:, first + 1], abs=1e-4)


def test_rain_fade_falls_with_the_share_of_time_and_rises_with_the_length() -> None:
    shares = np.geomspace(0.001, 1.0, 30)
    assert np.all(np.diff(rain_fade_db(26.0, 2000.0, 40.0, shares).loss_db) < 0.0)
    lengths = np.linspace(50.0, 20_000.0, 60)
    assert np.all(np.diff(rain_fade_db(26.0, lengths, 40.0).loss_db) > 0.0)
    near = float(rain_fade_db(26.0, 50.0, 40.0).loss_db)
    longest = 0.05 * 2.5 * float(rain_db_per_km(26.0, 40.0).loss_db)
    assert near <= longest * 1.001


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gas_db_per_km(0.5), "1 to 1000 GHz"),
        (lambda: gas_db_per_km(26.0, temperature_k=15.0), "temperature_k is 15"),
        (lambda: rain_db_per_km(26.0, -3.0), "rain_mm_h is -3"),
        (lambda: rain_fade_db(26.0, 0.0, 30.0), "distance_m is 0"),
        (lambda: representative_clutter_m("suburb"), 'Did you mean "suburban"'),
        (
            lambda: p526_loss_db(
                Profile([0.0, 1.0, 2.0], 0.0), 300.0, tx_height_m=10.0, rx_height_m=1.5
            ),
            "0.03 to 100 GHz",
        ),
    ],
)
def test_bad_input_is_named(call: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()  # type: ignore[operator]
