"""A network with multi-user MIMO: drawn the same again, and laws of a small one."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation.mimo_system import SystemSettings, spectral_efficiency
from cellwright.simulation.scenarios import scenario

SMALL = {
    "instants": 1, "slots": 8, "warm_up": 2, "interferers": 2, "subbands": 2, "samples": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def city():
    return scenario("imt-dense-urban-4ghz", rings=0, users_per_cell=4)


@pytest.fixture(scope="module")
def shared(city):
    return spectral_efficiency(city, SystemSettings(**SMALL), (3,))


def test_the_same_seed_gives_the_same_network(city, shared):
    again = spectral_efficiency(city, SystemSettings(**SMALL), (3,))
    assert np.array_equal(again.user_rate, shared.user_rate)
    assert again.cells == 3


def test_users_served_together_bring_more_layers(city, shared):
    alone = spectral_efficiency(city, SystemSettings(most_users=1, **SMALL), (3,))
    assert alone.layers[0] <= 2.0 < shared.layers[0]
    assert (shared.user_rate >= 0.0).all()
    assert shared.user_rate.sum() > 0.0


def test_settings_that_leave_nothing_are_refused():
    with pytest.raises(InputError, match="warm_up"):
        SystemSettings(instants=1, slots=5, warm_up=5)
