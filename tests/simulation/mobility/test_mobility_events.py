"""Events against cases that can be worked out by hand, and laws."""

from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation.mobility import (
    HandoverSettings,
    Residual,
    Shadowing,
    Walk,
    coverage_source,
    hexagon_cluster,
    hexagon_source,
    map_source,
    mobility,
    straight_walks,
)
from cellwright.simulation.mobility import run as run_module

QUICK = {"l3_k": 0, "prepare_s": 0.05, "execute_s": 0.04}
QUIET = {"noise_dbm": -150.0, "load": 0.0}


def line_walk(metres, speed, step_s=0.01, start=0.0):
    x = np.arange(start, start + metres, speed * step_s)[None]
    return Walk(x, np.zeros_like(x), np.array([speed]), ("car",), step_s)


def two_masts(slope=0.02, apart=1000.0):
    def levels(x, y):
        return -80.0 - slope * np.abs(np.stack([x, x - apart], axis=1))

    return levels


def timed(levels_by_step, step_s=0.01):
    """A walk of one user over a table of levels [step, cell]: the x axis is the step."""
    table = np.asarray(levels_by_step, np.float64)
    x = np.arange(table.shape[0], dtype=np.float64)[None]
    walk = Walk(x, np.zeros_like(x), np.array([1.0]), ("pedestrian",), step_s)
    return walk, lambda x_m, y_m: table[x_m.astype(int)]


@pytest.mark.parametrize(
    ("offset", "hysteresis", "ttt", "speed"),
    [(0.0, 0.0, 0.0, 10.0), (2.0, 1.0, 0.16, 10.0), (3.0, 0.5, 0.64, 30.0), (-1.0, 1.0, 0.32, 1.0)],
)
def test_handover_point_shifts_by_offset_hysteresis_and_time_to_trigger(
    offset, hysteresis, ttt, speed
):
    chosen = HandoverSettings(offset_db=offset, hysteresis_db=hysteresis, ttt_s=ttt, **QUICK)
    walk = line_walk(1000.0, speed)
    events = mobility(walk, two_masts(), chosen, **QUIET).events
    assert events["event"].tolist() == ["report", "execute", "complete"]
    entered = 500.0 + (offset + hysteresis) / 0.04
    report = speed * events["t_s"][0]
    sample = speed * chosen.l1_period_s
    assert entered + speed * ttt - 1e-6 <= report <= entered + speed * ttt + sample + 1e-6
    after = events["t_s"].to_numpy() - events["t_s"][0]
    assert after[1] == pytest.approx(0.05, abs=0.0101)
    assert after[2] == pytest.approx(0.09, abs=0.0101)


@pytest.mark.parametrize("k", [4, 8, 11])
def test_filter_delays_a_ramp_by_its_own_lag(k):
    """A first-order filter follows a ramp period x (1 - a) / a late."""
    common = {"offset_db": 2.0, "hysteresis_db": 0.0, "ttt_s": 0.0}
    walk = line_walk(1000.0, 10.0)
    at = [
        mobility(walk, two_masts(), HandoverSettings(l3_k=n, **common), **QUIET).events["t_s"][0]
        for n in (0, k)
    ]
    share = HandoverSettings(l3_k=k).filter_share()
    assert at[1] - at[0] == pytest.approx(0.04 * (1.0 - share) / share, abs=0.041)


def test_without_noise_nobody_comes_back():
    settings = HandoverSettings(offset_db=0.0, hysteresis_db=0.0, ttt_s=0.0, **QUICK)
    got = mobility(line_walk(1000.0, 10.0), two_masts(), settings, **QUIET)
    assert got.per_user().loc[0, ["handovers", "ping_pongs", "failures"]].tolist() == [1, 0, 0]


def test_condition_must_hold_all_the_time():
    """One measurement without it starts the time to trigger anew (TS 38.331 5.5.4.1)."""
    level = np.full((200, 2), -80.0)
    level[:, 1] = -70.0
    level[:40, 1] = -90.0
    level[52:56, 1] = -90.0
    walk, source = timed(level)
    events = mobility(walk, source, HandoverSettings(ttt_s=0.16, **QUICK), **QUIET).events
    assert events["t_s"][0] == pytest.approx(0.56 + 0.16)


