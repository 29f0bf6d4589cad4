from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.network import carrier
from cellwright.simulation import Demand, LinkSettings, rate_table, throughput
from cellwright.simulation.fading import fading_power
from cellwright.simulation.link.rates import SNR_DB
from cellwright.simulation.load import MOST_LOAD, settle
from cellwright.simulation.sharing import (
    COUNTS,
    MOST_USERS,
    Queue,
    Scheduling,
    Sharing,
    interpolated,
    mean_shares,
)

STILL = LinkSettings(margin_db=1.0)
FADED = {
    name: Sharing(fading="average", scheduler=name)
    for name in ("round-robin", "proportional-fair", "max-ci")
}
BUSY = Demand(gb_per_user_month=1500.0, market_share=1.0)


@pytest.fixture(scope="module")
def lte_radio():
    return carrier("b3")


@pytest.fixture(scope="module")
def moment(lte_radio):
    return rate_table(lte_radio, "downlink", STILL)


@pytest.fixture(scope="module")
def scheds(moment, lte_radio):
    names = ("proportional-fair", "max-ci")
    return {name: Scheduling(name, moment, lte_radio.user_antennas, STILL) for name in names}


def histogram(*sinr_db, sight=0):
    users = np.zeros((1, 2, SNR_DB.size))
    for one in sinr_db:
        users[0, sight, int(np.argmin(np.abs(SNR_DB - one)))] += 1.0
    return users


def drawn(moment, radio, sinr_db, scheduler, slots=40_000):
    """Rates of users under a scheduler that sees every fade: the slot loop in its plainest form."""
    rng = np.random.default_rng(2)
    place = np.argmin(np.abs(SNR_DB[:, None] - np.array(sinr_db)), axis=0)
    branches = radio.user_antennas - np.maximum(moment.layers[0, place], 1) + 1
    power = np.array([rng.gamma(b, 1.0 / b, slots) for b in branches])
    seen = np.array(sinr_db)[:, None] + 10.0 * np.log10(power)
    score = power if scheduler == "proportional-fair" else seen
    chosen = score.argmax(axis=0)
    rate = moment.rate(seen, 0)
    return np.array([(rate[i] * (chosen == i)).mean() for i in range(len(sinr_db))])


@pytest.mark.parametrize("scheduler", ["proportional-fair", "max-ci"])
@pytest.mark.parametrize("users", [2, 4, 8])
def test_equal_users_against_a_drawn_slot_loop(moment, lte_radio, scheds, scheduler, users):
    sched = scheds[scheduler]
    crowd = histogram(*[12.0] * users)
    k, place = COUNTS.index(users), int(np.argmin(np.abs(SNR_DB - 12.0)))
    mine = sched.among(crowd)[0, k, 0, place]
    loop = drawn(moment, lte_radio, [12.0] * users, scheduler)
    assert mine == pytest.approx(loop.mean(), rel=0.02)
    # what n users get together is the gain times what one gets alone
    alone = sched.among(crowd)[0, 0, 0, place]
    assert users * mine / alone == pytest.approx(sched.gain(crowd)[0, k], rel=0.02)
    assert users * mine > 1.1 * alone


def test_max_ci_against_a_drawn_slot_loop_of_unequal_users(moment, lte_radio, scheds):
    """Two users drawn from a cell with half near and half far: the far one hardly gets a turn."""
    sched = scheds["max-ci"]
    near, far = 18.0, 6.0
    among = sched.among(histogram(near, far))[0, COUNTS.index(2), 0]
    pairs = [
        drawn(moment, lte_radio, pair, "max-ci") for pair in ([near, near], [near, far], [far, far])
    ]
    got_near = 0.5 * (pairs[0].mean() + pairs[1][0])
    got_far = 0.5 * (pairs[1][1] + pairs[2].mean())
    at = [int(np.argmin(np.abs(SNR_DB - one))) for one in (near, far)]
    assert among[at[0]] == pytest.approx(got_near, rel=0.02)
    assert among[at[1]] == pytest.approx(got_far, rel=0.03)
    share = scheds["proportional-fair"].among(histogram(near, far))[0, COUNTS.index(2), 0]
    assert among[at[1]] < share[at[1]]
    assert among[at[0]] > share[at[0]]


def test_gain_of_proportional_fair_on_a_linear_rate_is_the_harmonic_sum():
    """Where the rate is proportional to SINR, the gain of n users is 1 + 1/2 + ... + 1/n."""
    power, weight = fading_power(users=16)
    assert power @ weight == pytest.approx((1.0 / np.arange(1, 17)).sum(), rel=1e-3)


