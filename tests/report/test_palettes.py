"""Colours must differ for every eye: closest pair in CAM02-UCS.

CIECAM02 (CIE 159:2004) under average surround, CAM02-UCS (Luo, Cui, Li 2006); colour-vision
deficiency at full severity after Machado, Oliveira, Fernandes (2009).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from cellwright.report import legends, palettes
from cellwright.report.supply.looks import MAKER_COLOURS, MAKER_COLOURS_DARK

TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
)
CAT02 = np.array([[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.003, 0.0136, 0.9834]])
HPE = np.array([[0.38971, 0.68898, -0.07868], [-0.22981, 1.1834, 0.04641], [0.0, 0.0, 1.0]])
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.01182, 0.04294, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.3039],
        ]
    ),
}


def linear(colour: str) -> np.ndarray:
    level = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)


def cam02_ucs(rgb: np.ndarray) -> np.ndarray:
    """J', a', b' of linear sRGB under D65, adapting luminance 64 lx / (5 pi), background 20 %."""
    white = TO_XYZ @ np.ones(3) * 100
    la, yb, c, nc, f = 64 / np.pi / 5, 20.0, 0.69, 1.0, 1.0
    k = 1 / (5 * la + 1)
    fl = 0.2 * k**4 * 5 * la + 0.1 * (1 - k**4) ** 2 * (5 * la) ** (1 / 3)
    n = yb / white[1]
    nbb, z = 0.725 * n**-0.2, 1.48 + np.sqrt(n)
    d = f * (1 - np.exp((-la - 42) / 92) / 3.6)

    def adapted(xyz: np.ndarray) -> np.ndarray:
        cone = HPE @ np.linalg.solve(
            CAT02, (white[1] * d / (CAT02 @ white) + 1 - d) * (CAT02 @ xyz)
        )
        p = (fl * np.abs(cone) / 100) ** 0.42
        return np.sign(cone) * 400 * p / (27.13 + p) + 0.1

    r, g, b = adapted(TO_XYZ @ np.clip(rgb, 0, 1) * 100)
    rw, gw, bw = adapted(white)
    a, bb = r - 12 * g / 11 + b / 11, (r + g - 2 * b) / 9
    hue = np.arctan2(bb, a)
    achromatic, achromatic_white = (
        (2 * x + y + w / 20 - 0.305) * nbb for x, y, w in ((r, g, b), (rw, gw, bw))
    )
    lightness = 100 * (achromatic / achromatic_white) ** (c * z)
    e = (np.cos(hue + 2) + 3.8) / 4
    t = 50000 / 13 * nc * nbb * e * np.hypot(a, bb) / (r + g + 21 * b / 20)
    colourful = t**0.9 * np.sqrt(lightness / 100) * (1.64 - 0.29**n) ** 0.73 * fl**0.25
    j, m = 1.7 * lightness / (1 + 0.007 * lightness), np.log(1 + 0.0228 * colourful) / 0.0228
    return np.array([j, m * np.cos(hue), m * np.sin(hue)])


def closest(colours: tuple[str, ...], sight: str) -> float:
    seen = [cam02_ucs(SIGHT[sight] @ linear(colour)) for colour in colours]
    return min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))


def test_the_ruler_itself() -> None:
    """White is (100, 0, 0); black has no lightness; RdYlGn fails as the literature says."""
    assert cam02_ucs(np.ones(3)) == pytest.approx([100, 0, 0], abs=2.5)
    assert cam02_ucs(np.zeros(3))[0] == pytest.approx(0, abs=0.01)
    traffic = ("#d73027", "#fc8d59", "#fee08b", "#d9ef8b", "#91cf60", "#1a9850")
    assert closest(traffic, "deuteranopia") < 5


@pytest.mark.parametrize("sight", list(SIGHT))
@pytest.mark.parametrize("name", ["RdYlBu", "batlow"])
def test_six_classes_differ_for_every_eye(name: str, sight: str) -> None:
    assert closest(palettes()[name], sight) >= 15


@pytest.mark.parametrize("sight", list(SIGHT))
def test_every_shipped_legend_can_be_told_apart(sight: str) -> None:
    """Eight classes of one palette cannot keep 15; neighbours on a scale must keep 8."""
    for name, legend in legends().items():
        if legend.kind == "classes":
            bar = 15 if len(legend.colours) <= 6 else 8
            assert closest(legend.colours, sight) >= bar, name


@pytest.mark.parametrize("sight", list(SIGHT))
@pytest.mark.parametrize("colours", [MAKER_COLOURS, MAKER_COLOURS_DARK], ids=["light", "dark"])
def test_makers_differ_for_every_eye(colours: tuple[str, ...], sight: str) -> None:
    """Five makers by colour alone; further ones by their symbol and hatch as well."""
    assert closest(colours[:5], sight) >= 15
    assert closest(colours[:7], sight) >= 8
