"""TR 38.901 V19.4.0 clause 7.4.3: equal to Tables 7.4.3-1 to 7.4.3-3 as tr3gpp has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.propagation import ENTRY_KINDS, entry_loss_db, entry_loss_kernel, entry_sigma_db
from cellwright.propagation.outdoor_to_indoor import MATERIALS_DB

FREQUENCIES_GHZ = [0.7, 1.8, 3.5, 4.8, 26.0, 90.0]


def materials(table: Any, frequency_ghz: float) -> dict[str, float]:
    rows = [row.formula.split("=") for row in table.o2i_penetration_loss.materials]
    return {name.strip(): table.read(text, f=frequency_ghz) for name, text in rows}


@pytest.mark.parametrize(
    ("kind", "title"),
    [("low", "Low-loss model"), ("high", "High-loss model"), ("low-a", "Low-loss A model")],
)
def test_buildings_equal_the_table(table: Any, kind: str, title: str) -> None:
    row = next(r for r in table.o2i_penetration_loss.building_models if r.model == title)
    for frequency in FREQUENCIES_GHZ:
        wall = table.read(row.pl_tw_formula, **materials(table, frequency))
        inside = table.read(row.pl_in_formula, **{"d_{2D-in}": 7.5})
        assert entry_loss_db(frequency, kind) == pytest.approx(wall, abs=1e-9)
        assert entry_loss_db(frequency, kind, 7.5) == pytest.approx(wall + inside, abs=1e-9)
    assert entry_sigma_db(kind) == row.std_p_db


def test_materials_equal_the_table(table: Any) -> None:
    ours = {name.lower(): line for name, line in MATERIALS_DB.items()}
    for row in table.o2i_penetration_loss.materials:
        first, second = ours[row.material.lower()]
        for frequency in FREQUENCIES_GHZ:
            text = row.formula.split("=")[1]
            assert table.read(text, f=frequency) == pytest.approx(first + second * frequency)


def test_fixed_wall_and_car_equal_the_clause(table: Any) -> None:
    fixed = table.o2i_penetration_loss.building_single_frequency_below_6ghz
    car = table.o2i_penetration_loss.car_penetration_loss
    assert entry_loss_db(3.5, "below-6-ghz") == fixed.pl_tw_db
    assert entry_sigma_db("below-6-ghz") == fixed.sigma_p_db
    assert entry_loss_db(3.5, "car") == car.mu_db
    assert entry_loss_db(3.5, "car-metallized") == car.mu_metallized_windows_db
    assert entry_sigma_db("car") == entry_sigma_db("car-metallized") == car.sigma_p_db


def test_older_glass_gives_the_older_wall() -> None:
    # 5 - 10 lg(0.7 x 10^(-(23 + 0.3 x 3.5) / 10) + 0.3 x 10^(-19 / 10)), worked by hand
    assert entry_loss_db(3.5, "high-rel-18") == pytest.approx(26.8498, abs=1e-4)
    assert entry_loss_db(3.5, "high") > entry_loss_db(3.5, "high-rel-18")


def test_depth_counts_in_buildings_only() -> None:
    for kind in ENTRY_KINDS:
        gain = entry_loss_db(2.0, kind, 10.0) - entry_loss_db(2.0, kind)
        assert gain == (0.0 if kind.startswith(("car", "none")) else pytest.approx(5.0))


def test_every_kind_has_kernel_sigma_and_shape() -> None:
    for kind, number in ENTRY_KINDS.items():
        loss = entry_loss_db(np.array([[0.7], [3.5]]), kind, [0.0, 1.0, 2.0])
        assert loss.shape == (2, 3)
        assert loss[1, 2] == entry_loss_kernel(number, 3.5, 2.0)
        assert entry_sigma_db(kind) >= 0.0
    assert np.isnan(entry_loss_kernel(99, 3.5, 0.0))


def test_unknown_kind_is_answered_with_a_suggestion() -> None:
    with pytest.raises(InputError, match='Did you mean "high"'):
        entry_loss_db(3.5, "hihg")
    with pytest.raises(InputError, match="Did you mean"):
        entry_sigma_db("lo")
