"""MSI / Planet files as makers write them, and as they should not be."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright import radio
from cellwright.errors import InputError


def _cut(step=1, width=65.0, shift=0.0, back=30.0):
    angles = np.arange(0, 360, step)
    off = (angles - shift + 180) % 360 - 180
    return [(int(a), min(12 * (o / width) ** 2, back)) for a, o in zip(angles, off, strict=True)]


def _file(
    gain="GAIN 17.0 dBi",
    tilt="TILT ELECTRICAL\nELECTRICAL_TILT 4",
    h=None,
    v=None,
    sep=" ",
    end="\n",
):
    h = _cut() if h is None else h
    v = _cut(width=8.0, shift=4.0) if v is None else v
    lines = [
        "NAME K742",
        "MAKE Someone",
        "FREQUENCY 1710-1880",
        "H_WIDTH 65",
        "V_WIDTH 8",
        gain,
        *tilt.split("\n"),
    ]
    for name, cut in (("HORIZONTAL", h), ("VERTICAL", v)):
        lines.append(f"{name} {len(cut)}")
        lines += [f"{a}{sep}{loss:.2f}" for a, loss in cut]
    return end.join([*lines, ""])


def test_plain_file():
    found = radio.parse_msi(_file())
    assert found.antenna.name == "K742"
    assert found.antenna.gain_dbi == pytest.approx(17.0, abs=0.35)
    assert found.antenna.pattern(4.0).max() == pytest.approx(17.0, abs=0.01)
    assert found.frequency_mhz == 1795.0
    assert found.antenna.design.electrical_tilt_deg == 4.0
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("gain", "dbi", "warnings"),
    [
        ("GAIN 15 dBd", 17.15, 0),
        ("GAIN 15.0dBi", 15.0, 0),
        ("GAIN 15", 17.15, 1),
        ("GAIN 15,5 dBi", 15.5, 0),
        ("gain\t15 DBI", 15.0, 0),
    ],
)
def test_gain_units(gain, dbi, warnings):
    found = radio.parse_msi(_file(gain))
    assert found.antenna.design.gain_dbi == pytest.approx(dbi)
    assert len(found.warnings) == warnings


@pytest.mark.parametrize(
    ("sep", "end"), [("\t", "\n"), ("  ", "\r\n"), (" ; ", "\n"), ("\t", "\r\n"), (" ", "\r")]
)
def test_separators_and_line_ends(sep, end):
    plain, other = radio.parse_msi(_file()), radio.parse_msi(_file(sep=sep, end=end))
    np.testing.assert_array_equal(plain.antenna.pattern(4.0), other.antenna.pattern(4.0))


def test_decimal_commas():
    text = _file().replace("GAIN 17.0 dBi", "GAIN 17,0 dBi")
    body = [line.replace(".", ",") for line in text.splitlines()]
    np.testing.assert_array_equal(
        radio.parse_msi("\n".join(body)).antenna.pattern(4.0),
        radio.parse_msi(_file()).antenna.pattern(4.0),
    )


@pytest.mark.parametrize("tilt", ["TILT", "TILT ELECTRICAL", "POLARIZATION V"])
def test_tilt_without_a_number_is_the_peak_of_the_cut(tilt):
    assert radio.parse_msi(_file(tilt=tilt)).antenna.design.electrical_tilt_deg == pytest.approx(
        4.0
    )


@pytest.mark.parametrize("tilt", ["TILT 6", "TILT ELECTRICAL\nELECTRICAL_TILT 6.0"])
def test_tilt_with_a_number(tilt):
    assert radio.parse_msi(_file(tilt=tilt)).antenna.design.electrical_tilt_deg == 6.0


def test_coarse_steps_are_filled_and_told():
    found = radio.parse_msi(_file(h=_cut(step=15)))
    assert [fault.code for fault in found.warnings] == ["msi.coarse"]
    assert found.antenna.design.horizontal_db[15] == pytest.approx(12 * (15 / 65) ** 2, abs=0.01)
    assert 0 < found.antenna.design.horizontal_db[7] < found.antenna.design.horizontal_db[15]
    assert not radio.parse_msi(_file(h=_cut(step=5))).warnings


def test_angles_from_minus_180_and_a_closing_360():
    signed = [((a + 180) % 360 - 180, loss) for a, loss in _cut()]
    closed = [*_cut(), (360, 0.0)]
    wanted = radio.parse_msi(_file()).antenna.pattern(4.0)
    np.testing.assert_array_equal(radio.parse_msi(_file(h=signed)).antenna.pattern(4.0), wanted)
    np.testing.assert_array_equal(radio.parse_msi(_file(h=closed)).antenna.pattern(4.0), wanted)


def test_gains_below_the_peak_are_turned_round():
    negative = [(a, -loss) for a, loss in _cut()]
    found = radio.parse_msi(_file(h=negative))
    assert [fault.code for fault in found.warnings] == ["msi.sign"]
    assert found.antenna.design.horizontal_db[90] > 20


def test_missing_horizontal_cut_is_made_from_the_width_or_refused():
    text = _file()
    vertical_only = text[: text.index("HORIZONTAL")] + text[text.index("VERTICAL") :]
    found = radio.parse_msi(vertical_only)
    assert [fault.code for fault in found.warnings] == ["msi.section"]
    assert found.antenna.design.horizontal_db[33] == pytest.approx(12 * (33 / 65) ** 2)
    with pytest.raises(InputError, match="no HORIZONTAL cut"):
        radio.parse_msi(vertical_only.replace("H_WIDTH 65\n", ""))


def test_wrong_count_is_told():
    found = radio.parse_msi(_file().replace("HORIZONTAL 360", "HORIZONTAL 361"))
    assert [fault.code for fault in found.warnings] == ["msi.count"]


def test_all_faults_at_once_with_their_lines():
    lines = _file(gain="GAIN much").splitlines()
    start = lines.index("HORIZONTAL 360") + 1
    lines[start + 10] = "10 x"
    lines[start + 20] = "400 3.0"
    lines[start + 30] = "29 99.0"
    with pytest.raises(InputError) as caught:
        radio.parse_msi("\n".join(lines), "k742.msi")
    errors = {(fault.code, fault.row) for fault in caught.value.faults if fault.severity == "error"}
    assert errors == {
        ("msi.gain", 6),
        ("msi.point", start + 11),
        ("msi.angle", start + 21),
        ("msi.angle-twice", start + 31),
    }
    assert "k742.msi row 6" in str(caught.value)


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        radio.read_msi(tmp_path / "none.msi")
    (tmp_path / "empty.msi").write_text(" \n")
    with pytest.raises(InputError, match="is empty"):
        radio.read_msi(tmp_path / "empty.msi")


def test_western_code_page_and_byte_order_mark(tmp_path):
    text = _file().replace("Someone", "Kathrein Größe")
    for name, encoding in (("a.msi", "latin-1"), ("b.msi", "utf-8-sig")):
        (tmp_path / name).write_bytes(text.encode(encoding))
        assert radio.read_msi(tmp_path / name).keys["NAME"] == "K742"
    assert radio.antenna(str(tmp_path / "a.msi")).name == "K742"


def test_both_methods_return_the_cuts_in_their_planes():
    design = radio.parse_msi(_file()).antenna.design
    for method in ("interpolated", "summed"):
        cuts = radio.Cuts(17.0, design.horizontal_db, design.vertical_db, 0.0, method)
        loss = cuts.attenuation_db(0.0)
        np.testing.assert_allclose(loss[90:, 180], design.vertical_db[:91], atol=1e-9)
        flat = np.roll(design.horizontal_db, 180) + (
            design.vertical_db[0] if method == "summed" else 0
        )
        if method == "summed":
            np.testing.assert_allclose(loss[90], np.minimum(flat, 60), atol=1e-9)
    # interpolated: the vertical cut behind comes back behind
    cuts = radio.Cuts(17.0, design.horizontal_db, design.vertical_db)
    behind = [design.vertical_db[180 - down] for down in range(0, 91)]
    back = cuts.attenuation_db(0.0)[90:, 0]
    np.testing.assert_allclose(
        back, np.array(behind) + design.horizontal_db[180] - design.horizontal_db[180], atol=1e-9
    )


def test_summed_is_never_stronger_than_either_cut():
    design = radio.parse_msi(_file()).antenna.design
    loss = radio.Cuts(17.0, design.horizontal_db, design.vertical_db, 0.0, "summed").attenuation_db(
        0.0
    )
    assert (loss >= np.roll(design.horizontal_db, 180)[None, :] - 1e-9).all()


def test_write_then_read_returns_the_pattern(tmp_path):
    sector = radio.antenna("lte-sector")
    radio.write_msi(sector, tmp_path / "sector.msi", 1842.5, electrical_tilt_deg=5.0)
    found = radio.read_msi(tmp_path / "sector.msi")
    assert found.frequency_mhz == 1842.5
    assert not found.warnings
    back, own = found.antenna.pattern(5.0), sector.pattern(5.0)
    assert back.max() == pytest.approx(own.max(), abs=0.01)
    # straight up and down the azimuth has no meaning, and the file keeps one number
    np.testing.assert_allclose(back[1:180, 180], own[1:180, 180], atol=0.02)
    ahead = np.abs(np.arange(-180, 180)) <= 60
    np.testing.assert_allclose(back[95][ahead], own[95][ahead], atol=0.1)
