"""Carriers added, NR beside LTE, one carrier shared, the hours of a day: laws and hand counts."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.errors import InputError
from cellwright.network import carrier
from cellwright.simulation import rate_table
from cellwright.simulation.spectrum import (
    SERVICES,
    SharedCarrier,
    carrier_aggregation,
    efficiency_among_reference_signals,
    non_standalone,
    share_power,
    share_spectrum,
)

NAMES = ("dl_mbps", "ul_mbps", "dl_peak_mbps", "ul_peak_mbps")


def carrier_rows(dl, ul, sinr=10.0, snr=10.0):
    dl, ul = np.asarray(dl, float), np.asarray(ul, float)
    return xr.Dataset(
        {
            "dl_mbps": ("receiver", dl * 0.6),
            "dl_peak_mbps": ("receiver", dl),
            "ul_mbps": ("receiver", ul * 0.6),
            "ul_peak_mbps": ("receiver", ul),
            "dl_sinr_db": ("receiver", np.broadcast_to(float(sinr), dl.shape).copy()),
            "ul_sinr_db": ("receiver", np.broadcast_to(float(snr), dl.shape).copy()),
        }
    )


def random_carriers(seed, count, places=40):
    rng = np.random.default_rng(seed)
    made = {}
    for number in range(count):
        dl = rng.uniform(0, 100, places) * (rng.random(places) < 0.8)
        ul = rng.uniform(0, 20, places) * (rng.random(places) < 0.7) * (dl > 0)
        made[f"c{number}"] = carrier_rows(dl, ul)
        made[f"c{number}"]["dl_sinr_db"] = (
            "receiver",
            np.where(dl > 0, rng.uniform(-9, 30, places), np.nan),
        )
    return made


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.sampled_from(["order", "fastest"]))
def test_another_carrier_never_lowers_a_user(seed, count, primary):
    carriers = random_carriers(seed, count + 1)
    fewer = dict(list(carriers.items())[:-1])
    before = carrier_aggregation(fewer, primary=primary)["dl_mbps"]
    after = carrier_aggregation(carriers, primary=primary)["dl_mbps"]
    assert (after >= before - 1e-9).all()


def test_carriers_add_up_and_uplink_is_the_primarys():
    carriers = {
        "b3": carrier_rows([50, 50, 0], [9, 9, 0]),
        "n78": carrier_rows([500, 0, 500], [30, 0, 0]),
    }
    got = carrier_aggregation(carriers)
    assert got["dl_peak_mbps"].values.tolist() == [550, 50, 0]
    assert got["primary"].values.tolist() == [0, 0, -1]
    assert got["ul_peak_mbps"].values.tolist() == [9, 9, 0]
    fast = carrier_aggregation(carriers, primary="fastest")
    assert fast["ul_peak_mbps"].values.tolist() == [30, 9, 0]
    both = carrier_aggregation(carriers, most_uplink=2)
    assert both["ul_peak_mbps"].values.tolist() == [39, 9, 0]
    assert got["carriers_used"].values.tolist() == [2, 1, 0]


def test_only_permitted_sets_are_used():
    carriers = {
        name: carrier_rows([rate], [5.0]) for name, rate in (("a", 10), ("b", 60), ("c", 30))
    }
    free = carrier_aggregation(carriers)
    assert float(free["dl_peak_mbps"][0]) == 100
    only = carrier_aggregation(carriers, [("a", "b"), ("b", "c")])
    assert only["used"].to_numpy()[:, 0].tolist() == [True, True, False]
    # a permitted set permits its parts, and one carrier alone always may
    part = carrier_aggregation(carriers, [("a", "b", "c")], most_carriers=2)
    assert float(part["dl_peak_mbps"][0]) == 70
    alone = carrier_aggregation(carriers, [])
    assert alone["used"].to_numpy()[:, 0].tolist() == [True, False, False]


def test_weak_secondaries_are_left_out():
    carriers = {"a": carrier_rows([10], [5]), "b": carrier_rows([60], [5], sinr=-8.0)}
    assert float(carrier_aggregation(carriers)["dl_peak_mbps"][0]) == 10
    assert float(carrier_aggregation(carriers, secondary_sinr_db=-9.0)["dl_peak_mbps"][0]) == 70


def test_bad_aggregations_are_told():
    carriers = {"b3": carrier_rows([1], [1]), "n78": carrier_rows([1, 2], [1, 2])}
    with pytest.raises(InputError, match="differ"):
        carrier_aggregation(carriers)
    with pytest.raises(InputError, match="n78"):
        carrier_aggregation({"n78": carrier_rows([1], [1])}, [("n7", "n78")])
    with pytest.raises(InputError, match="lacks"):
        carrier_aggregation({"n78": carrier_rows([1], [1]).drop_vars("ul_mbps")})
    with pytest.raises(InputError):
        carrier_aggregation({})


# --- NSA and SA ----------------------------------------------------------------------------------


def test_every_kind_of_place():
    #        both   anchor lost  uplink too weak alone  no NR   nothing
    lte = carrier_rows([40, 0, 40, 40, 0], [9, 0, 9, 9, 0])
    nr = carrier_rows([300, 300, 80, 0, 0], [30, 30, 0, 0, 0])
    nr["ul_sinr_db"] = ("receiver", [10.0, 10.0, -12.0, np.nan, np.nan])
    got = non_standalone(lte, nr)
    assert [SERVICES[n] for n in got["service"].values] == [
        "both", "sa-only", "nsa-only", "lte-only", "none",
    ]  # fmt: skip
    assert got["nsa_dl_mbps"].values.tolist() == pytest.approx([204, 0, 72, 24, 0])
    assert got["sa_dl_mbps"].values.tolist() == pytest.approx([180, 180, 0, 0, 0])
    # where NR cannot send data the anchor does
    assert got["nsa_ul_mbps"].values.tolist() == pytest.approx([18, 0, 5.4, 5.4, 0])
    split = non_standalone(lte, nr, uplink="split")
    assert split["nsa_ul_mbps"].values.tolist() == pytest.approx([23.4, 0, 5.4, 5.4, 0])
    scg = non_standalone(lte, nr, bearer="nr")
    assert scg["nsa_dl_mbps"].values.tolist() == pytest.approx([180, 0, 48, 24, 0])


def test_split_bearer_never_gives_less_than_either_leg():
    rng = np.random.default_rng(5)
    lte = carrier_rows(rng.uniform(1, 50, 200), rng.uniform(1, 9, 200))
    nr = carrier_rows(rng.uniform(0, 300, 200), rng.uniform(0, 20, 200))
    got = non_standalone(lte, nr)
    assert (got["nsa_dl_mbps"] >= lte["dl_mbps"] - 1e-9).all()
    assert (got["nsa_dl_mbps"] >= got["sa_dl_mbps"] - 1e-9).all()


def test_backoff_lowers_the_uplink():
    lte, nr = carrier_rows([40] * 2, [9] * 2), carrier_rows([300] * 2, [30] * 2, snr=3.0)
    curve = rate_table(carrier("n78"), "uplink").rate
    less = non_standalone(lte, nr, nr_backoff_db=[0.0, 6.0], nr_ul_rate_of=lambda s: curve(s, 0))
    full, cut = less["nsa_ul_mbps"].values
    assert full == pytest.approx(18.0)
    assert cut == pytest.approx(18.0 * float(curve(-3.0, 0) / curve(3.0, 0)))
    # strong LTE leaves NR nothing: dropped, and with it the place's NR
    power = share_power([10.0, 22.9], [10.0, 23.0])
    dropped = non_standalone(
        lte, nr, nr_backoff_db=power["nr_backoff_db"], nr_ul_rate_of=lambda s: curve(s, 0)
    )
    assert dropped["nsa_nr"].values.tolist() == [True, False]
    assert dropped["nsa_dl_mbps"].values.tolist() == pytest.approx([204.0, 24.0])
    assert dropped["nsa_ul_mbps"].values.tolist() == pytest.approx([18.0, 5.4])
    with pytest.raises(InputError, match="nr_ul_rate_of"):
        non_standalone(lte, nr, nr_backoff_db=3.0)
    with pytest.raises(InputError, match="one map"):
        non_standalone(lte, carrier_rows([1], [1]))


@settings(max_examples=50, deadline=None)
@given(st.floats(-40, 26), st.floats(-40, 26), st.floats(15, 26), st.sampled_from([0.0, 6.0]))
def test_power_never_exceeds_the_phone(lte, nr, total, scale):
    got = share_power(lte, nr, total, scale_db=scale)
    spent = 10 ** (float(got["lte_dbm"]) / 10) + 10 ** (float(got["nr_dbm"]) / 10)
    assert 10 * np.log10(spent) <= total + 1e-6
    # LTE keeps its power whatever NR wants
    assert float(got["lte_dbm"]) == pytest.approx(min(lte, total))
    together = 10 * np.log10(10 ** (lte / 10) + 10 ** (nr / 10))
    if together <= total:
        assert float(got["nr_dbm"]) == pytest.approx(nr)
        assert not bool(got["nr_dropped"])


def test_sharing_rules_of_power():
    fixed = share_power([23.0], [23.0], sharing="semi-static")
    assert fixed["lte_dbm"].values.tolist() == fixed["nr_dbm"].values.tolist() == [20.0]
    turns = share_power([23.0], [23.0], sharing="time-division")
    assert turns["nr_backoff_db"].values.tolist() == [0.0]
    with pytest.raises(InputError, match="sum to"):
        share_power(20.0, 20.0, sharing="semi-static", lte_most_dbm=23.0, nr_most_dbm=23.0)
    with pytest.raises(InputError, match="0 or 6"):
        share_power(20.0, 20.0, scale_db=3.0)


# --- one carrier shared --------------------------------------------------------------------------


def test_elements_by_hand():
    """TS 36.211 6.10.1.2: 8, 16 and 24 elements; data after control, reference and DM-RS."""
    assert [int(SharedCarrier(50, p).reference_grid().sum()) for p in (1, 2, 4)] == [8, 16, 24]
    two = SharedCarrier(50)
    assert two.lte_elements() == 168 - 24 - 12
    assert two.nr_elements() == 168 - 36 - 12 - 12
    assert two.nr_elements(mbsfn=True) == 168 - 36 - 12
    four = SharedCarrier(50, 4, lte_control_symbols=1)
    assert four.lte_elements() == 168 - 12 - 24 + 4
    assert two.lte_per_ms == pytest.approx(132 * 50 * 0.9 - 52.8)
    assert two.nr_own_per_ms == pytest.approx(120 * 50 * 0.1 - 48.0)


def test_block_of_lte_agrees_with_the_radio_room():
    from cellwright.radio import lte_downlink_use

    for ports in (1, 2, 4):
        for control in (1, 2, 3):
            mine = SharedCarrier(50, ports, control).lte_elements() * 50
            use = lte_downlink_use(50, ports, control)
            assert mine == use.total - use.control - use.reference


@pytest.mark.parametrize("ports", [1, 2, 4])
@pytest.mark.parametrize("mbsfn", [0, 1, 3, 6])
@pytest.mark.parametrize(("lte", "nr"), [(0.0, 999.0), (999.0, 0.0), (10.0, 10.0), (80.0, 40.0)])
def test_sharing_never_beats_the_whole_carrier(ports, mbsfn, lte, nr):
    shared = SharedCarrier(100, ports, mbsfn_subframes=mbsfn)
    got = share_spectrum(shared, lte, nr, lambda load: (2.0 - load, 3.0 - 1.5 * load))
    assert got["settled"] == 1.0
    assert got["lte_mbps"] <= min(lte, got["lte_alone_mbps"]) + 1e-9
    assert got["nr_mbps"] <= min(nr, got["nr_alone_mbps"]) + 1e-9
    # in element time: what both take is no more than the whole
    taken = got["lte_mbps"] / got["lte_alone_mbps"] + got["nr_mbps"] / got["nr_alone_mbps"]
    assert taken <= 1.0
    assert got["lte_share"] + got["nr_share"] <= 0.95 + 1e-9
    assert 0.0 <= got["load"] <= 0.95 + 1e-9


def test_neighbours_reference_signals_hit_what_they_must():
    """A neighbour of another shift hits twelve elements of 108; of the same shift none."""
    two, four = SharedCarrier(100), SharedCarrier(100, 4, 1)
    assert [two.hit_share(n) for n in (0, 3, 6)] == [0.0, 0.0, 0.0]
    assert two.hit_share(1) == two.hit_share(2) == pytest.approx(12 / 108)
    assert four.hit_share(1) > two.hit_share(1)
    assert two.hit_share(1, mbsfn=True) == 0.0

    def bits(sinr):
        return np.log2(1.0 + 10.0 ** (sinr / 10.0))

    quiet = efficiency_among_reference_signals(bits, [20.0], [20.0], 0.3)
    assert quiet == pytest.approx(bits(np.array([20.0])))
    with pytest.raises(InputError, match="hit_share"):
        efficiency_among_reference_signals(bits, [20.0], [20.0], 1.3)


def test_fixed_point_reproduces_itself():
    shared = SharedCarrier(100)

    def bits(load):
        return 3.0 - 2.0 * load, 4.0 - 2.5 * load

    got = share_spectrum(shared, 5.0, 6.0, bits)
    again = share_spectrum(shared, 5.0, 6.0, lambda _: bits(got["load"]))
    assert again["load"] == pytest.approx(got["load"], abs=1e-5)
    assert got["lte_mbps"] == pytest.approx(5.0)
    assert got["nr_mbps"] == pytest.approx(6.0)
    busy = share_spectrum(shared, 6.0, 6.0, bits)
    assert busy["load"] > got["load"]


def test_overload_is_cut_alike():
    got = share_spectrum(SharedCarrier(100, mbsfn_subframes=0), 100.0, 100.0, lambda _: (2.0, 3.0))
    assert got["lte_mbps"] / 100.0 == pytest.approx(got["nr_mbps"] / 100.0)
    assert got["wanted_load"] > 1.0


def test_sharing_costs_more_with_more_ports_and_conflicts():
    cost = [SharedCarrier(100, p).overhead()["cost"]["nr"] for p in (1, 2, 4)]
    assert cost == sorted(cost)
    assert SharedCarrier(100, mbsfn_subframes=0).ssb_conflict
    assert not SharedCarrier(100).ssb_conflict
    lost = [SharedCarrier(100, mbsfn_subframes=n).lte_per_ms for n in range(7)]
    assert lost == sorted(lost, reverse=True)


def test_bad_shared_carriers_are_told():
    with pytest.raises(InputError) as caught:
        SharedCarrier(10, 3, mbsfn_subframes=9, ssb_period_ms=15)
    assert len(caught.value.faults) == 4
    with pytest.raises(InputError, match="at least 0"):
        share_spectrum(SharedCarrier(100), -1.0, 0.0, lambda _: (1.0, 1.0))
    with pytest.raises(InputError, match="above 0"):
        share_spectrum(SharedCarrier(100), 1.0, 1.0, lambda _: (0.0, 1.0))