def test_link_is_lost_when_timer_runs_out():
    """SINR falls at 1 s from 20 dB to -20 dB: the mean passes Qout, T310 runs, the phone returns."""
    level = np.full((600, 1), -80.0)
    level[100:, 0] = -120.0
    walk, source = timed(level)
    chosen = HandoverSettings(t310_s=1.0, reestablish_s=0.5)
    events = mobility(walk, source, chosen, noise_dbm=-100.0, load=0.0).events
    high, low, limit = 100.0, 0.01, 10 ** (-0.8)
    share = 1.0 - np.exp(-0.01 / 0.2)
    steps = int(np.ceil(np.log((limit - low) / (high - low)) / np.log(1.0 - share)))
    start = 1.0 + (steps - 1) * 0.01
    start = np.ceil(start / 0.02 - 1e-9) * 0.02
    assert events["event"].tolist()[:2] == ["failure", "return"]
    assert events["cause"][0] == "link-lost"
    assert events["t_s"][0] == pytest.approx(start + 1.0)
    assert events["t_s"][1] == pytest.approx(start + 1.5)


def test_link_that_comes_back_in_time_is_kept():
    level = np.full((600, 1), -80.0)
    level[100:250, 0] = -120.0
    walk, source = timed(level)
    got = mobility(walk, source, HandoverSettings(t310_s=1.0), noise_dbm=-100.0, load=0.0)
    assert got.events.empty
    assert got.per_user()["unusable_s"][0] == pytest.approx(1.5)
    level[250:, 0] = -120.0
    lost = mobility(*timed(level), HandoverSettings(t310_s=1.0), noise_dbm=-100.0, load=0.0)
    assert "failure" in lost.events["event"].tolist()


def test_counters_ask_for_more_indications():
    level = np.full((900, 1), -80.0)
    level[100:, 0] = -120.0
    walk, source = timed(level)

    def lost(n310):
        chosen = HandoverSettings(n310=n310)
        return mobility(walk, source, chosen, noise_dbm=-100.0, load=0.0).events["t_s"][0]

    assert lost(10) - lost(1) == pytest.approx(9 * 0.02)


def crossing(target_dies=None, until=None):
    """Cell 1 takes over at 0.4 s; its power may be gone for a while."""
    level = np.full((300, 2), -80.0)
    level[:, 1] = -90.0
    level[40:, 1] = -70.0
    if target_dies is not None:
        level[target_dies:until, 1] = -130.0
    return timed(level)


def test_missed_target_is_a_handover_failure_unless_t304_goes_on():
    walk, source = crossing(64, 74)
    common = {"ttt_s": 0.16, **QUICK}
    radio = {"noise_dbm": -100.0, "load": 0.0}
    once = mobility(walk, source, HandoverSettings(**common), **radio)
    assert once.events["cause"].tolist()[2] == "target-missed"
    assert once.per_user()["handover_failures"][0] == 1
    tries = mobility(walk, source, HandoverSettings(t304_s=0.2, **common), **radio)
    assert tries.events["event"].tolist()[:3] == ["report", "execute", "complete"]
    assert tries.events["t_s"][2] == pytest.approx(0.74)


def test_command_is_lost_or_waits_while_the_link_is_bad():
    level = np.full((400, 2), -80.0)
    level[40:, 1] = -78.0
    level[80:130, :] -= 40.0
    level[130:, 1] = -70.0
    walk, source = timed(level)
    radio = {"noise_dbm": -100.0, "load": 0.0}
    common = {
        "offset_db": 0.0, "hysteresis_db": 1.0, "ttt_s": 0.64, "prepare_s": 0.1, "l3_k": 0,
        "execute_s": 0.04, "qout_window_s": 0.01, "qin_window_s": 0.01, "n311": 10,
    }  # fmt: skip
    lost = mobility(walk, source, HandoverSettings(command="lost", **common), **radio)
    assert lost.events["cause"].tolist()[1] == "command-lost"
    waits = mobility(walk, source, HandoverSettings(command="waits", **common), **radio)
    assert waits.events["event"].tolist()[:3] == ["report", "execute", "complete"]
    assert waits.events["t_s"][1] == pytest.approx(1.30)


