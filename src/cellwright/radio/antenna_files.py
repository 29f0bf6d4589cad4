"""MSI / Planet antenna files: read them as makers write them, and write them.

A file holds ``KEY value`` lines, then ``HORIZONTAL n`` and ``VERTICAL n`` with n lines of angle and
attenuation. Angles run clockwise seen from above, and from ahead downwards. A gain without
a unit is in dBd.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cellwright.errors import Fault, Faults, InputError, shown_path
from cellwright.radio.antenna_cuts import Cuts
from cellwright.radio.antenna_model import Antenna
from cellwright.units import DIPOLE_GAIN_DBI, dbd_to_dbi

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
_SECTIONS = ("HORIZONTAL", "VERTICAL")
#: Cuts coarser than this [deg] are worth a warning.
COARSE_STEP_DEG = 10.0


@dataclass(frozen=True)
class AntennaFile:
    """What an MSI file holds.

    Attributes
    ----------
    antenna : Antenna
        Ready to use.
    frequency_mhz : float or None
        Frequency it was measured at [MHz]; the middle of a range.
    keys : dict
        All header lines, keys in capitals.
    warnings : tuple of Fault
        What was guessed or mended.
    """

    antenna: Antenna
    frequency_mhz: float | None
    keys: dict[str, str]
    warnings: tuple[Fault, ...]


@dataclass
class _Sheet:
    """Lines of a file sorted into header and cuts, with the line each began on."""

    keys: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    points: dict[str, list[tuple[int, float, float]]] = field(default_factory=dict)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _sort_lines(text: str, file: str, faults: Faults) -> _Sheet:
    sheet = _Sheet()
    section = ""
    for row, line in enumerate(text.splitlines(), start=1):
        words = line.replace(";", " ").split()
        if not words:
            continue
        if words[0][0].isalpha() or words[0][0] in "_#":
            key = words[0].upper()
            section = key if key in _SECTIONS else ""
            if key in sheet.lines and key in _SECTIONS:
                faults.error("msi.twice", f"{key} stands here again.", file=file, row=row)
            sheet.keys[key], sheet.lines[key] = " ".join(words[1:]), row
            if section:
                sheet.points.setdefault(section, [])
        elif section:
            _point(words, sheet.points[section], file, row, faults)
    return sheet


def _point(
    words: list[str], points: list[tuple[int, float, float]], file: str, row: int, faults: Faults
) -> None:
    try:
        angle, loss = _number(words[0]), _number(words[1])
    except (ValueError, IndexError):
        given = " ".join(words)
        faults.error(
            "msi.point",
            f'"{given}" is not an angle and an attenuation.',
            "Write two numbers, such as 90 12.5.",
            file=file,
            row=row,
        )
        return
    if not -180.0 <= angle <= 360.0:
        faults.error(
            "msi.angle",
            f"the angle is {angle:g}; 0 to 360 deg (or -180 to 180) are allowed.",
            file=file,
            row=row,
        )
    elif not np.isfinite(loss) or abs(loss) > 200.0:
        faults.error("msi.loss", f"{loss:g} dB is no attenuation.", file=file, row=row)
    else:
        points.append((row, angle % 360.0, loss))


def _gain_dbi(sheet: _Sheet, file: str, faults: Faults) -> float:
    text = sheet.keys.get("GAIN")
    found = _NUMBER.search(text or "")
    if text is None or found is None:
        faults.error(
            "msi.gain",
            "there is no GAIN with a number.",
            "Add a line such as GAIN 17.5 dBi.",
            file=file,
            row=sheet.lines.get("GAIN"),
        )
        return 0.0
    gain = _number(found.group())
    unit = text[found.end() :].strip().lower()
    if unit.startswith("dbi"):
        return gain
    if not unit.startswith("dbd"):
        faults.warn(
            "msi.gain-unit",
            f"GAIN {text} has no unit; taken as dBd, {dbd_to_dbi(gain):.2f} dBi.",
            "Write dBi or dBd behind it.",
            file=file,
            row=sheet.lines["GAIN"],
        )
    return float(dbd_to_dbi(gain))


def _flipped(
    losses: NDArray[np.float64], section: str, file: str, row: int, faults: Faults
) -> NDArray[np.float64]:
    """Turn a cut written as relative gain (all negative) into attenuation."""
    if losses.min() < 0.0 and losses.max() <= 0.0:
        faults.warn(
            "msi.sign",
            f"{section} holds negative numbers; taken as gain below the peak.",
            file=file,
            row=row,
        )
        return -losses
    return losses


def _cut(sheet: _Sheet, section: str, file: str, faults: Faults) -> NDArray[np.float64]:
    """One cut at whole degrees 0..359; linear between the points given."""
    points = sheet.points.get(section, [])
    row = sheet.lines.get(section)
    if not points:
        return _cut_from_width(sheet, section, file, faults)
    _check_count(sheet, section, len(points), file, faults)
    by_angle: dict[float, float] = {}
    for line, angle, loss in points:
        if abs(by_angle.setdefault(angle, loss) - loss) > 0.05:
            faults.error(
                "msi.angle-twice",
                f"{angle:g} deg has {by_angle[angle]:g} and {loss:g} dB.",
                "Keep one of them.",
                file=file,
                row=line,
            )
    angles = np.array(sorted(by_angle))
    losses = np.array([by_angle[angle] for angle in angles])
    losses = _flipped(losses, section, file, row or 1, faults)
    step = float(np.diff(np.append(angles, angles[0] + 360.0)).max())
    if step > COARSE_STEP_DEG:
        faults.warn(
            "msi.coarse",
            f"{section} leaves {step:g} deg between points; filled linearly in dB.",
            file=file,
            row=row,
        )
    return np.asarray(np.interp(np.arange(360.0), angles, losses, period=360.0))


def _check_count(sheet: _Sheet, section: str, found: int, file: str, faults: Faults) -> None:
    said = _NUMBER.search(sheet.keys.get(section, ""))
    if said is not None and int(_number(said.group())) != found:
        faults.warn(
            "msi.count",
            f"{section} announces {said.group()} points and has {found}.",
            file=file,
            row=sheet.lines[section],
        )


def _cut_from_width(sheet: _Sheet, section: str, file: str, faults: Faults) -> NDArray[np.float64]:
    """A cut that is missing, from the beamwidth in the header where there is one."""
    key = f"{section[0]}_WIDTH"
    found = _NUMBER.search(sheet.keys.get(key, ""))
    width = _number(found.group()) if found else 0.0
    if width <= 0.0:
        faults.error(
            "msi.section",
            f"there is no {section} cut and no {key} to make one from.",
            f"Add {section} 360 and its 360 lines.",
            file=file,
            row=sheet.lines.get(section),
        )
        return np.zeros(360)
    faults.warn(
        "msi.section",
        f"there is no {section} cut; made from {key} {width:g} deg by TR 38.901 Table 7.3-1.",
        file=file,
        row=sheet.lines.get(key),
    )
    if width >= 360.0:
        return np.zeros(360)
    off = (np.arange(360.0) + 180.0) % 360.0 - 180.0
    return np.asarray(np.minimum(12.0 * (off / width) ** 2, 30.0))


def _tilt_deg(sheet: _Sheet, vertical: NDArray[np.float64]) -> float:
    """Electrical tilt as stated; where the line is empty or a word, the peak of the cut."""
    for key in ("ELECTRICAL_TILT", "TILT"):
        found = _NUMBER.search(sheet.keys.get(key, ""))
        if found:
            return _number(found.group())
    ahead = np.roll(vertical, 45)[:90]
    best = np.flatnonzero(ahead <= ahead.min() + 1e-9)
    return float(best.mean() - 45.0)


def _frequency_mhz(sheet: _Sheet) -> float | None:
    text = sheet.keys.get("FREQUENCY", "").replace("-", " ")
    values = [_number(found) for found in _NUMBER.findall(text)]
    if not values:
        return None
    scale = 1000.0 if "ghz" in text.lower() else 1.0
    return scale * (min(values) + max(values)) / 2.0


def parse_msi(text: str, file: str = "") -> AntennaFile:
    """Read the text of an MSI / Planet antenna file.

    Parameters
    ----------
    text : str
        Contents; any line ends, tabs or blanks, decimal points or commas.
    file : str
        Name for messages.

    Returns
    -------
    AntennaFile

    Raises
    ------
    InputError
        With every fault and its line: no gain, lines that are not numbers, angles out of range
        or given twice, a cut that is missing.

    Examples
    --------
    >>> text = "NAME demo\\nGAIN 15 dBd\\nTILT\\nH_WIDTH 65\\nV_WIDTH 7\\n"
    >>> found = parse_msi(text)
    >>> round(found.antenna.gain_dbi, 2), len(found.warnings)
    (17.15, 2)
    """
    faults = Faults()
    sheet = _sort_lines(text, file, faults)
    gain = _gain_dbi(sheet, file, faults)
    horizontal = _cut(sheet, "HORIZONTAL", file, faults)
    vertical = _cut(sheet, "VERTICAL", file, faults)
    faults.raise_errors()
    tilt = _tilt_deg(sheet, vertical)
    design = Cuts(gain, tuple(horizontal.tolist()), tuple(vertical.tolist()), tilt)
    name = sheet.keys.get("NAME") or Path(file).stem or "antenna"
    found = Antenna(name, design, sheet.keys.get("COMMENT", ""), f"MSI file {file}".strip())
    return AntennaFile(found, _frequency_mhz(sheet), sheet.keys, tuple(faults))


def read_msi(path: Path | str) -> AntennaFile:
    """Read an MSI / Planet antenna file.

    Parameters
    ----------
    path : Path or str
        The file, in UTF-8 or a Western code page.

    Returns
    -------
    AntennaFile

    Raises
    ------
    InputError
        If the file is not there, is empty, or holds the faults :func:`parse_msi` names.
    """
    shown = shown_path(path)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{shown}: cannot be read ({error.strerror}).") from None
    if not raw.strip():
        raise InputError(f"{shown}: is empty. An MSI antenna file holds GAIN and two cuts.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return parse_msi(text, shown)


def write_msi(
    antenna: Antenna,
    path: Path | str,
    frequency_mhz: float | None = None,
    electrical_tilt_deg: float = 0.0,
) -> None:
    """Write an antenna's two cuts as an MSI file, gain in dBd as the format has it.

    Parameters
    ----------
    antenna : Antenna
        Its traffic pattern is cut.
    path : Path or str
        File to write.
    frequency_mhz : float, optional
        Frequency to note [MHz].
    electrical_tilt_deg : float
        Electrical downtilt [deg] of the cuts; the horizontal one is taken at the peak's height.
    """
    pattern = antenna.pattern(electrical_tilt_deg)
    peak = float(pattern.max())
    row = int(np.unravel_index(int(pattern.argmax()), pattern.shape)[0])
    horizontal = peak - np.roll(pattern[row].astype(float), 180)
    ahead, behind = pattern[:, 180].astype(float), pattern[:, 0].astype(float)
    # from ahead down (zenith 90..180), back up behind (179..0), and forward down again (1..89)
    vertical = peak - np.concatenate([ahead[90:], behind[179::-1], ahead[1:90]])
    head = [f"NAME {antenna.name}", "MAKE Cellwright"]
    if frequency_mhz is not None:
        head.append(f"FREQUENCY {frequency_mhz:g}")
    head += [
        f"GAIN {peak - DIPOLE_GAIN_DBI:.2f} dBd",
        "TILT ELECTRICAL",
        f"ELECTRICAL_TILT {electrical_tilt_deg:g}",
    ]
    body = []
    for name, cut in (("HORIZONTAL", horizontal), ("VERTICAL", vertical)):
        body.append(f"{name} 360")
        body += [f"{angle} {max(loss, 0.0):.2f}" for angle, loss in enumerate(cut)]
    Path(path).write_text("\n".join([*head, *body, ""]), encoding="utf-8")
