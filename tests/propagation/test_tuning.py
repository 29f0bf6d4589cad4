"""A tuning: what it adds, how it is kept, what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.propagation import CLUTTER, Tuning, read_tuning, write_tuning

FULL = Tuning(
    carrier="n78", source='inputs/"drive".csv', date="2026-01-02", points=900, cells=12, offset_db=-2.5,
    slope_db_per_decade=6.0, reference_m=250.0, nearest_m=40.0, farthest_m=1500.0,
    out_of_sight_db=3.0, clutter_db={"open": -4.0}, entry_scale=1.2, sigma_in_sight_db=4.5,
    errors={"offset_db": 0.4}, refused={"clutter_db.dense": "3 of 900 local means: too few"},
)  # fmt: skip


def test_it_comes_back_as_it_was_written(tmp_path):
    write_tuning(FULL, tmp_path / "tuning.toml")
    back = read_tuning(tmp_path / "tuning.toml")
    same = {**vars(back), "sigma_out_of_sight_db": None}
    assert same == {**vars(FULL), "sigma_out_of_sight_db": None}
    assert math.isnan(back.sigma_out_of_sight_db)


def test_it_adds_what_its_numbers_say():
    assert Tuning().correction_db(500.0, 0, 20.0, 1) == 0.0
    added = FULL.correction_db([250.0, 2500.0, 1.0], [1, 0, 1], [0.0, 10.0, 0.0], [2, 0, 2])
    far, near = 6.0 * math.log10(1500 / 250), 6.0 * math.log10(40 / 250)
    np.testing.assert_allclose(added, [-2.5, -2.5 + far + 3.0 - 4.0 + 2.0, -2.5 + near])
    grid = FULL.correction_db(np.ones((3, 1)) * 250.0, np.ones((1, 4)), 0.0, 1)
    assert grid.shape == (3, 4)
    np.testing.assert_array_equal(FULL.sigma_db([1, 0]), [4.5, np.nan])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("offset_db = 400", "offset_db is 400"),
        ("offest_db = 4", 'Did you mean "offset_db"?'),
        ('offset_db = "4"', "must be a number"),
        ("clutter_db = { forest = 3.0 }", '"forest"'),
        ("nearest_m = 50\nfarthest_m = 20", "farthest_m is 20"),
        ("sigma_in_sight_db = -1", "sigma_in_sight_db is -1"),
        ("offset_db = ", "is not TOML"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_file(tmp_path, line, said):
    path = tmp_path / "tuned.toml"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"tuned\.toml") as told:
        read_tuning(path)
    assert said in str(told.value)
    with pytest.raises(InputError, match="no such file"):
        read_tuning(tmp_path / "none.toml")


def test_classes_are_named():
    assert len(CLUTTER) == 3