def test_failure_after_the_entering_condition_is_a_handover_failure():
    """The same dead link counts as state 2 once a neighbour has entered, and as state 1 before."""
    level = np.full((400, 2), -80.0)
    level[:, 1] = -140.0
    level[100:, 0] = -120.0
    chosen = HandoverSettings(ttt_s=2.56)
    alone = mobility(*timed(level), chosen, noise_dbm=-100.0, load=0.0)
    assert alone.events["cause"][0] == "link-lost"
    level[100:, 1] = -80.0
    near = mobility(*timed(level), chosen, noise_dbm=-100.0, load=0.0)
    assert near.events["cause"][0] == "link-lost-in-handover"
    assert near.summary().loc["handover_failure_rate", "value"] == 1.0


def test_event_a5_and_gate_a2():
    walk = line_walk(1000.0, 10.0)
    common = {"ttt_s": 0.0, "hysteresis_db": 1.0, **QUICK}
    a5 = HandoverSettings(event="a5", a5_serving_dbm=-92.0, a5_neighbour_dbm=-88.0, **common)
    events = mobility(walk, two_masts(), a5, **QUIET).events
    # serving below -93 from 650 m on; neighbour above -87 from 650 m on
    assert events["x_m"][0] == pytest.approx(650.0, abs=0.5)
    gated = HandoverSettings(offset_db=0.0, a2_dbm=-94.0, **common)
    assert mobility(walk, two_masts(), gated, **QUIET).events["x_m"][0] == pytest.approx(
        750.0, abs=0.5
    )
    shut = HandoverSettings(offset_db=0.0, a2_dbm=-120.0, **common)
    assert mobility(walk, two_masts(), shut, **QUIET).events.empty


def test_cell_offset_moves_the_border():
    walk = line_walk(1000.0, 10.0)
    chosen = HandoverSettings(offset_db=0.0, hysteresis_db=0.0, ttt_s=0.0, **QUICK)
    offset = np.array([[0.0, 4.0], [0.0, 0.0]])
    got = mobility(walk, two_masts(), chosen, cell_offset_db=offset, **QUIET)
    assert got.events["x_m"][0] == pytest.approx(400.0, abs=0.5)


def test_ping_pong_is_there_and_back_within_a_second():
    level = np.full((700, 2), -80.0)
    level[100:, 1] = -70.0
    level[160:, 1] = -90.0
    walk, source = timed(level)
    got = mobility(walk, source, HandoverSettings(ttt_s=0.04, **QUICK), **QUIET)
    stays = got.stays()
    assert stays["ping_pong"].tolist() == [True]
    assert stays["stay_s"][0] == pytest.approx(0.6, abs=0.05)
    strict = mobility(walk, source, HandoverSettings(ttt_s=0.04, min_stay_s=0.5, **QUICK), **QUIET)
    assert strict.stays()["ping_pong"].tolist() == [False]


def test_a_short_stay_on_the_way_to_a_third_cell_is_no_ping_pong():
    level = np.full((700, 3), -90.0)
    level[:100, 0] = level[100:160, 1] = level[160:, 2] = -70.0
    got = mobility(*timed(level), HandoverSettings(ttt_s=0.04, **QUICK), **QUIET)
    stays = got.stays()
    assert stays[["before", "cell", "after"]].to_numpy().tolist() == [[0, 1, 2]]
    assert stays["ping_pong"].tolist() == [False]
    assert got.per_user()["short_stays"][0] == 1


def test_in_sync_between_starts_the_count_anew():
    """N310 counts out-of-sync indications in a row (TS 38.331 5.3.10.1)."""
    level = np.full((600, 1), -80.0)
    spells = np.arange(600) % 20 < 10
    level[spells, 0] = -120.0
    level[:100, 0] = -80.0
    common = {"qout_window_s": 0.001, "qin_window_s": 0.001, "t310_s": 0.1, "n311": 10}
    radio = {"noise_dbm": -100.0, "load": 0.0}
    # ten bad steps are five indications
    patient = mobility(*timed(level), HandoverSettings(n310=6, **common), **radio)
    assert patient.events.empty
    hasty = mobility(*timed(level), HandoverSettings(n310=4, **common), **radio)
    assert not hasty.events.empty


# --- a whole network -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network():
    cluster = hexagon_cluster(7, 500.0)
    source = hexagon_source(
        cluster, lambda d: 128.1 + 37.6 * np.log10(np.maximum(d, 35.0) / 1000.0), 15.0
    )
    walk = straight_walks(cluster, 40, 40.0, shares={"car": 0.5, "fast-car": 0.5}, seed=3)
    return walk, source


