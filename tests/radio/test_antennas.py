"""Antenna patterns: conservation of power, oracles, tilt, beams, presets and user designs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright import radio
from cellwright.errors import InputError
from cellwright.radio.antenna_elements import AZIMUTH_DEG, ZENITH_DEG, mean_power, sphere_weights

PANELS = ["nr-64t64r", "nr-32t32r", "nr-8t8r", "mmwave-256"]


def _mean_db(pattern):
    return 10 * math.log10(mean_power(10 ** (pattern / 10)))


def test_sphere_weights_sum_to_one():
    assert float(sphere_weights().sum()) * 360 == pytest.approx(1.0, abs=1e-6)


def test_element_of_table_7_3_1():
    gain = radio.element_gain_dbi
    assert float(gain(90, 0)) == 8.0
    assert float(gain(90 + 32.5, 0)) == pytest.approx(5.0)
    assert float(gain(90, -32.5)) == pytest.approx(5.0)
    assert float(gain(90, 65)) == pytest.approx(8 - 12)
    assert float(gain(0, 180)) == -22.0
    assert float(gain(90 + 32.5, 32.5)) == pytest.approx(2.0)


@pytest.mark.parametrize("name", radio.antennas())
@pytest.mark.parametrize("beams", ["ssb", "traffic"])
def test_patterns_have_the_agreed_form(name, beams):
    pattern = radio.antenna(name).pattern(4.0, beams)
    assert pattern.shape == (181, 360)
    assert pattern.dtype == np.float32
    assert np.isfinite(pattern).all()
    assert pattern is radio.antenna(name).pattern(4.0, beams)
    with pytest.raises(ValueError, match="read-only"):
        pattern[0, 0] = 1.0


@pytest.mark.parametrize("name", ["lte-sector", "omni", "isotropic"])
@pytest.mark.parametrize("tilt", [0.0, 3.0, 10.0])
def test_single_beams_radiate_all_but_their_loss(name, tilt):
    antenna = radio.antenna(name)
    assert _mean_db(antenna.pattern(tilt)) == pytest.approx(-antenna.design.loss_db, abs=0.02)


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("beams", ["ssb", "traffic"])
def test_no_panel_beam_radiates_more_than_its_input(name, beams):
    panel = radio.antenna(name).design
    rows, columns = panel.beam_count(beams)
    means = [
        10 * math.log10(mean_power(panel.beam_power(6.0, beams, v, h)))
        for v in {0, rows // 2, rows - 1}
        for h in {0, columns // 4, columns // 2, columns - 1}
    ]
    assert max(means) <= -panel.loss_db + 0.02
    # beams far off boresight lose to the element's own pattern, never more than this
    assert min(means) > -8.0
    straight = panel.beam_power(6.0, beams, rows // 2, columns // 2)
    assert -2.2 < 10 * math.log10(mean_power(straight)) + panel.loss_db < 0.02


@pytest.mark.parametrize("name", PANELS)
def test_traffic_beams_beat_ssb_beams(name):
    antenna = radio.antenna(name)
    ssb, traffic = antenna.pattern(6.0, "ssb"), antenna.pattern(6.0, "traffic")
    assert traffic.max() > ssb.max() + 2.0
    front = np.abs(AZIMUTH_DEG) <= 50
    around = slice(90, 103)
    assert np.median(traffic[around][:, front] - ssb[around][:, front]) > 2.0


def test_gains_are_those_of_such_products():
    peaks = {name: radio.antenna(name).gain_dbi for name in radio.antennas()}
    assert 24.0 < peaks["nr-64t64r"] < 26.5
    assert 22.5 < peaks["nr-32t32r"] < 25.0
    assert 17.0 < peaks["lte-sector"] < 18.5
    assert 23.0 < peaks["mmwave-256"] < 27.0
    assert peaks["isotropic"] == pytest.approx(0.0, abs=1e-4)
    assert peaks["nr-64t64r"] > peaks["nr-32t32r"] > peaks["nr-8t8r"] > peaks["lte-sector"]


def test_gain_agrees_with_the_aperture():
    # 4 pi A / wavelength^2 of a 12 x 8 panel at 0.7 x 0.5 wavelengths is 26.3 dBi
    aperture = 10 * math.log10(4 * math.pi * 12 * 0.7 * 8 * 0.5)
    lossless = radio.antenna("nr-64t64r").gain_dbi + 0.8
    assert lossless == pytest.approx(aperture, abs=0.6)


@pytest.mark.parametrize("name", ["lte-sector", "omni", "nr-8t8r"])
def test_tilt_lowers_the_beam_by_its_angle(name):
    antenna = radio.antenna(name)
    for tilt in (0.0, 4.0, 8.0):
        peak = ZENITH_DEG[np.argmax(antenna.pattern(tilt)[:, 180])]
        assert peak == pytest.approx(90.0 + tilt, abs=1.0)


def test_sector_beamwidths():
    pattern = radio.antenna("lte-sector").pattern(0.0)
    assert 64 <= int((pattern[90] >= pattern.max() - 3).sum()) <= 66
    # 8 elements at 0.8 wavelength: about 0.886 / 6.4 rad = 7.9 deg
    fine = np.interp(np.linspace(80, 100, 2001), ZENITH_DEG, pattern[:, 180])
    assert 7.0 < (fine >= fine.max() - 3).sum() * 0.01 < 9.0


@pytest.mark.parametrize("name", radio.antennas())
def test_presets_are_symmetric(name):
    pattern = radio.antenna(name).pattern(5.0)
    mirrored = pattern[:, (-np.arange(360)) % 360]
    np.testing.assert_allclose(pattern[:, 1:], mirrored[:, 1:], atol=0.35)


@pytest.mark.parametrize(
    ("scan", "tilt", "spread_db"),
    [(0.0, 0.0, 0.1), (20.0, 0.0, 0.1), (0.0, 7.0, 0.1), (20.0, 7.0, 0.8)],
)
def test_one_panel_beam_equals_itu_r_m2101(scan, tilt, spread_db):
    panel = radio.Panel(
        8, 8, 0.5, 0.5, traffic=radio.BeamSet(azimuths_deg=(scan,), downtilts_deg=(0.0,))
    )
    ours = panel.beam_power(tilt, "traffic", 0, 0)
    theirs = radio.m2101_gain_dbi(
        ZENITH_DEG[:, None], AZIMUTH_DEG[None, :], 8, 8, scan_azimuth_deg=scan, downtilt_deg=tilt
    )
    # M.2101 multiplies the azimuth phase by cos(tilt), which turns a beam that is both steered and
    # tilted a little; and it is not scaled to the input power
    scaled = 10 * np.log10(np.maximum(ours, 1e-9))
    lobe = theirs > theirs.max() - 10
    apart = (theirs - scaled)[lobe]
    assert np.ptp(apart) < spread_db
    scale = max(0.0, 10 * math.log10(mean_power((10 ** (theirs / 10)).astype(np.float32))))
    assert np.median(apart) == pytest.approx(scale, abs=0.1)


@given(st.integers(1, 16), st.integers(1, 16))
@settings(max_examples=15, deadline=None)
def test_half_wavelength_isotropic_arrays_are_as_good_as_their_number(rows, columns):
    # spaced half a wavelength in a line, isotropic elements do not couple: gain N, mean 1
    line = radio.Panel(
        rows,
        1,
        element=radio.Element(0.0, 1e6, 1e6),
        traffic=radio.BeamSet(azimuths_deg=(0.0,), downtilts_deg=(0.0,)),
    )
    assert mean_power(line.beam_power(0.0, "traffic", 0, 0)) == pytest.approx(1.0, abs=2e-3)
    across = radio.Panel(
        1,
        columns,
        element=radio.Element(0.0, 1e6, 1e6),
        traffic=radio.BeamSet(azimuths_deg=(0.0,), downtilts_deg=(0.0,)),
    )
    power = across.beam_power(0.0, "traffic", 0, 0)
    assert mean_power(power) == pytest.approx(1.0, abs=2e-3)
    assert power.max() == pytest.approx(columns, rel=2e-3)


def test_user_antenna_and_its_faults():
    mine = radio.antenna_from(
        "pole",
        {
            "kind": "panel",
            "rows": 4,
            "columns": 2,
            "element": {"gain_dbi": 5.0},
            "ssb": {"azimuths_deg": [-30, 30]},
        },
    )
    assert mine.design.element.gain_dbi == 5.0
    assert mine.design.ssb.azimuths_deg == (-30.0, 30.0)
    with pytest.raises(InputError) as caught:
        radio.antenna_from("pole", {"kind": "panel", "rowz": 4, "element": {"gain": 5.0}})
    assert 'Did you mean "rows"' in str(caught.value)
    assert 'Did you mean "gain_dbi"' in str(caught.value)
    with pytest.raises(InputError, match="unknown kind"):
        radio.antenna_from("pole", {"kind": "dish"})
    with pytest.raises(InputError, match='Did you mean "nr-64t64r"'):
        radio.antenna("nr-64t64")
    with pytest.raises(InputError, match='Did you mean "traffic"'):
        radio.antenna("omni").pattern(0.0, "trafic")


def test_bad_values_are_all_named():
    with pytest.raises(InputError) as caught:
        radio.antenna_from(
            "pole",
            {"kind": "panel", "rows": 0, "columns": "8", "row_spacing": -0.5, "element": 8.0,
             "ssb": {"azimuths_deg": ["left"]}, "loss_db": float("nan")},
        )  # fmt: skip
    codes = [fault.code for fault in caught.value.faults]
    assert sorted(codes) == ["antenna.table"] + ["antenna.value"] * 5
    assert "rows is 0; it must be above 0" in str(caught.value)
