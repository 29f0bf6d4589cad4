"""Delay lines, spreads and random numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats
from tests.simulation.channel.drops import toy_drop

from cellwright.errors import InputError
from cellwright.simulation.channel import (
    PanelArray,
    cdl,
    circular_spread_deg,
    clustered_line,
    large_scale,
    scaled_angles_deg,
    spreads,
    tapped_line,
    tdl,
)
from cellwright.simulation.channel.draws import normal_of, normal_table, uniform_table

POINT = PanelArray()
PROFILES = "ABCDE"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("line", [clustered_line, tapped_line])
def test_profiles_have_unit_delay_spread_and_their_k_factor(line, profile):
    table = line(profile)
    mean = table.power @ table.delay
    spread = np.sqrt(table.power @ (table.delay - mean) ** 2)
    assert spread == pytest.approx(1.0, abs=0.007)
    k_db = {"D": 13.3, "E": 22.0}
    if profile in k_db:
        ratio = 10.0 * np.log10(table.power[0] / table.power[1])
        assert ratio == pytest.approx(k_db[profile], abs=0.01)
        assert table.specular.tolist() == [True] + [False] * (len(table.delay) - 1)
    else:
        assert not table.specular.any()


@pytest.mark.parametrize("profile", PROFILES)
def test_mean_power_and_correlation_over_frequency(profile):
    offsets = np.array([0.0, 0.3, 1.0, 3.0]) * 1e6
    table = clustered_line(profile)
    h = cdl(profile, 200e-9, POINT, POINT, 3.5, offsets, 3000, 1)[..., 0, 0]
    assert np.mean(np.abs(h) ** 2) == pytest.approx(1.0, abs=0.06)
    want = np.exp(-2j * np.pi * np.outer(offsets, table.delay * 200e-9)) @ table.power
    found = np.mean(h * h[:, :1].conj(), axis=0)
    np.testing.assert_allclose(found, want, atol=0.08)
    taps = tdl(profile, 200e-9, offsets, 3000, 1)[:, 0, :, 0, 0]
    table = tapped_line(profile)
    want = np.exp(-2j * np.pi * np.outer(offsets, table.delay * 200e-9)) @ table.power
    np.testing.assert_allclose(np.mean(taps * taps[:, :1].conj(), axis=0), want, atol=0.08)


def test_tapped_line_fades_with_jakes_spectrum_and_rayleigh_envelope():
    times = np.arange(6) * 1e-3
    h = tdl("A", 0.0, [0.0], 4000, 2, times_s=times, doppler_hz=100.0)[:, :, 0, 0, 0]
    found = np.mean(h * h[:, :1].conj(), axis=0)
    want = special.j0(2.0 * np.pi * 100.0 * times)
    np.testing.assert_allclose(found, want, atol=0.05)
    assert stats.kstest(np.abs(h[:, 0]) ** 2, "expon").pvalue > 1e-3


def test_tapped_line_takes_correlation():
    wanted = np.array([[1.0, 0.9], [0.9, 1.0]])
    h = tdl("C", 100e-9, [0.0], 6000, 3, receive=2, transmit=2, correlation=(np.eye(2), wanted))[
        :, 0, 0
    ]
    found = np.einsum("ars,art->st", h.conj(), h) / (2 * len(h))
    np.testing.assert_allclose(found.real, wanted, atol=0.05)


def test_specular_ray_of_d_has_the_phase_of_its_doppler():
    still = cdl("E", 0.0, POINT, POINT, 3.0, [0.0], 200, 1)[:, 0, 0, 0].mean()
    speed = (1.0, 0.0, 0.0)
    moved = cdl("E", 0.0, POINT, POINT, 3.0, [0.0], 200, 1, time_s=0.02, velocity_m_s=speed)
    zenith = np.radians(clustered_line("E").angle_deg[0, 3])
    # the ray comes from azimuth -180: moving east is moving away from it
    turn = -2.0 * np.pi * np.sin(zenith) * 0.02 / 0.0999308
    assert np.angle(moved.mean() / still * np.exp(-1j * turn)) == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize("profile", "ABC")
def test_angles_are_scaled_to_the_wanted_mean_and_spread(profile):
    table = clustered_line(profile)
    for column, (mean, spread) in enumerate(((10.0, 5.0), (95.0, 2.0), (-20.0, 25.0), (80.0, 6.0))):
        angle = scaled_angles_deg(table.angle_deg[:, column], table.power, mean, spread)
        assert circular_spread_deg(angle, table.power) == pytest.approx(spread, rel=0.02)


def test_circular_spread_is_the_least_over_cuts_and_does_not_turn():
    rng = np.random.default_rng(0)
    angle, power = rng.uniform(0, 360, 30), rng.random(30)
    brute = []
    for cut in np.arange(0.0, 360.0, 0.05):
        turned = (angle - cut) % 360.0
        mean = power @ turned / power.sum()
        brute.append(np.sqrt(power @ (turned - mean) ** 2 / power.sum()))
    assert circular_spread_deg(angle, power) == pytest.approx(min(brute), rel=1e-3)
    assert circular_spread_deg(angle + 77.0, power) == pytest.approx(
        circular_spread_deg(angle, power)
    )


@pytest.mark.parametrize(("sight", "indoor"), [(0.0, 0.0), (0.0, 1.0)])
def test_rays_have_the_spreads_that_were_drawn(sight, indoor):
    drop = toy_drop(users=3000, sites=4, sight=sight, indoor=indoor)
    scale, got = large_scale(drop, "umi", 1), spreads(drop, "umi", 1)
    site, user = drop.cell_site[drop.serving()], np.arange(drop.users)
    for name, slack in (("asd", 0.15), ("asa", 0.15), ("zsd", 0.15), ("zsa", 0.35)):
        drawn, found = getattr(scale, f"{name}_deg")[site, user], getattr(got, f"{name}_deg")
        assert np.median(found) / np.median(drawn) == pytest.approx(1.0, abs=slack), name
        assert np.corrcoef(np.log(drawn), np.log(found))[0, 1] > 0.85
    drawn = scale.delay_spread_s[site, user]
    assert np.median(got.delay_s) / np.median(drawn) == pytest.approx(0.95, abs=0.06)


def test_random_numbers():
    p = np.concatenate((np.geomspace(1e-12, 0.4, 40), 1.0 - np.geomspace(1e-9, 0.4, 40)))
    np.testing.assert_allclose([normal_of(x) for x in p], stats.norm.ppf(p), rtol=2e-9, atol=2e-9)
    table = normal_table(3, 1, 100, 100, 6)
    assert stats.kstest(table.ravel(), "norm").pvalue > 1e-3
    assert np.abs(np.corrcoef(table.reshape(6, -1)) - np.eye(6)).max() < 0.04
    flat = uniform_table(3, 2, 200, 400)
    assert np.abs(np.corrcoef(flat) - np.eye(200)).max() < 0.25
    assert (uniform_table(3, 2, 50, 400) == flat[:50]).all()


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: cdl("F", 1e-7, POINT, POINT, 3.5, [0.0], 1, 1), "A, B, C, D or E"),
        (lambda: tdl("A", -1.0, [0.0], 1, 1), "0 or more"),
        (lambda: tdl("A", 1e-7, [0.0], 0, 1), "1 or more"),
        (lambda: cdl("A", 1e-7, POINT, POINT, 3.5, [np.inf], 1, 1), "finite"),
    ],
)
def test_faults(make, word):
    with pytest.raises(InputError, match=word):
        make()
