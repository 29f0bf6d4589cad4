from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cellwright.errors import InputError, SpectrumError
from cellwright.network import carrier
from cellwright.simulation import FACTORS, Demand, throughput
from cellwright.simulation.comparison import weighted_percentiles
from cellwright.simulation.confidence import bootstrap, over_drops
from cellwright.simulation.drop_comparison import compare_drops
from cellwright.simulation.map_drops import DropSettings, map_drops
from cellwright.simulation.shadow_waves import unit_shadow

FEW = DropSettings(drops=4, users=120, seed=5)


@pytest.fixture(scope="module")
def town():
    """Levels falling with distance from six sites, users in two rooms and in the open."""
    rng = np.random.default_rng(11)
    count = 900
    x, y = rng.uniform(0.0, 900.0, (2, count))
    masts = rng.uniform(0.0, 900.0, (6, 2))
    far = np.hypot(x - masts[:, :1], y - masts[:, 1:])
    level = (-45.0 - 34.0 * np.log10(np.maximum(far, 20.0) / 20.0)).astype(np.float32)
    receivers = xr.Dataset(
        {
            "residents": ("receiver", rng.uniform(0.0, 6.0, count).astype(np.float32)),
            "place": ("receiver", rng.integers(0, 3, count).astype(np.uint8)),
            "inside": ("receiver", np.hypot(x - 450.0, y - 450.0) < 400.0),
            "x_m": ("receiver", x),
            "y_m": ("receiver", y),
        },
        attrs={"pixel_m": 5.0},
    )
    return level, (far < 150.0).astype(np.uint8), receivers


def heard(make, town, radio, below_db=0.0, rows=slice(None)):
    level, sight, _ = town
    received = make.received(level[rows] - np.float32(below_db), radio, apart_db=-3.0)
    received["sight"] = (("site", "receiver"), sight[rows])
    names = np.array([f"S{i}" for i in range(len(level))])[rows]
    return received.assign_coords(site=names)


@pytest.fixture
def both(make, town, nr, lte):
    return heard(make, town, nr), heard(make, town, lte, 6.0)


def test_a_drop_depends_on_seed_and_number_alone(make, town, nr, both):
    whole = map_drops(both[0], nr, town[2], how=FEW)
    one = map_drops(both[0], nr, town[2], how=DropSettings(drops=1, users=120, seed=5))
    assert np.array_equal(whole["dl_mbps"][0], one["dl_mbps"][0])
    other = map_drops(both[0], nr, town[2], how=DropSettings(drops=4, users=120, seed=6))
    assert not np.array_equal(whole["receiver"], other["receiver"])
    drops = whole["receiver"].to_numpy()
    assert not np.array_equal(drops[0], drops[1])


def test_threads_change_nothing(town, nr, both, monkeypatch):
    made = []
    for threads in ("1", "3"):
        monkeypatch.setenv("CELLWRIGHT_THREADS", threads)
        made.append(map_drops(both[0], nr, town[2], how=FEW))
    assert made[0].identical(made[1])


def test_a_run_cut_short_goes_on_from_its_finished_drops(town, nr, both):
    kept = {}

    def keep(number, drop):
        kept[number] = drop
        if len(kept) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        map_drops(both[0], nr, town[2], how=FEW, finished=keep)
    made_again = []
    found = map_drops(
        both[0], nr, town[2], how=FEW, done=dict(kept), finished=lambda k, _: made_again.append(k)
    )
    assert len(kept) >= 2
    assert not set(made_again) & set(kept)
    assert found.identical(map_drops(both[0], nr, town[2], how=FEW))
    with pytest.raises(InputError, match="drawn otherwise"):
        map_drops(both[0], nr, town[2], how=DropSettings(drops=4, users=120, seed=9), done=kept)