def in_network(network, settings, **other):
    walk, source = network
    return mobility(
        walk, source, settings, load=0.7, noise_dbm=-125.0, shadowing=Shadowing(6.0, 25.0),
        residual=Residual(3.5, diversity=2.0), seed=5, **other,
    )  # fmt: skip


def test_longer_time_to_trigger_fewer_ping_pongs_more_failures(network):
    rows = [
        in_network(network, HandoverSettings(ttt_s=t, offset_db=1.0, hysteresis_db=0.0)).per_user()
        for t in (0.0, 0.16, 0.64, 1.28)
    ]
    ping_pongs = [int(row["ping_pongs"].sum()) for row in rows]
    failures = [int(row["handover_failures"].sum()) for row in rows]
    tries = [
        failed + int(row["handovers"].sum()) for failed, row in zip(failures, rows, strict=True)
    ]
    share = [failed / count for failed, count in zip(failures, tries, strict=True)]
    assert ping_pongs == sorted(ping_pongs, reverse=True)
    assert ping_pongs[0] > 5 * max(ping_pongs[2], 1)
    assert share == sorted(share)
    assert failures[2] > failures[0] + 20


def test_blocks_and_threads_change_nothing(network, monkeypatch):
    settings = HandoverSettings()
    whole = in_network(network, settings)
    monkeypatch.setattr(run_module, "_BLOCK", 3_000_000 // 40)
    monkeypatch.setenv("CELLWRIGHT_THREADS", "1")
    parts = in_network(network, settings)
    assert whole.events.equals(parts.events)
    assert whole.along.equals(parts.along)


def test_far_cells_need_no_fading(network, monkeypatch):
    """Drawing the fading of every cell gives the same events as drawing that of the near ones."""
    near = in_network(network, HandoverSettings())
    monkeypatch.setattr(run_module, "_NEAR_DB", 1e9)
    assert near.events.equals(in_network(network, HandoverSettings()).events)


def test_order_of_cells_changes_nothing(network):
    walk, source = network
    turned = np.array([3, 0, 6, 1, 5, 2, 4])
    plain = mobility(walk, source, noise_dbm=-125.0)
    mixed = mobility(walk, lambda x, y: source(x, y)[:, turned], noise_dbm=-125.0)
    assert plain.events["t_s"].equals(mixed.events["t_s"])
    assert (plain.events["target"].to_numpy() == turned[mixed.events["target"]]).all()


def test_more_load_never_helps(network):
    walk, source = network
    quiet, loud = (mobility(walk, source, load=x).along for x in (0.2, 0.9))
    assert (loud["best_sinr_db"] <= quiet["best_sinr_db"] + 1e-4).all()


def test_throughput_adds_up(network):
    got = in_network(network, HandoverSettings(ttt_s=0.64))
    table = got.throughput(lambda sinr: 20.0 * np.log2(1.0 + 10.0 ** (sinr / 10.0)))
    left = table["best_mbps"] * (1.0 - table["lost_away"] - table["lost_late"])
    assert np.allclose(left, table["mbps"])
    assert (table["lost_away"] >= 0.0).all()
    assert table["lost_late"].mean() > 0.0
    away = got.per_user()["away_s"]
    sampled = (got.along["serving"] < 0).sum("sample").to_numpy() * 0.04
    assert np.allclose(away, sampled, atol=0.04 * 30)
    assert (got.per_user()["unusable_s"] >= away - 0.011 * 40).all()


def test_summary_is_whole(network):
    table = in_network(network, HandoverSettings(ttt_s=0.64)).summary()
    assert np.isfinite(table[["value", "low", "high"]].to_numpy()).all()
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    still = Walk(np.zeros((3, 100)), np.zeros((3, 100)), np.zeros(3), ("pedestrian",) * 3, 0.01)
    calm = mobility(still, two_masts(), residual=Residual(3.5)).summary()
    assert np.isfinite(calm[["value", "low", "high"]].to_numpy()).all()
    assert calm.loc["ping_pong_rate", "out_of"] == 0.0


def test_places_lie_on_the_way(network):
    got = in_network(network, HandoverSettings())
    places = got.places()
    assert len(places) == got.per_user()["handovers"].sum()
    assert np.isfinite(places[["x_m", "y_m"]].to_numpy()).all()
    with pytest.raises(InputError, match="complete"):
        got.places("handover")


def test_map_gives_what_its_formula_gives():
    """A map with a place every 0.1 m is the formula."""
    x = np.arange(0.0, 1000.0, 0.1)
    levels = two_masts()(x, x * 0.0)
    source = map_source(x, x * 0.0, levels.T, pixel_m=0.1)
    walk = line_walk(990.0, 10.0, start=5.0)
    one, other = (mobility(walk, s, noise_dbm=-110.0) for s in (source, two_masts()))
    assert np.allclose(one.events["t_s"], other.events["t_s"], atol=0.041)
    assert np.allclose(one.along["sinr_db"], other.along["sinr_db"], atol=0.02)
    coarse = map_source(x[::50], x[::50] * 0.0, levels[::50].T)
    shadowed = mobility(walk, coarse, noise_dbm=-110.0, shadowing=Shadowing(0.0, 10.0))
    assert shadowed.events.equals(mobility(walk, coarse, noise_dbm=-110.0).events)


def test_standing_still_it_is_the_static_level(make, nr):
    """A user at every place of the map, at the strongest cell: the SINR that coverage gives."""
    rng = np.random.default_rng(6)
    received = make.received(rng.uniform(-115, -70, (5, 80)), nr)
    people = make.receivers(np.ones(80), place=0)
    people["x_m"], people["y_m"] = ("receiver", np.arange(80) * 5.0), ("receiver", np.zeros(80))
    x = np.repeat(people["x_m"].to_numpy()[:, None], 50, axis=1)
    walk = Walk(x, np.zeros_like(x), np.zeros(80), ("pedestrian",) * 80, 0.01)
    # the same place is heard with and without the cut to the walk
    whole = coverage_source(received, people, level="traffic_dbm")
    source = coverage_source(received, people, walk, "traffic_dbm")
    assert np.array_equal(whole(x[:, 0], x[:, 0] * 0), source(x[:, 0], x[:, 0] * 0))
    assert coverage_source(received, people, _part(walk, 3)).level_dbm.shape == (3, 5)
    heard = make.signal(received, nr, 0.5)
    got = mobility(walk, source, load=0.5, noise_dbm=nr.noise_dbm_per_re).along
    assert np.array_equal(got["serving"][:, 0], heard["server"])
    assert np.allclose(got["sinr_db"][:, 0], heard["traffic_sinr_db"], atol=0.01)
    assert np.array_equal(got["best_sinr_db"], got["sinr_db"])


def _part(walk, users):
    return Walk(walk.x_m[:users], walk.y_m[:users], walk.speed_m_s[:users], ("x",) * users, 0.01)


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kwargs", "word"),
    [
        ({"ttt_s": 0.15}, "0.16"),
        ({"n310": 5}, "n310"),
        ({"event": "a4"}, "a5"),
        ({"qin_db": -9.0}, "qin_db"),
        ({"hysteresis_db": -1.0}, "hysteresis_db"),
        ({"t304_s": 0.3}, "t304_s"),
        ({"prepare_s": float("nan")}, "prepare_s"),
        ({"command": "found"}, "waits"),
    ],
)
def test_bad_settings_are_told(kwargs, word):
    with pytest.raises(InputError, match=word):
        HandoverSettings(**kwargs)


@pytest.mark.parametrize(
    ("kwargs", "word"),
    [
        ({"load": 1.5}, "load"),
        ({"load": [0.5, 0.5, 0.5]}, "load"),
        ({"noise_dbm": 30.0}, "noise_dbm"),
        ({"cell_offset_db": [0.0, 1.0]}, "2 x 2"),
        ({"settings": HandoverSettings(l1_period_s=0.005)}, "shorter"),
    ],
)
def test_bad_runs_are_told(kwargs, word):
    with pytest.raises(InputError, match=word):
        mobility(line_walk(10.0, 10.0), two_masts(), **kwargs)


def test_a_source_without_numbers_is_told():
    with pytest.raises(InputError, match="no numbers"):
        mobility(line_walk(10.0, 10.0), lambda x, y: two_masts()(x, y) * np.nan)
    with pytest.raises(InputError, match="NaN"):
        map_source([0.0], [0.0], [[np.nan]])
    with pytest.raises(InputError, match="receiver"):
        map_source([0.0, 1.0], [0.0, 1.0], [[-80.0]])
