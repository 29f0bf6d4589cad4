"""Coefficients: the equations element by element, mean power, Doppler, what links share."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.simulation.channel.drops import toy_drop

from cellwright.errors import InputError
from cellwright.radio import Element, element_gain_dbi
from cellwright.simulation.channel import (
    ChannelOptions,
    PanelArray,
    fast_fading,
    large_scale,
    multipath_power,
)
from cellwright.simulation.channel.arrays import rotation
from cellwright.simulation.channel.fading import LIGHT_M_S, scene

POINT = PanelArray()
WIDE = np.arange(32) * 3e6
STILL = ChannelOptions(speed_m_s=0.0, orientation="fixed")


def element_field(bearing, tilt, slant_pol, zenith, azimuth, gain):
    """Field of a tilted element along the world's theta and phi: equations 7.1-7, 7.1-8, 7.1-15.

    All angles in radians; written from the standard, in angles, unlike the kernel's vectors.
    """
    da = azimuth - bearing
    own_zenith = math.acos(
        math.cos(tilt) * math.cos(zenith) + math.sin(tilt) * math.cos(da) * math.sin(zenith)
    )
    own_azimuth = np.angle(
        math.cos(tilt) * math.sin(zenith) * math.cos(da)
        - math.sin(tilt) * math.cos(zenith)
        + 1j * math.sin(da) * math.sin(zenith)
    )
    psi = np.angle(
        math.sin(zenith) * math.cos(tilt)
        - math.cos(zenith) * math.sin(tilt) * math.cos(da)
        + 1j * math.sin(tilt) * math.sin(da)
    )
    size = 1.0
    if gain:
        size = 10.0 ** (element_gain_dbi(np.degrees(own_zenith), np.degrees(own_azimuth)) / 20.0)
    theta, phi = size * math.cos(slant_pol), size * math.sin(slant_pol)
    return np.array(
        [
            theta * math.cos(psi) - phi * math.sin(psi),
            theta * math.sin(psi) + phi * math.cos(psi),
        ]
    )


def unit(zenith, azimuth):
    return np.array(
        [
            math.sin(zenith) * math.cos(azimuth),
            math.sin(zenith) * math.sin(azimuth),
            math.cos(zenith),
        ]
    )


@pytest.mark.parametrize("sight", [0.0, 1.0])
def test_coefficients_element_by_element(sight):
    drop = toy_drop(users=1, sites=1, sight=sight)
    base = PanelArray(
        4,
        2,
        2,
        port_rows=2,
        mechanical_tilt_deg=6.0,
        electrical_tilt_deg=4.0,
        row_spacing=0.8,
        element=Element(),
    )
    user = PanelArray(1, 2, 2, slants_deg=(0.0, 90.0))
    offsets = np.array([-7e6, 0.0, 5e6])
    options = ChannelOptions(speed_m_s=3.0)
    got = fast_fading(drop, "umi", base, user, 3, offsets, 9, time_s=0.01, options=options)
    stage = scene(drop, large_scale(drop, "umi", 9), 9, 0.01, options)
    for who in range(1):
        rays = stage.rays([0], [who])
        for link, cell in enumerate(got.cell[who]):
            bearing = math.radians(90.0 - drop.azimuth_deg[cell])
            want = np.zeros((3, 4, 8), complex)
            for i in range(rays.used[0, 0]):
                aod, zod, aoa, zoa = rays.angle[0, i]
                away, home = unit(zod, aod), unit(zoa, aoa)
                matrix = rays.polar[0, i].reshape(2, 2)
                shift = np.exp(2j * np.pi * home @ stage.way_m[who] / stage.wavelength_m)
                wave = np.exp(-2j * np.pi * offsets * rays.delay[0, rays.bin[0, i]]) * shift
                turn = rotation(bearing, math.radians(6.0))
                own = rotation(float(stage.bearing[who]), 0.0)
                for r in range(4):
                    pole, column = divmod(r, 2)
                    heard = element_field(
                        float(stage.bearing[who]), 0.0, pole * np.pi / 2, zoa, aoa, False
                    )
                    place = own @ [0.0, (column - 0.5) * 0.5, 0.0]
                    heard = heard * np.exp(2j * np.pi * home @ place)
                    for s in range(8):
                        pole, rest = divmod(s, 4)
                        column, row = divmod(rest, 2)
                        slant = math.radians(45.0 - 90.0 * pole)
                        sent = element_field(bearing, math.radians(6.0), slant, zod, aod, True)
                        phase = 0.0
                        for k in range(2):
                            z = (2 * row + k - 1.5) * 0.8
                            # phased to 94 degrees about the middle of the subarray
                            steer = (k - 0.5) * 0.8 * math.sin(math.radians(4.0))
                            place = turn @ [0.0, (column - 0.5) * 0.5, z]
                            phase += np.exp(2j * np.pi * (away @ place + steer)) / math.sqrt(2.0)
                        want[:, r, s] += wave * phase * (heard @ matrix @ sent)
            np.testing.assert_allclose(got.h[who, link], want, atol=2e-5 * np.abs(want).max())


@pytest.mark.parametrize(
    ("scenario", "sight", "indoor"), [("umi", 0.0, 0.0), ("uma", 1.0, 0.0), ("rma", 0.5, 1.0)]
)
def test_isotropic_links_have_mean_power_one(scenario, sight, indoor):
    drop = toy_drop(users=400, sites=4, sight=sight, indoor=indoor)
    power = np.mean(np.abs(fast_fading(drop, scenario, POINT, POINT, 6, WIDE, 2).h) ** 2)
    assert power == pytest.approx(1.0, abs=0.03)


def test_crossed_elements_have_the_power_of_the_xpr():
    drop = toy_drop(users=600, sites=4, sight=0.0)
    crossed = PanelArray(polarisations=2)
    power = np.mean(np.abs(fast_fading(drop, "umi", crossed, crossed, 6, WIDE, 2).h) ** 2)
    leak = 10.0 ** (-8.0 / 10.0) * math.exp((3.0 * math.log(10.0) / 10.0) ** 2 / 2.0)
    assert power == pytest.approx(0.5 * (1.0 + leak), rel=0.03)


def test_strong_sight_has_the_gain_of_the_direction():
    drop = toy_drop(users=40, sites=1, sight=1.0)
    scale = large_scale(drop, "umi", 1)
    object.__setattr__(scale, "k_db", np.full_like(scale.k_db, 60.0))
    base = PanelArray(element=Element(), electrical_tilt_deg=0.0)
    got = fast_fading(drop, "umi", base, POINT, 3, [0.0], 1, options=STILL)
    stage = scene(drop, scale, 1, 0.0, STILL)
    stage.link[..., 5] = 60.0
    rays = stage.rays(np.zeros(40, int), np.arange(40))
    last = rays.used[:, 0] - 1
    users = np.arange(40)
    assert (np.abs(rays.polar[users, last, 0]) ** 2 > 0.99999).all()
    np.testing.assert_allclose(
        np.degrees(rays.angle[users, last, 1]), drop.departure_zenith_deg[0], rtol=1e-5
    )
    assert got.h.shape == (40, 3, 1, 1, 1)


def test_links_blocks_and_users_do_not_change_one_another():
    drop = toy_drop(users=12, sites=4)
    base = PanelArray(2, 2, 2, element=Element())
    whole = fast_fading(drop, "uma", base, POINT, 9, WIDE[:4], 7)
    few = fast_fading(drop, "uma", base, POINT, 2, WIDE[:4], 7)
    np.testing.assert_array_equal(few.cell, whole.cell[:, :2])
    np.testing.assert_array_equal(few.h, whole.h[:, :2])
    one = fast_fading(drop, "uma", base, POINT, 9, WIDE[2:3], 7)
    np.testing.assert_allclose(one.h[:, :, 0], whole.h[:, :, 2], atol=1e-6)
    turned = replace(drop, azimuth_deg=drop.azimuth_deg + 20.0)
    assert (fast_fading(turned, "uma", base, POINT, 9, WIDE[:4], 7).h != whole.h).any()
    same = fast_fading(turned, "uma", POINT, POINT, 9, WIDE[:4], 7)
    np.testing.assert_array_equal(same.h, fast_fading(drop, "uma", POINT, POINT, 9, WIDE[:4], 7).h)


def test_cells_of_a_site_share_clusters_and_sites_do_not():
    drop = toy_drop(users=20, sites=2)
    got = fast_fading(drop, "umi", POINT, POINT, 6, [0.0], 3)
    channel = np.take_along_axis(got.h[..., 0, 0, 0], np.argsort(got.cell, axis=1), axis=1)
    np.testing.assert_array_equal(channel[:, 0], channel[:, 2])
    assert (channel[:, 0] != channel[:, 3]).all()


def test_doppler_shift_of_the_specular_ray_and_still_users():
    drop = toy_drop(users=30, sites=1, sight=1.0)
    still = [
        fast_fading(drop, "umi", POINT, POINT, 1, [0.0], 3, t, STILL).h.ravel() for t in (0.0, 5.0)
    ]
    np.testing.assert_array_equal(*still)
    fast = ChannelOptions(speed_m_s=30.0)
    times = np.arange(64) * 1e-4
    series = np.array(
        [fast_fading(drop, "umi", POINT, POINT, 1, [0.0], 3, t, fast).h.ravel() for t in times]
    )
    most = 30.0 * 6e9 / LIGHT_M_S
    spectrum = np.abs(np.fft.fft(series * np.hanning(64)[:, None], 1024, axis=0)) ** 2
    shift = np.fft.fftfreq(1024, 1e-4)
    outside = np.abs(shift) > most + 2.0 / (64 * 1e-4)
    assert spectrum[outside].sum() < 1e-3 * spectrum.sum()
    assert spectrum[np.abs(shift) > 0.5 * most].sum() > 0.2 * spectrum.sum()


def test_consistent_users_a_step_apart_hear_the_same_clusters():
    place = np.repeat(np.array([[120.0, 140.0], [40.0, 310.0], [260.0, 90.0]]), 2, axis=0)
    place[1::2] += [0.3, 0.2]
    drop = toy_drop(users=6, sites=4, sight=0.0, place=place)
    drop = replace(drop, shadow_db=np.zeros_like(drop.shadow_db))
    scale = large_scale(drop, "umi", 1)
    for name in ("delay_spread_s", "asa_deg", "asd_deg", "zsa_deg", "zsd_deg"):
        getattr(scale, name)[:, 1::2] = getattr(scale, name)[:, ::2]
    for consistent in (True, False):
        stage = scene(drop, scale, 1, 0.0, ChannelOptions(consistent=consistent))
        rays = stage.rays(np.zeros(6, int), np.arange(6))
        same = [
            np.corrcoef(rays.angle[k, :300, 2], rays.angle[k + 1, :300, 2])[0, 1] for k in (0, 2, 4)
        ]
        if consistent:
            assert min(same) > 0.95
        else:
            assert max(same) < 0.6


def test_consistent_numbers_keep_their_distribution():
    place = np.random.default_rng(2).uniform(0, 4000, (800, 2))
    drop = toy_drop(users=800, sites=1, sight=0.0, place=place)
    options = ChannelOptions(consistent=True)
    power = np.abs(fast_fading(drop, "umi", POINT, POINT, 1, WIDE, 5, options=options).h) ** 2
    assert power.mean() == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("kind", ["portrait", "landscape", "others"])
def test_blockage_only_takes_power(kind):
    drop = toy_drop(users=300, sites=4)
    scale = large_scale(drop, "umi", 1)
    site, user = np.zeros(300, int), np.arange(300)
    free = scene(drop, scale, 1, 0.0, ChannelOptions()).rays(site, user)
    held = scene(drop, scale, 1, 0.0, ChannelOptions(blockage=kind)).rays(site, user)
    powers = [(np.abs(rays.polar[..., 0]) ** 2).sum(axis=1) for rays in (free, held)]
    assert (powers[1] <= powers[0] * 1.35).all()
    loss = -10.0 * np.log10(powers[1].mean() / powers[0].mean())
    assert (0.05 if kind == "others" else 0.5) < loss < 6.0


def test_ports_and_their_order():
    assert PanelArray(8, 8, 2, port_rows=2).ports == 32
    assert PanelArray(4, 4, 2, panel_columns=2, port_rows=1, port_columns=1).ports == 4
    form = PanelArray(2, 2, 2).form()
    np.testing.assert_array_equal(form.port, [[0, 1, 2, 3], [4, 5, 6, 7]])
    np.testing.assert_allclose(form.y[form.column], [-0.25, -0.25, 0.25, 0.25])
    np.testing.assert_allclose(form.z[form.row], [-0.25, 0.25, -0.25, 0.25])


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: PanelArray(rows=0), "rows is 0"),
        (lambda: PanelArray(8, port_rows=3), "does not divide"),
        (lambda: PanelArray(polarisations=3), "1 or 2"),
        (lambda: PanelArray(row_spacing=0.0), "row_spacing"),
        (lambda: PanelArray(polarisations=2, slants_deg=(0.0,)), "slants"),
        (lambda: fast_fading(toy_drop(4), "umi", POINT, POINT, 40, [0.0], 1), "1 to 12"),
        (lambda: fast_fading(toy_drop(4), "umi", POINT, POINT, 1, [np.nan], 1), "finite"),
        (lambda: fast_fading(toy_drop(4), "ump", POINT, POINT, 1, [0.0], 1), "umi"),
        (
            lambda: fast_fading(
                toy_drop(4), "umi", POINT, POINT, 1, [0.0], 1, 0.0, ChannelOptions(orientation="x")
            ),
            "orientation",
        ),
    ],
)
def test_faults(make, word):
    with pytest.raises(InputError, match=word):
        make()


def test_multipath_power_is_the_mean_over_phases():
    drop = toy_drop(users=25, sites=2, sight=0.5)
    base, user = PanelArray(4, 2, 2, element=Element()), PanelArray(1, 1, 2, slants_deg=(0.0, 90.0))
    cell, power = multipath_power(drop, "umi", base, user, 3, 4)
    got = fast_fading(drop, "umi", base, user, 3, np.arange(200) * 5e6, 4)
    np.testing.assert_array_equal(cell, got.cell)
    mean = np.mean(np.abs(got.h) ** 2, axis=2)
    # rays within a cluster do not change with frequency, so links differ and their mean agrees
    assert power.shape == mean.shape
    assert mean.mean() == pytest.approx(power.mean(), rel=0.2)
    assert (
        np.corrcoef(np.log(mean.sum((2, 3)).ravel()), np.log(power.sum((2, 3)).ravel()))[0, 1] > 0.9
    )
    power = multipath_power(drop, "umi", POINT, POINT, 3, 4)[1]
    np.testing.assert_allclose(power, 1.0, rtol=1e-4)
