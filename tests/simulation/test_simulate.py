"""One call over all levels on a tiny scenario."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cellwright.errors import InputError
from cellwright.network import carrier
from cellwright.simulation import FIDELITIES, LinkSettings, SimulateSettings, simulate
from cellwright.simulation.levels import equal_shares
from cellwright.simulation.scenarios import drop, scenario
from cellwright.simulation.slots import Fading, SlotSettings, plan_of_drop, run_drop

TINY = scenario("nr-city-3500mhz", rings=1, users_per_cell=2)
SHORT = SimulateSettings(drops=2, users=10, seconds=0.1, warmup_s=0.05)
ONE = carrier("n78").changed(dl_layers=1, user_antennas=1)
LINK = LinkSettings(margin_db=0.0)


@pytest.mark.parametrize("level", FIDELITIES)
def test_same_seed_same_figures(level):
    one, two = simulate(TINY, level, SHORT), simulate(TINY, level, SHORT)
    pd.testing.assert_frame_equal(one.figures, two.figures)
    assert np.isfinite(one.figures["estimate"]).all()
    assert len(one.users) == (10 if level == "mobility" else 42 * one.drops)


@pytest.mark.parametrize("level", ["drops", "slots"])
def test_a_run_cut_short_goes_on_with_the_same_figures(level):
    kept: dict = {}
    whole = simulate(TINY, level, SHORT, finished=kept.__setitem__)
    assert sorted(kept) == [0, 1]
    anew: dict = {}
    again = simulate(TINY, level, SHORT, done={0: kept[0]}, finished=anew.__setitem__)
    assert sorted(anew) == [1]
    pd.testing.assert_frame_equal(whole.figures, again.figures)


def test_static_is_the_first_drop():
    first = simulate(TINY, "static", SHORT).users
    every = simulate(TINY, "drops", SHORT).users
    pd.testing.assert_frame_equal(first, every[every["drop"] == 0].reset_index(drop=True))


def shares(settings):
    people = drop(scenario("nr-city-3500mhz", rings=0, users_per_cell=6), 3)
    expected = equal_shares(people, ONE, LINK)
    plan = plan_of_drop(people, ONE, settings=settings, link=LINK, fading=Fading("none"))
    found = run_drop(plan, 1.0, warmup_s=0.5)
    return found, found.user_mbps / expected["dl_mbps"].to_numpy()


def test_slots_of_a_known_still_channel_are_the_equal_shares():
    """What is left are whole MCS and whole slots: 3 % of the sum, 6 % of a user."""
    found, ratio = shares(SlotSettings(scheduler="rr", csi="fine", olla_step_db=0.0))
    assert ratio.mean() == pytest.approx(1.0, abs=0.03)
    assert ratio == pytest.approx(1.0, abs=0.06)
    assert found.block_error < 0.1


def test_reports_and_the_outer_loop_cost_a_tenth():
    """One block in ten comes again (0.9 to 0.905); CQI steps and whole MCS take the rest."""
    found, ratio = shares(SlotSettings(scheduler="rr"))
    assert found.block_error == pytest.approx(0.1, abs=0.01)
    assert 0.85 < ratio.mean() < 0.93


def test_bad_words_and_numbers_are_refused():
    with pytest.raises(InputError, match="drops"):
        simulate(TINY, "drop")
    with pytest.raises(InputError) as caught:
        SimulateSettings(drops=0, users=0, seed=-1, seconds=0.0, direction="sideways")
    assert len(caught.value.faults) == 5
    with pytest.raises(InputError, match="over="):
        simulate(scenario("umi-30ghz"), "static")