def test_plans_share_users_and_shadows(make, town, nr, both):
    """Common random numbers: without one site the others' levels are what they were."""
    all_six = map_drops(both[0], nr, town[2], how=FEW)
    five = map_drops(heard(make, town, nr, rows=slice(1, 6)), nr, town[2], how=FEW)
    assert np.array_equal(all_six["receiver"], five["receiver"])
    # who was not served by the lost site keeps the server
    kept = all_six["server"].to_numpy() > 0
    assert np.array_equal(all_six["server"].to_numpy()[kept] - 1, five["server"].to_numpy()[kept])
    # so what a change is worth is known far better than from drops of other users
    changed = both[0].copy(deep=True)
    for name in ("rsrp_dbm", "traffic_dbm"):
        changed[name][0] -= 2.0
    same = map_drops(changed, nr, town[2], how=FEW)
    other = map_drops(changed, nr, town[2], how=DropSettings(drops=4, users=120, seed=99))
    mean = [data["dl_peak_mbps"].mean("user").to_numpy() for data in (all_six, same, other)]
    assert (mean[0] - mean[1]).std() < 0.2 * (mean[0] - mean[2]).std()


def test_drops_agree_with_the_map_they_are_drawn_from(make, town, nr, both):
    """Level 1 and level 2 overlap where shadowing is off: same loads, same percentiles."""
    demand = Demand(gb_per_user_month=200.0)
    received, receivers = both[0], town[2]
    flat = throughput(received, make.signal(received, nr), nr, receivers, demand)
    how = DropSettings(drops=12, users=900, seed=3, shadowing=False)
    drawn = map_drops(received, nr, receivers, demand, how=how)
    load = over_drops(drawn["load"].mean("cell"), 0.999)
    assert load.low <= float(flat["load"].mean()) <= load.high
    assert float(flat["load"].mean()) > 0.01
    weights = flat["users_here"].to_numpy().astype(float)
    for name in ("dl_mbps", "dl_peak_mbps", "ul_mbps"):
        exact = weighted_percentiles(flat[name].to_numpy().astype(float), weights, [25, 50, 75])
        for percent, value in zip((25, 50, 75), exact, strict=True):
            found = over_drops(np.percentile(drawn[name], percent, axis=1), 0.999)
            slack = 0.01 * value
            assert found.low - slack <= value <= found.high + slack, (name, percent)


def test_people_are_kept(town, nr, both):
    found = map_drops(both[0], nr, town[2], how=FEW)
    total = Demand().users(town[2]).sum()
    assert found.attrs["total_users"] == pytest.approx(total)
    served = (found["server"] >= 0).mean("user")
    assert np.allclose(found["users"].sum("cell"), total * served)


def test_shadows_have_the_correlation_asked_for():
    x = np.array([0.0, 10.0, 37.0, 111.0])
    correlation = np.full((2, 4), 37.0)
    drawn = np.array([unit_shadow(["A", "B"], x, 0.3 * x, correlation, 1, k) for k in range(4000)])
    got = np.corrcoef(drawn[:, 0].T)[0]
    assert got == pytest.approx(np.exp(-np.hypot(x, 0.3 * x) / 37.0), abs=0.05)
    assert np.corrcoef(drawn[:, 0, 2], drawn[:, 1, 2])[0, 1] == pytest.approx(0.5, abs=0.05)
    assert drawn.std(axis=0) == pytest.approx(np.ones((2, 4)), abs=0.04)
    assert abs(drawn.mean()) < 0.03
    # as normal as needed: quantiles of both tails
    assert np.quantile(drawn, [0.02, 0.98]) == pytest.approx([-2.05, 2.05], abs=0.1)


def test_a_shadow_stays_with_its_site():
    x = np.linspace(0.0, 300.0, 7)
    wide = np.full((3, 7), 50.0)
    three = unit_shadow(["A", "B", "C"], x, x, wide, 4, 2)
    one = unit_shadow(["C"], x, x, wide[:1], 4, 2)
    assert np.array_equal(three[2], one[0])