def test_without_gain_the_queue_is_processor_sharing():
    rho = np.array([0.0, 0.1, 0.5, 0.9])
    queue = Queue(np.ones((4, MOST_USERS)))
    assert queue.busy(rho) == pytest.approx(rho, abs=1e-6)
    assert queue.most() == pytest.approx(np.full(4, MOST_LOAD), abs=1e-3)
    rate = 40.0
    among = np.full((4, len(COUNTS), 2, 3), rate) / np.array(COUNTS)[:, None, None]
    mean = mean_shares(queue, rho, among)[:, 0, 0]
    assert mean == pytest.approx(rate * (1.0 - rho), rel=2e-3)


def test_gain_keeps_a_cell_less_busy_and_admits_more():
    gain = interpolated(np.array([1.0 + 0.4 * np.log(np.array(COUNTS))]))
    queue, plain = Queue(gain), Queue(np.ones((1, MOST_USERS)))
    rho = np.array([0.8])
    assert queue.busy(rho)[0] < plain.busy(rho)[0]
    assert queue.most()[0] > plain.most()[0]
    # by hand: busy = 1 - 1 / sum of rho^n / (G(1) ... G(n))
    terms = np.cumprod(0.8 / gain[0])
    assert queue.busy(rho)[0] == pytest.approx(1.0 - 1.0 / (1.0 + terms.sum()), rel=1e-9)
    full = np.array([3.0])
    assert queue.wanted(full)[0] == pytest.approx(MOST_LOAD * 3.0 / queue.most()[0])


def test_wanted_load_grows_with_demand_through_the_limit():
    queue = Queue(interpolated(np.array([1.0 + 0.3 * np.log(np.array(COUNTS))])))
    loads = [float(queue.wanted(np.array([rho]))[0]) for rho in np.linspace(0.0, 3.0, 61)]
    assert (np.diff(loads) >= -1e-9).all()
    assert np.diff(loads).max() < 0.08


def run(make, radio, sharing=None, gb=None, cells=5, seed=3, **options):
    rng = np.random.default_rng(seed)
    received = make.received(rng.uniform(-112, -75, (cells, 120)), radio, sight=0, apart_db=-3.0)
    crowd = make.receivers(np.full(120, 4.0))
    demand = BUSY if gb is None else Demand(gb_per_user_month=gb, market_share=1.0)
    heard = make.signal(received, radio)
    return throughput(received, heard, radio, crowd, demand, sharing=sharing, **options)


@pytest.mark.parametrize("scheduler", list(FADED))
def test_an_idle_network_gives_everyone_the_rate_alone(make, nr, scheduler):
    from cellwright.simulation.shares import link_tables

    table = link_tables(nr, LinkSettings(), FADED[scheduler])[0]
    got = run(make, nr, FADED[scheduler], gb=0.001)
    alone = table.rate(got["dl_sinr_db"].to_numpy(), 0)
    assert np.allclose(got["dl_mbps"], alone, rtol=0.02)
    # where loads are given, all schedulers share a cell that busy
    half = run(make, nr, FADED[scheduler], gb=0.001, load=0.5)
    alone = table.rate(half["dl_sinr_db"].to_numpy(), 0)
    left = float((half["dl_mbps"] / alone).mean())
    assert left == pytest.approx(0.5, abs=0.01) if scheduler == "round-robin" else 0.5 < left < 0.9


def test_schedulers_differ_as_they_should(make, lte):
    made = {name: run(make, lte, sharing, gb=20.0) for name, sharing in FADED.items()}
    load = {name: float(data["load"].mean()) for name, data in made.items()}
    assert 0.15 < load["round-robin"] < 0.9
    assert load["proportional-fair"] < load["round-robin"]
    mean = {name: float(data["dl_mbps"].mean()) for name, data in made.items()}
    assert mean["round-robin"] < mean["proportional-fair"] < mean["max-ci"]
    slow = {name: np.percentile(data["dl_mbps"], 5) for name, data in made.items()}
    assert slow["max-ci"] < slow["proportional-fair"]
    assert slow["proportional-fair"] > slow["round-robin"]


@pytest.mark.parametrize("gb", [20.0, 150.0, 1500.0, 1e5])
def test_loads_from_idle_and_from_full_cells_meet(make, lte, gb, monkeypatch):
    """One fixed point: what climbs from below and what falls from above end together."""
    import cellwright.simulation.shares as shares

    ends = []

    def both(wanted_at, cells, **_):
        ends.append(settle(wanted_at, cells, both_ends=True))
        return ends[-1]

    monkeypatch.setattr(shares, "settle", both)
    run(make, lte, gb=gb)
    assert ends[0].settled
    assert ends[0].apart < 1e-3


