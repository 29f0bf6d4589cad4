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
    """1 / (1 + 0.1) for what comes again, a little back from the higher scheme (SlotSettings).

    CQI steps move which scheme that is, not the law; whole MCS take up to 3 % as above.
    """
    found, ratio = shares(SlotSettings(scheduler="rr"))
    assert found.block_error == pytest.approx(0.1, abs=0.01)
    assert 0.97 / 1.1 < ratio.mean() < 1.1 / 1.1


def test_the_user_s_antenna_counts_once():
    """In the scenario's gains or in the carrier's budget: the same; in both: still one antenna."""
    base = scenario("nr-city-3500mhz", rings=0, users_per_cell=4)
    horn = scenario("nr-city-3500mhz", rings=0, users_per_cell=4, user_gain_dbi=8.0)
    layer = ONE.changed(user_gain_dbi=8.0)
    plain = drop(base, 3)
    given = [(drop(horn, 3), ONE), (plain, layer), (drop(horn, 3), layer)]
    shared = [equal_shares(people, radio, LINK)["sinr_db"].to_numpy() for people, radio in given]
    rates = [
        run_drop(plan_of_drop(people, radio, link=LINK, fading=Fading("none")), 0.2).user_mbps
        for people, radio in given
    ]
    for other in (1, 2):
        assert shared[other] == pytest.approx(shared[0], abs=1e-3)
        assert rates[other].sum() == pytest.approx(rates[0].sum(), rel=0.01)
    without = equal_shares(plain, ONE, LINK)["sinr_db"].to_numpy()
    assert np.all(without < shared[0] + 1e-6)


def test_a_user_that_no_cell_reaches_is_marked_in_the_table():
    far = scenario(
        "nr-city-3500mhz", rings=0, users_per_cell=4, power_dbm=-10.0, user_gain_dbi=-30.0
    )
    found = simulate(far, "slots", SHORT)
    assert (found.users["out_of_range"] == 1.0).all()
    assert (found.users["mbps"] == 0.0).all()
    assert found.figures["estimate"].notna().all()


def test_bad_words_and_numbers_are_refused():
    with pytest.raises(InputError, match="drops"):
        simulate(TINY, "drop")
    with pytest.raises(InputError) as caught:
        SimulateSettings(drops=0, users=0, seed=-1, seconds=0.0, direction="sideways")
    assert len(caught.value.faults) == 5
    with pytest.raises(InputError, match="over="):
        simulate(scenario("umi-30ghz"), "static")