def test_comparison_of_drops(town, nr, lte, both):
    drops = [
        map_drops(received, radio, town[2], how=FEW)
        for received, radio in zip(both, (nr, lte), strict=True)
    ]
    found = compare_drops(*drops, nr, lte)
    assert found.drops == 4
    assert found.users == 120
    table = found.percentiles
    assert (table["low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["high"]).all()
    for _, rows in table.groupby(["way", "quantity"]):
        assert (np.diff(rows["estimate"]) >= 0.0).all()
    factors = found.factors[found.factors["way"] == "dl"].set_index("factor")["estimate"]
    assert factors[list(FACTORS)].prod() == pytest.approx(factors["ratio"], rel=1e-9)
    assert factors["bandwidth"] == pytest.approx(273 * 30 / (100 * 15))
    # pairing: the ratio is known better than its parts
    row = table.query("way == 'dl' and percentile == 50").set_index("quantity")
    wide = row["high"] / row["low"]
    assert wide["ratio_peak"] < wide["nr_peak_mbps"] * wide["lte_peak_mbps"]
    assert found.cells["estimate"].notna().all()
    with pytest.raises(InputError, match="different users"):
        compare_drops(drops[0].isel(user=slice(5)), drops[1], nr, lte)


def test_a_network_of_drops_against_itself_is_one(town, nr, both):
    drops = map_drops(both[0], nr, town[2], how=FEW)
    found = compare_drops(drops, drops, nr, nr)
    assert np.allclose(found.factors["estimate"], 1.0, atol=1e-6)
    assert np.allclose(found.factors["high"], 1.0, atol=1e-6)


def test_intervals_cover_what_they_say():
    rng = np.random.default_rng(7)
    inside = 0
    for _ in range(400):
        low, high = over_drops(rng.normal(3.0, 2.0, 8))[1:]
        inside += low <= 3.0 <= high
    assert inside / 400 == pytest.approx(0.95, abs=0.035)
    drops = rng.normal(size=(25, 60))
    found = bootstrap(drops, lambda sample: float(np.percentile(sample, 50)))
    assert found.low < found.estimate < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * 1.2533 / np.sqrt(1500), rel=0.35)
    assert bootstrap(drops, np.mean) == bootstrap(drops, np.mean)


def test_intervals_of_little_are_honest():
    assert over_drops([2.0]) == (2.0, -np.inf, np.inf)
    assert np.isnan(over_drops([])).all()
    assert over_drops([1.0, np.nan, 1.0]) == (1.0, 1.0, 1.0)
    ratio = over_drops([2.0, 8.0, 4.0], geometric=True)
    assert ratio.estimate == pytest.approx(4.0)
    with pytest.raises(InputError, match="above 0"):
        over_drops([0.0, 1.0], geometric=True)
    with pytest.raises(InputError, match="confidence"):
        over_drops([1.0], 1.5)


def test_nobody_to_draw_and_impossible_drops_are_told(make, town, nr, both):
    nobody = town[2].assign(residents=("receiver", np.zeros(900, np.float32)))
    with pytest.raises(InputError, match="Nobody to draw"):
        map_drops(both[0], nr, nobody)
    with pytest.raises(InputError) as caught:
        DropSettings(drops=0, users=0, seed=-1, between_sites=2.0)
    assert len(caught.value.faults) == 4
    with pytest.raises(InputError, match="correlation distance"):
        DropSettings(scenario="mars")
    with pytest.raises(InputError, match="different lengths"):
        map_drops(both[0].isel(receiver=slice(9)), nr, town[2])
    with pytest.raises(SpectrumError):
        carrier("n78").changed(bandwidth_mhz=35.0)


def test_a_network_without_cells_serves_no_drop(make, town, nr):
    empty = heard(make, town, nr, rows=slice(0, 0))
    found = map_drops(empty, nr, town[2], how=FEW)
    assert (found["server"] == -1).all()
    assert (found["dl_mbps"] == 0.0).all()


def test_demand_above_capacity_is_marked_in_drops(town, lte, both):
    found = map_drops(both[1], lte, town[2], Demand(gb_per_user_month=50_000.0), how=FEW)
    assert found["overloaded"].any("cell").all()
    for name in ("dl_mbps", "ul_mbps", "load", "turned_away"):
        assert np.isfinite(found[name].to_numpy()).all()
