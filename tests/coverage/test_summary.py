from __future__ import annotations

import numpy as np
import pytest

from cellwright.coverage import coverage_summary
from cellwright.errors import InputError


def test_classes_count_area_and_people(make):
    phones = make.receivers(np.zeros(6), 0.0, place=[0, 0, 1, 1, 1, 2])
    phones["residents"][:] = [0.0, 0.0, 2.0, 3.0, 5.0, 1.0]
    phones["inside"][1] = False
    levels = [-90.0, -120.0, -110.0, -100.0, np.nan, -105.0]
    table = coverage_summary({"rsrp_dbm": levels}, phones, {"rsrp_dbm": [-105.0, -95.0]})
    assert len(table) == 3 * 4
    ground = table[table["place"] == "indoor ground floor"].set_index("class_from")
    assert ground.loc[-np.inf, "people_share"] == pytest.approx(0.2)
    assert ground.loc[-105.0, "people"] == 3.0
    assert ground["people_share"].iloc[-1] == pytest.approx(0.5)  # without signal
    assert ground["area_km2"].sum() == pytest.approx(3 * 25e-6)
    outdoor = table[table["place"] == "outdoor"]
    assert outdoor["area_share"].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert outdoor["people_share"].isna().all()
    top = table[table["place"] == "indoor top floor"].set_index("class_from")
    assert top.loc[-105.0, "people_share"] == 1.0  # an edge belongs to the class above


def test_mistakes_are_told(make):
    phones = make.receivers([0.0], 0.0)
    with pytest.raises(InputError, match="must rise"):
        coverage_summary({"x": [1.0]}, phones, {"x": [2.0, 1.0]})
    with pytest.raises(InputError, match='no layer "y"'):
        coverage_summary({"x": [1.0]}, phones, {"y": [1.0]})