def test_the_map_of_loads_is_monotone_and_scalable(make, lte, monkeypatch):
    """The two conditions of a standard interference function, at random loads."""
    import cellwright.simulation.shares as shares

    maps = []

    def keep(wanted_at, cells, **_):
        maps.append(wanted_at)
        return settle(wanted_at, cells)

    monkeypatch.setattr(shares, "settle", keep)
    run(make, lte, FADED["round-robin"], gb=150.0)
    rng = np.random.default_rng(1)
    for _ in range(200):
        low = rng.uniform(0.0, 1.0, 5)
        high = np.minimum(low + rng.uniform(0.0, 0.4, 5), 1.0)
        # levels are single precision: a millionth is rounding
        assert (maps[0](high) >= maps[0](low) * (1.0 - 1e-5)).all()
        factor = rng.uniform(1.01, 2.0)
        assert (maps[0](np.minimum(factor * low, 10.0)) <= factor * maps[0](low) * 1.001).all()


def test_coupled_uplink_rises_with_demand_and_falls_to_silence(make, lte):
    rises = [
        run(make, lte, Sharing(uplink="coupled"), gb=gb)["ul_noise_rise_db"].to_numpy()
        for gb in (1e-6, 5.0, 50.0, 500.0)
    ]
    assert rises[0].max() < 1e-3
    for calm, busy in pairwise(rises):
        assert (busy >= calm - 2e-3).all()
    assert 0.2 < rises[2].max() < 30.0


def test_coupled_uplink_by_hand(make, lte):
    """One phone in each of two cells: what a cell hears is the other's power times its time."""
    received = make.received([[-90.0, -112.0], [-109.0, -92.0]], lte, sight=0)
    crowd = make.receivers([50.0, 80.0])
    demand = Demand(gb_per_user_month=100.0, market_share=1.0)
    heard = make.signal(received, lte)
    got = throughput(received, heard, lte, crowd, demand, sharing=Sharing(uplink="coupled"))
    loss = lte.reference_power_dbm - np.array([[-90.0, -112.0], [-109.0, -92.0]])
    settings = LinkSettings()
    most = lte.user_power_dbm - 10.0 * np.log10(1200.0)
    power = np.minimum(
        settings.p0_dbm + settings.alpha * np.diag(loss) - 10.0 * np.log10(12.0), most
    )
    share = rate_table(lte, "uplink").share(got["ul_sinr_db"].to_numpy(), 0)
    time = got["ul_load"].to_numpy() / share
    noise = 10.0 ** (lte.base_noise_dbm_per_re / 10.0)
    for cell, other in ((0, 1), (1, 0)):
        level = 10.0 ** ((power[other] - loss[cell, other]) / 10.0) * time[other]
        rise = 10.0 * np.log10(1.0 + level / noise)
        assert float(got["ul_noise_rise_db"][cell]) == pytest.approx(rise, abs=0.02)


@pytest.mark.parametrize("sharing", [None, *FADED.values(), Sharing(uplink="coupled")])
def test_demand_above_any_capacity_is_marked_and_finite(make, lte, sharing):
    got = run(make, lte, sharing, gb=1e5)
    assert bool(got["overloaded"].all())
    assert (got["turned_away"] > 0.0).all()
    for name in ("dl_mbps", "ul_mbps", "load", "wanted_load", "ul_noise_rise_db"):
        assert np.isfinite(got[name].to_numpy()).all(), name
    served = got["dl_peak_mbps"].to_numpy() > 0.0
    assert (got["dl_mbps"].to_numpy()[served] > 0.0).mean() > 0.5


@pytest.mark.parametrize("sharing", [None, *FADED.values(), Sharing(uplink="coupled")])
def test_a_cell_without_users_is_idle_and_no_users_at_all_is_fine(make, lte, sharing):
    levels = np.array([[-80.0, -85.0], [-130.0, -130.0]])
    received = make.received(levels, lte, sight=0)
    heard = make.signal(received, lte)
    got = throughput(received, heard, lte, make.receivers([5.0, 5.0]), BUSY, sharing=sharing)
    assert float(got["load"][1]) == 0.0
    assert float(got["users"][1]) == 0.0
    none = throughput(received, heard, lte, make.receivers([0.0, 0.0]), BUSY, sharing=sharing)
    assert none["load"].to_numpy().tolist() == [0.0, 0.0]
    for name in ("dl_mbps", "ul_mbps", "load", "ul_noise_rise_db"):
        assert np.isfinite(none[name].to_numpy()).all(), name
    empty = make.received(np.empty((0, 2)), lte)
    nobody = make.receivers([1.0, 1.0])
    got = throughput(empty, make.signal(empty, lte), lte, nobody, BUSY, sharing=sharing)
    assert got["dl_mbps"].to_numpy().tolist() == [0.0, 0.0]


def test_options_that_do_not_fit_are_told_together():
    with pytest.raises(InputError, match="chooses among fades"):
        Sharing(scheduler="proportional-fair")
    with pytest.raises(InputError) as caught:
        Sharing(scheduler="fair", fading="none", uplink="off", margin_db=-1.0)
    assert len(caught.value.faults) >= 4
