from __future__ import annotations

import numpy as np
import pytest

from cellwright.errors import InputError
from cellwright.simulation import FACTORS, Demand, compare, throughput
from cellwright.simulation.comparison import weighted_percentiles


@pytest.fixture
def pair(make, nr, lte):
    rng = np.random.default_rng(8)
    traffic = rng.uniform(-112, -72, (6, 400))
    traffic[:, :5] = -200.0  # a hole in both networks
    receivers = make.receivers(rng.uniform(0, 4, 400))
    receivers["place"][200:] = 0
    results = []
    for radio in (nr, lte):
        level = traffic - (10.0 if radio is lte else 0.0)
        received = make.received(level, radio, sight=0)
        results.append(
            throughput(received, make.signal(received, radio), radio, receivers, Demand())
        )
    return (*results, nr, lte, receivers)


def test_factors_multiply_to_the_ratio(pair):
    found = compare(*pair)
    product = found.factors[list(FACTORS)].prod(axis=1)
    assert np.allclose(product, found.factors["ratio"], rtol=1e-9)
    whole = found.factors.query("at == 'all' and weight == 'people' and way == 'dl'").iloc[0]
    ratio, weight = found.ratio["dl"].to_numpy(), pair[0]["users_here"].to_numpy()
    here = np.isfinite(ratio)
    mean = np.exp(np.average(np.log(ratio[here]), weights=weight[here]))
    assert whole["ratio"] == pytest.approx(mean, rel=1e-4)


def test_known_factors_are_the_carriers_own(pair):
    row = compare(*pair).factors.query("way == 'dl' and at == 'all'").iloc[0]
    assert row["bandwidth"] == pytest.approx(273 * 30 / (100 * 15))
    assert row["duplex"] == pytest.approx(pair[2].dl_share)


def test_a_network_against_itself_is_one(pair):
    mine, _, nr, _, receivers = pair
    found = compare(mine, mine, nr, nr, receivers)
    for name in FACTORS:
        assert np.allclose(found.factors[name], 1.0, atol=1e-6), name
    assert np.nanmax(np.abs(found.ratio["dl"] - 1.0)) < 1e-6
    assert found.shares["ten_times"].max() == 0.0


def test_swapping_sides_inverts_the_ratio(pair):
    nr, lte, nr_carrier, lte_carrier, receivers = pair
    one = compare(nr, lte, nr_carrier, lte_carrier, receivers).ratio["ul"]
    two = compare(lte, nr, lte_carrier, nr_carrier, receivers).ratio["ul"]
    assert np.allclose((one * two).dropna("receiver"), 1.0, rtol=1e-5)


def test_holes_are_counted_not_averaged(pair):
    found = compare(*pair)
    assert np.isnan(found.ratio["dl"].to_numpy()[:5]).all()
    row = found.shares.query("way == 'dl' and weight == 'area' and when == 'busy hour'").iloc[0]
    served = (pair[0]["dl_mbps"] > 0).mean()
    assert row["nr_served"] == pytest.approx(float(served), abs=1e-9)


def test_percentiles_rise_and_curves_end_at_one(pair):
    found = compare(*pair)
    table = found.percentiles[~found.percentiles["quantity"].str.endswith("_of_percentiles")]
    values = table[["p5", "p25", "p50", "p75", "p95"]].to_numpy()
    assert (np.diff(values, axis=1) >= 0.0).all()
    for _, curve in found.cdf.groupby(["way", "weight", "series"]):
        assert (np.diff(curve["share"]) >= -1e-12).all()
        assert curve["share"].iloc[-1] == pytest.approx(1.0)


def test_only_what_is_inside_counts(pair):
    nr, lte, nr_carrier, lte_carrier, receivers = pair
    inside = receivers.copy(deep=True)
    inside["inside"][:] = False
    inside["inside"][10] = True
    found = compare(nr, lte, nr_carrier, lte_carrier, inside)
    row = found.percentiles.query("way == 'dl' and weight == 'area' and quantity == 'nr_mbps'")
    assert row["p50"].iloc[0] == pytest.approx(float(nr["dl_mbps"][10]))


def test_the_claim_is_made_from_the_figures(pair):
    found = compare(*pair)
    peak = found.percentiles.query(
        "way == 'dl' and weight == 'people' and quantity == 'ratio_peak'"
    ).iloc[0]
    assert f"{peak['p50']:.3g} times faster" in found.sentence
    alone = found.shares.query(
        "way == 'dl' and weight == 'people' and when == 'alone in the cell'"
    ).iloc[0]
    said = "does not hold" if alone["ten_times"] < 0.5 else "holds for most"
    assert said in found.sentence


def test_nobody_home_is_said(make, pair):
    nr, lte, nr_carrier, lte_carrier, receivers = pair
    empty = receivers.copy(deep=True)
    empty["inside"][:] = False
    assert "cannot be compared" in compare(nr, lte, nr_carrier, lte_carrier, empty).sentence


def test_percentiles_against_sorting():
    rng = np.random.default_rng(9)
    values = rng.normal(size=1001)
    got = weighted_percentiles(values, np.ones(1001), [0.1, 50, 100])
    assert got[1] == np.sort(values)[500]
    assert got[2] == values.max()
    repeated = np.repeat(values, 3)
    assert weighted_percentiles(values, np.full(1001, 3.0)) == weighted_percentiles(
        repeated, np.ones(3003)
    )


def test_different_spots_are_refused(pair):
    nr, lte, nr_carrier, lte_carrier, receivers = pair
    with pytest.raises(InputError, match="same spots"):
        compare(nr.isel(receiver=slice(5)), lte, nr_carrier, lte_carrier, receivers)
