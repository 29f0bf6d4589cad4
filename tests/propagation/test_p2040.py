"""ITU-R P.2040-3: slabs against the closed form, physics' own laws, and TR 38.901's walls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cellwright.errors import InputError
from cellwright.propagation import (
    Layer,
    conductivity_s_per_m,
    materials,
    permittivity,
    slab,
    wall_loss_db,
)
from cellwright.propagation.outdoor_to_indoor import MATERIALS_DB

WAVE_M = 0.299792458


def closed_form(eta: complex, thickness: float, ghz: float, angle: float, kind: str):
    """One slab, P.2040-3, equations (43a) and (43b)."""
    inner = np.sqrt(eta - math.sin(angle) ** 2)
    outer = math.cos(angle)
    if kind == "TE":
        face = (outer - inner) / (outer + inner)
    else:
        face = (eta * outer - inner) / (eta * outer + inner)
    turn = np.exp(-2j * math.pi * thickness * ghz / WAVE_M * inner)
    below = 1 - face**2 * turn**2
    return face * (1 - turn**2) / below, (1 - face**2) * turn / below


@settings(deadline=None)
@given(
    some.sampled_from(["concrete", "glass", "wood", "brick", "marble"]),
    some.floats(0.0, 0.1),
    some.floats(1.0, 40.0),
    some.floats(0.0, 1.5),
    some.sampled_from(["TE", "TM"]),
)
def test_one_layer_equals_the_closed_form(
    name: str, thickness: float, ghz: float, angle: float, kind: str
) -> None:
    wall = slab(Layer(name, thickness), ghz, math.degrees(angle), kind)
    eta = complex(permittivity(name, ghz)[0])
    reflection, transmission = closed_form(eta, thickness, ghz, angle, kind)
    assert abs(wall.reflection - reflection) < 1e-9
    assert abs(wall.transmission - transmission) < 1e-9


@settings(deadline=None)
@given(
    some.lists(
        some.tuples(some.sampled_from(materials()[1:13]), some.floats(0.0, 0.05)),
        min_size=1,
        max_size=5,
    ),
    some.floats(1.0, 40.0),
    some.floats(0.0, 85.0),
    some.sampled_from(["TE", "TM"]),
)
def test_no_wall_makes_power_and_transmission_is_the_same_from_behind(
    sheets: list[tuple[str, float]], ghz: float, angle: float, kind: str
) -> None:
    layers = [Layer(*sheet) for sheet in sheets]
    there, back = slab(layers, ghz, angle, kind), slab(layers[::-1], ghz, angle, kind)
    assert abs(there.reflection) ** 2 + abs(there.transmission) ** 2 <= 1.0 + 1e-9
    assert abs(there.transmission) == pytest.approx(abs(back.transmission), rel=1e-6, abs=1e-12)


def test_splitting_a_sheet_changes_nothing() -> None:
    whole = slab(Layer("brick", 0.11), 3.5, 40.0, "TM")
    split = slab([Layer("brick", 0.04), Layer("brick", 0.07)], 3.5, 40.0, "TM")
    assert abs(whole.transmission - split.transmission) < 1e-12


def test_vacuum_is_not_there_and_metal_is_shut() -> None:
    gap = slab(Layer("vacuum", 0.3), 10.0, 30.0)
    assert abs(gap.reflection) < 1e-12
    assert abs(gap.transmission) == pytest.approx(1.0)
    sheet = slab(Layer("metal", 0.001), 10.0)
    assert abs(sheet.reflection) == pytest.approx(1.0, abs=1e-3)
    assert wall_loss_db(Layer("metal", 0.001), 10.0).loss_db > 200.0


def test_wood_hardly_reflects_at_brewsters_angle() -> None:
    angle = math.degrees(math.atan(math.sqrt(1.99)))
    power = [
        abs(slab(Layer("wood", 0.02), 5.0, angle, kind).reflection) ** 2 for kind in ("TM", "TE")
    ]
    assert power[0] < 1e-3 < 0.05 < power[1]


def test_permittivity_by_hand() -> None:
    """Concrete at 10 GHz: 0.0462 x 10^0.7822 = 0.2798 S/m; over 2 pi f eps0 = 0.5563: 0.503."""
    eta, inside = permittivity("concrete", 10.0)
    assert eta == pytest.approx(5.24 - 0.503j, abs=1e-3)
    assert inside
    assert conductivity_s_per_m("wet ground", 1.0) == pytest.approx(0.15)


def test_a_material_measured_twice_takes_the_nearer_fit() -> None:
    eta, inside = permittivity("glass", [60.0, 140.0, 160.0, 300.0])
    assert eta.real == pytest.approx([6.31, 6.31, 5.79, 5.79])
    assert inside.tolist() == [True, False, False, True]


def test_20_cm_of_concrete_are_the_concrete_wall_of_tr_38901_at_3_5_ghz() -> None:
    offset, slope = MATERIALS_DB["concrete"]
    loss = wall_loss_db(Layer("concrete", 0.2), 3.5).loss_db
    assert loss == pytest.approx(offset + slope * 3.5, abs=1.0)


def test_glass_and_wood_lie_in_the_region_of_tr_38901() -> None:
    """Averaged over 1 to 6 GHz: two panes with a gap, a wooden wall; TR 38.901 has 2.7 and 5.3 dB."""
    ghz = np.linspace(1.0, 6.0, 400)
    panes = [Layer("glass", 0.004), Layer("vacuum", 0.012), Layer("glass", 0.004)]
    for wall, name in ((panes, "standard multi-pane glass"), ([Layer("wood", 0.1)], "wood")):
        offset, slope = MATERIALS_DB[name]
        mean = float(wall_loss_db(wall, ghz, beyond_range=True).loss_db.mean())
        assert mean == pytest.approx(offset + slope * 3.5, abs=3.0)


def test_refusals_name_the_cure() -> None:
    with pytest.raises(InputError, match='Did you mean "concrete"'):
        permittivity("concret", 3.5)
    with pytest.raises(InputError, match="beyond_range=True"):
        wall_loss_db(Layer("concrete", 0.2), 0.7)
    with pytest.raises(InputError, match="at least one Layer"):
        slab([], 3.5)
    with pytest.raises(InputError, match="thickness_m is 20"):
        slab(Layer("wood", 20.0), 3.5)
    with pytest.raises(InputError, match="polarisation"):
        slab(Layer("wood", 0.1), 3.5, 0.0, "mean")
